//! UTF-8 with damaged places, and UTF-8 with lines in another encoding between.
//!
//! Concatenated pages, logs and comment threads hold both. Read as a whole, one of the two parts becomes mojibake, so
//! each line is looked at alone, and the lines that are not UTF-8 are guessed together.

use encoding_rs::UTF_8;

use super::{By, Decoded, declared, lossy, model};

/// Valid characters of several bytes there must be in a line for one damaged place. In a line of another encoding
/// sequences that are valid as UTF-8 come by chance, one for two or more that are not (GBK: one character in six
/// looks like one).
const VALID_FOR_ONE_DAMAGED: usize = 4;

/// Characters of several bytes there must be at least in the lines that are UTF-8, for there to be such lines.
const UTF8_AT_LEAST: usize = 4;

/// Of how many characters one must be in UTF-8. A line of one character in GBK is valid by chance one time in six, a
/// longer one hardly ever: a text of another encoding stays far below.
const ONE_IN: usize = 4;

/// Characters of three bytes or more, in one line without damage, that no other encoding gives by chance: each is
/// one chance in twenty or less.
const BEYOND_CHANCE: usize = 8;

struct Line<'a> {
    bytes: &'a [u8],
    /// Valid characters of several bytes.
    valid: usize,
    utf8: bool,
    /// Not a byte of it is damaged.
    whole: bool,
}

impl<'a> Line<'a> {
    fn new(bytes: &'a [u8], last: bool) -> Self {
        if encoding_rs::Encoding::utf8_valid_up_to(bytes) == bytes.len() {
            let valid = bytes.iter().filter(|&&b| b >= 0xC0).count();
            return Self { bytes, valid, utf8: true, whole: true };
        }
        let (mut valid, mut damaged, mut rest) = (0_usize, 0_usize, &[][..]);
        for chunk in bytes.utf8_chunks() {
            valid += chunk.valid().bytes().filter(|&b| b >= 0xC0).count();
            damaged += usize::from(!chunk.invalid().is_empty());
            rest = chunk.invalid();
        }
        // A character that is cut at the end of the input is no damage.
        if last && valid > 0 && begins_character(rest) {
            damaged -= 1;
        }
        Self { bytes, valid, utf8: valid > 0 && valid >= VALID_FOR_ONE_DAMAGED * damaged, whole: false }
    }

    fn beyond_chance(&self) -> bool {
        self.whole && self.bytes.iter().filter(|&&b| b >= 0xE0).take(BEYOND_CHANCE).count() == BEYOND_CHANCE
    }
}

/// The text, where every line that holds more than ASCII is damaged: UTF-8, if the damage is little everywhere and no
/// encoding of several bytes a character does without any (`▥▥▥` in EUC-KR begins a byte before UTF-8).
fn damaged_throughout(bytes: &[u8], lines: &[Line]) -> Option<Decoded> {
    if !lines.iter().all(|line| line.utf8) {
        return None;
    }
    let guess = model::guess(bytes);
    let other = declared::multi_byte(guess)
        && !bytes.is_ascii()
        && guess.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    (!other).then(|| lossy(UTF_8, bytes, By::Utf8))
}

/// Whether these bytes are the beginning of a UTF-8 character and lack only its end.
fn begins_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

/// The text, if a good part of it is UTF-8.
pub(super) fn mostly_utf8(bytes: &[u8]) -> Option<Decoded> {
    let mut lines: Vec<_> =
        bytes.split_inclusive(|&b| b == b'\n').map(|line| Line::new(line, false)).collect();
    if let Some(last) = lines.last_mut() {
        *last = Line::new(last.bytes, true);
    }
    let valid: usize = lines.iter().filter(|line| line.whole).map(|line| line.valid).sum();
    if valid == 0 {
        return damaged_throughout(bytes, &lines);
    }
    let others: Vec<u8> =
        lines.iter().filter(|line| !line.utf8).flat_map(|line| line.bytes).copied().collect();
    if others.is_empty() {
        return Some(lossy(UTF_8, bytes, By::Utf8));
    }
    let strange = others.iter().filter(|&&b| b >= 0x80).count();
    // Characters of the other encoding take one byte or two: with one, the other sort is counted high.
    let few = valid < UTF8_AT_LEAST || valid * ONE_IN < valid + strange;
    if few && !lines.iter().any(Line::beyond_chance) {
        return None;
    }
    let guess = model::guess(&others);
    let mut decoded = Decoded {
        text: String::new(),
        encoding: UTF_8.name(),
        also: Some(guess.name()),
        by: By::Model,
        replaced: 0,
    };
    // Lines of the same sort are decoded together.
    for group in lines.chunk_by(|a, b| a.utf8 == b.utf8) {
        let bytes: Vec<u8> = group.iter().flat_map(|line| line.bytes).copied().collect();
        let utf8 = group.first().is_some_and(|line| line.utf8);
        let part = lossy(if utf8 { UTF_8 } else { guess }, &bytes, By::Model);
        decoded.text.push_str(&part.text);
        decoded.replaced += part.replaced;
    }
    Some(decoded)
}
