//! `clean explain FILE [RECORD]`: what each stage does to one document, as a coloured diff with rule and reason.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use anyhow::bail;
use clap::Args;
use corpus_clean::edit::EditRecord;
use corpus_clean::input::{Form, Reader};
use corpus_clean::pipeline::{Cleaned, Pipeline, Step};
use corpus_clean::stage::Stage;

use super::load::{self, Found};
use super::{ChainArgs, Color, Exit, InputArgs, run};

#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// File to explain; `-` is standard input
    pub file: PathBuf,
    /// Which document of it: number from 1, or id
    pub record: Option<String>,
    /// Characters shown on each side of an edit
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub context: usize,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten, next_help_heading = "Cleaning")]
    pub chain: ChainArgs,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const MARKED: Style = AnsiColor::Yellow.on_default();
const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Runs the command.
///
/// # Errors
/// When there is no such document, or it cannot be read.
pub fn explain(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let pipeline = run::pipeline(&args.chain)?.context(args.context);
    let reader = Reader::new(vec![args.file.clone()], &args.input.options, vec![])?;
    let mut number = 0;
    for batch in reader {
        for item in &batch.items {
            if matches!(item.form, Form::Open) {
                continue;
            }
            let bytes = batch.bytes.get(item.span.clone()).unwrap_or_default();
            let (id, loaded) = match load::load(item, bytes, &args.input.options) {
                Found::Nothing(_) => continue,
                Found::Document(loaded) => (loaded.document.id.clone(), Ok(loaded)),
                Found::SetAside(why) => (load::default_id(item), Err(why)),
            };
            number += 1;
            let wanted =
                args.record.as_ref().is_none_or(|record| *record == number.to_string() || *record == id);
            if !wanted {
                continue;
            }
            let document = match loaded {
                Ok(loaded) => loaded.document,
                Err(why) => bail!("{id}: {}: {}", why.rule.replace('_', " "), why.detail),
            };
            let cleaned = pipeline.clean(document)?;
            show(&cleaned, &pipeline, &mut anstream::stdout().lock())?;
            return Ok(Exit::Success);
        }
    }
    match &args.record {
        Some(record) => bail!("{}: no document {record} among {number}", args.file.display()),
        None => bail!("{}: no document in it", args.file.display()),
    }
}

fn show(cleaned: &Cleaned, pipeline: &Pipeline, out: &mut dyn Write) -> io::Result<()> {
    let document = &cleaned.document;
    writeln!(out, "{HEADING}{}{HEADING:#}", document.id)?;
    writeln!(out, "{} characters in, {} out", cleaned.raw_chars, cleaned.chars)?;
    for step in &cleaned.trail.steps {
        if let Some(stage) = pipeline.steps().get(step.number % pipeline.steps().len().max(1)) {
            show_step(step, stage.as_ref(), out)?;
        }
    }
    if cleaned.trail.steps.is_empty() {
        writeln!(out, "Nothing was changed.")?;
    }
    if !cleaned.flags.is_empty() {
        writeln!(out, "\n{HEADING}flags{HEADING:#}  {MARKED}{}{MARKED:#}", cleaned.flags.join(", "))?;
    }
    if let Ok(metadata) = serde_json::to_string(&document.metadata) {
        writeln!(out, "\n{HEADING}metadata{HEADING:#}  {metadata}")?;
    }
    let signals: Vec<String> =
        cleaned.signals.iter().map(|(name, value)| format!("{name} {value}")).collect();
    writeln!(out, "{HEADING}signals{HEADING:#}  {}", signals.join(", "))
}

fn show_step(step: &Step, stage: &dyn Stage, out: &mut dyn Write) -> io::Result<()> {
    let count = step.made.len();
    let left_out = step.rewrite.as_ref().map_or(0, |rewrite| rewrite.left_out.len());
    let (count, what) = match (count, left_out, &step.rewrite) {
        (0, left_out, Some(_)) => (left_out, "blocks left out"),
        (0, ..) => (step.marked.len(), "marked, not made"),
        (1, ..) => (1, "edit"),
        (count, ..) => (count, "edits"),
    };
    writeln!(out, "\n{HEADING}{}{HEADING:#}  {count} {what}", step.stage)?;
    let about =
        |name: &str| stage.rules().iter().find(|rule| rule.name == name).map_or("", |rule| rule.about);
    let mut last_rule = "";
    for (record, made) in step.made.iter().map(|r| (r, true)).chain(step.marked.iter().map(|r| (r, false))) {
        if record.rule != last_rule {
            writeln!(out, "  {}  {DIM}{}{DIM:#}", record.rule, about(&record.rule))?;
            last_rule = &record.rule;
        }
        show_edit(record, made, out)?;
    }
    let Some(rewrite) = &step.rewrite else { return Ok(()) };
    writeln!(out, "  main text made from {} characters of markup", rewrite.before_chars)?;
    for block in &rewrite.left_out {
        writeln!(out, "  left out ({}): {REMOVED}{}{REMOVED:#}", block.rule, one_line(&block.text, 200))?;
    }
    Ok(())
}

fn show_edit(record: &EditRecord, made: bool, out: &mut dyn Write) -> io::Result<()> {
    let context = record.context.clone().unwrap_or_default();
    let removed = if made { REMOVED } else { MARKED };
    write!(out, "    {:>8}  {DIM}{}{DIM:#}", record.start, one_line(&context.before, usize::MAX))?;
    if !record.before.is_empty() {
        write!(out, "{removed}[-{}-]{removed:#}", one_line(&record.before, 400))?;
    }
    if !record.after.is_empty() {
        write!(out, "{ADDED}{{+{}+}}{ADDED:#}", one_line(&record.after, 400))?;
    }
    let note = if made { "" } else { "  (marked, not made)" };
    writeln!(out, "{DIM}{}{DIM:#}{note}", one_line(&context.after, usize::MAX))
}

/// Text on one line of a terminal: line breaks and controls made visible, the middle of what is long left out.
fn one_line(text: &str, most: usize) -> String {
    let show = |c: char, out: &mut String| match c {
        '\n' => out.push('⏎'),
        '\t' => out.push('→'),
        // What cannot be seen is named.
        '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{E000}'..='\u{F8FF}'
        | '\u{A0}' => out.extend(c.escape_unicode()),
        c if c.is_control() => out.extend(c.escape_unicode()),
        c => out.push(c),
    };
    let shown = |chars: &mut dyn Iterator<Item = char>| {
        let mut out = String::new();
        chars.for_each(|c| show(c, &mut out));
        out
    };
    let length = text.chars().count();
    if length <= most {
        return shown(&mut text.chars());
    }
    let half = most / 2;
    let head = shown(&mut text.chars().take(half));
    let tail = shown(&mut text.chars().skip(length - half));
    format!("{head} … {} characters … {tail}", length - 2 * half)
}
