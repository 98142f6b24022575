//! Whether two pieces of Chinese text speak of the same things, by the pairs of characters they share.

use std::collections::HashSet;
use std::ops::Range;

use crate::lang::{chars, han};

/// Characters of the body looked at. The share met by chance grows with the body (95th percentile 0.06 for ten
/// lines of prose, 0.13 for thirty, 0.25 for three hundred), and so does the cost.
const BODY_CHARS: usize = 40_000;

/// Distinct pairs of the list looked at: a few thousand settle any share.
const PAIRS: usize = 4_000;

/// The pairs of adjacent Han characters that a text has.
pub struct Vocabulary(HashSet<(char, char)>);

impl Vocabulary {
    /// The pairs of these pieces; `None` when they hold fewer than a hundred Han characters, since nothing follows from that.
    ///
    /// All is read as Simplified, so that a list in one script is held against a text in the other.
    pub fn of(text: &str, body: &[Range<usize>]) -> Option<Self> {
        let mut pairs = HashSet::new();
        let mut left = BODY_CHARS;
        let mut han_seen = 0;
        for piece in body {
            let mut before = None;
            for c in text.get(piece.clone()).unwrap_or_default().chars().take(left) {
                left -= 1;
                let here = chars::is_han(c).then(|| han::simplified(c));
                han_seen += usize::from(here.is_some());
                if let (Some(one), Some(two)) = (before, here) {
                    pairs.insert((one, two));
                }
                before = here;
            }
            if left == 0 {
                break;
            }
        }
        (han_seen >= 100).then_some(Self(pairs))
    }

    /// The share of the list's distinct pairs that the text has too; `None` when the list has fewer than eight.
    pub fn shared(&self, list: impl Iterator<Item = char>) -> Option<f64> {
        let mut pairs: HashSet<(char, char)> = HashSet::new();
        let mut before = None;
        for c in list {
            let here = chars::is_han(c).then(|| han::simplified(c));
            if let (Some(one), Some(two)) = (before, here) {
                pairs.insert((one, two));
                if pairs.len() >= PAIRS {
                    break;
                }
            }
            before = here;
        }
        let met = pairs.iter().filter(|pair| self.0.contains(*pair)).count();
        (pairs.len() >= 8).then(|| met as f64 / pairs.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(list: std::str::Chars<'_>, text: &str, body: &[Range<usize>]) -> Option<f64> {
        Vocabulary::of(text, body)?.shared(list)
    }

    #[test]
    fn scripts_are_read_as_one() {
        let body = "社區工作者每天在門口測量體溫，登記來往車輛，".repeat(8);
        let whole = std::slice::from_ref(&(0..body.len())).to_vec();
        let same = shared("社区工作者 测量体温 登记来往车辆".chars(), &body, &whole);
        assert_eq!(same, Some(1.0));
        let other = shared("腌制酸菜缸 手工竹篮编织 老式座钟修理".chars(), &body, &whole);
        assert_eq!(other, Some(0.0));
    }

    #[test]
    fn nothing_follows_from_little() {
        let body = "社区工作者".to_owned();
        let whole = std::slice::from_ref(&(0..body.len())).to_vec();
        assert_eq!(shared("腌制酸菜缸 手工竹篮编织 老式座钟修理".chars(), &body, &whole), None);
    }
}
