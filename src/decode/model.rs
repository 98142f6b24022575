//! Guesses the encoding of bytes that are not Unicode.
//!
//! The model is chardetng's; a better one takes its place behind [`guess`].

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, SHIFT_JIS};

use super::{By, Decoded, declared, lossy};

/// What the model is fed at most: it reads 7 to 14 MB/s, so a sample of this size costs it 5 to 9 ms, and more of it
/// changes nothing.
const SAMPLE_BYTES: usize = 64 << 10;

/// Places the sample is taken from, so that the foot of a page does not speak for all of it.
const WINDOWS: usize = 8;

/// How far the end of a window may lie from where it should: characters of several bytes hold neither line
/// feeds nor spaces, so a window between two of them cuts none.
const SLACK: usize = 1024;

pub(super) fn guess(bytes: &[u8]) -> &'static Encoding {
    let windows = windows(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    for window in &windows {
        // Not the last: a character that is cut at the end of the sample is no error in it.
        detector.feed(window, false);
    }
    let mut guess = detector.guess(None, Utf8Detection::Deny);
    if !declared::multi_byte(guess) {
        // Where no character can be cut the end of the sample is that of a word, which tells more.
        detector.feed(b"", true);
        let second = detector.guess(None, Utf8Detection::Deny);
        guess = if declared::multi_byte(second) { guess } else { second };
    }
    if !declared::multi_byte(guess) && kana(&windows) { SHIFT_JIS } else { guess }
}

/// Kana there must be for a text to be Japanese whatever the model says.
const KANA_AT_LEAST: usize = 6;

/// Whether half of the characters are kana in Shift_JIS.
///
/// The model takes sentences with much hiragana and no space (`子どもたちは長靴をはいて遊んでいる。`) for
/// windows-1251. There every other byte would be a low quotation mark or a Macedonian letter.
fn kana(windows: &[&[u8]]) -> bool {
    let (mut kana, mut strange) = (0, 0);
    for window in windows {
        strange += window.iter().filter(|&&b| b >= 0x80).count();
        let mut bytes = window.iter();
        while let Some(&byte) = bytes.next() {
            let trail = if matches!(byte, 0x81..=0x9F | 0xE0..=0xFC) { bytes.next() } else { None };
            kana +=
                usize::from(matches!((byte, trail), (0x82, Some(0x9F..=0xF1)) | (0x83, Some(0x40..=0x96))));
        }
    }
    // A character is two strange bytes at most.
    kana >= KANA_AT_LEAST && kana * 4 >= strange
}

/// Bytes other than ASCII there must be for a cut first character to be more likely than chance: five
/// characters of two bytes.
const CUT_EVIDENCE: usize = 10;

/// The text whose first character lost its first byte, where the bytes are `guess`ed to be of one byte a character.
///
/// The byte that is left over is an error in every encoding of several bytes a character and so rules out the right
/// one; without it the model must choose such an encoding and every other byte must mean something in it.
pub(super) fn cut_at_start(bytes: &[u8], guess: &'static Encoding) -> Option<Decoded> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 || declared::multi_byte(guess) {
        return None;
    }
    if rest.iter().filter(|&&b| b >= 0x80).take(CUT_EVIDENCE).count() < CUT_EVIDENCE {
        return None;
    }
    let second = self::guess(rest);
    if !declared::multi_byte(second) {
        return None;
    }
    let mut decoded = lossy(second, rest, By::Model);
    if decoded.replaced > 0 {
        return None;
    }
    decoded.text.insert(0, char::REPLACEMENT_CHARACTER);
    decoded.replaced = 1;
    Some(decoded)
}

/// Pieces of `bytes` that hold bytes other than ASCII: all of it, if it is small.
fn windows(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes.len() <= SAMPLE_BYTES {
        return vec![bytes];
    }
    let strange = |&b: &u8| b >= 0x80 || b == 0x1B;
    let blank = |&b: &u8| matches!(b, b'\n' | b' ' | b'\r');
    let mut found = Vec::with_capacity(WINDOWS);
    let mut from = 0;
    for window in 0..WINDOWS {
        from = from.max(window * (bytes.len() / WINDOWS));
        let Some(first) = bytes.get(from..).and_then(|rest| rest.iter().position(strange)) else { break };
        let first = from + first;
        let before = bytes.get(from.max(first.saturating_sub(SLACK))..first).unwrap_or_default();
        let start = match before.iter().rposition(blank) {
            Some(at) => first - before.len() + at + 1,
            // A piece from the beginning is whole there, any other begins behind the next blank.
            None if from == 0 => first,
            None => match bytes.get(first..first + SLACK).and_then(|rest| rest.iter().position(blank)) {
                Some(at) => first + at + 1,
                None => continue,
            },
        };
        let end = bytes.len().min(start + SAMPLE_BYTES / WINDOWS);
        let rest = bytes.get(end..).unwrap_or_default();
        let slack = rest.iter().take(SLACK).position(blank).map_or(0, |at| at + 1);
        found.push(bytes.get(start..end + slack).unwrap_or_default());
        from = end + slack;
    }
    if found.is_empty() {
        // No blank anywhere near: one piece is cut at its end only.
        let first = bytes.iter().position(strange).unwrap_or(0);
        let end = bytes.len().min(first + SAMPLE_BYTES);
        found.push(bytes.get(first..end).unwrap_or_default());
    }
    found
}
