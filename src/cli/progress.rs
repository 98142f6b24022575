//! How far a run is: bars on a terminal, a line now and then elsewhere, objects for a program that watches.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use corpus_clean::input::Totals;
use corpus_clean::report::Report;
use indicatif::{
    HumanBytes, HumanCount, HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle,
};
use serde_json::json;

use super::log;

/// What shows how far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProgressKind {
    /// Bars on a terminal, else lines
    #[default]
    Auto,
    /// Bars on a terminal, else nothing
    Bar,
    /// A line every ten seconds, and one at the end where this is asked for
    Plain,
    /// Nothing
    None,
}

/// Time between lines.
const PLAIN: Duration = Duration::from_secs(10);
/// Time between changes of the bars.
const BARS: Duration = Duration::from_millis(100);
/// A terminal that says nothing of its width has this.
const COLUMNS: usize = 80;

/// Shows how far a run is; clones show the same.
#[derive(Clone)]
pub struct Progress(Arc<Inner>);

struct Inner {
    read: Arc<AtomicU64>,
    totals: Option<Totals>,
    start: Instant,
    shown: Shown,
    /// Counts by stage, too.
    verbose: bool,
    state: Mutex<State>,
}

enum Shown {
    Bars {
        all: MultiProgress,
        bytes: ProgressBar,
        inputs: ProgressBar,
        now: ProgressBar,
        stages: ProgressBar,
    },
    /// `true`: one at the end, too.
    Lines(bool),
    Nothing,
}

#[derive(Default)]
struct State {
    last: Option<Instant>,
    inputs: u64,
    documents: u64,
    current: Arc<str>,
    stages: String,
}

impl Progress {
    /// Of a run that has `totals` to read, of which `read` counts the bytes. `quiet`: only what is asked for by name is shown.
    /// Where records go to the same terminal, bars would be drawn over them: `shares_terminal`.
    pub fn new(
        kind: ProgressKind,
        totals: Option<Totals>,
        read: Arc<AtomicU64>,
        quiet: bool,
        verbose: bool,
        shares_terminal: bool,
    ) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let shown = match kind {
            ProgressKind::None => Shown::Nothing,
            ProgressKind::Auto if quiet || shares_terminal => Shown::Nothing,
            ProgressKind::Auto if is_terminal && !log::is_json() => Shown::bars(totals),
            ProgressKind::Bar if is_terminal => Shown::bars(totals),
            ProgressKind::Bar => Shown::Nothing,
            ProgressKind::Auto => Shown::Lines(false),
            ProgressKind::Plain => Shown::Lines(true),
        };
        let state = Mutex::new(State { last: Some(Instant::now()), ..State::default() });
        Self(Arc::new(Inner { read, totals, start: Instant::now(), shown, verbose, state }))
    }

    /// The state after so many inputs begun, of which the last is `current`, with the counts of `reports` together.
    pub fn update(&self, inputs: u64, current: &Arc<str>, reports: [&Report; 2]) {
        let every = match self.0.shown {
            Shown::Nothing => return,
            Shown::Bars { .. } => BARS,
            Shown::Lines(_) => PLAIN,
        };
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.inputs = inputs;
        state.documents = reports.iter().map(|report| report.documents).sum();
        let is_due = state.last.is_none_or(|last| last.elapsed() >= every);
        if !is_due && !matches!(self.0.shown, Shown::Lines(true)) {
            return;
        }
        state.current = Arc::clone(current);
        state.stages = if self.0.verbose { stages(reports) } else { String::new() };
        if is_due {
            state.last = Some(Instant::now());
            self.0.show(&state);
        }
    }

    /// Runs `print` with the bars out of the way.
    pub fn suspend(&self, print: impl FnOnce()) {
        match &self.0.shown {
            Shown::Bars { all, .. } => all.suspend(print),
            Shown::Lines(_) | Shown::Nothing => print(),
        }
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        match &self.0.shown {
            Shown::Bars { all, bytes, inputs, now, stages } => {
                [bytes, inputs, now, stages].iter().for_each(|bar| bar.finish_and_clear());
                let _ = all.clear();
            }
            Shown::Lines(true) => self.0.show(&self.0.state.lock().unwrap_or_else(PoisonError::into_inner)),
            Shown::Lines(false) | Shown::Nothing => {}
        }
    }
}

impl Shown {
    fn bars(totals: Option<Totals>) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        let bar = |total: Option<u64>, template: &str| {
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            all.add(ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()).with_style(style))
        };
        let bytes = match totals {
            Some(totals) => bar(
                Some(totals.bytes),
                "bytes {bar:30} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left",
            ),
            None => bar(None, "{spinner} {bytes}  {bytes_per_sec}  {elapsed}"),
        };
        let inputs = match totals.filter(|totals| totals.inputs > 1) {
            Some(totals) => bar(Some(totals.inputs), "files {bar:30}        {pos} of {len}"),
            None => ProgressBar::hidden(),
        };
        let (now, stages) = (bar(None, "{msg}"), bar(None, "{msg}"));
        bytes.enable_steady_tick(Duration::from_millis(200));
        Self::Bars { all, bytes, inputs, now, stages }
    }
}

impl Inner {
    fn show(&self, state: &State) {
        let read = self.read.load(Ordering::Relaxed);
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = if seconds > 0.0 { read as f64 / seconds } else { 0.0 };
        let State { inputs, documents, current, stages, .. } = state;
        let documents_read = format!("{} documents", HumanCount(*documents));
        if let Shown::Bars { bytes, inputs: of_inputs, now, stages: of_stages, .. } = &self.shown {
            bytes.set_position(read);
            of_inputs.set_position(*inputs);
            let columns = terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| width.0.into());
            now.set_message(cut(&format!("{documents_read}  {current}"), columns));
            of_stages.set_message(cut(stages, columns));
            return;
        }
        let left =
            self.totals.filter(|_| rate > 0.0).map(|totals| totals.bytes.saturating_sub(read) as f64 / rate);
        if log::is_json() {
            log::event(
                "progress",
                json!({
                    "bytes": read, "bytes_total": self.totals.map(|totals| totals.bytes), "inputs": inputs,
                    "inputs_total": self.totals.map(|totals| totals.inputs), "documents": documents, "input": &**current,
                    "bytes_per_second": rate.round(), "seconds_left": left.map(f64::round),
                }),
            );
            return;
        }
        let mut line = match self.totals {
            Some(Totals { bytes, inputs: all }) => {
                let percent = (100 * read.min(bytes)).checked_div(bytes).unwrap_or(100);
                let files = if all > 1 { format!("{inputs} of {all} files, ") } else { String::new() };
                format!("{percent} %, {} of {}, {files}", HumanBytes(read), HumanBytes(bytes))
            }
            None => format!("{}, ", HumanBytes(read)),
        };
        line.push_str(&format!("{documents_read}, {}/s", HumanBytes(rate as u64)));
        if let Some(left) = left {
            line.push_str(&format!(", {} left", HumanDuration(Duration::from_secs_f64(left))));
        }
        for more in [&**current, stages.as_str()].into_iter().filter(|more| !more.is_empty()) {
            line.push_str("; ");
            line.push_str(more);
        }
        log::message(&line);
    }
}

/// `mojibake 12, spam 3`: edits by stage.
fn stages(reports: [&Report; 2]) -> String {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for (name, stage) in reports.iter().flat_map(|report| report.stages.in_order()) {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, edits)) => *edits += stage.edits,
            None => counts.push((name, stage.edits)),
        }
    }
    let counts = counts.iter().filter(|(_, edits)| *edits > 0);
    counts.map(|(name, edits)| format!("{name} {}", HumanCount(*edits))).collect::<Vec<_>>().join("  ")
}

/// A line that does not run over, with the controls of a file's name made visible.
fn cut(line: &str, columns: usize) -> String {
    use unicode_width::UnicodeWidthChar;
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(1);
        used < columns
    };
    line.chars().map(|c| if c.is_control() { '?' } else { c }).take_while(fits).collect()
}

/// Bytes in words.
pub fn bytes(count: u64) -> String {
    HumanBytes(count).to_string()
}

/// A count with separators.
pub fn count(count: u64) -> String {
    HumanCount(count).to_string()
}
