//! Turns the result of a run into an exit code, and nothing else.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main().into()
}
