//! Johab (KS X 1001:1992, annex 3), the Korean of DOS: a syllable is its three letters, five bits each.
//!
//! encoding_rs lacks it; no table is needed but that of EUC-KR, for signs and Han.

use encoding_rs::{EUC_KR, Encoding};

use super::east_asian;
use super::table::{NAT, table};
use super::{By, Decoded};

/// Bytes from the first that is not ASCII on that are looked at.
const SAMPLE_BYTES: usize = 2 << 10;
/// Syllables there must be, the most that one may cost on the mean, in eighths of a nat, and what one costs that was not seen. In the three files
/// in Johab that chardet is tested with a syllable costs 5.4 to 5.5 nats; of some 2,900 files in other encodings 44 can be read so, at 7.9 and more, at 9.2
/// and more where there are eight.
const SYLLABLES: u32 = 8;
const MOST: u32 = 7 * NAT;
const UNSEEN: u32 = 13 * NAT;

/// First, middle and last letters where they stand alone, in the order of syllables.
const FIRST: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const MIDDLE: &str = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
const LAST: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

/// The text of bytes that are in Johab beyond doubt, and in no other encoding of two bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let rest = bytes.get(Encoding::ascii_valid_up_to(bytes)..)?;
    let sample = rest.get(..SAMPLE_BYTES).unwrap_or(rest);
    let (mut syllables, mut cost) = (0, 0);
    let mut at = 0;
    while let Some(&lead) = sample.get(at) {
        let Some(&trail) = sample.get(at + 1) else { break };
        if lead < 0x80 {
            at += 1;
            continue;
        }
        let c = pair(lead, trail)?;
        if ('가'..='힣').contains(&c) {
            syllables += 1;
            cost += table().east_asian.hangul.of(c).map_or(UNSEEN, u32::from);
        }
        at += 2;
    }
    let likely = syllables >= SYLLABLES && cost <= syllables * MOST;
    if !likely || east_asian::codes().iter().any(|code| code.scan(sample).sure()) {
        return None;
    }
    let (text, replaced) = read(bytes);
    Some(Decoded { text, encoding: "Johab", also: None, by: By::Model, confidence: 1.0, replaced })
}

/// The text, and how many U+FFFD were put in.
fn read(bytes: &[u8]) -> (String, usize) {
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    let (mut at, mut replaced) = (0, 0);
    while let Some(&lead) = bytes.get(at) {
        let character = match bytes.get(at + 1) {
            _ if lead < 0x80 => Some((char::from(lead), 1)),
            Some(&trail) => pair(lead, trail).map(|c| (c, 2)),
            None => None,
        };
        replaced += usize::from(character.is_none());
        let (c, len) = character.unwrap_or((char::REPLACEMENT_CHARACTER, 1));
        text.push(c);
        at += len;
    }
    (text, replaced)
}

fn pair(lead: u8, trail: u8) -> Option<char> {
    match (lead, trail) {
        (0x84..=0xD3, 0x41..=0x7E | 0x81..=0xFE) => syllable(u32::from(lead) << 8 | u32::from(trail)),
        // Two rows of the standard each.
        (0xD9..=0xDE | 0xE0..=0xF9, 0x31..=0x7E | 0x91..=0xFE) => {
            let lead = u32::from(lead);
            let row = if lead < 0xE0 { 2 * (lead - 0xD9) } else { 2 * lead - 0x197 };
            let cell = u32::from(trail) - if trail < 0x91 { 0x31 } else { 0x43 };
            let euc = [row + cell / 94 + 0xA1, cell % 94 + 0xA1].map(|byte| byte as u8);
            let text = EUC_KR.decode_without_bom_handling_and_without_replacement(&euc)?;
            text.chars().next()
        }
        _ => None,
    }
}

/// A syllable, or a letter alone.
fn syllable(code: u32) -> Option<char> {
    let first = match code >> 10 & 31 {
        1 => None,
        n @ 2..=20 => Some(n - 2),
        _ => return None,
    };
    let middle = match code >> 5 & 31 {
        2 => None,
        n @ 3..=7 => Some(n - 3),
        n @ 10..=15 => Some(n - 5),
        n @ 18..=23 => Some(n - 7),
        n @ 26..=29 => Some(n - 9),
        _ => return None,
    };
    let last = match code & 31 {
        1 => None,
        n @ 2..=17 => Some(n - 1),
        n @ 19..=29 => Some(n - 2),
        _ => return None,
    };
    let letter = |letters: &str, n: u32| letters.chars().nth(n as usize);
    match (first, middle, last) {
        (Some(first), Some(middle), _) => {
            char::from_u32('가' as u32 + (first * 21 + middle) * 28 + last.unwrap_or(0))
        }
        (Some(first), None, None) => letter(FIRST, first),
        (None, Some(middle), None) => letter(MIDDLE, middle),
        (None, None, Some(last)) => letter(LAST, last - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_of_the_standard() {
        for (bytes, c) in [
            ([0x88, 0x61], '가'),
            ([0xD3, 0xB7], '힝'),
            ([0x88, 0x41], 'ㄱ'),
            ([0x84, 0x61], 'ㅏ'),
            ([0xE0, 0x31], '伽'),
            ([0xD9, 0x31], '\u{3000}'),
        ] {
            assert_eq!(pair(bytes[0], bytes[1]), Some(c), "{bytes:x?}");
        }
        assert_eq!(pair(0x84, 0x40), None);
        assert_eq!(pair(0xFF, 0xFF), None);
    }

    #[test]
    fn a_sentence_is_told_from_other_korean() {
        let text = "오늘 아침에는 비가 많이 내려서 마당의 물독이 가득 찼다. 「漢字」";
        let bytes = b"\xB5\xA1\x93i \xB4a\xC3\xB1\xB5A\x93e \xA7\xA1\x88a \xA0g\xB7\xA1 \x90\x81\x9Da\xAC\xE1 \xA0a\x94w\xB7\x81 \xA2\x89\x95\xA2\xB7\xA1 \x88a\x97b \xC0v\x94a. \xD9H\xF7\xD3\xF1\xAE\xD9I";
        let decoded = decode(bytes).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.replaced), (text, "Johab", 0));
        assert_eq!(decode(&EUC_KR.encode("오늘 아침에는 비가 많이 내려서 마당의 물독이 가득 찼다.").0), None);
        assert_eq!(decode(b"plain"), None);
        // Cut within a character.
        let cut = super::super::decode(&bytes[..bytes.len() - 1], None).unwrap();
        assert_eq!((cut.encoding, cut.replaced), ("Johab", 1));
    }
}
