//! What sites write around their articles, language by language; the lists are in `phrases/*.txt`.
//!
//! A line of a list reads `CLASS PART WEIGHT: phrase | phrase`. A phrase is never enough: see the parent module for where
//! a line must stand and which lines must stand beside it. To add a language, add its list to [`LISTS`]; to add a phrase,
//! give it the least weight with which it works: 1 speaks of a page only in company (`评论` may be a heading), 2 rarely
//! stands in a text (`分享到`), 3 never stands alone on a line of a text (`返回列表`).

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

use super::Class;

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
    /// As [`normalize`](super::recognise::normalize) leaves it.
    pub text: &'static str,
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
    let mut place: FxHashMap<(&str, Part), usize> = FxHashMap::default();
    let mut phrases: Vec<Phrase> = Vec::new();
    for phrase in LISTS.iter().flat_map(|(_, list)| list.lines()).filter_map(parse).flatten() {
        let at = *place.entry((phrase.text, phrase.part)).or_insert(phrases.len());
        match phrases.get_mut(at) {
            Some(known) if known.weight < phrase.weight => *known = phrase,
            Some(_) => {}
            None => phrases.push(phrase),
        }
    }
    phrases
});

fn parse(line: &'static str) -> Option<impl Iterator<Item = Phrase>> {
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
    Some(phrases.split(" | ").map(move |text| Phrase { text, part, class, weight }))
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

/// Phrases that a text may begin with.
pub(super) struct Starts {
    /// In the order of their texts.
    phrases: Vec<&'static Phrase>,
    /// By place: the longest other phrase that this one begins with.
    shorter: Vec<Option<u32>>,
    /// Where the phrases with each first byte stand.
    by_byte: Vec<u32>,
}

impl Starts {
    /// All phrases that are this part of a line.
    pub(super) fn of(part: Part) -> Self {
        let mut phrases: Vec<_> = PHRASES.iter().filter(|phrase| phrase.part == part).collect();
        phrases.sort_unstable_by_key(|phrase| phrase.text);
        let mut shorter: Vec<Option<u32>> = Vec::with_capacity(phrases.len());
        for (at, phrase) in phrases.iter().enumerate() {
            // Of what a text begins with, everything stands before it, and what stands between begins with it as well.
            let mut before = at.checked_sub(1).map(|before| before as u32);
            while let Some(other) = before
                && !phrase.text.starts_with(phrases[other as usize].text)
            {
                before = shorter[other as usize];
            }
            shorter.push(before);
        }
        let below =
            |byte: usize| phrases.partition_point(|phrase| usize::from(phrase.text.as_bytes()[0]) < byte);
        let by_byte = (0..=256).map(|byte| below(byte) as u32).collect();
        Self { phrases, shorter, by_byte }
    }

    /// The phrases that `text` begins with, the longest first.
    pub(super) fn all(&self, text: &str) -> impl Iterator<Item = &'static Phrase> {
        let first = text.as_bytes().first().map_or(256, |byte| usize::from(*byte));
        let place = |byte: usize| self.by_byte.get(byte).map_or(self.phrases.len(), |place| *place as usize);
        let (from, to) = (place(first), place(first + 1));
        let behind = self.phrases[from..to].partition_point(|phrase| phrase.text <= text);
        let last = (behind > 0).then(|| (from + behind - 1) as u32);
        std::iter::successors(last, |at| self.shorter[*at as usize])
            .map(|at| self.phrases[at as usize])
            .filter(|phrase| text.starts_with(phrase.text))
    }
}

/// Phrases that stand anywhere in a line.
pub(super) struct Anywhere {
    phrases: Vec<&'static Phrase>,
    automaton: AhoCorasick,
}

impl Anywhere {
    pub(super) fn new() -> Self {
        let phrases: Vec<_> = PHRASES.iter().filter(|phrase| phrase.part == Part::Within).collect();
        let automaton = AhoCorasick::new(phrases.iter().map(|phrase| phrase.text));
        let automaton = automaton
            .unwrap_or_else(|e| unreachable!("some hundred phrases are too many for an automaton: {e}"));
        Self { phrases, automaton }
    }

    /// Every phrase in the line with its place.
    pub(super) fn all(&self, lower: &str) -> impl Iterator<Item = (Range<usize>, &'static Phrase)> {
        let found = self.automaton.find_overlapping_iter(lower);
        found.map(|found| (found.range(), self.phrases[found.pattern().as_usize()]))
    }
}

/// Tells most lines that hold no phrase without a look at their words.
///
/// Lines are compared byte by byte, without the bit that tells ASCII letters in upper case from those in lower case, so that an ASCII
/// line need not be normalized first.
pub(super) struct Gate {
    /// Hashes of the first six bytes of longer phrases that a line may begin with, and of shorter ones.
    heads: Bits,
    /// Hashes of the last eight bytes of longer phrases that may stand anywhere.
    tails: Bits,
    /// Hashes of the last three bytes of shorter ones.
    short_tails: Bits,
}

/// A set of numbers of so many bits.
struct Bits(Vec<u64>);

impl Bits {
    fn new(bits: u32) -> Self {
        Self(vec![0; 1 << (bits - 6)])
    }

    fn insert(&mut self, bit: usize) {
        self.0[bit >> 6] |= 1 << (bit & 63);
    }

    fn has(&self, bit: usize) -> bool {
        self.0[bit >> 6] >> (bit & 63) & 1 == 1
    }
}

impl Gate {
    /// Thousands of phrases may begin a line: of 2^18 places they take one in fifty. Hundreds may stand at any of the hundred places of a
    /// line: they take one in five hundred.
    const BITS: u32 = 18;

    /// The gate before the phrases that ASCII lines may begin with, `others` besides, and all that stand anywhere.
    pub(super) fn new(others: impl IntoIterator<Item = &'static str>) -> Self {
        let [heads, tails, short_tails] = std::array::from_fn(|_| Bits::new(Self::BITS));
        let mut gate = Self { heads, tails, short_tails };
        let starts = PHRASES.iter().filter(|phrase| phrase.part != Part::Within);
        for start in starts.map(|phrase| phrase.text).chain(others).filter(|start| start.is_ascii()) {
            gate.heads.insert(six(head(start.as_bytes())));
        }
        for phrase in PHRASES.iter().filter(|phrase| phrase.part == Part::Within) {
            if let Some(last) = phrase.text.as_bytes().last_chunk() {
                gate.tails.insert(eight(*last));
            } else if let Some(last) = phrase.text.as_bytes().last_chunk() {
                gate.short_tails.insert(three(*last));
            }
        }
        gate
    }

    /// Whether an ASCII line may begin with a phrase, behind what `skipped` says may stand before it.
    pub(super) fn may_begin(&self, line: &str, skipped: impl Fn(char) -> bool) -> bool {
        let line = line.as_bytes();
        for (at, &byte) in line.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace()) {
            let head = head(&line[at..]);
            // Brackets of a link stand in no phrase.
            if head.iter().any(|byte| matches!(byte, b'[' | b']')) || self.heads.has(six(head)) {
                return true;
            }
            // A shorter phrase, where it ends with a word: what goes on is another word.
            for end in 1..head.len() {
                if head[end - 1].is_ascii_alphanumeric() && head[end].is_ascii_alphanumeric() {
                    continue;
                }
                let mut short = head;
                short[end..].fill(0);
                if self.heads.has(six(short)) {
                    return true;
                }
            }
            if !skipped(char::from(byte)) {
                return false;
            }
        }
        false
    }

    /// Whether a line may hold a phrase that stands anywhere.
    pub(super) fn may_hold(&self, line: &str) -> bool {
        let bytes = line.as_bytes();
        let long = bytes.windows(8).any(|w| w.first_chunk().is_some_and(|w| self.tails.has(eight(*w))));
        long || bytes.windows(3).any(|w| w.first_chunk().is_some_and(|w| self.short_tails.has(three(*w))))
    }
}

/// The first six bytes of a line, with one space for any white space; zeros where it has fewer.
fn head(line: &[u8]) -> [u8; 6] {
    let mut head = [0; 6];
    let mut length = 0;
    let mut spaced = false;
    for &byte in line {
        let space = byte.is_ascii_whitespace() || byte == 0x0B;
        if !(space && spaced) {
            let Some(slot) = head.get_mut(length) else { break };
            *slot = if space { b' ' } else { byte };
            length += 1;
        }
        spaced = space;
    }
    head
}

fn three([a, b, c]: [u8; 3]) -> usize {
    eight([a, b, c, 0, 0, 0, 0, 0])
}

fn six([a, b, c, d, e, f]: [u8; 6]) -> usize {
    eight([a, b, c, d, e, f, 0, 0])
}

fn eight(bytes: [u8; 8]) -> usize {
    let lower = u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020;
    // Fibonacci hashing: Knuth, The Art of Computer Programming 3, section 6.4.
    (lower.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - Gate::BITS)) as usize
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
        for phrase in PHRASES.iter() {
            assert!((1..=3).contains(&phrase.weight), "{phrase:?}");
            assert_eq!(super::super::recognise::normalize(phrase.text), phrase.text);
            assert!(!phrase.text.is_empty());
        }
    }

    #[test]
    fn what_a_text_begins_with_is_found() {
        for part in [Part::Tile, Part::Start] {
            let starts = Starts::of(part);
            for phrase in &starts.phrases {
                let text = format!("{} behind", phrase.text);
                let found: Vec<&str> = starts.all(&text).map(|phrase| phrase.text).collect();
                let mut all: Vec<&str> = starts.phrases.iter().map(|other| other.text).collect();
                all.retain(|other| text.starts_with(other));
                all.sort_by_key(|other| std::cmp::Reverse(other.len()));
                assert_eq!(found, all, "{text}");
            }
            assert_eq!(starts.all("").count(), 0);
            assert_eq!(starts.all("\u{10FFFF}").count(), 0);
        }
    }

    #[test]
    fn the_gate_lets_every_phrase_pass() {
        let gate = Gate::new(["you are here"]);
        for phrase in PHRASES.iter() {
            let line = format!(" * {} behind", phrase.text);
            let upper = phrase.text.to_ascii_uppercase();
            match phrase.part {
                Part::Within => {
                    assert!(phrase.text.len() >= 3, "{} is too short", phrase.text);
                    assert!(gate.may_hold(&line) && gate.may_hold(&upper), "{line}");
                }
                Part::Tile | Part::Start if !phrase.text.is_ascii() => {}
                Part::Tile | Part::Start => {
                    let spaced = phrase.text.replace(' ', " \t ");
                    assert!(gate.may_begin(&line, |c| c == '*'), "{line}");
                    assert!(
                        gate.may_begin(&upper, |_| false) && gate.may_begin(&spaced, |_| false),
                        "{upper}"
                    );
                }
            }
        }
        assert!(gate.may_begin("You are here: x", |_| false));
        assert!(gate.may_begin("[You](/) are here: x", |_| false));
        assert!(!gate.may_begin("Qvxz", |_| false) && !gate.may_hold("The keeper of the lighthouse"));
    }
}
