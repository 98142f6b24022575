//! Arguments as typed, and which command they mean.
//!
//! `clean PATH…` cleans (module [`run`]), `clean explain` shows what cleaning does to one document, `clean restore`
//! takes it back. Settings come from the command line, a file and a preset ([`config`]). Messages go to standard error through
//! `anstream`, which drops colour where it is not wanted.

mod check;
mod config;
mod explain;
mod generate;
mod load;
mod log;
mod output;
mod page;
mod progress;
mod report;
mod restore;
mod run;
#[cfg(unix)]
mod signals;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use corpus_clean::{input, stages};
use log::message;

/// How a run ended, as the shell is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done; a reader that closed the pipe early counts as done.
    Success,
    /// Done, but some input could not be read or was set aside as unreadable.
    SomeSetAside,
    /// Nothing done, or not finished: wrong arguments, or the output could not be written.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::SomeSetAside => 1,
            Exit::Failure => 2,
        })
    }
}

/// Turn raw web scrapes into clean text for machine learning.
///
/// Reads pages, Markdown, plain text or JSON Lines, compressed or not, from files, directories or standard input,
/// and writes JSON Lines: one record a document, in the order of the input. Clean text goes through unchanged;
/// what is changed is counted, and with --edits every change is in the record and can be undone.
#[derive(Parser)]
#[command(
    name = "clean",
    version,
    disable_version_flag = true,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Exit code: 0 done; 1 done, but some input was set aside; 2 nothing done or not finished; 130, 143 interrupted.",
    after_long_help = "Examples:\n  clean < page.html > page.jsonl             a filter in a pipe\n  \
        clean scrapes/ -o cleaned/                 a directory, in parallel\n  \
        clean in.jsonl.zst -o out.jsonl.zst        a step of a data pipeline\n  \
        clean check crawl/                         what would be done, from a sample\n  \
        clean crawl/ --preset web -o out.jsonl     with settings that belong together\n  \
        clean report out.jsonl -o report.html      what was done, as a page\n  \
        clean explain page.html                    what is done to one page, and why\n  \
        clean explain in.jsonl.zst 17 --stage spam    of one record, one stage\n\n\
        A run with -o that was stopped, in whatever way, goes on when the same command is given again.\n\n\
        Exit code: 0 done; 1 done, but some input was set aside; 2 nothing done or not finished; 130, 143 interrupted."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::RunArgs,
    /// Print the version; with -v what it was built for, too
    #[arg(short = 'V', long, help_heading = "Other")]
    version: bool,
}

/// The version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Subcommand)]
enum Command {
    /// Show what each stage does to one document, and why
    Explain(Box<explain::ExplainArgs>),
    Check(check::CheckArgs),
    /// Make a page for the browser of what a run did
    Report(report::ReportArgs),
    Config(config::ConfigArgs),
    /// Show the presets
    Presets,
    /// Take edits back: cleaned records (written with --edits) to the text before
    Restore(restore::RestoreArgs),
    Generate(generate::GenerateArgs),
    /// List the licences of the crates and the data in the program
    Licenses,
}

/// Which stages run and how; the same for every command that cleans.
#[derive(Args, Clone, Debug, Default)]
pub struct ChainArgs {
    /// Leave these stages out (comma-separated)
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = PossibleValuesParser::new(stages::NAMES), hide_possible_values = true)]
    pub skip: Vec<String>,
    /// Run these stages only; `none` decodes and passes the text through
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = PossibleValuesParser::new(stages::NAMES.iter().copied().chain(["none"])), hide_possible_values = true, conflicts_with = "skip")]
    pub only: Vec<String>,
    /// Also make the edits that are likely right but not certain (by default they are only marked)
    #[arg(long)]
    pub bold: bool,
    /// Set aside documents that a stage finds useless from end to end, by rule (such as spam-page)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub drop: Vec<String>,
    #[command(flatten)]
    pub source: config::SourceArgs,
    #[command(flatten, next_help_heading = "Stage options")]
    pub stages: stages::Options,
}

/// Where documents come from; the same for every command that reads them.
#[derive(Args, Clone, Debug, Default)]
pub struct InputArgs {
    #[command(flatten, next_help_heading = "Input")]
    pub options: input::Options,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    fn apply(self) {
        match self {
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

/// What `clean -h` says: a screen, where all flags would be four.
const SHORT_HELP: &str = include_str!("cli/short_help.txt");

/// Flags of a run that the `-h` of other commands shows; all others are for `--help`, which the last line of `-h` names.
const IN_SHORT_HELP: [&str; 8] = ["output", "format", "edits", "skip", "bold", "drop", "preset", "config"];

/// The whole command line, as clap parses it.
fn command() -> clap::Command {
    let mut command = Cli::command();
    let of_run: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for name in ["explain", "check", "config"] {
        command = command.mut_subcommand(name, |sub| {
            sub.mut_args(|arg| {
                let id = arg.get_id().as_str();
                let hide =
                    id != "paths" && of_run.iter().any(|of_run| of_run == id) && !IN_SHORT_HELP.contains(&id);
                if hide { arg.hide_short_help(true) } else { arg }
            })
        });
    }
    config::with_negations(command)
}

/// Runs the program.
pub fn main() -> Exit {
    let command = command();
    let result = config::matches(&command, std::env::args_os().collect());
    silence_panics();
    result.and_then(|matches| dispatch(&command, &matches)).unwrap_or_else(|error| {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            if error.kind() == ErrorKind::DisplayHelp && asks_for_short_help(&command) {
                use std::io::Write;
                let _ = std::io::stdout().write_all(SHORT_HELP.as_bytes());
                return Exit::Success;
            }
            // Help is an error to clap; only real ones fail.
            let failed = error.use_stderr();
            let _ = error.print();
            return if failed { Exit::Failure } else { Exit::Success };
        }
        if is_closed_pipe(&error) {
            return Exit::Success;
        }
        message(&format!("{error:#}"));
        Exit::Failure
    })
}

/// Whether the help that was asked for is the short one of the main command.
fn asks_for_short_help(command: &clap::Command) -> bool {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let is_sub =
        args.first().is_some_and(|first| command.find_subcommand(first).is_some() || first == "help");
    !is_sub && !args.iter().any(|arg| arg == "--help")
}

fn dispatch(command: &clap::Command, matches: &ArgMatches) -> anyhow::Result<Exit> {
    let cli = Cli::from_arg_matches(matches)?;
    match cli.command {
        Some(Command::Explain(args)) => {
            args.color.apply();
            explain::explain(&args)
        }
        Some(Command::Report(args)) => report::report(&args),
        Some(Command::Config(_)) => match matches.subcommand() {
            Some((_, matches)) => config::print(command, matches),
            None => Ok(Exit::Failure),
        },
        Some(Command::Presets) => config::presets(),
        Some(Command::Generate(args)) => generate::generate(&args, command.clone()),
        Some(Command::Licenses) => generate::licenses(),
        Some(Command::Restore(args)) => restore::restore(&args),
        None if cli.version => version(cli.run.verbose > 0),
        Some(Command::Check(args)) => {
            args.run.color.apply();
            log::choose(args.run.log_format);
            check::check(&args)
        }
        None => {
            cli.run.color.apply();
            log::choose(cli.run.log_format);
            refuse_mistyped_command(command, &cli.run.paths)?;
            run::run(&cli.run, &config::effective(command, matches))
        }
    }
}

fn version(verbose: bool) -> anyhow::Result<Exit> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "clean {VERSION}")?;
    if verbose {
        let build = if cfg!(debug_assertions) { "debug" } else { "release" };
        writeln!(out, "for: {} {}, {build} build", std::env::consts::OS, std::env::consts::ARCH)?;
        writeln!(out, "threads: {}", run::available_threads())?;
        writeln!(out, "stages: {}", stages::NAMES.join(" "))?;
        writeln!(out, "licence: {}; what is in it: clean licenses", env!("CARGO_PKG_LICENSE"))?;
    }
    Ok(Exit::Success)
}

/// A stage that panics sets one document aside with its message; the backtrace on the terminal would say it twice.
fn silence_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// `clean chek crawl/` would clean the whole directory onto the terminal.
///
/// # Errors
/// When the first of several paths does not exist and is nearly the name of a command.
fn refuse_mistyped_command(command: &clap::Command, paths: &[PathBuf]) -> anyhow::Result<()> {
    let Some(word) = paths.first().filter(|first| !first.exists()).and_then(|first| first.to_str()) else {
        return Ok(());
    };
    let near = config::nearest(word, command.get_subcommands().map(clap::Command::get_name));
    if let Some(name) = near.filter(|_| !word.contains(['/', '.'])) {
        anyhow::bail!("there is no file and no command `{word}`; did you mean `clean {name}`?");
    }
    Ok(())
}

/// Whether the reader of our output went away: for a filter that is success (`clean … | head`).
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        // JSON that cannot be written wraps the reason.
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(json);
        kind == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// The paths to read, with standard input where none are named.
///
/// # Errors
/// When standard input is a terminal: someone who types `clean` alone wants help, not a silent wait.
fn paths_or_stdin(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    use std::io::IsTerminal;
    if !paths.is_empty() {
        return Ok(paths.to_vec());
    }
    if std::io::stdin().is_terminal() {
        let usage = Cli::command().color(ColorChoice::Never).render_usage();
        anyhow::bail!(
            "nothing to read: name files or directories, or give a page on standard input\n{usage}\nTry 'clean --help'."
        );
    }
    Ok(vec![PathBuf::from("-")])
}
