//! Repairs doubled single quotes that stand for quotation marks.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Quotes {}

impl Stage for Quotes {
    fn name(&self) -> &'static str {
        "quotes"
    }

    fn about(&self) -> &'static str {
        "Repairs doubled single quotes that stand for quotation marks."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }

    fn run(&self, _doc: &Document, _proposal: &mut Proposal) {}
}
