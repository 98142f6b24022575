//! A page: it becomes text without markup of its own, and the promises hold for what comes after.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use corpus_clean::document::Kind;
use corpus_clean::pipeline::Pipeline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(page) = std::str::from_utf8(bytes) else { return };
    let pipeline = Pipeline::new(common::chain_up_to("html"));
    let cleaned = pipeline.clean(common::document(Kind::Html, page)).expect("no stage to fail");
    // What was left out is told, and is text as well.
    for step in &cleaned.trail.steps {
        for block in step.rewrite.iter().flat_map(|rewrite| &rewrite.left_out) {
            assert!(!block.rule.name.is_empty());
        }
    }
    let again = pipeline.clean(common::document(Kind::Html, page)).expect("no stage to fail");
    assert_eq!(again.document.text(), cleaned.document.text());
});
