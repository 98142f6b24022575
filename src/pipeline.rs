//! Runs the stages over a document: applies what they propose, checks it, and keeps the record.

use std::borrow::Cow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::document::Document;
use crate::edit::{self, Confidence, Conflict, Context, Edit, EditRecord, Field, Rule};
use crate::stage::{LeftOut, Proposal, Stage, Verdict};
use crate::stages::{self, Options};

/// The one stage that may replace a whole text: markup is not text, so there is nothing to edit.
const REWRITER: &str = "html";

/// Stages that take a document out of its wrapping: what they find is gone after the first time.
const ONCE: [&str; 2] = ["front_matter", REWRITER];

/// What this stage takes away gives no other stage work, and it edits every third clean document: no reason to look again.
const LAYOUT: &str = "whitespace";

/// Reads the text and changes nothing, so it waits until nobody else does.
const READER: &str = "language";

/// Times a document may go through the chain. The damage that the property tests generate settles in three; more would be
/// two stages that undo each other.
const ROUNDS: usize = 5;

/// One stage's work made work for another, round after round.
static UNSETTLED: Rule = Rule {
    name: "unsettled",
    about: "the stages found more to do each time; another run may change the document again",
};

/// A chain of stages, ready to be shared by threads.
pub struct Pipeline {
    steps: Vec<Arc<dyn Stage>>,
    bold: bool,
    drop: Vec<String>,
    context: Option<usize>,
}

impl Default for Pipeline {
    /// Every stage, as the program runs them without options.
    fn default() -> Self {
        Self::new(stages::list(&Options::default()))
    }
}

impl Pipeline {
    /// A chain of these stages in this order; a stage with [`Stage::again_after`] gets its second look.
    pub fn new(stages: Vec<Arc<dyn Stage>>) -> Self {
        let mut steps = Vec::with_capacity(stages.len() + 1);
        for stage in &stages {
            steps.push(Arc::clone(stage));
            let again = stages.iter().filter(|s| s.again_after() == Some(stage.name()));
            steps.extend(again.cloned());
        }
        Self { steps, bold: false, drop: Vec::new(), context: None }
    }

    /// Makes the edits that are only likely, too.
    pub fn bold(mut self, bold: bool) -> Self {
        self.bold = bold;
        self
    }

    /// Sets documents aside for which a stage gives one of these rules as its verdict.
    pub fn drop(mut self, rules: Vec<String>) -> Self {
        self.drop = rules;
        self
    }

    /// Keeps this many characters on each side of every edit in its record, for those who show edits.
    pub fn context(mut self, chars: usize) -> Self {
        self.context = Some(chars);
        self
    }

    /// The stages as they run, second looks included; a document whose text was changed goes through them again.
    pub fn steps(&self) -> &[Arc<dyn Stage>] {
        &self.steps
    }

    /// Cleans one document.
    ///
    /// # Errors
    /// A stage that panics or proposes what cannot be applied fails this document and no other.
    pub fn clean(&self, document: Document) -> Result<Cleaned, StageFailure> {
        self.run(document, false)
    }

    /// As [`Pipeline::clean`], and measures the time each step takes.
    pub fn clean_timed(&self, document: Document) -> Result<Cleaned, StageFailure> {
        self.run(document, true)
    }

    fn run(&self, document: Document, timed: bool) -> Result<Cleaned, StageFailure> {
        let mut cleaned = Cleaned {
            raw_chars: document.text().chars().count(),
            chars: 0,
            document,
            trail: Trail::default(),
            flags: Vec::new(),
            signals: Vec::new(),
            dropped: None,
            times: Vec::new(),
        };
        let mut looks = Looks { version: 0, seen: vec![None; self.steps.len()] };
        for round in 0..ROUNDS {
            let before = looks.version;
            for (index, stage) in self.steps.iter().enumerate() {
                if stage.name() == READER || round > 0 && ONCE.contains(&stage.name()) {
                    continue;
                }
                self.step(round, index, &mut looks, &mut cleaned, timed)?;
            }
            // Whoever looked before the last edit was made looks again.
            if looks.version == before || cleaned.dropped.is_some() {
                break;
            }
            if round + 1 == ROUNDS {
                cleaned.flag("pipeline", UNSETTLED.name);
            }
        }
        for (index, _) in self.steps.iter().enumerate().filter(|(_, stage)| stage.name() == READER) {
            self.step(0, index, &mut looks, &mut cleaned, timed)?;
        }
        cleaned.flag_marks();
        cleaned.chars = if cleaned.trail.steps.is_empty() {
            cleaned.raw_chars
        } else {
            cleaned.document.text().chars().count()
        };
        cleaned.signals.push(("removed_share", cleaned.removed_share()));
        Ok(cleaned)
    }

    /// One stage looks at the document, unless it has seen this text already or the text holds nothing for it.
    fn step(
        &self,
        round: usize,
        index: usize,
        looks: &mut Looks,
        cleaned: &mut Cleaned,
        timed: bool,
    ) -> Result<(), StageFailure> {
        let Some(stage) = self.steps.get(index).filter(|_| cleaned.dropped.is_none()) else { return Ok(()) };
        // A second look has the memory of the first.
        let first = self.steps.iter().position(|s| s.name() == stage.name()).unwrap_or(index);
        let seen = looks.seen.get_mut(first).and_then(|seen| seen.replace(looks.version));
        if seen == Some(looks.version) || !cleaned.document.triggers().meets(stage.triggers()) {
            return Ok(());
        }
        let start = timed.then(Instant::now);
        let fail = |what: String| StageFailure { stage: stage.name(), what };
        let mut proposal = Proposal::default();
        // A stage is pure, so an unwinding one leaves nothing half done.
        panic::catch_unwind(AssertUnwindSafe(|| stage.run(&cleaned.document, &mut proposal)))
            .map_err(|payload| fail(panic_message(&*payload)))?;
        if proposal.rewrite.is_some() && stage.name() != REWRITER {
            return Err(fail("replaced the text: only edits can be undone".into()));
        }
        cleaned.trail.forget_marks(stage.name());
        let number = round * self.steps.len() + index;
        let changed =
            self.accept(number, stage.as_ref(), proposal, cleaned).map_err(|e| fail(e.to_string()))?;
        // The stage has not seen what it made itself, either.
        looks.version += usize::from(changed && stage.name() != LAYOUT);
        if let Some(start) = start {
            cleaned.times.push((stage.name(), start.elapsed()));
        }
        Ok(())
    }

    fn record(&self, step: usize, stage: &dyn Stage, edit: &Edit, text: &str) -> EditRecord {
        let context = self.context.map(|chars| Context::around(text, edit.span.clone(), chars));
        EditRecord { step, context, ..EditRecord::new(stage.name(), edit, text) }
    }

    /// Does what a stage proposed, and writes it down. Tells whether the text is another one now.
    fn accept(
        &self,
        number: usize,
        stage: &dyn Stage,
        proposal: Proposal,
        cleaned: &mut Cleaned,
    ) -> Result<bool, Conflict> {
        let mut changed = false;
        let Proposal { mut edits, flags, metadata, signals, rewrite, verdict } = proposal;
        if !edits.is_empty() || rewrite.is_some() {
            edits.sort_by_key(|e| (e.field, e.span.start, e.span.end));
            let (made, marked): (Vec<Edit>, Vec<Edit>) =
                edits.into_iter().partition(|e| self.bold || e.confidence == Confidence::Sure);
            let mut step = Step { number, stage: stage.name(), made: vec![], marked: vec![], rewrite: None };
            for edit in &marked {
                let text = cleaned.document.field(edit.field);
                if text.get(edit.span.clone()).is_none() {
                    return Err(Conflict::Boundary(edit.span.start, edit.span.end, text.len()));
                }
                step.marked.push(self.record(number, stage, edit, text));
            }
            for field in [Field::Title, Field::Text] {
                let of_field = || made.iter().filter(|e| e.field == field);
                if of_field().next().is_none() {
                    continue;
                }
                let text = cleaned.document.field(field);
                let after = edit::apply(text, of_field())?;
                step.made.extend(of_field().map(|e| self.record(number, stage, e, text)));
                cleaned.document.edited(field, of_field(), after);
                changed |= field == Field::Text;
            }
            if let Some(rewrite) = rewrite {
                step.rewrite = Some(RewriteRecord {
                    before_chars: cleaned.document.text().chars().count(),
                    left_out: rewrite.left_out,
                });
                cleaned.document.set_field(Field::Text, rewrite.text);
                changed = true;
            }
            cleaned.trail.steps.push(step);
        }
        cleaned.document.metadata.fill(metadata);
        for rule in flags {
            cleaned.flag(stage.name(), rule.name);
        }
        // Numbers tell of the document as it came, not of what later rounds find in the cleaned one.
        let first_round = number < self.steps.len();
        for (name, value) in signals {
            if first_round {
                cleaned.signals.retain(|(known, _)| *known != name);
            }
            if !cleaned.signals.iter().any(|(known, _)| *known == name) {
                cleaned.signals.push((name, value));
            }
        }
        if let Some(verdict) = verdict {
            cleaned.flag(stage.name(), verdict.rule.name);
            if self.drop.iter().any(|name| names_rule(name, stage.name(), verdict.rule.name)) {
                cleaned.dropped = Some((stage.name(), verdict));
            }
        }
        Ok(changed)
    }
}

/// Which text each stage has seen, so that none looks at the same one twice.
struct Looks {
    /// Counts the edits that may give another stage work.
    version: usize,
    /// By index of a stage's first step: the version it saw last.
    seen: Vec<Option<usize>>,
}

/// A document that has been through the chain, with the record of what was done.
#[derive(Debug)]
pub struct Cleaned {
    pub document: Document,
    pub trail: Trail,
    /// Findings, as `stage:rule`, in the order they were made.
    pub flags: Vec<String>,
    pub signals: Vec<(&'static str, f64)>,
    /// Set when a stage asked for it and the user had agreed: stage and reason.
    pub dropped: Option<(&'static str, Verdict)>,
    /// Characters of the decoded text before the first stage.
    pub raw_chars: usize,
    /// Characters of the text after the last stage.
    pub chars: usize,
    /// Time of each step, if measured.
    pub times: Vec<(&'static str, Duration)>,
}

impl Cleaned {
    /// Share of the decoded characters that are not in the cleaned text, markup included.
    fn removed_share(&self) -> f64 {
        let removed = self.raw_chars.saturating_sub(self.chars);
        if removed == 0 { 0.0 } else { round(removed as f64 / self.raw_chars as f64) }
    }

    /// What is still marked after the last look is a finding; what was marked and then made is none.
    fn flag_marks(&mut self) {
        let steps = std::mem::take(&mut self.trail.steps);
        for step in &steps {
            step.marked.iter().for_each(|mark| self.flag(step.stage, &mark.rule));
        }
        self.trail.steps = steps;
    }

    fn flag(&mut self, stage: &str, rule: &str) {
        let flag = format!("{stage}:{rule}");
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }
}

/// Whether a user who writes `name` means this rule: `page`, `spam:page` and `spam-page` do.
pub fn names_rule(name: &str, stage: &str, rule: &str) -> bool {
    let rest = name.strip_prefix(stage).and_then(|rest| rest.strip_prefix([':', '-']));
    rest.unwrap_or(name) == rule
}

/// A signal as it is written: four decimals, so that records do not differ in noise.
pub fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// Everything that was done to one document, in order.
#[derive(Debug, Default)]
pub struct Trail {
    pub steps: Vec<Step>,
}

/// What one step of the chain did to one document.
#[derive(Debug)]
pub struct Step {
    /// Index into [`Pipeline::steps`], plus their number for each round before this one: no two steps have the same.
    pub number: usize,
    pub stage: &'static str,
    /// Edits as made, by field and position.
    pub made: Vec<EditRecord>,
    /// Edits that were not certain enough to be made.
    pub marked: Vec<EditRecord>,
    /// Set by the html stage: the text was made anew.
    pub rewrite: Option<RewriteRecord>,
}

/// The record of a text made anew from markup.
#[derive(Debug)]
pub struct RewriteRecord {
    pub before_chars: usize,
    pub left_out: Vec<LeftOut>,
}

impl Trail {
    /// Every edit made, in the order it was made.
    pub fn edits(&self) -> impl Iterator<Item = &EditRecord> {
        self.steps.iter().flat_map(|step| &step.made)
    }

    /// A stage that looks again marks again what is still there: only its last look counts.
    fn forget_marks(&mut self, stage: &str) {
        for step in self.steps.iter_mut().filter(|step| step.stage == stage) {
            step.marked.clear();
        }
        self.steps.retain(|s| s.stage != stage || !s.made.is_empty() || s.rewrite.is_some());
    }
}

/// A bug in a stage, met on one document.
#[derive(Debug, thiserror::Error)]
#[error("stage {stage}: {what}")]
pub struct StageFailure {
    pub stage: &'static str,
    pub what: String,
}

/// What a panic said.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text: Cow<str> = if let Some(text) = payload.downcast_ref::<&str>() {
        Cow::Borrowed(text)
    } else if let Some(text) = payload.downcast_ref::<String>() {
        Cow::Borrowed(text.as_str())
    } else {
        Cow::Borrowed("no message")
    };
    format!("panicked: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Rewrite;

    /// What a stage of a test does with a document.
    type Act = fn(&Document, &mut Proposal);

    struct Fake(&'static str, Option<&'static str>, Act);

    static RULE: Rule = Rule { name: "rule", about: "a rule of a test" };
    static RULES: [&Rule; 1] = [&RULE];

    impl Stage for Fake {
        fn name(&self) -> &'static str {
            self.0
        }
        fn about(&self) -> &'static str {
            "a stage of a test"
        }
        fn rules(&self) -> &'static [&'static Rule] {
            &RULES
        }
        fn again_after(&self) -> Option<&'static str> {
            self.1
        }
        fn run(&self, doc: &Document, proposal: &mut Proposal) {
            (self.2)(doc, proposal);
        }
    }

    fn pipeline(act: Act) -> Pipeline {
        Pipeline::new(vec![Arc::new(Fake("fake", None, act))])
    }

    fn text_after(pipeline: &Pipeline, text: &str) -> String {
        pipeline.clean(Document::from_text(text)).unwrap().document.into_text()
    }

    #[test]
    fn a_stage_that_panics_fails_its_document_and_no_other() {
        let pipeline = pipeline(|doc, _| assert!(doc.text() != "bad", "cannot bear it"));
        let failure = pipeline.clean(Document::from_text("bad")).unwrap_err();
        assert_eq!(failure.stage, "fake");
        assert!(failure.to_string().contains("cannot bear it"), "{failure}");
        assert_eq!(text_after(&pipeline, "good"), "good");
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        let pipeline = pipeline(|_, proposal| {
            proposal.cut(0..2, &RULE);
            proposal.cut(1..3, &RULE);
        });
        assert!(pipeline.clean(Document::from_text("abc")).is_err());
    }

    #[test]
    fn edits_may_come_in_any_order() {
        let pipeline = pipeline(|doc, proposal| {
            if doc.text() == "abc" {
                proposal.cut(2..3, &RULE);
                proposal.replace(0..1, "x", &RULE);
            }
        });
        assert_eq!(text_after(&pipeline, "abc"), "xb");
    }

    #[test]
    fn what_is_not_certain_is_marked_and_made_only_when_asked() {
        let act: Act = |doc, proposal| {
            if doc.text() == "abc" {
                proposal.maybe(0..1, "", &RULE);
            }
        };
        let cleaned = pipeline(act).clean(Document::from_text("abc")).unwrap();
        assert_eq!(
            (cleaned.document.text(), cleaned.flags.as_slice()),
            ("abc", &["fake:rule".to_owned()][..])
        );
        assert_eq!(cleaned.trail.steps[0].marked.len(), 1);
        assert_eq!(text_after(&pipeline(act).bold(true), "abc"), "bc");
    }

    #[test]
    fn a_second_look_comes_after_the_stage_it_is_for() {
        let stages: Vec<Arc<dyn Stage>> =
            vec![Arc::new(Fake("one", Some("two"), |_, _| {})), Arc::new(Fake("two", None, |_, _| {}))];
        let names: Vec<_> = Pipeline::new(stages).steps().iter().map(|stage| stage.name()).collect();
        assert_eq!(names, ["one", "two", "one"]);
    }

    #[test]
    fn a_stage_that_saw_an_older_text_looks_again_and_can_be_undone() {
        // The second takes away what hid work from the first.
        let stages: Vec<Arc<dyn Stage>> = vec![
            Arc::new(Fake("first", None, |doc, proposal| {
                if let Some(at) = doc.text().find("ab") {
                    proposal.cut(at..at + 2, &RULE);
                }
            })),
            Arc::new(Fake("second", None, |doc, proposal| {
                doc.text().match_indices('x').for_each(|(at, _)| proposal.cut(at..at + 1, &RULE));
            })),
        ];
        let cleaned = Pipeline::new(stages).clean(Document::from_text("caxbd")).unwrap();
        assert_eq!(cleaned.document.text(), "cd");
        let numbers: Vec<_> = cleaned.trail.edits().map(|e| (e.step, e.start)).collect();
        assert_eq!(numbers, [(1, 2), (2, 1)]);
    }

    #[test]
    fn no_stage_looks_at_a_text_twice() {
        let cleaned = Pipeline::default().clean_timed(Document::from_text("海口。  \n")).unwrap();
        let mut names: Vec<_> = cleaned.times.iter().map(|(name, _)| *name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_mark_is_kept_once() {
        let stages: Vec<Arc<dyn Stage>> = vec![
            Arc::new(Fake("marks", None, |doc, proposal| {
                let end = doc.text().len();
                proposal.maybe(end - 1..end, "", &RULE);
            })),
            Arc::new(Fake("cuts", None, |doc, proposal| {
                if doc.text().starts_with('x') {
                    proposal.cut(0..1, &RULE);
                }
            })),
        ];
        let cleaned = Pipeline::new(stages).clean(Document::from_text("xa")).unwrap();
        let marks: Vec<_> = cleaned.trail.steps.iter().flat_map(|s| &s.marked).map(|m| m.start).collect();
        assert_eq!((cleaned.document.text(), marks), ("a", vec![0]));
    }

    #[test]
    fn stages_that_never_agree_end_and_are_told() {
        let cleaned = Pipeline::new(vec![
            Arc::new(Fake("one", None, |doc, p| {
                if doc.text() == "a" {
                    p.replace(0..1, "b", &RULE)
                }
            })),
            Arc::new(Fake("two", None, |doc, p| {
                if doc.text() == "b" {
                    p.replace(0..1, "a", &RULE)
                }
            })),
        ]);
        let cleaned = cleaned.clean(Document::from_text("a")).unwrap();
        assert_eq!(cleaned.flags, ["pipeline:unsettled"]);
    }

    #[test]
    fn a_document_is_dropped_only_where_the_user_agreed() {
        let act: Act =
            |_, proposal| proposal.verdict = Some(Verdict { rule: &RULE, detail: "all of it".into() });
        let kept = pipeline(act).clean(Document::from_text("abc")).unwrap();
        assert!(kept.dropped.is_none() && kept.flags == ["fake:rule"]);
        for name in ["rule", "fake:rule"] {
            let pipeline = pipeline(act).drop(vec![name.to_owned()]);
            assert!(pipeline.clean(Document::from_text("abc")).unwrap().dropped.is_some());
        }
    }

    #[test]
    fn only_html_may_replace_a_whole_text() {
        let act: Act =
            |_, proposal| proposal.rewrite = Some(Rewrite { text: "new".into(), left_out: vec![] });
        assert!(pipeline(act).clean(Document::from_text("abc")).is_err());
        let html = Pipeline::new(vec![Arc::new(Fake("html", None, act))]);
        assert_eq!(text_after(&html, "abc"), "new");
    }
}
