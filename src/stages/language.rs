//! Tells language, script and the numbers of a text: `社区来了` → `zh`, `Hans`, 31 % one-script characters.
//!
//! Changes nothing. The script decides where it can: kana is Japanese, Hangul Korean, Han alone Chinese, and a
//! dozen alphabets have one language each. What is left (Latin, Cyrillic, Arabic, Devanagari, Hebrew) is guessed by
//! trigrams of a bounded sample, and not at all when the text is too short for a guess.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::lines::Line;
use crate::lang::{chars, function_words, han};
use crate::stage::{Proposal, Stage};

/// The stage, which is its options: there are none.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Language {}

/// Left by a repair for a character that is certainly lost.
const LOST: &str = "〓";

/// Bytes looked at for the script at the start, the middle and the end each, where the counts of the lines do not tell
/// it: enough to see a text that changes it.
const SAMPLE: usize = 4096;

/// Bytes of each of the three that the guess by trigrams sees: the guess is the dearest thing here (12 KiB for each short
/// English document: 5 MB/s). Whether more would guess better was not measured.
const GUESSED: usize = 300;

/// Letters that a guess by trigrams needs: below, short names are read as any language.
const LETTERS_FOR_A_GUESS: usize = 20;

impl Stage for Language {
    fn name(&self) -> &'static str {
        "language"
    }

    fn about(&self) -> &'static str {
        "Tells language, script and the signals of the text."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let counts = Counts::of(doc.lines());
        counts.signal(proposal);
        if doc.triggers().meets(crate::lang::triggers::Triggers::CJK) {
            let left = memchr::memmem::find_iter(doc.text().as_bytes(), LOST).count();
            proposal.signal("marks_left", left as f64);
        } else {
            proposal.signal("marks_left", 0.0);
        }
        let scripts = counts.scripts().unwrap_or_else(|| Scripts::of(doc.text()));
        if let Some((script, language)) = scripts.tell(&counts) {
            proposal.metadata.script = Some(script.to_owned());
            proposal.metadata.language = match language {
                Some(language) => Some(language.to_owned()),
                None => guess(doc.text(), script),
            };
        }
    }
}

/// Four decimals are enough for any threshold, and the same on every machine.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// The counts of the lines, added up.
#[derive(Default)]
struct Counts {
    visible: u64,
    han: u64,
    hans: u64,
    hant: u64,
    function: u64,
    kana: u64,
    letters: u64,
    latin: u64,
    digits: u64,
    marks: u64,
    lines: u64,
    /// Visible characters of lines without a sentence end that look like items: short, or many to the line.
    listed: u64,
}

impl Counts {
    fn of(lines: &[Line]) -> Self {
        let mut all = Self::default();
        for line in lines {
            let visible = u64::from(line.visible());
            if visible == 0 {
                continue;
            }
            all.visible += visible;
            all.han += u64::from(line.han);
            all.hans += u64::from(line.hans);
            all.hant += u64::from(line.hant);
            all.function += u64::from(line.function);
            all.kana += u64::from(line.kana);
            all.letters += u64::from(line.letters);
            all.latin += u64::from(line.latin);
            all.digits += u64::from(line.digits);
            all.marks += u64::from(line.ends);
            all.lines += 1;
            // A line of fewer than 30 characters without a sentence end is a heading or an item (the limit is
            // FineWeb's for short lines).
            if line.ends == 0 && visible <= 30 {
                all.listed += visible;
            }
        }
        all
    }

    /// The letters by script, where no line has any that the lines do not tell apart.
    fn scripts(&self) -> Option<Scripts> {
        let few = |count: u64| u32::try_from(count).unwrap_or(u32::MAX / 4);
        (self.letters == self.latin).then(|| {
            let mut rows = [0; SCRIPTS.len()];
            for (name, count) in [("Latn", self.latin), ("Kana", self.kana)] {
                if let Some(row) = SCRIPTS.iter().position(|(row, ..)| *row == name) {
                    rows[row] = few(count);
                }
            }
            Scripts { rows, han: few(self.han) }
        })
    }

    fn signal(&self, proposal: &mut Proposal) {
        let share = |part: u64, of: u64| if of == 0 { 0.0 } else { rounded(part as f64 / of as f64) };
        proposal.signal("han_share", share(self.han, self.visible));
        proposal.signal("latin_share", share(self.latin, self.visible));
        proposal.signal("digit_share", share(self.digits, self.visible));
        proposal.signal("sentence_marks_per_100", share(self.marks * 100, self.visible));
        proposal.signal("function_share", share(self.function, self.han));
        proposal.signal("list_share", share(self.listed, self.visible));
        proposal.signal("mean_line_chars", share(self.visible, self.lines));
    }
}

/// Scripts told apart, with their language where the script alone decides it.
///
/// Blocks of a script as ranges of the basic plane; `None`: several languages are written in it.
const SCRIPTS: &[(&str, Option<&str>, std::ops::RangeInclusive<char>)] = &[
    ("Latn", None, '\u{41}'..='\u{24F}'),
    ("Latn", None, '\u{1E00}'..='\u{1EFF}'),
    ("Grek", Some("el"), '\u{370}'..='\u{3FF}'),
    ("Grek", Some("el"), '\u{1F00}'..='\u{1FFF}'),
    ("Cyrl", None, '\u{400}'..='\u{52F}'),
    ("Armn", Some("hy"), '\u{530}'..='\u{58F}'),
    ("Hebr", None, '\u{590}'..='\u{5FF}'),
    ("Arab", None, '\u{600}'..='\u{77F}'),
    ("Thaa", Some("dv"), '\u{780}'..='\u{7BF}'),
    ("Deva", None, '\u{900}'..='\u{97F}'),
    ("Beng", None, '\u{980}'..='\u{9FF}'),
    ("Guru", Some("pa"), '\u{A00}'..='\u{A7F}'),
    ("Gujr", Some("gu"), '\u{A80}'..='\u{AFF}'),
    ("Orya", Some("or"), '\u{B00}'..='\u{B7F}'),
    ("Taml", Some("ta"), '\u{B80}'..='\u{BFF}'),
    ("Telu", Some("te"), '\u{C00}'..='\u{C7F}'),
    ("Knda", Some("kn"), '\u{C80}'..='\u{CFF}'),
    ("Mlym", Some("ml"), '\u{D00}'..='\u{D7F}'),
    ("Sinh", Some("si"), '\u{D80}'..='\u{DFF}'),
    ("Thai", Some("th"), '\u{E00}'..='\u{E7F}'),
    ("Laoo", Some("lo"), '\u{E80}'..='\u{EFF}'),
    ("Tibt", None, '\u{F00}'..='\u{FFF}'),
    ("Mymr", Some("my"), '\u{1000}'..='\u{109F}'),
    ("Geor", Some("ka"), '\u{10A0}'..='\u{10FF}'),
    ("Ethi", None, '\u{1200}'..='\u{139F}'),
    ("Khmr", Some("km"), '\u{1780}'..='\u{17FF}'),
    ("Mong", Some("mn"), '\u{1800}'..='\u{18AF}'),
    ("Kana", None, '\u{3040}'..='\u{30FF}'),
    ("Hang", None, '\u{1100}'..='\u{11FF}'),
    ("Hang", None, '\u{3130}'..='\u{318F}'),
    ("Hang", None, '\u{AC00}'..='\u{D7AF}'),
];

/// Letters of each row of [`SCRIPTS`] in the sample, and Han.
struct Scripts {
    rows: [u32; SCRIPTS.len()],
    han: u32,
}

impl Scripts {
    fn of(text: &str) -> Self {
        let mut found = Self { rows: [0; SCRIPTS.len()], han: 0 };
        for part in sample(text, SAMPLE) {
            for c in part.chars() {
                if c.is_ascii() {
                    // The first row is Latin.
                    found.rows[0] += u32::from(c.is_ascii_alphabetic());
                } else if chars::is_han(c) {
                    found.han += 1;
                } else if let Some(row) = SCRIPTS.iter().position(|(_, _, range)| range.contains(&c))
                    && chars::is_alphabetic(c)
                {
                    found.rows[row] += 1;
                }
            }
        }
        found
    }

    /// Script and, where that decides it, language; `None` for a text without letters.
    fn tell(&self, counts: &Counts) -> Option<(&'static str, Option<&'static str>)> {
        let of = |name: &str| -> u32 {
            SCRIPTS.iter().zip(self.rows).filter(|((row, ..), _)| *row == name).map(|(_, count)| count).sum()
        };
        let (kana, hangul) = (of("Kana"), of("Hang"));
        // A Han character says what three or four letters say: Chinese with English names stays Chinese.
        let east = (self.han + kana + hangul) * 3;
        let (row, most) = SCRIPTS
            .iter()
            .map(|(name, ..)| *name)
            .filter(|name| !matches!(*name, "Kana" | "Hang"))
            .map(|name| (name, of(name)))
            .max_by_key(|(_, count)| *count)?;
        if east > 0 && east >= most {
            // Three labelled Japanese documents have 0.7 to 3 kana for a Han character; a Chinese page that names a
            // Japanese song has a few.
            return Some(if hangul > self.han.max(kana) {
                ("Kore", Some("ko"))
            } else if kana * 5 > self.han {
                ("Jpan", Some("ja"))
            } else {
                let few = |count: u64| u32::try_from(count).unwrap_or(u32::MAX / 2);
                // Two characters of one script already name it: a title has no more.
                let script = han::script(few(counts.hans), few(counts.hant), 2);
                (script.map_or("Hani", |script| script.name()), Some("zh"))
            });
        }
        if most == 0 {
            return None;
        }
        let language = SCRIPTS.iter().find(|(name, ..)| *name == row).and_then(|(_, language, _)| *language);
        Some((row, language))
    }
}

/// Up to three pieces of the text, at character boundaries; the whole of a short one.
fn sample(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let len = text.len();
    let pieces: [(usize, usize); 3] = if len <= 3 * size {
        [(0, len), (len, len), (len, len)]
    } else {
        [(0, size), (len / 2 - size / 2, len / 2 + size / 2), (len - size, len)]
    };
    pieces.into_iter().map(|(start, end)| &text[boundary(text, start)..boundary(text, end)])
}

/// The character boundary at or before a byte offset.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The language by trigrams; `None` where there are too few letters, or no answer to rely on.
fn guess(text: &str, script: &str) -> Option<String> {
    if script == "Latn"
        && let Some(language) = function_words::vote(sample(text, 2 * GUESSED))
    {
        return Some(language.to_owned());
    }
    let mut seen = String::with_capacity(3 * GUESSED + 3);
    for part in sample(text, GUESSED) {
        // Letters of other scripts are left out: a Russian manual full of commands is Russian.
        let of_script =
            |c: &char| SCRIPTS.iter().any(|(name, _, range)| *name == script && range.contains(c));
        let latin = script == "Latn";
        let is_foreign = |c: char| match c.is_ascii() {
            true => !latin && c.is_ascii_alphabetic(),
            false => chars::is_alphabetic(c) && !of_script(&c),
        };
        seen.extend(part.chars().map(|c| if is_foreign(c) { ' ' } else { c }));
        seen.push('\n');
    }
    let letters = seen.chars().filter(|c| chars::is_alphabetic(*c)).count();
    if letters < LETTERS_FOR_A_GUESS {
        return None;
    }
    let info = whatlang::detect(&seen)?;
    // The guesser's own notion of reliable falls with length; a long sample is right more often than it says.
    if !info.is_reliable() && letters < 100 {
        return None;
    }
    Some(two_letters(info.lang()).to_owned())
}

/// ISO 639-1 for every language the guesser knows.
fn two_letters(lang: whatlang::Lang) -> &'static str {
    use whatlang::Lang;
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Proposal {
        let mut proposal = Proposal::default();
        Language::default().run(&Document::from_text(text), &mut proposal);
        proposal
    }

    #[track_caller]
    fn check(text: &str, language: Option<&str>, script: Option<&str>) {
        let found = run(text).metadata;
        assert_eq!((found.language.as_deref(), found.script.as_deref()), (language, script), "{text}");
    }

    #[test]
    fn scripts_with_one_language_need_no_guess() {
        check("社区工作者昼夜值守，为居民送来米面。", Some("zh"), Some("Hans"));
        check("社區工作者晝夜值守，為居民送來米麵。", Some("zh"), Some("Hant"));
        check("山上有木人。", Some("zh"), Some("Hani"));
        check("京都の町を歩きました。", Some("ja"), Some("Jpan"));
        check("カラオケ", Some("ja"), Some("Jpan"));
        check("서울의 봄은 짧다.", Some("ko"), Some("Kore"));
        check("วันนี้อากาศดีมาก", Some("th"), Some("Thai"));
        check("Καλημέρα κόσμε", Some("el"), Some("Grek"));
        check("გამარჯობა", Some("ka"), Some("Geor"));
    }

    #[test]
    fn languages_of_one_script_are_guessed() {
        let english =
            "The keeper of the lighthouse wrote down every ship that passed, and every ship that did not.";
        check(english, Some("en"), Some("Latn"));
        let german = "Der Wärter des Leuchtturms schrieb jedes Schiff auf, das vorbeikam, und auch jedes, das ausblieb.";
        check(german, Some("de"), Some("Latn"));
        let russian =
            "Смотритель маяка записывал каждый корабль, который проходил мимо, и каждый, который не пришёл.";
        check(russian, Some("ru"), Some("Cyrl"));
        let persian = "نگهبان فانوس دریایی هر کشتی را که می‌گذشت یادداشت می‌کرد و هر کشتی را که نیامد.";
        check(persian, Some("fa"), Some("Arab"));
        let hindi = "बारिश के बाद गाँव के लोग नदी के किनारे आए और उन्होंने देखा कि पुल टूट गया है। प्रकाशस्तंभ का रखवाला हर गुज़रने वाले जहाज़ को लिख लेता था और हर उस जहाज़ को भी जो नहीं आया।";
        check(hindi, Some("hi"), Some("Deva"));
    }

    #[test]
    fn too_little_is_not_guessed() {
        check("Ok, van de", None, Some("Latn"));
        check("", None, None);
        check("123 456 — !!", None, None);
    }

    #[test]
    fn chinese_with_english_names_is_chinese() {
        check("他用 Visual Studio Code 写了一个 Kubernetes 控制器的原型。", Some("zh"), Some("Hans"));
        check("歌曲《さくら》在台湾发行后这样流行了起来，电台每天都播。", Some("zh"), Some("Hans"));
    }

    #[test]
    fn signals_are_there_for_every_text_and_rounded() {
        for text in ["", "a", "这是第一句。第二句在这里！\n标题\n"] {
            for (name, value) in run(text).signals {
                assert!(value.is_finite() && value == rounded(value), "{name} {value}");
            }
        }
        let signals = run("这是第一句。第二句〓这里！").signals;
        let of = |name| signals.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        assert_eq!(of("marks_left"), Some(1.0));
        assert_eq!(of("sentence_marks_per_100"), Some(15.3846));
        assert_eq!(of("function_share"), Some(0.3));
    }

    #[test]
    fn a_long_text_is_sampled_at_boundaries() {
        check(&"海".repeat(100_000), Some("zh"), Some("Hani"));
        assert_eq!(run(&"é".repeat(100_001)).metadata.script.as_deref(), Some("Latn"));
    }
}
