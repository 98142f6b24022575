//! Runs the texts under `fixtures/`: single stages on their cases, the whole chain on whole documents.
//!
//! | folder | what is there | what must hold |
//! |---|---|---|
//! | `STAGE/wild`, `STAGE/synthetic` | `CASE.in.EXT`, `CASE.out.EXT` | the stage alone makes `out` of `in` |
//! | `STAGE/untouched` | `CASE.in.EXT` | the stage alone leaves it byte for byte |
//! | `STAGE/known_failures` | `CASE.in.EXT`, `CASE.out.EXT` | the stage does not reach `out` yet; when it does, move the case |
//! | `documents/CASE` | `raw.EXT`, `keep.txt`, `drop.txt`, `meta.json` | the chain keeps, drops and learns what they say |
//! | `documents/untouched` | `CASE.txt` | the chain leaves it byte for byte |
//!
//! `EXT` is the kind: `txt`, `html`, `md`. Every case is also run a second time and undone.

mod common;

use std::path::{Path, PathBuf};

use common::{assert_none, check_claims, difference, files, read};
use corpus_clean::document::{Document, Kind};
use corpus_clean::lang::markup;
use corpus_clean::pipeline::{Cleaned, Pipeline};
use corpus_clean::stages;
use regex::Regex;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn kind_of(path: &Path) -> Kind {
    match path.extension().and_then(|e| e.to_str()) {
        Some("html") => Kind::Html,
        Some("md") => Kind::Markdown,
        _ => Kind::Text,
    }
}

#[test]
fn single_stages() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for stage in stages::NAMES {
        for group in ["wild", "synthetic", "untouched", "known_failures"] {
            let paths = files(&root().join(stage).join(group));
            for path in &paths {
                let name = file_name(path);
                let part = |case: &str, part: &str| {
                    let wanted = format!("{case}.{part}.");
                    paths.iter().find(|p| p.parent() == path.parent() && file_name(p).starts_with(&wanted))
                };
                if let Some((case, _)) = name.split_once(".in.") {
                    cases += 1;
                    if let Err(why) = single_stage(stage, group, path, part(case, "out")) {
                        wrong.push(format!("{stage}/{group}/{name}: {why}"));
                    }
                } else if name.split_once(".out.").is_none_or(|(case, _)| part(case, "in").is_none()) {
                    wrong.push(format!("{stage}/{group}/{name}: belongs to no CASE.in.EXT"));
                }
            }
        }
    }
    assert_none(&wrong, cases);
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn single_stage(name: &str, group: &str, path: &Path, out: Option<&PathBuf>) -> Result<(), String> {
    let before = read(path);
    let stage = common::stage(name).ok_or("no such stage")?;
    let listed: Vec<&str> = stage.rules().iter().map(|rule| rule.name).collect();
    let pipeline = Pipeline::new(vec![stage]);
    let cleaned = check_claims(&pipeline, kind_of(path), &before)?;
    for step in &cleaned.trail.steps {
        for record in step.made.iter().chain(&step.marked) {
            if !listed.contains(&record.rule.as_ref()) {
                return Err(format!("rule {} is not listed by the stage", record.rule));
            }
        }
    }
    let after = cleaned.document.text();
    if group == "untouched" {
        let by = common::rules_of(&cleaned).join(", ");
        return if after == before {
            Ok(())
        } else {
            Err(format!("touched by {by}; {}", difference(&before, after)))
        };
    }
    let wanted = read(out.ok_or("has no CASE.out.EXT")?);
    match (group, after == wanted) {
        ("known_failures", true) => {
            Err("known as a failure, but right now: move it to wild or synthetic".into())
        }
        ("known_failures", false) | (_, true) => Ok(()),
        (_, false) => Err(difference(&wanted, after)),
    }
}

#[test]
fn folders_are_named_after_stages() {
    for entry in std::fs::read_dir(root()).expect("fixtures") {
        let name = entry.expect("a folder entry").file_name().to_string_lossy().into_owned();
        let known = name == "documents" || stages::NAMES.contains(&name.as_str()) || name.contains('.');
        assert!(known, "fixtures/{name} is run by nobody: no stage is named so");
    }
}

#[test]
fn whole_documents() {
    let pipeline = Pipeline::default();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for path in files(&root().join("documents")) {
        if path.file_stem().is_none_or(|stem| stem != "raw") {
            continue;
        }
        cases += 1;
        let folder = path.parent().expect("a file has a folder");
        let before = read(&path);
        match check_claims(&pipeline, markup::kind(&before), &before) {
            Ok(cleaned) => {
                let missed = judge(folder, &cleaned);
                let known = optional(&folder.join("known_failures.txt"));
                let known: Vec<&str> = known.lines().filter(|l| !l.trim().is_empty()).collect();
                let case = folder.file_name().unwrap_or_default().to_string_lossy();
                wrong.extend(
                    missed.iter().filter(|m| !known.contains(&m.as_str())).map(|m| format!("{case}: {m}")),
                );
                let fixed = known.iter().filter(|k| !missed.iter().any(|m| m == *k));
                wrong.extend(
                    fixed.map(|k| format!("{case}: right now, take it out of known_failures.txt: {k}")),
                );
            }
            Err(why) => wrong.push(format!("{}: {why}", folder.display())),
        }
    }
    assert!(cases >= 5, "only {cases} documents found");
    assert_none(&wrong, cases);
}

#[test]
fn untouched_documents() {
    let pipeline = Pipeline::default();
    let mut wrong = Vec::new();
    let paths = files(&root().join("documents/untouched"));
    assert!(paths.len() >= 60, "only {} documents found", paths.len());
    for path in &paths {
        let before = read(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let checked = check_claims(&pipeline, markup::kind(&before), &before);
        match checked {
            Ok(cleaned) if cleaned.document.text() != before => {
                let rules = common::rules_of(&cleaned).join(", ");
                wrong.push(format!(
                    "{name}: touched by {rules}; {}",
                    difference(&before, cleaned.document.text())
                ));
            }
            Ok(_) => {}
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    assert_none(&wrong, paths.len());
}

fn optional(path: &Path) -> String {
    if path.exists() { read(path) } else { String::new() }
}

/// What the cleaned document misses of the expectations in `folder`. `keep.txt`: whole lines of the text in this order, after `~` parts of
/// lines; `drop.txt`: none may occur, `re:` a regular expression, `max2:` at most twice; `meta.json`: members of the metadata, a date without its end.
fn judge(folder: &Path, cleaned: &Cleaned) -> Vec<String> {
    let text = cleaned.document.text();
    let lines: Vec<String> = text.lines().filter(|l| !l.trim().is_empty()).map(fold).collect();
    let flat = lines.join("\n");
    let mut missed = Vec::new();
    let mut at = 0;
    for want in optional(&folder.join("keep.txt")).lines().filter(|l| !l.trim().is_empty()) {
        let found = match want.strip_prefix('~') {
            Some(part) => find_part(&flat, &fold(part), at),
            None => find_line(&lines, &fold(want), at),
        };
        match found {
            Some(end) => at = end,
            None => missed.push(format!("not kept, or out of order: {want}")),
        }
    }
    for bad in optional(&folder.join("drop.txt")).lines().filter(|l| !l.trim().is_empty()) {
        let there = if let Some(pattern) = bad.strip_prefix("re:") {
            Regex::new(pattern).expect("a regular expression").is_match(text)
        } else if let Some(part) = bad.strip_prefix("max2:") {
            flat.matches(&fold(part)).count() > 2
        } else {
            flat.contains(&fold(bad))
        };
        if there {
            missed.push(format!("not dropped: {bad}"));
        }
    }
    if let Some(c) = text.chars().find(|c| is_damage(*c)) {
        missed.push(format!("left in the text: U+{:04X}", c as u32));
    }
    let expected = optional(&folder.join("meta.json"));
    if !expected.is_empty() {
        let got = serde_json::to_value(&cleaned.document.metadata).expect("metadata is JSON");
        let expected: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&expected).expect("meta.json is an object");
        for (name, value) in expected {
            let same = match (name.as_str(), value.as_str(), got[&name].as_str()) {
                ("date", Some(want), Some(got)) => got.starts_with(want.trim_end_matches('Z')),
                _ => got[&name] == value,
            };
            if !same {
                missed.push(format!("metadata.{name}: expected {value}, got {}", got[&name]));
            }
        }
    }
    missed
}

fn is_damage(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFFD}' | '\0'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}')
}

fn find_part(flat: &str, part: &str, from: usize) -> Option<usize> {
    flat.get(from..)?.find(part).map(|n| from + n + part.len())
}

fn find_line(lines: &[String], line: &str, from: usize) -> Option<usize> {
    let mut start = 0;
    for candidate in lines {
        if start >= from && candidate == line {
            return Some(start + line.len() + 1);
        }
        start += candidate.len() + 1;
    }
    None
}

/// One space for many, and none beside a character outside ASCII: spacing there is a matter of style.
fn fold(line: &str) -> String {
    let ascii = |c: &char| ('\x21'..='\x7E').contains(c);
    let mut out = String::new();
    let mut space = false;
    for c in line.trim().chars() {
        if matches!(c, ' ' | '\t' | '\u{A0}' | '\u{3000}') {
            space = true;
        } else {
            if space && ascii(&c) && out.chars().next_back().is_some_and(|last| ascii(&last)) {
                out.push(' ');
            }
            out.push(c);
            space = false;
        }
    }
    out
}

#[test]
fn the_judge_misses_what_is_missing() {
    let folder = root().join("documents/lottery_tail");
    let judged = |text: &str| {
        let cleaned = Pipeline::new(vec![]).clean(Document::from_text(text)).expect("no stage, no failure");
        judge(&folder, &cleaned)
    };
    let keep = read(&folder.join("keep.txt"));
    let good = keep.lines().map(|l| l.trim_start_matches('~')).collect::<Vec<_>>().join("\n");
    assert!(judged(&good).iter().all(|m| m.starts_with("metadata.")), "{:?}", judged(&good));
    assert!(
        judged("").iter().filter(|m| m.starts_with("not kept")).count()
            == keep.lines().filter(|l| !l.trim().is_empty()).count()
    );
    assert!(judged(&format!("{good}\n快3")).contains(&"not dropped: 快3".into()));
    assert!(judged(&format!("{good}\n\u{E011}")).contains(&"left in the text: U+E011".into()));
    assert_eq!(fold("a  b\u{3000}海 c 口"), "a b海c口");
}
