//! Writes the lines of a page that are kept as Markdown: CommonMark, with the tables of GitHub and the definition lists
//! of PHP Markdown Extra and Pandoc.
//!
//! Written are headings, lists, tables, quotations, code and, where asked for, links. Stress, as of `<b>`, is not: it
//! says little about a text, and its marks stand in the way of words in scripts without spaces. What of the text would be
//! read as markup is escaped, and nothing else.

use std::borrow::Cow;

use super::dom::{Line, Page, Run, Tag};
use super::main_content::Choice;
use super::render;
use super::tables::{Place, Tables};

/// What the elements around a line make of it. Elements: 0, the root, is none of these.
#[derive(Clone, Copy, Default)]
struct Around {
    heading: usize,
    /// A term, which is a paragraph of one line and cannot be a heading.
    term: usize,
    pre: usize,
    table: usize,
    /// The outermost list and the innermost.
    list: usize,
    inner: usize,
    /// Number of the innermost container, from 1.
    container: usize,
}

/// What stands before each line of a part of a page.
struct Container {
    kind: Kind,
    /// Number of the one around it, 0 for none.
    parent: usize,
    /// How many there are around its lines, with itself.
    depth: usize,
    /// `> `, or what stands before the first line of an item: `- `, `12. `.
    mark: String,
    /// The innermost list that an item is of.
    list: usize,
    /// Its first line was written.
    begun: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Quote,
    Item,
    /// An item that no list can interrupt a paragraph with: its number is another than 1.
    NumberedOn,
    Term,
    Definition,
    /// A definition without its term.
    Plain,
}

/// Containers inside each other; what is deeper stands in the last of them. (A guess.)
const DEEPEST: usize = 16;

/// The highest number of an item in CommonMark has nine digits.
const HIGHEST: u32 = 999_999_999;

struct Writer<'p> {
    page: &'p Page<'p>,
    out: String,
    around: Vec<Around>,
    /// For each element the lines that stand in it and in none inside it.
    lines: Vec<usize>,
    containers: Vec<Container>,
}

/// Headings, lists, tables, quotations and code as Markdown.
pub fn write(page: &Page, choice: &Choice) -> String {
    let mut lines = vec![0; page.elements.len()];
    for line in &page.lines {
        if let Some(lines) = lines.get_mut(line.element) {
            *lines += 1;
        }
    }
    let mut writer = Writer { page, out: String::new(), around: Vec::new(), lines, containers: Vec::new() };
    writer.look_around();
    let tables = Tables::new(page, |n| choice.get(n).is_some_and(Option::is_none));
    let inline = |page: &Page, line: &Line, out: &mut String| {
        if writer.around.get(line.element).is_some_and(|a| a.pre > 0) {
            out.push_str(&line.text);
            return;
        }
        let goes_on = writer.lines.get(line.element).is_some_and(|&lines| lines > 1);
        inline(page, line, goes_on, matches!(tables.place(line.element), Place::Row(_)), out);
    };
    let pieces = render::pieces(page, choice, &tables, inline);
    let mut rest = pieces.as_slice();
    // What the block before stands in.
    let mut last: Option<(Around, Vec<usize>)> = None;
    while let Some(piece) = rest.first() {
        let here = writer.around.get(piece.element).copied().unwrap_or_default();
        // A block of code, a table, the lines of a paragraph.
        let same = |other: &&render::Piece| {
            let there = writer.around.get(other.element).copied().unwrap_or_default();
            if here.pre > 0 {
                there.pre == here.pre
            } else if piece.row > 0 {
                other.row > 0 && there.table == here.table
            } else if here.heading > 0 || here.term > 0 {
                other.row == 0 && (there.heading, there.term) == (here.heading, here.term)
            } else {
                other.row == 0 && other.element == piece.element
            }
        };
        let length = rest.iter().take_while(same).count();
        let (block, others) = rest.split_at(length.max(1));
        let chain = writer.chain(here);
        let (before, chain_before) = last.take().unwrap_or_default();
        writer.drop_mark(&chain_before, &chain);
        if !writer.out.is_empty() && !writer.is_tight(before, &chain_before, here, &chain) {
            writer.part(&chain_before, &chain);
        }
        if here.pre > 0 {
            writer.code(block, here.pre, &chain);
        } else if piece.row > 0 {
            writer.table(block, &chain);
        } else {
            writer.paragraph(block, here, &chain);
        }
        last = Some((here, chain));
        rest = others;
    }
    writer.out
}

impl Writer<'_> {
    fn look_around(&mut self) {
        let elements = &self.page.elements;
        let mut lists = vec![List::default(); elements.len()];
        // The last list that is a child of each element.
        let mut last_list = vec![0; elements.len()];
        for (n, element) in elements.iter().enumerate() {
            let mut here = match n {
                0 => Around::default(),
                _ => self.around.get(element.parent).copied().unwrap_or_default(),
            };
            let mut contain = |kind, parent: usize, mark: String, list| {
                let depth = parent.checked_sub(1).and_then(|n| self.containers.get(n)).map_or(0, |c| c.depth);
                if depth == DEEPEST {
                    return parent;
                }
                self.containers.push(Container { kind, parent, depth: depth + 1, mark, list, begun: false });
                self.containers.len()
            };
            match element.tag {
                Tag::Title | Tag::Heading if here.term == 0 && here.heading == 0 => here.heading = n,
                Tag::Quote => here.container = contain(Kind::Quote, here.container, "> ".to_owned(), 0),
                Tag::List => {
                    let before =
                        last_list.get_mut(element.parent).map_or(0, |last| std::mem::replace(last, n));
                    // A list right behind one of its kind would be the same list, but for other marks.
                    let goes_on = elements.get(before).is_some_and(|other| {
                        before > 0 && other.level == element.level && other.last_line == element.first_line
                    });
                    let others = goes_on && lists.get(before).is_some_and(|list| !list.other_marks);
                    if let Some(list) = lists.get_mut(n) {
                        list.other_marks = others;
                    }
                    // A list in a list, beside its items, is shown as a part of the item before it.
                    if elements.get(element.parent).is_some_and(|parent| parent.tag == Tag::List)
                        && let Some(item) =
                            lists.get(element.parent).map(|list| list.last_item).filter(|&item| item > 0)
                    {
                        here.container = item;
                    }
                    here.list = if here.list == 0 { n } else { here.list };
                    here.inner = n;
                }
                Tag::Item => {
                    let mut none = List::default();
                    let list = lists.get_mut(here.inner).filter(|_| here.inner > 0).unwrap_or(&mut none);
                    let of = elements.get(here.inner).filter(|of| of.tag == Tag::List);
                    let start = of.and_then(|of| of.number);
                    let number =
                        element.number.or(list.next).or(start).filter(|&n| n <= HIGHEST).unwrap_or(1);
                    list.next = Some(number + 1);
                    let (kind, mark) = match (element.level, of.is_some_and(|of| of.level == 1)) {
                        (1, _) => (Kind::Term, String::new()),
                        (2, _) => (Kind::Definition, ":   ".to_owned()),
                        (_, true) => (
                            if number == 1 { Kind::Item } else { Kind::NumberedOn },
                            format!("{number}{} ", if list.other_marks { ')' } else { '.' }),
                        ),
                        (_, false) => (Kind::Item, if list.other_marks { "* " } else { "- " }.to_owned()),
                    };
                    here.term = if kind == Kind::Term { n } else { 0 };
                    here.container = contain(kind, here.container, mark, here.inner);
                    list.last_item = here.container;
                }
                Tag::Pre => here.pre = n,
                // What is in a cell begins anew, but for where the table stands.
                Tag::Table => {
                    let Around { list, inner, container, .. } = here;
                    here = Around { table: n, list, inner, container, ..Around::default() };
                }
                _ => {}
            }
            self.around.push(here);
        }
    }

    /// Numbers of the containers of a block, the outermost first.
    fn chain(&self, around: Around) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut n = around.container;
        while let Some(container) = n.checked_sub(1).and_then(|n| self.containers.get(n)) {
            chain.push(n);
            n = container.parent;
        }
        chain.reverse();
        chain
    }

    fn containers<'c>(&'c self, chain: &'c [usize]) -> impl Iterator<Item = &'c Container> {
        chain.iter().filter_map(|n| self.containers.get(n - 1))
    }

    /// Writes what stands before a line in its containers.
    fn prefix(&mut self, chain: &[usize]) {
        for n in chain {
            let Some(container) = self.containers.get_mut(*n - 1) else { continue };
            if container.kind != Kind::Quote && std::mem::replace(&mut container.begun, true) {
                self.out.extend(std::iter::repeat_n(' ', container.mark.len()));
            } else {
                self.out.push_str(&container.mark);
            }
        }
    }

    /// A definition whose term was not kept is a paragraph.
    fn drop_mark(&mut self, chain_before: &[usize], chain: &[usize]) {
        for n in chain {
            let Some(container) = self.containers.get(n - 1) else { continue };
            let follows = self.containers(chain_before).any(|before| {
                before.list == container.list && matches!(before.kind, Kind::Term | Kind::Definition)
            });
            if container.kind == Kind::Definition
                && !container.begun
                && !follows
                && let Some(definition) = self.containers.get_mut(n - 1)
            {
                definition.kind = Kind::Plain;
                definition.mark.clear();
            }
        }
    }

    /// Whether a block follows the one before it without an empty line: the items of a list do, and a list within one.
    fn is_tight(&self, before: Around, chain_before: &[usize], here: Around, chain: &[usize]) -> bool {
        let Some(begins) = self.containers(chain).find(|c| c.kind != Kind::Quote && !c.begun) else {
            return false;
        };
        let of_list = self.containers(chain_before).any(|c| c.list == begins.list);
        // What follows a definition without an empty line goes on in it.
        let leaves_definition = chain_before.iter().any(|n| {
            !chain.contains(n) && self.containers.get(n - 1).is_some_and(|c| c.kind == Kind::Definition)
        });
        let may = match begins.kind {
            Kind::Item => of_list || !leaves_definition,
            Kind::NumberedOn | Kind::Definition => of_list,
            Kind::Quote | Kind::Term | Kind::Plain => false,
        };
        may && before.list > 0 && before.list == here.list
    }

    /// An empty line between two blocks.
    fn part(&mut self, chain_before: &[usize], chain: &[usize]) {
        // Within a quotation the empty line is one of it.
        let common = chain.iter().zip(chain_before).take_while(|(a, b)| a == b).count();
        let mut line = String::new();
        for container in self.containers(&chain[..common]) {
            match container.kind {
                Kind::Quote => line.push_str(&container.mark),
                _ => line.extend(std::iter::repeat_n(' ', container.mark.len())),
            }
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn line(&mut self, chain: &[usize], text: &str) {
        let start = self.out.len();
        self.prefix(chain);
        self.out.push_str(text);
        let end = self.out.trim_end_matches(' ').len().max(start);
        self.out.truncate(end);
        self.out.push('\n');
    }

    fn code(&mut self, block: &[render::Piece], pre: usize, chain: &[usize]) {
        let longest = block.iter().map(|piece| longest_run(&piece.text, '`')).max().unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        let language = self.page.elements.get(pre).map_or("", |pre| pre.language);
        self.line(chain, &format!("{fence}{language}"));
        for piece in block {
            self.line(chain, &piece.text);
        }
        self.line(chain, &fence);
    }

    fn table(&mut self, block: &[render::Piece], chain: &[usize]) {
        let columns = block.iter().map(|piece| render::columns(&piece.text)).max().unwrap_or(1);
        for (n, piece) in block.iter().enumerate() {
            let mut row = String::new();
            let cells = piece.text.split('\t').chain(std::iter::repeat(""));
            for cell in cells.take(columns) {
                row.push_str("| ");
                row.push_str(cell);
                row.push_str(if cell.is_empty() { "" } else { " " });
            }
            row.push('|');
            self.line(chain, &row);
            if n == 0 {
                self.line(chain, &("| --- ".repeat(columns) + "|"));
            }
        }
    }

    fn paragraph(&mut self, block: &[render::Piece], here: Around, chain: &[usize]) {
        if here.heading > 0 || here.term > 0 {
            // These are one line.
            let words = block.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" ");
            let level = self.page.elements.get(here.heading).map_or(0, |heading| usize::from(heading.level));
            let text = match level {
                0 => escaped_at_start(&words).into_owned(),
                _ => format!("{} {}", "#".repeat(level.min(6)), escaped_at_end(&words)),
            };
            self.line(chain, &text);
            return;
        }
        for piece in block {
            self.line(chain, &escaped_at_start(&piece.text));
        }
    }
}

/// With a backslash before a `#` at the end, `C #`, which would end a heading that is marked on both sides.
fn escaped_at_end(text: &str) -> Cow<'_, str> {
    let words = text.trim_end_matches('#');
    if words.len() < text.len() && (words.is_empty() || words.ends_with(' ')) {
        return Cow::Owned(format!("{words}\\{}", &text[words.len()..]));
    }
    Cow::Borrowed(text)
}

/// With a backslash where a line would be read as something else than text.
fn escaped_at_start(text: &str) -> Cow<'_, str> {
    match escape_at(text) {
        Some(at) => {
            let (before, after) = text.split_at(at);
            Cow::Owned(format!("{before}\\{after}"))
        }
        None => Cow::Borrowed(text),
    }
}

/// A list while its items are read.
#[derive(Clone, Default)]
struct List {
    /// Number of the next item.
    next: Option<u32>,
    /// The container of the last item.
    last_item: usize,
    /// `*` and `1)` in place of `-` and `1.`.
    other_marks: bool,
}

/// The length of the longest run of `sign`.
fn longest_run(text: &str, sign: char) -> usize {
    text.split(|c| c != sign).map(str::len).max().unwrap_or(0)
}

/// Writes the words of a line, which may be one of several of a paragraph: code between backticks, links with their
/// addresses, the rest escaped.
fn inline(page: &Page, line: &Line, goes_on: bool, in_table: bool, out: &mut String) {
    let start = out.len();
    let mut link = 0;
    let is_link = line.runs.first().is_some_and(|run| run.from == 0 && run.link > 0);
    // In code no bracket can be escaped, and one before a colon would close the name of an address.
    let mut is_name = false;
    let pairs = stressed(line, goes_on);
    let mut from = 0;
    let mut runs = render::runs(line).peekable();
    while let Some((run, text)) = runs.next() {
        if run.link != link {
            if link > 0 {
                close_link(page, link, std::mem::take(&mut is_name), out);
            }
            if run.link > 0 {
                out.push('[');
            }
            link = run.link;
        }
        if run.code > 0 {
            // Code right beside code would be one stretch with backticks in it.
            let mut code = text.to_owned();
            while let Some((_, more)) = runs.next_if(|(next, _)| next.code > 0 && next.link == run.link) {
                code.push_str(more);
            }
            from += code.len();
            is_name |= is_link && link > 0 && code.contains("]:");
            let fence = "`".repeat(longest_run(&code, '`') + 1);
            let room = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
            out.extend([&fence, room, &code, room, &fence]);
            continue;
        }
        let next = runs.peek().map(|(next, text)| match next {
            Run { link: next, .. } if *next > 0 && *next != link => b'[',
            Run { link: 0, .. } if link > 0 => b']',
            Run { code: 1.., .. } => b'`',
            _ => text.as_bytes().first().copied().unwrap_or(b' '),
        });
        escape(text, |at| pairs.binary_search(&(from + at)).is_ok(), link > 0, next, out);
        from += text.len();
    }
    if link > 0 {
        close_link(page, link, is_name, out);
    }
    // A bracket that is open at the start of a paragraph could be closed lines below, as the name of an address.
    if !is_link && out.get(start..).is_some_and(|text| text.starts_with('[') && text.contains("\\]")) {
        out.insert(start, '\\');
    }
    if in_table && out.get(start..).is_some_and(|text| text.contains('|')) {
        let row = out.split_off(start).replace('|', "\\|");
        out.push_str(&row);
    }
}

/// Ends a link; one that could be read as the name of an address (`[x]: /y`) gets an empty title, behind which no such line goes on.
fn close_link(page: &Page, link: usize, is_name: bool, out: &mut String) {
    render::close_link(page, link, out);
    if is_name && out.ends_with(')') {
        out.pop();
        out.push_str(" \"\")");
    }
}

/// Writes text, `next` being what follows it in the line, with a backslash before what would be read as markup within a line.
fn escape(text: &str, is_stress: impl Fn(usize) -> bool, in_link: bool, next: Option<u8>, out: &mut String) {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| b"\\`*_~<&[]!".contains(b)) {
        out.push_str(text);
        return;
    }
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied().or(next).unwrap_or(b' ');
        let needed = match byte {
            // At the end of a line it would be a hard break.
            b'\\' => next.is_ascii_punctuation() || at + 1 == bytes.len(),
            b'`' => true,
            // An image.
            b'!' => next == b'[',
            b'*' | b'_' | b'~' => is_stress(at),
            b'<' => next.is_ascii_alphabetic() || b"/!?".contains(&next),
            b'&' => is_reference(bytes.get(at + 1..).unwrap_or_default()),
            b'[' => in_link,
            b']' => in_link || b"([:".contains(&next),
            _ => false,
        };
        if needed {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push('\\');
            done = at;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
}

/// Whether what follows an ampersand makes it a character reference.
fn is_reference(after: &[u8]) -> bool {
    // The longest name has 32 bytes: `CounterClockwiseContourIntegral;`
    let end = after.iter().take(33).position(|&b| b == b';').unwrap_or(0);
    let name = after.get(..end).unwrap_or_default();
    let name = name.strip_prefix(b"#").unwrap_or(name);
    !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric)
}

/// Offsets of the bytes of `*`, `_` and `~` that could open or close stress, in order: those for which there is a
/// partner in the line, or could be one in another line of the paragraph. By the rules of CommonMark, which look at the
/// characters on both sides.
fn stressed(line: &Line, goes_on: bool) -> Vec<usize> {
    if memchr::memchr3(b'*', b'_', b'~', line.text.as_bytes()).is_none() {
        return Vec::new();
    }
    struct Found {
        at: usize,
        length: usize,
        sign: char,
        opens: bool,
        closes: bool,
    }
    let mut found: Vec<Found> = Vec::new();
    let mut before = ' ';
    // Code and the marks of links are punctuation to what stands beside them.
    let mut from = 0;
    let mut signs: Vec<(usize, char)> = Vec::with_capacity(line.text.len());
    for (run, text) in render::runs(line) {
        if run.code > 0 {
            signs.push((from, '`'));
        } else {
            signs.extend((run.link > 0).then_some((from, '[')));
            signs.extend(text.char_indices().map(|(at, c)| (from + at, c)));
            signs.extend((run.link > 0).then_some((from + text.len(), ')')));
        }
        from += text.len();
    }
    let mut rest = signs.into_iter().peekable();
    while let Some((at, c)) = rest.next() {
        if !matches!(c, '*' | '_' | '~') {
            before = c;
            continue;
        }
        let mut length = 1;
        while rest.next_if(|&(_, next)| next == c).is_some() {
            length += 1;
        }
        let after = rest.peek().map_or(' ', |&(_, next)| next);
        let is_mark = |c: char| c.is_ascii_punctuation() || !c.is_alphanumeric() && !c.is_whitespace();
        let left = !after.is_whitespace() && (!is_mark(after) || before.is_whitespace() || is_mark(before));
        let right = !before.is_whitespace() && (!is_mark(before) || after.is_whitespace() || is_mark(after));
        let (opens, closes) = match c {
            '_' => (left && (!right || is_mark(before)), right && (!left || is_mark(after))),
            _ => (left, right),
        };
        found.push(Found { at, length, sign: c, opens, closes });
        before = c;
    }
    let mut bytes = Vec::new();
    for sign in ['*', '_', '~'] {
        let of_sign: Vec<&Found> = found.iter().filter(|f| f.sign == sign).collect();
        let first_open = of_sign.iter().position(|f| f.opens);
        let last_close = of_sign.iter().rposition(|f| f.closes);
        for (n, f) in of_sign.iter().enumerate() {
            let opens = f.opens && (goes_on || last_close.is_some_and(|last| n < last));
            if opens || f.closes && (goes_on || first_open.is_some_and(|first| n > first)) {
                bytes.extend(f.at..f.at + f.length);
            }
        }
    }
    bytes.sort_unstable();
    bytes
}

/// Where a backslash keeps a line of text from being read as a heading, an item, a quotation, a fence, a rule or a row.
fn escape_at(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let is_rule =
        |signs: &[char]| signs.contains(&first) && text.chars().all(|c| c == first || c == ' ' || c == '\t');
    let after = |sign: char| text.trim_start_matches(sign).chars().next();
    let is_last_or_space = |c: Option<char>| c.is_none_or(|c| c == ' ' || c == '\t');
    let length = |sign: char| text.len() - text.trim_start_matches(sign).len();
    let needed = match first {
        '#' => length('#') <= 6 && is_last_or_space(after('#')),
        '>' | '|' => true,
        '-' | '+' => is_last_or_space(text.chars().nth(1)) || is_rule(&['-']),
        '*' => is_last_or_space(text.chars().nth(1)) || is_rule(&['*']),
        '_' | '=' => is_rule(&['_', '=']),
        '~' => length('~') >= 3 || is_last_or_space(after('~')),
        ':' => is_last_or_space(text.chars().nth(1)),
        _ => false,
    };
    let is_delimiter = text.contains('-') && text.bytes().all(|b| b"|-: \t".contains(&b));
    if needed || is_delimiter {
        return Some(0);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = (1..=9).contains(&digits)
        && matches!(text.as_bytes().get(digits), Some(b'.' | b')'))
        && is_last_or_space(text.get(digits + 1..).and_then(|rest| rest.chars().next()));
    is_number.then_some(digits)
}
