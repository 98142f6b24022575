//! `clean explain FILE [RECORD]`: what each stage does to one document, edit by edit, with rule, reason and confidence.

mod text;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use corpus_clean::document::{Document, Metadata};
use corpus_clean::edit::{Confidence, EditRecord, Field, undo};
use corpus_clean::input::{Form, Reader};
use corpus_clean::pipeline::{Cleaned, Pipeline, Step};
use corpus_clean::stage::Stage;
use corpus_clean::stages;
use serde::Serialize;
use serde_json::{Map, Value};

use super::load::{self, Found};
use super::page::{self, Page};
use super::{ChainArgs, Color, Exit, InputArgs, run};

#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// File to explain; `-` is standard input
    pub file: PathBuf,
    /// Which document of it: number from 1, or id
    pub record: Option<String>,
    /// Show what these stages do and leave out the others, which run all the same (comma-separated)
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = PossibleValuesParser::new(stages::NAMES), hide_possible_values = true)]
    pub stage: Vec<String>,
    /// Characters shown on each side of an edit [default: what a line holds]
    #[arg(long, value_name = "N")]
    pub context: Option<usize>,
    /// As what: a coloured diff, one JSON object, or a page for a browser
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten, next_help_heading = "Cleaning")]
    pub chain: ChainArgs,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

/// How an explanation is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
    Html,
}

/// Characters on each side of an edit where the user does not say: more than a line of a terminal has room for.
const CONTEXT: usize = 80;

/// Runs the command.
///
/// # Errors
/// When there is no such document, or it cannot be read.
pub fn explain(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let pipeline = run::pipeline(&args.chain)?.context(args.context.unwrap_or(CONTEXT));
    let document = find(args)?;
    let raw = document.text().to_owned();
    let cleaned = pipeline.clean(document)?;
    let explanation = Explanation::new(&cleaned, &raw, &pipeline, &args.stage)?;
    match args.format {
        Format::Text => text::write(&explanation, args.context.is_some(), &mut anstream::stdout().lock())?,
        Format::Json => {
            let mut out = io::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &explanation)?;
            out.write_all(b"\n")?;
        }
        Format::Html => {
            let data = serde_json::to_string(&explanation)?;
            let page = Page { title: &explanation.id, data: &data, script: page::EXPLAIN };
            io::stdout().lock().write_all(page.to_html().as_bytes())?;
        }
    }
    Ok(Exit::Success)
}

/// The document that the arguments name.
fn find(args: &ExplainArgs) -> anyhow::Result<Document> {
    let reader = Reader::new(vec![args.file.clone()], &args.input.options, vec![])?;
    let name = args.file.display();
    let mut number = 0;
    for batch in reader {
        for item in batch.items.iter().filter(|item| !matches!(item.form, Form::Open)) {
            let bytes = batch.bytes.get(item.span.clone()).unwrap_or_default();
            let (id, loaded) = match load::load(item, bytes, &args.input.options) {
                Found::Nothing(_) => continue,
                Found::Document(loaded) => (loaded.document.id.clone(), Ok(loaded)),
                Found::SetAside(why) => (load::default_id(item), Err(why)),
            };
            number += 1;
            if args.record.as_ref().is_none_or(|record| *record == number.to_string() || *record == id) {
                return match loaded {
                    Ok(loaded) => Ok(loaded.document),
                    Err(why) => bail!("{id}: {}: {}", why.rule.replace('_', " "), why.detail),
                };
            }
        }
    }
    match &args.record {
        Some(record) => {
            bail!("{name}: no document {record} among {number}; a number from 1 or an id is expected")
        }
        None => bail!("{name}: no document in it"),
    }
}

/// All that is shown of a document.
#[derive(Serialize)]
struct Explanation<'a> {
    id: String,
    raw_chars: usize,
    chars: usize,
    /// Some of the stages are shown only.
    #[serde(skip)]
    chosen: bool,
    steps: Vec<StepView<'a>>,
    flags: Vec<FlagView<'a>>,
    /// The verdict for which it is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<FlagView<'a>>,
    signals: Map<String, Value>,
    metadata: &'a Metadata,
    text: &'a str,
}

/// What one stage did in one look.
#[derive(Serialize)]
struct StepView<'a> {
    stage: &'a str,
    about: &'a str,
    /// From 1: a stage looks again when others have changed the text.
    round: usize,
    chars_before: usize,
    chars_after: usize,
    edits: Vec<EditView<'a>>,
    left_out: Vec<LeftOutView<'a>>,
    /// The text was made anew from markup.
    rewritten: bool,
}

#[derive(Serialize)]
struct EditView<'a> {
    stage: &'a str,
    rule: &'a str,
    reason: &'a str,
    confidence: Confidence,
    certainty: Option<f32>,
    /// False: not certain, so only marked.
    made: bool,
    field: Field,
    /// From 1, in the text that the stage saw.
    line: usize,
    /// Characters from 1.
    column: usize,
    start: usize,
    end: usize,
    left: &'a str,
    before: &'a str,
    after: &'a str,
    right: &'a str,
}

#[derive(Serialize)]
struct LeftOutView<'a> {
    rule: &'a str,
    reason: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct FlagView<'a> {
    flag: Cow<'a, str>,
    reason: Cow<'a, str>,
}

/// The sentence of a rule.
fn reason<'a>(stages: &'a [std::sync::Arc<dyn Stage>], stage: &str, rule: &str) -> &'a str {
    let mut rules = stages.iter().filter(|s| s.name() == stage).flat_map(|s| s.rules());
    rules.find(|known| known.name == rule).map_or("", |rule| rule.about)
}

impl<'a> Explanation<'a> {
    fn new(cleaned: &'a Cleaned, raw: &str, pipeline: &'a Pipeline, only: &[String]) -> anyhow::Result<Self> {
        let stages = pipeline.steps();
        let texts = texts(cleaned, raw).context("internal error: the edits do not fit the text")?;
        let mut steps = Vec::new();
        for (at, step) in cleaned.trail.steps.iter().enumerate() {
            if only.is_empty() || only.iter().any(|name| name == step.stage) {
                let after = texts.get(at + 1).map_or(cleaned.chars, |text| text.chars().count());
                steps.push(StepView::new(step, texts.get(at).map_or("", String::as_str), after, stages));
            }
        }
        let flag = |flag: &'a str| {
            let (stage, rule) = flag.split_once(':').unwrap_or((flag, ""));
            FlagView { flag: flag.into(), reason: reason(stages, stage, rule).into() }
        };
        Ok(Self {
            id: cleaned.document.id.clone(),
            raw_chars: cleaned.raw_chars,
            chars: cleaned.chars,
            chosen: !only.is_empty(),
            steps,
            flags: cleaned.flags.iter().map(|name| flag(name)).collect(),
            dropped: cleaned.dropped.as_ref().map(|(stage, verdict)| FlagView {
                flag: format!("{stage}:{}", verdict.rule.name).into(),
                reason: verdict.detail.as_str().into(),
            }),
            signals: cleaned
                .signals
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).into()))
                .collect(),
            metadata: &cleaned.document.metadata,
            text: cleaned.document.text(),
        })
    }
}

impl<'a> StepView<'a> {
    fn new(step: &'a Step, text: &str, chars_after: usize, stages: &'a [std::sync::Arc<dyn Stage>]) -> Self {
        let about = stages.iter().find(|stage| stage.name() == step.stage).map_or("", |stage| stage.about());
        let why = |rule: &str| reason(stages, step.stage, rule);
        let left_out = step.rewrite.iter().flat_map(|rewrite| &rewrite.left_out);
        let mut places = Places::new(text);
        let all = step.made.iter().map(|record| (record, true)).chain(step.marked.iter().map(|r| (r, false)));
        let mut edits: Vec<(&EditRecord, bool)> = all.collect();
        edits.sort_by_key(|(record, _)| (record.field, record.start));
        Self {
            stage: step.stage,
            about,
            round: 1 + step.number / stages.len().max(1),
            chars_before: text.chars().count(),
            chars_after,
            edits: edits
                .into_iter()
                .map(|(record, made)| {
                    let (line, column) = match record.field {
                        Field::Text => places.of(record.start),
                        Field::Title => (0, 0),
                    };
                    let context = record.context.as_ref();
                    EditView {
                        stage: step.stage,
                        rule: &record.rule,
                        reason: why(&record.rule),
                        confidence: record.confidence,
                        certainty: record.certainty,
                        made,
                        field: record.field,
                        line,
                        column,
                        start: record.start,
                        end: record.end,
                        left: context.map_or("", |context| &context.before),
                        before: &record.before,
                        after: &record.after,
                        right: context.map_or("", |context| &context.after),
                    }
                })
                .collect(),
            left_out: left_out
                .map(|block| LeftOutView {
                    rule: block.rule.name,
                    reason: block.rule.about,
                    text: &block.text,
                })
                .collect(),
            rewritten: step.rewrite.is_some(),
        }
    }
}

/// Lines and columns of rising places in a text, in one pass.
struct Places<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, column: 1 }
    }

    fn of(&mut self, at: usize) -> (usize, usize) {
        for c in self.text.get(self.at..at).unwrap_or_default().chars() {
            (self.line, self.column) =
                if c == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.at = at.max(self.at);
        (self.line, self.column)
    }
}

/// The text that each step saw: forward from the raw one to where it was made anew, else back from the last one.
fn texts(cleaned: &Cleaned, raw: &str) -> Option<Vec<String>> {
    let steps = &cleaned.trail.steps;
    let of_text = |step: &'_ Step| -> Vec<EditRecord> {
        step.made.iter().filter(|record| record.field == Field::Text).cloned().collect()
    };
    let rewritten = steps.iter().rposition(|step| step.rewrite.is_some());
    let mut texts = Vec::with_capacity(steps.len());
    let mut text = raw.to_owned();
    for step in &steps[..rewritten.map_or(0, |at| at + 1)] {
        texts.push(text.clone());
        for record in of_text(step).iter().rev() {
            text.get(record.start..record.end)?;
            text.replace_range(record.start..record.end, &record.after);
        }
    }
    let mut back = Vec::new();
    let mut text = cleaned.document.text().to_owned();
    for step in steps[texts.len()..].iter().rev() {
        text = undo(&text, &of_text(step)).ok()?;
        back.push(text.clone());
    }
    back.reverse();
    texts.extend(back);
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_the_text_it_saw() {
        let raw = "<!DOCTYPE html><p>社區(qū)來(lái)了。  \u{8}</p><p>二&amp;amp;三</p>";
        let document = || {
            let kind = corpus_clean::document::Kind::Html;
            Document::new("a".to_owned(), std::sync::Arc::from("a"), kind, raw.to_owned())
        };
        let pipeline = Pipeline::default();
        let cleaned = pipeline.clean(document()).unwrap();
        let texts = texts(&cleaned, raw).unwrap();
        assert_eq!(texts.len(), cleaned.trail.steps.len());
        assert!(texts.len() > 2);
        for (step, text) in cleaned.trail.steps.iter().zip(&texts) {
            for record in step.made.iter().filter(|record| record.field == Field::Text) {
                assert_eq!(&text[record.start..record.end], record.before);
            }
        }
    }

    #[test]
    fn places_are_lines_and_characters() {
        let mut places = Places::new("一\n二三\n");
        assert_eq!([0, 3, 4, 7, 11].map(|at| places.of(at)), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]);
    }
}
