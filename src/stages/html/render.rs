//! Writes the lines of a page that are kept: as plain text, or as Markdown.

use super::dom::{Page, Tag};
use super::main_content::Choice;

/// A line a line, as a reader sees them.
pub fn plain(page: &Page, choice: &Choice) -> String {
    let mut out = String::new();
    let mut kept_before = false;
    for (line, reason) in page.lines.iter().zip(choice) {
        if reason.is_none() {
            push(&mut out, line.text.trim_end(), line.joins, kept_before);
        }
        kept_before = reason.is_none();
    }
    out
}

/// Adds a line; one that joins the line before it goes on there, if that one is kept.
fn push(out: &mut String, text: &str, joins: bool, kept_before: bool) {
    let mut text = text;
    if joins && kept_before && out.ends_with('\n') {
        out.pop();
    } else if joins {
        text = text.trim_start();
    }
    out.push_str(text);
    out.push('\n');
}

/// What the elements around a line make of it.
#[derive(Clone, Copy, Default)]
struct Around {
    heading: u8,
    quotes: usize,
    lists: usize,
    /// Elements: 0, the root, is none of these.
    pre: usize,
    table: usize,
    row: usize,
    item: usize,
    /// The outermost list.
    list: usize,
    /// What stands before the item: a number, 0 for `-`.
    number: usize,
    /// `dd`, which follows its term.
    definition: bool,
}

fn around(page: &Page) -> Vec<Around> {
    let mut all: Vec<Around> = Vec::with_capacity(page.elements.len());
    let mut items = vec![0_usize; page.elements.len()];
    for (n, element) in page.elements.iter().enumerate() {
        let mut here =
            if n == 0 { Around::default() } else { all.get(element.parent).copied().unwrap_or_default() };
        match element.tag {
            Tag::Title | Tag::Heading => here.heading = element.level,
            Tag::Quote => here.quotes += 1,
            Tag::List => {
                here.lists += 1;
                if here.list == 0 {
                    here.list = n;
                }
            }
            Tag::Item => {
                here.item = n;
                here.definition = element.level == 2;
                let ordered = page.elements.get(element.parent).is_some_and(|p| p.level == 1);
                let count = items.get_mut(element.parent);
                here.number = match count.filter(|_| ordered) {
                    Some(count) => {
                        *count += 1;
                        *count
                    }
                    None => 0,
                };
            }
            Tag::Pre => here.pre = n,
            // What is in a cell begins anew.
            Tag::Table => here = Around { table: n, ..Around::default() },
            Tag::Row => here.row = n,
            Tag::Inline
            | Tag::Link
            | Tag::Block
            | Tag::Paragraph
            | Tag::Cell
            | Tag::Article
            | Tag::Main
            | Tag::Nav
            | Tag::Aside
            | Tag::Header
            | Tag::Footer
            | Tag::Form
            | Tag::Control
            | Tag::Field
            | Tag::Figure => {}
        }
        all.push(here);
    }
    all
}

/// Tables of data: each row is one line, and most rows have several cells. Others hold the layout of a page.
fn data_tables(page: &Page, choice: &Choice, around: &[Around]) -> Vec<bool> {
    #[derive(Clone, Copy, Default)]
    struct Seen {
        lines: usize,
        with_cells: usize,
        broken: bool,
        row: usize,
    }
    let mut seen = vec![Seen::default(); page.elements.len()];
    for (line, _) in page.lines.iter().zip(choice).filter(|(_, reason)| reason.is_none()) {
        let Some(here) = around.get(line.element) else { continue };
        let Some(table) = seen.get_mut(here.table).filter(|_| here.table > 0) else { continue };
        table.lines += 1;
        table.with_cells += usize::from(line.text.contains('\t'));
        table.broken |= here.row == 0 || here.row == table.row;
        table.row = here.row;
    }
    seen.iter().map(|t| !t.broken && t.with_cells >= 2 && t.with_cells * 2 >= t.lines).collect()
}

/// Headings, lists, tables, quotations and code as Markdown (CommonMark, with the tables of GitHub).
pub fn markdown(page: &Page, choice: &Choice) -> String {
    let around = around(page);
    let data = data_tables(page, choice, &around);
    let mut marked = vec![false; page.elements.len()];
    let mut out = String::new();
    let mut last: Option<(Around, usize)> = None;
    let mut kept_before = false;
    for (line, reason) in page.lines.iter().zip(choice) {
        if reason.is_some() {
            kept_before = false;
            continue;
        }
        let here = around.get(line.element).copied().unwrap_or_default();
        let text = line.text.trim_end();
        if line.joins && kept_before {
            push(&mut out, text, true, true);
            continue;
        }
        let before = last.map(|(around, _)| around).unwrap_or_default();
        if before.pre != 0 && before.pre != here.pre {
            indent(&mut out, &before, false);
            out.push_str("```\n");
        }
        let in_table = here.table != 0 && data.get(here.table) == Some(&true);
        let goes_on = last.is_some_and(|(_, element)| element == line.element)
            || (here.list != 0 && here.list == before.list)
            || (in_table && here.table == before.table);
        if last.is_some() && !goes_on {
            out.push('\n');
        }
        let first_of_item = here.item != 0 && !marked.get(here.item).copied().unwrap_or(true);
        if let Some(slot) = marked.get_mut(here.item).filter(|_| first_of_item) {
            *slot = true;
        }
        if here.pre != 0 {
            if before.pre != here.pre {
                indent(&mut out, &here, first_of_item);
                out.push_str("```\n");
            }
            indent(&mut out, &here, false);
            out.push_str(text);
        } else if in_table {
            row(&mut out, text);
            if here.table != before.table {
                out.push('\n');
                out.push_str(&"| --- ".repeat(text.split('\t').count()));
                out.push('|');
            }
        } else {
            indent(&mut out, &here, first_of_item);
            if here.heading > 0 {
                out.push_str("######".get(..usize::from(here.heading)).unwrap_or("######"));
                out.push(' ');
            } else if looks_like_markup(text) {
                out.push('\\');
            }
            out.push_str(text);
        }
        out.push('\n');
        last = Some((here, line.element));
        kept_before = true;
    }
    if let Some((before, _)) = last.filter(|(around, _)| around.pre != 0) {
        indent(&mut out, &before, false);
        out.push_str("```\n");
    }
    out
}

/// What stands before a line in quotations and lists; `- ` or `1. ` where an item begins.
fn indent(out: &mut String, around: &Around, first_of_item: bool) {
    // Deeper ones are made of nothing but such marks.
    const DEEPEST: usize = 16;
    out.push_str(&"> ".repeat(around.quotes.min(DEEPEST)));
    if around.item == 0 {
        return;
    }
    let inside = "   ".repeat(around.lists.min(DEEPEST).saturating_sub(1));
    out.push_str(&inside);
    match (first_of_item, around.definition, around.number) {
        (false, _, _) => out.push_str("  "),
        (true, true, _) => out.push_str("  : "),
        (true, false, 0) => out.push_str("- "),
        (true, false, number) => out.push_str(&format!("{number}. ")),
    }
}

fn row(out: &mut String, text: &str) {
    for cell in text.split('\t') {
        out.push_str("| ");
        out.push_str(&cell.replace('|', "\\|"));
        out.push(' ');
    }
    out.push('|');
}

/// Whether a line of text would be read as a heading, an item, a quotation or a fence.
fn looks_like_markup(text: &str) -> bool {
    ["#", ">", "- ", "* ", "+ ", "```", "~~~", "| "].iter().any(|mark| text.starts_with(mark))
}
