//! What a language model said to its tools, left in its text.
//!
//! Models that call tools write the channel, the receiver and the arguments into the stream that also holds their answer:
//! `analysis to=functions.read … {"path":"a.md"}`. When one slips, the call lands in the answer, with debris of the vocabulary
//! around it: symbols, letters of a script that the text does not have, lottery phrases.

use std::ops::Range;

use super::TOOL_CALL;
use crate::document::Document;
use crate::edit::{Confidence, Field};
use crate::lang::chars::{self, Class};
use crate::stage::Proposal;

/// The channels and speakers of the format.
const CHANNELS: [&str; 6] = ["analysis", "commentary", "final", "assistant", "user", "system"];

/// Bytes between the receiver and the arguments: a phrase or five. The longest of those seen is 150.
const MOST_RESIDUE: usize = 600;

/// Bytes of the arguments; a call that writes a file is longer, and is only marked.
const MOST_ARGUMENTS: usize = 4096;

/// Characters of debris before the channel; those seen have three to six.
const MOST_DEBRIS: usize = 24;

/// A document with more calls is the log of a model.
const MOST_CALLS: usize = 20;

pub fn find(doc: &Document, proposal: &mut Proposal) {
    for field in [Field::Text, Field::Title] {
        let text = doc.field(field);
        let calls = memchr::memmem::find_iter(text.as_bytes(), b" to=")
            .filter(|at| CHANNELS.iter().any(|name| text[..*at].ends_with(*name)));
        if calls.take(MOST_CALLS + 1).count() > MOST_CALLS {
            continue;
        }
        let mut done = 0;
        for at in memchr::memmem::find_iter(text.as_bytes(), b" to=") {
            if at < done {
                continue;
            }
            let Some((span, sure)) = call(doc, text, at) else { continue };
            if span.start < done {
                continue;
            }
            done = span.end;
            let confidence = if sure { Confidence::Sure } else { Confidence::Likely };
            proposal.push(field, span, "", &TOOL_CALL, confidence);
        }
    }
}

/// The call whose receiver is named at `to`, and whether it is certain that nobody meant it to be read.
fn call(doc: &Document, text: &str, to: usize) -> Option<(Range<usize>, bool)> {
    let channel = CHANNELS.iter().find(|name| text[..to].ends_with(**name))?;
    let start = to - channel.len();
    let rest = &text[to + " to=".len()..];
    // `functions.read`, `multi_tool_use.parallel`
    let name = rest
        .bytes()
        .take(64)
        .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.'))
        .count();
    if !rest[..name].trim_end_matches('.').contains('.') {
        return None;
    }
    let behind = to + " to=".len() + name;
    let line_start = memchr::memrchr(b'\n', &text.as_bytes()[..start]).map_or(0, |n| n + 1);
    let line_end = memchr::memchr(b'\n', &text.as_bytes()[behind..]).map_or(text.len(), |n| behind + n);
    let arguments = arguments(text, behind);
    let end = arguments.as_ref().map_or(line_end, |found| with_suffix(text, found.end));
    let residue = arguments.as_ref().map_or(&text[behind..line_end], |found| &text[behind..found.start]);
    let from = debris(doc, text, line_start, start);
    let glued = from < start
        || text[line_start..start].chars().next_back().is_some_and(|c| !c.is_whitespace() && !c.is_ascii());
    let foreign = residue.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    let line = &text[line_start..start];
    let shown = line.trim_end().ends_with(['`', '|', '>', '"', '\'', '“', '「', '(', '（'])
        || !line.matches('`').count().is_multiple_of(2)
        || is_fenced(text, line_start);
    Some((from..end, arguments.is_some() && (glued || foreign) && !shown))
}

/// The object behind the receiver: on the same line, or on the next.
fn arguments(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let window = &bytes[from..bytes.len().min(from + MOST_RESIDUE)];
    let start = from + memchr::memchr(b'{', window)?;
    if memchr::memchr_iter(b'\n', &bytes[from..start]).count() > 1 {
        return None;
    }
    // Braces within strings are no braces.
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (n, &byte) in bytes[start..].iter().take(MOST_ARGUMENTS).enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(start..start + n + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The end with what the format writes behind the arguments: ` code`, ` json`.
fn with_suffix(text: &str, end: usize) -> usize {
    let rest = text[end..].trim_start_matches(' ');
    let spaces = text[end..].len() - rest.len();
    ["code", "json", "commentary"]
        .iter()
        .find(|word| {
            rest.strip_prefix(**word).is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
        .map_or(end, |word| end + spaces + word.len())
}

/// Where the debris before the channel begins: symbols, and letters of a block that the document has nowhere else.
fn debris(doc: &Document, text: &str, line_start: usize, start: usize) -> usize {
    let window: Vec<(usize, char)> = text[line_start..start].char_indices().rev().take(MOST_DEBRIS).collect();
    let block = |c: char| c as u32 >> 7;
    let mut from = start;
    for &(at, c) in &window {
        let is_symbol =
            matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{200C}' | '\u{200D}');
        let is_foreign = || {
            let here = window.iter().filter(|other| block(other.1) == block(c)).count();
            c as u32 >= 0x250
                && matches!(chars::class(c), Class::Letter | Class::Other)
                && !is_mark(c)
                && doc.text().chars().filter(|other| block(*other) == block(c)).take(here + 1).count() <= here
        };
        if !is_symbol && !is_foreign() {
            break;
        }
        from = line_start + at;
    }
    from
}

/// Quotation marks, brackets and dashes: they belong to the sentence before.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}')
}

/// Whether a fence of Markdown is open at `at`, or the line is indented as code is.
fn is_fenced(text: &str, at: usize) -> bool {
    let fences = text[..at].lines().filter(|line| line.trim_start().starts_with("```")).count();
    !fences.is_multiple_of(2) || text[at..].starts_with("    ") || text[at..].starts_with('\t')
}
