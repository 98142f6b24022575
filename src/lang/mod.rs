//! Knowledge of scripts and languages that several stages share.

pub mod chars;
pub mod dates;
pub mod function_words;
pub mod han;
pub mod han_model;
pub mod letters;
pub mod lines;
pub mod markdown;
pub mod markup;
pub mod pinyin;
pub mod triggers;
