//! Removes control noise and invisible characters that mean nothing: `新\u{7}闻\u{200B}稿` → `新闻稿`.
//!
//! Also joins surrogate pairs written as two character references (`&#55357;&#56832;` → 😀): an HTML parser makes two
//! U+FFFD of them, so this must be done before one sees them.
//!
//! What means something stays: tab, line feed, carriage return, joiners (U+200C, U+200D), bidirectional marks, variation
//! selectors, soft hyphens, U+0085, U+2028 and U+2029, and form feeds and vertical tabs that stand at a line's start or
//! end, where they separate pages or paragraphs of licence texts and manuals; `whitespace` decides what white space is.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::chars::{self, Class};
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Control {}

/// `了\u{6}\u{8}。`: kits set one to five of U+0005 to U+0008 before punctuation; also NUL, DEL, and C1 controls, which are bytes of
/// some other encoding that said nothing. Leaves alone `\t`, `\n`, `\r`, U+0085, page breaks at a line's start or end, and C1 controls
/// that a repair is made of: within UTF-8 read as Latin-1 (`â\u{80}\u{94}`), and signs of Windows-1252 (`don\u{92}t`).
static NOISE: Rule = Rule { name: "noise", about: "control characters other than white space go" };

/// `\u{1B}[31merror\u{1B}[0m`: colours of a terminal. A lone escape character is noise.
static ESCAPE: Rule = Rule { name: "escape", about: "terminal control sequences (colours, titles) go" };

/// `N\u{8}NA\u{8}AM\u{8}ME\u{8}E`, `_\u{8}f`: bold and underlined letters of manual pages, struck twice. Several backspaces in a row strike out
/// nothing and are noise.
static OVERSTRIKE: Rule = Rule {
    name: "overstrike",
    about: "a character struck over by the same one, or an underscore struck over, goes with its backspace",
};

/// U+200B, U+2060 and U+FEFF within text: invisible, and a word that holds one is not found. Leaves alone every U+200B of a text in
/// Thai, Lao, Khmer, Burmese, Tibetan and their relatives, which have no other sign between words, and those beside such a word.
static INVISIBLE: Rule = Rule {
    name: "invisible",
    about: "zero width spaces, word joiners and stray byte order marks go, but not in scripts that write no spaces",
};

/// `&#55357;&#56832;`, `&#xD83D;&#xDE00;` are 😀. A lone one stays: what it was cannot be known.
static SURROGATES: Rule = Rule {
    name: "surrogates",
    about: "two character references to the halves of a surrogate pair become the character they mean",
};

static RULES: [&Rule; 5] = [&NOISE, &ESCAPE, &OVERSTRIKE, &INVISIBLE, &SURROGATES];

impl Stage for Control {
    fn name(&self) -> &'static str {
        "control"
    }

    fn about(&self) -> &'static str {
        "Removes control noise and invisible characters that mean nothing: `新\\u{7}闻\\u{200B}稿` → `新闻稿`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        Triggers::CONTROL.or(Triggers::INVISIBLE).or(Triggers::AMPERSAND)
    }

    /// Character references may have hidden some: `&#8203;`.
    fn again_after(&self) -> Option<&'static str> {
        Some("entities")
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let text = doc.text();
        let holds = doc.triggers();
        if holds.meets(Triggers::CONTROL) {
            controls(text, proposal);
        }
        if holds.meets(Triggers::INVISIBLE) {
            invisible(text, proposal);
        }
        if holds.meets(Triggers::AMPERSAND) {
            surrogates(text, proposal);
        }
        // `&#55357;&#56832;\u{8};` is a pair and an overstrike: the first edit wins, the next look sees the rest.
        proposal.edits.sort_by_key(|edit| edit.span.start);
        let mut done = 0;
        proposal.edits.retain(|edit| {
            let free = edit.span.start >= done;
            done = done.max(edit.span.end);
            free
        });
    }
}

fn is_noise(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

/// Bytes that a look for noise stops at: controls other than those of lines, and the first byte of controls beyond ASCII and of
/// letters that sequences of UTF-8 begin with when they are read as Latin-1.
static STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        stops[byte] = byte < b' ' as usize && !matches!(byte as u8, b'\t' | b'\n' | b'\r')
            || matches!(byte, 0x7F | 0xC2 | 0xC3);
        byte += 1;
    }
    stops
};

fn controls(text: &str, proposal: &mut Proposal) {
    let mut at = 0;
    // The character that would stay before `at`: what a backspace strikes over.
    let mut kept: Option<(usize, char)> = None;
    // Up to here the characters are bytes of a sequence of UTF-8.
    let mut evidence = 0;
    // Whether the text has bytes of a text in another encoding.
    let mut bytes = None;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let passed = rest.iter().position(|byte| STOPS[usize::from(*byte)]).unwrap_or(rest.len());
        if passed > 0 {
            at += passed;
            kept = text[..at].char_indices().next_back();
        }
        let Some(c) = text[at..].chars().next() else { break };
        let next = at + c.len_utf8();
        if !is_noise(c) {
            evidence = evidence.max(at + misread_length(&text[at..], c));
            kept = Some((at, c));
            at = next;
            continue;
        }
        if at < evidence {
            kept = None;
            at = next;
            continue;
        }
        if c == '\u{1B}' {
            let end = at + escape_length(&text[at..]);
            proposal.cut(at..end, if end > next { &ESCAPE } else { &NOISE });
            at = end;
            continue;
        }
        if c == '\u{8}' {
            let over = text[next..].chars().next();
            if let (Some((start, under)), Some(over)) = (kept.filter(|k| k.0 + k.1.len_utf8() == at), over)
                && !is_noise(over)
                && !is_invisible(over)
                && !over.is_whitespace()
                && (under == over || under == '_')
            {
                proposal.cut(start..next, &OVERSTRIKE);
                kept = None;
                at = next;
                continue;
            }
        }
        if is_c1(c) && (is_sign(text, at, c) || *bytes.get_or_insert_with(|| has_bytes(text))) {
            kept = None;
            at = next;
            continue;
        }
        let mut end = next;
        if matches!(c, '\u{B}' | '\u{C}') {
            // One page break, at a line's start or end, with nothing but page breaks between.
            let is_break = |c: char| matches!(c, '\u{B}' | '\u{C}');
            end = at + (text[at..].len() - text[at..].trim_start_matches(is_break).len());
            let starts = at == 0 || text[..at].ends_with(['\n', '\r']);
            let ends = end == text.len() || text[end..].starts_with(['\n', '\r']);
            if starts || ends {
                kept = None;
                at = end;
                continue;
            }
        } else {
            while let Some(more) = text[end..]
                .chars()
                .next()
                .filter(|&m| is_noise(m) && !matches!(m, '\u{1B}' | '\u{B}' | '\u{C}') && !is_c1(m))
            {
                end += more.len_utf8();
            }
        }
        // A break of a page or a slide within a line: `Agenda\u{B}Monday`.
        let glues = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        let breaks = text[at..end].contains(['\u{B}', '\u{C}'])
            && glues(text[..at].chars().next_back())
            && glues(text[end..].chars().next());
        proposal.replace(at..end, if breaks { "\n" } else { "" }, &NOISE);
        at = end;
    }
}

/// Characters on each side of a C1 control that tell whether it is noise or a byte of a text.
const NEAR: usize = 12;
/// How many of them must be outside ASCII: text with a word or two of accented letters has fewer.
const BYTES_OF_TEXT: usize = 6;

fn is_c1(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}')
}

/// Whether a C1 control of `text` is a byte of a text: then all are, also those among Latin words and in short lines.
fn has_bytes(text: &str) -> bool {
    text.char_indices().any(|(at, c)| is_c1(c) && is_byte_of_text(text, at, c))
}

/// Whether the C1 control `c` at `at` is among what bytes are shown as, so that a repair needs it: `\u{82}±\u{82}ñ` is こん in Shift_JIS.
fn is_byte_of_text(text: &str, at: usize, c: char) -> bool {
    // The one byte that Windows-1251 has no character for: `С\u{98}` is И twice misread.
    if c == '\u{98}' && text[..at].ends_with(|c| ('\u{400}'..'\u{460}').contains(&c)) {
        return true;
    }
    // Byte 81 and others are in no encoding: `Ĺ\u{81}` is Ł of UTF-8 in Windows-1250.
    if text[..at].chars().next_back().is_some_and(is_lead) {
        return true;
    }
    // Bytes of one-byte encodings are shown as characters below U+2700; Han beside them is the good half of a line.
    let near = text[..at].chars().rev().take(NEAR).chain(text[at..].chars().take(NEAR + 1));
    let (mut high, mut ascii) = (0, 0);
    for c in near.take_while(|c| *c != '\n').filter(|c| !c.is_whitespace()) {
        high += usize::from(('\u{80}'..'\u{2700}').contains(&c));
        ascii += usize::from(c.is_ascii());
    }
    high >= BYTES_OF_TEXT && 2 * high >= ascii
}

/// Different C1 controls in a row that are no quotation mark, dash or dots (`…”—` may be any number). What has more is noise.
const SIGNS_IN_A_ROW: u32 = 2;

/// Whether the C1 control `c` at `at` is a sign of Windows-1252 that was read as Latin-1: `\u{93}so\u{94}` is “so”, as every browser shows it
/// (WHATWG Encoding: the label `iso-8859-1` means Windows-1252). Beside Han, kana and Hangul only quotation marks, dashes and the like are.
fn is_sign(text: &str, at: usize, c: char) -> bool {
    let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
    let is_mark = |c: char| matches!(c, '\u{85}' | '\u{91}'..='\u{97}');
    let around = before.chars().rev().take(NEAR).take_while(|c| is_c1(*c));
    let row = around.chain(after.chars().take(NEAR).take_while(|c| is_c1(*c))).chain([c]);
    let different = row.filter(|c| !is_mark(*c)).fold(0_u32, |seen, c| seen | 1 << (u32::from(c) & 31));
    if different.count_ones() > SIGNS_IN_A_ROW {
        return false;
    }
    match c {
        '\u{81}' | '\u{8D}' | '\u{8F}' | '\u{90}' | '\u{9D}' => false,
        '\u{82}' | '\u{84}' | '\u{85}' | '\u{8B}' | '\u{91}'..='\u{97}' | '\u{9B}' => true,
        _ => {
            let is_wide = |c| {
                matches!(chars::class(c), Class::Han | Class::Kana) || ('\u{AC00}'..='\u{D7A3}').contains(&c)
            };
            let beside = |c: Option<char>| c.is_some_and(is_wide);
            !beside(before.chars().next_back()) && !beside(after.chars().next())
        }
    }
}

/// Whether a letter is shown for the first of two bytes of UTF-8 in an encoding of Central Europe, Greek, Turkish, Baltic or Cyrillic.
fn is_lead(c: char) -> bool {
    use encoding_rs::{ISO_8859_2, WINDOWS_1250, WINDOWS_1251, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257};
    let mut bytes = [0; 4];
    let shown = c.encode_utf8(&mut bytes);
    !c.is_ascii()
        && [WINDOWS_1250, ISO_8859_2, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257, WINDOWS_1251].iter().any(
            |encoding| {
                let (byte, _, lost) = encoding.encode(shown);
                !lost && matches!(*byte, [0xC2..=0xDF])
            },
        )
}

/// Bytes of the sequence of UTF-8 that `text`, which starts with `c`, shows byte by byte as Latin-1 or Windows-1252; 0 if there is none.
fn misread_length(text: &str, c: char) -> usize {
    let continuations = match c {
        '\u{C2}'..='\u{DF}' => 1,
        '\u{E0}'..='\u{EF}' => 2,
        '\u{F0}'..='\u{F4}' => 3,
        _ => return 0,
    };
    let mut length = c.len_utf8();
    let mut rest = text[length..].chars();
    for _ in 0..continuations {
        match rest.next() {
            Some(c) if is_continuation(c) => length += c.len_utf8(),
            _ => return 0,
        }
    }
    // A no-break space at a line's end will be trimmed, and with it goes the evidence.
    let last = text[..length].chars().next_back();
    if last.is_some_and(char::is_whitespace)
        && rest.find(|c| *c == '\n' || !c.is_whitespace()).is_none_or(|c| c == '\n')
    {
        return 0;
    }
    length
}

/// A byte 80 to BF as Latin-1 or Windows-1252 shows it.
fn is_continuation(c: char) -> bool {
    matches!(
        c,
        '\u{80}'
            ..='\u{BF}'
                | '€'
                | '‚'
                | 'ƒ'
                | '„'
                | '…'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
    )
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// Bytes of the terminal sequence that `text` starts with (ECMA-48): ESC and a final, ESC [ … final, ESC ] … BEL or ESC \.
/// 1 where there is none.
fn escape_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        Some(b'[') => {
            let parameters = bytes[2..].iter().take_while(|b| matches!(b, 0x20..=0x3F)).count();
            match bytes.get(2 + parameters) {
                Some(0x40..=0x7E) => parameters + 3,
                _ => 1,
            }
        }
        // A title: ended by BEL or ESC \, on one line, and never long (256 bytes: the longest a terminal keeps).
        Some(b']') => {
            let end = bytes[2..].iter().take(256).position(|b| matches!(b, 0x07 | 0x1B | b'\n'));
            match end.map(|n| (n + 2, bytes[n + 2])) {
                Some((n, 0x07)) => n + 1,
                Some((n, 0x1B)) if bytes.get(n + 1) == Some(&b'\\') => n + 2,
                _ => 1,
            }
        }
        // Character sets: ESC ( B.
        Some(b'(' | b')') if matches!(bytes.get(2), Some(b'A' | b'B' | b'0')) => 3,
        _ => 1,
    }
}

/// Whether words of this script are divided by nothing that is seen: there U+200B is the sign between them.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{FFF}'         // Thai, Lao, Tibetan
        | '\u{1000}'..='\u{109F}'     // Burmese
        | '\u{1780}'..='\u{17FF}'     // Khmer
        | '\u{1950}'..='\u{1AAF}'     // Tai Le, New Tai Lue, Tai Tham
        | '\u{1B00}'..='\u{1B7F}'     // Balinese
        | '\u{A980}'..='\u{A9FF}'     // Javanese, Burmese extended
        | '\u{AA60}'..='\u{AADF}')
}

/// Whether more than a trace of the text, one letter in twenty, is in such a script: then its U+200B are meant wherever they stand.
fn is_in_unspaced(text: &str) -> bool {
    // Most of a page is ASCII.
    let mut letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let mut unspaced = 0;
    for c in text.chars().filter(|c| !c.is_ascii()) {
        let here = is_unspaced(c);
        unspaced += usize::from(here);
        letters += usize::from(here || chars::is_alphabetic(c));
    }
    unspaced > 0 && unspaced * 20 >= letters
}

fn invisible(text: &str, proposal: &mut Proposal) {
    let bytes = text.as_bytes();
    let is = is_invisible;
    let mut whole = None;
    let mut done = 0;
    for at in memchr::memchr2_iter(0xE2, 0xEF, bytes) {
        if at < done {
            continue;
        }
        let Some(rest) = text.get(at..) else { continue };
        if !rest.starts_with(is) {
            continue;
        }
        let end = at + (rest.len() - rest.trim_start_matches(is).len());
        done = end;
        // Beside a mark or a digit the next letter but one decides: `ภาษา "\u{200B}`.
        let near = |mut chars: Box<dyn Iterator<Item = char> + '_>| {
            chars
                .by_ref()
                .take(4)
                .find(|c| chars::is_alphabetic(*c) || is_unspaced(*c))
                .is_some_and(is_unspaced)
        };
        let word_break = near(Box::new(text[..at].chars().rev())) || near(Box::new(text[end..].chars()));
        let separates = text[at..end].contains('\u{200B}')
            && (word_break || *whole.get_or_insert_with(|| is_in_unspaced(text)));
        if !separates {
            proposal.cut(at..end, &INVISIBLE);
        }
    }
}

fn surrogates(text: &str, proposal: &mut Proposal) {
    let mut done = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), "&#") {
        if at < done {
            continue;
        }
        let Some((high @ 0xD800..=0xDBFF, one)) = reference(&text[at..]) else { continue };
        let Some((low @ 0xDC00..=0xDFFF, two)) = reference(&text[at + one..]) else { continue };
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        if let Some(c) = char::from_u32(code) {
            done = at + one + two;
            proposal.replace(at..done, c.to_string(), &SURROGATES);
        }
    }
}

/// The number of the character reference that `text` starts with, and its length with the semicolon.
fn reference(text: &str) -> Option<(u32, usize)> {
    let body = text.strip_prefix("&#")?;
    // Eight: x and six digits and the semicolon; a longer one names no character.
    let end = body.bytes().take(8).position(|b| b == b';')?;
    let number = &body[..end];
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    Some((code.ok()?, end + 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;
    use std::sync::Arc;

    fn clean(text: &str) -> String {
        let done =
            Pipeline::new(vec![Arc::new(Control::default())]).clean(Document::from_text(text)).unwrap();
        done.document.into_text()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        let once = clean(before);
        assert_eq!(once, after);
        assert_eq!(clean(&once), once, "not stable");
    }

    #[test]
    fn noise_goes() {
        check("新闻\u{5}\u{6}\u{8}，稿\0。\u{7F}\u{9D}", "新闻，稿。");
        check("a\u{B}b\u{C}c \u{C}d", "a\nb\nc d");
        check("é\u{9D}t\u{E9}\u{81}", "été");
        check("新\u{87}闻\u{99}稿", "新闻稿");
        check("so \u{82}\u{83}\u{84} it is\u{7}\u{81}", "so  it is");
        check("é\u{9D}\u{A0} \n", "é\u{A0} \n");
    }

    #[test]
    fn white_space_and_meaningful_marks_stay() {
        for text in [
            "a\tb\r\nc\rd\u{85}e\u{2028}f",
            "page one\n\u{C}page two\u{C}\n",
            "می\u{200C}خواهم 👨\u{200D}👩 \u{200F}\u{202B} ❤\u{FE0F} co\u{AD}op",
            "ภาษา\u{200B}ไทย ភាសា\u{200B}ខ្មែរ",
            "&#55357; &#56832; &#x4E2D;",
            "\u{84}Handwerk\u{93} don\u{92}t \u{96} 100\u{80} c\u{9C}ur\u{85}\u{94} 新\u{93}闻\u{94}",
            "no\u{92}\u{94}\u{97}and, \u{85}\u{94}\u{97}he, \u{97}\u{93}\u{91}Tis",
            "Pan Ĺ\u{81}ukasz mieszka w Ĺ\u{81}odzi, Ĺ\u{90}szintén",
            "\u{82}±\u{82}ñ\u{82}É\u{82}¿\u{82}Í",
            "новости â\u{80}\u{94} хорошие, â\u{81}·, è¿\u{90}",
            "បើក\u{200B}ម៉ឺនុយ OCT2DEC\u{200B}, PDF file and many other words\u{200B} (Shift)\u{200B}+F10",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn terminal_sequences_go_whole() {
        check("\u{1B}[1;31merror\u{1B}[0m: \u{1B}]0;title\u{7}done\u{1B}", "error: done");
    }

    #[test]
    fn overstruck_letters_are_kept_once() {
        check("N\u{8}NA\u{8}AM\u{8}ME\u{8}E _\u{8}f_\u{8}i", "NAME fi");
        check("a\u{8}a\u{8}a 中\u{8}中", "a 中");
        check("x\u{8}y", "xy");
    }

    #[test]
    fn invisible_characters_go() {
        check("搜\u{200B}索 foo\u{2060}bar\u{FEFF}", "搜索 foobar");
        check("ไทย\u{FEFF}", "ไทย");
        check("\u{200B}\u{8}\u{200B}", "");
    }

    #[test]
    fn surrogate_pairs_are_joined() {
        check("笑&#55357;&#56832;&#xD83D;&#xde00;", "笑😀😀");
        check("笑&#55357;&#56832;\u{8};", "笑😀;");
    }

    #[test]
    fn long_runs_take_linear_time() {
        for piece in
            ["\u{8}", "a\u{8}", "\u{1B}[", "\u{1B}]", "\u{200B}", "&#", "\u{C}", "\u{C}a", "&#55357;"]
        {
            clean(&piece.repeat(200_000));
        }
    }
}
