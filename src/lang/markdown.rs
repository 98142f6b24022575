//! What a line of Markdown shows: `* [Home](https://site.example/)` is the entry `* Home`.
//!
//! Many scrapes are pages that were converted to Markdown as they were, menus and planted links and all. The targets of their links make a
//! sentence of every entry, to those who count characters and marks; so stages that look for lists read such a document as it would be
//! shown, line by line, and tell what they find of the text as it is.

use std::ops::Range;

/// A text as it is shown, and where that stands in the text as it is.
pub struct Shown {
    pub text: String,
    /// In the order of the text.
    hidden: Vec<Hidden>,
    /// Starts, in `text`, of the lines that are links and nothing else.
    links: Vec<usize>,
}

/// What stands between two characters that are shown.
struct Hidden {
    /// Where they are shown.
    at: usize,
    /// What belongs to the character before ends here, and what belongs to the one behind begins.
    between: usize,
    /// Where the one behind stands.
    end: usize,
}

/// What begins the target of a link.
const TARGET: &str = "](";

/// What a line without a text is shown as, such as an icon that is a link: so that it is not an empty one.
const ICON: &str = "•";

impl Shown {
    /// The text as it is shown, if it has links of Markdown.
    pub fn of(text: &str) -> Option<Self> {
        memchr::memmem::find(text.as_bytes(), TARGET.as_bytes())?;
        let mut shown =
            Self { text: String::with_capacity(text.len()), hidden: Vec::new(), links: Vec::new() };
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if line.contains(TARGET) {
                shown.show(line.strip_suffix('\n').unwrap_or(line), start);
                shown.text.push_str(if line.ends_with('\n') { "\n" } else { "" });
            } else {
                shown.text.push_str(line);
            }
            start += line.len();
        }
        Some(shown)
    }

    /// Whether the line that starts here is links to other pages and marks, and nothing else. Pictures that are no links are something else.
    pub fn is_link(&self, start: usize) -> bool {
        self.links.binary_search(&start).is_ok()
    }

    /// A part of the text as it is shown, in the text as it is: links with their brackets and targets.
    pub fn as_it_is(&self, part: &Range<usize>) -> Range<usize> {
        self.place(part.start)..self.place(part.end)
    }

    fn place(&self, at: usize) -> usize {
        match self.hidden.partition_point(|hidden| hidden.at <= at).checked_sub(1).map(|n| &self.hidden[n]) {
            None => at,
            Some(hidden) if hidden.at == at => hidden.between,
            Some(hidden) => hidden.end + (at - hidden.at),
        }
    }

    /// Adds a line that begins at `start` of the text as it is.
    fn show(&mut self, line: &str, start: usize) {
        let from = self.text.len();
        let Parts { parts, is_link } = parts(line);
        let mut done = 0;
        for (part, opens) in parts {
            self.text.push_str(&line[done..part.start]);
            done = part.end;
            let (at, end) = (self.text.len(), start + part.end);
            match self.hidden.last_mut() {
                Some(last) if last.at == at => {
                    // Brackets that open belong to what is behind them, and so does all that follows them.
                    let is_open = last.between < last.end;
                    last.end = end;
                    if !opens && !is_open {
                        last.between = end;
                    }
                }
                _ => self.hidden.push(Hidden {
                    at,
                    between: if opens { start + part.start } else { end },
                    end,
                }),
            }
        }
        self.text.push_str(&line[done..]);
        if is_link {
            self.links.push(from);
        }
        if self.text[from..].trim().is_empty() {
            // It stands for the whole line.
            self.text.truncate(from);
            while self.hidden.pop_if(|hidden| hidden.at >= from).is_some() {}
            self.hidden.push(Hidden { at: from, between: start, end: start });
            self.text.push_str(ICON);
            let end = start + line.len();
            self.hidden.push(Hidden { at: self.text.len(), between: end, end });
        }
    }
}

/// The parts of a line that are not shown, in order, and whether they belong to what is behind them.
struct Parts {
    parts: Vec<(Range<usize>, bool)>,
    /// The line is links to other pages and marks, and nothing else.
    is_link: bool,
}

fn parts(line: &str) -> Parts {
    let bytes = line.as_bytes();
    let mut parts = Vec::new();
    let mut opened: Vec<usize> = Vec::new();
    let (mut to_others, mut beside) = (false, false);
    let mut at = 0;
    while at < line.len() {
        let behind = &bytes[at + 1..];
        match bytes[at] {
            // An escape.
            b'\\' if behind.first().is_some_and(u8::is_ascii_punctuation) => {
                parts.push((at..at + 1, true));
                at += 2;
                continue;
            }
            b'!' if behind.starts_with(b"[") => {}
            b'[' => opened.push(at),
            b']' => {
                if let Some(open) = opened.pop()
                    && let Some(len) = target(behind)
                {
                    // Of an image the mark, too.
                    let image = open > 0 && bytes[open - 1] == b'!';
                    parts.push((open - usize::from(image)..open + 1, true));
                    parts.push((at..at + 1 + len, false));
                    to_others |= !image && behind.get(1) != Some(&b'#');
                    beside |= image && opened.is_empty();
                    at += 1 + len;
                    continue;
                }
            }
            byte => beside |= opened.is_empty() && (byte.is_ascii_alphanumeric() || !byte.is_ascii()),
        }
        at += 1;
    }
    parts.sort_unstable_by_key(|(part, _)| part.start);
    Parts { parts, is_link: to_others && !beside }
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
        // So that it is not the first line, and that it has a target.
        let shown = Shown::of(&format!("[a](b)\n{line}")).unwrap();
        assert_eq!(shown.text, format!("a\n{wanted}"));
        assert_eq!(shown.is_link(2), link, "{line}");
    }

    #[test]
    fn a_line_is_shown_without_targets() {
        shows("  * [About us](https://site.example/about_(us) \"About\")", "  * About us", true);
        shows("[Home](/) | [新闻](/news/)", "Home | 新闻", true);
        shows("[![Logo](/logo.png)](/)", "Logo", true);
        shows("[](/) [ ](/a)", "•", true);
        shows("![The pile](/pile.jpg)", "The pile", false);
        shows("See [the manual](/manual) for more", "See the manual for more", false);
        shows("- [Installation](#installation)", "- Installation", false);
        shows("[x] a task [y", "[x] a task [y", false);
        shows(r"Sign [up](a) \- it is \[free\](no)", "Sign up - it is [free](no)", false);
        shows("[open](target", "[open](target", false);
        shows("no links", "no links", false);
    }

    #[test]
    fn parts_are_told_as_they_are() {
        let text = "a\n* [Home](/)\n[](/)\nb, [c d](e)[f](g) h\n[i](j)";
        let shown = Shown::of(text).unwrap();
        assert_eq!(shown.text, "a\n* Home\n•\nb, c df h\ni");
        for (part, wanted) in [
            ("a\n", "a\n"),
            ("* Home\n", "* [Home](/)\n"),
            ("•\n", "[](/)\n"),
            ("* Home\n•\n", "* [Home](/)\n[](/)\n"),
            ("c d", "[c d](e)"),
            ("d", "d](e)"),
            ("f h\n", "[f](g) h\n"),
            ("f", "[f](g)"),
            (" h\ni", " h\n[i](j)"),
        ] {
            let at = shown.text.find(part).unwrap();
            assert_eq!(&text[shown.as_it_is(&(at..at + part.len()))], wanted);
        }
        assert_eq!(shown.as_it_is(&(0..shown.text.len())), 0..text.len());
    }
}
