//! A file that begins with front matter, or seems to: what is taken out can be put back, and a second run takes nothing more.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use corpus_clean::document::Kind;
use corpus_clean::pipeline::Pipeline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let pipeline = Pipeline::new(common::chain_up_to("front_matter"));
    for kind in [Kind::Markdown, Kind::Html, Kind::Text] {
        for fence in ["", "---\n", "+++\n"] {
            let text = format!("{fence}{text}");
            if let Err(why) = common::check_claims(&pipeline, kind, &text) {
                panic!("{kind:?} {text:?}: {why}");
            }
        }
    }
});
