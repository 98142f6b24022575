//! What a run did, added up: per stage and rule, and a sample of the edits for those who check.
//!
//! Each worker counts for itself and the counts are added at the end, in input order, so that a report does not
//! depend on the number of threads (but for the sampled times).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

use serde::de::Deserializer;
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::edit::{EditRecord, Field};
use crate::pipeline::Cleaned;
use crate::stages;

/// Counts of a run. Characters are code points.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Documents cleaned and written.
    pub documents: u64,
    /// Of these, documents with at least one edit.
    pub edited: u64,
    /// Bytes of the documents as found, decompressed.
    pub raw_bytes: u64,
    pub chars_before: u64,
    pub chars_after: u64,
    /// Inputs and records that were not written, by `stage:rule`.
    pub set_aside: BTreeMap<String, u64>,
    /// Records of archives that hold no page, by why not.
    pub skipped: BTreeMap<String, u64>,
    /// Documents with a finding, by `stage:rule`.
    pub flags: BTreeMap<String, u64>,
    pub languages: BTreeMap<String, u64>,
    pub encodings: BTreeMap<String, u64>,
    pub stages: Stages,
    /// Characters of the documents as decoded and as written.
    #[serde(default)]
    pub lengths: Lengths,
    /// The documents' numbers, by name: where a threshold cuts how many off.
    #[serde(default)]
    pub signals: BTreeMap<String, Histogram>,
    /// A few edits of each rule, by `stage:rule`.
    #[serde(default)]
    pub samples: Samples,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
}

/// How long the documents are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lengths {
    pub before: Histogram,
    pub after: Histogram,
}

/// Counts by stage name, serialised in the order of the chain.
#[derive(Clone, Debug, Default)]
pub struct Stages(BTreeMap<&'static str, StageCounts>);

/// What one stage did in a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StageCounts {
    /// Documents it changed.
    pub documents: u64,
    pub edits: u64,
    /// Characters taken out, those that were replaced included.
    pub removed: u64,
    /// Characters put in.
    pub added: u64,
    /// Characters that the texts have more after it than before, markup that a page lost included.
    #[serde(default)]
    pub net: i64,
    /// Nanoseconds spent in the documents that were timed, and the bytes these had.
    pub sampled_ns: u64,
    pub sampled_bytes: u64,
    pub rules: BTreeMap<Cow<'static, str>, RuleCounts>,
}

/// What one rule did in a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RuleCounts {
    pub documents: u64,
    pub edits: u64,
    /// Edits that were not certain and so only marked.
    pub marked: u64,
    pub removed: u64,
    pub added: u64,
}

impl Stages {
    /// The stages that did something or were timed, in the order of the chain.
    pub fn in_order(&self) -> impl Iterator<Item = (&'static str, &StageCounts)> {
        stages::NAMES.iter().filter_map(|name| self.0.get(name).map(|counts| (*name, counts)))
    }
}

impl Serialize for Stages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, counts) in self.in_order() {
            map.serialize_entry(name, counts)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Stages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = BTreeMap::<String, StageCounts>::deserialize(deserializer)?;
        let known = counts.into_iter().map(|(name, counts)| {
            let known = stages::NAMES.iter().find(|known| **known == name);
            known
                .map(|known| (*known, counts))
                .ok_or_else(|| serde::de::Error::custom(format!("no stage is called {name}")))
        });
        known.collect::<Result<_, _>>().map(Self)
    }
}

impl Report {
    /// A report that also keeps up to `per_rule` sampled edits of each rule, and counts rules by host and language.
    pub fn with_audit(per_rule: usize) -> Self {
        Self { audit: (per_rule > 0).then(|| Audit::new(per_rule)), ..Self::default() }
    }

    /// Keeps this many sampled edits of each rule.
    pub fn sampling(mut self, per_rule: usize) -> Self {
        self.samples.per_rule = per_rule;
        self
    }

    /// An empty report that counts what this one counts, for a worker.
    pub fn fork(&self) -> Self {
        let audit = self.audit.as_ref().map_or(0, |audit| audit.per_rule);
        Self::with_audit(audit).sampling(self.samples.per_rule)
    }

    /// Leaves out of `part` the samples that would not be kept if it were added to this report, so that it is small to store.
    pub fn prune(&self, part: &mut Self) {
        part.samples.prune(&self.samples);
    }

    /// Counts a cleaned document.
    pub fn count(&mut self, cleaned: &Cleaned, raw_bytes: usize) {
        self.documents += 1;
        self.raw_bytes += raw_bytes as u64;
        self.chars_before += cleaned.raw_chars as u64;
        self.chars_after += cleaned.chars as u64;
        let metadata = &cleaned.document.metadata;
        for (counts, name) in
            [(&mut self.languages, &metadata.language), (&mut self.encodings, &metadata.encoding)]
        {
            *counts.entry(name.clone().unwrap_or_else(|| "unknown".into())).or_default() += 1;
        }
        for flag in &cleaned.flags {
            *self.flags.entry(flag.clone()).or_default() += 1;
        }
        let mut edited = false;
        // A stage may have edited the document in several looks; it is one document.
        let mut counted: Vec<&str> = Vec::new();
        for step in &cleaned.trail.steps {
            let stage = self.stages.0.entry(step.stage).or_default();
            let did = !step.made.is_empty() || step.rewrite.is_some();
            if did && !counted.contains(&step.stage) {
                counted.push(step.stage);
                stage.documents += 1;
            }
            edited |= !step.made.is_empty() || step.rewrite.is_some();
            let mut of_rule: BTreeMap<Cow<'static, str>, RuleCounts> = BTreeMap::new();
            for record in &step.made {
                let counts = of_rule.entry(record.rule.clone()).or_default();
                counts.edits += 1;
                counts.removed += record.before.chars().count() as u64;
                counts.added += record.after.chars().count() as u64;
            }
            for record in &step.marked {
                of_rule.entry(record.rule.clone()).or_default().marked += 1;
            }
            for block in step.rewrite.iter().flat_map(|rewrite| &rewrite.left_out) {
                let counts = of_rule.entry(Cow::Borrowed(block.rule.name)).or_default();
                counts.edits += 1;
                counts.removed += block.text.chars().count() as u64;
            }
            for (rule, mut counts) in of_rule {
                counts.documents = 1;
                stage.edits += counts.edits;
                stage.removed += counts.removed;
                stage.added += counts.added;
                *stage.rules.entry(rule).or_default() += counts;
            }
        }
        self.edited += u64::from(edited);
        self.count_lengths(cleaned);
        self.samples.count(cleaned);
        for (name, time) in &cleaned.times {
            let stage = self.stages.0.entry(name).or_default();
            stage.sampled_ns += nanoseconds(*time);
            stage.sampled_bytes += cleaned.document.text().len() as u64;
        }
        if let Some(audit) = &mut self.audit {
            audit.count(cleaned);
        }
    }

    /// Counts how long the document was before and after each stage, and its signals.
    fn count_lengths(&mut self, cleaned: &Cleaned) {
        self.lengths.before.count(cleaned.raw_chars as f64);
        self.lengths.after.count(cleaned.chars as f64);
        for (name, value) in &cleaned.signals {
            match self.signals.get_mut(*name) {
                Some(histogram) => histogram.count(*value),
                None => self.signals.entry((*name).to_owned()).or_default().count(*value),
            }
        }
        // From the end, since only there the length is known on the other side of a text made anew.
        let mut after = cleaned.chars as i64;
        for step in cleaned.trail.steps.iter().rev() {
            let of_text = step.made.iter().filter(|record| record.field == Field::Text);
            let net = match &step.rewrite {
                Some(rewrite) => after - rewrite.before_chars as i64,
                None => of_text
                    .map(|record| record.after.chars().count() as i64 - record.before.chars().count() as i64)
                    .sum(),
            };
            after -= net;
            self.stages.0.entry(step.stage).or_default().net += net;
        }
    }

    /// Counts something that was not written, and why.
    pub fn count_set_aside(&mut self, stage: &str, rule: &str) {
        *self.set_aside.entry(format!("{stage}:{rule}")).or_default() += 1;
    }

    /// Counts a record that holds no document, if there is a reason to name.
    pub fn count_skipped(&mut self, why: Option<&str>) {
        if let Some(why) = why {
            *self.skipped.entry(why.to_owned()).or_default() += 1;
        }
    }

    /// Everything that was set aside.
    pub fn total_set_aside(&self) -> u64 {
        self.set_aside.values().sum()
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn add(counts: &mut BTreeMap<String, u64>, other: BTreeMap<String, u64>) {
    for (name, count) in other {
        *counts.entry(name).or_default() += count;
    }
}

impl AddAssign for RuleCounts {
    fn add_assign(&mut self, other: Self) {
        let Self { documents, edits, marked, removed, added } = other;
        self.documents += documents;
        self.edits += edits;
        self.marked += marked;
        self.removed += removed;
        self.added += added;
    }
}

impl AddAssign for StageCounts {
    fn add_assign(&mut self, other: Self) {
        let Self { documents, edits, removed, added, net, sampled_ns, sampled_bytes, rules } = other;
        self.documents += documents;
        self.edits += edits;
        self.removed += removed;
        self.added += added;
        self.net += net;
        self.sampled_ns += sampled_ns;
        self.sampled_bytes += sampled_bytes;
        for (rule, counts) in rules {
            *self.rules.entry(rule).or_default() += counts;
        }
    }
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        let Self {
            documents,
            edited,
            raw_bytes,
            chars_before,
            chars_after,
            set_aside,
            skipped,
            flags,
            languages,
            encodings,
            stages,
            lengths,
            signals,
            samples,
            audit,
        } = other;
        self.documents += documents;
        self.edited += edited;
        self.raw_bytes += raw_bytes;
        self.chars_before += chars_before;
        self.chars_after += chars_after;
        add(&mut self.set_aside, set_aside);
        add(&mut self.skipped, skipped);
        add(&mut self.flags, flags);
        add(&mut self.languages, languages);
        add(&mut self.encodings, encodings);
        for (stage, counts) in stages.0 {
            *self.stages.0.entry(stage).or_default() += counts;
        }
        self.lengths.before += lengths.before;
        self.lengths.after += lengths.after;
        for (name, histogram) in signals {
            *self.signals.entry(name).or_default() += histogram;
        }
        self.samples += samples;
        if let (Some(mine), Some(theirs)) = (&mut self.audit, audit) {
            *mine += theirs;
        }
    }
}

/// How often a number was how large. The bounds are fixed, so that any two of these can be added: 0 alone, fifty equal steps
/// up to 1, and four steps for each doubling above; the same below 0. A share and a count of characters both fit, in
/// some two hundred numbers at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(BTreeMap<i32, u64>);

/// Equal steps from 0 to 1.
const STEPS: f64 = 50.0;
/// Steps for each doubling above 1.
const PER_DOUBLING: f64 = 4.0;

impl Histogram {
    /// Counts a number; what is none is not counted.
    pub fn count(&mut self, value: f64) {
        if value.is_finite() {
            *self.0.entry(Self::bin(value)).or_default() += 1;
        }
    }

    /// The number of the step that ends at `value` or holds it.
    fn bin(value: f64) -> i32 {
        let size = value.abs();
        // 0.3 * 50 is a little more than 15: what is on a bound belongs to the step it ends.
        let bin = match size {
            0.0 => 0.0,
            ..=1.0 => (size * STEPS - 1e-9).ceil().max(1.0),
            _ => STEPS + (size.log2() * PER_DOUBLING - 1e-9).ceil().max(1.0),
        };
        // At most 50 + 4 * 1024.
        if value < 0.0 { -(bin as i32) } else { bin as i32 }
    }

    /// Where a step begins and ends.
    fn bounds(bin: i32) -> (f64, f64) {
        let end = |bin: i32| match f64::from(bin) {
            bin if bin <= STEPS => bin / STEPS,
            bin => ((bin - STEPS) / PER_DOUBLING).exp2(),
        };
        match bin {
            0 => (0.0, 0.0),
            1.. => (end(bin - 1), end(bin)),
            _ => (-end(-bin), -end(-bin - 1)),
        }
    }
}

/// Written as `[[from, to, count], …]`: above `from`, up to `to`.
impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(bin, count)| {
            let (from, to) = Self::bounds(*bin);
            (from, to, count)
        }))
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let steps = Vec::<(f64, f64, u64)>::deserialize(deserializer)?;
        let bin = |(from, to, count): (f64, f64, u64)| (Self::bin(if to > 0.0 { to } else { from }), count);
        Ok(Self(steps.into_iter().map(bin).collect()))
    }
}

impl AddAssign for Histogram {
    fn add_assign(&mut self, other: Self) {
        for (bin, count) in other.0 {
            *self.0.entry(bin).or_default() += count;
        }
    }
}

/// A few edits of each rule.
///
/// They are those with the smallest hashes of document id and position, so that they are the same for any order and number of
/// threads, and a run over part of the data samples the same edits of that part.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Samples {
    pub per_rule: usize,
    pub rules: BTreeMap<String, Vec<Sample>>,
}

impl Samples {
    fn count(&mut self, cleaned: &Cleaned) {
        if self.per_rule == 0 {
            return;
        }
        let mut name = String::new();
        for (stage, rule, change) in changes(cleaned) {
            name.clear();
            name.push_str(stage);
            name.push(':');
            name.push_str(rule);
            if !self.rules.contains_key(&name) {
                self.rules.insert(name.clone(), Vec::new());
            }
            if let Some(samples) = self.rules.get_mut(&name) {
                keep(samples, change.hash(cleaned), self.per_rule, || change.sample(cleaned));
            }
        }
    }

    fn prune(&mut self, before: &Self) {
        for (name, samples) in &mut self.rules {
            let known = before.rules.get(name).filter(|known| known.len() >= before.per_rule);
            if let Some(last) = known.and_then(|known| known.last()) {
                samples.retain(|sample| sample < last);
            }
        }
        self.rules.retain(|_, samples| !samples.is_empty());
    }
}

impl AddAssign for Samples {
    fn add_assign(&mut self, other: Self) {
        self.per_rule = self.per_rule.max(other.per_rule);
        for (name, theirs) in other.rules {
            let mine = self.rules.entry(name).or_default();
            for sample in theirs {
                keep(mine, sample.hash, self.per_rule, || sample);
            }
        }
    }
}

/// Puts a sample to the others of its rule if its hash is among the smallest.
fn keep(samples: &mut Vec<Sample>, hash: u64, most: usize, sample: impl FnOnce() -> Sample) {
    if samples.len() >= most && samples.last().is_none_or(|last| last.hash < hash) {
        return;
    }
    let sample = sample();
    let at = samples.binary_search(&sample).unwrap_or_else(|at| at);
    samples.insert(at, sample);
    samples.truncate(most);
}

/// Something a rule did or found.
enum Change<'c> {
    /// `true`: made, not only marked.
    Edit(usize, &'c EditRecord, bool),
    /// Number of the step and of the block.
    LeftOut(usize, usize, &'c str),
}

/// All that can be sampled of a document: stage, rule, and what was done.
fn changes(cleaned: &Cleaned) -> impl Iterator<Item = (&'static str, &str, Change<'_>)> {
    cleaned.trail.steps.iter().flat_map(|step| {
        let made = step.made.iter().map(|record| (record, true));
        let marked = step.marked.iter().map(|record| (record, false));
        let edits = made.chain(marked).map(|(record, made)| {
            (step.stage, record.rule.as_ref(), Change::Edit(step.number, record, made))
        });
        let blocks = step.rewrite.iter().flat_map(|rewrite| rewrite.left_out.iter().enumerate());
        edits.chain(blocks.map(|(number, block)| {
            (step.stage, block.rule.name, Change::LeftOut(step.number, number, block.text.as_str()))
        }))
    })
}

impl Change<'_> {
    fn hash(&self, cleaned: &Cleaned) -> u64 {
        let (step, place) = match self {
            Self::Edit(step, record, _) => (*step, record.start),
            Self::LeftOut(step, number, _) => (*step, *number),
        };
        let mut hasher = Xxh3::new();
        hasher.update(cleaned.document.id.as_bytes());
        hasher.update(&[0]);
        hasher.update(&(step as u64).to_le_bytes());
        hasher.update(&(place as u64).to_le_bytes());
        hasher.digest()
    }

    fn sample(&self, cleaned: &Cleaned) -> Sample {
        let cut = |text: &str| text.chars().take(SAMPLE_CHARS).collect::<String>();
        let (hash, id) = (self.hash(cleaned), cleaned.document.id.clone());
        match self {
            Self::Edit(_, record, made) => {
                let context = record.context.clone().unwrap_or_default();
                Sample {
                    hash,
                    id,
                    start: record.start,
                    left: context.before,
                    before: cut(&record.before),
                    after: cut(&record.after),
                    right: context.after,
                    made: *made,
                }
            }
            Self::LeftOut(_, number, text) => Sample {
                hash,
                id,
                start: *number,
                left: String::new(),
                before: cut(text),
                after: String::new(),
                right: String::new(),
                made: true,
            },
        }
    }
}

/// Edits to look at and rates to compare: how someone checks a terabyte. The samples are chosen as [`Samples`] are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Audit {
    pub per_rule: usize,
    pub rules: BTreeMap<String, RuleAudit>,
    /// Documents by language and by host, to divide the counts of a rule by.
    pub documents_by_language: BTreeMap<String, u64>,
    pub documents_by_host: BTreeMap<String, u64>,
}

/// The audit of one rule.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RuleAudit {
    /// Documents in which the rule fired, or marked.
    pub documents: u64,
    pub by_language: BTreeMap<String, u64>,
    pub by_host: BTreeMap<String, u64>,
    /// Sorted by hash.
    pub samples: Vec<Sample>,
}

/// One edit with what stood around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sample {
    /// Of the document and the position: the smallest are kept, of several reports together, too.
    hash: u64,
    pub id: String,
    pub start: usize,
    pub left: String,
    pub before: String,
    pub after: String,
    pub right: String,
    /// False where the edit was not certain and so not made.
    pub made: bool,
}

/// Characters of an edit that a sample shows: a whole spam tail is not needed to judge one.
const SAMPLE_CHARS: usize = 400;
/// Hosts counted one by one; what comes later is counted as `(other)`, to bound memory on a whole crawl.
const MAX_HOSTS: usize = 20_000;

impl Audit {
    fn new(per_rule: usize) -> Self {
        Self {
            per_rule,
            rules: BTreeMap::new(),
            documents_by_language: BTreeMap::new(),
            documents_by_host: BTreeMap::new(),
        }
    }

    fn count(&mut self, cleaned: &Cleaned) {
        let metadata = &cleaned.document.metadata;
        let language = metadata.language.as_deref().unwrap_or("unknown");
        let host = metadata.url.as_deref().and_then(host).unwrap_or("(none)");
        add_bounded(&mut self.documents_by_language, language, 1);
        add_bounded(&mut self.documents_by_host, host, 1);
        let mut fired: Vec<String> = Vec::new();
        for (stage, rule, change) in changes(cleaned) {
            let name = format!("{stage}:{rule}");
            let rule = self.rules.entry(name.clone()).or_default();
            keep(&mut rule.samples, change.hash(cleaned), self.per_rule, || change.sample(cleaned));
            if !fired.contains(&name) {
                fired.push(name);
            }
        }
        for name in fired {
            let rule = self.rules.entry(name).or_default();
            rule.documents += 1;
            add_bounded(&mut rule.by_language, language, 1);
            add_bounded(&mut rule.by_host, host, 1);
        }
    }
}

impl AddAssign for Audit {
    fn add_assign(&mut self, other: Self) {
        for (name, count) in other.documents_by_language {
            add_bounded(&mut self.documents_by_language, &name, count);
        }
        for (name, count) in other.documents_by_host {
            add_bounded(&mut self.documents_by_host, &name, count);
        }
        for (name, theirs) in other.rules {
            let mine = self.rules.entry(name).or_default();
            mine.documents += theirs.documents;
            for (language, count) in theirs.by_language {
                add_bounded(&mut mine.by_language, &language, count);
            }
            for (host, count) in theirs.by_host {
                add_bounded(&mut mine.by_host, &host, count);
            }
            for sample in theirs.samples {
                keep(&mut mine.samples, sample.hash, self.per_rule, || sample);
            }
        }
    }
}

fn add_bounded(counts: &mut BTreeMap<String, u64>, name: &str, count: u64) {
    if let Some(known) = counts.get_mut(name) {
        *known += count;
    } else {
        let name = if counts.len() < MAX_HOSTS { name } else { "(other)" };
        *counts.entry(name.to_owned()).or_default() += count;
    }
}

/// The host of a URL, without port and user.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::pipeline::Pipeline;

    fn cleaned(text: &str) -> Cleaned {
        let mut document = Document::from_text(text);
        document.id = text.to_owned();
        Pipeline::default().context(80).clean(document).unwrap()
    }

    fn report(texts: &[&str]) -> Report {
        let mut report = Report::with_audit(2).sampling(2);
        for text in texts {
            report.count(&cleaned(text), text.len());
        }
        report
    }

    #[test]
    fn adding_parts_gives_the_whole() {
        let texts = ["one  \n", "two\t\nmore \n", "three", "four  \nfive  \n"];
        let whole = report(&texts);
        for cut in 0..=texts.len() {
            let mut sum = report(&texts[..cut]);
            sum += report(&texts[cut..]);
            assert_eq!(serde_json::to_value(&sum).unwrap(), serde_json::to_value(&whole).unwrap());
        }
        assert_eq!(whole.documents, 4);
        assert_eq!(whole.edited, 3);
        assert_eq!(whole.audit.unwrap().rules["whitespace:trailing"].samples.len(), 2);
        assert_eq!(whole.samples.rules["whitespace:trailing"].len(), 2);
    }

    #[test]
    fn a_report_that_was_pruned_adds_up_to_the_same() {
        let texts: Vec<String> = (0..40).map(|n| format!("number {n}  \n\n\n\nend\n")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let whole = report(&texts);
        let (mut sum, mut stored) = (Report::default().sampling(2), 0);
        for part in texts.chunks(4) {
            let mut part = report(part);
            sum.prune(&mut part);
            stored += part.samples.rules.values().map(Vec::len).sum::<usize>();
            // Through the journal and back.
            sum += serde_json::from_str(&serde_json::to_string(&part).unwrap()).unwrap();
        }
        assert_eq!(
            serde_json::to_value(&sum.samples).unwrap(),
            serde_json::to_value(&whole.samples).unwrap()
        );
        assert_eq!(
            serde_json::to_value(&sum.signals).unwrap(),
            serde_json::to_value(&whole.signals).unwrap()
        );
        assert!(stored < 30, "{stored} of 40");
    }

    #[test]
    fn what_the_stages_took_is_what_is_missing() {
        let mut document = Document::from_text("");
        document.kind = crate::document::Kind::Html;
        document.set_field(
            Field::Text,
            "<!DOCTYPE html><title>一</title><nav>菜单</nav><p>社區的網格員來了，大家都很高興。</p><p>CrÃ¨me brÃ»lÃ©e</p>".into(),
        );
        let mut report = Report::default();
        report.count(&Pipeline::default().clean(document).unwrap(), 1);
        let net: i64 = report.stages.0.values().map(|counts| counts.net).sum();
        assert_eq!(report.chars_before as i64 + net, report.chars_after as i64);
        assert!(
            report.stages.0["html"].net < -20 && report.stages.0["mojibake"].net == -3,
            "{:?}",
            report.stages
        );
    }

    #[test]
    fn a_number_is_within_the_bounds_of_its_step() {
        for value in [0.0, 1e-9, 0.02, 0.3, 0.58, 1.0, 1.01, 2.0, 3.7, 1024.0, 1e6, 1e300, -0.3, -7.0] {
            let bin = Histogram::bin(value);
            let (from, to) = Histogram::bounds(bin);
            let slack = 1e-9 * value.abs();
            assert!(from - slack <= value && value <= to + slack, "{value}: {from} {to}");
            let mut histogram = Histogram::default();
            histogram.count(value);
            let back: Histogram = serde_json::from_str(&serde_json::to_string(&histogram).unwrap()).unwrap();
            assert_eq!(back, histogram, "{value}");
        }
        let mut histogram = Histogram::default();
        histogram.count(f64::NAN);
        assert_eq!(histogram, Histogram::default());
    }

    #[test]
    fn hosts_are_read_out_of_urls() {
        assert_eq!(host("https://user@example.org:8080/a?b"), Some("example.org"));
        assert_eq!(host("file.html"), None);
    }
}
