//! What a line of Markdown shows: `* [Home](https://site.example/)` is the entry `* Home`.
//!
//! Many scrapes are pages that were converted to Markdown as they were, menus and all. The targets of their links make a sentence of every entry,
//! to those who count characters and marks; so such a document is read as it would be shown, line by line, and what is found is
//! told of the lines as they are.

use std::ops::Range;

use crate::document::{Document, Kind};

/// A document as it is shown, and where its lines stand in the document as it is.
pub(super) struct Shown {
    pub doc: Document,
    /// Starts of the lines in `doc`, and in the document as it is.
    starts: Vec<(usize, usize)>,
    /// Starts, in `doc`, of the lines that are links and nothing else.
    links: Vec<usize>,
}

/// What begins the target of a link.
const TARGET: &str = "](";

/// What an entry without a text is shown as: an icon.
const ICON: &str = "•";

/// The document as it is shown, if it has links of Markdown.
pub(super) fn shown(doc: &Document) -> Option<Shown> {
    memchr::memmem::find(doc.text().as_bytes(), TARGET.as_bytes())?;
    let mut text = String::with_capacity(doc.text().len());
    let (mut starts, mut links) = (Vec::with_capacity(doc.lines().len()), Vec::new());
    for line in doc.lines() {
        starts.push((text.len(), line.start));
        let raw = doc.line(line);
        if raw.contains(TARGET) {
            let start = text.len();
            if show(raw, &mut text) {
                links.push(start);
            }
            if text[start..].trim().is_empty() {
                text.push_str(ICON);
            }
        } else {
            text.push_str(raw);
        }
        text.push('\n');
    }
    if !doc.text().ends_with('\n') {
        text.pop();
    }
    starts.push((text.len(), doc.text().len()));
    let mut shown = Document::new(doc.id.clone(), doc.source.clone(), Kind::Text, text);
    shown.metadata = doc.metadata.clone();
    Some(Shown { doc: shown, starts, links })
}

impl Shown {
    /// Whether the line that starts here is links and nothing else.
    pub(super) fn is_link(&self, start: usize) -> bool {
        self.links.binary_search(&start).is_ok()
    }

    /// Whole lines of the document as it is shown, in the document as it is.
    pub(super) fn as_it_is(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize| {
            let after = self.starts.partition_point(|(shown, _)| *shown <= at);
            let (shown, start) = self.starts[after.saturating_sub(1)];
            start + (at - shown)
        };
        place(span.start)..place(span.end)
    }
}

/// Writes what a line shows; says whether it is links to other pages and marks, and nothing else.
fn show(line: &str, out: &mut String) -> bool {
    let bytes = line.as_bytes();
    // What is not shown: brackets and targets of links, escapes.
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut opened: Vec<usize> = Vec::new();
    let (mut to_others, mut beside) = (false, false);
    let mut at = 0;
    while at < line.len() {
        let behind = &bytes[at + 1..];
        match bytes[at] {
            b'\\' if behind.first().is_some_and(u8::is_ascii_punctuation) => {
                hidden.push(at..at + 1);
                at += 2;
                continue;
            }
            b'!' if behind.starts_with(b"[") => hidden.push(at..at + 1),
            b'[' => opened.push(at),
            b']' => {
                if let Some(open) = opened.pop()
                    && let Some(len) = target(behind)
                {
                    hidden.push(open..open + 1);
                    hidden.push(at..at + 1 + len);
                    to_others |= behind.get(1) != Some(&b'#');
                    at += 1 + len;
                    continue;
                }
            }
            byte => beside |= opened.is_empty() && (byte.is_ascii_alphanumeric() || !byte.is_ascii()),
        }
        at += 1;
    }
    hidden.sort_unstable_by_key(|part| part.start);
    let mut done = 0;
    for part in hidden {
        out.push_str(&line[done..part.start]);
        done = part.end;
    }
    out.push_str(&line[done..]);
    to_others && !beside
}

/// The length of the target that a text begins with, with its brackets: `(/news/ "News (all)")`.
fn target(text: &[u8]) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        match depth {
            0 => return (at > 0).then_some(at + 1),
            1..=DEEPEST => {}
            _ => break,
        }
    }
    None
}

/// Brackets in each other that a target may have (CommonMark 0.31, 6.3, asks for three and allows a limit for the sake of time).
const DEEPEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(line: &str, wanted: &str, link: bool) {
        let mut out = String::new();
        assert_eq!(show(line, &mut out), link, "{line}");
        assert_eq!(out, wanted);
    }

    #[test]
    fn a_line_is_shown_without_targets() {
        shows("  * [About us](https://site.example/about_(us) \"About\")", "  * About us", true);
        shows("[Home](/) | [新闻](/news/)", "Home | 新闻", true);
        shows("[![Logo](/logo.png)](/) ![](/a.gif)", "Logo ", true);
        shows("See [the manual](/manual) for more", "See the manual for more", false);
        shows("- [Installation](#installation)", "- Installation", false);
        shows("[x] a task [y", "[x] a task [y", false);
        shows(r"Sign up \- it is \[free\](no)", "Sign up - it is [free](no)", false);
        shows("[open](target", "[open](target", false);
    }

    #[test]
    fn lines_are_told_as_they_are() {
        let text = "a\n* [Home](/)\n[](/)\nb [c](d)";
        let shown = shown(&Document::from_text(text)).unwrap();
        assert_eq!(shown.doc.text(), "a\n* Home\n•\nb c");
        let of = |part: &str| {
            let at = shown.doc.text().find(part).unwrap();
            &text[shown.as_it_is(&(at..at + part.len()))]
        };
        assert_eq!(of("* Home\n"), "* [Home](/)\n");
        assert_eq!(of("* Home\n•\n"), "* [Home](/)\n[](/)\n");
        assert_eq!(shown.as_it_is(&(0..shown.doc.text().len())), 0..text.len());
        assert!(shown.is_link(2) && !shown.is_link(0));
    }
}
