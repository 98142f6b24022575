//! UTF-16 and UTF-32 without a byte order mark, by the pattern of the bytes.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::{By, Decoded, binary, lossy};

/// Bytes looked at.
const SAMPLE_BYTES: usize = 16 << 10;

/// Share of units that must be what texts are made of. Set between real text, where nearly every unit is, and random
/// bytes, where about half are, closer to the text; the place itself was not fitted to data.
const PLAUSIBLE: f64 = 0.95;

#[derive(Clone, Copy)]
enum End {
    Little,
    Big,
}

/// UTF-32 with its mark; that of UTF-16 is a beginning of it, so it must be looked for first.
pub(super) fn by_mark(bytes: &[u8]) -> Option<Decoded> {
    let (rest, end) = match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => (rest, End::Little),
        [0, 0, 0xFE, 0xFF, rest @ ..] => (rest, End::Big),
        _ => return None,
    };
    Some(utf32(rest, end, By::Bom))
}

fn unit32(bytes: [u8; 4], end: End) -> u32 {
    match end {
        End::Little => u32::from_le_bytes(bytes),
        End::Big => u32::from_be_bytes(bytes),
    }
}

fn utf32(bytes: &[u8], end: End, by: By) -> Decoded {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut replaced = usize::from(!rest.is_empty());
    let mut text: String = units
        .iter()
        .map(|&unit| {
            char::from_u32(unit32(unit, end)).unwrap_or_else(|| {
                replaced += 1;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    let encoding = match end {
        End::Little => "UTF-32LE",
        End::Big => "UTF-32BE",
    };
    Decoded { text, encoding, also: None, by, confidence: 1.0, replaced }
}

/// UTF-16 or UTF-32, if the bytes are plausible as such and no text in other encodings.
pub(super) fn by_pattern(bytes: &[u8]) -> Option<Decoded> {
    let sample = bytes.get(..SAMPLE_BYTES).unwrap_or(bytes);
    // No other text holds these; in UTF-16 every eighth Chinese character holds one, every Latin letter a NUL. The SUB with which
    // DOS ended files is none, and one in a hundred bytes is a slip.
    let body = sample.strip_suffix(b"\x1A").unwrap_or(sample);
    if binary::controls(body, SAMPLE_BYTES) * 100 <= body.len() {
        return None;
    }
    for end in [End::Little, End::Big] {
        let (units, _) = sample.as_chunks::<4>();
        let good =
            units.iter().filter(|&&unit| char::from_u32(unit32(unit, end)).is_some_and(plausible)).count();
        if !units.is_empty() && good as f64 >= PLAUSIBLE * units.len() as f64 {
            return Some(utf32(bytes, end, By::Model));
        }
    }
    // Text of one byte a character that was padded with NULs: nearly all of it is ASCII that is meant to be read.
    let ascii = sample.iter().filter(|&&b| matches!(b, b' '..=b'~' | b'\n' | b'\r' | b'\t')).count();
    if ascii * 10 > (sample.len() - sample.iter().filter(|&&b| b == 0).count().min(sample.len() / 4)) * 9 {
        return None;
    }
    let (little, big) = (rate16(sample, End::Little), rate16(sample, End::Big));
    let (rate, encoding) = if little >= big { (little, UTF_16LE) } else { (big, UTF_16BE) };
    (rate >= PLAUSIBLE - ORDER).then(|| lossy(encoding, bytes, By::Model))
}

/// Weight of the order in the rate of UTF-16. ASCII read with the wrong end first is Chinese to the eye of
/// [`plausible`]; but there the upper bytes differ as only the lower ones of a text do.
const ORDER: f64 = 0.2;

/// Share of plausible units, less for upper bytes that differ from unit to unit; at most 1.
fn rate16(sample: &[u8], end: End) -> f64 {
    let (units, _) = sample.as_chunks::<2>();
    if units.is_empty() {
        return 0.0;
    }
    let read = |&unit: &[u8; 2]| match end {
        End::Little => u16::from_le_bytes(unit),
        End::Big => u16::from_be_bytes(unit),
    };
    let good = char::decode_utf16(units.iter().map(read)).filter(|c| c.as_ref().is_ok_and(|&c| plausible(c)));
    // A pair is two units and one character.
    let good: usize = good.map(|c| c.map_or(0, char::len_utf16)).sum();
    let mut upper = [false; 256];
    for unit in units {
        upper[usize::from(read(unit) >> 8)] = true;
    }
    let differing = upper.iter().filter(|&&seen| seen).count();
    good as f64 / units.len() as f64 - ORDER * differing as f64 / units.len().min(256) as f64
}

/// Whether the character is one that texts are made of.
fn plausible(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~'
        | '\u{A0}'..='\u{24F}'      // Latin
        | '\u{300}'..='\u{36F}'     // combining marks
        | '\u{370}'..='\u{52F}'     // Greek, Cyrillic
        | '\u{531}'..='\u{6FF}'     // Armenian, Hebrew, Arabic
        | '\u{900}'..='\u{10FF}'    // scripts of India, Thai, Lao, Tibetan, Burmese, Georgian
        | '\u{1200}'..='\u{137F}'   // Ethiopic
        | '\u{1780}'..='\u{17F9}' | '\u{1800}'..='\u{18AA}' // Khmer, Mongolian
        | '\u{1E00}'..='\u{1FFF}'   // Latin, Greek with marks
        | '\u{200B}'..='\u{200F}' | '\u{2010}'..='\u{205E}' | '\u{20A0}'..='\u{20BF}'
        | '\u{2100}'..='\u{22FF}' | '\u{2460}'..='\u{26FF}'
        | '\u{3000}'..='\u{30FF}' | '\u{3105}'..='\u{312F}' | '\u{3131}'..='\u{318E}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF01}'..='\u{FFE6}'
        | '\u{FEFF}'
        | '\u{1F300}'..='\u{1FAFF}' | '\u{20000}'..='\u{323AF}')
}
