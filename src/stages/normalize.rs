//! Unicode normal form, character width and script, on request only.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Normalize {}

impl Stage for Normalize {
    fn name(&self) -> &'static str {
        "normalize"
    }

    fn about(&self) -> &'static str {
        "Unicode normal form, character width and script, on request only."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
