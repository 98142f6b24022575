//! How Han characters are read in Mandarin, with and without tone marks. Data and origin: `src/data/README.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: &str = include_str!("../data/pinyin.tsv");

/// The readings of characters. One for the process: [`readings`].
pub struct Readings {
    /// Characters by toned syllable.
    toned: HashMap<&'static str, &'static str>,
    /// Characters by syllable without tone mark, as lists of the lists above.
    plain: HashMap<String, Vec<&'static str>>,
}

/// The table, built at the first call.
pub fn readings() -> &'static Readings {
    static READINGS: LazyLock<Readings> = LazyLock::new(|| {
        let toned: HashMap<_, _> = TABLE.lines().filter_map(|line| line.split_once('\t')).collect();
        let mut plain: HashMap<String, Vec<_>> = HashMap::new();
        for (syllable, chars) in &toned {
            plain.entry(syllable.chars().map(without_tone).collect()).or_default().push(*chars);
        }
        Readings { toned, plain }
    });
    &READINGS
}

/// The longest syllable, in characters (zhuāng, shuàng).
pub const LONGEST: usize = 6;

impl Readings {
    /// The characters read as `syllable`, which has a tone mark or is of the neutral tone.
    pub fn chars(&self, syllable: &str) -> &'static str {
        self.toned.get(syllable).copied().unwrap_or_default()
    }

    /// Whether `syllable`, with a tone mark or without, can be read anywhere.
    pub fn is_syllable(&self, syllable: &str) -> bool {
        self.toned.contains_key(syllable) || self.plain.contains_key(syllable)
    }

    /// Whether `c` can be read as `syllable`; a syllable without tone mark matches all tones.
    pub fn reads(&self, c: char, syllable: &str) -> bool {
        if has_tone(syllable) {
            self.chars(syllable).contains(c)
        } else {
            self.plain.get(syllable).is_some_and(|lists| lists.iter().any(|chars| chars.contains(c)))
        }
    }
}

/// Whether one of the letters carries a tone mark.
pub fn has_tone(syllable: &str) -> bool {
    syllable.chars().any(|c| without_tone(c) != c)
}

/// A letter that pinyin is written with, upper case included: some kits begin a sentence with it.
pub fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c == 'ü' || without_tone(c) != c
}

/// The letter without its tone mark: `ǚ` → `ü`.
pub fn without_tone(c: char) -> char {
    match c {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'ü',
        'ń' | 'ň' | 'ǹ' => 'n',
        'ḿ' => 'm',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_with_and_without_tone() {
        let r = readings();
        assert!(r.reads('專', "zhuān") && r.reads('專', "zhuan") && !r.reads('專', "zhuǎn"));
        assert!(r.reads('们', "men") && r.reads('区', "qu"));
        assert!(!r.is_syllable("existence") && !r.reads('有', "being"));
        assert_eq!(
            TABLE.lines().map(|l| l.split('\t').next().unwrap_or("").chars().count()).max(),
            Some(LONGEST)
        );
    }
}
