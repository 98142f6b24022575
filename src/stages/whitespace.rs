//! Trims line ends and makes one empty line of many: `text  \n\n\n\nmore` → `text\n\nmore`.

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Whitespace {}

static TRAILING: Rule = Rule { name: "trailing", about: "white space at the end of a line goes" };
static RULES: [&Rule; 1] = [&TRAILING];

impl Stage for Whitespace {
    fn name(&self) -> &'static str {
        "whitespace"
    }

    fn about(&self) -> &'static str {
        "Trims line ends and makes one empty line of many."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        for line in doc.lines() {
            let text = doc.line(line);
            let kept = text.trim_end().len();
            if kept < text.len() {
                proposal.cut(line.start + kept..line.end, &TRAILING);
            }
        }
    }
}
