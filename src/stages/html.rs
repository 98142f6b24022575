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
static AFTER_END: Rule = Rule { name: "after_end", about: "what stands behind the end of a page is left out" };
/// "Please enable JavaScript": shown to those without scripts, or a template never shown.
static UNSEEN: Rule = Rule { name: "noscript", about: "text for browsers without scripts, and templates, are left out" };
/// Nested deeper than browsers allow; the tags below were dropped, their text was not.
static DEEP: Rule = Rule { name: "too_deep", about: "marks a page nested deeper than 512 elements; tags below were ignored" };
/// `--title-in-text`
static TITLE_IN_TEXT: Rule = Rule { name: "title_in_text", about: "the title becomes the first line, when asked for" };

static RULES: [&Rule; 14] = [
    &main_content::NAVIGATION,
    &main_content::HIDDEN,
    &main_content::LINK_LIST,
    &main_content::FORM,
    &main_content::ASIDE,
    &main_content::COMMENTS,
    &main_content::FOOTER,
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
            if let (true, Some(title)) = (self.title_in_text, &doc.metadata.title) {
                if !starts_with_line(text, title) {
                    proposal.replace(0..0, format!("{title}\n\n"), &TITLE_IN_TEXT);
                }
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
    fn extract(
        &self,
        text: &str,
        known_title: Option<&str>,
    ) -> (Rewrite, crate::document::Metadata, bool) {
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
