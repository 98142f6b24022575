//! The documentation is run: `docs/stages.md` is generated and must be current, `docs/adding-a-stage.md` is followed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use corpus_clean::stages::{self, Options};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `docs/stages.md` as it should be.
fn stages_page() -> String {
    let mut page = String::from(
        "# Stages and their rules\n\nGenerated from the code by `CLEAN_UPDATE=1 cargo test --test docs`; do not edit.\n\n\
         In the order in which they run. Every edit names one of these rules as its reason.\n",
    );
    for stage in stages::list(&Options::default()) {
        let _ = write!(page, "\n## {}\n\n{}\n", stage.name(), stage.about());
        if let Some(before) = stage.again_after() {
            let _ = write!(page, "\nTakes a second look after `{before}`.\n");
        }
        if !stage.rules().is_empty() {
            page.push_str("\n| rule | what it does |\n|---|---|\n");
            for rule in stage.rules() {
                let _ = writeln!(page, "| `{}` | {} |", rule.name, rule.about.replace('|', "\\|"));
            }
        }
        let options = options_of(stage.name());
        if !options.is_empty() {
            page.push_str("\n| option | effect |\n|---|---|\n");
            for (flag, help) in options {
                let _ = writeln!(page, "| `{flag}` | {} |", help.replace('|', "\\|").replace('\n', " "));
            }
        }
    }
    page
}

/// The flags that belong to a stage: clap keeps them by the type that declares them, which is the stage itself.
fn options_of(stage: &str) -> Vec<(String, String)> {
    let command = <Options as clap::Args>::augment_args(clap::Command::new("clean"));
    let type_name: String = stage.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
    let Some(group) = command.get_groups().find(|group| group.get_id().as_str() == type_name) else {
        return vec![];
    };
    let mut options = Vec::new();
    for id in group.get_args() {
        let Some(arg) = command.get_arguments().find(|arg| arg.get_id() == id) else { continue };
        let mut flag = format!("--{}", arg.get_long().unwrap_or_default());
        if arg.get_action().takes_values() {
            let values: Vec<String> =
                arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
            let value = if values.is_empty() {
                arg.get_value_names()
                    .and_then(|names| names.first())
                    .map_or("VALUE".into(), ToString::to_string)
            } else {
                values.join("\\|")
            };
            flag = format!("{flag} {value}");
        }
        options.push((
            flag,
            arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default(),
        ));
    }
    options
}

#[test]
fn the_page_of_stages_is_current() {
    assert_current("docs/stages.md", &stages_page());
}

/// Compares a generated file with what it should be, or writes it.
#[track_caller]
fn assert_current(name: &str, text: &str) {
    let path = root().join(name);
    if std::env::var_os("CLEAN_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let on_disk = fs::read_to_string(&path).unwrap_or_default();
    assert!(on_disk == text, "{name} is out of date: run CLEAN_UPDATE=1 cargo test --test docs");
}

fn clean(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_clean")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_reference_of_flags_is_current() {
    assert_current("docs/reference.md", &clean(&["generate", "reference"]));
}

/// Other systems have other crates for the terminal and the clock.
#[cfg(target_os = "linux")]
#[test]
fn the_list_of_licences_is_current() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "-e",
            "normal,no-proc-macro",
            "--prefix",
            "none",
            "--format",
            "{p}\t{l}",
            "--offline",
            "--locked",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    // Procedural macros write code and are not in the program.
    let mut crates: Vec<String> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.starts_with("corpus-clean "))
        .map(|line| line.replacen(" v", "\t", 1))
        .collect();
    crates.sort();
    crates.dedup();
    assert!(
        crates.iter().all(|line| line.split('\t').all(|cell| !cell.is_empty())),
        "a crate without a licence"
    );
    assert_current("src/cli/licenses.tsv", &(crates.join("\n") + "\n"));
}

/// Every line of the tour that begins with `$ ` is run beside the fixtures, and must end well.
#[cfg(unix)]
#[test]
fn the_commands_of_the_tour_run() {
    let page = fs::read_to_string(root().join("docs/tour.md")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    copy_tree(&root().join("fixtures/documents"), &dir.path().join("fixtures/documents"));
    let bin = Path::new(env!("CARGO_BIN_EXE_clean")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let output = Command::new("bash")
            .args(["-c", &format!("set -o pipefail; {command}")])
            .current_dir(dir.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The code blocks of a page, with the line before each as its heading.
fn rust_blocks(page: &str) -> Vec<String> {
    page.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Where this test was built, so that the copy finds its dependencies built.
fn target_directory() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_clean"));
    binary.parent().and_then(Path::parent).unwrap().to_owned()
}

#[test]
fn a_stage_added_by_the_book_works() {
    let page = fs::read_to_string(root().join("docs/adding-a-stage.md")).unwrap();
    let [file, module, row] = &rust_blocks(&page)[..] else { panic!("three blocks of code expected") };

    let copy = tempfile::tempdir().unwrap();
    for directory in ["src", "benches"] {
        copy_tree(&root().join(directory), &copy.path().join(directory));
    }
    for name in ["Cargo.toml", "Cargo.lock", "README.md"] {
        fs::copy(root().join(name), copy.path().join(name)).unwrap();
    }
    fs::write(copy.path().join("src/stages/full_stops.rs"), file).unwrap();
    let list = copy.path().join("src/stages/mod.rs");
    let source = fs::read_to_string(&list).unwrap();
    let source = source.replacen("pub mod html;\n", &format!("{module}pub mod html;\n"), 1);
    let at = source.find("    whitespace: Whitespace,").unwrap();
    fs::write(&list, format!("{}{row}{}", &source[..at], &source[at..])).unwrap();

    let mut child = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--", "-q", "--full-stops", "--format", "text"])
        .current_dir(copy.path())
        // The dependencies as built for this test, the program somewhere else: other tests run ours.
        .env("CARGO_BUILD_BUILD_DIR", target_directory())
        .env("CARGO_TARGET_DIR", copy.path().join("target"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    use std::io::Write;
    child.stdin.take().unwrap().write_all("他走了。。。。\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "他走了……\n");
}
