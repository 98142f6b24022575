//! A line that is read as a record keeps every byte but those of its text and of the member put in, and stays JSON.
#![no_main]

use corpus_clean::input::{Options, jsonl};
use corpus_clean::output::splice;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

const TEXT: &str = "\"\\\n\u{1}\u{2028}好";

fn valid(json: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(json).is_ok()
}

fuzz_target!(|line: &[u8]| {
    let options = Options::default();
    let Ok(record) = jsonl::parse(line, &options) else { return };
    assert!(valid(line));
    assert!(valid(record.others().as_bytes()));
    let span = record.text_span.clone();

    let mut kept = Vec::new();
    splice::replace(line, span.clone(), &record.text, &mut kept);
    let again = jsonl::parse(&kept, &options).expect("a record");
    assert_eq!((&again.text, &again.id, &again.url), (&record.text, &record.id, &record.url));

    let key = ["clean", "clean_"].into_iter().find(|key| !record.has(key));
    let Some(key) = key else { return };
    for text in [None, Some(TEXT)] {
        let mut out = Vec::new();
        splice::splice(line, span.clone(), text, key, b"{\"a\":[1]}", &mut out);
        assert!(valid(&out));
        assert!(text.is_none() || !out.contains(&b'\n') || line.contains(&b'\n'));
        let spliced = jsonl::parse(&out, &options).expect("a record");
        assert_eq!(spliced.text, text.unwrap_or(&record.text));
        assert_eq!(spliced.raw(key), Some("{\"a\":[1]}"));
        // All else stands where it stood.
        assert!(out.starts_with(&line[..span.start]));
        if text.is_none() {
            assert!(out.starts_with(&line[..span.end]));
        }
    }
});
