//! `clean check PATH…`: what a run would do, from a sample; nothing is written.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use clap::Args;
use corpus_clean::edit::{EditRecord, Field};
use corpus_clean::input::{Batch, Form, Item, Reader, Shard, Totals};
use corpus_clean::ordered;
use corpus_clean::output::sink::Compression;
use corpus_clean::pipeline::Cleaned;
use corpus_clean::report::Report;
use indicatif::HumanDuration;

use super::log::message;
use super::progress::{Progress, bytes, count};
use super::run::{self, Piece, RunArgs, Worker, printable};
use super::{Exit, paths_or_stdin, summary};

/// Tell from a sample what a run would do, and write nothing
///
/// Takes the arguments of a run: put `check` before them. The sample is every Nth input, and of a large one its beginning.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Bytes to read, as they are on the disk (also 512K, 4G)
    #[arg(long, value_name = "BYTES", value_parser = corpus_clean::input::parse_size, default_value = "32M")]
    pub sample: u64,
    #[command(flatten)]
    pub run: RunArgs,
}

/// How many of the worst documents are shown.
const WORST: usize = 10;
/// Stages that take a text out of its wrapping or lay it out: what they take says nothing of the text.
const WRAPPING: [&str; 3] = ["html", "front_matter", "whitespace"];

/// How much of a document is not as it should be.
#[derive(Clone, Debug)]
pub struct Grade {
    /// Characters that were replaced, cut or marked, markup left aside.
    bad: usize,
    /// Of so many.
    of: usize,
    source: String,
    /// Number of the record in its source; 0: the whole.
    place: u64,
    /// The rules that found most of it.
    rules: Vec<String>,
}

impl Grade {
    fn of(item: &Item, cleaned: &Cleaned) -> Self {
        let mut rules: Vec<(String, usize)> = Vec::new();
        let mut cut = 0;
        for step in cleaned.trail.steps.iter().filter(|step| !WRAPPING.contains(&step.stage)) {
            let size = |record: &EditRecord| record.before.chars().count().max(record.after.chars().count());
            let of_text = |record: &&EditRecord| record.field == Field::Text;
            for record in step.made.iter().chain(&step.marked).filter(of_text) {
                let name = format!("{}:{}", step.stage, record.rule);
                match rules.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, bad)) => *bad += size(record),
                    None => rules.push((name, size(record))),
                }
            }
            let taken = |record: &EditRecord| {
                record.before.chars().count().saturating_sub(record.after.chars().count())
            };
            cut += step.made.iter().filter(of_text).map(taken).sum::<usize>();
        }
        rules.sort_by(|(a, most), (b, more)| (more, a).cmp(&(most, b)));
        Self {
            bad: rules.iter().map(|(_, bad)| bad).sum(),
            of: cleaned.chars + cut,
            source: item.file.name.to_string(),
            place: item.place,
            rules: rules.into_iter().map(|(name, _)| name).take(3).collect(),
        }
    }

    fn share(&self) -> f64 {
        (self.bad as f64 / self.of.max(1) as f64).min(1.0)
    }
}

/// A reader that leaves off an input after so many bytes of it.
struct Sampled {
    reader: Reader,
    each: u64,
    of_input: u64,
}

impl Iterator for Sampled {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let batch = self.reader.next()?;
        for item in &batch.items {
            self.of_input = if item.form == Form::Open { 0 } else { self.of_input + item.span.len() as u64 };
        }
        if self.of_input >= self.each {
            self.reader.skip_input();
            self.of_input = 0;
        }
        Some(batch)
    }
}

/// Runs the command.
///
/// # Errors
/// When arguments contradict each other.
pub fn check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let run = &args.run;
    let pipeline = run::pipeline(&run.chain)?;
    let paths = paths_or_stdin(&run.paths)?;
    let reader = Reader::new(paths, &run.input.options, vec![])?;
    let totals = reader.totals();
    let shard = run.shard.or_else(|| every_nth(totals, args.sample));
    let reader = reader.shard(shard);
    let (of_sample, read) = (reader.totals(), reader.progress());
    let inputs = of_sample.map_or(1, |totals| totals.inputs.max(1));
    let progress = Progress::new(run.progress, None, reader.progress(), run.quiet, run.verbose > 0, false);
    let key = run.record_key.clone().unwrap_or_else(|| "clean".to_owned());
    let worker = Worker::new(run, pipeline, key, "0".repeat(16), Report::default()).grading(Grade::of);
    let (pool, budget) = run::pool(run)?;
    let compression = run.output.as_deref().map_or(Compression::None, Compression::of);
    let (written, packed) = (0, 0);
    let mut taken = Taken {
        report: Report::default(),
        worst: vec![],
        inputs: 0,
        messages: 0,
        compression,
        written,
        packed,
    };
    let start = Instant::now();
    let sampled = Sampled { reader, each: (args.sample / inputs).max(1), of_input: 0 };
    let end = ordered::map(
        sampled,
        &pool,
        budget,
        |batch| batch.bytes.len(),
        move |batch| worker.process(&batch),
        |done| match taken.take(done, &progress) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        },
    );
    progress.finish();
    if let Some(error) = end? {
        return Err(error.into());
    }
    let elapsed = start.elapsed();
    let sampled = read.load(std::sync::atomic::Ordering::Relaxed);
    taken.show(run, totals, sampled, elapsed, &mut anstream::stdout().lock())?;
    Ok(Exit::Success)
}

/// Which inputs to read of so many.
fn every_nth(totals: Option<Totals>, sample: u64) -> Option<Shard> {
    let Totals { inputs, bytes } = totals?;
    // Some inputs rather than the beginning of all: opening thousands takes longer than to read them.
    let of = bytes.div_ceil(sample.max(1)).min(inputs.div_ceil(MOST_INPUTS));
    (of > 1).then_some(Shard { number: 1, of })
}

/// Inputs of a sample, about.
const MOST_INPUTS: u64 = 500;

/// What the sample came to.
struct Taken {
    report: Report,
    /// The worst first.
    worst: Vec<Grade>,
    inputs: u64,
    messages: u64,
    compression: Compression,
    /// Bytes that would be written, as they are and as the output compresses them.
    written: u64,
    packed: u64,
}

/// Messages that are shown; of the others there is the count.
const MESSAGES: u64 = 10;

impl Taken {
    fn take(&mut self, done: run::Done, progress: &Progress) -> io::Result<()> {
        let mut name = std::sync::Arc::from("");
        for piece in &done.pieces {
            match piece {
                Piece::Open(input) => {
                    self.inputs += 1;
                    name = std::sync::Arc::clone(&input.name);
                }
                // Parquet packs columns by itself: what is told is the text.
                #[cfg(feature = "parquet")]
                Piece::Rows(rows) => {
                    self.written += rows.iter().map(|row| row.text.len() as u64).sum::<u64>()
                }
                Piece::Bytes(bytes) => {
                    self.written += bytes.len() as u64;
                    self.packed += match self.compression {
                        Compression::None => 0,
                        Compression::Zstd => {
                            zstd::encode_all(&bytes[..], zstd::DEFAULT_COMPRESSION_LEVEL)?.len() as u64
                        }
                        Compression::Gzip => {
                            let mut encoder =
                                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                            encoder.write_all(bytes)?;
                            encoder.finish()?.len() as u64
                        }
                    };
                }
            }
        }
        for text in done.messages {
            if self.messages < MESSAGES {
                progress.suspend(|| message(&text));
            }
            self.messages += 1;
        }
        self.worst.extend(done.grades.into_iter().filter(|grade| grade.bad > 0));
        self.worst.sort_by(|a, b| {
            let by_size = b.share().total_cmp(&a.share()).then(b.bad.cmp(&a.bad));
            by_size.then_with(|| (&a.source, a.place).cmp(&(&b.source, b.place)))
        });
        self.worst.truncate(WORST);
        self.report += done.report;
        progress.update(self.inputs, &name, [&self.report, &Report::default()]);
        Ok(())
    }

    /// Tells the user.
    fn show(
        &self,
        args: &RunArgs,
        totals: Option<Totals>,
        sampled: u64,
        elapsed: Duration,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let read = format!("{} in {}", bytes(sampled), files(self.inputs));
        match totals {
            Some(totals) if totals.bytes > sampled => {
                let of = format!("{} in {}", bytes(totals.bytes), files(totals.inputs));
                writeln!(out, "Nothing is written. The sample: {read}, of {of}.\n")?;
            }
            _ => writeln!(out, "Nothing is written. All was read: {read}.\n")?,
        }
        summary::write(&self.report, elapsed, args.verbose > 0, out)?;
        if self.messages > MESSAGES {
            writeln!(out, "  {} more messages like those above", count(self.messages - MESSAGES))?;
        }
        if !self.worst.is_empty() {
            writeln!(out, "\nWorst documents, by the share of their text that is cut, repaired or marked:")?;
        }
        for grade in &self.worst {
            let place = if grade.place > 0 { format!(" {}", grade.place) } else { String::new() };
            let percent = 100.0 * grade.share();
            let share = if percent < 1.0 { "<1 %".to_owned() } else { format!("{percent:.0} %") };
            writeln!(
                out,
                "  {share:>5} of {:>9}  clean explain {}{place}\n{:>23}{}",
                count(grade.of as u64),
                quoted(&printable(&grade.source)),
                "",
                grade.rules.join(", ")
            )?;
        }
        let Some(totals) = totals.filter(|_| sampled > 0) else { return Ok(()) };
        let times = (totals.bytes as f64 / sampled as f64).max(1.0);
        let time = HumanDuration(Duration::from_secs_f64((elapsed.as_secs_f64() * times).max(1.0)));
        let size = |of_sample: u64| bytes((of_sample as f64 * times) as u64);
        let packed = match self.compression {
            Compression::None => String::new(),
            Compression::Zstd | Compression::Gzip => format!(", {} compressed", size(self.packed)),
        };
        writeln!(
            out,
            "\nThe whole would take about {time} here and be about {} of output{packed}.",
            size(self.written)
        )
    }
}

fn files(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "file" } else { "files" })
}

/// A name as a shell reads it.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./+,=@%:".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}
