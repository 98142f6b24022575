//! `clean report RUN -o report.html`: the report of a run as one page, to read in a browser.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use corpus_clean::output::sink::{OutputFile, Unfinished};
use corpus_clean::report::Report;
use corpus_clean::stages;
use serde::Serialize;
use serde_json::Value;

use super::Exit;
use super::log::message;
use super::page::{self, Page};
use super::progress::count;

#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// Reports of runs, outputs of runs, or directories with them; several (as of shards) are added up
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// Write the page to this file [default: report.html]; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "report.html", hide_default_value = true)]
    pub output: PathBuf,
    /// Heading of the page
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Overwrite a file that is not such a page
    #[arg(long)]
    pub force: bool,
}

/// What the page draws.
#[derive(Serialize)]
struct Data<'a> {
    title: &'a str,
    /// Of the program that made the report.
    version: Value,
    config: Value,
    /// What each rule does, by `stage:rule`.
    about: BTreeMap<String, &'static str>,
    #[serde(flatten)]
    report: &'a Report,
}

/// Runs the command.
///
/// # Errors
/// When there is no report, or the page cannot be written.
pub fn report(args: &ReportArgs) -> anyhow::Result<Exit> {
    let mut sum = Report::default();
    let mut heads: Vec<(Value, Value)> = Vec::new();
    for file in args.runs.iter().map(|run| find(run)).collect::<anyhow::Result<Vec<_>>>()?.concat() {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let no_report = || format!("{} is no report of a run", file.display());
        let mut whole: Value = serde_json::from_str(&text).with_context(no_report)?;
        let mut take = |name: &str| whole.get_mut(name).map(Value::take).unwrap_or_default();
        heads.push((take("version"), take("config")));
        sum += serde_json::from_str(&text).with_context(no_report)?;
    }
    let runs = heads.len();
    heads.dedup();
    if heads.len() > 1 {
        message("the runs had different settings; the page shows those of the first");
    }
    let names: Vec<_> = args.runs.iter().map(|run| run.display().to_string()).collect();
    let title = args.title.clone().unwrap_or_else(|| format!("What clean did: {}", names.join(", ")));
    let (version, config) = heads.into_iter().next().unwrap_or_default();
    let data = serde_json::to_string(&Data { title: &title, version, config, about: about(), report: &sum })?;
    let html = Page { title: &title, data: &data, script: page::REPORT }.to_html();
    if args.output.as_os_str() == "-" {
        io::stdout().lock().write_all(html.as_bytes())?;
        return Ok(Exit::Success);
    }
    let output = args.output.display();
    if !args.force && args.output.exists() && !is_page(&args.output) {
        bail!(
            "{output} exists and is no page of a report; name another with -o, or overwrite it with --force"
        );
    }
    let write = || -> io::Result<()> {
        let mut file = OutputFile::create(&args.output, Unfinished::Remove)?;
        file.write_all(html.as_bytes())?;
        file.finish()
    };
    write().with_context(|| format!("cannot write {output}"))?;
    let of = if runs > 1 { format!(" of {runs} runs") } else { String::new() };
    message(&format!("{output} shows {} documents{of}; open it in a browser", count(sum.documents)));
    Ok(Exit::Success)
}

/// What each rule does.
fn about() -> BTreeMap<String, &'static str> {
    let stages = stages::list(&stages::Options::default());
    let rules = stages.iter().flat_map(|stage| stage.rules().iter().map(move |rule| (stage.name(), rule)));
    rules.map(|(stage, rule)| (format!("{stage}:{}", rule.name), rule.about)).collect()
}

/// End of the name of a report that the user did not name.
const REPORT: &str = ".report.json";

/// The reports that a user means by a report, by an output, or by a directory of either.
fn find(run: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let beside = |stem: &str| run.with_file_name(format!("{stem}{REPORT}"));
    let name = run.file_name().unwrap_or_default().to_string_lossy();
    let near = [run.join("report.json"), beside(&name), beside(name.strip_suffix(".jsonl").unwrap_or(&name))];
    if !run.is_dir() {
        let is_output = name.contains(".jsonl") || name.ends_with(".txt") || name.ends_with(".parquet");
        return match near.into_iter().find(|file| file.is_file()) {
            Some(file) if is_output => Ok(vec![file]),
            _ if is_output => bail!("there is no report beside {}: {ASK}", run.display()),
            _ => Ok(vec![run.to_owned()]),
        };
    }
    if let Some(file) = near.into_iter().find(|file| file.is_file()) {
        return Ok(vec![file]);
    }
    // Its own, or those of shards that wrote into it.
    let directory = |path: &Path| -> io::Result<Vec<PathBuf>> {
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let parent = run.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let ends = |path: &PathBuf, start: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(start) && name.ends_with(REPORT)
    };
    let cannot = || format!("cannot read {}", run.display());
    let mut files: Vec<_> =
        directory(run).with_context(cannot)?.into_iter().filter(|path| ends(path, "")).collect();
    if files.is_empty() {
        let shard = format!("{name}-");
        files.extend(directory(parent).with_context(cannot)?.into_iter().filter(|path| ends(path, &shard)));
    }
    files.sort();
    if files.is_empty() {
        bail!("there is no report in {}: {ASK}", run.display());
    }
    Ok(files)
}

/// What to do where there is none.
const ASK: &str = "a run with -o writes one beside its output, one to standard output with --report FILE";

/// Whether a file is a page that we made.
fn is_page(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|page| page.contains("<script type=\"application/json\" id=\"data\">"))
}
