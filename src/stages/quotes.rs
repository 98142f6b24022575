//! Repairs quotation marks that became other characters: `'' 及时雨 ''` → `“及时雨”`.
//!
//! Some content systems escape `“` and `”` as `''`, and pad them with spaces as they pad Latin words. Which of the two
//! a mark was is not written down; it follows from the order within a paragraph. So the stage believes the marks of a
//! document only when they behave as quotation marks throughout, and when nothing hints at the other lives of `''`:
//! italics of wiki text, TeX, empty strings of code, seconds and inches.

use std::ops::Range;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::chars::{self, Class};
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Quotes {}

/// `区里 '' 一对一 '' 帮扶` → `区里“一对一”帮扶`; four in a row are a closing and an opening mark. Leaves paragraphs
/// with an odd number of marks, and every document in which a mark cannot be a quotation mark.
static DOUBLED: Rule =
    Rule { name: "doubled", about: "a pair of '' in Chinese prose becomes “ and ”, with its padding" };

/// `他说：?我来吧。?` → `他说：“我来吧。”`, and the same with U+FFFD: a program that did not know the marks wrote another character for
/// both. Believed where they open what no question mark can stand before, three times in a document, and pair up throughout. Leaves
/// questions, and lines with an odd number of marks.
static LOST: Rule =
    Rule { name: "lost", about: "a pair of ? or U+FFFD that stands for quotation marks becomes “ and ”" };

static RULES: [&Rule; 2] = [&DOUBLED, &LOST];

/// Pairs a document must hold for its marks to be believed. One pair may be anything, two may be two empty strings that
/// a sentence speaks of; three well-formed ones with no counter-example are a habit. A guess, on the safe side.
const ENOUGH_PAIRS: usize = 3;

/// One `''`, and where it stands.
#[derive(Clone, Debug)]
struct Mark {
    /// The two quotes; half of a run of four.
    span: Range<usize>,
    opens: bool,
}

impl Stage for Quotes {
    fn name(&self) -> &'static str {
        "quotes"
    }

    fn about(&self) -> &'static str {
        "Repairs quotation marks that became other characters: `'' 及时雨 ''` → `“及时雨”`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        Triggers::APOSTROPHE.or(Triggers::QUESTION).or(Triggers::REPLACEMENT)
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let text = doc.text();
        if !doc.triggers().meets(Triggers::CJK) {
            return;
        }
        for (trigger, mark, openings) in
            [(Triggers::QUESTION, '?', ENOUGH_PAIRS), (Triggers::REPLACEMENT, '\u{FFFD}', 1)]
        {
            if doc.triggers().meets(trigger) {
                lost(text, mark, openings, proposal);
            }
        }
        if !doc.triggers().meets(Triggers::APOSTROPHE) || !has(text, "''") {
            return;
        }
        // Wiki text, TeX and fenced code, templates: here '' means something else.
        if ["'''''", "[[", "{{", "``"].iter().any(|sign| has(text, sign)) {
            return;
        }
        let mut marks = Vec::new();
        let (mut pairs, mut strong, mut spoken) = (0, 0, 0);
        let mut start = 0;
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |n| start + n);
            if has(&text[start..end], "''") {
                match paragraph(text, start..end) {
                    Reading::Contradiction => return,
                    Reading::Odd => {}
                    Reading::Pairs { marks: here, strong: sure, spoken: said } => {
                        pairs += here.len() / 2;
                        strong += sure;
                        spoken += said;
                        marks.extend(here);
                    }
                }
            }
            start = end + 1;
        }
        if pairs == 0 {
            return;
        }
        let padded = marks.iter().any(|mark| inner_space(text, mark) > 0);
        // Wiki text sets ''italics'' without padding, also around whole sentences.
        let four = marks.windows(2).any(|two| two[0].span.end == two[1].span.start);
        let sure = pairs >= ENOUGH_PAIRS && strong > 0 && (padded || four || spoken > 0);
        propose(text, &marks, padded, sure, proposal);
    }
}

/// Characters of a quotation without a sentence mark in it that stands in the middle of a sentence: a name, a term.
const LONGEST_TERM: usize = 12;

/// Pairs of `mark`, one character for both quotation marks; so many of them stand where only an opening mark can. U+FFFD, which nobody
/// types, needs fewer.
fn lost(text: &str, mark: char, openings: usize, proposal: &mut Proposal) {
    let before = |at: usize| text[..at].chars().next_back();
    let is_before_han = |at: usize| text[at + mark.len_utf8()..].chars().next().is_some_and(chars::is_han);
    // A question mark opens nothing; where one stands behind a colon or a comma, before a character, it is none.
    let opens = |at: usize| {
        before(at).is_some_and(|c| matches!(c, '：' | '，' | '、' | '；' | '（')) && is_before_han(at)
    };
    // So it may at the beginning of a line or a sentence, but there stray marks stand as well.
    let may_open = |at: usize| {
        opens(at) || before(at).is_none_or(|c| matches!(c, '\n' | '。' | '\u{3000}')) && is_before_han(at)
    };
    let closes =
        |at: usize| before(at).is_some_and(|c| !matches!(c, '：' | '，' | '、' | '；' | '（' | '“' | '《'));
    let mut needle = [0; 4];
    let needle = mark.encode_utf8(&mut needle);
    if memchr::memmem::find_iter(text.as_bytes(), needle.as_bytes())
        .filter(|at| opens(*at))
        .nth(openings - 1)
        .is_none()
    {
        return;
    }
    // Three in a row stand for what nobody knows.
    if has(text, &needle.repeat(3)) {
        return;
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut start, mut odd, mut even) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        let base = start;
        start += line.len();
        let line = line.trim_end();
        let marks: Vec<usize> = line.match_indices(mark).map(|(n, _)| base + n).collect();
        if !marks.len().is_multiple_of(2) {
            odd += 1;
            continue;
        }
        let pairs: Vec<(usize, usize)> = marks.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let is_quotation = |&(open, close): &(usize, usize)| {
            let content = &text[open + mark.len_utf8()..close];
            let is_term =
                content.chars().count() <= LONGEST_TERM && !content.contains(['，', '。', '！', '？', '；']);
            content.starts_with(|c: char| chars::is_han(c) || c.is_alphanumeric())
                && is_quotable(content)
                && closes(close)
                && (may_open(open) || is_term && !ends_question(content))
        };
        // One that is none among them shifts all others.
        if pairs.iter().all(is_quotation) {
            even += usize::from(!pairs.is_empty());
            found.extend(pairs.iter().map(|(open, close)| *open..*close));
        } else if pairs.iter().any(|(open, _)| opens(*open)) {
            return;
        }
    }
    if odd * 4 > even {
        return;
    }
    let sure =
        found.len() >= ENOUGH_PAIRS && found.iter().filter(|pair| opens(pair.start)).count() >= openings;
    for pair in found {
        for (at, with) in [(pair.start, "“"), (pair.end, "”")] {
            if sure {
                proposal.replace(at..at + mark.len_utf8(), with, &LOST);
            } else {
                proposal.maybe(at..at + mark.len_utf8(), with, &LOST);
            }
        }
    }
}

/// A question by its last word: the mark behind it may be its own.
fn ends_question(content: &str) -> bool {
    content.ends_with(['吗', '呢', '嗎', '么', '麼', '吧'])
}

/// What the marks of one paragraph say.
enum Reading {
    /// Not quotation marks: the whole document is left.
    Contradiction,
    /// A mark was lost or is shared with another paragraph: this one is left.
    Odd,
    /// Opening and closing by turns; `strong` of the pairs could hardly be anything else but italics, `spoken` hold
    /// a sentence or stand behind a colon.
    Pairs { marks: Vec<Mark>, strong: usize, spoken: usize },
}

fn paragraph(text: &str, span: Range<usize>) -> Reading {
    // White space at a line's end is trimmed later and must not tell anything here.
    let span = span.start..span.start + text[span.clone()].trim_end().len();
    let line = &text[span.clone()];
    let (mut han, mut latin) = (0_usize, 0_usize);
    for c in line.chars() {
        match chars::class(c) {
            Class::Han | Class::Kana => han += 1,
            Class::Letter => latin += 1,
            _ => {}
        }
    }
    // A Han character says about as much as a Latin word of three letters.
    if han * 3 < latin || han == 0 {
        return Reading::Contradiction;
    }
    let bytes = text.as_bytes();
    let mut marks: Vec<Mark> = Vec::new();
    let mut at = span.start;
    while let Some(found) = memchr::memchr(b'\'', &bytes[at..span.end]) {
        let from = at + found;
        let length = bytes[from..span.end].iter().take_while(|&&b| b == b'\'').count();
        at = from + length;
        match length {
            1 => {}
            2 | 4 => {
                for half in (from..at).step_by(2) {
                    marks.push(Mark { span: half..half + 2, opens: marks.len().is_multiple_of(2) });
                }
            }
            _ => return Reading::Contradiction,
        }
    }
    if !marks.len().is_multiple_of(2) {
        return Reading::Odd;
    }
    let (mut strong, mut spoken) = (0, 0);
    for pair in marks.chunks_exact(2) {
        let [open, close] = pair else { continue };
        let content = text[open.span.end..close.span.start].trim_matches(' ');
        let before = text[span.start..open.span.start].chars().next_back();
        let after = text[close.span.end..span.end].trim_start_matches(' ').chars().next();
        if !is_quotable(content)
            || before.is_some_and(|c| c.is_ascii_alphanumeric() || "=([{\\+<>&|$#@`".contains(c))
        {
            return Reading::Contradiction;
        }
        let ends_sentence =
            content.chars().next_back().is_some_and(|c| matches!(c, '。' | '！' | '？' | '…' | '!' | '?'));
        let is_said = before.is_some_and(|c| matches!(c, '：' | ':' | '，' | '。')) || before.is_none();
        let closes = after.is_none_or(|c| matches!(c, '。' | '，' | '、' | '；' | '！' | '？'));
        strong += usize::from(ends_sentence || is_said || closes);
        spoken += usize::from(ends_sentence || matches!(before, Some('：' | ':')));
    }
    Reading::Pairs { marks, strong, spoken }
}

/// What may stand between quotation marks: something, not beginning with a mark that belongs to what came before, and
/// without the signs of code.
fn is_quotable(content: &str) -> bool {
    let Some(first) = content.chars().next() else { return false };
    !matches!(first, '，' | '。' | '、' | '；' | '：' | '！' | '？' | '）' | '》' | '”' | ',' | ';' | ')' | '.' | '=' | '+')
        // A word of the sentence that stands between two empty strings: `'' 和 ''`.
        && !matches!(content, "和" | "与" | "或" | "及" | "或者" | "以及" | "與" | "是" | "不等于" | "等于")
        && content.chars().any(|c| c.is_alphanumeric())
        && !content.contains(['=', '{', '}', '\\', '<', '>', '$', '`', '+', '|'])
}

/// Bytes of space inside the quotation.
fn inner_space(text: &str, mark: &Mark) -> usize {
    if mark.opens {
        leading_spaces(&text[mark.span.end..])
    } else {
        trailing_spaces(&text[..mark.span.start])
    }
}

fn leading_spaces(text: &str) -> usize {
    text.bytes().take_while(|&b| b == b' ').count()
}

fn trailing_spaces(text: &str) -> usize {
    text.bytes().rev().take_while(|&b| b == b' ').count()
}

/// One edit for each run of marks, its padding included.
fn propose(text: &str, marks: &[Mark], padded: bool, sure: bool, proposal: &mut Proposal) {
    let mut done = 0;
    let mut marks = marks.iter().peekable();
    while let Some(mark) = marks.next() {
        let mut last = mark;
        let mut with = String::from(if mark.opens { "“" } else { "”" });
        // A closing mark and the opening one behind it, with at most spaces between, are one edit.
        while let Some(next) = marks.peek() {
            let between = &text[last.span.end..next.span.start];
            if last.opens || !between.bytes().all(|b| b == b' ') || (!padded && !between.is_empty()) {
                break;
            }
            with.push('“');
            last = next;
            marks.next();
        }
        let before = &text[done..mark.span.start];
        let after = &text[last.span.end..];
        let mut start = mark.span.start;
        let mut end = last.span.end;
        if !mark.opens || (padded && is_wide(before.trim_end_matches(' ').chars().next_back())) {
            start -= trailing_spaces(before);
        }
        if last.opens || (padded && is_wide(after.trim_start_matches(' ').chars().next())) {
            end += leading_spaces(after);
        }
        done = end;
        if sure {
            proposal.replace(start..end, with, &DOUBLED);
        } else {
            proposal.maybe(start..end, with, &DOUBLED);
        }
    }
}

/// A character beside which a space is padding. The start and end of a line are not: indentation stays.
fn is_wide(c: Option<char>) -> bool {
    c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !matches!(chars::class(c), Class::Letter))
}

fn has(text: &str, sign: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{self, Confidence};

    fn clean(text: &str) -> String {
        let mut proposal = Proposal::default();
        Quotes::default().run(&Document::from_text(text), &mut proposal);
        proposal.edits.retain(|e| e.confidence == Confidence::Sure);
        edit::apply(text, &proposal.edits).unwrap()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(clean(before), after);
        assert_eq!(clean(after), after, "the second time");
    }

    #[track_caller]
    fn untouched(text: &str) {
        check(text, text);
    }

    #[test]
    fn padded_pairs_become_marks_without_padding() {
        check(
            "昨天，'' 城市新闻 '' 转发了报道。他说：'' 我来吧。''\n这是 '' 一对一 '' 帮扶，也是 '' 及时雨 ''。",
            "昨天，“城市新闻”转发了报道。他说：“我来吧。”\n这是“一对一”帮扶，也是“及时雨”。",
        );
    }

    #[test]
    fn four_in_a_row_close_and_open() {
        check(
            "'' 真不容易 '''' 大家辛苦了！'''' 多谢。'' 居民们说。",
            "“真不容易”“大家辛苦了！”“多谢。”居民们说。",
        );
    }

    #[test]
    fn bare_pairs_keep_the_spaces_outside() {
        check(
            "他说：''好。''她说：''再见。'' 然后走了。''真的''？",
            "他说：“好。”她说：“再见。” 然后走了。“真的”？",
        );
    }

    #[test]
    fn indentation_stays() {
        check("  '' 一 ''，'' 二 ''，'' 三 ''。", "  “一”，“二”，“三”。");
    }

    #[test]
    fn an_odd_paragraph_stays_the_others_do_not() {
        check(
            "他说：''好。''她说：''对。''都说：''行。''\n有人''没说完。",
            "他说：“好。”她说：“对。”都说：“行。”\n有人''没说完。",
        );
    }

    #[test]
    fn too_few_are_only_marked() {
        untouched("这里有 '' 一个 '' 引号。");
    }

    #[test]
    fn white_space_at_a_line_s_end_says_nothing() {
        check("''做''''不''''这''\r\n", "“做”“不”“这”\r\n");
    }

    #[test]
    fn marks_that_became_another_character() {
        for mark in ["?", "\u{FFFD}"] {
            let text = "他说：“我来吧。”\n大家把它叫做“及时雨”，“一对一”帮扶很好。\n有人问：“明天还来吗？”";
            check(&text.replace(['“', '”'], mark), text);
        }
    }

    #[test]
    fn questions_stay() {
        untouched("你是谁?我是你的邻居。你呢?\n他问：什么时候?明天。\n，?一，?二，?三");
        untouched("真的?假的?谁知道?\n选项：?甲?乙?丙\n选项：?甲?乙?丙\n选项：?甲?乙?丙");
    }

    #[test]
    fn other_uses_stay() {
        untouched("''斜体''和'''粗体'''，见[[链接]]。''一''，''二''，''三''。");
        untouched("北纬39°54'26''，东经116°23'29''，北纬40°1'2''，东经110°3'4''。");
        untouched("屏幕5''的和6''的，还有7''的和8''的手机，以及9''的和10''的平板。");
        untouched("字符串 '' 和 '' 相等。空串 '' 与 '' 也相等，还有 '' 或 ''。");
        untouched("查询 name='' 或者 city='' 的记录，再查 a='' 和 b=''。c='' d=''");
        untouched("TeX 里写 ``引号''，再写 ``引号''，三写 ``引号''，''四''。");
        untouched("It''s a long English text with ''many'' quotes ''in'' it and ''more''. 中文");
    }

    #[test]
    fn a_megabyte_of_quotes_is_read_once() {
        let text = format!("中文{}", "'".repeat(1_000_000));
        assert_eq!(clean(&text), text);
    }
}
