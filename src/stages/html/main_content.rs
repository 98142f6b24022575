//! Chooses which lines of a page are its main text.
//!
//! Every line gets a score: prose is worth its words, links and scraps cost. The element whose lines have the
//! greatest sum holds the main text (the tree's form of a maximum subsequence: Pasternack and Roth, "Extracting
//! article text from the web with maximum subsequence segmentation", 2009). Inside it, what is navigation, a list
//! of links, a form or a neighbour's teaser by the same signs is left out.
//!
//! Words are counted so that a Han character is a word: no comma, word or length threshold is in Latin letters.

use super::dom::{Element, Line, Page, Tag};
use super::features;
use super::metadata::Shape;
use super::names;
use super::tables::Tables;
use super::trees;
use crate::edit::Rule;
use crate::lang::chars;

/// Menus, bread crumbs, pagers, share and log-in bars: `<nav>` or what calls itself so.
pub static NAVIGATION: Rule =
    Rule { name: "navigation", about: "menus, bread crumbs and tool bars of a page are left out" };
/// `<div style="display:none">` and `hidden`: what no reader of the page sees.
pub static HIDDEN: Rule =
    Rule { name: "hidden", about: "text that the page hides from its readers is left out" };
/// "Related news", tag clouds: lines that are nearly all links.
pub static LINK_LIST: Rule = Rule { name: "link_list", about: "lists of links to other pages are left out" };
/// Fields, buttons and their labels.
pub static FORM: Rule = Rule { name: "form", about: "forms and buttons are left out" };
/// Side bars, advertisements, boxes about something else.
pub static ASIDE: Rule =
    Rule { name: "aside", about: "side bars and boxes beside the main text are left out" };
/// "We use cookies": often longer than the article behind it.
pub static NOTICE: Rule = Rule { name: "notice", about: "notices about cookies and consent are left out" };
/// What readers wrote below.
pub static COMMENTS: Rule =
    Rule { name: "comments", about: "readers' comments below the main text are left out" };
/// Copyright and contact lines of the site.
pub static FOOTER: Rule = Rule { name: "footer", about: "the foot of a page is left out" };
/// Everything outside the element chosen.
pub static OUTSIDE: Rule = Rule { name: "outside_main", about: "text outside the main content is left out" };
/// The heading that says what the metadata's title says.
pub static TITLE: Rule =
    Rule { name: "title", about: "the heading that is the title moves into the metadata" };
/// Date, source, author, "font size", tags: scraps before the first and after the last sentence.
pub static SCRAP: Rule = Rule { name: "scrap", about: "scraps before and after the main text are left out" };

/// For each line, the reason to leave it out, or `None` to keep it.
pub type Choice = Vec<Option<&'static Rule>>;

/// Everything visible.
pub fn all(page: &Page) -> Choice {
    page.lines.iter().map(|l| l.hidden.then_some(&HIDDEN)).collect()
}

/// What decides about a page besides its lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    pub title: Option<&'k str>,
    /// What its data say its text is.
    pub evidence: &'k str,
    pub shape: Shape,
    /// Whether readers' comments are wanted.
    pub comments: bool,
}

/// Measures each line the score decides about. Returns what the first candidate leaves out.
pub fn measure(page: &Page, known: &Known, mut found: impl FnMut(usize, &Line, &features::Row)) -> Choice {
    let (choice, best) = first(page, known.title, known.shape);
    let against: Vec<u8> = choice.iter().map(|reason| reason.map_or(0, weight)).collect();
    let known = features::Known {
        title: known.title,
        evidence: known.evidence,
        shape: known.shape as u8,
        first: &against,
        best,
        spread: spread(page),
    };
    features::each(page, &known, |n, row| {
        if let (Some(line), Some(reason)) = (page.lines.get(n), choice.get(n))
            && is_open(line, *reason)
        {
            found(n, line, row);
        }
    });
    choice
}

/// How strongly a reason of the first candidate speaks against a line: a guess, which the trees correct.
fn weight(reason: &'static Rule) -> u8 {
    const ORDER: [&Rule; 8] = [&SCRAP, &LINK_LIST, &OUTSIDE, &FORM, &ASIDE, &NAVIGATION, &FOOTER, &NOTICE];
    ORDER.iter().position(|rule| *rule == reason).map_or(0, |at| at as u8 + 1)
}

/// Whether the score decides about a line, for which the first candidate has this reason.
fn is_open(line: &Line, reason: Option<&'static Rule>) -> bool {
    let sure = [Some(&TITLE), Some(&COMMENTS), Some(&NOTICE)];
    // The button at the end of a line is none of its words.
    !line.hidden && !line.field && !line.joins && line.tokens > 0 && !sure.contains(&reason)
}

/// The main text of a whole page.
pub fn main(page: &Page, known: &Known) -> Choice {
    // How likely each line belongs to the text, the likeliest first.
    let mut order: Vec<(f32, f32, usize)> = Vec::with_capacity(page.lines.len());
    let first = measure(page, known, |n, line, row| {
        let odds = trees::log_odds(row).exp();
        order.push((odds / (1.0 + odds), line.tokens as f32 + 0.5, n));
    });
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    // Of all cuts through that order the one with the greatest expected F1, 2 * true / (kept + wanted): a page about which
    // little is certain keeps more than one with a text that stands out.
    let wanted: f32 = order.iter().map(|(p, words, _)| p * words).sum();
    let (mut right, mut kept, mut cut, mut top) = (0.0, 0.0, 0, 0.0);
    for (n, (p, words, _)) in order.iter().enumerate() {
        right += p * words;
        kept += words;
        let f1 = right / (kept + wanted);
        if f1 > top {
            top = f1;
            cut = n + 1;
        }
    }
    let mut choice: Choice = page
        .lines
        .iter()
        .zip(&first)
        .map(|(line, reason)| {
            Some(reason.unwrap_or(if line.link_tokens * 2 > line.tokens { &LINK_LIST } else { &SCRAP }))
        })
        .collect();
    for (_, _, n) in order.iter().take(cut) {
        if let Some(slot) = choice.get_mut(*n) {
            *slot = None;
        }
    }
    keep_whole(page, &first, &mut choice);
    keep_tables(page, &first, &mut choice);
    keep_announced(page, &first, &mut choice);
    keep_between(page, &first, &mut choice);
    if known.comments {
        keep_comments(page, &first, &mut choice);
    }
    if kept_none(&choice) { first_or_all(page, first) } else { choice }
}

/// What readers wrote, below an article of any length: also where it is not left out as their comments, since the article
/// is so short that they may be the text.
fn keep_comments(page: &Page, first: &Choice, choice: &mut Choice) {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Place {
        Outside,
        Comments,
        /// Where to write one.
        Form,
    }
    let mut places: Vec<Place> = Vec::with_capacity(page.elements.len());
    for (n, element) in page.elements.iter().enumerate() {
        let around = if n == 0 {
            Place::Outside
        } else {
            places.get(element.parent).copied().unwrap_or(Place::Outside)
        };
        let zone = zone(element, true);
        places.push(match around {
            Place::Form => Place::Form,
            _ if is_reply(element) || around == Place::Comments && zone == Some(&FORM) => Place::Form,
            _ if zone == Some(&COMMENTS) => Place::Comments,
            _ => around,
        });
    }
    for ((slot, reason), line) in choice.iter_mut().zip(first).zip(&page.lines) {
        let free = [None, Some(&COMMENTS), Some(&SCRAP), Some(&OUTSIDE)].contains(reason);
        let is_button = line.control
            || line.joins
            || line.tokens > 0 && line.link_tokens == line.tokens && line.tokens <= 2;
        if free
            && !line.hidden
            && !line.field
            && !is_button
            && places.get(line.element) == Some(&Place::Comments)
        {
            *slot = None;
        }
    }
}

/// The form below comments, as WordPress calls it, with its heading.
fn is_reply(element: &Element) -> bool {
    let mut found = false;
    element_words(element, |word| found |= word == b"respond");
    found
}

/// Lines of the longest list that is kept whole: a longer one may be the page itself, with its articles as items.
const LONGEST_LIST: usize = 60;

/// Whether a line may be kept for what is kept beside it: nothing but how little it says speaks against it.
fn is_free(page: &Page, first: &Choice, n: usize) -> bool {
    let open = first.get(n).is_some_and(|r| [None, Some(&SCRAP), Some(&OUTSIDE)].contains(r));
    open && page.lines.get(n).is_some_and(|line| !line.hidden && !line.field)
}

/// Headings between a text and a list that follows it: one of a section, one of its first part.
const MAX_HEADINGS: usize = 2;

/// What is text to its last line if some of it is: a block of code or a list of which most is, for `}` and a short item say little by
/// themselves; a paragraph with line breaks, as a recipe has them, but for its links; a list or code without links below a line of its text.
fn keep_whole(page: &Page, first: &Choice, choice: &mut Choice) {
    let mut code = 0;
    for (n, element) in page.elements.iter().enumerate() {
        let lines = element.first_line..element.last_line.min(page.lines.len());
        let is_short = lines.len() <= LONGEST_LIST;
        let (mut kept, mut all, mut links) = (0, 0, 0);
        let is_wanted = match element.tag {
            // Code within code is none of its own.
            Tag::Pre => n >= code,
            Tag::List => is_short,
            Tag::Paragraph => lines.len() > 1,
            _ => false,
        };
        if !is_wanted {
            continue;
        }
        if element.tag == Tag::Pre {
            code = element.end;
        }
        for n in lines.clone() {
            let Some(line) = page.lines.get(n) else { continue };
            all += line.tokens;
            links += line.link_tokens;
            kept += if choice.get(n).is_some_and(Option::is_none) { line.tokens } else { 0 };
        }
        // A kept line above, of the same parent; headings between say nothing without the list.
        let follows_text = || {
            let siblings = (0..lines.start).rev().map_while(|n| {
                let of = page.elements.get(page.lines.get(n)?.element)?;
                let is_kept = choice.get(n).is_some_and(Option::is_none);
                (of.parent == element.parent
                    && (is_kept || of.tag == Tag::Heading && is_free(page, first, n)))
                .then_some(is_kept)
            });
            siblings.take(MAX_HEADINGS + 1).any(|is_kept| is_kept)
        };
        let is_whole = match element.tag {
            Tag::Paragraph => kept > 0,
            Tag::List | Tag::Pre if kept == 0 && links == 0 => {
                lines.clone().all(|n| is_free(page, first, n)) && follows_text()
            }
            _ => kept > 0 && kept * 2 >= all,
        };
        for n in lines.filter(|_| is_whole) {
            let is_link = page.lines.get(n).is_none_or(|line| line.link_tokens * 2 > line.tokens);
            if is_free(page, first, n)
                && !(is_link && element.tag == Tag::Paragraph)
                && let Some(slot) = choice.get_mut(n)
            {
                *slot = None;
            }
        }
    }
}

/// What announces the kept line below it is kept as well: a heading, a line that ends with a colon. The last lines first,
/// so that a heading above one is.
fn keep_announced(page: &Page, first: &Choice, choice: &mut Choice) {
    let mut below = false;
    let kept_above = choice.iter().position(Option::is_none).unwrap_or(choice.len());
    for (n, line) in page.lines.iter().enumerate().rev() {
        let Some(slot) = choice.get_mut(n) else { continue };
        if line.hidden || line.field || line.tokens == 0 {
            continue;
        }
        let tag = page.elements.get(line.element).map(|e| e.tag);
        let announces = tag == Some(Tag::Heading) || line.text.trim_end().ends_with([':', '：']);
        if slot.is_some()
            && below
            && announces
            && line.link_tokens == 0
            && n > kept_above
            && is_free(page, first, n)
        {
            *slot = None;
        }
        below = slot.is_none();
    }
}

/// Lines of a box that is too small to hold a text with its table.
const SMALL_BOX: usize = 4;

/// A table of data in the element that holds the text is a part of it, few as its words may be: rows of cells of which no more than half is
/// links, with the heading above them.
fn keep_tables(page: &Page, first: &Choice, choice: &mut Choice) {
    let is_kept = |line: &Line, reason: &Option<&'static Rule>| reason.is_none() && !line.hidden;
    let mut until = vec![0_u64];
    let mut sum = 0;
    for (line, reason) in page.lines.iter().zip(choice.iter()) {
        sum += if is_kept(line, reason) { u64::from(line.tokens) } else { 0 };
        until.push(sum);
    }
    let at = |n: usize| until.get(n).copied().unwrap_or(sum);
    let holds = |e: &Element| (at(e.last_line) - at(e.first_line)) * 10 >= sum * 9;
    // The last element in order that holds nearly all is the innermost.
    let Some(mut holder) = page.elements.iter().rposition(holds) else { return };
    // Around a text of a line or two: the box that this one is in.
    while let Some(e) = page.elements.get(holder)
        && e.last_line - e.first_line < SMALL_BOX
        && holder > 0
    {
        holder = e.parent;
    }
    let end = page.elements.get(holder).map_or(0, |e| e.end);
    let is_seen = |n: usize| page.lines.get(n).is_some_and(|l| !l.hidden && !l.field);
    let tables = Tables::new(page, is_seen);
    for n in (holder..end).filter(|&n| tables.is_data(n)) {
        let Some(table) = page.elements.get(n) else { continue };
        let lines = table.first_line..table.last_line.min(page.lines.len());
        let Some(rows) = page.lines.get(lines.clone()) else { continue };
        let free = |n: usize| is_free(page, first, n);
        let is_text = rows.iter().map(|l| l.link_tokens).sum::<u32>() * 3
            <= rows.iter().map(|l| l.tokens).sum::<u32>() * 2
            && lines.clone().all(|n| free(n) || is_seen(n) && first.get(n) == Some(&Some(&LINK_LIST)));
        if !is_text {
            continue;
        }
        let above = lines.start.checked_sub(1).filter(|&n| {
            let tag = page.lines.get(n).and_then(|l| page.elements.get(l.element)).map(|e| e.tag);
            n >= page.elements.get(holder).map_or(0, |e| e.first_line) && tag == Some(Tag::Heading) && free(n)
        });
        for n in lines.chain(above) {
            if let Some(slot) = choice.get_mut(n) {
                *slot = None;
            }
        }
    }
}

/// Lines without a word, as `* * *` or the empty ones in code, stay where the lines on both sides do.
fn keep_between(page: &Page, first: &Choice, choice: &mut Choice) {
    let mut run: Vec<usize> = Vec::new();
    let mut before = false;
    for (n, line) in page.lines.iter().enumerate() {
        let kept = choice.get(n).is_some_and(Option::is_none);
        let may = first.get(n).is_some_and(Option::is_none);
        if line.tokens == 0 && !line.hidden && !line.field && may && !kept {
            run.push(n);
            continue;
        }
        if kept && before {
            for &n in &run {
                if let Some(slot) = choice.get_mut(n) {
                    *slot = None;
                }
            }
        }
        run.clear();
        before = kept;
    }
}

/// What is left where no line has words, or the title alone has.
fn first_or_all(page: &Page, first: Choice) -> Choice {
    if kept_none(&first) { all(page) } else { first }
}

/// The element to which paragraphs give most: their words to its parent, half of them to that one's parent, as
/// in Arc90's Readability.
fn spread(page: &Page) -> usize {
    let mut score = vec![0.0; page.elements.len()];
    for line in page.lines.iter().filter(|l| !l.hidden && !l.field) {
        let words = prose(line);
        let Some(element) = page.elements.get(line.element) else { continue };
        let holder =
            if matches!(element.tag, Tag::Paragraph | Tag::Pre) { element.parent } else { line.element };
        if let Some(slot) = score.get_mut(holder) {
            *slot += words;
        }
        if let Some(slot) = page.elements.get(holder).and_then(|e| score.get_mut(e.parent)) {
            *slot += words / 2.0;
        }
    }
    let mut best = 0;
    for (n, &value) in score.iter().enumerate() {
        if value > score.get(best).copied().unwrap_or(0.0) {
            best = n;
        }
    }
    best
}

/// The first candidate: the element with the most prose, without what is beside the point in it. Returns the choice
/// and the element.
fn first(page: &Page, title: Option<&str>, shape: Shape) -> (Choice, usize) {
    let mut choice = all(page);
    let unread = |line: &Line| line.field || line.hidden;
    // What prose there is, and where.
    let prose = sums(page, |line| if unread(line) { 0.0 } else { prose(line) });
    let total = prose.first().copied().unwrap_or(0.0);
    let zones = zones(page, &prose, total, shape);
    let is_content = content(page);
    let zone_of = |line: &Line| zones.get(line.element).copied().flatten();
    let score = sums(page, |line| {
        if unread(line) {
            return 0.0;
        }
        match zone_of(line) {
            Some(_) => -cost(line).max(0.0).max(prose_words(line).min(8.0) / 4.0),
            // What is said to be the content counts double: short articles stand beside long notices.
            None if line.tokens > line.link_tokens && is_content.get(line.element) == Some(&true) => {
                let score = prose_score(line);
                if score > 0.0 { score * 2.0 } else { score }
            }
            None => prose_score(line),
        }
    });
    let best = article_in(page, best(page, &score), &prose);
    let Some(chosen) = page.elements.get(best) else { return (choice, 0) };
    for (n, line) in page.lines.iter().enumerate() {
        let Some(slot) = choice.get_mut(n) else { continue };
        if slot.is_some() {
            continue;
        }
        if line.field {
            *slot = Some(&FORM);
        } else if let Some(rule) = zone_of(line) {
            *slot = Some(rule);
        } else if !(chosen.first_line..chosen.last_line).contains(&n) {
            *slot = Some(&OUTSIDE);
        } else if line.control && line.tokens < 20 {
            *slot = Some(&FORM);
        } else if is_title(page, line, title) {
            *slot = Some(&TITLE);
        }
    }
    link_lists(page, &mut choice);
    edges(page, &mut choice, chosen);
    // A page must not come out empty because its few words are no prose.
    let kept: u32 = kept(page, &choice).map(|l| l.tokens).sum();
    if kept == 0 {
        for (n, line) in page.lines.iter().enumerate() {
            if let Some(slot) = choice.get_mut(n) {
                let not_link = line.link_tokens * 2 <= line.tokens && zone_of(line).is_none();
                *slot = if line.hidden {
                    Some(&HIDDEN)
                } else if not_link {
                    None
                } else {
                    Some(&LINK_LIST)
                };
            }
        }
        if kept_none(&choice) {
            return (all(page), best);
        }
    }
    (choice, best)
}

fn kept<'c>(page: &'c Page, choice: &'c Choice) -> impl Iterator<Item = &'c Line> {
    page.lines.iter().zip(choice).filter(|(_, c)| c.is_none()).map(|(l, _)| l)
}

fn kept_none(choice: &Choice) -> bool {
    choice.iter().all(Option::is_some)
}

/// Words outside links.
fn prose_words(line: &Line) -> f64 {
    f64::from(line.tokens.saturating_sub(line.link_tokens))
}

fn link_share(line: &Line) -> f64 {
    f64::from(line.link_tokens) / f64::from(line.tokens.max(1))
}

/// Words of a line that reads as prose: a sentence, or so many words that they must be one.
fn prose(line: &Line) -> f64 {
    let words = prose_words(line);
    if link_share(line) < 0.5 && ((line.marks > 0 && words >= 6.0) || words >= 12.0) { words } else { 0.0 }
}

/// What a line that is not prose costs the element it is in.
fn cost(line: &Line) -> f64 {
    if line.text.is_empty() {
        return 0.0;
    }
    let links = f64::from(line.link_tokens);
    if links > 0.0 { 2.0 + links.min(12.0) } else { 1.0 }
}

fn prose_score(line: &Line) -> f64 {
    let words = prose(line);
    if words > 0.0 { words - f64::from(line.link_tokens) * 0.5 } else { -cost(line) }
}

/// For each element, the sum over the lines in it.
fn sums(page: &Page, value: impl Fn(&Line) -> f64) -> Vec<f64> {
    // Sums up to each line, so that an element's sum is a difference.
    let mut until = Vec::with_capacity(page.lines.len() + 1);
    let mut sum = 0.0;
    until.push(sum);
    for line in &page.lines {
        sum += value(line);
        until.push(sum);
    }
    let at = |n: usize| until.get(n).copied().unwrap_or(sum);
    page.elements.iter().map(|e| at(e.last_line) - at(e.first_line)).collect()
}

/// The element with the greatest sum; of equals the innermost, which comes last.
fn best(page: &Page, score: &[f64]) -> usize {
    let mut best = 0;
    let mut top = f64::NEG_INFINITY;
    for (n, element) in page.elements.iter().enumerate() {
        let Some(&sum) = score.get(n) else { continue };
        if matches!(
            element.tag,
            Tag::Inline | Tag::Link | Tag::Paragraph | Tag::Heading | Tag::Title | Tag::Row
        ) {
            continue;
        }
        if sum >= top && element.last_line > element.first_line {
            top = sum;
            best = n;
        }
    }
    best
}

/// Words of prose beside the comments that make a page an article with comments; a guess, between a forum's opening
/// lines and the shortest articles.
const ARTICLE_WORDS: f64 = 100.0;
/// The same on a page whose data call it an article; a guess.
const SHORT_ARTICLE_WORDS: f64 = 30.0;

/// The first `<article>` or article body within `chosen` that holds a good part of its prose: pages load the next
/// article below the one asked for. A list of teasers and a forum have many articles, none of them large.
fn article_in(page: &Page, chosen: usize, prose: &[f64]) -> usize {
    let Some(element) = page.elements.get(chosen) else { return chosen };
    let all = prose.get(chosen).copied().unwrap_or(0.0);
    let is_large = |n: &usize| {
        page.elements.get(*n).is_some_and(|e| e.tag == Tag::Article || e.itemprop == "articleBody")
            && prose.get(*n).copied().unwrap_or(0.0) > all * ARTICLE_SHARE
    };
    (chosen + 1..element.end).find(is_large).unwrap_or(chosen)
}

/// Two articles of like length on a page have half of its prose each, three a third.
const ARTICLE_SHARE: f64 = 0.3;

/// For each element the reason why it is beside the point, inherited.
///
/// Names that sites give to their boxes lie often enough (an article in `class="sidebar-layout"`): what holds more
/// than a third of the page's prose is never beside the point.
fn zones(page: &Page, prose: &[f64], total: f64, shape: Shape) -> Vec<Option<&'static Rule>> {
    let mut zones: Vec<Option<&'static Rule>> = Vec::with_capacity(page.elements.len());
    let mut in_content = vec![false; page.elements.len()];
    // The rule that an ancestor was too heavy for: its parts are spared as well.
    let mut spared: Vec<Option<&'static Rule>> = Vec::with_capacity(page.elements.len());
    for (n, element) in page.elements.iter().enumerate() {
        let above = |list: &[Option<&'static Rule>]| {
            if n == 0 { None } else { list.get(element.parent).copied().flatten() }
        };
        let content = n > 0
            && (in_content.get(element.parent) == Some(&true)
                || matches!(element.tag, Tag::Article | Tag::Main)
                || element.itemprop == "articleBody");
        if let Some(slot) = in_content.get_mut(n) {
            *slot = content;
        }
        let own = zone(element, content);
        // What a page says at its foot can outweigh a short article; a notice about cookies always may.
        let limit = match own {
            Some(rule) if rule == &NOTICE => 0.98,
            Some(rule) if rule == &FOOTER => 0.67,
            _ => 0.34,
        };
        let here = prose.get(n).copied().unwrap_or(0.0);
        let heavy = match own {
            // Comments may well be longer than the article; without one they are a forum's text.
            Some(rule) if rule == &COMMENTS => match shape {
                _ if is_board(element) => true,
                Shape::Forum => true,
                Shape::Article => total - here < SHORT_ARTICLE_WORDS,
                Shape::Unsaid | Shape::Site | Shape::List | Shape::Product => total - here < ARTICLE_WORDS,
            },
            _ => here > total * limit,
        };
        let spare = above(&spared);
        zones.push(above(&zones).or(if heavy || (own.is_some() && own == spare) { None } else { own }));
        spared.push(if heavy && own.is_some() { own } else { spare });
    }
    zones
}

fn zone(element: &Element, in_content: bool) -> Option<&'static Rule> {
    match element.tag {
        Tag::Nav => return Some(&NAVIGATION),
        Tag::Aside => return Some(&ASIDE),
        Tag::Footer if !in_content => return Some(&FOOTER),
        Tag::Header if !in_content => return Some(&NAVIGATION),
        Tag::Form => return Some(&FORM),
        Tag::Control | Tag::Field => return Some(&FORM),
        _ => {}
    }
    match element.role {
        "navigation" | "menu" | "menubar" | "toolbar" | "search" => return Some(&NAVIGATION),
        "complementary" | "dialog" | "alertdialog" => return Some(&ASIDE),
        "contentinfo" => return Some(&FOOTER),
        "banner" if !in_content => return Some(&NAVIGATION),
        _ => {}
    }
    if matches!(element.tag, Tag::Paragraph | Tag::Title | Tag::Inline | Tag::Link) {
        return None;
    }
    let mut found = None;
    element_words(element, |word| found = found.or_else(|| by_name(word)));
    found
}

/// Whether comments call themselves a board: `class="DiscussionBoard" id="comments"`.
fn is_board(element: &Element) -> bool {
    let mut found = false;
    element_words(element, |word| found |= matches!(word, b"board" | b"forum" | b"bbs"));
    found
}

/// The words of class and id.
fn element_words(element: &Element, mut found: impl FnMut(&[u8])) {
    names::each_word(element.class, &mut found);
    names::each_word(element.id, &mut found);
}

/// What boxes are called on the web. Whole words only: `share` is not in `shareholder`.
fn by_name(word: &[u8]) -> Option<&'static Rule> {
    Some(match word {
        b"nav" | b"navbar" | b"navigation" | b"menu" | b"submenu" | b"breadcrumb" | b"breadcrumbs"
        | b"crumb" | b"crumbs" | b"pager" | b"pagination" | b"share" | b"sharing" | b"sharethis"
        | b"addtoany" | b"bdsharebuttonbox" | b"social" | b"toolbar" | b"topbar" | b"login" | b"signin"
        | b"masthead" | b"skip" => &NAVIGATION,
        b"sidebar" | b"aside" | b"related" | b"recommend" | b"recommended" | b"recommendation"
        | b"recommendations" | b"promo" | b"advert" | b"advertisement" | b"ads" | b"ad" | b"sponsor"
        | b"sponsored" | b"newsletter" | b"subscribe" | b"subscription" | b"popup" | b"modal" | b"banner"
        | b"widget" | b"widgets" | b"outbrain" | b"taboola" | b"hotnews" | b"paywall" | b"ranking"
        | b"trending" | b"popular" => &ASIDE,
        b"cookie" | b"cookies" | b"gdpr" | b"consent" | b"onetrust" => &NOTICE,
        b"comment" | b"comments" | b"commentlist" | b"disqus" | b"respond" | b"pinglun" => &COMMENTS,
        b"footer" | b"foot" | b"copyright" | b"disclaimer" => &FOOTER,
        _ => return None,
    })
}

/// For each element whether it, or one around it, says that it is the content.
fn content(page: &Page) -> Vec<bool> {
    let mut found: Vec<bool> = Vec::with_capacity(page.elements.len());
    for (n, element) in page.elements.iter().enumerate() {
        let named = || {
            let mut found = false;
            element_words(element, |word| {
                found |= matches!(
                    word,
                    b"article" | b"post" | b"entry" | b"story" | b"articlebody" | b"artibody" | b"topic"
                );
            });
            found
        };
        let own = matches!(element.tag, Tag::Article | Tag::Main) || element.itemprop == "articleBody";
        let above = n > 0 && found.get(element.parent) == Some(&true);
        found.push(above || own || (n > 0 && named()));
    }
    found
}

/// Whether a heading says what the title says.
fn is_title(page: &Page, line: &Line, title: Option<&str>) -> bool {
    let Some(title) = title else { return false };
    let heading = page.elements.get(line.element).is_some_and(|e| e.tag == Tag::Title)
        || line.tokens >= 4 && same(&line.text, title);
    heading && (same(&line.text, title) || (line.tokens >= 4 && title.contains(line.text.trim())))
}

fn same(a: &str, b: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| chars::is_alphanumeric(*c)).flat_map(char::to_lowercase)
    }
    a.len() < 1000 && letters(a).eq(letters(b))
}

/// Leaves out lists, tables and boxes whose words are mostly links, and single lines that are a link and no prose.
fn link_lists(page: &Page, choice: &mut Choice) {
    let mut until_lines = vec![0_u32];
    let mut until_tokens = vec![0_u32];
    let mut until_links = vec![0_u32];
    let mut until_prose = vec![0.0_f64];
    let (mut lines, mut tokens, mut links, mut words) = (0, 0, 0, 0.0);
    for (line, left_out) in page.lines.iter().zip(choice.iter()) {
        if left_out.is_none() {
            lines += 1;
            tokens += line.tokens;
            links += line.link_tokens;
            words += prose(line);
        }
        until_lines.push(lines);
        until_tokens.push(tokens);
        until_links.push(links);
        until_prose.push(words);
    }
    let mut skip_until = 0;
    for element in &page.elements {
        if element.first_line < skip_until
            || !matches!(element.tag, Tag::List | Tag::Table | Tag::Block | Tag::Row | Tag::Item)
        {
            continue;
        }
        let span = |sums: &[u32]| {
            sums.get(element.last_line)
                .copied()
                .unwrap_or(0)
                .saturating_sub(sums.get(element.first_line).copied().unwrap_or(0))
        };
        let (lines, tokens, links) = (span(&until_lines), span(&until_tokens), span(&until_links));
        let words = until_prose.get(element.last_line).unwrap_or(&0.0)
            - until_prose.get(element.first_line).unwrap_or(&0.0);
        if lines >= 1
            && links * 10 > tokens * 6
            && words < f64::from(tokens) * 0.3
            && tokens < total_half(tokens, &until_tokens)
        {
            for slot in choice.iter_mut().take(element.last_line).skip(element.first_line) {
                slot.get_or_insert(&LINK_LIST);
            }
            skip_until = element.last_line;
        }
    }
}

/// A list that is half of what is left is the content.
fn total_half(tokens: u32, until: &[u32]) -> u32 {
    let total = until.last().copied().unwrap_or(0);
    if tokens * 2 > total { 0 } else { u32::MAX }
}

/// Takes scraps off both ends: from the first line that is prose or a heading above it, to the last that is prose.
fn edges(page: &Page, choice: &mut Choice, chosen: &Element) {
    let lines: Vec<usize> = (chosen.first_line..chosen.last_line.min(page.lines.len()))
        .filter(|&n| choice.get(n).is_some_and(Option::is_none))
        .collect();
    let is_prose = |n: &usize| page.lines.get(*n).is_some_and(|l| prose(l) > 0.0);
    let Some(first) = lines.iter().position(is_prose) else { return };
    let Some(last) = lines.iter().rposition(is_prose) else { return };
    let part =
        |range: &[usize]| -> u32 { range.iter().filter_map(|&n| page.lines.get(n)).map(|l| l.tokens).sum() };
    let all = part(&lines);
    let heading = |n: usize| {
        page.lines
            .get(n)
            .and_then(|l| page.elements.get(l.element))
            .is_some_and(|e| matches!(e.tag, Tag::Heading))
    };
    let (before, after) = (lines.get(..first).unwrap_or_default(), lines.get(last + 1..).unwrap_or_default());
    // Scraps are few beside the text; a poem or a table is no scrap.
    for (range, keep_headings) in [(before, true), (after, false)] {
        if part(range) * 5 > all {
            continue;
        }
        for &n in range {
            let plain = page.lines.get(n).is_some_and(|l| {
                l.link_tokens == 0
                    && page
                        .elements
                        .get(l.element)
                        .is_some_and(|e| matches!(e.tag, Tag::Paragraph | Tag::Pre))
            });
            if (keep_headings && heading(n)) || plain {
                continue;
            }
            if let Some(slot) = choice.get_mut(n) {
                *slot = Some(&SCRAP);
            }
        }
    }
}
