//! What a run has committed, so that the same command goes on where it stopped.
//!
//! A journal is a file of JSON lines beside the output. Its first line says what was asked for; each further line
//! commits a unit of the input ([`crate::input::Batch::unit`]): how long the outputs are after it, and what was counted
//! in it. The outputs are synced before the line is written, and the line before a finished output gets its
//! name. So at any moment the whole lines tell the truth, and what they do not tell of is cut off and done again.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sink::{Finished, lock, parent, sync_directory};
use crate::report::Report;

/// Of the lines; another one is not read.
const FORMAT: u32 = 1;

/// Units that may wait for the disk: one that is slower than the work commits several at once instead of stopping it.
const WAITING: usize = 4;

/// Files synced at a time: the file system commits what is asked for together at once. Measured on ext4 with 1000 files
/// of 2 kB: 5.3 s one after the other, 0.22 s with 16 threads.
const SYNCS: usize = 16;

#[derive(Serialize, Deserialize)]
struct Header {
    journal: u32,
    settings: Value,
}

/// Where the text output stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes of the open file; `None`: none is open.
    pub len: Option<u64>,
    /// Nothing has been written to it.
    pub at_start: bool,
    /// It could not be begun, and what belongs into it is left out.
    pub given_up: bool,
    /// Its number, where the output is split.
    pub number: u64,
    /// Bytes in it before compression.
    pub bytes: u64,
}

/// One line: what a unit of the input came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Commit {
    /// Units that are done, this one included.
    pub units: u64,
    /// A hash of everything read so far.
    pub input: u64,
    pub output: Position,
    /// Bytes of the file of what was set aside.
    pub rejected: Option<u64>,
    /// Failures so far.
    pub failures: u64,
    /// The input is at its end, and the outputs are finished.
    pub done: bool,
    /// What was counted in this unit.
    pub report: Report,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("another run is writing this output ({0} is locked)")]
    Locked(PathBuf),
    #[error("an earlier run of another command was not finished ({0})")]
    Changed(String),
    #[error("{path}: {cause}")]
    Io { path: PathBuf, cause: io::Error },
}

/// The journal of this run, open and locked.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// Its name may not be on the disk yet.
    is_new: bool,
}

impl Journal {
    /// Opens or begins the journal at `path`. With it comes the last commit of an earlier run of the same `settings` that
    /// was not finished, with the reports of all its commits in one.
    ///
    /// # Errors
    /// When another run has it, when an unfinished run had other settings, or when it cannot be written. With `restart`,
    /// what an earlier run left does not matter.
    pub fn open(path: &Path, settings: &Value, restart: bool) -> Result<(Self, Option<Commit>), Error> {
        let io = |cause| Error::Io { path: path.to_owned(), cause };
        fs::create_dir_all(parent(path)).map_err(io)?;
        let mut journal = loop {
            let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
            let file = file.map_err(io)?;
            lock(&file).map_err(|_| Error::Locked(path.to_owned()))?;
            // A run that ended between the two took its journal away: this file has no name any more.
            if is_at(&file, path) {
                break Self { file, path: path.to_owned(), is_new: true };
            }
        };
        let past = journal.read().map_err(io)?;
        if let Some((header, len, commit)) = past
            && let Some(commit) = commit
            && !restart
        {
            let mut changes = Vec::new();
            if header.journal == FORMAT {
                differences("", &header.settings, settings, &mut changes);
            } else {
                changes.push("the format of the journal".to_owned());
            }
            if !changes.is_empty() {
                return Err(Error::Changed(changes.join("; ")));
            }
            journal.file.set_len(len).map_err(io)?;
            journal.file.seek(SeekFrom::Start(len)).map_err(io)?;
            return Ok((journal, Some(commit)));
        }
        journal.begin(settings).map_err(io)?;
        Ok((journal, None))
    }

    fn begin(&mut self, settings: &Value) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        // Synced with the first commit: without one it is worth nothing.
        self.write(&Header { journal: FORMAT, settings: settings.clone() })
    }

    /// The header, the length of all that is valid and what it says; `None` where not even the header is whole.
    fn read(&mut self) -> io::Result<Option<(Header, u64, Option<Commit>)>> {
        let mut reader = BufReader::new(&mut self.file);
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let Some(header) = whole::<Header>(&line) else { return Ok(None) };
        let mut len = line.len() as u64;
        let mut past: Option<Commit> = None;
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            // A line that was cut when the machine stopped was never relied on.
            let Some(mut commit) = whole::<Commit>(&line) else { return Ok(Some((header, len, past))) };
            len += line.len() as u64;
            if let Some(before) = past.take() {
                let mut report = before.report;
                report += std::mem::take(&mut commit.report);
                commit.report = report;
            }
            past = Some(commit);
        }
    }

    /// Commits, once the disk has the line.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn append(&mut self, commit: &Commit) -> io::Result<()> {
        self.write(commit)?;
        self.file.sync_data()?;
        if std::mem::take(&mut self.is_new) {
            sync_directory(parent(&self.path));
        }
        Ok(())
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)
    }

    /// Takes the journal away: all is done.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

/// A line that ends and says what it should.
fn whole<T: serde::de::DeserializeOwned>(line: &[u8]) -> Option<T> {
    serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
}

/// Whether an open file is the one that has the name.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let (open, named) = (file.metadata().map(identity), fs::metadata(path).map(identity));
        matches!((open, named), (Ok(open), Ok(named)) if open == named)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Names the settings that are not the same, as `name: old, now new`.
fn differences(name: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
            names.sort();
            names.dedup();
            for member in names {
                let of = |object: &serde_json::Map<String, Value>| {
                    object.get(member).cloned().unwrap_or(Value::Null)
                };
                let name = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                differences(&name, &of(old), &of(new), changes);
            }
        }
        (old, new) if old != new => changes.push(format!("{name}: {old}, now {new}")),
        _ => {}
    }
}

/// What is to be on the disk before a commit, and to be named after it.
#[derive(Debug)]
pub struct Job {
    /// `None` at the end of a run that has committed nothing: if it is stopped before all has its name, it is done again.
    pub commit: Option<Commit>,
    /// Files that are written on.
    pub open: Vec<File>,
    pub finished: Vec<Finished>,
}

impl Job {
    /// Commits `next` with this one. What is open then is all that was open before and is not finished in the meantime.
    fn merge(&mut self, next: Self) {
        let before = std::mem::replace(&mut self.commit, next.commit);
        if let (Some(commit), Some(before)) = (&mut self.commit, before) {
            let mut report = before.report;
            report += std::mem::take(&mut commit.report);
            commit.report = report;
        }
        self.open = next.open;
        self.finished.extend(next.finished);
    }

    fn run(&self, journal: &mut Journal) -> io::Result<()> {
        let each = self.finished.len().div_ceil(SYNCS).max(1);
        thread::scope(|scope| {
            let sync = |files: &[Finished]| files.iter().try_for_each(Finished::sync);
            let threads: Vec<_> =
                self.finished.chunks(each).map(|files| scope.spawn(move || sync(files))).collect();
            threads.into_iter().try_for_each(|thread| match thread.join() {
                Ok(result) => result,
                Err(_) => Err(io::Error::other("internal error: a sync panicked")),
            })
        })?;
        self.open.iter().try_for_each(File::sync_data)?;
        self.commit.iter().try_for_each(|commit| journal.append(commit))?;
        self.finished.iter().try_for_each(Finished::publish)?;
        let mut directories: Vec<_> = self.finished.iter().map(Finished::directory).collect();
        directories.dedup();
        directories.into_iter().for_each(sync_directory);
        Ok(())
    }
}

/// Commits on a thread of its own: the run goes on while the disk works.
pub struct Committer {
    jobs: mpsc::SyncSender<Job>,
    thread: thread::JoinHandle<io::Result<Journal>>,
}

impl Committer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(mut journal: Journal) -> io::Result<Self> {
        let (jobs, queue) = mpsc::sync_channel::<Job>(WAITING);
        let thread = thread::Builder::new().name("commit".into()).spawn(move || {
            while let Ok(mut job) = queue.recv() {
                queue.try_iter().for_each(|next| job.merge(next));
                job.run(&mut journal)?;
            }
            Ok(journal)
        })?;
        Ok(Self { jobs, thread })
    }

    /// Has a unit committed, some time; false: an earlier one was not, and [`Committer::finish`] says why.
    pub fn commit(&self, job: Job) -> bool {
        self.jobs.send(job).is_ok()
    }

    /// Waits until all is committed.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(self) -> io::Result<Journal> {
        drop(self.jobs);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("internal error: the commit panicked")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn commit(units: u64) -> Commit {
        let report = Report { documents: 10 + units, ..Report::default() };
        Commit { units, input: u64::MAX - units, rejected: Some(units), report, ..Commit::default() }
    }

    /// A journal with three commits, and the lengths after each.
    fn journal(path: &Path, settings: &Value) -> Vec<u64> {
        let (mut journal, past) = Journal::open(path, settings, false).unwrap();
        assert!(past.is_none());
        let mut lens = vec![fs::metadata(path).unwrap().len()];
        for units in 1..=3 {
            journal.append(&commit(units)).unwrap();
            lens.push(fs::metadata(path).unwrap().len());
        }
        lens
    }

    #[test]
    fn a_journal_cut_anywhere_tells_what_its_whole_lines_tell() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".clean.journal");
        let settings = json!({"a": 1});
        let lens = journal(&path, &settings);
        let whole = fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            for garbage in [&b""[..], b"\n", b"\0\0\0\n"] {
                fs::write(&path, [&whole[..cut], garbage].concat()).unwrap();
                let lines = lens.iter().filter(|&&len| len <= cut as u64).count();
                // What completes the last line makes it whole.
                let lines = lines + usize::from(garbage == b"\n" && lens.contains(&(cut as u64 + 1)));
                let (mut journal, past) = Journal::open(&path, &settings, false).unwrap();
                assert_eq!(past.as_ref().map_or(0, |past| past.units as usize), lines.saturating_sub(1));
                if let Some(past) = past {
                    assert_eq!(past.input, u64::MAX - past.units);
                    assert_eq!(past.report.documents, (1..=past.units).map(|n| 10 + n).sum::<u64>());
                }
                journal.append(&commit(9)).unwrap();
                drop(journal);
                let (_, past) = Journal::open(&path, &settings, false).unwrap();
                assert_eq!(past.unwrap().units, 9, "cut at {cut}");
            }
        }
    }

    #[test]
    fn units_that_wait_are_committed_together() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".clean.journal");
        let (mut journal, _) = Journal::open(&path, &json!({}), false).unwrap();
        let job = |units| Job { commit: Some(commit(units)), open: vec![], finished: vec![] };
        let mut first = job(1);
        (2..=4).for_each(|units| first.merge(job(units)));
        first.run(&mut journal).unwrap();
        drop(journal);
        let (_, past) = Journal::open(&path, &json!({}), false).unwrap();
        let past = past.unwrap();
        assert_eq!((past.units, past.input, past.rejected), (4, u64::MAX - 4, Some(4)));
        assert_eq!(past.report.documents, 11 + 12 + 13 + 14);
    }

    #[test]
    fn other_settings_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/.clean.journal");
        let settings = json!({"bold": false, "options": {"x": [1], "y": "b"}});
        journal(&path, &settings);
        let other = json!({"bold": true, "options": {"x": [1], "z": 2}});
        let error = Journal::open(&path, &other, false).unwrap_err().to_string();
        assert!(error.contains("bold: false, now true; options.y: \"b\", now null; options.z"), "{error}");
        let (first, past) = Journal::open(&path, &settings, false).unwrap();
        assert_eq!(past.unwrap().units, 3);
        assert!(matches!(Journal::open(&path, &settings, true), Err(Error::Locked(_))));
        drop(first);
        assert!(Journal::open(&path, &other, true).unwrap().1.is_none());
        // Nothing was committed under the other settings: nothing is lost with them.
        assert!(Journal::open(&path, &settings, false).unwrap().1.is_none());
    }
}
