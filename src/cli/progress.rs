//! A bar on the terminal: bytes, documents, rate, time left.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far a run is, or nothing when nobody looks.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    read: Arc<AtomicU64>,
}

impl Progress {
    /// A bar over `total` bytes as stored, of which `read` counts those read; a counter when the total is unknown.
    /// `wanted` is false under `--quiet` and where records go to the same terminal: a bar would be drawn over them.
    pub fn new(total: Option<u64>, read: Arc<AtomicU64>, wanted: bool) -> Self {
        let shown = wanted && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let template = match total {
            Some(_) => {
                "{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {msg}  {bytes_per_sec}  {eta} left"
            }
            None => "{spinner} {bytes}  {msg}  {bytes_per_sec}  {elapsed}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(total, target).with_style(style);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, read }
    }

    /// Shows the state after `documents` documents.
    pub fn update(&self, documents: u64) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(self.read.load(Ordering::Relaxed));
        self.bar.set_message(format!("{} documents", HumanCount(documents)));
    }

    /// Runs `print` with the bar out of the way.
    pub fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Bytes in words.
pub fn bytes(count: u64) -> String {
    HumanBytes(count).to_string()
}

/// A count with separators.
pub fn count(count: u64) -> String {
    HumanCount(count).to_string()
}
