//! Terms of the trades that plant most lists. They raise the score of a list; they never decide
//! (see [`features`](super::features)).

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::lang::chars;

/// One a line, lower case; what each language's spam sells, by our own knowledge of it. Words of the news stay out where a
/// narrower one will do.
static TERMS: &str = include_str!("../../data/spam_terms.txt");

/// Whether `text` holds a term.
pub fn holds(text: &str) -> bool {
    automaton().is_some_and(|terms| terms.find_iter(text).any(|found| is_whole(text, found.range())))
}

/// Whether a term is no piece of a longer word: `porn` of `pornește`. Scripts without spaces have no such words.
fn is_whole(text: &str, span: std::ops::Range<usize>) -> bool {
    let spaced = |c: char| chars::is_alphabetic(c) && c < '\u{E00}';
    let (before, after) = (text[..span.start].chars().next_back(), text[span.end..].chars().next());
    let term = &text[span];
    !(term.starts_with(spaced) && before.is_some_and(spaced)
        || term.ends_with(spaced) && after.is_some_and(spaced))
}

/// How many terms stand in `text`, and how many different ones.
pub fn count(text: &str) -> (usize, usize) {
    let Some(terms) = automaton() else { return (0, 0) };
    let mut seen = std::collections::HashSet::new();
    let all = terms
        .find_iter(text)
        .filter(|found| is_whole(text, found.range()))
        .map(|found| seen.insert(found.pattern()))
        .count();
    (all, seen.len())
}

fn automaton() -> Option<&'static AhoCorasick> {
    static TABLE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let terms = TERMS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        // Samples of every document are searched: the automaton is built a few milliseconds longer, and five times as fast.
        let kind = Some(AhoCorasickKind::DFA);
        AhoCorasick::builder().kind(kind).ascii_case_insensitive(true).build(terms).ok()
    });
    TABLE.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_found_in_any_case() {
        assert!(holds("Situs SLOT Gacor"));
        assert!(!holds("a slot in the schedule"));
        assert!(!holds("pornește") && holds("hot porn") && holds("看av在线"));
        assert_eq!(count("casino online, Casino Online, judi online"), (3, 2));
    }

    #[test]
    fn the_list_is_sorted_and_lower_case() {
        let terms: Vec<&str> = TERMS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(terms.is_sorted());
        assert!(terms.iter().all(|term| term.to_lowercase() == *term));
        assert!(automaton().is_some());
    }
}
