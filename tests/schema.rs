//! Records are what `docs/record.schema.json` says.
//!
//! The validator knows the words that the schema uses and refuses others, so the schema cannot promise what is not checked.
//! (`tests/readers/read.py` checks the same with Python's jsonschema.)

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Says what is wrong with `value` at `place`.
fn validate(value: &Value, schema: &Value, root: &Value, place: &str) -> Result<(), String> {
    let wrong = |what: String| Err(format!("{place}: {what}"));
    let Some(schema) = schema.as_object() else { return wrong("no schema".into()) };
    let properties = schema.get("properties").and_then(Value::as_object);
    for (word, says) in schema {
        match word.as_str() {
            "$schema" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let target = says.as_str().and_then(|path| root.pointer(path.trim_start_matches('#')));
                validate(value, target.ok_or_else(|| format!("{place}: no {says}"))?, root, place)?;
            }
            "type" => {
                let is = match says.as_str() {
                    Some("object") => value.is_object(),
                    Some("array") => value.is_array(),
                    Some("string") => value.is_string(),
                    Some("number") => value.is_number(),
                    Some("integer") => value.is_i64() || value.is_u64(),
                    other => return wrong(format!("type {other:?} is not known here")),
                };
                if !is {
                    return wrong(format!("expected {says}, found {value}"));
                }
            }
            "enum" if !says.as_array().is_some_and(|all| all.contains(value)) => {
                return wrong(format!("{value} is none of {says}"));
            }
            "enum" => {}
            "minimum" | "maximum" => {
                let (bound, number) = (says.as_f64().unwrap_or(f64::NAN), value.as_f64().unwrap_or(f64::NAN));
                let holds = if word == "minimum" { number >= bound } else { number <= bound };
                if !holds {
                    return wrong(format!("{value} is not within {word} {says}"));
                }
            }
            "pattern" => {
                let pattern =
                    regex::Regex::new(says.as_str().unwrap_or_default()).map_err(|e| e.to_string())?;
                if !value.as_str().is_some_and(|text| pattern.is_match(text)) {
                    return wrong(format!("{value} does not match {says}"));
                }
            }
            "required" => {
                for name in says.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.get(name).is_none() {
                        return wrong(format!("no {name}"));
                    }
                }
            }
            "properties" => {
                for (name, schema) in properties.into_iter().flatten() {
                    if let Some(member) = value.get(name) {
                        validate(member, schema, root, &format!("{place}/{name}"))?;
                    }
                }
            }
            "additionalProperties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    if properties.is_some_and(|known| known.contains_key(name)) {
                        continue;
                    }
                    if says == &Value::Bool(false) {
                        return wrong(format!("unknown member {name}"));
                    }
                    validate(member, says, root, &format!("{place}/{name}"))?;
                }
            }
            "items" => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(item, says, root, &format!("{place}/{number}"))?;
                }
            }
            _ => return wrong(format!("the word {word} is not checked here")),
        }
    }
    Ok(())
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/record.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn records(args: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // Some of the fixtures are not text, and set aside.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn records_are_what_the_schema_says() {
    let schema = schema();
    let mut seen = [false; 3];
    for args in [
        &["-q", "fixtures"][..],
        &["-q", "--edits", "fixtures"],
        &["-q", "--edits", "--bold", "fixtures/html"],
    ] {
        let records = records(args);
        assert!(records.len() > 3);
        for record in records {
            validate(&record, &schema, &schema, record["id"].as_str().unwrap_or("?")).unwrap();
            let has = |name: &str| record["clean"].get(name).is_some();
            seen = [seen[0] || has("flags"), seen[1] || has("left_out"), seen[2] || has("marked")];
        }
    }
    assert_eq!(seen, [true; 3], "flags, left_out, marked");
}

#[test]
fn what_is_not_a_record_is_refused() {
    let schema = schema();
    let good = records(&["-q", "--edits", "fixtures/documents/lottery_tail/raw.txt"]).remove(0);
    validate(&good, &schema, &schema, "").unwrap();
    let spoil = |at: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(at).unwrap() = value;
        validate(&bad, &schema, &schema, "").unwrap_err()
    };
    for (at, value) in [
        ("/text", Value::Null),
        ("/clean/config", "0".into()),
        ("/clean/raw_bytes", (-1).into()),
        ("/clean/signals/han_share", "much".into()),
        ("/clean/edits/0/certainty", 1.5.into()),
        ("/clean/edits/0", Value::Null),
        ("/metadata", 3.into()),
    ] {
        let error = spoil(at, value);
        assert!(error.starts_with(at), "{at}: {error}");
    }
}
