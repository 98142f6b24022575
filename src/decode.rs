//! Turns bytes into text, once; after it nobody sees bytes.
//!
//! What decides, in this order: a byte order mark; that the bytes are UTF-8, or are but for a few damaged places or
//! `lines`; the pattern of UTF-16 and UTF-32; what the document says of itself (`declared`), as far as the bytes do not
//! speak against it; the `model`, which guesses from a sample. Files that hold no text (`binary`) are told from
//! those that do, by their first bytes and by what no text holds.
//!
//! NULs in a text stay, a later stage takes them out with a record; a byte order mark is no part of the text.

mod binary;
mod charset;
mod declared;
mod east_asian;
mod johab;
mod lines;
mod model;
mod more;
mod seven_bit;
mod single;
mod table;
mod wide;

use charset::Charset;
use encoding_rs::{Encoding, GB18030, GBK, UTF_8};
use serde::Serialize;

/// Text, and how it was found in the bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub text: String,
    /// WHATWG name, as `UTF-8`; `UTF-32LE` and `UTF-32BE`, which the standard leaves out, besides.
    pub encoding: &'static str,
    /// A second encoding, in which some of the lines were.
    pub also: Option<&'static str>,
    /// What decided.
    pub by: By,
    /// How likely it is that this is right, against the next best reading: 0 to 1.
    pub confidence: f32,
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
    /// Line by line: not all are in one encoding.
    Mixed,
}

impl By {
    /// As it stands in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bom => "bom",
            Self::Utf8 => "utf8",
            Self::Declared => "declared",
            Self::Model => "model",
            Self::Mixed => "mixed",
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
    #[error("text in {encoding}, which cannot be read")]
    Unsupported {
        /// Its name.
        encoding: &'static str,
    },
}

/// Whether `label` names an encoding, for the user to declare; `!` behind it forces it.
pub fn is_known(label: &str) -> bool {
    let label = label.strip_suffix('!').unwrap_or(label);
    Charset::for_label(label).is_some() || label.eq_ignore_ascii_case("utf-7")
}

/// Decodes a document. `declared` is a label that came with it (HTTP header, `--encoding`): heard, not obeyed, unless it ends
/// with `!`.
///
/// Nothing of the bytes is lost without a trace: what means nothing becomes U+FFFD and is counted.
pub fn decode(bytes: &[u8], declared: Option<&str>) -> Result<Decoded, Undecodable> {
    if let Some(charset) = declared.and_then(|label| label.strip_suffix('!')).and_then(Charset::for_label) {
        let (text, replaced) = charset.decode(bytes);
        let (by, confidence) = (By::Declared, 1.0);
        return Ok(Decoded { text, encoding: charset.name(), also: None, by, confidence, replaced });
    }
    if let Some(kind) = binary::by_magic(bytes) {
        return Err(Undecodable::Binary { kind });
    }
    if let Some(decoded) = wide::by_mark(bytes) {
        return Ok(decoded);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(lossy(encoding, bytes.get(mark..).unwrap_or_default(), By::Bom));
    }
    // ASCII may be other text in disguise, as ISO-2022-JP.
    if let Some(decoded) = seven_bit::decode(bytes, declared) {
        return decoded;
    }
    let nuls = memchr::memchr(0, bytes).is_some();
    // UTF-16 and UTF-32 are not UTF-8 by chance, unless they are ASCII by their bytes.
    if (!nuls || !bytes.is_ascii())
        && let Some(decoded) = utf8(bytes)
    {
        return Ok(decoded);
    }
    if let Some(decoded) = wide::by_pattern(bytes).filter(|_| !lines::east_asian(bytes)) {
        return Ok(decoded);
    }
    if let Some(kind) = binary::by_content(bytes) {
        return Err(Undecodable::Binary { kind });
    }
    if nuls && let Some(decoded) = utf8(bytes) {
        return Ok(decoded);
    }
    if binary::doubtful(bytes) && model::no_text(bytes) {
        return Err(Undecodable::Binary { kind: "binary data" });
    }
    if let Some(decoded) = johab::decode(bytes) {
        return Ok(decoded);
    }
    Ok(lines::decode(bytes, &declared::declared(bytes, declared)))
}

/// The text of bytes that are UTF-8 from end to end; the last character may be cut, if there are others.
fn utf8(bytes: &[u8]) -> Option<Decoded> {
    let valid = Encoding::utf8_valid_up_to(bytes);
    let (sound, rest) = bytes.split_at(valid);
    let cut = !rest.is_empty();
    if cut && (!lines::begins_character(rest) || sound.is_ascii()) {
        return None;
    }
    // Checked already; the second check is the price of no unsafe code where there is no cut either.
    let mut text = UTF_8.decode_without_bom_handling(sound).0.into_owned();
    if cut {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Some(Decoded { text, encoding: "UTF-8", also: None, by: By::Utf8, confidence: 1.0, replaced: cut.into() })
}

impl Decoded {
    fn new(text: String, guess: model::Guess, replaced: usize) -> Self {
        let by = if guess.declared { By::Declared } else { By::Model };
        let confidence = confidence(guess.margin);
        // Pages that say gb2312 or GBK use all of GB18030.
        let gbk = guess.charset == Charset::Standard(GBK) && guess.declared;
        let encoding = if gbk { GB18030.name() } else { guess.charset.name() };
        Self { text, encoding, also: None, by, confidence, replaced }
    }
}

/// The chance that the cheaper of two readings is right, from how much cheaper it is, in nats.
fn confidence(margin: f32) -> f32 {
    1.0 / (1.0 + (-margin).exp())
}

fn lossy(encoding: &'static Encoding, bytes: &[u8], by: By) -> Decoded {
    let (text, replaced) = Charset::Standard(encoding).decode(bytes);
    Decoded { text, encoding: encoding.name(), also: None, by, confidence: 1.0, replaced }
}

#[cfg(test)]
mod tests;
