//! Teasers of other articles: a title, a sentence or two, and `Read more`, again and again.
//!
//! Their sentences are prose, so that what stands around the paragraphs does not show where the article ends. Their form
//! does: three lines that lead on, each a few lines below the one before. In 1.38 GB of clean text three documents have
//! three such lines, and none of them in a row.

use std::ops::Range;

use super::recognise::normalize;
use super::{ENOUGH_PROSE, is_prose};
use crate::document::Document;
use crate::lang::chars;
use crate::lang::lines::Line;

/// What leads on to an article, in lower case: alone on a line, or with the article's title behind it.
const LEADS: [&str; 40] = [
    "read more",
    "read full",
    "read the full story",
    "read the rest",
    "continue reading",
    "keep reading",
    "full story",
    "weiterlesen",
    "mehr lesen",
    "mehr erfahren",
    "artikel lesen",
    "lire la suite",
    "lire plus",
    "en savoir plus",
    "leer más",
    "seguir leyendo",
    "sigue leyendo",
    "leia mais",
    "ler mais",
    "saiba mais",
    "continue lendo",
    "leggi tutto",
    "leggi di più",
    "continua a leggere",
    "читать далее",
    "читать полностью",
    "подробнее",
    "czytaj więcej",
    "czytaj dalej",
    "devamını oku",
    "selengkapnya",
    "baca selengkapnya",
    "xem thêm",
    "đọc tiếp",
    "اقرأ المزيد",
    "阅读全文",
    "查看全文",
    "閱讀全文",
    "続きを読む",
    "더 보기",
];

/// Lines that lead on make a row from this many on.
const ROW: usize = 3;
/// Lines of a teaser, without the empty ones: kicker, title, author, date, a sentence or two. A guess.
const LINES: usize = 10;
/// Visible characters of the longest line that leads on: a title may stand in it.
const LONGEST: u32 = 200;

/// A line that leads on, and the title it leads to, where it names one: places among the lines that are not empty.
struct Lead {
    at: usize,
    title: Option<usize>,
}

/// A stretch of the document that is a row of teasers, whole lines.
#[derive(Debug)]
pub(super) struct Row {
    pub span: Range<usize>,
    /// Nothing else it could be. An article that is a list of things, with a paragraph and a link for each, looks the same, and goes on behind
    /// them: half of it and more may do so where the links name titles, and less where they do not.
    pub certain: bool,
}

/// Prose behind a row that names no titles, for one part before it, at most: what a page says below its articles, not the rest of one. In
/// three of fourteen pages of the sets for extraction such rows were parts of the article, with two lines in five and more of the page behind.
const BEHIND: u32 = 5;

/// The rows of teasers, where more prose stands outside them than in them. The first teaser begins at its title if its last line names it;
/// otherwise only that line goes, since nothing tells where the article ends.
pub(super) fn find(doc: &Document) -> Vec<Row> {
    // Most documents are done with here.
    if doc.lines().iter().filter(|line| may_lead(doc.line(line), line)).nth(ROW - 1).is_none() {
        return Vec::new();
    }
    let lines: Vec<&Line> = doc.lines().iter().filter(|line| !line.is_blank()).collect();
    let leads: Vec<Lead> = (0..lines.len()).filter_map(|at| lead(doc, &lines, at)).collect();
    let is_next = |a: &Lead, b: &Lead| (2..=LINES).contains(&(b.at - a.at));
    let row = |leads: &[Lead]| {
        let (first, last) = (leads.first()?, leads.last()?);
        let start = lines.get(first.title.unwrap_or(first.at))?.start;
        let end = lines.get(last.at)?.end;
        let certain = leads.iter().all(|lead| lead.title.is_some());
        (leads.len() >= ROW).then_some(Row { span: start..(end + 1).min(doc.text().len()), certain })
    };
    let mut rows: Vec<Row> = leads.chunk_by(is_next).filter_map(row).collect();
    // Prose that stands outside the rows, by row: what comes before it.
    let mut before = Vec::with_capacity(rows.len());
    let (mut inside, mut outside) = (0, 0);
    for line in lines.iter().filter(|line| is_prose(line)) {
        while rows.get(before.len()).is_some_and(|row| row.span.start <= line.start) {
            before.push(outside);
        }
        let last = before.len().checked_sub(1).and_then(|last| rows.get(last));
        *(if last.is_some_and(|row| row.span.contains(&line.start)) { &mut inside } else { &mut outside }) +=
            line.visible();
    }
    before.resize(rows.len(), outside);
    if outside < ENOUGH_PROSE || outside < inside {
        return Vec::new();
    }
    for (row, before) in rows.iter_mut().zip(before) {
        let least = if row.certain { 1 } else { BEHIND };
        row.certain = (outside - before) * least <= before;
    }
    rows
}

/// Whether a place is in one of the rows, which are in order.
pub(super) fn is_in(rows: &[Range<usize>], at: usize) -> bool {
    let behind = rows.partition_point(|row| row.end <= at);
    rows.get(behind).is_some_and(|row| row.contains(&at))
}

/// The first two letters of what leads on in ASCII, both cases as one: a bit of a row for the second, the row for the first.
const FIRST_TWO: [u32; 32] = {
    let mut table = [0; 32];
    let mut n = 0;
    while n < LEADS.len() {
        let lead = LEADS[n].as_bytes();
        table[(lead[0] & 31) as usize] |= 1 << (lead[1] & 31);
        n += 1;
    }
    table
};

/// The first characters of what leads on, where they are not of ASCII.
const FIRST_BEYOND_ASCII: &str = "чпđا阅查閱続더";

/// The first four bytes of what leads on, of its first word.
const FIRST_FOUR: [u32; LEADS.len()] = {
    let mut table = [0; LEADS.len()];
    let mut n = 0;
    while n < LEADS.len() {
        let lead = LEADS[n].as_bytes();
        table[n] = four([lead[0], lead[1], lead[2], lead[3]]);
        n += 1;
    }
    table
};

/// Four bytes as a number, but for what is behind the letters of ASCII that they begin with; both cases as one.
const fn four(mut bytes: [u8; 4]) -> u32 {
    let mut n = 0;
    let mut word = true;
    while n < bytes.len() {
        word = word && bytes[n].is_ascii_alphabetic();
        bytes[n] = if word { bytes[n].to_ascii_lowercase() } else { 0 };
        n += 1;
    }
    u32::from_le_bytes(bytes)
}

/// A look at the first letters: few lines need a closer one.
fn may_lead(text: &str, line: &Line) -> bool {
    if line.visible() > LONGEST || line.is_blank() {
        return false;
    }
    let text = text.trim_start_matches(|c: char| !chars::is_alphanumeric(c));
    match text.as_bytes() {
        [first, second, third, fourth, ..] if first.is_ascii() => {
            FIRST_TWO[usize::from(first & 31)] >> (second & 31) & 1 == 1
                && FIRST_FOUR.contains(&four([*first, *second, *third, *fourth]))
        }
        _ => {
            // The only ones with capitals are those below U+0600; most lines of Chinese are done with here.
            let small = |c: char| if c < '\u{600}' { c.to_lowercase().next().unwrap_or(c) } else { c };
            text.chars().next().map(small).is_some_and(|first| FIRST_BEYOND_ASCII.contains(first))
        }
    }
}

fn lead(doc: &Document, lines: &[&Line], at: usize) -> Option<Lead> {
    let line = lines.get(at)?;
    if !may_lead(doc.line(line), line) {
        return None;
    }
    let text = bare(&normalize(doc.line(line)));
    let rest = LEADS.iter().filter_map(|lead| text.strip_prefix(lead)).min_by_key(|rest| rest.len())?;
    let rest = bare(rest);
    if rest.is_empty() {
        return Some(Lead { at, title: None });
    }
    // `Read more about TITLE`, `Read More TITLEContinue`.
    let rest = rest.strip_prefix("about ").unwrap_or(&rest);
    let leads_to = |title: &str| {
        let behind = rest.strip_prefix(title).filter(|_| !title.is_empty());
        behind.is_some_and(|behind| matches!(bare(behind).as_str(), "" | "continue"))
    };
    let mut above = (at.saturating_sub(LINES)..at).rev();
    let title =
        above.find(|&n| lines.get(n).is_some_and(|line| leads_to(&bare(&normalize(doc.line(line))))))?;
    Some(Lead { at, title: Some(title) })
}

/// Without arrows, brackets and the like at its ends.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| !chars::is_alphanumeric(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "The keeper of the lighthouse counted the ships that passed, and wrote their number into a big book every night.\n\n\
        In winter there were few of them, and he had time to read what those before him had written there.\n\n";

    fn cut(text: &str) -> Vec<String> {
        let doc = Document::from_text(text);
        find(&doc).into_iter().filter(|row| row.certain).map(|row| doc.at(row.span).to_owned()).collect()
    }

    fn teaser(n: usize, lead: &str) -> String {
        format!("Travel\n\nShip number {n}\n\nA ship is a ship, as every child knows.\n\n{lead}\n\n")
    }

    #[test]
    fn rows_of_teasers_are_found() {
        let of =
            |lead: &dyn Fn(usize) -> String| -> String { (1..=3).map(|n| teaser(n, &lead(n))).collect() };
        let found =
            cut(&format!("{BODY}{}The end.\n", of(&|n| format!("Read More Ship number {n}Continue"))));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("Ship number 1\n") && found[0].ends_with("Ship number 3Continue\n"),
            "{found:?}"
        );
        for lead in [
            "Read more »",
            "En\u{A0}savoir  plus",
            "[Weiterlesen](/x)",
            "Читать далее…",
            "阅读全文",
            "→ Lire la suite",
        ] {
            let found = cut(&format!("{BODY}{}", of(&|_| lead.to_owned())));
            assert_eq!(found.len(), 1, "{lead}");
            assert!(found[0].contains("Ship number 2") && !found[0].contains("Ship number 1"), "{found:?}");
        }
    }

    #[test]
    fn the_tables_are_those_of_the_list() {
        for lead in LEADS {
            let first = lead.chars().next().unwrap();
            assert!(first.is_ascii() || FIRST_BEYOND_ASCII.contains(first), "{lead}");
        }
    }

    #[test]
    fn what_is_no_row_stays() {
        let two = format!("{BODY}{}{}", teaser(1, "Read more"), teaser(2, "Read more"));
        assert!(cut(&two).is_empty());
        // A page of nothing but teasers, a list of such words, a sentence.
        let page: String = (1..=9).map(|n| teaser(n, "Read more")).collect();
        assert!(cut(&page).is_empty());
        assert!(cut(&format!("{BODY}Read more\nWeiterlesen\nLire la suite\nLeer más\n")).is_empty());
        let sentence = "One line.\n\nTwo lines.\n\nRead more about it in chapter 8.\n\n".repeat(4);
        assert!(cut(&format!("{BODY}{sentence}")).is_empty());
    }
}
