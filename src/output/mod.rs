//! Writes what became of each document: records, plain text, and what was set aside.

pub mod journal;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod record;
pub mod rejected;
pub mod sink;
pub mod splice;
