//! What sites write around their articles, language by language; the lists are in `phrases/*.txt`.
//!
//! A line of a list reads `CLASS PART WEIGHT: phrase | phrase`. A phrase is never enough: see the parent module for where
//! a line must stand and which lines must stand beside it. To add a language, add its list to [`LISTS`]; to add a phrase,
//! give it the least weight with which it works: 1 speaks of a page only in company (`评论` may be a heading), 2 rarely
//! stands in a text (`分享到`), 3 never stands alone on a line of a text (`返回列表`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Class;
use super::recognise::normalize;

/// Which part of a line a phrase must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Such phrases, with separators, counts and brackets between them, make up the whole line.
    Tile,
    /// The line begins with it, but for opening brackets.
    Start,
    /// It stands anywhere in the line.
    Within,
}

#[derive(Clone, Debug)]
pub(super) struct Phrase {
    /// As [`normalize`] leaves it.
    pub text: String,
    pub part: Part,
    pub class: Class,
    pub weight: u8,
}

/// The lists are searched together: a page in one language has its widgets in another often enough.
const LISTS: [(&str, &str); 15] = [
    ("zh", include_str!("phrases/zh.txt")),
    ("en", include_str!("phrases/en.txt")),
    ("ja", include_str!("phrases/ja.txt")),
    ("ko", include_str!("phrases/ko.txt")),
    ("de", include_str!("phrases/de.txt")),
    ("fr", include_str!("phrases/fr.txt")),
    ("es", include_str!("phrases/es.txt")),
    ("pt", include_str!("phrases/pt.txt")),
    ("it", include_str!("phrases/it.txt")),
    ("ru", include_str!("phrases/ru.txt")),
    ("pl", include_str!("phrases/pl.txt")),
    ("tr", include_str!("phrases/tr.txt")),
    ("id", include_str!("phrases/id.txt")),
    ("vi", include_str!("phrases/vi.txt")),
    ("ar", include_str!("phrases/ar.txt")),
];

/// Every phrase of every list; one that stands in several has its greatest weight.
pub(super) static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let mut place: HashMap<(String, Part), usize> = HashMap::new();
    let mut phrases: Vec<Phrase> = Vec::new();
    for phrase in LISTS.iter().flat_map(|(_, list)| list.lines()).filter_map(parse).flatten() {
        let at = *place.entry((phrase.text.clone(), phrase.part)).or_insert(phrases.len());
        match phrases.get_mut(at) {
            Some(known) if known.weight < phrase.weight => *known = phrase,
            Some(_) => {}
            None => phrases.push(phrase),
        }
    }
    phrases
});

fn parse(line: &str) -> Option<impl Iterator<Item = Phrase>> {
    let (head, phrases) = line.split_once(": ")?;
    let mut head = head.split(' ');
    let class = class(head.next()?)?;
    let part = match head.next()? {
        "tile" => Part::Tile,
        "start" => Part::Start,
        "within" => Part::Within,
        _ => return None,
    };
    let weight = head.next()?.parse().ok()?;
    let texts = phrases.split(" | ").map(normalize).filter(|text| !text.is_empty());
    Some(texts.map(move |text| Phrase { text, part, class, weight }))
}

fn class(name: &str) -> Option<Class> {
    Some(match name {
        "navigation" => Class::Navigation,
        "section" => Class::Section,
        "share" => Class::Share,
        "subscribe" => Class::Subscribe,
        "comment" => Class::Comment,
        "correction" => Class::Correction,
        "related" => Class::Related,
        "editor" => Class::Editor,
        "copyright" => Class::Copyright,
        "cookies" => Class::Cookies,
        "debris" => Class::Debris,
        "date" => Class::Dateline,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_list_is_read() {
        for (language, list) in LISTS {
            for line in list.lines().filter(|line| !line.starts_with('#')) {
                assert!(parse(line).is_some_and(|phrases| phrases.count() > 0), "{language}: {line}");
            }
        }
        assert!(PHRASES.iter().all(|phrase| (1..=3).contains(&phrase.weight)));
    }
}
