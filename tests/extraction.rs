//! The main text of pages of our own making must not get worse: `pages/NAME.html`, its text `NAME.txt`, and `scores.tsv`, the
//! score that each page has reached.
//!
//! A score is the F1 of runs of four words, a Han character being one, as in Scrapinghub's article benchmark. After an improvement
//! `CLEAN_UPDATE=1 cargo test --test extraction` raises what is in `scores.tsv`; it never lowers a score.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corpus_clean::document::{Document, Kind};
use corpus_clean::pipeline::Pipeline;
use corpus_clean::stages::html::Html;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages")
}

fn clean(page: &str, html: Html) -> String {
    let doc = Document::new("-", Arc::from("-"), Kind::Html, page.to_owned());
    let cleaned = Pipeline::new(vec![Arc::new(html)]).clean(doc).expect("cleaned");
    cleaned.document.text().to_owned()
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars() {
        let alone = matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}');
        if alone || (c.is_alphanumeric() && !in_word) {
            words.push(c.to_string());
        } else if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c);
        }
        in_word = c.is_alphanumeric() && !alone;
    }
    words
}

fn runs(text: &str) -> HashMap<Vec<String>, usize> {
    let words = words(text);
    let mut runs = HashMap::new();
    for run in words.windows(words.len().clamp(1, 4)) {
        *runs.entry(run.to_vec()).or_insert(0) += 1;
    }
    runs
}

fn f1(wanted: &str, found: &str) -> f64 {
    let (wanted, found) = (runs(wanted), runs(found));
    let right: usize = wanted.iter().map(|(run, n)| found.get(run).copied().unwrap_or(0).min(*n)).sum();
    2.0 * right as f64 / (wanted.values().sum::<usize>() + found.values().sum::<usize>()) as f64
}

/// Name, page and text, in order.
fn pages() -> Vec<(String, String, String)> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".html").map(str::to_owned))
        .collect();
    names.sort();
    let read = |name: &str, end: &str| {
        std::fs::read_to_string(folder().join(format!("{name}.{end}"))).expect("page and text are there")
    };
    names.iter().map(|n| (n.clone(), read(n, "html"), read(n, "txt"))).collect()
}

#[test]
fn scores_only_rise() {
    let path = folder().join("scores.tsv");
    let table = std::fs::read_to_string(&path).unwrap_or_default();
    let reached: HashMap<&str, f64> = table
        .lines()
        .filter_map(|line| {
            let (name, score) = line.split_once('\t')?;
            Some((name, score.parse().ok()?))
        })
        .collect();
    let (mut new, mut worse) = (String::new(), String::new());
    for (name, page, text) in pages() {
        let score = f1(&text, &clean(&page, Html::default()));
        let before = reached.get(name.as_str()).copied();
        // The table has three decimals.
        if before.is_some_and(|before| score < before - 0.0005) {
            writeln!(worse, "{name}: {score:.3}, was {:.3}", before.unwrap_or(0.0)).expect("written");
        }
        assert!(
            before.is_some() || std::env::var_os("CLEAN_UPDATE").is_some(),
            "{name} is not in scores.tsv"
        );
        writeln!(new, "{name}\t{:.3}", score.max(before.unwrap_or(0.0))).expect("written");
    }
    assert!(worse.is_empty(), "{worse}");
    if std::env::var_os("CLEAN_UPDATE").is_some() {
        std::fs::write(path, new).expect("written");
    }
}

/// What the tests of the score stand for: a page that comes out empty has no score to fall.
#[test]
fn no_page_is_empty_and_no_hidden_link_is_kept() {
    for (name, page, _) in pages() {
        let text = clean(&page, Html::default());
        assert!(!text.trim().is_empty(), "{name}");
        for planted in ["casino", "schufa", "spielautomaten"] {
            assert!(!text.contains(planted), "{name}: {planted}");
        }
    }
}

#[test]
fn markdown_keeps_the_structure() {
    let page = std::fs::read_to_string(folder().join("documentation_en.html")).expect("the page is there");
    let text = clean(&page, Html { markdown: true, ..Html::default() });
    for part in [
        "## Opening a queue\n",
        "```\nlet queue = Queue::open(\"jobs.q\")?;\nqueue.push(b\"first\")?;\n\nassert_eq!(queue.len(), 1);\n```\n",
        "capacity\n:   How many jobs may wait.",
        "| Name | Smallest | Largest |\n| --- | --- | --- |\n| capacity | 1 | 65,536 |\n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn comments_and_links_are_kept_when_asked_for() {
    let page = std::fs::read_to_string(folder().join("comments_en.html")).expect("the page is there");
    assert!(!clean(&page, Html::default()).contains("barometer"));
    let asked = Html { comments: true, ..Html::default() };
    assert!(clean(&page, asked).contains("barometer"));
    // Below an article of two sentences, too.
    let page = "<html><body><article><p>The ferry is late again today. It will come at noon, they say.</p></article>\
        <div id=comments><p>It came at one, in fact, and nobody was told.</p><a href=x>Reply</a>\
        <div id=respond><h3>Leave a reply</h3><form><p>Your address is not shown.</p></form></div></div></body></html>";
    let text = clean(page, Html { comments: true, ..Html::default() });
    assert!(
        text.contains("came at one") && !text.to_lowercase().contains("reply") && !text.contains("shown"),
        "{text}"
    );
    let page = "<p>See <a href='/a (1)'>the  <b>first</b></a>, or <a href=b>b<br>c</a>.</p>";
    let linked = clean(page, Html { links: true, ..Html::default() });
    assert_eq!(linked, "See [the first](/a%20%281%29), or [b](b)\n[c](b).\n");
}
