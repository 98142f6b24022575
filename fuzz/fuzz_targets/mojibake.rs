//! Text in any state: repairs of misread text can be taken back, and are made once.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use std::sync::LazyLock;

use corpus_clean::document::Kind;
use corpus_clean::pipeline::Pipeline;
use libfuzzer_sys::fuzz_target;

static STAGE: LazyLock<Pipeline> = LazyLock::new(|| Pipeline::new(common::stage("mojibake").into_iter().collect()));

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(why) = common::check_claims(&STAGE, Kind::Text, text) {
        panic!("{text:?}: {why}");
    }
});
