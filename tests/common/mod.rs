//! What the tests of whole stages and of the whole chain share.

#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corpus_clean::document::{Document, Kind};
use corpus_clean::edit::{self, EditRecord, Field};
use corpus_clean::pipeline::{Cleaned, Pipeline, Step};
use corpus_clean::stage::Stage;
use corpus_clean::stages::{self, Options};

pub fn document(kind: Kind, text: &str) -> Document {
    Document::new("test", Arc::from("test"), kind, text.to_owned())
}

/// The chain up to and including the stage of this name, as the program runs it without options.
pub fn chain_up_to(last: &str) -> Vec<Arc<dyn Stage>> {
    let end = stages::NAMES.iter().position(|name| *name == last).expect("the name of a stage");
    stages::list(&Options::default()).into_iter().take(end + 1).collect()
}

/// One stage alone.
pub fn stage(name: &str) -> Option<Arc<dyn Stage>> {
    stages::list(&Options::default()).into_iter().find(|stage| stage.name() == name)
}

fn of_text(step: &Step) -> impl Iterator<Item = &EditRecord> {
    step.made.iter().filter(|record| record.field == Field::Text)
}

/// Takes the edits back, last step first: the text before the first step, or the one the html stage wrote.
pub fn undone(cleaned: &Cleaned) -> Result<Undone, String> {
    let mut text = cleaned.document.text().to_owned();
    let numbers: Vec<usize> = cleaned.trail.steps.iter().map(|step| step.number).collect();
    let numbered = cleaned.trail.steps.iter().all(|step| step.made.iter().all(|r| r.step == step.number));
    if !numbered || !numbers.is_sorted_by(|one, next| one < next) {
        return Err(format!("records cannot be told by their steps: {numbers:?}"));
    }
    for step in cleaned.trail.steps.iter().rev() {
        if step.rewrite.is_some() {
            return Ok(Undone::ToRewrite(text));
        }
        text = edit::undo(&text, of_text(step)).map_err(|e| format!("undoing {}: {e}", step.stage))?;
    }
    Ok(Undone::ToStart(text))
}

pub enum Undone {
    ToStart(String),
    ToRewrite(String),
}

/// The claims that hold for any text in any state of damage; `Err` says which one does not.
pub fn check_claims(pipeline: &Pipeline, kind: Kind, before: &str) -> Result<Cleaned, String> {
    let cleaned = pipeline.clean(document(kind, before)).map_err(|e| e.to_string())?;
    check_undo(kind, before, &cleaned)?;
    if cleaned.flags.iter().any(|flag| flag == "pipeline:unsettled") {
        return Err(format!("the text does not settle ({})", rules_of(&cleaned).join(", ")));
    }
    let after = cleaned.document.text();
    let again = pipeline.clean(document(Kind::Text, after)).map_err(|e| format!("second run: {e}"))?;
    if again.document.text() != after {
        return Err(format!(
            "a second run changes the text again ({})\nonce:  {after:?}\ntwice: {:?}",
            rules_of(&again).join(", "),
            again.document.text()
        ));
    }
    Ok(cleaned)
}

fn check_undo(kind: Kind, before: &str, cleaned: &Cleaned) -> Result<(), String> {
    let (expected, restored) = match undone(cleaned)? {
        Undone::ToStart(text) => (before.to_owned(), text),
        Undone::ToRewrite(text) => {
            let prefix = Pipeline::new(chain_up_to("html"));
            let prefix = prefix.clean(document(kind, before)).map_err(|e| e.to_string())?;
            // The stages before html look at its text again, and so do these.
            let (Undone::ToRewrite(written) | Undone::ToStart(written)) = undone(&prefix)?;
            (written, text)
        }
    };
    if restored == expected {
        return Ok(());
    }
    Err(format!("undo does not restore the text\nexpected {expected:?}\nrestored {restored:?}"))
}

/// `stage:rule` of every edit made.
pub fn rules_of(cleaned: &Cleaned) -> Vec<String> {
    cleaned.trail.edits().map(|e| format!("{}:{}", e.stage, e.rule)).collect()
}

/// Every `stage:rule` the default chain lists.
pub fn listed_rules() -> HashSet<String> {
    let all = stages::list(&Options::default());
    all.iter().flat_map(|s| s.rules().iter().map(|r| format!("{}:{}", s.name(), r.name))).collect()
}

/// Files below `root`, sorted; none if there is no such folder.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The first place where two texts differ, with what stands around it.
pub fn difference(expected: &str, got: &str) -> String {
    let same = expected.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(20);
    let part = |text: &str| text.chars().skip(from).take(100).collect::<String>();
    format!("differs from character {same} on\n  expected …{:?}\n  got      …{:?}", part(expected), part(got))
}

/// Fails with all findings at once, so that one run shows everything.
#[track_caller]
pub fn assert_none(wrong: &[String], cases: usize) {
    assert!(wrong.is_empty(), "{} of {cases} cases:\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}
