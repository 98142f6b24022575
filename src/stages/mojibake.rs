//! Repairs text that was decoded wrongly: `CrÃ¨me brÃ»lÃ©e` → `Crème brûlée`, `全國總?cè)丝?、` → `全國總人口、`.
//!
//! Each kind of damage has a module that finds [`Repair`]s; this file keeps them apart and decides what follows from a document being
//! damaged at all. The method: `docs/mojibake.md`.

use std::cell::LazyCell;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use clap::Args;
use memchr::memmem::Finder;
use serde::Serialize;

use crate::document::Document;
use crate::edit::{Confidence, Rule};
use crate::lang::chars;
use crate::lang::lines::is_trimmed;
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage, Verdict};

mod codec;
mod cross;
mod gbk;
mod shift;
mod utf8_as_gbk;

#[derive(Args, Clone, Debug, Serialize)]
pub struct Mojibake {
    /// What stands in repaired text for a character that is lost for good.
    #[arg(long = "mark", value_name = "TEXT", default_value = DEFAULT_MARK)]
    pub mark: String,

    /// What becomes of text in which a character is lost for good: it keeps the mark, its sentence is cut, or the whole
    /// document is set aside.
    #[arg(long, value_enum, default_value_t = Unrepaired::Mark)]
    pub unrepaired: Unrepaired,

    /// How probable a character must be to be put where one is lost, from 0 to 1: lower repairs more, and more of it wrongly.
    #[arg(long, value_name = "P", default_value_t = CONFIDENCE, value_parser = probability)]
    pub mojibake_confidence: f32,
}

/// The geta mark, which Chinese and Japanese printers set for a missing type; no text uses it for anything else.
const DEFAULT_MARK: &str = "〓";

/// On 1,003 simulated runs 0.9 filled so that 2.8 % of the runs were wrong, 0.95 2.1 %, 0.99 1.6 %; 1.5 % are so whatever it is (see
/// `docs/mojibake.md`).
const CONFIDENCE: f32 = 0.95;

fn probability(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("expected a probability from 0 to 1, as 0.95".to_owned()),
    }
}

/// What becomes of text in which a character is lost for good.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unrepaired {
    /// The mark stands for the character.
    #[default]
    Mark,
    /// The sentence around it is cut.
    CutSentence,
    /// The document is set aside.
    Drop,
}

impl Default for Mojibake {
    fn default() -> Self {
        let (mark, unrepaired) = (DEFAULT_MARK.to_owned(), Unrepaired::default());
        Self { mark, unrepaired, mojibake_confidence: CONFIDENCE }
    }
}

/// A damaged stretch and what it was.
#[derive(Debug)]
struct Repair {
    span: Range<usize>,
    with: String,
    /// The kind of damage.
    rule: &'static Rule,
    /// Nothing in `with` had to be marked.
    complete: bool,
    /// `Likely`: the document lost more than can be seen.
    confidence: Confidence,
    /// The probability that `with` is right but for its marks.
    certainty: f32,
}

/// GBK decoded one byte out of step, `义不容辞?！被奇铝?，` for `义不容辞。”黄媛柳说，`: link-farm software replaces punctuation in
/// the bytes, also where it straddles two characters. Leaves alone what reads no better shifted: `什么?!不会吧`.
static OUT_OF_STEP: Rule = Rule {
    name: "out_of_step",
    about: "GBK text decoded one byte out of step is decoded again in step; what was lost becomes the mark",
};

/// UTF-8 read as GBK, `鐢ㄦ埛` for `用户`, `caf茅` for `café`: the everyday damage of Chinese files. Where a byte was lost the character
/// becomes the mark. Leaves alone rare names and characters, which read no better so.
static UTF8_AS_GBK: Rule = Rule {
    name: "utf8_as_gbk",
    about: "UTF-8 text that was read as GBK is read again as what it is; what was lost becomes the mark",
};

/// `3月17日電? 題`, `????新华社`, a line of one `?`: no-break spaces of a page with other damage of this kind. Leaves alone any
/// question mark of a document without it or without one that a line begins with, and one after a question.
static LOST_SPACE: Rule = Rule {
    name: "lost_space",
    about: "in a damaged document a question mark that stands for a no-break space becomes a space, or goes at a line's end",
};

/// A private-use character beside Han in a damaged document is half a character of a stretch that could not be read.
/// Leaves alone those of documents without damage: icon fonts, rare names.
static LEFT_OVER: Rule = Rule {
    name: "left_over",
    about: "in a damaged document a private-use character that no repair explains becomes the mark",
};

/// `带走生活垃〓`: a character of a repaired stretch is not known. With `--unrepaired cut-sentence` its sentence goes.
static UNREPAIRED: Rule = Rule {
    name: "unrepaired",
    about: "a character of a damaged stretch is lost and was replaced by the mark; its sentence goes, when asked for",
};

/// `锟斤拷锟斤拷`, `烫烫烫烫`, `屯屯屯屯`: U+FFFD read as GBK, memory never written. What was there is gone, and carries the mark. Where
/// the document may speak of it, `“锟斤拷”是怎么来的`, and where people shout `烫烫烫烫！`, it is only said.
static GONE: Rule = Rule {
    name: "gone",
    about: "characters that stand for text lost for good (锟斤拷, 烫烫烫, 屯屯屯) become the mark, where no one speaks of them",
};

/// U+FFFD: a decoder before us could not read the bytes.
static REPLACEMENT: Rule = Rule {
    name: "replacement",
    about: "replacement characters (U+FFFD) that an earlier decoder left: nothing is changed",
};

static RULES: LazyLock<Vec<&Rule>> = LazyLock::new(|| {
    let own = [&OUT_OF_STEP, &UTF8_AS_GBK, &LOST_SPACE, &LEFT_OVER, &UNREPAIRED, &GONE, &REPLACEMENT];
    own.into_iter().chain(cross::rules()).collect()
});

/// What no text writes, what it repeats, and how often that stands for text that was lost: U+FFFD twice in UTF-8 is 锟斤拷 in GBK, and
/// CC CC and CD CD are memory that was never written.
const GONE_RUNS: [(&str, &str, usize); 3] =
    [("锟斤拷锟斤拷", "锟斤拷", 2), ("烫烫烫烫", "烫", 0), ("屯屯屯屯", "屯", 0)];
/// So many characters of memory are no exclamation: a guess, 117 MB of clean Chinese have no four of them.
const MEMORY: usize = 8;
/// What a text about lost characters says.
const ABOUT_ENCODINGS: [&str; 7] = ["乱码", "亂碼", "编码", "編碼", "GBK", "UTF", "Unicode"];

/// What a text about misread text says: names that hardly any other text has, in any case.
const ABOUT_DAMAGE: [&str; 7] =
    ["mojibake", "windows-1252", "cp1252", "乱码", "亂碼", "文字化け", "кодировк"];
/// So many repairs may be its examples; a page that was damaged itself has more. A guess.
const MOST_EXAMPLES: usize = 8;

/// Whether a text is about misread text: `If you see â€™, it was decoded as Windows-1252.`
fn speaks_of_damage(text: &str) -> bool {
    static WORDS: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(ABOUT_DAMAGE).ok());
    WORDS.as_ref().is_some_and(|words| words.is_match(text))
}

/// Stretches of lost text, and what stands for them.
fn gone(text: &str, mark: &str) -> Vec<Repair> {
    static RUNS: LazyLock<[Finder<'_>; 3]> = LazyLock::new(|| GONE_RUNS.map(|(run, ..)| Finder::new(run)));
    let about = LazyCell::new(|| ABOUT_ENCODINGS.iter().any(|word| text.contains(word)));
    let mut found = Vec::new();
    for (run, (_, unit, lost)) in RUNS.iter().zip(GONE_RUNS) {
        let mut done = 0;
        for at in run.find_iter(text.as_bytes()) {
            if at < done {
                continue;
            }
            let rest = text.as_bytes()[at..].chunks_exact(unit.len());
            let many = rest.take_while(|chunk| *chunk == unit.as_bytes()).count();
            done = at + many * unit.len();
            let quoted = text[..at].ends_with(['“', '「', '‘', '《', '"', '\'', '`']);
            let sure = !quoted && (lost > 0 || many >= MEMORY) && !*about;
            found.push(Repair {
                span: at..done,
                with: mark.repeat((many * lost).max(1)),
                rule: &GONE,
                complete: false,
                confidence: if sure { Confidence::Sure } else { Confidence::Likely },
                certainty: 1.0,
            });
        }
    }
    found.sort_by_key(|r| r.span.start);
    found
}

impl Stage for Mojibake {
    fn name(&self) -> &'static str {
        "mojibake"
    }

    fn about(&self) -> &'static str {
        "Repairs text that was decoded wrongly: `CrÃ¨me brÃ»lÃ©e` → `Crème brûlée`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        Triggers::NON_ASCII
    }

    /// Character references may have hidden damage.
    fn again_after(&self) -> Option<&'static str> {
        Some("entities")
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let text = doc.text();
        let holds = doc.triggers();
        if holds.meets(Triggers::REPLACEMENT) {
            proposal.flag(&REPLACEMENT);
        }
        // Who reads a line for sure has it, and nobody else looks at it.
        let sure = |r: &Repair| r.confidence == Confidence::Sure;
        let mut lines = cross::suspects(doc);
        let mut repairs = Vec::new();
        // What will be trimmed is no byte of it: GBK has no white space but the ideographic space.
        lines.retain(|(start, line)| {
            let line = line.trim_end_matches(is_trimmed);
            !utf8_as_gbk::read(*start, line, &self.mark, &mut repairs)
        });
        let mut shifted = Vec::new();
        if holds.meets(Triggers::CJK) && holds.meets(Triggers::QUESTION.or(Triggers::REPLACEMENT)) {
            shifted = shift::find(text, &repairs, &self.mark, self.mojibake_confidence);
            lines.retain(|(start, line)| {
                let next = shifted.partition_point(|r| r.span.end <= *start);
                !shifted[next..].iter().take_while(|r| r.span.start < start + line.len()).any(sure)
            });
        }
        let follows = shifted.iter().any(sure);
        // Lost bytes are question marks in every kind of damage.
        let mut crossed = cross::find(&lines, &self.mark);
        if crossed.len() + repairs.len() <= MOST_EXAMPLES && speaks_of_damage(text) {
            for example in crossed.iter_mut().chain(&mut repairs) {
                example.confidence = Confidence::Likely;
            }
        }
        let other = match crossed.iter().any(sure) {
            true => merge(crossed, shifted),
            false => merge(shifted, crossed),
        };
        repairs = merge(repairs, other);
        if follows {
            self.what_follows(text, &repairs, proposal);
        }
        if holds.meets(Triggers::CJK) {
            let gone = gone(text, &self.mark);
            if !gone.is_empty() {
                proposal.flag(&GONE);
                let (sure, likely) = gone.into_iter().partition(|r| r.confidence == Confidence::Sure);
                repairs = merge(merge(sure, repairs), likely);
            }
        }
        if repairs.iter().any(|r| !r.complete && r.confidence == Confidence::Sure) {
            proposal.flag(&UNREPAIRED);
            proposal.verdict =
                Some(Verdict { rule: &UNREPAIRED, detail: "characters are lost for good".to_owned() });
        }
        let mut done = 0;
        for repair in repairs {
            if repair.span.start < done {
                continue;
            }
            let cut = !repair.complete && self.unrepaired == Unrepaired::CutSentence;
            if cut && repair.confidence == Confidence::Sure {
                let sentence = sentence(text, &repair.span);
                // What else is repaired in the same sentence goes with it.
                proposal
                    .edits
                    .retain(|edit| edit.span.end <= sentence.start || sentence.end <= edit.span.start);
                done = sentence.end;
                proposal.cut(sentence, &UNREPAIRED);
            } else if text.get(repair.span.clone()) != Some(repair.with.as_str()) {
                done = repair.span.end;
                proposal.repair(repair.span, repair.with, repair.rule, repair.confidence, repair.certainty);
            }
        }
    }
}

/// All of `first`, and those of `second` that overlap none of them, in order. Both are in order and disjoint.
fn merge(first: Vec<Repair>, second: Vec<Repair>) -> Vec<Repair> {
    let free = |r: &Repair| {
        let next = first.partition_point(|o| o.span.end <= r.span.start);
        first.get(next).is_none_or(|o| r.span.end <= o.span.start)
    };
    let mut all: Vec<Repair> = second.into_iter().filter(free).collect();
    all.extend(first);
    all.sort_by_key(|r| r.span.start);
    all
}

/// The sentence of its line that `span` is in, with its closing mark.
fn sentence(text: &str, span: &Range<usize>) -> Range<usize> {
    let (before, after) = (&text[..span.start], &text[span.end..]);
    let breaks = |c: char| c == '\n' || chars::is_sentence_end(c) && !c.is_ascii();
    let start = before.char_indices().rev().find(|(_, c)| breaks(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    let mut end = after.char_indices().skip_while(|(_, c)| !breaks(*c)).peekable();
    let mut stop = text.len();
    if let Some((at, c)) = end.next() {
        stop = span.end + at + if c == '\n' { 0 } else { c.len_utf8() };
        while let Some((at, c)) = end.next_if(|(_, c)| matches!(c, '”' | '」' | '』' | '）' | ')')) {
            stop = span.end + at + c.len_utf8();
        }
    }
    start..stop
}

impl Mojibake {
    /// What else is damage, in a document that is proven to be damaged, outside the stretches repaired.
    fn what_follows(&self, text: &str, repairs: &[Repair], proposal: &mut Proposal) {
        // At the beginning of a line nobody writes them; elsewhere they count only in a document that has some there.
        let lost_spaces = text.lines().any(|line| {
            let rest = line.trim_start_matches('?');
            rest.len() < line.len()
                && lost_space("", line.len() - rest.len(), None, rest.chars().next()).is_some()
        });
        let mut start = 0;
        let mut repaired = repairs.iter().peekable();
        for line in text.split_inclusive('\n') {
            let body = line.trim_end_matches(['\n', '\r']);
            // How many bytes from `at` on are outside the repairs.
            let mut free = |at: usize| {
                while repaired.peek().is_some_and(|r| r.span.end <= at) {
                    repaired.next();
                }
                repaired.peek().map_or(usize::MAX, |r| r.span.start.saturating_sub(at))
            };
            let mut chars = body.char_indices().peekable();
            let mut before: Option<char> = None;
            while let Some((at, c)) = chars.next() {
                let here = start + at;
                let room = free(here);
                if c == '?' && room > 0 {
                    // Marks that a repair begins with are its own.
                    let mut end = at + 1;
                    while chars.next_if(|n| n.1 == '?' && n.0 - at < room).is_some() {
                        end += 1;
                    }
                    let after = chars.peek().map(|n| n.1);
                    let may = lost_spaces || DATELINES.iter().any(|end| body[..at].ends_with(end));
                    if may && let Some(with) = lost_space(&body[..at], end - at, before, after) {
                        proposal.replace(here..start + end, with, &LOST_SPACE);
                    }
                } else if is_user_defined(c) && room > 0 {
                    let near =
                        |n: Option<char>| n.is_some_and(|n| chars::is_han(n) || chars::is_private_use(n));
                    if near(before) || near(chars.peek().map(|n| n.1)) {
                        proposal.replace(here..here + c.len_utf8(), self.mark.clone(), &LEFT_OVER);
                        proposal.flag(&UNREPAIRED);
                    }
                }
                before = Some(c);
            }
            start += line.len();
        }
    }
}

/// A private-use character that the user-defined areas of code page 936 have; icon fonts are mostly beyond.
fn is_user_defined(c: char) -> bool {
    ('\u{E000}'..='\u{E765}').contains(&c)
}

/// How datelines of Chinese agencies end, before a space that separates them from the text: `新华社北京3月17日电 题`. No question does.
const DATELINES: [&str; 2] = ["日电", "日電"];

/// What stands instead of `marks` question marks that are lost spaces; `None` where they may be what they seem.
fn lost_space(
    line_before: &str,
    marks: usize,
    before: Option<char>,
    after: Option<char>,
) -> Option<&'static str> {
    let bare = line_before.trim();
    match (bare.is_empty(), after) {
        // A line of nothing else, or the spaces a paragraph begins with.
        (true, None) => Some(""),
        (true, Some(after)) if marks > 1 || !after.is_ascii() => Some(""),
        (true, Some(_)) => None,
        // Full-width punctuation has its space within, and folded punctuation keeps none: a space after a question mark
        // that asks nothing was there beside another one.
        (false, Some(' ' | '\u{3000}')) if before.is_some_and(chars::is_han) && !asks(bare) => Some(""),
        (false, _) => None,
    }
}

/// Whether the last clause of `line` can be a question.
fn asks(line: &str) -> bool {
    let clause = line
        .rsplit(|c: char| chars::is_sentence_end(c) || chars::is_sentence_comma(c))
        .next()
        .unwrap_or(line);
    // The characters without which Chinese hardly asks: particles and interrogatives, of both scripts.
    clause.contains([
        '吗', '嗎', '呢', '么', '麼', '谁', '誰', '何', '哪', '怎', '几', '幾', '否', '吧', '啊', '孰', '豈',
        '岂', '不', '多', '没',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;
    use std::sync::Arc;

    fn clean(text: &str) -> (String, Vec<String>) {
        let done =
            Pipeline::new(vec![Arc::new(Mojibake::default())]).clean(Document::from_text(text)).unwrap();
        (done.document.into_text(), done.flags)
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        let (once, _) = clean(before);
        assert_eq!(once, after);
        assert_eq!(clean(&once).0, once, "not stable");
    }

    #[test]
    fn the_options_of_a_command_line_without_any_are_the_defaults() {
        use clap::Parser;
        #[derive(Parser)]
        struct Command {
            #[command(flatten)]
            mojibake: Mojibake,
        }
        assert_eq!(Command::parse_from(["x"]).mojibake.mark, Mojibake::default().mark);
    }

    /// A line with private-use characters, which shows that they were not dropped, and what it was; the digit is lost.
    const CAPTION: [&str; 2] = [
        "志愿服务队队员在??谑幸患页\u{E0E5}形\u{E01D}蛹腋衾肴嗽贝\u{E311}蚪从停?月29日摄)。",
        "志愿服务队队员在〓口市一家超市为居家隔离人员代买酱油〓〓月29日摄)。",
    ];

    #[test]
    fn a_run_is_read_in_step() {
        check(CAPTION[0], CAPTION[1]);
    }

    /// Where no private-use character is left they may have been dropped, and a run with holes reads well enough to deceive.
    #[test]
    fn what_may_have_holes_is_only_marked() {
        let text = "在??谑姓褚敌∏?,网格员王雪芸帮助居家隔离人员。";
        check(text, text);
        let (done, _) = clean(&format!("{}\n{text}", CAPTION[0]));
        assert!(done.ends_with("\n在〓口市振业小〓,网格员王雪芸帮助居家隔离人员。"), "{done}");
    }

    /// 據這 is 93 FE DF 40: FE DF was private use and is gone, and 93 40 reads 揁, which nobody writes.
    #[test]
    fn a_gap_may_be_before_an_ascii_byte() {
        let text = "使用的塊數??梢愿鶕@個值判斷目前的狀態,然後再決定。";
        check(text, text);
    }

    /// A run that reads well from end to end has no gaps, private use or not.
    #[test]
    fn what_has_no_holes_is_repaired() {
        let text = "保护?；で墓芾砣嗽碧焯煅猜擼。\n他说：“这个问题很重要?！奔钦吡私獾?，事情已经解决。";
        let (done, _) = clean(text);
        assert!(done.ends_with("他说：“这个问题很重要。”记者了解〓，事情已经解决。"), "{done}");
    }

    #[test]
    fn what_was_swallowed_is_copied_from_between_the_same_characters() {
        check(
            "我们在??谑械南\u{E37C}ⅰ！拔颐怯孟低?管理员的密码登录系统 管理员说不行，系统 管理员说。",
            "我们在海口市的消息。“我们用系统 管理员的密码登录系统 管理员说不行，系统 管理员说。",
        );
    }

    /// 区 is the likeliest of its row, but not likely enough alone; the document itself says 小区.
    #[test]
    fn what_is_lost_may_be_said_elsewhere() {
        let elsewhere = "他们住在振业小区,小区里有花。振业小区的门开着。";
        let (done, _) = clean(&format!("{}\n在??谑姓褚敌∏?,网格员\n{elsewhere}", CAPTION[0]));
        assert!(done.contains("\n在〓口市振业小区,网格员\n"), "{done}");
    }

    #[test]
    fn marks_that_folding_left_are_restored() {
        check(
            "“职责所在,义不容辞?!被奇铝\u{E25E}?,疫魔很凶险。",
            "“职责所在,义不容辞〓”黄媛柳说,疫魔很凶险。",
        );
    }

    #[test]
    fn full_width_text_stays_full_width() {
        check(
            "“职责所在，义不容辞?！被奇铝\u{E25E}?，疫魔很凶险。",
            "“职责所在，义不容辞〓”黄媛柳说，疫魔很凶险。",
        );
    }

    #[test]
    fn pinyin_inserted_into_the_bytes_is_seen_through() {
        for (before, after) in [
            ("又拿起了測溫槍?zhuān)\u{E0BC}皽y(cè)溫、識人。", "又拿起了測溫槍，“測(cè)溫、識人。"),
            ("全國總?cè)丝?、土地面積。", "全國總人口、土地面積。"),
            ("重點(diǎn)??平ㄔO(shè)項目", "重點(diǎn)專科建設(shè)項目"),
        ] {
            check(before, after);
        }
    }

    #[test]
    fn a_swallowed_bracket_of_a_tag_comes_back() {
        check(
            &format!("<p>他说：“要进一步扩大空间?！?/p>\n<p>{}</p>", CAPTION[0]),
            &format!("<p>他说：“要进一步扩大空间〓〓</p>\n<p>{}</p>", CAPTION[1]),
        );
    }

    #[test]
    fn the_sentence_of_what_is_lost_goes_when_asked_for() {
        let stage = Mojibake { unrepaired: Unrepaired::CutSentence, ..Mojibake::default() };
        let done = Pipeline::new(vec![Arc::new(stage)])
            .clean(Document::from_text(format!("今天是晴天。{}大家都来了。\n好。", CAPTION[0])))
            .unwrap();
        assert_eq!(done.document.text(), "今天是晴天。大家都来了。\n好。");
        assert_eq!(done.trail.steps[0].made[0].rule, "unrepaired");
    }

    #[test]
    fn a_document_with_what_is_lost_is_set_aside_when_asked_for() {
        let drop = |rule: &str| {
            Pipeline::new(vec![Arc::new(Mojibake::default())])
                .drop(vec![rule.to_owned()])
                .clean(Document::from_text(CAPTION[0]))
                .unwrap()
                .dropped
                .is_some()
        };
        assert!(drop("mojibake:unrepaired") && !drop("spam:page"));
    }

    #[test]
    fn repairs_say_how_probable_they_are() {
        let done = Pipeline::new(vec![Arc::new(Mojibake::default())])
            .clean(Document::from_text(CAPTION[0]))
            .unwrap();
        let certainty = done.trail.steps[0].made[0].certainty.unwrap();
        assert!((0.85..=1.0).contains(&certainty), "{certainty}");
    }

    #[test]
    fn utf8_read_as_gbk_comes_back() {
        for (before, after) in [
            // Nothing lost; every third byte of an odd number lost; accented letters.
            (
                "鐢ㄦ埛鐧诲綍鍚庡彲浠ユ煡鐪嬭?㈠崟锛屼篃鍙?浠ヤ慨鏀瑰瘑鐮併??",
                "用户登录后可以查看〓单，也〓以修改密码〓",
            ),
            (
                "Le caf茅 est ferm茅 le dimanche, m锚me en 茅t茅.",
                "Le café est fermé le dimanche, même en été.",
            ),
            ("It鈥檚 what they don鈥檛 know.", "It’s what they don’t know."),
        ] {
            check(before, after);
        }
    }

    #[test]
    fn kinds_of_damage_keep_apart() {
        let repair = |span: Range<usize>| Repair {
            span,
            with: String::new(),
            rule: &OUT_OF_STEP,
            complete: true,
            confidence: Confidence::Sure,
            certainty: 1.0,
        };
        let merged =
            merge(vec![repair(3..6), repair(9..12)], vec![repair(0..3), repair(5..8), repair(12..15)]);
        assert_eq!(merged.into_iter().map(|r| r.span).collect::<Vec<_>>(), [0..3, 3..6, 9..12, 12..15]);
    }

    #[test]
    fn questions_stay() {
        for text in [
            "什么?!不会吧?!真的吗??你说呢?",
            "SELECT ?,? FROM t WHERE 名=?",
            "他说?，我不知道",
            "真的?!中国队赢了?!太好了",
            "图标\u{E600}文字? 是",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn lost_spaces_go_only_where_there_is_damage() {
        let [damaged, good] = CAPTION;
        check(
            &format!("新华社3月17日电? 题\n?\n????{damaged}\n真的吗? 是的"),
            &format!("新华社3月17日电 题\n\n{good}\n真的吗? 是的"),
        );
        check("新华社3月17日电? 题\n?\n????好", "新华社3月17日电? 题\n?\n????好");
        check(&format!("{damaged}\n商家却出尔反尔? 点击看图"), &format!("{good}\n商家却出尔反尔? 点击看图"));
    }

    #[test]
    fn lost_text_is_flagged() {
        check("这个节目锟斤拷锟斤拷很好看", "这个节目〓〓〓〓很好看");
        check("int a = 烫烫烫烫烫烫烫烫;", "int a = 〓;");
        for text in ["乱码锟斤拷锟斤拷了", "“锟斤拷锟斤拷”从哪里来", "烫烫烫烫！快放下"]
        {
            check(text, text);
            assert_eq!(clean(text).1, ["mojibake:gone"], "{text}");
        }
        assert_eq!(clean("a\u{FFFD}").1, ["mojibake:replacement"]);
        assert!(clean("用锟斤拷举例").1.is_empty());
    }

    #[test]
    fn a_megabyte_of_triggers_takes_linear_time() {
        for piece in ["?！", "?！中", "??谑姓褚", "?zhuān)", "?", "中?，"] {
            let text = piece.repeat(100_000 / piece.len());
            let once = clean(&text).0;
            assert!(once.len() <= text.len() * 2);
        }
    }
}
