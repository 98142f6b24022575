//! Guesses the encoding of bytes that are not Unicode.
//!
//! The model is chardetng's; a better one takes its place behind [`guess`].

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// What the model is fed at most: it reads 7 to 14 MB/s, so a sample of this size costs it 5 to 9 ms, and more of it
/// changes nothing.
const SAMPLE_BYTES: usize = 64 << 10;

/// Places the sample is taken from, so that the foot of a page does not speak for all of it.
const WINDOWS: usize = 8;

/// How far the end of a window may lie from where it should: characters of several bytes hold neither line
/// feeds nor spaces, so a window between two of them cuts none.
const SLACK: usize = 1024;

pub(super) fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    for window in windows(bytes) {
        // Not the last: a character that is cut at the end of the sample is no error in it.
        detector.feed(window, false);
    }
    detector.guess(None, Utf8Detection::Deny)
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
