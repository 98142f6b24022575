//! What `--markdown` writes is read back by a parser of Markdown: it must find the words and the structure of the page.

use std::sync::Arc;

use corpus_clean::document::{Document, Kind};
use corpus_clean::pipeline::Pipeline;
use corpus_clean::stages::html::Html;
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

fn clean(page: &str) -> String {
    let doc = Document::new("-", Arc::from("-"), Kind::Html, page.to_owned());
    let html = Html { markdown: true, links: true, ..Html::default() };
    let cleaned = Pipeline::new(vec![Arc::new(html)]).clean(doc).expect("cleaned");
    cleaned.document.text().to_owned()
}

#[derive(Clone, Debug)]
enum Inline {
    Text(String),
    Code(String),
    /// Its text, and the number of its address.
    Link(Vec<Inline>, usize),
}

/// Addresses as pages have them, and as Markdown can hold them.
const ADDRESSES: [(&str, &str); 4] = [
    ("/u", "/u"),
    ("https://x.example/wiki/M_(_x_)*", "https://x.example/wiki/M_%28_x_%29*"),
    ("/a b", "/a%20b"),
    ("?a=1&b=<2>", "?a=1&b=%3C2%3E"),
];

#[derive(Clone, Debug)]
enum Block {
    /// Lines, divided by `<br>`.
    Paragraph(Vec<Vec<Inline>>),
    Heading(u8, Vec<Inline>),
    /// The number it starts with, if it is numbered, and its items.
    List(Option<u32>, Vec<Vec<Block>>),
    Terms(Vec<(Vec<Inline>, Vec<Inline>)>),
    Quote(Vec<Block>),
    Code(String),
    Table(Vec<Vec<Vec<Inline>>>),
}

/// What a parser of Markdown stumbles over.
const PIECES: &[&str] = &[
    "word",
    "two words",
    "*",
    "**bold**",
    "_b_",
    "__init__",
    "`",
    "``",
    "<b>",
    "&amp;",
    "&lt;",
    "[x](y)",
    "[x]",
    "[x]:",
    "#",
    "##",
    "C#",
    "-",
    "+",
    "1.",
    "23)",
    "---",
    "===",
    "***",
    ">",
    "|",
    "~~~",
    "~a~",
    "\\",
    "\\*",
    "!",
    "![i](j)",
    "http://x.example/_a_/*b*",
    "中文",
    "*强调*，",
    "。",
    "snake_case_x",
    "*/",
    "<!--",
    "</p>",
    "&#35;",
    "```",
    "--|--",
    "2*3*4",
    "(*args)",
    "a|b",
    "<http://x>",
    "_",
    "**",
];

fn text() -> impl Strategy<Value = String> {
    let piece = (0..PIECES.len(), any::<bool>());
    prop::collection::vec(piece, 1..6).prop_map(|pieces| {
        let mut text = String::new();
        for (n, glued) in pieces {
            if !glued && !text.is_empty() {
                text.push(' ');
            }
            text.push_str(PIECES[n]);
        }
        text
    })
}

fn inlines() -> impl Strategy<Value = Vec<Inline>> {
    let words = || prop_oneof![3 => text().prop_map(Inline::Text), 1 => text().prop_map(Inline::Code)];
    let link = (prop::collection::vec(words(), 1..3), 0..ADDRESSES.len());
    let inline =
        prop_oneof![5 => words(), 1 => link.prop_map(|(words, address)| Inline::Link(words, address))];
    prop::collection::vec(inline, 1..4)
}

fn block() -> impl Strategy<Value = Block> {
    let rows = (2..4_usize, 2..4_usize).prop_flat_map(|(columns, rows)| {
        prop::collection::vec(prop::collection::vec(inlines(), columns), rows)
    });
    let leaf = prop_oneof![
        4 => prop::collection::vec(inlines(), 1..3).prop_map(Block::Paragraph),
        1 => (1..=6_u8, inlines()).prop_map(|(level, words)| Block::Heading(level, words)),
        1 => prop::collection::vec((inlines(), inlines()), 1..3).prop_map(Block::Terms),
        1 => prop::collection::vec(text(), 1..4).prop_map(|lines| Block::Code(lines.join("\n"))),
        1 => rows.prop_map(Block::Table),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        let blocks = prop::collection::vec(inner, 1..3);
        prop_oneof![
            (prop::option::of(0..20_u32), prop::collection::vec(blocks.clone(), 1..3))
                .prop_map(|(start, items)| Block::List(start, items)),
            blocks.prop_map(Block::Quote),
        ]
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn html_inline(inlines: &[Inline]) -> String {
    let one = |inline: &Inline| match inline {
        Inline::Text(text) => escaped(text),
        Inline::Code(text) => format!("<code>{}</code>", escaped(text)),
        Inline::Link(words, address) => {
            format!("<a href='{}'>{}</a>", escaped(ADDRESSES[*address].0), html_inline(words))
        }
    };
    inlines.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn html(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| html_inline(line)).collect();
                out.push_str(&format!("<p>{}</p>", lines.join("<br>")));
            }
            Block::Heading(level, words) => {
                out.push_str(&format!("<h{level}>{}</h{level}>", html_inline(words)));
            }
            Block::List(start, items) => {
                out.push_str(&start.map_or("<ul>".to_owned(), |n| format!("<ol start={n}>")));
                for item in items {
                    out.push_str("<li>");
                    html(item, out);
                    out.push_str("</li>");
                }
                out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
            }
            Block::Terms(terms) => {
                out.push_str("<dl>");
                for (term, meaning) in terms {
                    out.push_str(&format!("<dt>{}<dd>{}", html_inline(term), html_inline(meaning)));
                }
                out.push_str("</dl>");
            }
            Block::Quote(blocks) => {
                out.push_str("<blockquote>");
                html(blocks, out);
                out.push_str("</blockquote>");
            }
            Block::Code(text) => out.push_str(&format!("<pre>{}</pre>", escaped(text))),
            Block::Table(rows) => {
                out.push_str("<table>");
                for row in rows {
                    out.push_str("<tr>");
                    out.extend(row.iter().map(|cell| format!("<td>{}</td>", html_inline(cell))));
                    out.push_str("</tr>");
                }
                out.push_str("</table>");
            }
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(inlines: &[Inline]) -> String {
    let one = |inline: &Inline| match inline {
        Inline::Text(text) => text.clone(),
        Inline::Code(text) => format!("‹{text}›"),
        Inline::Link(text, address) => format!("⟨{}⟩{}", words(text), ADDRESSES[*address].1),
    };
    inlines.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What is to be found, a line a block: its kind, where it stands, its words.
fn expected(blocks: &[Block], path: &str, out: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Paragraph(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| words(line)).collect();
                out.push(format!("{path}p {}", squeezed(&lines.join(" "))));
            }
            Block::Heading(level, inlines) => {
                out.push(format!("{path}h{level} {}", squeezed(&words(inlines))))
            }
            Block::List(start, items) => {
                let list = start.map_or("ul".to_owned(), |n| format!("ol{n}"));
                for item in items {
                    out.push(format!("{path}{list} item"));
                    expected(item, &format!("{path}{list}/"), out);
                }
            }
            Block::Terms(terms) => {
                for (term, meaning) in terms {
                    out.push(format!("{path}dt {}", squeezed(&words(term))));
                    out.push(format!("{path}dd p {}", squeezed(&words(meaning))));
                }
            }
            Block::Quote(blocks) => expected(blocks, &format!("{path}>/"), out),
            Block::Code(text) => out.push(format!("{path}pre {text:?}")),
            Block::Table(rows) => {
                let row = |row: &Vec<Vec<Inline>>| {
                    let cells: Vec<String> = row.iter().map(|cell| squeezed(&words(cell))).collect();
                    format!("{path}row {}", cells.join(" ¦ "))
                };
                out.extend(rows.iter().map(row));
            }
        }
    }
}

/// What a parser of Markdown finds, in the same form.
fn found(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_DEFINITION_LIST;
    let mut out = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut kind = String::new();
    let mut text = String::new();
    let mut code = false;
    let mut address = String::new();
    let mut cells: Vec<String> = Vec::new();
    // The text of an item without empty lines is no paragraph to this parser.
    let flush = |out: &mut Vec<String>, path: &[String], kind: &str, text: &mut String| {
        let words = squeezed(&std::mem::take(text));
        if !words.is_empty() {
            let kind = if kind.is_empty() { "p" } else { kind };
            out.push(format!("{}{kind} {words}", path.concat()));
        }
    };
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(part) => text.push_str(&part),
            Event::Code(part) => text.push_str(&format!("‹{part}›")),
            Event::SoftBreak => text.push(' '),
            Event::Start(tag) => {
                if let Tag::Link { dest_url, .. } = tag {
                    text.push('⟨');
                    address = dest_url.to_string();
                    continue;
                }
                if !matches!(tag, Tag::TableCell) {
                    flush(&mut out, &path, &kind, &mut text);
                }
                match tag {
                    Tag::Paragraph => kind = "p".to_owned(),
                    Tag::Heading { level, .. } => kind = format!("h{}", level as u8),
                    Tag::BlockQuote(_) => path.push(">/".to_owned()),
                    Tag::List(start) => path.push(start.map_or("ul/".to_owned(), |n| format!("ol{n}/"))),
                    Tag::Item => {
                        kind.clear();
                        let around = path.concat();
                        out.push(format!("{} item", around.trim_end_matches('/')));
                    }
                    Tag::DefinitionListTitle => kind = "dt".to_owned(),
                    Tag::DefinitionListDefinition => {
                        kind.clear();
                        path.push("dd ".to_owned());
                    }
                    Tag::CodeBlock(fence) => {
                        code = matches!(fence, CodeBlockKind::Fenced(_));
                        text.clear();
                    }
                    Tag::TableCell | Tag::TableHead | Tag::TableRow => text.clear(),
                    Tag::DefinitionList | Tag::Table(_) => {}
                    other => out.push(format!("unexpected {other:?}")),
                }
            }
            Event::End(tag) => match tag {
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::DefinitionListTitle => {
                    flush(&mut out, &path, &kind, &mut text);
                    kind.clear();
                }
                TagEnd::Item => flush(&mut out, &path, &kind, &mut text),
                TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                    path.pop();
                }
                TagEnd::DefinitionListDefinition => {
                    flush(&mut out, &path, &kind, &mut text);
                    path.pop();
                }
                TagEnd::CodeBlock => {
                    let text = std::mem::take(&mut text);
                    let text = text.strip_suffix('\n').unwrap_or(&text);
                    out.push(format!("{}{} {text:?}", path.concat(), if code { "pre" } else { "indented" }));
                }
                TagEnd::Link => text.push_str(&format!("⟩{address}")),
                TagEnd::TableCell => cells.push(squeezed(&std::mem::take(&mut text))),
                TagEnd::TableHead | TagEnd::TableRow => {
                    out.push(format!("{}row {}", path.concat(), cells.join(" ¦ ")));
                    cells.clear();
                }
                _ => {}
            },
            other => out.push(format!("unexpected {other:?}")),
        }
    }
    out
}

#[test]
fn lists_tables_and_code() {
    let page = "<ol start=7><li>seven<li value=12>twelve<ul><li>inner<pre><code class='x language-rust'>fn a() {\n    ```\n\n}</code></pre></ul>\
        tail</ol><table><caption>Ships</caption><tr><td><th colspan=2>Crew<th>Port<tr><td rowspan=2>North<td><p>3</p><p>4</p><td><td>a|b\
        <tr><td>6<td>7<td>8</table><h2>Two<br>lines #</h2><pre>a<br><br>b</pre><dl><dd>no term</dl>";
    let markdown = "\
7. seven
12. twelve
    - inner

      ````rust
      fn a() {
          ```

      }
      ````

    tail

Ships

| | Crew | | Port |
| --- | --- | --- | --- |
| North | 3 4 | | a\\|b |
| | 6 | 7 | 8 |

## Two lines \\#

```
a

b
```

no term
";
    assert_eq!(clean(page), markdown);
}

#[test]
fn lists_beside_lists() {
    let page = "<ol><li>a<ol><li>x</ol><ol><li>y</ol><li>b<p>b2</p></li>Between.<li>c</ol><ol><li>d</ol><ul><li>e</ul>\
        <dl><dd>f<dd>g<dt>h<br>i<dd>j</dl><h2><div>k</div><div>l</div></h2>";
    let markdown = "\
1. a
   1. x
   1) y
2. b

   b2

Between.

3. c

1) d

- e

f

g

h i
:   j

## k l
";
    assert_eq!(clean(page), markdown);
}

#[test]
fn a_link_is_no_name_of_an_address() {
    let page = r"<div><p><a href='/u'><code>\[x]:</code></a></p><p>It is here.</p></div>";
    let markdown = clean(page);
    assert_eq!(found(&markdown), [r"p ⟨‹\[x]:›⟩/u", "p It is here."], "{markdown}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn is_read_as_it_was_meant(blocks in prop::collection::vec(block(), 1..4)) {
        let mut page = String::from("<div>");
        html(&blocks, &mut page);
        page.push_str("</div>");
        let markdown = clean(&page);
        let mut wanted = Vec::new();
        expected(&blocks, "", &mut wanted);
        prop_assert_eq!(wanted, found(&markdown), "{}\n{}", page, markdown);
    }
}
