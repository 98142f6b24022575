//! The one kind of change there is: at this span, for this reason, this instead of that.
//!
//! Stages propose [`Edit`]s, [`apply`] makes them, an [`EditRecord`] keeps what was there before, and
//! [`undo`] puts it back. Spans are byte offsets into the text the stage saw.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The reason for an edit or a flag, named after what it finds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Unique within its stage; appears in records, reports and `--drop`.
    pub name: &'static str,
    /// One sentence: what it finds and what becomes of it.
    pub about: &'static str,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// How sure a stage is of an edit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Right in at least 99.9 % of cases on held-out text: made by default.
    #[default]
    Sure,
    /// More likely right than wrong: made under `--bold`, else only marked.
    Likely,
}

/// Which text of the document an edit is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    #[default]
    Text,
    Title,
}

/// One proposed change.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub field: Field,
    /// Bytes of the field's text as the stage saw it; both ends on character boundaries.
    pub span: Range<usize>,
    /// What stands there afterwards; empty for a removal.
    pub with: Cow<'static, str>,
    pub rule: &'static Rule,
    pub confidence: Confidence,
    /// The probability that it is right, from 0 to 1, where the stage computes one.
    pub certainty: Option<f32>,
}

/// One change as made, complete enough to be undone, shown and counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditRecord {
    pub stage: Cow<'static, str>,
    pub rule: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "is_text")]
    pub field: Field,
    /// Byte offsets in the text before the stage ran.
    pub start: usize,
    pub end: usize,
    pub before: String,
    pub after: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "is_sure")]
    pub confidence: Confidence,
    /// The probability that it is right, from 0 to 1, where the stage computes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<f32>,
    /// Place of the step in the chain, plus the length of the chain for each round before: no two steps have the same.
    #[serde(default)]
    pub step: usize,
    /// What stood around it, for those who show edits; not written.
    #[serde(skip)]
    pub context: Option<Context>,
}

/// The text before and after an edit, as the stage saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub before: String,
    pub after: String,
}

impl Context {
    /// Up to `chars` characters on each side of `span`.
    pub fn around(text: &str, span: Range<usize>, chars: usize) -> Self {
        let head = &text[..span.start];
        let from = head.char_indices().rev().take(chars).last().map_or(span.start, |(at, _)| at);
        let before = head[from..].to_owned();
        Self { before, after: text[span.end..].chars().take(chars).collect() }
    }
}

fn is_text(field: &Field) -> bool {
    *field == Field::Text
}

fn is_sure(confidence: &Confidence) -> bool {
    *confidence == Confidence::Sure
}

impl EditRecord {
    /// The record of `edit` to `text`, which must lie on character boundaries of it.
    pub fn new(stage: &'static str, edit: &Edit, text: &str) -> Self {
        Self {
            stage: Cow::Borrowed(stage),
            rule: Cow::Borrowed(edit.rule.name),
            field: edit.field,
            start: edit.span.start,
            end: edit.span.end,
            before: text[edit.span.clone()].to_owned(),
            after: edit.with.clone(),
            confidence: edit.confidence,
            certainty: edit.certainty,
            step: 0,
            context: None,
        }
    }
}

/// Why a list of edits cannot be applied or undone. Always a bug of a stage or a damaged record, never of the text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Conflict {
    #[error("edit at bytes {0}..{1} starts before the previous one ends at {2}")]
    Overlap(usize, usize, usize),
    #[error("edit at bytes {0}..{1} does not lie on character boundaries of a text of {2} bytes")]
    Boundary(usize, usize, usize),
    #[error("expected {expected:?} at byte {at}, found something else")]
    Mismatch { at: usize, expected: String },
}

/// `text` with `edits` made.
///
/// # Errors
/// The edits must be sorted by span, disjoint, and on character boundaries.
pub fn apply<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> Result<String, Conflict> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let Range { start, end } = edit.span;
        if start < done {
            return Err(Conflict::Overlap(start, end, done));
        }
        // `get` is None for a span that is reversed, out of bounds or inside a character.
        if text.get(start..end).is_none() {
            return Err(Conflict::Boundary(start, end, text.len()));
        }
        let Some(kept) = text.get(done..start) else {
            return Err(Conflict::Boundary(start, end, text.len()));
        };
        out.push_str(kept);
        out.push_str(&edit.with);
        done = end;
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// The text before `records` were made, from the text after: the inverse of [`apply`].
///
/// # Errors
/// The records must be those of one stage and one field, in order, and `text` what that stage left.
pub fn undo<'r>(text: &str, records: impl IntoIterator<Item = &'r EditRecord>) -> Result<String, Conflict> {
    let mut out = String::with_capacity(text.len());
    let mut read = 0;
    for record in records {
        if record.start < out.len() {
            return Err(Conflict::Overlap(record.start, record.end, out.len()));
        }
        let here = read + (record.start - out.len());
        let mismatch = || Conflict::Mismatch { at: here, expected: record.after.to_string() };
        let kept = text.get(read..here).ok_or_else(mismatch)?;
        let rest = text.get(here..).ok_or_else(mismatch)?;
        if !rest.starts_with(record.after.as_ref()) {
            return Err(mismatch());
        }
        out.push_str(kept);
        out.push_str(&record.before);
        read = here + record.after.len();
    }
    out.push_str(text.get(read..).ok_or(Conflict::Boundary(read, read, text.len()))?);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { name: "test", about: "" };

    fn edit(span: Range<usize>, with: &'static str) -> Edit {
        Edit {
            field: Field::Text,
            span,
            with: Cow::Borrowed(with),
            rule: &RULE,
            confidence: Confidence::Sure,
            certainty: None,
        }
    }

    #[test]
    fn undo_restores_what_apply_changed() {
        let text = "海口?市一家";
        let edits = [edit(0..3, "上"), edit(6..7, ""), edit(10..10, "的")];
        let after = apply(text, &edits).unwrap();
        assert_eq!(after, "上口市的一家");
        let records: Vec<_> = edits.iter().map(|e| EditRecord::new("t", e, text)).collect();
        assert_eq!(undo(&after, &records).unwrap(), text);
    }

    #[test]
    fn edits_of_a_broken_stage_are_refused() {
        assert_eq!(apply("abc", &[edit(1..2, ""), edit(0..1, "")]), Err(Conflict::Overlap(0, 1, 2)));
        assert_eq!(apply("海", &[edit(0..1, "")]), Err(Conflict::Boundary(0, 1, 3)));
        assert_eq!(apply("abc", &[edit(2..9, "")]), Err(Conflict::Boundary(2, 9, 3)));
    }

    #[test]
    fn records_of_another_text_are_refused() {
        let record = EditRecord::new("t", &edit(0..1, "x"), "abc");
        assert!(undo("abc", &[record]).is_err());
    }
}
