//! Moves a front matter block into the metadata.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct FrontMatter {}

impl Stage for FrontMatter {
    fn name(&self) -> &'static str {
        "front_matter"
    }

    fn about(&self) -> &'static str {
        "Moves a front matter block into the metadata."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
