//! Tells languages of the Latin script by their commonest words: `il che della` → `it`.
//!
//! In running text every third to fifth word is a function word, so a hundred words decide between languages that
//! have different ones. It costs a fiftieth of a guess by trigrams, which remains for what this does not settle: other
//! languages, names, code.

use std::ops::Range;
use std::sync::LazyLock;

use super::chars;

/// The commonest function words of each language, lower case, without those that are content words in another.
/// Swedish, Danish and Norwegian share too many to be told apart so, and are left to the trigrams.
const WORDS: [(&str, &str); 19] = [
    (
        "en",
        "the of and to in is that for with are this be as it on by or not from an can if you which will when",
    ),
    (
        "de",
        "der die und das ist nicht den ein mit von zu auf für im dem eine sie des werden wird oder sich auch als",
    ),
    (
        "fr",
        "le la les des et est une du dans pour que qui en par sur ne pas vous ce au avec sont être il plus",
    ),
    ("es", "el la los las que en una por con del para es se un lo como no más su al esta puede si este son"),
    ("pt", "o os as que em uma para com não do da dos um por se ao é como na no mais ou pode este são"),
    (
        "it",
        "il che di della per una con non gli sono le dei nel è un la del si da in questo può alla come più",
    ),
    ("nl", "de het een van en is dat niet op met voor zijn te worden deze wordt ook als u of aan dit kan"),
    ("pl", "w i nie się na jest że do z oraz lub może jak dla przez tylko po są być jeśli od tego jego"),
    ("cs", "a se je na že to v pro jako nebo není jsou který být pokud ale po tak jeho při od také tento"),
    ("sk", "a sa je na že to v pre ako alebo nie sú ktorý byť ak ale po tak jeho pri od tiež tento"),
    ("tr", "bir ve bu için ile da de olarak olan gibi daha çok ya değil veya her kadar en ise sonra"),
    ("vi", "là và của các có được cho trong không một những này để với khi người từ bạn đã đến thể"),
    (
        "id",
        "yang dan di dari untuk dengan ini pada tidak adalah dalam akan atau itu ke oleh sebagai dapat anda",
    ),
    ("hu", "a az és hogy nem egy is ez meg van csak ha vagy mint azt de el kell már még"),
    ("ro", "și în de la cu pe nu este un o să din care pentru ca se sau mai sunt al"),
    ("fi", "ja on ei se että kun oli hän joka mutta tai ovat myös kuin niin jos voi sen tämä"),
    ("ca", "el la els les que de i en una per amb del és un no es al com més pot aquest"),
    ("hr", "i je se na da u za od su s ne koji ili kao to ako može nije iz biti"),
    ("et", "ja on ei et see kui ta oma oli mis ka või selle siis nii aga kes seda pole"),
];

/// Below this many words a sentence of quotations or titles could decide. (A guess.)
const FEWEST: usize = 20;

/// A word of at most eight bytes as a number: all words of the table are.
fn key(word: &[u8]) -> Option<u64> {
    let fits = word.len() <= 8;
    // Bytes are shifted in: copying so few costs a call.
    fits.then(|| word.iter().rev().fold(0, |key, &byte| key << 8 | u64::from(byte)))
}

/// The same of a word in a text, whose next eight bytes are read at once where it has so many.
fn key_in(text: &[u8], word: Range<usize>) -> Option<u64> {
    match text.get(word.start..).and_then(|rest| rest.first_chunk()) {
        Some(eight) if (1..=8).contains(&word.len()) => {
            Some(u64::from_le_bytes(*eight) & (u64::MAX >> (64 - 8 * word.len())))
        }
        _ => key(text.get(word)?),
    }
}

/// The number of an ASCII word, of the word in lower case.
fn lower(key: u64) -> u64 {
    u64::from_le_bytes(key.to_le_bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Places of the table of words, eight times the words: two in nine words share one, at most.
const PLACES: usize = 4096;

fn place(key: u64) -> usize {
    // Fibonacci hashing: Knuth, The Art of Computer Programming 3, section 6.4.
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - PLACES.ilog2())) as usize
}

/// By the number of a word, the languages that have it, a bit each; open addressing.
struct Index(Vec<(u64, u32)>);

impl Index {
    fn new() -> Self {
        let mut index = Self(vec![(0, 0); PLACES]);
        for (language, (_, words)) in WORDS.iter().enumerate() {
            for key in words.split(' ').filter_map(|word| key(word.as_bytes())) {
                let mut at = place(key);
                while index.0[at].1 != 0 && index.0[at].0 != key {
                    at = (at + 1) % PLACES;
                }
                index.0[at].0 = key;
                index.0[at].1 |= 1 << language;
            }
        }
        index
    }

    fn languages(&self, key: u64) -> u32 {
        let mut at = place(key);
        while self.0[at].1 != 0 && self.0[at].0 != key {
            at = (at + 1) % PLACES;
        }
        self.0[at].1
    }
}

/// Calls `take` with the number of each word between white space, if it has one: without the marks at its ends, in lower case.
fn each_word(text: &str, mut take: impl FnMut(Option<u64>)) {
    // White space of ASCII parts most words, and most are of ASCII.
    let bytes = text.as_bytes();
    let mut next = 0;
    for part in bytes.split(|byte| matches!(byte, b'\t'..=b'\r' | b' ')) {
        let at = next;
        next += part.len() + 1;
        if part.is_empty() {
            continue;
        }
        if part.is_ascii() {
            let start = part.iter().position(u8::is_ascii_alphabetic).unwrap_or(part.len());
            let end = part.iter().rposition(u8::is_ascii_alphabetic).map_or(start, |at| at + 1);
            take(key_in(bytes, at + start..at + end).map(lower));
            continue;
        }
        // Cut at ASCII, it is UTF-8 still.
        for word in std::str::from_utf8(part).unwrap_or_default().split_whitespace() {
            let word = word.trim_matches(|c: char| !chars::is_alphabetic(c));
            let ascii = word.is_ascii();
            take(if ascii { key(word.as_bytes()).map(lower) } else { key(word.to_lowercase().as_bytes()) });
        }
    }
}

/// The language whose function words a text holds, where one is clearly ahead; `None` where none is.
pub fn vote<'a>(samples: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    static INDEX: LazyLock<Index> = LazyLock::new(Index::new);
    let mut words = 0;
    let mut hits = [0_usize; WORDS.len()];
    for (read, sample) in (1..).zip(samples) {
        each_word(sample, |key| {
            words += 1;
            let mut languages = key.map_or(0, |key| INDEX.languages(key));
            while languages != 0 {
                hits[languages.trailing_zeros() as usize] += 1;
                languages &= languages - 1;
            }
        });
        let (best, second) = two_best(&hits);
        // Two pieces that are twice as clear as below: the third need not be read.
        if read >= 2 && words >= 2 * FEWEST && hits[best] * 4 >= words && hits[best] >= second * 3 {
            return Some(WORDS[best].0);
        }
    }
    let (best, second) = two_best(&hits);
    // One word in eight, and half as many again as the next: on documentation in 19 languages this decides
    // for nine documents in ten, see docs/scores.md.
    (words >= FEWEST && hits[best] * 8 >= words && hits[best] * 2 >= second * 3).then_some(WORDS[best].0)
}

/// The place of the greatest number, and the second greatest.
fn two_best(hits: &[usize; WORDS.len()]) -> (usize, usize) {
    hits.iter().enumerate().fold((0, 0), |(best, second), (at, &count)| match count {
        _ if at == best => (best, second),
        _ if count > hits[best] => (at, hits[best]),
        _ => (best, second.max(count)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, language: Option<&str>) {
        assert_eq!(vote(std::iter::once(text)), language, "{text}");
    }

    #[test]
    fn running_text_is_told() {
        check(
            "This is the first of the pages that you will see when the program is started, and it can be left out if you like.",
            Some("en"),
        );
        check(
            "Questa è la prima delle pagine che si vedono quando il programma viene avviato, e può essere tolta se non serve.",
            Some("it"),
        );
        check(
            "Dies ist die erste der Seiten, die sich zeigen, wenn das Programm gestartet wird, und sie kann auch fehlen, ist nicht nötig.",
            Some("de"),
        );
        check(
            "Los nombres de los archivos que se abren con el programa son para una persona que no los conoce, pero no como en la versión del año.",
            Some("es"),
        );
    }

    #[test]
    fn what_is_no_running_text_is_not() {
        check("the of and", None);
        check(
            "fn main() { let mut hits = [0; 19]; for word in samples { words += 1; } } ".repeat(3).as_str(),
            None,
        );
    }

    #[test]
    fn every_word_is_found_in_any_case() {
        let index = Index::new();
        for (language, (_, words)) in WORDS.iter().enumerate() {
            for word in words.split(' ') {
                let number = key(word.as_bytes());
                let found = number.map_or(0, |key| index.languages(key));
                assert!(found >> language & 1 == 1, "{word}");
                assert!(key(word.to_ascii_uppercase().as_bytes()).map(lower) == number, "{word}");
            }
        }
        assert_eq!(key(b"lighthouses"), None);
        assert_eq!(key(b"keeper").map(|key| index.languages(key)), Some(0));
    }

    #[test]
    fn words_are_what_stands_between_white_space() {
        let words = |text: &str| {
            let mut found = Vec::new();
            each_word(text, |number| found.push(number));
            found
        };
        let key = |word: &str| key(word.as_bytes());
        assert_eq!(
            words(" The\u{a0}(QUE),\n-- don't è\u{2003}più\t"),
            [key("the"), key("que"), Some(0), key("don't"), key("è"), key("più")]
        );
        assert_eq!(words("«nicht» lighthouses 42"), [key("nicht"), None, Some(0)]);
    }

    #[test]
    fn no_word_stands_twice_in_a_language() {
        for (language, words) in WORDS {
            let mut words: Vec<_> = words.split(' ').collect();
            let all = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all, "{language}");
        }
    }
}
