//! Single characters to bytes and back, for the encodings that text is written in and those it is mistaken for.
//!
//! The decoders of `encoding_rs` read streams, and its encoders refuse what a sloppy reader lets pass: the bytes that Windows code
//! pages do not define are read as the C1 control of the same number by everyone who reads mojibake into a text.

use std::sync::LazyLock;

use encoding_rs::Encoding;

use super::gbk;

/// Encodings of one byte a character that text is mistaken for, in the order in which the likelier one comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Single {
    /// Windows-1252 and Latin-1 in one: nobody writes the controls that tell them apart.
    Windows1252,
    Windows1250,
    Windows1251,
    MacRoman,
    Cp437,
    Iso8859_2,
    Windows1254,
    Windows1257,
    Windows1253,
    /// KOI8-R and KOI8-U in one: nobody who writes Russian in it draws the lines that tell them apart.
    Koi8R,
    Cp866,
}

pub const SINGLES: [Single; 11] = [
    Single::Windows1252,
    Single::Windows1250,
    Single::Windows1251,
    Single::MacRoman,
    Single::Cp437,
    Single::Iso8859_2,
    Single::Windows1254,
    Single::Windows1257,
    Single::Windows1253,
    Single::Koi8R,
    Single::Cp866,
];

/// Code page 437 from 0x80 on: <https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT>.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

impl Single {
    fn encoding(self) -> Option<&'static Encoding> {
        Some(match self {
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
            Self::Windows1250 => encoding_rs::WINDOWS_1250,
            Self::Windows1251 => encoding_rs::WINDOWS_1251,
            Self::MacRoman => encoding_rs::MACINTOSH,
            Self::Cp437 => return None,
            Self::Iso8859_2 => encoding_rs::ISO_8859_2,
            Self::Windows1254 => encoding_rs::WINDOWS_1254,
            Self::Windows1257 => encoding_rs::WINDOWS_1257,
            Self::Windows1253 => encoding_rs::WINDOWS_1253,
            Self::Koi8R => encoding_rs::KOI8_U,
            Self::Cp866 => encoding_rs::IBM866,
        })
    }

    /// What the byte is read as.
    pub fn decode(self, byte: u8) -> char {
        let Some(encoding) = self.encoding() else {
            return match byte.checked_sub(0x80) {
                None => char::from(byte),
                Some(high) => CP437.chars().nth(high.into()).unwrap_or(char::from(byte)),
            };
        };
        read(encoding, byte)
    }
}

/// What a code page reads a byte as; one that it leaves out is read as itself.
fn read(encoding: &'static Encoding, byte: u8) -> char {
    let bytes = [byte];
    let text = encoding.decode_without_bom_handling(&bytes).0;
    text.chars().next().filter(|c| *c != '\u{FFFD}').unwrap_or(char::from(byte))
}

/// What a character may be as a byte of UTF-8, one bit for each of [`SINGLES`].
#[derive(Clone, Copy, Default)]
pub struct Roles {
    /// First of two, three and four bytes.
    pub lead: [u16; 3],
    pub continuation: u16,
    /// No byte of UTF-8.
    pub never: u16,
}

/// The tables of the single-byte encodings. One for the process: [`singles`].
pub struct Singles {
    chars: [Vec<char>; SINGLES.len()],
    bytes: Box<[[u8; SINGLES.len()]]>,
    roles: Box<[Roles]>,
    /// The roles that are seldom played in clean text.
    telling: Box<[Roles]>,
}

/// Whether `c`, the byte `byte` of `single`, stands in clean text before or after its like so often that it tells nothing alone.
fn is_usual(single: Single, byte: u8, c: char) -> bool {
    match single {
        // Letters of Ukrainian, Belarusian and Russian after a capital: `Від`, `Её`.
        Single::Windows1251 => {
            matches!(c, 'І' | 'і' | 'Ї' | 'ї' | 'Є' | 'є' | 'Ґ' | 'ґ' | 'Ё' | 'ё' | 'Ў' | 'ў')
        }
        // `її`
        Single::Koi8R => {
            matches!(c, 'І' | 'і' | 'Ї' | 'ї' | 'Є' | 'є' | 'Ґ' | 'ґ' | 'Ё' | 'ё' | 'Ў' | 'ў')
        }
        // The small letters of Russian are all there is between A0 and EF: `там`. But `т` begins what quotes and dashes are: `тАФ`.
        Single::Cp866 => byte != 0xE2 && matches!(c, 'а'..='я' | 'ё' | 'Ё'),
        // `l’été`, `«État»`, a no-break space before `à`.
        Single::MacRoman => matches!(c, '«' | '»' | '…' | '\u{A0}' | '–' | '—' | '“' | '”' | '‘' | '’'),
        _ => false,
    }
}

/// Past the last character below the surrogates that one of [`SINGLES`] has, the ligatures of MacRoman left aside.
const END: usize = 0x2600;

/// The table, built at the first call.
pub fn singles() -> &'static Singles {
    static TABLE: LazyLock<Singles> = LazyLock::new(Singles::new);
    &TABLE
}

/// Where the characters are that lie outside: MacRoman has three.
fn slot(c: char) -> usize {
    match c {
        '\u{F8FF}' => END,
        'ﬁ' => END + 1,
        'ﬂ' => END + 2,
        _ if (c as usize) < END => c as usize,
        _ => END + 3,
    }
}

impl Singles {
    fn new() -> Self {
        let mut bytes = vec![[0; SINGLES.len()]; END + 4].into_boxed_slice();
        let mut roles = vec![Roles::default(); END + 4].into_boxed_slice();
        let mut telling = roles.clone();
        let chars =
            SINGLES.map(|single| (0x80..=0xFF_u8).map(|byte| single.decode(byte)).collect::<Vec<char>>());
        for (index, single) in SINGLES.into_iter().enumerate() {
            let decoded = &chars[index];
            let mut set = |c: char, byte: u8| {
                let at = slot(c);
                if at == END + 3 || bytes[at][index] != 0 {
                    return;
                }
                bytes[at][index] = byte;
                let bit = 1 << index;
                let add = |roles: &mut Roles| match byte {
                    0x80..=0xBF => roles.continuation |= bit,
                    0xC2..=0xDF => roles.lead[0] |= bit,
                    0xE0..=0xEF => roles.lead[1] |= bit,
                    0xF0..=0xF4 => roles.lead[2] |= bit,
                    _ => roles.never |= bit,
                };
                add(&mut roles[at]);
                if !is_usual(single, byte, c) {
                    add(&mut telling[at]);
                }
            };
            for (byte, c) in (0x80..=0xFF).zip(decoded.iter().copied()) {
                set(c, byte);
            }
            match single {
                Single::Windows1252 => (0x80..=0x9F).for_each(|byte| set(char::from(byte), byte)),
                Single::Koi8R => (0x80..=0xFF).for_each(|byte| set(read(encoding_rs::KOI8_R, byte), byte)),
                _ => {}
            }
        }
        Self { chars, bytes, roles, telling }
    }

    /// What `single` reads `byte` as.
    pub fn decode(&self, single: Single, byte: u8) -> char {
        let high = byte.checked_sub(0x80).map(usize::from);
        high.and_then(|at| self.chars[single as usize].get(at)).copied().unwrap_or(char::from(byte))
    }

    /// The byte that `single` reads as `c`, if it is not ASCII.
    pub fn encode(&self, single: Single, c: char) -> Option<u8> {
        self.bytes.get(slot(c)).map(|row| row[single as usize]).filter(|byte| *byte != 0)
    }

    /// Whether one of the encodings has `c` beyond ASCII.
    pub fn has(&self, c: char) -> bool {
        self.bytes.get(slot(c)).is_some_and(|row| row.iter().any(|byte| *byte != 0))
    }

    pub fn roles(&self, c: char) -> Roles {
        self.roles.get(slot(c)).copied().unwrap_or_default()
    }

    /// The roles of `c` that are seldom played in clean text.
    pub fn telling(&self, c: char) -> Roles {
        self.telling.get(slot(c)).copied().unwrap_or_default()
    }
}

/// Encodings of two bytes a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Double {
    Gbk,
    /// With the characters of the Hong Kong supplement, as browsers read it.
    Big5,
    /// Microsoft's Big5, with the kana and the Cyrillic letters that other readers than browsers have in the rows C6 to C8.
    Cp950,
    ShiftJis,
    EucJp,
    EucKr,
}

/// The pair of GBK of a character, with those that were private use before they had code points of their own (vertical forms; in
/// Big5 位, 自, 至 have their bytes): GB 18030-2000 against GB 18030-2005.
pub fn gbk_pair(c: char) -> Option<[u8; 2]> {
    let old = match c {
        '\u{E78D}'..='\u{E793}' => 0xA6D9 + (c as u16 - 0xE78D),
        '\u{E794}'..='\u{E795}' => 0xA6EC + (c as u16 - 0xE794),
        '\u{E796}' => 0xA6F3,
        _ => return gbk::gbk().encode_18030(c),
    };
    Some(old.to_be_bytes())
}

/// No character.
const NONE: u16 = 0;

/// What code page 950 has from C6A1 on, in the order of its pairs; and where else it is not what browsers read:
/// <https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP950.TXT>, the rows C6 to C8 as in glibc and Python.
const CP950_ROWS: &str = "ヾゝゞ々ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶДЕЁЖЗИЙКЛМУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя①②③④⑤⑥⑦⑧⑨⑩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽";
const CP950_ELSEWHERE: [(u16, char); 13] = [
    (0xA145, '‧'),
    (0xA14E, '﹑'),
    (0xA1C2, '¯'),
    (0xA1E3, '～'),
    (0xA1F2, '⊕'),
    (0xA1F3, '⊙'),
    (0xA241, '∕'),
    (0xA242, '﹨'),
    (0xA244, '￥'),
    (0xA246, '￠'),
    (0xA247, '￡'),
    (0xA3E1, '€'),
    (0xF9FE, '▓'),
];

/// Both directions of a table of pairs; characters beyond the basic plane have no place in it.
pub struct Pairs {
    chars: Box<[u16]>,
    bytes: Option<Box<[[u8; 2]]>>,
}

impl Double {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Gbk => encoding_rs::GBK,
            Self::Big5 | Self::Cp950 => encoding_rs::BIG5,
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
            Self::EucJp => encoding_rs::EUC_JP,
            Self::EucKr => encoding_rs::EUC_KR,
        }
    }

    /// The pairs of this encoding, built at the first call.
    pub fn pairs(self) -> &'static Pairs {
        static TABLES: [LazyLock<Pairs>; 6] = [
            LazyLock::new(|| Pairs::new(Double::Gbk)),
            LazyLock::new(|| Pairs::new(Double::Big5)),
            LazyLock::new(|| Pairs::new(Double::Cp950)),
            LazyLock::new(|| Pairs::new(Double::ShiftJis)),
            LazyLock::new(|| Pairs::new(Double::EucJp)),
            LazyLock::new(|| Pairs::new(Double::EucKr)),
        ];
        &TABLES[self as usize]
    }

    /// The character at the start of `bytes`, whose first is not ASCII, and how many bytes it has.
    pub fn decode(self, bytes: &[u8]) -> Option<(usize, char)> {
        let pair = |at: usize| {
            let (lead, trail) = (*bytes.get(at)?, *bytes.get(at + 1)?);
            self.pairs().decode(lead, trail)
        };
        match (self, *bytes.first()?) {
            (Self::ShiftJis, byte @ 0xA1..=0xDF) => {
                Some((1, char::from_u32(0xFF61 + u32::from(byte - 0xA1))?))
            }
            (Self::EucJp, 0x8E) => {
                let byte = bytes.get(1).filter(|b| (0xA1..=0xDF).contains(*b))?;
                Some((2, char::from_u32(0xFF61 + u32::from(byte - 0xA1))?))
            }
            (_, byte) if byte < 0x80 => None,
            _ => pair(0).map(|c| (2, c)),
        }
    }
}

impl Pairs {
    fn new(double: Double) -> Self {
        let mut chars = vec![NONE; 0x8000].into_boxed_slice();
        let is_read = matches!(double, Double::Big5 | Double::Cp950);
        let mut bytes = is_read.then(|| vec![[0; 2]; 0x1_0000].into_boxed_slice());
        let mut found = |pair: [u8; 2], c: char| {
            let Ok(code) = u16::try_from(u32::from(c)) else { return };
            chars[usize::from(u16::from_be_bytes(pair) & 0x7FFF)] = code;
            if let Some(bytes) = &mut bytes {
                let slot = &mut bytes[usize::from(code)];
                // The standard's own rows first, not those of the Hong Kong supplement.
                if slot[0] == 0 || slot[0] < 0xA1 && pair[0] >= 0xA1 {
                    *slot = pair;
                }
            }
        };
        if double == Double::Gbk {
            gbk::gbk().pairs().for_each(|(pair, c)| found(pair, c));
        } else {
            let first = if double == Double::EucJp { 0xA1 } else { 0x81 };
            gbk::decode_pairs(double.encoding(), first, found);
        }
        if double == Double::Cp950 {
            let pairs = (0xC6A1..=0xC8FE_u16).filter(|p| matches!(p & 0xFF, 0x40..=0x7E | 0xA1..=0xFE));
            for (pair, c) in pairs.zip(CP950_ROWS.chars()).chain(CP950_ELSEWHERE) {
                let code = c as u16;
                chars[usize::from(pair & 0x7FFF)] = code;
                if let Some(bytes) = &mut bytes {
                    bytes[usize::from(code)] = pair.to_be_bytes();
                }
            }
        }
        Self { chars, bytes }
    }

    pub fn decode(&self, lead: u8, trail: u8) -> Option<char> {
        let pair = u16::from_be_bytes([lead, trail]);
        let code = *self.chars.get(usize::from(pair & 0x7FFF)).filter(|_| lead >= 0x80)?;
        (code != NONE).then(|| char::from_u32(code.into())).flatten()
    }

    /// The pair of a character; only Big5 is ever asked, GBK has its own table.
    pub fn encode(&self, c: char) -> Option<[u8; 2]> {
        let bytes = self.bytes.as_ref()?;
        bytes.get(c as usize).copied().filter(|pair| pair[0] != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_both_ways() {
        for single in SINGLES {
            for byte in 0x80..=0xFF_u8 {
                let c = single.decode(byte);
                let back = singles().encode(single, c);
                assert!(
                    back.is_some_and(|b| single.decode(b) == c || c == char::from(b)),
                    "{single:?} {byte:X}"
                );
            }
        }
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(singles().encode(Single::Windows1252, '\u{9D}'), Some(0x9D));
        assert_eq!(singles().encode(Single::Windows1252, '”'), Some(0x94));
        assert_eq!(singles().encode(Single::Koi8R, '中'), None);
    }

    #[test]
    fn pairs_are_those_of_the_encodings() {
        for (double, bytes, c) in [
            (Double::Gbk, &[0xD6, 0xD0][..], '中'),
            (Double::Big5, &[0xA4, 0xA4], '中'),
            (Double::ShiftJis, &[0x92, 0x86], '中'),
            (Double::ShiftJis, &[0xB1], 'ｱ'),
            (Double::EucJp, &[0xC3, 0xE6], '中'),
            (Double::EucKr, &[0xB0, 0xA1], '가'),
        ] {
            assert_eq!(double.decode(bytes), Some((bytes.len(), c)));
        }
        assert_eq!(Double::Big5.pairs().encode('中'), Some([0xA4, 0xA4]));
        assert_eq!(Double::Big5.decode(b"a"), None);
        assert_eq!(Double::Gbk.decode(&[0xD6]), None);
    }
}
