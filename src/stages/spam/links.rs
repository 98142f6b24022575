//! Lists of bare addresses and rows of anchors that stand in a text as text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::{ANCHORS, LINKS, lexicon};
use crate::document::Document;
use crate::edit::Rule;
use crate::lang::triggers::Triggers;

/// What was found.
#[derive(Default)]
pub struct Links {
    /// Span and reason; neighbours may overlap in the white space between them.
    pub cuts: Vec<(Range<usize>, &'static Rule)>,
    /// How much the strongest looks like spam, 0 to 1.
    pub evidence: f64,
    /// Nothing but such links is in the document.
    pub whole: bool,
}

/// Addresses that make a list: four references are a footnote.
const ADDRESSES: usize = 5;
/// Anchors to different sites that make a row.
const SITES: usize = 3;

/// Looks at every line that starts with an address or holds an anchor. `strange` tells whether the text around the lists has
/// nothing to do with some words.
pub fn find(doc: &Document, strange: impl Fn(&str) -> bool) -> Links {
    let mut found = Links::default();
    let bytes = doc.text().as_bytes();
    let addresses = memchr::memmem::find(bytes, b"://").is_some();
    let anchors = doc.triggers().meets(Triggers::LESS_THAN) && memchr::memmem::find(bytes, b"<a ").is_some();
    let codes = addresses && memchr::memmem::find(bytes, b"[/url]").is_some();
    if addresses && memchr::memchr(b'%', bytes).is_some() {
        find_addresses(doc, &strange, &mut found);
    }
    if anchors {
        find_rows(doc, &HTML, &mut found);
    }
    if codes {
        find_rows(doc, &CODES, &mut found);
    }
    if !found.cuts.is_empty() {
        let cut: usize = found.cuts.iter().map(|(span, ..)| doc.at(span.clone()).trim().len()).sum();
        found.whole = cut * 10 >= doc.text().trim().len() * 9;
    }
    found
}

/// The address that is all there is on a line, but for a bullet before and a `<br>` after it.
fn address(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['-', '*', '•']).trim_start();
    let line = line.strip_suffix("<br>").or_else(|| line.strip_suffix("<br/>")).unwrap_or(line).trim_end();
    let path = line.strip_prefix("https://").or_else(|| line.strip_prefix("http://"))?;
    (!path.contains([' ', '\t', '<', '>', '"', '|'])).then_some(path)
}

/// What stands before the query: the page itself.
fn page(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

fn find_addresses(doc: &Document, strange: &impl Fn(&str) -> bool, found: &mut Links) {
    let mut run: Vec<&str> = Vec::new();
    let mut span = 0..0;
    for line in doc.lines() {
        if line.is_blank() {
            continue;
        }
        if let Some(address) = address(doc.line(line)) {
            if run.is_empty() {
                span.start = line.start;
            }
            span.end = line.end;
            run.push(address);
        } else {
            close(doc, &mut run, &span, strange, found);
        }
    }
    close(doc, &mut run, &span, strange, found);
}

fn close(
    doc: &Document,
    run: &mut Vec<&str>,
    span: &Range<usize>,
    strange: &impl Fn(&str) -> bool,
    found: &mut Links,
) {
    let all = std::mem::take(run);
    if all.len() < ADDRESSES {
        return;
    }
    // Each of the labelled planted addresses is escaped for 0.72 of its length and more; less than half of that will do.
    let escaped = all.iter().filter(|a| page(a).matches('%').count() * 3 * 10 >= page(a).len() * 3).count();
    let pages: HashSet<&str> = all.iter().map(|address| page(address)).collect();
    if escaped * 10 < all.len() * 8 {
        return;
    }
    // The labelled list has three pages under ten addresses; a list of references has no reason to repeat one.
    let repeats = pages.len() * 10 <= all.len() * 8;
    // Or each page has a query of its own, which no program reads, and what the names say is not what the text says.
    let queries: HashSet<&str> =
        all.iter().filter_map(|address| address.split_once('?')).map(|(_, q)| q).collect();
    let planted = || {
        let names: Vec<_> = pages.iter().map(|page| decoded(page)).collect();
        queries.len() * 10 >= all.len() * 9 && strange(&names.join("\n"))
    };
    let sure = repeats || planted();
    found.evidence = found.evidence.max(if sure { 0.97 } else { 0.3 });
    if sure {
        found.cuts.push((with_break(doc, span), &LINKS));
    }
}

/// The lines with the break after them, or with all white space before them where they end the text.
pub fn with_break(doc: &Document, span: &Range<usize>) -> Range<usize> {
    let text = doc.text();
    if text[span.end..].trim().is_empty() {
        text[..span.start].trim_end().len()..span.end
    } else {
        span.start..(span.end + 1).min(text.len())
    }
}

/// The text that the escapes of an address mean: `%E7%AB%B9` is `竹`.
fn decoded(address: &str) -> Cow<'_, str> {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// How a markup writes an anchor.
struct Anchors {
    open: &'static str,
    /// The end of the tag that opens one.
    tag_end: char,
    close: &'static str,
}

static HTML: Anchors = Anchors { open: "<a ", tag_end: '>', close: "</a>" };
/// The markup of forums: `[url=http://a.example/]pills[/url]`.
static CODES: Anchors = Anchors { open: "[url=", tag_end: ']', close: "[/url]" };

fn find_rows(doc: &Document, anchors: &Anchors, found: &mut Links) {
    let lines = doc.lines();
    for (number, line) in lines.iter().enumerate() {
        if !is_row(doc.line(line), anchors) {
            continue;
        }
        let mut span = line.span();
        let above = number.checked_sub(1).and_then(|above| lines.get(above));
        if let Some(above) = above.filter(|above| is_token(doc.line(above).trim())) {
            span.start = above.start;
        }
        found.evidence = found.evidence.max(0.97);
        found.cuts.push((with_break(doc, &span), &ANCHORS));
    }
}

/// A robot's signature: eight and more letters with capitals strewn in, `GQvprTAsKfoBdut`.
fn is_token(text: &str) -> bool {
    let letters = text.len() >= 8 && text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let turns =
        text.as_bytes().windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).count();
    letters && turns >= 3
}

/// A line of plain anchors to several sites, each pair divided by another short token, or half of them
/// with a term of the lexicon.
fn is_row(line: &str, markup: &Anchors) -> bool {
    let mut rest = line.trim();
    let mut sites = HashSet::new();
    let mut tokens = HashSet::new();
    let (mut anchors, mut gaps, mut known) = (0, 0, 0);
    while let Some(at) = rest.find(markup.open) {
        let gap = rest[..at].trim();
        if anchors > 0 {
            // `|`, `,` and words of a menu are the same everywhere or are words; these are `03825`, `=DDD`, `ilp`.
            if gap.len() > 8 || gap.contains(char::is_whitespace) {
                return false;
            }
            gaps += 1;
            if !gap.is_empty() {
                tokens.insert(gap);
            }
        } else if !gap.is_empty() {
            return false;
        }
        let Some(open) = rest[at..].find(markup.tag_end).map(|n| at + n) else { return false };
        let Some(close) = rest[open..].find(markup.close).map(|n| open + n) else { return false };
        let tag = &rest[at..open];
        let text = &rest[open + 1..close];
        let Some((_, target)) = tag.split_once("://") else { return false };
        if text.contains(['<', '[']) || text.trim().is_empty() || text.len() > 80 {
            return false;
        }
        sites.insert(target.split(['/', '"', '\'', '?']).next().unwrap_or_default());
        anchors += 1;
        known += usize::from(lexicon::holds(text));
        rest = &rest[close + markup.close.len()..];
    }
    let joined_by_tokens = anchors == sites.len() && tokens.len() == gaps;
    rest.trim().len() <= 8 && sites.len() >= SITES && (joined_by_tokens || known * 2 >= anchors)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"<a href="http://www.one-pill.example/">blue pills</a> 0712 <a href="http://two.example/">buy pills</a> =:D <a href="http://three.example/x">cheap pills</a> qel"#;

    #[test]
    fn a_row_of_anchors_is_told_from_badges_and_menus() {
        let row = |line: &str| is_row(line, &HTML);
        assert!(row(ROW));
        assert!(!row(&ROW.replace("0712", "|").replace("=:D", "|")));
        assert!(!row(&ROW.replace("blue pills", "<img src='x.svg'>")));
        assert!(!row(&ROW.replace("two.example", "three.example")));
        assert!(!row(&format!("We tested these: {ROW}")));
        let codes = ROW.replace("<a href=\"", "[url=").replace("</a>", "[/url]").replace("\">", "]");
        assert!(is_row(&codes, &CODES));
        let plain = codes.replace("0712", "").replace("=:D", "");
        assert!(!is_row(&plain, &CODES));
        assert!(is_row(&plain.replace("buy pills", "buy viagra").replace("blue pills", "cialis"), &CODES));
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(decoded("a.example/%E7%AB%B9%zz%"), "a.example/竹%zz%");
    }

    #[test]
    fn a_page_under_many_queries_repeats() {
        assert_eq!(page("a.example/%E7%AB%B9?/k=1"), "a.example/%E7%AB%B9");
        assert_eq!(address("- https://a.example/b <br>"), Some("a.example/b"));
        assert_eq!(address("see https://a.example/b"), None);
    }
}
