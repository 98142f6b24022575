//! Settings from presets and files: `--preset web`, `--config clean.toml`.
//!
//! A key is a long flag without its dashes, and every flag that sets something is a key: both are read from clap's own
//! command, so a flag that a stage declares is a key without a line here. What a layer sets is put before the arguments as
//! typed, where these do not say it themselves: the command line beats the file, the file its preset, and that the defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};
use xxhash_rust::xxh3::xxh3_64;

use super::run::RunArgs;
use super::{ChainArgs, Exit, InputArgs, VERSION};

/// What the command line says of where settings come from; also for commands that share them.
#[derive(Args, Clone, Debug, Default)]
pub struct SourceArgs {
    /// Read settings from this file: long flags as keys (`clean config` prints all of them)
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Begin from these settings (`clean presets` shows them)
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(PRESETS.map(|(name, _)| name)), help_heading = "Settings")]
    pub preset: Option<String>,
}

/// The settings that come with the program.
pub const PRESETS: [(&str, &str); 4] = [
    ("web", include_str!("presets/web.toml")),
    ("news-zh", include_str!("presets/news-zh.toml")),
    ("minimal", include_str!("presets/minimal.toml")),
    ("bold", include_str!("presets/bold.toml")),
];

/// Flags that ask for something else than a run, and the one that names the file.
const NO_KEYS: [&str; 4] = ["help", "version", "list-stages", "config"];

/// Settings that say where and how a run works, not what it writes. All others, those that do not exist yet included,
/// belong to the hash in each record and to the report.
const OF_THE_RUN: [&str; 17] = [
    "preset",
    "output",
    "rejected",
    "report",
    "restart",
    "force",
    "flush",
    "threads",
    "max-errors",
    "quiet",
    "verbose",
    "progress",
    "log-format",
    "color",
    "shard",
    "shard-size",
    "audit",
];

/// `--no-x` for each `--x` that takes no value, so that a file's `x = true` can be taken back; the last one given wins.
pub fn with_negations(mut command: Command) -> Command {
    let longs: BTreeSet<String> =
        command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
    let switches: BTreeMap<String, String> = command
        .get_arguments()
        .filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue) && is_key(arg))
        .filter_map(|arg| Some((arg.get_id().to_string(), negated(arg.get_long()?))))
        .filter(|(_, opposite)| !longs.contains(opposite))
        .collect();
    // In place: an argument that is taken out and put back stands last in the help.
    command = command.mut_args(|arg| match switches.get(arg.get_id().as_str()) {
        Some(opposite) => arg.overrides_with(opposite),
        None => arg,
    });
    for (id, opposite) in switches {
        let negation = Arg::new(opposite.clone()).long(opposite).action(ArgAction::SetTrue).hide(true);
        command = command.arg(negation.overrides_with(id));
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, with_negations);
    }
    command
}

/// `no-x` for `x`, and `x` for `no-x`.
fn negated(long: &str) -> String {
    long.strip_prefix("no-").map_or_else(|| format!("no-{long}"), str::to_owned)
}

/// The flag that takes back the one called `long`, where there is one.
fn opposite(command: &Command, long: &str) -> Option<String> {
    let name = negated(long);
    let is_opposite = |arg: &Arg| arg.get_long() == Some(&name) && arg.is_hide_set();
    command.get_arguments().any(is_opposite).then_some(name)
}

fn is_key(arg: &Arg) -> bool {
    let negation = arg.is_hide_set() && matches!(arg.get_action(), ArgAction::SetTrue);
    !negation && arg.get_long().is_some_and(|long| !NO_KEYS.contains(&long))
}

/// The flags that are keys, in the order of the help.
fn keys(command: &Command) -> impl Iterator<Item = (&Arg, &str)> {
    command.get_arguments().filter(|arg| is_key(arg)).filter_map(|arg| Some((arg, arg.get_long()?)))
}

/// The command line as meant: with the settings of `--config` and `--preset` in it.
///
/// # Errors
/// A [`clap::Error`] where the command line is wrong or asks for help; others where a file is.
pub fn matches(command: &Command, mut argv: Vec<OsString>) -> anyhow::Result<ArgMatches> {
    let typed = command.clone().try_get_matches_from(&argv)?;
    let (place, name, used) = match typed.subcommand() {
        Some((name, used)) => (2, Some(name), used),
        None => (1, None, &typed),
    };
    let of = |id: &str| used.try_get_one::<PathBuf>(id).ok().flatten().cloned();
    let file = of("config");
    let preset = used.try_get_one::<String>("preset").ok().flatten().cloned();
    if file.is_none() && preset.is_none() {
        return Ok(typed);
    }
    // Commands beside the main one have flags of their own by the same names: they share what these two declare.
    let shared = InputArgs::augment_args(ChainArgs::augment_args(Command::new("shared")));
    let takes = |id: &str| match name {
        None | Some("config" | "check") => true,
        Some(_) => shared.get_arguments().any(|arg| arg.get_id().as_str() == id),
    };
    let given = |id: &str| is_given(used, id);

    let mut settings = file.map(|path| Layer::read(command, &path)).transpose()?.unwrap_or_default();
    let preset = preset.or_else(|| settings.preset.take());
    if let Some(preset) = &preset {
        settings = Layer::preset(command, preset)?.under(settings, command);
    }
    let mut added = Vec::new();
    for setting in settings.values {
        let Some(arg) = command.get_arguments().find(|arg| arg.get_id() == &setting.id) else { continue };
        let conflicts = |other: &&Arg| given(other.get_id().as_str()) && exclude(command, arg, other);
        let taken_back = opposite(command, &setting.key).is_some_and(|name| given(&name));
        if takes(&setting.id)
            && !given(&setting.id)
            && !taken_back
            && !command.get_arguments().any(|a| conflicts(&a))
        {
            added.extend(setting.args);
        }
    }
    if let Some(preset) = preset
        && !given("preset")
    {
        added.push(format!("--preset={preset}").into());
    }
    argv.splice(place..place, added);
    command
        .clone()
        .try_get_matches_from(argv)
        .map_err(|error| anyhow!("the settings do not go together: {}", words(&error)))
}

/// Whether an argument that the command has was typed, or put there as if it were.
fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Whether two flags may not be given together.
fn exclude(command: &Command, one: &Arg, other: &Arg) -> bool {
    // What takes back a flag is no enemy of it.
    let conflicts = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|arg| arg.get_id() == other.get_id())
    };
    one.get_id() != other.get_id() && !other.is_hide_set() && (conflicts(one, other) || conflicts(other, one))
}

/// What one file or preset sets.
#[derive(Default)]
struct Layer {
    values: Vec<Setting>,
    preset: Option<String>,
}

struct Setting {
    id: String,
    key: String,
    /// As they would be typed.
    args: Vec<OsString>,
}

impl Layer {
    fn preset(command: &Command, name: &str) -> anyhow::Result<Self> {
        let known = PRESETS.iter().find(|(known, _)| *known == name);
        let Some((name, text)) = known else {
            let names = PRESETS.map(|(name, _)| name);
            bail!("there is no preset `{name}`{}; clean presets shows them", similar(name, names.into_iter()))
        };
        Self::parse(command, text, &format!("preset {name}"))
    }

    fn read(command: &Command, path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read --config {}", path.display()))?;
        Self::parse(command, &text, &path.display().to_string())
    }

    fn parse(command: &Command, text: &str, name: &str) -> anyhow::Result<Self> {
        let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            anyhow!("{name}:{}: {}", line(at), error.message())
        })?;
        let mut layer = Self::default();
        for (key, value) in table.into_inner() {
            let place = format!("{name}:{}", line(key.span().start));
            let key = key.into_inner();
            let Some((arg, key)) = keys(command).find(|(_, known)| *known == key) else {
                if key == "config" {
                    bail!("{place}: a file of settings cannot name another one");
                }
                let similar = similar(&key, keys(command).map(|(_, known)| known));
                bail!("{place}: unknown key `{key}`{similar}; clean config lists all keys");
            };
            let args = arguments(arg, key, value.get_ref()).with_context(|| format!("{place}: {key}"))?;
            let test = [OsString::from("clean")].into_iter().chain(args.iter().cloned());
            if let Err(error) = command.clone().try_get_matches_from(test) {
                bail!("{place}: {key}: {}", words(&error));
            }
            if key == "preset" {
                layer.preset = value.get_ref().as_str().map(str::to_owned);
            } else {
                layer.values.push(Setting { id: arg.get_id().to_string(), key: key.to_owned(), args });
            }
        }
        Ok(layer)
    }

    /// This layer where `upper` is silent.
    fn under(mut self, upper: Self, command: &Command) -> Self {
        let arg = |id: &str| command.get_arguments().find(|arg| arg.get_id().as_str() == id);
        self.values.retain(|mine| {
            upper.values.iter().all(|theirs| {
                let both = arg(&mine.id).zip(arg(&theirs.id));
                mine.id != theirs.id && !both.is_some_and(|(one, other)| exclude(command, one, other))
            })
        });
        self.values.extend(upper.values);
        self
    }
}

/// The value of a key as it would be typed.
fn arguments(arg: &Arg, key: &str, value: &DeValue<'_>) -> anyhow::Result<Vec<OsString>> {
    let of = |value: &DeValue<'_>| -> anyhow::Result<OsString> {
        let text = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                bail!("expected {}, found {}", expected(arg), kind(value))
            }
        };
        Ok(format!("--{key}={text}").into())
    };
    let found = || anyhow!("expected {}, found {}", expected(arg), kind(value));
    let flag = OsString::from(format!("--{key}"));
    match (arg.get_action(), value) {
        (ArgAction::SetTrue, DeValue::Boolean(set)) => Ok(if *set { vec![flag] } else { vec![] }),
        (ArgAction::SetTrue, _) => Err(found()),
        (ArgAction::Count, DeValue::Integer(times)) => match times.as_str().parse::<u8>() {
            Ok(times) => Ok(vec![flag; times.into()]),
            Err(_) => Err(found()),
        },
        (ArgAction::Count, _) => Err(found()),
        (ArgAction::Append, DeValue::Array(values)) => {
            values.iter().map(|value| of(value.get_ref())).collect()
        }
        (_, value) => Ok(vec![of(value)?]),
    }
}

/// What a key takes, in words.
fn expected(arg: &Arg) -> String {
    let of = match arg.get_action() {
        ArgAction::SetTrue => return "true or false".to_owned(),
        ArgAction::Count => return "a number".to_owned(),
        ArgAction::Append => "a list of texts in brackets",
        _ => "a text or a number",
    };
    of.to_owned()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table (keys are not grouped: write them as `key = value`, above any [table])",
    }
}

/// `; did you mean …?` where a known name is near.
fn similar<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    nearest(name, known).map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}

/// The known name that was meant, if one is near.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = name.replace('_', "-").to_lowercase();
    let near = known.map(|known| (strsim::jaro_winkler(&wanted, known), known));
    // As clap suggests flags: 0.7 finds one wrong letter in four and two that are swapped.
    near.filter(|(score, _)| *score > 0.7).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// What clap says of an argument, without the frame it puts around.
fn words(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// The settings in force, key by key; `null` where nothing is set.
pub type Effective = Map<String, Value>;

/// The settings of a command line as meant.
pub fn effective(command: &Command, matches: &ArgMatches) -> Effective {
    keys(command).map(|(arg, key)| (key.to_owned(), value(arg, matches))).collect()
}

fn value(arg: &Arg, matches: &ArgMatches) -> Value {
    let id = arg.get_id().as_str();
    let texts =
        || matches.try_get_raw(id).ok().flatten().into_iter().flatten().map(|raw| raw.to_string_lossy());
    match arg.get_action() {
        ArgAction::SetTrue => {
            matches.try_get_one::<bool>(id).ok().flatten().copied().unwrap_or_default().into()
        }
        ArgAction::Count => matches.try_get_one::<u8>(id).ok().flatten().copied().unwrap_or_default().into(),
        ArgAction::Append => texts().map(|text| Value::from(text.into_owned())).collect(),
        _ => match texts().next_back() {
            Some(text) => number(&text).unwrap_or_else(|| text.into_owned().into()),
            None => Value::Null,
        },
    }
}

/// A text that is a number as JSON and TOML write one.
fn number(text: &str) -> Option<Value> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = plain.then(|| serde_json::from_str::<Value>(text).ok()).flatten();
    // Not `007`, which is another text.
    number.filter(|number| *number.to_string() == *text)
}

/// What of the settings decides what is written.
pub fn of_output(effective: &Effective) -> Effective {
    effective
        .iter()
        .filter(|(key, _)| !OF_THE_RUN.contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// A hash of all that decides what is written: 64 bits in hexadecimal. `stages` are those that `skip` and `only` leave.
pub fn hash(effective: &Effective, stages: &[&str]) -> String {
    let mut settings = of_output(effective);
    settings.remove("skip");
    settings.remove("only");
    settings.insert("stages".to_owned(), stages.into());
    settings.insert("version".to_owned(), VERSION.into());
    format!("{:016x}", xxh3_64(Value::Object(settings).to_string().as_bytes()))
}

/// Print every setting with what it does, its default and what is in force, as a file for --config
///
/// Takes all options of a run, so that the file that says the same is a word away: `clean config --preset web --edits >
/// clean.toml`. What is not set is there behind a `#`.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    #[command(flatten)]
    pub run: RunArgs,
}

/// Runs `clean config`.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(command: &Command, matches: &ArgMatches) -> anyhow::Result<Exit> {
    io::stdout().lock().write_all(page(command, matches).as_bytes())?;
    Ok(Exit::Success)
}

/// A file of all settings.
fn page(command: &Command, matches: &ArgMatches) -> String {
    let mut page = String::from(
        "# Settings of clean, for --config. A key is a long flag; what stands behind a # is not set here.\n\
         # The command line beats this file, this file its preset, and that the defaults; --no-KEY takes back `KEY = true`.\n",
    );
    let mut heading = "";
    for (arg, key) in keys(command) {
        let of_arg = arg.get_help_heading().unwrap_or("Options");
        if of_arg != heading {
            let _ = write!(page, "\n# ---- {of_arg} ----\n");
            heading = of_arg;
        }
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(page, "\n{}", comment(&help));
        let possible: Vec<String> =
            arg.get_possible_values().iter().map(|value| format!("{:?}", value.get_name())).collect();
        if !possible.is_empty() && arg.get_action().takes_values() {
            let _ = writeln!(page, "{}", comment(&format!("One of {}.", possible.join(", "))));
        }
        let set = is_given(matches, arg.get_id().as_str());
        let hash = if set { "" } else { "#" };
        let _ = writeln!(page, "{hash}{key} = {}", toml(&value(arg, matches), arg));
    }
    page
}

/// Lines of at most 100 characters behind a `#`.
fn comment(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut line = String::from("#");
        for word in paragraph.split_whitespace() {
            if line.chars().count() + word.chars().count() >= 100 {
                lines.push(std::mem::replace(&mut line, String::from("#")));
            }
            line.push(' ');
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// A value as TOML writes it; of what has none, an example.
fn toml(value: &Value, arg: &Arg) -> String {
    match value {
        Value::Null => {
            let name =
                arg.get_value_names().and_then(|names| names.first()).map_or("…", |name| name.as_str());
            let possible = arg.get_possible_values();
            string(possible.first().map_or(name, |value| value.get_name()))
        }
        Value::String(text) => string(text),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| toml(value, arg)).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A basic string of TOML: JSON's escapes are among its own.
fn string(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7F}', "\\u007F")
}

/// Runs `clean presets`.
///
/// # Errors
/// When standard output cannot be written.
pub fn presets() -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    for (name, text) in PRESETS {
        writeln!(out, "{name}")?;
        for line in text.lines() {
            writeln!(out, "    {}", line.strip_prefix("# ").unwrap_or(line))?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "clean --preset NAME begins from one; clean config --preset NAME prints it as a file to change."
    )?;
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    fn parsed(args: &[&str]) -> Effective {
        let argv = ["clean"].iter().chain(args).map(OsString::from).collect();
        effective(&command(), &matches(&command(), argv).unwrap())
    }

    /// A value other than the default, as it would be typed.
    fn other(arg: &Arg, key: &str) -> Option<Vec<String>> {
        if !arg.get_action().takes_values() {
            return Some(vec![format!("--{key}")]);
        }
        let defaults: Vec<_> =
            arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        let possible = arg.get_possible_values();
        let names = possible.iter().map(|value| value.get_name().to_owned());
        let guesses = names.chain(["7", "0.5", "7M", "1/7", "x"].map(str::to_owned));
        guesses.filter(|guess| !defaults.contains(guess)).map(|guess| vec![format!("--{key}={guess}")]).find(
            |args| {
                let argv = [String::from("clean")].into_iter().chain(args.clone());
                command().try_get_matches_from(argv).is_ok()
            },
        )
    }

    #[test]
    fn every_flag_is_a_key_and_what_decides_the_output_is_hashed() {
        let command = command();
        let default = parsed(&[]);
        for (arg, key) in keys(&command).filter(|(_, key)| *key != "preset") {
            let args = other(arg, key).unwrap_or_else(|| panic!("no value for --{key}"));
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let changed = parsed(&args);
            let differs = hash(&changed, &[]) != hash(&default, &[]);
            let is_of_output = !OF_THE_RUN.contains(&key) && !["skip", "only"].contains(&key);
            assert_eq!(differs, is_of_output, "--{key}");
            assert_ne!(changed[key], default[key], "--{key}");
            // As a key of a file it is the same.
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("clean.toml");
            fs::write(&file, format!("{key} = {}\n", toml(&changed[key], arg))).unwrap();
            assert_eq!(parsed(&["--config", file.to_str().unwrap()])[key], changed[key], "{key}");
        }
    }

    #[test]
    fn a_printed_file_says_what_it_was_printed_from() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clean.toml");
        for args in
            [&[][..], &["--preset", "news-zh", "--bold", "--mark", "\"\\", "--glob", "*.a", "--glob", "!b"]]
        {
            let argv = ["clean"].iter().chain(args).map(OsString::from).collect();
            fs::write(&file, page(&command(), &matches(&command(), argv).unwrap())).unwrap();
            assert_eq!(parsed(&["--config", file.to_str().unwrap()]), parsed(args));
        }
        // What is behind a # is what the default is.
        let text = fs::read_to_string(&file).unwrap();
        let all: String = text
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(line))
            .map(|l| format!("{l}\n"))
            .collect();
        DeTable::parse(&all).unwrap();
    }

    #[test]
    fn every_preset_is_understood_and_does_something() {
        for (name, text) in PRESETS {
            assert_ne!(hash(&parsed(&["--preset", name]), &[]), hash(&parsed(&[]), &[]), "{name}");
            assert!(text.starts_with("# "), "{name} does not say what it is for");
        }
    }

    #[test]
    fn the_command_line_beats_the_file_and_that_its_preset() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clean.toml");
        let with = |text: &str, args: &[&str]| {
            fs::write(&file, text).unwrap();
            parsed(&[&["--config", file.to_str().unwrap()], args].concat())
        };
        let settings = with("preset = \"news-zh\"\nhtml = \"all\"\nthreads = 3\n", &[]);
        assert_eq!(
            (&settings["html"], &settings["nfc"], &settings["threads"]),
            (&"all".into(), &true.into(), &3.into())
        );
        assert_eq!(with("preset = \"news-zh\"\n", &["--no-nfc"])["nfc"], false);
        assert_eq!(with("bold = true\n", &["--no-bold"])["bold"], false);
        assert_eq!(with("bold = true\n", &["--preset", "minimal"])["bold"], true);
        assert_eq!(with("preset = \"bold\"\nbold = false\n", &[])["bold"], false);
        // A list is not added to, and what excludes it takes its place.
        assert_eq!(
            with("skip = [\"spam\", \"quotes\"]\n", &["--skip", "reflow"])["skip"],
            serde_json::json!(["reflow"])
        );
        assert_eq!(with("skip = [\"spam\"]\n", &["--only", "html"])["skip"], serde_json::json!([]));
        assert_eq!(with("preset = \"minimal\"\nskip = [\"spam\"]\n", &[])["only"], serde_json::json!([]));
        assert_eq!(with("no-ignore = true\n", &["--ignore"])["no-ignore"], false);
    }

    #[test]
    fn mistakes_in_files_are_named_with_their_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clean.toml");
        for (text, say) in [
            ("\nbodl = true\n", "clean.toml:2: unknown key `bodl`; did you mean `bold`?"),
            ("mojibake_confidence = 0.9\n", "did you mean `mojibake-confidence`?"),
            ("\n\nbold = \"yes\"\n", "clean.toml:3: bold: expected true or false, found a text"),
            ("skip = [\"mojibaka\"]\n", "similar value exists: 'mojibake'"),
            ("[html]\n", "html: expected a text or a number, found a table"),
            ("bold = \n", "clean.toml:1: "),
            ("preset = \"wbe\"\n", "clean.toml:1: preset: invalid value 'wbe'"),
            ("config = \"a\"\n", "cannot name another one"),
            ("list-stages = true\n", "unknown key `list-stages`"),
            ("only = [\"html\"]\nskip = [\"spam\"]\n", "do not go together"),
        ] {
            fs::write(&file, text).unwrap();
            let argv = ["clean", "--config", file.to_str().unwrap()].map(OsString::from).to_vec();
            let error = format!("{:#}", matches(&command(), argv).unwrap_err());
            assert!(error.contains(say), "{text}: {error}");
        }
    }
}
