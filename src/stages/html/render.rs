//! Writes the lines of a page that are kept: as plain text here, as Markdown in [`markdown`](super::markdown).

use super::dom::{Line, Page, Run, Tag};
use super::main_content::Choice;
use super::tables::{Place, Tables};

/// A line of the text to be written: one of the page's, with those that go on in it, or a row of a table.
#[derive(Debug)]
pub struct Piece {
    pub text: String,
    /// The innermost block that its first line stands in.
    pub element: usize,
    /// The row of a table of data that it is, 0 for none. Cells are divided by tabs.
    pub row: usize,
}

/// A line a line, as a reader sees them; a row of a table of data is one, with a tab between cells.
pub fn plain(page: &Page, choice: &Choice) -> String {
    let tables = Tables::new(page, |n| choice.get(n).is_some_and(Option::is_none));
    let mut out = String::new();
    for piece in pieces(page, choice, &tables, linked) {
        out.push_str(&piece.text);
        out.push('\n');
    }
    out
}

/// One line by itself, for the record of what was left out.
pub fn alone(page: &Page, line: &Line) -> String {
    let mut text = String::new();
    linked(page, line, &mut text);
    if line.joins { text.trim_start().to_owned() } else { text }
}

/// What is kept, in order. `inline` writes the words of a line.
pub fn pieces(
    page: &Page,
    choice: &Choice,
    tables: &Tables,
    inline: impl Fn(&Page, &Line, &mut String),
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut kept_before = false;
    for (line, reason) in page.lines.iter().zip(choice) {
        let goes_on = std::mem::replace(&mut kept_before, reason.is_none()) && line.joins;
        if reason.is_some() {
            continue;
        }
        let place = tables.place(line.element);
        let row = if let Place::Row(row) = place { row } else { 0 };
        let mut text = String::new();
        inline(page, line, &mut text);
        let last = pieces.last_mut();
        match last {
            Some(last) if goes_on => last.text.push_str(&text),
            Some(last) if row > 0 && last.row == row => {
                let missing = line.column.saturating_sub(columns(&last.text) - 1);
                if missing > 0 {
                    last.text.extend(std::iter::repeat_n('\t', missing));
                } else {
                    last.text.push(' ');
                }
                last.text.push_str(&text);
            }
            _ => {
                if row > 0 {
                    text.insert_str(0, &"\t".repeat(line.column));
                } else if line.joins {
                    text.drain(..text.len() - text.trim_start().len());
                } else if place == Place::Layout && !in_code(page, line) {
                    squeeze(&mut text);
                }
                pieces.push(Piece { text, element: line.element, row });
            }
        }
    }
    for piece in &mut pieces {
        piece.text.truncate(piece.text.trim_end().len());
    }
    pieces
}

/// Cells of a row.
pub fn columns(row: &str) -> usize {
    memchr::memchr_iter(b'\t', row.as_bytes()).count() + 1
}

fn in_code(page: &Page, line: &Line) -> bool {
    page.elements.get(line.element).is_some_and(|e| e.tag == Tag::Pre)
}

/// Empty cells of a layout are only space between others.
fn squeeze(text: &mut String) {
    let mut after_tab = false;
    text.retain(|c| !(std::mem::replace(&mut after_tab, c == '\t') && c == '\t'));
}

/// Text and what it is part of, a run after the other.
pub fn runs(line: &Line) -> impl Iterator<Item = (Run, &str)> {
    let begin = |n: usize| line.runs.get(n).map_or(line.text.len(), |run| run.from);
    let first = (Run::default(), line.text.get(..begin(0)).unwrap_or_default());
    let others = line.runs.iter().enumerate();
    let others =
        others.map(move |(n, run)| (*run, line.text.get(run.from..begin(n + 1)).unwrap_or_default()));
    std::iter::once(first).chain(others).filter(|(_, text)| !text.is_empty())
}

/// Text with `[text](address)` where the page still has addresses.
fn linked(page: &Page, line: &Line, out: &mut String) {
    for (run, text) in runs(line) {
        if run.link > 0 {
            out.push('[');
            out.push_str(text);
            close_link(page, run.link, out);
        } else {
            out.push_str(text);
        }
    }
}

/// Writes `](address)`.
pub fn close_link(page: &Page, link: usize, out: &mut String) {
    let address = link.checked_sub(1).and_then(|n| page.addresses.get(n)).copied().unwrap_or_default();
    out.push_str("](");
    for c in address.trim().chars() {
        match c {
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            _ if c.is_whitespace() => out.push_str("%20"),
            _ => out.push(c),
        }
    }
    out.push(')');
}
