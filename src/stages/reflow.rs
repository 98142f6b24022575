//! Joins paragraphs that were cut in mid-sentence: `记录每个人的体温、\n\n帮居民买菜。` → `记录每个人的体温、帮居民买菜。`
//!
//! Two texts look alike at a broken paragraph: one that a column or page break cut, and one whose writer meant the line to
//! end. Verse, lists, addresses, headings and hard-wrapped text all have lines without a full stop. So a break is joined
//! only in Chinese prose, only where the document's other paragraphs end properly, and only with a proof at the
//! break itself. The rest is marked.

mod wrapped;

use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::chars::{self, Class};
use crate::lang::han_model::model;
use crate::lang::lines::Line;
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Reflow {}

/// `…打通社区、⏎⏎村居等神经末梢。`: pages of newspapers are cut into columns, and the cuts come along as paragraphs.
/// Leaves lines of verse (`举头望明月，`), salutations, items, headings and introductions that end in a colon.
static BROKEN: Rule =
    Rule { name: "broken", about: "a paragraph of Chinese prose that goes on after an empty line is joined" };

/// `…今年却不一⏎样，谁也说不清楚水为什么在山谷里停⏎留了这么久。`: columns of print, and pages of documents that were made for print, keep
/// their lines. Leaves lines that end with words (manuals, mail), verse, lists and tables.
static WRAPPED: Rule = Rule {
    name: "wrapped",
    about: "lines of a Chinese column that end inside of words are joined to paragraphs",
};

/// `the last har-⏎bour before the open sea`: the same in Latin script, where words are divided by hyphens. Leaves lines that end with whole
/// words, as those of manuals, mail and licences do.
static HYPHENATED: Rule = Rule {
    name: "hyphenated",
    about: "lines of a column with divided words are joined to paragraphs, the words too",
};

static RULES: [&Rule; 3] = [&BROKEN, &WRAPPED, &HYPHENATED];

/// A paragraph that may be broken has at least this many Han characters: with a sentence end inside it, it cannot be
/// verse or an item. A guess; lines of regulated verse have at most 14, couplets about 30 with marks.
const LONG: u32 = 24;

/// Paragraphs of prose a document must have before its habits are known. A guess.
const FEW: usize = 10;

/// At most one paragraph of so many may lack its end. The newspaper page this stage was made for has 6 of 78; text that is
/// hard-wrapped as a whole, and writers who do without full stops, have most of them.
const ONE_OF: usize = 10;

/// Breaks with a proof of some kind, before any is joined: what cuts paragraphs cuts more than one. In clean text there are one or two of
/// a chunk where a formula or a piece of code got lost.
const ENOUGH_PROVEN: usize = 3;

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
        Triggers::NEWLINE
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        if wrapped::find(doc, proposal) || !doc.triggers().meets(Triggers::CJK) {
            return;
        }
        let mut habits = Habits::default();
        let mut broken: Vec<Break> = Vec::new();
        // The last two lines with something on them.
        let mut previous: [Option<&Line>; 2] = [None, None];
        for line in doc.lines().iter().filter(|line| !line.is_blank()) {
            let [above, before] = previous;
            previous = [before, Some(line)];
            let Some(before) = before.filter(|before| is_prose(before)) else { continue };
            habits.see(doc, before, line);
            if let Some(found) = Break::between(doc, above, before, line) {
                broken.push(found);
            }
        }
        let Some(first) = broken.first().map(|found| found.gap.clone()) else { return };
        broken.retain(|found| habits.has(found));
        let proven = if habits.are_of_paragraphs() { prove(&mut broken, doc.text()) } else { 0 };
        if proven < ENOUGH_PROVEN {
            proposal.maybe(first, "", &BROKEN);
            return;
        }
        for found in broken {
            match found.proof {
                Proof::Certain | Proof::Supported => proposal.cut(found.gap, &BROKEN),
                Proof::None => proposal.maybe(found.gap, "", &BROKEN),
            }
        }
    }
}

/// How the paragraphs of a document end.
#[derive(Default)]
struct Habits {
    prose: usize,
    /// Those of `prose` that stop in mid-sentence, joinable or not.
    unended: usize,
    /// Those of `prose` that end and have an empty line behind.
    apart: usize,
}

impl Habits {
    fn see(&mut self, doc: &Document, before: &Line, after: &Line) {
        self.prose += 1;
        if doc.line(before).trim_end().chars().next_back().is_some_and(stops) {
            self.unended += 1;
        } else {
            self.apart += usize::from(is_apart(&doc.text()[before.end..after.start]));
        }
    }

    /// A line is a paragraph, and its end is a sentence's.
    fn are_of_paragraphs(&self) -> bool {
        self.prose >= FEW && self.unended * ONE_OF <= self.prose
    }

    /// The break looks as the ends of paragraphs do. A line break inside of what empty lines divide is a wrapped line, and
    /// the rest of its paragraph is wrapped as well.
    fn has(&self, found: &Break) -> bool {
        let apart = self.apart * 2 > self.prose - self.unended;
        found.is_apart == apart
    }
}

/// An empty line lies between. How many do is not asked: of many, the `whitespace` stage leaves one.
fn is_apart(gap: &str) -> bool {
    memchr::memchr_iter(b'\n', gap.as_bytes()).nth(1).is_some()
}

/// Finds what speaks for each break, and how many are certain.
///
/// The words that joining makes whole prove other breaks, so this goes on until it finds nothing more; else a second run
/// would.
fn prove(broken: &mut [Break], text: &str) -> usize {
    let words: Vec<Option<String>> = broken.iter().map(Break::word).collect();
    let mut known: HashSet<&str> = HashSet::new();
    let patterns: Vec<&str> = words.iter().flatten().map(String::as_str).collect();
    // The automaton is far below every limit that building one can meet; none would only find nothing.
    if let Ok(finder) = AhoCorasick::new(&patterns) {
        known.extend(finder.find_overlapping_iter(text).map(|found| &text[found.range()]));
        let mut new: Vec<String> = Vec::new();
        for found in broken.iter_mut() {
            found.proof = found.own_proof();
            if found.proof == Proof::Certain {
                new.push(found.seam());
            }
        }
        loop {
            let seams = new.join("\n");
            new.clear();
            let made: HashSet<&str> =
                finder.find_overlapping_iter(&seams).map(|m| &seams[m.range()]).collect();
            for (found, word) in broken.iter_mut().zip(&words) {
                let Some(word) = word else { continue };
                if found.proof != Proof::Certain
                    && (known.contains(word.as_str()) || made.contains(word.as_str()))
                {
                    found.proof = Proof::Certain;
                    new.push(found.seam());
                }
            }
            if new.is_empty() {
                break;
            }
        }
    }
    broken.iter().filter(|found| found.proof == Proof::Certain).count()
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
    is_apart: bool,
    before: &'t str,
    after: &'t str,
    proof: Proof,
}

impl<'t> Break<'t> {
    /// `above` is the line above `before`.
    fn between(doc: &'t Document, above: Option<&Line>, before: &Line, after: &Line) -> Option<Self> {
        let first = doc.line(before).trim_end();
        let second = doc.line(after).trim_start();
        let last = first.chars().next_back()?;
        let next = second.chars().next()?;
        let gap = before.start + first.len()..after.end - second.len();
        let second = second.trim_end();
        if !stops(last) {
            return None;
        }
        // Two in a row are wrapped lines. Joining the second would also make the first joinable, the next time.
        let wrapped = above.is_some_and(|above| {
            is_prose(above) && doc.line(above).trim_end().chars().next_back().is_some_and(stops)
        });
        // Only what can go on: an opening mark, a bullet or a number with its mark begins something.
        let goes_on = matches!(chars::class(next), Class::Han) || (next.is_ascii_digit() && !is_item(second));
        // A new paragraph of the same text begins with the indentation the other has.
        let indented = |line: &Line| doc.line(line).starts_with([' ', '\u{3000}', '\t']);
        let is_apart = is_apart(&doc.text()[gap.clone()]);
        let found = Self { gap, is_apart, before: first, after: second, proof: Proof::None };
        if wrapped
            || !goes_on
            || is_item(second)
            || is_credit(second)
            || (indented(after) && !indented(before))
            // Joining leaves no new break behind, and a second run finds nothing.
            || second.chars().next_back().is_none_or(stops)
        {
            return None;
        }
        // The rest ends as a paragraph does.
        let ends = second.chars().next_back().is_some_and(is_proper_end);
        let is_text = after.han >= 1 && after.ends >= 1 && after.han * 3 >= after.visible();
        // A sentence that ends before the break shows that the line is neither verse nor an item.
        let is_running = has_sentence_end(first) || found.is_inside_brackets();
        let is_paragraph = ends && is_text && is_running;
        let is_cut = || after.ends + after.commas >= 1 && word_evidence(first, second).is_cut();
        (is_paragraph || is_cut()).then_some(found)
    }

    /// What speaks for the break by itself, besides that the paragraph lacks its end.
    fn own_proof(&self) -> Proof {
        let evidence = word_evidence(self.before, self.after);
        if self.is_inside_brackets() || self.rest_is_no_sentence() || evidence.is_cut() {
            Proof::Certain
        } else if self.before.ends_with(['，', '、']) || evidence.is_likely() {
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

    /// The two characters before the break and the two behind it, if all are Han. Where they stand together elsewhere in
    /// the document, the break goes through a word. With three, half of the finds in clean text were chance.
    fn word(&self) -> Option<String> {
        let mut before = self.before.chars().rev();
        let mut after = self.after.chars();
        let (one, two) = (before.next()?, before.next()?);
        let word = [two, one, after.next()?, after.next()?];
        word.iter().all(|&c| chars::is_han(c)).then(|| word.iter().collect())
    }

    /// What stands around the break once it is joined, as far as a word of another break may reach.
    fn seam(&self) -> String {
        let mut before: Vec<char> = self.before.chars().rev().take(3).collect();
        before.reverse();
        before.into_iter().chain(self.after.chars().take(3)).collect()
    }
}

/// What the n-gram counts say of a cut between two pieces of Chinese.
pub(crate) struct Evidence {
    /// How much likelier the two are one line than two, as a logarithm.
    joined: f32,
    /// Mean logarithm of the probabilities of the two characters beside the cut given each other.
    bound: f32,
}

impl Evidence {
    /// The cut goes through a word: 14 of the 932 places of clean Chinese where a paragraph lacks its end look so, all real cuts; of
    /// cuts at random between Han characters four in ten do.
    pub(crate) fn is_cut(&self) -> bool {
        self.joined >= 12.0 && self.bound >= -5.0
    }

    /// It rather goes through a sentence than stands between two.
    fn is_likely(&self) -> bool {
        self.joined >= 12.0
    }
}

/// Weighs the cut between `before` and `after`.
pub(crate) fn word_evidence(before: &str, after: &str) -> Evidence {
    let mut left = before.chars().rev();
    let mut right = after.chars();
    let (Some(b), a) = (left.next(), left.next().unwrap_or('\n')) else {
        return Evidence { joined: 0.0, bound: f32::MIN };
    };
    let (Some(c), d) = (right.next(), right.next().unwrap_or('\n')) else {
        return Evidence { joined: 0.0, bound: f32::MIN };
    };
    let model = model();
    let [x, y, z, line] = [a, b, c, '\n'].map(|c| model.symbol(c));
    let third = |first, second, c| model.third(model.pair(first, second), c).ln();
    let whole = third(x, y, c) + third(y, z, d);
    let apart = third(x, y, '\n') + third(y, line, c) + third(line, z, d);
    Evidence { joined: whole - apart, bound: model.after(b, c) + (model.alone(b) - model.alone(c)) / 2.0 }
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

/// Cannot close a paragraph: not a sentence end, a closing mark, a colon or a dash.
fn stops(c: char) -> bool {
    matches!(c, '，' | '、') || matches!(chars::class(c), Class::Han | Class::Digit)
}

fn is_proper_end(c: char) -> bool {
    matches!(
        c,
        '。' | '！' | '？' | '…' | '!' | '?' | '"' | '”' | '」' | '』' | '）' | ')' | '》' | '；' | '.'
    )
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

    /// Breaks that prove themselves, `gap` between their halves.
    fn certain(gap: &str) -> String {
        let word = format!(
            "多年来扎实经营，久久为功。这使得今年的数字治理在全省各地大放异{gap}彩。通过各种手段，精准排摸。\n\n"
        );
        let quote = format!(
            "他们很早就来了。“我们广泛发动群众的力量，建立了三级网络和防控的模式，组{gap}建了一支服务队。”书记说。\n\n"
        );
        format!("{word}{GOOD}\n\n{quote}")
    }

    /// `piece` in a document with two certain breaks, among paragraphs that end properly.
    fn among(piece: &str, gap: &str) -> String {
        let good = format!("{GOOD}\n\n").repeat(30);
        format!("{good}{}{good}{piece}\n\n{good}", certain(gap))
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(clean(&among(before, "\n\n")), among(after, ""));
        assert_eq!(clean(&among(after, "")), among(after, ""), "the second time");
    }

    /// Neither joined in a document that is broken nor in one that is not.
    #[track_caller]
    fn untouched(piece: &str) {
        let third = format!("{}\n\n{piece}", certain("\n\n"));
        assert_eq!(clean(&among(&third, "\n\n")), among(&format!("{}\n\n{piece}", certain("")), ""));
        assert_eq!(clean(&among(piece, "")), among(piece, ""));
    }

    #[test]
    fn one_break_is_not_enough() {
        let text = format!(
            "{0}多年来扎实经营，久久为功。这使得今年的数字治理在全省各地大放异\n\n彩。通过各种手段，精准排摸。\n\n{0}",
            format!("{GOOD}\n\n").repeat(30)
        );
        assert!(clean(&text) == text);
    }

    #[test]
    fn a_comma_is_believed_in_company() {
        let alone = "每天早上八点半，她都准时赶到楼下。电话问候隔离的人员，记录每个人的体温、\n\n帮二十多户居民买菜。";
        assert_eq!(clean(&among(alone, "")), among(alone, ""));
        let (before, after) = (certain("\n\n"), certain(""));
        check(&format!("{before}{alone}"), &format!("{after}{}", alone.replace('\n', "")));
    }

    #[test]
    fn a_word_of_the_document_proves_the_break() {
        check(
            "志愿者们走了。守护联盟的人都记得他们。后来大家又在同一个地方重新组织起守护\n\n联盟的活动，天天不断。",
            "志愿者们走了。守护联盟的人都记得他们。后来大家又在同一个地方重新组织起守护联盟的活动，天天不断。",
        );
    }

    #[test]
    fn a_line_break_inside_a_paragraph_is_left() {
        untouched(
            "他们很早就来了。“我们广泛发动群众的力量，建立了三级网络和防控的模式，组\n建了一支服务队。”书记说。",
        );
    }

    #[test]
    fn wrapped_paragraphs_stay() {
        let wrapped = "多年来扎实经营，久久为功。这使得今年的数字治理在全省各地都受到了好\n\n\
            评，有关部门的负责人说，通过各种手段精准排摸，大家心里都有了底，大放异\n\n彩。这一点没有人怀疑。";
        untouched(wrapped);
        let text = format!("{}\n", wrapped.replace("\n\n", "\n")).repeat(30);
        assert_eq!(clean(&text), text);
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
