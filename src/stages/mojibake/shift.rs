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

use std::collections::HashMap;
use std::ops::Range;

use super::gbk::{Gbk, gbk};
use super::{OUT_OF_STEP, Repair};
use crate::edit::Confidence;
use crate::lang::chars;
use crate::lang::han::Script;
use crate::lang::han_model::{Model, Pair, Symbol, model};
use crate::lang::pinyin::{self, readings};

/// Evidence that proves such damage in a document on its own, in nats.
const PROOF: f32 = 12.0;
/// What the evidence of a run is less in which no character is known from its bytes.
const BARE: f32 = 2.0;
/// What a break costs in a document that is not proven to be damaged, in nats: without it the search would rather break than read
/// an odd sentence.
const BREAK: f32 = -4.0;
/// What a lead byte costs that left the ASCII character after it alone: most decoders swallow it.
const NOT_SWALLOWED: f32 = -5.0;
/// Readings this much worse than the best at the same place are given up, in nats.
const BEAM: f32 = 25.0;
/// Characters this much worse than the best of the same row of the code page are not tried.
const ROW_BEAM: f32 = 11.0;
/// Readings kept at one place: the hundred of a row, and what competes with them.
const WIDTH: usize = 160;
/// Characters that one search looks at, at first, and where it did not come to an end; the longest run met had 109.
const REACH: [usize; 2] = [64, 1000];
/// The share of the probability that a reading of a run must have.
const STRUCTURE: f32 = 0.9;

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
    c.is_ascii_graphic() || c == '\u{FFFD}' || gbk().encode(c).is_some()
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

/// ASCII below 0x40 that text has after Han, and that a lead byte can so have swallowed, with the share of all Han characters that
/// have it after them where a document says nothing else; `0` stands for every digit.
const SWALLOWED: [(char, f32); 13] = [
    ('0', 0.008),
    (' ', 0.004),
    ('(', 0.002),
    ('<', 0.0005),
    (')', 0.002),
    ('"', 0.0005),
    ('\'', 0.0002),
    ('.', 0.0005),
    (',', 0.0005),
    (':', 0.0005),
    ('-', 0.0005),
    ('/', 0.0005),
    ('%', 0.0001),
];
/// Han characters of a document that count as much as what is known of all documents.
const SWALLOWED_PRIOR: f32 = 500.0;

/// How a line ends.
#[derive(Clone, Copy)]
enum End {
    /// With an ASCII full stop.
    Dot,
    /// With another mark that ends sentences.
    Mark,
    Other,
}

impl End {
    fn of(c: char) -> Self {
        match c {
            '.' => Self::Dot,
            '。' | '！' | '!' | '？' | '…' | '”' | '」' | '』' => Self::Mark,
            _ => Self::Other,
        }
    }
}

/// How many lines of each [`End`] count as much as what is known of all documents.
const ENDS: [f32; 3] = [0.3, 1.0, 1.0];

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    InStep,
    /// This byte has been read, which is the first one of a character.
    Owing(u8),
}

/// Everything that matters for how a reading can go on: readings that agree in it are one node.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    at: u32,
    phase: Phase,
    last: [Symbol; 2],
    open: Open,
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
struct Knowledge {
    width: Width,
    script: Option<Script>,
    /// Proven to be damaged.
    damaged: bool,
    /// How often each symbol, pair and triple of symbols stands in it.
    seen: HashMap<[Symbol; 3], u32>,
    /// The share of its Han characters that have each of [`SWALLOWED`] after them.
    swallowed: [f32; SWALLOWED.len()],
    /// Logarithms of the shares of the lines that end in each [`End`].
    ends: [f32; 3],
}

/// The weight of what the document says against what all texts say.
const OWN: f32 = 0.15;
/// What a character of the other script costs.
const OTHER_SCRIPT: f32 = -5.0;
/// Characters of one script alone that a document must have to be of that script.
const SCRIPT_LEAST: u32 = 8;

impl Knowledge {
    fn none(text: &str) -> Self {
        let swallowed = SWALLOWED.map(|(_, share)| share);
        let ends = ENDS.map(|n| (n / ENDS.iter().sum::<f32>()).ln());
        Self { width: Width::of(text), script: None, damaged: false, seen: HashMap::new(), swallowed, ends }
    }

    /// Of a damaged document.
    fn of(text: &str) -> Self {
        let model = model();
        let mut seen: HashMap<[Symbol; 3], u32> = HashMap::new();
        let (mut hans, mut hant) = (0, 0);
        let mut last = [0; 2];
        let mut han = SWALLOWED_PRIOR;
        let mut swallowed = SWALLOWED.map(|(_, share)| share * SWALLOWED_PRIOR);
        let mut ends = ENDS;
        let mut before = '\n';
        for c in text.chars() {
            if chars::is_han(before) {
                han += 1.0;
                let folded = if c.is_ascii_digit() { '0' } else { c };
                if let Some(at) = SWALLOWED.iter().position(|(s, _)| *s == folded) {
                    swallowed[at] += 1.0;
                }
            }
            if c == '\n' && !is_lone(before) && before != '\n' {
                ends[End::of(before) as usize] += 1.0;
            }
            before = c;
            match chars::code(c).script() {
                Some(Script::Hans) => hans += 1,
                Some(Script::Hant) => hant += 1,
                None => {}
            }
            let symbol = if is_lone(c) { 0 } else { model.symbol(c) };
            if symbol != 0 {
                *seen.entry([0, 0, symbol]).or_default() += 1;
                if last[1] != 0 {
                    *seen.entry([0, last[1], symbol]).or_default() += 1;
                    if last[0] != 0 {
                        *seen.entry([last[0], last[1], symbol]).or_default() += 1;
                    }
                }
            }
            last = [last[1], symbol];
        }
        let script = crate::lang::han::script(hans, hant, SCRIPT_LEAST);
        let lines: f32 = ends.iter().sum();
        Self {
            width: Width::of(text),
            script,
            damaged: true,
            seen,
            swallowed: swallowed.map(|n| n / han),
            ends: ends.map(|n| (n / lines).ln()),
        }
    }

    /// The share of the times that the document has these two symbols before `symbol`.
    fn share(&self, last: [Symbol; 2], symbol: Symbol) -> Option<f32> {
        let count = |key| self.seen.get(&key).copied().unwrap_or(0) as f32;
        let pair = count([0, last[0], last[1]]);
        if pair > 0.0 && last[0] != 0 && last[1] != 0 {
            return Some(count([last[0], last[1], symbol]) / pair);
        }
        let one = count([0, 0, last[1]]);
        (one > 0.0 && last[1] != 0).then(|| count([0, last[1], symbol]) / (one + 3.0))
    }
}

/// One search: a window of a line, and all that is needed to read it.
struct Search<'t> {
    gbk: &'static Gbk,
    model: &'static Model,
    text: &'t str,
    known: &'t Knowledge,
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
    ids: HashMap<State, u32>,
}

/// A character of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Known(char),
    /// The likeliest and its share of the probability.
    Guess(char, f32),
    Swallowed,
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
    /// Whether a character of it is known from its bytes.
    bare: bool,
}

/// Looks at `text` from each trigger on.
pub fn find(text: &str, mark: &str, confidence: f32) -> Vec<Repair> {
    let first = Knowledge::none(text);
    let mut evidence = 0.0;
    let proven = search(text, &first, |runs| {
        evidence += runs.iter().map(|r| (r.evidence - if r.bare { BARE } else { 0.0 }).max(0.0)).sum::<f32>();
        evidence < PROOF
    });
    if !proven {
        return Vec::new();
    }
    let known = Knowledge::of(text);
    let mut repairs = Vec::new();
    search(text, &known, |runs| {
        for run in runs {
            let with = write(run, text, mark, confidence);
            if std::env::var("SHIFT_DEBUG").is_ok() { eprintln!("{:?} {:?} {:?}", &text[run.span.clone()], with, run); }
            let confidence = if run.sure >= STRUCTURE { Confidence::Sure } else { Confidence::Likely };
            let complete = !run.pieces.iter().any(|p| matches!(p, Piece::Swallowed)) && !with.contains(mark);
            repairs.push(Repair { span: run.span.clone(), with, rule: &OUT_OF_STEP, complete, confidence });
        }
        true
    });
    repairs
}

fn write(run: &Run, _text: &str, mark: &str, confidence: f32) -> String {
    let mut with = String::new();
    for piece in &run.pieces {
        match piece {
            Piece::Known(c) => with.push(*c),
            Piece::Guess(c, sure) if *sure >= confidence => with.push(*c),
            Piece::Guess(..) | Piece::Swallowed => with.push_str(mark),
        }
    }
    with
}

/// Searches from each trigger on and shows the runs of each search to `see`, until that has seen enough; says whether it has.
fn search(text: &str, known: &Knowledge, mut see: impl FnMut(&[Run]) -> bool) -> bool {
    let mut done = 0;
    for at in triggers(text) {
        if at < done {
            continue;
        }
        for reach in REACH {
            let mut search = Search::new(text, known, at, done, reach);
            if let Some((end, runs)) = search.run(reach == REACH[1]) {
                done = end;
                if !runs.is_empty() && !see(&runs) {
                    return true;
                }
                break;
            }
        }
    }
    false
}

impl<'t> Search<'t> {
    fn new(text: &'t str, known: &'t Knowledge, trigger: usize, done: usize, reach: usize) -> Self {
        // Two characters of context before the trigger, of the same line.
        let line = text[..trigger].rfind('\n').map_or(0, |at| at + 1).max(done);
        let start = text[line..trigger].char_indices().rev().take(2).last().map_or(trigger, |(at, _)| line + at);
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
            ids: HashMap::new(),
        };
        let mut before = text[..start].chars().rev().take_while(|c| *c != '\n');
        let last = before.next().unwrap_or('\n');
        let last = [before.next().unwrap_or('\n'), last].map(|c| search.model.symbol(c));
        let state = State { at: 0, phase: Phase::InStep, last, open: open_before(&text[..start]) };
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

    /// Logarithm of the probability of `c` after `node` in a text that is read as damaged.
    fn likely(&self, node: u32, c: char) -> f32 {
        let Node { state, pair, .. } = &self.nodes[node as usize];
        let all = self.model.third(*pair, c);
        let own = if self.known.seen.is_empty() { None } else { self.known.share(state.last, self.model.symbol(c)) };
        let p = own.map_or(all, |own| (1.0 - OWN) * all + OWN * own);
        let other = match (self.known.script, chars::code(c).script()) {
            (Some(text), Some(script)) if text != script => OTHER_SCRIPT,
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
        let State { mut last, mut open, .. } = node.state;
        let mut weight = weight;
        let mut written = ['\0'; 2];
        for (slot, c) in written.iter_mut().zip(out) {
            *slot = *c;
            last = [last[1], self.model.symbol(*c)];
            let (now, cost) = open.after(*c);
            open = now;
            weight += cost;
        }
        let (forward, best) = (node.forward + weight, node.best + weight);
        let id = self.node(State { at: to as u32, phase, last, open });
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
        let row: Vec<_> = candidates
            .map(|(c, phase)| (width.fold(c), phase))
            .map(|(c, phase)| (c, phase, self.likely(from, c)))
            .filter(|(c, ..)| self.model.symbol(*c) != 0)
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
        let weight = self.model.third(self.nodes[id as usize].pair, c).ln();
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
        if let (Some((syllable, after)), Some(before)) = (self.annotation(at + 1), at.checked_sub(1).and_then(|b| self.char(b)))
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
        let bytes = match c {
            _ if self.gbk.encode(c).is_some() => self.gbk.encode(c),
            // What the folding made ASCII was a pair of its own.
            '!'..='~' if self.known.width == Width::Folded => Some([0xA3, c as u8 + 0x80]),
            ' ' if self.known.width == Width::Folded => Some([0xA1, 0xA1]),
            _ => None,
        };
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
            && at.checked_sub(1).and_then(|b| self.char(b)).is_some_and(|b| readings().reads(b, syllable))
        {
            self.push(id, after, Phase::Owing(lead), Kind::Annotation, &[], 0.0);
        }
        if is_lone(c) {
            self.expand_lone(id, at, lead);
        }
    }

    /// A lone byte where the first byte of a character has been read.
    fn expand_lone(&mut self, id: u32, at: usize, lead: u8) {
        let gbk = self.gbk;
        if let Some((syllable, _)) = self.annotation(at + 1) {
            let row = gbk.starting(lead).filter(|x| readings().reads(*x, syllable));
            let row: Vec<char> = row.collect();
            for x in row {
                let weight = self.likely(id, x);
                self.push(id, at + 1, Phase::InStep, Kind::LastAnnotated, &[x, '('], weight);
            }
        }
        let next = self.char(at + 1);
        let alone = match next {
            None => Some(0.0),
            Some(c) if placeholder(c).is_some() => Some(0.0),
            Some(c) if c < '@' => Some(NOT_SWALLOWED),
            Some(_) => None,
        };
        let row = || gbk.starting(lead).map(|x| (x, Phase::InStep));
        if let Some(cost) = alone {
            self.push_row(id, at + 1, Kind::Last, cost, row());
        }
        self.expand_swallowed(id, at, lead);
        // Two bytes: the second of a character and the first of the next.
        let row: Vec<(char, Phase)> = gbk
            .without_pair()
            .iter()
            .filter_map(|[x, y]| Some((gbk.decode(lead, *x)?, Phase::Owing(*y))))
            .collect();
        self.push_row(id, at + 1, Kind::BadPair, 0.0, row.into_iter());
    }

    fn expand_swallowed(&mut self, id: u32, at: usize, lead: u8) {
        let after = self.window.get(at + 1).map_or(self.text.len(), |w| w.0);
        let tag = is_tag_tail(&self.text[after..]);
        let width = self.known.width;
        let row: Vec<(char, f32)> = self
            .gbk
            .starting(lead)
            .map(|x| width.fold(x))
            .filter(|x| self.model.symbol(*x) != 0)
            .map(|x| (x, self.likely(id, x)))
            .collect();
        let best = row.iter().map(|r| r.1).fold(f32::NEG_INFINITY, f32::max);
        let second = self.nodes[id as usize].state.last[1];
        for (x, likely) in row {
            if likely < best - ROW_BEAM {
                continue;
            }
            let pair = self.model.pair(second, self.model.symbol(x));
            for ((swallowed, _), share) in SWALLOWED.into_iter().zip(self.known.swallowed) {
                let p = match swallowed {
                    '<' if tag => 1.0,
                    _ if tag => continue,
                    // Digits are where numbers are expected: 月, 第.
                    '0' => (10.0 * self.model.third(pair, '0') * share).sqrt(),
                    _ => share,
                };
                self.push(id, at + 1, Phase::InStep, Kind::LastSwallowed, &[x, swallowed], likely + p.ln());
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
            if at > 4
                && furthest <= at
                && let [only] = layer[..]
                && self.nodes[only as usize].state.phase == Phase::InStep
            {
                break;
            }
            self.leaving.push(self.steps.len() as u32);
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
        if at == len && !self.to_line_end && !last {
            return None;
        }
        let offset = self.offset(at);
        Some((offset, self.collect(at, at == len && self.to_line_end)))
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
                let end = if last == self.model.symbol('.') {
                    End::Dot
                } else if ['。', '!', '?', '…', '”'].iter().any(|c| self.model.symbol(*c) == last) {
                    End::Mark
                } else {
                    End::Other
                };
                close = self.known.ends[end as usize] + LEFT_OPEN * node.state.open.0.count_ones() as f32;
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
        let mut sure = 1.0_f32;
        for step in steps {
            let (share, guess) = self.marginal(step, whole);
            sure = sure.min(share);
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
            }
        }
        let bare = !steps.iter().any(|s| matches!(s.kind, Kind::Pair | Kind::PairAscii | Kind::Ascii | Kind::Resume));
        // The text as it stands, and two characters on, which both readings have.
        let mut literal = 0.0;
        let [mut a, mut b] = from.state.last;
        for at in from.state.at as usize..to.state.at as usize {
            let c = self.char(at).unwrap_or('\n');
            literal += self.model.third(self.model.pair(a, b), c).ln();
            [a, b] = [b, self.model.symbol(c)];
        }
        let mut damaged = to.best - from.best;
        let [mut x, mut y] = to.state.last;
        for at in to.state.at as usize..(to.state.at as usize + 2).min(self.window.len() + 1) {
            let c = self.char(at).unwrap_or('\n');
            literal += self.model.third(self.model.pair(a, b), c).ln();
            damaged += self.model.third(self.model.pair(x, y), c).ln();
            [a, b] = [b, self.model.symbol(c)];
            [x, y] = [y, self.model.symbol(c)];
        }
        Some(Run { span, pieces, evidence: damaged - literal, sure, bare })
    }

    /// The share of the probability that all steps of the kind and place of this one have, and of that share the likeliest
    /// characters and theirs.
    fn marginal(&self, step: &Step, whole: f32) -> (f32, [(char, f32); 2]) {
        let at = self.nodes[step.from as usize].state.at as usize;
        let to = self.nodes[step.to as usize].state.at;
        let leaving = self.leaving[at] as usize..self.leaving[at + 1] as usize;
        let mut sum = 0.0;
        let mut chars: [Vec<(char, f32)>; 2] = Default::default();
        for other in &self.steps[leaving] {
            if other.kind != step.kind || self.nodes[other.to as usize].state.at != to {
                continue;
            }
            let p = (self.nodes[other.from as usize].forward + other.weight + self.nodes[other.to as usize].backward - whole).exp();
            sum += p;
            for (found, c) in chars.iter_mut().zip(other.out) {
                match found.iter_mut().find(|f| f.0 == c) {
                    Some(known) => known.1 += p,
                    None => found.push((c, p)),
                }
            }
        }
        let likeliest = chars.map(|found| {
            let (c, p) = found.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(('\0', 0.0));
            (c, p / sum)
        });
        (sum, likeliest)
    }
}

/// What is open after `before`; its last line counts, and of that at most 500 characters: this is asked at every run.
fn open_before(before: &str) -> Open {
    let mut line: Vec<char> = before.chars().rev().take(500).take_while(|c| *c != '\n').collect();
    line.reverse();
    line.into_iter().fold(Open::default(), |open, c| open.after(c).0)
}
