//! Cuts an input into records or documents, and these into batches.
//!
//! Bytes are read straight into the batch and searched for the delimiter once; only what is left of an unfinished
//! record moves, to the beginning of the next batch. No more is kept of a document than a document may hold: where it is longer,
//! a text ends a part and begins the next one, and of anything else the rest is passed over.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::compress::{self, Bytes, Spoiled};
use super::{BATCH_BYTES, Batch, Form, Format, InputFile, Item, Options, PARQUET, array, jsonl, warc, words};
use crate::decode;
use crate::document::Kind;
use crate::lang::markup;

/// Bytes looked at to recognise JSON Lines: some ten records of web text.
const HEAD_BYTES: usize = 64 << 10;

/// Bytes asked for at least in one read; what a pipe gives at most.
const READ_BYTES: usize = 64 << 10;

/// How an input is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// It is one document.
    Whole(Option<Kind>),
    /// A record a line.
    Records,
    /// A document a line.
    Lines(Option<Kind>),
    /// Documents with NUL between them.
    Nul(Option<Kind>),
    /// A JSON array, an element a record.
    Array,
    /// Records of a WARC archive.
    Warc,
}

impl Layout {
    fn delimiter(self) -> Option<u8> {
        match self {
            Self::Whole(_) | Self::Array | Self::Warc => None,
            Self::Records | Self::Lines(_) => Some(b'\n'),
            Self::Nul(_) => Some(0),
        }
    }
}

/// Why a Parquet file is not read from here.
const NO_SEEK: &str = "a Parquet file is read from its end: name it, neither through a pipe nor compressed";

/// Bytes of a damaged archive in which the next record is looked for.
const MAX_DAMAGE: usize = 64 << 20;

/// A document of which no more is read, because it is too large.
#[derive(Clone, Copy, Debug)]
struct Passed {
    /// Of it that are not kept any more.
    bytes: u64,
    /// Only to the end of the line: the rest is text again.
    line: bool,
}

/// How the bytes of an input ended.
enum End {
    Clean,
    /// The content is whole, but something is behind it.
    Behind(String),
    /// The content is not whole.
    Cut(String),
}

/// An open input.
pub(super) struct Source {
    file: Arc<InputFile>,
    bytes: Bytes,
    layout: Layout,
    /// Size on the disk, 0 where unknown: what to make room for.
    size: usize,
    /// What was read and is in no batch yet.
    carry: Vec<u8>,
    /// Bytes of `carry` that hold no delimiter.
    searched: usize,
    /// Where the scan of an array stands at `searched`.
    scan: array::Scan,
    /// Bytes still to come that are passed over.
    skip: usize,
    /// Lines or records so far.
    place: u64,
    /// Most bytes of a document.
    most: usize,
    /// Parts so far of the text that is read, and what it is.
    parts: u64,
    text: Option<Kind>,
    /// The document that is read is too large.
    passed: Option<Passed>,
    end: Option<End>,
}

impl Source {
    pub(super) fn open(
        file: Arc<InputFile>,
        raw: Bytes,
        size: usize,
        options: &Options,
        flush: bool,
    ) -> Result<Self, String> {
        let bytes = compress::unpack(raw, options.limits()).map_err(|error| words(&error))?;
        let kind = options.input.and_then(Format::kind);
        let layout = match (options.input, options.lines, options.nul) {
            (Some(Format::Jsonl), ..) => Layout::Records,
            (Some(Format::Json), ..) => Layout::Array,
            (Some(Format::Warc), ..) => Layout::Warc,
            (_, true, _) => Layout::Lines(kind.or(Some(Kind::Text))),
            (_, _, true) => Layout::Nul(kind),
            _ => Layout::Whole(kind),
        };
        let mut source = Self {
            file,
            bytes,
            layout,
            size,
            carry: Vec::new(),
            searched: 0,
            scan: array::Scan::default(),
            skip: 0,
            place: 0,
            most: options.max_document(),
            parts: 0,
            text: None,
            passed: None,
            end: None,
        };
        if options.input == Some(Format::Parquet) {
            return Err(NO_SEEK.to_owned());
        }
        if layout == Layout::Whole(None) {
            source.recognise(flush);
            if source.carry.starts_with(PARQUET) {
                return Err(NO_SEEK.to_owned());
            }
        }
        Ok(source)
    }

    /// Looks at the first bytes; in a conversation at what is there when the first line is.
    fn recognise(&mut self, flush: bool) {
        let mut head = std::mem::take(&mut self.carry);
        while self.end.is_none() && head.len() < HEAD_BYTES {
            let before = head.len();
            self.read(&mut head, HEAD_BYTES - before, flush);
            if flush && memchr::memchr(b'\n', &head[before..]).is_some() {
                break;
            }
        }
        if warc::recognise(&head) {
            self.layout = Layout::Warc;
        } else if jsonl::recognise(&head, self.end.is_some()) {
            self.layout = Layout::Records;
        } else if array::recognise(&head) {
            self.layout = Layout::Array;
        }
        self.carry = head;
    }

    /// Reads `count` bytes behind `into`, fewer only at the end, which is noted: where a batch ends is for the input
    /// to say, not for a pipe that was slow. In a conversation, `flush`, it is what one read gives.
    fn read(&mut self, into: &mut Vec<u8>, count: usize, flush: bool) {
        let before = into.len();
        into.resize(before + count, 0);
        let mut filled = before;
        while filled < into.len() {
            match self.bytes.read(&mut into[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let whole =
                        error.get_ref().and_then(|e| e.downcast_ref::<Spoiled>()).is_some_and(|s| s.whole);
                    let cause = words(&error);
                    self.end = Some(if whole { End::Behind(cause) } else { End::Cut(cause) });
                    break;
                }
                Ok(0) => {
                    self.end = Some(End::Clean);
                    break;
                }
                Ok(read) => filled = into.len().min(filled + read),
            }
            if flush {
                break;
            }
        }
        into.truncate(filled);
    }

    /// Appends to `batch` until it is full; true: this input is at its end.
    pub(super) fn fill(&mut self, batch: &mut Batch, flush: bool) -> bool {
        let mut start = batch.bytes.len();
        let mut searched = start + self.searched;
        batch.bytes.append(&mut self.carry);
        self.searched = 0;
        let first = self.place == 0;
        loop {
            if first && self.place == 0 && self.layout.delimiter().is_some() && wide(&batch.bytes[start..]) {
                return self.refuse_wide(batch, start);
            }
            if let Err(cause) = self.cut(batch, &mut start, searched) {
                let end = batch.bytes.len();
                self.note(&mut batch.items, 0, start..end, Form::Fault(cause));
                return true;
            }
            self.bound(batch, &mut start);
            searched = batch.bytes.len();
            if let Some(end) = self.end.take() {
                self.finish(batch, start, end);
                return true;
            }
            // Whatever is ahead of an unfinished record goes without it: a large one is a batch of its own.
            let ready = searched >= BATCH_BYTES && start > 0;
            if ready || (flush && !batch.items.is_empty()) {
                self.carry = batch.bytes.split_off(start);
                self.searched = self.carry.len();
                return false;
            }
            let room = BATCH_BYTES.saturating_sub(searched).max(READ_BYTES);
            let expected = self.size.min(self.most);
            if matches!(self.layout, Layout::Whole(_)) && expected > batch.bytes.len() - start {
                // One byte more than there is, so that the read that finds the end has room.
                batch.bytes.reserve_exact(expected - (batch.bytes.len() - start) + READ_BYTES + 1);
            }
            let mut bytes = std::mem::take(&mut batch.bytes);
            self.read(&mut bytes, room, flush);
            batch.bytes = bytes;
        }
    }

    /// Notes what is complete from `start` on, and moves `start` behind it; nothing before `searched` ends a record.
    ///
    /// The error says in words why nothing more can come of this input.
    fn cut(&mut self, batch: &mut Batch, start: &mut usize, searched: usize) -> Result<(), String> {
        let Batch { bytes, items, .. } = batch;
        match self.layout {
            Layout::Whole(_) => {}
            Layout::Records | Layout::Lines(_) | Layout::Nul(_) => {
                let delimiter = if matches!(self.layout, Layout::Nul(_)) { 0 } else { b'\n' };
                for at in memchr::memchr_iter(delimiter, &bytes[searched..]) {
                    let end = searched + at;
                    self.push(items, bytes, *start, end);
                    *start = end + 1;
                }
            }
            Layout::Array => return self.cut_array(batch, start, searched),
            Layout::Warc => return self.cut_archive(batch, start),
        }
        Ok(())
    }

    fn cut_array(&mut self, batch: &mut Batch, start: &mut usize, mut searched: usize) -> Result<(), String> {
        let Batch { bytes, items, .. } = batch;
        if self.place == 0 && bytes[*start..].starts_with(b"\xEF\xBB\xBF") {
            *start += 3;
            searched = searched.max(*start);
        }
        loop {
            match self.scan.next(bytes, searched) {
                array::Event::Open(at) => (*start, searched) = (at, at),
                array::Event::Element(end) => {
                    let element = &mut bytes[*start..end];
                    let lead = element.iter().take_while(|b| b.is_ascii_whitespace()).count();
                    // A record is a line when it is written: line breaks between its members become spaces.
                    element.iter_mut().filter(|b| matches!(b, b'\n' | b'\r')).for_each(|b| *b = b' ');
                    let trail = element.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
                    // Of what is too large, white space counts: it has been passed over perhaps.
                    if self.passed.is_some() || element.len() > self.most {
                        self.push(items, bytes, *start, end);
                    } else if lead < element.len() {
                        self.push(items, bytes, *start + lead, end - trail);
                    }
                    (*start, searched) = (end + 1, end + 1);
                }
                array::Event::Broken(at) => {
                    *start = at;
                    return Err(match self.place {
                        0 => "expected a JSON array, which begins with `[`".to_owned(),
                        _ => "something follows the JSON array".to_owned(),
                    });
                }
                array::Event::More if self.end.is_some() && !self.scan.is_done() => {
                    return Err("the JSON array does not end: the file was cut".to_owned());
                }
                array::Event::More => {
                    if self.scan.is_done() {
                        *start = bytes.len();
                    }
                    return Ok(());
                }
            }
        }
    }

    fn cut_archive(&mut self, batch: &mut Batch, start: &mut usize) -> Result<(), String> {
        let Batch { bytes, items, .. } = batch;
        loop {
            let passed = self.skip.min(bytes.len() - *start);
            (*start, self.skip) = (*start + passed, self.skip - passed);
            // Behind a record that was passed over.
            *start += bytes[*start..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            if *start == bytes.len() {
                bytes.truncate(*start);
                return Ok(());
            }
            let rest = &bytes[*start..];
            match warc::next(rest, self.end.is_some(), self.most) {
                warc::Next::Record { len, gap } => {
                    self.push(items, bytes, *start, *start + len);
                    *start += len + gap;
                }
                warc::Next::Long(len) => {
                    self.place += 1;
                    let form = self.too_large("a WARC record", len as u64);
                    self.note(items, self.place, *start..*start, form);
                    self.skip = len;
                }
                warc::Next::More(_) => return Ok(()),
                warc::Next::Broken(cause) => {
                    let next = memchr::memmem::find(&rest[1..], b"\nWARC/1.").map(|at| at + 2);
                    if next.is_none() && self.end.is_none() && rest.len() < MAX_DAMAGE {
                        return Ok(());
                    }
                    let Some(next) = next else { return Err(cause) };
                    self.place += 1;
                    self.note(items, self.place, *start..*start + next, Form::Fault(cause));
                    *start += next;
                }
            }
        }
    }

    /// Keeps what is unfinished, `start` on, within what a document may hold.
    fn bound(&mut self, batch: &mut Batch, start: &mut usize) {
        if matches!(self.layout, Layout::Warc) {
            return;
        }
        let Batch { bytes, items, .. } = batch;
        self.split(items, bytes, start, bytes.len());
        if let Some(passed) = &mut self.passed {
            passed.bytes += (bytes.len() - *start) as u64;
            bytes.truncate(*start);
        }
    }

    /// Notes parts of the document at `start..end` until what is left of it may be one, or is passed over. What it does depends on the
    /// bytes alone, not on how many of them have been read.
    fn split(&mut self, items: &mut Vec<Item>, bytes: &[u8], start: &mut usize, end: usize) {
        loop {
            let left = bytes.get(*start..end).unwrap_or_default();
            match self.passed {
                Some(Passed { line: false, .. }) => return,
                Some(passed) => {
                    let Some(at) = memchr::memchr(b'\n', left) else { return };
                    self.part(items, *start..*start, self.too_large("a line", passed.bytes + at as u64));
                    (*start, self.passed) = (*start + at + 1, None);
                }
                None => {
                    let Some(head) = left.get(..self.most).filter(|_| left.len() > self.most) else { return };
                    if self.parts == 0 {
                        self.text = self.is_text(head);
                    }
                    let Some(kind) = self.text else {
                        self.passed = Some(Passed { bytes: 0, line: false });
                        return;
                    };
                    let Some(len) = end_of_part(head) else {
                        self.passed = Some(Passed { bytes: 0, line: true });
                        continue;
                    };
                    // Front matter stands in the first part only.
                    let kind = if self.parts == 0 { kind } else { Kind::Text };
                    self.part(items, *start..*start + len, Form::Document(Some(kind)));
                    *start += len;
                }
            }
        }
    }

    /// Whether the document that begins with `head` is a text that can be cut at its line breaks, and which.
    fn is_text(&self, head: &[u8]) -> Option<Kind> {
        let (Layout::Whole(kind) | Layout::Nul(kind)) = self.layout else { return None };
        let head = head.get(..HEAD_BYTES).unwrap_or(head);
        let decoded = decode::decode(head, None).ok().filter(|_| !wide(head) && !head.contains(&0))?;
        Some(kind.unwrap_or_else(|| markup::kind(&decoded.text))).filter(|kind| *kind != Kind::Html)
    }

    /// Notes a part of the document that is read.
    fn part(&mut self, items: &mut Vec<Item>, span: Range<usize>, form: Form) {
        self.parts += 1;
        let place = if matches!(self.layout, Layout::Whole(_)) { 0 } else { self.place + 1 };
        items.push(Item { file: Arc::clone(&self.file), place, part: self.parts, span, form });
    }

    fn note(&self, items: &mut Vec<Item>, place: u64, span: Range<usize>, form: Form) {
        items.push(Item { file: Arc::clone(&self.file), place, part: 0, span, form });
    }

    fn too_large(&self, what: &str, bytes: u64) -> Form {
        Form::TooLarge(format!("{what} of {bytes} bytes, more than the {} of --max-document", self.most))
    }

    /// Notes the record or document at `start..end`.
    fn push(&mut self, items: &mut Vec<Item>, bytes: &[u8], mut start: usize, mut end: usize) {
        self.split(items, bytes, &mut start, end);
        if let Some(passed) = self.passed.take() {
            let what = match self.layout {
                Layout::Records | Layout::Array => "a record",
                Layout::Lines(_) => "a line",
                Layout::Whole(_) | Layout::Nul(_) if passed.line => "a line",
                Layout::Whole(_) | Layout::Nul(_) | Layout::Warc => {
                    "a document that is no plain text, which could be cut into parts,"
                }
            };
            let form = self.too_large(what, passed.bytes + (end - start) as u64);
            start = end;
            if self.parts > 0 || passed.line {
                self.part(items, start..end, form);
            } else {
                let place = if matches!(self.layout, Layout::Whole(_)) { 0 } else { self.place + 1 };
                self.note(items, place, start..end, form);
            }
            (self.parts, self.place) = (0, self.place + 1);
            return;
        }
        if self.parts > 0 {
            if start < end {
                self.part(items, start..end, Form::Document(Some(Kind::Text)));
            }
            (self.parts, self.place) = (0, self.place + 1);
            return;
        }
        self.place += 1;
        let unit = bytes.get(start..end).unwrap_or_default();
        let form = match self.layout {
            Layout::Whole(kind) => Form::Document(kind),
            Layout::Nul(kind) => Form::Document(kind),
            Layout::Lines(kind) => {
                end -= usize::from(unit.ends_with(b"\r"));
                Form::Document(kind)
            }
            Layout::Records => {
                if self.place == 1 && unit.starts_with(b"\xEF\xBB\xBF") {
                    start += 3;
                }
                end -= usize::from(unit.ends_with(b"\r"));
                if bytes.get(start..end).unwrap_or_default().trim_ascii_start().is_empty() {
                    return;
                }
                Form::Record
            }
            Layout::Array => Form::Record,
            Layout::Warc => Form::Archived,
        };
        let place = if matches!(self.layout, Layout::Whole(_)) { 0 } else { self.place };
        self.note(items, place, start..end, form);
    }

    /// Deals with what is behind the last delimiter, `start` on.
    fn finish(&mut self, batch: &mut Batch, start: usize, end: End) {
        let Batch { bytes, items, .. } = batch;
        let len = bytes.len();
        let left = start < len || self.passed.is_some() || matches!(self.layout, Layout::Whole(_));
        match end {
            // All that is whole of these has been noted.
            End::Clean | End::Behind(_) if matches!(self.layout, Layout::Array | Layout::Warc) => {}
            End::Clean | End::Behind(_) if left => self.push(items, bytes, start, len),
            End::Clean | End::Behind(_) => {}
            End::Cut(cause) => {
                let place = if matches!(self.layout, Layout::Whole(_)) || !left { 0 } else { self.place + 1 };
                self.note(items, place, start..len, Form::Fault(cause));
                return;
            }
        }
        if let End::Behind(cause) = end {
            self.note(items, 0, len..len, Form::Fault(cause));
        }
    }

    fn refuse_wide(&mut self, batch: &mut Batch, start: usize) -> bool {
        batch.bytes.truncate(start);
        let cause = match self.layout {
            Layout::Records => "it is in UTF-16, and JSON Lines is in UTF-8",
            _ => {
                "it is in UTF-16, where a line feed or a NUL is not one byte: convert it first, or read it whole"
            }
        };
        self.note(&mut batch.items, 0, start..start, Form::Fault(cause.into()));
        true
    }
}

/// Where the part ends that a text over the limit begins with, of which these are the bytes that a part may have: behind the last empty
/// line, if that leaves at least half of them, else behind the last line. `None`: this is one line.
///
/// A line feed is one in every encoding that is not [`wide`].
fn end_of_part(head: &[u8]) -> Option<usize> {
    let last = memchr::memrchr(b'\n', head)? + 1;
    let mut end = last;
    while end > head.len() / 2 {
        let line = memchr::memrchr(b'\n', &head[..end - 1]).map_or(0, |at| at + 1);
        if head[line..end].trim_ascii().is_empty() {
            return Some(end);
        }
        end = line;
    }
    Some(last)
}

/// Whether this begins with the byte order mark of UTF-16 (or of UTF-32, little end first).
fn wide(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")
}
