//! Removes pinyin that a converter inserted after a character.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Pinyin {}

impl Stage for Pinyin {
    fn name(&self) -> &'static str {
        "pinyin"
    }

    fn about(&self) -> &'static str {
        "Removes pinyin that a converter inserted after a character."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
