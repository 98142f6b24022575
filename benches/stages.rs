//! Megabytes of text per second: each stage alone, the chain, the scan for triggers. `cargo bench`, or `cargo bench -- chain`.
//!
//! Texts are made from templates, about a megabyte each; figures are bytes of input text.

#[path = "../tests/common/damage.rs"]
#[allow(unused_imports, reason = "its tests are run elsewhere")]
mod damage;
#[path = "../tests/common/texts.rs"]
mod texts;

use std::sync::Arc;

use corpus_clean::document::{Document, Kind};
use corpus_clean::lang::triggers::Triggers;
use corpus_clean::pipeline::Pipeline;
use corpus_clean::stages::{self, Options};
use divan::Bencher;
use divan::counter::BytesCount;

const MEGABYTE: usize = 1 << 20;

#[derive(Clone, Copy, Debug)]
enum Corpus {
    Chinese,
    English,
    Page,
    Polluted,
    Misread,
}

const CORPORA: [Corpus; 5] =
    [Corpus::Chinese, Corpus::English, Corpus::Page, Corpus::Polluted, Corpus::Misread];

impl Corpus {
    /// Documents of some 8 kB, as web pages are, a megabyte in all.
    fn documents(self) -> Vec<Document> {
        (0..MEGABYTE / 8192).map(|n| self.document(n as u64)).collect()
    }

    fn document(self, seed: u64) -> Document {
        let (kind, text) = match self {
            Corpus::Chinese => (Kind::Text, texts::chinese(8192, seed)),
            Corpus::English => (Kind::Text, texts::english(8192, seed)),
            Corpus::Page => (Kind::Html, texts::page(8192, seed)),
            Corpus::Polluted => (Kind::Text, polluted(seed)),
            Corpus::Misread => (Kind::Text, misread(seed)),
        };
        Document::new(format!("{seed}"), Arc::from("bench"), kind, text)
    }
}

/// Prose with a head, a tail and one channel of damage, as on a spam mirror.
fn polluted(seed: u64) -> String {
    let head = damage::piece(15, seed) + "\n" + &damage::piece(10, seed) + "\n\n";
    let body = texts::chinese(6500, seed);
    let body = damage::transformed(body, [1, 2, 1 << 2, 1 << 3, 1 << 10][seed as usize % 5], seed);
    head + &body + "\n" + &damage::piece(3 + seed as usize % 4, seed)
}

/// Paragraphs of prose, of which five of six were read in a wrong encoding, each in another one.
fn misread(seed: u64) -> String {
    use encoding_rs::{BIG5, GBK, KOI8_R, UTF_8, WINDOWS_1252};
    let channels = [(UTF_8, WINDOWS_1252), (GBK, WINDOWS_1252), (UTF_8, GBK), (GBK, BIG5), (UTF_8, KOI8_R)];
    let paragraph = |n: u64| {
        let text = texts::chinese(700, seed + n);
        match channels.get(n as usize % 6) {
            Some((truth, wrong)) => {
                wrong.decode_without_bom_handling(&truth.encode(&text).0).0.into_owned() + "\n"
            }
            None => text + "\n",
        }
    };
    (0..6).map(paragraph).collect()
}

fn bytes(documents: &[Document]) -> BytesCount {
    BytesCount::new(documents.iter().map(|d| d.text().len()).sum::<usize>())
}

fn run(bencher: Bencher, pipeline: &Pipeline, corpus: Corpus) {
    let documents = corpus.documents();
    bencher.counter(bytes(&documents)).with_inputs(|| documents.clone()).bench_local_values(|documents| {
        for document in documents {
            divan::black_box(pipeline.clean(document).expect("cleaned"));
        }
    });
}

#[divan::bench(args = CORPORA, sample_count = 10)]
fn chain(bencher: Bencher, corpus: Corpus) {
    run(bencher, &Pipeline::default(), corpus);
}

#[divan::bench(args = stages::NAMES.iter().flat_map(|s| CORPORA.map(|c| Alone(s, c))).collect::<Vec<_>>(), sample_count = 5)]
fn stage(bencher: Bencher, Alone(name, corpus): Alone) {
    let alone = stages::list(&Options::default()).into_iter().filter(|stage| stage.name() == name);
    run(bencher, &Pipeline::new(alone.collect()), corpus);
}

#[derive(Clone, Copy, Debug)]
struct Alone(&'static str, Corpus);

impl std::fmt::Display for Alone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.0, self.1)
    }
}

#[divan::bench(args = CORPORA)]
fn triggers(bencher: Bencher, corpus: Corpus) {
    let documents = corpus.documents();
    bencher.counter(bytes(&documents)).bench_local(|| {
        for document in &documents {
            divan::black_box(Triggers::scan(divan::black_box(document.text())));
        }
    });
}

fn main() {
    divan::main();
}
