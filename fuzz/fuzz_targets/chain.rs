//! Any bytes through everything: no panic, edits that undo, a text that a second run leaves alone, a record that is JSON on one line.
//!
//! The first byte chooses what the document is said to be.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use std::sync::LazyLock;

use corpus_clean::decode::decode;
use corpus_clean::document::Kind;
use corpus_clean::output::record::RecordOptions;
use corpus_clean::pipeline::Pipeline;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static CHAIN: LazyLock<Pipeline> = LazyLock::new(Pipeline::default);

fuzz_target!(|bytes: &[u8]| {
    let Some((first, raw)) = bytes.split_first() else { return };
    let kind = [Kind::Text, Kind::Text, Kind::Html, Kind::Markdown][usize::from(first % 4)];
    let Ok(decoded) = decode(raw, None) else { return };
    let cleaned = match common::check_claims(&CHAIN, kind, &decoded.text) {
        Ok(cleaned) => cleaned,
        Err(why) => panic!("{kind:?} {:?}: {why}", decoded.text),
    };
    let chain = CHAIN.steps().iter().map(|stage| stage.name()).collect();
    let options = RecordOptions { key: "clean".to_owned(), edits: true, config: String::new(), chain };
    let mut record = Vec::new();
    options.write_document(&cleaned, raw, &mut record);
    let line = record.strip_suffix(b"\n").expect("a line");
    let line = std::str::from_utf8(line).expect("UTF-8");
    assert!(!line.contains(['\n', '\u{85}', '\u{2028}', '\u{2029}']));
    let value: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(value["text"], cleaned.document.text());
});
