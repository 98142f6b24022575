//! The lines of a text with the counts that tell prose from a list.

use std::ops::Range;

use super::chars::{self, Code};

/// One line and what it is made of. Counts are characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Byte offset of the first character.
    pub start: usize,
    /// Byte offset after the last character, before the line break.
    pub end: usize,
    pub han: u32,
    /// Those of `han` that only Simplified writing has.
    pub hans: u32,
    /// Those of `han` that only Traditional writing has.
    pub hant: u32,
    /// Those of `han` that are function characters.
    pub function: u32,
    pub kana: u32,
    /// Letters of other scripts.
    pub letters: u32,
    /// Those of `letters` that are Latin.
    pub latin: u32,
    pub digits: u32,
    /// Sentence ends (`。 . ! ？ …`).
    pub ends: u32,
    /// Commas, colons, semicolons.
    pub commas: u32,
    /// White space before the last visible character: what will be trimmed anyway is no evidence of anything.
    pub spaces: u32,
    pub others: u32,
}

impl Line {
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Characters that are not white space.
    pub fn visible(&self) -> u32 {
        self.han + self.kana + self.letters + self.digits + self.ends + self.commas + self.others
    }

    /// Nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.visible() == 0
    }
}

/// The lines of `text`, split at `\n` alone: a `\r` before it belongs to the line. A final line break starts no line.
pub fn count(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1);
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |n| start + n);
        lines.push(read(text, start, end));
        start = end + 1;
    }
    lines
}

/// The line of `text` from `start` to `end`, which are a start and an end of a line.
pub fn read(text: &str, start: usize, end: usize) -> Line {
    // Two histograms in turn: neighbours are of one kind, and an addition waits for the last one to the same count.
    let (mut odd, mut even) = ([0_u32; Code::COUNT], [0_u32; Code::COUNT]);
    let table = chars::table();
    let code = |c: char| table.get(c as usize).copied().unwrap_or_else(|| chars::code(c)) as usize;
    let mut rest = text[start..end].chars();
    while let Some(c) = rest.next() {
        odd[code(c)] += 1;
        if let Some(c) = rest.next() {
            even[code(c)] += 1;
        }
    }
    let of = |code: Code| odd[code as usize] + even[code as usize];
    let hans = of(Code::Hans) + of(Code::HansFunction);
    let hant = of(Code::Hant) + of(Code::HantFunction);
    Line {
        start,
        end,
        han: of(Code::Han) + of(Code::HanFunction) + hans + hant,
        hans,
        hant,
        function: of(Code::HanFunction) + of(Code::HansFunction) + of(Code::HantFunction),
        kana: of(Code::Kana),
        letters: of(Code::Latin) + of(Code::Letter),
        latin: of(Code::Latin),
        digits: of(Code::Digit),
        ends: of(Code::End),
        commas: of(Code::Comma),
        spaces: of(Code::Space) - trailing_spaces(&text[start..end]),
        others: of(Code::Other),
    }
}

fn trailing_spaces(line: &str) -> u32 {
    line.chars().rev().take_while(|c| c.is_whitespace()).map(|_| 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_by_class() {
        let lines = count("海口，2月 ok!\n\n「あ」");
        assert_eq!(lines.len(), 3);
        let Line { han, commas, digits, letters, ends, spaces, .. } = lines[0];
        assert_eq!((han, commas, digits, letters, ends, spaces), (3, 1, 1, 2, 1, 1));
        assert!(lines[1].is_blank());
        assert_eq!((lines[2].kana, lines[2].others), (1, 2));
    }

    #[test]
    fn han_are_told_by_script_and_function() {
        let line = count("这是國家的 café")[0];
        assert_eq!((line.han, line.hans, line.hant, line.function), (5, 1, 1, 3));
        assert_eq!((line.letters, line.latin), (4, 4));
        let line = count("Привет")[0];
        assert_eq!((line.letters, line.latin), (6, 0));
    }

    #[test]
    fn spans_cover_the_text_but_for_the_breaks() {
        let text = "a\n\nb\r\nc\n";
        let spans: Vec<&str> = count(text).iter().map(|l| &text[l.span()]).collect();
        assert_eq!(spans, ["a", "", "b\r", "c"]);
    }
}
