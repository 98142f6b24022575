//! Lists of bare addresses and rows of anchors that stand in a text as text.

use std::collections::HashSet;
use std::ops::Range;

use super::{ANCHORS, LINKS};
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

/// Looks at every line that starts with an address or holds an anchor.
pub fn find(doc: &Document) -> Links {
    let mut found = Links::default();
    let bytes = doc.text().as_bytes();
    let addresses = memchr::memmem::find(bytes, b"://").is_some() && memchr::memchr(b'%', bytes).is_some();
    let anchors = doc.triggers().meets(Triggers::LESS_THAN) && memchr::memmem::find(bytes, b"<a ").is_some();
    if addresses {
        find_addresses(doc, &mut found);
    }
    if anchors {
        find_anchors(doc, &mut found);
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

fn find_addresses(doc: &Document, found: &mut Links) {
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
            close(doc, &mut run, &span, found);
        }
    }
    close(doc, &mut run, &span, found);
}

fn close(doc: &Document, run: &mut Vec<&str>, span: &Range<usize>, found: &mut Links) {
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
    found.evidence = found.evidence.max(if repeats { 0.97 } else { 0.3 });
    if repeats {
        found.cuts.push((with_break(doc, span), &LINKS));
    }
}

/// The lines with the break after them, or with all white space before them where they end the text.
fn with_break(doc: &Document, span: &Range<usize>) -> Range<usize> {
    let text = doc.text();
    if text[span.end..].trim().is_empty() {
        text[..span.start].trim_end().len()..span.end
    } else {
        span.start..(span.end + 1).min(text.len())
    }
}

fn find_anchors(doc: &Document, found: &mut Links) {
    let lines = doc.lines();
    for (number, line) in lines.iter().enumerate() {
        if !is_row(doc.line(line)) {
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

/// A line of plain anchors to several sites, each pair divided by another short token.
fn is_row(line: &str) -> bool {
    let mut rest = line.trim();
    let mut sites = HashSet::new();
    let mut tokens = HashSet::new();
    let (mut anchors, mut gaps) = (0, 0);
    while let Some(at) = rest.find("<a ") {
        let gap = rest[..at].trim();
        if anchors > 0 {
            // `|`, `,` and words of a menu are the same everywhere or are words; these are `03825`, `=DDD`, `ilp`.
            if gap.is_empty() || gap.len() > 8 || gap.contains(char::is_whitespace) {
                return false;
            }
            gaps += 1;
            tokens.insert(gap);
        } else if !gap.is_empty() {
            return false;
        }
        let Some(open) = rest[at..].find('>').map(|n| at + n) else { return false };
        let Some(close) = rest[open..].find("</a>").map(|n| open + n) else { return false };
        let tag = &rest[at..open];
        let text = &rest[open + 1..close];
        let Some((_, target)) = tag.split_once("://") else { return false };
        if text.contains('<') || text.trim().is_empty() || text.len() > 80 {
            return false;
        }
        sites.insert(target.split(['/', '"', '\'', '?']).next().unwrap_or_default());
        anchors += 1;
        rest = &rest[close + "</a>".len()..];
    }
    rest.trim().len() <= 8 && sites.len() >= SITES && anchors == sites.len() && tokens.len() == gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"<a href="http://www.one-pill.example/">blue pills</a> 0712 <a href="http://two.example/">buy pills</a> =:D <a href="http://three.example/x">cheap pills</a> qel"#;

    #[test]
    fn a_row_of_anchors_is_told_from_badges_and_menus() {
        assert!(is_row(ROW));
        assert!(!is_row(&ROW.replace("0712", "|").replace("=:D", "|")));
        assert!(!is_row(&ROW.replace("blue pills", "<img src='x.svg'>")));
        assert!(!is_row(&ROW.replace("two.example", "three.example")));
        assert!(!is_row(&format!("We tested these: {ROW}")));
    }

    #[test]
    fn a_page_under_many_queries_repeats() {
        assert_eq!(page("a.example/%E7%AB%B9?/k=1"), "a.example/%E7%AB%B9");
        assert_eq!(address("- https://a.example/b <br>"), Some("a.example/b"));
        assert_eq!(address("see https://a.example/b"), None);
    }
}
