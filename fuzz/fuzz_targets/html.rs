//! A page: no panic, the same text each time, and no empty record of what was left out.
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
    for step in &cleaned.trail.steps {
        for block in step.rewrite.iter().flat_map(|rewrite| &rewrite.left_out) {
            assert!(!block.text.is_empty(), "{}", block.rule.name);
        }
    }
    let again = pipeline.clean(common::document(Kind::Html, page)).expect("no stage to fail");
    assert_eq!(again.document.text(), cleaned.document.text());
});
