//! Prints what the html stage measures of every line of pages, for `tests/corpus/fit_html.py`.
//!
//! Arguments: pages. For each a JSON object: `source`, and `lines`, each with its text, whether it may be kept, and its
//! numbers. The first line holds the names of the numbers.

use std::io::{self, BufWriter, Write};

use corpus_clean::decode::decode;
use corpus_clean::stages::html::{self, features};

fn main() -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut out, &features::names())?;
    writeln!(out)?;
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let Ok(decoded) = decode(&bytes, None) else { continue };
        let lines: Vec<_> = html::measured(&decoded.text)
            .into_iter()
            .map(|(text, may, row)| serde_json::json!([text, may, row.to_vec()]))
            .collect();
        serde_json::to_writer(&mut out, &serde_json::json!({"source": path, "lines": lines}))?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
