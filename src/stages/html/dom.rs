//! A page as a flat list of elements and a list of the lines a reader sees.
//!
//! The tree of the parser is walked once, without recursion. Everything later is a pass over two arrays.

use ego_tree::iter::Edge;
use scraper::Node;

use crate::lang::chars::{self, Class};

/// What an element is, as far as text is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Inline,
    Link,
    Block,
    Paragraph,
    /// `h1`
    Title,
    /// `h2` to `h6`
    Heading,
    List,
    Item,
    Table,
    Row,
    Cell,
    Pre,
    Quote,
    Article,
    Main,
    Nav,
    Aside,
    Header,
    Footer,
    Form,
    /// `button`, `label`: text that is a control, and may stand in a line of text.
    Control,
    /// `textarea`, `option`: text in a field, which never is part of the line around it.
    Field,
    Figure,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "a" => Self::Link,
            "p" => Self::Paragraph,
            "h1" => Self::Title,
            "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "ul" | "ol" | "dl" | "menu" | "dir" => Self::List,
            "li" | "dt" | "dd" => Self::Item,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "pre" | "listing" => Self::Pre,
            "blockquote" => Self::Quote,
            "article" => Self::Article,
            "main" => Self::Main,
            "nav" => Self::Nav,
            "aside" => Self::Aside,
            "header" => Self::Header,
            "footer" => Self::Footer,
            "form" => Self::Form,
            "button" | "label" | "legend" => Self::Control,
            "select" | "option" | "optgroup" | "datalist" | "textarea" => Self::Field,
            "figure" | "figcaption" => Self::Figure,
            "div" | "section" | "body" | "html" | "center" | "address" | "fieldset" | "details"
            | "summary" | "hgroup" | "caption" | "tbody" | "thead" | "tfoot" | "dialog" | "hr" | "search"
            | "marquee" | "title" | "text" | "tspan" | "desc" => Self::Block,
            _ => Self::Inline,
        }
    }

    fn is_block(self) -> bool {
        !matches!(self, Self::Inline | Self::Link | Self::Control | Self::Field)
    }
}

/// In which way an element says that it is not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hides {
    #[default]
    No,
    /// `aria-hidden`: not read out. Most of it is seen: pictures in letters, and parts that a script folds up.
    Aria,
    /// `hidden`, or a style that does not show it: a script may.
    Style,
    /// A style that moves it off the page or makes it too small to be seen: nothing takes that back.
    Away,
}

/// One element. Its descendants are the elements up to `end`, its lines those up to `last_line`.
#[derive(Clone, Debug)]
pub struct Element<'p> {
    pub tag: Tag,
    pub parent: usize,
    pub end: usize,
    pub first_line: usize,
    pub last_line: usize,
    pub class: &'p str,
    pub id: &'p str,
    pub role: &'p str,
    pub itemprop: &'p str,
    pub hides: Hides,
    /// Of a heading 1 to 6; of a list 1 if it is numbered; of an item 1 for a term and 2 for its definition.
    pub level: u8,
    /// `start` of a numbered list, `value` of its item.
    pub number: Option<u32>,
    /// Of `pre` the language its class names, or that of the `code` in it: `rust` of `language-rust`.
    pub language: &'p str,
}

/// From a byte of a line on, what its text is part of, until the next run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub from: usize,
    /// Number of the address in [`Page::addresses`], from 1; 0 outside links.
    pub link: usize,
    /// Number of the stretch of code, from 1; 0 outside code.
    pub code: usize,
}

/// One line as a reader sees it, and what it is made of.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub text: String,
    /// The innermost block it stands in.
    pub element: usize,
    /// Words, and characters of Han and kana: each about as much to say.
    pub tokens: u32,
    /// Those of them that are inside links.
    pub link_tokens: u32,
    /// Marks that end or divide sentences.
    pub marks: u32,
    /// Characters that are not white space.
    pub chars: u32,
    pub digits: u32,
    /// Signs that are neither letters, digits nor marks of sentences: `|`, `©`, `→`, brackets.
    pub symbols: u32,
    /// Characters of Han and kana.
    pub han: u32,
    pub hidden: bool,
    pub control: bool,
    /// In a field of a form.
    pub field: bool,
    /// Goes on where the line before it ends, with the white space it begins with: the button at the end of a line.
    pub joins: bool,
    /// The column of the table that it begins in, from 0. Where it goes on in another one stands a tab for each column.
    pub column: usize,
    /// Links whose address the page still has, and code. None where all is text.
    pub runs: Vec<Run>,
}

impl Line {
    /// The text without the white space between it and the line it joins.
    pub fn own_text(&self) -> &str {
        if self.joins { self.text.trim_start() } else { &self.text }
    }
}

/// A page, flattened.
#[derive(Debug, Default)]
pub struct Page<'p> {
    pub elements: Vec<Element<'p>>,
    pub lines: Vec<Line>,
    /// Addresses of links, where the page still has them.
    pub addresses: Vec<&'p str>,
}

/// What the reader of a text node needs to know of the elements around it.
#[derive(Clone, Copy, Default)]
struct Context {
    element: usize,
    block: usize,
    link: bool,
    pre: bool,
    /// The number of the stretch of code around it, 0 for none.
    code: usize,
    hidden: bool,
    control: bool,
    field: bool,
    /// The number of the address of the link around it, 0 for none.
    address: usize,
}

/// The rank that a name tells: see [`Element::level`].
fn level(name: &str) -> u8 {
    match name {
        "h1" | "ol" | "dt" => 1,
        "h2" | "dd" => 2,
        "h3" => 3,
        "h4" => 4,
        "h5" => 5,
        "h6" => 6,
        _ => 0,
    }
}

/// The language that one of the names in `class` tells, as HTML recommends for code.
fn language(class: &str) -> &str {
    let named = |name| ["language-", "lang-"].iter().find_map(|prefix| str::strip_prefix(name, prefix));
    let is_plain = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-#._".contains(&b));
    class.split_ascii_whitespace().find_map(named).filter(is_plain).unwrap_or("")
}

/// Elements and lines of a parsed page, in order.
pub fn flatten(html: &scraper::Html) -> Page<'_> {
    let mut writer = Writer::default();
    let mut stack = vec![Context::default()];
    let root = html.tree.root();
    writer.page.elements.push(Element {
        tag: Tag::Block,
        parent: 0,
        end: 0,
        first_line: 0,
        last_line: 0,
        class: "",
        id: "",
        role: "",
        itemprop: "",
        hides: Hides::No,
        level: 0,
        number: None,
        language: "",
    });
    let (mut skip_head, mut codes) = (0_usize, 0);
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if name == "head" {
                        skip_head += 1;
                    }
                    let around = stack.last().copied().unwrap_or_default();
                    if name == "br" {
                        writer.line_feed(around);
                    }
                    let tag = Tag::of(name);
                    let (mut class, mut id, mut role, mut itemprop) = ("", "", "", "");
                    let mut hides = Hides::No;
                    let mut address = "";
                    let (mut number, mut columns, mut rows) = (None, 1, 1);
                    for (key, value) in element.attrs() {
                        match key {
                            "class" => class = value,
                            "id" => id = value,
                            "role" => role = value,
                            "itemprop" => itemprop = value,
                            "href" => address = value,
                            "start" | "value" => number = value.trim().parse().ok(),
                            "colspan" => columns = value.trim().parse().unwrap_or(1),
                            "rowspan" => rows = value.trim().parse().unwrap_or(1),
                            "hidden" if !value.eq_ignore_ascii_case("until-found") => {
                                hides = hides.max(Hides::Style)
                            }
                            "style" => hides = hides.max(hidden_by(value)),
                            "aria-hidden" if value == "true" && hides == Hides::No => hides = Hides::Aria,
                            _ => {}
                        }
                    }
                    // Inline elements need no place of their own unless they say something.
                    let own = tag.is_block()
                        || matches!(tag, Tag::Control | Tag::Field)
                        || hides != Hides::No
                        || !itemprop.is_empty();
                    let mut context = around;
                    context.link |= tag == Tag::Link;
                    if tag == Tag::Link && !address.trim().is_empty() {
                        writer.page.addresses.push(address);
                        context.address = writer.page.addresses.len();
                    }
                    context.pre |= tag == Tag::Pre;
                    if matches!(name, "code" | "tt" | "samp" | "kbd") {
                        if !context.pre && context.code == 0 {
                            codes += 1;
                            context.code = codes;
                        }
                        if let Some(pre) = writer.page.elements.get_mut(context.block)
                            && pre.tag == Tag::Pre
                            && pre.language.is_empty()
                        {
                            pre.language = language(class);
                        }
                    }
                    context.hidden |= hides != Hides::No;
                    context.control |= tag == Tag::Control;
                    context.field |= tag == Tag::Field;
                    if tag == Tag::Cell {
                        writer.cell(columns, rows);
                    } else if matches!(tag, Tag::Control | Tag::Field) {
                        writer.divide(tag);
                    } else if tag.is_block() {
                        writer.break_line();
                        match name {
                            "table" => writer.table(),
                            "tbody" | "thead" | "tfoot" => writer.rows(),
                            "tr" => writer.row(),
                            _ => {}
                        }
                    }
                    if own {
                        context.element = writer.page.elements.len();
                        writer.page.elements.push(Element {
                            tag,
                            parent: around.element,
                            end: 0,
                            first_line: writer.next_line(),
                            last_line: 0,
                            class,
                            id,
                            role,
                            itemprop,
                            hides,
                            level: level(name),
                            number,
                            language: if tag == Tag::Pre { language(class) } else { "" },
                        });
                        if tag.is_block() {
                            context.block = context.element;
                        }
                    }
                    stack.push(context);
                }
                Node::Text(text) if skip_head == 0 => {
                    let context = stack.last().copied().unwrap_or_default();
                    writer.text(text, context);
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    if element.name() == "head" {
                        skip_head = skip_head.saturating_sub(1);
                    }
                    let inside = stack.pop().unwrap_or_default();
                    let around = stack.last().copied().unwrap_or_default();
                    let tag = Tag::of(element.name());
                    if tag == Tag::Cell {
                        // The next cell, or the end of the row, decides what divides it from what follows.
                    } else if matches!(tag, Tag::Control | Tag::Field) {
                        writer.divide(tag);
                    } else if tag.is_block() {
                        writer.break_line();
                        if tag == Tag::Table {
                            writer.table_ends();
                        }
                    }
                    if inside.element != around.element {
                        let (end, last) = (writer.page.elements.len(), writer.next_line());
                        if let Some(element) = writer.page.elements.get_mut(inside.element) {
                            element.end = end;
                            element.last_line = last;
                        }
                    }
                }
            }
        }
    }
    writer.break_line();
    let (end, last) = (writer.page.elements.len(), writer.page.lines.len());
    if let Some(root) = writer.page.elements.first_mut() {
        root.end = end;
        root.last_line = last;
    }
    writer.page.settle_hidden();
    writer.page
}

impl Page<'_> {
    /// Decides which lines are hidden, now that it is known what the elements that say so hold.
    ///
    /// Pages that show themselves by a script hide their article until then, in one element: what holds more words outside links than
    /// all that is visible is not hidden, but for what is hidden in it once more. Of what is only not read out, lists
    /// and boxes that hold a text are seen by everybody else.
    fn settle_hidden(&mut self) {
        let mut until = vec![(0_u64, 0_u64)];
        let (mut words, mut links, mut visible) = (0, 0, 0);
        for line in &self.lines {
            let outside = u64::from(line.tokens.saturating_sub(line.link_tokens));
            words += outside;
            links += u64::from(line.link_tokens);
            visible += if line.hidden || line.field { 0 } else { outside };
            until.push((words, links));
        }
        // For each element whether it is hidden, and how many words are enough to be believed visible.
        let mut state: Vec<(bool, u64)> = Vec::with_capacity(self.elements.len());
        for (n, element) in self.elements.iter().enumerate() {
            let (mut hidden, mut enough) = if n == 0 {
                (false, visible)
            } else {
                state.get(element.parent).copied().unwrap_or_default()
            };
            if !hidden && element.hides != Hides::No {
                let at = |n: usize| until.get(n).copied().unwrap_or_default();
                let (from, to) = (at(element.first_line), at(element.last_line));
                let (words, links) = (to.0 - from.0, to.1 - from.1);
                let folded = element.hides == Hides::Aria
                    && element.last_line - element.first_line >= FOLDED_LINES
                    && words >= FOLDED_WORDS
                    && words > links;
                if words > enough && element.hides != Hides::Away {
                    enough = words / 2;
                } else {
                    hidden = !folded;
                }
            }
            state.push((hidden, enough));
        }
        for line in &mut self.lines {
            line.hidden &= state.get(line.element).is_none_or(|s| s.0);
        }
    }
}

/// Lines and words outside links from which on an element with `aria-hidden` is a part of the page that a script folds up
/// (the tab behind the first, the answer to a question) and not a picture made of letters. (By pages of shops and banks.)
const FOLDED_LINES: usize = 3;
const FOLDED_WORDS: u64 = 30;

/// How a `style` takes its element out of sight: not shown, or of no size, transparent, or moved off the page. Link farms
/// use each of these ways, accessible pages some of them for what only screen readers say.
fn hidden_by(style: &str) -> Hides {
    let lower = style.to_ascii_lowercase();
    let mut empty_box = 0;
    let (mut hidden, mut away) = (false, false);
    for declaration in lower.split(';') {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let value = value.trim().trim_end_matches("!important").trim_end();
        let number =
            || value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').parse::<f32>().ok();
        hidden |= match property.trim() {
            "display" => value == "none",
            "visibility" => matches!(value, "hidden" | "collapse"),
            "content-visibility" => value == "hidden",
            // A box of no font size may hold others that have one.
            "font-size" | "opacity" => number() == Some(0.0),
            _ => false,
        };
        let pixels = |value: &str| value.trim_end_matches("px").parse::<f32>().ok();
        away |= match property.trim() {
            // A pixel is no letter.
            "font-size" => value == "1px",
            // A hundred pixels are within reach of a page's layout; nine hundred are not. (A guess.)
            "text-indent" | "left" | "top" | "right" | "margin-left" | "margin-top" => {
                number().is_some_and(|n| n <= -900.0)
                    || value.ends_with("em") && number().is_some_and(|n| n <= -90.0)
            }
            "clip" => {
                value.strip_prefix("rect(").and_then(|sides| sides.strip_suffix(')')).is_some_and(|sides| {
                    let mut sides = sides.split([',', ' ']).filter(|side| !side.is_empty());
                    sides.all(|side| pixels(side).is_some_and(|n| n <= 1.0))
                })
            }
            "clip-path" => matches!(value, "inset(50%)" | "inset(100%)"),
            "transform" => value == "scale(0)",
            "width" | "height" | "max-width" | "max-height" => {
                empty_box += u8::from(
                    number().is_some_and(|n| n <= 1.0) && !value.ends_with('%') && !value.ends_with("em"),
                );
                false
            }
            "overflow" => {
                empty_box += u8::from(value == "hidden");
                false
            }
            _ => false,
        };
    }
    match (away || empty_box == 3, hidden) {
        (true, _) => Hides::Away,
        (false, true) => Hides::Style,
        (false, false) => Hides::No,
    }
}

/// Thai, Lao, Burmese and Khmer have no spaces between words: so many letters, marks above and below them not counted, are one. (A guess.)
const LETTERS_A_WORD: u8 = 4;

fn is_unparted(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

/// A line being written.
#[derive(Default)]
struct Lane {
    line: Line,
    /// White space was seen since the last visible character.
    space: bool,
    /// The column of the cell that is open.
    column: usize,
    /// The one that the last visible character of its row stands in.
    written: usize,
    /// The last character was part of a word.
    in_word: bool,
    /// Letters since a word began, in scripts that do not part them.
    unparted: u8,
    /// What the line was where the control at its end begins.
    before_control: Option<Length>,
}

/// How much a line holds.
#[derive(Clone, Copy)]
struct Length {
    bytes: usize,
    tokens: u32,
    link_tokens: u32,
    marks: u32,
    chars: u32,
    digits: u32,
    symbols: u32,
    han: u32,
}

/// The columns of a table.
#[derive(Default)]
struct Grid {
    /// For each column, in how many rows from here on a cell stands there that was begun already.
    taken: Vec<usize>,
    /// The first column that the next cell may begin in.
    next: usize,
}

/// Columns of a table that a cell may span, or be kept free for one above. A layout's `colspan=1000` is not to become a thousand tabs.
const MAX_COLUMNS: usize = 64;
/// HTML's limit of `rowspan`.
const MAX_ROWS: usize = 65_534;

impl Grid {
    fn row(&mut self) {
        self.next = 0;
        for rows in &mut self.taken {
            *rows = rows.saturating_sub(1);
        }
    }

    /// The column of a cell of so many columns and rows.
    fn cell(&mut self, columns: usize, rows: usize) -> usize {
        while self.taken.get(self.next).is_some_and(|&rows| rows > 0) {
            self.next += 1;
        }
        let column = self.next;
        self.next += columns.clamp(1, MAX_COLUMNS.saturating_sub(column).max(1));
        // As many as there are.
        let rows = if rows == 0 { MAX_ROWS } else { rows.min(MAX_ROWS) };
        if rows > 1 && self.next <= MAX_COLUMNS {
            if self.taken.len() < self.next {
                self.taken.resize(self.next, 0);
            }
            if let Some(columns) = self.taken.get_mut(column..self.next) {
                columns.fill(rows);
            }
        }
        column
    }
}

/// Puts characters into lines, with white space as a browser shows it.
///
/// What is hidden and what stands in fields has a lane of its own: the line around it goes on as if it were not
/// there, and it follows as lines of its own.
#[derive(Default)]
struct Writer<'p> {
    page: Page<'p>,
    seen: Lane,
    aside: Lane,
    /// Finished lines of the lane aside that wait for the end of the line they stand in.
    waiting: Vec<Line>,
    /// The tables around what comes next.
    grids: Vec<Grid>,
}

impl Writer<'_> {
    /// Number of the line that the next character will be in.
    fn next_line(&self) -> usize {
        let open = [&self.seen, &self.aside].iter().filter(|l| !l.line.text.is_empty()).count();
        self.page.lines.len() + self.waiting.len() + open
    }

    fn break_line(&mut self) {
        self.seen.finish(&mut self.page.lines);
        self.aside.finish(&mut self.waiting);
        self.page.lines.append(&mut self.waiting);
    }

    /// `<br>`. In code, each is a line.
    fn line_feed(&mut self, context: Context) {
        if context.pre && !context.hidden && !context.field {
            self.seen.finish_code(context, &mut self.page.lines);
        }
        self.break_line();
    }

    fn table(&mut self) {
        self.grids.push(Grid::default());
        (self.seen.column, self.seen.written) = (0, 0);
    }

    fn table_ends(&mut self) {
        self.grids.pop();
        (self.seen.column, self.seen.written) = (0, 0);
    }

    /// A group of rows: no cell reaches beyond it.
    fn rows(&mut self) {
        if let Some(grid) = self.grids.last_mut() {
            *grid = Grid::default();
        }
    }

    fn row(&mut self) {
        if let Some(grid) = self.grids.last_mut() {
            grid.row();
        }
        (self.seen.column, self.seen.written) = (0, 0);
    }

    /// A control or a field begins or ends here: words on its two sides are two words.
    fn divide(&mut self, tag: Tag) {
        if tag == Tag::Field {
            self.aside.finish(&mut self.waiting);
        }
        self.seen.gap();
        self.aside.gap();
    }

    fn cell(&mut self, columns: usize, rows: usize) {
        self.aside.finish(&mut self.waiting);
        if self.seen.line.text.is_empty() {
            self.page.lines.append(&mut self.waiting);
        }
        if let Some(grid) = self.grids.last_mut() {
            self.seen.column = grid.cell(columns, rows);
        }
        self.seen.space = false;
        self.seen.in_word = false;
    }

    fn text(&mut self, text: &str, context: Context) {
        if context.hidden || context.field {
            let aside = &self.aside.line;
            if !aside.text.is_empty() && (aside.hidden, aside.field) != (context.hidden, context.field) {
                self.aside.finish(&mut self.waiting);
            }
            self.aside.text(text, context, &mut self.waiting);
            return;
        }
        if self.seen.line.text.is_empty() && !text.trim_ascii().is_empty() {
            self.aside.finish(&mut self.waiting);
            self.page.lines.append(&mut self.waiting);
        }
        self.seen.text(text, context, &mut self.page.lines);
    }
}

impl Lane {
    fn gap(&mut self) {
        self.space = true;
        self.in_word = false;
    }

    /// Ends a line of code. Empty ones inside are kept.
    fn finish_code(&mut self, context: Context, lines: &mut Vec<Line>) {
        if self.line.text.is_empty() && lines.last().is_some_and(|l| l.element == context.block) {
            lines.push(Line { element: context.block, hidden: context.hidden, ..Line::default() });
        }
        self.finish(lines);
    }

    /// What the next character is part of.
    fn run(&mut self, link: usize, code: usize) {
        let runs = &mut self.line.runs;
        let from = self.line.text.len();
        runs.pop_if(|run| run.from == from);
        let last = runs.last().copied().unwrap_or_default();
        if (last.link, last.code) != (link, code) {
            runs.push(Run { from, link, code });
        }
    }

    /// Ends the line; a control at its end becomes a line that joins it.
    fn finish(&mut self, lines: &mut Vec<Line>) {
        self.space = false;
        self.in_word = false;
        let before = self.before_control.take();
        if self.line.text.is_empty() {
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        let Some(length) = before else {
            lines.push(line);
            return;
        };
        let runs = line.runs.iter().map(|run| Run { from: run.from.saturating_sub(length.bytes), ..*run });
        let mut runs: Vec<Run> = runs.collect();
        let before = runs.iter().rposition(|run| run.from == 0).unwrap_or(0);
        runs.drain(..before);
        line.runs.retain(|run| run.from < length.bytes);
        let control = Line {
            text: line.text.split_off(length.bytes),
            runs,
            column: line.column,
            element: line.element,
            tokens: line.tokens - length.tokens,
            link_tokens: line.link_tokens - length.link_tokens,
            marks: line.marks - length.marks,
            chars: line.chars - length.chars,
            digits: line.digits - length.digits,
            symbols: line.symbols - length.symbols,
            han: line.han - length.han,
            control: true,
            joins: true,
            ..Line::default()
        };
        line.tokens = length.tokens;
        line.link_tokens = length.link_tokens;
        line.marks = length.marks;
        line.chars = length.chars;
        line.digits = length.digits;
        line.symbols = length.symbols;
        line.han = length.han;
        lines.push(line);
        lines.push(control);
    }

    fn text(&mut self, text: &str, context: Context, lines: &mut Vec<Line>) {
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '\n' | '\r' if context.pre => {
                    if c == '\n' {
                        self.finish_code(context, lines);
                    }
                }
                '\t' | ' ' if context.pre => self.put(c, context),
                ' ' | '\t' | '\n' | '\r' | '\u{C}' | '\u{A0}' => self.gap(),
                _ => {
                    self.begin(context);
                    let runs = (context.address, context.code);
                    let before = self.line.runs.last().map_or((0, 0), |run| (run.link, run.code));
                    if before != (0, 0) && before != runs {
                        // White space between two runs is of neither, but of the link that both are in.
                        self.run(if before.0 == runs.0 { runs.0 } else { 0 }, 0);
                    }
                    if !context.control {
                        self.before_control = None;
                    } else if self.before_control.is_none() && !self.line.control {
                        self.before_control = Some(self.length());
                    }
                    let tabs = self.column.saturating_sub(std::mem::replace(&mut self.written, self.column));
                    if self.line.text.is_empty() {
                        self.line.column = self.column;
                    } else if tabs > 0 {
                        self.line.text.extend(std::iter::repeat_n('\t', tabs.min(MAX_COLUMNS)));
                    } else if self.space {
                        self.line.text.push(' ');
                    }
                    self.space = false;
                    if runs != (0, 0) {
                        self.run(context.address, context.code);
                    }
                    self.put(c, context);
                    if c.is_ascii_alphanumeric() {
                        let run = rest.as_str().bytes().position(|b| !b.is_ascii_alphanumeric());
                        let (word, after) = rest.as_str().split_at(run.unwrap_or(rest.as_str().len()));
                        self.put_rest(word);
                        rest = after.chars();
                    }
                }
            }
        }
    }

    /// The letters and digits of ASCII that follow one of them.
    fn put_rest(&mut self, word: &str) {
        self.line.text.push_str(word);
        self.line.chars += word.len() as u32;
        self.line.digits += word.bytes().filter(u8::is_ascii_digit).count() as u32;
    }

    fn length(&self) -> Length {
        let Line { text, tokens, link_tokens, marks, chars, digits, symbols, han, .. } = &self.line;
        Length {
            bytes: text.len(),
            tokens: *tokens,
            link_tokens: *link_tokens,
            marks: *marks,
            chars: *chars,
            digits: *digits,
            symbols: *symbols,
            han: *han,
        }
    }

    /// A line is of the element that its first character stands in.
    fn begin(&mut self, context: Context) {
        let line = &mut self.line;
        if line.text.is_empty() {
            let aside = context.hidden || context.field;
            line.element = if aside { context.element } else { context.block };
            line.hidden = context.hidden;
            line.field = context.field;
            line.control = context.control;
            self.before_control = None;
        }
    }

    fn put(&mut self, c: char, context: Context) {
        self.begin(context);
        let line = &mut self.line;
        line.control &= context.control;
        line.text.push(c);
        line.chars += 1;
        let token = match chars::class(c) {
            Class::Han | Class::Kana => {
                line.han += 1;
                self.in_word = false;
                true
            }
            Class::Letter => {
                let begins = !std::mem::replace(&mut self.in_word, true);
                self.unparted = if begins { 0 } else { (self.unparted + 1) % LETTERS_A_WORD };
                begins || is_unparted(c) && self.unparted == 0
            }
            Class::Digit => {
                line.digits += 1;
                !std::mem::replace(&mut self.in_word, true)
            }
            Class::Mark => {
                line.marks += 1;
                self.in_word = false;
                false
            }
            Class::Space => {
                self.in_word = false;
                false
            }
            Class::Other => {
                line.symbols += 1;
                false
            }
        };
        if token {
            line.tokens += 1;
            line.link_tokens += u32::from(context.link);
        }
    }
}
