//! Turns the result of a run into an exit code, and nothing else.

use std::io::Read;

use clap::Parser;
use corpus_clean::document::{Document, Kind};
use corpus_clean::{pipeline::Pipeline, stages};

#[derive(Parser)]
struct Args {
    #[arg(long, value_enum)]
    input: Option<Kind>,
    #[arg(long)]
    edits: bool,
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    stages: stages::Options,
}

fn main() {
    let args = Args::parse();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let head = text.trim_start();
    let kind = args.input.unwrap_or(if head.starts_with("---\n") {
        Kind::Markdown
    } else if head.to_ascii_lowercase().starts_with("<!doctype html") || head.starts_with("<html") {
        Kind::Html
    } else {
        Kind::Text
    });
    let list = stages::list(&args.stages);
    let list = list.into_iter().filter(|s| args.only.is_empty() || args.only.iter().any(|o| o == s.name()));
    let doc = Document::new("-", "-".into(), kind, text);
    let done = Pipeline::new(list.collect()).clean(doc).expect("cleaned");
    let mut record = serde_json::json!({"id": "-", "text": done.document.text(), "metadata": done.document.metadata, "flags": done.flags});
    if args.edits {
        record["edits"] = serde_json::json!(done.trail.edits().collect::<Vec<_>>());
        record["marked"] =
            serde_json::json!(done.trail.steps.iter().flat_map(|s| &s.marked).collect::<Vec<_>>());
    }
    println!("{record}");
}
