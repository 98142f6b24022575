//! Whether a whole document is written to sell: prose stuffed with one phrase, `slot gacor`, and full of such phrases.

use rustc_hash::FxHashMap;

use super::features::probability;
use super::lexicon;
use crate::lang::chars::{self, Class};

/// Bytes of each of the samples, one at the start, in the middle and at the end, that must hold terms before all of a text is read.
const SAMPLE: usize = 512;
/// Terms in the samples; a page that is written to sell has one in every hundred characters.
const SAMPLED: usize = 3;
/// The score from which a page is spam: phrases of the lexicon alone reach 0.73.
pub const SPAM: f64 = 0.95;

/// How much a text looks written to sell, 0 to 1. Weighted by hand: the density of terms, how many different ones, how
/// often the commonest phrase is said, and the share of lists. No two of the four suffice.
///
/// What is judged is what is `left` of the text when planted blocks are cut; `listed` of its characters stand in lists. Less than `least`
/// is of no interest, and may be given as 0.
pub fn score(text: &str, listed: u32, least: f64, left: impl FnOnce() -> String) -> f64 {
    if !could_be(text) {
        return 0.0;
    }
    let text = left();
    let visible = text.chars().filter(|c| !c.is_whitespace()).count().max(1) as f64;
    if visible < 200.0 {
        return 0.0;
    }
    let (all, distinct) = lexicon::count(&text);
    let density = (all as f64 * 1000.0 / visible / 5.0).min(1.0);
    let variety = (distinct as f64 / 6.0).min(1.0);
    let lists = (f64::from(listed) / visible).min(1.0);
    let with =
        |stuffing: f64| probability(-6.0 + 4.0 * density + 3.0 * variety + 3.0 * stuffing + 2.0 * lists);
    // To look for phrases is dear.
    if with(1.0) < least {
        return 0.0;
    }
    with((commonest_phrase(&text) / 0.01).min(1.0))
}

/// Whether samples of the text hold terms; most texts hold none, and one without is enough.
fn could_be(text: &str) -> bool {
    let at = |from: usize, to: usize| &text[chars::boundary(text, from)..chars::boundary(text, to)];
    let len = text.len();
    let samples = if len <= 4 * SAMPLE {
        [at(len / 4, len * 3 / 4), at(0, len / 4), at(len * 3 / 4, len)]
    } else {
        [at(len / 2, len / 2 + SAMPLE), at(0, SAMPLE), at(len - SAMPLE, len)]
    };
    let mut found = 0;
    for sample in samples {
        found += lexicon::count(sample).0;
        if found == 0 {
            return false;
        }
    }
    found >= SAMPLED
}

/// The share of the text's phrases that are the commonest one: two words of four letters and more each, or four Han characters.
/// Of running text the commonest phrase of this kind is one of several hundred.
fn commonest_phrase(text: &str) -> f64 {
    let mut counts: FxHashMap<&str, u32> = FxHashMap::default();
    let mut all = 0_u32;
    let mut words: [(usize, usize); 2] = [(0, 0); 2];
    for word in words_of(text) {
        let han = text[word.0..].starts_with(chars::is_han);
        let phrase = if han {
            word.0..word.1
        } else {
            words = [words[1], word];
            let [first, second] = words;
            let long = |(from, to): (usize, usize)| text[from..to].chars().take(4).count() == 4;
            all += 1;
            if !long(first) || !long(second) || second.0 != first.1 + 1 {
                continue;
            }
            first.0..second.1
        };
        all += u32::from(han);
        *counts.entry(&text[phrase]).or_default() += 1;
    }
    let most = counts.into_values().max().unwrap_or(0);
    if most < 4 { 0.0 } else { f64::from(most) / f64::from(all.max(1)) }
}

/// Byte ranges of the words of a text, and of every four Han characters.
fn words_of(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, c) = chars.next()?;
            match chars::class(c) {
                Class::Han => {
                    let mut ahead =
                        text[start..].char_indices().take_while(|(_, c)| chars::is_han(*c)).skip(3);
                    if let Some((at, last)) = ahead.next() {
                        return Some((start, start + at + last.len_utf8()));
                    }
                }
                Class::Letter | Class::Kana => {
                    let mut end = start + c.len_utf8();
                    while let Some((at, c)) = chars.next_if(|(_, c)| {
                        matches!(chars::class(*c), Class::Letter | Class::Kana | Class::Digit)
                    }) {
                        end = at + c.len_utf8();
                    }
                    return Some((start, end));
                }
                Class::Space | Class::Digit | Class::Mark | Class::Other => {}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> f64 {
        score(text, 0, 0.0, || text.to_owned())
    }

    #[test]
    fn prose_written_to_sell_is_told_from_news() {
        let sells = "Every fan of online casino games knows that an online casino with free spins is the best online casino. \
            Our casino bonus has no deposit bonus terms, and the online casino pays with every poker online table and betting site. ";
        assert!(of(&sells.repeat(4)) > SPAM);
        let news = "The council discussed the licence of a casino by the harbour. Residents fear that the online casino of the same firm \
            draws the young. A spokesman said that betting is for adults, and that the firm pays for advice to gamblers. ";
        assert!(of(&news.repeat(3)) < 0.5);
        assert!(of("") < 0.1);
    }

    #[test]
    fn the_commonest_phrase_is_of_long_words() {
        assert!(
            commonest_phrase(
                "slot gacor, slot gacor; slot gacor. Slot gacor is of the of the of the slot gacor"
            ) > 0.15
        );
        assert!(commonest_phrase(&"凤凰彩票，".repeat(5)) > 0.9);
        assert_eq!(commonest_phrase("of the of the of the of the of the"), 0.0);
    }
}
