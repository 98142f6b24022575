//! Encodings that write other characters than ASCII in bytes of ASCII: ISO-2022-JP, -KR and -CN, HZ, UTF-7.
//!
//! All but UTF-7 switch to pairs of bytes by a sequence that no other text holds, and back; the pairs are those of
//! EUC with the high bit off. UTF-7 is read only where it was declared: `+` stands in every text.

use encoding_rs::{EUC_KR, GBK, ISO_2022_JP};

use super::charset::Charset;
use super::east_asian;
use super::{By, Decoded, Undecodable};

const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// The text of bytes that hold nothing but ASCII, if it is written in one of these.
pub(super) fn decode(bytes: &[u8], told: Option<&str>) -> Option<Result<Decoded, Undecodable>> {
    let escapes = memchr::memchr(0x1B, bytes).is_some();
    let tildes = memchr::memmem::find(bytes, b"~{").is_some();
    let utf7 = told.is_some_and(|label| label.trim_end_matches('!').eq_ignore_ascii_case("utf-7"));
    if !(escapes || tildes || utf7) || !bytes.is_ascii() {
        return None;
    }
    let has = |sequence: &[u8]| memchr::memmem::find(bytes, sequence).is_some();
    if escapes {
        if [b"\x1B$B", b"\x1B$@", b"\x1B(J", b"\x1B(I"].into_iter().any(|s| has(s)) {
            let (text, replaced) = Charset::Standard(ISO_2022_JP).decode(bytes);
            return Some(Ok(decoded(text, "ISO-2022-JP", replaced)));
        }
        if has(b"\x1B$)C") && has(&[SHIFT_OUT]) {
            return Some(Ok(shifted(bytes, EUC_KR, b"\x1B$)C", "ISO-2022-KR")));
        }
        if (has(b"\x1B$)G") || has(b"\x1B$*H")) && has(&[SHIFT_OUT]) {
            return Some(Err(Undecodable::Unsupported { encoding: "ISO-2022-CN" }));
        }
        if has(b"\x1B$)A") && has(&[SHIFT_OUT]) {
            return Some(Ok(shifted(bytes, GBK, b"\x1B$)A", "ISO-2022-CN")));
        }
    }
    if tildes && let Some(decoded) = hz(bytes) {
        return Some(Ok(decoded));
    }
    if utf7 { self::utf7(bytes).map(Ok) } else { None }
}

fn decoded(text: String, encoding: &'static str, replaced: usize) -> Decoded {
    Decoded { text, encoding, also: None, by: By::Model, confidence: 1.0, replaced }
}

/// Pairs between [`SHIFT_OUT`] and [`SHIFT_IN`] or the end of the line; what names the set is no text.
fn shifted(
    bytes: &[u8],
    pairs: &'static encoding_rs::Encoding,
    name: &[u8],
    encoding: &'static str,
) -> Decoded {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut out = false;
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        if let Some(behind) = rest.strip_prefix(name) {
            // A line that names nothing else goes with it.
            let alone = plain.last().is_none_or(|&b| b == b'\n');
            rest = if alone { behind.strip_prefix(b"\n").unwrap_or(behind) } else { behind };
            continue;
        }
        match byte {
            SHIFT_OUT => out = true,
            SHIFT_IN => out = false,
            b'\n' => {
                out = false;
                plain.push(byte);
            }
            0x21..=0x7E if out => plain.push(byte | 0x80),
            _ => plain.push(byte),
        }
        rest = &rest[1..];
    }
    let (text, replaced) = Charset::Standard(pairs).decode(&plain);
    decoded(text, encoding, replaced)
}

/// HZ: pairs between `~{` and `~}`, `~~` for a tilde. None where it is not written so from end to end, or makes no Chinese.
fn hz(bytes: &[u8]) -> Option<Decoded> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut chinese = Vec::new();
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        match rest {
            [b'~', b'{', inner @ ..] => {
                let end = memchr::memmem::find(inner, b"~}")?;
                let pairs = &inner[..end];
                if pairs.len() % 2 != 0 || !pairs.iter().all(|b| (0x21..=0x7E).contains(b)) {
                    return None;
                }
                plain.extend(pairs.iter().map(|b| b | 0x80));
                chinese.extend(pairs.iter().map(|b| b | 0x80));
                rest = &inner[end + 2..];
            }
            [b'~', b'~', behind @ ..] => {
                plain.push(b'~');
                rest = behind;
            }
            [b'~', b'\n', behind @ ..] => rest = behind,
            [b'~', ..] => return None,
            _ => {
                plain.push(byte);
                rest = &rest[1..];
            }
        }
    }
    let scan = east_asian::code(GBK)?.scan(&chinese);
    if !scan.likely() {
        return None;
    }
    let (text, replaced) = Charset::Standard(GBK).decode(&plain);
    Some(decoded(text, "HZ-GB-2312", replaced))
}

/// UTF-7: UTF-16 in base64 between `+` and the first byte that is none of it; `+-` is a plus.
fn utf7(bytes: &[u8]) -> Option<Decoded> {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        rest = &rest[1..];
        if byte != b'+' {
            text.push(char::from(byte));
            continue;
        }
        if let Some(behind) = rest.strip_prefix(b"-") {
            text.push('+');
            rest = behind;
            continue;
        }
        let (mut bits, mut held) = (0_u32, 0);
        let mut units = Vec::new();
        while let Some(digit) = rest.first().and_then(|&b| sextet(b)) {
            (bits, held) = (bits << 6 | digit, held + 6);
            if held >= 16 {
                held -= 16;
                units.push((bits >> held) as u16);
                bits &= (1 << held) - 1;
            }
            rest = &rest[1..];
        }
        if units.is_empty() {
            return None;
        }
        text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        rest = rest.strip_prefix(b"-").unwrap_or(rest);
    }
    let replaced = text.matches(char::REPLACEMENT_CHARACTER).count();
    Some(Decoded { by: By::Declared, ..decoded(text, "UTF-7", replaced) })
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}
