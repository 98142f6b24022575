//! Runs that are killed, interrupted, starved of disk or changed behind their back, and then given again.
//!
//! `CLEAN_FAULTS=200 cargo test --release --test faults` kills as often as that instead of some 20 times.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// xorshift64*: the same moments in every run of the tests, as far as the machine is.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}

/// A record with something to clean, and now and then one that is broken.
fn record(n: usize, out: &mut Vec<u8>) {
    if n % 997 == 996 {
        out.extend_from_slice(b"{\"text\": broken}\n");
        return;
    }
    let text = "A line with space behind it.  \n".repeat(8 + n % 61);
    writeln!(out, "{}", serde_json::json!({ "id": n, "text": text })).unwrap();
}

fn records(bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for n in 0.. {
        if out.len() >= bytes {
            break;
        }
        record(n, &mut out);
    }
    out
}

/// `in.jsonl.zst` of some units, and `pages/` with small files, one of several units and some that cannot be cleaned.
fn inputs(directory: &Path) {
    let large = records(45 << 20);
    fs::write(directory.join("in.jsonl.zst"), zstd::encode_all(&large[..], 1).unwrap()).unwrap();
    let pages = directory.join("pages");
    for n in 0..1500 {
        let page = pages.join(format!("{:02}/{n}.txt", n % 20));
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(page, format!("Page {n}.  \n\n\n\nIts end.\t\n")).unwrap();
    }
    fs::write(pages.join("05/large.jsonl"), &large[..25 << 20]).unwrap();
    fs::write(pages.join("07/image"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
}

fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clean"));
    command.args(["-q", "--only", "whitespace"]).args(args).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(directory: &Path, args: &[&str]) -> Output {
    command(directory, args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All files below a directory and their bytes; of a report, without the times.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
                continue;
            }
            let mut bytes = fs::read(&path).unwrap();
            let name = path.strip_prefix(directory).unwrap().to_string_lossy().into_owned();
            if name.ends_with("report.json") {
                let mut report: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                for stage in report["stages"].as_object_mut().unwrap().values_mut() {
                    stage["sampled_ns"] = 0.into();
                }
                bytes = report.to_string().into_bytes();
            }
            found.insert(name, bytes);
        }
    }
    found
}

#[track_caller]
fn same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in expected {
        assert!(found[name] == *bytes, "{name}: {} bytes, expected {}", found[name].len(), bytes.len());
    }
}

fn signal(child: &Child, name: &str) {
    // `kill` of the shell: every Unix has it, and a test needs no unsafe code.
    let kill = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// Kills a command at random moments, `most` times, and gives it again until it is done; how often, and how it ended.
fn kill_until_done(
    directory: &Path,
    args: &[&str],
    most: u64,
    took: Duration,
    random: &mut Random,
) -> (u64, Output) {
    let mut kills = 0;
    loop {
        let threads = ["-j1", "-j2", "-j5"][random.below(3) as usize];
        let mut child = command(directory, &[args, &[threads]].concat()).spawn().unwrap();
        if kills < most {
            thread::sleep(Duration::from_micros(random.below(took.as_micros() as u64)));
            // SIGKILL; nothing happens to one that is at its end.
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        if output.status.signal().is_none() {
            return (kills, output);
        }
        kills += 1;
    }
}

const RUNS: [&[&str]; 3] = [
    &["in.jsonl.zst", "-o", "out/all.jsonl.zst", "--report", "out/report.json", "--audit", "3"],
    &["pages", "-o", "out/", "--rejected", "out/rejected.jsonl.gz", "--report", "out/report.json"],
    &["pages", "in.jsonl.zst", "-o", "out/all.jsonl", "--shard-size", "9M", "--shard", "2/3"],
];

#[test]
fn killed_at_any_moment_and_given_again_it_is_as_if_nothing_had_been() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    inputs(dir);
    let kills = std::env::var("CLEAN_FAULTS").ok().and_then(|n| n.parse().ok()).unwrap_or(21_u64);
    let mut random = Random(20_261_125);
    let mut killed = 0;
    for args in RUNS {
        let start = Instant::now();
        let undisturbed = run(dir, args).status;
        let took = start.elapsed();
        let expected = files(&dir.join("out"));
        assert!(!expected.keys().any(|name| name.contains(".clean")), "{:?}", expected.keys());
        let mut left = kills / RUNS.len() as u64;
        while left > 0 {
            fs::remove_dir_all(dir.join("out")).unwrap();
            let (now, output) = kill_until_done(dir, args, left.min(8), took, &mut random);
            assert_eq!(output.status, undisturbed, "{}", stderr(&output));
            same(&files(&dir.join("out")), &expected);
            killed += now;
            left -= now.clamp(1, left);
        }
        fs::remove_dir_all(dir.join("out")).unwrap();
    }
    assert!(killed >= kills / 2, "{killed} kills are no test");
}

/// Starts a command and waits until it has committed something.
fn begun(directory: &Path, args: &[&str], journal: &str) -> Child {
    let child = command(directory, args).spawn().unwrap();
    let start = Instant::now();
    // The header and a commit.
    while fs::read(directory.join(journal)).map_or(0, |bytes| memchr::memchr_iter(b'\n', &bytes).count()) < 2
    {
        assert!(start.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(2));
    }
    child
}

const ONE: &[&str] = &["in.jsonl", "-o", "out.jsonl"];
const JOURNAL: &str = ".clean-out.jsonl.journal";

/// A large `in.jsonl`, and a run over it that was killed after a commit.
fn killed(directory: &Path) -> Vec<u8> {
    let input = records(60 << 20);
    fs::write(directory.join("in.jsonl"), &input).unwrap();
    let mut child = begun(directory, ONE, JOURNAL);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(directory.join(".clean-out.jsonl.part").exists() && !directory.join("out.jsonl").exists());
    input
}

#[test]
fn interrupted_it_says_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("in.jsonl"), records(60 << 20)).unwrap();
    assert_eq!(run(dir, ONE).status.code(), Some(1));
    let expected = files(dir);
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        fs::remove_file(dir.join("out.jsonl")).unwrap();
        let child = begun(dir, ONE, JOURNAL);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        // The unit that was under way is in the journal.
        let committed = fs::read(dir.join(JOURNAL)).unwrap();
        assert!(committed.ends_with(b"\n") && memchr::memchr_iter(b'\n', &committed).count() >= 3);
        let said = stderr(&output);
        let said = said.lines().last().unwrap();
        assert_eq!(said, format!("clean: stopped by SIG{name}; the same command goes on where it stopped"));
        assert_eq!(run(dir, ONE).status.code(), Some(1));
        same(&files(dir), &expected);
    }
}

#[test]
fn a_full_disk_is_said_and_gone_on_from() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("in.jsonl"), records(60 << 20)).unwrap();
    assert_eq!(run(dir, ONE).status.code(), Some(1));
    let expected = files(dir);
    // No file may grow beyond this: in the first unit, and in the third (blocks of 512 bytes, or of 1024 in bash).
    for (blocks, kept) in [(100, false), (50_000, true)] {
        fs::remove_file(dir.join("out.jsonl")).unwrap();
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_clean"), "-q", "--only", "whitespace"])
            .args(ONE)
            .current_dir(dir)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("cannot write the output"), "{}", stderr(&output));
        assert_eq!(stderr(&output).contains("the same command goes on"), kept, "{}", stderr(&output));
        assert_eq!(dir.join(JOURNAL).exists(), kept);
        assert_eq!(dir.join(".clean-out.jsonl.part").exists(), kept);
        assert_eq!(run(dir, ONE).status.code(), Some(1));
        same(&files(dir), &expected);
    }
    #[cfg(target_os = "linux")]
    {
        let output = run(dir, &["in.jsonl", "-o", "/dev/full", "--force"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("cannot"), "{}", stderr(&output));
        same(&files(dir), &expected);
    }
}

#[test]
fn what_changed_since_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let input = killed(dir);
    let refused = |args: &[&str], why: &str| {
        let before = files(dir);
        let output = run(dir, args);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(
            stderr(&output).contains(why) && stderr(&output).contains("--restart"),
            "{}",
            stderr(&output)
        );
        same(&files(dir), &before);
    };
    refused(&[ONE, &["--edits", "--bold"]].concat(), "bold: false, now true; edits: false, now true");
    let mut other = input.clone();
    other[9] = b'7';
    fs::write(dir.join("in.jsonl"), other).unwrap();
    refused(ONE, "the input is not what");
    fs::remove_file(dir.join("in.jsonl")).unwrap();
    refused(ONE, "the input is not what");
    fs::write(dir.join("in.jsonl"), &input).unwrap();
    let part = dir.join(".clean-out.jsonl.part");
    fs::File::options().write(true).open(&part).unwrap().set_len(1000).unwrap();
    refused(ONE, "1000 are left");
    fs::remove_file(&part).unwrap();
    refused(ONE, "out.jsonl");
    assert_eq!(run(dir, &[ONE, &["--restart"]].concat()).status.code(), Some(1));
    let restarted = files(dir);
    assert_eq!(
        restarted.keys().collect::<Vec<_>>(),
        ["in.jsonl", "out.jsonl", "out.rejected.jsonl", "out.report.json"]
    );
    assert_eq!(run(dir, ONE).status.code(), Some(1));
    same(&files(dir), &restarted);
}

#[test]
fn a_second_run_with_the_same_output_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("in.jsonl"), records(60 << 20)).unwrap();
    let first = begun(dir, ONE, JOURNAL);
    signal(&first, "STOP");
    for args in
        [ONE.to_vec(), [ONE, &["--restart"]].concat(), vec!["in.jsonl", "--rejected", "out.rejected.jsonl"]]
    {
        let output = run(dir, &args);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("another run is writing"), "{}", stderr(&output));
    }
    signal(&first, "CONT");
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn an_input_that_goes_away_while_it_runs_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("in")).unwrap();
    // So large that nothing of the second is read when the first unit is committed.
    fs::write(dir.join("in/a.jsonl"), records(90 << 20)).unwrap();
    fs::write(dir.join("in/b.jsonl"), records(1 << 20)).unwrap();
    let args = ["in/a.jsonl", "in/b.jsonl", "-o", "out/"];
    let child = begun(dir, &args, "out/.clean.journal");
    signal(&child, "STOP");
    let gone = fs::remove_file(dir.join("in/b.jsonl"));
    signal(&child, "CONT");
    gone.unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("in/b.jsonl: unreadable"), "{}", stderr(&output));
    assert!(dir.join("out/in/a.jsonl.jsonl").exists() && !dir.join("out/in/b.jsonl.jsonl").exists());
}

#[test]
fn shards_are_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    inputs(dir);
    let lines = |names: &[String]| {
        let mut lines: Vec<String> = Vec::new();
        for name in names {
            let text = fs::read_to_string(dir.join(name)).unwrap();
            lines.extend(text.lines().map(str::to_owned));
        }
        lines.sort();
        lines
    };
    for input in ["in.jsonl.zst", "pages"] {
        run(dir, &[input, "-o", "all.jsonl"]);
        let parts: Vec<String> = (1..=3).map(|n| format!("part-{n}.jsonl")).collect();
        for (n, part) in parts.iter().enumerate() {
            run(dir, &[input, "-o", part, "--shard", &format!("{}/3", n + 1)]);
            assert!(fs::metadata(dir.join(part)).unwrap().len() > 0);
        }
        assert!(lines(&parts) == lines(&["all.jsonl".to_owned()]), "{input}");
    }
    run(dir, &["pages", "-o", "split.jsonl", "--shard-size", "1M"]);
    let names: Vec<String> =
        (0..).map(|n| format!("split-{n:05}.jsonl")).take_while(|name| dir.join(name).exists()).collect();
    assert!(names.len() > 10);
    let mut joined = Vec::new();
    for name in &names {
        let bytes = fs::read(dir.join(name)).unwrap();
        assert!(bytes.len() <= 1 << 20 && bytes.ends_with(b"\n"));
        joined.extend(bytes);
    }
    assert!(joined == fs::read(dir.join("all.jsonl")).unwrap());
    // Two jobs of an array write into one directory.
    for shard in ["1/2", "2/2"] {
        run(dir, &["pages", "-o", "mirror/", "--shard", shard]);
    }
    run(dir, &["pages", "-o", "whole/"]);
    same(&files(&dir.join("mirror")), &files(&dir.join("whole")));
    for (shard, why) in [("0/2", "I from 1 to N"), ("3/2", "I from 1 to N"), ("1", "I/N")] {
        assert!(stderr(&run(dir, &["pages", "--shard", shard])).contains(why));
    }
}
