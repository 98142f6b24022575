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

/// White space that goes at the end of a line. A form feed divides pages, and U+0085 may be a byte of text that was misread.
pub fn is_trimmed(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{0C}' | '\u{85}')
}

/// The lines of `after`, of the text whose lines were `lines` before `edits` were made: what no edit touched is not counted again.
///
/// The edits are in order, disjoint, and those that made `after`.
pub fn recount(
    lines: &[Line],
    edits: impl IntoIterator<Item = (Range<usize>, usize)>,
    after: &str,
) -> Vec<Line> {
    let mut edits = edits.into_iter().peekable();
    let mut out = Vec::with_capacity(lines.len());
    // Bytes that the edits so far put in and took out.
    let (mut more, mut less) = (0, 0);
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        let start = line.start + more - less;
        if edits.peek().is_none_or(|(span, _)| span.start > line.end) {
            out.push(Line { start, end: line.end + more - less, ..*line });
            continue;
        }
        // Edits at a line break make one line of two, or two of one: all that they touch is counted as a piece.
        let mut end = line.end;
        loop {
            while let Some((span, with)) = edits.next_if(|(span, _)| span.start <= end) {
                more += with;
                less += span.len();
                end = end.max(span.end);
            }
            match rest.next_if(|next| next.start <= end) {
                Some(next) => end = end.max(next.end),
                None => break,
            }
        }
        let end = end + more - less;
        // With its line break, or an empty last line is none.
        push(&mut out, start, &after[start..after.len().min(end + 1)]);
    }
    if edits.peek().is_some() {
        let start = lines.last().map_or(0, |last| last.end + 1 + more - less);
        push(&mut out, start, &after[start..]);
    }
    out
}

/// Adds the lines of a piece of a text, which begins at `start` there.
fn push(lines: &mut Vec<Line>, start: usize, piece: &str) {
    lines.extend(count(piece).into_iter().map(|line| Line {
        start: start + line.start,
        end: start + line.end,
        ..line
    }));
}

/// Counts of one line while they are made: a byte for each [`Code`] in one integer, so that a character costs one
/// addition, which waits for no store.
const LANES: [u128; Code::COUNT] = {
    let mut lanes = [0; Code::COUNT];
    let mut code = 0;
    while code < Code::COUNT {
        lanes[code] = 1 << (8 * code);
        code += 1;
    }
    lanes
};

const _: () = assert!(Code::COUNT <= size_of::<u128>());

/// The same for ASCII, whose characters have few codes: a character costs one addition of half the width.
const ASCII_CODES: [Code; 6] = [Code::Space, Code::Latin, Code::Digit, Code::End, Code::Comma, Code::Other];

/// By character of ASCII, one in the lane of its code in [`ASCII_CODES`].
static ASCII: [u64; 128] = {
    let mut table = [0; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        let lane = match byte {
            b'\t'..=b'\r' | b' ' => 0,
            b'a'..=b'z' | b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b'.' | b'!' | b'?' => 3,
            b',' | b';' | b':' => 4,
            _ => 5,
        };
        table[byte as usize] = 1 << (8 * lane);
        byte += 1;
    }
    table
};

/// Characters of ASCII that are counted at a time.
const WIDTH: usize = 16;

/// How many bytes at the start of `text` are ASCII.
fn ascii_run(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let is_ascii = |word: &[u8; 8]| u64::from_le_bytes(*word) & 0x8080_8080_8080_8080 == 0;
    match words.iter().position(|word| !is_ascii(word)) {
        Some(n) => n * 8 + words[n].iter().take_while(|byte| byte.is_ascii()).count(),
        None => words.len() * 8 + rest.iter().take_while(|byte| byte.is_ascii()).count(),
    }
}

/// How many of the characters have each of [`ASCII_CODES`]. Sixteen at a time in a form that compilers turn into instructions for
/// vectors, the rest by the table.
fn ascii(line: &[u8]) -> [u32; ASCII_CODES.len()] {
    let (chunks, rest) = line.as_chunks::<WIDTH>();
    let mut counts = [0; ASCII_CODES.len()];
    for chunks in chunks.chunks(FULL_LANE) {
        let [mut spaces, mut letters, mut digits, mut ends, mut commas] = [[0_u8; WIDTH]; 5];
        for chunk in chunks {
            for (lane, &byte) in chunk.iter().enumerate() {
                letters[lane] += u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
                spaces[lane] += u8::from((byte == b' ') | (byte.wrapping_sub(b'\t') < 5));
                digits[lane] += u8::from(byte.wrapping_sub(b'0') < 10);
                ends[lane] += u8::from((byte == b'.') | (byte == b'!') | (byte == b'?'));
                commas[lane] += u8::from((byte == b',') | (byte == b';') | (byte == b':'));
            }
        }
        let sum = |lanes: [u8; WIDTH]| lanes.iter().map(|&n| u32::from(n)).sum::<u32>();
        let found = [sum(spaces), sum(letters), sum(digits), sum(ends), sum(commas)];
        let all = (chunks.len() * WIDTH) as u32;
        for (count, found) in
            counts.iter_mut().zip(found.into_iter().chain([all - found.iter().sum::<u32>()]))
        {
            *count += found;
        }
    }
    // Fewer than a lane holds.
    let lanes = rest.iter().fold(0, |sum, byte| sum + ASCII[usize::from(byte & 0x7F)]);
    for (count, lane) in counts.iter_mut().zip(lanes.to_le_bytes()) {
        *count += u32::from(lane);
    }
    counts
}

/// So often a character may be counted before its lane is full.
const FULL_LANE: usize = u8::MAX as usize;

/// The line of `text` from `start` to `end`, which are a start and an end of a line.
pub fn read(text: &str, start: usize, end: usize) -> Line {
    let table = chars::table();
    let lane = |c: char| LANES[table.get(c as usize).copied().unwrap_or_else(|| chars::code(c)) as usize];
    let line = &text[start..end];
    let mut counts = Counts::default();
    let bytes = line.as_bytes();
    if line.is_ascii() {
        counts.add_ascii(bytes);
        return counts.line(start, end, trailing_spaces(line));
    }
    // A line in letters of Latin has long runs of ASCII, one of Chinese has none that are worth a look.
    let head = &bytes[..bytes.len().min(4 * WIDTH)];
    let has_runs = head.iter().filter(|byte| byte.is_ascii()).count() * 4 > head.len() * 3;
    let (mut lanes, mut room) = (0, FULL_LANE);
    let first = if has_runs { ascii_run(bytes) } else { 0 };
    counts.add_ascii(&bytes[..first]);
    let mut rest = line[first..].chars();
    while let Some(c) = rest.next() {
        lanes += lane(c);
        room -= 1;
        if room == 0 {
            counts.add(std::mem::take(&mut lanes));
            room = FULL_LANE;
        }
        if has_runs && rest.as_str().starts_with(|next: char| next.is_ascii()) {
            let run = ascii_run(rest.as_str().as_bytes());
            counts.add_ascii(&rest.as_str().as_bytes()[..run]);
            rest = rest.as_str()[run..].chars();
        }
    }
    counts.add(lanes);
    counts.line(start, end, trailing_spaces(line))
}

#[derive(Default)]
struct Counts([u32; Code::COUNT]);

impl Counts {
    fn add(&mut self, lanes: u128) {
        for (count, lane) in self.0.iter_mut().zip(lanes.to_le_bytes()) {
            *count += u32::from(lane);
        }
    }

    fn add_ascii(&mut self, run: &[u8]) {
        for (code, count) in ASCII_CODES.iter().zip(ascii(run)) {
            self.0[*code as usize] += count;
        }
    }

    fn line(self, start: usize, end: usize, trailing: u32) -> Line {
        let of = |code: Code| self.0[code as usize];
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
            spaces: of(Code::Space) - trailing,
            others: of(Code::Other),
        }
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
    fn ascii_has_the_codes_of_all_characters() {
        for byte in 0..128_u8 {
            let lane = ASCII[usize::from(byte)].trailing_zeros() as usize / 8;
            assert_eq!(ASCII_CODES[lane], chars::code(char::from(byte)), "{byte}");
            for length in [1, 16, 16 * 255 + 3] {
                let mut counts = [0; ASCII_CODES.len()];
                counts[lane] = length as u32;
                assert_eq!(ascii(&vec![byte; length]), counts, "{byte}");
            }
        }
        let long = "a1. ".repeat(300);
        let line = read(&long, 0, long.len());
        assert_eq!((line.latin, line.digits, line.ends, line.spaces), (300, 300, 300, 299));
        let long = "é１。 ".repeat(300);
        let line = read(&long, 0, long.len());
        assert_eq!((line.latin, line.digits, line.ends, line.spaces), (300, 300, 300, 299));
    }

    #[test]
    fn han_are_told_by_script_and_function() {
        let line = count("这是國家的 café")[0];
        assert_eq!((line.han, line.hans, line.hant, line.function), (5, 1, 1, 3));
        assert_eq!((line.letters, line.latin), (4, 4));
        let line = count("Привет")[0];
        assert_eq!((line.letters, line.latin), (6, 0));
    }

    proptest::proptest! {
        #[test]
        fn lines_after_edits_are_those_of_the_text(
            text in "[a\n。 ]{0,12}",
            edits in proptest::collection::vec((0..12_usize, 0..4_usize, "[b\n]{0,2}"), 0..4),
        ) {
            let boundary = |at: usize| chars::boundary(&text, at);
            let mut edits: Vec<(Range<usize>, String)> =
                edits.into_iter().map(|(at, len, with)| (boundary(at)..boundary(at + len), with)).collect();
            edits.sort_by_key(|(span, _)| (span.start, span.end));
            let mut done = 0;
            edits.retain(|(span, _)| {
                let free = span.start >= done;
                done = done.max(span.end);
                free
            });
            let mut after = String::new();
            let mut read = 0;
            for (span, with) in &edits {
                after.push_str(&text[read..span.start]);
                after.push_str(with);
                read = span.end;
            }
            after.push_str(&text[read..]);
            let made = edits.iter().map(|(span, with)| (span.clone(), with.len()));
            proptest::prop_assert_eq!(recount(&count(&text), made, &after), count(&after));
        }
    }

    #[test]
    fn spans_cover_the_text_but_for_the_breaks() {
        let text = "a\n\nb\r\nc\n";
        let spans: Vec<&str> = count(text).iter().map(|l| &text[l.span()]).collect();
        assert_eq!(spans, ["a", "", "b\r", "c"]);
    }
}
