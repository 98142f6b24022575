//! What a document says of its encoding: heard, and held against the bytes.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};

use super::charset::Charset;

/// How far a declaration is looked for. Browsers stop at 1,024 bytes, but pages have been seen with theirs behind
/// a long script.
const HEAD_BYTES: usize = 4 << 10;

/// The encodings that were declared, whoever did: `told` came with the document, others stand in it.
pub(super) fn declared(bytes: &[u8], told: Option<&str>) -> Vec<Charset> {
    let told = told.and_then(Charset::for_label);
    let all = told.into_iter().chain(in_markup(bytes));
    // That the bytes are neither UTF-8 nor UTF-16 has been found out before.
    let unicode = [UTF_8, UTF_16LE, UTF_16BE, X_USER_DEFINED].map(Charset::Standard);
    all.filter(|charset| !unicode.contains(charset)).collect()
}

/// The encoding that an XML declaration or a meta element names, in bytes that look like markup.
fn in_markup(bytes: &[u8]) -> Option<Charset> {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    memchr::memchr(b'<', head)?;
    let head = head.to_ascii_lowercase();
    let xml = head.trim_ascii_start().strip_prefix(b"<?xml").and_then(|rest| {
        let end = memchr::memmem::find(rest, b"?>")?;
        label(rest.get(..end)?, b"encoding")
    });
    xml.or_else(|| {
        let metas = memchr::memmem::find_iter(&head, b"<meta");
        metas
            .filter_map(|at| {
                let rest = head.get(at + b"<meta".len()..)?;
                let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
                label(rest.get(..end)?, b"charset")
            })
            .next()
    })
}

/// The encoding behind `name=` in a tag, with or without quotes: `charset="gbk"`, `content="text/html; charset=gbk"`.
fn label(tag: &[u8], name: &[u8]) -> Option<Charset> {
    memchr::memmem::find_iter(tag, name).find_map(|at| {
        let value = tag.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let end =
            value.iter().position(|b| matches!(b, b'"' | b'\'' | b';' | b'/' | b'>')).unwrap_or(value.len());
        Charset::for_label(std::str::from_utf8(value.get(..end)?).ok()?)
    })
}
