//! The program as a user runs it: real commands through the built binary.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn clean(args: &[&str], stdin: impl AsRef<[u8]>) -> Output {
    clean_in(Path::new("."), args, stdin)
}

fn clean_in(directory: &Path, args: &[&str], stdin: impl AsRef<[u8]>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = stdin.as_ref().to_vec();
    // Written beside the reading, as a shell would; a command that fails before it reads closes the pipe.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

#[track_caller]
fn records(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn texts(output: &Output) -> Vec<String> {
    records(output).iter().map(|r| r["text"].as_str().unwrap().to_owned()).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

const PAGE: &str = "<!DOCTYPE html><html><head><title>标题</title></head><body><p>第一段文字，讲述一件事情。</p>\
    <p>第二段文字，讲述另一件事情。</p></body></html>";

#[test]
fn a_filter_in_a_pipe() {
    let output = clean(&["-q"], "no trailing space  \n\n\n\nend\n");
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    let record = &records(&output)[0];
    assert_eq!(record["text"], "no trailing space\n\nend\n");
    assert_eq!(record["id"], "-");
    assert_eq!(record["clean"]["stages"]["whitespace"]["edits"], 2);
}

#[test]
fn the_kind_of_input_is_recognised_and_can_be_said() {
    let output = clean(&["-q"], PAGE);
    assert_eq!(records(&output)[0]["metadata"]["title"], "标题");
    assert!(!texts(&output)[0].contains('<'));
    let output = clean(&["-q", "--input", "text"], PAGE);
    assert_eq!(texts(&output), [PAGE]);
    let output = clean(&["-q"], "---\ntitle: A title\n---\n\nBody.\n");
    assert_eq!(records(&output)[0]["metadata"]["title"], "A title");
    assert_eq!(texts(&output)[0].trim(), "Body.");
    // Text with a few tags in it is not a page.
    let talk = "Use <b> for bold and <p> for a paragraph.\nThat is all.\n";
    assert_eq!(texts(&clean(&["-q"], talk)), [talk]);
}

#[test]
fn an_archive_gives_a_record_a_page() {
    let record = |fields: &str, block: &str| {
        format!("WARC/1.0\r\n{fields}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len())
    };
    let page = "WARC-Type: response\r\nWARC-Record-ID: <urn:uuid:7>\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n\
        WARC-Target-URI: http://a.example/";
    let archive = [
        record("WARC-Type: request", "GET / HTTP/1.1\r\n\r\n"),
        record(page, &format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{PAGE}")),
        record("WARC-Type: response", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nno"),
        record("WARC-Type: conversion", "text\n"),
    ]
    .concat();
    let output = clean(&[], archive);
    let found = records(&output);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0]["id"], &found[1]["id"]), (&"urn:uuid:7".into(), &"-#4".into()));
    assert_eq!(found[0]["text"], "第一段文字，讲述一件事情。\n第二段文字，讲述另一件事情。\n");
    let metadata = &found[0]["metadata"];
    assert_eq!((&metadata["url"], &metadata["title"]), (&"http://a.example/".into(), &"标题".into()));
    assert_eq!(metadata["extra"]["warc_date"], "2024-05-01T00:00:00Z");
    assert_eq!(metadata["extra"]["http_charset"], "utf-8");
    assert!(stderr(&output).contains("skipped: no_content 1, status 1"), "{}", stderr(&output));
}

#[test]
fn an_array_is_records() {
    let output = clean(&["-q"], "[\n {\"id\": 1,\n  \"text\": \"one  \"},\n {\"text\":\"two\"}, 3\n]\n");
    assert_eq!((code(&output), texts(&output)), (1, vec!["one".to_owned(), "two".to_owned()]));
    assert!(
        stderr(&output)
            .contains("(standard input):3: invalid record: expected a JSON object, found a number")
    );
}

#[test]
fn lines_and_nul_frame_documents() {
    assert_eq!(texts(&clean(&["-q", "--lines"], "one\ntwo\n\nthree")), ["one", "two", "", "three"]);
    assert_eq!(texts(&clean(&["-q", "-0"], "one\nmore\0two\0")), ["one\nmore", "two"]);
    let output = clean(&["-q", "-0", "--format", "text"], "one \0two\n\0");
    assert_eq!(output.stdout, b"one\0two\n\0");
    let output = clean(&["-q", "--lines", "--format", "text"], "one\ntwo\n");
    assert_eq!(output.stdout, b"one\n\ntwo\n");
}

#[test]
fn a_json_record_keeps_every_byte_but_the_text() {
    let line = r#"{ "n":1E5,"n":2, "lone":"\ud800", "text" : "a  \n\n\n\nb", "url":"http://example.org/" }"#;
    let output = clean(&["-q"], format!("{line}\n"));
    let out = String::from_utf8(output.stdout).unwrap();
    let (before, after) = line.split_once(r#""a  \n\n\n\nb""#).unwrap();
    assert!(out.starts_with(&format!(r#"{before}"a\n\nb"{}"#, after.trim_end_matches([' ', '}']))), "{out}");
    assert!(out.contains(r#""clean":{"version":"#) && out.ends_with("}}\n"), "{out}");
}

#[test]
fn a_second_run_adds_a_second_member() {
    let first = clean(&["-q"], "{\"text\":\"a \"}\n").stdout;
    let second = clean(&["-q"], &first);
    assert_eq!(code(&second), 0);
    let record = &records(&second)[0];
    assert!(record["clean"].is_object() && record["clean_2"].is_object());
    let named = clean(&["-q", "--record-key", "clean"], &first);
    assert_eq!(code(&named), 1);
    assert!(stderr(&named).contains("--record-key"));
}

#[test]
fn the_text_field_is_found_or_named() {
    assert_eq!(records(&clean(&["-q"], "{\"content\":\"a \"}\n"))[0]["content"], "a");
    let output = clean(
        &["-q", "--text-field", "x", "--id-field", "k"],
        "{\"text\":\"a \",\"x\":\"b \",\"k\":\"7\"}\n",
    );
    assert_eq!((&records(&output)[0]["text"], &records(&output)[0]["x"]), (&"a ".into(), &"b".into()));
    let page = serde_json::json!({ "html": PAGE }).to_string();
    assert!(!records(&clean(&["-q"], &page))[0]["html"].as_str().unwrap().contains('<'));
    let output = clean(&["-q", "--field-kind", "text"], &page);
    assert_eq!(records(&output)[0]["html"], PAGE);
}

#[test]
fn bad_records_are_set_aside_and_the_run_goes_on() {
    let mut input: Vec<u8> =
        b"{\"text\":\"one\"}\n{\"text\": oops}\n{\"text\":null}\n{\"other\":1}\n".to_vec();
    input.extend_from_slice(b"{\"text\":\"\\ud800\"}\n{\"text\":\"\xff\"}\n[1]\n{\"text\":\"two\"}\n");
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("in.jsonl"), &input).unwrap();
    let output = clean_in(dir.path(), &["-q", "in.jsonl", "-o", "out.jsonl"], "");
    assert_eq!(code(&output), 1);
    let errors = stderr(&output);
    for line in 2..=7 {
        assert_eq!(errors.matches(&format!("clean: in.jsonl:{line}: ")).count(), 1, "{errors}");
    }
    let written = fs::read_to_string(dir.path().join("out.jsonl")).unwrap();
    assert_eq!(written.lines().count(), 2);
    let rejected = fs::read_to_string(dir.path().join("out.rejected.jsonl")).unwrap();
    let rejected: Vec<Value> = rejected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rejected.len(), 6);
    assert_eq!(rejected[0]["raw"], "{\"text\": oops}");
    assert_eq!((&rejected[0]["stage"], &rejected[0]["place"]), (&"input".into(), &2.into()));
    assert!(rejected[4]["raw_base64"].is_string());
    // The same as a filter, stopped early.
    let output = clean(&["-q", "--input", "jsonl", "--max-errors", "1"], &input);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--max-errors"));
    assert_eq!(stderr(&output).lines().count(), 3, "{}", stderr(&output));
}

#[test]
fn one_bad_first_line_does_not_make_a_text_of_json_lines() {
    let output = clean(&["-q"], "oops\n{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
    assert_eq!((code(&output), texts(&output)), (1, vec!["one".to_owned(), "two".to_owned()]));
}

#[test]
fn a_directory_is_mirrored_and_never_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let scrapes = dir.path().join("scrapes");
    fs::create_dir_all(scrapes.join("sub/.hidden")).unwrap();
    for (name, text) in [("a.txt", "a  "), ("a.html", PAGE), ("sub/b.txt", "b"), ("sub/.hidden/c.txt", "c")] {
        fs::write(scrapes.join(name), text).unwrap();
    }
    for _ in 0..2 {
        let output = clean_in(dir.path(), &["-q", "scrapes", "-o", "scrapes/out/"], "");
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
        for name in ["a.txt.jsonl", "a.html.jsonl", "sub/b.txt.jsonl"] {
            assert!(scrapes.join("out").join(name).exists(), "{name}");
        }
        assert!(!scrapes.join("out/sub/.hidden").exists() && !scrapes.join("out/out").exists());
    }
    let output = clean_in(dir.path(), &["-q", "scrapes", "--glob", "*.txt", "--glob", "!out"], "");
    assert_eq!(texts(&output), ["a", "b"]);
}

#[test]
fn outputs_that_are_one_file_or_read_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.jsonl"), "{\"text\":\"a\"}\n").unwrap();
    fs::hard_link(dir.path().join("a.jsonl"), dir.path().join("b.jsonl")).unwrap();
    for args in [
        ["-o", "s.jsonl", "--report", "s.jsonl"],
        ["-o", "s.jsonl", "--rejected", "s.jsonl"],
        ["-o", "s.jsonl", "--report", "s.rejected.jsonl"],
        ["-o", "s.jsonl", "--report", "b.jsonl"],
        ["--force", "-o", "b.jsonl", "-q"],
    ] {
        let output = clean_in(dir.path(), &[&["-q", "a.jsonl"], &args[..]].concat(), "");
        assert_eq!(code(&output), 2, "{args:?}: {}", stderr(&output));
        assert_eq!(fs::read_to_string(dir.path().join("a.jsonl")).unwrap(), "{\"text\":\"a\"}\n");
    }
    fs::write(dir.path().join("notes.txt"), "notes").unwrap();
    let output = clean_in(dir.path(), &["-q", "a.jsonl", "--report", "notes.txt"], "");
    assert_eq!(code(&output), 2);
    assert_eq!(fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "notes");
}

#[test]
#[cfg(target_os = "linux")]
fn standard_output_in_a_directory_that_is_read_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), "a").unwrap();
    let out = fs::File::create(dir.path().join("b.jsonl")).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(["-q", dir.path().to_str().unwrap()])
        .stdout(out)
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(dir.path().join("b.jsonl")).unwrap().lines().count(), 1);
}

#[test]
fn one_output_that_cannot_be_written_does_not_end_the_run() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        fs::write(dir.path().join(name), name).unwrap();
    }
    fs::create_dir_all(dir.path().join("out/b.jsonl")).unwrap();
    let output = clean_in(dir.path(), &["-q", "a", "b", "c", "a", "-o", "out/"], "");
    assert_eq!(code(&output), 1);
    assert_eq!(stderr(&output).lines().count(), 2, "{}", stderr(&output));
    assert!(dir.path().join("out/a.jsonl").exists() && dir.path().join("out/c.jsonl").exists());
}

#[test]
fn what_holds_nothing_gives_no_record() {
    for input in ["", "{\"text\":\"a\"}\n"] {
        assert_eq!(records(&clean(&["-q"], input)).len(), usize::from(!input.is_empty()));
    }
    let dir = tempfile::tempdir().unwrap();
    let output = clean_in(dir.path(), &["."], "");
    assert_eq!((code(&output), output.stdout.len()), (0, 0));
    assert!(stderr(&output).contains("--no-ignore"), "{}", stderr(&output));
}

#[test]
fn what_others_wrote_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.jsonl");
    fs::write(&path, "precious\n").unwrap();
    let output = clean_in(dir.path(), &["-q", "-o", "out.jsonl"], "text");
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--force"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious\n");
    for _ in 0..2 {
        let output = clean_in(dir.path(), &["-q", "--force", "-o", "out.jsonl"], "text");
        assert_eq!(code(&output), 0);
    }
    assert!(fs::read_to_string(&path).unwrap().contains("\"text\":\"text\""));
    let output = clean_in(dir.path(), &["-q", "out.jsonl", "-o", "out.jsonl"], "");
    assert_eq!(code(&output), 2, "reading what is written");
}

#[test]
fn compression_goes_by_content_in_and_by_name_out() {
    let dir = tempfile::tempdir().unwrap();
    let input = "{\"text\":\"one \"}\n{\"text\":\"two\"}\n";
    fs::write(dir.path().join("in.data"), zstd::encode_all(input.as_bytes(), 1).unwrap()).unwrap();
    for name in ["out.jsonl.zst", "out.jsonl.gz"] {
        let output = clean_in(dir.path(), &["-q", "in.data", "-o", name], "");
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
        let back = clean_in(dir.path(), &["-q", "--only", "none", name], "");
        assert_eq!(texts(&back), ["one", "two"]);
    }
    let gz = fs::read(dir.path().join("out.jsonl.gz")).unwrap();
    let cut = clean(&["-q", "--only", "none"], &gz[..gz.len() - 9]);
    assert_eq!(code(&cut), 1);
    assert!(stderr(&cut).contains("ends too early"), "{}", stderr(&cut));
}

#[test]
fn output_is_the_same_for_any_number_of_threads() {
    let mut input = String::new();
    for n in 0..3000 {
        let text = "作者写道：他走了，再也没有回来。 \n\n\n".repeat(1 + n % 37);
        input.push_str(&serde_json::json!({ "id": n, "text": text }).to_string());
        input.push('\n');
    }
    let one = clean(&["-q", "-j1", "--edits"], &input);
    let eight = clean(&["-q", "-j8", "--edits"], &input);
    assert_eq!(one.stdout.len(), eight.stdout.len());
    assert!(one.stdout == eight.stdout);
    let ids: Vec<u64> = records(&one).iter().map(|r| r["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (0..3000).collect::<Vec<_>>());
}

#[test]
fn explain_shows_and_restore_takes_back() {
    let text = "one  \n\n\n\ntwo\u{8}\n";
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), text).unwrap();
    let output = clean_in(dir.path(), &["explain", "a.txt"], "");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains("whitespace") && shown.contains("control") && !shown.contains('\u{1b}'),
        "{shown}"
    );
    let colour = clean_in(dir.path(), &["explain", "--color", "always", "a.txt"], "");
    assert!(colour.stdout.contains(&0x1b));

    let cleaned = clean_in(dir.path(), &["-q", "--edits", "a.txt"], "").stdout;
    let restored = clean_in(dir.path(), &["restore"], &cleaned);
    assert_eq!(texts(&restored), [text]);
    let restored = clean_in(dir.path(), &["restore", "--after", "control", "--format", "text"], &cleaned);
    assert_eq!(String::from_utf8(restored.stdout).unwrap(), text.replace('\u{8}', ""));
    // What is no business of ours may be anything that JSON allows.
    let odd = "{\"text\":\"x  \",\"n\":1E400,\"y\":\"\\ud800\"}\n";
    let twice = clean(&["-q", "--edits"], clean(&["-q", "--edits"], odd).stdout).stdout;
    let back = String::from_utf8(clean(&["restore"], clean(&["-q", "--edits"], odd).stdout).stdout).unwrap();
    assert!(back.starts_with(&odd[..odd.len() - 2]), "{back}");
    assert_eq!(String::from_utf8(clean(&["restore", "--format", "text"], twice).stdout).unwrap(), "x\n");
    let without = clean_in(dir.path(), &["-q", "a.txt"], "").stdout;
    let output = clean(&["restore"], &without);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("--edits"));
}

#[test]
fn mistakes_in_arguments_are_explained() {
    let output = clean(&["--skip", "mojibaka"], "");
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("mojibake"), "{}", stderr(&output));
    let output = clean(&["-o", "somewhere"], "");
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("somewhere/") && stderr(&output).contains("somewhere.jsonl"));
    let output = clean(&["--drop", "nonsense"], "");
    assert_eq!(code(&output), 2);
    let output = clean(&["missing.txt"], "");
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("clean: missing.txt: "), "{}", stderr(&output));
}

#[test]
fn binary_files_are_set_aside_with_their_kind() {
    let output = clean(&["-q"], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01");
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    assert!(stderr(&output).contains("PNG"), "{}", stderr(&output));
    // Among pages it is no fault, but it is counted and kept.
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    fs::write(dir.path().join("in/a.txt"), "text\n").unwrap();
    fs::write(dir.path().join("in/b.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
    let output = clean_in(dir.path(), &["in", "-o", "out.jsonl"], "");
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).contains("set aside") && !stderr(&output).contains("PNG"), "{}", stderr(&output));
    assert!(fs::read_to_string(dir.path().join("out.rejected.jsonl")).unwrap().contains("PNG"));
}

#[test]
fn stages_are_listed_skipped_and_chosen() {
    let list = String::from_utf8(clean(&["--list-stages"], "").stdout).unwrap();
    let names: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, corpus_clean::stages::NAMES);
    let text = "one \u{8} \n";
    assert_eq!(texts(&clean(&["-q", "--only", "none"], text)), [text]);
    assert_eq!(texts(&clean(&["-q", "--only", "control"], text)), ["one  \n"]);
    assert_eq!(texts(&clean(&["-q", "--skip", "control"], text)), ["one \u{8}\n"]);
}

#[test]
fn what_a_second_round_did_is_explained_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    // The reference beside it decides what `&amp;` is, and only once it is a letter.
    let text = "0&amp;&#xED;";
    fs::write(dir.path().join("a.txt"), text).unwrap();
    let cleaned = clean_in(dir.path(), &["-q", "--edits", "a.txt"], "").stdout;
    let explained = clean_in(dir.path(), &["explain", "a.txt"], "");
    assert_eq!(String::from_utf8_lossy(&explained.stdout).matches("entities").count(), 2);
    let restored = clean_in(dir.path(), &["restore", "--format", "text"], &cleaned);
    assert_eq!(String::from_utf8(restored.stdout).unwrap(), format!("{text}\n"));
    let first = clean_in(dir.path(), &["restore", "--after", "entities", "--format", "text"], &cleaned);
    assert_eq!(String::from_utf8(first.stdout).unwrap(), "0&amp;í\n");
}

#[test]
fn the_report_counts_by_stage_and_rule_and_samples() {
    let dir = tempfile::tempdir().unwrap();
    let report = dir.path().join("report.json");
    let args = ["-q", "--lines", "--report", report.to_str().unwrap(), "--audit", "2"];
    assert_eq!(code(&clean(&args, "a \nb \nc \nd\n")), 0);
    let report: Value = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    assert_eq!(report["documents"], 4);
    let rules = &report["stages"]["whitespace"]["rules"];
    let edits: u64 = rules.as_object().unwrap().values().map(|rule| rule["edits"].as_u64().unwrap()).sum();
    assert_eq!(edits, 3);
    let audited = report["audit"]["rules"].as_object().unwrap().values().next().unwrap();
    assert_eq!(audited["samples"].as_array().unwrap().len(), 2);
    assert_eq!(audited["documents"], 3);
}

#[test]
fn a_table_is_shown_unless_quiet() {
    let output = clean(&["-v"], "a  \n");
    assert!(stderr(&output).contains("1 document ") && stderr(&output).contains("whitespace"));
}

#[test]
fn a_closed_pipe_is_success() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(["-q", "--lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..20_000 {
        if stdin.write_all(b"a line of some length that fills the pipe sooner or later\n").is_err() {
            break;
        }
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn whatever_is_shown_may_be_cut_short() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/documents/lottery_tail/raw.txt");
    for args in [
        &["explain", page][..],
        &["explain", page, "--format", "json"],
        &["explain", page, "--format", "html"],
        &["check", page],
        &["config"],
        &["presets"],
        &["licenses"],
        &["generate", "reference"],
        &["generate", "man"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("pipe"), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn flush_answers_record_by_record() {
    use std::io::{BufRead, BufReader};
    let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(["-q", "--flush", "--input", "jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..5 {
        writeln!(stdin, "{{\"text\":\"{n} \"}}").unwrap();
        stdin.flush().unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["text"], n.to_string());
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}
