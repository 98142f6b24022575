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
//! tables of numbers.
//!
//! *How.* The counts of the lines ([`Document::lines`]) name the few lines that could be lists ([`blocks`]); only those are taken
//! apart, and a logistic regression over what is measured of them decides ([`features`]). The method, the weights and
//! their scores: `docs/pollution.md`.
//!
//! *Known failures.* Short lists of names without a common ending (cities) in the script of the text; Thai text, which has no
//! sentence marks.

use std::cell::OnceCell;
use std::ops::Range;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::{self, Confidence, Edit, Rule};
use crate::lang::han::{self, Script};
use crate::lang::lines::{self, Line};
use crate::lang::markdown::Shown;
use crate::stage::{Proposal, Stage, Verdict};
use crate::stages::language::rounded;

mod blocks;
pub mod features;
mod items;
mod lexicon;
mod links;
mod page;
mod stuffed;
mod vocabulary;
mod weights;

use blocks::{Block, Form, add};
use features::{Features, Place, probability};
use items::Measure;
use vocabulary::{Relation, Vocabulary};
use weights::SURE;

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

/// Questions that all name one trade, with a telephone number: `竹编哪家好？竹编报价是多少？…专业承接竹编,电话:135…`.
///
/// Written for search engines, in place of the article's last paragraph. Questions that people ask and answer name different things.
static STUFFED: Rule = Rule {
    name: "stuffed",
    about: "a line of questions that all name one trade, with a telephone number, is cut",
};

/// The document is such a list from end to end, or prose that says `slot gacor` in every sentence.
///
/// Nothing is cut. News of lotteries names them without repeating one phrase, and a page on schooling without the trade's other phrases.
static PAGE: Rule = Rule {
    name: "page",
    about: "the document is planted keywords, links or prose that sells from end to end; set aside on request",
};

static RULES: [&Rule; 7] = [&FOREIGN_SCRIPT, &REPEATED, &UNRELATED, &LINKS, &ANCHORS, &STUFFED, &PAGE];

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
        let Some(shown) = Shown::of(doc.text()) else { return look(doc, proposal) };
        look(&doc.with_text(&shown.text), proposal);
        for edit in &mut proposal.edits {
            edit.span = shown.as_it_is(&edit.span);
        }
    }
}

/// Proposes what goes of a document.
fn look(doc: &Document, proposal: &mut Proposal) {
    let page = Page::of(doc);
    let mut strongest = 0.0_f64;
    let (mut listed, mut listed_left) = (0, 0);
    for block in &page.blocks {
        listed += block.sum.visible();
        listed_left += block.sum.visible();
        let Some(found) = page.judge(block) else { continue };
        strongest = strongest.max(found.probability());
        let Some(confidence) = found.confidence() else { continue };
        if confidence == Confidence::Sure {
            listed_left -= block.sum.visible();
        }
        proposal.repair(
            page.cut(block, confidence),
            "",
            found.rule(),
            confidence,
            found.probability() as f32,
        );
    }
    let strange = |words: &str| page.is_strange(words);
    let links = links::find(doc, strange);
    for (span, rule) in &links.cuts {
        proposal.cut(span.clone(), rule);
    }
    for span in stuffed::find(doc) {
        strongest = strongest.max(0.9);
        proposal.cut(links::with_break(doc, &span), &STUFFED);
    }
    disjoin(&mut proposal.edits);
    strongest = strongest.max(links.evidence);
    // A page that is good but for what is cut is a good page.
    let planted = page.score(strongest, listed);
    let least = planted.min(page::SPAM);
    let sells = page::score(doc.text(), listed_left, least, || left(doc.text(), &proposal.edits));
    let score = planted.max(sells);
    proposal.signal("spam_score", rounded(score));
    let detail = if page.is_spam(listed) || links.whole {
        Some(format!("{listed} characters of repeated keywords or links, no sentences"))
    } else {
        (sells >= page::SPAM).then(|| "one phrase again and again, and terms of spam".to_owned())
    };
    if let Some(detail) = detail {
        proposal.verdict = Some(Verdict { rule: &PAGE, detail });
    }
}

/// What is left of a text when the edits that are sure are made.
fn left(text: &str, edits: &[Edit]) -> String {
    let sure = edits.iter().filter(|edit| edit.confidence == Confidence::Sure);
    // Edits that cannot be made are a fault of this stage, which the pipeline reports.
    edit::apply(text, sure).unwrap_or_else(|_| text.to_owned())
}

/// A block with what is measured of it, for those who fit the weights.
#[derive(Debug)]
pub struct Candidate {
    pub pieces: Vec<Range<usize>>,
    pub features: Features,
    pub sure: bool,
}

/// The blocks of a document that the score decides about.
pub fn candidates(doc: &Document) -> Vec<Candidate> {
    let page = Page { thorough: true, ..Page::of(doc) };
    let found = page.blocks.iter().filter_map(|block| Some((block, page.judge(block)?)));
    found
        .map(|(block, finding)| Candidate {
            pieces: block.pieces.clone(),
            features: finding.features,
            sure: finding.confidence() == Some(Confidence::Sure),
        })
        .collect()
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

/// What the score says of a block.
struct Finding {
    features: Features,
    distinctness: f64,
    repetition: f64,
    foreign: bool,
}

impl Finding {
    fn probability(&self) -> f64 {
        probability(self.features.logit())
    }

    /// Whether to cut, to mark, or to leave it. What the lexicon adds turns no list into spam that is not likelier spam than not
    /// without it.
    fn confidence(&self) -> Option<Confidence> {
        let logit = self.features.logit();
        if logit >= SURE && self.features.logit_without_terms() >= WITHOUT_TERMS {
            Some(Confidence::Sure)
        } else {
            (logit >= SURE - MARGIN).then_some(Confidence::Likely)
        }
    }

    /// The sign that weighs most with a reader.
    fn rule(&self) -> &'static Rule {
        if self.foreign {
            &FOREIGN_SCRIPT
        } else if self.distinctness <= 0.5 || self.repetition >= 0.6 {
            &REPEATED
        } else {
            &UNRELATED
        }
    }
}

/// What a list must have without the lexicon: of clean text one block in a thousand has it.
const WITHOUT_TERMS: f64 = -1.5;

/// Below [`SURE`] by no more than this a block is marked. (An eighth of the odds.)
const MARGIN: f64 = 2.0;

/// Items of a list that can be told from a clause; in another script than the text, as few as the kits put over one.
const FEWEST: usize = 5;
const FEWEST_FOREIGN: usize = 3;

/// Visible characters of a line that may be a sentence; shorter ones with a mark are names and numbers.
const TOLD: u32 = 20;

/// A document with its lists found: everything else is its body.
struct Page<'d> {
    doc: &'d Document,
    blocks: Vec<Block>,
    /// Text outside the blocks.
    body: Vec<Range<usize>>,
    /// Counts of the lines that are wholly body.
    sum: Line,
    /// Visible characters of those lines that end a sentence.
    told: u32,
    /// What the body speaks of, gathered when the first list asks.
    vocabulary: OnceCell<Option<Vocabulary>>,
    /// Sentence ends from each line on, summed when the first list asks.
    ends_from: OnceCell<Vec<u32>>,
    /// The first line that ends a sentence, sought when the first list asks.
    first_end: OnceCell<usize>,
    /// All is measured of every block, for those who fit the weights.
    thorough: bool,
}

impl<'d> Page<'d> {
    fn of(doc: &'d Document) -> Self {
        let blocks = blocks::find(doc);
        let mut sum = Line::default();
        let mut told = 0;
        let mut listed = blocks.iter().flat_map(|block| block.lines.clone()).peekable();
        for (number, line) in doc.lines().iter().enumerate() {
            if listed.next_if_eq(&number).is_none() {
                add(&mut sum, line);
                told += if line.ends > 0 && line.visible() >= TOLD { line.visible() } else { 0 };
            }
        }
        let mut body = Vec::new();
        let mut from = 0;
        for piece in blocks.iter().flat_map(|block| &block.pieces) {
            if from < piece.start {
                body.push(from..piece.start);
            }
            from = piece.end;
        }
        if from < doc.text().len() {
            body.push(from..doc.text().len());
        }
        // What stands before a list on its line is body, too: a text may be one line.
        for block in blocks.iter().filter(|block| block.behind_sentence) {
            if let (Some(line), Some(piece)) = (doc.lines().get(block.lines.start), block.pieces.first()) {
                lines::count(doc.at(line.start..piece.start)).iter().for_each(|line| {
                    add(&mut sum, line);
                    told += line.visible();
                });
            }
        }
        Self {
            doc,
            blocks,
            body,
            sum,
            told,
            vocabulary: OnceCell::new(),
            ends_from: OnceCell::new(),
            first_end: OnceCell::new(),
            thorough: false,
        }
    }

    /// Whether the text around the lists is made of sentences: it has a few, as many to the hundred characters as the
    /// sparsest good text of labelled pages (0.45), and function characters between its Han. Two fifths of it stand on lines that end
    /// one: catalogues of messages and tables have fewer, text that is wrapped by hand has half.
    fn is_prose(&self) -> bool {
        let Line { ends, han, function, .. } = self.sum;
        let visible = self.sum.visible();
        visible >= 120 && ends >= 3 && self.told * 5 >= visible * 2 && f64::from(ends) * 100.0 >= 0.45 * f64::from(visible)
            // 99 % of clean windows have 7.4 % and more; half of that leaves room for headings and names around it.
            && (han < 100 || f64::from(function) >= 0.035 * f64::from(han))
    }

    /// What the score says of a block; `None` where there is nothing it could stand out from, or where people wrote it.
    fn judge(&self, block: &Block) -> Option<Finding> {
        let sum = &block.sum;
        // Thirty one-script characters are about a hundred Han of running text. Japanese mixes both scripts.
        let foreign_script = sum.hans >= 3
            && sum.hant * 20 <= sum.hans
            && han::script(self.sum.hans, self.sum.hant, 30) == Some(Script::Hant)
            && self.sum.kana * 20 <= self.sum.han;
        if !foreign_script && !self.is_prose() {
            return None;
        }
        // Columns of numbers; code. A cheap look before the dear one.
        if sum.digits * 3 > sum.visible() || sum.others * 3 > sum.visible() {
            return None;
        }
        let text = self.doc.text();
        let mut measure = Measure::of(text, &block.pieces, block.how);
        // Titles of works, names of things with numbers, addresses, records of two fields to the line, and lines with function characters are written by people (blocks have
        // 0 to 8 % of these, three short ones up to 19 %), and their items differ in length by 0.13 to 0.77 of the mean.
        let by_hand = measure.quoted * 10 > measure.items
            || measure.wordy * 10 < measure.items * 8
            || measure.addresses * 15 > measure.items
            || block.form == Form::Lines && measure.commas as usize * 2 > measure.items
            || measure.function_share() > 0.2
            || measure.distinct < 3
            || measure.variation() > 0.8;
        let fewest = if foreign_script { FEWEST_FOREIGN } else { FEWEST };
        // Of fewer nothing follows; code and tables have items of a letter or two.
        if by_hand || measure.items < fewest || measure.mean < 1.7 {
            return None;
        }
        let grams = measure.look_closer(text, &block.pieces, block.how);
        let mut place = Place {
            relation: Some(Relation::default()),
            foreign_script,
            at_end: self.is_at_end(block),
            at_start: self.is_at_start(block),
            introduced: self.is_introduced(block),
        };
        // The vocabulary of the body is dear: it is asked only where a list that shares nothing would be marked.
        let mut features = Features::of(block, &measure, &self.sum, &place);
        if features.logit() >= SURE - MARGIN || self.thorough {
            place.relation = self.relation(&grams);
            features = Features::of(block, &measure, &self.sum, &place);
        }
        Some(Finding {
            features,
            distinctness: measure.distinctness(),
            repetition: measure.repetition(),
            foreign: foreign_script,
        })
    }

    /// Whether the text around the lists is prose and says none of these words.
    fn is_strange(&self, words: &str) -> bool {
        let mut grams = Vec::new();
        vocabulary::grams(words, |gram| grams.push(gram));
        let relation = self.relation(&grams);
        self.is_prose() && relation.is_some_and(|relation| relation.shared <= 0.06)
    }

    /// How a list, of which these are the grams, relates to the text around the lists.
    fn relation(&self, grams: &[u64]) -> Option<Relation> {
        let body = self.vocabulary.get_or_init(|| Vocabulary::of(self.doc.text(), &self.body));
        body.as_ref()?.relation(grams)
    }

    /// No sentences come after the block, or only a footer's worth.
    fn is_at_end(&self, block: &Block) -> bool {
        let ends_from = self.ends_from.get_or_init(|| {
            let mut sums: Vec<u32> = self.doc.lines().iter().map(|line| line.ends).collect();
            for block in &self.blocks {
                sums.iter_mut().take(block.lines.end).skip(block.lines.start).for_each(|ends| *ends = 0);
            }
            let mut sum = 0;
            for ends in sums.iter_mut().rev() {
                sum += *ends;
                *ends = sum;
            }
            sums
        });
        let after = ends_from.get(block.lines.end).copied().unwrap_or(0);
        after <= 2 || after * 10 <= self.sum.ends
    }

    /// No sentence comes before the block.
    fn is_at_start(&self, block: &Block) -> bool {
        let first = self
            .first_end
            .get_or_init(|| self.doc.lines().iter().position(|line| line.ends > 0).unwrap_or(usize::MAX));
        !block.behind_sentence && block.lines.start <= *first
    }

    /// A colon or a heading leads to the block.
    fn is_introduced(&self, block: &Block) -> bool {
        let within = block.pieces.first().map_or("", |piece| self.doc.at(piece.clone()));
        let first_item = items::split(within, block.how).next().unwrap_or_default();
        if let Some((label, _)) = first_item.split_once([':', '：']) {
            return !is_furniture(label);
        }
        // The heading of a list with an item to the line is taken for its first item.
        if block.form == Form::Lines && is_heading(first_item) {
            return true;
        }
        if block.behind_sentence {
            return false;
        }
        let Some(before) = self.before(block) else { return false };
        let text = self.doc.line(before);
        // A short line of words; with a colon within it is a credit, with digits a counter.
        let heading = before.ends + before.commas + before.digits == 0 && before.visible() <= 15;
        (text.trim_end().ends_with([':', '：']) || heading || is_heading(text)) && !is_furniture(text)
    }

    /// The last line before a block that is not blank.
    fn before(&self, block: &Block) -> Option<&Line> {
        self.doc.lines().iter().take(block.lines.start).rev().find(|line| !line.is_blank())
    }

    /// The span to cut for a block: with its line break, and with the white space before it when nothing comes after.
    ///
    /// A line that leads to a list which is cut goes with it when it is in the list's script and not in the text's
    /// (`感谢您访问我们的网站，您可能还对以下资源感兴趣：`), or is a label of a site: it would lead to nothing.
    fn cut(&self, block: &Block, confidence: Confidence) -> Range<usize> {
        let text = self.doc.text();
        let (Some(first), Some(last)) = (block.pieces.first(), block.pieces.last()) else { return 0..0 };
        let (mut start, mut end) = (first.start, last.end);
        if confidence == Confidence::Sure
            && !block.behind_sentence
            && let Some(before) = self.before(block)
        {
            let foreign = before.hans >= 3
                && before.hant == 0
                && before.visible() <= 60
                && self.doc.line(before).trim_end().ends_with([':', '：'])
                && han::script(self.sum.hans, self.sum.hant, 30) == Some(Script::Hant);
            if foreign || is_furniture(self.doc.line(before)) {
                start = before.start;
            }
        }
        if text[end..].trim().is_empty() || block.behind_sentence {
            start = text[..start].trim_end().len();
        } else if text[end..].starts_with('\n') {
            end += 1;
        }
        start..end
    }

    /// Spam from end to end: no sentences, and a long list of few things.
    fn is_spam(&self, listed: u32) -> bool {
        // Ten times as much list as anything else, before anything is measured.
        if self.sum.ends > 2 || self.sum.visible() * 10 > listed {
            return false;
        }
        let (mut items, mut distinct) = (0, 0);
        for block in &self.blocks {
            let mut m = Measure::of(self.doc.text(), &block.pieces, block.how);
            m.look_closer(self.doc.text(), &block.pieces, block.how);
            let words = m.mean >= 3.0 && m.wordy * 10 >= m.items * 9 && m.function_share() <= 0.06;
            // An index of poems has an author to every second line.
            let planted = block.form == Form::Dense || m.known * 5 >= m.items;
            if words && planted && m.han * 2 >= m.visible {
                items += m.items;
                distinct += m.distinct;
            }
        }
        // Each item said three times over on the mean: chosen by hand,
        // and true of none of 830,000 clean documents and paragraphs.
        items >= 60 && distinct * 3 <= items
    }

    /// How much of the document looks planted, 0 to 1: a logistic of four shares, each weighted by hand; 99.9 % of 771,887
    /// clean Chinese paragraphs score below 0.1.
    ///
    /// The strongest run decides (its evidence is 0.9 and more only for what is cut); the lack of sentence marks and of
    /// function characters move a document without such a run between 0.01 and 0.4.
    fn score(&self, strongest: f64, listed: u32) -> f64 {
        let mut all = self.sum;
        all.han += self.blocks.iter().map(|block| block.sum.han).sum::<u32>();
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

/// What people write over a list, `参展企业名单`.
fn is_heading(text: &str) -> bool {
    const LISTS: [&str; 25] = [
        "関連項目",
        "名单",
        "名录",
        "目录",
        "目次",
        "列表",
        "一览",
        "一览表",
        "如下",
        "索引",
        "附录",
        "年表",
        "文献",
        "关键词",
        "阅读",
        "主题",
        "作品",
        "企业",
        "单位",
        "名單",
        "目錄",
        "文獻",
        "contents",
        "index",
        "see also",
    ];
    let text = text.trim().trim_end_matches([':', '：']).to_lowercase();
    text.chars().count() <= 20 && LISTS.iter().any(|known| text.ends_with(known))
}

/// Labels that sites put over links, `友情链接：`: they lead to nothing that a text says.
fn is_furniture(label: &str) -> bool {
    const LABELS: [&str; 29] = [
        "分享到",
        "返回列表",
        "打印本页",
        "关闭窗口",
        "图集",
        "上一篇",
        "下一篇",
        "友情链接",
        "友情連結",
        "相关链接",
        "热门搜索",
        "热门标签",
        "热搜词",
        "相关搜索",
        "相关推荐",
        "推荐阅读",
        "猜你喜欢",
        "主站蜘蛛池模板",
        "蜘蛛池模板",
        "网站地图",
        "链接",
        "标签",
        "合作伙伴",
        "热门推荐",
        "热门关键词",
        "关键词",
        "links",
        "tags",
        "related searches",
    ];
    let label = label.trim().trim_end_matches([':', '：']).trim_end();
    LABELS.iter().any(|known| known.eq_ignore_ascii_case(label))
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

    /// The text of this seed is news, its tail half of the page: cut, it is no reason to set the news aside.
    #[test]
    fn a_page_that_is_good_but_for_its_tail_is_no_spam_page() {
        let proposal = propose(include_str!("../../fixtures/documents/lottery_tail/raw.txt"));
        assert!(
            proposal.edits.iter().any(|edit| edit.confidence == Confidence::Sure && edit.span.len() > 2000)
        );
        assert!(proposal.verdict.is_none());
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
            // Names of firms end alike, which idioms and names of people do not.
            let firms: Vec<String> = words(30, length, 0x8000).into_iter().map(|name| name + "厂").collect();
            let block = firms.join(" ");
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
