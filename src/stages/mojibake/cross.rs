//! Text of one encoding that was read as another: `Ã©` → `é`.
//!
//! A noisy channel: for each pair of a true and a wrong encoding ([`CLASSES`]) the bytes of a line as the wrong one has them are read as
//! the true one wherever that is the likelier text, and literally elsewhere; where to begin and to end is part of the search. How
//! likely a text is says [`letters`]. The best pair's reading replaces the line, and the search begins again, until no reading is
//! better: so several layers are undone, and several kinds of damage in a line. What has changed in the end must be so much likelier
//! than what stood there that clean text never is.
//!
//! *Numbers.* Costs and thresholds in nats that name no other origin were set by hand, one at a time, to the round number with the most
//! repairs of `tests/corpus/channels.py` that left the clean text of `tests/corpus/gather.py` (1.38 GB, 496 languages) as it was; they
//! were not fitted together. The scores of both: `docs/scores.md`.

use crate::document::Document;
use crate::edit::{Confidence, Rule};
use crate::lang::chars;
use crate::lang::letters::{self, Kind};
use crate::lang::lines::is_trimmed;

use super::Repair;
use super::codec::{Double, SINGLES, Single, gbk_pair, singles};
use super::utf8_as_gbk;

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    Utf8,
    Single(Single),
    Double(Double),
    /// Windows-1252 whose C1 controls are characters.
    Sloppy,
}

/// What they were read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Single(Single),
    Double(Double),
}

/// A kind of damage: bytes of one encoding read as another.
struct Class {
    rule: Rule,
    truth: Truth,
    wrong: Wrong,
}

/// The list of kinds, from which the rules and the search are made: the rule's name, what its sentence says, the two encodings.
macro_rules! classes {
    ($($(#[doc = $_doc:expr])+ $name:literal: $true_name:literal, $truth:expr, $wrong_name:literal, $wrong:expr;)+) => {
        static CLASSES: &[Class] = &[$(
            Class {
                rule: Rule {
                    name: $name,
                    about: concat!($true_name, " text that was read as ", $wrong_name, " is read again as what it is"),
                },
                truth: $truth,
                wrong: $wrong,
            },
        )+];
    };
}

classes! {
    /// `crÃ¨me brÃ»lÃ©e`: crème brûlée. Surrogate pairs in it (CESU-8) are one character. Leaves alone `CAFÉ®`.
    "utf8_as_windows_1252": "UTF-8", Truth::Utf8, "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `ĹľluĹĄouÄŤkĂ˝ kĹŻĹ`: žluťoučký kůň.
    "utf8_as_windows_1250": "UTF-8", Truth::Utf8, "Windows-1250", Wrong::Single(Single::Windows1250);
    /// `РҐРѕСЂРѕС€Рѕ`: Хорошо.
    "utf8_as_windows_1251": "UTF-8", Truth::Utf8, "Windows-1251", Wrong::Single(Single::Windows1251);
    /// `cr√®me br√ªl√©e`: crème brûlée.
    "utf8_as_macintosh": "UTF-8", Truth::Utf8, "MacRoman", Wrong::Single(Single::MacRoman);
    /// `cr├¿me br├╗l├⌐e`: crème brûlée. Leaves alone `├─┤`.
    "utf8_as_cp437": "UTF-8", Truth::Utf8, "code page 437", Wrong::Single(Single::Cp437);
    /// `crĂ¨me brĂťlĂŠe`: crème brûlée.
    "utf8_as_iso_8859_2": "UTF-8", Truth::Utf8, "ISO-8859-2", Wrong::Single(Single::Iso8859_2);
    /// `ÅŸeker ve aÄŸaÃ§`: şeker ve ağaç, where Windows-1252 has no `Ğ`.
    "utf8_as_windows_1254": "UTF-8", Truth::Utf8, "Windows-1254", Wrong::Single(Single::Windows1254);
    /// `crĆØme brĆ»lĆ©e`: crème brûlée.
    "utf8_as_windows_1257": "UTF-8", Truth::Utf8, "Windows-1257", Wrong::Single(Single::Windows1257);
    /// `crΓ¨me brΓ»lΓ©e`: crème brûlée.
    "utf8_as_windows_1253": "UTF-8", Truth::Utf8, "Windows-1253", Wrong::Single(Single::Windows1253);
    /// `п╔п╬я─п╬я┬п╬`: Хорошо.
    "utf8_as_koi8_r": "UTF-8", Truth::Utf8, "KOI8-R", Wrong::Single(Single::Koi8R);
    /// `╨е╨╛╤А╨╛╤И╨╛`: Хорошо.
    "utf8_as_cp866": "UTF-8", Truth::Utf8, "code page 866", Wrong::Single(Single::Cp866);
    /// `ÄãºÃ£¬ÊÀ½ç`: 你好，世界.
    "gbk_as_windows_1252": "GBK", Truth::Double(Double::Gbk), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `§A¦n¡A¥@¬É`: 你好，世界.
    "big5_as_windows_1252": "Big5", Truth::Double(Double::Big5), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `‚±‚ñ‚É‚¿‚Í`: こんにちは.
    "shift_jis_as_windows_1252": "Shift_JIS", Truth::Double(Double::ShiftJis), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `¤³¤ó¤Ë¤Á¤Ï`: こんにちは.
    "euc_jp_as_windows_1252": "EUC-JP", Truth::Double(Double::EucJp), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `¾È³çÇÏ¼¼¿ä`: 안녕하세요.
    "euc_kr_as_windows_1252": "EUC-KR", Truth::Double(Double::EucKr), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `い`, `瞷`: 中, 現; half of the pairs are in the user-defined areas, private use.
    "big5_as_gbk": "Big5", Truth::Double(Double::Big5), "GBK", Wrong::Double(Double::Gbk);
    /// `斕疑ㄛ岍賜`: 你好，世界.
    "gbk_as_big5": "GBK", Truth::Double(Double::Gbk), "Big5", Wrong::Double(Double::Big5);
    /// `斕疑ㄛ岍賜`, but 平 is `す`: 你好，世界.
    "gbk_as_cp950": "GBK", Truth::Double(Double::Gbk), "code page 950", Wrong::Double(Double::Cp950);
    /// `偙傫偵偪偼`: こんにちは.
    "shift_jis_as_gbk": "Shift_JIS", Truth::Double(Double::ShiftJis), "GBK", Wrong::Double(Double::Gbk);
    /// `泣塑`: 日本.
    "euc_jp_as_gbk": "EUC-JP", Truth::Double(Double::EucJp), "GBK", Wrong::Double(Double::Gbk);
    /// `救崇窍技夸`: 안녕하세요.
    "euc_kr_as_gbk": "EUC-KR", Truth::Double(Double::EucKr), "GBK", Wrong::Double(Double::Gbk);
    /// `Ïðèâåò`: Привет.
    "windows_1251_as_windows_1252": "Windows-1251", Truth::Single(Single::Windows1251), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `ðÒÉ×ÅÔ`: Привет.
    "koi8_r_as_windows_1252": "KOI8-R or KOI8-U", Truth::Single(Single::Koi8R), "Windows-1252 or Latin-1", Wrong::Single(Single::Windows1252);
    /// `оПХБЕР`: Привет.
    "windows_1251_as_koi8_r": "Windows-1251", Truth::Single(Single::Windows1251), "KOI8-R", Wrong::Single(Single::Koi8R);
    /// `рТЙЧЕФ`: Привет.
    "koi8_r_as_windows_1251": "KOI8-R or KOI8-U", Truth::Single(Single::Koi8R), "Windows-1251", Wrong::Single(Single::Windows1251);
    /// A C1 control where Windows-1252 has a character: U+0093 for `“`.
    "windows_1252_as_latin_1": "Windows-1252", Truth::Sloppy, "Latin-1", Wrong::Single(Single::Windows1252);
}

/// The rules of the kinds, in their order.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    CLASSES.iter().map(|class| &class.rule)
}

impl Class {
    /// What it costs to begin to read by this class, in nats.
    fn switch(&self) -> f32 {
        match (self.truth, self.wrong) {
            // That bytes are UTF-8 by chance is unlikely enough; whether it is damage is decided in the end.
            (Truth::Utf8, _) => 3.0,
            (Truth::Sloppy, _) => 4.0,
            (_, Wrong::Single(Single::Windows1252)) => 7.0,
            (_, Wrong::Single(_)) => 8.0,
            (_, Wrong::Double(_)) => 10.0,
        }
    }

    /// Whether the class damages letters here and there; others damage pages, paragraphs, fields as a whole.
    fn is_sparse(&self) -> bool {
        matches!(self.truth, Truth::Utf8 | Truth::Sloppy)
    }

    /// How much likelier, in nats, a repaired stretch must be than what stood there, how many different characters it must have at
    /// least, and how likely its characters must be on average, also in nats.
    fn sure(&self) -> (f32, usize, f32) {
        match (self.truth, self.wrong) {
            (Truth::Utf8, _) => (10.0, 1, -13.5),
            // A C1 control is in no text: browsers show the sign (WHATWG Encoding). `\u{80} 5.00` has 9.5, `Foo\u{99}` 8; `caf\u{8E}`, which was
            // another encoding's é, has 6.5.
            (Truth::Sloppy, _) => (7.5, 1, -13.5),
            (Truth::Single(_), Wrong::Single(Single::Windows1252)) => (31.0, 4, -4.7),
            (_, Wrong::Single(Single::Windows1252)) => (24.0, 4, -8.2),
            (_, Wrong::Single(_)) => (30.0, 6, -4.7),
            (_, Wrong::Double(_)) => (24.0, 4, -7.6),
        }
    }
}

/// What it costs more to begin or to end within a word, for a class that is not sparse.
const WITHIN_WORD: f32 = 5.0;
/// What it costs to end before the line does, for a class that is not sparse; and how much less it costs to begin with the line.
const EARLY: f32 = 4.0;
/// What a sequence of UTF-8 is worth in a line where nearly all that can be one is one.
const EXPECTED: f32 = 12.0;
/// What it costs that the byte A0 became a space.
const SPACED: f32 = 1.0;
/// What it costs that a byte was lost.
const LOST: f32 = 9.0;
/// What it costs that the last byte of `”` was dropped: `â€` is little else.
const DROPPED: f32 = 4.0;
/// Readings one upon another.
const LAYERS: usize = 8;
/// The longest stretch that is searched at once, in characters; longer lines are cut, at spaces where there are any.
const STRETCH: usize = 2000;
/// Changes so near to one another are weighed together, in characters.
const NEAR: usize = 12;

/// No class: the character stands as it did.
const LITERAL: u8 = u8::MAX;

/// A character of the line as it is read so far, and where it was in the line as it came.
#[derive(Clone, Copy, Debug)]
struct Piece {
    c: char,
    start: u32,
    end: u32,
    /// The first class that read it.
    class: u8,
}

/// The characters of a text as they stand.
fn pieces_of(text: &str) -> impl Iterator<Item = Piece> {
    text.char_indices().map(|(at, c)| Piece {
        c,
        start: at as u32,
        end: (at + c.len_utf8()) as u32,
        class: LITERAL,
    })
}

/// A line, or a window of a long one, and where it begins in the text.
pub type Line<'t> = (usize, &'t str);

/// The lines of `doc` that may have been read in a wrong encoding, in order.
pub fn suspects(doc: &Document) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut search = Search { lenient: true, ..Search::default() };
    let promises = |window: &str| utf8_as_gbk::promises(window) || search.promises(window);
    gate::suspects(doc.text(), doc.triggers(), promises, |start, line| found.push((start, line)));
    found
}

/// The stretches of `lines` that were read in a wrong encoding, in order and disjoint.
///
/// `mark` stands for a character that is lost.
pub fn find(lines: &[Line<'_>], mark: &str) -> Vec<Repair> {
    let mut repairs = Vec::new();
    let mut search = Search::default();
    for (start, line) in lines {
        search.line(*start, line, mark, &mut repairs);
    }
    repairs
}

/// How a node of the search was reached.
#[derive(Clone, Copy, Default)]
struct Node {
    score: f32,
    /// The character before, and whether it is the second capital in a row.
    before: char,
    capitals: bool,
    /// What the class read on the way here, and a space that was lost with it.
    out: char,
    spaced: bool,
    /// Where from: a place, and whether it was the other reading at the same place.
    from: u32,
    crossed: bool,
}

const NOWHERE: Node = Node {
    score: f32::NEG_INFINITY,
    before: '\n',
    capitals: false,
    out: '\0',
    spaced: false,
    from: 0,
    crossed: false,
};

/// A unit of a line that the wrong encoding cannot have made, and U+FFFD.
const BARRIER: u16 = 0x1FF;
const GONE: u16 = 0x100;

/// A text that one class has begun to be read by, and what it is read as so far. The layers below are forgotten.
struct Base {
    index: usize,
    text: String,
    pieces: Vec<Piece>,
}

/// The tables and the memory that a search needs.
#[derive(Default)]
struct Search {
    pieces: Vec<Piece>,
    units: Vec<u16>,
    /// For each unit and the end, the piece that begins there.
    begins: Vec<u32>,
    literal: Vec<Node>,
    read: Vec<Node>,
    /// What each piece costs where all before it are as they stand: the same for every class.
    stands: Vec<Stands>,
    /// A bit for each class that has damaged the document for sure.
    proven: u64,
    /// Whether it costs half as much to begin to read by a class: for a look that must not miss anything.
    lenient: bool,
}

/// A piece behind the one before it.
#[derive(Clone, Copy)]
struct Stands {
    cost: f32,
    before: char,
    /// Whether the piece before, and this one, are the second capital in a row.
    capitals_before: bool,
    capitals: bool,
}

/// One step of a reading: this many units from `at` on are `out`.
#[derive(Clone)]
struct Step {
    at: usize,
    end: usize,
    out: char,
    spaced: bool,
}

impl Search {
    /// Searches a line that begins at `start` of the text.
    fn line(&mut self, start: usize, line: &str, mark: &str, repairs: &mut Vec<Repair>) {
        let before = repairs.len();
        self.parts(start, line, mark, repairs);
        // White space at its end may be a byte of it. If nothing comes of that, it will be trimmed, and must not stand in the way.
        let bare = line.trim_end_matches(is_trimmed);
        let needed = |r: &Repair| r.confidence == Confidence::Sure && r.span.end > start + bare.len();
        if bare.len() < line.len() && !repairs[before..].iter().any(needed) {
            repairs.truncate(before);
            self.parts(start, bare, mark, repairs);
        }
    }

    /// Searches a line in parts that are not too long.
    fn parts(&mut self, start: usize, line: &str, mark: &str, repairs: &mut Vec<Repair>) {
        let mut rest = line;
        let mut at = start;
        while !rest.is_empty() {
            let cut = stretch(rest);
            self.stretch(at, &rest[..cut], mark, repairs);
            at += cut;
            rest = &rest[cut..];
        }
    }

    fn stretch(&mut self, start: usize, text: &str, mark: &str, repairs: &mut Vec<Repair>) {
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.clear();
        pieces.extend(pieces_of(text));
        // Classes of which a layer above the first has no proof.
        let mut unproven = 0_u64;
        // Classes of which one has.
        let mut above = 0_u64;
        let mut base: Option<Base> = None;
        for layer in 0..LAYERS {
            let mut best: Option<(f32, usize, Vec<Step>)> = None;
            self.stand(&pieces);
            let (first, then, expected) = gate::candidates(&pieces);
            for (group, expected) in [(first, expected), (then, 0.0)] {
                for index in group {
                    let class = &CLASSES[index];
                    if unproven & 1 << index == 0
                        && let Some((gain, steps)) = self.read(&pieces, class, expected)
                        && let gain = gain + if self.is_ahead(class, &steps) { AHEAD } else { 0.0 }
                        && best.as_ref().is_none_or(|b| gain > b.0 + close(class, b.1))
                    {
                        best = Some((gain, index, steps));
                    }
                }
                if best.is_some() {
                    break;
                }
            }
            let Some((_, mut index, mut steps)) = best else { break };
            if layer == 0
                && matches!(CLASSES[index].truth, Truth::Single(_))
                && let Some(signs) = self.signs(text, &pieces)
                && !self.proven_alone(text, &pieces, index, &steps, false).contains(&true)
            {
                (index, steps) = signs;
            }
            // What was repaired once is text like any other, in which `—É` and `äöü` are what they seem, and no bytes of something else.
            self.lay_out(&pieces, CLASSES[index].wrong);
            let goes_on = |base: &Base| {
                let read = |step: &Step| self.piece_of(step.at)..=self.piece_of(step.end - 1);
                let is_literal = |step: &Step| base.pieces[read(step)].iter().all(|p| p.class == LITERAL);
                base.index == index && steps.iter().all(is_literal)
            };
            if !base.as_ref().is_some_and(goes_on) {
                let text: String = pieces.iter().map(|piece| piece.c).collect();
                let pieces = pieces_of(&text).collect();
                base = Some(Base { index, text, pieces });
            }
            let Some(base) = &mut base else { break };
            if layer > 0 {
                let is_above = above & 1 << index != 0;
                let proven = self.proven_alone(&base.text, &base.pieces, index, &steps, is_above);
                above |= u64::from(proven.contains(&true)) << index;
                let read = |step: &Step| pieces[self.piece_of(step.at)..=self.piece_of(step.end - 1)].iter();
                let as_it_came = |step: &Step| read(step).all(|piece| piece.class == LITERAL);
                let kept = steps.into_iter().zip(proven);
                steps =
                    kept.filter(|(step, proven)| *proven || as_it_came(step)).map(|(step, _)| step).collect();
            }
            if steps.is_empty() {
                unproven |= 1 << index;
                continue;
            }
            base.pieces = self.apply(&base.pieces, index, &steps);
            pieces = self.apply(&pieces, index, &steps);
        }
        decide(start, text, &pieces, mark, &mut self.proven, repairs);
        self.pieces = pieces;
    }

    /// The steps that make signs of Windows-1252 of all C1 controls, if there are any and that is sure: beside accented letters, `\u{84}Äpfel\u{93}`,
    /// they read as Cyrillic, too.
    fn signs(&mut self, text: &str, pieces: &[Piece]) -> Option<(usize, Vec<Step>)> {
        if !pieces.iter().any(|piece| matches!(piece.c, '\u{80}'..='\u{9F}')) {
            return None;
        }
        let index = CLASSES.iter().position(|class| class.truth == Truth::Sloppy)?;
        let (_, steps) = self.read(pieces, &CLASSES[index], 0.0)?;
        let mut sure = self.proven_alone(text, pieces, index, &steps, false).into_iter();
        let steps: Vec<Step> = steps.into_iter().filter(|_| sure.next() == Some(true)).collect();
        (!steps.is_empty()).then_some((index, steps))
    }

    /// Which of `steps`, found in the characters of `pieces`, are sure if `text` came as it is and is read as `pieces` so far; `proven` where the class is.
    fn proven_alone(
        &mut self,
        text: &str,
        pieces: &[Piece],
        index: usize,
        steps: &[Step],
        proven: bool,
    ) -> Vec<bool> {
        let read = self.apply(pieces, index, steps);
        let mut clusters = clusters(text, &read);
        let proven = proven || clusters.iter().any(|cluster| cluster.sure);
        clusters.retain(|cluster| cluster.sure || proven && cluster.may_follow());
        let is_sure =
            |at: u32| clusters.iter().any(|c| (read[c.first].start..read[c.last].end).contains(&at));
        steps.iter().map(|step| is_sure(pieces[self.piece_of(step.at)].start)).collect()
    }

    /// The piece that a unit of what is laid out belongs to.
    fn piece_of(&self, unit: usize) -> usize {
        let begin = (0..=unit).rev().find(|u| self.begins[*u] != u32::MAX).unwrap_or(0);
        self.begins[begin] as usize
    }

    /// Whether some class reads some part of a short text as likelier than as it stands, or nearly so.
    fn promises(&mut self, text: &str) -> bool {
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.clear();
        pieces.extend(pieces_of(text));
        self.stand(&pieces);
        let (first, then, expected) = gate::candidates(&pieces);
        let mut classes =
            first.iter().map(|index| (index, expected)).chain(then.iter().map(|index| (index, 0.0)));
        let found = classes.any(|(index, expected)| self.read(&pieces, &CLASSES[*index], expected).is_some());
        self.pieces = pieces;
        found
    }

    /// Weighs the pieces as they stand.
    fn stand(&mut self, pieces: &[Piece]) {
        let model = letters::model();
        let (mut before, mut capitals_before) = ('\n', false);
        self.stands.clear();
        self.stands.extend(pieces.iter().map(|piece| {
            let (cost, capitals) = likelihood(model, before, capitals_before, piece.c);
            let stands = Stands { cost, before, capitals_before, capitals };
            (before, capitals_before) = (piece.c, capitals);
            stands
        }));
    }

    /// Whether `steps`, by `class` of what is laid out, are UTF-8, of which at least half of all bytes that may be are a part.
    fn is_ahead(&self, class: &Class, steps: &[Step]) -> bool {
        let high = |units: &[u16]| units.iter().filter(|unit| (0x80..=0xFF).contains(*unit)).count();
        let read: usize = steps.iter().map(|step| high(&self.units[step.at..step.end])).sum();
        class.truth == Truth::Utf8 && 2 * read >= high(&self.units)
    }

    /// Lays the units of the wrong encoding out; `false` if it has none of the characters.
    fn lay_out(&mut self, pieces: &[Piece], wrong: Wrong) -> bool {
        self.units.clear();
        self.begins.clear();
        let mut any = false;
        for (index, piece) in pieces.iter().enumerate() {
            let c = piece.c;
            self.begins.push(index as u32);
            if c.is_ascii() {
                self.units.push(c as u16);
                continue;
            }
            match wrong {
                Wrong::Single(single) => match singles().encode(single, c) {
                    Some(byte) => {
                        any = true;
                        self.units.push(byte.into());
                    }
                    None => self.units.push(if c == '\u{FFFD}' { GONE } else { BARRIER }),
                },
                Wrong::Double(double) => {
                    let pair = match double {
                        Double::Gbk => gbk_pair(c),
                        _ => double.pairs().encode(c),
                    };
                    match pair {
                        Some([lead, trail]) => {
                            any = true;
                            self.units.extend([u16::from(lead), u16::from(trail)]);
                            self.begins.push(u32::MAX);
                        }
                        None => self.units.push(BARRIER),
                    }
                }
            }
        }
        self.begins.push(pieces.len() as u32);
        any
    }

    /// The likeliest reading of `pieces` as literal text with stretches of `class`: how much likelier it is than all literal, and
    /// the steps that change something. A sequence of UTF-8 is likelier by `expected`.
    fn read(&mut self, pieces: &[Piece], class: &Class, expected: f32) -> Option<(f32, Vec<Step>)> {
        if !self.lay_out(pieces, class.wrong) {
            return None;
        }
        let model = letters::model();
        let count = self.units.len();
        self.literal.clear();
        self.literal.resize(count + 1, NOWHERE);
        self.read.clear();
        self.read.resize(count + 1, NOWHERE);
        self.literal[0] = Node { score: 0.0, ..NOWHERE };
        let mut all_literal = 0.0;
        // The letters U+1E80 to U+1EFF in UTF-8.
        let vietnamese = self.units.windows(2).any(|w| w[0] == 0xE1 && matches!(w[1], 0xBA | 0xBB));
        for at in 0..=count {
            let here = self.begins[at];
            if here != u32::MAX {
                let (literal, read) = (self.literal[at], self.read[at]);
                let within = if !class.is_sparse()
                    && at > 0
                    && let (Some(a), Some(b)) =
                        (pieces.get((here as usize).wrapping_sub(1)), pieces.get(here as usize))
                    && is_lettered(model.kind(a.c))
                    && is_lettered(model.kind(b.c))
                {
                    WITHIN_WORD
                } else {
                    0.0
                };
                let early = if class.is_sparse() { 0.0 } else { EARLY };
                let left = read.score - within - if at < count { early } else { 0.0 };
                if left > literal.score {
                    self.literal[at] = Node { score: left, crossed: true, ..read };
                }
                let switch = if self.lenient { class.switch() / 2.0 } else { class.switch() };
                let entered = literal.score - switch - within + if at == 0 { early } else { 0.0 };
                if entered > read.score {
                    self.read[at] = Node { score: entered, crossed: true, ..literal };
                }
            }
            if at == count {
                break;
            }
            if let Some(piece) = pieces.get(here as usize).filter(|_| here != u32::MAX) {
                let node = self.literal[at];
                let width = if self.begins.get(at + 1) == Some(&u32::MAX) { 2 } else { 1 };
                let stands = self.stands[here as usize];
                let same = (node.before, node.capitals) == (stands.before, stands.capitals_before);
                let (cost, capitals) = if same {
                    (stands.cost, stands.capitals)
                } else {
                    likelihood(model, node.before, node.capitals, piece.c)
                };
                let score = node.score + cost;
                let to = &mut self.literal[at + width];
                if score > to.score {
                    *to = Node {
                        score,
                        before: piece.c,
                        capitals,
                        out: piece.c,
                        spaced: false,
                        from: at as u32,
                        crossed: false,
                    };
                }
                all_literal += stands.cost;
            }
            let node = self.read[at];
            if node.score == f32::NEG_INFINITY {
                continue;
            }
            let read = &mut self.read;
            let made = pieces.get(here as usize).is_some_and(|piece| piece.class != LITERAL);
            decode(class, &self.units[at..], vietnamese, |width, out, spaced, cost| {
                // What a layer below has made has no byte that was lost to a space: `é ™`, which was `Ã© â„¢`.
                if made && self.units[at..at + width].contains(&u16::from(b' ')) {
                    return;
                }
                let bonus = if width > 1 { expected } else { 0.0 };
                let (likely, mut capitals) = likelihood(model, node.before, node.capitals, out);
                let mut score = node.score + likely - cost + bonus;
                let mut last = out;
                if spaced {
                    score += model.after(out, ' ');
                    (last, capitals) = (' ', false);
                }
                if let Some(to) = read.get_mut(at + width)
                    && score > to.score
                {
                    *to =
                        Node { score, before: last, capitals, out, spaced, from: at as u32, crossed: false };
                }
            });
        }
        all_literal += model.after(pieces.last().map_or('\n', |piece| piece.c), '\n');
        let end = self.literal[count];
        let gain = end.score + model.after(end.before, '\n') - all_literal;
        if gain <= 0.0 {
            return None;
        }
        let steps = self.back(pieces);
        (!steps.is_empty()).then_some((gain, steps))
    }

    /// The steps to the end that read something else than what is there.
    fn back(&self, pieces: &[Piece]) -> Vec<Step> {
        let mut steps = Vec::new();
        let (mut at, mut reading) = (self.units.len(), false);
        loop {
            let node = if reading { self.read[at] } else { self.literal[at] };
            if node.crossed {
                reading = !reading;
                continue;
            }
            if at == 0 {
                break;
            }
            let from = node.from as usize;
            if reading {
                let here = self.begins[from];
                let same = at == from + 1
                    && here != u32::MAX
                    && !node.spaced
                    && pieces.get(here as usize).is_some_and(|p| p.c == node.out);
                if !same {
                    steps.push(Step { at: from, end: at, out: node.out, spaced: node.spaced });
                }
            }
            at = from;
        }
        steps.reverse();
        steps
    }

    /// The pieces after these steps of the class `index`, which were found for what is laid out.
    fn apply(&mut self, pieces: &[Piece], index: usize, steps: &[Step]) -> Vec<Piece> {
        // Another class was laid out since.
        self.lay_out(pieces, CLASSES[index].wrong);
        let mut out = Vec::with_capacity(pieces.len());
        let mut done = 0;
        for step in steps {
            let (first, last) = (self.piece_of(step.at), self.piece_of(step.end - 1));
            if first > done {
                out.extend_from_slice(&pieces[done..first]);
            }
            let class = pieces[first..=last].iter().map(|p| p.class).find(|c| *c != LITERAL);
            let class = class.unwrap_or(index as u8);
            // A piece that two steps share is the first one's.
            let start = if first < done { pieces[last].end } else { pieces[first].start };
            let end = pieces[last].end;
            out.push(Piece { c: step.out, start, end: if step.spaced { end - 1 } else { end }, class });
            if step.spaced {
                out.push(Piece { c: ' ', start: end - 1, end, class });
            }
            done = last + 1;
        }
        out.extend_from_slice(&pieces[done..]);
        out
    }
}

/// What a small letter after two capitals costs: `ABCd` is written in a few product names.
const CAMEL: f32 = 3.5;

/// How likely `c` is after `before`, which is the second capital in a row or is not; and whether `c` is one.
fn likelihood(model: &letters::Model, before: char, capitals: bool, c: char) -> (f32, bool) {
    let after = model.after(before, c);
    match model.kind(c) {
        Kind::LatinUpper | Kind::CyrillicUpper | Kind::GreekUpper => {
            (after, model.kind(before) == model.kind(c))
        }
        Kind::Latin | Kind::Cyrillic | Kind::Greek if capitals => (after - CAMEL, false),
        _ => (after, false),
    }
}

/// A letter of a script that writes words of letters.
fn is_lettered(kind: Kind) -> bool {
    kind as u8 <= Kind::Arabic as u8
}

/// Where the first stretch of a line ends.
fn stretch(line: &str) -> usize {
    if line.len() <= STRETCH {
        return line.len();
    }
    let Some((limit, _)) = line.char_indices().nth(STRETCH) else { return line.len() };
    match memchr::memrchr(b' ', &line.as_bytes()[limit / 2..limit]) {
        Some(space) => limit / 2 + space + 1,
        None => limit,
    }
}

/// Every way in which `units` may begin with a character of the true encoding: how many units, the character, whether a space was
/// lost after it, and what it costs.
fn decode(class: &Class, units: &[u16], vietnamese: bool, mut found: impl FnMut(usize, char, bool, f32)) {
    let Some(&first) = units.first() else { return };
    if first < 0x80 {
        found(1, char::from(first as u8), false, 0.0);
        return;
    }
    if first > 0xFF {
        return;
    }
    let byte = first as u8;
    match class.truth {
        Truth::Utf8 => {
            let goes_on = |unit: &u16| matches!(*unit, 0x80..=0xBF | GONE | 0x3F);
            let quote = units.starts_with(&[0xE2, 0x80]) && !units.get(2).is_some_and(goes_on);
            // Windows-1252 has no character for the last byte of `”`, and most tools drop it.
            if quote && class.wrong == Wrong::Single(Single::Windows1252) {
                found(2, '”', false, DROPPED);
            }
            utf8(units, vietnamese, &mut found);
        }
        Truth::Single(single) => found(1, singles().decode(single, byte), false, 0.0),
        Truth::Sloppy => found(1, singles().decode(Single::Windows1252, byte), false, 0.0),
        Truth::Double(double) => {
            let bytes: [u8; 2] = [byte, units.get(1).and_then(|u| u8::try_from(*u).ok()).unwrap_or_default()];
            if let Some((width, c)) = double.decode(&bytes) {
                found(width, c, false, 0.0);
            }
        }
    }
}

/// As [`decode`], for UTF-8 that may have lost a byte A0 to a space, or any byte to U+FFFD or `?`.
fn utf8(units: &[u16], vietnamese: bool, found: &mut impl FnMut(usize, char, bool, f32)) {
    let lead = units[0];
    let (width, least, mut code) = match lead {
        0xC2..=0xDF => (2, 0x80, u32::from(lead & 0x1F)),
        0xE0..=0xEF => (3, 0x800, u32::from(lead & 0xF)),
        0xF0..=0xF4 => (4, 0x1_0000, u32::from(lead & 7)),
        _ => return,
    };
    let (mut spaces, mut lost, mut asked) = (0, 0, 0);
    for at in 1..width {
        let unit = units.get(at).copied().unwrap_or(BARRIER);
        let bits = match unit {
            0x80..=0xBF => unit & 0x3F,
            // The byte A0, read as a no-break space and that as a space.
            0x20 => {
                spaces += 1;
                0x20
            }
            GONE => {
                lost += 1;
                0
            }
            0x3F => {
                asked += 1;
                0
            }
            _ => return,
        };
        code = code << 6 | u32::from(bits);
    }
    if lost + asked > 0 {
        // A question mark after a letter is one, unless what is left of the sequence says otherwise.
        let whole = width - 1 - lost - asked - spaces;
        if spaces == 0 && (whole > 0 || asked == 0 && width == 2 || matches!(lead, 0xC2 | 0xC3) && width == 2)
        {
            found(width, '\u{FFFD}', false, LOST);
        }
        return;
    }
    if code < least {
        return;
    }
    if let 0xD800..=0xDBFF = code {
        // CESU-8: the other half follows, encoded alike.
        let half = |at: usize, range: std::ops::RangeInclusive<u16>| {
            units.get(at).filter(|u| range.contains(u)).map(|u| u32::from(u & 0x3F))
        };
        if units.get(3) == Some(&0xED)
            && let (Some(high), Some(low)) = (half(4, 0xB0..=0xBF), half(5, 0x80..=0xBF))
            && let Some(c) = char::from_u32(0x1_0000 + ((code & 0x3FF) << 10) + ((high & 0xF) << 6 | low))
        {
            found(6, c, false, SPACED * spaces as f32);
        }
        return;
    }
    let Some(c) = char::from_u32(code) else { return };
    if spaces == 0 {
        found(width, c, false, 0.0);
    } else if spaces < width - 1 || width == 2 {
        // `Ã ` in `Ã la`: the space after `à` was lost with the byte, or two became one. Not so in Portuguese `às`, `àquele`.
        let next = |at: usize| units.get(width + at).and_then(|u| u8::try_from(*u).ok()).unwrap_or(b' ');
        let part_of_word = vietnamese
            || next(0) == b' '
            || next(0) == b's' && next(1) == b' '
            || [next(0), next(1), next(2)] == *b"que"
            || [next(0), next(1), next(2)] == *b"qui";
        if c == 'à' && !part_of_word {
            found(width, c, true, SPACED);
        }
        found(width, c, false, SPACED * spaces as f32 + if c == 'à' && !part_of_word { 4.0 } else { 0.0 });
    }
}

/// Changes by one class that are near to one another.
struct Cluster {
    first: usize,
    last: usize,
    class: u8,
    gain: f32,
    sure: bool,
    /// What it may seem by accident, and other damage in the document says nothing about: `CAFÉ®`, `Å²`.
    accident: bool,
    /// What other damage in the document says nothing about: it may be what it seems there, too.
    doubtful: bool,
}

impl Cluster {
    /// Whether it is damage where the same damage is proven.
    fn may_follow(&self) -> bool {
        self.gain >= SUPPORTED && !self.accident && !self.doubtful
    }
}

/// How much likelier, in nats, a stretch must be where the same damage is proven elsewhere in the line or the document.
const SUPPORTED: f32 = 3.0;
/// The same for a single sequence of UTF-8 that ends in a sign which often follows a word in capitals: `CAFÉ®`.
const SIGN: f32 = 16.0;

/// The same where half of what is made are characters of two bytes that text hardly has: any two signs may make one.
const UNSEEN: f32 = 60.0;
/// The same for a single sequence that makes a Cyrillic letter: Serbian `Сљедеће`.
const LETTERS: f32 = 22.0;
/// The same where most of the sequences have lost a byte or have a space for one: Norwegian `Å kode` is no `Škode`. Twice what a whole
/// one needs.
const LOSSY: f32 = 20.0;
/// So many accidents in a line are a pattern.
const ACCIDENTS: usize = 3;
/// So many sequences of UTF-8 are few: a line that has its alphabet, `kl ĺľž`, or a word has so many by chance; in the corpus of
/// `tests/corpus` no clean line had three.
const FEW: usize = 2;
/// The same for what was kanji among kana.
const AMONG_KANA: f32 = 9.0;
/// The same for whole words of Cyrillic letters whose capitals become small letters, if these are so likely on average: with 16, four different
/// letters and -4.7 Serbian `ДХЦП` was `дигр`.
const SWAPPED_WORDS: (f32, f32) = (24.0, -4.0);
/// What UTF-8 is ahead of others, in nats: all of its sequences are, of other encodings nearly any two bytes are something.
const AHEAD: f32 = 12.0;

/// Readings that are so close, in nats, are equal, and the kind of damage that is more frequent wins: with 1.5 `ñ` was U+0331, of
/// MacRoman, in a few lines of Spanish.
const CLOSE: f32 = 3.0;
/// The same for ISO-8859-2 after Windows-1250, both of which Central Europe used: with 3 every third line of Portuguese had `å` for `á`,
/// with 0 some of German `å` for `ü`.
const CLOSE_LATIN_2: f32 = 1.0;

/// How much better a reading by `class` must be than one by the class `best`, which is before it.
fn close(class: &Class, best: usize) -> f32 {
    let wrong = |single| Wrong::Single(single);
    if class.wrong == wrong(Single::Iso8859_2) && CLASSES[best].wrong == wrong(Single::Windows1250) {
        CLOSE_LATIN_2
    } else {
        CLOSE
    }
}

/// The changes that `pieces` make to `text`, weighed.
fn clusters(text: &str, pieces: &[Piece]) -> Vec<Cluster> {
    let model = letters::model();
    let literal = pieces.iter().filter(|p| p.class == LITERAL);
    let kinds = literal.fold(0, |kinds, p| kinds | 1 << model.kind(p.c).lower() as u32);
    let mut clusters = Vec::new();
    let mut at = 0;
    while let Some(first) = (at..pieces.len()).find(|i| pieces[*i].class != LITERAL) {
        let class = pieces[first].class;
        let mut last = first;
        let mut next = first + 1;
        let near = match CLASSES[usize::from(class)].wrong {
            // The words of Korean and Japanese in a technical text are farther apart.
            Wrong::Double(_) => 2 * NEAR,
            Wrong::Single(_) => NEAR,
        };
        let alone = may_be_sign(text, pieces, first);
        while let Some(piece) = pieces.get(next).filter(|_| next - last <= near && !alone)
            && (piece.class == LITERAL || piece.class == class && !may_be_sign(text, pieces, next))
        {
            if piece.class == class {
                last = next;
            }
            next += 1;
        }
        at = last + 1;
        clusters.push(weigh(text, pieces, first, last, kinds));
    }
    // A line with far more of them than of anything else of the kind is no damage: `├┤a┼┐a┼┐a┼┐`.
    let accidents = clusters.iter().filter(|c| c.accident).count();
    if accidents >= ACCIDENTS && accidents > 2 * (clusters.len() - accidents) {
        clusters.iter_mut().for_each(|cluster| cluster.sure = false);
    }
    clusters
}

/// Weighs what has changed, and writes the repairs down; `proven` has a bit for each class that has damaged this document for sure.
fn decide(
    start: usize,
    text: &str,
    pieces: &[Piece],
    mark: &str,
    proven: &mut u64,
    repairs: &mut Vec<Repair>,
) {
    // What one layer changed and the next one changed back is as it was.
    let settled = |piece: &Piece| {
        let stood = &text[piece.start as usize..piece.end as usize];
        let same = stood.strip_prefix(piece.c).is_some_and(str::is_empty);
        Piece { class: if same { LITERAL } else { piece.class }, ..*piece }
    };
    let pieces: Vec<Piece> = pieces.iter().map(settled).collect();
    let pieces = pieces.as_slice();
    let clusters = clusters(text, pieces);
    for cluster in clusters.iter().filter(|c| c.sure) {
        *proven |= 1 << cluster.class;
    }
    for cluster in clusters {
        let supported = *proven & 1 << cluster.class != 0 && cluster.may_follow();
        let sure = cluster.sure || supported;
        let confidence = if sure { Confidence::Sure } else { Confidence::Likely };
        let mut run = cluster.first;
        while run <= cluster.last {
            if pieces[run].class == LITERAL {
                run += 1;
                continue;
            }
            let mut end = run;
            while end < cluster.last && pieces[end + 1].class != LITERAL {
                end += 1;
            }
            let kind = &CLASSES[usize::from(cluster.class)];
            let mut with = String::new();
            for piece in &pieces[run..=end] {
                if piece.c == '\u{FFFD}' && is_east_asian(kind.wrong, &text[piece.start as usize..]) {
                    with.push_str(mark);
                } else {
                    with.push(piece.c);
                }
            }
            repairs.push(Repair {
                span: start + pieces[run].start as usize..start + pieces[end].end as usize,
                complete: pieces[run..=end].iter().all(|p| p.c != '\u{FFFD}'),
                with,
                rule: &kind.rule,
                confidence,
                certainty: 1.0 - (-cluster.gain).exp(),
            });
            run = end + 1;
        }
    }
}

/// Whether `text` begins with what is shown for the first byte, from E3 on, of a character of Chinese, Japanese or Korean in UTF-8: there the
/// mark stands for one that is lost, elsewhere U+FFFD does.
fn is_east_asian(wrong: Wrong, text: &str) -> bool {
    let Wrong::Single(single) = wrong else { return true };
    let byte = text.chars().next().and_then(|c| singles().encode(single, c));
    byte.is_some_and(|byte| matches!(byte, 0xE3..=0xED))
}

/// Whether what has changed from `first` to `last` is damage; `kinds` has a bit for each kind of character that the line has literally.
fn weigh(text: &str, pieces: &[Piece], first: usize, last: usize, kinds: u32) -> Cluster {
    let model = letters::model();
    let (from, to) = (pieces[first].start as usize, pieces[last].end as usize);
    let before = first.checked_sub(1).map_or('\n', |i| pieces[i].c);
    let after = pieces.get(last + 1).map_or('\n', |p| p.c);
    let of = |chars: &mut dyn Iterator<Item = char>| {
        let (mut sum, mut last, mut capitals) = (0.0, before, false);
        for c in chars {
            let (cost, next) = likelihood(model, last, capitals, c);
            sum += cost;
            (last, capitals) = (c, next);
        }
        sum + likelihood(model, last, capitals, after).0
    };
    let stood = of(&mut text[from..to].chars());
    let stands = of(&mut pieces[first..=last].iter().map(|p| p.c));
    let gain = stands - stood;
    let class = pieces[first].class;
    let mut made: Vec<char> = Vec::new();
    let (mut changes, mut lossy) = (0, 0);
    for piece in pieces[first..=last].iter().filter(|p| p.class != LITERAL) {
        changes += 1;
        let stood = &text[piece.start as usize..piece.end as usize];
        let lost = stood.contains('?') || piece.c != 'à' && stood.contains(' ');
        lossy += usize::from(lost);
        // A few are enough to know that they differ.
        if made.len() < 8 && !made.contains(&piece.c) {
            made.push(piece.c);
        }
    }
    let kind = &CLASSES[usize::from(class)];
    let (mut least, mut different, average) = kind.sure();
    let is_kana = |c: char| model.kind(c) == Kind::Kana;
    let among_kana = is_kana(before)
        || is_kana(after)
        || pieces[first..=last].iter().any(|p| p.class == LITERAL && is_kana(p.c));
    // Kana are the same bytes in both, so that kanji are all there is to change; Chinese among kana is rare.
    let kanji =
        among_kana && kind.truth == Truth::Double(Double::EucJp) && matches!(kind.wrong, Wrong::Double(_));
    if kanji {
        (least, different) = (AMONG_KANA, 2);
    }
    let quality = stands / (last - first + 2) as f32;
    let mut sure = gain >= least && made.len() >= different && quality >= average;
    if among_kana
        && matches!((kind.truth, kind.wrong), (Truth::Double(Double::Gbk | Double::Big5), Wrong::Double(_)))
    {
        // Kana that stay what they are: the text is Japanese, and its dashes and names are what looked strange.
        sure = false;
    }
    // Characters apart from one another are no text of East Asia, which has words: elements `碳 氮 氧`, a column of names.
    let is_changed = |at: Option<usize>| {
        at.and_then(|at| pieces[first..=last].get(at)).is_some_and(|piece| piece.class != LITERAL)
    };
    // Of a date, `2013钳5奉`, the numbers belong to the words.
    let is_digit = |at: Option<usize>| at.and_then(|at| pieces.get(at)).is_some_and(|p| p.c.is_ascii_digit());
    let joins = |at: Option<usize>| is_changed(at) || is_digit(at.map(|at| first + at));
    let is_alone = |at: &usize| {
        let before = at.checked_sub(1);
        let follows = if before.is_none() { is_digit(first.checked_sub(1)) } else { joins(before) };
        is_changed(Some(*at)) && !follows && !joins(Some(at + 1))
    };
    let apart = matches!((kind.truth, kind.wrong), (Truth::Double(_), Wrong::Double(_)))
        && !kanji
        && (0..=last - first).filter(is_alone).count() * 2 > changes;
    sure &= !apart;
    // An icon before each button of a menu, in a private-use character.
    let is_icon = |at: usize| {
        let stood = pieces.get(first + at).and_then(|piece| text[piece.start as usize..].chars().next());
        is_alone(&at) && stood.is_some_and(chars::is_private_use)
    };
    sure &=
        !matches!(kind.wrong, Wrong::Double(_)) || (0..=last - first).filter(|at| is_icon(*at)).count() < 2;
    let is_unseen = |c: &char| *c > '\u{323AF}' || Kind::of(*c) == Kind::Private && *c != '\u{FFFD}';
    let rare = made.iter().filter(|c| **c < '\u{800}' && model.is_rare(**c)).count();
    let mut accident = kind.truth == Truth::Utf8
        && (rare * 2 >= made.len()
            || made.iter().any(is_unseen)
            || changes == 1
                && !(before.is_alphabetic() && after.is_alphabetic())
                && is_hardly_written(model, made[0]))
        && gain < UNSEEN;
    if kind.truth == Truth::Utf8 && made.len() == 1 && Kind::of(made[0]).lower() == Kind::Cyrillic {
        sure &= gain >= LETTERS * changes as f32;
    }
    if kind.truth == Truth::Utf8 && lossy * 2 > changes {
        sure &= gain >= LOSSY;
    }
    if kind.truth == Truth::Utf8 && changes == 1 {
        let behind_space = first > 0 && pieces[first - 1].class != LITERAL && text[..from].ends_with(' ');
        let before = if behind_space { ' ' } else { before };
        let (stood, c) = (&text[from..to], pieces[first].c);
        accident |= is_sign(stood, c, before, after, gain);
        sure &= !is_accident(stood, c, before, after, gain, text[to..].starts_with("  "))
            && !needs_proof(c, before, gain);
    }
    if kind.truth == Truth::Utf8 && made == ['\u{A0}'] && text[from..to].ends_with("Â ") {
        // Behind a sentence nothing else ends so: `in 1986.Â Tickets`. Alone it may be an operator.
        sure = matches!(before, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '"' | '”') || sure && before != ' ';
    }
    // How many letters of a script stand unchanged between the changes.
    let among = |script: Kind| {
        pieces[first..=last]
            .iter()
            .filter(|p| p.class == LITERAL && model.kind(p.c).lower() == script)
            .count()
    };
    let doubtful = match kind.truth {
        Truth::Sloppy => false,
        Truth::Utf8 => {
            let lead = text[from..to].chars().next().map_or(Kind::Latin, |c| model.kind(c).lower());
            is_quotation(text, &pieces[first..=last])
                || made.len() <= FEW
                    && (made.iter().all(|c| is_foreign(model, &text[from..to], *c, kinds))
                        || is_among_letters(model, pieces, first, last))
                || matches!(lead, Kind::Cyrillic | Kind::Greek)
                    && (made.len() < ALPHABET && !is_covered(model, text, pieces, first, last, lead)
                        || among(lead) >= 2 * changes)
        }
        truth => {
            let script = match kind.wrong {
                Wrong::Double(_) => Kind::Han,
                Wrong::Single(Single::Windows1252) => Kind::Latin,
                Wrong::Single(_) => Kind::Cyrillic,
            };
            let swapped_words = script == Kind::Cyrillic && is_of_swapped_words(text, pieces, first, last);
            if swapped_words {
                let (less, better) = SWAPPED_WORDS;
                sure |= gain >= less && made.len() >= different && quality >= better;
            }
            let covered = (kanji || is_covered(model, text, pieces, first, last, script) || swapped_words)
                && !(matches!(truth, Truth::Single(_))
                    && (is_list(&pieces[first..=last]) || is_alphabetical(text, &pieces[first..=last])));
            sure &= covered;
            let mut swapped = true;
            match script {
                Kind::Cyrillic => {
                    let (upper, lower) =
                        cases(&mut pieces[first..=last].iter().filter(|p| p.class != LITERAL).map(|p| p.c));
                    let (stood_upper, stood_lower) = cases(&mut text[from..to].chars());
                    // Each has its small letters where the other one has its capitals.
                    swapped = (upper > lower) == (stood_upper < stood_lower);
                    sure &= lower > upper;
                }
                // A string in a program that is about encodings.
                Kind::Latin if is_within_quotes(text, from, to) => sure = false,
                _ => {}
            }
            let covered = covered && swapped;
            // Pages are full of tags and addresses.
            !covered && script != Kind::Latin
        }
    };
    Cluster { first, last, class, gain, sure: sure && !accident && !doubtful, accident, doubtful }
}

/// Whether most of what has changed stands in words that have other letters beyond ASCII, which would be damaged as well: `βèƒôřè` is an
/// alphabet that somebody plays with.
fn is_among_letters(model: &letters::Model, pieces: &[Piece], first: usize, last: usize) -> bool {
    let is_letter = |piece: &Piece| {
        piece.class == LITERAL
            && !piece.c.is_ascii()
            && matches!(model.kind(piece.c).lower(), Kind::Latin | Kind::Greek | Kind::Cyrillic)
    };
    let (mut changes, mut among) = (0, 0);
    for at in (first..=last).filter(|at| pieces[*at].class != LITERAL) {
        let beside = [at.checked_sub(1), Some(at + 1)];
        changes += 1;
        among += usize::from(beside.into_iter().flatten().filter_map(|at| pieces.get(at)).any(is_letter));
    }
    among * 2 >= changes
}

/// Whether `stood` is more at home in its line than `made`, of which there are few.
fn is_foreign(model: &letters::Model, stood: &str, made: char, kinds: u32) -> bool {
    let has = |kind: Kind| kinds & 1 << kind as u32 != 0;
    let made = model.kind(made).lower();
    let Some(lead) = stood.chars().next().map(|c| model.kind(c).lower()) else { return false };
    // Cyrillic and Greek letters among others of the script: `сл` `аёў` is no Thai, `Γ…` no Å.
    if matches!(lead, Kind::Cyrillic | Kind::Greek) && has(lead) && made != lead {
        return true;
    }
    // Nothing but letters, of which something else would be made than letters of the line: `kl ĺľž`, `Õõlgg`. Quotes are everywhere.
    let letters = is_lettered(lead) && stood.chars().all(|c| model.kind(c).lower() == lead);
    letters && made != Kind::Latin && made != Kind::Quote && !has(made)
}

/// Whether at least half of the runs that `pieces` change are all that stands between two quotes: a text about damage.
fn is_quotation(text: &str, pieces: &[Piece]) -> bool {
    let quote =
        |c: char| matches!(c, '"' | '\'' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '`');
    let gap = |c: char| matches!(c, ' ' | '\u{A0}' | '\u{202F}' | '\u{200E}' | '\u{200F}');
    let (mut runs, mut quoted) = (0, 0);
    for run in pieces.chunk_by(|a, b| (a.class == LITERAL) == (b.class == LITERAL)) {
        let (Some(a), Some(b)) = (run.first(), run.last()) else { continue };
        if a.class == LITERAL {
            continue;
        }
        runs += 1;
        if run.len() > FEW {
            continue;
        }
        // A sequence may have taken a quote for one of its bytes.
        let (stood, rest) = (&text[a.start as usize..b.end as usize], &text[b.end as usize..]);
        let left = text[..a.start as usize].trim_end_matches(gap);
        let mut before = left.chars().rev();
        let opened = stood.starts_with(quote)
            || before.next().is_some_and(quote) && !before.next().is_some_and(char::is_alphabetic);
        let inner = stood.trim_end_matches(gap);
        let closed = inner.ends_with(quote) && (inner != stood || !rest.starts_with(char::is_alphabetic))
            || rest.trim_start_matches(gap).starts_with(quote);
        quoted += usize::from(opened && closed);
    }
    quoted * 2 >= runs
}

/// A stretch of UTF-8 with fewer different characters may be letters of an alphabet, `КкЛлЉљМм`, which makes three at most near one another
/// without as many letters between them that stay.
const ALPHABET: usize = 4;
/// Of so many characters beside a change those count that did not change: as many as two or three words have.
const BESIDE: usize = 16;

/// Whether few letters of `script` stand as they were within what has changed and on both sides: an encoding other than UTF-8 damages
/// all letters of a text, so `ыпэ` among words of the same script is what it seems.
fn is_covered(
    model: &letters::Model,
    text: &str,
    pieces: &[Piece],
    first: usize,
    last: usize,
    script: Kind,
) -> bool {
    let is_of = |c: char| model.kind(c).lower() == script;
    let stayed = |some: &[Piece]| some.iter().filter(|p| p.class == LITERAL && is_of(p.c)).count();
    let (left, right) = (
        stayed(&pieces[first.saturating_sub(BESIDE)..first]),
        stayed(&pieces[last + 1..pieces.len().min(last + 1 + BESIDE)]),
    );
    let within = stayed(&pieces[first..=last]);
    // The bytes of other encodings are signs as often as letters in Windows-1252.
    let latin = script == Kind::Latin;
    let changed: usize = pieces[first..=last]
        .iter()
        .filter(|p| p.class != LITERAL)
        .map(|p| &text[p.start as usize..p.end as usize])
        .map(|stood| stood.chars().filter(|c| is_of(*c) || latin && !c.is_ascii()).count())
        .sum();
    if latin {
        // ASCII is the same in both: tags, addresses and names stand among damaged words.
        changed >= within && changed > left.min(right) && 2 * changed >= left.max(right)
    } else {
        let beside = left.max(right);
        changed > 4 * within + 2 * left.min(right)
            && changed >= if script == Kind::Cyrillic { beside * 3 / 2 } else { beside }
    }
}

/// Whether the Cyrillic words from `first` to `last` have changed whole, from capitals to small letters but for their first ones, one of some length among them: KOI8-R and
/// Windows-1251 have each other's capitals for small letters, so that such words are damaged wherever they stand.
fn is_of_swapped_words(text: &str, pieces: &[Piece], first: usize, last: usize) -> bool {
    let stood = |piece: &Piece| text[piece.start as usize..].chars().next().unwrap_or(piece.c);
    let is_letter = |piece: &Piece| is_lettered(Kind::of(stood(piece)));
    let (mut changed, mut stayed, mut longest) = (0, 0, 0);
    for word in
        pieces[first..=last].chunk_by(|a, b| is_letter(a) && is_letter(b)).filter(|w| is_letter(&w[0]))
    {
        if word.iter().all(|piece| piece.class == LITERAL) {
            stayed += word.len();
            continue;
        }
        if word.iter().any(|piece| piece.class == LITERAL)
            || word.iter().skip(1).any(|piece| !stood(piece).is_uppercase() || !piece.c.is_lowercase())
        {
            return false;
        }
        changed += word.len();
        longest = longest.max(word.len());
    }
    changed > 4 * stayed && longest >= LONG_WORD
}

/// Abbreviations have fewer letters, words of running text have so many on average: Serbian `ДЕР, ПЕМ, ПКЦС#12 или ПГП`.
const LONG_WORD: usize = 5;

/// How many capitals and how many small letters these are.
fn cases(chars: &mut dyn Iterator<Item = char>) -> (usize, usize) {
    chars.fold((0, 0), |(upper, lower), c| {
        (upper + usize::from(c.is_uppercase()), lower + usize::from(c.is_lowercase()))
    })
}

/// Whether a few words stand from `from` to `to`, a quote opens a little before and one closes a little after.
fn is_within_quotes(text: &str, from: usize, to: usize) -> bool {
    let quote = |c: char| matches!(c, '"' | '\'' | '`');
    text[from..to].chars().nth(BESIDE).is_none()
        && text[..from].chars().rev().take(BESIDE).any(quote)
        && text[to..].chars().take(BESIDE).any(quote)
}

/// Whether what has changed are words of three letters and fewer: `бв бг бд`, the numbers of notes. Words of running Russian have five.
fn is_list(pieces: &[Piece]) -> bool {
    let words = pieces.chunk_by(|a, b| (a.class == LITERAL) == (b.class == LITERAL));
    let (mut count, mut letters) = (0, 0);
    for word in words.filter(|w| w[0].class != LITERAL) {
        count += 1;
        letters += word.len();
    }
    letters <= 3 * count
}

/// Letters of the shortest word that is in the order of the alphabet by no chance: of words in any order one in 120 is. There are five vowels.
const ORDERED: usize = 5;

/// Whether half of the words that have changed begin with letters in the order of the alphabet: `áéíóúñ`, `âêîôû`, which somebody lists.
fn is_alphabetical(text: &str, pieces: &[Piece]) -> bool {
    let stood = |piece: &Piece| text[piece.start as usize..].chars().next();
    let (mut words, mut ordered) = (0, 0);
    for word in pieces.chunk_by(|a, b| (a.class == LITERAL) == (b.class == LITERAL)) {
        if word[0].class == LITERAL {
            continue;
        }
        words += 1;
        ordered += usize::from(
            word.len() >= ORDERED && word[..ORDERED].windows(2).all(|two| stood(&two[0]) < stood(&two[1])),
        );
    }
    ordered * 2 >= words
}

/// Whether a single sequence of UTF-8 that would be `made` may well be what it seems.
fn is_accident(stood: &str, made: char, before: char, after: char, gain: f32, spaced: bool) -> bool {
    let mut chars = stood.chars();
    let (Some(lead), Some(last)) = (chars.next(), chars.next_back()) else { return false };
    // Å in `Dr`, `Ã¥`, `ber` may be of Latin-1 or of MacRoman: ftfy leaves this one, too.
    if stood == "Ã¥" && before.is_alphabetic() {
        return true;
    }
    // A column of a table: `Ã` and spaces.
    if last == ' ' && spaced {
        return true;
    }
    // Signs of mathematics and of faces: `√π`, `∆°`, `¬´`. But `√®` and `√†` alone are words.
    let is_word = matches!(made, 'à' | 'è' | 'é');
    let within_word = before.is_alphabetic() || after.is_alphabetic();
    let means_something = is_word || within_word && made.is_alphabetic();
    // `2 × π`.
    let is_times = lead == '×' && !before.is_alphabetic();
    is_times
        || !lead.is_alphabetic() && stood.chars().count() == 2 && !means_something
        || is_after_capital(last, before, after) && gain < SIGN
}

/// Whether a single sequence may be what it says only where other damage proves it: a capital behind another one and before a sign, `CAMPEÃ™`, and
/// a character of East Asia in a word of Latin letters, `lunedì €`.
fn needs_proof(made: char, before: char, gain: f32) -> bool {
    let is_east_asian = matches!(made, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}');
    before.is_ascii_lowercase() && is_east_asian && gain < SIGN
}

/// Whether a single character of two bytes is one that text hardly has; of Syriac, Thaana and N'Ko, too, whose letters stand in words.
fn is_hardly_written(model: &letters::Model, c: char) -> bool {
    c < '\u{800}' && (c >= '\u{700}' || model.is_rare(c))
}

/// Whether the changed piece at `at` stands alone and may well be a sign, or is a character that text hardly has: it proves nothing for what has
/// changed beside it, and is proven by nothing.
fn may_be_sign(text: &str, pieces: &[Piece], at: usize) -> bool {
    let stood = |at: usize| {
        let piece = pieces.get(at)?;
        Some(&text[piece.start as usize..piece.end as usize])
    };
    let takes_space = |at: usize| stood(at).is_some_and(|stood| stood.ends_with(' '));
    let changed = |at: usize| pieces.get(at).is_some_and(|piece| piece.class != LITERAL);
    let (piece, before) = (&pieces[at], at.checked_sub(1));
    let alone =
        !before.is_some_and(|at| changed(at) && !takes_space(at)) && (!changed(at + 1) || takes_space(at));
    let left = match before {
        Some(at) if changed(at) => ' ',
        Some(at) => pieces[at].c,
        None => '\n',
    };
    let right = if takes_space(at) { ' ' } else { pieces.get(at + 1).map_or('\n', |piece| piece.c) };
    // Within a word it is a letter: Romanian `ţ`.
    let within = left.is_alphabetic() && right.is_alphabetic();
    let rare = !within && is_hardly_written(letters::model(), piece.c);
    CLASSES[usize::from(piece.class)].truth == Truth::Utf8
        && alone
        && stood(at).is_some_and(|stood| {
            rare || is_sign(stood, piece.c, left, right, 0.0)
                || stood.starts_with(['√', '≈', '∆', '¬', '×'])
                    && is_accident(stood, piece.c, left, right, 0.0, false)
        })
}

/// Whether a sequence of UTF-8 that would be `made` may be a sign or two after a word, or of science.
fn is_sign(stood: &str, made: char, before: char, after: char, gain: f32) -> bool {
    let mut chars = stood.chars();
    let (Some(lead), Some(last)) = (chars.next(), chars.next_back()) else { return false };
    // `12 Å³`, `Ø² / 4`, `Δ±0,5`: a symbol and its sign.
    let is_symbol =
        matches!(lead, 'Å' | 'Ø' | 'ß' | 'Â' | 'Γ' | 'Δ' | 'Θ' | 'Λ' | 'Π' | 'Σ' | 'Φ' | 'Ψ' | 'Ω');
    if is_symbol
        && matches!(last, '²' | '³' | '¹' | '±' | '°' | '·' | '†' | '‡')
        && !before.is_alphanumeric()
        && !after.is_alphabetic()
    {
        return true;
    }
    // `PIÃ™` is PIÙ where other damage is, `“AMANHÃ”` is not AMANHÔ.
    let may_be_capital = made.is_uppercase() && !matches!(last, '”' | '’' | '…');
    is_after_capital(last, before, after) && gain < SIGN && !may_be_capital
}

/// Whether the last character of a sequence is a sign that often follows a word in capitals, and one is before it: `CAFÉ®`.
fn is_after_capital(last: char, before: char, after: char) -> bool {
    let follows = matches!(
        last,
        '™' | '®' | '©' | '…' | '’' | '‘' | '“' | '”' | '»' | '«' | '¿' | '¡' | '\u{A0}' | '´' | '°'
    );
    follows && before.is_uppercase() && !after.is_alphanumeric()
}

/// Which lines and which classes are worth a search: cheap signs of damage.
mod gate {
    use super::*;
    use crate::lang::chars;
    use crate::lang::triggers::Triggers;
    use std::ops::Range;
    use std::sync::LazyLock;

    const LEAD: u16 = 2;
    const CONTINUATION: u16 = 4;
    /// A character of Windows-1252 outside ASCII, without the no-break space, which stands beside anything in French.
    const HIGH: u16 = 8;
    /// The same without what is punctuation of clean text in any language: `“二日”“三日”`, `« en »`.
    const TELLING_HIGH: u16 = 4096;
    const RARE_HAN: u16 = 16;
    const HAN: u16 = 1;
    const SMALL_CYRILLIC: u16 = 32;
    const CAPITAL_CYRILLIC: u16 = 64;
    /// A C1 control other than U+0085.
    const CONTROL: u16 = 128;
    /// A Han character or a bracket that Japanese does not write.
    const NO_KANJI: u16 = 256;
    const KANA: u16 = 512;
    /// What may be a byte of a sequence only beside a Latin letter.
    const USUAL: u16 = 1024;
    /// What GBK has for two bytes of UTF-8 that are an accented Latin letter, or begin a curly quotation mark: `caf茅`, `it鈥檚`.
    const LATIN_AS_GBK: u16 = 2048;

    /// Han that ends a quick run of such: what [`Run`] does not count.
    const ENDS_RUN: u16 = !(HAN | RARE_HAN | NO_KANJI | KANA);

    /// The signs of each character of the basic plane. Made without the model, which most texts do not need.
    fn signs() -> &'static [u16; 0x1_0000] {
        static SIGNS: LazyLock<Box<[u16; 0x1_0000]>> = LazyLock::new(|| {
            let mut signs = Box::new([0_u16; 0x1_0000]);
            for (code, sign) in (0_u32..).zip(signs.iter_mut()) {
                let Some(c) = char::from_u32(code) else { continue };
                *sign = match c {
                    '\u{E000}'..='\u{E814}' => HAN | RARE_HAN | NO_KANJI,
                    _ => match Kind::of(c) {
                        Kind::Han => HAN | RARE_HAN | NO_KANJI,
                        Kind::Ideographic if !('\u{3000}'..='\u{3015}').contains(&c) => {
                            HAN | RARE_HAN | NO_KANJI
                        }
                        Kind::Kana => KANA,
                        Kind::Cyrillic => SMALL_CYRILLIC,
                        Kind::CyrillicUpper => CAPITAL_CYRILLIC,
                        _ => 0,
                    },
                };
                // Most of the plane is in no encoding of a byte a character.
                if !singles().has(c) && !matches!(c, '–' | '—' | '\u{FFFD}' | '\u{80}'..='\u{9F}') {
                    continue;
                }
                let roles = singles().telling(c);
                if roles.lead != [0; 3] || matches!(c, '–' | '—') {
                    *sign |= LEAD;
                }
                if roles.continuation != 0 || c == '\u{FFFD}' {
                    *sign |= CONTINUATION;
                } else if singles().roles(c).continuation != 0 {
                    *sign |= USUAL;
                }
                if c != '\u{A0}' && singles().encode(Single::Windows1252, c).is_some() {
                    *sign |= HIGH;
                    if !matches!(c, '“' | '”' | '‘' | '’' | '–' | '—' | '…' | '•' | '«' | '»' | '·')
                    {
                        *sign |= TELLING_HIGH;
                    }
                }
                if ('\u{80}'..='\u{9F}').contains(&c) {
                    *sign |= CONTROL;
                }
            }
            for c in letters::common_han() {
                signs[c as usize & 0xFFFF] &= !RARE_HAN;
            }
            for (c, share) in letters::kanji() {
                if share >= LEAST_KANJI {
                    signs[c as usize & 0xFFFF] &= !NO_KANJI;
                }
            }
            let pairs = (0xC2..=0xC5_u8).flat_map(|lead| (0x80..=0xBF).flat_map(move |trail| [lead, trail]));
            let pairs: Vec<u8> = pairs.collect();
            for c in encoding_rs::GBK.decode_without_bom_handling(&pairs).0.chars().chain(['鈥']) {
                signs[c as usize & 0xFFFF] |= LATIN_AS_GBK;
            }
            signs
        });
        &SIGNS
    }

    /// The pairs of Cyrillic letters that are odd, a bit for each, and 256 letters a row from U+0400 on.
    fn is_odd_pair(a: u32, b: u32) -> bool {
        static ODD: LazyLock<Box<[u64]>> = LazyLock::new(|| {
            let model = letters::model();
            let mut odd = vec![0; LETTERS * LETTERS / 64].into_boxed_slice();
            let letter = |at: usize| char::from_u32(CYRILLIC + at as u32).unwrap_or(' ');
            for place in 0..LETTERS * LETTERS {
                let (a, b) = (letter(place / LETTERS), letter(place % LETTERS));
                let (from, to) = (model.kind(a), model.kind(b));
                // A capital within a word is odd, whatever it is.
                if to == Kind::CyrillicUpper && from == Kind::Cyrillic || model.after(a, b) < ODD_PAIR {
                    odd[place / 64] |= 1 << (place % 64);
                }
            }
            odd
        });
        const CYRILLIC: u32 = 0x400;
        const LETTERS: usize = 0x130;
        let (Some(a), Some(b)) = (a.checked_sub(CYRILLIC), b.checked_sub(CYRILLIC)) else { return false };
        let place = a as usize * LETTERS + b as usize;
        (b as usize) < LETTERS && ODD.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 != 0)
    }

    /// Whether a sequence of UTF-8 in some encoding begins at `at`, by the roles of its characters.
    fn is_sequence(text: &str, at: usize) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        let is_word = letter(text[..at].chars().next_back()) || letter(text[at..].chars().nth(2));
        let text = &text[at..];
        let mut chars = text.chars();
        let Some(first) = chars.next() else { return false };
        let table = singles();
        let mut lead = table.telling(first).lead;
        let dash = matches!(first, '–' | '—');
        if dash {
            lead[0] |= 1 << Single::MacRoman as u16;
        }
        // What is left of a character that lost a byte must still tell.
        let mut real = matches!(first, 'Ã' | 'Â');
        let mut follow = || {
            chars.next().map_or((0, real), |c| match c {
                '\u{FFFD}' | '?' | ' ' => (u16::MAX, real),
                _ => {
                    real = true;
                    (table.telling(c).continuation, true)
                }
            })
        };
        let (second, whole) = follow();
        let rest = &text[first.len_utf8()..];
        // `─┐` in a box of lines is none of `Ŀ`; `├│` in a word is `ó`.
        let is_line = |c: char| ('\u{2500}'..='\u{257F}').contains(&c);
        if is_line(first) && rest.starts_with(is_line) && !is_word {
            return false;
        }
        // French: `désactivé »`, `signé ?`, `SÉCURITÉ :`.
        if rest.starts_with('\u{A0}')
            && matches!(first, 'é' | 'è' | 'ê' | 'ë' | 'à' | 'î' | 'ï' | 'É' | 'È' | 'Ê')
        {
            let after = rest['\u{A0}'.len_utf8()..].chars().next();
            if lead[0] != 0 && first.is_uppercase() || matches!(after, Some('»' | '?' | ' ')) {
                return false;
            }
        }
        if lead[0] & second != 0 && (whole || rest.starts_with('\u{FFFD}')) {
            return !dash || text.chars().nth(2).is_some_and(|c| matches!(c, '–' | '—'));
        }
        let (third, whole) = follow();
        if lead[1] & second & third != 0 && whole {
            return true;
        }
        let (fourth, whole) = follow();
        lead[2] & second & third & fourth != 0 && whole
    }

    /// The latest Han and kana: what is strange among them.
    #[derive(Default)]
    struct Run {
        /// How many Han there were, and which of them the latest rare ones were, in a ring.
        han: u32,
        rare: [u32; RARE_OF.1 as usize],
        latest: usize,
        /// A bit for each of the latest, the latest one lowest: Han that Japanese does not write, and kana before Han.
        foreign: u32,
        kana: u32,
        /// Before so many Han nothing can be strange.
        patience: u32,
    }

    /// Nats by which the sum over the latest Han is taken to fall with the next one. (A guess: damaged characters have some ten, and what
    /// falls out of the sum is not counted.)
    const FALL: f32 = 9.0;

    /// Among the latest so many Han so many must be rare, or none of Japanese.
    const RARE_OF: (u32, u32) = (10, 5);
    const FOREIGN_OF: (u32, u32) = (5, 2);

    impl Run {
        /// Whether kana are near.
        fn is_japanese(&self) -> bool {
            self.kana & 0xF != 0
        }

        /// Notes a rare character; says whether there are now enough for a closer look.
        fn push_rare(&mut self) -> bool {
            self.latest = (self.latest + 1) % self.rare.len();
            self.rare[self.latest] = self.han;
            let first = self.rare[(self.latest + 1) % self.rare.len()];
            first > 0 && self.han - first < RARE_OF.0
        }

        /// Whether the latest Han, with which `text` ends, are unlikely ones.
        fn is_odd(&mut self, text: &str) -> bool {
            if self.han < self.patience {
                return false;
            }
            let missing = oddness(text, RARE_OF.0 as usize, ODD_HAN);
            self.patience = self.han.saturating_add((missing / FALL) as u32);
            missing <= 0.0
        }

        /// Notes Han or kana, with which `text` ends; says whether they are strange.
        fn push(&mut self, sign: u16, text: &str) -> bool {
            let is = |bit: u16| u32::from(sign & bit != 0);
            let han = is(HAN);
            self.han += han;
            self.foreign = self.foreign << han | is(NO_KANJI);
            self.kana = self.kana << han | is(KANA);
            sign & RARE_HAN != 0 && self.push_rare() && self.is_odd(text)
                || sign & NO_KANJI != 0
                    && self.is_japanese()
                    && (self.foreign & ((1 << FOREIGN_OF.0) - 1)).count_ones() >= FOREIGN_OF.1
                    && is_odd(text, 12, ODD_JAPANESE)
        }

        /// Goes over the Han, kana, and punctuation without signs from `at` on, of which most of clean text is: nothing but how rare
        /// they are matters. Says where they end, and whether what comes last is strange.
        fn pass(&mut self, text: &str, at: usize, table: &[u16; 0x1_0000]) -> (usize, bool) {
            let bytes = text.as_bytes();
            let plain = plain();
            let (mut end, mut han, mut japanese) = (at, self.han, self.is_japanese());
            while let [lead @ 0xE0..=0xEF, second, third, ..] = bytes[end..] {
                let code = three(lead, second, third);
                if !japanese && plain[code] <= 1 {
                    han += u32::from(plain[code]);
                    end += 3;
                    // Two at once, as long as it goes.
                    while let [a @ 0xE0..=0xEF, b, c, d @ 0xE0..=0xEF, e, f, ..] = bytes[end..] {
                        let (first, second) = (plain[three(a, b, c)], plain[three(d, e, f)]);
                        if first | second > 1 {
                            break;
                        }
                        han += u32::from(first + second);
                        end += 6;
                    }
                    continue;
                }
                let sign = table[code];
                if sign & ENDS_RUN & !LATIN_AS_GBK != 0
                    || sign & LATIN_AS_GBK != 0 && is_beside_latin(bytes, end, code as u32)
                {
                    break;
                }
                if !japanese && sign & KANA != 0 {
                    self.foreign = foreign(&bytes[at..end], table);
                }
                self.han = han;
                end += 3;
                if self.push(sign, &text[..end]) {
                    return (end, true);
                }
                (han, japanese) = (self.han, self.is_japanese());
            }
            self.han = han;
            (end, false)
        }
    }

    /// Whether the character `code` at `at`, which may be what GBK has for an accented letter or a quotation mark, stands where they
    /// do: in Latin text.
    fn is_beside_latin(bytes: &[u8], at: usize, code: u32) -> bool {
        let ascii = |at: usize| bytes.get(at).is_none_or(u8::is_ascii);
        let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        let (left, right) = (at.wrapping_sub(1), at + 3);
        // White space that will be trimmed is as the end of the line.
        let space = || ["\u{A0}", "\u{3000}"].iter().any(|c| bytes[right..].starts_with(c.as_bytes()));
        code == u32::from('鈥') || ascii(left) && (ascii(right) || space()) && (letter(left) || letter(right))
    }

    /// The code of a character of three bytes.
    #[inline(always)]
    fn three(lead: u8, second: u8, third: u8) -> usize {
        usize::from(lead & 0xF) << 12 | usize::from(second & 0x3F) << 6 | usize::from(third & 0x3F)
    }

    /// What [`Run::pass`] needs of [`signs`], in half the memory: 1 for common Han, 0 for what has no sign, more for all else.
    fn plain() -> &'static [u8; 0x1_0000] {
        static PLAIN: LazyLock<Box<[u8; 0x1_0000]>> = LazyLock::new(|| {
            let mut plain = Box::new([0_u8; 0x1_0000]);
            for (to, sign) in plain.iter_mut().zip(signs()) {
                *to = if sign & (ENDS_RUN | RARE_HAN | KANA) == 0 { (sign & HAN) as u8 } else { 2 };
            }
            plain
        });
        &PLAIN
    }

    /// Which of the last of these characters of three bytes Japanese does not write, the last one lowest.
    fn foreign(bytes: &[u8], table: &[u16; 0x1_0000]) -> u32 {
        let last = &bytes[bytes.len().saturating_sub(3 * FOREIGN_OF.0 as usize)..];
        last.chunks_exact(3).fold(0, |foreign, c| {
            let sign = table[character(c, 0).1 as usize & 0xFFFF];
            foreign << (sign & HAN) | u32::from(sign & NO_KANJI != 0)
        })
    }

    /// Calls `found` with the start and the text of every line that has signs of damage, of a long line with what is around them.
    ///
    /// Lists of names are full of rare Han. Whether such a sign is damage, `promises` says of a few characters around it: what reads
    /// better in a line does so there.
    pub fn suspects<'t>(
        text: &'t str,
        holds: Triggers,
        mut promises: impl FnMut(&'t str) -> bool,
        mut found: impl FnMut(usize, &'t str),
    ) {
        let bytes = text.as_bytes();
        if !holds.meets(Triggers::TWO_BYTE.or(Triggers::CJK)) {
            // What is left are curly quotes, and those encodings whose every sign is beyond U+0800: box drawing, `√†`.
            if !holds.meets(Triggers::SYMBOL)
                || !memchr::memchr_iter(0xE2, bytes)
                    .any(|at| matches!(bytes.get(at + 1), Some(0x88 | 0x94..=0x96)))
            {
                return;
            }
        }
        let table = signs();
        let mut at = 0;
        let mut done = 0;
        let (mut before, mut last_code) = (0_u16, u32::from('\n'));
        // The latest characters, a bit each: signs of damage.
        let (mut high, mut strange) = (0_u32, 0_u32);
        let mut run = Run::default();
        // Up to here nothing was promised.
        let mut looked = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte < 0x80 {
                let run = ascii(&bytes[at..]);
                at += run;
                let shift = run.min(31);
                (high, strange) = (high << shift, strange << shift);
                before = 0;
                continue;
            }
            // Letters within a word that is Cyrillic on both sides.
            let from = at;
            while let [lead @ (0xD0 | 0xD1), second, next, ..] = bytes[at..] {
                let code = u32::from(lead & 0x1F) << 6 | u32::from(second & 0x3F);
                let sign = table[code as usize];
                if sign & (SMALL_CYRILLIC | CONTINUATION) != SMALL_CYRILLIC
                    || before & (SMALL_CYRILLIC | CAPITAL_CYRILLIC) == 0
                    || at.checked_sub(3).is_none_or(|left| bytes[left] < 0x80)
                    || next < 0x80
                    || is_odd_pair(last_code, code)
                {
                    break;
                }
                (before, last_code, strange) = (sign, code, strange << 1);
                at += 2;
            }
            if at > from {
                high <<= 1;
                continue;
            }
            let (end, mut rare) =
                if matches!(byte, 0xE0..=0xEF) { run.pass(text, at, table) } else { (at, false) };
            let mut suspect = false;
            if end > at {
                at = end;
                (before, high) = (0, high << 1);
                if !rare {
                    continue;
                }
            } else {
                let (width, code) = character(bytes, at);
                let sign = table.get(code as usize).copied().unwrap_or(0);
                let next = at + width;
                let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
                if sign & HAN != 0 {
                    rare = run.push(sign, &text[..next]);
                    suspect = sign & LATIN_AS_GBK != 0 && is_beside_latin(bytes, at, code);
                } else if sign != 0 {
                    run.kana |= u32::from(sign & KANA != 0);
                    if before & LEAD != 0 && sign & (CONTINUATION | USUAL) != 0 {
                        let lead = at - char::from_u32(last_code).map_or(0, char::len_utf8);
                        suspect = if sign & CONTINUATION != 0 {
                            is_sequence(text, lead)
                        } else {
                            // Two bytes within a Latin word: `sГіlo`.
                            letter(next)
                                || letter(lead.wrapping_sub(1))
                                    && bytes.get(next).is_none_or(|byte| !matches!(byte, 0xD0 | 0xD1))
                                || letter(next + 1) && letter(lead.wrapping_sub(2))
                        };
                    }
                    suspect |= sign & CONTROL != 0;
                    suspect |= match bytes.get(next) {
                        Some(b' ') => matches!(code, 0xC2 | 0xC3 | 0x102),
                        Some(b'?') => sign & LEAD != 0 && is_sequence(text, at),
                        _ => false,
                    };
                    high <<= 1;
                    if sign & before & HIGH != 0 && (sign | before) & TELLING_HIGH != 0 {
                        high |= 1;
                        suspect |= (high & 0xFFFF).count_ones() >= 3;
                    }
                    if sign & (SMALL_CYRILLIC | CAPITAL_CYRILLIC) != 0 {
                        strange <<= 1;
                        if before & (SMALL_CYRILLIC | CAPITAL_CYRILLIC) != 0 && is_odd_pair(last_code, code) {
                            strange |= 1;
                            suspect |= (strange & 0xFFFF).count_ones() >= 3
                                && is_odd(&text[..next], 8, ODD_CYRILLIC);
                        }
                    }
                }
                last_code = code;
                before = sign;
                at = next;
            }
            if rare {
                // Signs so near to the last ones were in the same window.
                rare = at >= looked && {
                    let (start, end) = window(text, done, at);
                    looked = end;
                    // A look at most of the line costs as much as the search.
                    is_most_of_line(bytes, done, start..end) || promises(&text[start..end])
                };
            }
            if rare || suspect {
                let (start, end) = around(text, done, at);
                found(start, &text[start..end]);
                (at, done) = (end, end);
                (before, high, strange) = (0, 0, 0);
                run = Run::default();
            }
        }
    }

    /// Characters outside ASCII before and behind a sign that are looked at then: a sign is five rare ones of ten Han.
    const WINDOW: (usize, usize) = (16, 24);
    /// Characters in all before it, and behind it: what is between them may be markup.
    const WIDEST: usize = 300;

    /// What is around `at` on its line, from `done` on.
    fn window(text: &str, done: usize, at: usize) -> (usize, usize) {
        let (before, after) = (&text[done..at], &text[at..]);
        let within = |most: usize| {
            let mut left = most;
            move |c: &(usize, char)| {
                left = left.saturating_sub(usize::from(!c.1.is_ascii()));
                c.1 != '\n' && left > 0
            }
        };
        let start = before.char_indices().rev().take(WIDEST).take_while(within(WINDOW.0)).last();
        let end = after.char_indices().take(WIDEST).take_while(within(WINDOW.1)).last();
        (start.map_or(at, |(n, _)| done + n), end.map_or(at, |(n, c)| at + n + c.len_utf8()))
    }

    /// Whether the line of `part`, from `done` on, is at most half as long again.
    fn is_most_of_line(bytes: &[u8], done: usize, part: Range<usize>) -> bool {
        let most = part.len() / 2;
        let (from, to) =
            (part.start.saturating_sub(most + 1).max(done), bytes.len().min(part.end + most + 1));
        let (before, after) = (&bytes[from..part.start], &bytes[part.end..to]);
        let before = memchr::memrchr(b'\n', before).map_or(before.len(), |at| before.len() - at - 1);
        let after = memchr::memchr(b'\n', after).unwrap_or(after.len());
        before + after <= most
    }

    /// The line that `at` is in, from `done` on; of a longer one than [`LONG`] what is around the place.
    fn around(text: &str, done: usize, at: usize) -> (usize, usize) {
        let bytes = text.as_bytes();
        let start = memchr::memrchr(b'\n', &bytes[done..at]).map_or(done, |n| done + n + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        if end - start <= LONG {
            return (start, end);
        }
        // A little before the place: signs come soon after damage begins.
        let start = chars::boundary(text, at.saturating_sub(BEFORE).max(start));
        let start = match memchr::memchr(b' ', &bytes[start..start + (at - start) / 2]) {
            Some(space) => start + space + 1,
            None => start,
        };
        let limit = chars::boundary(text, (start + LONG).min(end));
        if limit == end {
            return (start, end);
        }
        // Where there is no space any ASCII is no part of a sequence.
        let cut = memchr::memrchr(b' ', &bytes[at..limit])
            .or_else(|| bytes[at..limit].iter().rposition(u8::is_ascii));
        (start, cut.map_or(limit, |cut| at + cut + 1))
    }

    /// How many bytes a line has that is not searched whole: a little more than [`STRETCH`] characters.
    const LONG: usize = 4 * STRETCH;
    /// How many bytes before a sign of damage are searched in it.
    const BEFORE: usize = STRETCH / 2;

    /// How likely, in nats, a character of damaged text is at most, on average over some: clean Russian has -3.3, the verses of the
    /// Book of Songs have -7.5.
    const ODD_CYRILLIC: f32 = -4.0;
    const ODD_HAN: f32 = -7.8;
    const ODD_JAPANESE: f32 = -3.5;
    /// The same for one pair of Cyrillic letters.
    const ODD_PAIR: f32 = -6.0;
    /// The logarithm of the share that a kanji of Japanese has. Of 20,000 lines of clean Japanese 0.4 % have two rarer ones among five
    /// Han, of those in EUC-JP as GBK more than 90 %; with -7.5, and three among seven, 4.8 % and 88 %.
    const LEAST_KANJI: f32 = -9.5;

    /// Whether the last `count` characters of `text` are unlikely ones.
    fn is_odd(text: &str, count: usize, average: f32) -> bool {
        oddness(text, count, average) <= 0.0
    }

    /// The nats by which the last `count` characters of `text` are together likelier than this average.
    fn oddness(text: &str, count: usize, average: f32) -> f32 {
        let model = letters::model();
        let mut chars = text.chars().rev();
        let Some(mut after) = chars.next() else { return f32::INFINITY };
        let (mut sum, mut seen) = (0.0, 0);
        for c in chars.take(count) {
            sum += model.after(c, after);
            after = c;
            seen += 1;
        }
        sum - average * seen as f32
    }

    /// How many bytes of ASCII `bytes` begins with.
    fn ascii(bytes: &[u8]) -> usize {
        const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
        let mut at = 0;
        for chunk in bytes.chunks_exact(8) {
            let word = u64::from_le_bytes([
                chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7],
            ]);
            let high = word & HIGH_BITS;
            if high != 0 {
                return at + high.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        at + bytes[at..].iter().take_while(|b| **b < 0x80).count()
    }

    /// The width and the code of the character outside ASCII at `at` of valid UTF-8.
    #[inline]
    fn character(bytes: &[u8], at: usize) -> (usize, u32) {
        let next = |n: usize| bytes.get(at + n).map_or(0, |b| u32::from(b & 0x3F));
        let lead = u32::from(bytes[at]);
        match lead {
            ..0xE0 => (2, (lead & 0x1F) << 6 | next(1)),
            0xE0..0xF0 => (3, (lead & 0xF) << 12 | next(1) << 6 | next(2)),
            _ => (4, (lead & 7) << 18 | next(1) << 12 | next(2) << 6 | next(3)),
        }
    }

    /// The encodings of Latin letters.
    const MENDED: u16 = 1 << Single::Windows1252 as u16
        | 1 << Single::Windows1250 as u16
        | 1 << Single::Iso8859_2 as u16
        | 1 << Single::Windows1254 as u16
        | 1 << Single::Windows1257 as u16;

    /// The classes that may have made some of `pieces`, and those to turn to if these are none: where nearly everything that can be is
    /// a sequence of UTF-8, nothing else is looked at.
    pub fn candidates(pieces: &[Piece]) -> (Vec<usize>, Vec<usize>, f32) {
        let table = singles();
        let signs = signs();
        let mut covered = [0_u32; SINGLES.len()];
        let mut able = [0_u32; SINGLES.len()];
        let mut kana = 0;
        let (mut pairs, mut rare, mut cyrillic, mut control, mut foreign) = (0, 0, 0, 0, 0);
        let mut before = 0;
        for (at, piece) in pieces.iter().enumerate() {
            let sign = signs.get(piece.c as usize).copied().unwrap_or(0);
            kana += u32::from(sign & KANA != 0);
            foreign += u32::from(sign & NO_KANJI != 0);
            pairs += u32::from(before & sign & HIGH != 0);
            rare += u32::from(sign & RARE_HAN != 0);
            cyrillic += u32::from(sign & (SMALL_CYRILLIC | CAPITAL_CYRILLIC) != 0);
            control += u32::from(sign & CONTROL != 0);
            before = sign;
            if piece.c.is_ascii() {
                continue;
            }
            let roles = table.roles(piece.c);
            let lead = roles.lead;
            let mut able_in = lead[0] | lead[1] | lead[2] | roles.continuation | roles.never;
            if able_in & 1 << Single::Windows1252 as u16 != 0 {
                // A letter or sign of Western Europe is damage, too, or none of the line is.
                able_in = (1 << SINGLES.len()) - 1;
            }
            while able_in != 0 {
                able[able_in.trailing_zeros() as usize] += 1;
                able_in &= able_in - 1;
            }
            if lead == [0; 3] {
                continue;
            }
            let follow = |n: usize| {
                pieces.get(at + n).map_or((0, 0), |p| {
                    let real = table.roles(p.c).continuation;
                    (real, if matches!(p.c, '\u{FFFD}' | '?' | ' ') { u16::MAX } else { real })
                })
            };
            let (a, b, c) = (follow(1), follow(2), follow(3));
            let mut two = lead[0] & a.0;
            match pieces.get(at + 1).map(|p| p.c) {
                Some(' ') => {
                    two |= lead[0]
                        & if matches!(piece.c, 'Ã' | 'Â' | 'Ă' | 'Г' | 'Ð' | 'Ñ') {
                            u16::MAX
                        } else {
                            0
                        }
                }
                Some('\u{FFFD}') => two |= lead[0] & MENDED,
                Some('?') if matches!(piece.c, 'Ã' | 'Â') => two |= lead[0],
                _ => {}
            }
            // What has lost a byte says little where all letters of a script are bytes of sequences.
            let lossy = |whole: u16, mended: u16| whole | mended & MENDED;
            let three = lead[1] & lossy(a.0 & b.0, a.1 & b.1 & (a.0 | b.0));
            // Any three small letters of Russian are a sequence in this one.
            let tells = |n: usize| pieces.get(at + n).map_or(0, |p| table.telling(p.c).continuation);
            let three = three & (tells(1) | tells(2) | !(1 << Single::Cp866 as u16));
            let four = lead[2] & lossy(a.0 & b.0 & c.0, a.1 & b.1 & c.1 & (a.0 | b.0 | c.0));
            for (mut bits, width) in [(two, 2), (three, 3), (four, 4)] {
                while bits != 0 {
                    covered[bits.trailing_zeros() as usize] += width;
                    bits &= bits - 1;
                }
            }
        }
        let most = covered.iter().copied().max().unwrap_or(0);
        let (mut first, mut then) = (Vec::new(), Vec::new());
        for (index, class) in CLASSES.iter().enumerate() {
            let likely = match (class.truth, class.wrong) {
                (Truth::Utf8, Wrong::Single(single)) => {
                    let covers = covered[single as usize];
                    if covers > 0 && covers * 2 >= most {
                        first.push(index);
                    }
                    continue;
                }
                (Truth::Sloppy, _) => control > 0,
                (_, Wrong::Single(Single::Windows1252)) => pairs >= 2,
                (_, Wrong::Single(_)) => cyrillic >= 4,
                (_, Wrong::Double(_)) => rare >= 3 || kana > 0 && foreign >= FOREIGN_OF.1,
            };
            if likely {
                then.push(index);
            }
        }
        let whole = most > 0 && (0..SINGLES.len()).any(|k| covered[k] == most && most * 10 >= able[k] * 8);
        if !whole {
            first.append(&mut then);
        }
        (first, then, if whole { EXPECTED } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// What the sure repairs make of `text`, and the names of their rules.
    fn repaired(text: &str) -> (String, Vec<&'static str>) {
        let (mut out, mut done, mut rules) = (String::new(), 0, Vec::new());
        for repair in find(&suspects(&Document::from_text(text)), "〓") {
            if repair.confidence == Confidence::Sure {
                out.push_str(&text[done..repair.span.start]);
                out.push_str(&repair.with);
                done = repair.span.end;
                if !rules.contains(&repair.rule.name) {
                    rules.push(repair.rule.name);
                }
            }
        }
        out.push_str(&text[done..]);
        (out, rules)
    }

    #[track_caller]
    fn check(before: &str, after: &str, rule: &str) {
        let (once, rules) = repaired(before);
        assert_eq!(once, after);
        assert_eq!(rules, [rule]);
        assert_eq!(repaired(&once).0, once, "not stable");
    }

    #[track_caller]
    fn untouched(text: &str) {
        assert_eq!(repaired(text).0, text);
    }

    /// `text` in UTF-8 as `single` reads it.
    fn misread(text: &str, single: Single) -> String {
        text.bytes().map(|byte| single.decode(byte)).collect()
    }

    const TEXTS: [&str; 9] = [
        "Le garçon a mangé trois crêpes à l’érable, déjà très sucrées.",
        "Die Gäste saßen müde über ihren Büchern und hörten nichts.",
        "Mañana saldrá el último autobús hacia el pequeño pueblo.",
        "Bác nông dân đã trồng thêm nhiều cây ăn quả trong vườn.",
        "Старый мельник каждое утро поднимался на холм и смотрел вдаль.",
        "Ο γέρος ψαράς έφτιαχνε τα δίχτυα του κάθε πρωί στο λιμάνι.",
        "这家小店每天早上卖豆浆和油条，来的都是附近的老人。",
        "この店では毎朝、焼きたてのパンを売っています。",
        "할머니는 매일 아침 시장에서 채소를 팔았다.",
    ];

    #[test]
    fn utf8_comes_back_from_every_single_byte_encoding() {
        for single in SINGLES {
            for text in TEXTS {
                assert_eq!(repaired(&misread(text, single)).0, text, "{single:?}");
            }
        }
    }

    /// Reading twice needs twice the proof.
    #[test]
    fn what_was_repaired_is_text_like_any_other() {
        for (before, after) in [
            ("â€”Ã‰l no vino â€”dijo.", "—Él no vino —dijo."),
            ("\u{97}É verdade", "—É verdade"),
            ("LÃ¶schen Sie die Umlaute (Ã¤Ã¶Ã¼)", "Löschen Sie die Umlaute (äöü)"),
            ("NestlÃ©â„¢Â®", "Nestlé™®"),
            ("PDF\u{94}Å", "PDF”Å"),
        ] {
            assert_eq!(repaired(before).0, after);
        }
    }

    /// Damage proves nothing for what is no damage elsewhere.
    #[test]
    fn signs_beside_damage_stay() {
        for (before, after) in [
            ("»groß« und StraÃŸe", "»groß« und Straße"),
            ("Le cafÃ© CAFÉ® est fermÃ©", "Le café CAFÉ® est fermé"),
            ("“AMANHÃ” Ã© o tÃ\u{AD}tulo", "“AMANHÃ” é o título"),
            ("\u{84}Äpfel\u{93} und \u{84}Öl\u{93}", "„Äpfel“ und „Öl“"),
            ("â€œHello,â€ he said (â€œyesâ€)", "“Hello,” he said (“yes”)"),
            ("It was built in 1986.Â Tickets are sold.", "It was built in 1986.\u{A0}Tickets are sold."),
        ] {
            assert_eq!(repaired(before).0, after);
        }
    }

    #[test]
    fn layers_are_undone_one_by_one() {
        for text in TEXTS {
            for singles in [
                [Single::Windows1252, Single::Windows1252],
                [Single::MacRoman, Single::Windows1252],
                [Single::Windows1252, Single::Windows1251],
            ] {
                let damaged = singles.iter().fold(text.to_owned(), |text, single| misread(&text, *single));
                assert_eq!(repaired(&damaged).0, text, "{singles:?}");
            }
        }
    }

    #[test]
    fn half_a_line_is_repaired_where_it_is_damaged() {
        for text in TEXTS {
            let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            for single in [Single::Windows1252, Single::MacRoman, Single::Cp437] {
                let (a, b) = text.split_at(middle);
                assert_eq!(repaired(&(a.to_owned() + &misread(b, single))).0, text, "{single:?}");
                assert_eq!(repaired(&(misread(a, single) + b)).0, text, "{single:?}");
            }
        }
    }

    #[test]
    fn legacy_encodings_come_back() {
        check(
            "ÕâÎ»ÀÏÊ¦Ã¿Ìì¶¼»áÔÚ»¨Ô°Àï¸øÑ§Éú½²¹ÊÊÂ¡£",
            "这位老师每天都会在花园里给学生讲故事。",
            "gbk_as_windows_1252",
        );
        let cyrillic = "Старый мельник каждое утро поднимался на холм.";
        for (truth, wrong, rule) in [
            (encoding_rs::WINDOWS_1251, encoding_rs::WINDOWS_1252, "windows_1251_as_windows_1252"),
            (encoding_rs::KOI8_R, encoding_rs::WINDOWS_1252, "koi8_r_as_windows_1252"),
            (encoding_rs::WINDOWS_1251, encoding_rs::KOI8_R, "windows_1251_as_koi8_r"),
            (encoding_rs::KOI8_R, encoding_rs::WINDOWS_1251, "koi8_r_as_windows_1251"),
        ] {
            let bytes = truth.encode(cyrillic).0;
            check(&wrong.decode_without_bom_handling(&bytes).0, cyrillic, rule);
        }
        for (text, truth, wrong, rule) in [
            (TEXTS[7], encoding_rs::SHIFT_JIS, encoding_rs::WINDOWS_1252, "shift_jis_as_windows_1252"),
            (TEXTS[7], encoding_rs::EUC_JP, encoding_rs::WINDOWS_1252, "euc_jp_as_windows_1252"),
            (TEXTS[8], encoding_rs::EUC_KR, encoding_rs::WINDOWS_1252, "euc_kr_as_windows_1252"),
            (TEXTS[7], encoding_rs::SHIFT_JIS, encoding_rs::GBK, "shift_jis_as_gbk"),
            (
                "図書館は来週から夜九時まで開きます。仕事の帰りにも寄れると好評です。",
                encoding_rs::EUC_JP,
                encoding_rs::GBK,
                "euc_jp_as_gbk",
            ),
            (TEXTS[8], encoding_rs::EUC_KR, encoding_rs::GBK, "euc_kr_as_gbk"),
        ] {
            let bytes = truth.encode(text).0;
            check(&wrong.decode_without_bom_handling(&bytes).0, text, rule);
        }
        let traditional = "這間小店每天早上賣豆漿和油條，來的都是附近的老人。";
        let bytes = encoding_rs::BIG5.encode(traditional).0;
        check(
            &encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0,
            traditional,
            "big5_as_windows_1252",
        );
    }

    #[test]
    fn lost_bytes_are_seen_through_or_marked() {
        check(
            "Il habite Ã  Lyon, tout prÃ¨s de la gare.",
            "Il habite à Lyon, tout près de la gare.",
            "utf8_as_windows_1252",
        );
        check(
            "Nous partons Ã midi, mÃªme s'il pleut.",
            "Nous partons à midi, même s'il pleut.",
            "utf8_as_windows_1252",
        );
        check(
            "Elle dit â€œouiâ€\u{9D} sans hÃ©siter.",
            "Elle dit “oui” sans hésiter.",
            "utf8_as_windows_1252",
        );
        check(
            "Elle dit â€œouiâ€\u{FFFD} sans hÃ©siter.",
            "Elle dit “oui\u{FFFD} sans hésiter.",
            "utf8_as_windows_1252",
        );
        check(
            "\u{93}Ja\u{94}, sagte er und ging hinaus.",
            "“Ja”, sagte er und ging hinaus.",
            "windows_1252_as_latin_1",
        );
    }

    #[test]
    fn surrogate_pairs_are_one_character() {
        check("SchÃ¶n hier í\u{A0}½í¸\u{80} wirklich", "Schön hier 😀 wirklich", "utf8_as_windows_1252");
    }

    #[test]
    fn few_characters_among_much_else_are_seen() {
        for (damaged, whole) in [
            (
                "モジュ〖ル | ディレクティブ | FAQ | 脱胳 | サイトマップ | Report a bug",
                "モジュール | ディレクティブ | FAQ | 用語 | サイトマップ | Report a bug",
            ),
            (
                "浮瑚 0625178106  叠旁 0590848765  络哄 0938487685  柴家车妥 0116410110  ダウンロ〖ド 0484092707  改眶 0353422587",
                "検索 0625178106  京都 0590848765  大阪 0938487685  会社概要 0116410110  ダウンロード 0484092707  個数 0353422587",
            ),
            (
                "儌僕儏乕儖:\tmod_proxy 周榊、马鈺儾、张扺靪、李鼂",
                "モジュール:\tmod_proxy 周榊、马鈺儾、张扺靪、李鼂",
            ),
        ] {
            assert_eq!(repaired(damaged).0, whole);
        }
    }

    #[test]
    fn what_one_layer_made_is_not_read_with_spaces() {
        for (damaged, whole) in [
            ("El cafÃ© â„¢ de EspaÃ±a", "El café ™ de España"),
            ("Ã‘ faÃ§ade", "Ñ façade"),
            ("MÃ©moire Â½ Ã\u{A0} â‚¬", "Mémoire ½ à €"),
        ] {
            assert_eq!(repaired(damaged).0, whole);
            assert_eq!(repaired(&format!("{damaged}\u{A0}")).0.trim_end_matches(is_trimmed), whole);
        }
    }

    #[test]
    fn numbers_belong_to_the_words_of_a_date() {
        assert_eq!(repaired("2013钳5奉12泣(垮) 14箕30尸").0, "2013年5月12日(水) 14時30分");
    }

    #[test]
    fn characters_apart_are_no_words() {
        for text in [
            "碳 氮 氧 氟 氖 钠",
            "碳\t氮\t氧\t氟\t氖\t钠",
            "镧, 铈, 镨\n钕, 钷, 钐\n锌, 氙, 钴",
            "铌 | 钪 | 铼 | 铬 | 磷 | 锇",
        ] {
            assert_eq!(repaired(text).0, text);
        }
    }

    #[test]
    fn white_space_that_will_be_trimmed_is_in_no_ones_way() {
        let once = |text: &str| {
            let done = repaired(text).0;
            done.lines().map(|line| line.trim_end_matches(is_trimmed)).collect::<Vec<_>>().join("\n")
        };
        for text in
            ["MENÃœ\u{A0}", "WÄ™\u{A0}", "Ãœ\u{A0}\nber uns", "Å\u{85}\u{A0}\nnext", "voilÃ\u{A0}", "Ã¢‚ "]
        {
            assert_eq!(once(&once(text)), once(text), "{text:?}");
        }
        assert_eq!(once("voilÃ\u{A0}"), "voilà");
    }

    #[test]
    fn clean_text_stays() {
        for text in TEXTS {
            untouched(text);
        }
        for text in [
            "CAFÉ® bleibt eine eingetragene Marke.",
            "L’été… quelle saison ! « Où ? » demanda-t-elle.",
            "ОАО «ВІКНО» і ТОВ «Сіль» підписали угоду.",
            "Її батько — Євген, її мати — Ївга.",
            "МИНИСТЕРСТВО ПУТЕЙ СООБЩЕНИЯ",
            "┌──┬──┐\n│√2│√3│\n└──┴──┘",
            "5×£20, ±3°, ½ l, 10 µm, Å, ∆t = √2",
            "Þórður og Ærún fóru út á sjó í gær.",
            "海上生明月，天涯共此时。蒹葭苍苍，白露为霜。",
            "龘靐齉爨灪麤鸞驫鱻纞",
        ] {
            untouched(text);
        }
    }

    #[test]
    fn accidents_and_examples_stay() {
        for text in [
            // A text about damage.
            "If characters look like “Ã©” or “Ã§”, the file is in another encoding.",
            "Wenn „Ã©“, „Ã¨“ oder „Ã§“ angezeigt werden, ist es UTF-8.",
            "但是重音字母却被像 “Ã©” or Ã¨” or “Ã§” 这样的字符取代",
            "Print StrConv(\"ABC¥ì¥¹¥\u{AD}¥å©\", vbWide)",
            "x = StrConv(\"ÉÏº£ÊÐABC\", vbFromUnicode)",
            // Alphabets.
            "aáäbcčdďeéfghiíjklĺľžAÁÄBCČDĎEÉFGHIÍJKLĹĽŽ",
            "АаБбВвГгДдЃѓЕеЖжЗзЅѕИиЈјКкЛлЉљМмНнЊњОоПпРр",
            "abcdefghijklmnopqrstuvwxyz åçéèîôû\nABCDEFGHIJKLMNOPQRSTUVWXYZ ÅÇÉÈÎÔÛ",
            "a á b d ð e f g h i í j k l m n o ó p r s t u ú v y ý æ ø",
            "ыа ыб ыв ыг ыд ые ыж ыз ыи ый ык ыл ым ын ыо ып ыр ыс ыт",
            "α, β, γ… Α, Β, Γ… (griego)",
            "let input = \"βèƒôřè\";",
            "let f = \"βèƒôřè\\r\u{C2}\u{DF}\u{C7}áƒƭèř\";",
            "À A\nÂ A\nÃ        A\nÄ A",
            // Words of languages that the model does not know, or hardly.
            "Õõlgmâs deskriptt, Õõutǩeärddsaž liŋkk",
            "падсістэмы слаёў. Можна ўключыць",
            "Та нээрээ иимэ юумэ хэхэеэ һанана гүт?",
            "Ыпэтеплъэр еIэзалъэ-плIэмыем ыпэ къэгъэлъагъу",
            "корисника да управљљју само дугметом",
            // Symbols of science.
            "The B factor is 25.3 Å² and the volume 1200 Å³.",
            "√π ≈ 1.772, Γ(1/2)=√π, Γ(3/2)=√π/2, √Ω and ¬∂",
            "Bohrung Ø±0,1 mm; Ø² × π/4; Δ±0,5; Γ², Λ³, Φ³; ß² = 0.5",
            "The operator Â is Hermitian if Â = Â†.",
            "Ele cantou “MANHÃ” e “IRMÃ” ontem.",
            "Only letters a-z, áéíóúñ and ÁÉÍÓÚÑ are accepted.\nCircumflex: âêîôû, ÂÊÎÔÛ",
            // Icons of a font.
            "点击\u{E774}退出，点击注册",
            "\u{E690} 搜索  \u{E691} 播放  \u{E692} 语言",
        ] {
            untouched(text);
        }
    }

    #[test]
    fn a_megabyte_of_anything_takes_linear_time() {
        for piece in ["Ã", "Ã©", "Ã©Ã", "┼┐a", "龘靐", "é", "Ж", "ðŸ", "\u{80}", "í\u{A0}½", "Ã ", "偙傫"]
        {
            let text = piece.repeat(200_000 / piece.len());
            // `€` is a byte longer than U+0080.
            assert!(repaired(&text).0.len() <= 2 * text.len());
        }
    }

    #[test]
    fn spans_are_in_order_and_on_boundaries() {
        let mut text = String::new();
        for line in TEXTS {
            let _ = writeln!(
                text,
                "{} {line} {}",
                misread(line, Single::Windows1252),
                misread(line, Single::Cp437)
            );
        }
        let mut end = 0;
        for repair in find(&suspects(&Document::from_text(text.as_str())), "〓") {
            assert!(repair.span.start >= end && text.get(repair.span.clone()).is_some());
            end = repair.span.end;
        }
    }
}
