//! What is said on standard error: lines for a reader, or with `--log-format json` an object a line.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;
use serde_json::{Value, json};

/// How messages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines to read
    #[default]
    Text,
    /// A JSON object a line, with `time` and `event` (message, progress, done)
    Json,
}

/// One program has one standard error.
static JSON: AtomicBool = AtomicBool::new(false);

/// Chooses for all messages from now on.
pub fn choose(format: LogFormat) {
    JSON.store(format == LogFormat::Json, Ordering::Relaxed);
}

/// Whether messages are JSON.
pub fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Writes one line, prefixed as Unix tools do.
pub fn message(text: &str) {
    if is_json() {
        return event("message", json!({"text": text}));
    }
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(anstream::stderr(), "clean: {text}");
}

/// Writes an event as JSON.
pub fn event(name: &str, mut members: Value) {
    if let Some(members) = members.as_object_mut() {
        let now =
            jiff::Timestamp::from_millisecond(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        members.insert("time".into(), now.to_string().into());
        members.insert("event".into(), name.into());
    }
    let _ = writeln!(std::io::stderr(), "{members}");
}
