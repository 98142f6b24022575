//! Weights of [`features`](super::features), written by `tests/corpus/fit_spam.py`; do not edit.

use super::features::COUNT;

pub const BIAS: f64 = -2.996;

pub const WEIGHTS: [f64; COUNT] = [
    0.192, // items
    3.905, // repeated_items
    0.000, // repeated_grams
    1.257, // cycle
    0.068, // strange
    0.000, // strange_repeated
    0.000, // related
    3.796, // foreign_script
    3.871, // foreign_letters
    -1.485, // function
    2.307, // long
    -0.079, // short
    -2.109, // variation
    -4.464, // digits
    -0.949, // in_lines
    0.502, // marks
    -0.256, // head
    1.654, // behind_sentence
    0.867, // at_end
    1.134, // at_start
    -0.175, // introduced
    4.000, // terms
    -0.475, // commas
    -0.950, // capitals
    -1.768, // letters
    -8.439, // signs
    -13.028, // numbered
    1.010, // unled_long
    3.059, // unled_endings
    2.215, // unled_repeated
    3.000, // strange_terms
    2.309, // repeated_long
    1.281, // foreign_strange
];

/// The logit from which a block is cut.
pub const SURE: f64 = 3.095;
