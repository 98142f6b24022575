//! Letters of another script inside a word that look like its own: Cyrillic `о` in `Cоmpany`.

use std::collections::HashSet;
use std::ops::Range;

use super::LETTER;
use crate::edit::{Confidence, Field};
use crate::stage::Proposal;

/// Words with such a letter inside that a document must hold for any to be certain. A page on addresses that deceive shows one or two; a
/// typist with two keyboards slips once or twice.
const ENOUGH: usize = 3;

/// Different letters among them. Languages whose keyboard lacks a letter write another one for it throughout: Khakas, Komi and Ukrainian
/// texts with Latin `i` are as their writers left them.
const KINDS: usize = 3;

/// A shorter word is a unit, a formula or an abbreviation.
const SHORTEST: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
}

/// The script of a letter; `None` is no letter of the three.
fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' => Some(Script::Latin),
        '\u{C0}'..='\u{24F}' if c.is_alphabetic() => Some(Script::Latin),
        '\u{1E00}'..='\u{1EFF}' => Some(Script::Latin),
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' if c.is_alphabetic() => Some(Script::Greek),
        '\u{400}'..='\u{481}' | '\u{48A}'..='\u{52F}' => Some(Script::Cyrillic),
        _ => None,
    }
}

/// Letters that look alike in every typeface: Latin, Cyrillic, Greek. `-` where there is none. Of the confusables of Unicode (UTS 39), those
/// that are the same in upright and in printed type; `к`, `т`, `м` differ from `k`, `t`, `m`, and `ν`, `α`, `ρ` are written in formulas.
#[rustfmt::skip]
const ALIKE: [(char, char, char); 27] = [
    ('a', 'а', '-'), ('c', 'с', '-'), ('e', 'е', '-'), ('i', 'і', '-'), ('j', 'ј', '-'), ('o', 'о', 'ο'), ('p', 'р', '-'),
    ('s', 'ѕ', '-'), ('x', 'х', '-'), ('y', 'у', '-'),
    ('A', 'А', 'Α'), ('B', 'В', 'Β'), ('C', 'С', '-'), ('E', 'Е', 'Ε'), ('H', 'Н', 'Η'), ('I', 'І', 'Ι'), ('J', 'Ј', '-'),
    ('K', 'К', 'Κ'), ('M', 'М', 'Μ'), ('N', '-', 'Ν'), ('O', 'О', 'Ο'), ('P', 'Р', 'Ρ'), ('S', 'Ѕ', '-'), ('T', 'Т', 'Τ'),
    ('X', 'Х', 'Χ'), ('Y', '-', 'Υ'), ('Z', '-', 'Ζ'),
];

/// The letter of `to` that looks like `c`.
fn alike(c: char, to: Script) -> Option<char> {
    let row = ALIKE
        .iter()
        .find(|(latin, cyrillic, greek)| c != '-' && (*latin == c || *cyrillic == c || *greek == c))?;
    let found = match to {
        Script::Latin => row.0,
        Script::Cyrillic => row.1,
        Script::Greek => row.2,
    };
    (found != '-').then_some(found)
}

/// A word of two scripts.
struct Word {
    span: Range<usize>,
    /// The script that has letters of its own in it; `None` if neither has.
    of: Option<Script>,
    /// Letters of the other script that become others, as those letters.
    kinds: Vec<char>,
    is_proof: bool,
    /// It is shown, not written: quoted, in code or part of an address.
    is_shown: bool,
}

pub fn find(text: &str, proposal: &mut Proposal) {
    let mut words: Vec<Word> = Vec::new();
    let bytes = text.as_bytes();
    let mut done = 0;
    // A letter of Greek or Cyrillic, two bytes from CD on, beside one of ASCII.
    for at in 1..bytes.len().saturating_sub(1) {
        if (0xCD..=0xD4).contains(&bytes[at])
            && at >= done
            && (bytes[at - 1].is_ascii_alphabetic() || bytes.get(at + 2).is_some_and(u8::is_ascii_alphabetic))
        {
            let span = word_around(text, at);
            done = span.end;
            words.extend(judge(text, span));
        }
    }
    if words.is_empty() {
        return;
    }
    for to in [Script::Latin, Script::Cyrillic, Script::Greek] {
        let proofs = || words.iter().filter(|word| word.of == Some(to) && word.is_proof && !word.is_shown);
        let kinds: HashSet<char> = proofs().flat_map(|word| word.kinds.iter().copied()).collect();
        let enough = proofs().count() >= ENOUGH && (to == Script::Latin || kinds.len() >= KINDS);
        if enough && to == Script::Latin && !has_own(text) {
            // Every letter of another script in it is in disguise, in words of one letter too.
            for (at, c) in text.char_indices() {
                if let Some(with) = script(c).filter(|s| *s != to).and_then(|_| alike(c, to)) {
                    proposal.push(
                        Field::Text,
                        at..at + c.len_utf8(),
                        with.to_string(),
                        &LETTER,
                        Confidence::Sure,
                    );
                }
            }
            return;
        }
        for word in words.iter().filter(|word| word.of == Some(to)) {
            let sure = enough && !word.is_shown;
            if !sure && !word.is_proof {
                continue;
            }
            for (at, c) in text[word.span.clone()].char_indices().map(|(n, c)| (word.span.start + n, c)) {
                if let Some(with) = script(c).filter(|s| *s != to).and_then(|_| alike(c, to)) {
                    let confidence = if sure { Confidence::Sure } else { Confidence::Likely };
                    proposal.push(Field::Text, at..at + c.len_utf8(), with.to_string(), &LETTER, confidence);
                }
            }
        }
    }
}

/// Whether a Greek or Cyrillic letter occurs that no Latin one looks like.
fn has_own(text: &str) -> bool {
    text.chars().any(|c| script(c).is_some_and(|s| s != Script::Latin) && alike(c, Script::Latin).is_none())
}

fn word_around(text: &str, at: usize) -> Range<usize> {
    let letters = |c: &char| script(*c).is_some();
    let before: usize = text[..at].chars().rev().take_while(letters).map(char::len_utf8).sum();
    let after: usize = text[at..].chars().take_while(letters).map(char::len_utf8).sum();
    at - before..at + after
}

fn judge(text: &str, span: Range<usize>) -> Option<Word> {
    let letters: Vec<(char, Script)> =
        text[span.clone()].chars().filter_map(|c| Some((c, script(c)?))).collect();
    let count = |wanted: Script| letters.iter().filter(|l| l.1 == wanted).count();
    let (latin, cyrillic, greek) = (count(Script::Latin), count(Script::Cyrillic), count(Script::Greek));
    if latin == 0 || (cyrillic > 0 && greek > 0) {
        return None;
    }
    let other = if cyrillic > 0 { Script::Cyrillic } else { Script::Greek };
    let own = |of: Script, to: Script| letters.iter().filter(|l| l.1 == of).any(|l| alike(l.0, to).is_none());
    let of = match (own(Script::Latin, other), own(other, Script::Latin)) {
        (true, false) => Some(Script::Latin),
        (false, true) => Some(other),
        (false, false) => None,
        (true, true) => return None,
    };
    let to = of.unwrap_or(Script::Latin);
    let kinds: Vec<char> = letters.iter().filter(|l| l.1 != to).map(|l| l.0).collect();
    let fixed: Vec<char> =
        letters.iter().map(|l| if l.1 == to { l.0 } else { alike(l.0, to).unwrap_or(l.0) }).collect();
    let is_word = letters.len() >= SHORTEST && kinds.len() * 2 <= letters.len() && is_cased_as_a_word(&fixed);
    // Letters of the word's script on both sides: an ending or a prefix may be another word.
    let is_inside = letters.iter().enumerate().any(|(n, l)| {
        l.1 != to && letters[..n].iter().any(|l| l.1 == to) && letters[n..].iter().any(|l| l.1 == to)
    });
    let beside = |c: Option<char>| {
        c.is_some_and(|c| c.is_ascii_digit() || "\"'`“”‘’«»„=_@/\\<>{}[]+*^$#&|".contains(c))
    };
    let address =
        |c: Option<char>, next: Option<char>| c == Some('.') && next.is_some_and(char::is_alphanumeric);
    let (mut before, mut after) = (text[..span.start].chars().rev(), text[span.end..].chars());
    let (left, right) = (before.next(), after.next());
    let is_shown =
        beside(left) || beside(right) || address(left, before.next()) || address(right, after.next());
    Some(Word { span, of, kinds, is_proof: is_word && is_inside, is_shown })
}

/// `word`, `Word` or `WORD`: of two scripts that an abbreviation and its ending make (`PDFа`) the cases differ.
fn is_cased_as_a_word(letters: &[char]) -> bool {
    let upper = letters.iter().filter(|c| c.is_uppercase()).count();
    upper == 0 || upper == letters.len() || (upper == 1 && letters.first().is_some_and(|c| c.is_uppercase()))
}
