//! Encodings of one or two bytes a character (GBK, Big5, Shift_JIS, EUC-JP, EUC-KR), judged by their characters.
//!
//! Most pairs of bytes mean something in several of them, so what tells them apart is whether the characters are those
//! that texts are made of. A table for each encoding holds what every pair costs, so that a scan looks up a pair and
//! adds. Where a byte was lost or put in, all characters after it are read from the halves of two, up to the next ASCII
//! character; [`Code::path`] finds where to leave a byte out.

use std::ops::Range;
use std::sync::LazyLock;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

use super::table::{EastAsian, NAT, table};
use crate::lang::han_model;

/// Whose characters: what follows what differs by language.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Chinese,
    Japanese,
    Korean,
}

/// Kinds of characters; the order is that of [`COSTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Ascii,
    Han,
    Hiragana,
    Katakana,
    Hangul,
    /// `，` `。` `「` `“` `…`.
    Mark,
    /// `ＡＢＣ` `１２３`.
    FullWidth,
    /// Katakana of one byte in Shift_JIS.
    HalfKatakana,
    /// `■` `→` `①`.
    Symbol,
    /// Greek, Cyrillic, letters with accents.
    Letter,
    /// Private use, compatibility forms, what is in no text.
    Rare,
}

const KINDS: usize = 11;

/// Probability of a kind of character after an East Asian one or another, by language, in the order of [`Kind`]; rounded from
/// counts of the Chinese, Japanese and Korean documents that `tests/corpus/gather.py` gathers, the rarest estimated.
const SHARES: [[f32; KINDS]; 3] = [
    [0.06, 0.82, 1e-4, 1e-4, 1e-5, 0.11, 3e-3, 1e-6, 3e-3, 3e-4, 1e-6],
    [0.05, 0.27, 0.42, 0.16, 1e-5, 0.09, 5e-3, 1e-3, 3e-3, 3e-4, 1e-6],
    [0.25, 5e-3, 1e-4, 1e-4, 0.72, 0.01, 1e-3, 1e-6, 5e-3, 3e-4, 1e-6],
];

/// The kinds that stand in runs where they stand at all, and the probability of the same kind again.
const RUNS: [(Kind, f32); 7] = [
    (Kind::Hiragana, 0.5),
    (Kind::Katakana, 0.6),
    (Kind::Hangul, 0.6),
    (Kind::FullWidth, 0.5),
    (Kind::HalfKatakana, 0.8),
    (Kind::Symbol, 0.4),
    (Kind::Letter, 0.6),
];

/// A character that was not seen, of a script that was counted, in eighths of a nat.
const UNSEEN: u32 = 13 * NAT;
/// A byte left out: less than two characters that nobody writes, more than one.
const SKIP: u32 = 18 * NAT;
/// The same of the first byte or the last: cuts are more frequent than damage.
const CUT: u32 = 8 * NAT;
/// A byte that means nothing, where no path is searched.
const INVALID: u32 = 16 * NAT;

/// A character that costs more is less usual.
pub(super) const USUAL: u32 = 8 * NAT;

/// Characters in a row that cost more than [`USUAL`] by this in all are not text: three or four from halves of two,
/// a rare name hardly.
const PEAK: u32 = 10 * NAT;

/// What is looked at before and after such a place, in bytes, where its line is longer.
const AROUND: usize = 256;

/// Characters other than ASCII that cost no more than this on average are text in this encoding: text costs 6 to 8 nats a
/// character, text of another encoding 10 and more.
const SURE: u32 = 8 * NAT + NAT / 2;

/// Stands for a character beyond the first plane, or for two characters.
const BEYOND: u16 = 0xFFFF;

#[derive(Clone, Copy, Default)]
struct Entry {
    /// The character; 0: none.
    unit: u16,
    /// Cost within its kind.
    cost: u8,
    kind: u8,
}

/// An encoding of this sort.
pub(super) struct Code {
    pub encoding: &'static Encoding,
    language: Language,
    /// By first byte less 0x80 and second byte.
    pairs: Box<[Entry]>,
    /// Characters of one byte, from 0x80.
    singles: Box<[Entry]>,
    /// Cost of a kind after a kind.
    kinds: [[u32; KINDS]; KINDS],
}

/// Whether bytes are the first of a text, and the last.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub first: bool,
    pub last: bool,
}

/// What a scan found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// In eighths of a nat.
    pub cost: u32,
    /// Characters other than ASCII.
    pub characters: u32,
    pub invalid: u32,
    /// By how much characters in a row cost more than [`USUAL`], at most.
    pub peak: u32,
}

impl Scan {
    /// Whether these are characters that texts are made of, as many as it takes to be sure.
    pub fn sure(self) -> bool {
        self.invalid == 0 && self.characters >= 24 && self.cost <= self.characters * SURE
    }

    /// Whether these may be text, be they few.
    pub fn likely(self) -> bool {
        self.invalid == 0 && self.characters > 0 && self.cost <= self.characters * (SURE + NAT) + 4 * NAT
    }

    /// Whether these are characters of a text from end to end.
    pub fn fits(self) -> bool {
        self.invalid == 0 && self.peak < PEAK
    }

    fn add(&mut self, other: Self) {
        self.cost = self.cost.saturating_add(other.cost);
        self.characters += other.characters;
        self.invalid += other.invalid;
        self.peak = self.peak.max(other.peak);
    }
}

/// The encodings, in the order in which equals are preferred.
pub(super) fn codes() -> &'static [Code] {
    static CODES: LazyLock<Vec<Code>> = LazyLock::new(|| {
        let of = [
            (GBK, Language::Chinese),
            (BIG5, Language::Chinese),
            (SHIFT_JIS, Language::Japanese),
            (EUC_JP, Language::Japanese),
            (EUC_KR, Language::Korean),
        ];
        of.into_iter().map(|(encoding, language)| Code::new(encoding, language)).collect()
    });
    &CODES
}

pub(super) fn code(encoding: &'static Encoding) -> Option<&'static Code> {
    let encoding = if encoding == encoding_rs::GB18030 { GBK } else { encoding };
    codes().iter().find(|code| code.encoding == encoding)
}

impl Code {
    fn new(encoding: &'static Encoding, language: Language) -> Self {
        let table = &table().east_asian;
        let entry = |bytes: &[u8]| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
            let mut chars = text.chars();
            let c = chars.next().filter(|_| chars.next().is_none())?;
            let kind = kind(c);
            // Beyond the first plane encoding_rs is asked again.
            let unit = u16::try_from(c as u32).unwrap_or(BEYOND);
            Some(Entry { unit, cost: within(c, kind, encoding, table), kind: kind as u8 })
        };
        let mut pairs = vec![Entry::default(); 128 << 8].into_boxed_slice();
        for lead in 0x81..=0xFE_u8 {
            for trail in 0x40..=0xFE_u8 {
                // A first byte that is a character alone begins no pair.
                if let Some(found) = entry(&[lead, trail]) {
                    pairs[usize::from(lead - 0x80) << 8 | usize::from(trail)] = found;
                }
            }
        }
        let singles = (0x80..=0xFF_u8).map(|byte| entry(&[byte]).unwrap_or_default()).collect();
        let shares = SHARES[language as usize];
        let kinds = std::array::from_fn(|before| {
            let again =
                RUNS.iter().find(|(kind, _)| *kind as usize == before).map_or(0.0, |&(_, again)| again);
            std::array::from_fn(|kind| {
                let share = shares[kind] * (1.0 - again) + if kind == before { again } else { 0.0 };
                (-share.ln() * NAT as f32) as u32
            })
        });
        Self { encoding, language, pairs, singles, kinds }
    }

    /// The character that begins these bytes, the first of them no ASCII: its length and its entry.
    #[inline]
    fn next(&self, bytes: &[u8]) -> Option<(usize, Entry)> {
        let &lead = bytes.first()?;
        let single = self.singles[usize::from(lead & 0x7F)];
        if single.unit != 0 {
            return Some((1, single));
        }
        let &trail = bytes.get(1)?;
        let entry = self.pairs[usize::from(lead & 0x7F) << 8 | usize::from(trail)];
        if entry.unit != 0 {
            return Some((2, entry));
        }
        let rare = Entry { unit: BEYOND, cost: (5 * NAT) as u8, kind: Kind::Letter as u8 };
        // Four bytes in GB18030, three in EUC-JP.
        if self.encoding == GBK
            && let [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39] = bytes.get(..4)?
        {
            return Some((4, rare));
        }
        if self.encoding == EUC_JP
            && let [0x8F, 0xA1..=0xFE, 0xA1..=0xFE] = bytes.get(..3)?
        {
            return Some((3, rare));
        }
        // Two characters for a pair, as Big5 has for a few.
        (self.encoding == BIG5 && lead == 0x88 && matches!(trail, 0x62 | 0x64 | 0xA3 | 0xA5))
            .then_some((2, rare))
    }

    /// What the characters cost.
    pub fn scan(&self, bytes: &[u8]) -> Scan {
        let mut scan = Scan::default();
        let mut before = Kind::Ascii as u8;
        let mut run = 0_u32;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                if before != Kind::Ascii as u8 {
                    scan.cost = scan.cost.saturating_add(self.kinds[usize::from(before)][0] + ascii(byte));
                    before = Kind::Ascii as u8;
                    run = run.saturating_sub(2 * NAT);
                }
                at += 1;
                continue;
            }
            match self.next(&bytes[at..]) {
                Some((len, entry)) => {
                    let cost =
                        self.kinds[usize::from(before)][usize::from(entry.kind)] + u32::from(entry.cost);
                    // Characters of three bytes and four do not come by chance.
                    if len <= 2 {
                        run = (run + cost).saturating_sub(USUAL);
                        scan.peak = scan.peak.max(run);
                    }
                    scan.cost = scan.cost.saturating_add(cost);
                    scan.characters += 1;
                    before = entry.kind;
                    at += len;
                }
                // A sample is cut at its end.
                None if at + 3 >= bytes.len() && self.begins(&bytes[at..]) => {
                    scan.cost = scan.cost.saturating_add(CUT);
                    break;
                }
                None => {
                    scan.cost = scan.cost.saturating_add(INVALID);
                    scan.invalid += 1;
                    before = Kind::Ascii as u8;
                    at += 1;
                }
            }
        }
        scan
    }

    /// Whether these last bytes may be the beginning of a character.
    fn begins(&self, bytes: &[u8]) -> bool {
        match bytes {
            [0x81..=0xFE] => true,
            [0x81..=0xFE, 0x30..=0x39] | [0x81..=0xFE, 0x30..=0x39, _] => self.encoding == GBK,
            [0x8F, _] => self.encoding == EUC_JP,
            _ => false,
        }
    }

    /// The text of a whole document, and what of its lines does not fit, as ranges of bytes; `None` where a sequence is not in the
    /// table.
    ///
    /// encoding_rs reads 250 to 490 MB/s and would have to be followed by a scan.
    pub fn text(&self, bytes: &[u8]) -> Option<(String, Vec<Range<usize>>)> {
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 4);
        let mut unfit: Vec<Range<usize>> = Vec::new();
        // Beginnings of characters, some way back.
        let mut marks = (0, 0);
        let (mut before, mut run) = (Kind::Ascii as u8, 0_u32);
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                // A space or two between words, or the markup of a page.
                text.push(char::from(byte));
                at += 1;
                if before == Kind::Ascii as u8 {
                    let rest = &bytes[at..];
                    let ascii = &rest[..Encoding::ascii_valid_up_to(rest)];
                    text.push_str(std::str::from_utf8(ascii).ok()?);
                    at += ascii.len();
                }
                run = run.saturating_sub(if before == Kind::Ascii as u8 { 0 } else { 2 * NAT });
                before = Kind::Ascii as u8;
                continue;
            }
            let single = self.singles[usize::from(byte & 0x7F)];
            let (len, entry) = if single.unit == 0 {
                (2, self.pairs[usize::from(byte & 0x7F) << 8 | usize::from(*bytes.get(at + 1)?)])
            } else {
                (1, single)
            };
            if entry.unit == 0 || entry.unit == BEYOND {
                let (len, entry) = self.next(&bytes[at..])?;
                let sequence = &bytes[at..at + len];
                text.push_str(&self.encoding.decode_without_bom_handling_and_without_replacement(sequence)?);
                before = entry.kind;
                at += len;
                continue;
            }
            text.push(char::from_u32(entry.unit.into())?);
            let cost = self.kinds[usize::from(before)][usize::from(entry.kind)] + u32::from(entry.cost);
            run = (run + cost).saturating_sub(USUAL);
            if run >= PEAK && unfit.last().is_none_or(|line| line.end <= at) {
                let start =
                    memchr::memrchr(b'\n', &bytes[marks.0..at]).map_or(marks.0, |end| marks.0 + end + 1);
                let end = bytes.len().min(at + AROUND);
                unfit.push(start..memchr::memchr(b'\n', &bytes[at..end]).map_or(end, |len| at + len));
            }
            before = entry.kind;
            at += len;
            if at >= marks.1 + AROUND {
                marks = (marks.1, at);
            }
        }
        Some((text, unfit))
    }

    pub fn scan_all(&self, pieces: &[&[u8]]) -> Scan {
        let mut all = Scan::default();
        for piece in pieces {
            all.add(self.scan(piece));
        }
        all
    }

    /// The cheapest reading that may leave out bytes: its cost, and the places of the bytes left out. `ends` are what the text
    /// begins and ends with of these bytes.
    pub fn path(&self, bytes: &[u8], ends: Ends) -> (u32, Vec<usize>) {
        #[derive(Clone, Copy)]
        struct Step {
            cost: u32,
            /// Length of the character that ends here; 0: a byte left out.
            len: u8,
            kind: u8,
            unit: u16,
        }
        const UNREACHED: u8 = u8::MAX;
        let model = (self.language == Language::Chinese).then(han_model::model);
        let none = Step { cost: u32::MAX, len: UNREACHED, kind: Kind::Ascii as u8, unit: u16::from(b'\n') };
        let mut steps = vec![none; bytes.len() + 1];
        steps[0] = Step { cost: 0, len: 1, ..none };
        for at in 0..bytes.len() {
            let here = steps[at];
            if here.len == UNREACHED {
                continue;
            }
            let mut take = |len: usize, step: Step| {
                if let Some(there) = steps.get_mut(at + len)
                    && step.cost < there.cost
                {
                    *there = step;
                }
            };
            let byte = bytes[at];
            if byte < 0x80 {
                // That the byte left out and this one are no character together is less likely.
                let torn = if here.len == 0 && byte >= 0x40 { CUT } else { 0 };
                let cost = torn
                    + if here.kind == Kind::Ascii as u8 {
                        here.cost
                    } else {
                        here.cost + self.kinds[usize::from(here.kind)][0] + ascii(byte)
                    };
                take(1, Step { cost, len: 1, kind: Kind::Ascii as u8, unit: u16::from(byte) });
                continue;
            }
            if let Some((len, entry)) = self.next(&bytes[at..]) {
                let mut cost =
                    self.kinds[usize::from(here.kind)][usize::from(entry.kind)] + u32::from(entry.cost);
                // What is written together: only where both characters are Chinese.
                if let Some(model) = model
                    && [Kind::Han as u8, Kind::Mark as u8].contains(&entry.kind)
                    && [Kind::Han as u8, Kind::Mark as u8].contains(&here.kind)
                    && let (Some(a), Some(b)) =
                        (char::from_u32(here.unit.into()), char::from_u32(entry.unit.into()))
                {
                    // Half and half: what one of the two thinks likely is.
                    let both = 0.5 * model.after(a, b).exp() + 0.5 * (-(cost as f32) / NAT as f32).exp();
                    cost = (-both.ln() * NAT as f32) as u32;
                }
                take(
                    len,
                    Step { cost: here.cost + cost, len: len as u8, kind: entry.kind, unit: entry.unit },
                );
            }
            let cut = at == 0 && ends.first || at + 1 == bytes.len() && ends.last;
            let skip = if cut { CUT } else { SKIP };
            take(1, Step { cost: here.cost + skip, len: 0, ..here });
        }
        let cost = steps[bytes.len()].cost;
        let mut skipped = Vec::new();
        let mut at = bytes.len();
        while at > 0 {
            match steps[at].len {
                0 => {
                    at -= 1;
                    skipped.push(at);
                }
                len => at -= usize::from(len),
            }
        }
        skipped.reverse();
        (cost, skipped)
    }
}

/// What an ASCII character costs after an East Asian one: spaces and line feeds are most of them.
fn ascii(byte: u8) -> u32 {
    match byte {
        b' ' | b'\n' | b'\r' | b'\t' | b'<' => NAT,
        b'\0'..=0x1F => 10 * NAT,
        b'0'..=b'9' | b'.' | b',' | b')' | b'(' | b'"' => 3 * NAT,
        _ => 4 * NAT,
    }
}

fn kind(c: char) -> Kind {
    match c {
        ..'\x7F' => Kind::Ascii,
        '々' | '〇' | '\u{4E00}'..='\u{9FFF}' => Kind::Han,
        'ー' => Kind::Katakana,
        '・' | '\u{3000}'..='\u{303F}' | '—' | '―' | '‘' | '’' | '“' | '”' | '…' | '·' | '‧' => {
            Kind::Mark
        }
        '\u{3041}'..='\u{309F}' => Kind::Hiragana,
        '\u{30A0}'..='\u{30FF}' => Kind::Katakana,
        '\u{AC00}'..='\u{D7A3}' => Kind::Hangul,
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => Kind::FullWidth,
        '\u{FF61}'..='\u{FF9F}' => Kind::HalfKatakana,
        '\u{FF00}'..='\u{FF60}' => Kind::Mark,
        '\u{2000}'..='\u{2BFF}' | '\u{3200}'..='\u{33FF}' | '°' | '±' | '×' | '÷' | '§' | '¨' | '´' => {
            Kind::Symbol
        }
        '\u{A0}'..='\u{52F}' | '\u{3105}'..='\u{312F}' => Kind::Letter,
        '\u{FFE0}'..='\u{FFE6}' => Kind::Symbol,
        _ => Kind::Rare,
    }
}

/// What a character costs within its kind.
fn within(c: char, kind: Kind, encoding: &'static Encoding, table: &EastAsian) -> u8 {
    let seen = |costs: &std::collections::HashMap<char, u8>| costs.get(&c).copied().unwrap_or(UNSEEN as u8);
    // Traditional characters in GBK, and Simplified ones in Big5, are less likely by as much.
    let other = (2 * NAT) as u8;
    match kind {
        Kind::Han if encoding == GBK => seen(&table.hans).min(seen(&table.hant).saturating_add(other)),
        Kind::Han if encoding == BIG5 => seen(&table.hant).min(seen(&table.hans).saturating_add(2 * other)),
        Kind::Han if encoding == EUC_KR => seen(&table.hant),
        Kind::Han => seen(&table.japanese),
        Kind::Hiragana | Kind::Katakana => seen(&table.kana),
        Kind::Hangul => seen(&table.hangul),
        Kind::Mark => match c {
            '，' | '。' | '、' => NAT as u8,
            '　' | '：' | '「' | '」' | '“' | '”' | '（' | '）' | '《' | '》' | '？' | '！' | '；' => {
                (3 * NAT) as u8
            }
            '\u{3000}'..='\u{301F}' | '…' | '—' | '・' | '·' | '‘' | '’' => (4 * NAT) as u8,
            _ => (6 * NAT) as u8,
        },
        Kind::Ascii | Kind::FullWidth | Kind::HalfKatakana => (4 * NAT) as u8,
        Kind::Symbol | Kind::Letter => (5 * NAT) as u8,
        Kind::Rare => (6 * NAT) as u8,
    }
}
