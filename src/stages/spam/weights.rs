//! Weights of [`features`](super::features), written by `tests/corpus/fit_spam.py`; do not edit.

use super::features::COUNT;

pub const BIAS: f64 = -3.016;

pub const WEIGHTS: [f64; COUNT] = [
    0.183,   // items
    4.286,   // repeated_items
    2.012,   // cycle
    0.149,   // strange
    3.827,   // foreign_script
    3.883,   // foreign_letters
    -1.509,  // function
    2.372,   // long
    -0.291,  // short
    -2.329,  // variation
    -3.646,  // digits
    -0.722,  // in_lines
    0.720,   // marks
    -1.850,  // head
    1.726,   // behind_sentence
    0.795,   // at_end
    2.742,   // at_start
    -0.237,  // introduced
    4.000,   // terms
    -0.511,  // commas
    -0.821,  // capitals
    -2.030,  // letters
    -8.309,  // signs
    -12.507, // numbered
    0.950,   // unled_long
    3.248,   // unled_endings
    2.331,   // unled_repeated
    3.000,   // strange_terms
    1.777,   // repeated_long
    1.264,   // foreign_strange
];

/// The logit from which a block is cut.
pub const SURE: f64 = 2.930;
