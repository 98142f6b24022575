//! Weights of [`features`](super::features), written by `tests/corpus/fit_spam.py`; do not edit.

use super::features::COUNT;

pub const BIAS: f64 = -3.223;

pub const WEIGHTS: [f64; COUNT] = [
    0.382,   // items
    4.439,   // repeated_items
    2.251,   // cycle
    0.132,   // strange
    3.873,   // foreign_script
    3.912,   // foreign_letters
    -1.443,  // function
    2.429,   // long
    -0.283,  // short
    -2.457,  // variation
    -0.679,  // in_lines
    0.805,   // marks
    1.696,   // behind_sentence
    0.786,   // at_end
    1.942,   // at_start
    -0.192,  // introduced
    4.000,   // terms
    -0.520,  // commas
    -0.852,  // capitals
    -2.021,  // letters
    -8.546,  // signs
    -14.161, // numbered
    0.987,   // unled_long
    3.267,   // unled_endings
    2.220,   // unled_repeated
    3.000,   // strange_terms
    1.268,   // foreign_strange
];

/// The logit from which a block is cut.
pub const SURE: f64 = 2.935;
