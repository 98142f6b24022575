//! Weights of [`features`](super::features), written by `tests/corpus/fit_spam.py`; do not edit.

use super::features::COUNT;

pub const BIAS: f64 = -5.0;

pub const WEIGHTS: [f64; COUNT] = [0.0; COUNT];

/// The logit from which a block is cut.
pub const SURE: f64 = 5.0;
