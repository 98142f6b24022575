//! From an item as framed by the input to a document of text.

use std::sync::Arc;

use corpus_clean::decode::{self, By, Undecodable};
use corpus_clean::document::{Document, Kind, Metadata};
use corpus_clean::input::{self, Form, Item, jsonl, warc};
use corpus_clean::lang::markup;

use super::run::NO_TEXT;

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

/// The id of what has none of its own: the name of its source, its number there, and the part of it.
pub fn default_id(item: &Item) -> String {
    match item.part {
        0 => whole_id(item),
        part => format!("{}#part-{part}", whole_id(item)),
    }
}

/// The id of what an item is, or is a part of.
fn whole_id(item: &Item) -> String {
    match item.place {
        0 => item.file.name.to_string(),
        place => format!("{}#{place}", item.file.name),
    }
}

/// What an item is.
pub enum Found<'a> {
    Document(Box<Loaded<'a>>),
    SetAside(SetAside),
    /// It holds no document, and nothing is wrong with that; the name of why not, where it is to be counted.
    Nothing(Option<&'static str>),
}

/// Parses or decodes an item.
pub fn load<'a>(item: &Item, bytes: &'a [u8], options: &input::Options) -> Found<'a> {
    let loaded = match &item.form {
        Form::Open => return Found::Nothing(None),
        Form::Fault(cause) => Err(SetAside { stage: "input", rule: "unreadable", detail: cause.clone() }),
        Form::TooLarge(cause) => Err(SetAside { stage: "input", rule: "too_large", detail: cause.clone() }),
        Form::Record => load_record(item, bytes, options.text_field.as_deref(), options),
        Form::Row(column) => load_record(item, bytes, Some(column), options),
        Form::Archived => match warc::parse(bytes, options.max_document()) {
            warc::Record::Page(page) => load_page(item, page, options),
            warc::Record::Skipped(why) => return Found::Nothing(Some(why)),
            warc::Record::Broken(detail) => Err(SetAside { stage: "input", rule: "invalid_record", detail }),
        },
        // An input without a byte holds no document; an empty line under `--lines` is one.
        Form::Document(_) if bytes.is_empty() && item.place == 0 => return Found::Nothing(None),
        Form::Document(kind) => load_document(item, bytes, *kind, options.encoding.as_deref())
            .map(|document| Loaded { document, record: None }),
    };
    let loaded = loaded.and_then(|loaded| bounded(loaded, options));
    loaded.map_or_else(Found::SetAside, |loaded| Found::Document(Box::new(loaded)))
}

/// Refuses a document that is small enough to be read and would still fill the memory.
fn bounded<'a>(loaded: Loaded<'a>, options: &input::Options) -> Result<Loaded<'a>, SetAside> {
    let text = loaded.document.text();
    if text.len() <= options.max_weight() / input::HEAVIEST
        || input::weight(text.as_bytes()) <= options.max_weight()
    {
        return Ok(loaded);
    }
    let detail = format!(
        "{} bytes with so many lines, tags or references that it would take more memory than a document of --max-document ({}) may",
        text.len(),
        options.max_document()
    );
    Err(SetAside { stage: "input", rule: "too_large", detail })
}

/// A page of an archive, with what the archive and the server said of it.
fn load_page<'a>(
    item: &Item,
    page: warc::Page<'_>,
    options: &input::Options,
) -> Result<Loaded<'a>, SetAside> {
    let told = options.encoding.as_deref().or(page.charset.as_deref());
    let mut document = load_document(item, &page.body, page.kind, told)?;
    if let Some(id) = page.id {
        document.id = id;
    }
    document.metadata.url = page.url;
    let extra = [("warc_date", page.date), ("http_charset", page.charset)];
    document
        .metadata
        .extra
        .extend(extra.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Ok(Loaded { document, record: None })
}

fn load_record<'a>(
    item: &Item,
    line: &'a [u8],
    text_field: Option<&str>,
    options: &input::Options,
) -> Result<Loaded<'a>, SetAside> {
    let record = jsonl::parse_field(line, text_field, options.id_field.as_deref());
    let record = record.map_err(|detail| SetAside { stage: "input", rule: "invalid_record", detail })?;
    let kind = options.field_kind.unwrap_or_else(|| markup::kind(&record.text));
    let id = record.id.clone().unwrap_or_else(|| default_id(item));
    let mut document = Document::new(id, Arc::clone(&item.file.name), kind, record.text.clone().into_owned());
    document.metadata.url = record.url.clone();
    Ok(Loaded { document, record: Some(record) })
}

fn load_document(
    item: &Item,
    bytes: &[u8],
    kind: Option<Kind>,
    told: Option<&str>,
) -> Result<Document, SetAside> {
    let decoded = decode::decode(bytes, told).map_err(|error| SetAside {
        stage: "decode",
        rule: match error {
            Undecodable::Binary { .. } => NO_TEXT,
            Undecodable::Unsupported { .. } => "unsupported_encoding",
        },
        detail: error.to_string(),
    })?;
    // To be sure is the rule, and not worth a word.
    let doubt = matches!(decoded.by, By::Declared | By::Model | By::Mixed);
    let kind = kind.unwrap_or_else(|| markup::kind(&decoded.text));
    let text = decoded.text;
    let mut document = Document::new(default_id(item), Arc::clone(&item.file.name), kind, text);
    document.metadata = Metadata {
        encoding: Some(decoded.encoding.to_owned()),
        encoding_also: decoded.also.map(ToOwned::to_owned),
        encoding_by: Some(decoded.by.as_str().to_owned()),
        encoding_confidence: doubt.then(|| (f64::from(decoded.confidence) * 1000.0).floor() / 1000.0),
        ..Metadata::default()
    };
    if item.part > 0 {
        let of = [("part", item.part.to_string()), ("part_of", whole_id(item))];
        document.metadata.extra.extend(of.map(|(name, value)| (name.to_owned(), value)));
    }
    Ok(document)
}
