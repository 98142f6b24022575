//! Ctrl-C and `kill`: a run with a journal commits the unit that is under way, says that the same command goes on, and stops; one
//! without ends with a whole record.
//!
//! Nothing depends on it: what is not committed is done again, as after a power cut. So a unit that takes long, or waits for
//! its input, is not waited for, and a second signal stops at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};

use super::log::message;
use super::progress::Progress;

/// How long a signal waits for the end of a unit.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for a run without a journal, which may wait for its input or for a slow reader.
const GRACE: Duration = Duration::from_millis(500);

/// While it is there, a run that is interrupted says so; dropped, signals do what they always do.
pub struct Watch {
    armed: Arc<AtomicBool>,
    /// The signal that came, or 0.
    received: Arc<AtomicI32>,
    progress: Progress,
    goes_on: bool,
}

impl Watch {
    /// Watches on a thread of its own; `goes_on`: the same command goes on where the run stopped.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(progress: Progress, goes_on: bool) -> io::Result<Self> {
        let armed = Arc::new(AtomicBool::new(true));
        let watch = Self { armed, received: Arc::default(), progress, goes_on };
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let (armed, received) = (Arc::clone(&watch.armed), Arc::clone(&watch.received));
        let progress = watch.progress.clone();
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in &mut signals {
                if !armed.load(Ordering::SeqCst) {
                    // Should it fail, the next signal is as good.
                    let _ = emulate_default_handler(signal);
                    continue;
                }
                if received.swap(signal, Ordering::SeqCst) != 0 {
                    exit(signal, &progress, goes_on);
                }
                let (armed, progress) = (Arc::clone(&armed), progress.clone());
                thread::spawn(move || {
                    thread::sleep(if goes_on { PATIENCE } else { GRACE });
                    if armed.load(Ordering::SeqCst) {
                        exit(signal, &progress, goes_on);
                    }
                });
            }
        })?;
        Ok(watch)
    }

    /// Where it is told that a signal came.
    pub fn received(&self) -> Arc<AtomicI32> {
        Arc::clone(&self.received)
    }

    /// Ends the program if a signal came; all is committed.
    pub fn exit_if_received(&self) {
        match self.received.load(Ordering::SeqCst) {
            0 => {}
            signal => exit(signal, &self.progress, self.goes_on),
        }
    }
}

fn exit(signal: i32, progress: &Progress, goes_on: bool) -> ! {
    progress.finish();
    let name = signal_name(signal).unwrap_or("a signal");
    let how = if goes_on {
        "the same command goes on where it stopped"
    } else {
        "what is written are whole records but perhaps the last; with -o FILE the same command would go on"
    };
    message(&format!("stopped by {name}; {how}"));
    std::process::exit(128 + signal)
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.armed.store(false, Ordering::SeqCst);
    }
}
