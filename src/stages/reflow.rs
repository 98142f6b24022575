//! Joins paragraphs that were cut in mid-sentence: `记录每个人的体温、\n\n帮居民买菜。` → `记录每个人的体温、帮居民买菜。`
//!
//! Two texts look alike at a broken paragraph: one that a column or page break cut, and one whose writer meant the line to
//! end. Verse, lists, addresses, headings and hard-wrapped text all have lines without a full stop. So a break is joined
//! only in Chinese prose, only where the document's other paragraphs end properly, and only with a proof at the
//! break itself. The rest is marked.

use std::ops::Range;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::chars::{self, Class};
use crate::lang::lines::Line;
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Reflow {}

/// `…打通社区、⏎⏎村居等神经末梢。`: pages of newspapers are cut into columns, and the cuts come along as paragraphs.
/// Leaves lines of verse (`举头望明月，`), salutations, items, headings and introductions that end in a colon.
static BROKEN: Rule =
    Rule { name: "broken", about: "a paragraph of Chinese prose that goes on after an empty line is joined" };

static RULES: [&Rule; 1] = [&BROKEN];

/// A paragraph that may be broken has at least this many Han characters: with a sentence end inside it, it cannot be
/// verse or an item. A guess; lines of regulated verse have at most 14, couplets about 30 with marks.
const LONG: u32 = 24;

/// Paragraphs of prose a document must have before its habits are known. A guess.
const FEW: usize = 5;

/// At most one paragraph of so many may lack its end. The newspaper page this stage was made for has 6 of 75; writers who
/// do without full stops have most of them.
const ONE_OF: usize = 5;

/// Breaks that prove themselves, before a comma at the end of a paragraph is believed to be another. In 24,266 chunks of
/// clean text most commas before a line break are truncated stories and formulas that got lost, one or two a chunk.
const ENOUGH_PROVEN: usize = 2;

impl Stage for Reflow {
    fn name(&self) -> &'static str {
        "reflow"
    }

    fn about(&self) -> &'static str {
        "Joins paragraphs that were cut in mid-sentence: `体温、⏎⏎帮居民买菜。` → `体温、帮居民买菜。`"
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        // Every candidate ends in, or has, a Han character.
        Triggers::CJK
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let lines = doc.lines();
        let mut prose = 0;
        let mut broken: Vec<Break> = Vec::new();
        let mut previous: Option<&Line> = None;
        for line in lines.iter().filter(|line| !line.is_blank()) {
            if let Some(before) = previous
                && is_prose(before)
            {
                prose += 1;
                if let Some(found) = Break::between(doc, before, line) {
                    broken.push(found);
                }
            }
            previous = Some(line);
        }
        if broken.is_empty() || prose < FEW || broken.len() * ONE_OF > prose {
            return;
        }
        // Searching the text once for every break is not quadratic: of a document with more breaks than this, only the
        // breaks themselves are asked.
        let text = if broken.len() <= 64 { doc.text() } else { "" };
        let mut proofs: Vec<Proof> = broken.iter().map(|found| found.proof(text)).collect();
        // A word that is proven broken at one place, and so will stand there whole, proves itself at another.
        let whole: Vec<_> = broken
            .iter()
            .zip(&proofs)
            .filter(|(_, p)| **p == Proof::Certain)
            .filter_map(|(b, _)| b.word())
            .collect();
        if whole.len() <= 64 {
            for (found, proof) in broken.iter().zip(&mut proofs) {
                if found.word().is_some_and(|word| whole.contains(&word)) {
                    *proof = Proof::Certain;
                }
            }
        }
        let proven = proofs.iter().filter(|proof| **proof == Proof::Certain).count();
        for (found, proof) in broken.iter().zip(proofs) {
            let certain = match proof {
                Proof::Certain => true,
                Proof::Supported => proven >= ENOUGH_PROVEN,
                Proof::None => false,
            };
            if certain {
                proposal.cut(found.gap.clone(), &BROKEN);
            } else {
                proposal.maybe(found.gap.clone(), "", &BROKEN);
            }
        }
    }
}

/// Chinese and long, with the marks of a sentence.
fn is_prose(line: &Line) -> bool {
    line.han >= LONG
        && line.ends + line.commas >= 1
        && line.han * 2 >= line.visible()
        && line.kana * 10 <= line.han
}

/// A place where a paragraph stops without an end, and what follows may be its rest.
struct Break<'t> {
    /// The line breaks and the white space around them.
    gap: Range<usize>,
    before: &'t str,
    after: &'t str,
}

impl<'t> Break<'t> {
    fn between(doc: &'t Document, before: &Line, after: &Line) -> Option<Self> {
        let text = doc.text();
        let first = doc.line(before).trim_end();
        let second = doc.line(after).trim_start();
        let last = first.chars().next_back()?;
        let next = second.chars().next()?;
        let gap = before.start + first.len()..after.end - second.len();
        let second = second.trim_end();
        // Not a sentence end, a closing mark, a colon or a dash: only what cannot close a paragraph.
        let stops = matches!(last, '，' | '、') || matches!(chars::class(last), Class::Han | Class::Digit);
        // Only what can go on: an opening mark, a bullet or a number with its mark begins something.
        let goes_on = matches!(chars::class(next), Class::Han) || (next.is_ascii_digit() && !is_item(second));
        // Closer than two empty lines: a larger distance is meant.
        let near = text[gap.clone()].bytes().filter(|&b| b == b'\n').count() <= 2;
        // A new paragraph of the same text begins with the indentation the other has.
        let indented = |line: &Line| doc.line(line).starts_with([' ', '\u{3000}', '\t']);
        // The rest ends as a paragraph does; so joining leaves no new break behind, and a second run finds nothing.
        let ends = second.chars().next_back().is_some_and(is_proper_end);
        let is_text = after.han >= 1 && after.ends >= 1 && after.han * 3 >= after.visible();
        let found = Self { gap, before: first, after: second };
        // A sentence that ends before the break shows that the line is neither verse nor an item.
        let is_running = has_sentence_end(first) || found.is_inside_brackets();
        (stops
            && goes_on
            && near
            && !is_item(second)
            && !is_credit(second)
            && indented(before) == indented(after)
            && ends
            && is_text
            && is_running)
            .then_some(found)
    }

    /// What speaks for the break, besides that the paragraph lacks its end; `text` is where else its words may stand.
    fn proof(&self, text: &str) -> Proof {
        if self.is_inside_brackets() || self.rest_is_no_sentence() || self.is_known_elsewhere(text) {
            Proof::Certain
        } else if self.before.ends_with(['，', '、']) {
            Proof::Supported
        } else {
            Proof::None
        }
    }

    /// A bracket or quotation mark is open before the break and closed behind it, before another one opens.
    fn is_inside_brackets(&self) -> bool {
        for (open, close) in
            [('《', '》'), ('“', '”'), ('（', '）'), ('「', '」'), ('『', '』'), ('【', '】'), ('(', ')')]
        {
            let Some(at) = self.before.rfind(open) else { continue };
            if self.before[at..].contains(close) {
                continue;
            }
            match self.after.find([open, close]) {
                Some(at) if self.after[at..].starts_with(close) => return true,
                _ => {}
            }
        }
        false
    }

    /// Behind the break the sentence ends within three characters: `大放异⏎⏎彩。`. As a paragraph of its own that would be
    /// an exclamation, and those are the marks left out.
    fn rest_is_no_sentence(&self) -> bool {
        let end = self.after.char_indices().take(4).find(|&(_, c)| c == '。');
        let Some((at, _)) = end else { return false };
        let rest = &self.after[..at];
        // Words with which a writer does end on a line of its own.
        !["完", "全文完", "略", "下略", "以上", "此致", "好", "是", "对", "待续", "谢谢"].contains(&rest)
            && rest.chars().all(chars::is_han)
    }

    /// Two characters before the break and two behind it stand together elsewhere in the document. With three, half of
    /// the finds in clean text were chance.
    fn is_known_elsewhere(&self, text: &str) -> bool {
        self.word().is_some_and(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    }

    /// The two characters before the break and the two behind it, if all are Han.
    fn word(&self) -> Option<String> {
        let mut before = self.before.chars().rev();
        let mut after = self.after.chars();
        let (one, two) = (before.next()?, before.next()?);
        let word = [two, one, after.next()?, after.next()?];
        word.iter().all(|&c| chars::is_han(c)).then(|| word.iter().collect())
    }
}

/// What a break has to show for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// It cannot be anything else.
    Certain,
    /// A comma at the end: believed in the company of certain ones.
    Supported,
    None,
}

fn is_proper_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '…' | '!' | '?' | '”' | '」' | '』' | '）' | ')' | '》' | '；' | '.')
}

fn has_sentence_end(line: &str) -> bool {
    line.contains(['。', '！', '？'])
}

/// `1、`, `2.`, `（三）`, `一、`, `第五条`: the line begins an item.
fn is_item(line: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百○〇零".contains(c);
    let rest = line.trim_start_matches(number);
    if rest.len() == line.len() {
        return line.starts_with('第') && line[3..].starts_with(number);
    }
    rest.starts_with(['、', '.', '．', ')', '）', ':', '：', ' ', '\u{3000}', '是'])
}

/// A photo credit or a byline: `新华社记者才扬摄`, `记者王明`.
fn is_credit(line: &str) -> bool {
    line.ends_with(['摄', '攝']) || line.starts_with("记者") || line.starts_with("記者")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{self, Confidence};

    const GOOD: &str =
        "社区是防控的最前线，守护着人民的家园。大家夜以继日，奋战在寻常的巷子里，没有一句怨言。";

    fn clean(text: &str) -> String {
        let mut proposal = Proposal::default();
        Reflow::default().run(&Document::from_text(text), &mut proposal);
        proposal.edits.retain(|e| e.confidence == Confidence::Sure);
        edit::apply(text, &proposal.edits).unwrap()
    }

    /// `piece` among paragraphs that end properly.
    fn among(piece: &str) -> String {
        format!("{GOOD}\n\n{GOOD}\n\n{piece}\n\n{GOOD}\n\n{GOOD}\n\n{GOOD}\n\n{GOOD}\n")
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(clean(&among(before)), among(after));
        assert_eq!(clean(&among(after)), among(after), "the second time");
    }

    #[test]
    fn a_comma_is_believed_in_company() {
        let alone = "每天早上八点半，她都准时赶到楼下。电话问候隔离的人员，记录每个人的体温、\n\n帮二十多户居民买菜。";
        untouched(alone);
        let certain = |gap: &str| {
            format!(
                "多年来扎实经营，久久为功。这使得今年的数字治理在全省各地大放异{gap}彩。通过各种手段，精准排摸。\n\n"
            )
        };
        let good = format!("{GOOD}\n\n").repeat(9);
        check(
            &format!("{good}{}{}{alone}", certain("\n\n"), certain("\n\n")),
            &format!("{good}{}{}{}", certain(""), certain(""), alone.replace('\n', "")),
        );
    }

    #[test]
    fn a_sentence_goes_on_inside_quotation_marks() {
        check(
            "他们很早就来了。“我们广泛发动群众的力量，建立了三级网络和防控的模式，组\n建了一支服务队。”书记说。",
            "他们很早就来了。“我们广泛发动群众的力量，建立了三级网络和防控的模式，组建了一支服务队。”书记说。",
        );
    }

    #[test]
    fn one_character_is_no_paragraph() {
        check(
            "多年来扎实经营，久久为功。这使得今年的数字治理在全省各地大放异\n\n彩。通过各种手段，精准排摸。",
            "多年来扎实经营，久久为功。这使得今年的数字治理在全省各地大放异彩。通过各种手段，精准排摸。",
        );
    }

    #[test]
    fn a_word_of_the_document_proves_the_break() {
        check(
            "志愿者们走了。守护联盟的人都记得他们。后来大家又在同一个地方重新组织起守护\n\n联盟的活动，天天不断。",
            "志愿者们走了。守护联盟的人都记得他们。后来大家又在同一个地方重新组织起守护联盟的活动，天天不断。",
        );
    }

    #[track_caller]
    fn untouched(piece: &str) {
        check(piece, piece);
    }

    #[test]
    fn lines_that_were_meant_to_end_stay() {
        untouched("床前明月光，疑是地上霜。\n举头望明月，\n低头思故乡。");
        untouched("小标题没有句号\n\n社区是防控的最前线，守护着家园。");
        untouched(
            "本办法适用于下列各项工作。有关单位应当按照规定提交下面这些材料，\n一、申请书。\n二、证明。",
        );
        untouched(
            "他从此离开了这座城市，再也没有回来。这是我最后一次听到他的消息\n\n许多年以后，我又走过那条街。",
        );
        untouched("他在这座城市里住了很多年。后来有人问起他为什么要离开，他只是说：\n\n没有什么。");
        untouched("全书写到这里就结束了，感谢各位读者。希望大家能够喜欢我的这个故事\n\n完。");
    }

    #[test]
    fn writers_without_full_stops_are_left_alone() {
        let line = "今天很高兴。我们去了公园，看见了很多花，还有很多人在那里跳舞，";
        let text = format!("{line}\n{line}\n{line}\n{line}\n{line}\n{line}\n大家都好。\n");
        assert_eq!(clean(&text), text);
    }

    #[test]
    fn hard_wrapped_english_stays() {
        let text = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted.\n".repeat(9);
        assert_eq!(clean(&text), text);
    }
}
