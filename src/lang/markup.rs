//! Tells a page from text that merely has a few tags in it.

use crate::document::Kind;

/// What `text` is written in, from its content alone.
pub fn kind(text: &str) -> Kind {
    let head = text.trim_start_matches('\u{FEFF}').trim_start();
    if head.starts_with("---\n") {
        Kind::Markdown
    } else if is_page(head) {
        Kind::Html
    } else {
        Kind::Text
    }
}

/// Whether `text` is a page or a piece of one, so that its tags are markup and not text.
pub fn is_page(text: &str) -> bool {
    let head = text.trim_start();
    head.get(..15).is_some_and(|h| h.eq_ignore_ascii_case("<!doctype html>")) || head.starts_with("<html")
}
