//! The main command: reads, cleans on all cores, writes in order.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{ArgAction, Args, ValueEnum};
use corpus_clean::document::Document;
use corpus_clean::input::{self, Batch, Form, InputFile, Item, Reader, Shard};
use corpus_clean::ordered;
use corpus_clean::output::journal::{self, Commit, Committer, Job, Journal};
#[cfg(feature = "parquet")]
use corpus_clean::output::parquet;
use corpus_clean::output::record::{self, Original, RecordOptions};
use corpus_clean::output::rejected::Rejected;
use corpus_clean::output::sink::{Finished, OutputFile, Unfinished, is_special};
use corpus_clean::pipeline::{Cleaned, Pipeline, names_rule};
use corpus_clean::report::Report;
use corpus_clean::stage::Stage;
use corpus_clean::stages;
use corpus_clean::stages::mojibake::Unrepaired;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::check::Grade;
use super::config::{self, Effective};
use super::load::{self, Found, Loaded, SetAside};
use super::log::{self, LogFormat, message};
use super::output::{
    Destination, Output, OutputOptions, check_distinct, check_overwrite, resume_file, stdout_file,
};
use super::progress::{Progress, ProgressKind};
use super::{ChainArgs, Color, Exit, InputArgs, VERSION, paths_or_stdin, summary};

/// Characters of context on each side of an audited edit.
const AUDIT_CONTEXT: usize = 80;
/// Edits of each rule in a report, to look at.
const SAMPLES: usize = 10;
/// One document in this many is timed: a clock read per stage costs more than a stage that finds nothing.
const TIMED_ONE_IN: u64 = 16;
/// Weight under way for each thread: four pages of the web, which weigh about 1 MiB each in records, for they are dense with tags and
/// escapes. With one of them two threads took 0.85 of the time of one, with four 0.55.
const BUDGET_PER_THREAD: usize = 16 * input::BATCH_BYTES;
/// And in all: with the work space of a document (measured: about three times its bytes) well under 100 MiB.
const MAX_BUDGET: usize = 8 << 20;
/// More threads than any machine has cores only cost their stacks.
const MAX_THREADS: usize = 512;

#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Files and directories to clean; `-` or none is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Write to this file (`.jsonl`, also `.jsonl.gz`, `.jsonl.zst`) or mirror the inputs in this directory (`DIR/`)
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: Format,
    /// Put every edit into the record: what it was, what became of it, and why
    #[arg(long, help_heading = "Output")]
    pub edits: bool,
    /// Name of the member added to each record [default: clean, or clean_2, … where a record has one already]
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub record_key: Option<String>,
    /// Write what was set aside to this file [default: beside -o]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub rejected: Option<PathBuf>,
    /// Split the output into files of at most this many bytes before compression (also 512M, 4G): out-00000.jsonl, …
    #[arg(long, value_name = "BYTES", value_parser = input::parse_size, help_heading = "Output")]
    pub shard_size: Option<u64>,
    /// Begin anew where an earlier run of another command was not finished
    ///
    /// A run that was stopped, in whatever way, goes on where it stopped when the same command is given again: a journal
    /// beside the output (`.clean-OUT.journal`, in a directory `.clean.journal`) tells what is done. With other options or a
    /// changed input that is refused, until this says that what was done may go.
    #[arg(long, help_heading = "Output")]
    pub restart: bool,
    /// Overwrite output files that are not from an earlier run
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Write counts and samples by stage and rule to this file, as JSON [default: beside -o; none: nowhere]
    ///
    /// `clean report` makes a page of it, with histograms of the signals and ten edits of each rule.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub report: Option<PathBuf>,
    /// Sample N edits of each rule with their context, and count rules by host and language; into the report, or to standard error without one
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, help_heading = "Output")]
    pub audit: usize,
    /// Write each record as soon as its input is complete, for coprocesses
    #[arg(long, help_heading = "Output")]
    pub flush: bool,

    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten, next_help_heading = "Cleaning")]
    pub chain: ChainArgs,

    /// List the stages in order (with -v: and their rules) and exit
    #[arg(long, help_heading = "Other")]
    pub list_stages: bool,
    /// Do the Ith of N parts of the work, as for the jobs of an array: of several inputs every Nth, of a single file every
    /// Nth piece of about 16 MiB
    #[arg(long, value_name = "I/N", help_heading = "Other")]
    pub shard: Option<Shard>,
    /// Threads that clean [default: one per core]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Other")]
    pub threads: Option<NonZeroUsize>,
    /// Stop when more than N inputs or records had to be set aside
    #[arg(long, value_name = "N", help_heading = "Other")]
    pub max_errors: Option<u64>,
    /// No progress and no table at the end; errors are still shown
    #[arg(short, long, help_heading = "Other")]
    pub quiet: bool,
    /// How to show how far a run is
    #[arg(long, value_enum, default_value_t, value_name = "HOW", help_heading = "Other")]
    pub progress: ProgressKind,
    /// How messages on standard error look
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Other")]
    pub log_format: LogFormat,
    /// Show edits by stage while it runs, and each rule in the table at the end
    #[arg(short, long, action = ArgAction::Count, help_heading = "Other")]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Other")]
    pub color: Color,
}

/// What is written for a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON Lines: a record a document
    #[default]
    Jsonl,
    /// The text alone; an empty line between documents, or with -0 a NUL after each
    Text,
    /// Parquet: the columns that were read, the text cleaned, and one more; also by the name of -o
    Parquet,
}

impl Format {
    /// The format that is meant: that of the name, where none is given.
    ///
    /// # Errors
    /// When this build cannot write it.
    fn meant(given: Self, output: Option<&Path>) -> anyhow::Result<Self> {
        let named = output.is_some_and(|path| path.extension().is_some_and(|end| end == "parquet"));
        let format = if named && given == Self::Jsonl { Self::Parquet } else { given };
        if format == Self::Parquet && !cfg!(feature = "parquet") {
            bail!("this build does not write Parquet: build it with `--features parquet`");
        }
        Ok(format)
    }
}

/// What a worker needs to know.
pub struct Worker {
    pipeline: Pipeline,
    records: RecordOptions,
    /// The user named the member: then it is not renamed where a record has one already.
    key_is_fixed: bool,
    options: input::Options,
    format: Format,
    /// Whether to keep what was set aside for the rejected file.
    keep_rejected: bool,
    /// Which units of the input to clean.
    shard: Option<Shard>,
    empty_report: Report,
    /// For those who want to look at the documents, not at what is written of them.
    grade: Option<fn(&Item, &Cleaned) -> Grade>,
}

/// What a worker has written of a batch since the last input began.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    #[cfg(feature = "parquet")]
    rows: Vec<parquet::Row>,
}

impl Written {
    fn take(&mut self, pieces: &mut Vec<Piece>) {
        if !self.bytes.is_empty() {
            pieces.push(Piece::Bytes(std::mem::take(&mut self.bytes)));
        }
        #[cfg(feature = "parquet")]
        if !self.rows.is_empty() {
            pieces.push(Piece::Rows(std::mem::take(&mut self.rows)));
        }
    }
}

/// What a worker made of a batch.
pub struct Done {
    pub pieces: Vec<Piece>,
    rejected: Vec<u8>,
    /// A message for each failure, in order.
    pub messages: Vec<String>,
    pub report: Report,
    pub grades: Vec<Grade>,
    /// Of what was read.
    hash: u64,
    ends_unit: bool,
}

/// A part of what a batch came to.
pub enum Piece {
    Open(Arc<InputFile>),
    Bytes(Vec<u8>),
    #[cfg(feature = "parquet")]
    Rows(Vec<parquet::Row>),
}

impl Worker {
    /// A worker for these arguments; `hash` is that of the settings.
    pub fn new(args: &RunArgs, pipeline: Pipeline, key: String, hash: String, empty_report: Report) -> Self {
        let chain = pipeline.steps().iter().map(|step| step.name()).collect();
        Self {
            pipeline,
            records: RecordOptions { key, edits: args.edits, config: hash, chain },
            key_is_fixed: args.record_key.is_some(),
            options: args.input.options.clone(),
            format: args.format,
            keep_rejected: false,
            shard: None,
            empty_report,
            grade: None,
        }
    }

    /// A worker that also grades each document.
    pub fn grading(self, grade: fn(&Item, &Cleaned) -> Grade) -> Self {
        Self { grade: Some(grade), ..self }
    }

    /// Cleans a batch.
    pub fn process(&self, batch: &Batch) -> Done {
        let mut done = Done {
            pieces: vec![],
            rejected: vec![],
            messages: vec![],
            report: self.empty_report.fork(),
            grades: vec![],
            hash: batch.hash(),
            ends_unit: batch.ends_unit,
        };
        let mine = self.shard.is_none_or(|shard| shard.has(batch.unit));
        let mut out = Written::default();
        for item in &batch.items {
            if matches!(item.form, Form::Open) {
                out.take(&mut done.pieces);
                done.pieces.push(Piece::Open(Arc::clone(&item.file)));
                continue;
            }
            if !mine {
                continue;
            }
            let bytes = batch.bytes.get(item.span.clone()).unwrap_or_default();
            match load::load(item, bytes, &self.options) {
                Found::Nothing(why) => done.report.count_skipped(why),
                Found::Document(loaded) => self.clean(item, bytes, *loaded, &mut out, &mut done),
                Found::SetAside(why) => {
                    self.set_aside(item, &load::default_id(item), bytes, &why, &mut done);
                }
            }
        }
        out.take(&mut done.pieces);
        done
    }

    fn clean(&self, item: &Item, bytes: &[u8], loaded: Loaded<'_>, out: &mut Written, done: &mut Done) {
        let Loaded { document, record } = loaded;
        let id = document.id.clone();
        let cleaned = match self.run_pipeline(document) {
            Ok(cleaned) => cleaned,
            Err(why) => return self.set_aside(item, &id, bytes, &why, done),
        };
        if let Some((stage, verdict)) = &cleaned.dropped {
            let rule = verdict.rule.name;
            done.report.count_set_aside(stage, rule);
            let place = item.place;
            let source = &item.file.name;
            let detail = &verdict.detail;
            self.keep(
                Rejected { id: &id, source, place, stage, rule, detail, raw: None, raw_base64: None },
                bytes,
                done,
            );
            return;
        }
        let raw_bytes = match &record {
            Some(record) => record.text.len(),
            None => bytes.len(),
        };
        match (self.format, record) {
            (Format::Text, _) => {
                record::write_text(cleaned.document.text(), false, self.options.nul, &mut out.bytes);
            }
            (Format::Jsonl, None) => self.records.write_document(&cleaned, bytes, &mut out.bytes),
            (Format::Jsonl, Some(record)) => {
                let key = match self.free_key(&record) {
                    Ok(key) => key,
                    Err(why) => return self.set_aside(item, &id, bytes, &why, done),
                };
                let original = Original { span: record.text_span.clone(), text: &record.text, key: &key };
                self.records.write_record(&cleaned, bytes, &original, &mut out.bytes);
            }
            #[cfg(feature = "parquet")]
            (Format::Parquet, record) => out.rows.push(self.row(item, &cleaned, bytes, record.as_ref())),
            #[cfg(not(feature = "parquet"))]
            (Format::Parquet, _) => {}
        }
        done.report.count(&cleaned, raw_bytes);
        done.grades.extend(self.grade.map(|grade| grade(item, &cleaned)));
    }

    #[cfg(feature = "parquet")]
    fn row(
        &self,
        item: &Item,
        cleaned: &Cleaned,
        bytes: &[u8],
        record: Option<&input::jsonl::Record<'_>>,
    ) -> parquet::Row {
        let document = &cleaned.document;
        let raw = record.map_or(bytes, |record| record.text.as_bytes());
        let own = match &item.form {
            Form::Row(_) => parquet::Own::default(),
            _ => parquet::Own {
                id: document.id.clone(),
                source: item.file.name.to_string(),
                metadata: match record {
                    Some(record) => record.others().into_bytes(),
                    None => serde_json::to_vec(&document.metadata).unwrap_or_default(),
                },
            },
        };
        let findings = self.records.findings(cleaned, raw, record.is_some());
        parquet::Row { place: item.place, text: document.text().to_owned(), findings, own }
    }

    fn run_pipeline(&self, document: Document) -> Result<Cleaned, SetAside> {
        let timed = xxh3_64(document.id.as_bytes()).is_multiple_of(TIMED_ONE_IN);
        let result = if timed { self.pipeline.clean_timed(document) } else { self.pipeline.clean(document) };
        result.map_err(|failure| SetAside {
            stage: failure.stage,
            rule: "internal_error",
            detail: format!("{failure}; please report this"),
        })
    }

    /// The name of the member to add, which the record must not have already.
    fn free_key(&self, record: &input::jsonl::Record<'_>) -> Result<String, SetAside> {
        let key = &self.records.key;
        if !record.has(key) {
            return Ok(key.clone());
        }
        if self.key_is_fixed {
            return Err(SetAside {
                stage: "input",
                rule: "key_taken",
                detail: format!("the record has a member `{key}` already: choose another --record-key"),
            });
        }
        let free = (2..).map(|n| format!("{key}_{n}")).find(|name| !record.has(name));
        Ok(free.unwrap_or_else(|| key.clone()))
    }

    fn set_aside(&self, item: &Item, id: &str, bytes: &[u8], why: &SetAside, done: &mut Done) {
        let SetAside { stage, rule, detail } = why;
        let place = if item.place > 0 { format!(":{}", item.place) } else { String::new() };
        let name = printable(&item.file.name);
        // A directory of pages holds their pictures, too: they are counted and kept, but nothing went wrong.
        if *rule != NO_TEXT || item.file.is_named {
            done.messages.push(format!("{name}{place}: {}: {detail}", rule.replace('_', " ")));
        }
        done.report.count_set_aside(stage, rule);
        let rejected = Rejected {
            id,
            source: &item.file.name,
            place: item.place,
            stage,
            rule,
            detail,
            raw: None,
            raw_base64: None,
        };
        self.keep(rejected, bytes, done);
    }

    fn keep(&self, rejected: Rejected<'_>, bytes: &[u8], done: &mut Done) {
        if self.keep_rejected {
            // Of what could not be opened, or was too large to be read, there is nothing to keep.
            let rejected = if bytes.is_empty() { rejected } else { rejected.with_raw(bytes) };
            rejected.write(&mut done.rejected);
        }
    }
}

/// The rule for what is no text.
pub const NO_TEXT: &str = "binary";

/// The name of an input in a message: one line, whatever the name holds.
pub fn printable(name: &str) -> String {
    if name == "-" {
        return "(standard input)".to_owned();
    }
    name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// The stages the user wants, in order.
pub fn chosen_stages(args: &ChainArgs) -> Vec<Arc<dyn Stage>> {
    let wanted = |name: &str| match (args.only.is_empty(), args.skip.is_empty()) {
        (false, _) => args.only.iter().any(|only| only == name),
        (true, false) => !args.skip.iter().any(|skip| skip == name),
        (true, true) => true,
    };
    stages::list(&args.stages).into_iter().filter(|stage| wanted(stage.name())).collect()
}

/// The chain the user wants.
///
/// # Errors
/// When `--drop` names a rule that no stage has.
pub fn pipeline(args: &ChainArgs) -> anyhow::Result<Pipeline> {
    let stages = chosen_stages(args);
    for name in &args.drop {
        let all = stages::list(&args.stages);
        let mut rules = all.iter().flat_map(|s| s.rules().iter().map(|rule| (s.name(), rule.name)));
        if !rules.any(|(stage, rule)| names_rule(name, stage, rule)) {
            bail!("--drop {name}: no such rule; clean --list-stages -v lists them");
        }
    }
    let mut drop = args.drop.clone();
    if args.stages.mojibake.unrepaired == Unrepaired::Drop {
        drop.push("mojibake:unrepaired".to_owned());
    }
    Ok(Pipeline::new(stages).bold(args.bold).drop(drop))
}

/// All that decides what is written: a run goes on only with the work of one that had the same.
fn settings(args: &RunArgs, paths: &[PathBuf], rejected: Option<&Path>) -> serde_json::Value {
    let stages: Vec<&str> = chosen_stages(&args.chain).iter().map(|stage| stage.name()).collect();
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": paths.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        "input": args.input.options,
        "output": args.output.as_ref().map(|path| path.to_string_lossy()),
        "rejected": rejected.map(Path::to_string_lossy),
        "format": format!("{:?}", args.format),
        "edits": args.edits,
        "record-key": args.record_key,
        "audit": args.audit,
        "shard": args.shard,
        "shard-size": args.shard_size,
        "stages": stages,
        "options": args.chain.stages,
        "bold": args.chain.bold,
        "drop": args.chain.drop,
    })
}

/// Refuses to split an output where that cannot be done.
fn check_shard_size(
    args: &RunArgs,
    format: Format,
    destination: &Destination,
    paths: &[PathBuf],
) -> anyhow::Result<()> {
    if args.shard_size.is_none() {
        return Ok(());
    }
    let Destination::File(output) = destination else {
        bail!("--shard-size needs -o with the name of a file")
    };
    if is_special(output) || format != Format::Jsonl || args.flush {
        bail!("--shard-size splits JSON Lines in regular files, and not with --flush");
    }
    let within = |path: &PathBuf| {
        let directory =
            output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = path.canonicalize().ok().filter(|path| path.is_dir());
        real.zip(directory.canonicalize().ok()).is_some_and(|(input, output)| output.starts_with(input))
    };
    match paths.iter().find(|path| within(path)) {
        Some(path) => {
            bail!("--shard-size: the output is in {}, which is read; put it elsewhere", path.display())
        }
        None => Ok(()),
    }
}

/// Refuses what cannot be done with Parquet.
fn check_parquet(args: &RunArgs, destination: &Destination, paths: &[PathBuf]) -> anyhow::Result<()> {
    let special = match destination {
        Destination::Stdout => true,
        Destination::File(path) => is_special(path),
        Destination::Directory(_) => false,
    };
    if special || args.flush {
        bail!("Parquet needs -o with the name of a file or a directory, and goes not with --flush");
    }
    if args.shard.is_some() && matches!(paths, [path] if !path.is_dir()) {
        bail!("--shard deals out inputs where Parquet is written, and there is one");
    }
    Ok(())
}

/// Runs the command.
///
/// # Errors
/// When arguments contradict each other or an output cannot be written; never for an input.
pub fn run(args: &RunArgs, effective: &Effective) -> anyhow::Result<Exit> {
    if args.list_stages {
        list_stages(args.verbose > 0)?;
        return Ok(Exit::Success);
    }
    let start = Instant::now();
    let paths = paths_or_stdin(&args.paths)?;
    let format = Format::meant(args.format, args.output.as_deref())?;
    let destination = Destination::new(args.output.as_deref(), format)?;
    let key = args.record_key.clone().unwrap_or_else(|| "clean".to_owned());
    if RESERVED.contains(&key.as_str()) {
        bail!("--record-key {key}: our own records have a member of that name; choose another");
    }
    check_shard_size(args, format, &destination, &paths)?;
    if format == Format::Parquet {
        check_parquet(args, &destination, &paths)?;
    }

    let rejected_path = args.rejected.clone().or_else(|| destination.rejected(args.shard));
    let mut outputs: Vec<PathBuf> = destination.paths();
    outputs.extend(rejected_path.clone());
    let report_path = report_path(args, destination.rejected(args.shard));
    outputs.extend(report_path.clone());
    if matches!(destination, Destination::Stdout) {
        outputs.extend(stdout_file());
    }
    check_distinct(&outputs, &paths)?;
    let mut pipeline = pipeline(&args.chain)?;
    let empty_report = empty_report(args, report_path.is_some());
    if args.audit > 0 || report_path.is_some() {
        pipeline = pipeline.context(AUDIT_CONTEXT);
    }
    let settings = settings(args, &paths, rejected_path.as_deref());
    // Of a single input a shard is some of its units.
    let single = matches!(&paths[..], [path] if !path.is_dir());
    let (of_inputs, of_units) = if single { (None, args.shard) } else { (args.shard, None) };
    let mut reader = Reader::new(paths, &args.input.options, outputs)?
        .flush(args.flush)
        .shard(of_inputs)
        .whole_inputs(format == Format::Parquet);
    let terminal = matches!(destination, Destination::Stdout) && io::stdout().is_terminal();
    let (totals, read, verbose) = (reader.totals(), reader.progress(), args.verbose > 0);
    let progress = Progress::new(args.progress, totals, read, args.quiet, verbose, terminal);
    // One that was asked for is begun now, to fail early; for one beside the output there is nothing to fear, and a run that
    // is refused leaves no trace.
    let report_file = match &report_path {
        Some(path) if args.report.is_some() => Some(create(path, args, Unfinished::Remove)?),
        Some(path) => {
            check_overwrite(path, args.force)?;
            None
        }
        None => None,
    };

    let mut sink = Sink::open(
        args,
        destination,
        rejected_path.as_deref(),
        &settings,
        &empty_report,
        &mut reader,
        &progress,
    )?;
    #[cfg(unix)]
    let watch = {
        let watch = super::signals::Watch::start(progress.clone(), sink.committer.is_some());
        watch.context("cannot start threads")?
    };
    #[cfg(unix)]
    {
        sink.signal = watch.received();
    }
    let hash = config::hash(effective, &stage_names(args));
    let keep_rejected = sink.rejected.is_some();
    let worker = Worker {
        keep_rejected,
        format,
        shard: of_units,
        ..Worker::new(args, pipeline, key, hash.clone(), empty_report)
    };
    let (pool, budget) = pool(args)?;

    let broke = ordered::map(
        reader,
        &pool,
        budget,
        Batch::load,
        move |batch| worker.process(&batch),
        |done| match sink.take(done, &progress) {
            Err(error) => ControlFlow::Break(Err(error)),
            Ok(Flow::Stop | Flow::Interrupt) => ControlFlow::Break(Ok(())),
            Ok(Flow::Go) => ControlFlow::Continue(()),
        },
    );
    progress.finish();
    let broke = broke.map_err(anyhow::Error::from).and_then(Option::transpose);
    let ended = match broke {
        Err(error) => return Err(sink.fail(error)),
        #[cfg(unix)]
        Ok(Some(())) if sink.is_interrupted() => {
            sink.join()?;
            watch.exit_if_received();
            return Ok(Exit::Failure);
        }
        Ok(Some(())) => sink.stop()?,
        Ok(None) => sink.finish()?,
    };
    let Ended { journal, report, failures, stopped, left_over } = ended;
    let unwritten = "cannot write the report";
    if let Some(path) = &report_path {
        let file =
            report_file.map_or_else(|| create(path, args, Unfinished::Remove), Ok).context(unwritten)?;
        let config = ReportConfig { hash: &hash, settings: config::of_output(effective) };
        write_report(file, &report, config).context(unwritten)?;
    }
    // From here on an interrupted run is a finished one.
    #[cfg(unix)]
    drop(watch);
    if let Some(journal) = journal {
        journal.remove().context("cannot remove the journal")?;
    }
    if log::is_json() {
        log::event("done", summary::to_json(&report, start.elapsed()));
    } else if !args.quiet {
        let mut stderr = anstream::stderr().lock();
        // A closed standard error is no reason to fail.
        let _ = summary::write(&report, start.elapsed(), args.verbose > 0, &mut stderr);
    }
    if args.audit > 0 && report_path.is_none() {
        let _ = summary::write_audit(&report, &mut anstream::stderr().lock());
    }
    if let Some(path) = left_over {
        message(&format!("{} is of another run; this one ended before it", path.display()));
    }
    if let Some(how) = stopped {
        message(&format!(
            "stopped, {how}: more than {} could not be read (--max-errors)",
            args.max_errors.unwrap_or_default()
        ));
        return Ok(Exit::Failure);
    }
    if report.documents == 0 && report.total_set_aside() == 0 && !args.quiet && args.shard.is_none() {
        message(
            "no documents found; in directories, hidden and ignored files are left out (--hidden, --no-ignore)",
        );
    }
    Ok(if failures > 0 { Exit::SomeSetAside } else { Exit::Success })
}

/// Members of a record from a file or a page.
const RESERVED: [&str; 4] = ["id", "text", "source", "metadata"];

fn stage_names(args: &RunArgs) -> Vec<&'static str> {
    chosen_stages(&args.chain).iter().map(|stage| stage.name()).collect()
}

/// The threads that clean, and how many bytes may be under way.
pub fn pool(args: &RunArgs) -> anyhow::Result<(Arc<rayon::ThreadPool>, usize)> {
    let threads = args.threads.map_or_else(available_threads, NonZeroUsize::get).min(MAX_THREADS);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|n| format!("clean-{n}"));
    let pool = pool.build().context("cannot start threads")?;
    Ok((Arc::new(pool), (threads * BUDGET_PER_THREAD).min(MAX_BUDGET)))
}

pub fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn create(path: &Path, args: &RunArgs, unfinished: Unfinished) -> anyhow::Result<OutputFile> {
    check_overwrite(path, args.force)?;
    OutputFile::create(path, unfinished).with_context(|| format!("cannot write {}", path.display()))
}

/// Whether the run goes on.
enum Flow {
    Go,
    /// More failures than allowed.
    Stop,
    /// A signal came, and what was done is committed.
    Interrupt,
}

/// Takes what the workers made, in the order of the input, and commits it unit by unit.
struct Sink {
    output: Output,
    rejected: Option<OutputFile>,
    /// `None` where the output cannot be taken up again.
    committer: Option<Committer>,
    /// What is committed, or will be, is in `report`; what came after it in `of_unit`.
    report: Report,
    of_unit: Report,
    units: u64,
    /// Inputs begun, and the last of them.
    inputs: u64,
    current: Arc<str>,
    /// A commit is in the journal, or will be.
    is_committed: bool,
    hash: u64,
    failures: u64,
    /// An earlier run had only to remove its journal.
    done: bool,
    max_errors: Option<u64>,
    flush: bool,
    /// The signal that came, or 0.
    signal: Arc<AtomicI32>,
}

/// What is left of a run.
struct Ended {
    /// To be removed.
    journal: Option<Journal>,
    report: Report,
    failures: u64,
    /// How the run was stopped.
    stopped: Option<&'static str>,
    left_over: Option<PathBuf>,
}

/// What every failed run with a journal says.
const GOES_ON: &str = "not finished (the same command goes on where it stopped)";

impl Sink {
    /// Begins the outputs, or goes on with those of an earlier run; `reader` is behind what that has done then.
    fn open(
        args: &RunArgs,
        destination: Destination,
        rejected: Option<&Path>,
        settings: &serde_json::Value,
        empty_report: &Report,
        reader: &mut Reader,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let format = Format::meant(args.format, args.output.as_deref())?;
        // One Parquet file cannot be taken up again: its end tells what is in it.
        let none = args.flush || format == Format::Parquet && matches!(destination, Destination::File(_));
        let path = if none { None } else { destination.journal(args.shard) };
        let begun = path.map(|path| Journal::open(&path, settings, args.restart)).transpose();
        let begun = begun.map_err(|error| match error {
            journal::Error::Changed(_) => anyhow::Error::from(error)
                .context("give the same command again to finish it, or --restart to begin anew"),
            error => error.into(),
        })?;
        let (journal, past) = begun.map_or((None, None), |(journal, past)| (Some(journal), past));
        let options = OutputOptions {
            format,
            #[cfg(feature = "parquet")]
            text_field: args.input.options.text_field.clone(),
            #[cfg(feature = "parquet")]
            record_key: args.record_key.clone().unwrap_or_else(|| "clean".to_owned()),
            nul: args.input.options.nul,
            force: args.force,
            shard_size: args.shard_size,
            journaled: journal.is_some(),
        };
        let unfinished = if journal.is_some() { Unfinished::Keep } else { Unfinished::Remove };
        let mut sink = Self {
            output: Output::new(destination, options),
            rejected: None,
            committer: None,
            report: empty_report.clone(),
            of_unit: empty_report.clone(),
            units: 0,
            inputs: 0,
            current: Arc::from(""),
            is_committed: false,
            hash: 0,
            failures: 0,
            done: false,
            max_errors: args.max_errors,
            flush: args.flush,
            signal: Arc::default(),
        };
        match past {
            Some(past) => {
                sink.replay(past, rejected, reader, progress)?;
                if sink.rejected.is_none()
                    && !sink.done
                    && let Some(path) = rejected
                {
                    sink.rejected = Some(create(path, args, unfinished)?);
                }
            }
            None => {
                let mut begin = || {
                    sink.output.start()?;
                    let rejected = rejected.map(|path| create(path, args, unfinished));
                    sink.rejected = rejected.transpose()?;
                    Ok(())
                };
                if let Err(error) = begin() {
                    sink.output.discard();
                    if let Some(journal) = journal {
                        journal.remove().context("cannot remove the journal")?;
                    }
                    return Err(error);
                }
            }
        }
        sink.committer = journal.map(Committer::start).transpose().context("cannot start threads")?;
        Ok(sink)
    }

    /// Passes over what an earlier run has committed, and makes sure that it has read the same.
    fn replay(
        &mut self,
        past: Commit,
        rejected: Option<&Path>,
        reader: &mut Reader,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        while past.done || self.units < past.units {
            let Some(batch) = reader.next() else { break };
            self.hash = chain(self.hash, batch.hash());
            for item in batch.items.iter().filter(|item| item.form == Form::Open) {
                self.output.replay_input(&item.file);
                self.inputs += 1;
                self.current = Arc::clone(&item.file.name);
            }
            self.units += u64::from(batch.ends_unit);
            progress.update(self.inputs, &self.current, [&past.report, &self.of_unit]);
        }
        if self.hash != past.input {
            bail!("the input is not what the run that was not finished has read; --restart begins anew");
        }
        self.output.resume(past.output)?;
        match (rejected, past.rejected) {
            (Some(path), Some(len)) => self.rejected = Some(resume_file(path, len)?),
            (Some(path), None) if past.done && Finished::of(path).is_unnamed() => {
                Finished::of(path).publish().with_context(|| format!("cannot write {}", path.display()))?;
            }
            _ => {}
        }
        self.report += past.report;
        self.is_committed = true;
        (self.units, self.failures, self.done) = (past.units, past.failures, past.done);
        Ok(())
    }

    /// Writes what a worker made of a batch.
    fn take(&mut self, mut done: Done, progress: &Progress) -> anyhow::Result<Flow> {
        self.failures += done.messages.len() as u64;
        let stopped = self.max_errors.is_some_and(|most| self.failures > most);
        if stopped {
            let beyond = self.failures - self.max_errors.unwrap_or_default() - 1;
            done.messages.truncate(done.messages.len().saturating_sub(beyond as usize));
        }
        let mut messages = done.messages;
        for piece in done.pieces {
            match piece {
                Piece::Open(input) => {
                    self.inputs += 1;
                    self.current = Arc::clone(&input.name);
                    if let Some(cause) = self.output.next_input(&input)? {
                        messages.push(format!("{}: not cleaned: {cause}", printable(&input.name)));
                        self.of_unit.count_set_aside("output", "not_written");
                        self.failures += 1;
                    }
                }
                Piece::Bytes(bytes) => self.output.write(&bytes)?,
                #[cfg(feature = "parquet")]
                Piece::Rows(rows) => self.output.write_rows(rows)?,
            }
        }
        if self.flush {
            self.output.flush()?;
        }
        if let Some(file) = &mut self.rejected {
            file.write_all(&done.rejected).context(REJECTED_UNWRITTEN)?;
        }
        if !messages.is_empty() {
            progress.suspend(|| messages.iter().for_each(|text| message(text)));
        }
        self.of_unit += done.report;
        self.hash = chain(self.hash, done.hash);
        progress.update(self.inputs, &self.current, [&self.report, &self.of_unit]);
        if self.committer.is_none() && self.is_interrupted() {
            // Nothing can be taken up again: it ends with a whole record.
            self.output.flush()?;
            return Ok(Flow::Interrupt);
        }
        if stopped {
            return Ok(Flow::Stop);
        }
        if done.ends_unit {
            self.commit(false)?;
            if self.is_interrupted() {
                return Ok(Flow::Interrupt);
            }
        }
        Ok(Flow::Go)
    }

    fn is_interrupted(&self) -> bool {
        self.signal.load(Ordering::SeqCst) != 0
    }

    /// Has all that is written so far committed.
    fn commit(&mut self, done: bool) -> anyhow::Result<()> {
        let mut report = std::mem::replace(&mut self.of_unit, self.report.fork());
        self.report.prune(&mut report);
        self.units += 1;
        if let Some(committer) = &self.committer {
            let (output, file) = self.output.checkpoint()?;
            let rejected = self.rejected.as_mut().map(OutputFile::checkpoint).transpose();
            let rejected = rejected.context(REJECTED_UNWRITTEN)?;
            let mut open: Vec<_> = file.into_iter().collect();
            let rejected = rejected.and_then(|rejected| {
                open.extend(rejected.file);
                rejected.len
            });
            let commit = Commit {
                units: self.units,
                input: self.hash,
                output,
                rejected,
                failures: self.failures,
                done,
                report: report.clone(),
            };
            self.is_committed |= !done;
            let commit = self.is_committed.then_some(commit);
            let job = Job { commit, open, finished: self.output.take_finished() };
            if !committer.commit(job) {
                bail!(self.join().err().unwrap_or_else(|| anyhow::anyhow!("internal error: no commit")));
            }
        }
        self.report += report;
        Ok(())
    }

    /// Waits for the commits.
    fn join(&mut self) -> anyhow::Result<Option<Journal>> {
        let committer = self.committer.take();
        committer.map(Committer::finish).transpose().context("cannot write the output")
    }

    /// The input is at its end.
    fn finish(mut self) -> anyhow::Result<Ended> {
        match self.end() {
            Ok(journal) => {
                let Self { report, failures, output, .. } = self;
                Ok(Ended { journal, report, failures, stopped: None, left_over: output.left_over() })
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    fn end(&mut self) -> anyhow::Result<Option<Journal>> {
        if self.done {
            return self.join();
        }
        self.output.flush()?;
        self.output.finish()?;
        let unfinished = "cannot finish the file of what was set aside";
        if let Some(file) = self.rejected.take() {
            if self.committer.is_some() {
                self.output.add_finished(file.close().context(unfinished)?);
            } else {
                file.finish().context(unfinished)?;
            }
        }
        self.commit(true)?;
        self.join()
    }

    /// Too many failures: what is not committed is left; what was set aside can be looked at where nothing is to go on.
    fn stop(mut self) -> anyhow::Result<Ended> {
        let journal = self.join()?;
        let Self { output, rejected, mut report, of_unit, failures, is_committed: kept, .. } = self;
        report += of_unit;
        if !kept {
            output.discard();
            if let Some(file) = rejected {
                file.finish().context("cannot finish the file of what was set aside")?;
            }
        }
        let stopped = if kept { GOES_ON } else { "and the output not finished" };
        let journal = if kept { None } else { journal };
        Ok(Ended { journal, report, failures, stopped: Some(stopped), left_over: None })
    }

    /// Something could not be written: leaves what an earlier commit needs, or nothing.
    fn fail(mut self, error: anyhow::Error) -> anyhow::Error {
        let journal = self.join();
        if self.is_committed {
            return error.context(GOES_ON);
        }
        self.output.discard();
        if let Some(file) = self.rejected {
            file.discard();
        }
        if let Ok(Some(journal)) = journal
            && let Err(cause) = journal.remove()
        {
            return error.context(cause);
        }
        error
    }
}

/// The context of an error.
const REJECTED_UNWRITTEN: &str = "cannot write the file of what was set aside";

/// A hash of all batches up to one, from that of those before it.
fn chain(before: u64, batch: u64) -> u64 {
    xxh3_64(&[before.to_le_bytes(), batch.to_le_bytes()].concat())
}

/// The file of the report: as the user says, or beside the output by the name of the file of what was set aside.
fn report_path(args: &RunArgs, rejected: Option<PathBuf>) -> Option<PathBuf> {
    match &args.report {
        Some(path) if path.as_os_str() == "none" => None,
        Some(path) => Some(path.clone()),
        None if args.flush => None,
        None => {
            let rejected = rejected?;
            let name = rejected.file_name()?.to_string_lossy().replace(".rejected.jsonl", ".report.json");
            Some(rejected.with_file_name(name))
        }
    }
}

fn empty_report(args: &RunArgs, is_written: bool) -> Report {
    Report::with_audit(args.audit).sampling(if is_written { SAMPLES } else { 0 })
}

/// What a report says of its settings.
#[derive(Serialize)]
struct ReportConfig<'a> {
    /// As in each record.
    hash: &'a str,
    settings: Effective,
}

fn write_report(mut file: OutputFile, report: &Report, config: ReportConfig<'_>) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        version: &'static str,
        config: ReportConfig<'a>,
        #[serde(flatten)]
        report: &'a Report,
    }
    serde_json::to_writer_pretty(&mut file, &Whole { version: VERSION, config, report })?;
    file.write_all(b"\n")?;
    file.finish()?;
    Ok(())
}

fn list_stages(verbose: bool) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for stage in stages::list(&stages::Options::default()) {
        writeln!(out, "{:<14} {}", stage.name(), stage.about())?;
        if verbose {
            for rule in stage.rules() {
                writeln!(out, "    {:<22} {}", rule.name, rule.about)?;
            }
        }
    }
    Ok(())
}
