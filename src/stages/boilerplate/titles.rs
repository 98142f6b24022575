//! The headline, and where it stands again.

use std::collections::HashMap;
use std::ops::Range;

use super::recognise::LONGEST;
use super::{Class, Item, SUPPORT, TITLE_CHARS};
use crate::document::Document;
use crate::lang::chars;

/// The headline: the first line that is not the page's. When the line above is it again with the site's name behind,
/// as in the title of a page, that one is noted as the repetition; so it is with a menu between them, where a line of the footer has that name, which may be
/// the author's elsewhere.
pub(super) fn headline<'t>(head: &mut [Item<'t>], tail: &[Item<'t>]) -> Option<&'t str> {
    let first = head.iter().position(|item| item.found.is_none())?;
    let (start, behind) = head.split_at_mut(first + 1);
    let top = start.last_mut()?;
    let is_title = |item: &Item| {
        item.found.is_none() && visible(item.text) >= TITLE_CHARS && is_title_with_site(top.text, item.text)
    };
    if let Some(place) = behind.iter().position(is_title) {
        let title = behind[place].text;
        let is_menu =
            |item: &Item| item.found.is_some_and(|(class, weight)| class.is_menu() && weight >= SUPPORT);
        let site = site(top.text, title).filter(|site| visible(site) >= SITE_CHARS);
        let names_it = |item: &Item| {
            let found = item.found.is_some_and(|(class, _)| class == Class::Copyright);
            found && site.is_some_and(|site| item.text.contains(site))
        };
        if place == 0 {
            top.found = Some((Class::TitleAgain, 3));
            return Some(title);
        }
        if behind[..place].iter().any(is_menu) && tail.iter().any(names_it) {
            top.found = Some((Class::TitleAgain, SUPPORT));
            return Some(title);
        }
    }
    (visible(top.text) >= TITLE_CHARS && top.line.visible() <= LONGEST).then_some(top.text)
}

/// Characters of the shortest name of a site: a part may have a number.
const SITE_CHARS: usize = 3;

/// Letters and digits: a ruled line is no headline.
fn visible(text: &str) -> usize {
    text.chars().filter(|c| chars::is_alphanumeric(*c)).count()
}

/// `标题-某网`, `标题_某某公司`, `Title | Site`.
pub(super) fn is_title_with_site(line: &str, title: &str) -> bool {
    site(line, title).is_some()
}

/// The name of the site behind a title.
fn site<'t>(line: &'t str, title: &str) -> Option<&'t str> {
    let behind = line.strip_prefix(title)?;
    let rest = behind.trim_start();
    // Without a space, `name_of_this` goes on behind `name`.
    if rest.len() == behind.len() && title.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let site = rest.trim_start_matches(['-', '_', '|', '–', '—']).trim();
    let is_name = site.len() < rest.len()
        && (1..=20).contains(&visible(site))
        && !site.contains(['。', '，', '.', ',', '-', '_', '|']);
    is_name.then_some(site)
}

/// The part of a headline behind a bar, if that could be the headline alone: `栏目|标题`. More bars are a menu.
fn title_part(title: &str) -> Option<&str> {
    let (_, part) = title.split_once(['|', '｜'])?;
    let part = part.trim();
    (!part.contains(['|', '｜']) && visible(part) >= TITLE_CHARS).then_some(part)
}

/// Notes where the headline stands again. In clean text it does too, over the table of contents or on a title page: so
/// only a page that shows itself by another line, or by a title that was declared, loses the repetition.
pub(super) fn repeated_title<'t>(
    title: &'t str,
    declared: Option<&str>,
    head: &mut [Item<'t>],
    tail: &mut [Item<'t>],
) {
    let part = title_part(title);
    let is_part = |item: &Item| part == Some(item.text);
    let is_page = declared
        .is_some_and(|declared| declared.trim() == title || is_title_with_site(declared.trim(), title))
        || head.iter().any(|item| item.found.is_some_and(|(_, weight)| weight >= SUPPORT))
        || head.iter().any(is_part);
    let mut seen = false;
    let mut directly = false;
    for item in head.iter_mut() {
        if !seen {
            seen = item.text == title && item.found.is_none();
            directly = seen;
            continue;
        }
        // Far below, the same line may be the running title of a book; a part of it cannot.
        let is_part = is_part(item);
        directly &= item.found.is_some() || item.text == title || is_part;
        if item.found.is_none() && (directly || is_part) {
            item.found = Some((Class::TitleAgain, if is_page { 3 } else { 1 }));
        }
    }
    for item in tail.iter_mut().filter(|item| item.found.is_none()) {
        if is_title_with_site(item.text, title) {
            item.found = Some((Class::TitleAgain, 3));
        } else if item.text == title {
            item.found = Some((Class::TitleAgain, 1));
        }
    }
}

/// Lines all over the document that are the headline, a counter and the same rest each time; their spans.
pub(super) fn captions(doc: &Document, title: &str) -> Vec<Range<usize>> {
    let needle = title_part(title).unwrap_or(title);
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    let mut count: HashMap<String, u32> = HashMap::new();
    let mut read = 0;
    let text = doc.text();
    for at in memchr::memmem::find_iter(text.as_bytes(), needle) {
        // The headline may stand in a line many times; the line is read once.
        if at < read {
            continue;
        }
        let start = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |n| n + 1);
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n);
        read = end + 1;
        // Bytes: a character has at most four.
        if end - start <= 4 * LONGEST as usize
            && let Some(rest) = without_counter(&text[start..end])
        {
            *count.entry(rest.clone()).or_default() += 1;
            found.push((start, end, rest));
        }
    }
    found.retain(|(_, _, rest)| count.get(rest).is_some_and(|&n| n >= 2));
    found.iter().map(|(start, end, _)| *start..(end + 1).min(text.len())).collect()
}

/// `栏目(3)标题` → `栏目标题`.
fn without_counter(line: &str) -> Option<String> {
    let line = line.trim();
    line.match_indices(['(', '（']).find_map(|(open, mark)| {
        let rest = &line[open + mark.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = rest[digits..].strip_prefix([')', '）'])?;
        (1..=3).contains(&digits).then(|| format!("{}{behind}", &line[..open]))
    })
}
