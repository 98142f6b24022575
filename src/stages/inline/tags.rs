//! Empty tags that share one id: `<kbd id="ya8q2"></kbd><bdo id="ya8q2"></bdo>`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::EMPTY_TAGS;
use crate::stage::Proposal;

/// Kinds of tags with one id that a document must hold. An id is a name for one element, and a manual that shows `<div id="app"></div>`
/// ten times shows one kind of element.
const KINDS: usize = 3;

/// The longest name and the longest id; the programs' have at most ten characters.
const LONGEST: usize = 16;

pub fn find(text: &str, proposal: &mut Proposal) {
    let mut found: Vec<(Range<usize>, &str)> = Vec::new();
    let mut kinds: HashMap<&str, HashSet<&str>> = HashMap::new();
    for at in memchr::memchr_iter(b'<', text.as_bytes()) {
        if let Some((len, name, id)) = empty_tag(&text[at..]) {
            found.push((at..at + len, id));
            kinds.entry(id).or_default().insert(name);
        }
    }
    for (span, id) in found {
        if kinds.get(id).is_some_and(|names| names.len() >= KINDS) {
            proposal.cut(span, &EMPTY_TAGS);
        }
    }
}

/// The element without content that `text` begins with: its length, name and id.
fn empty_tag(text: &str) -> Option<(usize, &str, &str)> {
    let word = |text: &str| {
        let len = text.bytes().take(LONGEST + 1).take_while(u8::is_ascii_alphanumeric).count();
        (1..=LONGEST).contains(&len).then_some(len)
    };
    let rest = text.strip_prefix('<')?;
    let (name, rest) = rest.split_at(word(rest)?);
    let rest = rest.strip_prefix(" id=")?;
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let (id, rest) = rest.split_at(word(rest)?);
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let rest = rest.strip_prefix("></")?.strip_prefix(name)?.strip_prefix('>')?;
    Some((text.len() - rest.len(), name, id))
}
