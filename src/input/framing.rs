//! Cuts an input into records or documents, and these into batches.
//!
//! Bytes are read straight into the batch and searched for the delimiter once; only what is left of an unfinished
//! record moves, to the beginning of the next batch.

use std::io::{self, Read};
use std::sync::Arc;

use super::compress::{self, Bytes, Spoiled};
use super::{BATCH_BYTES, Batch, Form, Format, InputFile, Item, Options, array, jsonl, warc, words};
use crate::document::Kind;

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

/// Bytes of a damaged archive in which the next record is looked for.
const MAX_DAMAGE: usize = 64 << 20;

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
        let bytes = compress::unpack(raw).map_err(|error| words(&error))?;
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
            end: None,
        };
        if layout == Layout::Whole(None) {
            source.recognise(flush);
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
                let file = Arc::clone(&self.file);
                batch.items.push(Item { file, place: 0, span: start..end, form: Form::Fault(cause) });
                return true;
            }
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
            if matches!(self.layout, Layout::Whole(_)) && self.size > batch.bytes.len() - start {
                // One byte more than there is, so that the read that finds the end has room.
                batch.bytes.reserve_exact(self.size - (batch.bytes.len() - start) + READ_BYTES + 1);
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
                    if lead < element.len() {
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
            if *start == bytes.len() {
                bytes.truncate(*start);
                return Ok(());
            }
            let rest = &bytes[*start..];
            match warc::next(rest, self.end.is_some()) {
                warc::Next::Record { len, gap } => {
                    self.push(items, bytes, *start, *start + len);
                    *start += len + gap;
                }
                warc::Next::Long(len) => {
                    self.place += 1;
                    let cause =
                        format!("a WARC record of {len} bytes: more than {} are not read", warc::MAX_RECORD);
                    let (file, span) = (Arc::clone(&self.file), *start..*start);
                    items.push(Item { file, place: self.place, span, form: Form::Fault(cause) });
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
                    let (file, span) = (Arc::clone(&self.file), *start..*start + next);
                    items.push(Item { file, place: self.place, span, form: Form::Fault(cause) });
                    *start += next;
                }
            }
        }
    }

    /// Notes the record or document at `start..end`.
    fn push(&mut self, items: &mut Vec<Item>, bytes: &[u8], mut start: usize, mut end: usize) {
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
        items.push(Item { file: Arc::clone(&self.file), place, span: start..end, form });
    }

    /// Deals with what is behind the last delimiter, `start` on.
    fn finish(&mut self, batch: &mut Batch, start: usize, end: End) {
        let Batch { bytes, items, .. } = batch;
        let len = bytes.len();
        let left = start < len || matches!(self.layout, Layout::Whole(_));
        match end {
            // All that is whole of these has been noted.
            End::Clean | End::Behind(_) if matches!(self.layout, Layout::Array | Layout::Warc) => {}
            End::Clean | End::Behind(_) if left => self.push(items, bytes, start, len),
            End::Clean | End::Behind(_) => {}
            End::Cut(cause) => {
                let place = if matches!(self.layout, Layout::Whole(_)) || !left { 0 } else { self.place + 1 };
                let file = Arc::clone(&self.file);
                items.push(Item { file, place, span: start..len, form: Form::Fault(cause) });
                return;
            }
        }
        if let End::Behind(cause) = end {
            let file = Arc::clone(&self.file);
            items.push(Item { file, place: 0, span: len..len, form: Form::Fault(cause) });
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
        let form = Form::Fault(cause.into());
        batch.items.push(Item { file: Arc::clone(&self.file), place: 0, span: start..start, form });
        true
    }
}

/// Whether this begins with the byte order mark of UTF-16 (or of UTF-32, little end first).
fn wide(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")
}
