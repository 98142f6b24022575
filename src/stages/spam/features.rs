//! What is measured of a block in its document, and the fitted score over it.
//!
//! The weights are those of a logistic regression (`tests/corpus/fit_spam.py`) over blocks that `tests/corpus/planted.py`
//! plants and over lists of clean text. `docs/pollution.md` tells the method and what each feature is worth.

use super::blocks::{Block, Form};
use super::items::{Measure, Split};
use super::vocabulary::Relation;
use super::weights::{BIAS, WEIGHTS};
use crate::lang::lines::Line;

/// How many features there are.
pub const COUNT: usize = NAMES.len();

/// Their names, in the order of [`Features`].
pub const NAMES: [&str; 27] = [
    "items",
    "repeated_items",
    "cycle",
    "strange",
    "foreign_script",
    "foreign_letters",
    "function",
    "long",
    "short",
    "variation",
    "in_lines",
    "marks",
    "behind_sentence",
    "at_end",
    "at_start",
    "introduced",
    "terms",
    "commas",
    "capitals",
    "letters",
    "signs",
    "numbered",
    "unled_long",
    "unled_endings",
    "unled_repeated",
    "strange_terms",
    "foreign_strange",
];

/// The places of what the lexicon adds.
const TERMS: [usize; 2] = [16, 25];

/// What is known of a block, each between 0 and 1 (1.5 for a few).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features(pub [f64; COUNT]);

/// Where a block stands and how it relates to the rest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    pub relation: Option<Relation>,
    /// Simplified under Traditional.
    pub foreign_script: bool,
    pub at_end: bool,
    pub at_start: bool,
    /// A colon or a heading leads to the list.
    pub introduced: bool,
}

impl Features {
    pub fn of(block: &Block, m: &Measure, body: &Line, place: &Place) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let is = f64::from;
        let visible = f64::from(m.visible);
        let han = m.han * 2 >= m.visible;
        let foreign_letters = is_foreign(m.latin, m.visible, body.latin, body)
            || is_foreign(m.letters - m.latin, m.visible, body.letters - body.latin, body)
            || is_foreign(m.han + m.kana, m.visible, body.han + body.kana, body);
        // What is written in other letters shares no words with the text whatever it speaks of.
        let relation = place.relation.filter(|_| !foreign_letters);
        let strange = relation.map_or(0.0, |found| 1.0 - (found.shared / 0.25).min(1.0));
        let common = relation.map_or(0.0, |found| found.common);
        let terms = (share(m.known as f64, m.items as f64) * 2.0).min(1.0);
        let long = ((m.mean - 3.0) / 3.0).clamp(0.0, 1.0);
        let unled = if place.introduced { 0.0 } else { strange };
        Self([
            ((m.items as f64).max(1.0).ln() / 64_f64.ln()).min(1.5),
            1.0 - m.distinctness(),
            is(m.period > 0),
            strange,
            is(place.foreign_script),
            is(foreign_letters),
            (if han { m.function_share() / 0.12 } else { common / 0.15 }).min(1.5),
            long,
            is(m.mean < 3.2),
            m.variation().min(1.5),
            is(block.form == Form::Lines),
            is(block.how == Split::Marks),
            is(block.behind_sentence),
            is(place.at_end),
            is(place.at_start && block.form != Form::Lines),
            is(place.introduced),
            terms,
            share(f64::from(m.commas), m.items as f64).min(1.0),
            share(f64::from(m.capitals), f64::from(m.words)),
            share(f64::from(m.letters), visible),
            share(f64::from(m.others), m.items as f64).min(1.0),
            share(m.numbered as f64, m.items as f64),
            unled * long,
            if place.at_end || place.at_start && block.form != Form::Lines { unled * m.endings } else { 0.0 },
            unled * m.repetition(),
            strange * terms,
            if place.foreign_script { unled } else { 0.0 },
        ])
    }

    /// The logit of the probability that the block was planted.
    pub fn logit(&self) -> f64 {
        BIAS + self.0.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum::<f64>()
    }

    /// The same without what the lexicon adds.
    pub fn logit_without_terms(&self) -> f64 {
        self.logit() - TERMS.iter().map(|&at| self.0[at] * WEIGHTS[at]).sum::<f64>()
    }
}

/// A list in letters of which the body has hardly any.
fn is_foreign(mine: u32, all: u32, theirs: u32, body: &Line) -> bool {
    mine * 2 >= all && all > 0 && theirs * 10 < body.visible()
}

/// The probability that belongs to a logit.
pub fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}
