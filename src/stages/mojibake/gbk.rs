//! Code page 936 one pair of bytes at a time, its user-defined areas as private-use characters.
//!
//! The decoder of `encoding_rs` does not stop in the middle of a stream, and its encoder refuses the private-use characters;
//! a repair needs both directions of every single pair.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use encoding_rs::Encoding;

/// Both directions of the table. One for the process: [`gbk`].
pub struct Gbk {
    pairs: Box<[char]>,
    bytes: Box<[[u8; 2]]>,
    without: Box<[Vec<u8>]>,
}

/// No character: a pair or a character that the code page does not have.
const NONE: char = '\0';

/// Pairs that GB 18030 added to GBK, and that code page 936 does not have: besides these, those that GB 18030 gives to private use
/// from U+E766 on.
const GB18030_ONLY: [RangeInclusive<u16>; 8] = [
    0xA2E3..=0xA2E3,
    0xA6D9..=0xA6DF,
    0xA6EC..=0xA6ED,
    0xA6F3..=0xA6F3,
    0xA8BC..=0xA8BC,
    0xA8BF..=0xA8BF,
    0xA989..=0xA995,
    0xFE50..=0xFEA0,
];

/// The table, built at the first call.
pub fn gbk() -> &'static Gbk {
    static GBK: LazyLock<Gbk> = LazyLock::new(Gbk::new);
    &GBK
}

/// Calls `found` with each pair of bytes that `encoding` has one character for, its first from `first` on.
pub fn decode_pairs(encoding: &'static Encoding, first: u8, mut found: impl FnMut([u8; 2], char)) {
    let leads = first..=0xFE;
    let pairs = || leads.clone().flat_map(|lead| (0x40..=0xFE_u8).map(move |trail| [lead, trail]));
    // All at once, a line each: no decoder takes a line feed for half of a pair.
    let lines: Vec<[u8; 3]> = pairs().map(|[lead, trail]| [lead, trail, b'\n']).collect();
    let text = encoding.decode_without_bom_handling(lines.as_flattened()).0;
    let mut rest = text.chars();
    for pair in pairs() {
        let mut line = rest.by_ref().take_while(|c| *c != '\n');
        if let (Some(c), None) = (line.next(), line.next())
            && c != char::REPLACEMENT_CHARACTER
        {
            found(pair, c);
        }
        line.for_each(drop);
    }
}

impl Gbk {
    fn new() -> Self {
        let mut pairs = vec![NONE; 0x1_0000].into_boxed_slice();
        let mut bytes = vec![[0; 2]; 0x1_0000].into_boxed_slice();
        decode_pairs(encoding_rs::GBK, 0x81, |pair, c| {
            // The ideographic space a second time, for old pages; A1 A1 is what it is written with.
            if pair == [0xA3, 0xA0] {
                return;
            }
            if let Some(slot) = bytes.get_mut(c as usize) {
                *slot = pair;
            }
            let number = u16::from_be_bytes(pair);
            if !('\u{E766}'..='\u{F8FF}').contains(&c)
                && !GB18030_ONLY.iter().any(|range| range.contains(&number))
            {
                pairs[usize::from(number)] = c;
            }
        });
        let lacks = |lead: u8, trail: &u8| pairs[usize::from(u16::from_be_bytes([lead, *trail]))] == NONE;
        let without = (0..=0xFF_u8).map(|lead| match lead {
            0x81..=0xFE => (0x80..=0xFE).filter(|trail| lacks(lead, trail)).collect(),
            // No character begins so.
            0x80 | 0xFF => (0x80..=0xFE).collect(),
            _ => Vec::new(),
        });
        let without = without.collect();
        Self { pairs, bytes, without }
    }

    /// Every pair of bytes that has a character.
    pub fn pairs(&self) -> impl Iterator<Item = ([u8; 2], char)> + '_ {
        let pairs = (0..=u16::MAX).map(u16::to_be_bytes).zip(self.pairs.iter().copied());
        pairs.filter(|(_, c)| *c != NONE)
    }

    /// The character of a pair of bytes.
    pub fn decode(&self, lead: u8, trail: u8) -> Option<char> {
        let c = self.pairs[usize::from(u16::from_be_bytes([lead, trail]))];
        (c != NONE).then_some(c)
    }

    /// The pair of bytes of a character; ASCII has none.
    pub fn encode(&self, c: char) -> Option<[u8; 2]> {
        self.encode_18030(c).filter(|[lead, trail]| self.decode(*lead, *trail) == Some(c))
    }

    /// The same with the pairs that GB 18030 added.
    pub fn encode_18030(&self, c: char) -> Option<[u8; 2]> {
        self.bytes.get(c as usize).copied().filter(|pair| pair[0] != 0)
    }

    /// The bytes, from 0x80 on, that no character has after `lead`.
    pub fn without_pair(&self, lead: u8) -> &[u8] {
        &self.without[usize::from(lead)]
    }

    /// The characters whose second byte is `trail`.
    pub fn ending(&self, trail: u8) -> impl Iterator<Item = char> + '_ {
        (0x81..=0xFE).filter_map(move |lead| self.decode(lead, trail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_go_both_ways() {
        let table = gbk();
        assert_eq!(table.encode('海'), Some([0xBA, 0xA3]));
        assert_eq!(table.decode(0xBF, 0xDA), Some('口'));
        assert_eq!(table.encode('A'), None);
        assert_eq!(table.encode('😀'), None);
        for pair in 0..=0xFFFF_u16 {
            let [lead, trail] = pair.to_be_bytes();
            if let Some(c) = table.decode(lead, trail) {
                assert_eq!(table.encode(c), Some([lead, trail]));
            }
        }
    }

    #[test]
    fn user_defined_areas_are_private_use() {
        for (pair, c) in [
            (0xAAA1, '\u{E000}'),
            (0xAFFE, '\u{E233}'),
            (0xF8A1, '\u{E234}'),
            (0xFEFE, '\u{E4C5}'),
            (0xA140, '\u{E4C6}'),
            (0xA7A0, '\u{E765}'),
        ] {
            let [lead, trail] = u16::to_be_bytes(pair);
            assert_eq!(gbk().decode(lead, trail), Some(c), "{pair:X}");
        }
    }
}
