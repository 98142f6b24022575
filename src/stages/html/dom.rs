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
}

/// What the reader of a text node needs to know of the elements around it.
#[derive(Clone, Copy, Default)]
struct Context {
    element: usize,
    block: usize,
    link: bool,
    pre: bool,
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

/// Elements and lines of a parsed page, in order. The text of a link stands as `[text](address)` where the page still has
/// addresses.
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
    });
    let mut skip_head = 0_usize;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if name == "head" {
                        skip_head += 1;
                    }
                    if name == "br" {
                        writer.break_line();
                    }
                    let around = stack.last().copied().unwrap_or_default();
                    let tag = Tag::of(name);
                    let (mut class, mut id, mut role, mut itemprop) = ("", "", "", "");
                    let mut hides = Hides::No;
                    let mut address = "";
                    for (key, value) in element.attrs() {
                        match key {
                            "class" => class = value,
                            "id" => id = value,
                            "role" => role = value,
                            "itemprop" => itemprop = value,
                            "href" => address = value,
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
                        writer.addresses.push(address);
                        context.address = writer.addresses.len();
                    }
                    context.pre |= tag == Tag::Pre;
                    context.hidden |= hides != Hides::No;
                    context.control |= tag == Tag::Control;
                    context.field |= tag == Tag::Field;
                    if tag == Tag::Cell {
                        writer.cell();
                    } else if matches!(tag, Tag::Control | Tag::Field) {
                        writer.divide(tag);
                    } else if tag.is_block() {
                        writer.break_line();
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
    /// Cells begun since the last visible character of this line.
    tabs: usize,
    /// The last character was part of a word.
    in_word: bool,
    /// Letters since a word began, in scripts that do not part them.
    unparted: u8,
    /// What the line was where the control at its end begins.
    before_control: Option<Length>,
    /// The number of the link whose text is being written, and its address.
    link: (usize, String),
    /// Its `[` stands in the line.
    link_open: bool,
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
    /// Addresses of links, where the page still has them.
    addresses: Vec<&'p str>,
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

    /// A control or a field begins or ends here: words on its two sides are two words.
    fn divide(&mut self, tag: Tag) {
        if tag == Tag::Field {
            self.aside.finish(&mut self.waiting);
        }
        self.seen.gap();
        self.aside.gap();
    }

    fn cell(&mut self) {
        self.aside.finish(&mut self.waiting);
        if self.seen.line.text.is_empty() {
            self.page.lines.append(&mut self.waiting);
        } else {
            self.seen.tabs += 1;
        }
        self.seen.space = false;
        self.seen.in_word = false;
    }

    fn text(&mut self, text: &str, context: Context) {
        let address = if context.address == 0 {
            ""
        } else {
            self.addresses.get(context.address - 1).copied().unwrap_or("")
        };
        if context.hidden || context.field {
            let aside = &self.aside.line;
            if !aside.text.is_empty() && (aside.hidden, aside.field) != (context.hidden, context.field) {
                self.aside.finish(&mut self.waiting);
            }
            self.aside.text(text, context, address, &mut self.waiting);
            return;
        }
        if self.seen.line.text.is_empty() && !text.trim_ascii().is_empty() {
            self.aside.finish(&mut self.waiting);
            self.page.lines.append(&mut self.waiting);
        }
        self.seen.text(text, context, address, &mut self.page.lines);
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

    /// Closes the link before, and remembers the one that the next character is in.
    fn link_text(&mut self, number: usize, address: &str) {
        if self.link.0 == number {
            return;
        }
        self.close_link();
        self.link = (number, address.to_owned());
    }

    fn close_link(&mut self) {
        let (number, address) = std::mem::take(&mut self.link);
        // The text of a link begins behind the white space before it.
        if number > 0 && self.link_open {
            self.line.text.extend([
                "](",
                &address.trim().replace(char::is_whitespace, "%20").replace(')', "%29"),
                ")",
            ]);
        }
        self.link_open = false;
    }

    /// Ends the line; a control at its end becomes a line that joins it.
    fn finish(&mut self, lines: &mut Vec<Line>) {
        self.space = false;
        self.tabs = 0;
        self.in_word = false;
        self.close_link();
        let before = self.before_control.take();
        if self.line.text.is_empty() {
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        let Some(length) = before else {
            lines.push(line);
            return;
        };
        let control = Line {
            text: line.text.split_off(length.bytes),
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

    fn text(&mut self, text: &str, context: Context, address: &str, lines: &mut Vec<Line>) {
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
                    self.link_text(context.address, address);
                    if !context.control {
                        self.before_control = None;
                    } else if self.before_control.is_none() && !self.line.control {
                        self.before_control = Some(self.length());
                    }
                    if self.tabs > 0 {
                        self.line.text.extend(std::iter::repeat_n('\t', self.tabs.min(64)));
                    } else if self.space && !self.line.text.is_empty() {
                        self.line.text.push(' ');
                    }
                    self.tabs = 0;
                    self.space = false;
                    if self.link.0 > 0 && !self.link_open {
                        self.line.text.push('[');
                        self.link_open = true;
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
