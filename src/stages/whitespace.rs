//! Trims line ends and makes one empty line of many: `text  \n\n\n\nmore` → `text\n\nmore`.
//!
//! The one change that clean text may see, so it is exact about what stays: indentation, single empty lines,
//! spaces inside a line, form feeds (a page break is not white space here), and the final line break if there was one.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::lines::is_trimmed;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Whitespace {}

/// `text \t\r\n` → `text\n`. Editors and CMS leave it; nobody reads it. The `\r` of a Windows line end is such
/// white space, a `\r` inside a line is not. Leaves indentation and form feeds.
static TRAILING: Rule = Rule { name: "trailing", about: "white space at the end of a line goes" };

/// `text\n\n\n\nmore` → `text\n\nmore`; at the start and end of the document none is left. Cut-out page elements
/// leave such holes. Leaves a single empty line, which divides paragraphs.
static EMPTY_LINES: Rule = Rule {
    name: "empty_lines",
    about: "a run of empty lines becomes one; at the start and end none is left",
};

static RULES: [&Rule; 2] = [&TRAILING, &EMPTY_LINES];

impl Stage for Whitespace {
    fn name(&self) -> &'static str {
        "whitespace"
    }

    fn about(&self) -> &'static str {
        "Trims line ends and makes one empty line of many: `text  \\n\\n\\n\\nmore` → `text\\n\\nmore`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let text = doc.text();
        let bytes = text.as_bytes();
        // The gap is what lies between two lines with something on them: from the last visible character of the
        // one to the start of the other.
        let mut gap = Gap { start: 0, first: true };
        let mut start = 0;
        while start < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n);
            let visible = start + visible_len(&text[start..end]);
            if visible > start {
                gap.close(text, start, proposal);
                gap = Gap { start: visible, first: false };
            }
            start = end + 1;
        }
        gap.finish(text, proposal);
    }
}

/// Length in bytes of `line` without the white space at its end.
fn visible_len(line: &str) -> usize {
    match line.as_bytes().last() {
        None => 0,
        // Nearly every line: an ASCII character that is none.
        Some(0x21..=0x7E) => line.len(),
        Some(_) => line.trim_end_matches(is_trimmed).len(),
    }
}

struct Gap {
    start: usize,
    /// Nothing visible came before.
    first: bool,
}

impl Gap {
    /// What is to go of the gap when a visible line starts at `next`.
    fn close(&self, text: &str, next: usize, proposal: &mut Proposal) {
        if self.first {
            if next > 0 {
                proposal.cut(0..next, &EMPTY_LINES);
            }
            return;
        }
        let gap = &text.as_bytes()[self.start..next];
        if gap == b"\n" || gap == b"\n\n" {
            return;
        }
        let Some(first_break) = memchr::memchr(b'\n', gap).map(|n| self.start + n) else { return };
        if first_break > self.start {
            proposal.cut(self.start..first_break, &TRAILING);
        }
        // Between the first and the last line break; a gap with a single one ends here.
        if first_break + 1 < next - 1 {
            let inner = first_break + 1..next - 1;
            let rule = if bytes_has_break(text, &inner) { &EMPTY_LINES } else { &TRAILING };
            proposal.cut(inner, rule);
        }
    }

    /// What is to go of the gap at the end of the document.
    fn finish(&self, text: &str, proposal: &mut Proposal) {
        if self.first {
            if !text.is_empty() {
                proposal.cut(0..text.len(), &EMPTY_LINES);
            }
            return;
        }
        let first_break = memchr::memchr(b'\n', &text.as_bytes()[self.start..]).map(|n| self.start + n);
        let end = first_break.unwrap_or(text.len());
        if end > self.start {
            proposal.cut(self.start..end, &TRAILING);
        }
        if let Some(first_break) = first_break
            && first_break + 1 < text.len()
        {
            proposal.cut(first_break + 1..text.len(), &EMPTY_LINES);
        }
    }
}

fn bytes_has_break(text: &str, span: &std::ops::Range<usize>) -> bool {
    text.as_bytes().get(span.clone()).is_some_and(|b| memchr::memchr(b'\n', b).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit;

    fn clean(text: &str) -> String {
        let mut proposal = Proposal::default();
        Whitespace::default().run(&Document::from_text(text), &mut proposal);
        edit::apply(text, &proposal.edits).unwrap()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(clean(before), after);
        assert_eq!(clean(after), after, "the second time");
    }

    #[test]
    fn line_ends_are_trimmed() {
        check("a \t\nb\u{3000}\u{A0}\nc  ", "a\nb\nc");
        check("no line break  ", "no line break");
        check("a\r\nb\r\n\r\nc\r\n", "a\nb\n\nc\n");
        check("一行　\n", "一行\n");
    }

    #[test]
    fn runs_of_empty_lines_become_one() {
        check("a\n\n\n\nb", "a\n\nb");
        check("a\n \n\t\n\nb\n", "a\n\nb\n");
        check("a\n  \nb", "a\n\nb");
    }

    #[test]
    fn both_ends_are_bare() {
        check("\n \n  indented\n\n\n", "  indented\n");
        check("a\n\n", "a\n");
        check("\n\na", "a");
        check(" \n\t\n", "");
        check("   ", "");
        check("", "");
    }

    #[test]
    fn what_is_visible_stays() {
        for text in [
            "a\n\nb\n",
            "  a  b\n\tc",
            "\u{0C}\nnext page\n",
            "page\u{0C}\n",
            "Ã¢‚\u{85}\n",
            "old\rmac",
            "　　缩进\n",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn every_arrangement_of_a_few_characters_is_settled_in_one_go() {
        let alphabet = ['a', ' ', '\n', '\r', '\u{3000}'];
        for number in 0..5_usize.pow(6) {
            let text: String = (0..6).map(|place| alphabet[number / 5_usize.pow(place) % 5]).collect();
            let once = clean(&text);
            assert_eq!(clean(&once), once, "{text:?}");
            assert!(!once.contains("\n\n\n") && !once.contains(" \n") && !once.starts_with('\n'), "{text:?}");
        }
    }
}
