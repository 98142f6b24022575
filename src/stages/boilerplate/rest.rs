//! What of a document is the article's own, and what that says of the lines around it.

use std::cell::LazyCell;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{Class, Item, prose};
use crate::document::Document;
use crate::lang::lines::Line;

/// What of the document is the article's own.
pub(super) struct Rest<'a, 't> {
    pub doc: &'t Document,
    /// From the first paragraph to the last.
    pub body: Range<usize>,
    pub head: &'a [Item<'t>],
    pub tail: &'a [Item<'t>],
    /// A page that was converted to Markdown.
    pub is_dump: bool,
}

impl Rest<'_, '_> {
    /// The weights of the copyright notices in the tail, by place, once it is known what else the document speaks of.
    pub(super) fn copyright_weights(&self) -> Vec<(usize, u8)> {
        let notices: Vec<(usize, u8)> = (self.tail.iter().enumerate())
            .filter_map(|(place, item)| match item.found {
                Some((Class::Copyright, weight)) => Some((place, weight)),
                _ => None,
            })
            .collect();
        if notices.is_empty() {
            return notices;
        }
        // A registration number is of a page whatever the page is about. In a licence, a manual or a program's description
        // every other notice is content; elsewhere the last line of all may be believed more readily.
        // A notice of one word is a heading: `COPYRIGHT`, and what stands below it is the document's.
        let heading = notices.iter().any(|&(place, _)| {
            let text = self.tail[place].text;
            text.is_ascii() && text.bytes().filter(u8::is_ascii_alphabetic).count() <= 12
        });
        let legal = heading || self.is_technical() || self.is_manual_page() || self.mentions(&LEGAL);
        // Where the paragraphs come to it again and again, it is the topic, and only a registration is the page's.
        let topic =
            LazyCell::new(|| LEGAL.find_iter(self.doc.at(self.body.clone())).nth(TOPIC_WORDS - 1).is_some());
        let registered = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() >= 5;
        let last = self.tail.len() - 1;
        let paragraphs = prose(self.doc, self.body.clone()).take(3).count();
        notices
            .into_iter()
            .map(|(place, weight)| match (weight, legal) {
                _ if GRANT.is_match(self.tail[place].text) => (place, 1),
                (3, true)
                    if self.tail[place].text.is_ascii()
                        || super::recognise::has_copyright_sign(self.tail[place].text) =>
                {
                    (place, 1)
                }
                (3, _) if !registered(self.tail[place].text) && *topic => (place, 1),
                (3, _) => (place, 3),
                (_, true) => (place, 1),
                (2, false) if place == last && paragraphs >= 3 => (place, 3),
                (weight, false) => (place, weight),
            })
            .collect()
    }

    pub(super) fn speaks_of_cookies(&self) -> bool {
        let asked = |items: &[Item]| items.iter().any(|item| matches!(item.found, Some((Class::Cookies, _))));
        // Beside the request stand its buttons and its other lines: only paragraphs are the article's.
        let own = prose(self.doc, self.body.clone());
        (asked(self.head) || asked(self.tail))
            && own.into_iter().any(|line| COOKIE.is_match(self.doc.line(&line)))
    }

    /// Whether the article's own lines hold one of the words.
    fn mentions(&self, words: &AhoCorasick) -> bool {
        let body = self.doc.at(self.body.clone());
        let own = self.head.iter().chain(self.tail).filter(|item| item.found.is_none());
        words.is_match(body) || own.into_iter().any(|item| words.is_match(item.text))
    }

    /// `mgetty(8)`: a reference to a section of the manual, as in every manual page's list of related ones.
    fn is_manual_page(&self) -> bool {
        let text = self.doc.text().as_bytes();
        memchr::memchr_iter(b'(', text).any(|at| {
            let name =
                at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(u8::is_ascii_alphanumeric);
            name && matches!(text.get(at + 1..at + 3), Some([b'1'..=b'8', b')']))
        })
    }

    /// Signs of Markdown, reStructuredText and code: a description of a program, where sites put no widgets.
    pub(super) fn is_technical(&self) -> bool {
        if self.is_dump {
            return false;
        }
        const SIGNS: [&str; 7] = ["# ", "## ", "```", "====", "----", "$ ", "  * "];
        let text = self.doc.text().as_bytes();
        let begins = |(n, line): (usize, &Line)| {
            let line = &text[line.span()];
            let first = line.first().is_some_and(|byte| b"#`=-$ ".contains(byte));
            // White space at its end will be trimmed: `## ` is no heading.
            first
                && SIGNS.iter().any(|sign| {
                    line.trim_ascii_end().starts_with(sign.as_bytes()) && (n > 0 || *sign == "# ")
                })
        };
        self.doc.lines().iter().enumerate().any(begins)
    }
}

/// One in so many characters of a text may stand in short lines, `Save`, `Go to a specified sheet.` A guess: articles
/// have headings and captions, catalogues more than half.
const SHORT_SHARE: u32 = 3;

/// Visible characters of a line that is not short, in scripts with letters; Chinese and Japanese need half as many. That of
/// letters in [`super::is_prose`].
const RUNNING_CHARS: u32 = 50;

impl Rest<'_, '_> {
    /// Whether the text is a list of strings: no article stands between its first sentence and its last, or its lines are
    /// formats of messages. Catalogues of programs hold `Print page`, `Close menu` and `Next page` in rows, and sentences
    /// of help among them; a page has its paragraphs in one piece.
    pub(super) fn is_list(&self) -> bool {
        if is_format(self.doc.text()) {
            return true;
        }
        let (mut short, mut running) = (0, 0);
        for line in super::lines_in(self.doc, &self.body) {
            let least = if line.han + line.kana > line.letters { RUNNING_CHARS / 2 } else { RUNNING_CHARS };
            let kind = if line.visible() >= least { &mut running } else { &mut short };
            *kind += line.visible();
        }
        short * SHORT_SHARE > short + running
    }
}

/// `%s`, `%(name)s`, `%1$d`, `{0}`, `{{name`, `&File`: a message of a program with places for values, or a name with the
/// mark of its key. Leaves `100%`, `AT&T`, `&amp;` and addresses.
fn is_format(line: &str) -> bool {
    let bytes = line.as_bytes();
    memchr::memchr3_iter(b'%', b'{', b'&', bytes).any(|at| {
        let behind = &bytes[at + 1..];
        let inside = at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        let length =
            |of: &[u8], wanted: fn(u8) -> bool| of.iter().take_while(|&&b| wanted(b)).take(32).count();
        match bytes[at] {
            b'%' if inside => false,
            b'%' => match behind.first() {
                Some(b'(') => {
                    let name = length(&behind[1..], |b| b.is_ascii_alphanumeric() || b == b'_');
                    name > 0 && behind.get(name + 1) == Some(&b')')
                }
                _ => {
                    let flags = length(behind, |b| b.is_ascii_digit() || b"$.-l".contains(&b));
                    let kind = behind.get(flags).is_some_and(|b| b"sdiufxc@".contains(b));
                    let word = behind.get(flags + 1).is_some_and(u8::is_ascii_alphanumeric);
                    // `%1` alone, but not `%20`.
                    (kind && !word) || (flags == 1 && behind[0].is_ascii_digit() && !kind)
                }
            },
            b'{' if behind.first() == Some(&b'{') => true,
            b'{' => {
                let name = length(behind, |b| b.is_ascii_alphanumeric() || b == b'_');
                name > 0 && behind.get(name) == Some(&b'}')
            }
            _ => {
                let name = length(behind, |b| b.is_ascii_alphabetic());
                !inside && name > 0 && behind.get(name) != Some(&b';')
            }
        }
    })
}

/// As many words of licences in the paragraphs make them the topic. A guess: a news article may name one or two.
const TOPIC_WORDS: usize = 3;

static LEGAL: LazyLock<AhoCorasick> = LazyLock::new(|| {
    words(&[
        "licen",
        "copyright",
        "(c)",
        "©",
        "warrant",
        "redistribut",
        "许可",
        "授权",
        "版权",
        "著作权",
        "許可",
        "授權",
        "版權",
        "著作權",
    ])
});
/// A notice that says what one may do is a licence.
static GRANT: LazyLock<AhoCorasick> =
    LazyLock::new(|| words(&["permi", "licen", "lizenz", "warrant", "redistribut"]));
static COOKIE: LazyLock<AhoCorasick> = LazyLock::new(|| words(&["cookie"]));

fn words(words: &[&str]) -> AhoCorasick {
    // Letters as common as these are no sign by themselves: a prefilter would stop at every one.
    let kind = Some(AhoCorasickKind::DFA);
    let built = AhoCorasick::builder().kind(kind).prefilter(false).ascii_case_insensitive(true).build(words);
    built.unwrap_or_else(|e| unreachable!("a dozen words are too many for an automaton: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_programs_are_formats() {
        for line in [
            "Opened %s",
            "%(sel)s of %(cnt)s",
            "Page %1$d of %2$d",
            "{0} files",
            "{name}",
            "{{PLURAL:$1|a}}",
            "&File",
            "%1 of %2",
        ] {
            assert!(is_format(line), "{line}");
        }
        for line in [
            "100% sure",
            "It fell by 5 % and rose",
            "AT&T",
            "R & D",
            "a &amp; b",
            "x.example/?a=b&c=d",
            "%20",
            "{ }",
            "100%",
        ] {
            assert!(!is_format(line), "{line}");
        }
    }

    #[test]
    fn short_lines_between_sentences_are_a_list() {
        let sentence =
            "Opens the dialogue in which you choose the sheet that is to be shown in the window next.\n";
        let list = |text: &str| {
            let doc = Document::from_text(text);
            Rest { doc: &doc, body: 0..text.len(), head: &[], tail: &[], is_dump: false }.is_list()
        };
        assert!(list(&format!("{sentence}{}{sentence}", "Go to a specified sheet.\n".repeat(8))));
        assert!(!list(&format!("{sentence}Go to a sheet\n{sentence}{sentence}")));
    }
}
