//! How likely a character is after others in Chinese text: n-gram counts, for choosing between readings.
//!
//! The counts and their origin: `src/data/README.md`. Traditional characters count as their Simplified counterparts, full-width
//! forms as ASCII, every letter as one, every digit as one, so that one table serves both scripts and both widths.

use std::io::Read;
use std::ops::Range;
use std::sync::LazyLock;

use crate::lang::han;

static TABLE: &[u8] = include_bytes!("../data/han_ngrams.zst");

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

/// Two symbols that were seen one after the other, for [`Model::third`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Place in the list of bigrams; `None` where the two were not seen together.
    place: Option<u32>,
    second: Symbol,
}

/// Counts of what can stand after something: symbols in rising order, and the class of the count of each.
#[derive(Default)]
struct Followers {
    symbols: Vec<Symbol>,
    classes: Vec<u8>,
    /// Where those of each context begin; one more than there are contexts.
    first: Vec<u32>,
    /// What a context was seen with, as counts.
    whole: Vec<f32>,
    /// The part of its probability that a context leaves to what was not seen after it.
    rest: Vec<f32>,
}

/// The model. One for the process: [`model`].
pub struct Model {
    symbols: Box<[Symbol]>,
    /// Probability of a symbol anywhere.
    alone: Vec<f32>,
    twos: Followers,
    threes: Followers,
    /// The count of each class, less the discount.
    counts: [f32; CLASSES],
}

/// The model, unpacked at the first call (some 15 ms, 16 MB).
pub fn model() -> &'static Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| {
        let mut table = Vec::new();
        // The table is part of the program and a test reads it: an error here would be a damaged program, and gives an
        // empty model that repairs nothing.
        let read = zstd::Decoder::new(TABLE).and_then(|mut decoder| decoder.read_to_end(&mut table));
        read.ok().and_then(|_| Model::parse(&table)).unwrap_or_else(Model::empty)
    });
    &MODEL
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

    /// A number of one to three bytes, seven bits in each, the low ones first.
    fn leb128(&mut self) -> Option<u32> {
        let (&first, rest) = self.0.split_first()?;
        if first < 0x80 {
            self.0 = rest;
            return Some(u32::from(first));
        }
        let (&second, rest) = rest.split_first()?;
        let low = u32::from(first & 0x7F) | u32::from(second & 0x7F) << 7;
        if second < 0x80 {
            self.0 = rest;
            return Some(low);
        }
        let (&third, rest) = rest.split_first()?;
        self.0 = rest;
        Some(low | u32::from(third) << 14)
    }
}

impl Followers {
    /// Of contexts with `first` and `whole`, from the symbols and classes that come next in the table.
    fn parse(
        table: &mut Table<'_>,
        first: Vec<u32>,
        mut whole: Vec<f32>,
        counts: &[f32; CLASSES],
    ) -> Option<Self> {
        let len = *first.last()? as usize;
        let mut symbols = Vec::with_capacity(len);
        for range in first.windows(2) {
            let mut last = 0;
            for _ in range[0]..range[1] {
                last += table.leb128()?;
                symbols.push(Symbol::try_from(last).ok()?);
            }
        }
        let classes = table.bytes(len)?.to_vec();
        let mut rest = Vec::with_capacity(whole.len());
        for (range, whole) in first.windows(2).zip(&mut whole) {
            let mut kept = 0.0;
            for class in &classes[range[0] as usize..range[1] as usize] {
                kept += counts.get(usize::from(*class))?;
            }
            *whole = whole.max(kept / (1.0 - LEAST_REST));
            rest.push(1.0 - kept / *whole);
        }
        Some(Self { symbols, classes, first, whole, rest })
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
        let [ones, twos, threes] = {
            let mut sizes = table.u32s(3)?.map(|n| n as usize);
            [sizes.next()?, sizes.next()?, sizes.next()?]
        };
        let mut symbols = vec![0; 0x1_0000].into_boxed_slice();
        for (at, c) in table.u16s(ones)?.enumerate() {
            symbols[usize::from(c)] = Symbol::try_from(at + 1).ok()?;
        }
        // A character that was not seen counts half of the least that can be.
        let mut whole = vec![0.5];
        whole.extend(table.u32s(ones)?.map(|n| n as f32));
        let total: f32 = whole.iter().sum();
        let alone = whole.iter().map(|n| n / total).collect();

        let counts =
            std::array::from_fn(|class| (LEAST * 2_f32.powf(class as f32 / 2.0) - DISCOUNT).max(LEAST / 2.0));
        let first = sums(table.u16s(ones + 1)?.map(u32::from));
        let second = Followers::parse(&mut table, first, whole, &counts)?;
        let mut continued = Vec::with_capacity(twos);
        for _ in 0..second.symbols.len() {
            continued.push(table.leb128()?);
        }
        let whole = second.classes.iter().map(|class| LEAST * 2_f32.powf(f32::from(*class) / 2.0)).collect();
        let third = Followers::parse(&mut table, sums(continued.into_iter()), whole, &counts)?;
        let whole = table.0.is_empty() && second.symbols.len() == twos && third.symbols.len() == threes;
        fold(&mut symbols);
        whole.then_some(Self { symbols, alone, twos: second, threes: third, counts })
    }

    /// A model that has seen nothing.
    fn empty() -> Self {
        let twos = Followers { first: vec![0, 0], whole: vec![1.0], rest: vec![1.0], ..Followers::default() };
        let threes = Followers { first: vec![0], ..Followers::default() };
        let symbols = vec![0; 0x1_0000].into_boxed_slice();
        Self { symbols, alone: vec![1.0], twos, threes, counts: [1.0; CLASSES] }
    }

    /// The symbol of `c`, before which digits and letters are still one.
    pub fn symbol(&self, c: char) -> Symbol {
        self.symbols.get(c as usize).copied().unwrap_or(0)
    }

    /// What [`Model::third`] is asked about.
    pub fn pair(&self, first: Symbol, second: Symbol) -> Pair {
        Pair { place: self.twos.place(usize::from(first), second).map(|at| at as u32), second }
    }

    /// Probability of a symbol after another.
    fn second(&self, first: Symbol, symbol: Symbol) -> f32 {
        let first = usize::from(first);
        let seen =
            self.twos.place(first, symbol).map_or(0.0, |at| self.counts[usize::from(self.twos.classes[at])]);
        seen / self.twos.whole[first] + self.twos.rest[first] * self.alone[usize::from(symbol)]
    }

    /// Probability of the symbol of `c` after two others, shared by the characters that are that symbol.
    pub fn third(&self, pair: Pair, c: char) -> f32 {
        let symbol = self.symbol(c);
        let short = self.second(pair.second, symbol);
        let long = pair.place.map_or(short, |place| {
            let place = place as usize;
            let seen = self
                .threes
                .place(place, symbol)
                .map_or(0.0, |at| self.counts[usize::from(self.threes.classes[at])]);
            seen / self.threes.whole[place] + self.threes.rest[place] * short
        });
        long * share(c)
    }

    /// Natural logarithm of the probability of `b` right after `a`.
    pub fn after(&self, a: char, b: char) -> f32 {
        (self.second(self.symbol(a), self.symbol(b)) * share(b)).ln()
    }

    /// Natural logarithm of the probability of `c` anywhere.
    pub fn alone(&self, c: char) -> f32 {
        (self.alone[usize::from(self.symbol(c))] * share(c)).ln()
    }
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
    for c in (0..0x1_0000).filter_map(char::from_u32) {
        let as_counted = match c {
            '0'..='9' | '０'..='９' => '0',
            '\n' => '␤',
            ' ' | '\u{3000}' | '\u{A0}' | '\t' => '␣',
            '「' => '“',
            '」' => '”',
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' => 'A',
            _ if c.is_ascii_alphabetic() => 'A',
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            _ => han::simplified(c),
        };
        if symbols[as_counted as usize & 0xFFFF] != 0 {
            symbols[c as usize] = symbols[as_counted as usize & 0xFFFF];
        }
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
        for followers in [&m.twos, &m.threes] {
            assert!(followers.rest.iter().all(|rest| (LEAST_REST * 0.9..=1.0).contains(rest)));
        }
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
        let table = zstd::decode_all(TABLE).unwrap();
        assert!(Model::parse(&table).is_some());
        for len in [0, 11, 12, 1000, table.len() - 1] {
            assert!(Model::parse(&table[..len]).is_none(), "{len}");
        }
        assert!(Model::empty().after('海', '口').is_finite());
    }
}
