//! Finds the pieces of a document that could be planted lists, by the counts of its lines; what is found is judged elsewhere.

use std::ops::Range;

use super::items::{self, Split};
use crate::document::Document;
use crate::lang::chars;
use crate::lang::lines::Line;

/// Visible characters a line of several items must have: the shortest labelled list has 150, twelve
/// names of counties 48.
const DENSE_VISIBLE: u32 = 40;
/// Separators it must have, so at least eight items.
const DENSE_SEPARATORS: u32 = 7;
/// A line of words with spaces alone between them: longer than any line that was wrapped by hand.
const WORDS_VISIBLE: u32 = 110;
/// Words it must have. (Ten keywords of two words each.)
const WORDS_SPACES: u32 = 15;
/// The longest line that counts as one item: items of the labelled lists have up to 20 characters,
/// and half as many again are left for others.
const ITEM_VISIBLE: u32 = 32;
/// Lines of one item each that make a run worth a look.
const ITEM_LINES: usize = 8;
/// The longest line over a text that is looked at as keywords; the kits put three to twelve.
const HEAD_VISIBLE: u32 = 200;

/// How a list is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Many items to the line.
    Dense,
    /// One item to the line.
    Lines,
    /// A few items on the first line of the document.
    Head,
}

/// A piece of a document that looks like a list.
#[derive(Clone, Debug)]
pub struct Block {
    /// The text taken for the list; a piece of a line where a sentence stands before it.
    pub pieces: Vec<Range<usize>>,
    /// Index of the first and after the last of its lines.
    pub lines: Range<usize>,
    pub form: Form,
    pub how: Split,
    /// The list starts behind a sentence on the same line.
    pub behind_sentence: bool,
    /// Counts of the lines, whole lines where a sentence stands before the list.
    pub sum: Line,
}

/// Every block of the document, in order.
pub fn find(doc: &Document) -> Vec<Block> {
    let lines = doc.lines();
    let mut blocks: Vec<Block> = Vec::new();
    let mut number = 0;
    let mut first = true;
    while let Some(line) = lines.get(number) {
        if line.is_blank() {
            number += 1;
            continue;
        }
        let mut passed = number + 1;
        let block = dense_block(doc, number)
            .or_else(|| item_block(doc, number, &mut passed))
            .or_else(|| if first { head_block(doc, number) } else { None });
        first = false;
        number = block.as_ref().map_or(passed, |block| block.lines.end);
        blocks.extend(block);
    }
    blocks
}

/// Adds the counts of a line to a sum.
pub fn add(sum: &mut Line, line: &Line) {
    sum.han += line.han;
    sum.hans += line.hans;
    sum.hant += line.hant;
    sum.function += line.function;
    sum.kana += line.kana;
    sum.letters += line.letters;
    sum.latin += line.latin;
    sum.digits += line.digits;
    sum.ends += line.ends;
    sum.commas += line.commas;
    sum.spaces += line.spaces;
    sum.others += line.others;
}

/// The lines with many items each that start at this line.
fn dense_block(doc: &Document, first: usize) -> Option<Block> {
    let line = doc.lines().get(first)?;
    let (piece, how, behind_sentence) = dense(doc, line, true)?;
    let mut pieces = vec![piece];
    let mut sum = *line;
    let mut end = first + 1;
    let mut number = end;
    while let Some(line) = doc.lines().get(number) {
        if !line.is_blank() {
            let Some((piece, _, false)) = dense(doc, line, false).filter(|found| found.1 == how) else {
                break;
            };
            pieces.push(piece);
            add(&mut sum, line);
            end = number + 1;
        }
        number += 1;
    }
    Some(Block { pieces, lines: first..end, form: Form::Dense, how, behind_sentence, sum })
}

/// The part of a line that could be many items, how they are told apart, and whether a sentence stands before it.
fn dense(doc: &Document, line: &Line, may_follow_sentence: bool) -> Option<(Range<usize>, Split, bool)> {
    let separators = line.spaces + line.commas + line.others;
    if line.visible() < DENSE_VISIBLE || separators < DENSE_SEPARATORS {
        return None;
    }
    // Han in half of what a short list has, so that a list behind a text in another script is seen, too.
    let han = (line.han + line.kana + line.letters - line.latin) * 2 >= DENSE_VISIBLE;
    let words = line.visible() >= WORDS_VISIBLE && line.spaces >= WORDS_SPACES;
    if !han && !words && line.commas + line.others < DENSE_SEPARATORS {
        return None;
    }
    let text = doc.line(line);
    let start = if line.ends == 0 { 0 } else { after_last_sentence(text) };
    if start > 0 && !may_follow_sentence {
        return None;
    }
    let rest = text.get(start..)?.trim_end();
    // A clause of an enumeration ends so (laws are full of them); the separators are counted before anything costs.
    if rest.len() < DENSE_VISIBLE as usize || rest.ends_with(['；', '：', ';', ':']) {
        return None;
    }
    let how = if start == 0 && is_words(line) { words_split(line)? } else { split_of(rest)? };
    let lead = rest.len() - rest.trim_start_matches(|c: char| items::is_separator(c) || is_closing(c)).len();
    let start = line.start + start + lead;
    let end = line.start + text.trim_end().len();
    (start < end).then_some((start..end, how, line.start + lead < start))
}

/// Whether a line is in Latin letters and holds too few signs for a list between marks.
fn is_words(line: &Line) -> bool {
    let signs = line.commas + line.others;
    line.letters > 0
        && line.letters == line.latin
        && line.han + line.kana == 0
        && (signs < DENSE_SEPARATORS || signs * 8 < line.spaces)
}

/// What [`split_of`] says of such a line, by its counts.
fn words_split(line: &Line) -> Option<Split> {
    (line.spaces >= WORDS_SPACES && line.letters >= WORDS_VISIBLE * 3 / 4).then_some(Split::Spaces)
}

/// How the items of a line are told apart; `None` when it has too few.
fn split_of(text: &str) -> Option<Split> {
    let (mut marks, mut spaces, mut spaceless, mut letters) = (0_u32, 0_u32, 0_u32, 0_u32);
    for c in text.chars() {
        match chars::class(c) {
            chars::Class::Han | chars::Class::Kana => spaceless += 1,
            chars::Class::Letter if is_spaceless(c) => spaceless += 1,
            chars::Class::Letter => letters += 1,
            chars::Class::Space => spaces += 1,
            chars::Class::Mark | chars::Class::Other => marks += u32::from(items::is_mark(c)),
            chars::Class::Digit => {}
        }
    }
    if spaceless * 2 >= letters {
        // Two letters of Latin are as wide as one character of Han, and half as much said.
        return (marks + spaces >= DENSE_SEPARATORS && text.len() >= DENSE_VISIBLE as usize * 2)
            .then_some(Split::Spaces);
    }
    if marks >= DENSE_SEPARATORS && marks * 8 >= spaces {
        return Some(Split::Marks);
    }
    (spaces >= WORDS_SPACES && letters >= WORDS_VISIBLE * 3 / 4).then_some(Split::Spaces)
}

/// Thai, Lao, Myanmar, Khmer, and Hangul, whose names are one word.
fn is_spaceless(c: char) -> bool {
    c > '\u{DFF}'
        && matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{AC00}'..='\u{D7A3}')
}

fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '》' | '】' | '"')
}

/// Byte offset after the last sentence of the text; 0 when there is none. A point within a number or a name
/// (`1.5`, `example.com`) ends no sentence, nor does a mark whose rest is one short word.
fn after_last_sentence(text: &str) -> usize {
    let mut next: Option<char> = None;
    for (at, c) in text.char_indices().rev() {
        if chars::is_sentence_end(c) && (c != '.' || next.is_none_or(char::is_whitespace)) {
            return at + c.len_utf8();
        }
        next = Some(c);
    }
    0
}

/// The lines with one item each that start at this line; `passed` is the line to go on from where there are too few.
fn item_block(doc: &Document, first: usize, passed: &mut usize) -> Option<Block> {
    let is_item = |line: &Line| {
        line.ends == 0
            && line.commas <= 1
            && line.others <= 4
            && line.spaces <= 8
            && line.han + line.kana + line.letters >= 2
            && line.han + line.kana + (line.visible() - line.han - line.kana) / 2 <= ITEM_VISIBLE
    };
    let bulleted = |line: &Line| doc.line(line).trim_start().starts_with(['•', '-', '*', '·']);
    let mut pieces = Vec::new();
    let mut sum = Line::default();
    let mut end = first;
    let mut bullets = false;
    let mut gap = None;
    let mut dense_at = None;
    for (number, line) in doc.lines().iter().enumerate().skip(first) {
        if is_item(line) {
            let (hans, hant) = (sum.hans + line.hans, sum.hant + line.hant);
            let bullet = bulleted(line);
            // Where the script or the layout changes another list begins: the menu of the page above, planted items below.
            if !pieces.is_empty() {
                let other_layout = bullet != bullets || *gap.get_or_insert(number - end) != number - end;
                if other_layout || hans > 0 && hant > 0 && pieces.len() > 1 {
                    // The last line before the change may be the first of the next list.
                    *passed = (*passed).max(dense_at.unwrap_or(end - 1).min(end - 1));
                    break;
                }
            }
            bullets = bullet;
            // A line of many items may stand among them.
            if number > first
                && line.visible() >= DENSE_VISIBLE
                && line.spaces + line.commas + line.others >= DENSE_SEPARATORS
            {
                dense_at.get_or_insert(number);
            }
            add(&mut sum, line);
            pieces.push(line.span());
            end = number + 1;
        } else if !line.is_blank() {
            *passed = (*passed).max(dense_at.unwrap_or(number));
            break;
        }
    }
    (pieces.len() >= ITEM_LINES).then_some(Block {
        pieces,
        lines: first..end,
        form: Form::Lines,
        how: Split::Lines,
        behind_sentence: false,
        sum,
    })
}

/// The first line of a document, when it could be a few keywords: `手工皂教程_二手车报价-竹编网`.
fn head_block(doc: &Document, number: usize) -> Option<Block> {
    let line = doc.lines().get(number)?;
    if line.ends > 0 || line.visible() < 12 || line.visible() > HEAD_VISIBLE || line.commas + line.others < 2
    {
        return None;
    }
    let text = doc.line(line);
    let start = line.start + (text.len() - text.trim_start().len());
    let end = line.start + text.trim_end().len();
    let piece = start..end;
    (items::split(doc.at(piece.clone()), Split::Head).count() >= 3).then_some(Block {
        pieces: vec![piece],
        lines: number..number + 1,
        form: Form::Head,
        how: Split::Head,
        behind_sentence: false,
        sum: *line,
    })
}
