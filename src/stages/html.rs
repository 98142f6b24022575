//! Takes the main text out of a page: `<nav>Home</nav><p>One &amp; two.</p>` → `One & two.`
//!
//! A page is stripped of what has no text and bounded ([`prestrip`]), parsed once, made into lines as a reader sees
//! them ([`dom`]), and its main lines are chosen ([`main_content`]). A fragment (no `<html>`, `<head>`, `<body>`) was
//! cut out by somebody who knew what the content is: all that is visible in it is kept.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::document::{Document, Kind};
use crate::edit::Rule;
use crate::lang::markup;
use crate::lang::triggers::Triggers;
use crate::stage::{LeftOut, Proposal, Rewrite, Stage};

mod dom;
mod main_content;
mod metadata;
mod prestrip;

/// How much of a page is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// The main text: no menus, lists of links, forms, comments.
    #[default]
    Main,
    /// All that a reader of the page sees.
    All,
}

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Html {
    /// How much of a page to take; `all` also keeps menus, link lists and comments
    #[arg(long, value_enum, default_value_t, value_name = "EXTENT")]
    pub html: Extent,
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
/// Nested deeper than browsers allow; the tags below were dropped, their text was not.
static DEEP: Rule =
    Rule { name: "too_deep", about: "marks a page nested deeper than 512 elements; tags below were ignored" };
/// `--title-in-text`
static TITLE_IN_TEXT: Rule =
    Rule { name: "title_in_text", about: "the title becomes the first line, when asked for" };

static RULES: [&Rule; 15] = [
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
        let (rewrite, metadata, deep) = self.extract(text, doc.metadata.title.as_deref());
        if deep {
            proposal.flag(&DEEP);
        }
        proposal.metadata = metadata;
        proposal.rewrite = Some(rewrite);
    }
}

fn starts_with_line(text: &str, line: &str) -> bool {
    text.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
}

impl Html {
    fn extract(&self, text: &str, known_title: Option<&str>) -> (Rewrite, crate::document::Metadata, bool) {
        let stripped = prestrip::strip(text);
        let html = scraper::Html::parse_document(&stripped.html);
        let metadata = if stripped.whole {
            metadata::read(&html, &stripped.json_ld)
        } else {
            crate::document::Metadata::default()
        };
        let page = dom::flatten(&html);
        let title = known_title.or(metadata.title.as_deref());
        let choice = if stripped.whole && self.html == Extent::Main {
            main_content::main(&page, title)
        } else {
            main_content::all(&page)
        };
        let mut out = String::new();
        if let (true, Some(title)) = (self.title_in_text, title) {
            out.push_str(title);
            out.push_str("\n\n");
        }
        let mut left_out: Vec<LeftOut> = Vec::new();
        let mut previous: Option<&'static Rule> = None;
        for (line, reason) in page.lines.iter().zip(&choice) {
            match reason {
                None => {
                    out.push_str(line.text.trim_end());
                    out.push('\n');
                }
                // Neighbours left out for the same reason are one block.
                Some(rule) if previous == Some(*rule) => {
                    if let Some(block) = left_out.last_mut() {
                        block.text.push('\n');
                        block.text.push_str(&line.text);
                    }
                }
                Some(rule) => left_out.push(LeftOut { rule, text: line.text.clone() }),
            }
            previous = *reason;
        }
        for (rule, source) in
            stripped.unseen.iter().map(|s| (&UNSEEN, *s)).chain([(&AFTER_END, stripped.after_end)])
        {
            let text = plain(source);
            if !text.is_empty() {
                left_out.push(LeftOut { rule, text });
            }
        }
        (Rewrite { text: out, left_out }, metadata, stripped.deep)
    }
}

/// The readable text of a piece of markup, for the record.
fn plain(source: &str) -> String {
    if source.trim().is_empty() || source.trim().eq_ignore_ascii_case("</html>") {
        return String::new();
    }
    let stripped = prestrip::strip(source);
    let html = scraper::Html::parse_document(&stripped.html);
    let lines: Vec<String> = dom::flatten(&html).lines.into_iter().map(|l| l.text).collect();
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
        check("<table><tr><td>a</td><td>b</td></tr><tr><td></td><td>c</td></tr></table>", "a\tb\nc\n");
        check("<pre>\n  one\n    two\n</pre>", "  one\n    two\n");
        check("<p>&#12288;&#12288;首行&nbsp;空格\n  换行</p>", "\u{3000}\u{3000}首行 空格 换行\n");
        check("<p>seen<span style='display: none'>unseen</span></p>", "seen\n");
        check("<p>x<script>if(a<b)y</script>z</p>", "xz\n");
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
