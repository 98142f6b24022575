//! From an item as framed by the input to a document of text.

use std::sync::Arc;

use corpus_clean::decode;
use corpus_clean::document::{Document, Metadata};
use corpus_clean::input::{self, Form, Item, jsonl};
use corpus_clean::lang::markup;

/// Why an item is not cleaned.
pub struct SetAside {
    /// `input` or `decode`.
    pub stage: &'static str,
    pub rule: &'static str,
    pub detail: String,
}

/// A document, and the JSON record it came in, if it did.
pub struct Loaded<'a> {
    pub document: Document,
    pub record: Option<jsonl::Record<'a>>,
}

/// The id of what has none of its own: the name of its source, and its number there.
pub fn default_id(item: &Item) -> String {
    match item.place {
        0 => item.file.name.to_string(),
        place => format!("{}#{place}", item.file.name),
    }
}

/// Parses or decodes an item; `None` for one that holds no document.
pub fn load<'a>(
    item: &Item,
    bytes: &'a [u8],
    options: &input::Options,
) -> Option<Result<Loaded<'a>, SetAside>> {
    match &item.form {
        Form::Open => None,
        Form::Fault(cause) => {
            Some(Err(SetAside { stage: "input", rule: "unreadable", detail: cause.clone() }))
        }
        Form::Record => Some(load_record(item, bytes, options)),
        Form::Document(kind) => Some(load_document(item, bytes, *kind, options)),
    }
}

fn load_record<'a>(item: &Item, line: &'a [u8], options: &input::Options) -> Result<Loaded<'a>, SetAside> {
    let record = jsonl::parse(line, options).map_err(|detail| SetAside {
        stage: "input",
        rule: "invalid_record",
        detail,
    })?;
    let kind = options.field_kind.unwrap_or_else(|| markup::kind(&record.text));
    let id = record.id.clone().unwrap_or_else(|| default_id(item));
    let mut document = Document::new(id, Arc::clone(&item.file.name), kind, record.text.clone().into_owned());
    document.metadata.url = record.url.clone();
    Ok(Loaded { document, record: Some(record) })
}

fn load_document<'a>(
    item: &Item,
    bytes: &'a [u8],
    kind: Option<corpus_clean::document::Kind>,
    options: &input::Options,
) -> Result<Loaded<'a>, SetAside> {
    let decoded = decode::decode(bytes, options.encoding.as_deref()).map_err(|error| SetAside {
        stage: "decode",
        rule: "binary",
        detail: error.to_string(),
    })?;
    let kind = kind.unwrap_or_else(|| markup::kind(&decoded.text));
    let text = decoded.text;
    let mut document = Document::new(default_id(item), Arc::clone(&item.file.name), kind, text);
    document.metadata = Metadata {
        encoding: Some(decoded.encoding.to_owned()),
        encoding_by: Some(decoded.by.as_str().to_owned()),
        ..Metadata::default()
    };
    Ok(Loaded { document, record: None })
}
