//! What a stage is: it looks at a document and proposes; it never changes one.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{Document, Metadata};
use crate::edit::{Confidence, Edit, Field, Rule};
use crate::lang::triggers::Triggers;

/// One step of the cleaning.
///
/// A stage is pure: no disk, no clock, no network, no other stage. Its options are its fields, given at
/// construction. Everything it wants goes into the [`Proposal`]; the pipeline applies, counts and records.
pub trait Stage: Send + Sync {
    /// The word for it everywhere: module, `--skip`, report, record, fixture folder.
    fn name(&self) -> &'static str;

    /// One sentence with a before and an after, for `--list-stages` and the documentation.
    fn about(&self) -> &'static str;

    /// Every rule the stage can give as a reason.
    fn rules(&self) -> &'static [&'static Rule];

    /// What a text must hold at least one of for the stage to have work.
    fn triggers(&self) -> Triggers {
        Triggers::ANY
    }

    /// The stage after which this one takes a second look, for what that stage may have brought to light.
    fn again_after(&self) -> Option<&'static str> {
        None
    }

    /// Looks at `doc` and writes what should be done into `proposal`.
    fn run(&self, doc: &Document, proposal: &mut Proposal);
}

/// What a stage wants done with a document. All of it is optional.
#[derive(Debug, Default)]
pub struct Proposal {
    /// Changes to the text or the title; any order, but disjoint within a field.
    pub edits: Vec<Edit>,
    /// Findings that change nothing, for the record's `flags`.
    pub flags: Vec<&'static Rule>,
    /// What was learnt about the document; fills what is not known yet.
    pub metadata: Metadata,
    /// Numbers for the user's own thresholds, for the record's `signals`.
    pub signals: Vec<(&'static str, f64)>,
    /// A wholly new text: the html stage alone may do this.
    pub rewrite: Option<Rewrite>,
    /// The stage thinks the document should be set aside; done only where the user asked with `--drop`.
    pub verdict: Option<Verdict>,
}

/// A text made anew from markup, and what of the old one is not in it.
#[derive(Debug)]
pub struct Rewrite {
    pub text: String,
    pub left_out: Vec<LeftOut>,
}

/// A block of readable text that a rewrite left out.
#[derive(Clone, Debug)]
pub struct LeftOut {
    pub rule: &'static Rule,
    pub text: String,
}

/// A reason to set a whole document aside.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub rule: &'static Rule,
    pub detail: String,
}

impl Proposal {
    /// Proposes that the text at `span` go.
    pub fn cut(&mut self, span: Range<usize>, rule: &'static Rule) {
        self.replace(span, "", rule);
    }

    /// Proposes that `with` stand at `span` of the text.
    pub fn replace(&mut self, span: Range<usize>, with: impl Into<Cow<'static, str>>, rule: &'static Rule) {
        self.push(Field::Text, span, with, rule, Confidence::Sure);
    }

    /// As [`Proposal::replace`], but not certain: made under `--bold` only, else marked.
    pub fn maybe(&mut self, span: Range<usize>, with: impl Into<Cow<'static, str>>, rule: &'static Rule) {
        self.push(Field::Text, span, with, rule, Confidence::Likely);
    }

    /// The general form of the three above.
    pub fn push(
        &mut self,
        field: Field,
        span: Range<usize>,
        with: impl Into<Cow<'static, str>>,
        rule: &'static Rule,
        confidence: Confidence,
    ) {
        self.edits.push(Edit { field, span, with: with.into(), rule, confidence, certainty: None });
    }

    /// As [`Proposal::push`] of the text, with the probability that it is right.
    pub fn repair(
        &mut self,
        span: Range<usize>,
        with: impl Into<Cow<'static, str>>,
        rule: &'static Rule,
        confidence: Confidence,
        certainty: f32,
    ) {
        let with = with.into();
        self.edits.push(Edit {
            field: Field::Text,
            span,
            with,
            rule,
            confidence,
            certainty: Some(certainty),
        });
    }

    /// Notes a finding, once.
    pub fn flag(&mut self, rule: &'static Rule) {
        if !self.flags.contains(&rule) {
            self.flags.push(rule);
        }
    }

    /// Notes a number.
    pub fn signal(&mut self, name: &'static str, value: f64) {
        self.signals.push((name, value));
    }
}
