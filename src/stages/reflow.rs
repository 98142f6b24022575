//! Joins paragraphs that were cut in mid-sentence.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Reflow {}

impl Stage for Reflow {
    fn name(&self) -> &'static str {
        "reflow"
    }

    fn about(&self) -> &'static str {
        "Joins paragraphs that were cut in mid-sentence."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
