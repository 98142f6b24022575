//! How likely a character is after others in Chinese text: n-gram counts, for choosing between readings.
//!
//! The counts and their origin: `src/data/README.md`. Traditional characters count as their Simplified counterparts, full-width
//! forms as ASCII, every letter as one, every digit as one, so that one table serves both scripts and both widths.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use crate::lang::han;

/// Two frames: characters and bigrams; trigrams.
static TABLE: &[u8] = include_bytes!("../data/han_ngrams.zst");

/// A frame unpacked is no larger.
const FRAME_BYTES: usize = 8 << 20;

/// `LEAST` of `generate_han_ngrams.py`: the count of class 0; a class is a factor of √2.
const LEAST: f32 = 3.0;
/// Absolute discount, in the table's tenths of a count: 0.9, as the counts were evaluated with.
const DISCOUNT: f32 = 9.0;
/// Classes that a count can have: √2 to the 64th times [`LEAST`] is more than any count.
const CLASSES: usize = 64;
/// Of a context's probability at least this part is for what was not seen after it: classes are rounded, and can add up to more
/// than there is.
const LEAST_REST: f32 = 0.02;

/// A character as the model sees it; 0 is every character that it has not seen.
pub type Symbol = u16;

/// Two symbols one after the other, for [`Model::third`]: what is known of what follows them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    second: Symbol,
    /// Place in the list of bigrams; `None` where the two were not seen together, or nothing after them.
    place: Option<u32>,
    /// How often the two were seen, as a count.
    whole: f32,
    /// The part of the probability that is left to what was not seen after them.
    rest: f32,
}

/// Counts of what can stand after something: symbols in rising order, and the class of the count of each.
#[derive(Default)]
struct Followers {
    symbols: Vec<Symbol>,
    classes: Vec<u8>,
    /// Where those of each context begin; one more than there are contexts.
    first: Vec<u32>,
}

/// The model. One for the process: [`model`]. Trigrams are unpacked when the first one is asked for: clean text asks for none.
pub struct Model {
    symbols: Box<[Symbol]>,
    /// Probability of a symbol anywhere.
    alone: Vec<f32>,
    /// Its natural logarithm.
    log_alone: Vec<f32>,
    /// How often each symbol was seen, and the part of its probability that is left to what was not seen after it.
    contexts: Vec<(f32, f32)>,
    twos: Followers,
    threes: OnceLock<Followers>,
    /// The count of each class, less the discount.
    counts: [f32; CLASSES],
}

/// The model, unpacked at the first call (some 4 ms and 3 MB, and 8 ms and 10 MB when the first trigram is asked for).
pub fn model() -> &'static Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| {
        // The table is part of the program and a test reads it: an error here would be a damaged program, and gives an
        // empty model that repairs nothing.
        frame(0).and_then(|table| Model::parse(&table)).unwrap_or_else(Model::empty)
    });
    &MODEL
}

/// A frame of the table, unpacked.
fn frame(nth: usize) -> Option<Vec<u8>> {
    let mut rest = TABLE;
    for _ in 0..nth {
        rest = rest.get(zstd::zstd_safe::find_frame_compressed_size(rest).ok()?..)?;
    }
    let len = zstd::zstd_safe::find_frame_compressed_size(rest).ok()?;
    zstd::bulk::decompress(rest.get(..len)?, FRAME_BYTES).ok()
}

/// Reads the table from the front; every method is `None` where it ends too soon.
struct Table<'t>(&'t [u8]);

impl<'t> Table<'t> {
    fn bytes(&mut self, len: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16s(&mut self, len: usize) -> Option<impl Iterator<Item = u16> + use<'t>> {
        Some(self.bytes(len * 2)?.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)))
    }

    fn u32s(&mut self, len: usize) -> Option<impl Iterator<Item = u32> + use<'t>> {
        Some(self.bytes(len * 4)?.as_chunks().0.iter().map(|b| u32::from_le_bytes(*b)))
    }

    /// Numbers of two bytes, all the low bytes before all the high ones.
    fn planes(&mut self, len: usize) -> Option<impl Iterator<Item = u16> + use<'t>> {
        let (low, high) = (self.bytes(len)?, self.bytes(len)?);
        Some(low.iter().zip(high).map(|(low, high)| u16::from_le_bytes([*low, *high])))
    }
}

impl Followers {
    /// Those of contexts that begin at `first`, from the symbols and classes that come next in the table.
    fn parse(table: &mut Table<'_>, first: Vec<u32>) -> Option<Self> {
        let len = *first.last()? as usize;
        let symbols = table.planes(len)?.collect();
        let classes = table.bytes(len)?.to_vec();
        classes.iter().all(|class| usize::from(*class) < CLASSES).then_some(Self { symbols, classes, first })
    }

    /// Those of so many bigrams, from the frame of the trigrams.
    fn of_bigrams(table: &[u8], bigrams: usize) -> Option<Self> {
        let mut table = Table(table);
        let first = sums(table.planes(bigrams)?.map(u32::from));
        let followers = Self::parse(&mut table, first)?;
        table.0.is_empty().then_some(followers)
    }

    /// What a context that was seen `count` times was seen as in all, and the part of its probability that it leaves to what was not
    /// seen after it.
    fn context(&self, context: usize, count: f32, counts: &[f32; CLASSES]) -> (f32, f32) {
        let kept: f32 =
            self.classes[self.range(context)].iter().map(|class| counts[usize::from(*class)]).sum();
        let whole = count.max(kept / (1.0 - LEAST_REST));
        (whole, 1.0 - kept / whole)
    }

    fn range(&self, context: usize) -> Range<usize> {
        self.first[context] as usize..self.first[context + 1] as usize
    }

    fn place(&self, context: usize, symbol: Symbol) -> Option<usize> {
        let range = self.range(context);
        let start = range.start;
        self.symbols[range].binary_search(&symbol).ok().map(|at| start + at)
    }
}

impl Model {
    fn parse(table: &[u8]) -> Option<Self> {
        let mut table = Table(table);
        let [ones, twos] = {
            let mut sizes = table.u32s(2)?.map(|n| n as usize);
            [sizes.next()?, sizes.next()?]
        };
        let mut symbols = vec![0; 0x1_0000].into_boxed_slice();
        for (at, c) in table.u16s(ones)?.enumerate() {
            symbols[usize::from(c)] = Symbol::try_from(at + 1).ok()?;
        }
        // A character that was not seen counts half of the least that can be.
        let mut whole = vec![0.5];
        whole.extend(table.u32s(ones)?.map(|n| n as f32));
        let total: f32 = whole.iter().sum();
        let alone: Vec<f32> = whole.iter().map(|n| n / total).collect();
        let log_alone = alone.iter().map(|p| p.ln()).collect();

        let counts =
            std::array::from_fn(|class| (LEAST * 2_f32.powf(class as f32 / 2.0) - DISCOUNT).max(LEAST / 2.0));
        let first = sums(table.u16s(ones + 1)?.map(u32::from));
        let second = Followers::parse(&mut table, first)?;
        let complete = table.0.is_empty() && second.symbols.len() == twos;
        let contexts =
            whole.iter().enumerate().map(|(at, count)| second.context(at, *count, &counts)).collect();
        fold(&mut symbols);
        let threes = OnceLock::new();
        complete.then_some(Self { symbols, alone, log_alone, contexts, twos: second, threes, counts })
    }

    /// What follows each of the bigrams: nothing, where the table is damaged.
    fn threes(&self) -> &Followers {
        self.threes.get_or_init(|| {
            let bigrams = self.twos.symbols.len();
            let nothing = || Followers { first: vec![0; bigrams + 1], ..Followers::default() };
            frame(1).and_then(|table| Followers::of_bigrams(&table, bigrams)).unwrap_or_else(nothing)
        })
    }

    /// A model that has seen nothing.
    fn empty() -> Self {
        let twos = Followers { first: vec![0, 0], ..Followers::default() };
        let symbols = vec![0; 0x1_0000].into_boxed_slice();
        let (alone, contexts, counts) = (vec![1.0], vec![(1.0, 1.0)], [1.0; CLASSES]);
        Self { symbols, alone, log_alone: vec![0.0], contexts, twos, threes: OnceLock::new(), counts }
    }

    /// The symbol of `c`, before which digits and letters are still one.
    pub fn symbol(&self, c: char) -> Symbol {
        self.symbols.get(c as usize).copied().unwrap_or(0)
    }

    /// What [`Model::third`] is asked about.
    pub fn pair(&self, first: Symbol, second: Symbol) -> Pair {
        let unseen = Pair { second, place: None, whole: 1.0, rest: 1.0 };
        let Some(place) = self.twos.place(usize::from(first), second) else { return unseen };
        let threes = self.threes();
        if threes.range(place).is_empty() {
            return unseen;
        }
        let (whole, rest) = threes.context(place, count(self.twos.classes[place]), &self.counts);
        Pair { place: Some(place as u32), whole, rest, ..unseen }
    }

    /// Probability of a symbol after another.
    fn second(&self, first: Symbol, symbol: Symbol) -> f32 {
        let first = usize::from(first);
        let seen =
            self.twos.place(first, symbol).map_or(0.0, |at| self.counts[usize::from(self.twos.classes[at])]);
        let (whole, rest) = self.contexts[first];
        seen / whole + rest * self.alone[usize::from(symbol)]
    }

    /// Probability of the symbol of `c` after two others, shared by the characters that are that symbol.
    pub fn third(&self, pair: Pair, c: char) -> f32 {
        self.third_by(pair, c, |first, symbol| self.second(first, symbol))
    }

    /// The same, and remembers what it looked up of the last one.
    pub fn third_again(&self, pair: Pair, c: char, memo: &mut Memo) -> f32 {
        self.third_by(pair, c, |first, symbol| {
            let key = u32::from(first) << 16 | u32::from(symbol);
            let slot = &mut memo.0[(key.wrapping_mul(0x9E37_79B1) >> (32 - MEMO_BITS)) as usize];
            if slot.0 != key {
                *slot = (key, self.second(first, symbol));
            }
            slot.1
        })
    }

    fn third_by(&self, pair: Pair, c: char, second: impl FnOnce(Symbol, Symbol) -> f32) -> f32 {
        let symbol = self.symbol(c);
        let short = second(pair.second, symbol);
        let long = pair.place.map_or(short, |place| {
            let place = place as usize;
            let threes = self.threes();
            let seen =
                threes.place(place, symbol).map_or(0.0, |at| self.counts[usize::from(threes.classes[at])]);
            seen / pair.whole + pair.rest * short
        });
        long * share(c)
    }

    /// The pairs that are as bound as this at least: by the mean logarithm of the probabilities of either given the other.
    pub fn bound(&self, least: f32) -> PairSet {
        // Rounding may be on either side.
        let least = least.exp() * 0.999;
        let mut pairs = PairSet(vec![0; 1 << (PairSet::BITS - 6)]);
        for first in 0..self.contexts.len().min(self.twos.first.len().saturating_sub(1)) {
            let (whole, rest) = self.contexts[first];
            for at in self.twos.range(first) {
                let second = self.twos.symbols[at];
                let alone = self.alone[usize::from(second)];
                let after = self.counts[usize::from(self.twos.classes[at])] / whole + rest * alone;
                if after * (self.alone[first] / alone).sqrt() >= least {
                    let bit = PairSet::bit(first as Symbol, second);
                    pairs.0[bit >> 6] |= 1 << (bit & 63);
                }
            }
        }
        pairs
    }

    /// Natural logarithm of the probability of `b` right after `a`.
    pub fn after(&self, a: char, b: char) -> f32 {
        (self.second(self.symbol(a), self.symbol(b)) * share(b)).ln()
    }

    /// Probability of a symbol anywhere.
    pub fn of(&self, symbol: Symbol) -> f32 {
        self.alone[usize::from(symbol)]
    }

    /// Natural logarithm of the probability of `c` anywhere.
    pub fn alone(&self, c: char) -> f32 {
        let alone = self.log_alone[usize::from(self.symbol(c))];
        match share(c) {
            1.0 => alone,
            share => alone + share.ln(),
        }
    }
}

/// A set of pairs of symbols; of those that are not in it, one in some ten seems to be.
pub struct PairSet(Vec<u64>);

impl PairSet {
    const BITS: u32 = 20;

    fn bit(first: Symbol, second: Symbol) -> usize {
        let key = u32::from(first) << 16 | u32::from(second);
        (key.wrapping_mul(0x9E37_79B1) >> (32 - Self::BITS)) as usize
    }

    pub fn may_hold(&self, first: Symbol, second: Symbol) -> bool {
        let bit = Self::bit(first, second);
        self.0[bit >> 6] >> (bit & 63) & 1 == 1
    }
}

/// Probabilities of pairs that a search asks for again and again: the rows of a code page after the same character.
pub struct Memo(Box<[(u32, f32)]>);

/// A search of a run asks for some thousands of pairs.
const MEMO_BITS: u32 = 12;

impl Default for Memo {
    fn default() -> Self {
        // No pair has this number.
        Self(vec![(u32::MAX, 0.0); 1 << MEMO_BITS].into_boxed_slice())
    }
}

/// The count of a class.
fn count(class: u8) -> f32 {
    LEAST * 2_f32.powf(f32::from(class) / 2.0)
}

/// Where each of a row of lists begins, from their lengths, and where the last one ends.
fn sums(lengths: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sum = 0;
    let ends = lengths.map(|len| {
        sum += len;
        sum
    });
    std::iter::once(0).chain(ends).collect()
}

/// Makes characters one symbol that the counts do not tell apart.
fn fold(symbols: &mut [Symbol]) {
    let mut same = |from: char, as_counted: char| {
        let symbol = symbols.get(as_counted as usize).copied().unwrap_or(0);
        if let Some(slot) = symbols.get_mut(from as usize)
            && symbol != 0
        {
            *slot = symbol;
        }
    };
    for (traditional, counted) in han::simplifications() {
        same(traditional, counted);
    }
    for c in ('a'..='z').chain('A'..='Z') {
        same(c, 'A');
    }
    for c in '0'..='9' {
        same(c, '0');
    }
    for (c, counted) in [('\n', '␤'), (' ', '␣'), ('\u{A0}', '␣'), ('\t', '␣'), ('「', '“'), ('」', '”')]
    {
        same(c, counted);
    }
    // Last: ASCII has its symbols by now.
    same('\u{3000}', ' ');
    for c in '!'..='~' {
        same(char::from_u32(c as u32 + 0xFEE0).unwrap_or(c), c);
    }
}

/// The part that a digit or a letter has of the probability of its symbol.
fn share(c: char) -> f32 {
    match c {
        '0'..='9' | '０'..='９' => 1.0 / 10.0,
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => 1.0 / 26.0,
        _ if c.is_ascii_alphabetic() => 1.0 / 26.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bound_pairs_are_those_that_are_said() {
        let m = model();
        let least = -4.0;
        let pairs = m.bound(least);
        let mut seen = [0, 0];
        let common: Vec<char> = ('\u{4E00}'..='\u{9FFF}').filter(|c| m.alone(*c) > -9.0).step_by(7).collect();
        for &a in &common {
            for &b in &common {
                let (first, second) = (m.symbol(a), m.symbol(b));
                let is_bound = m.after(a, b) + (m.alone(a) - m.alone(b)) / 2.0 >= least;
                let held = pairs.may_hold(first, second);
                assert!(held || !is_bound, "{a}{b}");
                seen[usize::from(is_bound)] += usize::from(held);
            }
        }
        // Of those that are not bound few are held.
        assert!(seen[1] > 100 && seen[0] * 5 < common.len() * common.len(), "{seen:?} of {}", common.len());
    }

    #[test]
    fn what_is_written_together_is_likely() {
        let m = model();
        assert!(m.after('海', '口') > m.after('海', '谑') + 3.0);
        assert_eq!(m.after('專', '業'), m.after('专', '业'));
        assert_eq!(m.symbol('，'), m.symbol(','));
        assert!(m.symbol('的') != 0 && m.symbol('\u{E000}') == 0);
        assert!(m.alone('\u{E000}').is_finite() && m.after('\u{E000}', '\u{E000}').is_finite());
        let city = m.pair(m.symbol('海'), m.symbol('口'));
        assert!(m.third(city, '市') > 10.0 * m.third(city, '是'));
    }

    #[test]
    fn followers_do_not_exceed_certainty() {
        let m = model();
        assert!(m.contexts.iter().all(|(_, rest)| (LEAST_REST * 0.9..=1.0).contains(rest)));
        let characters = || m.symbols.iter().enumerate().filter(|(_, s)| **s != 0);
        for a in ['的', '海', '␤'] {
            let mut seen = std::collections::HashSet::new();
            let sum: f32 =
                characters().filter(|(_, s)| seen.insert(**s)).map(|(_, s)| m.second(m.symbol(a), *s)).sum();
            assert!((0.9..1.01).contains(&sum), "{a}: {sum}");
        }
    }

    #[test]
    fn a_table_cut_short_is_no_table() {
        let table = frame(0).unwrap();
        let whole = Model::parse(&table).unwrap();
        for len in [0, 7, 8, 1000, table.len() - 1] {
            assert!(Model::parse(&table[..len]).is_none(), "{len}");
        }
        let (table, bigrams) = (frame(1).unwrap(), whole.twos.symbols.len());
        assert!(Followers::of_bigrams(&table, bigrams).is_some());
        for len in [0, bigrams, 2 * bigrams, table.len() - 1] {
            assert!(Followers::of_bigrams(&table[..len], bigrams).is_none(), "{len}");
        }
        assert!(frame(2).is_none());
        assert!(Model::empty().after('海', '口').is_finite());
    }
}
