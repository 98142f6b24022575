//! Prints the features of every block that the spam stage decides about, for `tests/corpus/fit_spam.py`.
//!
//! Reads JSON Lines with `text` from standard input; writes a line for each block: number of the record, start and end (bytes),
//! whether it would be cut, then the features, with tabs between. The first line holds the names.

use std::io::{self, BufRead, BufWriter, Write};

use corpus_clean::document::Document;
use corpus_clean::stages::spam::{candidates, features};

#[derive(serde::Deserialize)]
struct Record {
    text: String,
}

fn main() -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "record\tstart\tend\tsure\t{}", features::NAMES.join("\t"))?;
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let record: Record = serde_json::from_str(&line?)?;
        let doc = Document::from_text(record.text);
        for found in candidates(&doc) {
            let (Some(first), Some(last)) = (found.pieces.first(), found.pieces.last()) else { continue };
            write!(out, "{number}\t{}\t{}\t{}", first.start, last.end, u8::from(found.sure))?;
            for value in found.features.0 {
                write!(out, "\t{value:.4}")?;
            }
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}
