//! What readings are judged by: how likely letters are after letters in 56 languages, and characters in the
//! writing of East Asia. The table, its origin and its layout: `src/data/generate_encodings.py`.
//!
//! A cost is the negative natural logarithm of a probability; in the table it is counted in eighths.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

static TABLE: &[u8] = include_bytes!("../data/encodings.zst");

/// The table unpacked is no larger.
const TABLE_BYTES: usize = 8 << 20;

/// Eighths of a nat, the unit of all costs.
pub(super) const NAT: u32 = 8;

/// Symbols that every script has, as in the generator; a name of several characters is a class.
const COMMON: &[&str] = &[
    "space", "digit", "stop", "open", "close", "'", "\"", "-", "ascii", "\u{A0}", "«", "»", "“", "”", "„",
    "‘", "’", "‚", "‹", "›", "–", "—", "…", "•", "·", "°", "º", "ª", "¿", "¡", "§", "©", "®", "™", "€", "£",
    "№", "µ", "²", "³", "½", "×", "´", "¨", "sign", "math", "box", "control", "foreign", "latin",
];

/// The symbol of the no-break space.
pub(super) const NO_BREAK: u8 = 9;
/// The symbol of control characters.
pub(super) const CONTROL: u8 = 47;

const SIGNS: &str = "¢¥¤¦¬¯±¶¸¹¼¾÷†‡‰ˆ˜ˇ˘˙˛˝";

/// A script with the symbols its languages are counted in.
pub(super) struct Script {
    pub name: String,
    /// Symbols: those of [`COMMON`], then the letters.
    symbols: FxHashMap<char, u8>,
    pub size: usize,
    pub languages: Vec<Language>,
    /// The least that a symbol after a symbol costs in any of them.
    pub least: Box<[u8]>,
}

/// A language: costs of a symbol after a symbol, `size * size` of them.
pub(super) struct Language {
    #[cfg_attr(not(test), expect(dead_code, reason = "for reading what was decided"))]
    pub name: String,
    pub costs: Box<[u8]>,
}

/// Costs of characters of the first plane, by their numbers.
#[derive(Default)]
pub(super) struct Costs(Vec<Option<u8>>);

impl Costs {
    /// The cost of a character that was seen.
    pub fn of(&self, c: char) -> Option<u8> {
        self.0.get(c as usize).copied().flatten()
    }
}

impl FromIterator<(char, u8)> for Costs {
    fn from_iter<I: IntoIterator<Item = (char, u8)>>(costs: I) -> Self {
        let mut all = vec![None; 1 << 16];
        for (c, cost) in costs {
            if let Some(place) = all.get_mut(c as usize) {
                *place = Some(cost);
            }
        }
        Self(all)
    }
}

/// Costs of Han characters, kana and syllables.
#[derive(Default)]
pub(super) struct EastAsian {
    pub hans: Costs,
    pub hant: Costs,
    pub japanese: Costs,
    pub kana: Costs,
    pub hangul: Costs,
}

#[derive(Default)]
pub(super) struct Table {
    pub scripts: Vec<Script>,
    pub east_asian: EastAsian,
}

/// The table, unpacked at the first call.
pub(super) fn table() -> &'static Table {
    static PARSED: LazyLock<Table> = LazyLock::new(|| {
        // The table is part of the program and a test reads it: an error here would be a damaged program, and leaves the guess
        // to chardetng.
        let bytes = zstd::bulk::decompress(TABLE, TABLE_BYTES);
        bytes.ok().and_then(|bytes| Table::parse(&bytes)).unwrap_or_default()
    });
    &PARSED
}

impl Table {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = memchr::memmem::find(bytes, b"\n\n")?;
        let (head, mut body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]);
        let mut take = |len: usize| {
            let (taken, rest) = body.split_at_checked(len)?;
            body = rest;
            Some(taken)
        };
        let mut table = Self::default();
        for line in head.lines() {
            let (sort, rest) = line.split_once(' ')?;
            let (name, rest) = rest.split_once('\t')?;
            match sort {
                "A" => table.scripts.push(Script::new(name, rest)),
                "L" => {
                    let script = table.scripts.iter_mut().find(|script| script.name == rest)?;
                    let costs: Box<[u8]> = take(script.size * script.size)?.into();
                    script.least.iter_mut().zip(&costs).for_each(|(least, &cost)| *least = cost.min(*least));
                    script.languages.push(Language { name: name.to_owned(), costs });
                }
                _ => {
                    let costs = rest.chars().zip(take(rest.chars().count())?.iter().copied()).collect();
                    let east = &mut table.east_asian;
                    match name {
                        "hans" => east.hans = costs,
                        "hant" => east.hant = costs,
                        "ja" => east.japanese = costs,
                        "kana" => east.kana = costs,
                        _ => east.hangul = costs,
                    }
                }
            }
        }
        body.is_empty().then_some(table)
    }
}

impl Script {
    fn new(name: &str, letters: &str) -> Self {
        let common = COMMON.iter().enumerate().filter_map(|(at, symbol)| {
            let mut chars = symbol.chars();
            let c = chars.next()?;
            chars.next().is_none().then_some((c, at as u8))
        });
        let letters = letters.chars().enumerate().map(|(at, c)| (c, (COMMON.len() + at) as u8));
        let symbols: FxHashMap<_, _> = common.chain(letters).collect();
        let size = symbols.values().map(|&at| usize::from(at) + 1).max().unwrap_or(0);
        let least = vec![u8::MAX; size * size].into();
        Self { name: name.to_owned(), symbols, size, languages: Vec::new(), least }
    }

    /// Whether `c` is a letter of this script that stands in the older encodings.
    pub fn has(&self, c: char) -> bool {
        self.symbols.get(&folded(c)).is_some_and(|&at| usize::from(at) >= COMMON.len())
    }

    /// The symbol of a class.
    pub fn class(&self, name: &str) -> u8 {
        COMMON.iter().position(|&symbol| symbol == name).unwrap_or(0) as u8
    }

    /// The symbol that `c` counts as.
    pub fn symbol(&self, c: char) -> u8 {
        if let Some(&symbol) = self.symbols.get(&c).or_else(|| self.symbols.get(&folded(c))) {
            return symbol;
        }
        self.class(match c {
            ' ' | '\t' | '\r' | '\n' => "space",
            '0'..='9' => "digit",
            '.' | ',' | ';' | ':' | '!' | '?' => "stop",
            '(' | '[' | '{' | '<' => "open",
            ')' | ']' | '}' | '>' => "close",
            'a'..='z' | 'A'..='Z' => "latin",
            ..'\x7F' => "ascii",
            _ if SIGNS.contains(c) => "sign",
            '\u{2500}'..='\u{259F}' => "box",
            _ if c.is_control() => "control",
            char::REPLACEMENT_CHARACTER => "control",
            _ if c.is_alphabetic() => "foreign",
            _ => "math",
        })
    }
}

/// Lower case; Romanian with a comma below as with a cedilla, which the older encodings have.
fn folded(c: char) -> char {
    if c == 'İ' {
        return c;
    }
    let mut lower = c.to_lowercase();
    let one = lower.next().filter(|_| lower.next().is_none()).unwrap_or(c);
    match one {
        'ș' => 'ş',
        'ț' => 'ţ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = table();
        assert_eq!(COMMON[usize::from(NO_BREAK)], "\u{A0}");
        assert_eq!(COMMON[usize::from(CONTROL)], "control");
        assert!(table.scripts.len() == 6 && table.scripts.iter().all(|script| !script.languages.is_empty()));
        assert!(table.scripts.iter().all(|script| script.languages.iter().all(|l| !l.name.is_empty())));
        let cost = |script: &Script, language: &str, a, b| {
            let language = script.languages.iter().find(|l| l.name == language).unwrap();
            language.costs[usize::from(script.symbol(a)) * script.size + usize::from(script.symbol(b))]
        };
        let latin = table.scripts.iter().find(|script| script.name == "latin").unwrap();
        assert!(cost(latin, "fr", 't', 'é') < cost(latin, "de", 't', 'é'));
        assert!(cost(latin, "de", 'f', 'ü') < cost(latin, "fr", 'f', 'ü'));
        assert!(latin.has('Ş') && latin.has('Ș') && !latin.has('ж') && !latin.has('«'));
        assert!(table.east_asian.hans.of('的') < table.east_asian.hans.of('兑'));
        assert!(table.east_asian.hans.of('的').is_some() && table.east_asian.hans.of('あ').is_none());
    }
}
