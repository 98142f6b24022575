//! Guesses the encoding of bytes that are not Unicode.
//!
//! Readings in encodings of two bytes a character ([`super::east_asian`]) and of one ([`super::single`]) cost what their text is
//! unlikely; what a document says of itself makes a reading cheaper. Where two are close, chardetng has the casting vote.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, WINDOWS_1252};

use super::charset::Charset;
use super::east_asian::{self, Code, Ends, Scan};
use super::single::{self, Pairs};
use super::table::NAT;

/// What the model looks at, at most: enough for every margin below many times over.
const SAMPLE_BYTES: usize = 16 << 10;

/// Places the sample is taken from, so that the foot of a page does not speak for all of it.
const WINDOWS: usize = 16;

/// How far the end of a window may lie from where it should: characters of several bytes hold neither line
/// feeds nor spaces, so a window between two of them cuts none.
const SLACK: usize = 1024;

/// What a first glance takes of each place.
const GLANCE_BYTES: usize = 64;

/// What a declaration is worth, in nats: a few letters say more.
const DECLARED: u32 = 8;
/// The same for windows-1252, which servers and templates declare for whatever they send.
const DECLARED_DEFAULT: u32 = 4;

/// What a reading costs more, in nats, that must leave out bytes: files are damaged far less often than they are in a rare encoding.
const DAMAGED: u32 = 12;

/// A reading that is cheaper by this much, in nats, needs no second opinion.
const CLEAR: u32 = 6;

/// What the word of chardetng is worth, in nats: it is of use for short texts in the encodings of the web, and does not know the others.
const SECOND_OPINION: u32 = 2;

/// Bytes that chardetng is shown, which reads 7 to 14 MB/s.
const SECOND_OPINION_BYTES: usize = 4 << 10;

/// Text in the right encoding of one byte a character costs less than this a pair of bytes, in nats; in a wrong one twice as much.
const GOOD_SINGLE: u32 = 4;

/// Bytes that cost more than this a pair, in nats, are text in no encoding that is known here: text costs three to four, random bytes six.
const NO_TEXT: f32 = 4.8;

/// Whether the bytes make no text in any encoding.
pub(super) fn no_text(bytes: &[u8]) -> bool {
    guess(bytes, &[]).rate > NO_TEXT
}

/// What the bytes are most likely in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    pub charset: Charset,
    /// Of [`single`]: place of the encoding and the language.
    pub single: Option<(usize, usize)>,
    /// How much cheaper this is than the next reading that gives another text, in nats.
    pub margin: f32,
    /// Whether a document said so.
    pub declared: bool,
    /// Whether the sample costs no more than text does in an encoding of this sort.
    pub good: bool,
    /// What a pair of bytes costs that holds one other than ASCII, in nats; 0 where that was not needed.
    pub rate: f32,
}

const ENDS: Ends = Ends { first: true, last: true };

struct Candidate {
    charset: Charset,
    single: Option<(usize, usize)>,
    cost: u32,
    declared: bool,
}

/// Guesses from a sample; `told` are the encodings that were declared.
pub(super) fn guess(bytes: &[u8], told: &[Charset]) -> Guess {
    let pieces = windows(bytes);
    guess_pieces(&pieces, told)
}

pub(super) fn guess_pieces(pieces: &[&[u8]], told: &[Charset]) -> Guess {
    // A sixteenth of the sample mostly shows which of the encodings of several bytes it is.
    let heads: Vec<&[u8]> = pieces.iter().map(|piece| piece.get(..GLANCE_BYTES).unwrap_or(piece)).collect();
    if let Some(guess) = glance(&heads, told) {
        return guess;
    }
    let mut scans: Vec<(&Code, Scan)> =
        east_asian::codes().iter().map(|code| (code, code.scan_all(pieces))).collect();
    scans.sort_by_key(|(_, scan)| scan.cost);
    let strange: usize = pieces.iter().map(|piece| piece.iter().filter(|&&b| b >= 0x80).count()).sum();
    let strange_pairs: usize = pieces.iter().map(|piece| single::strange_pairs(piece)).sum();
    let pairs = Pairs::new(pieces);
    let readings = pairs.readings();
    let singles = single::singles();
    // Among encodings of one byte what is repeated counts less; the others count all.
    let repeated = readings.first().map_or(0, |reading| reading.full.saturating_sub(reading.cost));
    let mut candidates: Vec<Candidate> = readings
        .iter()
        .map(|reading| Candidate {
            charset: singles[reading.single].charset,
            single: Some((reading.single, reading.language)),
            cost: reading.cost.saturating_add(repeated),
            declared: false,
        })
        .collect();
    let good = readings
        .first()
        .is_some_and(|reading| reading.full as usize <= strange_pairs * (GOOD_SINGLE * NAT) as usize);
    // Where no character is found there is nothing of such an encoding.
    for (code, scan) in scans.iter().filter(|(_, scan)| scan.characters > 0) {
        let cost = if scan.invalid > 0 && !good || scan.invalid == 0 && strange < 200 {
            let cost =
                pieces.iter().map(|piece| code.path(piece, ENDS)).fold(0, |sum: u32, (cost, skipped)| {
                    sum.saturating_add(cost + if skipped.is_empty() { 0 } else { DAMAGED * NAT })
                });
            cost.min(scan.cost)
        } else {
            scan.cost
        };
        let cost = cost.saturating_add(pairs.not_latin as u32);
        candidates.push(Candidate {
            charset: Charset::Standard(code.encoding),
            single: None,
            cost,
            declared: false,
        });
    }
    for candidate in &mut candidates {
        if told.iter().any(|&t| same(t, candidate.charset)) {
            candidate.declared = true;
            let worth = if candidate.charset == Charset::Standard(WINDOWS_1252) {
                DECLARED_DEFAULT
            } else {
                DECLARED
            };
            candidate.cost = candidate.cost.saturating_sub(worth * NAT);
        }
    }
    candidates.sort_by_key(|candidate| candidate.cost);
    let mut margin = margin_of(&candidates, pieces);
    if margin < CLEAR * NAT && !candidates[0].declared {
        let opinion = Charset::Standard(second_opinion(pieces));
        for candidate in candidates.iter_mut().filter(|candidate| same(opinion, candidate.charset)) {
            candidate.cost = candidate.cost.saturating_sub(SECOND_OPINION * NAT);
        }
        candidates.sort_by_key(|candidate| candidate.cost);
        margin = margin_of(&candidates, pieces);
    }
    let Candidate { charset, single, declared, cost } = candidates[0];
    let rate = cost as f32 / (NAT as f32 * strange_pairs.max(1) as f32);
    Guess { charset, single, margin: margin as f32 / NAT as f32, declared, good, rate }
}

/// The guess from the `heads` of the pieces, if it is beyond doubt.
fn glance(heads: &[&[u8]], told: &[Charset]) -> Option<Guess> {
    let mut scans: Vec<(&Code, Scan)> =
        east_asian::codes().iter().map(|code| (code, code.scan_all(heads))).collect();
    scans.sort_by_key(|(_, scan)| scan.cost);
    let [(code, first), (_, second), ..] = scans[..] else { return None };
    if !first.sure() || second.cost <= first.cost + first.characters * NAT + 20 * NAT {
        return None;
    }
    let charset = Charset::Standard(code.encoding);
    Some(Guess {
        charset,
        single: None,
        margin: (second.cost - first.cost) as f32 / NAT as f32,
        declared: told.iter().any(|&t| same(t, charset)),
        good: true,
        rate: 0.0,
    })
}

/// GBK is a part of GB18030, and pages that say one use the other.
pub(super) fn same(a: Charset, b: Charset) -> bool {
    let widest =
        |charset| if charset == Charset::Standard(GBK) { Charset::Standard(GB18030) } else { charset };
    widest(a) == widest(b)
}

/// How much the next reading costs more that gives another text.
fn margin_of(candidates: &[Candidate], pieces: &[&[u8]]) -> u32 {
    let [mine, others @ ..] = candidates else { return 0 };
    let used: Vec<u8> =
        (0x80..=0xFF).filter(|b| pieces.iter().any(|piece| memchr::memchr(*b, piece).is_some())).collect();
    let text = mine.charset.decode(&used).0;
    let other = others.iter().find(|other| {
        other.single.is_none() || mine.single.is_none() || other.charset.decode(&used).0 != text
    });
    other.map_or(u32::MAX, |other| other.cost.saturating_sub(mine.cost))
}

/// What chardetng thinks of the first of the pieces, but for what tells nothing.
fn second_opinion(pieces: &[&[u8]]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = SECOND_OPINION_BYTES;
    for piece in pieces {
        let part = piece.get(..left).unwrap_or(piece);
        // Not the last: a character that is cut at the end of the sample is no error in it.
        detector.feed(&single::without_alone(part), false);
        left -= part.len();
    }
    detector.guess(None, Utf8Detection::Deny)
}

/// Pieces of `bytes` that hold bytes other than ASCII: all of it, if it is small.
pub(super) fn windows(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes.len() <= SAMPLE_BYTES {
        return vec![bytes];
    }
    let blank = |&b: &u8| matches!(b, b'\n' | b' ' | b'\r');
    let mut found = Vec::with_capacity(WINDOWS);
    let mut from = 0;
    for window in 0..WINDOWS {
        from = from.max(window * (bytes.len() / WINDOWS));
        let Some(rest) = bytes.get(from..) else { break };
        let first = from + Encoding::ascii_valid_up_to(rest);
        if first >= bytes.len() {
            break;
        }
        let before = bytes.get(from.max(first.saturating_sub(SLACK))..first).unwrap_or_default();
        let start = match before.iter().rposition(blank) {
            Some(at) => first - before.len() + at + 1,
            // A piece from the beginning is whole there, any other begins behind the next blank.
            None if from == 0 => first,
            None => match bytes.get(first..).and_then(|rest| rest.iter().take(SLACK).position(blank)) {
                Some(at) => first + at + 1,
                None => continue,
            },
        };
        let end = bytes.len().min(start + SAMPLE_BYTES / WINDOWS);
        found.push(bytes.get(start..end).unwrap_or_default());
        from = end;
    }
    found.retain(|piece| !piece.is_ascii());
    if found.is_empty() {
        // No blank anywhere near: one piece is cut at its end only.
        let first = Encoding::ascii_valid_up_to(bytes);
        let end = bytes.len().min(first + SAMPLE_BYTES);
        found.push(bytes.get(first..end).unwrap_or_default());
    }
    found
}
