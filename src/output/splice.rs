//! Puts a text and one member into a JSON record and leaves every other byte as it was.
//!
//! A record that is parsed and written again is another record: `1E5` becomes `1e+5`, keys that stand twice stand
//! once, a lone surrogate in a field that is none of our business ends the run. So nothing is written again.

use std::ops::Range;

/// Bytes of UTF-8 at which [`write_json_string`] must look: what JSON escapes, and the first bytes of U+0085
/// (C2 85), U+2028 and U+2029 (E2 80 A8, A9).
const LOOK: [bool; 256] = {
    let mut look = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        look[byte] = true;
        byte += 1;
    }
    look[b'"' as usize] = true;
    look[b'\\' as usize] = true;
    look[0xC2] = true;
    look[0xE2] = true;
    look
};

/// Bytes looked at together: two registers of the smallest vector unit there is on x86-64, one of the next.
const BLOCK: usize = 32;

/// Appends the record `line` to `out`, with `text` as the JSON value at `text_span` (`None`: that value stays, byte
/// for byte) and with the member `"key":member` at the end of the object.
///
/// `line` must be a JSON object and `text_span` the place of a value in it, as [`crate::input::jsonl::parse`] gives
/// them; `member` is a JSON value. Other input cannot be spliced and is appended as it is.
pub fn splice(
    line: &[u8],
    text_span: Range<usize>,
    text: Option<&str>,
    key: &str,
    member: &[u8],
    out: &mut Vec<u8>,
) {
    let close = memchr::memrchr(b'}', line);
    let (Some(close), Some(before)) = (close, line.get(..text_span.start)) else {
        out.extend_from_slice(line);
        return;
    };
    let Some(after) = line.get(text_span.end..close) else {
        out.extend_from_slice(line);
        return;
    };
    out.reserve(line.len() + member.len() + key.len() + 8);
    match text {
        Some(text) => {
            out.extend_from_slice(before);
            write_json_string(text, out);
            out.extend_from_slice(after);
        }
        None => out.extend_from_slice(line.get(..close).unwrap_or_default()),
    }
    let empty = line.get(..close).unwrap_or_default().trim_ascii_end().ends_with(b"{");
    if !empty {
        out.push(b',');
    }
    write_json_string(key, out);
    out.push(b':');
    out.extend_from_slice(member);
    out.extend_from_slice(line.get(close..).unwrap_or_default());
}

/// Appends the record `line` to `out` with `text` as the JSON value at `text_span`, and nothing added.
pub fn replace(line: &[u8], text_span: Range<usize>, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(line.get(..text_span.start).unwrap_or_default());
    write_json_string(text, out);
    out.extend_from_slice(line.get(text_span.end..).unwrap_or_default());
}

/// Appends `text` as a JSON string, quotes included.
///
/// Escapes what JSON requires, and U+0085, U+2028 and U+2029 besides: readers that split lines by the Unicode
/// rules (Python's `str.splitlines`) would cut the record there.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut written = 0;
    let mut at = 0;
    while at < bytes.len() {
        // A block without a byte of interest is one comparison for the processor; most blocks are such.
        if let Some(block) = bytes.get(at..at + BLOCK) {
            let interesting = block.iter().fold(false, |any, &b| {
                any | (b < 0x20) | (b == b'"') | (b == b'\\') | (b == 0xC2) | (b == 0xE2)
            });
            if !interesting {
                at += BLOCK;
                continue;
            }
        }
        let end = bytes.len().min(at + BLOCK);
        while at < end {
            let byte = bytes[at];
            if !LOOK[byte as usize] {
                at += 1;
                continue;
            }
            let (escape, width): (&[u8], usize) = match (byte, &bytes[at + 1..]) {
                (b'"', _) => (b"\\\"", 1),
                (b'\\', _) => (b"\\\\", 1),
                (b'\n', _) => (b"\\n", 1),
                (b'\r', _) => (b"\\r", 1),
                (b'\t', _) => (b"\\t", 1),
                (0x08, _) => (b"\\b", 1),
                (0x0C, _) => (b"\\f", 1),
                (0xC2, [0x85, ..]) => (b"\\u0085", 2),
                (0xE2, [0x80, 0xA8, ..]) => (b"\\u2028", 3),
                (0xE2, [0x80, 0xA9, ..]) => (b"\\u2029", 3),
                (0xC2 | 0xE2, _) => {
                    at += 1;
                    continue;
                }
                (control, _) => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    out.extend_from_slice(&bytes[written..at]);
                    out.extend_from_slice(b"\\u00");
                    out.push(HEX[usize::from(control >> 4)]);
                    out.push(HEX[usize::from(control & 15)]);
                    at += 1;
                    written = at;
                    continue;
                }
            };
            out.extend_from_slice(&bytes[written..at]);
            out.extend_from_slice(escape);
            at += width;
            written = at;
        }
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn string(text: &str, json: &str) {
        let mut out = Vec::new();
        write_json_string(text, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), json);
        // At every distance from the end of a block.
        for pad in 0..2 * BLOCK {
            let text = format!("{}{text}", "x".repeat(pad));
            let mut out = Vec::new();
            write_json_string(&text, &mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn strings() {
        string("", r#""""#);
        string("好 \"a\\b\"", r#""好 \"a\\b\"""#);
        string("\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}", "\"\\n\\r\\t\\b\\f\\u0000\\u001f\u{7f}\"");
        string("a\u{85}b\u{2028}c\u{2029}d", r#""a\u0085b\u2028c\u2029d""#);
        string("“·–”", "\"“·–”\"");
    }

    #[track_caller]
    fn spliced(line: &str, value: &str, text: Option<&str>, expected: &str) {
        let at = line.find(value).unwrap();
        let mut out = b"> ".to_vec();
        splice(line.as_bytes(), at..at + value.len(), text, "clean", b"{}", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("> {expected}"));
    }

    #[test]
    fn everything_else_stays() {
        spliced(
            r#"{"n":1E5,"n":1e+400,"x":"\ud800","text" : "a\u4e00" , "z":[{}] }"#,
            r#""a\u4e00""#,
            Some("b\n"),
            r#"{"n":1E5,"n":1e+400,"x":"\ud800","text" : "b\n" , "z":[{}] ,"clean":{}}"#,
        );
        spliced(r#"{"text":"a\u4e00\/"}  "#, r#""a\u4e00\/""#, None, r#"{"text":"a\u4e00\/","clean":{}}  "#);
    }

    #[test]
    fn what_is_no_object_is_left() {
        spliced("no object", "object", Some("x"), "no object");
        let mut out = Vec::new();
        splice(b"{ }", 1..1, None, "k", b"1", &mut out);
        assert_eq!(out, b"{ \"k\":1}");
        out.clear();
        splice(b"{}", 7..9, Some("x"), "k", b"1", &mut out);
        assert_eq!(out, b"{}");
    }
}
