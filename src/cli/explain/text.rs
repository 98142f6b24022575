//! An explanation for the terminal: red what goes, green what comes, yellow what is only marked.
//!
//! What is repaired has a line before and a line after, one below the other: characters that take two columns count as two.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use corpus_clean::edit::{Confidence, Field};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::progress::count;
use super::{EditView, Explanation, StepView};

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const MARKED: Style = AnsiColor::Yellow.on_default();
const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Columns where the output is no terminal.
const COLUMNS: usize = 100;
/// Columns of the place and the confidence before an edit.
const MARGIN: usize = 24;
/// Columns of an edit at least, however narrow the terminal.
const LEAST: usize = 24;

/// Writes an explanation. `whole_context`: as much of it as there is, not only what a line holds.
pub fn write(explanation: &Explanation<'_>, whole_context: bool, out: &mut dyn Write) -> io::Result<()> {
    let lines = Lines {
        columns: terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| width.0.into()),
        whole_context,
    };
    let Explanation { id, raw_chars, chars, chosen, steps, flags, dropped, signals, metadata, .. } =
        explanation;
    writeln!(out, "{HEADING}{}{HEADING:#}", visible(id))?;
    writeln!(out, "{} characters in, {} out", count(*raw_chars as u64), count(*chars as u64))?;
    for step in steps {
        lines.step(step, out)?;
    }
    if steps.is_empty() {
        writeln!(out, "Nothing was changed{}.", if *chosen { " by the stages chosen" } else { "" })?;
    }
    if let Some(dropped) = dropped {
        writeln!(out, "\n{REMOVED}set aside{REMOVED:#}  {}: {}", dropped.flag, dropped.reason)?;
    }
    if !flags.is_empty() {
        writeln!(out, "\n{HEADING}flags{HEADING:#}")?;
        for flag in flags {
            writeln!(out, "  {MARKED}{}{MARKED:#}  {DIM}{}{DIM:#}", flag.flag, flag.reason)?;
        }
    }
    if let Ok(serde_json::Value::Object(known)) = serde_json::to_value(metadata) {
        writeln!(out, "\n{HEADING}metadata{HEADING:#}")?;
        for (name, value) in known {
            let value = value.as_str().map_or_else(|| value.to_string(), visible);
            writeln!(out, "  {name:<14} {value}")?;
        }
    }
    writeln!(out, "\n{HEADING}signals{HEADING:#}")?;
    signals.iter().try_for_each(|(name, value)| writeln!(out, "  {name:<24} {value}"))
}

struct Lines {
    columns: usize,
    whole_context: bool,
}

impl Lines {
    fn step(&self, step: &StepView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let round = if step.round > 1 { format!(" (round {})", step.round) } else { String::new() };
        write!(out, "\n{HEADING}{}{HEADING:#}{round}  ", step.stage)?;
        let made = step.edits.iter().filter(|edit| edit.made).count();
        let marked = step.edits.len() - made;
        let mut what = Vec::new();
        if step.rewritten {
            what.push(format!("text made from {} characters of markup", count(step.chars_before as u64)));
        }
        for (number, one, many) in [
            (step.left_out.len(), "block left out", "blocks left out"),
            (made, "edit", "edits"),
            (marked, "edit marked, not made", "edits marked, not made"),
        ] {
            if number > 0 {
                what.push(format!("{} {}", count(number as u64), if number == 1 { one } else { many }));
            }
        }
        writeln!(out, "{}", what.join(", "))?;
        let mut last = ("", true);
        for edit in &step.edits {
            if (edit.rule, edit.made) != last {
                last = (edit.rule, edit.made);
                self.rule(edit.rule, edit.reason, if edit.made { "" } else { " (marked, not made)" }, out)?;
            }
            self.edit(edit, out)?;
        }
        let mut last = "";
        for block in &step.left_out {
            if block.rule != last {
                last = block.rule;
                self.rule(block.rule, block.reason, "", out)?;
            }
            let shown = fit(&visible(block.text), self.columns.saturating_sub(4).max(LEAST));
            writeln!(out, "    {REMOVED}{shown}{REMOVED:#}")?;
        }
        Ok(())
    }

    fn rule(&self, name: &str, reason: &str, note: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "  {name}{note}  {DIM}{reason}{DIM:#}")
    }

    fn edit(&self, edit: &EditView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let confidence = match edit.confidence {
            Confidence::Sure => "sure",
            Confidence::Likely => "likely",
        };
        let certainty = edit.certainty.map_or_else(String::new, |certainty| format!(" {certainty:.2}"));
        let place = match edit.field {
            Field::Text => format!("{}:{}", edit.line, edit.column),
            Field::Title => "title".to_owned(),
        };
        let margin = format!("{place:>9}  {:<11}", format!("{confidence}{certainty}"));
        let room = self.columns.saturating_sub(MARGIN).max(2 * LEAST);
        let (left, right) = (visible(edit.left), visible(edit.right));
        let (before, after) = (visible(edit.before), visible(edit.after));
        // What stands around gets what the edit leaves, and an eighth of the line at least.
        let edited = before.width().max(after.width()) + 4;
        let side =
            if self.whole_context { usize::MAX } else { (room.saturating_sub(edited) / 2).max(room / 8) };
        let (left, right) = (end(&left, side), beginning(&right, side));
        let most = if self.whole_context {
            usize::MAX
        } else {
            (room - 2 * side.min(room / 8)).saturating_sub(4).max(LEAST)
        };
        let (before, after) = (fit(&before, most), fit(&after, most));
        let old = if edit.made { REMOVED } else { MARKED };
        if after.is_empty() {
            return writeln!(out, "{margin}  {DIM}{left}{DIM:#}{old}[-{before}-]{old:#}{DIM}{right}{DIM:#}");
        }
        if before.is_empty() {
            let new = if edit.made { ADDED } else { MARKED };
            return writeln!(out, "{margin}  {DIM}{left}{DIM:#}{new}{{+{after}+}}{new:#}{DIM}{right}{DIM:#}");
        }
        let wide = before.width().max(after.width());
        let pad = |text: &str| " ".repeat(wide - text.width());
        let new = if edit.made { ADDED } else { MARKED };
        writeln!(
            out,
            "{margin}- {DIM}{left}{DIM:#}{old}[-{before}-]{old:#}{}{DIM}{right}{DIM:#}",
            pad(&before)
        )?;
        let below = " ".repeat(margin.width());
        writeln!(
            out,
            "{below}+ {DIM}{left}{DIM:#}{new}{{+{after}+}}{new:#}{}{DIM}{right}{DIM:#}",
            pad(&after)
        )
    }
}

/// Text on one line of a terminal: line breaks and what cannot be seen are named.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('⏎'),
            '\t' => out.push('→'),
            '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{E000}'..='\u{F8FF}'
            | '\u{A0}'
            | '\u{AD}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// The beginning of a text, as far as it fits into so many columns.
fn beginning(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or_default();
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// The end of a text, as far as it fits.
fn end(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or_default();
        if used > columns {
            return &text[at + c.len_utf8()..];
        }
    }
    text
}

/// A text in so many columns: of what is longer the middle is left out, and said so.
fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let half = columns.saturating_sub(22).max(8) / 2;
    let (head, tail) = (beginning(text, half), end(text, half));
    let left_out = text.chars().count() - head.chars().count() - tail.chars().count();
    format!("{head} … {} characters … {tail}", count(left_out as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(edit: &EditView<'_>) -> Vec<String> {
        let mut out = Vec::new();
        Lines { columns: 80, whole_context: false }
            .edit(edit, &mut anstream::StripStream::new(&mut out))
            .unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    fn edit<'a>(left: &'a str, before: &'a str, after: &'a str, right: &'a str) -> EditView<'a> {
        EditView {
            stage: "mojibake",
            rule: "rule",
            reason: "",
            confidence: Confidence::Sure,
            certainty: Some(0.987),
            made: true,
            field: Field::Text,
            line: 3,
            column: 14,
            start: 0,
            end: 0,
            left,
            before,
            after,
            right,
        }
    }

    #[test]
    fn what_follows_a_repair_stands_below_itself_in_any_script() {
        for (before, after) in [("CrÃ¨me", "Crème"), ("海口", "abc"), ("e", "海南省海口市"), ("ｶﾞ한", "가")]
        {
            let shown =
                lines(&edit("左边的文字，很长很长很长很长很长很长很长很长", before, after, "右边的文字"));
            assert_eq!(shown.len(), 2);
            let at = |line: &String| line[..line.find("右边").unwrap()].width();
            assert_eq!(at(&shown[0]), at(&shown[1]), "{shown:?}");
            assert!(shown.iter().all(|line| line.width() <= 80), "{shown:?}");
        }
    }

    #[test]
    fn a_long_edit_keeps_to_its_line() {
        let long = "彩票平台 ".repeat(500);
        let shown = lines(&edit(&long, &long, "", &long));
        assert_eq!(shown.len(), 1);
        assert!(shown[0].width() <= 80 && shown[0].contains("characters …"), "{shown:?}");
        assert!(shown[0].contains("3:14") && shown[0].contains("sure 0.99"), "{shown:?}");
    }
}
