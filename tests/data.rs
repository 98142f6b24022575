//! The tables that the program embeds are what their generators make.

use std::path::Path;
use std::process::Command;

/// `CLEAN_COUNTS` names the folder of the n-gram counts, which are too large to lie beside the table; without it there is nothing to
/// compare with, and the test says so.
#[test]
fn han_ngrams_are_what_the_counts_give() {
    let Some(counts) = std::env::var_os("CLEAN_COUNTS") else {
        eprintln!("CLEAN_COUNTS is not set: the table of n-grams is not compared with its counts");
        return;
    };
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data/generate_han_ngrams.py");
    let done =
        Command::new("python3").arg(generator).arg(counts).arg("--check").output().expect("python3 runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// What `src/data/README.md` says of each file is of the file that is there.
#[test]
fn data_have_the_sums_that_their_page_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data");
    let page = std::fs::read_to_string(folder.join("README.md")).expect("the page is there");
    let mut compared = 0;
    for line in page.lines() {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (Some(sum), Some(name)) = (cells.next(), cells.next()) else { continue };
        let name = name.trim_matches('`');
        if sum.len() != 64 || !folder.join(name).exists() {
            continue;
        }
        let done = Command::new("sha256sum").arg(folder.join(name)).output().expect("sha256sum runs");
        let found = String::from_utf8_lossy(&done.stdout);
        assert_eq!(found.split_whitespace().next(), Some(sum), "{name}");
        compared += 1;
    }
    assert!(compared >= 5, "only {compared} files compared");
}
