//! What users see: settings, explanations, reports, checks, progress.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn clean_in(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[track_caller]
fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Pages with dirt of several kinds, some of it hostile to the pages we make.
fn corpus() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    for n in 0..30 {
        let text = format!(
            "<!DOCTYPE html><html><head><title>第{n}页 </script><script>alert(1)</script></title></head><body><nav><a href=/>首页</a></nav>\
             <p>社區(qū)的網(wǎng)格員來(lái)了{}，大家都很高兴。</p><p>CrÃ¨me brÃ»lÃ©e &amp;lt;/script&amp;gt; \u{8}</p></body></html>",
            "，走进千家万户".repeat(n)
        );
        fs::write(dir.path().join(format!("in/{n:02}.html")), text).unwrap();
    }
    fs::write(dir.path().join("in/picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
    dir
}

#[test]
fn settings_come_from_files_and_presets_and_are_told() {
    let dir = corpus();
    fs::write(dir.path().join("clean.toml"), "preset = \"minimal\"\nedits = true\nthreads = 1\n").unwrap();
    let run = |args: &[&str]| {
        let output =
            clean_in(dir.path(), &[&["in/03.html", "--force", "-q", "-o", "out.jsonl"], args].concat());
        stdout(&output);
        let record: Value = serde_json::from_slice(&fs::read(dir.path().join("out.jsonl")).unwrap()).unwrap();
        (record, json(&dir.path().join("out.report.json")))
    };
    let (record, report) = run(&["--config", "clean.toml"]);
    assert!(record["text"].as_str().unwrap().contains("Crème") && record["clean"]["edits"].is_array());
    assert_eq!(record["clean"]["config"], report["config"]["hash"]);
    assert_eq!(report["config"]["settings"]["html"], "all");
    let (typed, of_typed) = run(&["--preset", "minimal", "--edits", "-j2"]);
    assert_eq!((typed, &of_typed["config"]), (record.clone(), &report["config"]));
    let (other, _) = run(&["--config", "clean.toml", "--no-edits", "--only", "html"]);
    assert!(other["text"].as_str().unwrap().contains("CrÃ¨me") && other["clean"]["edits"].is_null());
    assert_ne!(other["clean"]["config"], record["clean"]["config"]);
    // Explain takes what concerns it.
    let explained = clean_in(dir.path(), &["explain", "in/03.html", "--config", "clean.toml"]);
    assert!(stdout(&explained).contains("mojibake") && !stdout(&explained).contains("left out"));
    fs::write(dir.path().join("bad.toml"), "\nbolt = true\n").unwrap();
    let output = clean_in(dir.path(), &["in", "--config", "bad.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("bad.toml:2: unknown key `bolt`; did you mean `bold`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_explanation_names_stage_rule_confidence_and_reason_in_each_form() {
    let dir = corpus();
    let text = stdout(&clean_in(dir.path(), &["explain", "in/03.html"]));
    assert!(text.contains("mojibake  ") && text.contains("sure") && !text.contains('\u{1b}'), "{text}");
    let one =
        stdout(&clean_in(dir.path(), &["explain", "in/03.html", "--stage", "mojibake", "--context", "2"]));
    assert!(
        one.contains("mojibake  ") && !one.contains("control  ") && one.contains("Cr[-Ã¨-]me\n"),
        "{one}"
    );
    let object: Value =
        serde_json::from_str(&stdout(&clean_in(dir.path(), &["explain", "in/03.html", "--format", "json"])))
            .unwrap();
    let edits: Vec<&Value> = object["steps"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|step| step["edits"].as_array().unwrap())
        .collect();
    assert!(edits.len() > 3);
    for edit in edits {
        assert!(
            ["stage", "rule", "reason"].iter().all(|name| !edit[name].as_str().unwrap().is_empty()),
            "{edit}"
        );
        assert!(
            edit["confidence"] == "sure" && edit["made"] == true && edit["line"].as_u64() > Some(0),
            "{edit}"
        );
    }
    let page = stdout(&clean_in(dir.path(), &["explain", "in/03.html", "--format", "html"]));
    // What is in the texts cannot end the script that holds them.
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn the_report_is_the_same_for_any_number_of_threads_and_any_split() {
    let dir = corpus();
    let run = |args: &[&str]| {
        clean_in(dir.path(), &[&["in", "-q", "--report", "r.json", "-o", "out/"], args].concat());
        let mut report = json(&dir.path().join("r.json"));
        for stage in report["stages"].as_object_mut().unwrap().values_mut() {
            stage["sampled_ns"] = 0.into();
        }
        report
    };
    let one = run(&["-j1"]);
    assert_eq!(run(&["-j8"]), one);
    let samples = one["samples"]["rules"]["mojibake:utf8_as_windows_1252"].as_array().unwrap();
    assert_eq!(samples.len(), 10);
    assert!(samples.iter().all(|sample| sample["left"].as_str().unwrap().ends_with(['r', 'l'])));
    assert_eq!(
        one["lengths"]["after"].as_array().unwrap().iter().map(|step| step[2].as_u64().unwrap()).sum::<u64>(),
        30
    );
    assert_eq!(
        one["signals"]["han_share"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step[2].as_u64().unwrap())
            .sum::<u64>(),
        30
    );
    assert_eq!(one["set_aside"]["decode:binary"], 1);
    for shard in ["1/2", "2/2"] {
        clean_in(dir.path(), &["in", "-q", "-o", "parts/", "--shard", shard]);
    }
    let page = stdout(&clean_in(dir.path(), &["report", "parts", "-o", "-"]));
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let both: Value = serde_json::from_str(data).unwrap();
    for name in ["documents", "chars_before", "chars_after", "set_aside", "lengths", "signals", "samples"] {
        assert_eq!(both[name], one[name], "{name}");
    }
}

/// The name of a browser that is installed.
fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))
}

#[test]
fn pages_are_drawn_by_a_browser_without_a_complaint() {
    let Some(browser) = chromium() else {
        eprintln!("SKIPPED: no Chromium on the PATH, so nobody looked at the pages");
        return;
    };
    let dir = corpus();
    clean_in(dir.path(), &["in", "-q", "-o", "out.jsonl"]);
    stdout(&clean_in(dir.path(), &["report", "out.jsonl"]));
    let page = stdout(&clean_in(dir.path(), &["explain", "in/03.html", "--format", "html"]));
    fs::write(dir.path().join("explain.html"), page).unwrap();
    for (file, shown) in [
        (
            "report.html",
            &[
                "Characters through the stages",
                "mojibake:",
                "<del>",
                "histogram of han_share",
                "decode:binary",
                "examples of",
            ][..],
        ),
        ("explain.html", &["characters in", "<del>", "<h2 id=\"mojibake\">", "Metadata"][..]),
    ] {
        let path: PathBuf = dir.path().join(file);
        let output = Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--v=0",
                "--dump-dom",
            ])
            .arg(format!("--user-data-dir={}", dir.path().join("profile").display()))
            .arg(format!("file://{}", path.display()))
            .output()
            .unwrap();
        let (dom, log) = (String::from_utf8_lossy(&output.stdout), stderr(&output));
        assert!(!log.contains("CONSOLE"), "{file}: {log}");
        for text in shown {
            assert!(dom.contains(text), "{file}: no {text}");
        }
        // Nothing is loaded, and what the documents say is text.
        let data = fs::read_to_string(&path).unwrap().replace("\"http://www.w3.org/2000/svg\"", "");
        assert!(
            !data.contains("http://") && !data.contains("https://") && !dom.contains("<script>alert"),
            "{file}"
        );
    }
}

#[test]
fn a_check_tells_what_would_be_done_and_writes_nothing() {
    let dir = corpus();
    let shown = stdout(&clean_in(dir.path(), &["check", "in", "-o", "out.jsonl.zst"]));
    for text in [
        "Nothing is written",
        "30 documents",
        "mojibake",
        "clean explain in/",
        "The whole would take about",
        "compressed",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert_eq!(shown.matches("clean explain").count(), 10);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    // A sample of a large input is its beginning, and the estimate is for all of it.
    let lines = "{\"text\":\"a line of some length, and nothing wrong with it\"}\n".repeat(40_000);
    fs::write(dir.path().join("big.jsonl"), &lines).unwrap();
    let shown = stdout(&clean_in(dir.path(), &["check", "big.jsonl", "--sample", "300K"]));
    let documents = shown.split("clean: ").nth(1).unwrap().split(' ').next().unwrap().replace(',', "");
    assert!(documents.parse::<u64>().unwrap() < 20_000, "{shown}");
    let size = shown.split("be about ").nth(1).unwrap().split(" MiB").next().unwrap();
    let size: f64 = size.parse().unwrap();
    clean_in(dir.path(), &["big.jsonl", "-q", "-o", "big.out.jsonl"]);
    let real = fs::metadata(dir.path().join("big.out.jsonl")).unwrap().len() as f64 / (1024.0 * 1024.0);
    assert!((size / real - 1.0).abs() < 0.2, "{size} {real}");
}

#[test]
fn progress_is_lines_or_objects_where_nobody_looks_at_bars() {
    let dir = corpus();
    let lines = stderr(&clean_in(dir.path(), &["in", "-o", "a.jsonl", "--progress", "plain", "-v"]));
    assert!(
        lines.contains("clean: 100 %, ")
            && lines.contains("31 of 31 files, 30 documents")
            && lines.contains("mojibake 90"),
        "{lines}"
    );
    let quiet = stderr(&clean_in(dir.path(), &["in", "-o", "b.jsonl"]));
    assert!(!quiet.contains(" %, "), "{quiet}");
    let objects = stderr(&clean_in(
        dir.path(),
        &["in", "-o", "c.jsonl", "--progress", "plain", "--log-format", "json"],
    ));
    let objects: Vec<Value> = objects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = objects.iter().map(|object| object["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["progress", "done"]);
    assert!(objects.iter().all(|object| object["documents"] == 30));
    assert!(objects.iter().all(|object| object["time"].as_str().unwrap().ends_with('Z')));
}

#[cfg(unix)]
#[test]
fn an_interrupted_filter_leaves_whole_records() {
    use std::io::{Read, Write};
    let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(["--lines", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let pid = child.id();
    let mut out = child.stdout.take().unwrap();
    let (begun, begins) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut all = vec![0; 1];
        out.read_exact(&mut all).unwrap();
        begun.send(()).unwrap();
        out.read_to_end(&mut all).unwrap();
        all
    });
    let writer = std::thread::spawn(move || {
        while stdin.write_all("a line that goes on and on 一行 \n".repeat(1000).as_bytes()).is_ok() {}
    });
    begins.recv().unwrap();
    Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let all = reader.join().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(stderr(&output).contains("stopped by SIGINT"), "{}", stderr(&output));
    assert!(all.ends_with(b"}\n"), "{}", String::from_utf8_lossy(&all[all.len().saturating_sub(50)..]));
}

#[test]
fn versions_licences_and_presets_are_told() {
    let here = Path::new(".");
    assert_eq!(stdout(&clean_in(here, &["--version"])), format!("clean {}\n", env!("CARGO_PKG_VERSION")));
    assert!(stdout(&clean_in(here, &["-Vv"])).contains("stages: front_matter control"));
    let licences = stdout(&clean_in(here, &["licenses"]));
    assert!(
        licences.contains("encoding_rs")
            && licences.contains("han_ngrams.zst")
            && licences.contains("CC BY-SA 4.0")
    );
    let presets = stdout(&clean_in(here, &["presets"]));
    assert!(
        ["web", "news-zh", "minimal", "bold"].iter().all(|name| presets.contains(&format!("{name}\n    ")))
    );
    let help = stdout(&clean_in(here, &["-h"]));
    assert!(help.lines().count() <= 24, "{help}");
    assert!(stdout(&clean_in(here, &["--help"])).contains("Examples:"));
}

#[test]
fn slips_are_caught_before_they_cost_anything() {
    let dir = corpus();
    let output = clean_in(dir.path(), &["chek", "in"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(stderr(&output).contains("did you mean `clean check`?"), "{}", stderr(&output));
    // A file of that name is a file.
    fs::write(dir.path().join("chek"), "a text\n").unwrap();
    assert!(stdout(&clean_in(dir.path(), &["chek", "-q"])).contains("a text"));
    let lines = "{\"text\":\"a\",\"clean\":{}}\n".repeat(50);
    fs::write(dir.path().join("out.jsonl"), lines).unwrap();
    let output = clean_in(dir.path(), &["restore", "out.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output).lines().count(), 11);
    assert!(
        stderr(&output).contains("without --edits") && stderr(&output).contains("40 more"),
        "{}",
        stderr(&output)
    );
    let output = clean_in(dir.path(), &["report", "in"]);
    assert!(stderr(&output).contains("a run with -o writes one"), "{}", stderr(&output));
}
