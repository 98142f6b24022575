//! Tells language, script and the signals of the text.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Language {}

impl Stage for Language {
    fn name(&self) -> &'static str {
        "language"
    }

    fn about(&self) -> &'static str {
        "Tells language, script and the signals of the text."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
