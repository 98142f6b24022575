//! Tells tables of data from those that hold the layout of a page.

use super::dom::{Page, Tag};

/// Lines that a row of a table of data has at most, or two for each of its cells: one that holds more is a layout, whose cells are the
/// parts of a page. (A guess: a name in three languages, a title with its journal and year; a unit below each name of a column.)
const LINES_A_ROW: usize = 4;

/// Which rows belong to tables of data: most of their rows have several cells of few lines each. Other tables hold the
/// layout of a page.
#[derive(Debug, Default)]
pub struct Tables {
    /// Of each element. Empty where the page has no table.
    places: Vec<Place>,
    /// Of each element, if it is a table of data.
    data: Vec<bool>,
}

/// Where an element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In no table, or in the caption of one.
    Outside,
    Layout,
    /// In this row of a table of data.
    Row(usize),
}

impl Tables {
    /// The tables of a page, by those of its lines whose numbers `counts`.
    pub fn new(page: &Page, counts: impl Fn(usize) -> bool) -> Self {
        if page.elements.iter().all(|e| e.tag != Tag::Row) {
            return Self::default();
        }
        // For each element the table and the row around it.
        let mut around: Vec<(usize, usize)> = Vec::with_capacity(page.elements.len());
        let mut seen = vec![Seen::default(); page.elements.len()];
        for (n, element) in page.elements.iter().enumerate() {
            let (table, row) =
                if n == 0 { (0, 0) } else { around.get(element.parent).copied().unwrap_or_default() };
            around.push(match element.tag {
                Tag::Table => {
                    // A table around a table holds the layout of the page.
                    if let Some(outer) = seen.get_mut(table) {
                        outer.is_layout = true;
                    }
                    (n, 0)
                }
                Tag::Row => (table, n),
                _ => (table, row),
            });
        }
        for (_, line) in page.lines.iter().enumerate().filter(|&(n, _)| counts(n)) {
            let (table, row) = around.get(line.element).copied().unwrap_or_default();
            let Some(seen) = seen.get_mut(table).filter(|_| row > 0 && !line.joins) else { continue };
            let tag = page.elements.get(line.element).map(|e| e.tag);
            seen.is_layout |=
                matches!(tag, Some(Tag::Title | Tag::Heading | Tag::Pre | Tag::Item | Tag::Quote));
            let is_new = row != std::mem::replace(&mut seen.row, row);
            seen.rows += usize::from(is_new);
            seen.lines = if is_new { 1 } else { seen.lines + 1 };
            // A line that begins in the column of the one before goes on in its cell.
            let cells = line.text.matches('\t').count();
            let more = usize::from(is_new || line.column > seen.column) + cells;
            seen.cells = if is_new { more } else { seen.cells + more };
            seen.column = line.column + cells;
            seen.is_layout |= seen.lines > LINES_A_ROW.max(seen.cells * 2);
            let has_cells = line.column > 0 || line.text.contains('\t');
            if is_new || !seen.counted {
                seen.with_cells += usize::from(has_cells);
                seen.counted = has_cells;
            }
        }
        let is_data = |t: &Seen| !t.is_layout && t.with_cells >= 2 && t.with_cells * 2 >= t.rows;
        let data: Vec<bool> = seen.iter().map(is_data).collect();
        let place = |&(table, row): &(usize, usize)| match row {
            0 => Place::Outside,
            _ if data.get(table) == Some(&true) => Place::Row(row),
            _ => Place::Layout,
        };
        Self { places: around.iter().map(place).collect(), data }
    }

    /// Whether an element is a table of data.
    pub fn is_data(&self, element: usize) -> bool {
        self.data.get(element).copied().unwrap_or(false)
    }

    pub fn place(&self, element: usize) -> Place {
        self.places.get(element).copied().unwrap_or(Place::Outside)
    }
}

/// What was seen of a table.
#[derive(Clone, Copy, Default)]
struct Seen {
    rows: usize,
    /// Rows with more than one cell.
    with_cells: usize,
    is_layout: bool,
    /// The row seen last, its lines, and whether it is one with several cells.
    row: usize,
    lines: usize,
    cells: usize,
    /// The column that its last line ended in.
    column: usize,
    counted: bool,
}
