//! Takes the main text out of a page: `<nav>Home</nav><p>One &amp; two.</p>` → `One & two.`
//!
//! A page is stripped of what has no text and bounded ([`prestrip`]), parsed once, made into lines as a reader sees
//! them ([`dom`]), and its main lines are chosen ([`main_content`]). A fragment (no `<html>`, `<head>`, `<body>`) was
//! cut out by somebody who knew what the content is: all that is visible in it is kept.
//!
//! Whatever holds text and is not kept is recorded with its reason. Not text, and not recorded: scripts, style sheets,
//! comments, and attributes but for `alt` and what stands on buttons. What `<title>` and `<meta>` say is metadata. A
//! formula (MathML) is the text between its tags.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::document::{Document, Kind};
use crate::edit::Rule;
use crate::lang::markup;
use crate::lang::triggers::Triggers;
use crate::stage::{LeftOut, Proposal, Rewrite, Stage};

mod dom;
pub mod features;
mod main_content;
mod markdown;
mod metadata;
mod names;
mod prestrip;
mod render;
mod tables;
mod trees;

/// How much of a page is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// The main text: no menus, lists of links, forms, comments.
    #[default]
    Main,
    /// All that a reader of the page sees.
    All,
    /// The source as it is, tags and all; only the metadata are read.
    Raw,
}

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Html {
    /// How much of a page to take; `all` also keeps menus, link lists and comments, `raw` the tags too
    #[arg(long, value_enum, default_value_t, value_name = "EXTENT")]
    pub html: Extent,
    /// Keep readers' comments below the main text of a page
    #[arg(long)]
    pub comments: bool,
    /// Keep the addresses of links in pages: `[text](address)`
    #[arg(long)]
    pub links: bool,
    /// Write the text of pages as Markdown: headings, lists, tables, quotations, code
    #[arg(long)]
    pub markdown: bool,
    /// Put the title of a page or of front matter as the first line of its text
    #[arg(long)]
    pub title_in_text: bool,
}

/// `<a>…</a>` behind `</html>`: written there by what came after the page, often by somebody else.
static AFTER_END: Rule =
    Rule { name: "after_end", about: "what stands behind the end of a page is left out" };
/// "Please enable JavaScript": shown to those without scripts, or a template never shown.
static UNSEEN: Rule =
    Rule { name: "noscript", about: "text for browsers without scripts, and templates, are left out" };
/// The words in a drawing (`<svg><text>`), what `<canvas>`, `<iframe>`, `<video>`, `<object>` show where they cannot
/// be shown themselves.
static EMBEDDED: Rule =
    Rule { name: "embedded", about: "text in drawings, and in place of films and frames, is left out" };
/// `<annotation encoding="application/x-tex">E=mc^2</annotation>` inside a formula that is kept.
static ANNOTATION: Rule = Rule { name: "annotation", about: "second notations of a formula are left out" };
/// `alt="A cat on a sofa"`: shown in place of an image, often a file name or a caption once more.
static ALT: Rule = Rule { name: "alt", about: "texts in place of images are left out" };
/// A script without its end, a page that breaks off inside a tag: no browser shows what follows.
static UNCLOSED: Rule =
    Rule { name: "unclosed", about: "what follows a tag or script that never ends is left out" };
/// Nested deeper than browsers allow; the tags below were dropped, their text was not.
static DEEP: Rule =
    Rule { name: "too_deep", about: "marks a page nested deeper than 512 elements; tags below were ignored" };
/// `--title-in-text`
static TITLE_IN_TEXT: Rule =
    Rule { name: "title_in_text", about: "the title becomes the first line, when asked for" };

static RULES: [&Rule; 19] = [
    &main_content::NAVIGATION,
    &main_content::HIDDEN,
    &main_content::LINK_LIST,
    &main_content::FORM,
    &main_content::ASIDE,
    &main_content::COMMENTS,
    &main_content::FOOTER,
    &main_content::NOTICE,
    &main_content::OUTSIDE,
    &main_content::TITLE,
    &main_content::SCRAP,
    &AFTER_END,
    &UNSEEN,
    &EMBEDDED,
    &ANNOTATION,
    &ALT,
    &UNCLOSED,
    &DEEP,
    &TITLE_IN_TEXT,
];

impl Stage for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "Takes the main text out of a page."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn triggers(&self) -> Triggers {
        // The title is put into any text.
        if self.title_in_text { Triggers::ANY } else { Triggers::LESS_THAN }
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let text = doc.text();
        let is_markup = match doc.kind {
            Kind::Text => return,
            Kind::Markdown => markup::is_page(text),
            Kind::Html => memchr::memchr(b'<', text.as_bytes()).is_some(),
        };
        if !is_markup {
            if let (true, Some(title)) = (self.title_in_text, &doc.metadata.title)
                && !starts_with_line(text, title)
            {
                proposal.replace(0..0, format!("{title}\n\n"), &TITLE_IN_TEXT);
            }
            return;
        }
        if self.html == Extent::Raw {
            let stripped = prestrip::strip(text);
            if stripped.whole {
                let html = scraper::Html::parse_document(&stripped.html);
                proposal.metadata = metadata::read(&html, &stripped.json_ld).metadata;
            }
            return;
        }
        let (rewrite, metadata, deep) = self.extract(text, doc.metadata.title.as_deref());
        if deep {
            proposal.flag(&DEEP);
        }
        proposal.metadata = metadata;
        proposal.rewrite = Some(rewrite);
    }
}

/// The lines of a page with what is measured of each and whether it may be kept at all, for `tests/corpus/fit_html.py`.
pub fn measured(text: &str) -> Vec<(String, bool, features::Row)> {
    let stripped = prestrip::strip(text);
    let html = scraper::Html::parse_document(&stripped.html);
    let said = metadata::read(&html, &stripped.json_ld);
    let page = dom::flatten(&html);
    let title = said.metadata.title.as_deref();
    let mut measured: Vec<(String, bool, features::Row)> =
        page.lines.iter().map(|l| (l.own_text().to_owned(), false, [0.0; features::COUNT])).collect();
    main_content::measure(&page, &known(title, &said, false), |n, _, row| {
        if let Some(line) = measured.get_mut(n) {
            (line.1, line.2) = (true, *row);
        }
    });
    measured
}

fn known<'k>(title: Option<&'k str>, said: &'k metadata::Said, comments: bool) -> main_content::Known<'k> {
    main_content::Known { title, evidence: &said.evidence, shape: said.shape, comments }
}

fn starts_with_line(text: &str, line: &str) -> bool {
    text.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
}

impl Html {
    fn extract(&self, text: &str, known_title: Option<&str>) -> (Rewrite, crate::document::Metadata, bool) {
        let stripped =
            prestrip::strip_to(text, prestrip::Keep { addresses: self.links, code: self.markdown });
        let html = scraper::Html::parse_document(&stripped.html);
        let said = if stripped.whole { metadata::read(&html, &stripped.json_ld) } else { Default::default() };
        let page = dom::flatten(&html);
        let title = known_title.or(said.metadata.title.as_deref());
        let choice = if stripped.whole && self.html == Extent::Main {
            main_content::main(&page, &known(title, &said, self.comments))
        } else {
            main_content::all(&page)
        };
        let mut out = String::new();
        if let (true, Some(title)) = (self.title_in_text, title) {
            out.push_str(title);
            out.push_str("\n\n");
        }
        out.push_str(&if self.markdown {
            markdown::write(&page, &choice)
        } else {
            render::plain(&page, &choice)
        });
        let mut left_out: Vec<LeftOut> = Vec::new();
        let mut previous: Option<&'static Rule> = None;
        for (line, reason) in page.lines.iter().zip(&choice) {
            match reason {
                None => {}
                // Neighbours left out for the same reason are one block.
                Some(rule) if previous == Some(*rule) => {
                    if let Some(block) = left_out.last_mut() {
                        block.text.push('\n');
                        block.text.push_str(&render::alone(&page, line));
                    }
                }
                Some(rule) => left_out.push(LeftOut { rule, text: render::alone(&page, line) }),
            }
            previous = *reason;
        }
        if let Some(full) = said.title
            && said.metadata.title.as_ref() != Some(&full)
        {
            left_out.push(LeftOut { rule: &main_content::TITLE, text: full });
        }
        for (why, source) in &stripped.unseen {
            let rule = match why {
                prestrip::Unseen::Scripts => &UNSEEN,
                prestrip::Unseen::Embedded => &EMBEDDED,
                prestrip::Unseen::Annotation => &ANNOTATION,
            };
            left_out.push(LeftOut { rule, text: plain(source) });
        }
        let mut unclosed = stripped.unclosed;
        if out.trim().is_empty() {
            // A page with a text for readers without scripts or frames only, though too short to be told from a request for them.
            let mut texts = left_out.extract_if(.., |l| {
                (l.rule == &UNSEEN || l.rule == &EMBEDDED) && words(&l.text) >= NOSCRIPT_WORDS
            });
            out.extend(texts.by_ref().map(|l| l.text + "\n"));
            // A page in XHTML whose `<script />` ends itself, so that in HTML all behind it is script.
            if out.is_empty() && memchr::memmem::find(unclosed.as_bytes(), b"<body").is_some() {
                out = plain(unclosed);
                unclosed = "";
            }
        }
        left_out.push(LeftOut { rule: &main_content::FORM, text: joined(&stripped.values) });
        left_out.push(LeftOut { rule: &ALT, text: joined(&stripped.alts) });
        left_out.push(LeftOut { rule: &AFTER_END, text: plain(stripped.after_end) });
        left_out.push(LeftOut { rule: &UNCLOSED, text: unclosed.trim().to_owned() });
        left_out.retain(|block| !block.text.is_empty());
        (Rewrite { text: out, left_out }, said.metadata, stripped.deep)
    }
}

/// Words that make a `<noscript>` the text of a page that has no other: "please enable JavaScript" has fewer. (A guess.)
const NOSCRIPT_WORDS: u32 = 20;

/// Words, and characters of Han and kana.
fn words(text: &str) -> u32 {
    let html = scraper::Html::parse_fragment(&text.replace('&', "&amp;").replace('<', "&lt;"));
    dom::flatten(&html).lines.iter().map(|l| l.tokens).sum()
}

/// The readable text of a piece of markup, for the record: with what is not shown of it, and in place of images.
///
/// Calls itself for elements in the piece that are not shown. Such an element ends at the first of its closing tags,
/// so none of the same name can be inside: the calls are no deeper than there are names.
fn plain(source: &str) -> String {
    if source.trim().is_empty() || source.trim().eq_ignore_ascii_case("</html>") {
        return String::new();
    }
    let stripped = prestrip::strip(source);
    // A `<title>` at the start would be taken for the page's.
    let html = scraper::Html::parse_document(&format!("<body>{}", stripped.html));
    let mut parts: Vec<String> = dom::flatten(&html).lines.iter().map(|l| l.own_text().to_owned()).collect();
    parts.extend(stripped.unseen.iter().map(|(_, content)| plain(content)));
    parts.extend([joined(&stripped.values), joined(&stripped.alts), plain(stripped.after_end)]);
    parts.push(stripped.unclosed.trim().to_owned());
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Values of attributes as lines, each of them once in a row.
fn joined(values: &[&str]) -> String {
    let mut lines = String::new();
    let mut previous = "";
    for value in values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()) {
        if value != previous {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(value);
        }
        previous = value;
    }
    if !lines.contains('&') {
        return lines;
    }
    let source = lines.replace('<', "&lt;").replace('\n', "<br>");
    let html = scraper::Html::parse_document(&format!("<body>{source}"));
    let lines: Vec<String> = dom::flatten(&html).lines.iter().map(|l| l.own_text().to_owned()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Cleaned, Pipeline};
    use crate::stages;
    use std::sync::Arc;

    fn clean(kind: Kind, text: &str) -> Cleaned {
        let doc = Document::new("-", Arc::from("-"), kind, text.to_owned());
        Pipeline::new(vec![Arc::new(Html::default())]).clean(doc).expect("cleaned")
    }

    #[track_caller]
    fn check(page: &str, text: &str) {
        assert_eq!(clean(Kind::Html, page).document.text(), text, "{page}");
    }

    #[test]
    fn a_fragment_is_all_content() {
        check("<div>\n<p>一 &amp; 二</p><p>三<br>四</p>\n</div>", "一 & 二\n三\n四\n");
        check("<p>tail <b>bold</b> end</p><ul><li>a<li>b</ul>after", "tail bold end\na\nb\nafter\n");
        check("<table><tr><td>a</td><td>b</td></tr><tr><td></td><td>c</td></tr></table>", "a\tb\n\tc\n");
        // Paragraphs in cells; a cell over two columns, one over two rows.
        check(
            "<table><tr><td colspan=2><p>a</p><td><p>b</p><p>c</p><tr><td rowspan=2>d<td>e<td>f<tr><td>g<td>h</table>",
            "a\t\tb c\nd\te\tf\n\tg\th\n",
        );
        check(
            "<table><tr><th>A<br>a<th>B<br>b<th>C<br>c<th>D<br>d<tr><td><p>1<td><p>2<td><p>3<td><p>4</table>",
            "A a\tB b\tC c\tD d\n1\t2\t3\t4\n",
        );
        // The parts of a page.
        check("<table><tr><td>a<td><td><h2>b</h2><p>c</p><tr><td>d<td><td>e</table>", "a\nb\nc\nd\te\n");
        check("<pre>\n  one\n    two\n</pre>", "  one\n    two\n");
        check("<p>&#12288;&#12288;首行&nbsp;空格\n  换行</p>", "\u{3000}\u{3000}首行 空格 换行\n");
        check("<p>seen<span style='display: none'>unseen</span></p>", "seen\n");
        check("<p>x<script>if(a<b)y</script>z</p>", "xz\n");
    }

    #[test]
    fn data_of_a_page_are_read_in_the_shapes_they_come_in() {
        let page = |data: &str| {
            let page = format!(
                "<html><head><title>x</title><link rel=canonical href=http://a.example/c>{data}</head><body><p>Some text, here.</p></body></html>"
            );
            let metadata = clean(Kind::Html, &page).document.metadata;
            let language = metadata.extra.get("declared_language").cloned();
            [metadata.title, metadata.author, metadata.date, metadata.url, metadata.sitename, language]
                .map(Option::unwrap_or_default)
        };
        let graph = r##"<script type="application/ld+json; charset=utf-8">
            //<![CDATA[
            {"@graph":[{"@type":"VideoObject","name":"Film","headline":"No","datePublished":"2011-01-01","author":{"name":"Zed"}},
            {"@type":"NewsArticle","headline":"Fish &amp; Ships
","datePublished":"2021-03-04T05:06:07Z","author":{"@id":"#p"},"publisher":{"@id":"#o"},
            "mainEntityOfPage":{"@id":"http://a.example/1"},"inLanguage":"de-DE"},
            {"@id":"#p","@type":"Person","name":"Ann"},{"@id":"#o","name":"The Pier"}]}
            //]]></script>"##;
        let [title, author, date, url, site, language] = page(graph);
        assert_eq!(
            [&*title, &*author, &*url, &*site, &*language],
            ["Fish & Ships", "Ann", "http://a.example/1", "The Pier", "de"]
        );
        assert!(date.starts_with("2021-03-04"), "{date}");
        let [title, _, _, url, _, language] = page("<meta property=og:locale content=fr_FR>");
        assert_eq!([&*title, &*url, &*language], ["x", "http://a.example/c", "fr"]);
    }

    #[test]
    fn links_do_not_change_what_a_line_is() {
        let html = Html { links: true, ..Html::default() };
        let page = "<html><body><p>Some text stands here, and it is seen by all.</p><div hidden><a href=http://s.example>cheap pills</a></div>\
            <h2><a href=/h>A heading</a></h2><p>More of the text stands here, and it is seen by all.</p></body></html>";
        let doc = Document::new("-", Arc::from("-"), Kind::Html, page.to_owned());
        let cleaned = Pipeline::new(vec![Arc::new(html)]).clean(doc).expect("cleaned");
        let rewrite = cleaned.trail.steps[0].rewrite.as_ref().expect("rewritten");
        assert!(rewrite.left_out.iter().any(|l| l.rule.name == "hidden" && l.text.contains("cheap pills")));
        assert!(!cleaned.document.text().contains("pills"), "{}", cleaned.document.text());
    }

    #[test]
    fn what_is_moved_off_the_page_is_hidden_however_long_it_is() {
        let spam = "Cheap pills are sold here every day, and nobody knows why they are so cheap. ".repeat(20);
        for style in [
            "position:absolute;left:-9999px",
            "clip:rect(0px, 0px, 0px, 0px)",
            "font-size:1px",
            "right:-99em",
        ] {
            let page = format!(
                "<html><body><p>One sentence of text, written to be read.</p><div style='{style}'>{spam}</div></body></html>"
            );
            let text = clean(Kind::Html, &page).document.text().to_owned();
            assert_eq!(text, "One sentence of text, written to be read.\n", "{style}");
        }
    }

    #[test]
    fn words_without_spaces_are_counted() {
        let thai = words("ประภาคารตั้งอยู่บนหน้าผาสูงเหนือทะเล");
        assert!((5..=10).contains(&thai), "{thai}");
        assert_eq!(words("The lighthouse stands on a cliff."), 6);
        assert_eq!(words("灯塔在海边"), 5);
    }

    #[test]
    fn a_page_with_a_text_gives_one() {
        let words = "The keeper of the lighthouse counted the ships that passed, and wrote their number into a big book every single night.";
        for page in [
            format!("<html><frameset><frame src=a></frameset><noframes>{words}</noframes></html>"),
            format!("<html><body><object>{words}</object></body></html>"),
            format!(
                "<html><head><title>x</title><script src='a.js' /></head><body><p>{words}</p></body></html>"
            ),
        ] {
            assert_eq!(clean(Kind::Html, &page).document.text().trim_end(), words, "{page}");
        }
    }

    #[test]
    fn a_table_with_links_in_its_rows_is_kept() {
        let prose = "<p>The harbours of this coast were built by hand, and those who built them were paid in fish.</p>".repeat(6);
        let rows: String = (0..8)
            .map(|n| format!("<tr><td><a href=/{n}>Ship {n}</a><td>190{n}<td>built of oak and pine"))
            .collect();
        let page = format!("<html><body><article>{prose}<table>{rows}</table></article></body></html>");
        let text = clean(Kind::Html, &page).document.text().to_owned();
        assert_eq!(text.matches("built of oak and pine").count(), 8, "{text}");
        assert!(text.contains("Ship 7\t1907\tbuilt of oak and pine\n"), "{text}");
    }

    #[test]
    fn short_lines_of_a_text_are_kept_with_it() {
        let prose = "<p>The harbours of this coast were built by hand, and those who built them were paid in fish.</p>".repeat(6);
        let page = format!(
            "<html><body><div><p>{prose}</p><p><b>Ingredients:</b><br>300 g flour<br>1 egg<br>salt</p><h3>Method</h3>\
             <p>All of it is mixed by hand until it is smooth, and then it rests for an hour in the cold.</p>\
             <p>In the end it needs:</p><ul><li>oil<li>a pan</ul>{prose}<h3>In the box</h3><ul><li>a spoon<li>a bowl</ul></div></body></html>"
        );
        let text = clean(Kind::Html, &page).document.text().to_owned();
        for part in [
            "Ingredients:\n300 g flour\n1 egg\nsalt\nMethod\n",
            "needs:\noil\na pan\n",
            "In the box\na spoon\na bowl\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }

    #[test]
    fn code_is_kept_to_its_last_line() {
        let prose = "<p>The keeper of the lighthouse wrote a program, and the program counted the ships that passed.</p>".repeat(6);
        let code = "#include &lt;stdio.h>\nint main(void) {\n  int i;\n  for (i = 0; i &lt; 3; i++) {\n    printf(\"%d ships\", i);\n  }\n  return 0;\n}";
        let text = clean(
            Kind::Html,
            &format!("<html><body><article>{prose}<pre>{code}</pre></article></body></html>"),
        );
        assert!(text.document.text().ends_with("  }\n  return 0;\n}\n"), "{}", text.document.text());
        let page = format!("<html><body><article>{prose}<pre>make install</pre></article></body></html>");
        assert!(clean(Kind::Html, &page).document.text().ends_with("make install\n"));
    }

    #[test]
    fn the_main_text_is_chosen_and_the_rest_recorded() {
        let page = "<html lang=zh-CN><head><title>一个标题在这里 - 某站</title><meta property=og:site_name content=某站></head>\
            <body><ul class=nav><li><a href=/>首页</a><li><a href=/x>新闻</a></ul><h1>一个标题在这里</h1>\
            <div class=content><p>第一段，这里有一些完整的句子，说了不少话。</p><p>第二段，这里也有一些完整的句子，也说了不少话。</p></div>\
            <div class=footer>版权所有</div></body></html>\n<a href=http://x>外链</a>";
        let cleaned = clean(Kind::Html, page);
        assert_eq!(
            cleaned.document.text(),
            "第一段，这里有一些完整的句子，说了不少话。\n第二段，这里也有一些完整的句子，也说了不少话。\n"
        );
        let metadata = &cleaned.document.metadata;
        assert_eq!(metadata.title.as_deref(), Some("一个标题在这里"));
        assert_eq!(metadata.sitename.as_deref(), Some("某站"));
        assert_eq!(metadata.extra.get("declared_language").map(String::as_str), Some("zh"));
        let rewrite = cleaned.trail.steps[0].rewrite.as_ref().expect("rewritten");
        let left: Vec<(&str, &str)> =
            rewrite.left_out.iter().map(|l| (l.rule.name, l.text.as_str())).collect();
        assert!(left.contains(&("navigation", "首页\n新闻")), "{left:?}");
        assert!(left.contains(&("footer", "版权所有")), "{left:?}");
        assert!(left.contains(&("after_end", "外链")), "{left:?}");
    }

    #[test]
    fn a_page_with_text_never_comes_out_empty() {
        check("<html><body>few words</body></html>", "few words\n");
        check("<html><body><nav><a>only</a></nav></body></html>", "only\n");
        check(
            "<html><body><div style=\"visibility: hidden\"><p>由脚本显示的正文。</p></div></body></html>",
            "由脚本显示的正文。\n",
        );
    }

    /// Text and blocks left out of `page`.
    fn parts(page: &str, extent: Extent) -> (String, Vec<(&'static str, String)>) {
        let doc = Document::new("-", Arc::from("-"), Kind::Html, page.to_owned());
        let stage = Html { html: extent, ..Html::default() };
        let mut proposal = Proposal::default();
        stage.run(&doc, &mut proposal);
        let rewrite = proposal.rewrite.expect("rewritten");
        let left_out = rewrite.left_out.into_iter().map(|l| (l.rule.name, l.text)).collect();
        (rewrite.text, left_out)
    }

    #[track_caller]
    fn leaves_out(page: &str, text: &str, left_out: &[(&'static str, &str)]) {
        let (kept, found) = parts(page, Extent::Main);
        assert_eq!(kept, text, "{page}");
        for &(rule, block) in left_out {
            assert!(found.contains(&(rule, block.to_owned())), "{rule} {block:?} in {found:?}");
        }
        assert_eq!(found.len(), left_out.len(), "{found:?}");
    }

    fn page(inside: &str) -> String {
        format!(
            "<html><body><main><p>The first of two sentences stands here, and it is long enough.</p>{inside}</main></body></html>"
        )
    }
    const FIRST: &str = "The first of two sentences stands here, and it is long enough.\n";

    #[test]
    fn a_formula_stays_in_its_line() {
        let law = "<p>The famous law <math display=inline><semantics><mrow><mi>E</mi><mo>=</mo><mi>m</mi></mrow>\
            <annotation encoding=\"application/x-tex\">E = m</annotation></semantics></math> holds, and everyone knows it.</p>";
        leaves_out(
            &page(law),
            &format!("{FIRST}The famous law E=m holds, and everyone knows it.\n"),
            &[("annotation", "E = m")],
        );
        // An image is shown, and the formula behind it is for those who do not see it.
        let hidden = law.replace("<math display=inline>", "<math style='display: none'>");
        leaves_out(
            &page(&hidden),
            &format!("{FIRST}The famous law holds, and everyone knows it.\n"),
            &[("hidden", "E=m"), ("annotation", "E = m")],
        );
        check("<p>a<math><mi>x</mi></math>b</p><annotation>c</annotation>", "axb\nc\n");
    }

    #[test]
    fn controls_and_fields_are_a_form() {
        let form = "<label>Name</label><input value=typed><select><option>One<option>Two</select>\
            <textarea>Say\nit</textarea><button>Send</button><input type=submit value='Go &amp; see'>";
        leaves_out(&page(form), FIRST, &[("form", "Name Send\nOne\nTwo\nSay it"), ("form", "Go & see")]);
        let end = "<p>The second one has a button behind its last word. <button>More</button></p>";
        leaves_out(
            &page(end),
            &format!("{FIRST}The second one has a button behind its last word.\n"),
            &[("form", "More")],
        );
        let middle = "<p>The second one tells you to press <button>Enter</button> and to wait for it.</p>";
        leaves_out(
            &page(middle),
            &format!("{FIRST}The second one tells you to press Enter and to wait for it.\n"),
            &[],
        );
        check(
            "<p>Press<button>Enter</button></p><p>and<select><option>a<option>b</select>wait</p>",
            "Press Enter\nand wait\na\nb\n",
        );
        check("<html><body><textarea>all there is</textarea></body></html>", "all there is\n");
    }

    #[test]
    fn what_stands_in_place_of_something_is_recorded() {
        let embedded = "<p>The second one has <svg><title>icon</title><text>in</text><text>it</text></svg>, a \
            <canvas>game</canvas>and a<object data=x>movie</object>in it.<img alt='A &lt;cat&gt;' src=x></p><iframe><p>frame</p></iframe>";
        leaves_out(
            &page(embedded),
            &format!("{FIRST}The second one has , a and a in it.\n"),
            &[
                ("embedded", "icon\nin\nit"),
                ("embedded", "game"),
                ("embedded", "movie"),
                ("embedded", "frame"),
                ("alt", "A <cat>"),
            ],
        );
    }

    #[test]
    fn hidden_words_do_not_end_a_line() {
        leaves_out(
            &page(
                "<p>The second one hides<span style='display:none'> a trap</span> a word of it, no more.</p>",
            ),
            &format!("{FIRST}The second one hides a word of it, no more.\n"),
            &[("hidden", "a trap")],
        );
    }

    #[test]
    fn broken_markup_loses_nothing() {
        leaves_out(
            &page("<p>an <b title=\"x>open quote, and three words</b> behind it</p>"),
            &format!("{FIRST}an open quote, and three words behind it\n"),
            &[],
        );
        let text = "<html><body><p>few words</p><p class=x and then no end";
        leaves_out(text, "few words\n", &[("unclosed", "<p class=x and then no end")]);
        leaves_out("<html><body><p>few words<script>var x;", "few words\n", &[("unclosed", "var x;")]);
        leaves_out("<html><body><p>few words<iframe>and others", "few wordsand others\n", &[]);
        leaves_out(
            "<html><frameset>bare<frame src=x><noframes><p>others</noframes></frameset></html>",
            "bare\n",
            &[("embedded", "others")],
        );
    }

    /// Every element there is, each with a word of its own, in a page, in a fragment, and inside each other.
    #[test]
    fn every_word_is_kept_or_recorded() {
        const NAMES: &str = "a abbr address annotation annotation-xml applet article aside audio b bdi bdo big \
            blockquote button canvas caption center cite code col colgroup data datalist dd del desc details dfn \
            dialog dir div dl dt em fieldset figcaption figure font footer foreignobject form frame frameset g h1 h2 \
            h6 header hgroup hr i iframe ins kbd label legend li listing main map mark marquee math menu merror mfrac \
            mi mn mo mover mrow ms msub mtable mtd mtext mtr nav nobr noembed noframes noscript object ol optgroup \
            option output p picture pre progress q rb rp rt rtc ruby s samp search section select semantics slot small \
            span strike strong sub summary sup svg table tbody td template text textarea tfoot th thead time title tr \
            tspan tt u ul unknown-element var video xmp";
        let names: Vec<&str> = NAMES.split_whitespace().collect();
        let prose = "<p>There is a sentence here, and another one, so that the page has a main text.</p>";
        let mut insides: Vec<String> = vec![String::new(); 4];
        for (n, name) in names.iter().enumerate() {
            let next = names.get((n * 7 + 3) % names.len()).copied().unwrap_or("p");
            insides[0].push_str(&format!("<{name}>word{n}w</{name}>"));
            insides[1].push_str(&format!("<div>word{n}w<{name} class=x>word{n}x</{name}>word{n}y</div>"));
            insides[2]
                .push_str(&format!("<{name}>word{n}w<{next}>word{n}x</{next}>word{n}y</{name}>{prose}"));
            insides[3].push_str(&format!("<math>word{n}w<{name}>word{n}x</math><svg><{name}>word{n}y</svg><{name} hidden>word{n}z</{name}>"));
        }
        insides.push("<img alt=word0w><input type=submit value=word0x><svg><image><text>word0y</text></svg><area alt='word0z'>".to_owned());
        for inside in &insides {
            let words: Vec<&str> = inside
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|w| w.starts_with("word"))
                .collect();
            for page in [
                format!("<html><body><main>{prose}{prose}</main>{inside}</body></html>"),
                format!("<html><body><main>{prose}{inside}{prose}</main></body></html>after"),
                format!("<html><head><title>A title</title></head><body>{inside}</body></html>"),
                format!("<div>{inside}</div>"),
            ] {
                for extent in [Extent::Main, Extent::All] {
                    let (mut text, left_out) = parts(&page, extent);
                    for (_, block) in left_out {
                        text.push('\n');
                        text.push_str(&block);
                    }
                    let lost: Vec<&&str> = words.iter().filter(|w| !text.contains(**w)).collect();
                    assert!(lost.is_empty(), "{lost:?} of {extent:?} {page}");
                }
            }
        }
    }

    #[test]
    fn blocks_are_never_glued() {
        for name in [
            "p", "div", "li", "td", "option", "label", "button", "textarea", "h1", "legend", "pre", "section",
        ] {
            let two = format!("<div><{name}>one</{name}><{name}>two</{name}></div>");
            let two = match name {
                "td" => format!("<table><tr>{two}</table>").replace("<div>", "").replace("</div>", ""),
                "option" => two.replace("div>", "select>"),
                _ => two,
            };
            let (text, _) = parts(&two, Extent::All);
            assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["one", "two"], "{two}");
        }
    }

    #[test]
    fn small_and_empty_pages() {
        check("<html><body></body></html>", "");
        check("<html></html>", "");
        check("<html><head><title>A title</title></head><body> </body></html>", "");
        check("<html><body><p>Hi.</p></body></html>\n", "Hi.\n");
        check("<p>Just one.</p>", "Just one.\n");
    }

    #[test]
    fn markdown_without_markup_and_text_are_not_touched() {
        let text = "# Title\n\nVec<T> and <b>bold</b>.\n";
        for kind in [Kind::Markdown, Kind::Text] {
            assert!(clean(kind, text).trail.steps.is_empty());
        }
    }

    #[test]
    fn the_title_comes_first_when_asked_for() {
        let html = Html { title_in_text: true, ..Html::default() };
        let mut doc = Document::new("-", Arc::from("-"), Kind::Markdown, "body\n".to_owned());
        doc.metadata.title = Some("Title".to_owned());
        let cleaned = Pipeline::new(vec![Arc::new(html.clone())]).clean(doc).expect("cleaned");
        assert_eq!(cleaned.document.text(), "Title\n\nbody\n");
        let again = Pipeline::new(vec![Arc::new(html)]).clean(cleaned.document).expect("cleaned");
        assert_eq!(again.document.text(), "Title\n\nbody\n");
    }

    #[test]
    fn only_this_stage_makes_a_text_anew() {
        let page = "\n---\ntitle: x\n---\n<!doctype html><html><body><p>a&nbsp;b　(pīn)  </p></body></html>";
        for stage in stages::list(&stages::Options::default()) {
            for kind in [Kind::Text, Kind::Markdown, Kind::Html] {
                let mut proposal = Proposal::default();
                stage.run(&Document::new("-", Arc::from("-"), kind, page.to_owned()), &mut proposal);
                assert!(proposal.rewrite.is_none() || stage.name() == "html", "{}", stage.name());
            }
        }
    }

    #[test]
    fn hostile_pages_take_no_time() {
        for piece in [
            "<div>",
            "<b>",
            "<p><font x=1>",
            "<",
            "<a>",
            "<table><td>",
            "<!--",
            "<script>",
            "<svg>",
            "</p>",
            "<b a=1><p>",
            "&lt;",
            "<span>x",
            "<li><ul>",
            "<svg><canvas><object>x</object>",
            "<svg>x</svg>",
            "<object><video>x",
            "<math><mi>x",
            "<textarea>x",
            "<textarea>x</textarea>",
            "<button>x",
            "<select><option>x",
            "<b hidden>x</b>y",
            "<b c=\"",
            "<b c='\"",
            "<img alt=&lt;>",
        ] {
            let page = format!("<html><body>text{}</body></html>", piece.repeat(500_000 / piece.len()));
            let start = std::time::Instant::now();
            clean(Kind::Html, &page);
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
        let attributes: String = (0..50_000).map(|n| format!(" a{n}=1")).collect();
        let start = std::time::Instant::now();
        clean(Kind::Html, &format!("<p{attributes}>text</p>"));
        assert!(start.elapsed().as_secs() < 5);
    }
}
