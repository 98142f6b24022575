//! What flows through the pipeline: a [`Raw`] document as it was found, then a [`Document`] of text.
//!
//! After [`crate::decode`] nobody sees bytes, and after the last stage nobody sees a document again: the
//! output gets [`crate::pipeline::Cleaned`].

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::edit::{Edit, Field};
use crate::lang::lines::{self, Line};
use crate::lang::triggers::Triggers;

/// What a document is written in, as far as cleaning is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Plain text: every character is meant to be read.
    Text,
    /// Text under a front matter block; the body may be Markdown or a piece of HTML.
    Markdown,
    /// A page or a piece of one: tags are markup, not text.
    Html,
}

/// One document as found, before anything is known of its characters.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Stable name of the document: a path, or a path and a record number, or the record's own id.
    pub id: String,
    /// Where it was found: path, URL, or `-` for standard input.
    pub source: Arc<str>,
    /// Line or record number within the source, from 1; 0 when the source is one document.
    pub place: u64,
    /// What the user or the container said it is; `None`: recognise it from the content.
    pub kind: Option<Kind>,
    /// The content, undecoded.
    pub bytes: Vec<u8>,
    /// What the container knows of it (a WARC header, a JSON member).
    pub metadata: Metadata,
}

/// What is known about a document besides its text; the names are trafilatura's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// ISO 8601; with a zone only when the document gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sitename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// ISO 639-1 where there is one, else 639-3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 15924: `Hans`, `Hant`, `Latn`, `Cyrl`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// WHATWG name of the encoding the bytes were in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// A second encoding, in which some of its lines were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding_also: Option<String>,
    /// What decided the encoding: `bom`, `utf8`, `declared`, `model`, `mixed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding_by: Option<String>,
    /// How likely that encoding is against the next best, where one was chosen: 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding_confidence: Option<f64>,
    /// Whatever else the document said of itself, by its own names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

impl Metadata {
    /// Takes over from `other` what is not known yet: who speaks first is believed.
    pub fn fill(&mut self, other: Metadata) {
        fn fill<T>(mine: &mut Option<T>, theirs: Option<T>) {
            if mine.is_none() {
                *mine = theirs;
            }
        }
        fill(&mut self.title, other.title);
        fill(&mut self.author, other.author);
        fill(&mut self.date, other.date);
        fill(&mut self.sitename, other.sitename);
        fill(&mut self.url, other.url);
        fill(&mut self.description, other.description);
        fill(&mut self.language, other.language);
        fill(&mut self.script, other.script);
        fill(&mut self.encoding, other.encoding);
        fill(&mut self.encoding_also, other.encoding_also);
        fill(&mut self.encoding_by, other.encoding_by);
        fill(&mut self.encoding_confidence, other.encoding_confidence);
        if self.categories.is_empty() {
            self.categories = other.categories;
        }
        if self.tags.is_empty() {
            self.tags = other.tags;
        }
        for (name, value) in other.extra {
            self.extra.entry(name).or_insert(value);
        }
    }
}

/// A decoded document on its way through the stages.
///
/// The text can only be changed by the pipeline, so that what is derived from it ([`Document::triggers`],
/// [`Document::lines`]) is always of this text.
#[derive(Clone, Debug)]
pub struct Document {
    pub id: String,
    pub source: Arc<str>,
    pub kind: Kind,
    pub metadata: Metadata,
    text: String,
    triggers: OnceCell<Triggers>,
    lines: OnceCell<Vec<Line>>,
}

impl Document {
    pub fn new(id: impl Into<String>, source: Arc<str>, kind: Kind, text: String) -> Self {
        Self {
            id: id.into(),
            source,
            kind,
            metadata: Metadata::default(),
            text,
            triggers: OnceCell::new(),
            lines: OnceCell::new(),
        }
    }

    /// A plain text document with no history, for tests and for callers who have just a string.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self::new("-", Arc::from("-"), Kind::Text, text.into())
    }

    /// The same document with another text.
    pub(crate) fn with_text(&self, text: &str) -> Self {
        let mut other = Self::new(self.id.clone(), Arc::clone(&self.source), self.kind, text.to_owned());
        other.metadata = self.metadata.clone();
        other
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn into_text(self) -> String {
        self.text
    }

    /// The text that edits of this field refer to; a missing title is the empty string.
    pub fn field(&self, field: Field) -> &str {
        match field {
            Field::Text => &self.text,
            Field::Title => self.metadata.title.as_deref().unwrap_or_default(),
        }
    }

    /// Which kinds of characters the text holds: scanned once, asked by every stage.
    pub fn triggers(&self) -> Triggers {
        *self.triggers.get_or_init(|| Triggers::scan(&self.text))
    }

    /// The lines of the text with their character counts: counted once, read by every stage that looks at lines.
    pub fn lines(&self) -> &[Line] {
        self.lines.get_or_init(|| lines::count(&self.text))
    }

    /// The text of a line, without its line break.
    pub fn line(&self, line: &Line) -> &str {
        &self.text[line.span()]
    }

    /// The part of the text at `span`.
    pub fn at(&self, span: Range<usize>) -> &str {
        &self.text[span]
    }

    /// Takes over what the text became by these edits.
    pub(crate) fn edited<'e>(&mut self, field: Field, edits: impl Iterator<Item = &'e Edit>, text: String) {
        let spans = edits.map(|edit| (edit.span.clone(), edit.with.len()));
        let lines = (self.lines.get().filter(|_| field == Field::Text))
            .map(|lines| lines::recount(lines, spans, &text));
        self.set_field(field, text);
        if let Some(lines) = lines {
            self.lines = OnceCell::from(lines);
        }
    }

    pub(crate) fn set_field(&mut self, field: Field, text: String) {
        match field {
            Field::Text => {
                self.text = text;
                self.triggers = OnceCell::new();
                self.lines = OnceCell::new();
            }
            Field::Title => self.metadata.title = (!text.is_empty()).then_some(text),
        }
    }
}
