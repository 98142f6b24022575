//! Takes a piece of text apart into the items of a list, and measures what tells planted lists from written ones.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::lang::chars::{self, Code};
use crate::stages::spam::{lexicon, vocabulary};

/// What separates items on one line. The enumeration comma `、` is not here, it belongs to sentences; nor is the middle
/// dot, which stands within the names of foreigners.
pub fn is_separator(c: char) -> bool {
    c.is_whitespace() || is_mark(c)
}

/// A separator that is no space.
pub fn is_mark(c: char) -> bool {
    matches!(c, '|' | '｜' | ',' | '，' | '_' | '•' | ';' | '；' | '/')
}

/// How the items of a piece are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// At white space and marks: scripts that write no spaces within a name.
    Spaces,
    /// At marks only: `buy pills online | cheap pills`.
    Marks,
    /// Not at all: a line is an item.
    Lines,
    /// At marks and hyphens: `手工皂教程_二手车报价-竹编网`.
    Head,
}

/// The items of `text`, in order, each at least one character, without bullets and dashes around them.
pub fn split(text: &str, how: Split) -> impl Iterator<Item = &str> {
    text.split(move |c| match how {
        Split::Spaces => is_separator(c),
        Split::Marks => is_mark(c) || c == '\n',
        Split::Lines => c == '\n',
        Split::Head => is_mark(c) || c == '-' || c == '、',
    })
    .map(|item| {
        item.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '—' | '–' | '*' | '•' | '·'))
    })
    .filter(|item| !item.is_empty())
}

/// What a list of items is like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measure {
    pub items: usize,
    /// Items that differ.
    pub distinct: usize,
    /// Mean and standard deviation of the items' lengths: a character of Han or kana counts one, three letters count one.
    pub mean: f64,
    pub deviation: f64,
    /// Items that hold a letter or a Han character.
    pub wordy: usize,
    /// Items with a quotation mark, as titles of works have.
    pub quoted: usize,
    /// Items that begin with a digit or an ordinal: `第三章 进程调度`.
    pub numbered: usize,
    /// Items with an at sign or a `://`.
    pub addresses: usize,
    /// Items that hold a term of the lexicon.
    pub known: usize,
    /// The list is one sequence of this many items said over and over; 0 when it is not.
    pub period: usize,
    /// Grams of the items, and those that differ.
    pub grams: usize,
    pub distinct_grams: usize,
    /// Share of the items whose last character is one of the three commonest last ones.
    pub endings: f64,
    pub visible: u32,
    pub han: u32,
    pub hans: u32,
    pub hant: u32,
    pub function: u32,
    pub kana: u32,
    pub latin: u32,
    pub letters: u32,
    pub digits: u32,
    /// Letters that begin a word as capitals, and words.
    pub capitals: u32,
    pub words: u32,
    /// Signs that no list of words has: brackets, operators.
    pub others: u32,
    /// Commas within the list, which items are also separated by.
    pub commas: u32,
    /// The longest run of digits: a telephone number has seven and more.
    pub number: u32,
}

impl Measure {
    /// Measures the items of these pieces of text.
    pub fn of(text: &str, pieces: &[Range<usize>], how: Split) -> Self {
        let mut all = Self::default();
        let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
        let mut last: FxHashMap<char, usize> = FxHashMap::default();
        let mut order = Vec::new();
        let (mut sum, mut squares) = (0_f64, 0_f64);
        for piece in pieces {
            let Some(piece) = text.get(piece.clone()) else { continue };
            for item in split(piece, how) {
                let length = all.add(item);
                sum += length;
                squares += length * length;
                if let Some(c) = item.chars().next_back() {
                    *last.entry(c).or_default() += 1;
                }
                let next = seen.len();
                order.push(*seen.entry(item).or_insert(next));
            }
            all.commas += piece.chars().map(|c| u32::from(matches!(c, ',' | '，' | '、'))).sum::<u32>();
        }
        all.distinct = seen.len();
        if all.items > 0 {
            let n = all.items as f64;
            all.mean = sum / n;
            all.deviation = (squares / n - all.mean * all.mean).max(0.0).sqrt();
            let mut last: Vec<usize> = last.into_values().collect();
            last.sort_unstable_by(|one, two| two.cmp(one));
            all.endings = last.iter().take(3).sum::<usize>() as f64 / n;
        }
        all.period = period(&order, all.distinct);
        all
    }

    /// Measures what costs more: the terms of the lexicon, and how much is said again. The grams of the items, in order.
    pub fn look_closer(&mut self, text: &str, pieces: &[Range<usize>], how: Split) -> Vec<u64> {
        let mut grams = Vec::new();
        for item in
            pieces.iter().filter_map(|piece| text.get(piece.clone())).flat_map(|piece| split(piece, how))
        {
            self.known += usize::from(lexicon::holds(item));
            vocabulary::grams(item, |gram| grams.push(gram));
        }
        self.grams = grams.len();
        self.distinct_grams = grams.iter().copied().collect::<vocabulary::Grams>().len();
        grams
    }

    /// Counts one item; its length.
    fn add(&mut self, item: &str) -> f64 {
        let (mut han, mut letters, mut digits, mut visible) = (0_u32, 0_u32, 0_u32, 0_u32);
        let (mut quoted, mut run, mut in_word) = (false, 0_u32, false);
        let (mut at_sign, mut colon) = (false, false);
        for c in item.chars() {
            let code = chars::code(c);
            visible += u32::from(code != Code::Space);
            match code {
                Code::Han
                | Code::HanFunction
                | Code::Hans
                | Code::HansFunction
                | Code::Hant
                | Code::HantFunction => {
                    han += 1;
                    self.han += 1;
                    self.hans += u32::from(code.script() == Some(crate::lang::han::Script::Hans));
                    self.hant += u32::from(code.script() == Some(crate::lang::han::Script::Hant));
                    self.function += u32::from(code.is_function());
                }
                Code::Kana => {
                    han += 1;
                    self.kana += 1;
                }
                Code::Latin | Code::Letter => {
                    // A syllable of Hangul says as much as a character of Han.
                    let wide = matches!(c, '\u{AC00}'..='\u{D7A3}');
                    letters += if wide { 3 } else { 1 };
                    self.letters += 1;
                    self.latin += u32::from(code == Code::Latin);
                    if !in_word {
                        self.words += 1;
                        self.capitals += u32::from(c.is_uppercase());
                    }
                }
                Code::Digit => digits += 1,
                Code::Other => {
                    at_sign |= c == '@';
                    quoted |= matches!(c, '《' | '》' | '“' | '”' | '「' | '」' | '『' | '』' | '"');
                    // Marks over and under letters are counted as others, too; hyphens stand within names.
                    self.others += u32::from(
                        c.is_ascii_punctuation() && !matches!(c, '-' | '&' | '\'' | '|' | '_' | '/'),
                    );
                }
                Code::Comma => colon |= c == ':',
                Code::Space | Code::End => {}
            }
            in_word = matches!(code, Code::Latin | Code::Letter) || (in_word && code == Code::Other);
            run = if code == Code::Digit { run + 1 } else { 0 };
            self.number = self.number.max(run);
        }
        self.visible += visible;
        self.digits += digits;
        self.items += 1;
        self.wordy += usize::from(han + letters > 0);
        self.quoted += usize::from(quoted);
        self.numbered +=
            usize::from(item.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '第' | '（' | '(')));
        self.addresses += usize::from(at_sign || colon && item.contains("://"));
        f64::from(han) + f64::from(letters + digits) / 3.0
    }

    /// Distinct items per item: 1 where nothing is said twice.
    pub fn distinctness(&self) -> f64 {
        if self.items == 0 { 1.0 } else { self.distinct as f64 / self.items as f64 }
    }

    /// Share of the grams that repeat an earlier one.
    pub fn repetition(&self) -> f64 {
        if self.grams == 0 { 0.0 } else { 1.0 - self.distinct_grams as f64 / self.grams as f64 }
    }

    /// Coefficient of variation of the items' lengths.
    pub fn variation(&self) -> f64 {
        if self.mean > 0.0 { self.deviation / self.mean } else { 0.0 }
    }

    /// Function characters per Han character.
    pub fn function_share(&self) -> f64 {
        if self.han == 0 { 0.0 } else { f64::from(self.function) / f64::from(self.han) }
    }
}

/// The length of the sequence that `order` repeats, if it is said at least three times. A sequence that names every
/// item at most once has as many members as there are distinct items, so one comparison decides.
fn period(order: &[usize], distinct: usize) -> usize {
    let repeats = distinct > 0
        && order.len() >= 3 * distinct
        && order.iter().zip(order.iter().skip(distinct)).all(|(one, next)| one == next);
    if repeats { distinct } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> Measure {
        Measure::of(text, std::slice::from_ref(&(0..text.len())), Split::Spaces)
    }

    #[test]
    fn items_are_split_at_any_separator() {
        let items: Vec<_> = split("山茶花| 木槿, 海棠_丁香　 玉兰、腊梅 - 芍药", Split::Spaces).collect();
        assert_eq!(items, ["山茶花", "木槿", "海棠", "丁香", "玉兰、腊梅", "芍药"]);
        let items: Vec<_> = split("red tea | green tea, milk", Split::Marks).collect();
        assert_eq!(items, ["red tea", "green tea", "milk"]);
        let items: Vec<_> = split(" • red tea\n • milk, cold\n", Split::Lines).collect();
        assert_eq!(items, ["red tea", "milk, cold"]);
    }

    #[test]
    fn repetition_and_period_are_told_apart() {
        let cycle = measure("甲乙 丙丁 甲乙 丙丁 甲乙 丙丁");
        assert_eq!((cycle.items, cycle.distinct, cycle.period), (6, 2, 2));
        let mixed = measure("甲乙 丙丁 丙丁 甲乙 甲乙 丙丁");
        assert_eq!((mixed.distinct, mixed.period), (2, 0));
        assert_eq!(measure("").period, 0);
    }

    #[test]
    fn lengths_are_in_characters() {
        let found = measure("一二 一二三四");
        assert_eq!((found.mean, found.deviation), (3.0, 1.0));
        assert_eq!(measure("abcdef").mean, 2.0);
    }
}
