//! Where the output goes: standard output, one file, several of a size, or one for each input; and what may be overwritten.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use corpus_clean::input::{InputFile, Shard};
use corpus_clean::output::journal::Position;
#[cfg(feature = "parquet")]
use corpus_clean::output::parquet::{ParquetFile, Row, is_ours as parquet_is_ours, is_parquet};
use corpus_clean::output::sink::{Checkpoint, Finished, OutputFile, Unfinished, beside, is_ours, is_special};

use super::run::Format;

/// Where the output goes.
pub enum Destination {
    Stdout,
    File(PathBuf),
    /// A file for each input, under this directory.
    Directory(PathBuf),
}

impl Destination {
    /// Reads `-o` as meant.
    ///
    /// # Errors
    /// When the name tells neither a file nor a directory.
    pub fn new(output: Option<&Path>, format: Format) -> anyhow::Result<Self> {
        let Some(path) = output else { return Ok(Self::Stdout) };
        let name = path.to_string_lossy();
        if name == "-" {
            return Ok(Self::Stdout);
        }
        if name.ends_with(std::path::MAIN_SEPARATOR) || path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let plain = unpacked(&name).0;
        let known = plain.ends_with(".jsonl")
            || plain.ends_with(".json")
            || plain.ends_with(".ndjson")
            || (format == Format::Text && plain.ends_with(".txt"))
            || (format == Format::Parquet && plain.ends_with(".parquet"));
        if !known && !path.exists() {
            let file = format.suffix();
            bail!(
                "is -o {name} a file or a directory? Write {name}{file} for one file, {name}/ for a directory"
            );
        }
        Ok(Self::File(path.to_owned()))
    }

    /// What is set aside goes here unless the user says otherwise: `out.rejected.jsonl` beside `out.jsonl`,
    /// `cleaned.rejected.jsonl` beside `cleaned/`. Names of different outputs give different names, and so do the shards that
    /// write into one directory.
    pub fn rejected(&self, shard: Option<Shard>) -> Option<PathBuf> {
        match self {
            Self::Stdout => None,
            Self::File(path) if is_special(path) => None,
            Self::File(path) => {
                let name = path.file_name()?.to_string_lossy();
                let stem = name.strip_suffix(".jsonl").unwrap_or(&name);
                Some(path.with_file_name(format!("{stem}{REJECTED}")))
            }
            Self::Directory(path) => {
                let shard = suffix(shard);
                match path.file_name() {
                    Some(name) => {
                        let name = name.to_string_lossy();
                        Some(path.with_file_name(format!("{name}{shard}{REJECTED}")))
                    }
                    // `.` and `..` have no name to add to.
                    None => Some(path.join(format!("clean{shard}{REJECTED}"))),
                }
            }
        }
    }

    /// The journal of a run: beside the output, or in its directory. What cannot be taken up again has none.
    pub fn journal(&self, shard: Option<Shard>) -> Option<PathBuf> {
        match self {
            Self::Stdout => None,
            Self::File(path) if is_special(path) => None,
            Self::File(path) => {
                let path = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
                Some(beside(&path, ".journal"))
            }
            Self::Directory(path) => Some(path.join(format!(".clean{}.journal", suffix(shard)))),
        }
    }

    pub fn paths(&self) -> Vec<PathBuf> {
        match self {
            Self::Stdout => vec![],
            Self::File(path) | Self::Directory(path) => vec![path.clone()],
        }
    }
}

/// End of the name of a file of set-aside documents.
const REJECTED: &str = ".rejected.jsonl";

fn suffix(shard: Option<Shard>) -> String {
    shard.map_or_else(String::new, |Shard { number, of }| format!("-{number}-of-{of}"))
}

impl Format {
    /// The end of the name of a file of it.
    fn suffix(self) -> &'static str {
        match self {
            Self::Jsonl => ".jsonl",
            Self::Text => ".txt",
            Self::Parquet => ".parquet",
        }
    }
}

/// How the output is written.
pub struct OutputOptions {
    pub format: Format,
    /// The column that Parquet has the text in.
    #[cfg(feature = "parquet")]
    pub text_field: Option<String>,
    /// The column for our findings.
    #[cfg(feature = "parquet")]
    pub record_key: String,
    pub nul: bool,
    pub force: bool,
    /// Bytes of each file of an output that is split, before compression.
    pub shard_size: Option<u64>,
    /// Finished files wait for [`Output::take_finished`], unfinished ones are kept.
    pub journaled: bool,
}

/// The output while it is written.
pub struct Output {
    destination: Destination,
    options: OutputOptions,
    open: Option<OutputFile>,
    #[cfg(feature = "parquet")]
    parquet: Option<ParquetFile>,
    position: Position,
    finished: Vec<Finished>,
    /// Files written, so that one run does not write the same file twice.
    written: HashSet<PathBuf>,
    /// The file of the input begun last.
    current: Option<PathBuf>,
}

impl Output {
    pub fn new(destination: Destination, options: OutputOptions) -> Self {
        let position = Position { at_start: true, ..Position::default() };
        let (finished, written) = (Vec::new(), HashSet::new());
        Self {
            destination,
            options,
            open: None,
            #[cfg(feature = "parquet")]
            parquet: None,
            position,
            finished,
            written,
            current: None,
        }
    }

    /// Begins the output, where it is one file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.file_of_all().map_or(Ok(()), |path| self.create(&path))
    }

    /// The file that all inputs go to at this time.
    fn file_of_all(&self) -> Option<PathBuf> {
        let Destination::File(path) = &self.destination else { return None };
        Some(match self.options.shard_size {
            Some(_) => numbered(path, self.position.number),
            None => path.clone(),
        })
    }

    fn create(&mut self, path: &Path) -> anyhow::Result<()> {
        if !self.written.insert(path.to_owned()) {
            bail!("{} is the output of an earlier input, too: clean them in separate runs", path.display());
        }
        check_overwrite(path, self.options.force)?;
        let unfinished = if self.options.journaled { Unfinished::Keep } else { Unfinished::Remove };
        let file = OutputFile::create(path, unfinished);
        self.open = Some(file.with_context(|| format!("cannot write {}", path.display()))?);
        self.position.at_start = true;
        Ok(())
    }

    /// The file of one input.
    fn file_of(&self, input: &InputFile) -> Option<PathBuf> {
        let Destination::Directory(directory) = &self.destination else { return None };
        let suffix = self.options.format.suffix();
        // The relative path comes from names under the user's own argument, never from a record.
        let mut name = directory.join(&input.relative).into_os_string();
        name.push(suffix);
        Some(name.into())
    }

    /// Begins the output of a new input: in a directory, that is a new file. When that cannot be written the cause
    /// is returned, and what comes of this input is left out.
    ///
    /// # Errors
    /// When the output of the input before cannot be finished.
    pub fn next_input(&mut self, input: &InputFile) -> anyhow::Result<Option<String>> {
        let Some(path) = self.file_of(input) else { return self.go_on_with(input) };
        self.finish()?;
        let created =
            self.create(&path).and_then(|()| self.go_on_with(input)).and_then(|cause| match cause {
                Some(cause) => bail!(cause),
                None => Ok(()),
            });
        self.position.given_up = created.is_err();
        Ok(created.err().map(|error| format!("{error:#}")))
    }

    /// Has a Parquet file take the columns of an input.
    #[cfg(feature = "parquet")]
    fn go_on_with(&mut self, input: &InputFile) -> anyhow::Result<Option<String>> {
        if self.options.format != Format::Parquet {
            return Ok(None);
        }
        let path = input.path.as_deref();
        let cause = match (&mut self.parquet, self.open.take()) {
            (Some(parquet), _) => parquet.next_input(path).context("cannot write the output")?.err(),
            (None, Some(file)) => {
                let (text_field, key) = (self.options.text_field.as_deref(), &self.options.record_key);
                let begun = ParquetFile::create(file, path, text_field, key);
                self.parquet = Some(begun.context("cannot write the output")?);
                None
            }
            (None, None) => bail!("internal error: an input before the output"),
        };
        self.position.given_up = cause.is_some();
        Ok(cause)
    }

    #[cfg(not(feature = "parquet"))]
    fn go_on_with(&mut self, _: &InputFile) -> anyhow::Result<Option<String>> {
        Ok(None)
    }

    /// Writes rows to the Parquet file.
    ///
    /// # Errors
    /// When they cannot be written.
    #[cfg(feature = "parquet")]
    pub fn write_rows(&mut self, rows: Vec<Row>) -> anyhow::Result<()> {
        if self.position.given_up {
            return Ok(());
        }
        let Some(parquet) = &mut self.parquet else { bail!("internal error: a row before its input") };
        rows.into_iter().try_for_each(|row| parquet.push(row)).context("cannot write the output")
    }

    /// Remembers an input that an earlier run has begun.
    pub fn replay_input(&mut self, input: &InputFile) {
        if let Some(path) = self.file_of(input) {
            self.written.insert(path.clone());
            self.current = Some(path);
        }
    }

    /// Goes on where an earlier run was at `position`, after its inputs have been replayed.
    ///
    /// # Errors
    /// When what it has written is not there any more.
    pub fn resume(&mut self, position: Position) -> anyhow::Result<()> {
        if let Destination::File(path) = &self.destination
            && self.options.shard_size.is_some()
        {
            self.written.extend((0..=position.number).map(|number| numbered(path, number)));
        }
        self.position = position;
        let current = self.file_of_all().or_else(|| self.current.take());
        self.written.extend(current.clone());
        let is_open = self.position.len.is_some();
        // The earlier run may have been stopped between a commit and the names of what was finished in it.
        for path in &self.written {
            let finished = Finished::of(path);
            if !(is_open && current.as_ref() == Some(path)) && finished.is_unnamed() {
                finished.publish().with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        if let (Some(path), Some(len)) = (current, self.position.len) {
            self.open = Some(resume_file(&path, len)?);
        }
        Ok(())
    }

    pub fn write(&mut self, mut bytes: &[u8]) -> anyhow::Result<()> {
        // Each text brings its separator in front; the first of a file needs none.
        if self.position.at_start
            && self.options.format == Format::Text
            && !self.options.nul
            && !bytes.is_empty()
        {
            bytes = &bytes[1..];
        }
        self.position.at_start &= bytes.is_empty();
        if self.position.given_up {
            return Ok(());
        }
        while let Some(size) = self.options.shard_size {
            let room = usize::try_from(size.saturating_sub(self.position.bytes)).unwrap_or(usize::MAX);
            if bytes.len() <= room {
                break;
            }
            let end = |at: usize| at + 1;
            let mut fit = memchr::memrchr(b'\n', &bytes[..room]).map_or(0, end);
            if fit == 0 && self.position.bytes == 0 {
                // A record that is larger has a file of its own.
                fit = memchr::memchr(b'\n', bytes).map_or(bytes.len(), end);
            }
            self.put(&bytes[..fit])?;
            bytes = &bytes[fit..];
            if bytes.is_empty() {
                return Ok(());
            }
            self.finish()?;
            self.position.number += 1;
            self.position.bytes = 0;
            self.start()?;
        }
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.position.bytes += bytes.len() as u64;
        match (&mut self.open, &self.destination) {
            (Some(file), _) => file.write_all(bytes).context("cannot write the output"),
            (None, Destination::Stdout) => {
                io::stdout().lock().write_all(bytes).context("cannot write to standard output")
            }
            (None, _) => bail!("internal error: a document before its input"),
        }
    }

    pub fn flush(&mut self) -> anyhow::Result<()> {
        match &mut self.open {
            Some(file) => file.flush().context("cannot write the output"),
            None if self.options.format == Format::Parquet => Ok(()),
            None => io::stdout().flush().context("cannot write to standard output"),
        }
    }

    /// Where the output can be taken up again, and the open file to be synced before.
    pub fn checkpoint(&mut self) -> anyhow::Result<(Position, Option<fs::File>)> {
        // A unit ends with its input where Parquet is written.
        if self.options.format == Format::Parquet {
            self.finish()?;
        }
        let checkpoint = self.open.as_mut().map(OutputFile::checkpoint).transpose();
        let Checkpoint { len, file } =
            checkpoint.context("cannot write the output")?.unwrap_or(Checkpoint { len: None, file: None });
        self.position.len = len;
        Ok((self.position.clone(), file))
    }

    /// What was finished since this was asked last.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.finished)
    }

    /// Adds a file to what was finished.
    pub fn add_finished(&mut self, finished: Option<Finished>) {
        self.finished.extend(finished);
    }

    /// Ends the open file.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        #[cfg(feature = "parquet")]
        if self.options.format == Format::Parquet
            && let Some(file) = self.open.take()
        {
            // No input could be opened, and a file without columns is none.
            let empty = ParquetFile::create(file, None, None, &self.options.record_key);
            self.parquet = Some(empty.context("cannot write the output")?);
        }
        #[cfg(feature = "parquet")]
        if let Some(parquet) = self.parquet.take() {
            self.open = Some(parquet.finish().context("cannot finish the output")?);
        }
        let Some(file) = self.open.take() else { return Ok(()) };
        self.position.len = None;
        if self.options.journaled {
            self.finished.extend(file.close().context("cannot finish the output")?);
            return Ok(());
        }
        file.finish().context("cannot finish the output")
    }

    /// Removes what has no name yet.
    pub fn discard(self) {
        self.finished.iter().for_each(Finished::discard);
        if let Some(file) = self.open {
            file.discard();
        }
    }

    /// A file behind the last one that an earlier run has left where the output is split.
    pub fn left_over(&self) -> Option<PathBuf> {
        let Destination::File(path) = &self.destination else { return None };
        self.options.shard_size?;
        Some(numbered(path, self.position.number + 1)).filter(|path| path.exists())
    }
}

/// Opens the beginning of an output of an earlier run.
///
/// # Errors
/// When it is not there any more, or not all of it.
pub fn resume_file(path: &Path, len: u64) -> anyhow::Result<OutputFile> {
    OutputFile::resume(path, len).with_context(|| {
        format!(
            "what an earlier run wrote of {} cannot be gone on with; --restart begins anew",
            path.display()
        )
    })
}

/// `out-00007.jsonl.zst` for `out.jsonl.zst`.
fn numbered(path: &Path, number: u64) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (plain, packed) = unpacked(&name);
    let (stem, kind) = plain.rfind('.').map_or((plain, ""), |dot| plain.split_at(dot));
    path.with_file_name(format!("{stem}-{number:05}{kind}{packed}"))
}

/// The name without the ending that says how it is compressed, and that ending.
fn unpacked(name: &str) -> (&str, &str) {
    let plain = [".gz", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.split_at(plain.len())
}

/// Refuses to replace a file that this program did not write.
pub fn check_overwrite(path: &Path, force: bool) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{} is a directory", path.display());
    }
    #[cfg(feature = "parquet")]
    if is_parquet(path) && parquet_is_ours(path) {
        return Ok(());
    }
    if !force && path.exists() && !is_special(path) && !is_ours(path) && !is_report(path) {
        bail!(
            "{} exists and is not from an earlier run; remove it, or overwrite it with --force",
            path.display()
        );
    }
    Ok(())
}

/// Whether a file is a report of an earlier run.
fn is_report(path: &Path) -> bool {
    let read = || -> anyhow::Result<serde_json::Value> {
        Ok(serde_json::from_reader(io::BufReader::new(fs::File::open(path)?))?)
    };
    read().is_ok_and(|json| ["documents", "set_aside", "stages"].iter().all(|name| json.get(name).is_some()))
}

/// Refuses outputs that are one file, or that are read.
pub fn check_distinct(outputs: &[PathBuf], inputs: &[PathBuf]) -> anyhow::Result<()> {
    let of_outputs: Vec<_> = outputs.iter().map(|path| identity(path)).collect();
    for (number, path) in outputs.iter().enumerate() {
        if of_outputs[..number].contains(&of_outputs[number]) && !is_special(path) {
            bail!("{} would be written twice: give each output a name of its own", path.display());
        }
    }
    for input in inputs {
        if of_outputs.contains(&identity(input)) && !is_special(input) {
            bail!("{} is both read and written", input.display());
        }
    }
    Ok(())
}

/// What makes two names one file: the file itself where it exists, else the name in its directory.
fn identity(path: &Path) -> (Option<(u64, u64)>, PathBuf) {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        use std::os::unix::fs::MetadataExt;
        return (Some((metadata.dev(), metadata.ino())), PathBuf::new());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().unwrap_or_else(|_| parent.to_owned());
    (None, parent.join(path.file_name().unwrap_or_default()))
}

/// The file that standard output was sent to, if it is one: it must not be read.
pub fn stdout_file() -> Option<PathBuf> {
    let path = fs::canonicalize("/dev/stdout").ok()?;
    path.is_file().then_some(path)
}
