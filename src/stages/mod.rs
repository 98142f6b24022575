//! The list of stages: their order, their options, the names `--skip` and `--only` accept.
//!
//! To add one: its file, its `mod` line, its row in `stages!`. See `docs/adding-a-stage.md`.

use std::sync::Arc;

use crate::stage::Stage;

pub mod boilerplate;
pub mod control;
pub mod entities;
pub mod front_matter;
pub mod html;
pub mod inline;
pub mod language;
pub mod mojibake;
pub mod normalize;
pub mod pinyin;
pub mod quotes;
pub mod reflow;
pub mod spam;
pub mod whitespace;

macro_rules! stages {
    ($($module:ident: $stage:ident,)+) => {
        /// The options of all stages. A stage is its own options: the fields of its struct.
        #[derive(clap::Args, Clone, Debug, Default, serde::Serialize)]
        #[group(id = "StageOptions")]
        pub struct Options {
            $(#[command(flatten)] pub $module: $module::$stage,)+
        }

        /// The names of the stages, in order.
        pub const NAMES: &[&str] = &[$(stringify!($module)),+];

        /// Every stage once, in order, with these options.
        pub fn list(options: &Options) -> Vec<Arc<dyn Stage>> {
            vec![$(Arc::new(options.$module.clone())),+]
        }
    };
}

// Why this order: `docs/architecture.md`.
stages! {
    front_matter: FrontMatter,
    control: Control,
    mojibake: Mojibake,
    html: Html,
    entities: Entities,
    pinyin: Pinyin,
    inline: Inline,
    spam: Spam,
    boilerplate: Boilerplate,
    reflow: Reflow,
    quotes: Quotes,
    normalize: Normalize,
    whitespace: Whitespace,
    language: Language,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_stage_has_the_name_of_its_module() {
        let names: Vec<_> = list(&Options::default()).iter().map(|s| s.name()).collect();
        assert_eq!(names, NAMES);
    }

    #[test]
    fn rules_are_named_once_in_their_stage_and_explained() {
        for stage in list(&Options::default()) {
            let mut seen = HashSet::new();
            for rule in stage.rules() {
                assert!(seen.insert(rule.name), "{}: {} twice", stage.name(), rule.name);
                assert!(rule.about.len() > 10, "{}: {} says nothing of itself", stage.name(), rule.name);
                assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()));
            }
        }
    }
}
