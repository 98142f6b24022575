//! Tells languages of the Latin script by their commonest words: `il che della` → `it`.
//!
//! In running text every third to fifth word is a function word, so a hundred words decide between languages that
//! have different ones. It costs a fiftieth of a guess by trigrams, which remains for what this does not settle: other
//! languages, names, code.

use std::collections::HashMap;
use std::sync::LazyLock;

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

/// The language whose function words a text holds, where one is clearly ahead; `None` where none is.
pub fn vote<'a>(samples: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    static INDEX: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
        let mut index = HashMap::new();
        for (language, (_, words)) in WORDS.iter().enumerate() {
            for word in words.split(' ') {
                *index.entry(word).or_default() |= 1 << language;
            }
        }
        index
    });
    let mut words = 0;
    let mut hits = [0_usize; WORDS.len()];
    for word in samples.flat_map(str::split_whitespace) {
        words += 1;
        let word = word.trim_matches(|c: char| !c.is_alphabetic());
        // The longest word of the table has six letters, of up to three bytes.
        if word.is_empty() || word.len() > 18 {
            continue;
        }
        let lower = word.to_lowercase();
        let mut languages = INDEX.get(lower.as_str()).copied().unwrap_or(0);
        while languages != 0 {
            hits[languages.trailing_zeros() as usize] += 1;
            languages &= languages - 1;
        }
    }
    if words < FEWEST {
        return None;
    }
    let best = (0..WORDS.len()).max_by_key(|n| hits[*n])?;
    let second = (0..WORDS.len()).filter(|n| *n != best).map(|n| hits[n]).max()?;
    // One word in eight, and half as many again as the next: on documentation in 19 languages this decides
    // for nine documents in ten, see docs/scores.md.
    (hits[best] * 8 >= words && hits[best] * 2 >= second * 3).then_some(WORDS[best].0)
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
