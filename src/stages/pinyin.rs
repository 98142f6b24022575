//! Removes pinyin that a converter inserted after characters: `社區(qū)來(lái)了` → `社區來了`.
//!
//! Link-farm software inserts readings to make a stolen text look new. Two programs are known. One annotates Traditional
//! characters from a fixed table, with tone marks: a character that it annotates is annotated every time, about every sixth
//! character is. The other annotates at random after every fifth to seventh character, mostly without tone marks.
//!
//! Readings that someone wrote to be read stay, and a document is judged as a whole to tell them: a reader for learners
//! annotates every character, a textbook page whole words, a gloss the rare character that one may not know, once. The
//! programs annotate common characters, scattered.

use std::collections::HashMap;
use std::ops::Range;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::{Confidence, Field, Rule};
use crate::lang::han_model::model;
use crate::lang::triggers::Triggers;
use crate::lang::{chars, pinyin};
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Pinyin {}

/// `社區(qū)來(lái)了`: readings with tone marks after Traditional characters, each time they occur. Leaves alone readers
/// (`長(cháng) 信(xìn) 怨(yuàn)`), single glosses (`重(chóng)复`), words in brackets (`有(existence)`, `張三(Zhang San)`).
static FIXED_TABLE: Rule = Rule {
    name: "fixed_table",
    about: "readings with tone marks that a program inserted after certain characters each time they occur go",
};

/// `烟(yan)台市(shi)教育装备(bei)`: readings, mostly without tone marks, at random places.
static SCATTERED: Rule = Rule {
    name: "scattered",
    about: "readings that a program inserted after characters at random places go",
};

static RULES: [&Rule; 2] = [&FIXED_TABLE, &SCATTERED];

/// Fewer annotations than this are no pattern. A page of either program has one in six characters annotated (17-18 % and
/// 14-20 % on the pages measured), so ten are a paragraph of sixty characters.
const SURE: usize = 10;
/// So many untoned readings are a program's even where they stand closer than measured. (A guess.)
const MANY: usize = 20;
/// The program that annotates at random was measured at 0.14 to 0.20 of the characters of its lines.
const SCATTERED_SHARE: f32 = 0.22;
/// From here on it is at least a suspicion.
const SUSPECT: usize = 5;
/// The share of annotated Han in the lines that have any. The programs' is 0.14 to 0.20; a reader's is near 1, a gloss's
/// in a sentence below 0.05.
const SHARE: Range<f32> = 0.06..0.45;
/// The share of annotations that follow one another without a bare character between: by chance about the share of
/// annotated characters; where words are annotated, half and more.
const MOST_ADJACENT: f32 = 0.45;
/// The same where some readings have tone marks and some have none: at random places it is the share of annotated characters, at most 0.22.
const MOST_ADJACENT_OF_MIXED: f32 = 0.3;
/// The share of annotated characters that are among the commonest: a gloss is for rare ones.
const LEAST_COMMON: f32 = 0.4;
/// Log probability of about the 600th commonest character; they make 3/4 of running text.
const COMMON: f32 = -7.9;
/// The share of the occurrences of annotated characters that are annotated, in the program with the fixed table: 1.0 on
/// two pages (98 types). Below it are spam tails, which it does not annotate.
const CONSISTENT: f32 = 0.8;

/// A bracketed syllable after a Han character.
struct Annotation {
    of: char,
    span: Range<usize>,
    toned: bool,
    /// The character can be read so.
    fits: bool,
    /// Directly after another annotation's character and bracket.
    adjacent: bool,
}

impl Stage for Pinyin {
    fn name(&self) -> &'static str {
        "pinyin"
    }

    fn about(&self) -> &'static str {
        "Removes pinyin that a converter inserted after characters: `社區(qū)來(lái)了` → `社區來了`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        Triggers::BRACKET
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        if !doc.triggers().meets(Triggers::CJK) {
            return;
        }
        let text = doc.text();
        let found = find(text);
        let Some((rule, confidence)) = judge(doc, &found) else { return };
        for annotation in found {
            // What no table knows as a reading may be a word: `做(do)`.
            if annotation.fits || annotation.toned {
                proposal.push(Field::Text, annotation.span, "", rule, confidence);
            }
        }
    }
}

fn find(text: &str) -> Vec<Annotation> {
    let bytes = text.as_bytes();
    let readings = pinyin::readings;
    let mut found: Vec<Annotation> = Vec::new();
    for at in memchr::memchr2_iter(b'(', 0xEF, bytes) {
        let (open, close) = match bytes[at] {
            b'(' => (1, ")"),
            _ if bytes[at..].starts_with("（".as_bytes()) => ("（".len(), "）"),
            _ => continue,
        };
        let Some(of) = text[..at].chars().next_back().filter(|&c| chars::is_han(c)) else { continue };
        let inner = &text[at + open..];
        let Some((end, _)) = inner
            .char_indices()
            .take(pinyin::LONGEST + 1)
            .find(|(_, c)| !pinyin::is_letter(*c) || c.is_ascii_uppercase())
        else {
            continue;
        };
        let syllable = &inner[..end];
        if end == 0 || !inner[end..].starts_with(close) || !readings().is_syllable(syllable) {
            continue;
        }
        let span = at..at + open + end + close.len();
        let adjacent = found.last().is_some_and(|last| last.span.end + of.len_utf8() == at);
        found.push(Annotation {
            of,
            span,
            toned: pinyin::has_tone(syllable),
            fits: readings().reads(of, syllable),
            adjacent,
        });
    }
    found
}

/// Which program made these annotations, and how sure that is; `None`: they are meant to be read.
fn judge(doc: &Document, found: &[Annotation]) -> Option<(&'static Rule, Confidence)> {
    let fitting = found.iter().filter(|a| a.fits).count();
    // One in ten may be of a reading that the table does not know.
    if fitting < SUSPECT || fitting * 10 < found.len() * 9 {
        return None;
    }
    let of = |part: usize, whole: usize| part as f32 / whole.max(1) as f32;
    let n = found.len();

    let mut han = 0;
    let mut next = found.iter().peekable();
    for line in doc.lines() {
        let mut here = 0;
        while next.next_if(|a| a.span.start < line.end).is_some() {
            here += 1;
        }
        if here > 0 {
            han += line.han as usize;
        }
    }
    let adjacent = of(found.iter().filter(|a| a.adjacent).count(), n);
    let scattered = SHARE.contains(&of(n, han)) && adjacent <= MOST_ADJACENT;
    let common = of(found.iter().filter(|a| model().alone(a.of) >= COMMON).count(), n) >= LEAST_COMMON;
    if !scattered || !common {
        return None;
    }

    let mut annotated: HashMap<char, u32> = found.iter().map(|a| (a.of, 0)).collect();
    for c in doc.text().chars() {
        if let Some(count) = annotated.get_mut(&c) {
            *count += 1;
        }
    }
    let occurrences: u32 = annotated.values().sum();
    // A table gives a character one reading, and gives it again: who writes on readings names several, each once.
    let mut readings: HashMap<char, (&str, u32)> = HashMap::new();
    let mut contradicted = false;
    for annotation in found {
        let reading = doc.at(annotation.span.clone());
        let (known, times) = readings.entry(annotation.of).or_insert((reading, 0));
        contradicted |= *known != reading;
        *times += 1;
    }
    let repeated = readings.values().any(|(_, times)| *times > 1);
    let consistent = of(n, occurrences as usize) >= CONSISTENT && !contradicted;
    let toned = of(found.iter().filter(|a| a.toned).count(), n);
    let enough = if n >= SURE { Confidence::Sure } else { Confidence::Likely };
    match () {
        () if toned > 0.9 && contradicted => None,
        () if toned > 0.9 && consistent && repeated => Some((&FIXED_TABLE, enough)),
        // Hardly anybody who writes a reading for readers leaves the tones out, and then for more of the characters.
        () if toned < 0.7 && (n >= MANY || of(n, han) <= SCATTERED_SHARE) => Some((&SCATTERED, enough)),
        // Writers who set tones set them throughout, but for the neutral one; and what they annotate are words.
        () if toned <= 0.9
            && n >= MANY
            && of(n, han) <= SCATTERED_SHARE
            && adjacent <= MOST_ADJACENT_OF_MIXED =>
        {
            Some((&SCATTERED, Confidence::Sure))
        }
        () => Some((&SCATTERED, Confidence::Likely)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;
    use std::sync::Arc;

    fn clean(text: &str) -> String {
        let done = Pipeline::new(vec![Arc::new(Pinyin::default())]).clean(Document::from_text(text)).unwrap();
        done.document.into_text()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        let once = clean(before);
        assert_eq!(once, after);
        assert_eq!(clean(&once), once, "not stable");
    }

    #[test]
    fn readings_from_a_fixed_table_go() {
        check(
            "面對(duì)這個(gè)月的疫情,全市啟動(dòng)了黨員干部報(bào)到的機(jī)制,派出一萬(wàn)名機(jī)關(guān)人員到社區(qū)值守,與社區(qū)工作者、物業(yè)和保安一同參與社區(qū)(村)的工作,為(wèi)人們帶來(lái)希望。",
            "面對這個月的疫情,全市啟動了黨員干部報到的機制,派出一萬名機關人員到社區值守,與社區工作者、物業和保安一同參與社區(村)的工作,為人們帶來希望。",
        );
    }

    #[test]
    fn scattered_readings_go() {
        check(
            "昨日，我市(shi)在体育场举行(xing)了第一届中(zhong)学生运动会(hui)，来自各(ge)县的七百(bai)名选手参加了（le）比赛，最终(zhong)取得了很好(hao)的成绩，代表(biao)本市参加下月的省级(ji)决赛（男子组）。",
            "昨日，我市在体育场举行了第一届中学生运动会，来自各县的七百名选手参加了比赛，最终取得了很好的成绩，代表本市参加下月的省级决赛（男子组）。",
        );
    }

    #[test]
    fn readings_meant_to_be_read_stay() {
        for text in [
            // a reader
            "春(chūn) 眠(mián) 不(bù) 覺(jué) 曉(xiǎo)，處(chù) 處(chù) 聞(wén) 啼(tí) 鳥(niǎo)。夜(yè) 來(lái) 風(fēng) 雨(yǔ) 聲(shēng)，花(huā) 落(luò) 知(zhī) 多(duō) 少(shǎo)。",
            // a vocabulary in a lesson
            "生词：朋(péng)友(you)、学(xué)生(sheng)、老(lǎo)师(shī)、北(běi)京(jīng)、今(jīn)天(tiān)、明(míng)天(tiān)。课文：我和朋友都是学生，今天老师带我们去北京的一个公园看花，明天我们再去一次。",
            // glosses
            "饕(tāo)餮(tiè)、貔(pí)貅(xiū)、螭(chī)吻、狴(bì)犴(àn)、睚(yá)眦(zì)都是古人想象出来的兽，常见于房屋的屋脊和青铜器的上面，工匠们一代一代地把它们的样子传了下来。",
            "重(chóng)复是记忆之母，长(zhǎng)辈常常这样说。",
            // words
            "有(existence)、取(clinging)、愛(love)、受(feeling)、做(do)、他(he)、我(me)、去(go)、是(be)、在(at)、不(no)。",
            "張(Zhang)三(San)、李(Li)四(Si)、王(Wang)五(Wu)、趙(Zhao)六(Liu)、錢(Qian)七(Qi)、孫(Sun)八(Ba)。",
            "京都（きょうと）と大阪（おおさか）、奈良（なら）。",
            // readings that differ
            "姓單(shàn)，不讀單(dān)；姓區(ōu)，不讀區(qū)；會(kuài)計的會(kuài)，不讀會(huì)；長(zhǎng)輩的長(zhǎng)，不讀長(cháng)；還(huán)原的還(huán)，不讀還(hái)。",
            // names of places, each once
            "這一帶的地名是滬(hù)尾、蘇澳(ào)、鹽(yán)水、來(lái)義、關(guān)廟、龍(lóng)崎、園(yuán)林、灣(wān)裡、東(dōng)港、萬(wàn)里、門(mén)前，讀音和今天的不同。",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn long_runs_take_linear_time() {
        for piece in ["中(", "中(zhōng)", "中(a)", "(", "中（"] {
            clean(&piece.repeat(100_000));
        }
    }
}
