//! What is known of single Han characters: which script they give away, and which ones hold sentences together.
//!
//! Characters that both scripts share say nothing; of running text about a third of the Han characters belong to
//! one script only (31.5 % in Simplified, 34.2 % in Traditional prose), so a few dozen characters decide.

use std::sync::LazyLock;

/// Characters of one script only, 64 a line after the name of the script; origin in `src/data/README.md`.
static SCRIPT_ONLY: &str = include_str!("../data/script_only.tsv");

/// Function characters: particles, pronouns, prepositions, conjunctions, adverbs, in both scripts.
///
/// Hand-picked. Left out are frequent characters that also make nouns and names (有 中 大 上 地 年 公 一): a list of
/// companies is full of them. Of 25,000 windows of clean Chinese (30 lines) 99 % have at least 7.4 % of these, the median
/// 19 %; five labelled blocks of planted firms and keywords have 0 to 1.6 %.
const FUNCTION: &str = "的了在是和不也都而与與及或但这這那我你他她它们們被把从從对對于於为為以所则則之其此就又再才却卻并並已\
                        着著过過吗嗎呢吧啊因如若虽雖且即很更最个個会會要能可没沒还還去来來到说說得让讓使将將向";

/// Pairs of a Traditional character and its first Simplified counterpart, by code point; origin in `src/data/README.md`.
static SIMPLIFIED: &str = include_str!("../data/t2s_characters.txt");

/// The Simplified counterpart of a Traditional character; any other character is its own.
pub fn simplified(c: char) -> char {
    // By code point less 0x3400, where Han begins; those beyond the basic plane are rare.
    static TABLE: LazyLock<Box<[char]>> = LazyLock::new(|| {
        let mut table: Box<[char]> = ('\u{3400}'..='\u{9FFF}').collect();
        for (from, to) in simplifications() {
            if let Some(slot) = (from as usize).checked_sub(0x3400).and_then(|at| table.get_mut(at)) {
                *slot = to;
            }
        }
        table
    });
    match c {
        '\u{3400}'..='\u{9FFF}' => TABLE[c as usize - 0x3400],
        '\u{20000}'.. => simplifications().find(|(from, _)| *from == c).map_or(c, |(_, to)| to),
        _ => c,
    }
}

/// Every Traditional character with its Simplified counterpart, by code point.
pub fn simplifications() -> impl Iterator<Item = (char, char)> {
    SIMPLIFIED.split_ascii_whitespace().filter_map(|pair| {
        let mut chars = pair.chars();
        Some((chars.next()?, chars.next()?))
    })
}

/// Which script a text with these many one-script characters is in: `None` while that is open.
///
/// Either side needs nine tenths of the evidence, and at least `least` characters of it. A Simplified page that
/// quotes a Traditional name keeps its script; a page half in each has none.
pub fn script(hans: u32, hant: u32, least: u32) -> Option<Script> {
    let all = hans + hant;
    if all < least || all == 0 {
        None
    } else if hans * 10 >= all * 9 {
        Some(Script::Hans)
    } else if hant * 10 >= all * 9 {
        Some(Script::Hant)
    } else {
        None
    }
}

/// The two ways Chinese is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Hans,
    Hant,
}

impl Script {
    /// The name in ISO 15924.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hans => "Hans",
            Self::Hant => "Hant",
        }
    }
}

/// Every character of [`Script::Hans`] alone and of [`Script::Hant`] alone, by code point within the script.
pub fn script_only() -> impl Iterator<Item = (char, Script)> {
    SCRIPT_ONLY.lines().filter_map(|line| line.split_once('\t')).flat_map(|(script, chars)| {
        let script = if script == "Hans" { Script::Hans } else { Script::Hant };
        chars.chars().map(move |c| (c, script))
    })
}

/// Every function character.
pub fn function_characters() -> impl Iterator<Item = char> {
    FUNCTION.chars().filter(|c| !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_character_is_of_both_scripts_or_twice_in_one() {
        let mut seen = HashSet::new();
        for (c, _) in script_only() {
            assert!(seen.insert(c), "{c}");
            assert!(crate::lang::chars::is_han(c), "{c}");
        }
        assert_eq!(seen.len(), 3801 + 3198);
    }

    #[test]
    fn every_traditional_character_has_its_counterpart() {
        assert_eq!("社區來了萬人".chars().map(simplified).collect::<String>(), "社区来了万人");
        let pairs: Vec<&str> = SIMPLIFIED.split_ascii_whitespace().collect();
        assert!(pairs.is_sorted(), "the table is searched by halves");
        assert!(pairs.iter().all(|pair| pair.chars().count() == 2));
    }

    #[test]
    fn function_characters_are_named_once() {
        let mut seen = HashSet::new();
        assert!(function_characters().all(|c| seen.insert(c)));
    }

    #[test]
    fn a_text_half_in_each_script_has_none() {
        assert_eq!(script(30, 1, 10), Some(Script::Hans));
        assert_eq!(script(1, 30, 10), Some(Script::Hant));
        assert_eq!(script(15, 15, 10), None);
        assert_eq!(script(3, 0, 10), None);
        assert_eq!(script(0, 0, 0), None);
    }
}
