//! Turns bytes into text, once; after it nobody sees bytes.
//!
//! What decides, in this order: a byte order mark; that the bytes are UTF-8, or are but for a few damaged places or
//! `lines`; the pattern of UTF-16 and UTF-32; what the document says of itself (`declared`), as far as the bytes do not
//! speak against it; the `model`, which guesses from a sample. Files that hold no text (`binary`) are told from
//! those that do, by their first bytes and by what no text holds.
//!
//! NULs in a text stay, a later stage takes them out with a record; a byte order mark is no part of the text.

mod binary;
mod declared;
mod lines;
mod model;
mod wide;

use encoding_rs::{Encoding, UTF_8};
use serde::Serialize;

/// Text, and how it was found in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// WHATWG name, as `UTF-8`; `UTF-32LE` and `UTF-32BE`, which the standard leaves out, besides.
    pub encoding: &'static str,
    /// A second encoding, in which some of the lines were.
    pub also: Option<&'static str>,
    /// What decided.
    pub by: By,
    /// U+FFFD put in where bytes mean nothing in this encoding.
    pub replaced: usize,
}

/// What decided on an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A byte order mark.
    Bom,
    /// The bytes are UTF-8.
    Utf8,
    /// The document, or whoever sent it, said so.
    Declared,
    /// The likeliest of several.
    Model,
}

impl By {
    /// As it stands in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bom => "bom",
            Self::Utf8 => "utf8",
            Self::Declared => "declared",
            Self::Model => "model",
        }
    }
}

/// Why there is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    #[error("not text but {kind}")]
    Binary {
        /// What it is, as `a PNG image`; `binary data` where that is not known.
        kind: &'static str,
    },
}

/// Decodes a document. `declared` is a label that came with it (HTTP header, `--encoding`): heard, not obeyed.
///
/// Nothing of the bytes is lost without a trace: what means nothing becomes U+FFFD and is counted.
pub fn decode(bytes: &[u8], declared: Option<&str>) -> Result<Decoded, Undecodable> {
    if let Some(kind) = binary::by_magic(bytes) {
        return Err(Undecodable::Binary { kind });
    }
    if let Some(decoded) = wide::by_mark(bytes) {
        return Ok(decoded);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(lossy(encoding, bytes.get(mark..).unwrap_or_default(), By::Bom));
    }
    let nuls = memchr::memchr(0, bytes).is_some();
    // ASCII with an escape character may be ISO-2022-JP, which looks like UTF-8 and is not.
    let escapes = !nuls && iso_2022(bytes);
    if !nuls
        && !escapes
        && let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes)
    {
        return Ok(Decoded {
            text: text.into_owned(),
            encoding: "UTF-8",
            also: None,
            by: By::Utf8,
            replaced: 0,
        });
    }
    if let Some(decoded) = wide::by_pattern(bytes) {
        return Ok(decoded);
    }
    if let Some(kind) = binary::by_content(bytes) {
        return Err(Undecodable::Binary { kind });
    }
    if !escapes && let Some(decoded) = lines::mostly_utf8(bytes) {
        return Ok(decoded);
    }
    let guess = model::guess(bytes);
    let (encoding, by) = match declared::heard(bytes, declared, guess) {
        Some(encoding) => (encoding, By::Declared),
        None => match model::cut_at_start(bytes, guess) {
            Some(decoded) => return Ok(decoded),
            None => (guess, By::Model),
        },
    };
    Ok(lossy(encoding, bytes, by))
}

fn lossy(encoding: &'static Encoding, bytes: &[u8], by: By) -> Decoded {
    let (text, errors) = encoding.decode_without_bom_handling(bytes);
    let text = text.into_owned();
    let replaced = if errors {
        let after = memchr::memmem::find_iter(text.as_bytes(), "\u{FFFD}").count();
        let before = if encoding == UTF_8 { memchr::memmem::find_iter(bytes, "\u{FFFD}").count() } else { 0 };
        after - before.min(after)
    } else {
        0
    };
    Decoded { text, encoding: encoding.name(), also: None, by, replaced }
}

/// Whether these are ASCII bytes that switch to a Japanese character set and so are ISO-2022-JP.
fn iso_2022(bytes: &[u8]) -> bool {
    let switches = |at: usize| matches!(bytes.get(at + 1..at + 3), Some(b"$B" | b"$@" | b"(J" | b"(I"));
    memchr::memchr_iter(0x1B, bytes).any(switches) && bytes.is_ascii()
}

#[cfg(test)]
mod tests;
