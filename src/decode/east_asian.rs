//! Encodings of one or two bytes a character (GBK, Big5, Shift_JIS, EUC-JP, EUC-KR), judged by their characters.
//!
//! Most pairs of bytes mean something in several of them, so what tells them apart is whether the characters are those
//! that texts are made of. A table for each encoding holds what every pair costs, so that a scan looks up a pair and
//! adds. Where a byte was lost or put in, all characters after it are read from the halves of two, up to the next ASCII
//! character; [`Code::path`] finds where to leave a byte out.

use std::ops::Range;
use std::sync::LazyLock;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8};

use super::table::{Costs, EastAsian, NAT, table};
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
pub(super) const CUT: u32 = 8 * NAT;
/// By how much what is right may be cheaper where pairs of characters are looked at: twelve nats of the eighteen, so that four characters
/// that are likelier by two nats do. Of 260 documents of up to 20 kB, damaged and mixed, none was read otherwise than without this.
const PAIRS_SAVE: u32 = 12 * NAT;
/// A byte that means nothing, where no path is searched.
const INVALID: u32 = 16 * NAT;

/// The same character again, at most: a ruler of `～` is as likely whatever the encoding makes of it.
const AGAIN: u32 = NAT;

/// A character alone between small letters of ASCII: of those after such a letter 521 of 29,944 have one behind them in Chinese, 89 of 9,557
/// in Japanese and none of 12,380 in Korean; in Latin text of one byte a letter, or of UTF-8, all have (`M체ller`).
const ALONE: u32 = 6 * NAT;

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

/// A character in the table of an encoding, as one number, so that a pass loads it at once. From the lowest bit: its UTF-8 (24), the length
/// of that (4) and of the character (4), the cost within its kind (8), the kind (8), its number (16); all 0 where there is none.
#[derive(Clone, Copy, Default)]
struct Entry(u64);

impl Entry {
    fn new(c: char, len: u8, cost: u8, kind: Kind) -> Self {
        let (mut utf8, mut lens) = ([0; 4], len << 4);
        // Beyond the first plane encoding_rs is asked again.
        let unit = u16::try_from(c as u32).unwrap_or(BEYOND);
        if unit != BEYOND {
            lens |= c.encode_utf8(&mut utf8).len() as u8;
        }
        let [a, b, c, _] = utf8;
        let [low, high] = unit.to_le_bytes();
        Self(u64::from_le_bytes([a, b, c, lens, cost, kind as u8, low, high]))
    }

    fn is_none(self) -> bool {
        self.unit() == 0
    }

    /// Its UTF-8, and one byte more.
    fn utf8(self) -> [u8; 4] {
        (self.0 as u32).to_le_bytes()
    }

    /// Bytes of its UTF-8; 0 beyond the first plane.
    fn width(self) -> usize {
        (self.0 >> 24) as usize & 0xF
    }

    fn len(self) -> usize {
        (self.0 >> 28) as usize & 0xF
    }

    /// Whether it is of two bytes here, and of two or three in UTF-8.
    fn is_usual(self) -> bool {
        (self.0 >> 24) as u8 | 1 == 0x23
    }

    /// Cost within its kind.
    fn cost(self) -> u32 {
        u32::from((self.0 >> 32) as u8)
    }

    fn kind(self) -> u8 {
        (self.0 >> 40) as u8
    }

    fn unit(self) -> u16 {
        (self.0 >> 48) as u16
    }
}

/// Places in the table of an encoding.
const PAIRS: usize = 128 << 8;

/// An encoding of this sort.
pub(super) struct Code {
    pub encoding: &'static Encoding,
    language: Language,
    /// By first byte less 0x80 and second byte, whatever that is for characters of one byte.
    pairs: Box<[Entry; PAIRS]>,
    /// Cost of a kind after a kind, which is in the upper half of the place.
    kinds: [u32; 256],
}

/// Whether bytes are the first of a text, and the last.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub first: bool,
    pub last: bool,
}

/// Bytes of UTF-8 held before they become text: of about as many characters as [`AROUND`] holds, and room for one more.
const HELD: usize = 3 * AROUND / 2;
const ROOM: usize = HELD + 4;

/// How far a document was read.
#[derive(Clone, Copy)]
struct State {
    at: usize,
    /// Kind of the last character.
    before: u8,
    /// By how much it and those before cost more than [`USUAL`].
    run: u32,
    /// Bytes that are not yet in the text.
    held: usize,
}

/// What comes next.
#[derive(Clone, Copy)]
enum Stop {
    /// ASCII, and more than a character of it.
    Ascii,
    /// A character of one byte or of more than two, or beyond the first plane, or none.
    Rare,
    /// The characters before cost too much.
    Peak,
    /// There is no room.
    Full,
    End,
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
        let entry = |c: char, len: u8| {
            let kind = kind(c);
            Entry::new(c, len, within(c, kind, encoding, table), kind)
        };
        // A line each, decoded in one go: a line feed ends whatever was begun.
        let entries = |sequences: Vec<u8>, len: u8| {
            let mut found = Vec::with_capacity(256);
            let mut line = Vec::new();
            for c in encoding.decode_without_bom_handling(&sequences).0.chars() {
                match (c, &line[..]) {
                    ('\n', &[c]) if c != char::REPLACEMENT_CHARACTER => found.push(entry(c, len)),
                    ('\n', _) => found.push(Entry::default()),
                    _ => {
                        line.push(c);
                        continue;
                    }
                }
                line.clear();
            }
            found
        };
        let singles = entries((0x80..=0xFF_u8).flat_map(|byte| [byte, b'\n']).collect(), 1);
        let mut pairs = Box::new([Entry::default(); PAIRS]);
        for ((lead, row), &single) in (0x80..=0xFF_u8).zip(pairs.chunks_exact_mut(256)).zip(&singles) {
            if !single.is_none() {
                row.fill(single);
            } else {
                let found = entries((0x40..=0xFE_u8).flat_map(|trail| [lead, trail, b'\n']).collect(), 2);
                row[0x40..=0xFE].copy_from_slice(&found);
            }
        }
        let shares = SHARES[language as usize];
        let kinds = std::array::from_fn(|place| {
            let (before, kind) = (place >> 4, place & 0xF);
            let again =
                RUNS.iter().find(|(kind, _)| *kind as usize == before).map_or(0.0, |&(_, again)| again);
            let share = shares.get(kind).copied().unwrap_or_default() * (1.0 - again)
                + if kind == before { again } else { 0.0 };
            (-share.ln() * NAT as f32) as u32
        });
        Self { encoding, language, pairs, kinds }
    }

    #[inline]
    fn pair(&self, lead: u8, trail: u8) -> Entry {
        self.pairs[usize::from(lead & 0x7F) << 8 | usize::from(trail)]
    }

    /// The character that begins these bytes, the first of them no ASCII: its length and its entry.
    #[inline(always)]
    fn next(&self, bytes: &[u8]) -> Option<(usize, Entry)> {
        let &lead = bytes.first()?;
        let entry = self.pair(lead, bytes.get(1).copied().unwrap_or(0));
        if !entry.is_none() {
            return Some((entry.len(), entry));
        }
        let &trail = bytes.get(1)?;
        let rare = Entry::new('\u{FFFF}', 0, (5 * NAT) as u8, Kind::Letter);
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

    /// What a kind costs after a kind.
    #[inline]
    fn after(&self, before: u8, kind: u8) -> u32 {
        self.kinds[usize::from(before << 4 | kind)]
    }

    /// What it costs that a character stands where it does, which begins at `at` behind ASCII.
    #[inline]
    fn alone(bytes: &[u8], at: usize, len: usize) -> u32 {
        let small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        if small(at.wrapping_sub(1)) && small(at + len) { ALONE } else { 0 }
    }

    /// What the characters cost.
    pub fn scan(&self, bytes: &[u8]) -> Scan {
        let mut scan = Scan::default();
        let mut cost = 0_u64;
        let mut before = Kind::Ascii as u8;
        let mut last = 0;
        let mut run = 0_u32;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                last = 0;
                if before == Kind::Ascii as u8 {
                    // Words, or the markup of a page.
                    at += Encoding::ascii_valid_up_to(&bytes[at..]);
                } else {
                    let after = u64::from(self.after(before, Kind::Ascii as u8) + ascii(byte));
                    cost += after;
                    before = Kind::Ascii as u8;
                    run = run.saturating_sub(2 * NAT);
                    at += 1;
                }
                continue;
            }
            match self.next(&bytes[at..]) {
                Some((len, entry)) => {
                    let mut of = self.after(before, entry.kind()) + entry.cost();
                    if entry.unit() == last {
                        of = of.min(AGAIN);
                    }
                    if before == Kind::Ascii as u8 {
                        of += Self::alone(bytes, at, len);
                    }
                    last = entry.unit();
                    // Characters of three bytes and four do not come by chance.
                    if len <= 2 {
                        run = (run + of).saturating_sub(USUAL);
                        scan.peak = scan.peak.max(run);
                    }
                    cost += u64::from(of);
                    scan.characters += 1;
                    before = entry.kind();
                    at += len;
                }
                // A sample is cut at its end.
                None if at + 3 >= bytes.len() && self.begins(&bytes[at..]) => {
                    cost += u64::from(CUT);
                    break;
                }
                None => {
                    cost += u64::from(INVALID);
                    scan.invalid += 1;
                    before = Kind::Ascii as u8;
                    at += 1;
                }
            }
        }
        scan.cost = u32::try_from(cost).unwrap_or(u32::MAX);
        scan
    }

    /// The text of a whole document, and what of its lines does not fit, as ranges of bytes; `None` where a sequence means nothing.
    ///
    /// A pass for both: encoding_rs reads 250 to 490 MB/s and would have to be followed by a scan.
    pub fn text(&self, bytes: &[u8]) -> Option<(String, Vec<Range<usize>>)> {
        let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 4);
        let mut unfit: Vec<Range<usize>> = Vec::new();
        // Beginnings of characters, some way back.
        let mut marks = (0, 0);
        let mut room = [0; ROOM];
        let mut state = State { at: 0, before: Kind::Ascii as u8, run: 0, held: 0 };
        loop {
            let stop;
            (state, stop) = self.steps(bytes, state, &mut room);
            let rest = &bytes[state.at..];
            let ascii = match stop {
                Stop::Ascii => &rest[..Encoding::ascii_valid_up_to(rest)],
                Stop::Peak | Stop::Full | Stop::Rare | Stop::End => &[],
            };
            if matches!(stop, Stop::Peak) {
                add_line(&mut unfit, bytes, marks.0..state.at);
            }
            state.at += ascii.len();
            if let Some(room) = room[..HELD].get_mut(state.held..state.held + ascii.len())
                && matches!(stop, Stop::Ascii | Stop::Peak)
            {
                room.copy_from_slice(ascii);
                state.held += ascii.len();
                continue;
            }
            // That of encoding_rs is the fastest check.
            text.push_str(&UTF_8.decode_without_bom_handling_and_without_replacement(&room[..state.held])?);
            text.push_str(std::str::from_utf8(ascii).ok()?);
            state.held = 0;
            if state.at >= marks.1 + AROUND {
                marks = (marks.1, state.at);
            }
            match stop {
                Stop::End => return Some((text, unfit)),
                Stop::Rare => {
                    let (len, entry) = self.next(rest)?;
                    if let Ok(alone) = std::str::from_utf8(&entry.utf8()[..entry.width()])
                        && !alone.is_empty()
                    {
                        text.push_str(alone);
                    } else {
                        text.push_str(
                            &self
                                .encoding
                                .decode_without_bom_handling_and_without_replacement(&rest[..len])?,
                        );
                    }
                    state.at += len;
                    // Characters of three bytes and four do not come by chance.
                    if len <= 2 {
                        let cost = self.after(state.before, entry.kind()) + entry.cost();
                        state.run = (state.run + cost).saturating_sub(USUAL);
                    }
                    if state.run >= PEAK {
                        add_line(&mut unfit, bytes, marks.0..state.at);
                    }
                    state.before = entry.kind();
                }
                Stop::Ascii | Stop::Peak | Stop::Full => {}
            }
        }
    }

    /// Puts characters into `room` until something else is to be done.
    #[inline(never)] // Its variables are to stay in registers.
    fn steps(&self, bytes: &[u8], state: State, room: &mut [u8; ROOM]) -> (State, Stop) {
        let State { mut at, mut before, mut run, mut held } = state;
        let stop = loop {
            let Some(&byte) = bytes.get(at) else { break Stop::End };
            if held >= HELD {
                break Stop::Full;
            }
            if byte < 0x80 {
                // Words, or the markup of a page.
                if before == Kind::Ascii as u8 {
                    break Stop::Ascii;
                }
                room[held] = byte;
                held += 1;
                at += 1;
                run = run.saturating_sub(2 * NAT);
                before = Kind::Ascii as u8;
                continue;
            }
            let entry = self.pair(byte, bytes.get(at + 1).copied().unwrap_or(0));
            // A length that is known without the table, which the processor need not wait for.
            if !entry.is_usual() {
                break Stop::Rare;
            }
            room[held..held + 4].copy_from_slice(&entry.utf8());
            held += entry.width();
            run = (run + self.after(before, entry.kind()) + entry.cost()).saturating_sub(USUAL);
            before = entry.kind();
            at += 2;
            if run >= PEAK {
                break Stop::Peak;
            }
        };
        (State { at, before, run, held }, stop)
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

    pub fn scan_all(&self, pieces: &[&[u8]]) -> Scan {
        let mut all = Scan::default();
        for piece in pieces {
            all.add(self.scan(piece));
        }
        all
    }

    /// Whether [`Code::path`] may leave out a byte: a look without pairs of characters, at a tenth of the price.
    pub fn may_skip(&self, bytes: &[u8]) -> bool {
        // What the characters from each byte on cost, up to the next of ASCII, and the kind of the first.
        let mut rest = vec![(0, Kind::Ascii as u8); bytes.len() + 1];
        for (at, _) in bytes.iter().enumerate().rev().filter(|(_, byte)| **byte >= 0x80) {
            rest[at] = match self.next(&bytes[at..]) {
                Some((len, entry)) => {
                    let (cost, kind) = rest[at + len];
                    (cost + self.after(entry.kind(), kind) + entry.cost(), entry.kind())
                }
                None => (rest[at + 1].0 + INVALID, Kind::Ascii as u8),
            };
        }
        let mut at = 0;
        while at < bytes.len() {
            if rest[at].0 + PAIRS_SAVE >= rest[at + 1].0 + SKIP {
                return true;
            }
            at += if bytes[at] < 0x80 { 1 } else { self.next(&bytes[at..]).map_or(1, |(len, _)| len) };
        }
        false
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
                        here.cost + self.after(here.kind, Kind::Ascii as u8) + ascii(byte)
                    };
                take(1, Step { cost, len: 1, kind: Kind::Ascii as u8, unit: u16::from(byte) });
                continue;
            }
            if let Some((len, entry)) = self.next(&bytes[at..]) {
                let mut cost = self.after(here.kind, entry.kind()) + entry.cost();
                if entry.unit() == here.unit {
                    cost = cost.min(AGAIN);
                }
                if here.kind == Kind::Ascii as u8 && here.len > 0 {
                    cost += Self::alone(bytes, at, len);
                }
                // What is written together: only where both characters are Chinese.
                if let Some(model) = model
                    && [Kind::Han as u8, Kind::Mark as u8].contains(&entry.kind())
                    && [Kind::Han as u8, Kind::Mark as u8].contains(&here.kind)
                    && let (Some(a), Some(b)) =
                        (char::from_u32(here.unit.into()), char::from_u32(entry.unit().into()))
                {
                    // Half and half: what one of the two thinks likely is.
                    let both = 0.5 * model.after(a, b).exp() + 0.5 * (-(cost as f32) / NAT as f32).exp();
                    cost = (-both.ln() * NAT as f32) as u32;
                }
                take(
                    len,
                    Step { cost: here.cost + cost, len: len as u8, kind: entry.kind(), unit: entry.unit() },
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

/// Adds the line that `place` ends in, or what is around that, if it is not the last already; `place` begins with a character.
fn add_line(lines: &mut Vec<Range<usize>>, bytes: &[u8], place: Range<usize>) {
    if lines.last().is_some_and(|line| line.end >= place.end) {
        return;
    }
    let (from, to) = (place.start, place.end);
    let start = memchr::memrchr(b'\n', &bytes[place]).map_or(from, |end| from + end + 1);
    let rest = bytes[to..].get(..AROUND).unwrap_or(&bytes[to..]);
    lines.push(start..to + memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
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
    let seen = |costs: &Costs| costs.of(c).unwrap_or(UNSEEN as u8);
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
