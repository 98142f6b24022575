//! Turns raw web scrapes into clean text, and records every change.
//!
//! The way of the data is one way:
//!
//! ```text
//! input ──Raw──▶ decode ──Document──▶ stage ▶ stage ▶ … ──Cleaned──▶ output
//! ```
//!
//! * [`input`] finds documents in files, directories and standard input; it knows formats, not cleaning.
//! * [`decode`] turns bytes into text, once; after it nobody sees bytes.
//! * A [`stage::Stage`] looks at a [`document::Document`] and proposes [`edit::Edit`]s; it never applies one.
//!   The list of them, in order, is [`stages`].
//! * The [`pipeline::Pipeline`] applies, checks, counts and records what the stages propose.
//! * [`output`] writes records, in input order, whatever the number of threads.
//!
//! To clean one text from a program:
//!
//! ```
//! use corpus_clean::{document::Document, pipeline::Pipeline};
//!
//! let pipeline = Pipeline::default();
//! let cleaned = pipeline.clean(Document::from_text("no trailing space  \n")).unwrap();
//! assert_eq!(cleaned.document.text(), "no trailing space\n");
//! assert_eq!(cleaned.trail.edits().count(), 1);
//! ```

#![warn(clippy::print_stdout, clippy::print_stderr)]
#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the comments are read in the source more than anywhere else"
)]

pub mod decode;
pub mod document;
pub mod edit;
pub mod input;
pub mod lang;
pub mod ordered;
pub mod output;
pub mod pipeline;
pub mod report;
pub mod stage;
pub mod stages;
