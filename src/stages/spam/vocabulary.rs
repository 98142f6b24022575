//! What a piece of text speaks of: pairs of Han characters, words of other scripts, as numbers that can be counted.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use crate::lang::chars::{self, Code};
use crate::lang::han;

/// Characters of the body looked at. The share met by chance grows with the body (95th percentile 0.06 for ten
/// lines of Chinese prose, 0.13 for thirty, 0.25 for three hundred), and so does the cost.
const BODY_CHARS: usize = 40_000;

/// Distinct grams of the list looked at: a few thousand settle any share.
const GRAMS: usize = 4_000;

/// The text of a body has enough to compare with from here on.
const FEWEST: usize = 60;

/// Calls `each` with every gram of `text`: two adjacent Han characters (read as Simplified, so that a list in one script is
/// held against a text in the other), a word of at least two letters, three adjacent characters of a script that writes no spaces.
pub fn grams(text: &str, mut each: impl FnMut(u64)) {
    let mut han_before: Option<char> = None;
    let mut word = Word::default();
    let mut dense: [Option<char>; 2] = [None, None];
    for c in text.chars() {
        let code = chars::code(c);
        if code.class() == chars::Class::Han {
            word.close(&mut each);
            dense = [None, None];
            let here = han::simplified(c);
            if let Some(one) = han_before {
                each(HAN | u64::from(u32::from(one)) << 24 | u64::from(u32::from(here)));
            }
            han_before = Some(here);
            continue;
        }
        han_before = None;
        if is_spaceless(c) {
            word.close(&mut each);
            if let [Some(one), Some(two)] = dense {
                let mut three = Word::default();
                [one, two, c].into_iter().for_each(|c| three.push(c));
                three.close(&mut each);
            }
            dense = [dense[1], Some(c)];
            continue;
        }
        dense = [None, None];
        match code {
            Code::Latin | Code::Letter | Code::Kana => c.to_lowercase().for_each(|c| word.push(c)),
            _ => word.close(&mut each),
        }
    }
    word.close(&mut each);
}

/// Marks grams that are pairs of Han characters, which need two times 24 bits.
const HAN: u64 = 1 << 63;

/// Thai, Lao, Myanmar, Khmer: letters and the marks over and under them.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

/// A word on its way to a number, by FNV-1a over its characters.
struct Word {
    hash: u64,
    chars: u32,
}

impl Default for Word {
    fn default() -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, chars: 0 }
    }
}

impl Word {
    fn push(&mut self, c: char) {
        self.hash = (self.hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3);
        self.chars += 1;
    }

    fn close(&mut self, each: &mut impl FnMut(u64)) {
        if self.chars >= 2 {
            each(self.hash & !HAN);
        }
        if self.chars > 0 {
            *self = Self::default();
        }
    }
}

/// A set of grams.
pub type Grams = HashSet<u64, BuildHasherDefault<Mixed>>;

/// Hashes a gram by one multiplication: grams are hashes or characters, and nobody gains by collisions but time.
#[derive(Default)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// What a text speaks of, and how often.
pub struct Vocabulary {
    counts: HashMap<u64, u32, BuildHasherDefault<Mixed>>,
    words: u32,
}

/// How a list relates to the vocabulary of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relation {
    /// Share of the list's distinct grams that the text has, too, its commonest words aside.
    pub shared: f64,
    /// Share of the list's words that are among the commonest of the text: its function words.
    pub common: f64,
}

impl Vocabulary {
    /// The grams of these pieces; `None` when there are too few, since nothing follows from that.
    pub fn of(text: &str, body: &[Range<usize>]) -> Option<Self> {
        // A gram to a character of three bytes, most of them once: no need to grow step by step.
        let size = body.iter().map(Range::len).sum::<usize>() / 3;
        let counts = HashMap::with_capacity_and_hasher(size.min(GRAMS), BuildHasherDefault::default());
        let mut all = Self { counts, words: 0 };
        let mut total = 0;
        let mut left = BODY_CHARS;
        for piece in body {
            let piece = text.get(piece.clone()).unwrap_or_default();
            let end = piece.char_indices().nth(left).map_or(piece.len(), |(at, _)| at);
            left -= piece[..end].chars().count();
            grams(&piece[..end], |gram| {
                total += 1;
                all.words += u32::from(gram & HAN == 0);
                *all.counts.entry(gram).or_default() += 1;
            });
            if left == 0 {
                break;
            }
        }
        (total >= FEWEST).then_some(all)
    }

    /// A word that is every two hundredth of the text or more frequent.
    fn is_common(&self, gram: u64) -> bool {
        gram & HAN == 0
            && self
                .counts
                .get(&gram)
                .is_some_and(|count| *count >= 3 && u64::from(*count) * 200 >= u64::from(self.words))
    }

    /// How a list, of which these are the grams, relates to the text; `None` when it has fewer than four different ones.
    pub fn relation(&self, list: &[u64]) -> Option<Relation> {
        let mut distinct = Grams::default();
        let (mut words, mut common) = (0_u32, 0_u32);
        for &gram in list {
            if gram & HAN == 0 {
                words += 1;
                if self.is_common(gram) {
                    common += 1;
                    continue;
                }
            }
            if distinct.len() < GRAMS {
                distinct.insert(gram);
            }
        }
        let met = distinct.iter().filter(|gram| self.counts.contains_key(gram)).count();
        (distinct.len() >= 4).then(|| Relation {
            shared: met as f64 / distinct.len() as f64,
            common: if words == 0 { 0.0 } else { f64::from(common) / f64::from(words) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(list: &str, body: &str) -> Option<Relation> {
        let mut of_list = Vec::new();
        grams(list, |gram| of_list.push(gram));
        Vocabulary::of(body, std::slice::from_ref(&(0..body.len())))?.relation(&of_list)
    }

    fn count(text: &str) -> usize {
        let mut all = HashSet::new();
        grams(text, |gram| {
            all.insert(gram);
        });
        all.len()
    }

    #[test]
    fn scripts_are_read_as_one() {
        let body = "社區工作者每天在門口測量體溫，登記來往車輛，".repeat(8);
        let same = relation("社区工作者 测量体温 登记来往车辆", &body);
        assert_eq!(same.map(|r| r.shared), Some(1.0));
        let other = relation("腌制酸菜缸 手工竹篮编织 老式座钟修理", &body);
        assert_eq!(other.map(|r| r.shared), Some(0.0));
    }

    #[test]
    fn nothing_follows_from_little() {
        assert_eq!(relation("腌制酸菜缸 手工竹篮编织 老式座钟修理", "社区工作者"), None);
    }

    #[test]
    fn common_words_of_the_text_are_told_from_its_subject() {
        let body =
            "the ferry and the bridge are old, and the man of the ferry is as old as the river. ".repeat(6);
        let found = relation("of the casino and the jackpot bonus in Vegas", &body).unwrap_or_default();
        assert_eq!(found.shared, 0.0);
        assert!(found.common > 0.4);
    }

    #[test]
    fn every_script_has_grams() {
        assert_eq!(count("山茶花"), 2);
        assert_eq!(count("Slot gacor, slot 777"), 2);
        assert_eq!(count("カジノ 바카라"), 2);
        assert_eq!(count("สล็อต"), 3);
    }
}
