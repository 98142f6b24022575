//! One pass over the bytes tells every stage whether it has anything to do.

use std::ops::{BitOr, BitOrAssign};

/// A set of things a text may hold. A stage names those that give it work; most clean texts hold few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triggers(u32);

macro_rules! triggers {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        impl Triggers {
            $($(#[$doc])* pub const $name: Triggers = Triggers(1 << $bit);)*
        }
    };
}

triggers! {
    /// C0 controls other than tab, line feed and carriage return, DEL, and C1 controls.
    CONTROL = 0;
    /// U+200B, U+2060, U+FEFF.
    INVISIBLE = 1;
    /// U+FFFD.
    REPLACEMENT = 2;
    /// A private-use character of the basic plane.
    PRIVATE_USE = 3;
    /// `?`
    QUESTION = 4;
    /// `&`
    AMPERSAND = 5;
    /// `<`
    LESS_THAN = 6;
    /// `(` or `（`
    BRACKET = 7;
    /// `'`
    APOSTROPHE = 8;
    /// Any character outside ASCII.
    NON_ASCII = 9;
    /// A character that starts with the bytes E3 to E9: kana, Han, Hangul's neighbours; a superset of common Han.
    CJK = 10;
    /// A character of U+0080 to U+07FF: accented Latin, Greek, Cyrillic, Hebrew, Arabic.
    TWO_BYTE = 11;
    /// A character of U+0340 to U+053F: Greek and Cyrillic.
    GREEK_CYRILLIC = 15;
    /// A line feed.
    NEWLINE = 12;
    /// A full-width form, U+FF00 to U+FFEF without U+FFFD.
    FULLWIDTH = 13;
    /// Any character of U+2000 to U+2FFF: curly quotes, dashes, €, ™, the box-drawing characters.
    SYMBOL = 14;
}

impl Triggers {
    /// Every text, also the empty one, has work for such a stage.
    pub const ANY: Triggers = Triggers(u32::MAX);

    /// No text has work for such a stage: one that is switched off.
    pub const NEVER: Triggers = Triggers(0);

    pub fn meets(self, other: Triggers) -> bool {
        other == Self::ANY || self.0 & other.0 != 0
    }

    pub const fn or(self, other: Triggers) -> Triggers {
        Triggers(self.0 | other.0)
    }

    /// What `text` holds.
    pub fn scan(text: &str) -> Triggers {
        let bytes = text.as_bytes();
        // Four accumulators: the loads are the limit, not the chain of ORs.
        let mut acc = [0_u32; 4];
        let chunks = bytes.chunks_exact(4);
        for &byte in chunks.remainder() {
            acc[0] |= BY_LEAD[byte as usize];
        }
        for chunk in chunks {
            for (slot, &byte) in acc.iter_mut().zip(chunk) {
                *slot |= BY_LEAD[byte as usize];
            }
        }
        let mut found = Triggers(acc.iter().fold(0, |all, part| all | part));
        // Lead bytes that several classes share are looked into only where they occur.
        if found.meets(LEAD_C2) && has_c1(bytes) {
            found |= Self::CONTROL;
        }
        if found.meets(Self::SYMBOL) && (has(bytes, "\u{200B}") || has(bytes, "\u{2060}")) {
            found |= Self::INVISIBLE;
        }
        if found.meets(LEAD_EF) {
            found.scan_ef(bytes);
        }
        found
    }

    fn scan_ef(&mut self, bytes: &[u8]) {
        for at in memchr::memchr_iter(0xEF, bytes) {
            *self |= match (bytes.get(at + 1), bytes.get(at + 2)) {
                (Some(0x80..=0xA3), _) => Self::PRIVATE_USE,
                (Some(0xBB), Some(0xBF)) => Self::INVISIBLE,
                (Some(0xBC), Some(0x88)) => Self::FULLWIDTH.or(Self::BRACKET),
                (Some(0xBF), Some(0xBD)) => Self::REPLACEMENT,
                (Some(0xBC..=0xBF), _) => Self::FULLWIDTH,
                _ => Self::default(),
            };
        }
    }
}

impl BitOr for Triggers {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl BitOrAssign for Triggers {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.or(other);
    }
}

/// Lead bytes that need a second look; not asked for by stages.
const LEAD_C2: Triggers = Triggers(1 << 30);
const LEAD_EF: Triggers = Triggers(1 << 31);

/// For each byte, what its presence proves; a continuation byte proves nothing.
static BY_LEAD: [u32; 256] = by_lead();

const fn by_lead() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut class = match byte as u8 {
            b'\t' | b'\r' => Triggers::NEVER,
            b'\n' => Triggers::NEWLINE,
            0x00..=0x1F | 0x7F => Triggers::CONTROL,
            b'?' => Triggers::QUESTION,
            b'&' => Triggers::AMPERSAND,
            b'<' => Triggers::LESS_THAN,
            b'(' => Triggers::BRACKET,
            b'\'' => Triggers::APOSTROPHE,
            0xC2 => Triggers::TWO_BYTE.or(LEAD_C2),
            0xCD..=0xD4 => Triggers::TWO_BYTE.or(Triggers::GREEK_CYRILLIC),
            0xC3..=0xDF => Triggers::TWO_BYTE,
            0xE2 => Triggers::SYMBOL,
            0xE3..=0xE9 => Triggers::CJK,
            0xEE => Triggers::PRIVATE_USE,
            0xEF => LEAD_EF,
            _ => Triggers::NEVER,
        };
        if byte >= 0xC2 {
            class = class.or(Triggers::NON_ASCII);
        }
        table[byte] = class.0;
        byte += 1;
    }
    table
}

fn has(bytes: &[u8], needle: &str) -> bool {
    memchr::memmem::find(bytes, needle.as_bytes()).is_some()
}

fn has_c1(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0xC2, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x80..=0x9F)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scan says of every character of the basic plane what the definitions say.
    #[test]
    fn every_character_is_classed_as_defined() {
        for c in (0..=0xFFFF).filter_map(char::from_u32) {
            let found = Triggers::scan(&c.to_string());
            let expected = [
                (Triggers::CONTROL, c.is_control() && !matches!(c, '\t' | '\n' | '\r')),
                (Triggers::INVISIBLE, matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')),
                (Triggers::REPLACEMENT, c == '\u{FFFD}'),
                (Triggers::PRIVATE_USE, ('\u{E000}'..='\u{F8FF}').contains(&c)),
                (Triggers::QUESTION, c == '?'),
                (Triggers::AMPERSAND, c == '&'),
                (Triggers::LESS_THAN, c == '<'),
                (Triggers::BRACKET, matches!(c, '(' | '（')),
                (Triggers::APOSTROPHE, c == '\''),
                (Triggers::NON_ASCII, !c.is_ascii()),
                (Triggers::CJK, ('\u{3000}'..='\u{9FFF}').contains(&c)),
                (Triggers::GREEK_CYRILLIC, ('\u{340}'..='\u{53F}').contains(&c)),
                (Triggers::TWO_BYTE, ('\u{80}'..='\u{7FF}').contains(&c)),
                (Triggers::NEWLINE, c == '\n'),
                (Triggers::FULLWIDTH, ('\u{FF00}'..='\u{FFFF}').contains(&c) && c != '\u{FFFD}'),
                (Triggers::SYMBOL, ('\u{2000}'..='\u{2FFF}').contains(&c)),
            ];
            for (trigger, is) in expected {
                assert_eq!(found.meets(trigger), is, "U+{:04X} {trigger:?}", c as u32);
            }
        }
    }

    #[test]
    fn a_stage_for_any_text_meets_the_empty_text() {
        assert!(Triggers::scan("").meets(Triggers::ANY));
        assert!(!Triggers::scan("").meets(Triggers::NON_ASCII));
    }
}
