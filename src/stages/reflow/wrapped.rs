//! Paragraphs that were cut into lines of one width, as columns of print are.
//!
//! A line of such a paragraph ends where the next word did not fit, and a paragraph's last line ends earlier. That alone is no damage:
//! manuals, mail and licences are written so, and their lines stay. It is damage where the cuts go through words: a column in Chinese
//! whose lines end inside of words, a column of Latin script with hyphens in words that the text has without.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::{HYPHENATED, WRAPPED, is_item, word_evidence};
use crate::document::Document;
use crate::edit::{Confidence, Field};
use crate::lang::chars::{self, Class};
use crate::lang::lines::Line;
use crate::stage::Proposal;

/// Line ends that cut a word, that a document must have.
const ENOUGH: usize = 3;
/// One line end of so many at least cuts a word of Chinese; at random every third does for what the counts know of words.
const ONE_OF: usize = 8;
/// Joints a document must have before its width means anything. A guess.
const FEW: usize = 6;
/// Lines as narrow as verse (seven characters a line, fourteen cells) are no column.
const NARROWEST: usize = 18;
/// Cells by which a line of Chinese may fall short: one wide character does not fit, and a mark may not begin a line.
const SLACK: usize = 4;
/// Of the lines that are followed by another one so many must be full.
const FULL: f32 = 0.9;

/// A joint: line `before` goes on in the next one.
struct Joint {
    gap: Range<usize>,
    with: &'static str,
}

/// Proposes to join wrapped lines; whether it did.
pub fn find(doc: &Document, proposal: &mut Proposal) -> bool {
    let lines = doc.lines();
    let candidates =
        lines.windows(2).filter(|two| is_full_of_text(doc, &two[0]) && !two[1].is_blank()).count();
    let filled = lines.iter().filter(|line| !line.is_blank()).count();
    if candidates < FEW || candidates * 3 < filled {
        return false;
    }
    let (mut han, mut letters) = (0_usize, 0_usize);
    for line in lines {
        han += line.han as usize;
        letters += line.latin as usize;
    }
    if han > letters { chinese(doc, proposal) } else { latin(doc, proposal) }
}

/// A line that may go on in the next one, by its last character.
fn is_full_of_text(doc: &Document, line: &Line) -> bool {
    let bytes = &doc.text().as_bytes()[line.span()];
    match bytes.trim_ascii_end().last() {
        Some(b'-' | b',') => true,
        Some(last) if last.is_ascii() => last.is_ascii_alphanumeric(),
        // The common Han characters.
        Some(_) => {
            let end = bytes.trim_ascii_end();
            end.len() >= 3 && (0xE4..=0xE9).contains(&end[end.len() - 3])
                || end.ends_with("，".as_bytes())
                || end.ends_with("、".as_bytes())
        }
        None => false,
    }
}

/// Runs of lines that follow each other: of one paragraph, as far as empty lines and indentation tell.
fn blocks(doc: &Document) -> impl Iterator<Item = &[Line]> {
    let indentation = |line: &Line| {
        let text = doc.line(line);
        text.len() - text.trim_start().len()
    };
    doc.lines().chunk_by(move |a, b| {
        !a.is_blank()
            && !b.is_blank()
            && (indentation(b) == 0 || indentation(b) == indentation(a) && !starts_wide(doc.line(b)))
    })
}

/// Begins with the two wide spaces of a Chinese paragraph.
fn starts_wide(line: &str) -> bool {
    line.starts_with('\u{3000}')
}

/// The widths of the lines that another one of their block follows, in rising order.
fn widths(doc: &Document, blocks: &[&[Line]]) -> Vec<usize> {
    let followed = blocks.iter().flat_map(|block| &block[..block.len() - 1]);
    let mut widths: Vec<usize> = followed.map(|line| width(doc.line(line).trim_end())).collect();
    widths.sort_unstable();
    widths
}

fn chinese(doc: &Document, proposal: &mut Proposal) -> bool {
    let blocks: Vec<&[Line]> = blocks(doc).filter(|block| block.len() > 1).collect();
    let widths = widths(doc, &blocks);
    if widths.len() < FEW {
        return false;
    }
    // A mark may stand beyond the edge, and a quotation mark be wide or narrow: the widest lines say little.
    let edge = widths[widths.len() * 3 / 4];
    // The line is full, or what comes next did not fit.
    let is_full = |two: &[Line]| {
        let (here, next) = (doc.line(&two[0]).trim_end(), doc.line(&two[1]).trim_start());
        let word = next.find(|c: char| !c.is_ascii_graphic()).unwrap_or(next.len());
        let width = width(here);
        width <= edge + SLACK && width + SLACK.max(word) >= edge
    };
    let joints_in = |block: &[Line]| block.len() - 1;
    let ragged: usize = blocks.iter().map(|block| block.windows(2).filter(|two| !is_full(two)).count()).sum();
    if edge < NARROWEST
        || ragged as f32 > (1.0 - FULL) * blocks.iter().map(|b| joints_in(b)).sum::<usize>() as f32
    {
        return false;
    }
    let mut joints = Vec::new();
    let (mut cut_words, mut stops) = (0, 0);
    for block in blocks {
        let of = |count: fn(&Line) -> u32| block.iter().map(count).sum::<u32>();
        let begins_item = |two: &[Line]| {
            is_item(doc.line(&two[1]).trim_start()) && ends_with_mark(doc.line(&two[0]).trim_end())
        };
        let is_prose = of(|l| l.ends + l.commas) as usize * 4 >= block.len()
            && of(|l| l.han) * 2 >= of(Line::visible)
            && of(|l| l.kana) * 10 <= of(|l| l.han)
            && block.windows(2).all(|two| is_full(two) && !begins_item(two))
            && width(doc.line(&block[block.len() - 1]).trim()) <= edge + SLACK;
        if !is_prose {
            continue;
        }
        for two in block.windows(2) {
            let (before, after) = (doc.line(&two[0]).trim_end(), doc.line(&two[1]).trim_start());
            if ends_with_mark(before) {
                stops += 1;
            } else if word_evidence(before, after).is_cut() {
                cut_words += 1;
            }
            joints.push(Joint { gap: gap(&two[0], &two[1], doc), with: between(before, after) });
        }
    }
    let enough = cut_words >= ENOUGH
        && cut_words * ONE_OF >= joints.len()
        && stops * 2 <= joints.len()
        && joints.len() >= FEW;
    if enough {
        for joint in joints {
            proposal.push(Field::Text, joint.gap, joint.with, &WRAPPED, Confidence::Sure);
        }
    }
    enough
}

fn latin(doc: &Document, proposal: &mut Proposal) -> bool {
    // Formatted manuals have few; nothing without three is looked at.
    let text = doc.text();
    let divided = |line: &&Line| text.as_bytes()[line.span()].trim_ascii_end().ends_with(b"-");
    if doc.lines().iter().filter(divided).take(ENOUGH).count() < ENOUGH {
        return false;
    }
    let blocks: Vec<&[Line]> = blocks(doc).filter(|block| block.len() > 1).collect();
    let widths = widths(doc, &blocks);
    if widths.len() < FEW {
        return false;
    }
    let edge = widths[widths.len() - 1 - widths.len() / 50];
    let mut ragged = 0;
    let mut full = Vec::new();
    for block in blocks {
        let flush = block.iter().all(|line| !doc.line(line).starts_with([' ', '\t']));
        // The next word did not fit.
        let whole = || {
            block.windows(2).all(|two| {
                let first = doc.line(&two[1]).split(' ').next().unwrap_or_default();
                let hyphen = usize::from(!doc.line(&two[0]).trim_end().ends_with('-'));
                width(doc.line(&two[0]).trim_end()) + hyphen + width(first) > edge
            })
        };
        if flush && whole() {
            full.push(block);
        } else {
            ragged += block.len() - 1;
        }
    }
    let of_full: usize = full.iter().map(|block| block.len() - 1).sum();
    if of_full < FEW || ragged * 10 > of_full {
        return false;
    }
    let words: FxHashSet<&str> =
        text.split(|c: char| !chars::is_alphanumeric(c) && c != '-').filter(|w| w.len() > 3).collect();
    let mut joints = Vec::new();
    let (mut hyphens, mut cut_words) = (0, 0);
    for two in full.iter().flat_map(|block| block.windows(2)) {
        let (before, after) = (doc.line(&two[0]).trim_end(), doc.line(&two[1]).trim_start());
        let mut joint = Joint { gap: gap(&two[0], &two[1], doc), with: " " };
        if let Some((first, second)) = halves(before, after) {
            let is_word = words.contains(format!("{first}{second}").as_str());
            let is_compound = words.contains(format!("{first}-{second}").as_str());
            if is_word || (!is_compound && second.starts_with(char::is_lowercase)) {
                hyphens += 1;
                cut_words += usize::from(is_word);
                joint.gap.start -= 1;
            }
            joint.with = "";
        }
        joints.push(joint);
    }
    let divides = cut_words >= ENOUGH || cut_words >= 2 && hyphens >= ENOUGH && hyphens * 25 >= joints.len();
    if divides {
        for joint in joints {
            proposal.push(Field::Text, joint.gap, joint.with, &HYPHENATED, Confidence::Sure);
        }
    }
    divides
}

/// The halves of a word with a hyphen at the end of a line.
fn halves<'t>(before: &'t str, after: &'t str) -> Option<(&'t str, &'t str)> {
    let before = before.strip_suffix('-')?;
    let first = before.rsplit(|c: char| !chars::is_alphabetic(c)).next()?;
    let second = after.split(|c: char| !chars::is_alphabetic(c)).next()?;
    (first.chars().count() >= 2 && second.chars().count() >= 2).then_some((first, second))
}

/// Cells that the line takes in a terminal, where Chinese marks count as wide.
fn width(line: &str) -> usize {
    line.chars().map(|c| if matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{FFE6}' | '“' | '”' | '‘' | '’' | '…' | '—') { 2 } else { 1 }).sum()
}

fn ends_with_mark(line: &str) -> bool {
    line.chars().next_back().is_some_and(|c| {
        chars::class(c) == Class::Mark || matches!(c, '”' | '’' | '」' | '』' | '）' | '》' | '】' | ')')
    })
}

/// The line break and the white space around it.
fn gap(before: &Line, after: &Line, doc: &Document) -> Range<usize> {
    let end = doc.line(before).trim_end().len();
    let start = doc.line(after).len() - doc.line(after).trim_start().len();
    before.start + end..after.start + start
}

/// A space between words of Latin script, nothing beside Chinese.
fn between(before: &str, after: &str) -> &'static str {
    let narrow = |c: Option<char>| {
        c.is_some_and(|c| (c as u32) < 0x1100 && !matches!(chars::class(c), Class::Han | Class::Kana))
    };
    if narrow(before.chars().next_back()) && narrow(after.chars().next()) { " " } else { "" }
}
