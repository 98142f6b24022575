//! Takes out what was put inside sentences: `残余的得掉花蜜刮除干净` → `残余的花蜜刮除干净`.
//!
//! Programs sprinkle pieces of the headline or the name of a brand through a stolen text, so that it looks new and is found under their
//! words; they write Latin words with Cyrillic letters, so that no filter knows them; and models that translate leave behind what they
//! said to their tools. None of it is recognised by its words: a piece is known because the sentence goes on behind it as if it were not
//! there, a letter because its word is of another script, a call by its shape.
//!
//! All of these also stand in good text, so the evidence is that of the document: one strange place is a slip of the pen.

mod fragments;
mod letters;
mod tags;
mod tool_calls;

use clap::Args;
use serde::Serialize;

use crate::document::Document;
use crate::edit::Rule;
use crate::lang::triggers::Triggers;
use crate::stage::{Proposal, Stage};

#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Inline {}

/// `残余的得掉花蜜刮除干净`, in a page whose headline has `得掉`: pieces of the headline, two characters and more, set at random into
/// the sentences. Leaves alone every place where headline words are part of the sentence, which is where they stand in all other pages.
static FRAGMENT: Rule =
    Rule { name: "fragment", about: "pieces of the headline that were set into sentences at random go" };

/// `我们彩神争霸安卓今天去了学校`: one phrase again and again, in the middle of sentences and of words. Leaves alone names that a text is
/// about, before which and behind which sentences go on as they do around any name.
static REPEATED: Rule = Rule {
    name: "repeated",
    about: "a phrase that was set again and again into the middle of sentences goes",
};

/// `Сomраny` with four Cyrillic letters: each becomes the letter that it looks like. Leaves alone words with a letter that no letter of the
/// other script looks like (`USBшный`, `Яndex`), endings (`PDFа`), and formulas (`ΔE`, `кΩ`).
static LETTER: Rule = Rule {
    name: "letter",
    about: "a letter of another script inside a word becomes the one that it looks like",
};

/// `表情回应♀♀♀analysis to=functions.read  彩神争霸安卓_input={"path":"a.md"} code`: what a model that translated the page said to its
/// tools. Leaves alone documents on such models, where a call stands in code or by itself.
static TOOL_CALL: Rule =
    Rule { name: "tool_call", about: "a call of a tool that a language model left in its text goes" };

/// `<kbd id="ya8q2"></kbd><bdo id="ya8q2"></bdo><tr id="ya8q2"></tr>`: empty tags of three kinds and more with one id, which programs set
/// into a page to make it differ from its source. Leaves alone other tags.
static EMPTY_TAGS: Rule =
    Rule { name: "empty_tags", about: "empty tags of several kinds that share one random id go" };

static RULES: [&Rule; 5] = [&FRAGMENT, &REPEATED, &LETTER, &TOOL_CALL, &EMPTY_TAGS];

impl Stage for Inline {
    fn name(&self) -> &'static str {
        "inline"
    }

    fn about(&self) -> &'static str {
        "Takes out what was put inside sentences: `残余的得掉花蜜刮除干净` → `残余的花蜜刮除干净`."
    }

    fn rules(&self) -> &'static [&'static Rule] {
        &RULES
    }

    fn run(&self, doc: &Document, proposal: &mut Proposal) {
        let holds = doc.triggers();
        if holds.meets(Triggers::LESS_THAN) {
            tags::find(doc.text(), proposal);
        }
        tool_calls::find(doc, proposal);
        if holds.meets(Triggers::GREEK_CYRILLIC) {
            letters::find(doc.text(), proposal);
        }
        if holds.meets(Triggers::CJK) {
            fragments::find(doc, proposal);
        }
        // A phrase may stand in a call, a letter in a tag: the first edit wins, the next look sees the rest.
        proposal.edits.sort_by_key(|edit| (edit.field != crate::edit::Field::Text, edit.span.start));
        let mut done = 0;
        proposal.edits.retain(|edit| {
            let free = edit.field != crate::edit::Field::Text || edit.span.start >= done;
            if free && edit.field == crate::edit::Field::Text {
                done = edit.span.end;
            }
            free
        });
    }
}
