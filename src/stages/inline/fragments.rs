//! Phrases set into the middle of sentences: pieces of the headline, or one phrase again and again.
//!
//! A phrase that belongs to its sentence follows what is before it and is followed by what is behind it. One that was set in does
//! neither, and what is before it and behind it still belong together, often as two halves of a word. The trigrams of
//! `lang::han_model` weigh the three seams, each as the logarithm of how much likelier the characters are beside each other than apart.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::{FRAGMENT, REPEATED};
use crate::document::Document;
use crate::edit::{Confidence, Field, Rule};
use crate::lang::chars;
use crate::lang::han_model::{Model, PairSet, model};
use crate::stage::Proposal;

/// The seam across the phrase, at least, for a place to be a proof. Measured with the two below on 117 MB of clean Chinese (36,497 pieces
/// of twenty paragraphs with a headline) and on planted text: of planted places half pass all three, of clean pieces 18 have two such
/// places with different neighbours, none has three.
const ACROSS: f32 = 3.0;
/// The same less the two seams beside the phrase. `责令[该公司]停业`: a name before a noun may also be left out, but then it sits well.
const STRENGTH: f32 = 6.0;
/// Mean logarithm of the probabilities of either neighbour given the other: they are mostly halves of one word. In clean text the
/// neighbours of a phrase that can be left out are words of their own: the median is -5.5 there, -2.5 in planted text.
const BOUND: f32 = -4.0;
/// Proofs with different neighbours that a document must hold. A law repeats its phrases, and so a place that misleads.
const ENOUGH: usize = 3;
/// Han characters a proof must do for: in clean text there is one in some 40,000, in planted text one in 100 to 300.
const CHARACTERS_A_PROOF: usize = 2000;
/// In a document with proof, the strength that will do for a place without it. The words of the headline that belong where they stand are
/// as strong in one place of 200.
const STRENGTH_IN_COMPANY: f32 = 7.0;
/// Below it a place is not even suspected there.
const SUSPECT: f32 = 2.0;
/// Of the places of a phrase with proof so many must be strong for all to go, those at the edge of a sentence too.
const MOSTLY: f32 = 0.5;

/// Characters of a headline; a longer first line is a paragraph.
const LONGEST_HEADLINE: usize = 60;
/// Bytes of a phrase that is set in again and again: twelve characters. The longest seen has seven.
const LONGEST_PHRASE: usize = 36;
/// Phrases of a document that are cut, those with the most places first; a page has one to three.
const MOST_PHRASES: usize = 8;
/// How often a phrase must occur to be looked at.
const OFTEN: u8 = 4;

/// A place of a phrase between Han characters that may belong together.
struct Place {
    span: Range<usize>,
    /// The character before and the one behind.
    neighbours: [char; 2],
    /// The seam across the phrase less the seams beside it.
    strength: f32,
    is_proof: bool,
}

/// Which places are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Those that pass [`BOUND`], [`ACROSS`] and [`STRENGTH`]: few do, and most cost one look-up.
    Proof,
    Any,
}

pub fn find(doc: &Document, proposal: &mut Proposal) {
    let text = doc.text();
    // A character of Chinese has three bytes; fewer of them prove nothing.
    if text.len() < 3 * ENOUGH * OFTEN as usize {
        return;
    }
    let enough = enough(doc);
    let (title, body) = headline(doc).unwrap_or_default();
    let codes = Codes::of(text);
    let (runs, counts) = first_look(&codes, text.len(), title, body);
    let places: Vec<Place> =
        runs.iter().filter_map(|span| place(text, span.clone(), Wanted::Proof)).collect();
    if is_proof(&places, enough) {
        for place in runs.into_iter().filter_map(|span| best(text, span)) {
            propose(place, &FRAGMENT, proposal);
        }
    }
    let mut phrases: Vec<(&str, Vec<Place>)> = repeated_places(text, &codes, counts, enough)
        .into_iter()
        .filter(|(phrase, places)| !title.contains(phrase) && is_proof(places, enough))
        .collect();
    phrases.sort_unstable_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
    for (phrase, _) in phrases.into_iter().take(MOST_PHRASES) {
        cut_phrase(text, phrase, body, proposal);
    }
}

/// The common Han characters of a text by their codes, and how many bytes stand between them, which are smaller numbers. A rarer
/// one than those of U+4E00 to U+9FFF divides phrases, which costs a phrase that holds one.
struct Codes(Vec<u16>);

const FIRST_HAN: u16 = 0x4E00;

impl Codes {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        // Most of Chinese has three bytes a character, all else a number for its stretch.
        let mut codes = Vec::with_capacity(bytes.len() / 3 + 1);
        let mut at = 0;
        while at < bytes.len() {
            if let [lead @ 0xE4..=0xE9, second, third, ..] = bytes[at..] {
                let code =
                    u16::from(lead & 0xF) << 12 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F);
                if code >= FIRST_HAN {
                    codes.push(code);
                    at += 3;
                    continue;
                }
            }
            // Continuation bytes are no lead bytes of Han, either.
            let ahead = bytes[at..].iter().take(usize::from(FIRST_HAN) - 1).skip(1);
            let between = 1 + ahead.take_while(|byte| !matches!(byte, 0xE4..=0xE9)).count();
            codes.push(between as u16);
            at += between;
        }
        Self(codes)
    }

    /// Calls `take` for every character: where it ends, it and those before it as [`key`] has them, and how many stand in a row.
    #[inline]
    fn each(&self, mut take: impl FnMut(usize, u64, usize)) {
        let (mut at, mut latest, mut in_row) = (0, 0, 0);
        for &code in &self.0 {
            if code >= FIRST_HAN {
                at += 3;
                latest = latest << 16 | u64::from(code);
                in_row += 1;
                take(at, latest, in_row);
            } else {
                at += usize::from(code);
                in_row = 0;
            }
        }
    }
}

const PAIR: u64 = 0xFFFF_FFFF;
const TRIPLE: u64 = 0xFFFF_FFFF_FFFF;

/// The last four characters as one number.
fn key(chars: &[char]) -> u64 {
    chars.iter().fold(0, |key, c| key << 16 | u64::from(*c as u16))
}

fn is_common(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// So many bits of a hash. Fibonacci hashing: Knuth, The Art of Computer Programming 3, section 6.4.
fn hash(key: u64, bits: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - bits)) as usize
}

/// Joins pieces that overlap, which come in order, and hands on what they make.
struct Runs<F> {
    run: Range<usize>,
    take: F,
}

impl<F: FnMut(Range<usize>)> Runs<F> {
    fn new(take: F) -> Self {
        Self { run: 0..0, take }
    }

    fn piece(&mut self, piece: Range<usize>) {
        if piece.start < self.run.end {
            self.run.end = piece.end;
        } else {
            let done = std::mem::replace(&mut self.run, piece);
            self.close(done);
        }
    }

    fn end(mut self) {
        let last = self.run.clone();
        self.close(last);
    }

    fn close(&mut self, run: Range<usize>) {
        if !run.is_empty() {
            (self.take)(run);
        }
    }
}

fn is_proof(places: &[Place], enough: usize) -> bool {
    places.len() >= enough && {
        let proofs: HashSet<[char; 2]> = places.iter().map(|p| p.neighbours).collect();
        proofs.len() >= enough
    }
}

/// How many proofs with different neighbours a document of this length needs.
fn enough(doc: &Document) -> usize {
    let han: usize = doc.lines().iter().map(|line| line.han as usize).sum();
    han.div_ceil(CHARACTERS_A_PROOF).max(ENOUGH)
}

fn propose(place: Place, rule: &'static Rule, proposal: &mut Proposal) {
    if place.is_proof || place.strength >= STRENGTH_IN_COMPANY {
        proposal.push(Field::Text, place.span, "", rule, Confidence::Sure);
    } else if place.strength >= SUSPECT {
        proposal.push(Field::Text, place.span, "", rule, Confidence::Likely);
    }
}

/// The part of a run of headline characters that is the most likely to have been set in: a character beside it may be the sentence's own.
fn best(text: &str, run: Range<usize>) -> Option<Place> {
    let ends: Vec<usize> =
        text[run.clone()].char_indices().map(|(n, _)| run.start + n).chain([run.end]).collect();
    let last = ends.len() - 1;
    let spans = [(0, last), (1, last), (0, last - 1), (1, last - 1)];
    spans
        .into_iter()
        .filter(|(from, to)| to - from >= 2 || (*from, *to) == (0, last))
        .filter_map(|(from, to)| place(text, ends[from]..ends[to], Wanted::Any))
        .max_by(|a, b| {
            (a.is_proof, a.strength).partial_cmp(&(b.is_proof, b.strength)).unwrap_or(Ordering::Equal)
        })
}

/// All places of a phrase below the headline, of which some are proof.
fn cut_phrase(text: &str, phrase: &str, body: usize, proposal: &mut Proposal) {
    let spans = || {
        memchr::memmem::find_iter(&text.as_bytes()[body..], phrase)
            .map(|at| body + at..body + at + phrase.len())
    };
    let places: Vec<Place> = spans().filter_map(|span| place(text, span, Wanted::Any)).collect();
    let strong = places.iter().filter(|p| p.strength >= SUSPECT).count();
    if strong as f32 >= MOSTLY * places.len() as f32 {
        for span in spans() {
            proposal.cut(span, &REPEATED);
        }
    } else {
        for place in places {
            propose(place, &REPEATED, proposal);
        }
    }
}

/// The place of a phrase, if the characters beside it may belong together; most do not, and cost one look-up.
fn place(text: &str, span: Range<usize>, wanted: Wanted) -> Option<Place> {
    let mut before = text[..span.start].chars().rev();
    let mut after = text[span.end..].chars();
    let (b, a) = (before.next()?, before.next().unwrap_or('\n'));
    let (c, d) = (after.next()?, after.next().unwrap_or('\n'));
    if !chars::is_han(b) || !chars::is_han(c) {
        return None;
    }
    static BOUND_PAIRS: LazyLock<PairSet> = LazyLock::new(|| model().bound(BOUND));
    let model = model();
    if wanted == Wanted::Proof && !BOUND_PAIRS.may_hold(model.symbol(b), model.symbol(c)) {
        return None;
    }
    let forward = model.after(b, c);
    let bound = forward + (model.alone(b) - model.alone(c)) / 2.0;
    if wanted == Wanted::Proof && bound < BOUND {
        return None;
    }
    let across = seam(model, [a, b], [c, d]);
    if wanted == Wanted::Proof && across < ACROSS {
        return None;
    }
    let mut inner = text[span.clone()].chars();
    let first = [inner.next()?, inner.next()?];
    let mut inner = text[span.clone()].chars().rev();
    let (z, y) = (inner.next()?, inner.next()?);
    let strength = across - seam(model, [a, b], first) - seam(model, [y, z], [c, d]);
    let is_proof = bound >= BOUND && across >= ACROSS && strength >= STRENGTH;
    (wanted == Wanted::Any || is_proof).then_some(Place { span, neighbours: [b, c], strength, is_proof })
}

/// How much likelier the characters `behind` are after those `before` than they are anywhere, as a logarithm.
fn seam(model: &Model, before: [char; 2], behind: [char; 2]) -> f32 {
    let [a, b] = before.map(|c| model.symbol(c));
    let first = model.symbol(behind[0]);
    let together =
        model.third(model.pair(a, b), behind[0]).ln() + model.third(model.pair(b, first), behind[1]).ln();
    together - model.alone(behind[0]) - model.after(behind[0], behind[1])
}

/// The headline and where the text below it begins: that of the metadata, or the first line if it is one.
fn headline(doc: &Document) -> Option<(&str, usize)> {
    if let Some(title) = &doc.metadata.title {
        return Some((title, 0));
    }
    let text = doc.text().trim_start();
    let line = text.lines().next()?;
    let end = doc.text().len() - text.len() + line.len();
    (line.chars().count() <= LONGEST_HEADLINE).then_some((line, end))
}

/// The places of every piece of the headline in the text from `body` on, and how often every three Han in a row stand in the text of
/// `length` bytes, by hash.
fn first_look(codes: &Codes, length: usize, title: &str, body: usize) -> (Vec<Range<usize>>, Vec<u8>) {
    let title: Vec<char> = title.chars().take(LONGEST_HEADLINE).collect();
    let pairs: Vec<u64> = title.windows(2).filter(|w| w.iter().all(|c| is_common(*c))).map(key).collect();
    // A bit for each pair tells most of those apart that the headline does not have.
    let mut filter = [0_u64; 64];
    for pair in &pairs {
        let bit = hash(*pair, 12);
        filter[bit >> 6] |= 1 << (bit & 63);
    }
    let bits = (length / 4).next_power_of_two().ilog2().clamp(12, 20);
    let mut counts = vec![0_u8; 1 << bits];
    let mut found = Vec::new();
    let mut runs = Runs::new(|span| found.push(span));
    codes.each(|end, latest, in_row| {
        let pair = latest & PAIR;
        let bit = hash(pair, 12);
        if filter[bit >> 6] >> (bit & 63) & 1 == 1 && in_row >= 2 && end >= body + 6 && pairs.contains(&pair)
        {
            runs.piece(end - 6..end);
        }
        if in_row >= 3 {
            let count = &mut counts[hash(latest & TRIPLE, bits)];
            *count = count.saturating_add(1);
        }
    });
    runs.end();
    (found, counts)
}

/// The places that are proof of phrases of three characters and more that occur often, by phrase; `counts` as [`first_look`] has them.
fn repeated_places<'t>(
    text: &'t str,
    codes: &Codes,
    mut counts: Vec<u8>,
    enough: usize,
) -> Vec<(&'t str, Vec<Place>)> {
    let often = enough.max(OFTEN as usize);
    let hot = often.min(u8::MAX as usize) as u8;
    let bits = counts.len().ilog2();
    if !counts.iter().any(|count| *count >= hot) {
        return Vec::new();
    }
    let mut runs = Vec::new();
    let mut pieces = Runs::new(|span: Range<usize>| {
        if span.len() <= LONGEST_PHRASE {
            runs.push(span);
        }
    });
    codes.each(|end, latest, in_row| {
        if in_row >= 3 && counts[hash(latest & TRIPLE, bits)] >= hot {
            pieces.piece(end - 9..end);
        }
    });
    pieces.end();
    // Most runs are there once: they are counted in the same way before any is looked up by name.
    counts.fill(0);
    let slot = |span: &Range<usize>| (xxh3_64(text[span.clone()].as_bytes()) >> (64 - bits)) as usize;
    for span in &runs {
        let count = &mut counts[slot(span)];
        *count = count.saturating_add(1);
    }
    let mut found: FxHashMap<&str, Vec<Range<usize>>> = FxHashMap::default();
    for span in runs.into_iter().filter(|span| counts[slot(span)] >= hot) {
        found.entry(&text[span.clone()]).or_default().push(span);
    }
    let proof = |span: &Range<usize>| place(text, span.clone(), Wanted::Proof);
    found
        .into_iter()
        .filter(|(_, spans)| spans.len() >= often)
        .filter(|(_, spans)| spans.iter().take(FIRST_PLACES).any(|span| proof(span).is_some()))
        .map(|(phrase, spans)| (phrase, spans.iter().filter_map(proof).collect()))
        .collect()
}

/// Places of a phrase of which one must be a proof for the others to be looked at: of planted ones half are.
const FIRST_PLACES: usize = 8;
