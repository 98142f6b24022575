//! Arguments as typed, and which command they mean.
//!
//! `clean PATH…` cleans (module [`run`]), `clean explain` shows what cleaning does to one document, `clean restore`
//! takes it back. Messages go to standard error through `anstream`, which drops colour where it is not wanted.

mod explain;
mod load;
mod output;
mod progress;
mod restore;
mod run;
#[cfg(unix)]
mod signals;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum};
use corpus_clean::{input, stages};

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
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Exit code: 0 done; 1 done, but some input was set aside; 2 nothing done or not finished; 130, 143 interrupted.",
    after_long_help = "Examples:\n  clean < page.html > page.jsonl          a filter in a pipe\n  \
        clean scrapes/ -o cleaned/              a directory, in parallel\n  \
        clean in.jsonl.zst -o out.jsonl.zst     a step of a data pipeline\n  \
        clean explain page.html                 what is done to one page, and why\n\n\
        A run with -o that was stopped, in whatever way, goes on when the same command is given again.\n\n\
        Exit code: 0 done; 1 done, but some input was set aside; 2 nothing done or not finished; 130, 143 interrupted."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::RunArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Show what each stage does to one document, and why
    Explain(Box<explain::ExplainArgs>),
    /// Take edits back: cleaned records (written with --edits) to the text before
    Restore(restore::RestoreArgs),
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

/// Runs the program.
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap; only real ones fail.
            let failed = error.use_stderr();
            let _ = error.print();
            return if failed { Exit::Failure } else { Exit::Success };
        }
    };
    silence_panics();
    let result = match cli.command {
        Some(Command::Explain(args)) => {
            args.color.apply();
            explain::explain(&args)
        }
        Some(Command::Restore(args)) => restore::restore(&args),
        None => {
            cli.run.color.apply();
            run::run(&cli.run)
        }
    };
    result.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            return Exit::Success;
        }
        message(&format!("{error:#}"));
        Exit::Failure
    })
}

/// A stage that panics sets one document aside with its message; the backtrace on the terminal would say it twice.
fn silence_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// Writes one line to standard error, prefixed as Unix tools do.
fn message(text: &str) {
    use std::io::Write;
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(anstream::stderr(), "clean: {text}");
}

/// Whether the reader of our output went away: for a filter that is success (`clean … | head`).
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
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
