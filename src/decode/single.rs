//! Encodings of one byte a character, judged by how likely letters are after letters in a language.
//!
//! Every byte means something in nearly all of them, so what tells them apart is whether the letters make words. A
//! reading is an encoding and a language: Polish in ISO-8859-2, Russian in KOI8-R.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use encoding_rs::{
    IBM866, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_10,
    ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U, MACINTOSH, WINDOWS_874, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258, X_MAC_CYRILLIC,
};

use super::charset::Charset;
use super::more;
use super::table::{CONTROL, NAT, NO_BREAK, Script, table};

/// Encodings with what they cost before a byte is looked at, in nats: how rare they are on the web, roughly, as
/// W3Techs counts them (windows-1252 and its like a few per cent, windows-1251 less, the others traces).
const PRIORS: &[(&encoding_rs::Encoding, u32)] = &[
    (WINDOWS_1252, 0),
    (WINDOWS_1251, 1),
    (WINDOWS_1250, 1),
    (ISO_8859_2, 2),
    (WINDOWS_1254, 2),
    (WINDOWS_1253, 2),
    (ISO_8859_7, 3),
    (WINDOWS_1255, 2),
    (WINDOWS_1256, 2),
    (WINDOWS_1257, 2),
    (WINDOWS_1258, 2),
    (WINDOWS_874, 2),
    (KOI8_R, 2),
    (KOI8_U, 3),
    (ISO_8859_5, 3),
    (IBM866, 3),
    (ISO_8859_15, 3),
    (ISO_8859_13, 4),
    (ISO_8859_4, 5),
    (ISO_8859_6, 4),
    (ISO_8859_8, 4),
    (X_MAC_CYRILLIC, 4),
    (MACINTOSH, 4),
    (ISO_8859_3, 5),
    (ISO_8859_10, 6),
    (ISO_8859_14, 6),
    (ISO_8859_16, 5),
];

/// The same for the tables.
const TABLE_PRIOR: u32 = 6;

/// What the case of a letter costs after what has none, after a letter in lower case and after one in upper case:
/// (lower, upper), eighths of a nat. Words in capitals are one in thirty, capitals within words one in some hundred.
const CASE: [(u32, u32); 3] = [(1, 15), (0, 50), (7, 4)];

/// What a character costs within the classes of several, in nats: there are so many of them.
const WITHIN: [(&str, u8); 5] = [("box", 4), ("sign", 3), ("math", 4), ("foreign", 4), ("control", 6)];

/// What a letter of a script without Latin letters costs more beside a Latin one: in Russian documents of Debian it
/// stands behind one Latin letter in 4,700 (8.5 nats), where the table, which mixes a fiftieth of anything into all, has 4.
const MIXED_WORD: u32 = 4 * NAT;

/// The most that a pair of symbols costs: a rare letter in a list, a foreign name and a slip of the pen are no proof.
const PAIR_AT_MOST: u32 = 14 * NAT;

/// The same next to a no-break space, which stands anywhere on pages and hardly in what the table was counted in.
const NO_BREAK_AT_MOST: u32 = 4 * NAT;

/// The most that a byte counts that stands alone: in a list or a table of characters any is as likely as the next, one of 128 or 4.9
/// nats, and a nat for what is behind it. Between spaces it is a word, as `à` in French and `и` in Russian, and counts as one.
const ALONE_AT_MOST: u32 = 6 * NAT;

/// A pair counts as often as it stands up to here, and then less and less: what is repeated is no new evidence.
const OFTEN: f32 = 10.0;

/// Weight of what the ASCII letters say of the language, as a share of their own evidence: words of markup and English names
/// stand in every text.
const ASCII_WEIGHT: f32 = 0.3;
/// The most they say, in nats.
const ASCII_AT_MOST: f32 = 12.0;

/// An encoding as the languages of its script see it.
pub(super) struct Single {
    pub charset: Charset,
    prior: u32,
    /// Place of the script in the table.
    script: usize,
    symbols: [u8; 256],
    /// 0: no letter with case, 1: lower, 2: upper.
    cases: [u8; 256],
    /// What a character costs within its class.
    within: [u8; 256],
    /// Letters of a script without Latin letters.
    foreign: [bool; 256],
}

/// A reading of some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Place in [`singles`].
    pub single: usize,
    pub language: usize,
    /// In eighths of a nat; what is repeated counts less.
    pub cost: u32,
    /// The same with every pair counted.
    pub full: u32,
}

pub(super) fn singles() -> &'static [Single] {
    static SINGLES: LazyLock<Vec<Single>> = LazyLock::new(|| {
        let standard = PRIORS.iter().map(|&(encoding, prior)| (Charset::Standard(encoding), prior));
        let tables = (0..more::TABLES.len()).map(|at| (Charset::Table(at), TABLE_PRIOR));
        standard.chain(tables).filter_map(|(charset, prior)| Single::new(charset, prior)).collect()
    });
    &SINGLES
}

impl Single {
    fn new(charset: Charset, prior: u32) -> Option<Self> {
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        let chars: Vec<char> = charset.decode(&bytes).0.chars().collect();
        let letters = |script: &Script| chars.iter().skip(0x80).filter(|&&c| script.has(c)).count();
        let (script, found) = table().scripts.iter().enumerate().max_by_key(|(_, script)| letters(script))?;
        let mut single = Self {
            charset,
            prior: prior * NAT,
            script,
            symbols: [0; 256],
            cases: [0; 256],
            within: [0; 256],
            foreign: [false; 256],
        };
        let within = WITHIN.map(|(class, nats)| (found.class(class), nats));
        for (byte, &c) in chars.iter().enumerate() {
            single.symbols[byte] = found.symbol(c);
            let within = within.iter().find(|(class, _)| *class == single.symbols[byte]);
            single.within[byte] = within.map_or(0, |&(_, nats)| nats * NAT as u8);
            single.foreign[byte] = found.has(c) && !found.has('a');
            single.cases[byte] = if c.is_uppercase() { 2 } else { u8::from(c.is_lowercase()) };
        }
        Some(single)
    }

    pub fn script(&self) -> &'static Script {
        &table().scripts[self.script]
    }

    /// What `b` after `a` costs in a language.
    fn pair(&self, costs: &[u8], size: usize, a: u8, b: u8) -> u32 {
        let cost = costs.get(self.place(size, a, b)).copied().unwrap_or(u8::MAX);
        u32::from(cost).min(self.most(a, b)) + self.extra(a, b)
    }

    /// What `b` alone between `a` and `c` costs in a language.
    fn alone(&self, costs: &[u8], size: usize, a: u8, b: u8, c: u8) -> u32 {
        let most = if self.symbols[usize::from(b)] == CONTROL { u32::MAX } else { ALONE_AT_MOST };
        (self.pair(costs, size, a, b) + self.pair(costs, size, b, c)).min(most)
    }

    /// The most that `b` after `a` counts.
    fn most(&self, a: u8, b: u8) -> u32 {
        let no_break = self.symbols[usize::from(a)] == NO_BREAK || self.symbols[usize::from(b)] == NO_BREAK;
        if no_break { NO_BREAK_AT_MOST } else { PAIR_AT_MOST }
    }

    /// Where the cost of `b` after `a` stands.
    fn place(&self, size: usize, a: u8, b: u8) -> usize {
        usize::from(self.symbols[usize::from(a)]) * size + usize::from(self.symbols[usize::from(b)])
    }

    /// What `b` after `a` costs in whatever language: its case, its script, and its place in its class. Drawings repeat a character.
    fn extra(&self, a: u8, b: u8) -> u32 {
        let within = if a == b { 0 } else { u32::from(self.within[usize::from(b)]) };
        let mixed = self.foreign[usize::from(a)] && b.is_ascii_alphabetic()
            || self.foreign[usize::from(b)] && a.is_ascii_alphabetic();
        let script = if mixed { MIXED_WORD } else { 0 };
        let (lower, upper) = CASE[usize::from(self.cases[usize::from(a)])];
        within
            + script
            + match self.cases[usize::from(b)] {
                0 => 0,
                1 => lower,
                _ => upper,
            }
    }

    /// What some bytes cost in this encoding and one language, but for the pairs that are ASCII.
    pub fn cost(&self, language: usize, bytes: &[u8]) -> u32 {
        let script = self.script();
        let Some(language) = script.languages.get(language) else { return u32::MAX };
        // As [`units`], but nearly all bytes are ASCII.
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
        let (mut before, mut counted, mut cost) = (b'\n', false, 0_u32);
        for at in 0..=bytes.len() {
            let b = byte(at);
            if (before | b) >= 0x80 && !std::mem::take(&mut counted) {
                counted = b >= 0x80 && enclosed(before, byte(at + 1));
                cost = cost.saturating_add(if counted {
                    self.alone(&language.costs, script.size, before, b, byte(at + 1))
                } else {
                    self.pair(&language.costs, script.size, before, b)
                });
            }
            before = b;
        }
        cost
    }
}

/// What costs are counted of.
enum Unit {
    /// A byte after a byte.
    Pair(u8, u8),
    /// A byte other than ASCII that stands alone, between what encloses it.
    Alone(u8, u8, u8),
}

/// The units of some bytes with a line feed before and behind them: their pairs, and bytes that stand alone.
fn units(bytes: &[u8]) -> impl Iterator<Item = Unit> {
    let get = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    let mut before = b'\n';
    let mut at = 0;
    std::iter::from_fn(move || {
        if at > bytes.len() {
            return None;
        }
        let (a, b, c) = (before, get(at), get(at + 1));
        if b >= 0x80 && enclosed(a, c) {
            (before, at) = (c, at + 2);
            return Some(Unit::Alone(a, b, c));
        }
        (before, at) = (b, at + 1);
        Some(Unit::Pair(a, b))
    })
}

/// Whether what stands between these two bytes is a line, a cell of a table, an item of a list, or in quotes or brackets.
fn enclosed(a: u8, c: u8) -> bool {
    let ends = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t');
    match (a, c) {
        (b'(', b')') | (b'[', b']') | (b'{', b'}') | (b'<', b'>') => true,
        (_, b',') if a == b' ' || ends(a) => true,
        _ => ends(a) && ends(c) || a == c && a.is_ascii_punctuation(),
    }
}

/// The bytes with a space in place of each that stands alone.
pub(super) fn without_alone(bytes: &[u8]) -> Vec<u8> {
    let mut rest = bytes.to_vec();
    for (place, around) in bytes.windows(3).enumerate() {
        if around[1] >= 0x80 && enclosed(around[0], around[2]) {
            rest[place + 1] = b' ';
        }
    }
    rest
}

/// How many pairs with a byte other than ASCII there are: what a cost is spread over.
pub(super) fn strange_pairs(bytes: &[u8]) -> usize {
    let mut before = b'\n';
    let pairs = bytes.iter().chain(b"\n").filter(|&&b| {
        let strange = (b | before) >= 0x80;
        before = b;
        strange
    });
    pairs.count()
}

/// Pairs of bytes with how often they stand in a sample.
pub(super) struct Pairs {
    /// With a byte other than ASCII.
    strange: Vec<(u8, u8, u32)>,
    /// Bytes that stand alone, and what is beside them.
    alone: Vec<((u8, u8, u8), u32)>,
    /// Of ASCII, one a letter.
    ascii: Vec<(u8, u8, u32)>,
    /// What a script costs that has no Latin letters, in eighths of a nat.
    pub not_latin: f32,
    /// Whether the bytes may be EBCDIC, where a space is `@` and no letter is ASCII.
    ebcdic: bool,
}

impl Pairs {
    /// Counts them in pieces of text; a tag of markup is as the end of a line.
    pub fn new(pieces: &[&[u8]]) -> Self {
        let (mut pairs, mut alone) = (FxHashMap::default(), FxHashMap::default());
        for piece in pieces {
            for unit in units(&without_tags(piece)) {
                match unit {
                    Unit::Pair(a, b) if tells(a, b) => *pairs.entry((a, b)).or_default() += 1,
                    Unit::Pair(..) => {}
                    Unit::Alone(a, b, c) => *alone.entry((a, b, c)).or_default() += 1,
                }
            }
        }
        let all = pairs.into_iter().map(|((a, b), n)| (a, b, n));
        let (strange, ascii): (Vec<_>, Vec<_>) = all.partition(|(a, b, _)| (a | b) >= 0x80);
        let alone: Vec<_> = alone.into_iter().collect();
        let sum = |pairs: &[(u8, u8, u32)]| pairs.iter().map(|&(_, _, n)| n as f32).sum::<f32>();
        let ebcdic = sum(&ascii) * 10.0 < sum(&strange) && strange.iter().any(|&(_, b, _)| b == b'@');
        // A text in another script may hold as many Latin letters, hardly ten times as many; and it has words, not letters
        // and signs alone.
        let in_word = |b: u8| b >= 0x80 || b.is_ascii_alphabetic();
        let within = strange.iter().filter(|&&(a, b, _)| in_word(a) && in_word(b));
        let ratio = sum(&ascii) / (2.0 * within.map(|&(_, _, n)| n as f32).sum::<f32>() + 1.0);
        let not_latin = (ratio.max(1.0).ln() * 2.5).min(8.0) * NAT as f32;
        Self { strange, alone, ascii, not_latin, ebcdic }
    }

    /// What the ASCII letters cost in each language of a script.
    fn ascii_costs(&self, script: &Script) -> Vec<f32> {
        let symbols: Vec<usize> = (0..128_u8).map(|b| usize::from(script.symbol(char::from(b)))).collect();
        let costs = script.languages.iter().map(|language| {
            let pairs = self.ascii.iter().map(|&(a, b, n)| {
                let place = symbols[usize::from(a)] * script.size + symbols[usize::from(b)];
                language.costs.get(place).copied().unwrap_or(u8::MAX) as f32 * n as f32
            });
            pairs.sum()
        });
        let costs: Vec<f32> = costs.collect();
        let least = costs.iter().copied().fold(f32::INFINITY, f32::min);
        let most = ASCII_AT_MOST * NAT as f32;
        costs.into_iter().map(|cost| ((cost - least) * ASCII_WEIGHT).min(most)).collect()
    }

    /// The readings, an encoding each with its likeliest language, the cheapest first.
    pub fn readings(&self) -> Vec<Reading> {
        self.best_of(self.possible().collect())
    }

    /// Whether some reading costs less than this, with every pair counted.
    pub fn cheaper(&self, than: u32) -> bool {
        // Most encodings are out of the question, whatever the language.
        let least = |reading: &Reading| {
            let single = &singles()[reading.single];
            let (least, size) = (&single.script().least, single.script().size);
            let strange = self.strange.iter().map(|&(a, b, n)| n * single.pair(least, size, a, b));
            let alone = self.alone.iter().map(|&((a, b, c), n)| n * single.alone(least, size, a, b, c));
            strange.chain(alone).fold(single.prior, u32::saturating_add)
        };
        let possible = self.possible().filter(|reading| least(reading) < than).collect();
        self.best_of(possible).first().is_some_and(|best| best.full < than)
    }

    /// What the bytes may be read in, at no cost yet.
    fn possible(&self) -> impl Iterator<Item = Reading> {
        let all = singles().iter().enumerate();
        let possible = all.filter(|(_, single)| self.ebcdic || !single.charset.is_ebcdic());
        possible.map(|(single, _)| Reading { single, language: 0, cost: 0, full: 0 })
    }

    fn best_of(&self, mut readings: Vec<Reading>) -> Vec<Reading> {
        if readings.is_empty() {
            return readings;
        }
        // Where Latin letters are one symbol they say nothing of the language.
        let scripts = table().scripts.iter();
        let priors: Vec<Vec<f32>> = scripts
            .map(|script| {
                if script.has('a') {
                    self.ascii_costs(script)
                } else {
                    vec![self.not_latin; script.languages.len()]
                }
            })
            .collect();
        // The most frequent pairs leave a few encodings.
        if self.strange.len() > FREQUENT {
            let mut frequent = self.strange.clone();
            frequent.select_nth_unstable_by_key(FREQUENT, |&(_, _, n)| u32::MAX - n);
            frequent.truncate(FREQUENT);
            readings = best(&frequent, &[], &readings, &priors);
            readings.truncate(PROMISING);
        }
        best(&self.strange, &self.alone, &readings, &priors)
    }
}

/// Pairs that the first look is at.
const FREQUENT: usize = 128;
/// Encodings that are looked at in full after it.
const PROMISING: usize = 12;

/// What is repeated counts less.
fn weight(n: u32) -> f32 {
    let n = n as f32;
    if n > OFTEN { OFTEN * (1.0 + (n / OFTEN).ln()) } else { n }
}

/// The cost of each encoding with its likeliest language, the cheapest first. `priors` are those of languages, by script.
fn best(
    pairs: &[(u8, u8, u32)],
    alone: &[((u8, u8, u8), u32)],
    readings: &[Reading],
    priors: &[Vec<f32>],
) -> Vec<Reading> {
    let all = readings.iter().filter_map(|&Reading { single: at, .. }| {
        let single = &singles()[at];
        let size = single.script().size;
        let mut same = (single.prior as f32, u64::from(single.prior));
        let places: Vec<(usize, u32, f32, u32)> = pairs
            .iter()
            .map(|&(a, b, n)| {
                let weight = weight(n);
                let extra = single.extra(a, b);
                same.0 += extra as f32 * weight;
                same.1 += u64::from(extra) * u64::from(n);
                (single.place(size, a, b), single.most(a, b), weight, n)
            })
            .collect();
        let of = |(language, prior): (usize, &f32)| {
            let costs = &single.script().languages[language].costs;
            let (mut cost, mut full) = (same.0 + prior, same.1 + *prior as u64);
            for &(place, most, weight, n) in &places {
                let pair = u32::from(costs.get(place).copied().unwrap_or(u8::MAX)).min(most);
                cost += pair as f32 * weight;
                full += u64::from(pair) * u64::from(n);
            }
            for &((a, b, c), n) in alone {
                let unit = single.alone(costs, size, a, b, c);
                cost += unit as f32 * weight(n);
                full += u64::from(unit) * u64::from(n);
            }
            Reading { single: at, language, cost: cost as u32, full: u32::try_from(full).unwrap_or(u32::MAX) }
        };
        priors[single.script].iter().enumerate().map(of).min_by_key(|reading| reading.cost)
    });
    let mut all: Vec<Reading> = all.collect();
    all.sort_by_key(|reading| reading.cost);
    all
}

/// Whether a pair says something: of the encoding, or of the language.
fn tells(a: u8, b: u8) -> bool {
    (a | b) >= 0x80 || a.is_ascii_alphabetic() || b.is_ascii_alphabetic()
}

/// The bytes with a line feed in place of each tag.
fn without_tags(bytes: &[u8]) -> Vec<u8> {
    let mut rest = bytes;
    let mut text = Vec::with_capacity(bytes.len());
    while let Some(at) = memchr::memchr(b'<', rest) {
        let (before, here) = rest.split_at(at);
        text.extend_from_slice(before);
        let (byte, len) = tag(here).map_or((b'<', 1), |len| (b'\n', len));
        text.push(byte);
        rest = &here[len..];
    }
    text.extend_from_slice(rest);
    text
}

/// A tag is no longer than this.
const TAG_BYTES: usize = 1024;

/// Length of the tag that begins here.
fn tag(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..TAG_BYTES).unwrap_or(bytes);
    head.get(1).filter(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'))?;
    memchr::memchr(b'>', head).map(|end| end + 1)
}
