//! One cleaned document as one line of JSON, or as plain text.
//!
//! A record from a file or a page is made here from the document. A record that came as JSON keeps every byte but
//! the text's value and gets one member at its end.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_64;

use super::splice;
use crate::document::Metadata;
use crate::edit::EditRecord;
use crate::pipeline::{Cleaned, Trail};

/// What the records of a run have in common.
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// Name of the member with our findings.
    pub key: String,
    /// Whether to write every edit, so that it can be shown and undone.
    pub edits: bool,
    /// Hash of the effective configuration.
    pub config: String,
    /// Names of the steps of the chain, which the edits refer to by number; a second round counts on from their end.
    pub chain: Vec<&'static str>,
}

/// The member that says what was done.
#[derive(Serialize)]
struct Findings<'a> {
    version: &'static str,
    config: &'a str,
    raw_bytes: usize,
    /// XXH3 of the raw document: 64 bits in hexadecimal.
    raw_xxh3: String,
    stages: StageSummary<'a>,
    signals: Signals<'a>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    flags: &'a [String],
    /// Of a record that came as JSON: its own members are not ours to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Metadata>,
    /// The steps that the edits refer to by number, modulo their count: a document may go through them again.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'a [&'static str]>,
    /// The step that made the text anew from markup: edits before it cannot be undone from the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    rewritten_at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edits: Option<Edits<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marked: Option<Marked<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<LeftOutBlocks<'a>>,
}

/// Edits and removed characters by stage, in the order of the chain.
struct StageSummary<'a>(&'a Trail);

#[derive(Default, Serialize)]
struct StageCount {
    edits: usize,
    /// Characters that went; what a repair replaced is not counted.
    removed: usize,
}

impl Serialize for StageSummary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut counts: Vec<(&str, StageCount)> = Vec::new();
        for step in &self.0.steps {
            if step.made.is_empty() && step.rewrite.is_none() {
                continue;
            }
            let at = counts.iter().position(|(stage, _)| *stage == step.stage).unwrap_or_else(|| {
                counts.push((step.stage, StageCount::default()));
                counts.len() - 1
            });
            let count = &mut counts[at].1;
            count.edits += step.made.len();
            for record in &step.made {
                count.removed += record.before.chars().count().saturating_sub(record.after.chars().count());
            }
            for block in step.rewrite.iter().flat_map(|rewrite| &rewrite.left_out) {
                count.edits += 1;
                count.removed += block.text.chars().count();
            }
        }
        let mut map = serializer.serialize_map(Some(counts.len()))?;
        for (stage, count) in counts {
            map.serialize_entry(stage, &count)?;
        }
        map.end()
    }
}

struct Signals<'a>(&'a [(&'static str, f64)]);

impl Serialize for Signals<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

struct Edits<'a>(&'a Trail);

impl Serialize for Edits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.edits())
    }
}

struct Marked<'a>(&'a Trail);

impl Serialize for Marked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let marked: Vec<&EditRecord> = self.0.steps.iter().flat_map(|step| &step.marked).collect();
        serializer.collect_seq(marked)
    }
}

struct LeftOutBlocks<'a>(&'a Trail);

#[derive(Serialize)]
struct LeftOutBlock<'a> {
    stage: &'a str,
    rule: &'a str,
    text: &'a str,
}

impl Serialize for LeftOutBlocks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for step in &self.0.steps {
            for block in step.rewrite.iter().flat_map(|rewrite| &rewrite.left_out) {
                let block = LeftOutBlock { stage: step.stage, rule: block.rule.name, text: &block.text };
                seq.serialize_element(&block)?;
            }
        }
        seq.end()
    }
}

impl RecordOptions {
    /// What was found and done, as JSON; `raw` is the document as found. With `own_metadata` what the document says of itself is in it.
    pub fn findings(&self, cleaned: &Cleaned, raw: &[u8], own_metadata: bool) -> Vec<u8> {
        let trail = &cleaned.trail;
        let metadata = &cleaned.document.metadata;
        let any_marked = trail.steps.iter().any(|step| !step.marked.is_empty());
        let any_left_out =
            trail.steps.iter().any(|s| s.rewrite.as_ref().is_some_and(|r| !r.left_out.is_empty()));
        to_json(&Findings {
            version: env!("CARGO_PKG_VERSION"),
            config: &self.config,
            raw_bytes: raw.len(),
            raw_xxh3: format!("{:016x}", xxh3_64(raw)),
            stages: StageSummary(trail),
            signals: Signals(&cleaned.signals),
            flags: &cleaned.flags,
            metadata: (own_metadata && *metadata != Metadata::default()).then_some(metadata),
            chain: self.edits.then_some(&self.chain),
            rewritten_at: trail.steps.iter().rfind(|step| step.rewrite.is_some()).map(|step| step.number),
            edits: self.edits.then_some(Edits(trail)),
            marked: (self.edits && any_marked).then_some(Marked(trail)),
            left_out: (self.edits && any_left_out).then_some(LeftOutBlocks(trail)),
        })
    }

    /// Appends the record of a document that did not come as JSON; `raw` is the document as found.
    pub fn write_document(&self, cleaned: &Cleaned, raw: &[u8], out: &mut Vec<u8>) {
        let document = &cleaned.document;
        out.extend_from_slice(b"{\"id\":");
        splice::write_json_string(&document.id, out);
        out.extend_from_slice(b",\"text\":");
        splice::write_json_string(document.text(), out);
        out.extend_from_slice(b",\"source\":");
        splice::write_json_string(&document.source, out);
        out.extend_from_slice(b",\"metadata\":");
        escape_separators(&to_json(&document.metadata), out);
        out.push(b',');
        splice::write_json_string(&self.key, out);
        out.push(b':');
        escape_separators(&self.findings(cleaned, raw, false), out);
        out.extend_from_slice(b"}\n");
    }

    /// Appends `line`, a JSON record, with its text cleaned and our findings at its end.
    pub fn write_record(&self, cleaned: &Cleaned, line: &[u8], original: &Original<'_>, out: &mut Vec<u8>) {
        let mut member = Vec::new();
        escape_separators(&self.findings(cleaned, original.text.as_bytes(), true), &mut member);
        let text = cleaned.document.text();
        let changed = (text != original.text).then_some(text);
        splice::splice(line, original.span.clone(), changed, original.key, &member, out);
        out.push(b'\n');
    }
}

/// Where the text of a JSON record was, and what it was.
pub struct Original<'a> {
    pub span: std::ops::Range<usize>,
    pub text: &'a str,
    /// Name of the member to add: free in this record.
    pub key: &'a str,
}

/// Our own types always serialise: their keys are strings and their numbers finite.
fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("records have string keys only")
}

/// Appends JSON with U+0085, U+2028 and U+2029 escaped, so that no reader of lines breaks a record.
fn escape_separators(json: &[u8], out: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(json);
    let mut rest: &str = &text;
    while let Some(at) = rest.find(['\u{85}', '\u{2028}', '\u{2029}']) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let mut after = rest[at..].chars();
        if let Some(separator) = after.next() {
            out.extend_from_slice(format!("\\u{:04x}", separator as u32).as_bytes());
        }
        rest = after.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Appends a text alone: with a NUL after it, or on a line of its own with an empty line before it unless it is
/// the first. A NUL in the text would end it for its reader, and is left out.
pub fn write_text(text: &str, first: bool, nul: bool, out: &mut Vec<u8>) {
    if nul {
        out.extend(text.bytes().filter(|byte| *byte != 0));
        out.push(0);
        return;
    }
    if !first {
        out.push(b'\n');
    }
    out.extend_from_slice(text.as_bytes());
    if !text.ends_with('\n') {
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_that_some_readers_take_for_line_breaks_are_escaped() {
        let mut out = Vec::new();
        escape_separators("\"a\u{2028}b\u{85}海\u{2029}\"".as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a\\u2028b\\u0085海\\u2029\"");
    }
}
