//! Cuts the lines a site puts around every article: `分享到：微博 微信 QQ空间`, `责任编辑：王明`, `© 2020 … All rights reserved`.
//!
//! No phrase is proof: licences hold copyright lines, manuals speak of menus, an article on social networks ends in
//! their names. So a line is cut for what it says, where it stands and who stands beside it:
//!
//! 1. The document must be prose with a head before the first paragraph and a tail after the last; only lines there
//!    are looked at, and running text never.
//! 2. A line is recognised as a whole (it consists of such phrases, or begins with one and is short), and weighed from
//!    1 (speaks of a page only in company) to 3 (stands on no line of a text).
//! 3. Neighbours support each other: a line goes if it weighs 3, or if the row of recognised lines it stands in weighs
//!    3 together and one of them at least 2. What weighs 2 and has no support is marked.
//!
//! What a line says of the article (date, source) goes into the metadata. Bylines, datelines of agencies and captions are
//! the article's own and stay.

mod dateline;
mod layout;
mod phrases;
mod recognise;
mod rest;
mod rows;
mod teasers;
mod titles;

use std::collections::HashSet;
use std::ops::Range;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::lines::Line;
use crate::lang::markdown::Shown;
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};
use recognise::{BULLETS, recognise};
use rest::Rest;
use rows::{Around, Page, decide, listed_titles};
use titles::{captions, headline, repeated_title};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Boilerplate {}

/// `首页 > 新闻 > 正文`, `网站首页 关于我们 联系我们`, `Skip to content`. Leaves `File > Edit` in a manual and lists of links.
static NAVIGATION: Rule =
    Rule { name: "navigation", about: "a menu, a trail of links or a pager beside the article goes" };
/// `分享到：微博 微信`, `Share on Facebook`, `字号 大 中 小`. Leaves the names of networks where no such line stands beside.
static SHARE: Rule = Rule { name: "share", about: "share, follow, comment and font-size widgets go" };
/// `【纠错】 责任编辑：王明`, `【来源：晚报】`. Leaves bylines and photo credits (`晚报记者 王明 摄`).
static EDITOR: Rule =
    Rule { name: "editor", about: "editor and source credits of the site below the article go" };
/// `版权归原作者所有`, `京ICP备…号`, `© 2020 X. All rights reserved.` below an article. Leaves every such line in a document
/// that speaks of licences or copyright itself.
static COPYRIGHT: Rule =
    Rule { name: "copyright", about: "copyright, reprint and registration notices below the article go" };
/// `We use cookies … Accept`. Leaves an article about cookies.
static COOKIES: Rule = Rule { name: "cookies", about: "the request to accept cookies goes" };
/// `010020020110000000000000011124101125674415`, `+1`, a lone `?`: numbers and debris of the page's scripts.
static DEBRIS: Rule =
    Rule { name: "debris", about: "serial numbers, counters and lone question marks around the article go" };
/// `2020-03-06 20:47:31 来源: 某网`. Content systems print it under the headline; the date and the source go into the
/// metadata. Leaves `3月6日电` and every date that stands alone.
static DATELINE: Rule =
    Rule { name: "dateline", about: "the line with date and source moves into the metadata" };
/// The headline again on the next line, or at the end with the site's name: `标题-某网`. The first one stays.
static TITLE_AGAIN: Rule = Rule { name: "title_again", about: "a repetition of the headline goes" };
/// `(栏目)(3)标题` above every photo of an album. Leaves numbered headings: the rest of the line must hold the headline.
static CAPTION_AGAIN: Rule =
    Rule { name: "caption_again", about: "the headline with a counter, repeated for every photo, goes" };

/// `Subscribe to our newsletter`, `下载客户端`, `Advertisement`: sites sell themselves between and below the paragraphs.
/// Leaves an article that ends in an address to write to, and every such line that stands alone.
static SUBSCRIBE: Rule = Rule {
    name: "subscribe",
    about: "invitations to subscribe, to download the app, and marks of advertisements go",
};
/// `Leave a Reply`, `Your email address will not be published.`: the form below a post. Leaves the comments themselves.
static COMMENTS: Rule = Rule { name: "comments", about: "the form for comments below the article goes" };
/// `Нашли ошибку? Выделите её…`, `Fehler melden`, `【纠错】`. Leaves a changelog that asks for reports, where no page shows.
static CORRECTION: Rule = Rule { name: "correction", about: "the request to report an error goes" };
/// `Lesen Sie auch`, `相关阅读` and the titles below it, at the end of a page that shows itself by other lines. Leaves `See also`
/// in an encyclopaedia and references.
static RELATED: Rule = Rule { name: "related", about: "lists of other articles below this one go" };

/// Title, a sentence, `Read more`, three times and more, below an article or between its parts. Leaves a page that is nothing but such
/// teasers, two of them, and the first one but for its last line where nothing tells where it begins.
static TEASERS: Rule =
    Rule { name: "teasers", about: "rows of teasers of other articles, each with its `Read more`, go" };

static RULES: [&Rule; 14] = [
    &NAVIGATION,
    &SHARE,
    &SUBSCRIBE,
    &COMMENTS,
    &CORRECTION,
    &RELATED,
    &EDITOR,
    &COPYRIGHT,
    &COOKIES,
    &DEBRIS,
    &DATELINE,
    &TITLE_AGAIN,
    &CAPTION_AGAIN,
    &TEASERS,
];

/// What a recognised line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Navigation,
    /// The name of a section of a site, in no text a sign of anything by itself.
    Section,
    Share,
    Subscribe,
    Comment,
    Correction,
    Related,
    Editor,
    Copyright,
    Cookies,
    Debris,
    Dateline,
    TitleAgain,
}

impl Class {
    fn rule(self) -> &'static Rule {
        match self {
            Class::Navigation | Class::Section => &NAVIGATION,
            Class::Share => &SHARE,
            Class::Subscribe => &SUBSCRIBE,
            Class::Comment => &COMMENTS,
            Class::Correction => &CORRECTION,
            Class::Related => &RELATED,
            Class::Editor => &EDITOR,
            Class::Copyright => &COPYRIGHT,
            Class::Cookies => &COOKIES,
            Class::Debris => &DEBRIS,
            Class::Dateline => &DATELINE,
            Class::TitleAgain => &TITLE_AGAIN,
        }
    }

    /// Such lines stand in menus and lists, among others that no list knows; a date or a credit does not.
    fn is_menu(self) -> bool {
        match self {
            Class::Navigation | Class::Section | Class::Subscribe | Class::Comment | Class::Related => true,
            Class::Share | Class::Correction | Class::Editor | Class::Copyright | Class::Cookies => false,
            Class::Debris | Class::Dateline | Class::TitleAgain => false,
        }
    }
}

/// A row of neighbours that weighs this much is cut, if one of them weighs [`SUPPORT`]; so is a line alone.
const CERTAIN: u32 = 3;
const SUPPORT: u8 = 2;

/// How many lines that are not recognised may stand before the first paragraph, and after the last one. Headlines,
/// sub-headlines, bylines and captions need few; beyond that it is a list and no page. Guesses: the tail is
/// longer because related articles stand there.
const HEAD_LINES: usize = 30;
const TAIL_LINES: usize = 40;

/// The same for entries of a list with bullets, below the article. A guess: blogs have a hundred categories and more.
const MOST_LISTED: usize = 200;

/// How many more after each line that is recognised.
const MORE_LINES: usize = 4;

/// A sentence with a menu behind it is the motto of a site and no paragraph: of this many lines that follow none is prose, and so many
/// are recognised as entries. Guesses.
const MENU_LINES: usize = 10;
const MENU_ENTRIES: usize = 3;

/// Whether the sentence at this place of the lines above the article has a menu below it, and paragraphs below that.
fn is_over_a_menu(doc: &Document, place: usize) -> bool {
    let mut behind = doc.lines()[place + 1..].iter().filter(|line| !line.is_blank());
    let mut entries = 0;
    for line in behind.by_ref().take(MENU_LINES) {
        if is_prose(line) {
            return false;
        }
        let found = recognise(doc.line(line).trim(), line, Zone::Head);
        entries += usize::from(found.is_some_and(|(class, _)| class.is_menu()));
    }
    let is_paragraph =
        |line: &&Line| is_prose(line) && recognise(doc.line(line).trim(), line, Zone::Tail).is_none();
    entries >= MENU_ENTRIES && behind.filter(is_paragraph).nth(1).is_some()
}

/// A sentence of a footer has so many lines that rarely stand in a text among so many above it. Guesses: what an article ends with has its widgets
/// behind it.
const FOOTER_LINES: usize = 8;
const FOOTER_FIRM: usize = 2;

/// Whether the sentence at this place, below which there are lines of a site, has more of them above it: `Media Ltd is not responsible for the content of
/// other sites.` between `Privacy` and `Contact`.
fn is_within_a_footer(doc: &Document, place: usize) -> bool {
    let above = doc.lines()[..place].iter().rev().filter(|line| !line.is_blank()).take(FOOTER_LINES);
    let firm = above.take_while(|line| !is_prose(line)).filter(|line| {
        recognise(doc.line(line).trim(), line, Zone::Tail).is_some_and(|(_, weight)| weight >= SUPPORT)
    });
    firm.count() >= FOOTER_FIRM
}

/// Visible characters of prose that a page must have for its lines to be cut, and not only marked. A guess: three
/// sentences.
const ENOUGH_PROSE: u32 = 100;

/// So many lines around the article that are recognised and are links, `[Contact](/contact/)`, on either side of it, are those of a page that was converted to
/// Markdown. A guess: the description of a program has one or two at its top.
const LINKS: usize = 3;

/// A headline must have this many visible characters to be told from a word that occurs again. A guess; headlines of
/// Chinese news have 12 to 30.
const TITLE_CHARS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    Head,
    Tail,
}

/// Whether a line begins with a bullet: what was `<li>`.
fn is_bulleted(line: &str) -> bool {
    line.trim_start().starts_with(is_bullet)
}

fn is_bullet(c: char) -> bool {
    matches!(c, '·' | '-' | '*') || BULLETS.contains(&c)
}

/// A line with something on it, outside of the paragraphs.
#[derive(Debug)]
struct Item<'t> {
    line: Line,
    text: &'t str,
    found: Option<(Class, u8)>,
}

impl Stage for Boilerplate {
    fn name(&self) -> &'static str {
        "boilerplate"
    }

    fn about(&self) -> &'static str {
        "Cuts the lines a site puts around every article: `分享到：微博 微信`, `责任编辑：王明`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        Triggers::NEWLINE
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let Some(shown) = Shown::of(doc.text()) else { return look(doc, |_| false, proposal) };
        look(&doc.with_text(&shown.text), |line| shown.is_link(line.start), proposal);
        for edit in &mut proposal.edits {
            edit.span = shown.as_it_is(&edit.span);
        }
    }
}

/// Proposes what goes of a document, of which `is_link` tells whether a line is links to other pages and nothing else.
fn look(doc: &Document, is_link: impl Fn(&Line) -> bool, proposal: &mut Proposal) {
    let text = doc.text();
    let mut teasers = Vec::new();
    for row in teasers::find(doc) {
        if row.certain {
            proposal.cut(row.span.clone(), &TEASERS);
            teasers.push(row.span);
        } else {
            proposal.maybe(row.span, "", &TEASERS);
        }
    }
    let mut head = zone(doc, 0, Zone::Head, &teasers);
    if head.edge == text.len() {
        return;
    }
    let mut tail = zone(doc, head.edge, Zone::Tail, &teasers);
    tail.items.reverse();
    let firm = |items: &[Item]| items.iter().any(|item| item.found.is_some_and(|(_, w)| w >= SUPPORT));
    let article = if firm(&head.items) || firm(&tail.items) { layout::article(doc) } else { None };
    if let Some(article) = &article {
        head = around(doc, 0..article.start, Zone::Head, &teasers);
        tail = around(doc, article.end..text.len(), Zone::Tail, &teasers);
    }
    let body = head.edge..tail.edge;
    let title = headline(&mut head.items, &tail.items);
    let mut again = Vec::new();
    if let Some(title) = title {
        repeated_title(title, doc.metadata.title.as_deref(), &mut head.items, &mut tail.items);
        again = captions(doc, title);
        again.retain(|caption| !teasers::is_in(&teasers, caption.start));
    }
    let found = |items: &[Item]| items.iter().any(|item| item.found.is_some());
    if (again.is_empty() && !found(&head.items) && !found(&tail.items))
        || prose(doc, body.clone()).next().is_none()
    {
        return;
    }
    for span in &again {
        proposal.cut(span.clone(), &CAPTION_AGAIN);
    }
    let mut seen = 0;
    let enough = prose(doc, 0..text.len()).any(|line| {
        seen += line.visible();
        seen >= ENOUGH_PROSE
    });
    let mut classes =
        head.items.iter().chain(&tail.items).filter_map(|item| item.found).map(|(class, _)| class);
    let first = classes.next();
    let of_one_kind = classes.all(|class| Some(class) == first);
    if !enough && of_one_kind {
        // A sentence or two may speak of the lines below it; of a date line, a share line and a credit at once
        // it hardly does.
        for (_, weight) in head.items.iter_mut().chain(&mut tail.items).filter_map(|i| i.found.as_mut()) {
            *weight = (*weight).min(1);
        }
    }
    let links =
        |side: &Side| side.items.iter().filter(|item| item.found.is_some() && is_link(&item.line)).count();
    let (above, below) = (links(&head), links(&tail));
    let is_dump = above > 0 && below > 0 && above + below >= LINKS;
    let rest = Rest { doc, body, head: &head.items, tail: &tail.items, is_dump };
    let copyright = rest.copyright_weights();
    let cookies_are_the_topic = rest.speaks_of_cookies();
    let technical = rest.is_technical();
    let list = rest.is_list();
    for (place, weight) in copyright {
        if let Some(item) = tail.items.get_mut(place)
            && let Some((_, known)) = &mut item.found
        {
            *known = weight;
        }
    }
    for item in head.items.iter_mut().chain(&mut tail.items) {
        if let Some((Class::Cookies, weight)) = &mut item.found
            && cookies_are_the_topic
        {
            *weight = 1;
        }
    }
    let page = Page::read(&head.items, &tail.items, technical, list, article.is_some());
    let gone = again.iter().map(|span| span.start).collect();
    let article = doc.at(head.edge..tail.edge);
    // Menus are links, and so may the headline be.
    let heads = |line: &Line| {
        let text = doc.line(line);
        text.starts_with("# ") || line.start < head.edge && text.starts_with('#')
    };
    let may_go = |line: &Line| !is_dump || is_link(line) && !heads(line);
    let mut around = Around { doc, article, page, gone, listed: HashSet::new(), may_go: &may_go };
    decide(&around, &tail.items, Zone::Tail, proposal);
    around.listed = listed_titles(doc, &tail.items, proposal);
    decide(&around, &head.items, Zone::Head, proposal);
}

/// The lines on one side of the paragraphs.
struct Side<'t> {
    items: Vec<Item<'t>>,
    /// Where the side ends and the paragraphs begin, or the other way round.
    edge: usize,
}

/// Reads lines from the start, or from the end down to `from`, until the first that is prose and nothing of the page's,
/// or until too many are not recognised: no more of a text than that is looked at. Where the paragraphs are flush with
/// the margin, an ASCII line that is not is code, a table or the text of a manual page, and not recognised; where they
/// are indented too, only a tab says that much.
/// What is in `teasers` is passed over.
fn zone<'t>(doc: &'t Document, from: usize, zone: Zone, teasers: &[Range<usize>]) -> Side<'t> {
    let text = doc.text();
    let mut side = Side { items: Vec::new(), edge: if zone == Zone::Head { 0 } else { text.len() } };
    let mut flush: Option<bool> = None;
    let mut most = if zone == Zone::Head { HEAD_LINES } else { TAIL_LINES };
    let (mut unknown, mut listed) = (0, 0);
    let lines = doc.lines();
    for place in 0..lines.len() {
        let line = lines[if zone == Zone::Head { place } else { lines.len() - 1 - place }];
        if line.start < from {
            break;
        }
        let (start, end) = (line.start, line.end);
        let edge = if zone == Zone::Head { (end + 1).min(text.len()) } else { start };
        if !line.is_blank() && !teasers::is_in(teasers, start) {
            let raw = &text[start..end];
            let mut found = recognise(raw.trim(), &line, zone);
            if found.is_some() && raw.is_ascii() && raw.starts_with([' ', '\t']) {
                let flush = *flush.get_or_insert_with(|| {
                    prose(doc, 0..text.len())
                        .next()
                        .is_some_and(|p| !doc.line(&p).starts_with(char::is_whitespace))
                });
                found = found.filter(|_| !flush && !raw.starts_with('\t'));
            }
            if found.is_none() {
                let motto = || zone == Zone::Head && is_over_a_menu(doc, place);
                let notice = || zone == Zone::Tail && is_within_a_footer(doc, lines.len() - 1 - place);
                if is_prose(&line) && !motto() && !notice() || unknown == most || listed == MOST_LISTED {
                    break;
                }
                // A sidebar below the article lists its categories, however many.
                if zone == Zone::Tail && is_bulleted(raw) {
                    listed += 1;
                } else {
                    unknown += 1;
                }
            } else {
                most += MORE_LINES;
            }
            side.items.push(Item { line, text: raw.trim(), found });
        }
        side.edge = edge;
    }
    side
}

/// All lines on one side of an article.
fn around<'t>(doc: &'t Document, part: Range<usize>, zone: Zone, teasers: &[Range<usize>]) -> Side<'t> {
    let lines =
        lines_in(doc, &part).iter().filter(|line| !line.is_blank() && !teasers::is_in(teasers, line.start));
    let item = |line: &Line| {
        let text = doc.line(line).trim();
        Item { line: *line, text, found: recognise(text, line, zone) }
    };
    let edge = if zone == Zone::Head { part.end } else { part.start };
    Side { items: lines.map(item).collect(), edge }
}

/// The lines in a part of the text that starts and ends with lines.
fn lines_in<'d>(doc: &'d Document, part: &Range<usize>) -> &'d [Line] {
    let lines = doc.lines();
    let from = lines.partition_point(|line| line.start < part.start);
    let to = lines.partition_point(|line| line.start < part.end);
    &lines[from.min(to)..to]
}

/// The paragraphs in a part of the text that starts and ends with lines.
fn prose<'d>(doc: &'d Document, part: Range<usize>) -> impl Iterator<Item = Line> + 'd {
    lines_in(doc, &part).iter().filter(|line| is_prose(line)).copied()
}

/// A line that can only be a paragraph: long enough and with the marks of a sentence. Headlines have up to about 30
/// characters and rarely more than one mark (headlines of the real pages this was developed with).
fn is_prose(line: &Line) -> bool {
    let marks = line.ends + line.commas;
    let wide = line.han + line.kana;
    if wide >= 30 {
        (line.ends >= 1 && marks >= 2) || line.commas >= 3
    } else {
        // Latin script and its neighbours: ten words or so.
        line.letters >= 50 && line.ends >= 1 && line.spaces >= 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Metadata;
    use crate::edit::{self, Confidence};

    const BODY: &str = "社区是疫情防控的最前线，工作人员夜以继日，守护着人民的家园，奋战在寻常的巷陌里。\n\n\
        每天早上六点左右，王燕的一天就开始了，她得挨个去看二十二个卡点，还要查看登记的情况。\n\n\
        大家都说她瘦了，她自己倒没有时间去称，只是说非常时期慢不下来，等忙过了这一阵再说。\n";
    const ENGLISH: &str = "The river rises in the hills above the town, and in most years it is dry by the end of June. \
        Farmers have known this for a long time.\n\nThis year it was different, and nobody could say why the water stayed so \
        long in the valley. People walked down every evening to look at it.\n\nIn autumn the bridge was closed for a \
        week, and then for a month. It has not been opened again since.\n";

    fn run(text: &str) -> (String, Metadata) {
        let mut proposal = Proposal::default();
        Boilerplate::default().run(&Document::from_text(text), &mut proposal);
        proposal.edits.retain(|e| e.confidence == Confidence::Sure);
        proposal.edits.sort_by_key(|e| e.span.start);
        (edit::apply(text, &proposal.edits).unwrap(), proposal.metadata)
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(run(before).0, after);
        assert_eq!(run(after).0, after, "the second time");
    }

    #[track_caller]
    fn untouched(text: &str) {
        check(text, text);
    }

    #[test]
    fn a_short_page_is_a_page_where_several_kinds_of_lines_agree() {
        let body = "　　老茶馆开在河边，已经有六十多年的历史了。每天清晨，附近的老人们都会到这里喝茶聊天，说说家里的事情。\n";
        let page = format!(
            "望潮县的老茶馆\n2019-05-04 08:12:00 来源: 望潮网\n分享到：微信 微博\n\n{body}\n责任编辑：王某\n"
        );
        let clean = |text: &str| {
            let stage: std::sync::Arc<dyn Stage> = std::sync::Arc::new(Boilerplate::default());
            let pipeline = crate::pipeline::Pipeline::new(vec![stage]);
            pipeline.clean(Document::from_text(text)).unwrap().document.into_text()
        };
        let cleaned = clean(&page);
        assert!(
            !cleaned.contains("来源") && !cleaned.contains("分享") && !cleaned.contains("责任编辑"),
            "{cleaned}"
        );
        let list = format!("{body}\n责任编辑：王某\n");
        assert_eq!(clean(&list), list);
    }

    #[test]
    fn the_head_of_a_news_page_goes_and_its_date_is_kept() {
        let title = "他们坚守一线战风雨的日子\n";
        let page = format!(
            "{title}2020-03-06 20:47:31 来源: 某某网 提示:全文字\n关注某某网\n微博\nQzone\n评论\n\n{BODY}"
        );
        check(&page, &format!("{title}\n{BODY}"));
        let known = run(&page).1;
        assert_eq!(known.date.as_deref(), Some("2020-03-06T20:47:31"));
        assert_eq!(known.sitename.as_deref(), Some("某某网"));
    }

    #[test]
    fn the_tail_of_a_news_page_goes() {
        check(
            &format!(
                "{BODY}\n图集\n+1\n【纠错】 责任编辑: 王明\n?\n010020020110000000000000011124101125674415\n"
            ),
            &format!("{BODY}\n"),
        );
        check(
            &format!("{BODY}\n晚报记者 王明\n\n【来源：某晚报】\n\n版权归原作者所有，向原创致敬"),
            &format!("{BODY}\n晚报记者 王明\n\n\n"),
        );
        check(&format!("{BODY}分享到：微博 微信 QQ空间\n上一篇：没有了\n京ICP备12345678号-1\n"), BODY);
        check(&format!("首页 > 新闻 > 正文\n{BODY}"), BODY);
    }

    #[test]
    fn the_headline_stands_once() {
        let page = "栏目名|他们坚守一线战风雨的日子\n栏目名|他们坚守一线战风雨的日子\n\n他们坚守一线战风雨的日子\n\n";
        check(&format!("{page}{BODY}"), &format!("栏目名|他们坚守一线战风雨的日子\n\n\n{BODY}"));
        let title = "他们坚守一线战风雨的日子";
        check(&format!("{title}\n{BODY}{title}-某某网\n"), &format!("{title}\n{BODY}"));
    }

    #[test]
    fn captions_of_an_album_go() {
        let title = "他们坚守一线战风雨的日子";
        let part = |n: usize| format!("(栏目)({n}){title}\n\n{BODY}\n");
        let album = format!("{title}\n\n{}{}{}", part(1), part(2), part(3));
        check(&album, &format!("{title}\n\n\n{BODY}\n\n{BODY}\n\n{BODY}\n"));
    }

    #[test]
    fn english_widgets_and_footers_go() {
        check(
            &format!("Skip to content\nThe Dry River\n\n{ENGLISH}\nShare this:\nFacebook X Instagram\n"),
            &format!("The Dry River\n\n{ENGLISH}\n"),
        );
        check(
            &format!("{ENGLISH}\n© 2020 The Valley Times. All rights reserved.\n"),
            &format!("{ENGLISH}\n"),
        );
    }

    #[test]
    fn what_is_content_stays() {
        untouched(&format!(
            "{ENGLISH}\nThis program is under the MIT licence.\n© 2020 A. Writer. All rights reserved.\n"
        ));
        untouched(&format!("{ENGLISH}\nCopyright (c) 2019 A. Writer\n"));
        untouched(&format!("# Name\n\n{ENGLISH}\n## Contact\n\n© 2020 A. Writer. All rights reserved.\n"));
        untouched(&format!("{ENGLISH}\nFacebook\nTwitter\nReddit\n"));
        untouched(&format!("新华社北京3月6日电\n新华社记者王明\n{BODY}新华社发(王明 摄)\n（记者王明）\n"));
        untouched(&format!("评论\n\n{BODY}\n2020年3月6日\n"));
        untouched(&format!("{ENGLISH}\n0x00 0x00 0x00 0x00 0x00\nx x x x  x x x x\n"));
        untouched(&format!("{ENGLISH}\n   1000000000000000055511151231257827021181583404541015625\n"));
        untouched(&format!("{ENGLISH}\nCopyright © 2001 A. Writer Permission to use and copy is granted.\n"));
        untouched(&format!(
            "{ENGLISH}\nSEE ALSO\nsed(1), awk(1)\n\n© 2020 A. Writer. All rights reserved.\n"
        ));
        untouched(&format!("Before You Begin\n\nBefore You Begin\n\nContents\n\n{ENGLISH}"));
        untouched(&format!("{BODY}第四条申请电信业务，应当取得增值电信业务经营许可证。\n"));
        untouched(&format!("name_of_a_field\n{ENGLISH}\nname_of_a_field_again\n"));
        untouched("版权所有 © 2020 某某\n责任编辑：王明\n分享到微信\n");
        untouched(&format!(
            "{BODY}他把这件事分享到朋友圈，关注的人很多。责任编辑：王明在文中这样写道，大家都很赞成。\n"
        ));
    }

    #[test]
    fn the_header_of_a_site_ends_with_the_trail() {
        let menu = "• 网站首页\n• 关于我们\n• 产品中心\n";
        let own = "不锈钢水箱\n玻璃钢管道\n电话：0539-0000000\n地址：某省某市城东路十号\n";
        let trail = "您现在的位置：网站首页 > 新闻动态 > 正文\n";
        let title = "水箱的清洗要分三步走\n";
        let footer = "上一篇：没有了\n下一篇：没有了\n版权所有 某某公司 京ICP备12345678号-1\n";
        let page = format!("{menu}{own}{trail}{title}{BODY}{footer}");
        check(&page, &format!("{title}{BODY}"));
        // Without the trail nothing says where the article begins.
        let (open, _) = run(&format!("{menu}{own}{title}{BODY}{footer}"));
        assert!(open.contains(own) && open.contains(title), "{open}");
        // The headline may stand above the trail, and be its end.
        let above = format!("{menu}{title}您现在的位置：网站首页 > 新闻动态 > {title}{BODY}{footer}");
        assert!(run(&above).0.starts_with(title), "{}", run(&above).0);
    }

    #[test]
    fn a_column_between_the_trail_and_the_headline_goes() {
        let menu = "• 网站首页\n• 关于我们\n• 产品中心\n";
        let title = "水箱的清洗要分三步走才行\n";
        let trail = format!("您现在的位置：网站首页 > 新闻动态 > {title}");
        let footer = "上一篇：没有了\n下一篇：没有了\n版权所有 某某公司 京ICP备12345678号-1\n";
        let column = "产品中心\n玻璃钢弯头\n玻璃钢管道\n不锈钢水箱\n";
        check(&format!("{menu}{trail}{column}{title}{BODY}{footer}"), &format!("{title}{BODY}"));
        // Where the trail does not end in it, the headline may be any of these lines.
        let (open, _) =
            run(&format!("{menu}您现在的位置：网站首页 > 新闻动态\n{column}{title}{BODY}{footer}"));
        assert!(open.contains("玻璃钢弯头\n玻璃钢管道") && open.contains(title), "{open}");
        // A notice has its number and its body there, an article its author.
        let (open, _) = run(&format!("{menu}{trail}水务局\n望水发〔2020〕3号\n王明\n{title}{BODY}{footer}"));
        assert!(open.starts_with("水务局\n望水发〔2020〕3号\n王明\n"), "{open}");
    }

    #[test]
    fn the_title_of_a_page_goes_and_its_author_stays() {
        let menu = "• 网站首页\n• 关于我们\n• 产品中心\n";
        let title = "水箱的清洗要分三步走才行";
        let footer = "上一篇：没有了\n下一篇：没有了\n版权所有 望潮水箱厂 京ICP备12345678号-1\n";
        let page = |behind: &str| format!("{title}_{behind}\n{menu}{title}\n{BODY}{footer}");
        check(&page("望潮水箱厂"), &format!("{title}\n{BODY}"));
        let (kept, _) = run(&page("王明"));
        assert!(kept.starts_with(&format!("{title}_王明\n{title}\n")), "{kept}");
        untouched(&format!("{title}——王明\n王明\n2020-03-06 20:47\n{title}\n{BODY}"));
    }

    #[test]
    fn the_latest_posts_go_on_both_sides() {
        let titles =
            ["The bridge is closed for good", "A wet summer in the valley", "What the farmers say about it"];
        let list = |age: &str| titles.map(|title| format!("  • {title}\n{age}")).concat();
        let older = "  • An older post than those below\n    3 weeks ago\n";
        let footer = "Share on Facebook\nSkip to content\n© 2020 The Valley Times. All rights reserved.\n";
        let below = format!("Recent Posts\n{}{footer}", list(""));
        let page = format!("Log in\n{}{older}{ENGLISH}\n{below}", list("    2 days ago\n"));
        check(&page, &format!("Log in\n{ENGLISH}\n"));
        // A list of the article's own has something else there.
        let (kept, _) = run(&page.replace("2 days ago", "12 km").replace("3 weeks ago", "4 km"));
        assert!(kept.contains("12 km") && kept.contains("An older post"), "{kept}");
        // Two of them may be the article's.
        let (kept, _) = run(&format!("Log in\n  • {}\n  • {}\n{ENGLISH}\n{below}", titles[0], titles[1]));
        assert!(kept.contains(titles[0]) && kept.contains(titles[1]), "{kept}");
    }

    #[test]
    fn a_sidebar_goes_however_long_its_lists_are() {
        let list = |name: &str, many: usize| -> String {
            (0..many).map(|n| format!("  • {name} of the {}\n", ["north", "south", "coast"][n % 3])).collect()
        };
        let sidebar = format!(
            "Recent Posts\n{}Archives\n{}Categories\n{}",
            list("A bridge", 5),
            list("A year", 7),
            list("Rivers", 90)
        );
        let footer = "Share on Facebook\nSkip to content\n© 2020 The Valley Times. All rights reserved.\n";
        check(&format!("{ENGLISH}\n{sidebar}{footer}"), &format!("{ENGLISH}\n"));
        // A list of the article's own, without such headings.
        untouched(&format!("{ENGLISH}\nThe rivers:\n{}", list("Rivers", 90)));
    }

    #[test]
    fn lists_of_the_articles_own_may_repeat() {
        let footer = "Share on Facebook\nSkip to content\n© 2020 The Valley Times. All rights reserved.\n";
        let list = |entries: &[&str]| -> String { entries.iter().map(|e| format!("  • {e}\n")).collect() };
        let keeps = |text: &str, what: &str| {
            let cleaned = run(text).0;
            assert_eq!(cleaned.matches(what).count(), text.matches(what).count(), "{cleaned}");
        };
        let names = list(&["Mrs Anna Keller", "Mr Thomas Wood", "Mr Peter Miller"]);
        keeps(&format!("Present:\n{names}\nFinance\n{ENGLISH}In favour:\n{names}{footer}"), "Miller");
        keeps(&format!("{ENGLISH}With rye:\n{names}With oats:\n{names}{footer}"), "Miller");
        let day = list(&[
            "Mathematics",
            "Mathematics",
            "Geography lesson",
            "Physical education",
            "Physical education",
        ]);
        keeps(&format!("{ENGLISH}Monday\n{day}{footer}"), "Mathematics");
        untouched(&format!("{BODY}长城始建于\n500年前\n600年前\n700年前\n"));
        let answers = "When was it closed?\n2 years ago\nAnd before that?\n9 years ago\n";
        assert!(run(&format!("{ENGLISH}{answers}{footer}")).0.ends_with(answers));
    }

    #[test]
    fn every_phrase_is_found_in_its_line() {
        for phrase in phrases::PHRASES.iter() {
            let (zone, text) = match (phrase.part, phrase.class) {
                (_, Class::Dateline) => (Zone::Head, format!("{} 2020-03-06", phrase.text)),
                (phrases::Part::Start, _) => (Zone::Tail, format!("{} 王", phrase.text)),
                (phrases::Part::Tile, _) => (Zone::Tail, phrase.text.to_owned()),
                // Registrations count with their number.
                (phrases::Part::Within, _) => (Zone::Tail, format!("{} 12345678", phrase.text)),
            };
            let doc = Document::from_text(text.clone());
            let found = recognise(&text, &doc.lines()[0], zone);
            assert!(found.is_some_and(|(_, w)| w >= phrase.weight), "{phrase:?}: {found:?}");
        }
    }
}
