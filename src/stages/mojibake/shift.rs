//! GBK read one byte out of step: `在??谑姓褚敌∏?,` → `在海口市振业小区,`.
//!
//! What happened: a program replaced punctuation in GBK bytes by placeholders, also where the two bytes of a mark were the
//! second byte of one character and the first of the next (海口 is BA A3 BF DA, and A3 BF is ？). What stood between was
//! then decoded in pieces: a lead byte left alone before a placeholder became `?`, one before ASCII below 0x40 became `?`
//! and swallowed it, and from the broken place on every pair was read one byte late until something put it in step again.
//!
//! A search reads a line both ways: as it stands, and out of step from each `?` before such a mark. Which is right is the
//! likelihood ratio of the two under the bigram model; what was lost (the first byte of the first character, the second
//! of the last, swallowed ASCII) is filled where one character is all but certain, else marked.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use super::gbk::{Gbk, gbk};
use super::{OUT_OF_STEP, Repair};
use crate::edit::Confidence;
use crate::lang::chars;
use crate::lang::han_model::{Model, model};
use crate::lang::pinyin::{self, readings};

/// Evidence that proves such damage in a document on its own, in nats.
const PROOF: f32 = 12.0;
/// Evidence that is enough where the document is proven to be damaged elsewhere.
const ENOUGH: f32 = 3.0;
/// What a break costs, in nats: without it the search would rather break than read an odd sentence.
const BREAK: f32 = -4.0;
/// What a swallowed character costs: a digit, a space or a bracket is written about every thirtieth character.
const SWALLOW: f32 = -3.5;
/// What a pair of bytes that the code page does not have costs: about one pair in a hundred of running text read out of step.
const BAD_PAIR: f32 = -4.6;
/// Readings this much worse than the best at the same place are given up.
const BEAM: f32 = 30.0;
/// Readings kept at one place. Four are alive in real damage; the bound is for text made to break us.
const WIDTH: usize = 8;
/// Characters that one search looks at, at first, and where it did not come to an end; the longest run met had 109.
const REACH: [usize; 2] = [64, 1000];

/// About one character in ten of a run is private-use (309 of 3,083 in simulated runs). Where this many are none and some
/// character fits nowhere, they were dropped: on simulated damage without them 4.1 % of 315 runs are then repaired wrongly
/// (with 6: 1.6 %, with 20: 7.9 %, never: 51 %), and with them 1.9 % are left alone that were exact but for marks.
const PAIRS_WITHOUT: u32 = 12;

/// How much likelier, in nats, a character must be beside its neighbours than anywhere else not to be a seam.
const SEAM: f32 = -1.0;

/// The share of all candidates' probability that one must have to be filled in. On simulated damage (79 documents, 315 runs) 0.90
/// left 6.0 % of the runs wrong, 0.97 4.8 %, 0.99 4.1 %; about half of these are not wrong characters but marks that are
/// too many or too few.
const CERTAIN: f32 = 0.97;

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
        let mut after_han = false;
        for c in text.chars() {
            match c {
                ',' | '!' | ';' | ':' | '(' if after_han => folded += 1,
                '，' | '！' | '；' | '：' | '（' if after_han => full += 1,
                _ => {}
            }
            after_han = chars::is_han(c) || is_lone(c);
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

/// A byte that lost its other half.
fn is_lone(c: char) -> bool {
    matches!(c, '?' | '\u{FFFD}')
}

/// What can stand after the mark where a run begins: a pair read out of step, half of one, or a pair folded to ASCII.
fn is_carrier(c: char) -> bool {
    is_lone(c) || c.is_ascii_alphabetic() || placeholder(c).is_none() && gbk().encode(c).is_some()
}

/// Where `text` may be out of step: byte offsets of `?` and U+FFFD before a mark and a character of two bytes, or before
/// the end of an annotation.
pub fn triggers(text: &str) -> impl Iterator<Item = usize> + '_ {
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
                chars.next().is_some_and(|c| is_carrier(c) && (gbk().encode(c).is_some() || han_before()))
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    InStep,
    /// A lead byte has been read whose trail byte is in the next pair.
    Owing(u8),
    /// A lead byte whose trail byte is in the next pair is in a pair that the code page does not have: both are lost.
    OwingLost,
}

/// What the next character is judged after.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Context {
    Known(char),
    /// A character of which only the second byte is known, after a known one.
    Ending(Option<char>, u8),
    /// A character of which only the first byte is known, after a known one.
    Starting(Option<char>, u8),
    Nothing,
}

impl Context {
    fn char(self) -> Option<char> {
        match self {
            Self::Known(c) => Some(c),
            Self::Ending(..) | Self::Starting(..) | Self::Nothing => None,
        }
    }
}

/// What a step of a reading writes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Out {
    Keep,
    Char(char),
    /// A character and the ASCII character that had been read as its second half.
    CharAndAscii(char, char),
    Ending(u8),
    Starting(u8),
    /// A character of which only the first byte is known, and what was swallowed after it, if that is known.
    StartingAndSwallowed(u8, Option<char>),
    /// A character of which nothing is known.
    Unknown,
    Nothing,
}

#[derive(Clone, Copy)]
struct Node {
    score: f32,
    phase: Phase,
    context: Context,
    /// The step before, in the arena.
    from: u32,
    /// First character of the window that this step read.
    at: u32,
    out: Out,
}

/// The likelihoods that a look at every character of a row of the code page gave: of the characters of one byte in one context.
/// One place for many keys, the last one stays: a run meets the same contexts over and over, and so does text made to break us.
struct Rows(Box<[Cell<(u64, f32)>]>);

/// 64 KB: small beside the tables, and a run has some hundred keys.
const ROWS: usize = 1 << 12;

impl Rows {
    fn new() -> Self {
        // No key is 0: the kinds begin at 1.
        Self(vec![Cell::new((0, 0.0)); ROWS].into_boxed_slice())
    }

    /// The value of `kind` (1 to 3), the character before, the byte and the character after; `make` computes it.
    fn get(&self, kind: u64, before: Option<char>, byte: u8, after: char, make: impl FnOnce() -> f32) -> f32 {
        // A character has 21 bits, and none is above 10FFFF.
        let before = before.map_or(0x1F_FFFF, u64::from);
        let key = kind << 50 | before << 29 | u64::from(byte) << 21 | u64::from(after);
        // Multiplicative hashing by the golden ratio (Knuth, volume 3, section 6.4).
        let place = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - ROWS.trailing_zeros());
        let slot = &self.0[place as usize];
        let (known, value) = slot.get();
        if known == key {
            return value;
        }
        let value = make();
        slot.set((key, value));
        value
    }
}

/// One search: a window of a line, and all that is needed to read it.
struct Search<'t> {
    rows: &'t Rows,
    gbk: &'static Gbk,
    model: &'static Model,
    text: &'t str,
    width: Width,
    /// Byte offset and character.
    window: Vec<(usize, char)>,
    /// Whether the window reaches to the end of the line.
    to_line_end: bool,
    arena: Vec<Node>,
    layers: Vec<Vec<u32>>,
}

/// Looks at `text` from each trigger on.
pub fn find(text: &str, mark: &str) -> Vec<Repair> {
    let mut candidates = triggers(text).peekable();
    if candidates.peek().is_none() {
        return Vec::new();
    }
    let width = Width::of(text);
    let rows = Rows::new();
    let mut runs = Vec::new();
    let mut done = 0;
    for at in candidates {
        if at < done {
            continue;
        }
        for reach in REACH {
            let mut search = Search::new(text, &rows, at, done, width, reach);
            if let Some(end) = search.run(&mut runs, reach == REACH[1]) {
                done = end;
                break;
            }
        }
    }
    write(runs, text, width, mark)
}

/// A run as read: what it covers and what it writes, before what is unknown is filled.
struct Run {
    span: Range<usize>,
    outs: Vec<Out>,
    evidence: f32,
}

impl<'t> Search<'t> {
    fn new(text: &'t str, rows: &'t Rows, trigger: usize, done: usize, width: Width, reach: usize) -> Self {
        let before = text[done..trigger].chars().next_back().filter(|c| *c != '\n');
        let start = trigger - before.map_or(0, char::len_utf8);
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
        let layers = vec![Vec::new(); window.len() + 1];
        Self { rows, gbk: gbk(), model: model(), text, width, window, to_line_end, arena: Vec::new(), layers }
    }

    /// Searches until the readings agree; adds the runs of the best one and returns the byte offset it got to. `None` where
    /// the window ended before the line did and this is not the `last` try.
    fn run(&mut self, runs: &mut Vec<Run>, last: bool) -> Option<usize> {
        let len = self.window.len();
        self.arena.push(Node {
            score: 0.0,
            phase: Phase::InStep,
            context: Context::Known('\n'),
            from: u32::MAX,
            at: 0,
            out: Out::Keep,
        });
        self.layers[0].push(0);
        let mut furthest = 0;
        let mut at = 0;
        while at < len {
            let layer = std::mem::take(&mut self.layers[at]);
            // Past the trigger and of one mind: the rest of the line is for the next search.
            if at > 3 && furthest == at && layer.len() == 1 {
                let node = self.arena[layer[0] as usize];
                if node.phase == Phase::InStep
                    && matches!(node.context, Context::Known(_))
                    && node.out == Out::Keep
                {
                    self.layers[at] = layer;
                    break;
                }
            }
            for index in layer {
                furthest = furthest.max(self.expand(index, at));
            }
            at += 1;
            self.prune(at);
        }
        let end_of_line = at == len && self.to_line_end;
        if at == len && !self.to_line_end && !last {
            return None;
        }
        let best = self.layers[at]
            .iter()
            .copied()
            .filter(|&n| self.arena[n as usize].phase == Phase::InStep)
            .max_by(|&a, &b| {
                let score = |n: u32| {
                    let node = &self.arena[n as usize];
                    node.score + if end_of_line { self.step(node.context, '\n') } else { 0.0 }
                };
                score(a).total_cmp(&score(b))
            });
        if let Some(best) = best {
            self.collect(best, at, runs);
        }
        Some(self.window.get(at).map_or_else(|| self.window_end(), |w| w.0))
    }

    /// Keeps the best readings of a layer, and of those that nothing can tell apart any more the better one.
    fn prune(&mut self, at: usize) {
        let mut layer = std::mem::take(&mut self.layers[at]);
        layer.sort_by(|&a, &b| self.arena[b as usize].score.total_cmp(&self.arena[a as usize].score));
        let best = layer.first().map_or(0.0, |&n| self.arena[n as usize].score);
        let mut kept: Vec<u32> = Vec::with_capacity(WIDTH);
        for n in layer {
            let node = &self.arena[n as usize];
            if kept.len() == WIDTH || node.score < best - BEAM {
                break;
            }
            let same = |&k: &u32| {
                let other = &self.arena[k as usize];
                other.phase == node.phase && other.context == node.context
            };
            if !kept.iter().any(same) {
                kept.push(n);
            }
        }
        self.layers[at] = kept;
    }

    /// Logarithm of the probability of `c` in this context; of all characters that fit an unknown one the best counts.
    fn step(&self, context: Context, c: char) -> f32 {
        let through = |before: Option<char>, x: char| {
            before.map_or_else(|| self.model.alone(x), |b| self.model.after(b, x)) + self.model.after(x, c)
        };
        match context {
            Context::Known(before) => self.model.after(before, c),
            Context::Ending(before, trail) => self.rows.get(1, before, trail, c, || {
                self.gbk.ending(trail).map(|x| through(before, x)).fold(f32::NEG_INFINITY, f32::max)
            }),
            Context::Starting(before, lead) => self.rows.get(2, before, lead, c, || {
                self.gbk.starting(lead).map(|x| through(before, x)).fold(f32::NEG_INFINITY, f32::max)
            }),
            Context::Nothing => self.model.alone(c),
        }
    }

    fn push(&mut self, node: Node, next: usize) -> usize {
        if next >= self.layers.len() || !node.score.is_finite() {
            return 0;
        }
        self.arena.push(node);
        self.layers[next].push(self.arena.len() as u32 - 1);
        next
    }

    /// Adds every step that can follow a reading at a character; returns the furthest place reached.
    fn expand(&mut self, index: u32, at: usize) -> usize {
        let node = self.arena[index as usize];
        let c = self.window[at].1;
        match node.phase {
            Phase::InStep => self.expand_in_step(node, index, at, c),
            Phase::Owing(lead) => self.expand_owing(node, index, at, c, lead),
            Phase::OwingLost => self.expand_owing_lost(node, index, at, c),
        }
    }

    fn next_char(&self, at: usize) -> Option<char> {
        self.window.get(at).map(|w| w.1)
    }

    /// The syllable and the place after its bracket, where the window goes on with one.
    fn annotation(&self, at: usize) -> Option<(&'t str, usize)> {
        let offset = self.window.get(at)?.0;
        let syllable = annotation_end(&self.text[offset..])?;
        Some((syllable, at + syllable.chars().count() + 1))
    }

    fn expand_in_step(&mut self, node: Node, index: u32, at: usize, c: char) -> usize {
        let base = Node { from: index, at: at as u32, ..node };
        let score = node.score + self.step(node.context, c);
        let mut furthest =
            self.push(Node { score, context: Context::Known(c), out: Out::Keep, ..base }, at + 1);
        if !is_lone(c) {
            return furthest;
        }
        if let Some([trail, lead]) = self.next_char(at + 1).and_then(placeholder) {
            let carrier = self.next_char(at + 2).is_some_and(is_carrier);
            if carrier {
                let next = Node {
                    score: node.score + BREAK,
                    phase: Phase::Owing(lead),
                    context: Context::Ending(node.context.char(), trail),
                    out: Out::Ending(trail),
                    ..base
                };
                furthest = furthest.max(self.push(next, at + 2));
            }
        }
        // `槍?zhuān)`: the syllable was inserted after a pair whose first byte is the second of 槍. The bracket was
        // swallowed by the lead byte that is the pair's second.
        if let (Some((syllable, after)), Some(before)) = (self.annotation(at + 1), node.context.char())
            && let Some([_, first]) = self.gbk.encode(before)
        {
            for read in readings().chars(syllable).chars() {
                if let Some([lead, trail]) = self.gbk.encode(read)
                    && lead == first
                    && trail >= 0x81
                {
                    let phase = Phase::Owing(trail);
                    furthest = furthest.max(self.push(Node { phase, out: Out::Nothing, ..base }, after));
                }
            }
        }
        furthest
    }

    fn expand_owing(&mut self, node: Node, index: u32, at: usize, c: char, lead: u8) -> usize {
        let base = Node { from: index, at: at as u32, ..node };
        let mut furthest = 0;
        let mut pair = |this: &mut Self, [first, second]: [u8; 2]| {
            let Some(read) = this.gbk.decode(lead, first) else { return };
            let score = node.score + this.step(node.context, read);
            let next = if second >= 0x81 {
                Node {
                    score,
                    phase: Phase::Owing(second),
                    context: Context::Known(read),
                    out: Out::Char(read),
                    ..base
                }
            } else if second < 0x80 {
                let ascii = char::from(second);
                let score = score + this.model.after(read, ascii);
                Node {
                    score,
                    phase: Phase::InStep,
                    context: Context::Known(ascii),
                    out: Out::CharAndAscii(read, ascii),
                    ..base
                }
            } else {
                return;
            };
            furthest = furthest.max(this.push(next, at + 1));
        };
        if let Some(bytes) = self.gbk.encode(c) {
            pair(self, bytes);
        } else if self.width == Width::Folded {
            // What the folding made ASCII was a pair of its own.
            match c {
                '!'..='~' => pair(self, [0xA3, c as u8 + 0x80]),
                ' ' => pair(self, [0xA1, 0xA1]),
                _ => {}
            }
        } else if let Some(bytes) = placeholder(c)
            && !c.is_ascii()
        {
            pair(self, bytes);
        }
        // The second byte of the characters that GBK has beyond GB 2312 may be ASCII: 設 is D4 4F.
        if matches!(c, '@'..='~')
            && let Some(read) = self.gbk.decode(lead, c as u8)
        {
            let score = node.score + self.step(node.context, read);
            let next = Node {
                score,
                phase: Phase::InStep,
                context: Context::Known(read),
                out: Out::Char(read),
                ..base
            };
            furthest = furthest.max(self.push(next, at + 1));
        }
        // An annotation of a pair that was read out of step goes.
        if matches!(c, '(' | '（')
            && let Some((_, after)) = self.annotation(at + 1)
        {
            furthest = furthest.max(self.push(Node { out: Out::Nothing, ..base }, after));
        }
        if is_lone(c) {
            let known = node.context.char();
            let next = self.next_char(at + 1);
            // Where nothing was folded an ASCII mark is no placeholder, and a second `?` is a second lone byte.
            let standing =
                |n: char| placeholder(n).is_some() && (self.width == Width::Folded || !n.is_ascii());
            if next.is_none_or(standing) {
                let context = Context::Starting(known, lead);
                let next = Node { phase: Phase::InStep, context, out: Out::Starting(lead), ..base };
                furthest = furthest.max(self.push(next, at + 1));
            } else {
                let tail = self.window.get(at + 1).is_some_and(|w| is_tag_tail(&self.text[w.0..]));
                let swallowed = tail.then_some('<');
                // What follows is judged alone; the unknown character by the best that fits.
                let unknown = self.best(known, lead);
                let next = Node {
                    score: node.score + unknown + if tail { 0.0 } else { SWALLOW },
                    phase: Phase::InStep,
                    context: Context::Nothing,
                    out: Out::StartingAndSwallowed(lead, swallowed),
                    ..base
                };
                furthest = furthest.max(self.push(next, at + 1));
            }
            let best = self.best(known, lead);
            let next = Node {
                score: node.score + best + BAD_PAIR,
                phase: Phase::OwingLost,
                context: Context::Nothing,
                out: Out::Starting(lead),
                ..base
            };
            furthest = furthest.max(self.push(next, at + 1));
            if let Some((syllable, after)) = self.annotation(at + 1) {
                for read in readings().chars(syllable).chars() {
                    if self.gbk.encode(read).is_some_and(|pair| pair[0] == lead && pair[1] >= 0x81) {
                        let score = node.score + self.step(node.context, read);
                        let context = Context::Known(read);
                        let next =
                            Node { score, phase: Phase::InStep, context, out: Out::Char(read), ..base };
                        furthest = furthest.max(self.push(next, after));
                    }
                }
            }
        }
        furthest
    }

    fn expand_owing_lost(&mut self, node: Node, index: u32, at: usize, c: char) -> usize {
        let base = Node { from: index, at: at as u32, ..node };
        if is_lone(c) {
            let next = Node {
                score: node.score + SWALLOW,
                phase: Phase::InStep,
                context: Context::Nothing,
                out: Out::Unknown,
                ..base
            };
            return self.push(next, at + 1);
        }
        match self.gbk.encode(c) {
            Some([trail, lead]) if lead >= 0x81 => {
                let context = Context::Ending(None, trail);
                self.push(
                    Node { phase: Phase::Owing(lead), context, out: Out::Ending(trail), ..base },
                    at + 1,
                )
            }
            _ => 0,
        }
    }

    /// Logarithm of the probability of the best of the characters that begin with `lead` after a known character.
    fn best(&self, before: Option<char>, lead: u8) -> f32 {
        let before = before.unwrap_or('\n');
        self.rows.get(3, Some(before), lead, '\0', || {
            self.gbk.starting(lead).map(|x| self.model.after(before, x)).fold(f32::NEG_INFINITY, f32::max)
        })
    }

    /// Walks a reading back to its start and notes every stretch of it that is not as it stands.
    fn collect(&self, last: u32, end: usize, runs: &mut Vec<Run>) {
        let mut path = Vec::new();
        let mut at = last;
        while let Some(node) = self.arena.get(at as usize).filter(|n| n.from != u32::MAX) {
            path.push(*node);
            at = node.from;
        }
        path.reverse();
        let mut from = 0;
        while let Some(start) = path[from..].iter().position(|n| n.out != Out::Keep).map(|n| n + from) {
            let stop =
                path[start..].iter().position(|n| n.out == Out::Keep).map_or(path.len(), |n| n + start);
            let first = path[start].at as usize;
            let after = path.get(stop).map_or(end, |n| n.at as usize);
            let before = if start == 0 { 0.0 } else { path[start - 1].score };
            let broken = match path.get(stop) {
                Some(node) => node.score,
                None => path[stop - 1].score + self.step(path[stop - 1].context, '\n'),
            } - before;
            let mut literal = 0.0;
            let mut previous = if first == 0 { '\n' } else { self.window[first - 1].1 };
            for i in first..=after {
                let c = self.next_char(i).unwrap_or('\n');
                literal += self.model.after(previous, c);
                previous = c;
            }
            let offset = |i: usize| self.window.get(i).map_or_else(|| self.window_end(), |w| w.0);
            let outs = path[start..stop].iter().map(|n| n.out).collect();
            runs.push(Run { span: offset(first)..offset(after), outs, evidence: broken - literal });
            from = stop;
        }
    }

    fn window_end(&self) -> usize {
        self.window.last().map_or(self.text.len(), |(at, c)| at + c.len_utf8())
    }
}

/// A character of a run: known, or known by half, or swallowed.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Known(char),
    Ending(u8),
    Starting(u8),
    /// Swallowed, or lost on both sides.
    Lost,
}

/// An unknown character: whether its first byte is the one known, that byte, and the two characters on each side.
type Place = (bool, u8, [Option<char>; 4]);

/// Two neighbours of an unknown character, of which the document may know it, and their places.
type Neighbours = (u8, char, char);

/// Fills what is unknown where it is certain, and writes the runs out.
fn write(runs: Vec<Run>, text: &str, width: Width, mark: &str) -> Vec<Repair> {
    if !runs.iter().any(|run| run.evidence >= PROOF) {
        return Vec::new();
    }
    let mut all: Vec<Vec<Piece>> = runs.iter().map(|run| pieces(&run.outs, width)).collect();
    for (run, pieces) in runs.iter().zip(&mut all) {
        close_quote(text, run, pieces);
    }
    // Twice: what the first look fills in one run tells the second look of another.
    for _ in 0..2 {
        let mut known = wanted(&runs, &all, text);
        count(text, &runs, &all, &mut known);
        // Within one look nothing else decides, and text that repeats itself asks the same again.
        let mut read: HashMap<Place, Option<char>> = HashMap::new();
        for (run, pieces) in runs.iter().zip(&mut all) {
            for at in 0..pieces.len() {
                let around = Around::new(text, run, pieces);
                let place = [-2, -1, 1, 2].map(|by| around.char(at, by));
                let read = match pieces[at] {
                    Piece::Known(_) | Piece::Lost => continue,
                    Piece::Ending(trail) => *read
                        .entry((false, trail, place))
                        .or_insert_with(|| around.certain(at, gbk().ending(trail), &known, width)),
                    Piece::Starting(lead) => *read
                        .entry((true, lead, place))
                        .or_insert_with(|| around.certain(at, gbk().starting(lead), &known, width)),
                };
                if let Some(c) = read {
                    pieces[at] = Piece::Known(c);
                }
            }
        }
    }
    // Where they were dropped half the runs are read wrongly, and nothing tells which.
    let seams = || {
        runs.iter().zip(&all).any(|(run, pieces)| {
            let around = Around::new(text, run, pieces);
            run.evidence >= ENOUGH && (0..pieces.len()).any(|at| around.is_seam(at))
        })
    };
    let sure = !(lacks_private_use(&runs, text) && seams());
    let repairs = runs.into_iter().zip(all).filter_map(|(run, pieces)| {
        let mut with = String::new();
        let mut complete = true;
        for piece in pieces {
            match piece {
                Piece::Known(c) => with.push(c),
                Piece::Ending(_) | Piece::Starting(_) | Piece::Lost => {
                    complete = false;
                    with.push_str(mark);
                }
            }
        }
        // Nothing of such a run is read, only guessed: it proves nothing, and is believed whole or not at all.
        let evidence = match bare_run(&run.outs) {
            true if complete || ends_in_tag(&run.outs) => run.evidence.min(ENOUGH),
            true => f32::NEG_INFINITY,
            false => run.evidence,
        };
        let confidence = if sure { Confidence::Sure } else { Confidence::Likely };
        (evidence >= ENOUGH).then_some(Repair {
            span: run.span,
            with,
            rule: &OUT_OF_STEP,
            complete,
            confidence,
        })
    });
    repairs.collect()
}

/// The neighbours of all unknown characters, with nothing counted yet.
fn wanted(runs: &[Run], all: &[Vec<Piece>], text: &str) -> HashMap<Neighbours, HashMap<char, u32>> {
    let mut wanted = HashMap::new();
    for (run, pieces) in runs.iter().zip(all) {
        let around = Around::new(text, run, pieces);
        for at in 0..pieces.len() {
            for key in around.neighbours(at).into_iter().flatten() {
                wanted.insert(key, HashMap::new());
            }
        }
    }
    wanted
}

/// Fills in the closing mark of an open quotation: `去?!?` at its end, `系统低场?,`. The last character is of the row of the
/// punctuation marks (A1), and the first one of `去?!?`, ending in A3, may be a full stop or any character.
fn close_quote(text: &str, run: &Run, pieces: &mut [Piece]) {
    let (place, tag) = match pieces {
        [.., Piece::Starting(0xA1)] => (pieces.len() - 1, false),
        [.., Piece::Starting(0xA1), Piece::Known('<')] => (pieces.len() - 2, true),
        _ => return,
    };
    let next = text[run.span.end..].chars().next();
    if tag || next.is_none_or(|c| c == '\n' || placeholder(c).is_some()) {
        let known = pieces
            .iter()
            .filter_map(|p| if let Piece::Known(c) = p { Some(*c) } else { None })
            .collect::<String>();
        if let Some(close) = open_quote(&text[..run.span.start], &known) {
            pieces[place] = Piece::Known(close);
        }
    }
}

/// Whether the private-use characters that runs out of step are full of have been dropped from `text`.
fn lacks_private_use(runs: &[Run], text: &str) -> bool {
    let runs = runs.iter().filter(|run| run.evidence >= ENOUGH);
    let (mut pairs, mut private) = (0, 0);
    for c in runs.flat_map(|run| text[run.span.clone()].chars()) {
        pairs += 1;
        private += u32::from(chars::is_private_use(c));
    }
    pairs >= PAIRS_WITHOUT && private == 0
}

/// Whether no character of a run is known from its bytes.
fn bare_run(outs: &[Out]) -> bool {
    !outs.iter().any(|out| matches!(out, Out::Char(_) | Out::CharAndAscii(..)))
}

/// Whether a tag goes on after a run: then it is one, whatever was lost, and the tag must have its bracket again.
fn ends_in_tag(outs: &[Out]) -> bool {
    matches!(outs.last(), Some(Out::StartingAndSwallowed(_, Some('<'))))
}

/// The closing mark of the quotation or title that is open after `before` (its last line counts) and `run`.
fn open_quote(before: &str, run: &str) -> Option<char> {
    let mut closed = Vec::new();
    // A quotation of more than 500 characters in one line is not looked for: this is asked at every such run.
    for c in run.chars().rev().chain(before.chars().rev().take(500).take_while(|c| *c != '\n')) {
        let close = match c {
            '”' | '」' | '》' => {
                closed.push(c);
                continue;
            }
            '“' => '”',
            '「' => '」',
            '《' => '》',
            _ => continue,
        };
        if closed.pop().is_none() {
            return Some(close);
        }
    }
    None
}

fn pieces(outs: &[Out], width: Width) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(outs.len() + 1);
    for out in outs {
        match *out {
            Out::Keep | Out::Nothing => {}
            Out::Char(c) => pieces.push(Piece::Known(width.fold(c))),
            Out::CharAndAscii(c, ascii) => pieces.extend([Piece::Known(width.fold(c)), Piece::Known(ascii)]),
            Out::Ending(trail) => pieces.push(Piece::Ending(trail)),
            Out::Starting(lead) => pieces.push(Piece::Starting(lead)),
            Out::Unknown => pieces.push(Piece::Lost),
            Out::StartingAndSwallowed(lead, swallowed) => {
                pieces.extend([Piece::Starting(lead), swallowed.map_or(Piece::Lost, Piece::Known)]);
            }
        }
    }
    pieces
}

/// Counts, over the text with what is read of the runs, what stands between or beside the wanted neighbours.
fn count(text: &str, runs: &[Run], all: &[Vec<Piece>], wanted: &mut HashMap<Neighbours, HashMap<char, u32>>) {
    if wanted.is_empty() {
        return;
    }
    let mut last = [None; 2];
    let mut see = |c: Option<char>| {
        if let ([Some(a), Some(b)], Some(c)) = (last, c) {
            for (key, found) in [((0, a, b), c), ((1, a, c), b), ((2, b, c), a)] {
                if let Some(counts) = wanted.get_mut(&key) {
                    *counts.entry(found).or_default() += 1;
                }
            }
        }
        last = [last[1], c];
    };
    let mut done = 0;
    for (run, pieces) in runs.iter().zip(all) {
        text[done..run.span.start].chars().for_each(|c| see(Some(c)));
        for piece in pieces {
            see(if let Piece::Known(c) = piece { Some(*c) } else { None });
        }
        done = run.span.end;
    }
    text[done..].chars().for_each(|c| see(Some(c)));
}

/// A run with what stands around it.
struct Around<'r> {
    before: [Option<char>; 2],
    pieces: &'r [Piece],
    after: [Option<char>; 2],
}

impl<'r> Around<'r> {
    fn new(text: &str, run: &Run, pieces: &'r [Piece]) -> Self {
        let mut back = text[..run.span.start].chars().rev();
        let mut on = text[run.span.end..].chars();
        let near = back.next();
        Self { before: [back.next(), near], pieces, after: [on.next(), on.next()] }
    }

    /// Whether a known character fits neither neighbour: where a private-use character was dropped, the halves of two
    /// characters make one that does not belong.
    fn is_seam(&self, at: usize) -> bool {
        let model = model();
        let Some(c) = self.char(at, 0) else { return false };
        let gain = |a: Option<char>, b: Option<char>| match (a, b) {
            (Some(a), Some(b)) => model.after(a, b) - model.alone(b),
            _ => 0.0,
        };
        gain(self.char(at, -1), Some(c)) + gain(Some(c), self.char(at, 1)) < SEAM
    }

    /// The character at a distance from a piece; `None` where it is unknown.
    fn char(&self, at: usize, distance: isize) -> Option<char> {
        let place = at as isize + distance;
        if place < 0 {
            self.before[usize::try_from(2 + place).ok()?]
        } else if let Some(piece) = self.pieces.get(place as usize) {
            match piece {
                Piece::Known(c) => Some(*c),
                Piece::Ending(_) | Piece::Starting(_) | Piece::Lost => None,
            }
        } else {
            self.after.get(place as usize - self.pieces.len()).copied().flatten()
        }
    }

    /// The known pairs around an unknown character: two before, one on each side, two after. One alone says too little: with
    /// single neighbours counted 2.5 % more of the runs were wrong and 5 % more were exact.
    fn neighbours(&self, at: usize) -> [Option<Neighbours>; 3] {
        if matches!(self.pieces[at], Piece::Known(_) | Piece::Lost) {
            return [None; 3];
        }
        let pair = |kind, a, b| Some((kind, self.char(at, a)?, self.char(at, b)?));
        [pair(0, -2, -1), pair(1, -1, 1), pair(2, 1, 2)]
    }

    /// The one candidate that has nearly all the probability, if there is one.
    fn certain(
        &self,
        at: usize,
        candidates: impl Iterator<Item = char>,
        known: &HashMap<Neighbours, HashMap<char, u32>>,
        width: Width,
    ) -> Option<char> {
        let model = model();
        // What the document says of this place, looked up once for all candidates.
        let said = self.neighbours(at).map(|key| known.get(&key?).filter(|counts| !counts.is_empty()));
        let mut best = (f32::NEG_INFINITY, None);
        let mut sum = 0.0;
        for candidate in candidates {
            let c = width.fold(candidate);
            // A character that the model has never seen is no guess of ours.
            if model.symbol(c) == 0 {
                continue;
            }
            let before = self.char(at, -1);
            let mut score = before.map_or_else(|| model.alone(c), |b| model.after(b, c));
            if let Some(next) = self.char(at, 1) {
                score += before.map_or_else(|| model.after(c, next), |b| model.after_two(b, c, next));
                if let Some(third) = self.char(at, 2) {
                    score += model.after_two(c, next, third);
                }
            }
            for counts in said.into_iter().flatten() {
                let seen = counts.get(&c).copied().unwrap_or(0);
                // What the document itself says three in a row counts for more than what others say two in a row.
                score += (1.0 + 20.0 * seen as f32).ln();
            }
            sum += score.exp();
            if score > best.0 {
                best = (score, Some(c));
            }
        }
        best.1.filter(|_| best.0.exp() >= CERTAIN * sum)
    }
}
