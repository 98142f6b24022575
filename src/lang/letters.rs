//! How likely a character is after another one in text of any language: what tells text from text that was read wrongly.
//!
//! Letters have bigrams within a word, pooled over the languages of their script; Han characters those of [`han_model`]; all else has the
//! likelihood of its kind after another kind. The table and its origin: `src/data/README.md`.

use std::sync::LazyLock;

use super::han_model;

static TABLE: &str = include_str!("../data/letters.txt");

/// Kinds of characters, in the order of the table's second part; letters with two cases have a kind for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Latin,
    LatinUpper,
    Cyrillic,
    CyrillicUpper,
    Greek,
    GreekUpper,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Kana,
    Hangul,
    Han,
    /// A letter of any other script.
    Other,
    /// Space, tab, and the ends of a line; not the no-break space.
    Space,
    Digit,
    /// `. , ; : ! ?`
    Stop,
    /// `' " ( ) - /`
    Mark,
    /// The rest of ASCII.
    Sign,
    /// Curly quotes, guillemets, dashes, the ellipsis.
    Quote,
    Ideographic,
    FullWidth,
    /// Signs of U+00A0 to U+02FF: the no-break space, `©`, `×`, `ˆ`.
    LatinSign,
    Symbol,
    Box,
    Emoji,
    Combining,
    Control,
    /// Private use, and what is no character: U+FFFD.
    Private,
}

const KINDS: usize = Kind::Private as usize + 1;

/// The kinds as the table names them.
#[cfg(test)]
const NAMES: [&str; KINDS] = [
    "latin",
    "LATIN",
    "cyrillic",
    "CYRILLIC",
    "greek",
    "GREEK",
    "hebrew",
    "arabic",
    "indic",
    "thai",
    "kana",
    "hangul",
    "han",
    "other",
    "space",
    "digit",
    "stop",
    "mark",
    "sign",
    "quote",
    "ideographic",
    "fullwidth",
    "latin-sign",
    "symbol",
    "box",
    "emoji",
    "combining",
    "control",
    "private",
];

impl Kind {
    /// The kind of `c`; `kind` of `generate_letters.py` says the same.
    pub fn of(c: char) -> Self {
        let case = |lower: Self, upper: Self| {
            // One letter is enough: `İ` becomes two.
            if c.to_lowercase().next() == Some(c) { lower } else { upper }
        };
        match c {
            // Ranges of thousands first: tables are built from all characters.
            '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' => Self::Han,
            '\u{AC00}'..='\u{D7A3}' => Self::Hangul,
            '\u{E000}'..='\u{F8FF}' => Self::Private,
            ' ' | '\t' | '\n' | '\r' => Self::Space,
            '0'..='9' => Self::Digit,
            'a'..='z' => Self::Latin,
            'A'..='Z' => Self::LatinUpper,
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => Self::Control,
            '.' | ',' | ';' | ':' | '!' | '?' => Self::Stop,
            '\'' | '"' | '(' | ')' | '-' | '/' => Self::Mark,
            '\0'..='\u{7E}' => Self::Sign,
            '‘' | '’' | '“' | '”' | '„' | '‚' | '«' | '»' | '‹' | '›' | '–' | '—' | '…' | '‐' | '‑' | '‒'
            | '―' => Self::Quote,
            '×' | '÷' => Self::LatinSign,
            '\u{C0}'..='\u{2AF}' | '\u{1E00}'..='\u{1EFF}' | '\u{FB00}'..='\u{FB06}' => {
                case(Self::Latin, Self::LatinUpper)
            }
            '\u{A0}'..='\u{2FF}' => Self::LatinSign,
            '\u{300}'..='\u{36F}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE00}'..='\u{FE0F}' => Self::Combining,
            '\u{375}' | '\u{37E}' | '\u{384}' | '\u{385}' | '\u{387}' | '\u{482}'..='\u{489}' => Self::Symbol,
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => case(Self::Greek, Self::GreekUpper),
            '\u{400}'..='\u{52F}' => case(Self::Cyrillic, Self::CyrillicUpper),
            '\u{590}'..='\u{5FF}' => Self::Hebrew,
            '\u{600}'..='\u{61F}' | '\u{660}'..='\u{66D}' | '\u{6D4}' | '\u{6F0}'..='\u{6F9}' => Self::Symbol,
            '\u{600}'..='\u{77F}' => Self::Arabic,
            '\u{900}'..='\u{DFF}' => Self::Indic,
            '\u{E00}'..='\u{E7F}' => Self::Thai,
            '\u{3041}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' => Self::Kana,
            '\u{3005}' | '\u{3007}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323FF}' => Self::Han,
            '\u{3000}'..='\u{30FF}' => Self::Ideographic,
            '\u{FF00}'..='\u{FFEF}' => Self::FullWidth,
            '\u{2500}'..='\u{259F}' => Self::Box,
            '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' => Self::Emoji,
            '\u{FFFC}'..='\u{FFFF}' | '\u{E0000}'.. => Self::Private,
            '\u{530}'..='\u{1DFF}'
            | '\u{2C00}'..='\u{2DFF}'
            | '\u{A000}'..='\u{ABFF}'
            | '\u{FB00}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFE}'
            | '\u{10000}'..='\u{1CFFF}' => Self::Other,
            _ => Self::Symbol,
        }
    }

    /// Of a script whose letters have bigrams.
    fn has_pairs(self) -> bool {
        (self as u8) <= Self::Indic as u8 || matches!(self, Self::Kana | Self::Hangul)
    }

    /// The kind of the same letter in lower case.
    pub fn lower(self) -> Self {
        match self {
            Self::LatinUpper => Self::Latin,
            Self::CyrillicUpper => Self::Cyrillic,
            Self::GreekUpper => Self::Greek,
            same => same,
        }
    }

    fn upper(self) -> Option<Self> {
        match self {
            Self::Latin => Some(Self::LatinUpper),
            Self::Cyrillic => Some(Self::CyrillicUpper),
            Self::Greek => Some(Self::GreekUpper),
            _ => None,
        }
    }
}

/// What is known of one character.
#[derive(Clone, Copy)]
struct Entry {
    kind: Kind,
    /// The letter's place among those of its script, from 1; 0 for what has none.
    index: u16,
    /// Logarithm of its share of its kind, or of its script.
    alone: f32,
}

/// The model. One for the process: [`model`].
pub struct Model {
    entries: Box<[Entry]>,
    /// For each kind of letters the logarithms of its pairs, `stride` by `stride`; 0 is the edge of a word.
    pairs: Vec<(usize, Vec<f32>)>,
    /// Hangul pairs, which are few of many, sorted.
    hangul: Vec<(u32, f32)>,
    /// Logarithm of the probability of a kind after a kind.
    kinds: [[f32; KINDS]; KINDS],
    /// The same after a letter whose word ends.
    after_word: [[f32; KINDS]; KINDS],
    /// Logarithm of the share of each case among letters after a letter.
    cases: [[f32; KINDS]; KINDS],
}

/// What a letter's rarest neighbours get below their own share: the table leaves out pairs below 2e-7.
const UNSEEN: f32 = -3.0;
/// The share of a character that the table does not have among those of its kind: of some hundreds of thousands counted, none.
const RARE: f32 = -13.0;
/// The same where the texts that were counted have few of the kind, and all of it is in use.
fn rare(kind: Kind) -> f32 {
    match kind {
        Kind::Emoji => -7.5,
        Kind::Box | Kind::Combining => -6.0,
        Kind::Symbol | Kind::LatinSign | Kind::Ideographic => -10.0,
        _ => RARE,
    }
}
/// The share of a ligature among letters: `fi` is one pair of a hundred, set as one character in one text of ten.
const LIGATURE: f32 = -7.0;
/// A capital after a capital is as likely as a small letter: pairs cannot tell a word in capitals from a word's first letter.
const CAPITALS: f32 = -0.4;
/// The same of a letter of a script without counts, after another one of its block: one of forty or so.
const NEIGHBOUR: f32 = -4.0;

/// The model, unpacked at the first call.
pub fn model() -> &'static Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| Model::parse(TABLE));
    &MODEL
}

/// The characters of a line of classes with the logarithm of their probability.
fn classes(line: &str) -> impl Iterator<Item = (char, f32)> + '_ {
    line.chars()
        .scan(0.0, |level, c| {
            if c.is_ascii_uppercase() {
                *level = f32::from(c as u8 - b'A') * -0.5;
                Some(None)
            } else {
                Some(Some((c, *level)))
            }
        })
        .flatten()
}

/// The characters that make up nine tenths of Chinese or Japanese text, read from the table without the model.
pub fn common_han() -> impl Iterator<Item = char> {
    TABLE.trim_end().rsplit("\n\n").next().unwrap_or_default().chars()
}

/// The Han characters of Japanese with the logarithm of their share, read from the table without the model.
pub fn kanji() -> impl Iterator<Item = (char, f32)> {
    let lists = TABLE.lines().filter_map(|line| line.strip_prefix('*'));
    lists
        .map(classes)
        .find_map(|mut list| {
            list.next()
                .filter(|(c, _)| Kind::of(*c) == Kind::Han)
                .map(|first| std::iter::once(first).chain(list))
        })
        .into_iter()
        .flatten()
}

impl Model {
    fn parse(text: &str) -> Self {
        let mut entries: Box<[Entry]> = (0..0x1_0000_u32)
            .map(|code| {
                let kind = char::from_u32(code).map_or(Kind::Private, Kind::of);
                // The ligatures of typesetters are in no word list.
                let alone = if matches!(code, 0xFB00..=0xFB06) { LIGATURE } else { rare(kind) };
                Entry { kind, index: 0, alone }
            })
            .collect();
        let mut parts = text.splitn(4, "\n\n");
        let [letters, kinds, signs] =
            [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
        let mut pairs: Vec<(usize, Vec<f32>)> = vec![(0, Vec::new()); KINDS];
        let mut hangul = Vec::new();
        let mut script = Kind::Latin;
        for line in letters.lines() {
            let mut chars = line.chars();
            let Some(a) = chars.next() else { continue };
            let follow = chars.as_str();
            if a == '*' {
                let mut count = 0;
                for (c, p) in classes(follow) {
                    if let Some(entry) = entries.get_mut(c as usize) {
                        count += 1;
                        script = entry.kind.lower();
                        (entry.index, entry.alone) = (count, p);
                    }
                }
                if script.has_pairs() && script != Kind::Hangul {
                    let stride = usize::from(count) + 1;
                    let mut table = vec![UNSEEN; stride * stride];
                    for (c, p) in classes(follow) {
                        let b = entries.get(c as usize).map_or(0, |e| usize::from(e.index));
                        for row in 0..stride {
                            table[row * stride + b] = UNSEEN + p;
                        }
                    }
                    pairs[script as usize] = (stride, table);
                }
                continue;
            }
            let index = |c: char| entries.get(c as usize).map_or(0, |e| usize::from(e.index));
            let from = if a == ' ' { 0 } else { index(a) };
            for (b, p) in classes(follow) {
                let to = if b == ' ' { 0 } else { index(b) };
                if script == Kind::Hangul {
                    hangul.push(((from as u32) << 16 | to as u32, p));
                } else if let (stride, table) = &mut pairs[script as usize]
                    && let Some(slot) = table.get_mut(from * *stride + to)
                {
                    *slot = p;
                }
            }
        }
        hangul.sort_unstable_by_key(|h| h.0);
        let mut matrix = [[-12.5; KINDS]; KINDS];
        for (row, line) in matrix.iter_mut().zip(kinds.lines()) {
            let levels = line.split_once('\t').map_or("", |l| l.1);
            for (slot, level) in row.iter_mut().zip(levels.bytes()) {
                *slot = f32::from(level.saturating_sub(b'A')) * -0.5;
            }
        }
        // The texts that were counted are manuals and articles: fewer of these than elsewhere.
        for row in &mut matrix {
            for (kind, least) in [(Kind::Emoji, -9.0), (Kind::Combining, -9.5)] {
                let slot = &mut row[kind as usize];
                *slot = slot.max(least);
            }
        }
        for slot in &mut matrix[Kind::Emoji as usize] {
            *slot = slot.max(-6.0);
        }
        // Runs of lines are drawn in few manuals, but there at length: not what box drawing is like among letters.
        let slot = &mut matrix[Kind::Box as usize][Kind::Box as usize];
        *slot = slot.min(-2.5);
        for line in signs.lines() {
            for (c, p) in classes(line.split_once('\t').map_or("", |l| l.1)) {
                if let Some(entry) = entries.get_mut(c as usize) {
                    entry.alone = p;
                }
            }
        }
        for c in [' ', '\t', '\n', '\r'] {
            entries[c as usize].alone = 0.0;
        }
        // Capitals are the letters they are capitals of.
        for code in 0..0x1_0000_usize {
            let Some(c) = char::from_u32(code as u32) else { continue };
            if entries[code].kind.lower() != entries[code].kind
                && let Some(small) = c.to_lowercase().next().and_then(|l| entries.get(l as usize)).copied()
            {
                (entries[code].index, entries[code].alone) = (small.index, small.alone);
            }
        }
        let mut after_word = matrix;
        let mut cases = [[0.0; KINDS]; KINDS];
        for a in 0..KINDS {
            for script in [
                Kind::Latin,
                Kind::Cyrillic,
                Kind::Greek,
                Kind::Hebrew,
                Kind::Arabic,
                Kind::Indic,
                Kind::Kana,
                Kind::Hangul,
            ] {
                let upper = script.upper().map_or(f32::NEG_INFINITY, |u| matrix[a][u as usize]);
                let within = matrix[a][script as usize].exp() + upper.exp();
                if a == script as usize || script.upper().is_some_and(|u| u as usize == a) {
                    for b in 0..KINDS {
                        after_word[a][b] = matrix[a][b] - (1.0 - within).max(0.01).ln();
                    }
                }
                cases[a][script as usize] = matrix[a][script as usize] - within.ln();
                if let Some(u) = script.upper() {
                    cases[a][u as usize] = if a == u as usize { CAPITALS } else { upper - within.ln() };
                }
            }
        }
        Self { entries, pairs, hangul, kinds: matrix, after_word, cases }
    }

    fn entry(&self, c: char) -> Entry {
        self.entries.get(c as usize).copied().unwrap_or_else(|| Entry {
            kind: Kind::of(c),

            index: 0,
            // Emoji and rare Han; else ancient scripts, private use, and what is no character.
            alone: match c {
                '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}' | '\u{1F900}'..='\u{1F9FF}' => -6.0,
                '\u{1F000}'..='\u{1FAFF}' | '\u{20000}'..='\u{2FFFF}' => -10.0,
                '\u{10000}'..='\u{1EFFF}' => -16.0,
                _ => -25.0,
            },
        })
    }

    pub fn kind(&self, c: char) -> Kind {
        self.entry(c).kind
    }

    /// Logarithm of the probability of the letter `b` after the letter `a` of the same script; index 0 is the word's edge.
    fn pair(&self, script: Kind, a: u16, b: u16, alone: f32) -> f32 {
        if script == Kind::Hangul {
            let key = u32::from(a) << 16 | u32::from(b);
            return match self.hangul.binary_search_by_key(&key, |h| h.0) {
                Ok(at) => self.hangul[at].1,
                // Pairs seen have two thirds of the probability.
                Err(_) if b == 0 => -1.5,
                Err(_) => alone - 1.0,
            };
        }
        let (stride, table) = &self.pairs[script as usize];
        table.get(usize::from(a) * stride + usize::from(b)).copied().unwrap_or(RARE)
    }

    /// Whether the Chinese counts know the mark `c` beside Han characters.
    fn is_chinese(&self, kind: Kind, c: char) -> bool {
        matches!(kind, Kind::Quote | Kind::Ideographic | Kind::FullWidth | Kind::LatinSign)
            && han_model::model().symbol(c) != 0
    }

    /// A character that the counts have not seen, or hardly.
    pub fn is_rare(&self, c: char) -> bool {
        let entry = self.entry(c);
        match entry.kind {
            Kind::Han => entry.alone.max(han_model::model().alone(c)) <= -13.0,
            Kind::Emoji | Kind::Box => false,
            kind if kind.has_pairs() => entry.alone <= -12.0,
            _ => entry.alone <= -10.0,
        }
    }

    /// Natural logarithm of the probability of `b` right after `a`.
    pub fn after(&self, a: char, b: char) -> f32 {
        let (x, y) = (self.entry(a), self.entry(b));
        let (from, to) = (x.kind as usize, y.kind as usize);
        let script = y.kind.lower();
        if x.kind.has_pairs() && script == x.kind.lower() {
            return if y.index == 0 || x.index == 0 {
                UNSEEN + y.alone + self.cases[from][to]
            } else {
                self.pair(script, x.index, y.index, y.alone) + self.cases[from][to]
            };
        }
        if y.kind == Kind::Han {
            // Kanji that Chinese does not write have the counts of Japanese.
            let alone = y.alone.max(han_model::model().alone(b));
            let other = self.kinds[from][to] + alone;
            return match x.kind {
                Kind::Han => han_model::model().after(a, b).max(other - 1.0),
                _ if self.is_chinese(x.kind, a) => han_model::model().after(a, b).max(other),
                _ => other,
            };
        }
        if x.kind == Kind::Han && self.is_chinese(y.kind, b) {
            return han_model::model().after(a, b).max(self.kinds[from][to] + y.alone);
        }
        let kind = if x.kind.has_pairs() {
            let ends = if x.index == 0 { -1.0 } else { self.pair(x.kind.lower(), x.index, 0, 0.0) };
            self.after_word[from][to] + ends
        } else {
            self.kinds[from][to]
        };
        let which = if y.kind.has_pairs() {
            if y.index == 0 { y.alone } else { self.pair(script, 0, y.index, y.alone) }
        } else if matches!(y.kind, Kind::Other | Kind::Thai) && (a as u32 ^ b as u32) < 0x80 {
            y.alone.max(NEIGHBOUR)
        } else {
            y.alone
        };
        kind + which
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_format_it_says() {
        let parts: Vec<&str> = TABLE.trim_end().split("\n\n").collect();
        assert_eq!(parts.len(), 4);
        let mut scripts = 0;
        for line in parts[0].lines() {
            let mut chars = line.chars();
            let a = chars.next().unwrap();
            scripts += usize::from(a == '*');
            assert!(!a.is_uppercase(), "{line}");
            assert!(chars.next().unwrap().is_ascii_uppercase(), "{line}");
            let sum: f32 = classes(&line[a.len_utf8()..]).map(|(_, p)| p.exp()).sum();
            assert!(sum < 1.35, "{a}: {sum}");
        }
        assert_eq!(scripts, 9);
        let rows: Vec<&str> = parts[1].lines().collect();
        assert_eq!(rows.len(), KINDS);
        for (row, name) in rows.iter().zip(NAMES) {
            let (of, levels) = row.split_once('\t').unwrap();
            assert_eq!((of, levels.len()), (name, KINDS));
            assert!(levels.bytes().all(|b| b.is_ascii_uppercase()));
        }
        for line in parts[2].lines() {
            let (of, signs) = line.split_once('\t').unwrap();
            let kind = NAMES.iter().position(|n| *n == of).unwrap();
            assert!(classes(signs).all(|(c, _)| Kind::of(c) as usize == kind), "{of}");
        }
        assert!(parts[3].chars().all(|c| Kind::of(c) == Kind::Han));
    }

    #[test]
    fn what_is_written_together_is_likely() {
        let m = model();
        assert!(m.after('t', 'é') > m.after('t', 'Ã') + 3.0);
        assert!(m.after('п', 'р') > m.after('п', 'ъ') + 3.0);
        assert!(m.after('海', '口') > m.after('海', '谑') + 3.0);
        assert!(m.after('た', '。') > m.after('た', '©') + 3.0);
        for c in ['\0', 'é', 'Ж', '한', '\u{FFFF}', '\u{10FFFF}', '😀', 'ก'] {
            for d in ['\0', 'é', 'Ж', '한', '\u{FFFF}', '\u{10FFFF}', '😀', 'ก'] {
                assert!(m.after(c, d).is_finite() && m.after(c, d) < 0.1, "{c:?} {d:?}");
            }
        }
    }
}
