//! Finds documents in files, directories and standard input; it knows formats, not cleaning.
//!
//! A [`Reader`] names the inputs in order (`walk`), sees through compression, recognises JSON Lines, JSON arrays and WARC archives
//! from the bytes and cuts what it reads into [`Batch`]es of whole records or documents. What a record says is found by
//! [`jsonl::parse`], and what the bytes of a document mean by [`crate::decode`]; both run on the workers.
//! Nothing here ends a run: an input that cannot be read is a [`Form::Fault`] between the others. And nothing here needs more
//! memory than [`Options::max_document`] allows: a text that is longer comes in parts, all else is passed over ([`Form::TooLarge`]).

mod array;
mod compress;
mod framing;
pub mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod walk;
pub mod warc;

use std::io::{self, Read};
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use crate::document::Kind;
use compress::{Bytes, Limits};
use framing::Source;
#[cfg(feature = "parquet")]
pub(crate) use parquet::text_column as parquet_text_column;

/// About how many bytes a batch holds. Small enough that a window of batches stays in the cache and in memory, large
/// enough that handing one over costs little beside its work: cleaning it takes milliseconds, a channel microseconds.
pub const BATCH_BYTES: usize = 256 << 10;

/// Inputs in a batch at most, so that very many empty or unreadable ones make no endless batch.
const BATCH_INPUTS: usize = 1024;

/// About how many bytes make a [`Batch::unit`]: what a killed run has to do again is a few seconds of work. Measured on ext4: to sync
/// 16 MiB takes 35 ms and to append to the journal 4 ms, both beside the work, which takes 70 ms at its fastest.
const UNIT_BYTES: usize = 16 << 20;

/// What a document may hold, unless the user says otherwise. The longest novels have 10 MB, the longest pages of Common Crawl 1 MiB.
const MAX_DOCUMENT: u64 = 64 << 20;

/// How many times their size compressed data may unpack to. Web text packs 3 to 15 times, a small corpus repeated over and over with
/// Zstandard some hundred times; Deflate cannot do more than 1032.
const MAX_RATIO: u64 = 1000;

/// How documents are laid out, and what they are.
#[derive(Clone, Debug, Default, PartialEq, clap::Args, Serialize)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Input")]
pub struct Options {
    /// What the input is; by default recognised from its content
    ///
    /// Compressed input (gzip, Zstandard) is always recognised from its first bytes.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub input: Option<Format>,
    /// Every line is a document
    #[arg(long, conflicts_with = "nul")]
    pub lines: bool,
    /// Documents are separated by NUL bytes
    #[arg(short = '0', long = "null")]
    pub nul: bool,
    /// Field of a JSON record that holds the text; dots lead into objects
    ///
    /// By default the first of text, content, raw_content, html and body that is a string.
    #[arg(long, value_name = "NAME")]
    pub text_field: Option<String>,
    /// Field of a JSON record that names it; by default id, if there is one
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
    /// What the text of JSON records is; by default recognised record by record
    #[arg(long, value_enum, value_name = "KIND")]
    pub field_kind: Option<Kind>,
    /// In directories, read only files that match, or with `!` before it, do not match; may be given again
    ///
    /// As for ripgrep: the last pattern that matches decides, one without a slash matches at any depth, one with
    /// a slash is relative to the directory given. Files named as arguments are read in any case.
    #[arg(long, value_name = "PATTERN")]
    pub glob: Vec<String>,
    /// In directories, read hidden files too
    #[arg(long)]
    pub hidden: bool,
    /// In directories, read what .gitignore and .ignore files exclude
    #[arg(long)]
    pub no_ignore: bool,
    /// In directories, follow symbolic links
    #[arg(long)]
    pub follow: bool,
    /// Encoding the documents say they are in; believed only where the bytes do not speak against it, or with `!` behind it
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Most bytes of a document (also 512K, 64M) [default: 64M]
    ///
    /// A plain text that is longer is cut at ends of paragraphs into numbered parts. A longer page or record is set aside, and
    /// not copied to the file of what was set aside.
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    pub max_document: Option<u64>,
    /// Times its own size that compressed data may unpack to, before it is taken for a decompression bomb [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_ratio: Option<u64>,
    /// Most bytes that a compressed input may unpack to in all (also 500G) [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    pub max_unpacked: Option<u64>,
}

impl Options {
    /// Most bytes of a document.
    pub fn max_document(&self) -> usize {
        usize::try_from(self.max_document.unwrap_or(MAX_DOCUMENT)).unwrap_or(usize::MAX)
    }

    /// Most that a document may weigh: as much as text of [`Options::max_document`] with a short line every 21 bytes.
    pub fn max_weight(&self) -> usize {
        self.max_document().saturating_mul(4)
    }

    fn limits(&self) -> Limits {
        Limits { ratio: self.max_ratio.unwrap_or(MAX_RATIO), unpacked: self.max_unpacked.unwrap_or(u64::MAX) }
    }
}

/// Bytes that a line, a tag, a reference or an escape weighs besides its own.
const PIECE: usize = 64;

/// What a byte weighs at most.
pub const HEAVIEST: usize = PIECE + 1;

/// How much memory it takes to clean a text or some records, in the unit of what a byte of prose takes.
///
/// A line, a tag, a reference and an escape may each become an entry in a table, a node or an edit. Measured on files of nothing else: 70 bytes
/// for an empty line, 360 for one with a space at its end, 150 to 280 for a tag, against 4 to 7 for a byte of prose.
pub fn weight(bytes: &[u8]) -> usize {
    bytes.len().saturating_add(bytes.chunks(CHUNK).map(pieces).sum::<usize>().saturating_mul(PIECE))
}

/// As many bytes as a byte can count.
const CHUNK: usize = 255;

fn pieces(chunk: &[u8]) -> usize {
    let is_piece = |b: &u8| u8::from(*b == b'\n') | u8::from(*b == b'<') | u8::from(*b == b'&');
    // `\n` is a line, `\u003c` a tag; `\"` is a letter as any other.
    let is_escape =
        |(a, b): (&u8, &u8)| u8::from(*a == b'\\') & (u8::from(*b == b'n') | u8::from(*b == b'u'));
    // Vectors of bytes are added, six times as fast as `filter` and `count`.
    let escapes = chunk.iter().zip(chunk.get(1..).unwrap_or_default()).map(is_escape).sum::<u8>();
    usize::from(chunk.iter().map(is_piece).sum::<u8>()) + usize::from(escapes)
}

/// Reads a number of bytes, with K, M or G for powers of 1024.
///
/// # Errors
/// When it is none, or 0.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'm' | 'M')) => (&text[..at], 20),
        Some((at, 'g' | 'G')) => (&text[..at], 30),
        _ => (text, 0),
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    size.filter(|&size| size > 0).ok_or_else(|| "expected a number of bytes, as 1000000 or 512M".to_owned())
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Plain text: every character is meant to be read
    Text,
    /// Markdown, with or without front matter
    Markdown,
    /// Web pages
    Html,
    /// JSON Lines: a record a line
    Jsonl,
    /// A JSON array: a record an element
    Json,
    /// A WARC or WET archive: a document a page
    Warc,
    /// A Parquet file: a record a row
    Parquet,
}

impl Format {
    /// The kind of the documents; records say it themselves, or do not.
    fn kind(self) -> Option<Kind> {
        match self {
            Self::Text => Some(Kind::Text),
            Self::Markdown => Some(Kind::Markdown),
            Self::Html => Some(Kind::Html),
            Self::Jsonl | Self::Json | Self::Warc | Self::Parquet => None,
        }
    }
}

/// One input, as named by the user or found in a directory the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// `None`: standard input.
    pub path: Option<PathBuf>,
    /// For messages and for `source`: the path as the user would type it, `-` for standard input. What is not
    /// UTF-8 in it is replaced.
    pub name: Arc<str>,
    /// Where a mirrored output goes: the path below the argument, behind the argument itself where several were
    /// given. Has no root and no `..`.
    pub relative: PathBuf,
    /// Position among the inputs, from 0.
    pub index: usize,
    /// Given itself, and not met in a directory.
    pub is_named: bool,
}

/// Some records or documents that follow each other.
#[derive(Debug, Default)]
pub struct Batch {
    pub bytes: Vec<u8>,
    pub items: Vec<Item>,
    /// Number of the unit it belongs to, from 0: some batches that follow each other, what a run commits at once. Like
    /// the batches, units depend on the input alone, unless it is read for a conversation ([`Reader::flush`]).
    pub unit: u64,
    /// The last of its unit. The end of all inputs ends a unit, too, and no batch says so.
    pub ends_unit: bool,
}

impl Batch {
    /// What it counts against the budget of a run, in bytes: dense markup and short lines count more. Every eighth piece of it is looked at.
    pub fn load(&self) -> usize {
        let pieces: usize = self.bytes.chunks(CHUNK).step_by(8).map(pieces).sum();
        // Text with a line or a tag every 64 bytes is what the budget is made for.
        self.bytes.len().max((self.bytes.len() + 8 * pieces * PIECE) / 2)
    }

    /// A hash of all that is read: names, places and bytes.
    pub fn hash(&self) -> u64 {
        let mut hasher = Xxh3::new();
        for item in &self.items {
            let form = match &item.form {
                Form::Open => "open",
                Form::Record => "record",
                Form::Archived => "archived",
                Form::Row(_) => "row",
                Form::Document(_) => "document",
                Form::Fault(cause) | Form::TooLarge(cause) => cause,
            };
            for text in [&item.file.name, form] {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
            }
            for number in [item.place, item.part, item.span.start as u64, item.span.end as u64] {
                hasher.update(&number.to_le_bytes());
            }
        }
        hasher.update(&self.bytes);
        hasher.digest()
    }
}

/// One thing in a batch.
#[derive(Debug)]
pub struct Item {
    pub file: Arc<InputFile>,
    /// Line or record number from 1; 0: the whole input.
    pub place: u64,
    /// Number of the part, from 1, of a text that is too long for one document; 0: it is whole.
    pub part: u64,
    /// Of [`Batch::bytes`].
    pub span: Range<usize>,
    pub form: Form,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// An input begins; no bytes. An input that cannot be opened has no such item, only a fault.
    Open,
    /// A record of JSON Lines: the line without its line break.
    Record,
    /// A record of a WARC archive.
    Archived,
    /// A row of a Parquet file, as a JSON record, and the name of its text column.
    Row(Arc<str>),
    /// A document, undecoded; `None`: its kind is still to be recognised.
    Document(Option<Kind>),
    /// Could not be read: the cause in words. The bytes are what was read of it, perhaps none.
    Fault(String),
    /// Over [`Options::max_document`] and no text that could be cut: what it is, in words. No bytes.
    TooLarge(String),
}

/// Why reading cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`--glob {glob}` is no valid pattern: {cause}")]
    Glob { glob: String, cause: String },
    #[error(
        "`--encoding {0}` is not known: expected a name of the WHATWG Encoding Standard, as gb18030 or windows-1252"
    )]
    Encoding(String),
    #[error("{first} and {second} do not go together")]
    Conflict { first: &'static str, second: &'static str },
}

/// One part of the work, of several that are done by themselves: `2/8` is the second of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shard {
    /// From 1.
    pub number: u64,
    pub of: u64,
}

impl Shard {
    /// Whether the input or the unit with this number, from 0, is in this part.
    pub fn has(self, index: u64) -> bool {
        index % self.of == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("expected I/N with I from 1 to N, as 2/8".to_owned()),
        }
    }
}

/// What there is to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub inputs: u64,
    /// As they are on the disk.
    pub bytes: u64,
}

/// What a Parquet file begins with.
const PARQUET: &[u8] = b"PAR1";

/// The input that is read.
enum Current {
    Framed(Box<Source>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::Source>),
}

/// The batches of all inputs, in their order. Reads as it is asked, so it belongs on a thread of its own.
pub struct Reader {
    options: Options,
    walk: walk::Walk,
    current: Option<Current>,
    /// `None`: taken already.
    stdin: Option<Bytes>,
    flush: bool,
    /// Only the inputs of this shard are read.
    shard: Option<Shard>,
    /// Units end where inputs end.
    whole_inputs: bool,
    progress: Arc<AtomicU64>,
    unit: u64,
    /// Bytes and inputs of this unit so far.
    unit_bytes: usize,
    unit_inputs: usize,
}

impl Reader {
    /// Reads `paths`, files and directories, in this order; `-` is standard input, and so is no path at all.
    ///
    /// What is `exclude`d, a file or a directory with all in it, is never read: our own outputs.
    pub fn new(paths: Vec<PathBuf>, options: &Options, exclude: Vec<PathBuf>) -> Result<Self, Error> {
        if let Some(name) = &options.encoding
            && !crate::decode::is_known(name)
        {
            return Err(Error::Encoding(name.clone()));
        }
        for (given, first) in [(options.lines, "--lines"), (options.nul, "--null")] {
            let second = match options.input {
                Some(Format::Jsonl) => "--input jsonl",
                Some(Format::Json) => "--input json",
                Some(Format::Warc) => "--input warc",
                Some(Format::Parquet) => "--input parquet",
                _ => continue,
            };
            if given {
                return Err(Error::Conflict { first, second });
            }
        }
        if options.lines && options.nul {
            return Err(Error::Conflict { first: "--lines", second: "--null" });
        }
        Ok(Self {
            options: options.clone(),
            walk: walk::Walk::new(paths, options, &exclude)?,
            current: None,
            stdin: Some(Box::new(io::stdin())),
            flush: false,
            shard: None,
            whole_inputs: false,
            progress: Arc::default(),
            unit: 0,
            unit_bytes: 0,
            unit_inputs: 0,
        })
    }

    /// Reads this where `-` is asked for.
    pub fn with_stdin(mut self, read: impl Read + Send + 'static) -> Self {
        self.stdin = Some(Box::new(read));
        self
    }

    /// For use in a conversation: hands over what is complete instead of waiting for a full batch.
    pub fn flush(mut self, flush: bool) -> Self {
        self.flush = flush;
        self
    }

    /// Reads the inputs of one shard only.
    pub fn shard(mut self, shard: Option<Shard>) -> Self {
        self.shard = shard;
        self
    }

    /// Ends units only where inputs end, for an output that cannot be taken up again within one.
    pub fn whole_inputs(mut self, whole_inputs: bool) -> Self {
        self.whole_inputs = whole_inputs;
        self
    }

    fn has(&self, index: usize) -> bool {
        self.shard.is_none_or(|shard| shard.has(index as u64))
    }

    /// Bytes read so far, as they are on the disk: compressed ones count compressed.
    pub fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.progress)
    }

    /// What is to be read, in bytes as [`Reader::progress`] counts them; to be asked before the first batch.
    ///
    /// `None` where that cannot be known (standard input, pipes) or where finding out would delay the start: above
    /// 100,000 files, which take about half a second to ask for their size.
    pub fn totals(&self) -> Option<Totals> {
        self.walk.totals(100_000, |index| self.has(index))
    }

    /// Leaves out what is not yet read of the input that the last batch ended in.
    pub fn skip_input(&mut self) {
        self.current = None;
    }

    /// Opens an input, or says in words why not.
    fn open(&mut self, file: &Arc<InputFile>) -> Result<Current, String> {
        let (raw, size): (Bytes, usize) = match &file.path {
            None => match self.stdin.take() {
                Some(stdin) => (stdin, 0),
                None => return Err("standard input has been read already".into()),
            },
            Some(path) => {
                let mut open = std::fs::File::open(path).map_err(|error| words(&error))?;
                let size = open.metadata().map_or(0, |m| if m.is_file() { m.len() } else { 0 });
                if size > 0 && self.is_parquet(&mut open).map_err(|error| words(&error))? {
                    return self.open_parquet(file, open, size);
                }
                let file = open;
                // What is said to be empty may be a file of `/proc`.
                let raw: Bytes = match size {
                    0 => Box::new(file),
                    left => Box::new(Measured { file, left }),
                };
                (raw, usize::try_from(size).unwrap_or(0))
            }
        };
        let raw = Box::new(Counted { raw, count: Arc::clone(&self.progress) });
        let source = Source::open(Arc::clone(file), raw, size, &self.options, self.flush);
        source.map(|source| Current::Framed(Box::new(source)))
    }

    /// Whether a file is to be read as Parquet, which needs the file itself.
    fn is_parquet(&self, file: &mut std::fs::File) -> io::Result<bool> {
        use std::io::{Seek, SeekFrom};
        match self.options.input {
            Some(format) => Ok(format == Format::Parquet),
            None if self.options.lines || self.options.nul => Ok(false),
            None => {
                let mut magic = Vec::new();
                compress::read_up_to(file, &mut magic, PARQUET.len())?;
                file.seek(SeekFrom::Start(0))?;
                Ok(magic == PARQUET)
            }
        }
    }

    #[cfg(feature = "parquet")]
    fn open_parquet(&self, file: &Arc<InputFile>, open: std::fs::File, size: u64) -> Result<Current, String> {
        let source = parquet::Source::open(Arc::clone(file), open, self.options.text_field.as_deref())?;
        // There is no telling which bytes are read when.
        self.progress.fetch_add(size, Ordering::Relaxed);
        Ok(Current::Parquet(Box::new(source)))
    }

    #[cfg(not(feature = "parquet"))]
    fn open_parquet(&self, _: &Arc<InputFile>, _: std::fs::File, _: u64) -> Result<Current, String> {
        Err("a Parquet file, which this build does not read: build it with `--features parquet`".to_owned())
    }

    fn read_batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        let mut inputs = 0;
        loop {
            if let Some(current) = &mut self.current {
                let at_end = match current {
                    Current::Framed(source) => source.fill(&mut batch, self.flush),
                    #[cfg(feature = "parquet")]
                    Current::Parquet(source) => source.fill(&mut batch),
                };
                if !at_end {
                    return Some(batch);
                }
                self.current = None;
            }
            let full = batch.bytes.len() >= BATCH_BYTES || inputs >= BATCH_INPUTS;
            if full || (self.flush && !batch.items.is_empty()) {
                return Some(batch);
            }
            let Some(found) = self.walk.next() else {
                return (!batch.items.is_empty()).then_some(batch);
            };
            if !self.has(found.file.index) {
                continue;
            }
            inputs += 1;
            let opened = match found.fault {
                Some(cause) => Err(cause),
                None => self.open(&found.file),
            };
            let form = match opened {
                Ok(source) => {
                    self.current = Some(source);
                    Form::Open
                }
                Err(cause) => Form::Fault(cause),
            };
            let end = batch.bytes.len();
            batch.items.push(Item { file: found.file, place: 0, part: 0, span: end..end, form });
        }
    }
}

impl Iterator for Reader {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = self.read_batch()?;
        batch.unit = self.unit;
        self.unit_bytes += batch.bytes.len();
        self.unit_inputs += batch.items.iter().filter(|item| item.place == 0).count();
        let full = self.unit_bytes >= UNIT_BYTES || self.unit_inputs >= BATCH_INPUTS;
        batch.ends_unit = full && (self.current.is_none() || !self.whole_inputs);
        if batch.ends_unit {
            self.unit += 1;
            (self.unit_bytes, self.unit_inputs) = (0, 0);
        }
        Some(batch)
    }
}

/// A file as long as it was when it was opened: one that grows while it is read has an end, and one that shrinks does not end unnoticed.
struct Measured {
    file: std::fs::File,
    left: u64,
}

impl Read for Measured {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.file.read(&mut into[..most])?;
        if read == 0 && most > 0 {
            let cause = format!("the file became shorter while it was read: {} bytes are gone", self.left);
            self.left = 0;
            return Err(compress::behind(cause));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Counts what is read.
struct Counted {
    raw: Bytes,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// An error of the system in the words of the system, without its number.
fn words(error: &io::Error) -> String {
    // Walking wraps the error of the system in one that names the path, which the message has already.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    let text = text.split(" (os error ").next().unwrap_or(&text);
    let mut chars = text.chars();
    // "No such file" stands in the middle of a message.
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => "unknown error".to_owned(),
    }
}

#[cfg(test)]
mod tests;
