//! Takes a piece of text apart into the items of a list, and measures what tells planted lists from written ones.

use std::collections::HashMap;
use std::ops::Range;

use crate::lang::chars::{self, Code};

/// What separates items on one line. The enumeration comma `、` is not here, it belongs to sentences; nor is the middle
/// dot, which stands within the names of foreigners.
pub fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '｜' | ',' | '，' | '_' | '•' | ';' | '；' | '/')
}

/// The items of `text`, in order, each at least one character.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_separator).map(|item| item.trim_matches(['-', '—'])).filter(|item| !item.is_empty())
}

/// What a list of items is like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measure {
    pub items: usize,
    /// Items that differ.
    pub distinct: usize,
    /// Mean and standard deviation of the items' lengths, in characters.
    pub mean: f64,
    pub deviation: f64,
    /// Items that hold a letter or a Han character.
    pub wordy: usize,
    /// Items with a bracket or a quotation mark, as titles of works have.
    pub quoted: usize,
    /// The list is one sequence of this many items said over and over; 0 when it is not.
    pub period: usize,
    pub visible: u32,
    pub han: u32,
    pub hans: u32,
    pub hant: u32,
    pub function: u32,
    pub kana: u32,
    pub letters: u32,
    pub digits: u32,
    /// Commas within the list, which items are also separated by.
    pub commas: u32,
}

impl Measure {
    /// Measures the items of these pieces of text.
    pub fn of(text: &str, pieces: &[Range<usize>]) -> Self {
        let mut all = Self::default();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut order = Vec::new();
        let (mut sum, mut squares) = (0_f64, 0_f64);
        for piece in pieces {
            let Some(piece) = text.get(piece.clone()) else { continue };
            for c in piece.chars() {
                all.commas += u32::from(matches!(c, ',' | '，'));
            }
            for item in split(piece) {
                let mut length = 0_u32;
                let (mut wordy, mut quoted) = (false, false);
                for c in item.chars() {
                    let code = chars::code(c);
                    length += 1;
                    match code {
                        Code::Han
                        | Code::HanFunction
                        | Code::Hans
                        | Code::HansFunction
                        | Code::Hant
                        | Code::HantFunction => {
                            all.han += 1;
                            all.hans += u32::from(code.script() == Some(crate::lang::han::Script::Hans));
                            all.hant += u32::from(code.script() == Some(crate::lang::han::Script::Hant));
                            all.function += u32::from(code.is_function());
                            wordy = true;
                        }
                        Code::Kana => {
                            all.kana += 1;
                            wordy = true;
                        }
                        Code::Latin | Code::Letter => {
                            all.letters += 1;
                            wordy = true;
                        }
                        Code::Digit => all.digits += 1,
                        Code::Other => {
                            quoted |= matches!(c, '《' | '》' | '“' | '”' | '「' | '」' | '『' | '』' | '"')
                        }
                        Code::Space | Code::End | Code::Comma => {}
                    }
                }
                all.visible += length;
                all.items += 1;
                all.wordy += usize::from(wordy);
                all.quoted += usize::from(quoted);
                sum += f64::from(length);
                squares += f64::from(length) * f64::from(length);
                let next = seen.len();
                order.push(*seen.entry(item).or_insert(next));
            }
        }
        all.distinct = seen.len();
        if all.items > 0 {
            let n = all.items as f64;
            all.mean = sum / n;
            all.deviation = (squares / n - all.mean * all.mean).max(0.0).sqrt();
        }
        all.period = period(&order, all.distinct);
        all
    }

    /// Distinct items per item: 1 where nothing is said twice.
    pub fn distinctness(&self) -> f64 {
        if self.items == 0 { 1.0 } else { self.distinct as f64 / self.items as f64 }
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
        Measure::of(text, std::slice::from_ref(&(0..text.len())))
    }

    #[test]
    fn items_are_split_at_any_separator() {
        let items: Vec<_> = split("山茶花| 木槿, 海棠_丁香　 玉兰、腊梅 - 芍药").collect();
        assert_eq!(items, ["山茶花", "木槿", "海棠", "丁香", "玉兰、腊梅", "芍药"]);
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
    }
}
