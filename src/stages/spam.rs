//! Cuts blocks of keywords and links that were planted around a text.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Spam {}

impl Stage for Spam {
    fn name(&self) -> &'static str {
        "spam"
    }

    fn about(&self) -> &'static str {
        "Cuts blocks of keywords and links that were planted around a text."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
