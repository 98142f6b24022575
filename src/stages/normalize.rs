//! Unicode normal form, character width and script, on request only: `ＡＢＣ１２％` → `ABC12%`.
//!
//! All three are off by default: they change what an author wrote, and a corpus may want to know it. Each change is an
//! edit of its own, so the record can undo them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use clap::Args;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::triggers::Triggers;
use crate::lang::{chars, han};
use crate::stage::{Proposal, Stage};

/// The stage, which is its options.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Normalize {
    /// Compose characters as Unicode NFC: `e` and a combining acute become `é`. Compatibility ideographs become the
    /// unified ones.
    #[arg(long)]
    pub nfc: bool,
    /// Make full-width letters, digits and symbols ASCII: `Ａ１％` becomes `A1%`. Chinese punctuation (`！（），：；？`)
    /// and the ideographic space stay.
    #[arg(long)]
    pub fold_width: bool,
    /// Write Chinese in this script. The words of the text stay (`軟體` becomes `软体`, not `软件`). Names whose
    /// characters have several readings may come out wrong; Japanese is left alone.
    #[arg(long, value_enum)]
    pub han: Option<Han>,
}

/// The scripts to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Han {
    Simplified,
}

/// `e` + U+0301 → `é`.
static NFC: Rule = Rule { name: "nfc", about: "characters are composed as Unicode NFC" };
/// `ＡＢＣ` → `ABC`; `，` stays.
static WIDTH: Rule = Rule { name: "width", about: "full-width letters, digits and symbols become ASCII" };
/// `一目瞭然` → `一目了然`; `乾隆` stays, `乾燥` becomes `干燥`.
static SIMPLIFIED: Rule = Rule { name: "simplified", about: "Traditional characters become Simplified" };

static RULES: [&Rule; 3] = [&NFC, &WIDTH, &SIMPLIFIED];

impl Stage for Normalize {
    fn name(&self) -> &'static str {
        "normalize"
    }

    fn about(&self) -> &'static str {
        "Unicode normal form, character width and script, on request only."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        let mut work = Triggers::default();
        if self.nfc {
            work |= Triggers::NON_ASCII;
        }
        if self.fold_width {
            work |= Triggers::FULLWIDTH;
        }
        if self.han.is_some() {
            work |= Triggers::CJK.or(Triggers::NON_ASCII);
        }
        work
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let (han, kana) = doc.lines().iter().fold((0, 0), |(h, k), line| (h + line.han, k + line.kana));
        let text = doc.text();
        // Voicing marks are not counted: composing them must not change the answer.
        let voicing = if kana > 0 { text.matches(['\u{3099}', '\u{309A}']).count() } else { 0 };
        // A tenth of kana is Japanese, whose Han look Traditional or Simplified but are neither.
        let convert =
            self.han == Some(Han::Simplified) && (kana as usize).saturating_sub(voicing) * 10 <= han as usize;
        let mut from = 0;
        if self.nfc {
            let nfc = ComposingNormalizerBorrowed::new_nfc();
            while let Some(rest) = text.get(from..) {
                let normal = nfc.split_normalized(rest).0.len();
                self.fold(text, from..from + normal, convert, proposal);
                let start = from + normal;
                if start >= text.len() {
                    return;
                }
                let end = start + cluster(&text[start..]);
                let composed = nfc.normalize(&text[start..end]).into_owned();
                let mut inner = Proposal::default();
                self.fold(&composed, 0..composed.len(), convert, &mut inner);
                let with = crate::edit::apply(&composed, &inner.edits).unwrap_or(composed);
                if with != text[start..end] {
                    proposal.replace(start..end, with, &NFC);
                }
                from = end;
            }
        } else {
            self.fold(text, 0..text.len(), convert, proposal);
        }
    }
}

/// Bytes up to the next character that never composes with what stands before it: ASCII, or a unified ideograph.
fn cluster(text: &str) -> usize {
    text.char_indices()
        .skip(1)
        .find(|(_, c)| c.is_ascii() || ('\u{4E00}'..='\u{9FFF}').contains(c))
        .map_or(text.len(), |(at, _)| at)
}

impl Normalize {
    /// Proposes the changes of width and script within `part` of the text, in order.
    fn fold(&self, text: &str, part: Range<usize>, convert: bool, proposal: &mut Proposal) {
        let mut at = part.start;
        while let Some(c) = text.get(at..part.end).and_then(|rest| rest.chars().next()) {
            let mut end = at + c.len_utf8();
            if self.fold_width && narrow_at(&text[at..]).is_some() {
                let mut with = String::new();
                end = at;
                while let Some((ascii, length)) = narrow_at(&text[end..]).filter(|_| end < part.end) {
                    with.push(ascii);
                    end += length;
                }
                proposal.replace(at..end, with, &WIDTH);
            } else if convert && chars::is_han(c) {
                let (length, with) = simplify(&text[at..part.end], c);
                end = at + length;
                if let Some(with) = with {
                    proposal.replace(at..end, with, &SIMPLIFIED);
                }
            }
            at = end;
        }
    }
}

/// The ASCII character for a full-width letter, digit or symbol that is not Chinese punctuation.
fn narrow(c: char) -> Option<char> {
    let ascii = u8::try_from((c as u32).checked_sub(0xFEE0)?).ok().map(char::from)?;
    (matches!(c, '\u{FF01}'..='\u{FF5E}')
        && (ascii.is_ascii_alphanumeric() || "#$%&*+-/<=>@\\^_".contains(ascii)))
    .then_some(ascii)
}

/// The ASCII character for the full-width one that `rest` starts with, and the bytes that one takes. Under a combining
/// mark it stays: `Ａ` and a grave would become another letter.
fn narrow_at(rest: &str) -> Option<(char, usize)> {
    let mut next = rest.chars();
    let wide = next.next()?;
    let ascii = narrow(wide)?;
    let marked = next.next().is_some_and(|mark| CanonicalCombiningClassMapBorrowed::new().get_u8(mark) != 0);
    (!marked).then_some((ascii, wide.len_utf8()))
}

/// Phrases that the characters alone would turn wrong; origin in `data/README.md`.
static PHRASES: &str = include_str!("../data/t2s_phrases.tsv");

/// The phrases by first character, longest first.
static BY_FIRST: LazyLock<HashMap<char, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut map: HashMap<char, Vec<_>> = HashMap::new();
    for (from, to) in PHRASES.lines().filter_map(|line| line.split_once('\t')) {
        if let Some(first) = from.chars().next() {
            map.entry(first).or_default().push((from, to));
        }
    }
    for phrases in map.values_mut() {
        phrases.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    }
    map
});

/// The longest phrase or the one character that `rest` starts with: its length in bytes, and what it becomes if that
/// is something else.
fn simplify(rest: &str, first: char) -> (usize, Option<String>) {
    let phrase = BY_FIRST.get(&first).and_then(|of| of.iter().find(|(from, _)| rest.starts_with(from)));
    if let Some((from, to)) = phrase {
        return (from.len(), (from != to).then(|| (*to).to_owned()));
    }
    let to = han::simplified(first);
    (first.len_utf8(), (to != first).then(|| to.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(options: &Normalize, text: &str) -> String {
        let mut proposal = Proposal::default();
        options.run(&Document::from_text(text), &mut proposal);
        crate::edit::apply(text, &proposal.edits).unwrap()
    }

    #[track_caller]
    fn check(options: &Normalize, before: &str, after: &str) {
        assert_eq!(run(options, before), after);
        assert_eq!(run(options, after), after, "a second time");
    }

    fn all() -> Normalize {
        Normalize { nfc: true, fold_width: true, han: Some(Han::Simplified) }
    }

    #[test]
    fn off_means_off() {
        let off = Normalize::default();
        assert!(!Triggers::scan("e\u{301}ＡＢ萬\n?&<(").meets(off.triggers()));
        check(&off, "e\u{301}ＡＢ萬", "e\u{301}ＡＢ萬");
    }

    #[test]
    fn nfc_composes_and_leaves_the_rest() {
        let nfc = Normalize { nfc: true, ..Normalize::default() };
        check(&nfc, "cafe\u{301} ＡＢ 萬", "café ＡＢ 萬");
        check(&nfc, "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "한글");
        check(&nfc, "か\u{3099}くせい", "がくせい");
        check(&nfc, "豈\u{F900}", "豈豈");
        check(&nfc, "a\u{315}\u{300}\u{5AE}b", "à\u{5AE}\u{315}b");
    }

    #[test]
    fn width_leaves_chinese_punctuation() {
        let width = Normalize { fold_width: true, ..Normalize::default() };
        check(&width, "　ＡＢＣ１２％，（甲）：！", "　ABC12%，（甲）：！");
    }

    #[test]
    fn script_is_converted_by_the_longest_phrase() {
        let han = Normalize { han: Some(Han::Simplified), ..Normalize::default() };
        check(&han, "萬里長城一目瞭然。", "万里长城一目了然。");
        check(&han, "乾隆年間，氣候乾燥。", "乾隆年间，气候干燥。");
        check(&han, "万里长城，一坏俱坏。", "万里长城，一坏俱坏。");
        check(&han, "東京の図書館で本を読みました。", "東京の図書館で本を読みました。");
    }

    #[test]
    fn phrases_convert_once_and_for_all() {
        for (from, to) in PHRASES.lines().filter_map(|line| line.split_once('\t')) {
            let han = Normalize { han: Some(Han::Simplified), ..Normalize::default() };
            check(&han, from, to);
        }
    }

    proptest! {
        #[test]
        fn twice_is_once_and_nfc_is_nfc(text in "[ae萬里臺乾\u{301}\u{300}\u{F900}ＡＢ\u{1100}\u{1161}か\u{3099}，1 ]{0,24}") {
            let once = run(&all(), &text);
            prop_assert_eq!(run(&all(), &once), once.clone());
            let nfc = Normalize { nfc: true, ..Normalize::default() };
            let expected = ComposingNormalizerBorrowed::new_nfc().normalize(&text).into_owned();
            prop_assert_eq!(run(&nfc, &text), expected);
        }
    }
}
