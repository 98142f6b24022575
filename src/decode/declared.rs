//! What a document says of its encoding: heard, and held against the bytes.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
    X_USER_DEFINED,
};

/// How far a declaration is looked for. Browsers stop at 1,024 bytes, but pages have been seen with theirs behind
/// a long script.
const HEAD_BYTES: usize = 4 << 10;

/// The declared encoding, if the bytes do not speak against it; `guess` is what the model thinks.
pub(super) fn heard(bytes: &[u8], told: Option<&str>, guess: &'static Encoding) -> Option<&'static Encoding> {
    let told = told.and_then(|label| Encoding::for_label(label.as_bytes()));
    let told = told.into_iter().chain(in_markup(bytes));
    // That the bytes are not UTF-8 has been found out before.
    let mut told = told.filter(|&e| e != UTF_8 && e != X_USER_DEFINED).map(widest);
    told.find(|&encoding| believable(bytes, encoding, widest(guess)))
}

/// Bytes other than ASCII from which on the model is believed more than a declaration: sixteen characters. It still
/// takes a third of the texts of eight characters for something else, and hardly one of this length.
const SHORT: usize = 32;

/// GBK and gb2312 are parts of GB18030, and pages that say one use the other.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// Whether characters other than ASCII take two bytes or more.
pub(super) fn multi_byte(encoding: &'static Encoding) -> bool {
    [GBK, GB18030, BIG5, SHIFT_JIS, EUC_JP, EUC_KR, ISO_2022_JP].contains(&encoding)
}

fn believable(bytes: &[u8], encoding: &'static Encoding, guess: &'static Encoding) -> bool {
    if encoding == guess {
        return true;
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return false;
    }
    let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) else {
        return false;
    };
    // The places windows-1252 and its like leave free are controls of the C1 set: no text holds them.
    if text.chars().any(|c| ('\u{80}'..='\u{9F}').contains(&c)) {
        return false;
    }
    match (multi_byte(encoding), multi_byte(guess)) {
        // Every byte means something in an encoding of one byte a character, so that it decodes says nothing;
        // that text decodes in the other, where most pairs mean nothing, says much.
        (false, true) => false,
        // The model tells these from each other better than pages do, but for very short ones: of pages with a
        // declaration that lies it got all right, of those with one that tells the truth 96.5 %.
        (true, true) => short(bytes),
        // That Greek is no French shows at once, what sort of Latin letters it is does not.
        (false, false) => latin(encoding) == latin(guess) || short(bytes),
        (true, false) => true,
    }
}

fn short(bytes: &[u8]) -> bool {
    bytes.iter().filter(|&&b| b >= 0x80).take(SHORT).count() < SHORT
}

fn latin(encoding: &'static Encoding) -> bool {
    let text: &[u8] = match encoding.name() {
        "macintosh" => b"\x8E",
        _ => b"\xE9",
    };
    // Where é stands in one encoding of Latin letters, a Latin letter stands in all of them.
    encoding.decode_without_bom_handling(text).0.chars().all(|c| c < '\u{250}')
}

/// The encoding that an XML declaration or a meta element names, in bytes that look like markup.
fn in_markup(bytes: &[u8]) -> Option<&'static Encoding> {
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
fn label(tag: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    memchr::memmem::find_iter(tag, name).find_map(|at| {
        let value = tag.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let end =
            value.iter().position(|b| matches!(b, b'"' | b'\'' | b';' | b'/' | b'>')).unwrap_or(value.len());
        Encoding::for_label(value.get(..end)?)
    })
}
