//! Names the inputs: the arguments in their order, and in a directory its files in the order of their names.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ignore::overrides::OverrideBuilder;
use ignore::{DirEntry, WalkBuilder};

use super::{Error, InputFile, Options, Totals, words};
use crate::output::sink;

/// An input, or why there is none where one should be.
pub(super) struct Found {
    pub(super) file: Arc<InputFile>,
    pub(super) fault: Option<String>,
}

/// What is to be walked; shared by the walk itself and by the count of its bytes.
struct Plan {
    arguments: Vec<PathBuf>,
    options: Options,
    /// Canonical paths.
    exclude: Vec<PathBuf>,
}

/// The inputs, in order. Found while they are read: a tree of millions of files needs no list in memory.
pub(super) struct Walk {
    plan: Arc<Plan>,
    /// Arguments begun so far.
    begun: usize,
    directory: Option<Directory>,
    index: usize,
}

struct Directory {
    entries: ignore::Walk,
    root: PathBuf,
    prefix: PathBuf,
}

impl Walk {
    pub(super) fn new(
        mut paths: Vec<PathBuf>,
        options: &Options,
        exclude: &[PathBuf],
    ) -> Result<Self, Error> {
        if paths.is_empty() {
            paths.push("-".into());
        }
        // Patterns are compiled for each directory; that they compile is known at the start.
        for glob in &options.glob {
            OverrideBuilder::new(".").add(glob).map_err(|error| {
                let cause = match &error {
                    ignore::Error::Glob { err, .. } => err.clone(),
                    other => other.to_string(),
                };
                Error::Glob { glob: glob.clone(), cause }
            })?;
        }
        let exclude = exclude.iter().filter_map(|path| canonical(path)).collect();
        let plan = Arc::new(Plan { arguments: paths, options: options.clone(), exclude });
        Ok(Self::of(plan))
    }

    fn of(plan: Arc<Plan>) -> Self {
        Self { plan, begun: 0, directory: None, index: 0 }
    }

    pub(super) fn totals(&self, limit: usize, is_read: impl Fn(usize) -> bool) -> Option<Totals> {
        let mut total = Totals::default();
        for (index, found) in Self::of(Arc::clone(&self.plan)).enumerate() {
            if index >= limit {
                return None;
            }
            if found.fault.is_some() || !is_read(index) {
                continue;
            }
            // Standard input has no path.
            match std::fs::metadata(found.file.path.as_ref()?) {
                Ok(metadata) if metadata.is_file() => {
                    total.inputs += 1;
                    total.bytes += metadata.len();
                }
                Ok(_) => return None,
                Err(_) => {}
            }
        }
        Some(total)
    }

    fn found(&mut self, path: Option<&Path>, relative: PathBuf, fault: Option<String>) -> Found {
        let name = path.map_or("-".into(), |path| path.to_string_lossy().into());
        let file =
            InputFile { path: path.map(Path::to_owned), name, relative, index: self.index, is_named: true };
        self.index += 1;
        Found { file: Arc::new(file), fault }
    }

    fn met(&mut self, path: &Path, relative: PathBuf, fault: Option<String>) -> Found {
        let found = self.found(Some(path), relative, fault);
        let file = InputFile { is_named: false, ..Arc::unwrap_or_clone(found.file) };
        Found { file: Arc::new(file), ..found }
    }

    fn argument(&mut self, argument: &Path) -> Option<Found> {
        if argument == Path::new("-") {
            return Some(self.found(None, "stdin".into(), None));
        }
        let several = self.plan.arguments.len() > 1;
        let prefix = if several { below(argument) } else { PathBuf::new() };
        let relative = if several { prefix.clone() } else { argument.file_name().unwrap_or_default().into() };
        let metadata = match std::fs::metadata(argument) {
            Ok(metadata) => metadata,
            Err(error) => return Some(self.found(Some(argument), relative, Some(words(&error)))),
        };
        if metadata.is_dir() {
            let entries = self.plan.entries(argument);
            self.directory = Some(Directory { entries, root: argument.to_owned(), prefix });
            return None;
        }
        let ours = canonical(argument).is_some_and(|path| self.plan.exclude.contains(&path));
        let fault = ours.then(|| "it is an output of this run and not read".to_owned());
        Some(self.found(Some(argument), relative, fault))
    }

    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>, root: &Path, prefix: &Path) -> Option<Found> {
        let relative = |path: &Path| prefix.join(path.strip_prefix(root).map_or_else(|_| below(path), below));
        match entry {
            // Neither a link that is not followed nor a pipe, socket or device is a document.
            Ok(entry) if !entry.file_type().is_some_and(|kind| kind.is_file()) => None,
            Ok(entry) => {
                let path = entry.path();
                Some(self.met(path, relative(path), None))
            }
            Err(error) => {
                let (path, cause) = explain(&error);
                let path = path.unwrap_or(root);
                Some(self.met(path, relative(path), Some(cause)))
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(mut directory) = self.directory.take() {
                while let Some(entry) = directory.entries.next() {
                    if let Some(found) = self.entry(entry, &directory.root, &directory.prefix) {
                        self.directory = Some(directory);
                        return Some(found);
                    }
                }
            }
            let plan = Arc::clone(&self.plan);
            let argument = plan.arguments.get(self.begun)?;
            self.begun += 1;
            if let Some(found) = self.argument(argument) {
                return Some(found);
            }
        }
    }
}

impl Plan {
    fn entries(self: &Arc<Self>, root: &Path) -> ignore::Walk {
        let options = &self.options;
        let mut overrides = OverrideBuilder::new(root);
        for glob in &options.glob {
            // Known to compile; one that does not here cannot match either.
            let _ = overrides.add(glob);
        }
        let mut builder = WalkBuilder::new(root);
        let heed = !options.no_ignore;
        builder
            .hidden(!options.hidden)
            .ignore(heed)
            .git_ignore(heed)
            .git_exclude(heed)
            .git_global(heed)
            .parents(heed)
            .follow_links(options.follow)
            .sort_by_file_name(|a, b| a.cmp(b));
        if let Ok(overrides) = overrides.build() {
            builder.overrides(overrides);
        }
        if self.exclude.is_empty() {
            builder.filter_entry(|entry| !is_unfinished(entry));
        } else {
            let (plan, given, real) = (Arc::clone(self), root.to_owned(), canonical(root));
            builder.filter_entry(move |entry| {
                if is_unfinished(entry) {
                    return false;
                }
                let path = match (&real, entry.path().strip_prefix(&given)) {
                    // Without links below the root a path is as canonical as the root: no question to the disk.
                    (Some(real), Ok(path)) if !plan.options.follow => Some(real.join(path)),
                    _ => canonical(entry.path()),
                };
                !path.is_some_and(|path| plan.exclude.contains(&path))
            });
        }
        builder.build()
    }
}

/// Whether a file is the beginning of an output: of this run, or of one that was killed.
fn is_unfinished(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(sink::is_unfinished)
}

/// The path without links; of one that is still to be written, as it will be.
fn canonical(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = std::fs::canonicalize(path) {
        return Some(path);
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(std::fs::canonicalize(parent).ok()?.join(path.file_name()?))
}

/// The path as it may stand below another: without root and `.`, and with `_` for `..`.
fn below(path: &Path) -> PathBuf {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part),
        Component::ParentDir => Some("_".as_ref()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    parts.collect()
}

/// Which path an error is about, and the cause in words.
fn explain(error: &ignore::Error) -> (Option<&Path>, String) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (inner, cause) = explain(err);
            (inner.or(Some(path)), cause)
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => explain(err),
        ignore::Error::Loop { ancestor, child } => {
            (Some(child), format!("the symbolic link leads back to {}", ancestor.display()))
        }
        ignore::Error::Io(error) => (None, words(error)),
        other => (None, other.to_string()),
    }
}
