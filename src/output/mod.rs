//! Writes records.

pub mod splice;
