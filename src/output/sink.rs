//! Where the lines go: standard output, one file, or a file for each input; compressed as the name says.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::TryLockError;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

/// How an output is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// By the last extension of the name.
    pub fn of(path: &Path) -> Self {
        match path.extension().and_then(|e| e.to_str()) {
            Some("gz") => Self::Gzip,
            Some("zst" | "zstd") => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// Level 3 is zstd's own default; measured on cleaned Chinese: 5 times smaller at 300 MB/s.
const ZSTD_LEVEL: i32 = 3;

/// A writer that compresses; [`Encoder::finish`] must be called.
enum Encoder<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    fn new(inner: W, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(inner),
            Compression::Gzip => Self::Gzip(GzEncoder::new(inner, flate2::Compression::default())),
            Compression::Zstd => Self::Zstd(zstd::Encoder::new(inner, ZSTD_LEVEL)?),
        })
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(inner) => Ok(inner),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(inner) => inner.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(inner) => inner.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// Whether a file of this name is the beginning of an output or the journal of a run, which are no input.
pub fn is_unfinished(name: &str) -> bool {
    name.starts_with(".clean") && (name.ends_with(".part") || name.ends_with(".journal"))
}

/// A name beside `path` that is found again, for what is not finished: `.clean-NAME` and `suffix`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut hidden = OsString::from(".clean-");
    // No file system that is in use takes names of more than 255 bytes.
    if name.len() + hidden.len() + suffix.len() <= 255 {
        hidden.push(name);
    } else {
        hidden.push(format!("{:016x}", xxh3_64(name.as_encoded_bytes())));
    }
    hidden.push(suffix);
    path.with_file_name(hidden)
}

/// What becomes of the beginning of an output when it is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    Remove,
    /// A journal tells how to go on with it.
    Keep,
}

/// A file that appears under its name only when it is whole. A pipe or a device is written to as it is.
pub struct OutputFile {
    /// Plain between frames; `None` after an error.
    encoder: Option<Encoder<BufWriter<Target>>>,
    compression: Compression,
    /// A frame (or gzip member) is open.
    in_frame: bool,
    /// `None` for a pipe or a device.
    names: Option<Finished>,
}

enum Target {
    Part(Part),
    /// A pipe or a device.
    Special(File),
}

/// A file to be renamed when it is whole.
struct Part {
    file: File,
    names: Finished,
    len: u64,
    unfinished: Unfinished,
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.unfinished == Unfinished::Remove {
            // It may have its name already.
            let _ = fs::remove_file(&self.names.part);
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Part(part) => {
                let written = part.file.write(bytes)?;
                part.len += written as u64;
                Ok(written)
            }
            Self::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Part(part) => part.file.flush(),
            Self::Special(file) => file.flush(),
        }
    }
}

/// A file that is whole but for its name.
#[derive(Clone, Debug)]
pub struct Finished {
    part: PathBuf,
    path: PathBuf,
}

impl Finished {
    /// The names that the output at `path` has, or had, before and after.
    pub fn of(path: &Path) -> Self {
        // A link stays a link: what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Self { part: beside(&path, ".part"), path }
    }

    /// The file still has the name of an unfinished one.
    pub fn is_unnamed(&self) -> bool {
        self.part.exists()
    }

    /// Waits until the disk has its content.
    ///
    /// # Errors
    /// When the disk has not.
    pub fn sync(&self) -> io::Result<()> {
        File::options().write(true).open(&self.part)?.sync_data()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the name cannot be taken.
    pub fn publish(&self) -> io::Result<()> {
        fs::rename(&self.part, &self.path)
    }

    /// Removes the file.
    pub fn discard(&self) {
        // If it cannot be removed it stays, and the next run writes over it.
        let _ = fs::remove_file(&self.part);
    }

    /// The directory it is in.
    pub fn directory(&self) -> &Path {
        parent(&self.path)
    }
}

/// The directory of a file.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where an output can be taken up again.
pub struct Checkpoint {
    /// Bytes of the file; `None` for a pipe or a device, which cannot go back.
    pub len: Option<u64>,
    /// The file again, to be synced beside the writing.
    pub file: Option<File>,
}

/// Whether something stands at `path` that is no regular file: it is never replaced, only written to.
pub fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

impl OutputFile {
    /// Begins a file beside `path`, or what a link there leads to.
    ///
    /// # Errors
    /// When the directory cannot be written, or another run is writing the same file.
    pub fn create(path: &Path, unfinished: Unfinished) -> io::Result<Self> {
        let target = if is_special(path) {
            Target::Special(File::options().write(true).open(path)?)
        } else {
            let names = Finished::of(path);
            fs::create_dir_all(names.directory())?;
            let file = File::options().write(true).create(true).truncate(false).open(&names.part)?;
            lock(&file)?;
            file.set_len(0)?;
            Target::Part(Part { file, names, len: 0, unfinished })
        };
        Ok(Self::new(target, Compression::of(path)))
    }

    /// Takes up the beginning of `path` again at a [`Checkpoint`] of `len` bytes; what is behind it is cut off.
    ///
    /// # Errors
    /// When it is not there or is shorter.
    pub fn resume(path: &Path, len: u64) -> io::Result<Self> {
        let names = Finished::of(path);
        let mut file = File::options().write(true).open(&names.part)?;
        lock(&file)?;
        let found = file.metadata()?.len();
        if found < len {
            let cause = format!("{} bytes were written, and {found} are left", len);
            return Err(io::Error::new(io::ErrorKind::InvalidData, cause));
        }
        file.set_len(len)?;
        file.seek(SeekFrom::Start(len))?;
        let target = Target::Part(Part { file, names, len, unfinished: Unfinished::Keep });
        Ok(Self::new(target, Compression::of(path)))
    }

    fn new(target: Target, compression: Compression) -> Self {
        let names = match &target {
            Target::Part(part) => Some(part.names.clone()),
            Target::Special(_) => None,
        };
        let writer = BufWriter::with_capacity(1 << 16, target);
        Self { encoder: Some(Encoder::Plain(writer)), compression, in_frame: false, names }
    }

    /// The writer inside a frame.
    fn encoder(&mut self) -> io::Result<&mut Encoder<BufWriter<Target>>> {
        if !self.in_frame {
            let writer = self.encoder.take().ok_or_else(spoiled)?.finish()?;
            self.encoder = Some(Encoder::new(writer, self.compression)?);
            self.in_frame = true;
        }
        self.encoder.as_mut().ok_or_else(spoiled)
    }

    /// Ends the frame of the compression and hands everything to the system.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn checkpoint(&mut self) -> io::Result<Checkpoint> {
        let mut writer = self.encoder.take().ok_or_else(spoiled)?.finish()?;
        writer.flush()?;
        let checkpoint = match writer.get_ref() {
            Target::Part(part) => Checkpoint { len: Some(part.len), file: Some(part.file.try_clone()?) },
            Target::Special(_) => Checkpoint { len: None, file: None },
        };
        self.encoder = Some(Encoder::Plain(writer));
        self.in_frame = false;
        Ok(checkpoint)
    }

    /// Finishes the compression; the file is whole then, and has still to be synced and named. `None` for a pipe or a
    /// device, which has its name.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn close(mut self) -> io::Result<Option<Finished>> {
        // Of a file without a byte nobody could say that it is compressed.
        if self.checkpoint()?.len == Some(0) {
            self.encoder()?;
        }
        let writer = self.encoder.take().ok_or_else(spoiled)?.finish()?;
        match writer.into_inner().map_err(io::IntoInnerError::into_error)? {
            Target::Part(mut part) => {
                part.unfinished = Unfinished::Keep;
                Ok(Some(part.names.clone()))
            }
            Target::Special(mut file) => file.flush().map(|()| None),
        }
    }

    /// Finishes the file, syncs it and gives it its name.
    ///
    /// # Errors
    /// When the disk is full or the name cannot be taken; what was written is gone then.
    pub fn finish(self) -> io::Result<()> {
        let Some(finished) = self.close()? else { return Ok(()) };
        finished.sync().and_then(|()| finished.publish()).inspect_err(|_| finished.discard())
    }

    /// Removes what was written.
    pub fn discard(self) {
        let names = self.names.clone();
        drop(self);
        if let Some(names) = names {
            names.discard();
        }
    }
}

fn spoiled() -> io::Error {
    io::Error::other("an earlier write failed")
}

/// Refuses a file that another run has open.
pub(super) fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, "another run is writing it"))
        }
        // Some network file systems have no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Waits until the disk has the names in a directory.
pub(super) fn sync_directory(directory: &Path) {
    // Some systems cannot open a directory, and some file systems cannot sync one: the names come with the rest then.
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.encoder()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.as_mut().map_or(Ok(()), Encoder::flush)
    }
}

/// Whether a file that stands where we would write is an earlier output of ours (or empty), and not somebody's data.
///
/// Ours is a file whose first line is a record with our findings, under whatever name, or a set-aside document, or
/// a report. Plain text cannot be told from anybody's.
pub fn is_ours(path: &Path) -> bool {
    let head = || -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let reader: Box<dyn Read> = match Compression::of(path) {
            Compression::None => Box::new(file),
            Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Compression::Zstd => Box::new(zstd::Decoder::new(file)?),
        };
        let mut head = Vec::new();
        BufReader::new(reader.take(LONGEST_FIRST_LINE)).read_until(b'\n', &mut head)?;
        Ok(head)
    };
    head().is_ok_and(|head| head.is_empty() || is_our_record(&head))
}

/// Bytes of a first line that are looked at: as much as a document may hold before it is set aside.
const LONGEST_FIRST_LINE: u64 = 256 << 20;

fn is_our_record(line: &[u8]) -> bool {
    // Raw values: a number out of range or a lone surrogate in somebody's member is none of our business.
    let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(line) else { return false };
    let is_string = |name: &str| members.get(name).is_some_and(|value| value.get().starts_with('"'));
    let rejected = ["id", "source", "stage", "rule", "detail"].iter().all(|name| is_string(name))
        && members.contains_key("place");
    rejected || members.values().any(|value| is_findings(value.get()))
}

/// Whether a member is what [`super::record`] adds.
fn is_findings(json: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Findings<'a> {
        #[serde(borrow, rename = "version")]
        _version: &'a str,
        #[serde(borrow, rename = "config")]
        _config: &'a str,
        #[serde(borrow, rename = "raw_xxh3")]
        _raw_xxh3: &'a str,
    }
    json.starts_with('{') && serde_json::from_str::<Findings<'_>>(json).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_file_never_appears() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl.zst");
        let mut file = OutputFile::create(&path, Unfinished::Remove).unwrap();
        file.write_all(b"{}\n").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut file = OutputFile::create(&path, Unfinished::Remove).unwrap();
        file.write_all(b"{}\n").unwrap();
        file.finish().unwrap();
        assert_eq!(zstd::decode_all(File::open(&path).unwrap()).unwrap(), b"{}\n");
    }

    #[test]
    fn a_file_is_taken_up_at_a_checkpoint() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"] {
            let path = dir.path().join(name);
            let write = |first: OutputFile, rest: &[&[u8]]| {
                let mut file = first;
                for bytes in rest {
                    file.write_all(bytes).unwrap();
                    file.checkpoint().unwrap();
                }
                file.finish().unwrap();
                fs::read(&path).unwrap()
            };
            let create = || OutputFile::create(&path, Unfinished::Keep).unwrap();
            let whole = write(create(), &[b"{\"a\":1}\n", b"{\"a\":2}\n", b""]);
            let mut file = create();
            file.write_all(b"{\"a\":1}\n").unwrap();
            let len = file.checkpoint().unwrap().len.unwrap();
            file.write_all(b"lost").unwrap();
            assert!(OutputFile::resume(&path, len).is_err(), "open in another run");
            drop(file);
            assert!(OutputFile::resume(&path, 1 << 20).is_err());
            assert_eq!(write(OutputFile::resume(&path, len).unwrap(), &[b"{\"a\":2}\n"]), whole);
            assert_eq!(write(create(), &[]).is_empty(), name == "a.jsonl", "an empty one is compressed, too");
            create().discard();
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn names_of_any_length_have_one_beside_them() {
        for len in [1, 240, 255] {
            let part = beside(Path::new(&format!("out/{}", "x".repeat(len))), ".part");
            let name = part.file_name().unwrap().to_str().unwrap();
            assert!(part.starts_with("out") && name.len() <= 255 && is_unfinished(name), "{name}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (link, real) = (dir.path().join("link.jsonl"), dir.path().join("real.jsonl"));
        fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = OutputFile::create(&link, Unfinished::Remove).unwrap();
        file.write_all(b"{}\n").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"{}\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn files_of_others_are_told_from_ours() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        for (content, ours) in [
            ("", true),
            (
                "{\"n\":1E400,\"k\":{\"version\":\"0\",\"config\":\"\",\"raw_bytes\":1,\"raw_xxh3\":\"\"}}\n",
                true,
            ),
            ("{\"text\":\"\",\"clean\":{\"version\":3}}\n", false),
            ("{\"stage\":\"b\",\"rule\":\"r\",\"detail\":\"d\",\"text\":\"precious\"}\n", false),
            ("my notes\n", false),
        ] {
            fs::write(&path, content).unwrap();
            assert_eq!(is_ours(&path), ours, "{content}");
        }
    }
}
