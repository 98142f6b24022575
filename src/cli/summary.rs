//! The table at the end of a run.

use std::io::{self, Write};
use std::time::Duration;

use corpus_clean::report::{Report, RuleAudit};

use serde_json::{Value, json};

use super::progress::{bytes, count};

/// Writes the totals, and a line for each stage that did something; each rule, too, when `verbose`.
pub fn write(report: &Report, elapsed: Duration, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let seconds = elapsed.as_secs_f64();
    writeln!(
        out,
        "clean: {} {} ({}) in {seconds:.1} s; {} changed, {} set aside",
        count(report.documents),
        if report.documents == 1 { "document" } else { "documents" },
        bytes(report.raw_bytes),
        count(report.edited),
        count(report.total_set_aside()),
    )?;
    let rows: Vec<_> =
        report.stages.in_order().filter(|(_, counts)| counts.edits > 0 || !counts.rules.is_empty()).collect();
    if !rows.is_empty() {
        writeln!(
            out,
            "  {:<28} {:>11} {:>11} {:>13} {:>11}",
            "", "documents", "edits", "chars removed", "chars added"
        )?;
    }
    for (name, counts) in rows {
        row(name, [counts.documents, counts.edits, counts.removed, counts.added], out)?;
        if verbose {
            for (rule, counts) in &counts.rules {
                let marked =
                    if counts.marked > 0 { format!(" ({} marked)", counts.marked) } else { String::new() };
                let name = format!("  {rule}{marked}");
                row(&name, [counts.documents, counts.edits, counts.removed, counts.added], out)?;
            }
        }
    }
    for (heading, counts) in
        [("set aside", &report.set_aside), ("skipped", &report.skipped), ("flagged", &report.flags)]
    {
        if !counts.is_empty() {
            let list: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {}", count(*n))).collect();
            writeln!(out, "  {heading}: {}", list.join(", "))?;
        }
    }
    Ok(())
}

/// The same as JSON.
pub fn to_json(report: &Report, elapsed: Duration) -> Value {
    let stages = report.stages.in_order().map(|(name, counts)| {
        let counts = json!({"documents": counts.documents, "edits": counts.edits, "removed": counts.removed, "added": counts.added});
        (name.to_owned(), counts)
    });
    json!({
        "seconds": elapsed.as_secs_f64(),
        "documents": report.documents,
        "edited": report.edited,
        "raw_bytes": report.raw_bytes,
        "set_aside": report.set_aside,
        "skipped": report.skipped,
        "flags": report.flags,
        "stages": stages.collect::<serde_json::Map<_, _>>(),
    })
}

fn row(name: &str, counts: [u64; 4], out: &mut dyn Write) -> io::Result<()> {
    let [documents, edits, removed, added] = counts.map(count);
    writeln!(out, "  {name:<28} {documents:>11} {edits:>11} {removed:>13} {added:>11}")
}

/// Writes the sampled edits of each rule, for reading: `left[-before-]{+after+}right`.
pub fn write_audit(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(audit) = &report.audit else { return Ok(()) };
    for (name, rule) in &audit.rules {
        writeln!(
            out,
            "\n{name}: {} documents; {}",
            count(rule.documents),
            rates(rule, &audit.documents_by_language)
        )?;
        for sample in &rule.samples {
            let made = if sample.made { "" } else { " (marked only)" };
            let line = format!("{}[-{}-]{{+{}+}}{}", sample.left, sample.before, sample.after, sample.right);
            writeln!(out, "  {}{made}\n    {}", sample.id, line.replace('\n', "⏎"))?;
        }
    }
    Ok(())
}

fn rates(rule: &RuleAudit, documents: &std::collections::BTreeMap<String, u64>) -> String {
    let mut rates: Vec<String> = Vec::new();
    for (language, hits) in &rule.by_language {
        let of = documents.get(language).copied().unwrap_or(*hits).max(1);
        rates.push(format!("{language} {:.2} % of {}", 100.0 * *hits as f64 / of as f64, count(of)));
    }
    rates.join(", ")
}
