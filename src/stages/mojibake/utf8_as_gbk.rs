//! UTF-8 read as GBK: `鐢ㄦ埛` → `用户`, `caf茅` → `café`.
//!
//! Three bytes of a Han character in UTF-8 and two of a pair in GBK do not meet: every second character is spread over two pairs, and
//! what code page 936 does not have is lost, one byte or both. So this kind has a search of its own. The bytes of a line are read as
//! UTF-8 with unknown ones among them, by the best path through the few states that UTF-8 has (Viterbi 1967); a character whose bytes
//! are all there is restored, one with a lost byte becomes the mark. Where to begin and to end is part of the search.

use super::gbk::gbk;
use super::{Repair, UTF8_AS_GBK};
use crate::edit::Confidence;
use crate::lang::letters::{self, Model};

/// What it costs to begin to read so, in nats.
const SWITCH: f32 = 8.0;
/// What a character costs that has lost a byte: about what one costs in running text, and a little for the loss.
const LOST_CHAR: f32 = 7.0;
/// What a character costs whose bytes end too soon: a decoder took more than it shows.
const BROKEN_CHAR: f32 = 14.0;
/// What it costs to take a replacement for two lost bytes: most decoders show each.
const TWO_LOST: f32 = 1.5;
/// How much likelier a stretch must read than what stands there, in nats.
const SURE: f32 = 16.0;
/// And how much for each of its characters that are not ASCII: by chance a rare name reads well for one or two.
const SURE_EACH: f32 = 2.0;
/// How many characters must be restored for one that is lost: of text that lost a byte of every pair that code page 936 has not, more
/// than three; of question marks among Chinese, `曾公讳?，号?`, none or one.
const RESTORED: usize = 2;
/// How many must be restored for one that text hardly has: a name that is rare itself is as likely, `墨莎,慕妲` as `īɯ,Ľ`.
const COMMON: usize = 8;
/// Characters of a line that are read at once: memory is bounded, and a path has long been decided.
const STRETCH: usize = 2000;

/// A byte of the text that was: known, or lost.
type Byte = Option<u8>;

/// Where in a character of UTF-8 a reading is: how many bytes are to come, how long it is, and whether one was lost.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// The text is what it seems.
    Literal,
    Within {
        missing: u8,
        len: u8,
        lost: bool,
    },
}

/// As many as [`State::index`] gives.
const STATES: usize = 14;

impl State {
    const BOUNDARY: Self = Self::Within { missing: 0, len: 0, lost: false };

    fn index(self) -> usize {
        match self {
            Self::Literal => 0,
            Self::Within { missing: 0, .. } => 1,
            Self::Within { missing, len, lost } => {
                // 2: the one of two; 3, 4: those of three; 5, 6, 7: those of four.
                let place = usize::from(missing) + [0, 0, 1, 2, 4][usize::from(len)];
                place + if lost { 6 } else { 0 }
            }
        }
    }
}

/// The best reading that ends in a state at a place.
#[derive(Clone, Copy)]
struct Node {
    score: f32,
    state: State,
    /// The bits of the character that have been read.
    value: u32,
    /// The character before.
    before: char,
    /// The step before, at the place before.
    from: u8,
    /// What was completed on the way here.
    out: [Option<Out>; 3],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Out {
    Char(char),
    Lost,
}

/// What stands at a place before anything is known to.
const NOWHERE: Node =
    Node { score: f32::NEG_INFINITY, state: State::Literal, value: 0, before: '\n', from: 0, out: [None; 3] };

/// Adds the repairs of a line that begins at `start` of the text; says whether there is one.
pub fn read(start: usize, line: &str, mark: &str, repairs: &mut Vec<Repair>) -> bool {
    // The first byte of a character in UTF-8 is that of a Han character in GBK, or of one for private use.
    if !line.bytes().any(|byte| matches!(byte, 0xE3..=0xE9 | 0xEE)) {
        return false;
    }
    let model = letters::model();
    let before = repairs.len();
    let mut rest = line;
    let mut at = start;
    while !rest.is_empty() {
        let cut = rest.char_indices().nth(STRETCH).map_or(rest.len(), |(at, _)| at);
        read_stretch(model, at, &rest[..cut], mark, repairs);
        at += cut;
        rest = &rest[cut..];
    }
    repairs.len() > before
}

/// The bytes that a character was, if it can have been read from any; the second of each is how many more are lost.
fn bytes_of(c: char) -> Option<([Byte; 2], usize)> {
    Some(match c {
        '\0'..='\x7F' => ([Some(c as u8), None], 1),
        // Code page 936 has it where GBK has nothing.
        '€' => ([Some(0x80), None], 1),
        _ => {
            let [lead, trail] = gbk().encode(c)?;
            ([Some(lead), Some(trail)], 2)
        }
    })
}

/// Whether some part of a short text is likelier by this reading than as it stands, or nearly so.
pub fn promises(text: &str) -> bool {
    let model = letters::model();
    let (mut here, mut stands, mut before) = (beginning(), 0.0, '\n');
    for c in text.chars() {
        stands += model.after(before, c);
        before = c;
        here = following(model, &here, c);
    }
    // What begins before the window has not to begin in it.
    let read = here[State::Literal.index()].score.max(here[State::BOUNDARY.index()].score);
    read > stands || here[State::BOUNDARY.index()].score > stands - SWITCH / 2.0
}

fn read_stretch(model: &Model, start: usize, text: &str, mark: &str, repairs: &mut Vec<Repair>) {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut layers: Vec<[Node; STATES]> = Vec::with_capacity(chars.len() + 1);
    layers.push(beginning());
    for (_, c) in &chars {
        layers.push(following(model, &layers[layers.len() - 1], *c));
    }
    collect(model, start, text, &chars, &layers, mark, repairs);
}

/// The readings before the first character.
fn beginning() -> [Node; STATES] {
    let mut first = [NOWHERE; STATES];
    first[State::Literal.index()].score = 0.0;
    first
}

/// The best readings one character on.
fn following(model: &Model, here: &[Node; STATES], c: char) -> [Node; STATES] {
    let mut next = [NOWHERE; STATES];
    for node in here.iter().filter(|node| node.score > f32::NEG_INFINITY) {
        step(model, node, c, &mut next);
    }
    next
}

/// Adds everything that can follow `node` at the character `c`.
fn step(model: &Model, node: &Node, c: char, next: &mut [Node; STATES]) {
    let mut put = |node: Node| {
        let slot = &mut next[node.state.index()];
        if node.score > slot.score {
            *slot = node;
        }
    };
    let from = node.state.index() as u8;
    if matches!(node.state, State::Literal | State::Within { missing: 0, .. }) {
        let score = node.score + model.after(node.before, c);
        put(Node {
            score,
            state: State::Literal,
            value: 0,
            before: c,
            from,
            out: [Some(Out::Char(c)), None, None],
        });
    }
    let begin = match node.state {
        State::Literal => Node { score: node.score - SWITCH, state: State::BOUNDARY, ..*node },
        State::Within { .. } => *node,
    };
    let begin = Node { from, out: [None; 3], ..begin };
    if let Some((bytes, len)) = bytes_of(c) {
        bytes[..len].iter().try_fold(begin, |node, byte| feed(model, node, *byte)).map(&mut put);
    }
    if matches!(c, '?' | '\u{FFFD}') {
        for len in [2, 3, 4] {
            // Where a lost byte begins a character nothing tells how long it is.
            let Some(one) = feed_lost(begin, len) else { continue };
            put(one);
            if let Some(two) = feed_lost(one, 3) {
                put(Node { score: two.score - TWO_LOST, ..two });
            }
        }
    }
}

/// Han beyond the basic plane, Syriac, Thaana, N'Ko: syllables of a sutra are as likely, `吒吒吒` as `߸߸߸`.
fn is_remote(c: char) -> bool {
    c >= '\u{20000}' || ('\u{700}'..'\u{800}').contains(&c)
}

/// A known byte; `None` where it cannot stand here.
fn feed(model: &Model, node: Node, byte: Byte) -> Option<Node> {
    let byte = byte?;
    let State::Within { missing, len, lost } = node.state else { return None };
    if missing == 0 {
        let (len, value) = match byte {
            ..0x80 => return complete(model, node, char::from(byte)),
            0xC2..=0xDF => (2, byte & 0x1F),
            0xE0..=0xEF => (3, byte & 0xF),
            0xF0..=0xF4 => (4, byte & 7),
            _ => return None,
        };
        let state = State::Within { missing: len - 1, len, lost: false };
        return Some(Node { state, value: u32::from(value), ..node });
    }
    if !matches!(byte, 0x80..=0xBF) {
        // The rest of the character is gone without a trace.
        let broken = put_out(Node { score: node.score - BROKEN_CHAR, ..node }, Out::Lost)?;
        return feed(model, broken, Some(byte));
    }
    let value = node.value << 6 | u32::from(byte & 0x3F);
    let node = Node { value, ..node };
    match (missing, lost) {
        (1, true) => put_out(Node { score: node.score - LOST_CHAR, ..node }, Out::Lost),
        (1, false) => {
            let c = char::from_u32(value).filter(|c| c.len_utf8() == usize::from(len))?;
            // What stands for an earlier loss is no text: `锟斤拷`.
            if c == '\u{FFFD}' { None } else { complete(model, node, c) }
        }
        _ => Some(Node { state: State::Within { missing: missing - 1, len, lost }, ..node }),
    }
}

/// A lost byte; where it begins a character, of one of `len` bytes.
fn feed_lost(node: Node, len: u8) -> Option<Node> {
    let State::Within { missing, len: known, .. } = node.state else { return None };
    match missing {
        0 => Some(Node { state: State::Within { missing: len - 1, len, lost: true }, value: 0, ..node }),
        1 => put_out(Node { score: node.score - LOST_CHAR, ..node }, Out::Lost),
        _ => Some(Node { state: State::Within { missing: missing - 1, len: known, lost: true }, ..node }),
    }
}

fn complete(model: &Model, node: Node, c: char) -> Option<Node> {
    let score = node.score + model.after(node.before, c);
    put_out(Node { score, before: c, ..node }, Out::Char(c))
}

fn put_out(mut node: Node, out: Out) -> Option<Node> {
    *node.out.iter_mut().find(|slot| slot.is_none())? = Some(out);
    node.state = State::BOUNDARY;
    node.value = 0;
    if out == Out::Lost {
        // What follows is judged as after a space: nothing is known of what is before it.
        node.before = ' ';
    }
    Some(node)
}

/// Walks the best reading back and notes its stretches that are much likelier than what stands there.
fn collect(
    model: &Model,
    start: usize,
    text: &str,
    chars: &[(usize, char)],
    layers: &[[Node; STATES]],
    mark: &str,
    repairs: &mut Vec<Repair>,
) {
    let last = &layers[layers.len() - 1];
    let ends = [State::Literal.index(), State::BOUNDARY.index()];
    let Some(mut state) = ends.into_iter().max_by(|a, b| last[*a].score.total_cmp(&last[*b].score)) else {
        return;
    };
    let mut path = Vec::with_capacity(chars.len());
    for layer in layers.iter().skip(1).rev() {
        path.push(&layer[state]);
        state = usize::from(layer[state].from);
    }
    path.reverse();
    let damaged = |node: &Node| node.state != State::Literal;
    let mut at = 0;
    while let Some(from) = path[at..].iter().position(|node| damaged(node)).map(|n| n + at) {
        let to = path[from..].iter().position(|node| !damaged(node)).map_or(path.len(), |n| n + from);
        at = to;
        // ASCII at both ends is the same either way.
        let ascii = |n: &usize| chars[*n].1.is_ascii() && chars[*n].1 != '?';
        let (from, to) = match ((from..to).find(|n| !ascii(n)), (from..to).rfind(|n| !ascii(n))) {
            (Some(from), Some(last)) => (from, last + 1),
            _ => continue,
        };
        let mut with = String::new();
        let mut complete = true;
        let (mut restored, mut lost, mut rare) = (0, 0, 0);
        for out in path[from..to].iter().flat_map(|node| node.out).flatten() {
            match out {
                Out::Char(c) => {
                    restored += usize::from(!c.is_ascii());
                    rare += usize::from(model.is_rare(c) || is_remote(c));
                    with.push(c);
                }
                Out::Lost => {
                    complete = false;
                    lost += 1;
                    with.push_str(mark);
                }
            }
        }
        let before = if from == 0 { '\n' } else { chars[from - 1].1 };
        let mut stood = 0.0;
        let mut last = before;
        for (_, c) in &chars[from..to] {
            stood += model.after(last, *c);
            last = *c;
        }
        let score = |at: usize| if at == 0 { 0.0 } else { path[at - 1].score };
        let gain = score(to) - score(from) - stood;
        let changed = chars[from..to].iter().filter(|(_, c)| !c.is_ascii()).count();
        // Characters apart from one another and from letters are names of elements, `锌, 氙, 钴`, and no words.
        let joins = |at: Option<usize>| {
            at.and_then(|at| chars.get(at)).is_some_and(|(_, c)| c.is_ascii_alphabetic() || !c.is_ascii())
        };
        let is_alone =
            |at: &usize| !chars[*at].1.is_ascii() && !joins(at.checked_sub(1)) && !joins(Some(at + 1));
        let alone = (from..to).filter(is_alone).count();
        // Among words of Latin letters they may be words of one letter: `茅` is Portuguese `é`.
        let letters = chars.iter().filter(|(_, c)| c.is_ascii_alphabetic()).count();
        let apart = alone * 2 > changed && letters < 2 * changed;
        if gain < SURE
            || gain < SURE_EACH * changed as f32
            || apart
            || restored < RESTORED * lost
            || restored < COMMON * rare
        {
            continue;
        }
        let end = chars.get(to).map_or(text.len(), |(at, _)| *at);
        repairs.push(Repair {
            span: start + chars[from].0..start + end,
            with,
            rule: &UTF8_AS_GBK,
            complete,
            confidence: Confidence::Sure,
            certainty: 1.0 - (-gain).exp(),
        });
    }
}
