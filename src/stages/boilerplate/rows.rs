//! Decides over the rows of recognised lines: what is cut, what is marked, and which lines between them go along.

use std::collections::HashSet;

use super::recognise::{ARROWS, is_trail, normalize};
use super::{
    CERTAIN, Class, Item, SUPPORT, TITLE_CHARS, Zone, dateline, is_bullet, is_bulleted, is_prose, layout,
};
use crate::document::Document;
use crate::edit::{Confidence, Rule};
use crate::lang::lines::Line;
use crate::stage::Proposal;

/// What the lines around the article say together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Page {
    /// The lines can only be a page's: then a line needs less, and lines between them go along.
    pub strong: bool,
    /// Lines were recognised on both sides of the article, or some that can only be a page's.
    pub around: bool,
    /// Neighbours support each other: not in a technical text.
    pub rows: bool,
    /// One line was recognised and no other.
    pub alone: bool,
    /// Lines that rarely stand in a text.
    pub firm: usize,
    /// A list that holds such words too, and nothing in it is certain.
    pub list: bool,
    /// The lines are all that stand around an article, see [`layout`](super::layout).
    pub laid_out: bool,
}

/// A page shows itself by this many lines that rarely stand in a text, of two kinds at least, that weigh this much
/// together. Guesses: a share line, a credit and a notice; other numbers were not tried.
const PAGE_LINES: usize = 3;
const PAGE_WEIGHT: u32 = 8;

/// A page has its lines around an article; on one side of it alone, so many must be such as stand on no line of a text. The words on the buttons
/// of a program stand below the sentences that describe it.
const LOUD: usize = 2;

/// One in so many of the lines around the paragraphs is recognised, at least, not counting entries of lists with bullets. Catalogues of
/// the strings of a program hold `Print page` and `Close menu` as well, among thousands of others.
const PAGE_SHARE: usize = 4;

/// Fewer than one in so many is a list, where nothing is certain. A guess between a page with a long list of titles and a
/// catalogue.
const LIST_SHARE: usize = 20;

impl Page {
    /// In a `technical` text, where headings and code stand, twice as much must be seen.
    pub(super) fn read(head: &[Item], tail: &[Item], technical: bool, list: bool, laid_out: bool) -> Self {
        let mut kinds = Vec::new();
        let (mut lines, mut weight, mut found) = (0, 0, 0);
        for (class, w) in head.iter().chain(tail).filter_map(|item| item.found) {
            found += 1;
            if w >= SUPPORT && class != Class::TitleAgain {
                lines += 1;
                weight += u32::from(w);
                if !kinds.contains(&class) {
                    kinds.push(class);
                }
            }
        }
        let times = if technical { 2 } else { 1 };
        let listed =
            head.iter().chain(tail).filter(|item| item.found.is_none() && is_bulleted(item.text)).count();
        let share = laid_out || found * PAGE_SHARE >= head.len() + tail.len() - listed;
        let loud =
            head.iter().chain(tail).filter_map(|item| item.found).filter(|&(_, w)| u32::from(w) >= CERTAIN);
        let sides = [head, tail].iter().all(|side| side.iter().any(|item| item.found.is_some()));
        let around = sides || loud.count() >= LOUD;
        let strong = around
            && lines >= times * PAGE_LINES
            && weight >= u32::from(technical) * PAGE_WEIGHT + PAGE_WEIGHT
            && kinds.len() >= 2
            && share;
        let list = list || (!laid_out && found * LIST_SHARE < head.len() + tail.len());
        let strong = strong && !list;
        Self {
            strong,
            around,
            rows: strong || !technical,
            alone: found < 2,
            firm: lines,
            list,
            laid_out: laid_out && strong,
        }
    }
}

/// What the lines on either side of the article are judged by.
pub(super) struct Around<'a> {
    pub doc: &'a Document,
    /// What stands between the lines of both zones.
    pub article: &'a str,
    pub page: Page,
    /// Where lines start that are gone already, in order.
    pub gone: Vec<usize>,
    /// Titles that went with a list on the other side.
    pub listed: HashSet<String>,
    /// Whether a line that nothing is known of may go for where it stands: in a page that was converted to Markdown menus are links.
    pub may_go: &'a dyn Fn(&Line) -> bool,
}

/// Cuts the rows that are certain, marks what is likely.
pub(super) fn decide(around: &Around, items: &[Item], zone: Zone, proposal: &mut Proposal) {
    let Around { doc, article, page, .. } = *around;
    let mut between = if page.strong { lines_between(doc, items, zone) } else { Vec::new() };
    if page.strong {
        between.extend(
            listed_again(items, &around.listed).into_iter().map(|place| (place, Class::Related.rule())),
        );
        between.sort_by_key(|&(place, _)| place);
        between.dedup_by_key(|&mut (place, _)| place);
    }
    let mut outside = if page.laid_out { layout::outside(items, zone, article) } else { Vec::new() };
    let titles = titles(doc, items);
    outside.retain(|&place| zone == Zone::Tail || !is_headline(&titles, items[place].text));
    outside.sort_unstable();
    let crown = items.iter().take_while(|item| item.found.is_some()).count();
    let mut at = 0;
    // Below a heading of its own.
    let mut owned = false;
    for row in items.chunk_by(|a, b| a.found.is_some() == b.found.is_some()) {
        let weights = || row.iter().filter_map(|item| item.found).map(|(_, w)| w);
        let sum: u32 = weights().map(u32::from).sum();
        let firm = weights().filter(|&w| w >= SUPPORT).count();
        // A heading `Related topics` stands above the article's own titles too, which may be words of a menu.
        let mut kinds = row
            .iter()
            .filter_map(|item| item.found)
            .filter(|&(class, w)| w >= SUPPORT && !matches!(class, Class::Related | Class::Comment));
        let first = kinds.next();
        let agree = kinds.any(|(class, _)| Some(class) != first.map(|(class, _)| class));
        // `Qzone` between `微博` and `评论`.
        let chinese = {
            let sum = |of: fn(&Line) -> u32| row.iter().map(|item| of(&item.line)).sum::<u32>();
            sum(|line| line.han) >= sum(|line| line.letters)
        };
        // A widget to share an article has several lines: `Share this:`, `Facebook X`.
        let widget = row.len() >= 2 && row.iter().all(|i| matches!(i.found, Some((Class::Share, _))));
        // The request to accept cookies, and its buttons: whatever the text is, it is no part of it.
        let banner =
            row.len() >= 2 && row.iter().all(|i| matches!(i.found, Some((Class::Cookies, _)))) && firm >= 2;
        // A form with what it says when it was sent.
        let form = row.len() >= 2
            && firm >= 2
            && row.iter().all(|i| matches!(i.found, Some((Class::Subscribe, _))))
            && weights().any(|w| u32::from(w) >= CERTAIN);
        for item in row {
            let outside = outside.binary_search(&at).is_ok();
            let between =
                between.binary_search_by_key(&at, |&(place, _)| place).ok().map(|found| between[found].1);
            let rule = between.or(outside.then(|| Class::Navigation.rule()));
            let weight = item.found.map_or(0, |(_, weight)| weight);
            owned = zone == Zone::Tail && weight < SUPPORT && (owned || weight == 0 && is_heading(item.text));
            let stays = weight < SUPPORT && (owned || !(around.may_go)(&item.line));
            let rule = rule.filter(|_| !stays);
            at += 1;
            // A caption that is gone already.
            if around.gone.binary_search(&item.line.start).is_ok() {
                continue;
            }
            let span = item.line.start..(item.line.end + 1).min(doc.text().len());
            let Some((class, weight)) = item.found else {
                if let Some(rule) = rule {
                    proposal.cut(span, rule);
                }
                continue;
            };
            // Words of Chinese pages stand in no program's menus; those of other languages do (`Save`, `Next page`), so
            // that there two kinds must agree.
            let han = item.line.han >= item.line.letters || chinese;
            // Of what may also be an article's own there must be more: a heading `Related topics`, a word of a menu.
            let supported = (page.rows || banner)
                && (han || (agree && page.around) || widget || banner)
                && match class {
                    Class::Navigation | Class::Section => firm >= 2 && sum > CERTAIN,
                    Class::Related | Class::Comment | Class::Subscribe | Class::Correction => false,
                    Class::Share | Class::Editor | Class::Copyright | Class::Cookies => {
                        firm >= 1 && sum >= CERTAIN
                    }
                    Class::Debris | Class::Dateline | Class::TitleAgain => firm >= 1 && sum >= CERTAIN,
                };
            let top = zone == Zone::Head && at <= crown;
            // `Skip to content` above everything else is a page's, whatever stands below; but catalogues hold it too, and
            // more such lines.
            let skips = top && class == Class::Navigation && u32::from(weight) >= CERTAIN && page.firm == 1;
            let alone_enough = match class {
                Class::Related | Class::Comment | Class::Subscribe | Class::Cookies => false,
                Class::Navigation | Class::Section => han || top || (page.firm >= 2 && page.around),
                Class::Share | Class::Correction | Class::Editor => han || (page.firm >= 2 && page.around),
                Class::Copyright | Class::Debris | Class::Dateline | Class::TitleAgain => true,
            };
            let certain = (u32::from(weight) >= CERTAIN && alone_enough)
                || supported
                || form
                || (outside && !stays)
                || (page.strong && weight >= SUPPORT)
                || (page.strong
                    && !stays
                    && class.is_menu()
                    && (rule.is_some() || (row.len() >= 2 && sum >= CERTAIN)));
            if certain && (!page.list || skips) {
                proposal.cut(span, class.rule());
                if class == Class::Dateline
                    && let Some(read) = dateline::parse(item.text).or_else(|| dateline::find(item.text))
                {
                    proposal.metadata.date.get_or_insert(read.date);
                    if let Some(source) = read.source.filter(|s| !s.is_empty()) {
                        proposal.metadata.sitename.get_or_insert(source);
                    }
                }
            } else if weight >= SUPPORT && !(page.alone && class.is_menu()) {
                proposal.maybe(span, "", class.rule());
            }
        }
    }
}

/// So many titles of a list are another one's for it to be the same list. A guess.
const LISTED: usize = 3;

/// The titles of a list that went on the other side of the article: blogs have their latest posts in the header and below `Recent posts`.
pub(super) fn listed_titles(doc: &Document, items: &[Item], proposal: &Proposal) -> HashSet<String> {
    let sure = proposal.edits.iter().filter(|edit| edit.confidence == Confidence::Sure);
    let gone: HashSet<usize> = sure.map(|edit| edit.span.start).collect();
    let listed = items.iter().filter(|item| gone.contains(&item.line.start) && layout::is_listed_title(item));
    listed.map(|item| bare(doc.line(&item.line)).to_owned()).collect()
}

/// Places of the titles that are on the list of the other side and say how old they are, and of those lines.
fn listed_again(items: &[Item], listed: &HashSet<String>) -> Vec<usize> {
    let is_again = |place: &usize| {
        let item = &items[*place];
        item.found.is_none() && layout::is_listed_title(item) && listed.contains(bare(item.text))
    };
    let is = |place: usize, what: fn(&Item) -> bool| {
        items.get(place).is_some_and(|item| item.found.is_none() && what(item))
    };
    // A list of the article's own may be named again below it, but not with how old each is.
    let again: Vec<usize> =
        (0..items.len()).filter(|place| is_again(place) && is(place + 1, layout::is_age)).collect();
    if again.len() < LISTED {
        return Vec::new();
    }
    let mut gone = Vec::new();
    for &place in &again {
        gone.extend([place, place + 1]);
        // Those of the same list that the other one is too short for.
        let mut next = place + 2;
        while again.binary_search(&next).is_err()
            && is(next, layout::is_listed_title)
            && is(next + 1, layout::is_age)
        {
            gone.extend([next, next + 1]);
            next += 2;
        }
    }
    gone
}

/// A heading of Markdown.
fn is_heading(text: &str) -> bool {
    text.trim_start_matches('#').starts_with(' ') && text.starts_with('#')
}

/// An entry of a list without its bullet.
fn bare(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || is_bullet(c)).trim_end()
}

/// Lines of a menu that no list knows may stand between two that one knows, this many in a row. A guess: a site has a
/// handful of sections of its own.
const MOST_BETWEEN: usize = 6;

/// The same where each of them has a bullet: what was `<li>`. A guess; menus of firms with sub-menus have thirty and more.
const MOST_BULLETED: usize = 40;

/// Lines that go because of the lines around them, in order: entries of a menu, and the titles under `Related articles`.
fn lines_between(doc: &Document, items: &[Item], zone: Zone) -> Vec<(usize, &'static Rule)> {
    let mut between = Vec::new();
    let titles = titles(doc, items);
    let menu = |place: usize| {
        items
            .get(place)
            .and_then(|item| item.found)
            .filter(|(class, _)| class.is_menu())
            .map(|(class, _)| class)
    };
    let known: Vec<usize> = (0..items.len()).filter(|&place| menu(place).is_some()).collect();
    for pair in known.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        let gap = before + 1..after;
        let unknown = gap.clone().all(|place| items[place].found.is_none());
        let bulleted =
            || gap.len() <= MOST_BULLETED && gap.clone().all(|place| is_bulleted(items[place].text));
        if !gap.is_empty()
            && (gap.len() <= MOST_BETWEEN || bulleted())
            && unknown
            && gap.clone().all(|p| is_entry(&items[p]) && !is_headline(&titles, items[p].text))
        {
            between.extend(gap.map(|place| (place, Class::Navigation.rule())));
        }
        // A word that may be a heading goes between others of its kind.
        if after - before <= MOST_BETWEEN && known.len() >= 6 {
            between.extend([before, after].map(|place| (place, Class::Navigation.rule())));
        }
    }
    if zone == Zone::Head {
        between.extend(in_menus(&titles, items).map(|place| (place, Class::Navigation.rule())));
        between.extend(in_the_header(&titles, items).map(|place| (place, Class::Navigation.rule())));
        between.extend(in_the_column(items).into_iter().map(|place| (place, Class::Navigation.rule())));
    }
    if zone == Zone::Tail {
        between.extend(in_the_footer(items).map(|place| (place, Class::Navigation.rule())));
        for (place, item) in items.iter().enumerate() {
            if !matches!(item.found, Some((Class::Related, SUPPORT..))) {
                continue;
            }
            let list =
                items[place + 1..].iter().take_while(|item| item.found.is_none() && !is_prose(&item.line));
            // A line that leads to a list leads to one of the article's, and so does a heading.
            let leads = |item: &Item| item.text.ends_with([':', '：']) || is_heading(item.text);
            let list = list.take_while(|item| item.line.visible() <= 150 && !leads(item)).count();
            between.extend((place + 1..=place + list).map(|place| (place, Class::Related.rule())));
        }
    }
    between.sort_by_key(|&(place, _)| place);
    between.dedup_by_key(|&mut (place, _)| place);
    between
}

/// Places between two lines below the article that rarely stand in a text: titles, tags and addresses of the site, but no paragraph, and
/// nothing long.
fn in_the_footer(items: &[Item]) -> impl Iterator<Item = usize> {
    let is_firm = |item: &Item| {
        let found = item
            .found
            .filter(|(class, _)| !matches!(class, Class::Debris | Class::TitleAgain | Class::Dateline));
        found.is_some_and(|(_, weight)| weight >= SUPPORT)
    };
    // A share line below an article ends nothing: a recipe, a list of sources may follow.
    let is_edge = |item: &Item| is_firm(item) && item.found.is_some_and(|(class, _)| layout::is_edge(class));
    let first = items.iter().position(is_edge).unwrap_or(items.len());
    let last = items.iter().rposition(is_firm).unwrap_or(first);
    // Headings of its lists may be any word: `Archives`.
    let may_go = |item: &Item| item.found.is_none_or(|(class, _)| class.is_menu());
    (first..last).filter(move |&place| may_go(&items[place]) && is_of_the_site(&items[place]))
}

/// Places between the menu of a site and the trail of links below it, `首页 > 新闻 > 标题`: wares, telephone numbers, addresses. An article
/// begins below its trail. Leaves what is long, and the headline, which the trail may end in.
fn in_the_header(titles: &[&str], items: &[Item]) -> impl Iterator<Item = usize> {
    let trail = items.iter().rposition(is_trail).unwrap_or(0);
    let above = &items[..trail];
    let is_entry = |item: &Item| item.found.is_some_and(|(class, _)| class.is_menu());
    let entries = above.iter().filter(|item| is_entry(item)).count();
    let first = above.iter().position(is_entry).filter(|_| entries >= KNOWN_ENTRIES).unwrap_or(trail);
    (first..trail).filter(move |&place| {
        let item = &items[place];
        item.found.is_none() && is_of_the_site(item) && !is_headline(titles, item.text)
    })
}

/// Places of the column that stands between a trail of links that ends in the headline and the headline: entries of a menu behind one that is
/// known. A notice has its number there, and an article its author.
fn in_the_column(items: &[Item]) -> Vec<usize> {
    let Some(trail) = items.iter().rposition(is_trail) else { return Vec::new() };
    let step = items[trail].text.rsplit(ARROWS).next().map(str::trim).unwrap_or_default();
    let below = &items[trail + 1..];
    let headline = below.iter().position(|item| bare(item.text) == step);
    let mut gone = Vec::new();
    let mut at = trail + 1;
    for run in below[..headline.filter(|_| step.chars().count() >= TITLE_CHARS).unwrap_or(0)]
        .chunk_by(|a, b| a.found.is_some() == b.found.is_some())
    {
        let places = at..at + run.len();
        at = places.end;
        let behind_known = places.start > trail + 1
            && items[places.start - 1].found.is_some_and(|(class, _)| class.is_menu());
        if behind_known && run.len() >= COLUMN && run.iter().all(is_entry) {
            gone.extend(places);
        }
    }
    gone
}

/// Entries of such a column, at least. A guess: kicker and author are no more than two.
const COLUMN: usize = 3;

/// What may stand in the header or footer of a site: a title, an address, but no paragraph, and nothing long.
fn is_of_the_site(item: &Item) -> bool {
    !layout::is_sentence(item) && item.line.visible() <= FOOTER_LINE && item.line.ends <= 1
}

/// Places of the lines of lists above the article, entry by entry with a bullet and often once more without, of which some are known: the
/// menu of a site with the names of its own sections and wares.
fn in_menus(titles: &[&str], items: &[Item]) -> impl Iterator<Item = usize> {
    let again = |place: usize| {
        let of = |other: Option<usize>| {
            other
                .and_then(|at| items.get(at))
                .filter(|other| is_bulleted(other.text))
                .map(|other| bare(other.text))
        };
        // The label is cut where the menu is too narrow.
        let label = items[place].text;
        of(place.checked_sub(1)).is_some_and(|entry| entry.starts_with(label))
            || of(Some(place + 1)).is_some_and(|entry| entry == label)
    };
    let known = |place: usize| items[place].found.is_some_and(|(class, _)| class.is_menu());
    let is_of_list = |place: usize| known(place) || is_bulleted(items[place].text) || again(place);
    let listed: Vec<bool> = (0..items.len()).map(is_of_list).collect();
    let mut cut = Vec::new();
    let mut start = 0;
    for run in listed.chunk_by(|a, b| a == b) {
        let run = start..start + run.len();
        start = run.end;
        let entries = run.clone().filter(|&place| known(place)).count();
        if listed[run.start] && entries >= KNOWN_ENTRIES && entries * KNOWN_SHARE >= run.len() {
            cut.extend(run.filter(|&place| {
                let item = &items[place];
                item.found.is_none()
                    && item.line.ends == 0
                    && item.line.visible() <= FOOTER_LINE
                    && !is_headline(titles, item.text)
            }));
        }
    }
    cut.into_iter()
}

/// So many entries of a list must be known, and one of so many, for all of it to be the menu. Guesses: menus of Chinese firms name five to
/// ten sections that every firm has, and thirty wares.
const KNOWN_ENTRIES: usize = 3;
const KNOWN_SHARE: usize = 10;

/// Visible characters of a line of a footer that no list knows. A guess: a title, or an address with a telephone number.
const FOOTER_LINE: u32 = 80;

/// Texts that the headline is a part of: the title in the metadata, and the trails of links, of which a page has one or two.
fn titles<'t>(doc: &'t Document, items: &[Item<'t>]) -> Vec<&'t str> {
    let trails = items.iter().filter(|item| is_trail(item)).map(|item| item.text);
    doc.metadata.title.as_deref().into_iter().chain(trails).take(4).collect()
}

fn is_headline(titles: &[&str], text: &str) -> bool {
    titles.iter().any(|title| title.contains(text))
}

/// `Le journal du soir`, `本地要闻`: an entry of a menu has few words and no sentence. It goes only between entries that are
/// known. Leaves the headline, dates, and sentences however short. Guesses: at most four words or ten Han characters.
fn is_entry(item: &Item) -> bool {
    let line = &item.line;
    let text = normalize(item.text);
    line.ends == 0
        && line.commas == 0
        && line.digits <= 4
        && text.split(' ').count() <= 4
        && line.han + line.kana <= 10
        && line.visible() <= 30
}
