//! Weights of [`features`](super::features), written by `tests/corpus/fit_spam.py`; do not edit.

use super::features::COUNT;

pub const BIAS: f64 = -3.017;

pub const WEIGHTS: [f64; COUNT] = [
    0.184,   // items
    4.289,   // repeated_items
    2.017,   // cycle
    0.147,   // strange
    3.826,   // foreign_script
    3.884,   // foreign_letters
    -1.509,  // function
    2.373,   // long
    -0.291,  // short
    -2.331,  // variation
    -3.571,  // digits
    -0.722,  // in_lines
    0.721,   // marks
    -1.844,  // head
    1.726,   // behind_sentence
    0.795,   // at_end
    2.739,   // at_start
    -0.235,  // introduced
    4.000,   // terms
    -0.511,  // commas
    -0.822,  // capitals
    -2.031,  // letters
    -8.366,  // signs
    -12.580, // numbered
    0.952,   // unled_long
    3.252,   // unled_endings
    2.329,   // unled_repeated
    3.000,   // strange_terms
    1.774,   // repeated_long
    1.261,   // foreign_strange
];

/// The logit from which a block is cut.
pub const SURE: f64 = 2.932;
