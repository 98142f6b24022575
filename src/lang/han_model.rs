//! How likely a character is after others in Chinese text: n-gram counts, for choosing between readings.
//!
//! The counts and their origin: `src/data/README.md`. Traditional characters count as their Simplified counterparts, full-width
//! forms as ASCII, every letter as one, every digit as one, so that one table serves both scripts and both widths.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::Read;
use std::sync::LazyLock;

static TABLE: &[u8] = include_bytes!("../data/han_ngrams.txt.zst");

/// The counts of the class `a` of bigrams and of trigrams: `LEAST_BIGRAM` and `LEAST_ENDING` of `generate_han_ngrams.py`.
const LEAST: [f32; 2] = [110.0, 20.0];
/// Absolute discount, in the table's tenths of a count: 0.9, as the counts were evaluated with.
const DISCOUNT: f32 = 9.0;

/// What the shorter context counts for where the longer one has not been seen: the part that Stupid Backoff gives it (0.4,
/// Brants et al. 2007, section 4), which needs no mass of the pruned trigrams.
const UNSEEN: f32 = -0.916;

/// Hashes the keys of the table's own trigrams, which nobody chooses: one multiplication by the golden ratio (Knuth, volume 3,
/// section 6.4), where a keyed hash took half the time of a repair.
#[derive(Clone, Copy, Default)]
struct Mixed(u64);

type Mix = BuildHasherDefault<Mixed>;

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // The table takes its places from the low bits and its tags from the high ones.
        self.0 = mixed ^ mixed >> 32;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn three_key([a, b, c]: [Symbol; 3]) -> u64 {
    u64::from(a) << 32 | u64::from(b) << 16 | u64::from(c)
}

/// A character as the model sees it; 0 is every character that it has not seen.
pub type Symbol = u16;

/// The model: bigrams, and the few trigrams that [`Model::after_two`] speaks of. One for the process: [`model`].
pub struct Model {
    symbols: Box<[Symbol]>,
    /// Natural logarithm of the probability of a symbol anywhere.
    alone: Vec<f32>,
    /// What a symbol's unseen followers share, as a logarithm.
    backoff: Vec<f32>,
    /// Where the followers of a symbol begin in `next`.
    first: Vec<u32>,
    /// Followers, sorted within a symbol, with the logarithm of the probability.
    next: Vec<(Symbol, f32)>,
    /// Counts of trigrams.
    threes: HashMap<u64, f32, Mix>,
    /// Counts of symbols.
    counts: Vec<f32>,
}

/// The model, unpacked at the first call (some milliseconds, 2 MB).
pub fn model() -> &'static Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| Model::parse(&unpack()));
    &MODEL
}

fn unpack() -> String {
    let mut text = String::new();
    // The table is part of the program and a test reads it: an error here would be a damaged program, and gives an
    // empty model that repairs nothing.
    if let Ok(mut decoder) = zstd::Decoder::new(TABLE)
        && decoder.read_to_string(&mut text).is_err()
    {
        text.clear();
    }
    text
}

impl Model {
    fn parse(text: &str) -> Self {
        let mut parts = text.splitn(4, "\n\n");
        let [ones, pairs, twos, threes] =
            [parts.next(), parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
        let mut symbols = vec![0; 0x1_0000].into_boxed_slice();
        let mut counts = vec![0.5_f32];
        for line in ones.lines() {
            if let Some((c, count)) = line.split_once('\t')
                && let (Some(slot), Ok(count)) =
                    (c.chars().next().and_then(|c| symbols.get_mut(c as usize)), count.parse())
            {
                *slot = counts.len() as Symbol;
                counts.push(count);
            }
        }
        let total: f32 = counts.iter().sum();
        let alone: Vec<f32> = counts.iter().map(|c| (c / total).ln()).collect();
        let mut first = vec![0_u32; counts.len() + 1];
        let mut backoff = vec![0.0; counts.len()];
        let mut after: Vec<Vec<(Symbol, f32)>> = vec![Vec::new(); counts.len()];
        for line in twos.lines() {
            let mut chars = line.chars();
            let Some(a) = chars.next().and_then(|c| symbols.get(c as usize)).copied() else { continue };
            let follow = &mut after[a as usize];
            let mut kept = 0.0;
            for (c, count) in classes(chars, LEAST[0]) {
                let b = symbols.get(c as usize).copied().unwrap_or(0);
                follow.push((b, count - DISCOUNT));
                kept += count - DISCOUNT;
            }
            // Half-octave classes can add up to more than the whole: then the whole is what they add up to.
            let whole = counts[a as usize].max(kept * 1.02);
            let rest = 1.0 - kept / whole;
            backoff[a as usize] = rest.ln();
            for (b, p) in follow.iter_mut() {
                *p = (*p / whole + rest * alone[*b as usize].exp()).ln();
            }
            follow.sort_unstable_by_key(|f| f.0);
        }
        let mut next = Vec::with_capacity(after.iter().map(Vec::len).sum());
        for (a, follow) in after.into_iter().enumerate() {
            next.extend(follow);
            first[a + 1] = next.len() as u32;
        }
        let mut three = HashMap::with_hasher(Mix::default());
        for line in threes.lines() {
            let mut chars = line.chars();
            if let (Some(a), Some(b)) = (chars.next(), chars.next()) {
                let symbol = |c: char| symbols.get(c as usize).copied().unwrap_or(0);
                three.extend(
                    classes(chars, LEAST[1])
                        .map(|(c, count)| (three_key([symbol(a), symbol(b), symbol(c)]), count)),
                );
            }
        }
        let mut pairs = pairs.trim_end().chars();
        while let (Some(old), Some(new)) = (pairs.next(), pairs.next()) {
            if symbols[new as usize & 0xFFFF] != 0 {
                symbols[old as usize & 0xFFFF] = symbols[new as usize & 0xFFFF];
            }
        }
        for c in '\u{FF01}'..='\u{FF5E}' {
            symbols[c as usize] = symbols[c as usize - 0xFEE0];
        }
        for c in (0..0x1_0000).filter_map(char::from_u32) {
            match c {
                '0'..='9' | '０'..='９' => symbols[c as usize] = symbols['0' as usize],
                '\n' => symbols[c as usize] = symbols['␤' as usize],
                ' ' | '\u{3000}' | '\u{A0}' | '\t' => symbols[c as usize] = symbols['␣' as usize],
                '「' => symbols[c as usize] = symbols['“' as usize],
                '」' => symbols[c as usize] = symbols['”' as usize],
                _ if c.is_ascii_alphabetic() || ('Ａ'..='Ｚ').contains(&c) || ('ａ'..='ｚ').contains(&c) =>
                {
                    symbols[c as usize] = symbols['A' as usize];
                }
                _ => {}
            }
        }
        Self { symbols, alone, backoff, first, next, threes: three, counts }
    }

    /// The symbol of `c`, before which digits and letters are still one.
    pub fn symbol(&self, c: char) -> Symbol {
        self.symbols.get(c as usize).copied().unwrap_or(0)
    }

    /// Natural logarithm of the probability of `b` right after `a`.
    pub fn after(&self, a: char, b: char) -> f32 {
        let (a, s) = (self.symbol(a) as usize, self.symbol(b));
        let follow = &self.next[self.first[a] as usize..self.first[a + 1] as usize];
        let p = match follow.binary_search_by_key(&s, |f| f.0) {
            Ok(at) => follow[at].1,
            Err(_) => self.backoff[a] + self.alone[s as usize],
        };
        p - share(b)
    }

    /// Natural logarithm of the probability of `c` right after `a` and `b`.
    ///
    /// Of trigrams the table has only those that GBK read one byte late loses a character of; others count as unseen.
    pub fn after_two(&self, a: char, b: char, c: char) -> f32 {
        let short = self.after(b, c) + UNSEEN;
        let key = [self.symbol(a), self.symbol(b), self.symbol(c)];
        let Some(count) = self.threes.get(&three_key(key)) else { return short };
        let pair = self.counts[key[0] as usize] * (self.after(a, b) + share(b)).exp();
        let seen = ((count - DISCOUNT) / pair.max(*count)).ln() - share(c);
        seen.max(short)
    }

    /// Natural logarithm of the probability of `c` anywhere.
    pub fn alone(&self, c: char) -> f32 {
        self.alone[self.symbol(c) as usize] - share(c)
    }
}

/// The characters of a line of classes with their counts; `least` is that of the class `a`.
fn classes(chars: std::str::Chars<'_>, least: f32) -> impl Iterator<Item = (char, f32)> + '_ {
    chars
        .scan(least, move |count, c| {
            if c.is_ascii_lowercase() {
                *count = least * 2_f32.powf(f32::from(c as u8 - b'a') / 2.0);
                Some(None)
            } else {
                Some(Some((c, *count)))
            }
        })
        .flatten()
}

/// What a digit or a letter has to share with the others that count as the same symbol.
fn share(c: char) -> f32 {
    match c {
        '0'..='9' | '０'..='９' => 2.3,
        _ if c.is_ascii_alphabetic() => 3.3,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_together_is_likely() {
        let m = model();
        assert!(m.after('海', '口') > m.after('海', '谑') + 3.0);
        assert_eq!(m.after('專', '業'), m.after('专', '业'));
        assert_eq!(m.symbol('，'), m.symbol(','));
        assert!(m.symbol('的') != 0 && m.symbol('\u{E000}') == 0);
        assert!(m.alone('\u{E000}').is_finite() && m.after('\u{E000}', '\u{E000}').is_finite());
    }

    #[test]
    fn followers_do_not_exceed_certainty() {
        let m = model();
        for a in 0..m.alone.len() {
            let follow = &m.next[m.first[a] as usize..m.first[a + 1] as usize];
            let sum: f32 = follow.iter().map(|f| f.1.exp()).sum();
            assert!(sum < 1.05, "symbol {a}: {sum}");
        }
    }
}
