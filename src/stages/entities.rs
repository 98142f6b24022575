//! Decodes character references that were left in the text: `他说&ldquo;好&rdquo;` → `他说“好”`.
//!
//! A reference in running text is a leak; the same reference in a text about HTML, in code or in an address is what
//! the author wrote. A reference is decoded where it touches a word, outside lines that look like code, in documents
//! that do not speak of markup. Elsewhere it is marked.

use std::ops::RangeInclusive;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::{Confidence, Field, Rule};
use crate::lang::chars::{self, Class};
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Entities {}

/// `&#20013;&#22269;`, `it&#8217;s`: a number for a character, left by a program that decoded once too seldom. Leaves
/// controls, private use, surrogates without their half, and `&#60;`.
static NUMERIC: Rule = Rule { name: "numeric", about: "a numeric character reference becomes its character" };
/// `&#55357;&#56832;`: one character as the two halves that UTF-16 makes of it.
static SURROGATES: Rule =
    Rule { name: "surrogates", about: "two references to surrogates become one character" };
/// `&ldquo;`, `&hellip;`, `&eacute;`: the names of HTML 4.
static NAMED: Rule = Rule { name: "named", about: "a named character reference becomes its character" };
/// `&nbsp;&nbsp;`: one space, or none at the ends of a line.
static NBSP: Rule = Rule { name: "nbsp", about: "references to spaces become one space" };
/// `Q&amp;A`, `p &lt; 0.05`: the characters of markup itself, where nothing can be taken for markup afterwards.
static MARKUP: Rule =
    Rule { name: "markup", about: "an escaped &, <, > or quotation mark becomes that character" };

static RULES: [&Rule; 5] = [&NUMERIC, &SURROGATES, &NAMED, &NBSP, &MARKUP];

impl Stage for Entities {
    fn name(&self) -> &'static str {
        "entities"
    }

    fn about(&self) -> &'static str {
        "Decodes character references that were left in the text."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        Triggers::AMPERSAND
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let text = doc.text();
        let (mut speaks, mut source) = (None, None);
        let mut line = Judged::default();
        let mut lone_hex = Vec::new();
        let (mut alone, mut within) = (Vec::new(), 0);
        let mut done = 0;
        for at in memchr::memchr_iter(b'&', text.as_bytes()) {
            if at < done {
                continue;
            }
            let Some(found) = reference(text, at) else { continue };
            let Some((start, end, with)) = replacement(text, at, &found) else { continue };
            done = end;
            if at >= line.end {
                line = Judged::around(text, at);
            }
            if start >= end || text.get(start..end).is_none() {
                continue;
            }
            let misread = (line.is_code || line.has_tag) && is_misread(text, at, end);
            let leaked = line.is_leaked && (found.rule == &NUMERIC || found.rule == &SURROGATES);
            // What a programmer wrote, or a writer quotes, is no leak to anybody.
            if line.is_code && !misread && !leaked
                || is_in_address(text, start, &line)
                || is_quoted(text, start, end) && !leaked
                || *source.get_or_insert_with(|| is_source(text))
            {
                continue;
            }
            let may = (!line.has_tag || misread) && !*speaks.get_or_insert_with(|| speaks_of_markup(text));
            let sure = may && (leaked || touches(text, start, end, &found));
            if sure && is_lone_hex(text, start, end) {
                lone_hex.push(proposal.edits.len());
            }
            let is_character = found.rule == &NUMERIC || found.rule == &NAMED;
            within += usize::from(sure && is_character && is_within_word(text, start, end, found.c));
            if may && !sure && is_character && !is_joiner(found.c) {
                alone.push(proposal.edits.len());
            }
            let confidence = if sure { Confidence::Sure } else { Confidence::Likely };
            proposal.push(Field::Text, start..end, with, found.rule, confidence);
        }
        // People who write about characters name one or two so; a program that forgets to decode does it throughout.
        let mut say = |edits: Vec<usize>, confidence| {
            for index in edits {
                if let Some(edit) = proposal.edits.get_mut(index) {
                    edit.confidence = confidence;
                }
            }
        };
        if lone_hex.len() < LEAST_HEX {
            say(lone_hex, Confidence::Likely);
        }
        if within >= LEAST_WITHIN {
            say(alone, Confidence::Sure);
        }
    }
}

/// Hexadecimal references standing alone between Han (`使用了&#x1F3B9;和`) that a document must have for them to be decoded. Two is
/// what one sentence on a character may name; a guess, on the safe side.
const LEAST_HEX: usize = 3;

/// References at or within words (`pi&#249;`, `O&rsquo;Neil`) that a document must have for those to be decoded that stand alone between spaces (`e cio&egrave; che
/// &egrave; vero`, `&laquo; oui &raquo;`): who speaks of a character does not write words so. A guess, as [`LEAST_HEX`].
const LEAST_WITHIN: usize = 3;

/// A reference at a place in the text.
struct Reference {
    /// The character; a space for every kind of space.
    c: char,
    /// Bytes from the `&` to behind the `;`.
    len: usize,
    rule: &'static Rule,
}

/// The reference that begins at `at`, escaped once (`&nbsp;`) or more often (`&amp;nbsp;`).
fn reference(text: &str, at: usize) -> Option<Reference> {
    let rest = text.get(at..)?;
    if let Some((c, len)) = surrogate_pair(rest) {
        return is_fit(c).then_some(Reference { c, len, rule: &SURROGATES });
    }
    let mut escapes = 0;
    while rest.get(1 + escapes..)?.starts_with("amp;") && escapes < 16 {
        escapes += 4;
    }
    // `&amp;amp;` or `&amp;lt;`: decoded once it would be a reference again, so it is left; the plain `&amp;` is not.
    let inner = rest.get(1 + escapes..)?;
    let (c, name_len, rule) = if let Some(found) = byte(text, at, inner) {
        found
    } else if let Some(found) = name_or_number(inner) {
        found
    } else if escapes == 4 && !inner.starts_with('#') && markup(inner).is_none() {
        return Some(Reference { c: '&', len: 5, rule: &MARKUP });
    } else if escapes == 0 {
        let (c, len) = markup(inner)?;
        return Some(Reference { c, len: 1 + len, rule: &MARKUP });
    } else {
        return None;
    };
    Some(Reference { c, len: 1 + escapes + name_len, rule })
}

/// `#173;`, `shy;` without its `&` among other bytes: `&#232;&#173;&#147;` was UTF-8 that somebody read as Latin-1, and is repaired only
/// whole.
fn byte(text: &str, at: usize, inner: &str) -> Option<(char, usize, &'static Rule)> {
    let (c, len) = shown(inner)?;
    let value @ (0x81 | 0x8D | 0x8F | 0x90 | 0x9D | 0xA0 | 0xAD) = c as u32 else { return None };
    let (before, after) = (text.get(..at)?, inner.get(len..)?);
    let found = (c, len, if inner.starts_with('#') { &NUMERIC } else { &NAMED });
    if ends_sequence(before, value, after) {
        return Some(found);
    }
    // In another encoding most bytes beside it are more than accented letters and signs are in any text.
    let (left, len) = byte_before(before)?;
    let is_beside =
        left >= 0x80 && (byte_after(after).is_some() || byte_before(&before[..before.len() - len]).is_some());
    (is_beside && (inner.starts_with('#') || inner.starts_with("shy;"))).then_some(found)
}

/// Whether `value` is a continuation of a sequence of UTF-8 that begins before it and is whole.
fn ends_sequence(mut before: &str, value: u32, mut after: &str) -> bool {
    let mut count = 1;
    let lead = loop {
        let Some((byte, len)) = byte_before(before).filter(|_| count < 4) else { return false };
        match byte {
            0x80..=0xBF => count += 1,
            lead => break lead,
        }
        before = &before[..before.len() - len];
    };
    let width = match lead {
        // A capital and a space: `SÉCURITÉ&nbsp;:`.
        0xC6..=0xCB | 0xD6 | 0xDC if matches!(value, 0xA0 | 0xAD) => return false,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return false,
    };
    while count + 1 < width {
        let Some((0x80..=0xBF, len)) = byte_after(after) else { return false };
        after = &after[len..];
        count += 1;
    }
    count + 1 == width
}

/// Whether the reference from `at` to `end` is one of a sequence of UTF-8 that is made of references: nobody writes such.
fn is_misread(text: &str, at: usize, end: usize) -> bool {
    let is_reference = |len: usize| len > 2;
    let Some((byte, _)) = byte_after(&text[at..end]) else { return false };
    let (mut before, mut lead, mut count) = (&text[..at], byte, 0);
    while let 0x80..=0xBF = lead {
        let Some((left, len)) = byte_before(before).filter(|left| count < 3 && is_reference(left.1)) else {
            return false;
        };
        (before, lead, count) = (&before[..before.len() - len], left, count + 1);
    }
    let width = match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return false,
    };
    let mut after = &text[end..];
    while count + 1 < width {
        let Some((_, len)) =
            byte_after(after).filter(|(byte, len)| (0x80..=0xBF).contains(byte) && is_reference(*len))
        else {
            return false;
        };
        (after, count) = (&after[len..], count + 1);
    }
    count + 1 == width
}

/// The byte that the last character or reference of `text` shows in Windows-1252, and how long it is there.
fn byte_before(text: &str) -> Option<(u8, usize)> {
    if let Some(body) = text.strip_suffix(';') {
        let start =
            body.bytes().rev().take(LONGEST).position(|b| b == b'&').map(|back| body.len() - 1 - back)?;
        let (c, len) = shown(text.get(start + 1..)?)?;
        return (start + 1 + len == text.len()).then_some((high_byte(c)?, 1 + len));
    }
    let c = text.chars().next_back()?;
    Some((high_byte(c)?, c.len_utf8()))
}

/// The same of the first.
fn byte_after(text: &str) -> Option<(u8, usize)> {
    if let Some(inner) = text.strip_prefix('&') {
        let (c, len) = shown(inner)?;
        return Some((high_byte(c)?, 1 + len));
    }
    let c = text.chars().next()?;
    Some((high_byte(c)?, c.len_utf8()))
}

/// The longest reference that is looked back for, without its `&`.
const LONGEST: usize = 10;

/// The character of a reference without its `&`, whatever it is, and its length.
fn shown(inner: &str) -> Option<(char, usize)> {
    if inner.starts_with('#') {
        let (value, len) = digits(inner)?;
        return Some((char::from_u32(value)?, len));
    }
    let len = inner.bytes().take(LONGEST).position(|b| b == b';')?;
    let c = match inner.get(..len)? {
        "nbsp" => '\u{A0}',
        "shy" => '\u{AD}',
        name => NAMES.get(NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?)?.1,
    };
    Some((c, len + 1))
}

/// The byte from 0x80 on that Latin-1 or Windows-1252 shows as `c`.
fn high_byte(c: char) -> Option<u8> {
    match c {
        '\u{80}'..='\u{FF}' => u8::try_from(u32::from(c)).ok(),
        _ => (0x80..=0x9F).find(|byte| windows_1252((*byte).into()) == Some(c)),
    }
}

/// `nbsp;` or `#8220;` without its `&`: the character, the bytes, the rule.
fn name_or_number(inner: &str) -> Option<(char, usize, &'static Rule)> {
    if inner.starts_with('#') {
        let (value, len) = digits(inner)?;
        let c = match value {
            0x80..=0x9F => windows_1252(value)?,
            _ => char::from_u32(value)?,
        };
        return match c {
            // `&#13;` at the ends of lines: XML that was escaped.
            '\u{A0}' | '\u{2002}' | '\u{2003}' | '\u{2009}' | ' ' | '\r' => Some((' ', len, &NBSP)),
            '"' | '\'' => Some((c, len, &MARKUP)),
            _ => is_fit(c).then_some((c, len, &NUMERIC)),
        };
    }
    let len = inner.bytes().take(9).position(|b| b == b';')?;
    let name = inner.get(..len)?;
    if matches!(name, "nbsp" | "ensp" | "emsp" | "thinsp") {
        return Some((' ', len + 1, &NBSP));
    }
    let found = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    NAMES.get(found).map(|(_, c)| (*c, len + 1, &NAMED))
}

/// `lt;`, `gt;`, `quot;`, `apos;`.
fn markup(inner: &str) -> Option<(char, usize)> {
    [("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("apos;", '\'')]
        .iter()
        .find(|(name, _)| inner.starts_with(name))
        .map(|(name, c)| (*c, name.len()))
}

/// Characters worth having in a text: no control, no ASCII (which can make a tag or another reference), nothing
/// private, unseen or broken.
fn is_fit(c: char) -> bool {
    c as u32 > 0xA0
        && !c.is_control()
        && !c.is_whitespace()
        && !chars::is_private_use(c)
        && !matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        && !matches!(c, '\u{FFF0}'..='\u{FFFF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{E0000}'..='\u{10FFFF}')
        && (c as u32) & 0xFFFE != 0xFFFE
}

/// What browsers take the numbers of C1 controls for.
fn windows_1252(value: u32) -> Option<char> {
    let byte = [u8::try_from(value).ok()?];
    let (c, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
    c.chars().next()
}

/// Where the edit begins and ends, and what it puts there; `None` if the result could be taken for markup.
fn replacement(text: &str, at: usize, found: &Reference) -> Option<(usize, usize, String)> {
    let end = at + found.len;
    if found.rule != &NBSP {
        let next = text.get(end..)?.chars().next().unwrap_or('\n');
        let previous = text.get(..at)?.chars().next_back().unwrap_or('\n');
        let makes_markup = match found.c {
            '<' => !(next.is_ascii_digit() || matches!(next, ' ' | '=' | '.' | '-')),
            // `&` before a name could be read as a reference by whoever comes next.
            '&' => next == '#' || next == '&' || name_or_number_follows(text, end),
            '>' => matches!(previous, '\n' | '-' | '"' | '\'' | '/'),
            _ => false,
        };
        return (!makes_markup).then(|| (at, end, found.c.to_string()));
    }
    // A run of references to spaces, and the spaces among them.
    let mut end = end;
    loop {
        let rest = text.get(end..)?;
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        match reference(text, end + spaces) {
            Some(next) if next.rule == &NBSP => end += spaces + next.len,
            _ => {
                end += spaces;
                break;
            }
        }
    }
    let start = text.get(..at)?.trim_end_matches(' ').len();
    let line_start = start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n');
    let line_end = ends_line(text, end);
    Some((start, end, if line_start || line_end { String::new() } else { " ".to_owned() }))
}

/// Nothing but white space follows on the line: it is trimmed afterwards.
fn ends_line(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default().chars().find(|c| *c == '\n' || !c.is_whitespace());
    rest.is_none_or(|c| c == '\n')
}

/// A hexadecimal reference with a Han character on both sides.
fn is_lone_hex(text: &str, start: usize, end: usize) -> bool {
    let hex = text.get(start..end).is_some_and(|t| t.starts_with("&#x") || t.starts_with("&#X"));
    hex && text.get(..start).and_then(|t| t.chars().next_back()).is_some_and(chars::is_han)
        && text.get(end..).and_then(|t| t.chars().next()).is_some_and(chars::is_han)
}

/// A reference beside a letter, or to a letter beside another one that is a reference as well.
fn is_within_word(text: &str, start: usize, end: usize, c: char) -> bool {
    let letter = |c: Option<char>| c.is_some_and(chars::is_alphabetic);
    let other = || reference(text, end).is_some_and(|next| chars::is_alphabetic(next.c));
    letter(text[..start].chars().next_back())
        || letter(text[end..].chars().next())
        || chars::is_alphabetic(c) && other()
}

/// Letters and signs of the scripts that write joiners within words, from Arabic to Sinhala.
const JOINED: RangeInclusive<char> = '\u{620}'..='\u{DFF}';

/// The joiners.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Quoted, it is spoken of: `"&mdash;"`, “&nbsp;”.
fn is_quoted(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    matches!(before, Some('"' | '\'' | '`' | '“' | '‘' | '「' | '(' | '（'))
        && matches!(after, Some('"' | '\'' | '`' | '”' | '’' | '」' | ')' | '）'))
}

/// Whether letters and `;` follow, as in `&copy;` with or without the semicolon near.
fn name_or_number_follows(text: &str, end: usize) -> bool {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let len = rest.iter().take(32).take_while(|b| b.is_ascii_alphanumeric()).count();
    len > 0 && rest.get(len) == Some(&b';')
}

/// Whether the reference stands in running text: beside a letter, a digit, a mark or another reference.
///
/// `use &amp; for` and `&nbsp; is a space` stand between spaces, as things spoken of do; so do some leaks, which
/// are marked only.
fn touches(text: &str, start: usize, end: usize, found: &Reference) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    let in_text = |c: Option<char>| {
        c.is_some_and(|c| {
            matches!(chars::class(c), Class::Han | Class::Kana | Class::Letter | Class::Digit | Class::Mark)
                || matches!(c, '”' | '“' | '）' | ')' | '》' | '」' | '】')
        })
    };
    let reference_beside = after == Some('&') && reference(text, end).is_some()
        || before == Some(';') && text.get(start.saturating_sub(12)..start).is_some_and(|t| t.contains('&'));
    let span = text.get(start..end).unwrap_or_default();
    // The space at a line's end is trimmed anyway and says nothing.
    let span = if ends_line(text, end) { span.trim_end() } else { span };
    match found.c {
        // A run of spaces, or one that touches a word without a plain space of its own.
        ' ' => {
            span.matches('&').count() > 1
                || !span.contains("; ") && !span.contains(" &") && in_text(before.or(after))
        }
        '&' => {
            let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let capital = |t: Option<&str>| {
                t.and_then(|t| t.split_whitespace().next())
                    .and_then(|w| w.chars().next())
                    .is_some_and(char::is_uppercase)
            };
            let name_before = text.get(..start).and_then(|t| t.split_whitespace().next_back());
            (word(before) && word(after))
                || (before == Some(' ')
                    && after == Some(' ')
                    && capital(name_before)
                    && capital(text.get(end..)))
        }
        '<' => {
            in_text(before) || before == Some(' ') && after.is_some_and(|c| c == ' ' || c.is_ascii_digit())
        }
        // `\u{645}\u{6CC}&zwnj;\u{634}\u{648}\u{62F}`: it joins what stands on both sides of it.
        c if is_joiner(c) => {
            let joined = |c: Option<char>| c.is_some_and(|c| JOINED.contains(&c));
            let left = joined(before) || before == Some(';') && reference_beside;
            left && (joined(after) || after == Some('&') && reference(text, end).is_some())
        }
        // `Donau&shy;dampf`: within a word.
        '\u{AD}' => {
            let letter = |c: Option<char>| c.is_some_and(chars::is_alphabetic);
            (letter(before) || before == Some(';') && reference_beside)
                && (letter(after) || after == Some('&') && reference(text, end).is_some())
        }
        // A word of one letter, beside a word of which a letter is a reference, too.
        c if c.is_alphabetic() && before == Some(' ') && after == Some(' ') => {
            let near = chars::boundary(text, start.saturating_sub(LONGEST));
            let left = text[near..start].strip_suffix("; ").and_then(|t| t.rfind('&'));
            left.is_some_and(|at| reference(text, near + at).is_some())
                || text.as_bytes().get(end + 1) == Some(&b'&') && reference(text, end + 1).is_some()
        }
        _ => in_text(before) || in_text(after) || reference_beside,
    }
}

/// A line that was looked at.
#[derive(Default)]
struct Judged {
    start: usize,
    end: usize,
    is_code: bool,
    has_tag: bool,
    /// It is written in numeric references: whoever quotes some, or names a price in dollars beside one, writes a word so and no more.
    is_leaked: bool,
}

/// Numeric references one behind the other that make a line one that leaked. A guess: an example of one shows a word of two or three.
const LEAST_LEAKED: usize = 5;

/// Whether so many numeric references beyond ASCII stand one behind the other.
fn is_leaked(line: &str) -> bool {
    let (mut run, mut end) = (0, 0);
    memchr::memmem::find_iter(line.as_bytes(), "&#").any(|at| {
        let Some((0x80.., len)) = digits(&line[at + 1..]) else { return false };
        run = if at == end { run + 1 } else { 1 };
        end = at + 1 + len;
        run >= LEAST_LEAKED
    })
}

impl Judged {
    fn around(text: &str, at: usize) -> Self {
        let bytes = text.as_bytes();
        let start = memchr::memrchr(b'\n', bytes.get(..at).unwrap_or_default()).map_or(0, |n| n + 1);
        let end = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(text.len(), |n| at + n);
        let line = text.get(start..end).unwrap_or_default();
        Self { start, end, is_code: is_code(line), has_tag: has_tag(line), is_leaked: is_leaked(line) }
    }
}

/// A line of markup that was left over.
fn has_tag(line: &str) -> bool {
    memchr::memchr_iter(b'<', line.as_bytes()).any(|at| {
        line.as_bytes()
            .get(at + 1)
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'))
    })
}

/// Whether a quarter of the lines are code: of the source files among clean documents with references nine in ten are above it,
/// of reference manuals few (perlfunc has 0.19, pages on C functions 0.15 to 0.21).
fn is_source(text: &str) -> bool {
    let (mut code, mut all) = (0_usize, 0_usize);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        all += 1;
        code += usize::from(is_code(line) && !is_leaked(line));
    }
    code * 4 >= all && code > 0
}

/// Brackets and signs that prose does not have: an assignment, a call with a string.
fn is_code(line: &str) -> bool {
    line.contains(['`', '{', '}', '\\', '$'])
        || ["==", "=>", "();", "(\"", "=\"", "= \"", "='", "&&", "&lt;/", "//"]
            .iter()
            .any(|sign| line.contains(sign))
            && !line.contains("://")
}

/// Whether the reference stands in an address or a query: `?a=1&copy;=2`.
fn is_in_address(text: &str, at: usize, line: &Judged) -> bool {
    let before =
        text.get(line.start.max(at.saturating_sub(512))..at).or(text.get(line.start..at)).unwrap_or_default();
    let word = before.rsplit(|c: char| c.is_whitespace() || !c.is_ascii()).next().unwrap_or_default();
    word.contains("://") || word.contains("www.") || (word.contains('?') && word.contains('='))
}

/// Whether the document is about markup: it names HTML or XML, or shows an escaped tag.
///
/// `index.html` is an address and says nothing.
fn speaks_of_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    let named = |name: &[u8]| {
        memchr::memchr2_iter(name[0], name[0].to_ascii_lowercase(), bytes).any(|at| {
            bytes.get(at..at + name.len()).is_some_and(|w| w.eq_ignore_ascii_case(name))
                && !bytes.get(at + name.len()).is_some_and(u8::is_ascii_alphanumeric)
                && !at
                    .checked_sub(1)
                    .and_then(|n| bytes.get(n))
                    .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.')
        })
    };
    let escaped_tag = || {
        memchr::memmem::find_iter(bytes, b"lt;").any(|at| {
            at > 0
                && matches!(bytes.get(at - 1), Some(b'&' | b';'))
                && bytes.get(at + 3).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'))
        })
    };
    let entity = || ["转义", "轉義", "实体", "entity", "entities"].iter().any(|w| text.contains(w));
    named(b"HTML") || named(b"XML") || escaped_tag() || entity()
}

/// The named references of HTML 4 but for spaces, markup itself and what cannot be seen; sorted.
#[rustfmt::skip]
static NAMES: [(&str, char); 242] = [
    ("AElig", 'Æ'), ("Aacute", 'Á'), ("Acirc", 'Â'), ("Agrave", 'À'), ("Alpha", 'Α'), ("Aring", 'Å'),
    ("Atilde", 'Ã'), ("Auml", 'Ä'), ("Beta", 'Β'), ("Ccedil", 'Ç'), ("Chi", 'Χ'), ("Dagger", '‡'),
    ("Delta", 'Δ'), ("ETH", 'Ð'), ("Eacute", 'É'), ("Ecirc", 'Ê'), ("Egrave", 'È'), ("Epsilon", 'Ε'),
    ("Eta", 'Η'), ("Euml", 'Ë'), ("Gamma", 'Γ'), ("Iacute", 'Í'), ("Icirc", 'Î'), ("Igrave", 'Ì'),
    ("Iota", 'Ι'), ("Iuml", 'Ï'), ("Kappa", 'Κ'), ("Lambda", 'Λ'), ("Mu", 'Μ'), ("Ntilde", 'Ñ'),
    ("Nu", 'Ν'), ("OElig", 'Œ'), ("Oacute", 'Ó'), ("Ocirc", 'Ô'), ("Ograve", 'Ò'), ("Omega", 'Ω'),
    ("Omicron", 'Ο'), ("Oslash", 'Ø'), ("Otilde", 'Õ'), ("Ouml", 'Ö'), ("Phi", 'Φ'), ("Pi", 'Π'),
    ("Prime", '″'), ("Psi", 'Ψ'), ("Rho", 'Ρ'), ("Scaron", 'Š'), ("Sigma", 'Σ'), ("THORN", 'Þ'),
    ("Tau", 'Τ'), ("Theta", 'Θ'), ("Uacute", 'Ú'), ("Ucirc", 'Û'), ("Ugrave", 'Ù'), ("Upsilon", 'Υ'),
    ("Uuml", 'Ü'), ("Xi", 'Ξ'), ("Yacute", 'Ý'), ("Yuml", 'Ÿ'), ("Zeta", 'Ζ'), ("aacute", 'á'),
    ("acirc", 'â'), ("acute", '´'), ("aelig", 'æ'), ("agrave", 'à'), ("alefsym", 'ℵ'), ("alpha", 'α'),
    ("and", '∧'), ("ang", '∠'), ("aring", 'å'), ("asymp", '≈'), ("atilde", 'ã'), ("auml", 'ä'),
    ("bdquo", '„'), ("beta", 'β'), ("brvbar", '¦'), ("bull", '•'), ("cap", '∩'), ("ccedil", 'ç'),
    ("cedil", '¸'), ("cent", '¢'), ("chi", 'χ'), ("circ", 'ˆ'), ("clubs", '♣'), ("cong", '≅'),
    ("copy", '©'), ("crarr", '↵'), ("cup", '∪'), ("curren", '¤'), ("dArr", '⇓'), ("dagger", '†'),
    ("darr", '↓'), ("deg", '°'), ("delta", 'δ'), ("diams", '♦'), ("divide", '÷'), ("eacute", 'é'),
    ("ecirc", 'ê'), ("egrave", 'è'), ("empty", '∅'), ("epsilon", 'ε'), ("equiv", '≡'), ("eta", 'η'),
    ("eth", 'ð'), ("euml", 'ë'), ("euro", '€'), ("exist", '∃'), ("fnof", 'ƒ'), ("forall", '∀'),
    ("frac12", '½'), ("frac14", '¼'), ("frac34", '¾'), ("frasl", '⁄'), ("gamma", 'γ'), ("ge", '≥'),
    ("hArr", '⇔'), ("harr", '↔'), ("hearts", '♥'), ("hellip", '…'), ("iacute", 'í'), ("icirc", 'î'),
    ("iexcl", '¡'), ("igrave", 'ì'), ("image", 'ℑ'), ("infin", '∞'), ("int", '∫'), ("iota", 'ι'),
    ("iquest", '¿'), ("isin", '∈'), ("iuml", 'ï'), ("kappa", 'κ'), ("lArr", '⇐'), ("lambda", 'λ'),
    ("lang", '〈'), ("laquo", '«'), ("larr", '←'), ("lceil", '⌈'), ("ldquo", '“'), ("le", '≤'),
    ("lfloor", '⌊'), ("lowast", '∗'), ("loz", '◊'), ("lsaquo", '‹'), ("lsquo", '‘'), ("macr", '¯'),
    ("mdash", '—'), ("micro", 'µ'), ("middot", '·'), ("minus", '−'), ("mu", 'μ'), ("nabla", '∇'),
    ("ndash", '–'), ("ne", '≠'), ("ni", '∋'), ("not", '¬'), ("notin", '∉'), ("nsub", '⊄'), ("ntilde", 'ñ'),
    ("nu", 'ν'), ("oacute", 'ó'), ("ocirc", 'ô'), ("oelig", 'œ'), ("ograve", 'ò'), ("oline", '‾'),
    ("omega", 'ω'), ("omicron", 'ο'), ("oplus", '⊕'), ("or", '∨'), ("ordf", 'ª'), ("ordm", 'º'),
    ("oslash", 'ø'), ("otilde", 'õ'), ("otimes", '⊗'), ("ouml", 'ö'), ("para", '¶'), ("part", '∂'),
    ("permil", '‰'), ("perp", '⊥'), ("phi", 'φ'), ("pi", 'π'), ("piv", 'ϖ'), ("plusmn", '±'),
    ("pound", '£'), ("prime", '′'), ("prod", '∏'), ("prop", '∝'), ("psi", 'ψ'), ("rArr", '⇒'),
    ("radic", '√'), ("rang", '〉'), ("raquo", '»'), ("rarr", '→'), ("rceil", '⌉'), ("rdquo", '”'),
    ("real", 'ℜ'), ("reg", '®'), ("rfloor", '⌋'), ("rho", 'ρ'), ("rsaquo", '›'), ("rsquo", '’'),
    ("sbquo", '‚'), ("scaron", 'š'), ("sdot", '⋅'), ("sect", '§'), ("shy", '\u{AD}'), ("sigma", 'σ'), ("sigmaf", 'ς'),
    ("sim", '∼'), ("spades", '♠'), ("sub", '⊂'), ("sube", '⊆'), ("sum", '∑'), ("sup", '⊃'), ("sup1", '¹'),
    ("sup2", '²'), ("sup3", '³'), ("supe", '⊇'), ("szlig", 'ß'), ("tau", 'τ'), ("there4", '∴'),
    ("theta", 'θ'), ("thetasym", 'ϑ'), ("thorn", 'þ'), ("tilde", '˜'), ("times", '×'), ("trade", '™'),
    ("uArr", '⇑'), ("uacute", 'ú'), ("uarr", '↑'), ("ucirc", 'û'), ("ugrave", 'ù'), ("uml", '¨'),
    ("upsih", 'ϒ'), ("upsilon", 'υ'), ("uuml", 'ü'), ("weierp", '℘'), ("xi", 'ξ'), ("yacute", 'ý'),
    ("yen", '¥'), ("yuml", 'ÿ'), ("zeta", 'ζ'), ("zwj", '\u{200D}'), ("zwnj", '\u{200C}'),
];

/// A character written as the two references of its UTF-16 halves, at the start of `text`, and the bytes they take.
pub(crate) fn surrogate_pair(text: &str) -> Option<(char, usize)> {
    let (high, first) = numeric(text)?;
    if !(0xD800..0xDC00).contains(&high) {
        return None;
    }
    let (low, second) = numeric(text.get(first..)?)?;
    if !(0xDC00..0xE000).contains(&low) {
        return None;
    }
    let c = char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))?;
    Some((c, first + second))
}

/// The number of a reference `&#1234;` or `&#x1F600;` at the start of `text`, and its length in bytes.
fn numeric(text: &str) -> Option<(u32, usize)> {
    digits(text.strip_prefix('&')?).map(|(value, len)| (value, len + 1))
}

/// `#1234;` or `#x4E2D;`: the number, and the bytes with `#` and `;`.
fn digits(text: &str) -> Option<(u32, usize)> {
    let rest = text.strip_prefix('#')?;
    let (digits, radix, before) = match rest.strip_prefix(['x', 'X']) {
        Some(rest) => (rest, 16, 2),
        None => (rest, 10, 1),
    };
    // Seven digits hold every character.
    let len = digits.bytes().take(8).take_while(u8::is_ascii_hexdigit).count();
    if len == 0 || digits.as_bytes().get(len) != Some(&b';') {
        return None;
    }
    let value = u32::from_str_radix(digits.get(..len)?, radix).ok()?;
    Some((value, before + len + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;
    use std::sync::Arc;

    fn clean(text: &str) -> String {
        let pipeline = Pipeline::new(vec![Arc::new(Entities::default())]);
        pipeline.clean(Document::from_text(text)).expect("cleaned").document.into_text()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(clean(before), after, "{before}");
        assert_eq!(clean(after), after, "second time: {before}");
    }

    #[track_caller]
    fn same(text: &str) {
        check(text, text);
    }

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(NAMES.iter().all(|(_, c)| is_fit(*c)));
    }

    /// A price in dollars, an empty pair of quotation marks, a character in brackets: signs of code and of quoting in a line that has neither.
    #[test]
    fn a_line_in_references_is_decoded_throughout() {
        let written = |text: &str| -> String {
            let reference =
                |c: char| if c.is_ascii() { c.to_string() } else { format!("&#{};", u32::from(c)) };
            text.chars().map(reference).collect()
        };
        for line in [
            "全程的票价是$4.9，在这里转车",
            "这篇小说登在(\"\")杂志上",
            "超过六千个居(村)委会",
            "这是第一个 或 第二个名字",
        ] {
            check(&written(line), line);
        }
        for line in
            ["price = \"$4.9 &#20803;&#25972;\";", "写作(&#26449;)，读作村", "print(\"&#20013;&#22269;\")"]
        {
            same(line);
        }
    }

    #[test]
    fn leaks_are_decoded() {
        check("他说&ldquo;你好&rdquo;。", "他说“你好”。");
        check("&#20013;&#22269;&#x4EBA;", "中国人");
        check("it&#8217;s and it&#39;s", "it’s and it's");
        check("好&#55357;&#56832;吧", "好😀吧");
        check("&nbsp;&nbsp;&nbsp;&nbsp;正文&nbsp;&nbsp;有空格&nbsp;\n", "正文 有空格\n");
        check("text.&nbsp;Next", "text. Next");
        check("票&nbsp; \n是&nbsp;\u{3000}\r\n", "票\n是\u{3000}\r\n");
        check("甲&#x4E59;丙，丁&#x4E59;丙，戊&#x4E59;己", "甲乙丙，丁乙丙，戊乙己");
        check("a&amp;nbsp;b和&amp;#8220;引&amp;#8221;", "a b和“引”");
        check("Q&amp;A, AT&amp;T, Johnson &amp; Johnson", "Q&A, AT&T, Johnson & Johnson");
        check("p&lt;0.05，他说&quot;是&quot;", "p<0.05，他说\"是\"");
        check(
            "Cio&egrave; &egrave; cos&igrave;, non pi&ugrave; &laquo; ora &raquo; n&#233; mai",
            "Cioè è così, non più « ora » né mai",
        );
        check("&#44033; &#51312;&#44033; &#44221;&#44228;&#51032; &#54632;", "각 조각 경계의 함");
        check("Donau&shy;dampf&shy;schiff a&#8203;b&#13;\nc", "Donau\u{AD}dampf\u{AD}schiff a\u{200B}b\nc");
        check("می&zwnj;شود &#1606;&#8204;&#1607;", "می\u{200C}شود ن\u{200C}ه");
        check("caf&eacute; &mdash;dash&hellip;", "café —dash…");
        check("it&#146;s", "it’s");
    }

    #[test]
    fn what_is_meant_stays() {
        same("use &amp; for the sign and &nbsp; for the space");
        same("AT&T, R&D, &c., a && b, f(&x), &mut self; &copy, &foo;");
        same("http://example.org/?a=1&amp;b=2&copy=3");
        same("In HTML中用&nbsp;表示空格");
        same("&lt;div&gt;text&lt;/div&gt; 和&nbsp;空格");
        same("x &amp;lt; y &amp;amp; z");
        same("let s = \"a&nbsp;b\";");
        same("写成“&mdash;”就是破折号");
        same("孤&#55357;单 &#0; &#xE000; &#xFFFE;啊");
        same("&#60;script&#62;");
        same("a&lt;b&gt;c");
        same("`&hellip;`x&hellip;");
        same("这里使用了&#x1F3B9;和琴键");
        same("&amp;#38;x");
    }

    #[test]
    fn long_texts_of_one_thing_take_no_time() {
        for text in [
            "&",
            "&amp;",
            "&nbsp; ",
            "&#20013;",
            "&#55357;",
            "&lt;",
            "a&amp;b ",
            "&amp;amp;lt;",
            "& ",
            " &nbsp;",
        ] {
            let long = text.repeat(1_000_000 / text.len());
            let start = std::time::Instant::now();
            clean(&long);
            assert!(start.elapsed().as_secs() < 5, "{text}");
        }
    }
}
