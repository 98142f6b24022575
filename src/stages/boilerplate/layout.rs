//! The layout of a page whose markup is gone: where its article stands among menus of hundreds of lines.
//!
//! A page that was saved as text (the WET files of Common Crawl, the dump of a text browser) begins with every entry of every menu and ends with a
//! footer as long. No list knows all of them. But sentences stand together, and what a site says on every page stands before and
//! behind them: the article is the stretch of lines that has the most sentences for the fewest lines of other kinds, the maximum
//! subsequence of Pasternack and Roth (2009), on lines in place of tags. Short lines are no evidence of a site by
//! themselves, so that this is asked only of a document whose lines outside the article say whose they are.

use std::collections::HashSet;
use std::ops::Range;

use super::recognise::{ARROWS, Reading};
use super::{Class, Item, SUPPORT, TITLE_CHARS, Zone, is_bulleted, is_prose};
use crate::document::Document;
use crate::lang::chars;
use crate::lang::lines::Line;

/// What a line that is no sentence takes from the sum of the visible characters of sentences, by the weight it is recognised with.
/// Eight lines of headings and captions take as much as a sentence of a hundred characters gives. With 8 to 20 for
/// the first 20.7 to 22.6 % of the site's text go, on pages whose lines show a site, and 0.06 to 0.08 % of the article's.
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
/// A recognised line on either side of the article at least: a site is around it. A glossary of a program below its description is on one.
const ON_EACH_SIDE: u32 = 1;

/// The article of a page that shows itself by the lines around it: the span of its lines. None where nothing shows that there is
/// a page around an article.
pub(super) fn article(doc: &Document) -> Option<Range<usize>> {
    let items: Vec<Item> =
        doc.lines().iter().filter(|line| !line.is_blank()).map(|line| read(doc, line)).collect();
    // Most documents have no such lines anywhere, and are done with here.
    if !Firm::of(&items).shows_a_site() {
        return None;
    }
    let said = said(&items);
    let (first, last) = densest(&items, &said)?;
    let visible = |from: usize, to: usize, only_said: bool| -> f64 {
        let lines = items[from..to].iter().zip(&said[from..to]);
        lines.filter(|(_, said)| **said || !only_said).map(|(item, _)| f64::from(item.line.visible())).sum()
    };
    let sentences = visible(first, last + 1, true);
    if sentences < f64::from(LEAST_SENTENCES)
        || sentences < OF_ALL_SENTENCES * visible(0, items.len(), true)
        || sentences < OF_THE_ARTICLE * visible(first, last + 1, false)
    {
        return None;
    }
    let outside = |at: &usize| !(first..=last).contains(at) && !said[*at];
    let others: Vec<usize> = (0..items.len()).filter(outside).collect();
    let mut recognised = [0_u32; 2];
    for at in others.iter().filter(|at| items[**at].found.is_some()) {
        recognised[usize::from(*at > last)] += 1;
    }
    let is_page = Firm::of(others.iter().map(|at| &items[*at])).shows_a_site()
        && recognised.iter().all(|lines| *lines >= ON_EACH_SIDE)
        && f64::from(recognised.iter().sum::<u32>()) >= RECOGNISED * others.len() as f64;
    let end = (items[last].line.end + 1).min(doc.text().len());
    is_page.then_some(items[first].line.start..end)
}

/// Lines that rarely stand in a text.
#[derive(Default)]
struct Firm {
    lines: usize,
    kinds: Vec<Class>,
}

impl Firm {
    fn of<'i, 't: 'i>(items: impl IntoIterator<Item = &'i Item<'t>>) -> Self {
        let mut firm = Self::default();
        for (class, weight) in items.into_iter().filter_map(|item| item.found) {
            if weight >= SUPPORT && !matches!(class, Class::Debris | Class::Dateline | Class::TitleAgain) {
                firm.lines += 1;
                if !firm.kinds.contains(&class) {
                    firm.kinds.push(class);
                }
            }
        }
        firm
    }

    fn shows_a_site(&self) -> bool {
        self.lines >= FIRM_LINES && self.kinds.len() >= FIRM_KINDS
    }
}

/// A line as the louder of what it says above an article and below it.
fn read<'t>(doc: &'t Document, line: &Line) -> Item<'t> {
    let text = doc.line(line).trim();
    let zones = if is_prose(line) { &[][..] } else { &[Zone::Head, Zone::Tail] };
    let reading = Reading::of(text, line);
    let found = zones.iter().filter_map(|zone| reading.class(*zone)).max_by_key(|&(_, weight)| weight);
    Item { line: *line, text, found }
}

fn weight(item: &Item) -> u8 {
    item.found.map_or(0, |(_, weight)| weight)
}

/// Words of the shortest sentence, and of a line that is one without a mark at its end. Han characters count half a word.
const SENTENCE_WORDS: usize = 6;
const UNMARKED_WORDS: usize = 16;
/// Visible characters of the shortest sentence.
const SENTENCE_CHARS: u32 = 20;
/// Visible characters of a line that is no entry of a menu, whatever it is.
const LONG_CHARS: u32 = 100;

/// The words of a line without its bullet; a Han character or kana counts as half of one.
fn words(item: &Item) -> usize {
    let line = &item.line;
    if line.han + line.kana > line.letters {
        return line.visible() as usize / 2;
    }
    item.text.split_whitespace().filter(|word| word.contains(chars::is_alphanumeric)).count()
}

fn written(line: &Line) -> u32 {
    line.han + line.kana + line.letters
}

/// A line that says something: a paragraph of the shortest kind, or a long line.
pub(super) fn is_sentence(item: &Item) -> bool {
    let line = &item.line;
    if is_prose(line) || written(line) < SENTENCE_CHARS {
        return is_prose(line);
    }
    let marked = line.ends >= 1 && words(item) >= SENTENCE_WORDS;
    match weight(item) {
        0 => marked || line.visible() >= LONG_CHARS || words(item) >= UNMARKED_WORDS,
        1 => marked,
        _ => false,
    }
}

/// Which lines say something: sentences, and all lines of a paragraph that was wrapped, which ends with a sentence's end and has as
/// many words to the line as a sentence.
fn said(items: &[Item]) -> Vec<bool> {
    let mut said: Vec<bool> =
        items.iter().enumerate().map(|(at, item)| is_sentence(item) && !is_card(items, at)).collect();
    let mut start = 0;
    for block in items.chunk_by(|a, b| a.line.end + 1 == b.line.start) {
        let part = start..start + block.len();
        start = part.end;
        let all: usize = block.iter().map(words).sum();
        let wrapped = block.len() > 1
            && block.last().is_some_and(|last| last.line.ends >= 1)
            && all >= SENTENCE_WORDS * block.len()
            && block.iter().all(|item| weight(item) < SUPPORT && !is_bulleted(item.text));
        if wrapped {
            said[part].fill(true);
        }
    }
    said
}

/// First and last line of the stretch that is worth most.
fn densest(items: &[Item], said: &[bool]) -> Option<(usize, usize)> {
    let (mut best, mut found) = (0, None);
    let (mut sum, mut start) = (0, 0);
    for (at, (item, said)) in items.iter().zip(said).enumerate() {
        if sum <= 0 {
            (sum, start) = (0, at);
        }
        sum += if *said {
            i64::from(item.line.visible().min(MOST_OF_A_LINE))
        } else {
            -i64::from(PRICE.get(usize::from(weight(item))).copied().unwrap_or(PRICE[PRICE.len() - 1]))
        };
        if sum > best {
            (best, found) = (sum, Some((start, at)));
        }
    }
    found
}

/// Lines of a menu or a list in a row, at least, to go for where they stand. A guess: a byline, a date, a caption and a headline are no more.
const RUN: usize = 3;
/// The same where sentences follow farther from the article: they may be a part of it, and these its headings and captions.
const RUN_BEFORE_SENTENCES: usize = 6;

/// A word that may be a menu's is the edge of the site where so many of so many lines, farther from the article, are.
const NEAR: usize = 6;
const ENTRIES: usize = 3;
/// Of as many lines four show cards of other articles: two titles that stand twice.
const CARDS: usize = 4;

/// Whether such a line is the edge of a site. What stands between a headline and its text is none: share lines, datelines, credits.
pub(super) fn is_edge(class: Class) -> bool {
    class.is_menu() || matches!(class, Class::Cookies | Class::Copyright)
}

/// A title in a list that stands twice in a row: once for the picture that a card shows, once for its text. Leaves a timetable with two
/// lessons of geography, and refrains.
fn is_twice(items: &[Item], place: usize) -> bool {
    let listed = |place: usize| items.get(place).map(|item| item.text).filter(|text| is_bulleted(text));
    let text = listed(place);
    let again = text == listed(place + 1) || place.checked_sub(1).is_some_and(|above| text == listed(above));
    text.is_some() && again && words(&items[place]) >= TITLE_WORDS
}

/// Such a title among others of its kind, however long, if it has no mark of a sentence: training plans and refrains have more than a pair of the
/// same line, or one.
fn is_card(items: &[Item], place: usize) -> bool {
    let same = |a: usize, b: usize| items.get(a).zip(items.get(b)).is_some_and(|(a, b)| a.text == b.text);
    let pair = |first: usize| {
        same(first, first + 1)
            && !same(first, first + 2)
            && !first.checked_sub(1).is_some_and(|before| same(before, first))
    };
    let first = if same(place, place + 1) { Some(place) } else { place.checked_sub(1) };
    let beside = |first: usize| pair(first + 2) || first.checked_sub(2).is_some_and(pair);
    items[place].line.ends == 0
        && is_twice(items, place)
        && first.is_some_and(|first| pair(first) && beside(first))
}

/// Places of lines outside the article that go for where they stand: from the first that is known to be the site's, counted from the
/// article, outward, in runs of [`RUN`] without a sentence. Leaves what stands between the article and that line: byline, caption, a list
/// that ends the article. Above it leaves the titles nearest to the article, and lines that say what `article` says.
pub(super) fn outside(items: &[Item], zone: Zone, article: &str) -> Vec<usize> {
    let mut outward: Vec<usize> = (0..items.len()).collect();
    if zone == Zone::Head {
        outward.reverse();
    }
    let near = |at: usize| outward[at..].iter().take(NEAR);
    let known = |place: &usize| items[*place].found.is_some_and(|(class, _)| is_edge(class));
    let starts = |at: &usize| match weight(&items[outward[*at]]) {
        0 => {
            is_twice(items, outward[*at])
                && near(*at).filter(|place| is_twice(items, **place)).count() >= CARDS
        }
        _ if !known(&outward[*at]) => false,
        1 => near(*at).filter(|place| known(place)).count() >= ENTRIES,
        _ => true,
    };
    let edge = (0..outward.len()).find(starts).unwrap_or(outward.len());
    let beyond = &outward[edge..];
    let said = said(items);
    let mut gone: Vec<usize> = Vec::new();
    for run in beyond.chunk_by(|a, b| said[*a] == said[*b]) {
        let is_last = run.last() == beyond.last();
        let least = if is_last { RUN } else { RUN_BEFORE_SENTENCES };
        if run.len() >= least && run.iter().all(|place| !said[*place]) {
            gone.extend(run);
        }
    }
    if zone == Zone::Head && !gone.is_empty() {
        let first = gone.iter().position(|place| is_title(&items[*place])).unwrap_or(gone.len());
        let titles = gone[first..].iter().take_while(|place| is_title(&items[**place])).take(TITLES);
        let titles: Vec<usize> = titles.copied().collect();
        let says = Words::of(article);
        // A headline stands above its date and below the trail of links to it, whatever stands between that and the text.
        let is_dated = |place: usize| {
            items.get(place + 1).is_some_and(|next| matches!(next.found, Some((Class::Dateline, _))))
        };
        let below_a_trail =
            |place: usize| place.checked_sub(1).is_some_and(|above| items[above].text.contains(ARROWS));
        gone.retain(|&place| {
            let is_headline = titles.contains(&place)
                || is_title(&items[place]) && (is_dated(place) || below_a_trail(place));
            !is_headline && !says.all_of(&items[place])
        });
    }
    gone
}

/// Headline, subtitle and a line above them.
const TITLES: usize = 3;

/// Words of the shortest headline that can be told from an entry of a menu.
const TITLE_WORDS: usize = 4;

/// A title in a list, long enough to be no other list's.
pub(super) fn is_listed_title(item: &Item) -> bool {
    is_bulleted(item.text) && words(item) >= TITLE_WORDS
}

/// `2 weeks ago`, `3小时前`, `vor 3 Tagen`: a number of days or hours that have passed.
pub(super) fn is_age(item: &Item) -> bool {
    let text = item.text.to_lowercase();
    item.line.digits > 0
        && item.line.visible() <= AGE_CHARS
        && AGES.iter().any(|(start, end)| text.starts_with(start) && text.ends_with(end))
}

/// Visible characters of the longest age, and a few more: `há 11 semanas atrás` has 16.
const AGE_CHARS: u32 = 20;

/// What the age of an article begins and ends with.
const AGES: [(&str, &str); 17] = [
    ("", " ago"),
    ("", "前"),
    ("vor ", ""),
    ("il y a ", ""),
    ("hace ", ""),
    ("há ", ""),
    ("", " atrás"),
    ("", " fa"),
    ("", " назад"),
    ("", " temu"),
    ("", " önce"),
    ("", " lalu"),
    ("", " trước"),
    ("منذ ", ""),
    ("قبل ", ""),
    ("", " 전"),
    ("", " geleden"),
];

fn is_title(item: &Item) -> bool {
    item.found.is_none()
        && !is_bulleted(item.text)
        && words(item) >= TITLE_WORDS
        && written(&item.line) >= TITLE_CHARS as u32
}

/// The words that a text uses, in lower case: pairs of Han characters, and words of other scripts.
struct Words(HashSet<String>);

impl Words {
    fn of(text: &str) -> Self {
        Self(Self::read(text).collect())
    }

    fn read(text: &str) -> impl Iterator<Item = String> + '_ {
        text.split(|c: char| !chars::is_alphanumeric(c)).filter(|word| !word.is_empty()).flat_map(|word| {
            let han: Vec<char> = word.chars().filter(|c| chars::is_han(*c)).collect();
            let pairs = han.windows(2).map(|pair| pair.iter().collect()).collect::<Vec<String>>();
            let word = han.is_empty().then(|| word.to_lowercase());
            pairs.into_iter().chain(word)
        })
    }

    /// Whether a line that is no entry of a list has two words or more, and no others than this text's: a short headline.
    fn all_of(&self, item: &Item) -> bool {
        let mut words = 0;
        let all = Self::read(item.text).inspect(|_| words += 1).all(|word| self.0.contains(&word));
        all && words >= 2 && item.found.is_none() && !is_bulleted(item.text)
    }
}
