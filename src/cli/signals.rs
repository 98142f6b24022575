//! Ctrl-C and `kill`: says that the same command goes on, and stops.
//!
//! There is nothing to wait for: what is not committed yet is done again, as after a power cut.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};

use super::message;
use super::progress::Progress;

/// While it is there, a run that is interrupted says so; dropped, signals do what they always do.
pub struct Watch {
    armed: Arc<AtomicBool>,
}

impl Watch {
    /// Watches on a thread of its own.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(progress: Progress) -> io::Result<Self> {
        let armed = Arc::new(AtomicBool::new(true));
        let watch = Self { armed: Arc::clone(&armed) };
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in &mut signals {
                if armed.load(Ordering::SeqCst) {
                    progress.finish();
                    let name = signal_name(signal).unwrap_or("a signal");
                    message(&format!("stopped by {name}; the same command goes on where it stopped"));
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
