//! The main command: reads, cleans on all cores, writes in order.

use std::collections::HashSet;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{ArgAction, Args, ValueEnum};
use corpus_clean::document::Document;
use corpus_clean::input::{self, Batch, Form, InputFile, Item, Reader};
use corpus_clean::ordered;
use corpus_clean::output::record::{self, Original, RecordOptions};
use corpus_clean::output::rejected::Rejected;
use corpus_clean::output::sink::{OutputFile, is_ours, is_special};
use corpus_clean::pipeline::{Cleaned, Pipeline, names_rule};
use corpus_clean::report::Report;
use corpus_clean::stage::Stage;
use corpus_clean::stages;
use corpus_clean::stages::mojibake::Unrepaired;
use xxhash_rust::xxh3::xxh3_64;

use super::load::{self, Found, Loaded, SetAside};
use super::progress::Progress;
use super::{ChainArgs, Color, Exit, InputArgs, message, paths_or_stdin, summary};

/// Characters of context on each side of an audited edit.
const AUDIT_CONTEXT: usize = 80;
/// One document in this many is timed: a clock read per stage costs more than a stage that finds nothing.
const TIMED_ONE_IN: u64 = 16;
/// Input bytes under way for each thread. Two batches keep a worker busy while the writer waits for a slow one.
const BUDGET_PER_THREAD: usize = 4 * input::BATCH_BYTES;
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
    /// Overwrite output files that are not from an earlier run
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Write counts by stage and rule to this file, as JSON
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
    /// Threads that clean [default: one per core]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Other")]
    pub threads: Option<NonZeroUsize>,
    /// Stop when more than N inputs or records had to be set aside
    #[arg(long, value_name = "N", help_heading = "Other")]
    pub max_errors: Option<u64>,
    /// No progress and no table at the end; errors are still shown
    #[arg(short, long, help_heading = "Other")]
    pub quiet: bool,
    /// Show each rule in the table at the end
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
}

/// Where the output goes.
enum Destination {
    Stdout,
    File(PathBuf),
    /// A file for each input, under this directory.
    Directory(PathBuf),
}

impl Destination {
    /// Reads `-o` as meant.
    ///
    /// # Errors
    /// When the name tells neither a file nor a directory.
    fn new(output: Option<&Path>, format: Format) -> anyhow::Result<Self> {
        let Some(path) = output else { return Ok(Self::Stdout) };
        let name = path.to_string_lossy();
        if name == "-" {
            return Ok(Self::Stdout);
        }
        if name.ends_with(std::path::MAIN_SEPARATOR) || path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let plain = [".gz", ".zst", ".zstd"].iter().find_map(|e| name.strip_suffix(e)).unwrap_or(&name);
        let known = plain.ends_with(".jsonl")
            || plain.ends_with(".json")
            || plain.ends_with(".ndjson")
            || (format == Format::Text && plain.ends_with(".txt"));
        if !known && !path.exists() {
            let file = match format {
                Format::Jsonl => ".jsonl",
                Format::Text => ".txt",
            };
            bail!(
                "is -o {name} a file or a directory? Write {name}{file} for one file, {name}/ for a directory"
            );
        }
        Ok(Self::File(path.to_owned()))
    }

    /// What is set aside goes here unless the user says otherwise: `out.rejected.jsonl` beside `out.jsonl`,
    /// `cleaned.rejected.jsonl` beside `cleaned/`. Names of different outputs give different names.
    fn rejected(&self) -> Option<PathBuf> {
        match self {
            Self::Stdout => None,
            Self::File(path) if is_special(path) => None,
            Self::File(path) => {
                let name = path.file_name()?.to_string_lossy();
                let stem = name.strip_suffix(".jsonl").unwrap_or(&name);
                Some(path.with_file_name(format!("{stem}{REJECTED}")))
            }
            Self::Directory(path) => match path.file_name() {
                Some(name) => Some(path.with_file_name(format!("{}{REJECTED}", name.to_string_lossy()))),
                // `.` and `..` have no name to add to.
                None => Some(path.join(format!("clean{REJECTED}"))),
            },
        }
    }

    fn paths(&self) -> Vec<PathBuf> {
        match self {
            Self::Stdout => vec![],
            Self::File(path) | Self::Directory(path) => vec![path.clone()],
        }
    }
}

/// End of the name of a file of set-aside documents.
const REJECTED: &str = ".rejected.jsonl";

/// The output while it is written.
struct Output {
    destination: Destination,
    open: Option<OutputFile>,
    format: Format,
    nul: bool,
    /// Nothing has been written to the current file yet.
    at_start: bool,
    /// The output of this input cannot be written: its documents are left out, and the run goes on.
    given_up: bool,
    force: bool,
    /// Files written, so that one run does not write the same file twice.
    written: HashSet<PathBuf>,
}

impl Output {
    fn start(&mut self) -> anyhow::Result<()> {
        if let Destination::File(path) = &self.destination {
            let path = path.clone();
            self.create(&path)?;
        }
        Ok(())
    }

    fn create(&mut self, path: &Path) -> anyhow::Result<()> {
        if !self.written.insert(path.to_owned()) {
            bail!("{} is the output of an earlier input, too: clean them in separate runs", path.display());
        }
        check_overwrite(path, self.force)?;
        self.open =
            Some(OutputFile::create(path).with_context(|| format!("cannot write {}", path.display()))?);
        self.at_start = true;
        Ok(())
    }

    /// Begins the output of a new input: in a directory, that is a new file. When that cannot be written the cause
    /// is returned, and what comes of this input is left out.
    ///
    /// # Errors
    /// When the output of the input before cannot be finished.
    fn next_input(&mut self, input: &InputFile) -> anyhow::Result<Option<String>> {
        let Destination::Directory(directory) = &self.destination else { return Ok(None) };
        let suffix = match self.format {
            Format::Jsonl => ".jsonl",
            Format::Text => ".txt",
        };
        // The relative path comes from names under the user's own argument, never from a record.
        let mut name = directory.join(&input.relative).into_os_string();
        name.push(suffix);
        self.finish()?;
        let created = self.create(Path::new(&name));
        self.given_up = created.is_err();
        Ok(created.err().map(|error| format!("{error:#}")))
    }

    fn write(&mut self, mut bytes: &[u8]) -> anyhow::Result<()> {
        // Each text brings its separator in front; the first of a file needs none.
        if self.at_start && self.format == Format::Text && !self.nul && !bytes.is_empty() {
            bytes = &bytes[1..];
        }
        self.at_start &= bytes.is_empty();
        if self.given_up {
            return Ok(());
        }
        match (&mut self.open, &self.destination) {
            (Some(file), _) => file.write_all(bytes).context("cannot write the output"),
            (None, Destination::Stdout) => {
                io::stdout().lock().write_all(bytes).context("cannot write to standard output")
            }
            (None, _) => bail!("internal error: a document before its input"),
        }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        match &mut self.open {
            Some(file) => file.flush().context("cannot write the output"),
            None => io::stdout().flush().context("cannot write to standard output"),
        }
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        match self.open.take() {
            Some(file) => file.finish().context("cannot finish the output"),
            None => Ok(()),
        }
    }
}

/// Refuses to replace a file that this program did not write.
fn check_overwrite(path: &Path, force: bool) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{} is a directory", path.display());
    }
    if !force && path.exists() && !is_special(path) && !is_ours(path) && !is_report(path) {
        bail!(
            "{} exists and is not from an earlier run; remove it, or overwrite it with --force",
            path.display()
        );
    }
    Ok(())
}

/// Whether a file is a report of an earlier run.
fn is_report(path: &Path) -> bool {
    let read = || -> anyhow::Result<serde_json::Value> {
        Ok(serde_json::from_reader(io::BufReader::new(fs::File::open(path)?))?)
    };
    read().is_ok_and(|json| ["documents", "set_aside", "stages"].iter().all(|name| json.get(name).is_some()))
}

/// Refuses outputs that are one file, or that are read.
fn check_distinct(outputs: &[PathBuf], inputs: &[PathBuf]) -> anyhow::Result<()> {
    let of_outputs: Vec<_> = outputs.iter().map(|path| identity(path)).collect();
    for (number, path) in outputs.iter().enumerate() {
        if of_outputs[..number].contains(&of_outputs[number]) && !is_special(path) {
            bail!("{} would be written twice: give each output a name of its own", path.display());
        }
    }
    for input in inputs {
        if of_outputs.contains(&identity(input)) && !is_special(input) {
            bail!("{} is both read and written", input.display());
        }
    }
    Ok(())
}

/// What makes two names one file: the file itself where it exists, else the name in its directory.
fn identity(path: &Path) -> (Option<(u64, u64)>, PathBuf) {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        use std::os::unix::fs::MetadataExt;
        return (Some((metadata.dev(), metadata.ino())), PathBuf::new());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().unwrap_or_else(|_| parent.to_owned());
    (None, parent.join(path.file_name().unwrap_or_default()))
}

/// The file that standard output was sent to, if it is one: it must not be read.
fn stdout_file() -> Option<PathBuf> {
    let path = fs::canonicalize("/dev/stdout").ok()?;
    path.is_file().then_some(path)
}

/// What a worker needs to know.
struct Worker {
    pipeline: Pipeline,
    records: RecordOptions,
    /// The user named the member: then it is not renamed where a record has one already.
    key_is_fixed: bool,
    options: input::Options,
    format: Format,
    /// Whether to keep what was set aside for the rejected file.
    keep_rejected: bool,
    empty_report: Report,
}

/// What a worker made of a batch.
struct Done {
    pieces: Vec<Piece>,
    rejected: Vec<u8>,
    /// A message for each failure, in order.
    messages: Vec<String>,
    report: Report,
}

enum Piece {
    Open(Arc<InputFile>),
    Bytes(Vec<u8>),
}

impl Worker {
    fn process(&self, batch: &Batch) -> Done {
        let mut done =
            Done { pieces: vec![], rejected: vec![], messages: vec![], report: self.empty_report.fork() };
        let mut out = Vec::new();
        for item in &batch.items {
            if matches!(item.form, Form::Open) {
                if !out.is_empty() {
                    done.pieces.push(Piece::Bytes(std::mem::take(&mut out)));
                }
                done.pieces.push(Piece::Open(Arc::clone(&item.file)));
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
        if !out.is_empty() {
            done.pieces.push(Piece::Bytes(out));
        }
        done
    }

    fn clean(&self, item: &Item, bytes: &[u8], loaded: Loaded<'_>, out: &mut Vec<u8>, done: &mut Done) {
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
            (Format::Text, _) => record::write_text(cleaned.document.text(), false, self.options.nul, out),
            (Format::Jsonl, None) => self.records.write_document(&cleaned, bytes, out),
            (Format::Jsonl, Some(record)) => {
                let key = match self.free_key(&record) {
                    Ok(key) => key,
                    Err(why) => return self.set_aside(item, &id, bytes, &why, done),
                };
                let original = Original { span: record.text_span.clone(), text: &record.text, key: &key };
                self.records.write_record(&cleaned, bytes, &original, out);
            }
        }
        done.report.count(&cleaned, raw_bytes);
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
        done.messages.push(format!("{name}{place}: {}: {detail}", rule.replace('_', " ")));
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
            rejected.with_raw(bytes).write(&mut done.rejected);
        }
    }
}

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

/// A hash of all that decides what is done to a text: 64 bits in hexadecimal.
fn config_hash(args: &RunArgs) -> String {
    let stages: Vec<&str> = chosen_stages(&args.chain).iter().map(|stage| stage.name()).collect();
    let options = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "stages": stages,
        "options": args.chain.stages,
        "bold": args.chain.bold,
        "drop": args.chain.drop,
        "input": args.input.options,
    });
    format!("{:016x}", xxh3_64(options.to_string().as_bytes()))
}

/// Runs the command.
///
/// # Errors
/// When arguments contradict each other or an output cannot be written; never for an input.
pub fn run(args: &RunArgs) -> anyhow::Result<Exit> {
    if args.list_stages {
        list_stages(args.verbose > 0)?;
        return Ok(Exit::Success);
    }
    let start = Instant::now();
    let paths = paths_or_stdin(&args.paths)?;
    let destination = Destination::new(args.output.as_deref(), args.format)?;
    let key = args.record_key.clone().unwrap_or_else(|| "clean".to_owned());
    if RESERVED.contains(&key.as_str()) {
        bail!("--record-key {key}: our own records have a member of that name; choose another");
    }

    let rejected_path = args.rejected.clone().or_else(|| destination.rejected());
    let mut outputs: Vec<PathBuf> = destination.paths();
    outputs.extend(rejected_path.clone());
    outputs.extend(args.report.clone());
    if matches!(destination, Destination::Stdout) {
        outputs.extend(stdout_file());
    }
    check_distinct(&outputs, &paths)?;
    let reader = Reader::new(paths, &args.input.options, outputs)?.flush(args.flush);
    let terminal = matches!(destination, Destination::Stdout) && io::stdout().is_terminal();
    let progress = Progress::new(reader.bytes_total(), reader.progress(), !args.quiet && !terminal);

    let open = |path: &PathBuf| -> anyhow::Result<OutputFile> {
        check_overwrite(path, args.force)?;
        OutputFile::create(path).with_context(|| format!("cannot write {}", path.display()))
    };
    let mut output = Output {
        destination,
        open: None,
        format: args.format,
        nul: args.input.options.nul,
        at_start: true,
        given_up: false,
        force: args.force,
        written: HashSet::new(),
    };
    output.start()?;
    let mut rejected = rejected_path.as_ref().map(open).transpose()?;
    let report_file = args.report.as_ref().map(open).transpose()?;

    let mut report = Report::with_audit(args.audit);
    let mut pipeline = pipeline(&args.chain)?;
    if args.audit > 0 {
        pipeline = pipeline.context(AUDIT_CONTEXT);
    }
    let chain = pipeline.steps().iter().map(|step| step.name()).collect();
    let worker = Worker {
        pipeline,
        records: RecordOptions { key, edits: args.edits, config: config_hash(args), chain },
        key_is_fixed: args.record_key.is_some(),
        options: args.input.options.clone(),
        format: args.format,
        keep_rejected: rejected.is_some(),
        empty_report: report.fork(),
    };
    let threads = args.threads.map_or_else(available_threads, NonZeroUsize::get).min(MAX_THREADS);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("clean-{n}"))
        .build()
        .context("cannot start threads")?;

    let mut failures = 0;
    let broke = ordered::map(
        reader,
        &Arc::new(pool),
        (threads * BUDGET_PER_THREAD).min(MAX_BUDGET),
        |batch| batch.bytes.len(),
        move |batch| worker.process(&batch),
        |mut done| {
            failures += done.messages.len() as u64;
            let stopped = args.max_errors.is_some_and(|most| failures > most);
            if stopped {
                let beyond = failures - args.max_errors.unwrap_or_default() - 1;
                done.messages.truncate(done.messages.len().saturating_sub(beyond as usize));
            }
            match write(done, &mut output, &mut rejected, &mut report, &progress, args.flush) {
                Err(error) => return ControlFlow::Break(Err(error)),
                Ok(unwritten) => failures += unwritten,
            }
            progress.update(report.documents);
            if stopped { ControlFlow::Break(Ok(())) } else { ControlFlow::Continue(()) }
        },
    );
    progress.finish();
    let stopped = broke?.transpose()?.is_some();
    if !stopped {
        output.flush()?;
        output.finish()?;
    }
    if let Some(file) = rejected {
        file.finish().context("cannot finish the file of what was set aside")?;
    }
    if let Some(file) = report_file {
        write_report(file, &report).context("cannot write the report")?;
    }
    if !args.quiet {
        let mut stderr = anstream::stderr().lock();
        // A closed standard error is no reason to fail.
        let _ = summary::write(&report, start.elapsed(), args.verbose > 0, &mut stderr);
    }
    if args.audit > 0 && args.report.is_none() {
        let _ = summary::write_audit(&report, &mut anstream::stderr().lock());
    }
    if stopped {
        message(&format!(
            "stopped, and the output not finished: more than {} could not be read (--max-errors)",
            args.max_errors.unwrap_or_default()
        ));
        return Ok(Exit::Failure);
    }
    if report.documents == 0 && report.total_set_aside() == 0 && !args.quiet {
        message(
            "no documents found; in directories, hidden and ignored files are left out (--hidden, --no-ignore)",
        );
    }
    Ok(if failures > 0 { Exit::SomeSetAside } else { Exit::Success })
}

/// Members of a record from a file or a page.
const RESERVED: [&str; 4] = ["id", "text", "source", "metadata"];

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Writes what a worker made, in the order of the input; returns how many outputs could not be begun.
fn write(
    done: Done,
    output: &mut Output,
    rejected: &mut Option<OutputFile>,
    report: &mut Report,
    progress: &Progress,
    flush: bool,
) -> anyhow::Result<u64> {
    let mut messages = done.messages;
    let mut unwritten = 0;
    for piece in done.pieces {
        match piece {
            Piece::Open(input) => {
                if let Some(cause) = output.next_input(&input)? {
                    messages.push(format!("{}: not cleaned: {cause}", printable(&input.name)));
                    report.count_set_aside("output", "not_written");
                    unwritten += 1;
                }
            }
            Piece::Bytes(bytes) => output.write(&bytes)?,
        }
    }
    if flush {
        output.flush()?;
    }
    if let Some(file) = rejected {
        file.write_all(&done.rejected).context("cannot write the file of what was set aside")?;
    }
    if !messages.is_empty() {
        progress.suspend(|| messages.iter().for_each(|text| message(text)));
    }
    *report += done.report;
    Ok(unwritten)
}

fn write_report(mut file: OutputFile, report: &Report) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut file, report)?;
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
