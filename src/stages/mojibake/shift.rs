//! GBK read one byte out of step: `在??谑姓褚敌∏?,` → `在海口市振业小区,`.
//!
//! What happened: a program replaced punctuation in GBK bytes by placeholders, also where the two bytes of a mark were the
//! second byte of one character and the first of the next (海口 is BA A3 BF DA, and A3 BF is ？). What stood between was
//! then decoded in pieces: a lead byte left alone before a placeholder became `?`, one before ASCII below 0x40 became `?`
//! and swallowed it, and from the broken place on every pair was read one byte late until something put it in step again.
//!
//! A search reads a line in every way the channel allows: as it stands, and out of step from each `?` before such a mark. All
//! readings are kept with their probabilities under a character trigram model, in a lattice where those that nothing can tell
//! apart any more meet (the forward-backward algorithm, Rabiner 1989, section III). So detection, alignment and repair are one
//! question: what share of the probability of all readings has this one? What was lost (the first byte of the first character,
//! the second of the last, swallowed ASCII) is filled where one character is all but certain, else marked.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use super::gbk::{Gbk, gbk};
use super::{OUT_OF_STEP, Repair, is_user_defined};
use crate::edit::Confidence;
use crate::lang::chars;
use crate::lang::han::{self, Script};
use crate::lang::han_model::{Memo, Model, Pair, Symbol, model};
use crate::lang::lines::is_trimmed;
use crate::lang::pinyin::{self, readings};

/// Evidence that proves such damage in a document, in nats, and how much more for each place where such a run might begin and none does: in a damaged
/// document few `?` stand before a mark for another reason, in a forum or a text that was saved in a character set without its characters most do. Of
/// 40,000 lines of invented chat with question marks in rows 87 were taken for damaged with 8 and nothing for each, and with 12 and 1 one; of some 1,800
/// texts through Big5, EUC-KR, EUC-JP, Shift_JIS and GB 2312 or with characters lost at random 223, and 2; of 79 damaged documents four more are left.
const PROOF: f32 = 12.0;
const UNEXPLAINED: f32 = 1.0;
/// What the evidence of each run is less before it counts towards the proof: a text of many odd question marks must not add up.
const CHANCE: f32 = 4.0;
/// What a break costs in a document that is not proven to be damaged, in nats: without it the search would rather break than read
/// an odd sentence.
const BREAK: f32 = -4.0;
/// What a lead byte costs that left the ASCII character after it alone: decoders that leave code pages of this kind behind swallow it.
const NOT_SWALLOWED: f32 = -7.0;
/// Readings this much worse than the best at the same place are given up, in nats.
const BEAM: f32 = 16.0;
/// Characters this much worse than the best of the same row of the code page are not tried.
const ROW_BEAM: f32 = 11.0;
/// Readings of one place that go on with a whole row each, which the best of an unknown character do.
const LONE_WIDTH: usize = 10;
/// The same for those within a run, behind another lone mark: which of a hundred second bytes was lost only the next character tells.
/// With ten of all readings 2.9 % of 315 simulated runs were wrong, so are 2.2, and with no bound at all.
const LONE_AGAIN_WIDTH: usize = 20;
/// As [`ROW_BEAM`], for characters after which another one is lost too: those are rare, and there are many ways.
const LOST_BEAM: f32 = 7.0;
/// A symbol costs no more than this where it stands, in nats: the counts are of prose, and have no emoticons, formulas and code.
const SYMBOL: f32 = -7.0;
/// The same in a document that is proven to be damaged, where such symbols are no more than neighbours of what was lost: `系统。,` must
/// not be nearly as good as `系统”,`. With -7 2.5 % of 315 simulated runs are wrong, with -9 and -12 1.6.
const SYMBOL_IN_DAMAGE: f32 = -9.0;
/// The same of one outside ASCII.
const RARE_SYMBOL: f32 = -10.0;
/// Readings kept at one place: the hundred of a row, and what competes with them.
const WIDTH: usize = 100;
/// Characters that one search looks at, at first, and where it did not come to an end; the longest run met had 109.
const REACH: [usize; 2] = [64, 1000];
/// The share of the probability that a reading of a run must have.
const STRUCTURE: f32 = 0.85;
/// The same where private-use characters may have been dropped: with 0.85, 0.95 and 0.98 4.0, 1.6 and 1.4 % of 1,003 simulated runs of
/// that kind are wrong, and 43, 32 and 27 % are repaired.
const STRUCTURE_WITH_GAPS: f32 = 0.98;

/// Which width punctuation has beside Han: damage is often folded to ASCII later, and so must be the repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Full,
    Folded,
}

impl Width {
    /// Of a whole text, by what stands after its Han characters and lone bytes.
    pub fn of(text: &str) -> Self {
        let (mut full, mut folded) = (0, 0);
        let mut rest = text.chars();
        // Most of a page is ASCII, and nothing in that but `?` comes before such a mark.
        while let Some(at) = rest.as_str().bytes().position(|b| !b.is_ascii() || b == b'?') {
            rest = rest.as_str()[at..].chars();
            while rest.next().is_some_and(|c| chars::is_han(c) || is_lone(c)) {
                match rest.clone().next() {
                    Some(',' | '!' | ';' | ':' | '(') => folded += 1,
                    Some('，' | '！' | '；' | '：' | '（') => full += 1,
                    _ => {}
                }
            }
        }
        if folded > full { Self::Folded } else { Self::Full }
    }

    fn fold(self, c: char) -> char {
        match (self, c) {
            (Self::Folded, '\u{FF01}'..='\u{FF5E}') => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            (Self::Folded, '\u{3000}') => ' ',
            _ => c,
        }
    }
}

/// What it costs that a lone byte before `next` swallowed nothing, if it can be.
fn alone(next: Option<char>) -> Option<f32> {
    match next {
        None => Some(0.0),
        Some(c) if placeholder(c).is_some() => Some(0.0),
        Some(c) if c < '@' => Some(NOT_SWALLOWED),
        Some(_) => None,
    }
}

/// A mark that stood for two bytes.
fn placeholder(c: char) -> Option<[u8; 2]> {
    Some(match c {
        '？' | '?' => [0xA3, 0xBF],
        '！' | '!' => [0xA3, 0xA1],
        '，' | ',' => [0xA3, 0xAC],
        '；' | ';' => [0xA3, 0xBB],
        '、' => [0xA1, 0xA2],
        '。' => [0xA1, 0xA3],
        _ => return None,
    })
}

/// A mark that hardly anybody writes after a question mark: `?!?` and `?,?` are found in questions and in queries, `?;?` is not.
fn is_rare(mark: char) -> bool {
    matches!(mark, '；' | ';' | '。')
}

/// Whether a character cannot be among what was lost: the marks that are replaced first. `、` and `。` may have lost a byte to one
/// of them.
fn replaced(c: char) -> bool {
    matches!(c, '？' | '?' | '！' | '!' | '，' | ',' | '；' | ';')
}

/// A byte that lost its other half.
fn is_lone(c: char) -> bool {
    matches!(c, '?' | '\u{FFFD}')
}

/// What can stand after the mark where a run begins: a pair read out of step, half of one, or a pair folded to ASCII.
fn is_carrier(c: char) -> bool {
    c.is_ascii_graphic() || c == '\u{FFFD}' || gbk().encode(c).is_some()
}

/// Where `text` may be out of step: byte offsets of `?` and U+FFFD before a mark and a character of two bytes, or before
/// the end of an annotation.
///
/// Those before nothing but lone bytes and marks, as `?!?`, only where `damaged` is known: they prove nothing.
pub fn triggers(text: &str, damaged: bool) -> impl Iterator<Item = usize> + '_ {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'?', 0xEF, bytes).filter(move |&at| {
        // U+FFFD is EF BF BD; full-width marks share its first byte.
        let after = match bytes[at] {
            b'?' => at + 1,
            _ if bytes.get(at + 1..at + 3) == Some(&[0xBF, 0xBD]) => at + 3,
            _ => return false,
        };
        let Some(rest) = text.get(after..) else { return false };
        let mut chars = rest.chars();
        match chars.next() {
            Some(mark) if placeholder(mark).is_some() => {
                // After `?!` and the like a letter or one more mark is what it seems unless Han stands before.
                let han_before = || text[..at].chars().next_back().is_some_and(chars::is_han);
                chars.next().is_some_and(|c| {
                    let proves = is_rare(mark) || placeholder(c).is_none();
                    is_carrier(c) && (damaged || proves) && (gbk().encode(c).is_some() || han_before())
                })
            }
            Some(c) if pinyin::is_letter(c) => {
                annotation_end(rest).is_some() && text[..at].chars().next_back().is_some_and(chars::is_han)
            }
            _ => false,
        }
    })
}

/// The syllable that `rest` begins with, if a bracket closes after it.
fn annotation_end(rest: &str) -> Option<&str> {
    let end = rest.char_indices().take(pinyin::LONGEST + 1).find(|(_, c)| !pinyin::is_letter(*c))?.0;
    let syllable = &rest[..end];
    (rest[end..].starts_with([')', '）']) && pinyin::has_tone(syllable)).then_some(syllable)
}

/// Whether a tag goes on after its swallowed `<`: `/p>`, `br />`.
fn is_tag_tail(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest).as_bytes();
    // No attribute list of a text element is longer, and a search must not look through a megabyte each time.
    let Some(end) = name.iter().take(200).position(|b| matches!(b, b'<' | b'>' | b'\n')) else {
        return false;
    };
    let word = name.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    name[end] == b'>'
        && word > 0
        && name[0].is_ascii_lowercase()
        && (word == end || matches!(name[word], b' ' | b'/'))
}

/// ASCII below 0x40 that text has after Han, and that a lead byte can so have swallowed, with the share of all Han characters that
/// have it after them where a document says nothing else; `0` stands for every digit, `(` for every bracket and quotation mark, `.`
/// for every other mark.
const SWALLOWED: [(char, f32); 5] = [('0', 0.008), (' ', 0.004), ('(', 0.003), ('.', 0.002), ('<', 0.0005)];
/// How much rarer one of [`SWALLOWED`] is after a full-width mark than after Han: they are made to stand without a space.
const AFTER_MARK: f32 = 0.1;
/// Han characters of a document that count as much as what is known of all documents.
const SWALLOWED_PRIOR: f32 = 500.0;

/// How a line ends: with one of [`SWALLOWED`], by its place there, with a mark that ends sentences, or with anything else.
type End = usize;
const END_MARK: End = SWALLOWED.len();
const END_OTHER: End = SWALLOWED.len() + 1;

fn end(c: char, width: Width) -> End {
    match c {
        '。' | '！' | '!' | '？' | '…' | '”' | '」' | '』' => END_MARK,
        _ => as_swallowed(c, width).unwrap_or(END_OTHER),
    }
}

/// Which of [`SWALLOWED`] a character of a text is: none, where folding made it ASCII.
fn as_swallowed(c: char, width: Width) -> Option<usize> {
    match c {
        '0'..='9' => Some(0),
        ' ' => Some(1),
        '(' | ')' | ',' | ':' | '%' if width == Width::Folded => None,
        '(' | ')' | '"' | '\'' => Some(2),
        '<' => Some(4),
        '!'..'?' => Some(3),
        _ => None,
    }
}

/// How many lines of an [`End`] count as much as what is known of all documents: one with a mark, one with anything else, and one
/// in twenty with each of the others.
fn ends_prior() -> [f32; SWALLOWED.len() + 2] {
    std::array::from_fn(|at| if at < END_MARK { 0.05 } else { 1.0 })
}

/// Steps of one search at most, for text made to break us: a run has some thousands.
const STEPS: usize = 40_000;

/// Steps of all searches in a text at most, for each of its bytes; simulated damage takes six on average (3 million in 0.5 MB). What
/// is beyond stays as it is: a text of nothing but damage would take a hundred.
const STEPS_PER_BYTE: usize = 30;

/// How a reading goes on at a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As it stands.
    Keep,
    /// A lone first byte and a mark that is its second byte and the first byte of the next character.
    Break,
    /// `槍?zhuān)`: an annotation was inserted after a pair whose first byte is the second of 槍 and whose second byte swallowed
    /// the bracket.
    Resume,
    /// A pair read one byte late.
    Pair,
    /// As `Pair`, its second half an ASCII character.
    PairAscii,
    /// An ASCII character that is a second byte: 設 is D4 4F.
    Ascii,
    /// A lone byte that is a second byte: in step again.
    Last,
    /// A lone second byte and the ASCII character that it swallowed.
    LastSwallowed,
    /// A lone second byte that swallowed the bracket of the annotation of its character.
    LastAnnotated,
    /// Two bytes that the code page does not have.
    BadPair,
    /// `(zhuān)` after a pair read one byte late.
    Annotation,
    /// So many private-use characters that somebody dropped, and the pair after them: of all their characters one byte is known.
    Dropped(u8),
    /// The same before a lone byte or an ASCII character that is a second byte: in step again.
    DroppedLast(u8),
    /// The same before a lone byte that swallowed an ASCII character.
    DroppedLastSwallowed(u8),
    /// The same before a pair whose second half is an ASCII character.
    DroppedAscii(u8),
}

impl Kind {
    fn is_gap(self) -> bool {
        matches!(
            self,
            Self::Dropped(_) | Self::DroppedLast(_) | Self::DroppedLastSwallowed(_) | Self::DroppedAscii(_)
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    InStep,
    /// This byte has been read, which is the first one of a character.
    Owing(u8),
}

/// Everything that matters for how a reading can go on: readings that agree in it are one node.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    at: u32,
    phase: Phase,
    last: [Symbol; 2],
    open: Open,
    /// Han characters since a quotation was closed; [`FAR`] where it was not, or anything else has come since.
    since: u8,
}

/// More characters than stand between a quotation and the word for saying it.
const FAR: u8 = 17;

/// Who said it follows a quotation: how often, of the times that so many Han characters and a mark do (400, 870, 1,864, 792 and 182 in
/// 117 MB of clean Chinese), the last of them is 说, 道 or 问. Trigrams do not reach that far: `”黄媛柳说，`.
fn says(since: u8, c: char) -> f32 {
    let [say, speak, ask] = match since {
        1..=2 => [0.24, 0.02, 0.02],
        3..=4 => [0.43, 0.09, 0.06],
        5..=9 => [0.20, 0.07, 0.02],
        10..13 => [0.09, 0.03, 0.01],
        13..FAR => [0.09, 0.05, 0.005],
        _ => return 0.0,
    };
    match han::simplified(c) {
        '说' => say,
        '道' => speak,
        '问' => ask,
        _ => 0.0,
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let phase = match self.phase {
            Phase::InStep => 0,
            Phase::Owing(byte) => u64::from(byte),
        };
        let last = u64::from(self.last[0]) << 16 | u64::from(self.last[1]);
        let place = u64::from(self.at) << 16 | phase << 8 | u64::from(self.open.0);
        state.write_u64(last << 32 | place & 0xFFFF_FFFF);
        state.write_u8(self.since);
    }
}

/// Which brackets and quotation marks are open.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Hash)]
struct Open(u8);

/// Pairs of marks that are kept balanced; each is a bit of [`Open`].
const BALANCED: [(char, char); 5] = [('“', '”'), ('《', '》'), ('（', '）'), ('(', ')'), ('「', '」')];
/// What it costs to open what is open or to close what is not, in nats: once in some hundred times, for nested and forgotten ones.
const UNBALANCED: f32 = -5.0;
/// What it costs to leave a line with something open: quotations go on over paragraphs, brackets rarely do.
const LEFT_OPEN: f32 = -2.0;

impl Open {
    fn after(self, c: char) -> (Self, f32) {
        for (bit, (open, close)) in BALANCED.iter().enumerate() {
            let mask = 1 << bit;
            if c == *open {
                return (Self(self.0 | mask), if self.0 & mask == 0 { 0.0 } else { UNBALANCED });
            }
            if c == *close {
                return (Self(self.0 & !mask), if self.0 & mask == 0 { UNBALANCED } else { 0.0 });
            }
        }
        (self, 0.0)
    }
}

#[derive(Clone, Copy)]
struct Node {
    state: State,
    pair: Pair,
    /// Logarithm of the sum of the probabilities of all readings up to here.
    forward: f32,
    /// Logarithm of the sum of the probabilities of all ways on from here.
    backward: f32,
    /// The best reading up to here, and its last step.
    best: f32,
    step: u32,
}

struct Step {
    from: u32,
    to: u32,
    weight: f32,
    kind: Kind,
    /// What it writes; which places are used is told by the kind.
    out: [char; 2],
}

/// ln(exp(a) + exp(b))
fn add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// What a document says of itself, for choosing among what it may have lost.
struct Knowledge<'r> {
    /// How the damaged places were read before.
    runs: &'r [Run],
    width: Width,
    script: Option<Script>,
    /// Proven to be damaged.
    damaged: bool,
    /// Logarithm of the probability that its private-use characters were dropped.
    dropped: f32,
    /// How often each symbol, pair and triple of symbols stands in it.
    seen: Seen,
    /// How many symbols it has.
    symbols: f32,
    /// The share of its Han characters that have each of [`SWALLOWED`] after them.
    swallowed: [f32; SWALLOWED.len()],
    /// Logarithms of the shares of the lines that have each [`End`].
    ends: [f32; SWALLOWED.len() + 2],
}

/// How far the probability of a character follows how much more often a document has it than all texts do: the ratio to this power
/// (R. Kneser, J. Peters and D. Klakow, Language Model Adaptation Using Dynamic Marginals, Eurospeech 1997, have 0.5). Of 708
/// lines put out of step by `tests/corpus/out_of_step.py` 39.5 % come out exactly with 0, 46.8 with 0.5, 47.3 with 0.65, 48.6 with 0.75; of 315
/// other simulated runs 2.2, 1.6, 1.6 and 1.9 % are wrong.
const FOLLOWS: f32 = 0.65;
/// Characters of a document that count as much as what is known of all texts, for that ratio. With 200 and with 1,500
/// 2.5 % of 315 simulated runs without their private use are wrong, with 500 1.0 %.
const FOLLOWS_PRIOR: f32 = 500.0;
/// The least ratio: a book without a character says less against it than a page would have to. Lines of manuals put out of step behind 100,000
/// characters of other manuals are wrong in 4.4 % of the runs without it, in 4.0 with 0.03, 3.8 with 0.1; with 0.1 the simulated runs without
/// their private use are 2.5 % wrong, not 1.0.
const FOLLOWS_LEAST: f32 = 0.07;
/// The weight of what the document says against what all texts say.
const OWN: f32 = 0.15;
/// And how much more where it has the two characters before, too: the more often the more. Simulated runs would have 0.3 (46.3 % exact,
/// 1.3 wrong, against 45.7 and 1.6), but then `振业小区` said twice elsewhere does not decide.
const OWN_PAIR: f32 = 0.5;
/// How many times the shorter context counts as seen beside the longer one (Witten and Bell 1991 count the kinds of what follows; in
/// one document these are two on average).
const WITTEN_BELL: f32 = 2.0;
/// What a character of the other script costs.
const OTHER_SCRIPT: f32 = -5.0;
/// What a space costs where a character was lost: the counts are of text without spaces beside Han, and do not know how rare it is. Without it
/// 1.9 % of 315 simulated runs are wrong, with it 1.6, with twice as much, too.
const LOST_SPACE: f32 = -2.0;
/// Characters of one script alone that a document must have to be of that script.
const SCRIPT_LEAST: u32 = 8;

/// The characters of `text` with what is known of `runs`; what is unknown is U+FFFD.
fn read<'t>(text: &'t str, runs: &'t [Run]) -> impl Iterator<Item = char> + 't {
    let starts = std::iter::once(0).chain(runs.iter().map(|run| run.span.end));
    let ends = runs.iter().map(Some).chain(std::iter::once(None));
    starts.zip(ends).flat_map(move |(start, run)| {
        let between = &text[start..run.map_or(text.len(), |run| run.span.start)];
        let pieces = run.map_or(&[][..], Run::known);
        between.chars().chain(pieces.iter().map(Piece::known))
    })
}

/// The same of a part of `text`: the runs that begin in it, and what lies between them.
fn read_part<'t>(text: &'t str, runs: &'t [Run], part: Range<usize>) -> impl Iterator<Item = char> + 't {
    let first = runs.partition_point(|run| run.span.start < part.start);
    let runs = runs[first..].iter().take_while(move |run| run.span.start < part.end);
    runs.flat_map(move |run| {
        let before = text[..run.span.start].chars().rev().take(2);
        let mut around: Vec<char> = before.collect();
        around.reverse();
        around.extend(run.known().iter().map(Piece::known));
        around.extend(text[run.span.end..].chars().take(2));
        around.push('\u{FFFD}');
        around
    })
}

/// A text without white space at the ends of its lines and without empty lines: what will be trimmed anyway is no evidence of how lines
/// end, or a text would be read otherwise once it is.
fn shown(text: impl Iterator<Item = char>) -> String {
    let (mut shown, mut space) = (String::new(), String::new());
    for c in text {
        match c {
            '\n' => {
                space.clear();
                if !shown.is_empty() && !shown.ends_with('\n') {
                    shown.push('\n');
                }
            }
            _ if is_trimmed(c) => space.push(c),
            _ => {
                shown.push_str(&space);
                space.clear();
                shown.push(c);
            }
        }
    }
    shown
}

fn key([a, b, c]: [Symbol; 3]) -> u64 {
    u64::from(a) << 32 | u64::from(b) << 16 | u64::from(c)
}

/// How often each symbol, pair and triple of symbols stands in a text.
type Seen = HashMap<u64, u32, Mix>;

fn seen(text: impl Iterator<Item = char>) -> Seen {
    let mut seen = Seen::default();
    let mut last = [0; 2];
    for c in text {
        let symbol = if is_lone(c) { 0 } else { model().symbol(c) };
        if symbol != 0 {
            *seen.entry(key([0, 0, symbol])).or_default() += 1;
            if last[1] != 0 {
                *seen.entry(key([0, last[1], symbol])).or_default() += 1;
                if last[0] != 0 {
                    *seen.entry(key([last[0], last[1], symbol])).or_default() += 1;
                }
            }
        }
        last = [last[1], symbol];
    }
    seen
}

/// A guess that a document is taken to say itself.
const KNOWN: f32 = 0.99;

impl<'r> Knowledge<'r> {
    fn none(text: &str) -> Self {
        let swallowed = SWALLOWED.map(|(_, share)| share);
        let ends = ends_prior();
        let lines: f32 = ends.iter().sum();
        let ends = ends.map(|n| (n / lines).ln());
        Self {
            runs: &[],
            width: Width::of(text),
            script: None,
            damaged: false,
            dropped: f32::NEG_INFINITY,
            seen: HashMap::default(),
            symbols: 1.0,
            swallowed,
            ends,
        }
    }

    /// Of a damaged document and what was read of it.
    fn of(text: &str, runs: &'r [Run]) -> Self {
        let width = Width::of(text);
        let (mut hans, mut hant) = (0, 0);
        let mut han = SWALLOWED_PRIOR;
        let mut swallowed = SWALLOWED.map(|(_, share)| share * SWALLOWED_PRIOR);
        let mut ends = ends_prior();
        let shown = shown(read(text, runs));
        let mut before = '\n';
        for c in shown.chars() {
            if chars::is_han(before) {
                han += 1.0;
                if let Some(at) = as_swallowed(c, width) {
                    swallowed[at] += 1.0;
                }
            }
            if c == '\n' && !is_lone(before) && before != '\n' {
                ends[end(before, width)] += 1.0;
            }
            before = c;
            match chars::code(c).script() {
                Some(Script::Hans) => hans += 1,
                Some(Script::Hant) => hant += 1,
                None => {}
            }
        }
        let seen = seen(shown.chars());
        let script = han::script(hans, hant, SCRIPT_LEAST);
        let lines: f32 = ends.iter().sum();
        let symbols =
            seen.iter().filter(|(key, _)| **key < 1 << 16).map(|(_, n)| *n as f32).sum::<f32>().max(1.0);
        Self {
            runs,
            symbols,
            width,
            script,
            damaged: true,
            dropped: f32::NEG_INFINITY,
            seen,
            swallowed: swallowed.map(|n| n / han),
            ends: ends.map(|n| (n / lines).ln()),
        }
    }

    /// How likely `symbol` is after these two: `all` is what all texts say, and `alone` what they say of it anywhere. What is read now is
    /// left out, which the document has `but` once more.
    fn likely(&self, but: &Seen, last: [Symbol; 2], symbol: Symbol, all: f32, alone: f32) -> f32 {
        let count = |symbols| {
            let key = key(symbols);
            let count = |seen: &Seen| seen.get(&key).copied().unwrap_or(0);
            count(&self.seen).saturating_sub(count(but)) as f32
        };
        let here = count([0, 0, symbol]);
        let ratio = (here + FOLLOWS_PRIOR * alone) / ((self.symbols + FOLLOWS_PRIOR) * alone);
        let all = all * ratio.max(FOLLOWS_LEAST).powf(FOLLOWS);
        // And by what the document alone says: what it has after both, after the last one, and at all.
        let one = if last[1] == 0 { 0.0 } else { count([0, 0, last[1]]) };
        let two = if last[0] == 0 || one == 0.0 { 0.0 } else { count([0, last[0], last[1]]) };
        let mut p = here / self.symbols;
        if one > 0.0 {
            p = (count([0, last[1], symbol]) + p * WITTEN_BELL) / (one + WITTEN_BELL);
        }
        if two > 0.0 {
            p = (count([last[0], last[1], symbol]) + p * WITTEN_BELL) / (two + WITTEN_BELL);
        }
        let weight = OWN + OWN_PAIR * two / (two + WITTEN_BELL);
        (1.0 - weight) * all + weight * p
    }
}

/// Hashes states and triples of symbols, which no stranger chooses freely: rotate, mix, multiply by the golden ratio (as Firefox's
/// hash does), where the standard library's keyed hash took a third of the time of a repair.
#[derive(Clone, Copy, Default)]
struct Mixed(u64);

type Mix = BuildHasherDefault<Mixed>;

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// One search: a window of a line, and all that is needed to read it.
struct Search<'t> {
    gbk: &'static Gbk,
    model: &'static Model,
    text: &'t str,
    known: &'t Knowledge<'t>,
    /// Byte offset and character.
    window: Vec<(usize, char)>,
    /// Whether the window reaches to the end of the line.
    to_line_end: bool,
    nodes: Vec<Node>,
    steps: Vec<Step>,
    /// The nodes at each place.
    layers: Vec<Vec<u32>>,
    /// Where the steps that leave each place begin in `steps`.
    leaving: Vec<u32>,
    ids: HashMap<State, u32, Mix>,
    memo: Memo,
    /// What the document has of an earlier reading of this window.
    but: Seen,
    /// As [`Found::without_gaps`].
    without_gaps: f32,
}

/// A character of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Known(char),
    /// The likeliest and its share of the probability.
    Guess(char, f32),
    /// An ASCII character that a lone byte swallowed.
    Swallowed,
    /// A character at a gap.
    Gone,
}

impl Piece {
    /// The character, or U+FFFD where it is not known.
    fn known(&self) -> char {
        match self {
            Self::Known(c) => *c,
            Self::Guess(c, sure) if *sure > KNOWN => *c,
            Self::Guess(..) | Self::Swallowed | Self::Gone => '\u{FFFD}',
        }
    }
}

/// A run as read: what it covers and what it writes.
#[derive(Debug)]
struct Run {
    span: Range<usize>,
    pieces: Vec<Piece>,
    /// Logarithm of how much likelier the reading is than the text as it stands.
    evidence: f32,
    /// The share of the probability of all readings that those have which read it so, whatever characters they guess.
    sure: f32,
    /// An annotation inside it says which byte it swallowed.
    resumed: bool,
    /// No character of it is known from its bytes.
    bare: bool,
    /// Something is known of it from its bytes, or it stands where no text has such marks.
    proves: bool,
}

impl Run {
    /// What is taken to be known of it.
    fn known(&self) -> &[Piece] {
        if self.sure >= STRUCTURE { &self.pieces } else { &[Piece::Gone] }
    }
}

/// Looks at `text` from each trigger on, but for what others have `read` already.
///
/// `mark` stands for what is lost, and what is not as probable as `confidence`.
pub fn find(text: &str, others: &[Repair], mark: &str, confidence: f32) -> Vec<Repair> {
    let first = search(text, others, &Knowledge::none(text)).runs;
    // What stands there again says nothing new.
    let mut known = HashSet::new();
    let mut evidence = 0.0;
    for run in first.iter().filter(|run| run.proves && known.insert(&text[run.span.clone()])) {
        evidence += (run.evidence - CHANCE).max(0.0);
    }
    let unexplained = triggers(text, false).count().saturating_sub(first.len());
    if evidence < PROOF + UNEXPLAINED * unexplained as f32 {
        return Vec::new();
    }
    let kept = text.chars().any(is_user_defined);
    let runs = match kept {
        true => search(text, others, &Knowledge::of(text, &first)).runs,
        false => with_gaps(text, others, first),
    };
    let said = Said::of(text, &runs);
    let repairs = runs.iter().map(|run| {
        let (with, complete, filled) = write(text, run, &said, mark, confidence);
        let enough = if kept || run.resumed { STRUCTURE } else { STRUCTURE_WITH_GAPS };
        let confidence = if run.sure >= enough { Confidence::Sure } else { Confidence::Likely };
        let certainty = (run.sure * filled).min(1.0);
        Repair { span: run.span.clone(), with, rule: &OUT_OF_STEP, complete, confidence, certainty }
    });
    repairs.collect()
}

/// How many documents have their private-use characters dropped, before one is read. Of two real ones none, which leaves a quarter (Laplace's rule); with that
/// 11.4 % of 315 simulated runs that kept them are left and 0.6 % of those that lost them are wrong, with a tenth 10.5 and 0.6, with 0.03 9.5 and 1.0.
const DROPS: f32 = 0.1;

/// The runs of a text that has no private-use characters, where they may have been dropped: one character in ten of a run is one (309
/// of 3,083 in simulated runs), and where one is missing two characters are lost.
fn with_gaps(text: &str, others: &[Repair], mut first: Vec<Run>) -> Vec<Run> {
    // Read without a thought of gaps they teach nothing.
    first.iter_mut().for_each(|run| run.sure = 0.0);
    let mut known = Knowledge::of(text, &first);
    known.dropped = 0.0;
    let second = search(text, others, &known);
    let mut known = Knowledge::of(text, &second.runs);
    known.dropped = -((1.0 - DROPS) / DROPS * second.without_gaps.exp()).ln_1p();
    search(text, others, &known).runs
}

/// What a run is written as, whether all of it is known, and how probable what was filled in is.
fn write(text: &str, run: &Run, said: &Said, mark: &str, confidence: f32) -> (String, bool, f32) {
    // Where no character is known from its bytes one guess leans on the other.
    let least = |p: &Piece| if let Piece::Guess(_, sure) = p { *sure } else { 1.0 };
    let enough = if run.bare { 1.0 - (1.0 - confidence) / LEANING } else { confidence };
    let leaning = run.bare && run.pieces.iter().map(least).fold(1.0, f32::min) < enough;
    let mut with = String::new();
    let (mut complete, mut filled) = (true, 1.0);
    for (at, piece) in run.pieces.iter().enumerate() {
        // Nothing is known of what follows it; of a bracket, that it is closed.
        let before_swallowed = matches!(piece, Piece::Guess(c, _) if chars::is_han(*c))
            && matches!(run.pieces.get(at + 1), Some(Piece::Swallowed));
        let doubt = match at {
            0 => FIRST,
            _ if before_swallowed => 1.0 / LEANING,
            _ => 1.0,
        };
        let enough = 1.0 - (1.0 - confidence) * doubt;
        match piece {
            Piece::Known(c) => with.push(*c),
            Piece::Guess(c, sure) if *sure >= enough && !leaning => {
                filled *= sure;
                with.push(*c);
            }
            // It is the last one of its run.
            Piece::Swallowed
                if let Some(c) = said.between(&text[..run.span.start], &with, &text[run.span.end..]) =>
            {
                with.push(c);
            }
            Piece::Guess(..) | Piece::Swallowed | Piece::Gone => {
                complete = false;
                with.push_str(mark);
            }
        }
    }
    (with, complete, filled)
}

/// Which ASCII characters a document has between two characters on either side, for those that were swallowed.
#[derive(Default)]
struct Said(HashMap<[char; 4], Option<char>>);

impl Said {
    fn of(text: &str, runs: &[Run]) -> Self {
        let mut said = Self::default();
        if !runs.iter().any(|run| run.pieces.contains(&Piece::Swallowed)) {
            return said;
        }
        let mut last = ['\n'; 5];
        for c in read(text, runs) {
            last = [last[1], last[2], last[3], last[4], c];
            let [a, b, between, c, d] = last;
            if is_copied(between) && [a, b, c, d].iter().all(|c| chars::is_han(*c)) {
                said.0
                    .entry([a, b, c, d])
                    .and_modify(|known| *known = known.filter(|known| *known == between))
                    .or_insert(Some(between));
            }
        }
        said
    }

    /// What stands between what was written last and `after` wherever else the document has both; `before` is what the writing
    /// begins after.
    fn between(&self, before: &str, written: &str, after: &str) -> Option<char> {
        let mut last = written.chars().rev().chain(before.chars().rev());
        let (b, a) = (last.next()?, last.next()?);
        let mut next = after.chars();
        *self.0.get(&[a, b, next.next()?, next.next()?])?
    }
}

/// A character that may be copied from where it stands between the same ones: digits are others each time.
fn is_copied(c: char) -> bool {
    matches!(c, ' '..='?') && !c.is_ascii_digit() && !is_lone(c)
}

/// How many times as much doubt there may be about a first character, which has text on both sides: of such guesses of 0.90 to 0.95
/// 98 % were right, of guesses of last characters 87 % (564 and 422 in simulated runs).
const FIRST: f32 = 2.0;

/// How many times less doubt there may be where one guess leans on another: where every character is one, and of a Han character
/// before one that was swallowed. Of guesses of 0.95 to 0.98 in runs of nothing else a tenth was wrong, of those from 0.99 on a fiftieth (351 in simulated runs).
/// Before what was swallowed 1.6 % of 315 other runs are wrong and 45.4 % exact with 1, 1.3 and 44.4 with 2, 1.3 and 41.3 with 3.3.
const LEANING: f32 = 2.0;

/// First bytes of pairs that are private-use characters; those of the third area are the second byte of next to no character.
const USER_DEFINED: [RangeInclusive<u8>; 2] = [0xAA..=0xAF, 0xF8..=0xFE];
/// Private-use characters one after the other at most that are thought of.
const DROPPED_MOST: u8 = 2;
/// Logarithm of the share of the characters whose second byte makes a pair private-use: 309 of 3,083 in simulated runs.
const ALSO_USER_DEFINED: f32 = -2.3;

/// The share of the characters of all texts that end with each byte.
fn ending() -> &'static [f32; 0x100] {
    static ENDING: LazyLock<[f32; 0x100]> = LazyLock::new(|| {
        std::array::from_fn(|trail| gbk().ending(trail as u8).map(|c| model().alone(c).exp()).sum())
    });
    &ENDING
}

/// How much rarer, in nats, the characters of all texts are that begin with each byte than those that begin with the commonest one.
fn leading() -> &'static [f32; 0x100] {
    static LEADING: LazyLock<[f32; 0x100]> = LazyLock::new(|| {
        let of = |lead: u8| -> f32 {
            let chars = (0x40..=0xFE).filter_map(|trail| gbk().decode(lead, trail));
            chars.map(|c| model().alone(c).exp()).sum()
        };
        let shares: [f32; 0x100] = std::array::from_fn(|lead| of(lead as u8));
        let most = shares.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        shares.map(|share| (share / most).max(f32::MIN_POSITIVE).ln())
    });
    &LEADING
}

/// Pairs after a break that are read for a first impression.
const GLIMPSE: usize = 6;

/// Whether the pairs after the break at `at` do not read clearly worse one byte late than as they stand, by bigrams: a search costs
/// a thousand times as much, and questions are full of places where one could begin.
fn reads_better(text: &str, at: usize) -> bool {
    let (model, gbk) = (model(), gbk());
    let mut chars = text[at..].chars().skip(1);
    let Some([_, mut lead]) = chars.next().and_then(placeholder) else { return true };
    let (mut late, mut literal) = (0.0, 0.0);
    let (mut read, mut before) = (None, None);
    for c in chars.take(GLIMPSE).take_while(|c| !c.is_ascii()) {
        let Some([first, second]) = gbk.encode(c) else { break };
        let Some(x) = gbk.decode(lead, first) else { break };
        late += read.map_or_else(|| model.alone(x), |b| model.after(b, x));
        literal += before.map_or_else(|| model.alone(c), |b| model.after(b, c));
        (read, before, lead) = (Some(x), Some(c), second);
    }
    late >= literal - CLEARLY
}

/// How much worse, in nats, is clearly worse: one odd character.
const CLEARLY: f32 = 6.0;

/// The two bytes of a full-width form that was folded to ASCII.
fn folded(c: char, width: Width) -> Option<[u8; 2]> {
    match (width, c) {
        (Width::Folded, '!'..='~') => Some([0xA3, c as u8 + 0x80]),
        (Width::Folded, ' ') => Some([0xA1, 0xA1]),
        _ => None,
    }
}

/// What a search of a text found.
struct Found {
    runs: Vec<Run>,
    /// Logarithm of the share of the probability of all readings that those have which have no gaps.
    without_gaps: f32,
}

/// Searches from each trigger on.
fn search(text: &str, others: &[Repair], known: &Knowledge<'_>) -> Found {
    let mut done = 0;
    let mut found = Found { runs: Vec::new(), without_gaps: 0.0 };
    let mut memo = None;
    // For the proof a third is enough: most text that takes more is not damaged.
    let per_byte = if known.damaged { STEPS_PER_BYTE } else { STEPS_PER_BYTE / 3 };
    let mut steps = STEPS + text.len() * per_byte;
    for at in triggers(text, known.damaged) {
        let next = others.partition_point(|r| r.span.end <= at);
        let theirs = others.get(next).is_some_and(|r| r.span.start <= at);
        if at < done || theirs || !known.damaged && !reads_better(text, at) {
            continue;
        }
        if steps == 0 {
            break;
        }
        for reach in REACH {
            let mut search = Search::new(text, known, at, done, reach, memo.take().unwrap_or_default());
            let read = search.run(reach == REACH[1]);
            steps = steps.saturating_sub(search.steps.len());
            memo = Some(search.memo);
            if let Some((end, runs)) = read {
                done = end;
                found.runs.extend(runs);
                found.without_gaps += search.without_gaps;
                break;
            }
        }
    }
    found
}

impl<'t> Search<'t> {
    fn new(
        text: &'t str,
        known: &'t Knowledge<'t>,
        trigger: usize,
        done: usize,
        reach: usize,
        memo: Memo,
    ) -> Self {
        // As much of the line before as an annotation and two characters have: a line may be the whole text.
        let near = text[..trigger]
            .char_indices()
            .rev()
            .take(CONTEXT)
            .take_while(|(at, c)| *at >= done && *c != '\n');
        let line = near.last().map_or(trigger, |(at, _)| at);
        let start = trigger;
        let mut window = Vec::new();
        let mut to_line_end = true;
        for (at, c) in text[start..].char_indices() {
            if c == '\n' {
                break;
            }
            if window.len() == reach {
                to_line_end = false;
                break;
            }
            window.push((start + at, c));
        }
        // White space at the end of a line will be trimmed: the line ends before it.
        while to_line_end && window.pop_if(|(_, c)| is_trimmed(*c)).is_some() {}
        let layers = vec![Vec::new(); window.len() + 1];
        let mut search = Self {
            gbk: gbk(),
            model: model(),
            text,
            known,
            window,
            to_line_end,
            nodes: Vec::new(),
            steps: Vec::new(),
            layers,
            leaving: Vec::new(),
            ids: HashMap::default(),
            memo,
            but: Seen::default(),
            without_gaps: 0.0,
        };
        // Where there may be gaps a wrong reading must not prove itself; where there are none, it is rarely wrong.
        if known.dropped.is_finite() {
            let range = start..search.offset(search.window.len());
            search.but = seen(read_part(text, known.runs, range));
        }
        let last = context(&text[line..start]).map(|c| search.model.symbol(c));
        let state =
            State { at: 0, phase: Phase::InStep, last, open: open_before(&text[..start]), since: FAR };
        let id = search.node(state);
        search.nodes[id as usize].forward = 0.0;
        search.nodes[id as usize].best = 0.0;
        search
    }

    fn node(&mut self, state: State) -> u32 {
        *self.ids.entry(state).or_insert_with(|| {
            let id = self.nodes.len() as u32;
            let pair = self.model.pair(state.last[0], state.last[1]);
            let (forward, backward, best) = (f32::NEG_INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY);
            self.nodes.push(Node { state, pair, forward, backward, best, step: u32::MAX });
            self.layers[state.at as usize].push(id);
            id
        })
    }

    /// Logarithm of the probability of `c` after a pair in a text that is read as it stands.
    fn as_it_stands(&self, pair: Pair, c: char) -> f32 {
        let likely = self.model.third(pair, c).ln();
        match c {
            _ if chars::is_han(c) => likely,
            _ if c.is_ascii() => likely.max(if self.known.damaged { SYMBOL_IN_DAMAGE } else { SYMBOL }),
            // Private use, too: icons of a page's own font.
            _ => likely.max(RARE_SYMBOL),
        }
    }

    /// Logarithm of the probability of `c` after `node` in a text that is read as damaged.
    fn likely(&mut self, node: u32, c: char) -> f32 {
        let Node { state, pair, .. } = self.nodes[node as usize];
        let all = self.model.third_again(pair, c, &mut self.memo);
        let p = match self.known.damaged {
            true => {
                let symbol = self.model.symbol(c);
                self.known.likely(&self.but, state.last, symbol, all, self.model.of(symbol))
            }
            false => all,
        };
        let other = match (self.known.script, chars::code(c).script()) {
            (Some(text), Some(script)) if text != script => OTHER_SCRIPT,
            _ if self.known.damaged && matches!(c, ' ' | '\u{3000}') => LOST_SPACE,
            _ => 0.0,
        };
        p.ln() + other
    }

    /// Adds a step from `from` to the character at `to`, that writes `out` and costs `weight`.
    fn push(&mut self, from: u32, to: usize, phase: Phase, kind: Kind, out: &[char], weight: f32) {
        if to > self.window.len() || !weight.is_finite() {
            return;
        }
        let node = &self.nodes[from as usize];
        let State { mut last, mut open, mut since, .. } = node.state;
        let mut weight = weight;
        let mut written = ['\0'; 2];
        for (slot, c) in written.iter_mut().zip(out) {
            *slot = *c;
            last = [last[1], self.model.symbol(*c)];
            let (now, cost) = open.after(*c);
            open = now;
            weight += cost;
            since = match c {
                '”' | '」' => 0,
                _ if chars::is_han(*c) => (since + 1).min(FAR),
                _ => FAR,
            };
        }
        let (forward, best) = (node.forward + weight, node.best + weight);
        if matches!(kind, Kind::LastSwallowed | Kind::DroppedLastSwallowed(_)) {
            // Whatever was before it, what follows a digit or a bracket is the same: one node for the whole row.
            last[0] = 0;
        }
        let id = self.node(State { at: to as u32, phase, last, open, since });
        let step = self.steps.len() as u32;
        self.steps.push(Step { from, to: id, weight, kind, out: written });
        let node = &mut self.nodes[id as usize];
        node.forward = add(node.forward, forward);
        if best > node.best {
            node.best = best;
            node.step = step;
        }
    }

    /// Adds a step for each of `candidates` that is not much worse than the best of them; `then` gives the phase after it.
    fn push_row(
        &mut self,
        from: u32,
        to: usize,
        kind: Kind,
        cost: f32,
        candidates: impl Iterator<Item = (char, Phase)>,
    ) {
        let width = self.known.width;
        let model = self.model;
        let row: Vec<_> = candidates
            .map(|(c, phase)| (width.fold(c), phase))
            .filter(|(c, _)| model.symbol(*c) != 0 && !replaced(*c))
            .map(|(c, phase)| (c, phase, self.likely(from, c)))
            .collect();
        let best = row.iter().map(|r| r.2).fold(f32::NEG_INFINITY, f32::max);
        for (c, phase, likely) in row {
            if likely >= best - ROW_BEAM {
                self.push(from, to, phase, kind, &[c], likely + cost);
            }
        }
    }

    fn char(&self, at: usize) -> Option<char> {
        self.window.get(at).map(|w| w.1)
    }

    /// The character before `at`, which may be before the window.
    fn char_before(&self, at: usize) -> Option<char> {
        let offset = self.window.get(at)?.0;
        self.text[..offset].chars().next_back()
    }

    /// The syllable and the place after its bracket, where the window goes on with one.
    fn annotation(&self, at: usize) -> Option<(&'t str, usize)> {
        let offset = self.window.get(at)?.0;
        let syllable = annotation_end(&self.text[offset..])?;
        Some((syllable, at + syllable.chars().count() + 1))
    }

    /// Adds every step that can follow a node.
    fn expand(&mut self, id: u32) {
        let State { at, phase, .. } = self.nodes[id as usize].state;
        let at = at as usize;
        let Some(c) = self.char(at) else { return };
        match phase {
            Phase::InStep => self.expand_in_step(id, at, c),
            Phase::Owing(lead) => self.expand_owing(id, at, c, lead),
        }
    }

    fn expand_in_step(&mut self, id: u32, at: usize, c: char) {
        if c == '('
            && let Some((_, after)) = self.annotation(at + 1)
        {
            // What is before it and what is after it belong together.
            self.push(id, after, Phase::InStep, Kind::Keep, &[], 0.0);
            return;
        }
        let weight = self.as_it_stands(self.nodes[id as usize].pair, c);
        self.push(id, at + 1, Phase::InStep, Kind::Keep, &[c], weight);
        if !is_lone(c) {
            return;
        }
        if let Some([trail, lead]) = self.char(at + 1).and_then(placeholder) {
            let gbk = self.gbk;
            let cost = if self.known.damaged { 0.0 } else { BREAK };
            let row = gbk.ending(trail).map(|x| (x, Phase::Owing(lead)));
            self.push_row(id, at + 2, Kind::Break, cost, row);
        }
        if let (Some((syllable, after)), Some(before)) = (self.annotation(at + 1), self.char_before(at))
            && let Some([_, first]) = self.gbk.encode(before)
        {
            for read in readings().chars(syllable).chars() {
                if let Some([lead, trail]) = self.gbk.encode(read)
                    && lead == first
                    && trail >= 0x81
                {
                    self.push(id, after, Phase::Owing(trail), Kind::Resume, &[], 0.0);
                }
            }
        }
    }

    fn expand_owing(&mut self, id: u32, at: usize, c: char, lead: u8) {
        let bytes = self.gbk.encode(c).or_else(|| folded(c, self.known.width));
        if let Some([first, second]) = bytes
            && let Some(read) = self.gbk.decode(lead, first)
        {
            let read = self.known.width.fold(read);
            let weight = self.likely(id, read);
            if second >= 0x81 {
                self.push(id, at + 1, Phase::Owing(second), Kind::Pair, &[read], weight);
            } else if second < 0x80 {
                let ascii = char::from(second);
                let weight = weight + self.model.after(read, ascii);
                self.push(id, at + 1, Phase::InStep, Kind::PairAscii, &[read, ascii], weight);
            }
        }
        // The second byte of the characters that GBK has beyond GB 2312 may be ASCII.
        if matches!(c, '@'..='~')
            && let Some(read) = self.gbk.decode(lead, c as u8)
        {
            let weight = self.likely(id, read);
            self.push(id, at + 1, Phase::InStep, Kind::Ascii, &[read], weight);
        }
        if matches!(c, '(' | '（')
            && let Some((syllable, after)) = self.annotation(at + 1)
            && self.char_before(at).is_some_and(|b| readings().reads(b, syllable))
        {
            self.push(id, after, Phase::Owing(lead), Kind::Annotation, &[], 0.0);
        }
        if is_lone(c) {
            self.expand_lone(id, at, lead);
        }
        if self.known.dropped.is_finite() {
            self.expand_dropped(id, at, c, lead);
        }
    }

    /// Private-use pairs stood here: each was the second byte of a character and the first of the next.
    fn expand_dropped(&mut self, id: u32, at: usize, c: char, lead: u8) {
        let pair = self.nodes[id as usize].pair;
        let read = USER_DEFINED.into_iter().flatten().filter_map(|trail| self.gbk.decode(lead, trail));
        let first: f32 = read.map(|c| self.model.third(pair, c)).sum();
        let weight = self.known.dropped + first.ln();
        let many = 1..=DROPPED_MOST;
        let many = many.map(|many| (many, weight + f32::from(many - 1) * ALSO_USER_DEFINED));
        if let Some([trail, next]) = self.gbk.encode(c).or_else(|| folded(c, self.known.width)) {
            let last = ending()[usize::from(trail)].ln();
            for (many, weight) in many.clone() {
                let (phase, kind, second) = match next {
                    0x81.. => (Phase::Owing(next), Kind::Dropped(many), '\0'),
                    ..0x80 => (Phase::InStep, Kind::DroppedAscii(many), char::from(next)),
                    0x80 => continue,
                };
                self.push(id, at + 1, phase, kind, &['\0', second], weight + last);
            }
        }
        // Of the characters of Simplified text none ends so.
        if matches!(c, '@'..='~') && self.known.script != Some(Script::Hans) {
            let last = ending()[c as usize].ln();
            for (many, weight) in many.clone() {
                self.push(id, at + 1, Phase::InStep, Kind::DroppedLast(many), &['\0', '\0'], weight + last);
            }
        }
        if is_lone(c) {
            let next = self.char(at + 1);
            let at_end = next.is_none() && self.to_line_end;
            for (many, weight) in many {
                if let Some(cost) = alone(next) {
                    self.push(
                        id,
                        at + 1,
                        Phase::InStep,
                        Kind::DroppedLast(many),
                        &['\0', '\0'],
                        weight + cost,
                    );
                }
                for ((swallowed, _), share) in SWALLOWED.into_iter().zip(self.known.swallowed) {
                    let share = if at_end { 1.0 } else { share };
                    let kind = Kind::DroppedLastSwallowed(many);
                    self.push(id, at + 1, Phase::InStep, kind, &['\0', swallowed], weight + share.ln());
                }
            }
        }
    }

    /// The characters that begin with `lead` and are not much worse after `from` than the best of them, with their likelihoods.
    fn row(&mut self, from: u32, lead: u8) -> Vec<(char, u8, f32)> {
        let width = self.known.width;
        let State { at, since, .. } = self.nodes[from as usize].state;
        let ends = matches!(self.char(at as usize + 1), None | Some('，' | ',' | '。' | '：' | ':'));
        let (gbk, model) = (self.gbk, self.model);
        let mut row: Vec<_> = (0x80..=0xFE)
            .filter_map(|trail| Some((width.fold(gbk.decode(lead, trail)?), trail)))
            .filter(|(c, _)| model.symbol(*c) != 0 && !replaced(*c))
            .map(|(c, trail)| {
                let likely = self.likely(from, c);
                // Half of it: the other half is for everything else that can stand there.
                let said = if ends { says(since + 1, c) / 2.0 } else { 0.0 };
                (c, trail, if said > 0.0 { add(likely, said.ln()) } else { likely })
            })
            .collect();
        let best = row.iter().map(|r| r.2).fold(f32::NEG_INFINITY, f32::max);
        row.retain(|r| r.2 >= best - ROW_BEAM);
        row
    }

    /// A lone byte where the first byte of a character has been read.
    fn expand_lone(&mut self, id: u32, at: usize, lead: u8) {
        let row = self.row(id, lead);
        if let Some((syllable, _)) = self.annotation(at + 1) {
            for (x, _, weight) in row.iter().filter(|r| readings().reads(r.0, syllable)) {
                self.push(id, at + 1, Phase::InStep, Kind::LastAnnotated, &[*x, '('], *weight);
            }
        }
        let next = self.char(at + 1);
        let alone = alone(next);
        let after = self.window.get(at + 1).map_or(self.text.len(), |w| w.0);
        let tag = is_tag_tail(&self.text[after..]);
        let gbk = self.gbk;
        let best = row.iter().map(|r| r.2).fold(f32::NEG_INFINITY, f32::max);
        for (x, trail, likely) in row {
            if let Some(cost) = alone {
                self.push(id, at + 1, Phase::InStep, Kind::Last, &[x], likely + cost);
            }
            if likely < best - LOST_BEAM {
                continue;
            }
            let pair = self.model.pair(self.nodes[id as usize].state.last[1], self.model.symbol(x));
            for ((swallowed, _), share) in SWALLOWED.into_iter().zip(self.known.swallowed) {
                let p = match swallowed {
                    '<' if tag => 1.0,
                    _ if tag => continue,
                    // How lines end is known, and counted when this one does.
                    _ if next.is_none() && self.to_line_end => 1.0,
                    // Digits are where numbers are expected: 月, 第.
                    '0' => (10.0 * self.model.third(pair, '0') * share).sqrt(),
                    _ if !chars::is_han(x) => share * AFTER_MARK,
                    _ => share,
                };
                self.push(id, at + 1, Phase::InStep, Kind::LastSwallowed, &[x, swallowed], likely + p.ln());
            }
            // Two bytes: the second of a character and the first of the next.
            for second in gbk.without_pair(trail) {
                self.push(id, at + 1, Phase::Owing(*second), Kind::BadPair, &[x], likely);
            }
        }
    }

    /// Searches until the readings agree; returns the byte offset it got to and the runs up to there. `None` where the window
    /// ended before the line did and this is not the `last` try.
    fn run(&mut self, last: bool) -> Option<(usize, Vec<Run>)> {
        let len = self.window.len();
        let mut at = 0;
        let mut furthest = 0;
        while at < len {
            self.prune(at);
            let layer = self.layers[at].clone();
            // Past the trigger and of one mind: the rest of the line is for the next search.
            if at > 2
                && furthest <= at
                && let [only] = layer[..]
                && self.nodes[only as usize].state.phase == Phase::InStep
            {
                break;
            }
            self.leaving.push(self.steps.len() as u32);
            if self.steps.len() > STEPS {
                return Some((self.offset(at), Vec::new()));
            }
            let lone = self.char(at).is_some_and(is_lone);
            let mut layer = layer;
            if lone && layer.len() > LONE_WIDTH {
                // Behind another mark a reading that ends there and one that goes on are not better and worse ones of the same.
                let again = at.checked_sub(1).and_then(|before| self.char(before)).is_some_and(is_lone);
                if again {
                    layer.sort_by(|a, b| self.promise(*b).total_cmp(&self.promise(*a)));
                    let mut left = [LONE_AGAIN_WIDTH, LONE_WIDTH];
                    layer.retain(|id| {
                        let in_step = self.nodes[*id as usize].state.phase == Phase::InStep;
                        let left = &mut left[usize::from(in_step)];
                        let keep = *left > 0;
                        *left = left.saturating_sub(1);
                        keep
                    });
                } else {
                    let forward = |id: &u32| self.nodes[*id as usize].forward;
                    layer.sort_by(|a, b| forward(b).total_cmp(&forward(a)));
                    layer.truncate(LONE_WIDTH);
                }
            }
            for id in layer {
                self.expand(id);
            }
            at += 1;
            furthest = (at..=len.min(at + pinyin::LONGEST + 2))
                .rev()
                .find(|at| !self.layers[*at].is_empty())
                .unwrap_or(at);
        }
        self.leaving.push(self.steps.len() as u32);
        // Where so many readings are alive after so many characters no end is in sight: what there is must do.
        if at == len && !self.to_line_end && !last && self.steps.len() < STEPS / 4 {
            return None;
        }
        let offset = self.offset(at);
        Some((offset, self.collect(at, at == len && self.to_line_end)))
    }

    /// How likely a reading is so far, and the byte that it owes to be the first of a character.
    fn promise(&self, id: u32) -> f32 {
        let node = &self.nodes[id as usize];
        let ahead = match node.state.phase {
            Phase::Owing(lead) => leading()[usize::from(lead)],
            Phase::InStep => 0.0,
        };
        node.forward + ahead
    }

    /// Keeps the best readings at a place.
    fn prune(&mut self, at: usize) {
        let mut layer = std::mem::take(&mut self.layers[at]);
        let forward = |id: &u32| self.nodes[*id as usize].forward;
        let best = layer.iter().map(forward).fold(f32::NEG_INFINITY, f32::max);
        layer.retain(|id| forward(id) >= best - BEAM);
        if layer.len() > WIDTH {
            layer.sort_by(|a, b| forward(b).total_cmp(&forward(a)));
            layer.truncate(WIDTH);
        }
        self.layers[at] = layer;
    }

    fn offset(&self, at: usize) -> usize {
        let end = || self.window.last().map_or(self.text.len(), |(at, c)| at + c.len_utf8());
        self.window.get(at).map_or_else(end, |w| w.0)
    }

    /// The runs of the best reading up to the character at `end`.
    fn collect(&mut self, end: usize, line_ends: bool) -> Vec<Run> {
        let ends: Vec<u32> = self.layers[end]
            .iter()
            .copied()
            .filter(|id| self.nodes[*id as usize].state.phase == Phase::InStep)
            .collect();
        let mut best = (f32::NEG_INFINITY, u32::MAX);
        let mut whole = f32::NEG_INFINITY;
        for &id in &ends {
            let node = &mut self.nodes[id as usize];
            let mut close = 0.0;
            if line_ends {
                let last = node.state.last[1];
                let end = ["。", "!", "?", "…", "”"]
                    .iter()
                    .any(|c| c.chars().all(|c| self.model.symbol(c) == last))
                    .then_some(END_MARK)
                    .or_else(|| SWALLOWED.iter().position(|(s, _)| self.model.symbol(*s) == last))
                    .unwrap_or(END_OTHER);
                close = self.known.ends[end] + LEFT_OPEN * node.state.open.0.count_ones() as f32;
            }
            node.backward = close;
            whole = add(whole, node.forward + close);
            if node.best + close > best.0 {
                best = (node.best + close, id);
            }
        }
        for step in self.steps.iter().rev() {
            let backward = self.nodes[step.to as usize].backward + step.weight;
            let node = &mut self.nodes[step.from as usize];
            node.backward = add(node.backward, backward);
        }
        if self.known.dropped.is_finite() {
            let mut forward = vec![f32::NEG_INFINITY; self.nodes.len()];
            forward[0] = 0.0;
            for step in self.steps.iter().filter(|s| !s.kind.is_gap()) {
                let through = forward[step.from as usize] + step.weight;
                let sum = &mut forward[step.to as usize];
                *sum = add(*sum, through);
            }
            let through = |id: &u32| forward[*id as usize] + self.nodes[*id as usize].backward;
            self.without_gaps = ends.iter().map(through).fold(f32::NEG_INFINITY, add) - whole;
        }
        let mut path = Vec::new();
        let mut id = best.1;
        while let Some(step) = self.nodes.get(id as usize).and_then(|n| self.steps.get(n.step as usize)) {
            path.push(step);
            id = step.from;
        }
        path.reverse();
        let mut runs = Vec::new();
        for steps in path.split(|s| s.kind == Kind::Keep).filter(|s| !s.is_empty()) {
            runs.extend(self.read(steps, whole));
        }
        runs
    }

    /// A run from the steps of the best reading.
    fn read(&self, steps: &[&Step], whole: f32) -> Option<Run> {
        let (first, last) = (steps.first()?, steps.last()?);
        let (from, to) = (&self.nodes[first.from as usize], &self.nodes[last.to as usize]);
        let span = self.offset(from.state.at as usize)..self.offset(to.state.at as usize);
        let mut pieces = Vec::new();
        let sure = self.share(steps, whole);
        for step in steps {
            let guess = self.marginal(step, whole);
            let piece = |slot: usize| {
                let (c, p) = guess[slot];
                if p > 0.9999 { Piece::Known(c) } else { Piece::Guess(c, p) }
            };
            match step.kind {
                Kind::Keep | Kind::Resume | Kind::Annotation => {}
                Kind::Break | Kind::Pair | Kind::Ascii | Kind::Last | Kind::BadPair => pieces.push(piece(0)),
                Kind::PairAscii | Kind::LastAnnotated => pieces.extend([piece(0), piece(1)]),
                Kind::LastSwallowed if step.out[1] == '<' => pieces.extend([piece(0), Piece::Known('<')]),
                Kind::LastSwallowed => pieces.extend([piece(0), Piece::Swallowed]),
                Kind::Dropped(many) | Kind::DroppedLast(many) => {
                    pieces.extend((0..=many).map(|_| Piece::Gone))
                }
                Kind::DroppedLastSwallowed(many) => {
                    pieces.extend((0..=many).map(|_| Piece::Gone));
                    pieces.push(Piece::Swallowed);
                }
                Kind::DroppedAscii(many) => {
                    pieces.extend((0..=many).map(|_| Piece::Gone));
                    pieces.push(Piece::Known(step.out[1]));
                }
            }
        }
        let bare = !steps
            .iter()
            .any(|s| matches!(s.kind, Kind::Pair | Kind::PairAscii | Kind::Ascii | Kind::Resume));
        // The text as it stands, and two characters on, which both readings have.
        let mut literal = 0.0;
        let [mut a, mut b] = from.state.last;
        for at in from.state.at as usize..to.state.at as usize {
            let c = self.char(at).unwrap_or('\n');
            literal += self.as_it_stands(self.model.pair(a, b), c);
            [a, b] = [b, self.model.symbol(c)];
        }
        let mut damaged = to.best - from.best;
        let [mut x, mut y] = to.state.last;
        for at in to.state.at as usize..(to.state.at as usize + 2).min(self.window.len() + 1) {
            let c = self.char(at).unwrap_or('\n');
            literal += self.as_it_stands(self.model.pair(a, b), c);
            damaged += self.model.third(self.model.pair(x, y), c).ln();
            [a, b] = [b, self.model.symbol(c)];
            [x, y] = [y, self.model.symbol(c)];
        }
        let resumed =
            steps.iter().any(|s| matches!(s.kind, Kind::Resume | Kind::Annotation | Kind::LastAnnotated));
        let mark = self.char(from.state.at as usize + 1);
        let han_before = self.text[..span.start].chars().next_back().is_some_and(chars::is_han);
        let proves = !bare || han_before && mark.is_some_and(is_rare);
        Some(Run { span, pieces, evidence: damaged - literal, sure, resumed, bare, proves })
    }

    /// All steps of the kind and place of this one.
    fn alike(&self, step: &Step) -> impl Iterator<Item = &Step> {
        let at = self.nodes[step.from as usize].state.at as usize;
        let to = self.nodes[step.to as usize].state.at;
        let leaving = self.leaving[at] as usize..self.leaving[at + 1] as usize;
        let (kind, nodes) = (step.kind, &self.nodes);
        self.steps[leaving].iter().filter(move |s| s.kind == kind && nodes[s.to as usize].state.at == to)
    }

    /// The share of the probability of all readings that those have which are made of steps alike to these.
    fn share(&self, steps: &[&Step], whole: f32) -> f32 {
        let mut forward: HashMap<u32, f32, Mix> = HashMap::default();
        for (nth, step) in steps.iter().enumerate() {
            let mut after: HashMap<u32, f32, Mix> = HashMap::default();
            for step in self.alike(step) {
                let before = match nth {
                    0 => self.nodes[step.from as usize].forward,
                    _ => forward.get(&step.from).copied().unwrap_or(f32::NEG_INFINITY),
                };
                let sum = after.entry(step.to).or_insert(f32::NEG_INFINITY);
                *sum = add(*sum, before + step.weight);
            }
            forward = after;
        }
        let through = |(id, sum): (&u32, &f32)| sum + self.nodes[*id as usize].backward;
        (forward.iter().map(through).fold(f32::NEG_INFINITY, add) - whole).exp()
    }

    /// Of the probability of all steps of the kind and place of this one the likeliest characters and their shares.
    fn marginal(&self, step: &Step, whole: f32) -> [(char, f32); 2] {
        let mut sum = 0.0;
        let mut chars: [Vec<(char, f32)>; 2] = Default::default();
        for other in self.alike(step) {
            let p = (self.nodes[other.from as usize].forward
                + other.weight
                + self.nodes[other.to as usize].backward
                - whole)
                .exp();
            sum += p;
            for (found, c) in chars.iter_mut().zip(other.out) {
                match found.iter_mut().find(|f| f.0 == c) {
                    Some(known) => known.1 += p,
                    None => found.push((c, p)),
                }
            }
        }
        chars.map(|found| {
            let (c, p) = found.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(('\0', 0.0));
            (c, p / sum)
        })
    }
}

/// Characters before a trigger that are looked at: two, and the annotations of both.
const CONTEXT: usize = 2 * (pinyin::LONGEST + 3);

/// The last two characters of a line so far, as if there were no annotations: `重點(diǎn)` ends in 重點.
fn context(line: &str) -> [char; 2] {
    let mut last = ['\n'; 2];
    let mut rest = line;
    for slot in last.iter_mut().rev() {
        if let Some(inner) = rest.strip_suffix(')')
            && let Some((open, _)) =
                inner.char_indices().rev().take(pinyin::LONGEST + 1).find(|(_, c)| *c == '(')
            && pinyin::has_tone(&inner[open + 1..])
        {
            rest = &rest[..open];
        }
        let Some(c) = rest.chars().next_back() else { break };
        *slot = c;
        rest = &rest[..rest.len() - c.len_utf8()];
    }
    last
}

/// What is open after `before`; its last line counts, and of that at most 500 characters: this is asked at every run.
fn open_before(before: &str) -> Open {
    let mut line: Vec<char> = before.chars().rev().take(500).take_while(|c| *c != '\n').collect();
    line.reverse();
    line.into_iter().fold(Open::default(), |open, c| open.after(c).0)
}
