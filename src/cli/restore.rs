//! `clean restore`: cleaned records, written with `--edits`, back to the text before a stage.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;
use corpus_clean::edit::{EditRecord, Field, undo};
use corpus_clean::input::{self, Form, Format, Reader, jsonl};
use corpus_clean::output::{record, splice};
use corpus_clean::stages;
use serde::Deserialize;

use super::log::message;
use super::progress::count;
use super::run::{Format as OutputFormat, printable};
use super::{Exit, paths_or_stdin};

/// Records that cannot be restored and are named; of more there is the count.
const MESSAGES: u64 = 10;

#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// Files of records written with --edits; `-` or none is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Go back to the text as this stage first left it [default: as it was decoded, or as html left it]
    #[arg(long, value_name = "STAGE", value_parser = PossibleValuesParser::new(stages::NAMES), hide_possible_values = true)]
    pub after: Option<String>,
    /// Write records, or the text alone
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
    /// Field of the record that holds the text [default: as for cleaning]
    #[arg(long, value_name = "NAME")]
    pub text_field: Option<String>,
    /// Member of the record that holds the edits [default: that of the last cleaning: clean, clean_2, …]
    #[arg(long, value_name = "NAME")]
    pub record_key: Option<String>,
    /// With --format text: a NUL after each document instead of an empty line between them
    #[arg(short = '0', long = "null")]
    pub nul: bool,
}

/// Runs the command.
///
/// # Errors
/// When the output cannot be written. Records that cannot be restored are reported and left out.
pub fn restore(args: &RestoreArgs) -> anyhow::Result<Exit> {
    if args.format == OutputFormat::Parquet {
        bail!("restore reads and writes JSON Lines, or writes the text alone");
    }
    let options = input::Options {
        input: Some(Format::Jsonl),
        text_field: args.text_field.clone(),
        // A record with its edits may be many times as long as what was read.
        max_document: Some(u64::MAX),
        ..input::Options::default()
    };
    let reader = Reader::new(paths_or_stdin(&args.paths)?, &options, vec![])?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed: u64 = 0;
    let mut first = true;
    for batch in reader {
        for item in &batch.items {
            if matches!(item.form, Form::Open) {
                continue;
            }
            let line = batch.bytes.get(item.span.clone()).unwrap_or_default();
            let mut restored = Vec::new();
            let result = match &item.form {
                Form::Fault(cause) | Form::TooLarge(cause) => Err(anyhow!("{cause}")),
                _ => restore_line(line, &options, args, first, &mut restored),
            };
            match result {
                Ok(()) => out.write_all(&restored).context("cannot write to standard output")?,
                Err(error) => {
                    failed += 1;
                    if failed > MESSAGES {
                        continue;
                    }
                    let place = if item.place > 0 { format!(":{}", item.place) } else { String::new() };
                    message(&format!("{}{place}: cannot restore: {error:#}", printable(&item.file.name)));
                    continue;
                }
            }
            first = false;
        }
    }
    out.flush().context("cannot write to standard output")?;
    if failed > MESSAGES {
        message(&format!("{} more records cannot be restored", count(failed - MESSAGES)));
    }
    Ok(if failed > 0 { Exit::SomeSetAside } else { Exit::Success })
}

/// What of the findings is needed to go back.
#[derive(Deserialize)]
struct Findings {
    #[serde(default)]
    rewritten_at: Option<usize>,
    chain: Option<Vec<String>>,
    edits: Option<Vec<EditRecord>>,
}

fn restore_line(
    line: &[u8],
    options: &input::Options,
    args: &RestoreArgs,
    first: bool,
    out: &mut Vec<u8>,
) -> anyhow::Result<()> {
    let record = jsonl::parse(line, options).map_err(|cause| anyhow!(cause))?;
    let key = args.record_key.clone().unwrap_or_else(|| last_key(&record));
    let findings = record.raw(&key).with_context(|| format!("no member `{key}`"))?;
    let findings: Findings = serde_json::from_str(findings).context("findings not as written")?;
    let text = restore_text(&record.text, &findings, args.after.as_deref())?;
    match args.format {
        OutputFormat::Jsonl | OutputFormat::Parquet => {
            splice::replace(line, record.text_span, &text, out);
            out.push(b'\n');
        }
        OutputFormat::Text => record::write_text(&text, first, args.nul, out),
    }
    Ok(())
}

/// The member that the last cleaning added: `clean`, or the `clean_…` with the highest number.
fn last_key(record: &jsonl::Record<'_>) -> String {
    (2..)
        .map(|n| format!("clean_{n}"))
        .take_while(|key| record.has(key))
        .last()
        .unwrap_or_else(|| "clean".into())
}

/// Undoes the steps from the last back to, and not including, `after` or the step that made the text from markup.
fn restore_text(text: &str, findings: &Findings, after: Option<&str>) -> anyhow::Result<String> {
    let (Some(edits), Some(chain)) = (&findings.edits, &findings.chain) else {
        bail!("written without --edits: there is nothing to go back by");
    };
    // The stage may have been skipped; then the text after it is the text after the last one before it that ran.
    let order = |stage: &str| stages::NAMES.iter().position(|name| *name == stage);
    let last_kept = after.and_then(|stage| {
        chain
            .iter()
            .rposition(|name| name == stage)
            .or_else(|| chain.iter().rposition(|name| order(name) < order(stage)))
    });
    if let (Some(rewrite), Some(kept)) = (findings.rewritten_at, last_kept)
        && kept < rewrite
    {
        bail!(
            "the text was made from markup by {}; before that it cannot be restored",
            chain.get(rewrite).map_or("a stage", String::as_str)
        );
    }
    let last_kept = last_kept.max(findings.rewritten_at);
    let mut text = text.to_owned();
    let mut rest = edits.as_slice();
    while let Some(last) = rest.last()
        && last_kept.is_none_or(|kept| last.step > kept)
    {
        let start = rest.iter().rposition(|e| e.step != last.step).map_or(0, |at| at + 1);
        let of_step = rest[start..].iter().filter(|e| e.field == Field::Text);
        text = undo(&text, of_step).with_context(|| format!("edits of stage {}", last.stage))?;
        rest = &rest[..start];
    }
    Ok(text)
}
