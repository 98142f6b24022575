//! Cuts blocks of keywords and links that were planted around a text: `…守望相助。\n词一 词二 词一 …` → `…守望相助。`.
//!
//! *What it finds.* Hacked and bought pages carry lists that no reader sees: brands of lotteries said hundreds of
//! times, names of firms that do not exist, counties, links whose addresses hold the keywords. No word makes such a
//! list: what one spammer sells another page writes about. What tells them is that a text of sentences *changes*
//! into a list without a sentence mark or a function character, and that the list
//! is in another script than the text ([`FOREIGN_SCRIPT`]), or says few things many times ([`REPEATED`]), or has
//! nothing to do with the text ([`UNRELATED`]), or is made of addresses or anchors ([`LINKS`], [`ANCHORS`]).
//!
//! *What it leaves alone.* A document that is a list from end to end (surnames, a glossary, a table); lists that share
//! the text's vocabulary (its keywords, index, bibliography); lists with an introduction or a heading; names of people;
//! tables of numbers; anything not Chinese but for links and anchors.
//!
//! *How.* The counts of the lines ([`Document::lines`]) name the few lines that could be lists; only those are taken
//! apart. A text whose lines end in sentence marks costs one look at each line's counts.

use std::cell::OnceCell;
use std::ops::Range;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::{Confidence, Edit, Rule};
use crate::lang::chars;
use crate::lang::han::{self, Script};
use crate::lang::lines::Line;
use crate::stage::{Proposal, Stage, Verdict};
use crate::stages::language::rounded;

mod items;
mod links;
mod vocabulary;

use items::Measure;
use vocabulary::Vocabulary;

/// The stage, which is its options: there are none.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Spam {}

/// Keywords in Simplified under or over a text in Traditional: `…登記測溫。\n网站模板: 手工皂教程| 二手车报价|`.
///
/// Some kits convert the text they steal and not the keywords they add. A list of terms that the text is about
/// stays, in whichever script, and so do single characters (an article on the scripts).
static FOREIGN_SCRIPT: Rule =
    Rule { name: "foreign_script", about: "a list in another script than the text around it is cut" };

/// The same few keywords again and again: `极速竹编 竹编官网 极速竹编 竹编app 竹编官网 …`.
///
/// Tables repeat too, but in numbers and short words; songs do, but with function characters.
static REPEATED: Rule = Rule { name: "repeated", about: "a list that says few things many times is cut" };

/// Names that have nothing to do with the text: `新河县挖石搪瓷有限公司 滑口县士波舞台灯光有限公司 …`.
///
/// Lists that somebody wrote are introduced by a colon or a heading, and name things of the text.
static UNRELATED: Rule =
    Rule { name: "unrelated", about: "a long list that shares no vocabulary with the text is cut" };

/// Bare addresses that carry keywords, the same page under many queries: `https://…/%E7%AB%B9%E7%BC%96.md?/k=1`.
///
/// References and link lists name each address once.
static LINKS: Rule =
    Rule { name: "links", about: "a list of bare addresses that repeat pages under other names is cut" };

/// Anchors of several sites with nothing but tokens between them: `<a href="…">pills</a> 03825 <a href="…">…`.
///
/// Guest-book robots put a different token after each anchor. Badges hold pictures, menus hold `|` or words.
static ANCHORS: Rule =
    Rule { name: "anchors", about: "a line of anchors to several sites joined by random tokens is cut" };

/// The document is such a list from end to end.
static PAGE: Rule = Rule {
    name: "page",
    about: "the document is planted keywords or links from end to end; set aside on request",
};

static RULES: [&Rule; 6] = [&FOREIGN_SCRIPT, &REPEATED, &UNRELATED, &LINKS, &ANCHORS, &PAGE];

impl Stage for Spam {
    fn name(&self) -> &'static str {
        "spam"
    }

    fn about(&self) -> &'static str {
        "Cuts blocks of keywords and links that were planted around a text."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let page = Page::of(doc);
        let mut strongest = 0.0_f64;
        let mut listed = 0;
        for number in 0..page.runs.len() {
            let (finding, evidence) = page.judge(number);
            strongest = strongest.max(evidence);
            listed += page.runs.get(number).map_or(0, |run| run.measure.visible);
            if let Some((rule, sure)) = finding {
                let span = page.cut(number);
                if sure {
                    proposal.cut(span, rule);
                } else {
                    proposal.maybe(span, "", rule);
                }
            }
        }
        if let Some(span) = page.foreign_head() {
            strongest = strongest.max(0.9);
            proposal.cut(span, &FOREIGN_SCRIPT);
        }
        let links = links::find(doc);
        for (span, rule) in &links.cuts {
            proposal.cut(span.clone(), rule);
        }
        disjoin(&mut proposal.edits);
        strongest = strongest.max(links.evidence);
        let score = page.score(strongest, listed);
        proposal.signal("spam_score", rounded(score));
        if page.is_spam(listed) || links.whole {
            let detail = format!("{listed} characters of repeated keywords or links, no sentences");
            proposal.verdict = Some(Verdict { rule: &PAGE, detail });
        }
    }
}

/// Takes from each cut what an earlier one takes already: neighbours share the white space between them, and a row of anchors may be
/// a list besides. What is certain comes first.
fn disjoin(edits: &mut Vec<Edit>) {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut done = 0;
    let mut certain = Vec::new();
    for edit in edits.iter_mut().filter(|edit| edit.confidence == Confidence::Sure) {
        edit.span.start = edit.span.start.max(done);
        done = done.max(edit.span.end);
        certain.push(edit.span.clone());
    }
    let mut certain = certain.into_iter().filter(|span| !span.is_empty()).peekable();
    let mut done = 0;
    edits.retain(|edit| {
        if edit.confidence == Confidence::Sure {
            return !edit.span.is_empty();
        }
        while certain.next_if(|span| span.end <= edit.span.start).is_some() {}
        let free = edit.span.start >= done && certain.peek().is_none_or(|span| span.start >= edit.span.end);
        if free {
            done = edit.span.end;
        }
        free && !edit.span.is_empty()
    });
}

/// Visible characters a line of several items must have: the shortest labelled list has 150, twelve
/// names of counties 48.
const DENSE_VISIBLE: u32 = 40;
/// Separators it must have, so at least eight items.
const DENSE_SEPARATORS: u32 = 7;
/// The longest line that counts as one item: items of the labelled lists have up to 20 characters,
/// and half as many again are left for others.
const ITEM_VISIBLE: u32 = 32;
/// Lines of one item each that make a run worth a look.
const ITEM_LINES: usize = 12;

/// A run of neighbouring lines that look like a list.
struct Run {
    /// The text taken for the list; a piece of a line where a sentence stands before it.
    pieces: Vec<Range<usize>>,
    /// Index of the first and after the last of its lines.
    lines: Range<usize>,
    /// Many items to the line, or one.
    dense: bool,
    /// The list starts behind a sentence on the same line.
    behind_sentence: bool,
    measure: Measure,
}

/// A document with its lists found: everything else is its body.
struct Page<'d> {
    doc: &'d Document,
    runs: Vec<Run>,
    /// Text outside the runs.
    body: Vec<Range<usize>>,
    /// Counts of the lines that are wholly body.
    sum: Line,
    /// What the body speaks of, gathered when the first list asks.
    vocabulary: OnceCell<Option<Vocabulary>>,
    /// Sentence ends from each line on, summed when the first list asks.
    ends_from: OnceCell<Vec<u32>>,
}

impl<'d> Page<'d> {
    fn of(doc: &'d Document) -> Self {
        let lines = doc.lines();
        let mut runs: Vec<Run> = Vec::new();
        let mut number = 0;
        while let Some(line) = lines.get(number) {
            if line.is_blank() {
                number += 1;
                continue;
            }
            if let Some(run) = dense_run(doc, number).or_else(|| item_run(doc, number)) {
                number = run.lines.end;
                runs.push(run);
                continue;
            }
            // A stretch of items too short to be a run is passed as a whole, or a long text would be looked at twice.
            number += 1;
        }
        let mut body = Vec::new();
        let mut sum = Line::default();
        let mut next = runs.iter().flat_map(|run| run.lines.clone()).peekable();
        let mut from = 0;
        for (number, line) in lines.iter().enumerate() {
            if next.peek() == Some(&number) {
                next.next();
            } else {
                add(&mut sum, line);
            }
        }
        for piece in runs.iter().flat_map(|run| &run.pieces) {
            if from < piece.start {
                body.push(from..piece.start);
            }
            from = piece.end;
        }
        if from < doc.text().len() {
            body.push(from..doc.text().len());
        }
        // What stands before a list on its line is body, too: a text may be one line.
        for run in runs.iter().filter(|run| run.behind_sentence) {
            if let (Some(line), Some(piece)) = (lines.get(run.lines.start), run.pieces.first()) {
                let head = crate::lang::lines::count(doc.at(line.start..piece.start));
                head.iter().for_each(|line| add(&mut sum, line));
            }
        }
        Self { doc, runs, body, sum, vocabulary: OnceCell::new(), ends_from: OnceCell::new() }
    }

    /// Whether the text around the lists is made of sentences: it has a few, as many to the hundred characters as the
    /// sparsest good text of labelled pages (0.45), and function characters between its Han.
    fn is_prose(&self) -> bool {
        let Line { ends, han, function, .. } = self.sum;
        let visible = self.sum.visible();
        visible >= 120 && ends >= 3 && f64::from(ends) * 100.0 >= 0.45 * f64::from(visible)
            // 99 % of clean windows have 7.4 % and more; half of that leaves room for headings and names around it.
            && (han < 100 || f64::from(function) >= 0.035 * f64::from(han))
    }

    /// What to do with a run, and how much it looks like spam, 0 to 1.
    fn judge(&self, number: usize) -> (Option<(&'static Rule, bool)>, f64) {
        let Some(run) = self.runs.get(number) else { return (None, 0.0) };
        let m = &run.measure;
        // Japanese lists are Han with a kana particle here and there, and their Han mix both scripts.
        if m.han * 2 < m.visible || m.kana * 50 > m.visible || self.sum.kana * 20 > self.sum.han {
            return (None, 0.0);
        }
        // Titles of works, columns of numbers and lines with function characters are written by people (blocks have
        // 0 to 8 % of these, three short ones up to 19 %).
        let by_hand = m.quoted * 10 > m.items
            || m.wordy * 10 < m.items * 9
            || m.digits * 4 > m.visible
            || m.function_share() > 0.12
            || m.variation() > 1.3;
        if by_hand {
            return (None, 0.0);
        }
        let foreign = m.hans >= 5 && self.is_foreign(m);
        let words = || m_chars(self.doc, run);
        if foreign && m.items >= 5 && m.mean >= 2.5 {
            // Unrelated blocks stay below 0.19 in 99 of 100 draws (thirty lines); a list of the text's own terms shares 0.26
            // at the median, so some of those are lost: a text in one script with its terms in the other is rare (none
            // of 72 clean documents).
            let shared = self.shared(words());
            let own = shared.is_none_or(|shared| shared > 0.2);
            return (Some((&FOREIGN_SCRIPT, !own)), if own { 0.5 } else { 0.97 });
        }
        if !self.is_prose() {
            return (None, 0.0);
        }
        let repeated = m.items >= 16 && m.distinct >= 4 && m.distinctness() <= 0.5 && m.mean >= 2.5;
        let shared = self.shared(words());
        let at_end = self.is_at_end(run);
        let at_edge = at_end || self.is_at_start(run);
        if repeated {
            let cyclic = m.period > 0 && m.mean >= 4.0;
            let strange = shared.is_some_and(|shared| shared <= 0.25);
            let sure = at_edge && run.dense && (cyclic || strange);
            return (Some((&REPEATED, sure)), if sure { 0.97 } else { 0.5 });
        }
        // Labelled blocks of firms share 0.00 to 0.05 of their pairs with their page. Under ten lines of unrelated clean
        // prose they share 0.06 at the 95th percentile of 1,500 draws, under thirty lines 0.13. But phrases of the second
        // half of a clean passage share less than 0.06 with the first half in one case of twenty, and less than 0.12 in
        // one of eight: the share alone proves nothing, so shape, place and want of an introduction must agree.
        // Names of people have two to four characters, and are strange to every text.
        let strange = shared.is_some_and(|shared| shared <= 0.12);
        let long = m.mean >= 4.0 && m.function_share() <= 0.06;
        if run.dense && strange && long && at_end && m.items >= 12 && !self.is_introduced(run) {
            // The labelled blocks of firms have 30 and 69 items; with commas it may be a sentence.
            // Idioms and names of stocks have four characters each and are written by people; the invented names of firms
            // in the labelled blocks have eight and more.
            let sure = m.items >= 20
                && m.mean >= 6.0
                && m.commas == 0
                && shared.is_some_and(|shared| shared <= 0.06);
            return (Some((&UNRELATED, sure)), if sure { 0.9 } else { 0.4 });
        }
        (None, 0.0)
    }

    /// Simplified items around a text in Traditional.
    fn is_foreign(&self, m: &Measure) -> bool {
        // Thirty one-script characters are about a hundred Han of running text.
        han::script(self.sum.hans, self.sum.hant, 30) == Some(Script::Hant)
            && m.hans > 0
            && m.hant * 20 <= m.hans
    }

    /// The first line, when it is a few Simplified keywords over a text in Traditional: `手工皂教程_二手车报价-竹编网`.
    ///
    /// The kits put three to twelve. A Simplified title of the text itself shares its vocabulary.
    fn foreign_head(&self) -> Option<Range<usize>> {
        let (number, line) = self.doc.lines().iter().enumerate().find(|(_, line)| !line.is_blank())?;
        let in_run = self.runs.first().is_some_and(|run| run.lines.start == number);
        if in_run || line.ends > 0 || line.hans < 3 || line.hant > 0 || line.visible() > 200 {
            return None;
        }
        let m = Measure::of(self.doc.text(), &[line.span()]);
        if m.items < 3 || m.mean < 2.5 || m.quoted > 0 || m.wordy < m.items || !self.is_foreign(&m) {
            return None;
        }
        let rest = line.end..self.doc.text().len();
        let shared = Vocabulary::of(self.doc.text(), &[rest])?.shared(self.doc.line(line).chars())?;
        (shared <= 0.2).then_some(line.start..(line.end + 1).min(self.doc.text().len()))
    }

    /// The share of a list's pairs of characters that the text around the lists has too.
    fn shared(&self, list: impl Iterator<Item = char>) -> Option<f64> {
        let body = self.vocabulary.get_or_init(|| Vocabulary::of(self.doc.text(), &self.body));
        body.as_ref()?.shared(list)
    }

    /// No sentences come after the run, or only a footer's worth.
    fn is_at_end(&self, run: &Run) -> bool {
        let ends_from = self.ends_from.get_or_init(|| {
            let mut sums: Vec<u32> = self.doc.lines().iter().map(|line| line.ends).collect();
            let mut sum = 0;
            for ends in sums.iter_mut().rev() {
                sum += *ends;
                *ends = sum;
            }
            sums
        });
        let after = ends_from.get(run.lines.end).copied().unwrap_or(0);
        after <= 2 || after * 10 <= self.sum.ends
    }

    /// No sentence comes before the run.
    fn is_at_start(&self, run: &Run) -> bool {
        !run.behind_sentence && self.doc.lines().iter().take(run.lines.start).all(|line| line.ends == 0)
    }

    /// A colon or a heading leads to the run.
    fn is_introduced(&self, run: &Run) -> bool {
        let colon = |text: &str| text.trim_end().ends_with([':', '：']);
        let within = run.pieces.first().map_or("", |piece| self.doc.at(piece.clone()));
        let first_item = items::split(within).next().unwrap_or_default();
        if first_item.contains([':', '：']) {
            return true;
        }
        if run.behind_sentence {
            return false;
        }
        let before = self.doc.lines().iter().take(run.lines.start).rev().find(|line| !line.is_blank());
        before.is_some_and(|line| {
            let text = self.doc.line(line);
            colon(text) || (line.ends == 0 && line.visible() <= 15)
        })
    }

    /// The span to cut for a run: with its line break, and with the white space before it when nothing comes after.
    fn cut(&self, number: usize) -> Range<usize> {
        let Some(run) = self.runs.get(number) else { return 0..0 };
        let text = self.doc.text();
        let (Some(first), Some(last)) = (run.pieces.first(), run.pieces.last()) else { return 0..0 };
        let (mut start, mut end) = (first.start, last.end);
        if text[end..].trim().is_empty() || run.behind_sentence {
            start = text[..start].trim_end().len();
        } else if text[end..].starts_with('\n') {
            end += 1;
        }
        start..end
    }

    /// Spam from end to end: no sentences, and a long list of few things.
    fn is_spam(&self, listed: u32) -> bool {
        let (mut items, mut distinct) = (0, 0);
        for run in &self.runs {
            let m = &run.measure;
            let words = m.mean >= 3.0 && m.wordy * 10 >= m.items * 9 && m.function_share() <= 0.06;
            if words && m.han * 2 >= m.visible {
                items += m.items;
                distinct += m.distinct;
            }
        }
        // Ten times as much list as anything else, each item said three times over on the mean: chosen by hand,
        // and true of none of 830,000 clean documents and paragraphs.
        items >= 60 && distinct * 3 <= items && self.sum.ends <= 2 && self.sum.visible() * 10 <= listed
    }

    /// How much of the document looks planted, 0 to 1: a logistic of four shares, each weighted by hand; 99.9 % of 771,887
    /// clean Chinese paragraphs score below 0.1.
    ///
    /// The strongest run decides (its evidence is 0.9 and more only for what is cut); the lack of sentence marks and of
    /// function characters move a document without such a run between 0.01 and 0.4.
    fn score(&self, strongest: f64, listed: u32) -> f64 {
        let mut all = self.sum;
        all.han += self.runs.iter().map(|run| run.measure.han).sum::<u32>();
        let visible = f64::from(self.sum.visible() + listed);
        if visible < 1.0 {
            return 0.0;
        }
        let lists = f64::from(listed) / visible;
        // 0.45 marks to the hundred is where good text starts.
        let unmarked = 1.0 - (f64::from(self.sum.ends) * 100.0 / visible / 0.45).min(1.0);
        let loose = if all.han >= 50 {
            1.0 - (f64::from(self.sum.function) / f64::from(all.han) / 0.07).min(1.0)
        } else {
            0.0
        };
        let z = -4.5 + 6.0 * strongest + 2.0 * lists + unmarked + loose;
        1.0 / (1.0 + (-z).exp())
    }
}

/// The characters of the run's items, with a break between items.
fn m_chars<'t>(doc: &'t Document, run: &'t Run) -> impl Iterator<Item = char> + 't {
    run.pieces.iter().flat_map(|piece| doc.at(piece.clone()).chars().chain(['\n']))
}

fn add(sum: &mut Line, line: &Line) {
    sum.han += line.han;
    sum.hans += line.hans;
    sum.hant += line.hant;
    sum.function += line.function;
    sum.kana += line.kana;
    sum.letters += line.letters;
    sum.latin += line.latin;
    sum.digits += line.digits;
    sum.ends += line.ends;
    sum.commas += line.commas;
    sum.spaces += line.spaces;
    sum.others += line.others;
}

/// The run of lines with many items each that starts at this line.
fn dense_run(doc: &Document, first: usize) -> Option<Run> {
    let (piece, behind_sentence) = dense(doc, doc.lines().get(first)?, true)?;
    let mut pieces = vec![piece];
    let mut end = first + 1;
    let mut number = end;
    while let Some(line) = doc.lines().get(number) {
        if !line.is_blank() {
            let Some((piece, false)) = dense(doc, line, false) else { break };
            pieces.push(piece);
            end = number + 1;
        }
        number += 1;
    }
    let measure = Measure::of(doc.text(), &pieces);
    (measure.items > DENSE_SEPARATORS as usize).then_some(Run {
        pieces,
        lines: first..end,
        dense: true,
        behind_sentence,
        measure,
    })
}

/// The part of a line that could be many items, and whether a sentence stands before it.
fn dense(doc: &Document, line: &Line, may_follow_sentence: bool) -> Option<(Range<usize>, bool)> {
    if line.han * 2 < DENSE_VISIBLE
        || line.visible() < DENSE_VISIBLE
        || line.spaces + line.commas + line.others < DENSE_SEPARATORS
    {
        return None;
    }
    let text = doc.line(line);
    let start = if line.ends == 0 { 0 } else { after_last_sentence(text) };
    if start > 0 && !may_follow_sentence {
        return None;
    }
    let rest = text.get(start..)?.trim_end();
    // A clause of an enumeration ends so (laws are full of them); the separators are counted before anything costs.
    if rest.len() < DENSE_VISIBLE as usize * 2
        || rest.ends_with(['；', '：', ';', ':'])
        || rest.chars().filter(|c| items::is_separator(*c)).nth(DENSE_SEPARATORS as usize - 1).is_none()
    {
        return None;
    }
    let lead = rest.len() - rest.trim_start_matches(|c: char| items::is_separator(c) || is_closing(c)).len();
    let start = line.start + start + lead;
    let end = line.start + text.trim_end().len();
    (start < end).then_some((start..end, line.start + lead < start))
}

fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '》' | '】' | '"')
}

/// Byte offset after the last sentence of the text; 0 when there is none. A point within a number or a name
/// (`1.5`, `example.com`) ends no sentence, nor does a mark whose rest is one short word.
fn after_last_sentence(text: &str) -> usize {
    let mut next: Option<char> = None;
    for (at, c) in text.char_indices().rev() {
        if chars::is_sentence_end(c) && (c != '.' || next.is_none_or(char::is_whitespace)) {
            return at + c.len_utf8();
        }
        next = Some(c);
    }
    0
}

/// The run of lines with one item each that starts at this line.
fn item_run(doc: &Document, first: usize) -> Option<Run> {
    let is_item = |line: &Line| {
        line.ends == 0 && line.commas <= 1 && line.han >= 2 && (2..=ITEM_VISIBLE).contains(&line.visible())
    };
    let mut pieces = Vec::new();
    let mut end = first;
    let (mut hans, mut hant) = (0, 0);
    for (number, line) in doc.lines().iter().enumerate().skip(first) {
        if is_item(line) {
            hans += line.hans;
            hant += line.hant;
            // Where the script changes another list begins: the menu of the page above, planted items below.
            if hans > 0 && hant > 0 && pieces.len() > 1 {
                break;
            }
            pieces.push(line.span());
            end = number + 1;
        } else if !line.is_blank() {
            break;
        }
    }
    if pieces.len() < ITEM_LINES {
        return None;
    }
    let measure = Measure::of(doc.text(), &pieces);
    Some(Run { pieces, lines: first..end, dense: false, behind_sentence: false, measure })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Confidence, apply};

    const FERRY: &str = "渡口的老船工姓冯，今年七十一岁，在这条河上摆了四十多年的船。他说，从前没有桥的时候，两岸的人过河都要等他。天不亮就有人在对岸喊，他披着衣服就出来了。\n\n桥修好以后，船就少有人坐了。孩子们劝他上岸，他不肯，说船和人一样，闲着就坏得快。于是每天早上他还是把船划到河中间，停一会儿，再划回来。\n";

    fn propose(text: &str) -> Proposal {
        let mut proposal = Proposal::default();
        Spam::default().run(&Document::from_text(text), &mut proposal);
        proposal
    }

    fn clean(text: &str) -> String {
        let mut proposal = propose(text);
        proposal.edits.retain(|edit| edit.confidence == Confidence::Sure);
        proposal.edits.sort_by_key(|edit| edit.span.start);
        apply(text, &proposal.edits).unwrap()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        let once = clean(before);
        assert_eq!(once, after);
        assert_eq!(clean(&once), once, "a second time");
    }

    fn score(text: &str) -> f64 {
        propose(text).signals.iter().find(|(name, _)| *name == "spam_score").map(|(_, value)| *value).unwrap()
    }

    /// Reproducible invented words: no vocabulary of ours is the criterion.
    fn words(number: usize, length: usize, from: u32) -> Vec<String> {
        let mut state = 12345_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // A stretch of the unified ideographs with few function characters in it.
            char::from_u32(from + (state >> 33) as u32 % 3000).unwrap_or('竹')
        };
        (0..number).map(|_| (0..length).map(|_| draw()).collect()).collect()
    }

    #[test]
    fn repeated_items_go_whatever_separates_them() {
        let brands = words(12, 4, 0x8000);
        let items: Vec<&str> = (0..96).map(|n| brands[(n * n + n / 7) % 12].as_str()).collect();
        for separator in [" ", "| ", ",", "，", "_", ", ", "　", " • "] {
            let block = items.join(separator);
            check(&format!("{FERRY}{block}\n"), &format!("{}\n", FERRY.trim_end()));
            check(&format!("{FERRY}\n{block}\n版权所有 渡口网\n"), &format!("{FERRY}\n版权所有 渡口网\n"));
            check(&format!("{}{block}", FERRY.trim_end()), FERRY.trim_end());
            check(&format!("{block}\n{FERRY}"), FERRY);
        }
    }

    #[test]
    fn a_long_strange_list_goes_and_an_introduced_one_stays() {
        let idioms = format!("{FERRY}\n{}\n", words(30, 4, 0x8000).join(" "));
        check(&idioms, &idioms);
        for length in [6, 9] {
            let block = words(30, length, 0x8000).join(" ");
            check(&format!("{FERRY}{block}\n"), &format!("{}\n", FERRY.trim_end()));
            for kept in [
                format!("{FERRY}获奖作品如下：\n{block}\n"),
                format!("{FERRY}获奖作品\n{block}\n"),
                format!("{FERRY}获奖作品：{block}\n"),
                format!("{FERRY}\n{}\n", words(30, 2, 0x8000).join(" ")),
                format!("{FERRY}\n{}\n", words(30, 3, 0x8000).join(" ")),
                format!("{block}\n"),
            ] {
                check(&kept, &kept);
            }
        }
    }

    #[test]
    fn what_repeats_in_tables_and_songs_stays() {
        for kept in [
            format!("{FERRY}{}\n", "周一 晴 周二 雨 周三 阴 ".repeat(12)),
            format!("{FERRY}{}\n", "2018-04-20 乌兹甲 3:0 4 0 0 2018-04-16 亚冠杯 1:4 5 0 0 ".repeat(8)),
            format!("{FERRY}{}\n", "摇吧我的小船 你在哪里等着 让我们一起去吧 ".repeat(12)),
            format!("{FERRY}{}\n", "《渡口》 《老船工》 《过河的人》 《修桥》 ".repeat(8)),
        ] {
            check(&kept, &kept);
        }
    }

    #[test]
    fn the_score_tells_prose_from_planted_keywords() {
        let brands = words(12, 4, 0x8000);
        let block: Vec<&str> = (0..96).map(|n| brands[(n * n + n / 7) % 12].as_str()).collect();
        assert!(score(FERRY) < 0.05);
        assert!(score("") < 0.05);
        assert!(score(&format!("{FERRY}{}\n", block.join(" "))) > 0.8);
        let page = propose(&block.join(" "));
        assert_eq!(page.verdict.map(|verdict| verdict.rule.name), Some("page"));
        assert!(propose(FERRY).verdict.is_none());
    }

    #[test]
    fn cuts_that_meet_are_parted() {
        static A: Rule = Rule { name: "a", about: "" };
        let edit = |span, confidence| Edit {
            field: crate::edit::Field::Text,
            span,
            with: "".into(),
            rule: &A,
            confidence,
            certainty: None,
        };
        let (sure, likely) = (Confidence::Sure, Confidence::Likely);
        let mut edits = vec![
            edit(4..9, sure),
            edit(0..5, sure),
            edit(6..8, sure),
            edit(8..12, likely),
            edit(10..14, likely),
            edit(12..15, likely),
        ];
        disjoin(&mut edits);
        let spans: Vec<_> = edits.iter().map(|edit| edit.span.clone()).collect();
        assert_eq!(spans, [0..5, 5..9, 10..14]);
    }

    #[test]
    fn any_shape_of_text_takes_linear_time() {
        let mut times = Vec::new();
        for size in [1 << 18, 1 << 20] {
            let texts = [
                "海 ".repeat(size / 4),
                "海\n".repeat(size / 4),
                "海海，\n\n".repeat(size / 11),
                "\n".repeat(size),
                format!("{FERRY}{}\n", words(12, 4, 0x8000).join(" ")).repeat(size / 600),
                "词语词语 词语词语 词语词语 词语词语 词语词语 词语词语\n".repeat(size / 78),
                "<a href=\"://x\">a</a> 1".repeat(size / 24),
                "<a ".repeat(size / 3),
                "https://a/%E7\n".repeat(size / 14),
                "%://".repeat(size / 4),
                "。海".repeat(size / 6),
            ];
            let start = std::time::Instant::now();
            for text in &texts {
                propose(text);
            }
            times.push(start.elapsed());
        }
        // Four times the text; ten times leaves room for a busy machine, and a quadratic step takes sixteen.
        assert!(times[1] < times[0] * 10, "{times:?}");
    }
}
