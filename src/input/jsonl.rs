//! JSON Lines: recognises them, and finds the text in a record without taking the record apart.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Options;

/// Names under which corpora keep the text of a record, in the order in which they are looked for: `text` (C4, dolma,
/// datatrove), `content`, `raw_content` (RedPajama), and the two that hold pages.
pub(super) const TEXT_FIELDS: [&str; 5] = ["text", "content", "raw_content", "html", "body"];

/// What a record says that concerns cleaning.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The text, unescaped.
    pub text: Cow<'a, str>,
    /// Where the JSON value of the text stands in the line, quotes included.
    pub text_span: Range<usize>,
    /// The record's own name: a string, or a number as it is written.
    pub id: Option<String>,
    /// The value of `url`, if it is a string.
    pub url: Option<String>,
    members: Vec<Member<'a>>,
    /// The JSON value of the text.
    value: &'a str,
}

#[derive(Clone, Debug)]
struct Member<'a> {
    /// As in the record: with quotes and escapes.
    name: &'a str,
    value: &'a str,
}

impl Record<'_> {
    /// Whether the record has a member called `key` already.
    pub fn has(&self, key: &str) -> bool {
        self.members.iter().any(|m| m.is(key))
    }

    /// The JSON value of the member called `key`, as it stands in the record.
    pub fn raw(&self, key: &str) -> Option<&str> {
        self.members.iter().rev().find(|m| m.is(key)).map(|m| m.value)
    }

    /// All members but the text, as a JSON object.
    pub fn others(&self) -> String {
        let is_text = |member: &&Member<'_>| std::ptr::eq(member.value, self.value);
        let others = self.members.iter().filter(|member| !is_text(member));
        let others: Vec<String> = others.map(|m| format!("{}:{}", m.name, m.value)).collect();
        format!("{{{}}}", others.join(","))
    }
}

impl Member<'_> {
    fn is(&self, key: &str) -> bool {
        let inner = inside(self.name);
        if inner.contains('\\') { string(self.name).is_ok_and(|name| name == key) } else { inner == key }
    }
}

/// Finds the text, the id and the URL of a record.
///
/// Where a key stands twice the last one counts, as for every common JSON parser. Without
/// [`Options::text_field`], the text is the first of `text`, `content`, `raw_content`, `html` and `body` that is a
/// string. A name with dots (`data.text`) that is no key itself leads into objects.
///
/// The error says in words what is wrong, with the column in characters from 1 where there is one.
pub fn parse<'a>(line: &'a [u8], options: &Options) -> Result<Record<'a>, String> {
    parse_field(line, options.text_field.as_deref(), options.id_field.as_deref())
}

/// As [`parse`], with the names of the fields.
///
/// # Errors
/// As [`parse`].
pub fn parse_field<'a>(
    line: &'a [u8],
    text_field: Option<&str>,
    id_field: Option<&str>,
) -> Result<Record<'a>, String> {
    let line = utf8(line)?;
    let members = members(line)?;
    let value = match text_field {
        Some(name) => {
            let value = lookup(&members, name)?.ok_or_else(|| format!("there is no field `{name}`"))?;
            if !value.starts_with('"') {
                return Err(format!("field `{name}` is {}, expected a string", what(value)));
            }
            value
        }
        None => default_text(&members)?,
    };
    let text =
        string(value).map_err(|error| format!("the text is no valid string: {}", cause(&error, value)))?;
    let start = value.as_ptr() as usize - line.as_ptr() as usize;
    let id = match id_field {
        Some(name) => lookup(&members, name)?,
        None => last(&members, "id"),
    };
    let id = id.and_then(|value| match value.as_bytes().first() {
        Some(b'"') => string(value).ok().map(Cow::into_owned),
        Some(b'-' | b'0'..=b'9') => Some(value.to_owned()),
        _ => None,
    });
    let url = last(&members, "url").filter(|v| v.starts_with('"')).and_then(|v| string(v).ok());
    let url = url.map(Cow::into_owned);
    Ok(Record { text, text_span: start..start + value.len(), id, url, members, value })
}

fn default_text<'a>(members: &[Member<'a>]) -> Result<&'a str, String> {
    let mut present = None;
    for name in TEXT_FIELDS {
        match last(members, name) {
            Some(value) if value.starts_with('"') => return Ok(value),
            Some(value) => present = present.or(Some((name, value))),
            None => {}
        }
    }
    Err(match present {
        Some((name, value)) => format!("field `{name}` is {}, expected a string", what(value)),
        None => {
            let names: Vec<_> = members.iter().take(8).map(|m| format!("`{}`", inside(m.name))).collect();
            let more = if members.len() > names.len() { ", …" } else { "" };
            let found = if names.is_empty() {
                "it is empty".into()
            } else {
                format!("it has {}{more}", names.join(", "))
            };
            format!(
                "the record has no text field ({}): {found}; --text-field names another",
                TEXT_FIELDS.join(", ")
            )
        }
    })
}

fn last<'a>(members: &[Member<'a>], name: &str) -> Option<&'a str> {
    members.iter().rev().find(|m| m.is(name)).map(|m| m.value)
}

/// The value of `path`: of the key spelled so, else of the key behind each dot in turn.
fn lookup<'a>(found: &[Member<'a>], path: &str) -> Result<Option<&'a str>, String> {
    if let Some(value) = last(found, path) {
        return Ok(Some(value));
    }
    let Some((first, mut rest)) = path.split_once('.') else { return Ok(None) };
    let mut value = last(found, first);
    while let Some(object) = value.filter(|v| v.starts_with('{')) {
        let inner = members(object)?;
        if let Some(value) = last(&inner, rest) {
            return Ok(Some(value));
        }
        let Some((name, behind)) = rest.split_once('.') else { return Ok(None) };
        (value, rest) = (last(&inner, name), behind);
    }
    Ok(None)
}

fn utf8(line: &[u8]) -> Result<&str, String> {
    // encoding_rs checks UTF-8 with vector instructions on every platform: 0.06 of the time of `str::from_utf8`.
    match encoding_rs::UTF_8.decode_without_bom_handling_and_without_replacement(line) {
        Some(Cow::Borrowed(line)) => Ok(line),
        _ => {
            let valid = encoding_rs::Encoding::utf8_valid_up_to(line);
            let before = line.get(..valid).unwrap_or_default();
            let column = String::from_utf8_lossy(before).chars().count() + 1;
            Err(format!("not valid UTF-8 at column {column}"))
        }
    }
}

/// The members of a JSON object, names and values as they are written.
///
/// The values are passed over, not parsed, by a loop and not by recursion, so nesting of any depth, numbers
/// of any size and lone surrogates are none of our business.
fn members(object: &str) -> Result<Vec<Member<'_>>, String> {
    let mut json = serde_json::Deserializer::from_str(object);
    let found = json.deserialize_map(Members).and_then(|members| json.end().map(|()| members));
    found.map_err(|error| match (error.classify(), object.trim_ascii_start().as_bytes().first()) {
        (serde_json::error::Category::Eof, _) => {
            format!("invalid JSON: {}: the record is cut", cause(&error, object))
        }
        (_, Some(b'{') | None) => format!("invalid JSON: {}", cause(&error, object)),
        (_, Some(_)) if serde_json::from_str::<IgnoredAny>(object).is_ok() => {
            format!("expected a JSON object, found {}", what(object.trim_ascii_start()))
        }
        (_, Some(_)) => "invalid JSON: expected `{` at column 1".to_owned(),
    })
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // Records of the corpora we know have 2 to 20 members.
        let mut members = Vec::with_capacity(16);
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            members.push(Member { name: name.get(), value: value.get() });
        }
        Ok(members)
    }
}

/// A JSON string without its quotes, escapes as they are.
fn inside(json: &str) -> &str {
    json.strip_prefix('"').and_then(|s| s.strip_suffix('"')).unwrap_or(json)
}

fn string(json: &str) -> serde_json::Result<Cow<'_, str>> {
    let inner = inside(json);
    // The value has been passed over as valid JSON: without a backslash it is what it says.
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(inner));
    }
    match unescaped(inner) {
        Some(text) => Ok(Cow::Owned(text)),
        // A lone surrogate: serde_json says where.
        None => serde_json::from_str::<String>(json).map(Cow::Owned),
    }
}

/// The text that a valid JSON string stands for; `None` where a surrogate is alone.
fn unescaped(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(rest.get(..at)?);
        let (escape, behind) = rest.get(at + 1..)?.split_at_checked(1)?;
        rest = behind;
        text.push(match escape.as_bytes().first()? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'u' => {
                let unit = hex(&mut rest)?;
                match unit {
                    0xD800..0xDC00 => {
                        rest = rest.strip_prefix("\\u")?;
                        let low = hex(&mut rest)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                        char::from_u32(0x10000 + ((unit - 0xD800) << 10) + low)?
                    }
                    unit => char::from_u32(unit)?,
                }
            }
            other => char::from(*other),
        });
    }
    text.push_str(rest);
    Some(text)
}

/// The number that the first four hexadecimal digits of `rest` make, which are taken from it.
fn hex(rest: &mut &str) -> Option<u32> {
    let (digits, behind) = rest.split_at_checked(4)?;
    *rest = behind;
    u32::from_str_radix(digits, 16).ok()
}

fn what(value: &str) -> &'static str {
    match value.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        Some(_) => "a number",
        None => "nothing",
    }
}

/// What serde_json has to say, with the column in characters and without the line, which is always 1.
fn cause(error: &serde_json::Error, json: &str) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let before = json.as_bytes().get(..error.column().saturating_sub(1)).unwrap_or(json.as_bytes());
    let column = before.iter().filter(|&&b| b & 0xC0 != 0x80).count() + 1;
    format!("{text} at column {column}")
}

/// Whether content that begins with `head` (the whole of it: `complete`) is JSON Lines.
///
/// The lines decide together: a bad first record does not turn a corpus into one text, and records quoted in a text
/// do not turn the text into a corpus. More than half of the lines must begin as a record does, `{"`, and a
/// quarter be a whole object, so that an array with a record a line (`{…},`) is none.
pub(super) fn recognise(head: &[u8], complete: bool) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let (mut lines, mut begun, mut whole) = (0_usize, 0, 0);
    let cut = if complete { head.len() } else { memchr::memrchr(b'\n', head).map_or(0, |at| at + 1) };
    let (full, tail) = head.split_at(cut);
    for line in full.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        lines += 1;
        if begins(line) {
            begun += 1;
            let object = line.ends_with(b"}") && serde_json::from_slice::<IgnoredAny>(line).is_ok();
            whole += usize::from(object);
        }
    }
    // A record longer than the head: as far as we see it, it must be the beginning of an object.
    let valid =
        |tail| serde_json::from_slice::<IgnoredAny>(tail).map_or_else(|error| error.is_eof(), |_| true);
    if begins(tail.trim_ascii_start()) && valid(tail) {
        lines += 1;
        begun += 1;
        whole += 1;
    }
    whole > 0 && 2 * begun > lines && 4 * whole >= lines
}

fn begins(line: &[u8]) -> bool {
    line.strip_prefix(b"{").is_some_and(|rest| matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(line: &str, text: &str, value: &str) {
        let record = parse(line.as_bytes(), &Options::default()).unwrap();
        assert_eq!(record.text, text);
        assert_eq!(&line[record.text_span], value);
    }

    #[track_caller]
    fn refused(line: impl AsRef<[u8]>, cause: &str) {
        assert_eq!(parse(line.as_ref(), &Options::default()).unwrap_err(), cause);
    }

    #[test]
    fn the_text_is_found() {
        found(r#"{"text":"a"}"#, "a", r#""a""#);
        found(r#" { "id" : 1 , "text" : "好\n\"" } "#, "好\n\"", r#""好\n\"""#);
        found(r#"{"content":"b","text":"a"}"#, "a", r#""a""#);
        found(r#"{"text":null,"content":"b"}"#, "b", r#""b""#);
        found(r#"{"te\u0078t":"a"}"#, "a", r#""a""#);
        found(r#"{"text":"first","text":"last"}"#, "last", r#""last""#);
        found(r#"{"x":"\ud800","y":1E400,"z":123456789012345678901234567890,"text":""}"#, "", r#""""#);
    }

    #[test]
    fn strings_are_unescaped_as_serde_json_does() {
        let pieces = [
            "a",
            "好",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "\\b\\f\\r\\t",
            "\\u0041",
            "\\u4e00",
            "\\uD83D\\uDe00",
            "\\ud83d",
            "\\ude00",
            "\\u0000",
        ];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let json = format!("\"{first}{second}{third}\"");
                    let expected = serde_json::from_str::<String>(&json).ok();
                    assert_eq!(string(&json).ok().map(Cow::into_owned), expected, "{json}");
                    assert_eq!(unescaped(inside(&json)), expected, "{json}");
                }
            }
        }
    }

    #[test]
    fn id_and_url() {
        let record =
            |json: &'static str| parse(json.as_bytes(), &Options::default()).map(|r| (r.id, r.url)).unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(record(r#"{"text":"","id":"a\"b","url":"http:\/\/x"}"#), (some("a\"b"), some("http://x")));
        assert_eq!(
            record(r#"{"text":"","id":18446744073709551616,"url":null}"#),
            (some("18446744073709551616"), None)
        );
        assert_eq!(record(r#"{"text":"","id":["a"]}"#), (None, None));
    }

    #[test]
    fn whether_a_key_is_taken() {
        let record = parse(br#"{"text":"","cle\u0061n":1}"#, &Options::default()).unwrap();
        assert!(record.has("clean") && record.has("text") && !record.has("clea"));
    }

    #[test]
    fn named_fields() {
        let with = |name: &str| Options {
            text_field: Some(name.into()),
            id_field: Some("m.id".into()),
            ..Options::default()
        };
        let line = br#"{"m":{"id":"7","b.c":"dots","x":{"y":"deep"}},"a.b":"flat","text":[]}"#;
        for (name, text) in [("a.b", "flat"), ("m.b.c", "dots"), ("m.x.y", "deep")] {
            let record = parse(line, &with(name)).unwrap();
            assert_eq!((record.text.as_ref(), record.id.as_deref()), (text, Some("7")));
            assert_eq!(&line[record.text_span], format!("\"{text}\"").as_bytes());
        }
        for (name, cause) in [
            ("no", "there is no field `no`"),
            ("m.no", "there is no field `m.no`"),
            ("text.no", "there is no field `text.no`"),
            ("text", "field `text` is an array, expected a string"),
        ] {
            assert_eq!(parse(line, &with(name)).unwrap_err(), cause);
        }
    }

    #[test]
    fn errors_in_words() {
        refused(r#"{"text":null}"#, "field `text` is null, expected a string");
        refused(r#"{"body":{},"text":[1]}"#, "field `text` is an array, expected a string");
        refused(
            r#"{"title":"x"}"#,
            "the record has no text field (text, content, raw_content, html, body): it has `title`; --text-field names another",
        );
        refused(
            "{}",
            "the record has no text field (text, content, raw_content, html, body): it is empty; --text-field names another",
        );
        refused(r#"{"text":"a" "b"}"#, "invalid JSON: expected `,` or `}` at column 13");
        refused(r#"{"好":"a" "b"}"#, "invalid JSON: expected `,` or `}` at column 10");
        refused(r#"{"text":"a"} x"#, "invalid JSON: trailing characters at column 14");
        refused(r#"{"text":"a"#, "invalid JSON: EOF while parsing a string at column 10: the record is cut");
        refused("[1]", "expected a JSON object, found an array");
        refused("plain", "invalid JSON: expected `{` at column 1");
        refused(b"{\"text\":\"\xE5\xA5\xBD\xFF\"}", "not valid UTF-8 at column 11");
        refused(
            r#"{"text":"\ud800"}"#,
            "the text is no valid string: unexpected end of hex escape at column 8",
        );
    }

    #[test]
    fn any_depth() {
        for depth in [1_000, 100_000] {
            let line = format!(r#"{{"x":{}{},"text":"a"}}"#, "[".repeat(depth), "]".repeat(depth));
            found(&line, "a", r#""a""#);
            assert!(recognise(line.as_bytes(), true));
            let open = format!(r#"{{"x":{}"#, "{\"a\":[".repeat(depth));
            assert!(parse(open.as_bytes(), &Options::default()).is_err());
            assert!(recognise(open.as_bytes(), false));
        }
    }

    #[test]
    fn json_lines_are_recognised() {
        for (head, complete) in [
            ("{\"text\":\"a\"}", true),
            ("\u{feff}{\"text\":\"a\"}\r\n\r\n", true),
            ("{}\n{}", true),
            ("garbage\n{\"a\":1}\n{\"a\":2}\n", true),
            ("{\"a\":1,,\n{\"a\":2}\n", true),
            ("{\"text\":\"a record longer than the head", false),
            ("bad\n{\"text\":\"a\"}\n{\"text\":\"cut in \\u00", false),
            ("{\"a\":1}\n{\"text\":\"the second is cut", false),
            ("{\"a\":1}\nbad\n{\"a\":2}", false),
        ] {
            assert!(recognise(head.as_bytes(), complete), "{head}");
        }
    }

    #[test]
    fn other_content_is_not() {
        for (head, complete) in [
            ("", true),
            ("{", true),
            ("{\n  \"text\": \"pretty\"\n}\n", true),
            ("{\n  \"list\": [\n    {\"a\":1},\n    {\"a\":2}\n  ]\n}\n", true),
            ("[\n{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n]\n", true),
            ("[{\"a\":1},{\"a\":2}]", true),
            ("{ int x = 1; }", true),
            ("A record looks like this:\n{\"a\":1}\n", true),
            ("Some prose.\n{\"a\":1}\n{\"a\":2}\nMore prose.\nAnd more.", true),
            ("{\"use strict\";var a={};", false),
            ("{\"text\":\"cut, and nothing follows", true),
            ("plain", false),
        ] {
            assert!(!recognise(head.as_bytes(), complete), "{head}");
        }
    }
}
