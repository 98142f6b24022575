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
use xxhash_rust::xxh3::xxh3_64;

use crate::edit::EditRecord;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
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
    /// A report that also keeps up to `per_rule` sampled edits of each rule.
    pub fn with_audit(per_rule: usize) -> Self {
        Self { audit: (per_rule > 0).then(|| Audit::new(per_rule)), ..Self::default() }
    }

    /// An empty report that counts what this one counts, for a worker.
    pub fn fork(&self) -> Self {
        Self::with_audit(self.audit.as_ref().map_or(0, |audit| audit.per_rule))
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
        for (name, time) in &cleaned.times {
            let stage = self.stages.0.entry(name).or_default();
            stage.sampled_ns += nanoseconds(*time);
            stage.sampled_bytes += cleaned.document.text().len() as u64;
        }
        if let Some(audit) = &mut self.audit {
            audit.count(cleaned);
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
        let Self { documents, edits, removed, added, sampled_ns, sampled_bytes, rules } = other;
        self.documents += documents;
        self.edits += edits;
        self.removed += removed;
        self.added += added;
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
        if let (Some(mine), Some(theirs)) = (&mut self.audit, audit) {
            *mine += theirs;
        }
    }
}

/// Edits to look at and rates to compare: how someone checks a terabyte.
///
/// The sample of a rule is the edits with the smallest hashes of document id and position, so that it is the same
/// for any order and number of threads, and a run over part of the data samples the same edits of that part.
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
        for step in &cleaned.trail.steps {
            let made = step.made.iter().map(|record| (record, true));
            let marked = step.marked.iter().map(|record| (record, false));
            for (record, made) in made.chain(marked) {
                let name = format!("{}:{}", step.stage, record.rule);
                let rule = self.rules.entry(name.clone()).or_default();
                rule.sample(Sample::new(&cleaned.document.id, step.number, record, made), self.per_rule);
                if !fired.contains(&name) {
                    fired.push(name);
                }
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
                mine.sample(sample, self.per_rule);
            }
        }
    }
}

impl RuleAudit {
    fn sample(&mut self, sample: Sample, most: usize) {
        let at = self.samples.binary_search(&sample).unwrap_or_else(|at| at);
        if at < most {
            self.samples.insert(at, sample);
            self.samples.truncate(most);
        }
    }
}

impl Sample {
    fn new(id: &str, step: usize, record: &EditRecord, made: bool) -> Self {
        let cut = |text: &str| text.chars().take(SAMPLE_CHARS).collect::<String>();
        let context = record.context.clone().unwrap_or_default();
        Self {
            hash: xxh3_64(format!("{id}\0{step}\0{}", record.start).as_bytes()),
            id: id.to_owned(),
            start: record.start,
            left: context.before,
            before: cut(&record.before),
            after: cut(&record.after),
            right: context.after,
            made,
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
        let mut report = Report::with_audit(2);
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
    }

    #[test]
    fn hosts_are_read_out_of_urls() {
        assert_eq!(host("https://user@example.org:8080/a?b"), Some("example.org"));
        assert_eq!(host("file.html"), None);
    }
}
