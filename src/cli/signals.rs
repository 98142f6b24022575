//! Ctrl-C and `kill`: says how to go on, and stops.
//!
//! With a journal there is nothing to wait for: what is not committed yet is done again, as after a power cut. Without one the
//! run gets a moment to end what it writes with a whole record.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};

use super::log::message;
use super::progress::Progress;

/// What a run that waits for input or for a slow reader gets before it is stopped all the same.
const GRACE: Duration = Duration::from_millis(500);

/// While it is there, a run that is interrupted says so; dropped, signals do what they always do.
pub struct Watch {
    armed: Arc<AtomicBool>,
}

/// Whether a run without a journal has been asked to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Watch {
    /// Watches on a thread of its own; `stop` is for a run that cannot go on later.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(progress: Progress, stop: Option<Stop>) -> io::Result<Self> {
        let armed = Arc::new(AtomicBool::new(true));
        let watch = Self { armed: Arc::clone(&armed) };
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in &mut signals {
                if armed.load(Ordering::SeqCst) {
                    let name = signal_name(signal).unwrap_or("a signal");
                    let how = match &stop {
                        None => "the same command goes on where it stopped",
                        Some(stop) if !stop.0.swap(true, Ordering::SeqCst) => {
                            thread::sleep(GRACE);
                            "what is written are whole records but perhaps the last; with -o FILE the same command would go on"
                        }
                        Some(_) => "at once",
                    };
                    progress.finish();
                    message(&format!("stopped by {name}; {how}"));
                    std::process::exit(128 + signal);
                }
                // Should it fail, the next signal is as good.
                let _ = emulate_default_handler(signal);
            }
        })?;
        Ok(watch)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.armed.store(false, Ordering::SeqCst);
    }
}
