//! The layout of a page whose markup is gone: where its article stands among menus of hundreds of lines.
//!
//! A page that was saved as text (the WET files of Common Crawl, the dump of a text browser) begins with every entry of every menu and ends with a
//! footer as long. No list knows all of them. But sentences stand together, and what a site says on every page stands before and
//! behind them: the article is the stretch of lines that has the most sentences for the fewest lines of other kinds, the maximum
//! subsequence of Pasternack and Roth (2009), on lines in place of tags. Short lines are no evidence of a site by
//! themselves, so that this is asked only of a document whose lines outside the article say whose they are.

use std::ops::Range;

use super::recognise::recognise;
use super::{Class, Item, SUPPORT, Zone, is_prose};
use crate::document::Document;
use crate::lang::lines::Line;

/// What a line that is no sentence takes from the sum of the visible characters of sentences, by the weight it is recognised with.
/// Eight lines of headings and captions take as much as a sentence of a hundred characters gives. With half and with twice these prices the same pages are
/// found, and as much of them.
const PRICE: [u32; 4] = [12, 30, 60, 60];

/// Visible characters of a sentence that count: a long paragraph is not worth a menu of a hundred lines.
const MOST_OF_A_LINE: u32 = 200;

/// The article has so many visible characters of sentences at least, and such shares of all sentences and of its own
/// lines: else it is a list of teasers, a shop, a catalogue of messages.
const LEAST_SENTENCES: u32 = 300;
const OF_ALL_SENTENCES: f64 = 0.6;
const OF_THE_ARTICLE: f64 = 0.6;

/// Lines outside the article that rarely stand in a text, of so many kinds, and the share of the lines outside it that are recognised at all.
const FIRM_LINES: usize = 3;
const FIRM_KINDS: usize = 2;
const RECOGNISED: f64 = 0.06;

/// A line of the document, as far as the layout is concerned.
struct Part {
    line: Line,
    found: Option<(Class, u8)>,
    sentence: bool,
}

/// The article of a page that shows itself by the lines around it: the span of its lines. None where nothing shows that there is
/// a page around an article.
pub(super) fn article(doc: &Document) -> Option<Range<usize>> {
    let parts: Vec<Part> = doc.lines().iter().filter(|line| !line.is_blank()).map(|line| read(doc, line)).collect();
    let (first, last) = densest(&parts)?;
    let (inside, outside) = (&parts[first..=last], || parts[..first].iter().chain(&parts[last + 1..]));
    let visible = |parts: &mut dyn Iterator<Item = &Part>| -> f64 { parts.map(|part| f64::from(part.line.visible())).sum() };
    let sentences = visible(&mut inside.iter().filter(|part| part.sentence));
    if sentences < f64::from(LEAST_SENTENCES)
        || sentences < OF_ALL_SENTENCES * visible(&mut parts.iter().filter(|part| part.sentence))
        || sentences < OF_THE_ARTICLE * visible(&mut inside.iter())
    {
        return None;
    }
    let mut kinds: Vec<Class> = Vec::new();
    let (mut firm, mut recognised, mut others) = (0, 0, 0);
    for part in outside().filter(|part| !part.sentence) {
        others += 1;
        let Some((class, weight)) = part.found else { continue };
        recognised += 1;
        if weight >= SUPPORT && !matches!(class, Class::Debris | Class::Dateline | Class::TitleAgain) {
            firm += 1;
            if !kinds.contains(&class) {
                kinds.push(class);
            }
        }
    }
    let is_page =
        firm >= FIRM_LINES && kinds.len() >= FIRM_KINDS && f64::from(recognised) >= RECOGNISED * f64::from(others);
    let end = (parts[last].line.end + 1).min(doc.text().len());
    is_page.then_some(parts[first].line.start..end)
}

fn read(doc: &Document, line: &Line) -> Part {
    let text = doc.line(line).trim();
    let found = if is_prose(line) {
        None
    } else {
        let [above, below] = [Zone::Head, Zone::Tail].map(|zone| recognise(text, line, zone));
        [above, below].into_iter().flatten().max_by_key(|&(_, weight)| weight)
    };
    Part { line: *line, found, sentence: is_sentence(line, found.map_or(0, |(_, weight)| weight)) }
}

/// Words of the shortest sentence, and of a line that is one without a mark at its end. Han characters count half a word.
const SENTENCE_WORDS: u32 = 6;
const UNMARKED_WORDS: u32 = 16;
/// Visible characters of the shortest sentence.
const SENTENCE_CHARS: u32 = 20;
/// Visible characters of a line that is no entry of a menu, whatever it is.
const LONG_CHARS: u32 = 100;

/// A line that says something: a paragraph of the shortest kind, or a long line.
fn is_sentence(line: &Line, weight: u8) -> bool {
    let written = line.han + line.kana + line.letters;
    let words = if line.han + line.kana > line.letters { line.visible() / 2 } else { line.spaces + 1 };
    is_prose(line)
        || written >= SENTENCE_CHARS
            && match weight {
                0 => words >= UNMARKED_WORDS || line.visible() >= LONG_CHARS || (line.ends >= 1 && words >= SENTENCE_WORDS),
                1 => line.ends >= 1 && words >= SENTENCE_WORDS,
                _ => false,
            }
}

/// First and last line of the stretch that is worth most.
fn densest(parts: &[Part]) -> Option<(usize, usize)> {
    let (mut best, mut found) = (0, None);
    let (mut sum, mut start) = (0, 0);
    for (at, part) in parts.iter().enumerate() {
        if sum <= 0 {
            (sum, start) = (0, at);
        }
        sum += if part.sentence {
            i64::from(part.line.visible().min(MOST_OF_A_LINE))
        } else {
            let weight = part.found.map_or(0, |(_, weight)| usize::from(weight));
            -i64::from(PRICE.get(weight).copied().unwrap_or(PRICE[PRICE.len() - 1]))
        };
        if sum > best {
            (best, found) = (sum, Some((start, at)));
        }
    }
    found
}

/// Lines of a menu or a list in a row, at least, to go for where they stand. A guess: a byline, a date, a caption and a headline are no more.
const RUN: usize = 3;

/// A word that may be a menu's is the edge of the site where one more among so many lines farther from the article is, too.
const NEAR: usize = 6;

/// Of so many lines that show cards of other articles, three are cards: two titles that stand twice have four such lines, of which two
/// may be the headline.
const CARDS: usize = 3;

/// A title that stands twice in a row: once for the picture that a card shows, once for its text.
fn is_twice(items: &[Item], place: usize) -> bool {
    let bare = |place: usize| items.get(place).map(|item| item.text.trim_start_matches(['•', '·', '-', '*', ' ']));
    let text = bare(place);
    let again = text == bare(place + 1) || place.checked_sub(1).is_some_and(|above| text == bare(above));
    again && items[place].line.visible() >= SENTENCE_CHARS / 2
}

/// Words beside a number that say how old something is: lists of other articles have one for each.
const AGES: [&str; 22] = [
    "ago", "前", "vor", "il y a", "hace", "há", "fa", "назад", "temu", "önce", "lalu", "trước", "منذ", "전", "geleden", "sedan", "siden", "zpět",
    "πριν", "पहले", "ที่แล้ว", "sitten",
];

/// `2 weeks ago`, `3小时前`, `vor 5 Tagen`, alone on its line.
fn is_age(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let short = text.len() <= 40 && text.split_whitespace().count() <= 5;
    short && (1..=2).contains(&digits) && !text.contains(['.', ',', '?', '!', ':', '。', '，']) && {
        let lower = text.to_lowercase();
        AGES.iter().any(|age| if age.is_ascii() { lower.split_whitespace().any(|word| word == *age) || (age.contains(' ') && lower.starts_with(age)) } else { lower.contains(age) })
    }
}

/// Places of lines outside the article that go for where they stand: from the first that is known to be the site's, counted from the
/// article, outward, in runs of [`RUN`] without a sentence. Leaves what stands between the article and that line: headline, byline,
/// caption, a list that ends the article. Leaves the last title above the article, if no title stands there.
pub(super) fn outside(items: &[Item], zone: Zone) -> Vec<usize> {
    let mut outward: Vec<usize> = (0..items.len()).collect();
    if zone == Zone::Head {
        outward.reverse();
    }
    let weight = |place: &usize| items.get(*place).and_then(|item| item.found).map_or(0, |(_, weight)| weight);
    let is_card = |place: usize| is_age(items[place].text) || is_twice(items, place);
    let near = |at: usize| outward[at..].iter().take(NEAR);
    let is_edge = |at: &usize| match weight(&outward[*at]) {
        0 => is_card(outward[*at]) && near(*at).filter(|place| is_card(**place)).count() >= CARDS,
        1 => near(*at).filter(|place| weight(place) > 0).count() > 1,
        _ => true,
    };
    let edge = (0..outward.len()).find(is_edge).unwrap_or(outward.len());
    let (beside, beyond) = outward.split_at(edge);
    let is_said = |place: &usize| is_sentence(&items[*place].line, weight(place));
    let mut gone: Vec<usize> = Vec::new();
    for run in beyond.chunk_by(|a, b| is_said(a) == is_said(b)) {
        if run.len() >= RUN && run.iter().all(|place| !is_said(place)) {
            gone.extend(run);
        }
    }
    if zone == Zone::Head && !beside.iter().any(|&place| is_title(&items[place])) {
        let title = gone.iter().position(|&place| is_title(&items[place]));
        title.map(|at| gone.remove(at));
    }
    gone
}

/// Words of the shortest headline that can be told from an entry of a menu. Han characters count half a word.
const TITLE_WORDS: u32 = 4;

fn is_title(item: &Item) -> bool {
    let line = &item.line;
    let words = if line.han + line.kana > line.letters { line.visible() / 2 } else { line.spaces + 1 };
    item.found.is_none() && !super::is_bulleted(item.text) && words >= TITLE_WORDS && line.han + line.kana + line.letters >= 8
}
