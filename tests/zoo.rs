//! The zoo: inputs that are broken, hostile or just strange, all in one run, beside healthy ones.
//!
//! Each has a stated result, the run has bounds of time and memory, and the healthy come out as if they had been alone.
//! `CLEAN_FAULTS=200 cargo test --release --test zoo` makes the bombs and the trees as large as they come.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Sizes as large as they come.
fn long_form() -> bool {
    std::env::var_os("CLEAN_FAULTS").is_some()
}

/// How a run went.
struct Ran {
    code: Option<i32>,
    stderr: String,
    took: Duration,
    /// Most bytes of memory, where the system tells.
    peak: u64,
}

fn clean(directory: &Path, args: &[&str]) -> Ran {
    let log = directory.join(".stderr");
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        let kept = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let most = kept.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let most = most.and_then(|most| most.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(most.unwrap_or(0) << 10);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < Duration::from_secs(600), "it does not end");
        thread::sleep(Duration::from_millis(5));
    };
    let stderr = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
    fs::remove_file(log).unwrap();
    Ran { code: status.code(), stderr, took: start.elapsed(), peak }
}

/// The records of a file; none where there is no file.
fn records(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// With a checksum, as the program `zstd` writes it.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = zstd::Encoder::new(Vec::new(), 1).unwrap();
    out.include_checksum(true).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Members or frames of the same content.
fn repeated(pack: fn(&[u8]) -> Vec<u8>, content: &[u8], times: usize) -> Vec<u8> {
    let part = pack(content);
    std::iter::repeat_n(&part[..], times).collect::<Vec<_>>().concat()
}

/// Records with numbers in them that do not compress to nothing.
fn lines(count: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for n in 0..count {
        let noise = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        writeln!(out, "{{\"id\": {n}, \"text\": \"A line about the number {noise} and its neighbours.\"}}")
            .unwrap();
    }
    out
}

/// What becomes of an animal.
enum Fate {
    /// So many records are written, and nothing is said.
    Written(usize),
    /// So many are written, and these words are said of the rest.
    SetAside(usize, &'static str),
    /// Nothing is written and nothing said; it is kept with what was set aside.
    NoText,
}

use Fate::{NoText, SetAside, Written};

fn animals() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let healthy = lines(30_000);
    let packed = gzip(&healthy);
    let mut corrupt = packed.clone();
    let middle = corrupt.len() / 2;
    corrupt[middle..middle + 64].fill(0x55);
    let frames = zstd(&healthy);
    let mut corrupt_frame = frames.clone();
    let middle = corrupt_frame.len() / 2;
    corrupt_frame[middle..middle + 64].fill(0x55);
    let zeros = vec![0; 25 << 20];
    let letters = vec![b'a'; 25 << 20];
    let times = if long_form() { 400 } else { 8 };
    let record = |text: &str| format!("{{\"text\":\"{text}\"}}\n");
    let deep = |open: &str, close: &str| format!("{}x{}", open.repeat(100_000), close.repeat(100_000));
    let page = gzip(&letters.repeat(3));
    let http = [&b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"[..], &page]
        .concat();
    let head = format!("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {}\r\n\r\n", http.len());
    let archive = [
        head.as_bytes(),
        &http,
        b"\r\n\r\nWARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 9\r\n\r\nSome text\r\n\r\n",
    ]
    .concat();
    let hundred = "a".repeat(100 << 20);
    let mut laughs = "---\na: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (this, last) in ('b'..='j').zip('a'..='i') {
        laughs += &format!("{this}: &{this} [{}]\n", vec![format!("*{last}"); 10].join(", "));
    }
    laughs += "title: Laughter\n---\nThe text below the laughter.\n";
    vec![
        ("corrupt.jsonl.gz", corrupt, SetAside(0, "corrupt.jsonl.gz")),
        ("corrupt.jsonl.zst", corrupt_frame, SetAside(0, "corrupt.jsonl.zst")),
        ("cut.jsonl.gz", packed[..packed.len() / 2].to_vec(), SetAside(0, "ends too early")),
        ("cut.jsonl.zst", frames[..frames.len() / 2].to_vec(), SetAside(0, "ends too early")),
        (
            "garbage-behind.jsonl.gz",
            [&packed[..], b"garbage"].concat(),
            SetAside(30_000, "no gzip data follows"),
        ),
        ("bomb.gz", repeated(gzip, &zeros, times), SetAside(0, "--max-ratio")),
        ("bomb.zst", repeated(zstd, &zeros, times), SetAside(0, "--max-ratio")),
        (
            "bomb.jsonl.zst",
            [zstd(b"{\"text\":\"one\"}\n{\"text\":\""), repeated(zstd, &letters, times)].concat(),
            SetAside(1, "--max-ratio"),
        ),
        ("bomb.warc", archive, SetAside(1, "unpacks to more than 67108864 bytes")),
        (
            "line.jsonl",
            [record("before"), record(&hundred), record("behind")].concat().into_bytes(),
            SetAside(2, "line.jsonl:2: too large: a record of 104857611 bytes"),
        ),
        (
            "line.txt",
            format!("A line before.\n{hundred}\nA line behind.\n").into_bytes(),
            SetAside(2, "line.txt: too large: a line of 104857600 bytes"),
        ),
        ("page.html", format!("<!DOCTYPE html><p>{hundred}</p>").into_bytes(), SetAside(0, "no plain text")),
        ("empty-lines.txt", [&b"Above."[..], &[b'\n'; 1_000_000], b"Below.\n"].concat(), Written(1)),
        (
            "empty-lines.jsonl",
            [record("above").as_bytes(), &[b'\n'; 1_000_000], record("below").as_bytes()].concat(),
            Written(2),
        ),
        ("only-lines.txt", vec![b'\n'; 50 << 20], SetAside(0, "more memory")),
        ("nuls.txt", b"Some te\0xt with NULs in it.\0\0\n".to_vec(), Written(1)),
        ("only-nuls.bin", vec![0; 1 << 20], NoText),
        (
            "surrogates.jsonl",
            br#"{"text":"\ud800 alone"}
{"text":"\ud83d\ude00 together","other":"\udc00\ud800"}
"#
            .to_vec(),
            SetAside(1, "surrogates.jsonl:1"),
        ),
        (
            "no-utf8.jsonl",
            b"{\"text\":\"one\"}\n{\"text\":\"\xff\xfe\"}\n{\"text\":\"two\",\"x\":\"\xc3\"}\n".to_vec(),
            SetAside(1, "no-utf8.jsonl:3"),
        ),
        ("twice.jsonl", br#"{"text":"first","n":1,"n":2,"text":"Last.  "}"#.to_vec(), Written(1)),
        (
            "numbers.jsonl",
            br#"{"text":"x","a":123456789012345678901234567890,"b":1e400,"c":-0,"d":1E5}"#.to_vec(),
            Written(1),
        ),
        (
            "deep.jsonl",
            format!("{{\"text\":\"a\",\"x\":{}}}", deep("[", "]").replace('x', "1")).into_bytes(),
            Written(1),
        ),
        (
            "deep-open.jsonl",
            format!("{{\"text\":\"a\"}}\n{{\"x\":{}", "{\"y\":".repeat(100_000)).into_bytes(),
            SetAside(1, ":2"),
        ),
        (
            "deep.json",
            format!("[{{\"text\":\"a\"}}, {}, {{\"text\":\"b\"}}]", deep("[", "]")).into_bytes(),
            SetAside(2, ":2"),
        ),
        ("deep.html", format!("<!DOCTYPE html><body>{}", deep("<div>", "</div>")).into_bytes(), Written(1)),
        (
            "deep-inline.html",
            format!("<!DOCTYPE html><body><p>{}", deep("<b><i>", "</i></b>")).into_bytes(),
            Written(1),
        ),
        ("laughs.md", laughs.into_bytes(), Written(1)),
        (
            "cut.warc",
            b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 99\r\n\r\nno more".to_vec(),
            SetAside(0, "is cut"),
        ),
        ("parquet", b"PAR1 and nothing of what should follow".to_vec(), SetAside(0, "Parquet")),
    ]
}

#[test]
fn each_has_its_result_and_the_healthy_are_unharmed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let zoo = dir.join("zoo");
    fs::create_dir(&zoo).unwrap();
    // Before, between and behind.
    let healthy = ["0.jsonl", "d.jsonl", "z.jsonl"];
    for name in healthy {
        fs::write(zoo.join(name), lines(1000)).unwrap();
    }
    let expected = clean(dir, &["-q", "zoo", "-o", "alone/"]);
    assert_eq!(expected.code, Some(0), "{}", expected.stderr);
    let animals = animals();
    for (name, bytes, _) in &animals {
        fs::write(zoo.join(name), bytes).unwrap();
    }
    let run = |threads: &str, out: &str| clean(dir, &["-q", "zoo", "-o", out, "-j", threads]);
    let ran = run("2", "out/");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for name in healthy {
        let name = format!("{name}.jsonl");
        assert!(
            fs::read(dir.join("out").join(&name)).unwrap()
                == fs::read(dir.join("alone").join(&name)).unwrap()
        );
    }
    let mut wrong = Vec::new();
    for (name, _, fate) in &animals {
        let written = fs::read(dir.join(format!("out/{name}.jsonl"))).unwrap_or_default();
        let written = memchr::memchr_iter(b'\n', &written).count();
        let said: Vec<_> = ran.stderr.lines().filter(|line| line.contains(&format!("zoo/{name}:"))).collect();
        let right = match fate {
            Written(count) => written == *count && said.is_empty(),
            NoText => written == 0 && said.is_empty(),
            // What was whole before the damage is written, too.
            SetAside(count, words) => {
                said.iter().any(|line| line.contains(words))
                    && if name.starts_with("c") && *count == 0 { written < 30_000 } else { written == *count }
            }
        };
        if !right {
            wrong.push(format!("{name}: {written} written; {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Everything that was set aside is in the file of what was, too; what is large without its bytes.
    let aside = records(&dir.join("out.rejected.jsonl"));
    let no_text = animals.iter().filter(|(_, _, fate)| matches!(fate, NoText)).count();
    assert_eq!(aside.iter().filter(|a| a["rule"] == "binary").count(), no_text);
    assert_eq!(aside.len(), ran.stderr.lines().count() + no_text);
    assert!(
        aside.iter().all(|a| a["rule"] != "too_large"
            || a.get("raw").is_none()
            || a["source"] == "zoo/only-lines.txt")
    );
    assert!(ran.took < Duration::from_secs(if long_form() { 300 } else { 120 }), "{:?}", ran.took);
    // A page of 64 MiB was unpacked, and a text of as much read.
    assert!(ran.peak < 700 << 20, "{} MiB", ran.peak >> 20);
    // And again the same with other threads.
    let again = run("1", "again/");
    assert_eq!(again.stderr, ran.stderr);
    assert!(contents(&dir.join("again")) == contents(&dir.join("out")));

    let text = |name: &str| records(&dir.join(format!("out/{name}.jsonl"))).remove(0);
    assert_eq!(text("nuls.txt")["text"], "Some text with NULs in it.\n");
    assert_eq!(text("laughs.md")["text"], "The text below the laughter.\n");
    let bytes = |name: &str| fs::read_to_string(dir.join(format!("out/{name}.jsonl"))).unwrap();
    assert!(bytes("twice.jsonl").starts_with(r#"{"text":"first","n":1,"n":2,"text":"Last.","#));
    assert!(
        bytes("numbers.jsonl").contains(r#""a":123456789012345678901234567890,"b":1e400,"c":-0,"d":1E5,"#)
    );
    assert!(bytes("surrogates.jsonl").contains(r#""other":"\udc00\ud800""#));
    let parts = records(&dir.join("out/line.txt.jsonl"));
    assert_eq!(
        (&parts[1]["metadata"]["extra"]["part"], &parts[1]["id"]),
        (&"3".into(), &"zoo/line.txt#part-3".into())
    );
    assert_eq!(parts[1]["metadata"]["extra"]["part_of"], "zoo/line.txt");
}

/// All files below a directory and their bytes.
fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn names_links_and_pipes() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let zoo = dir.join("zoo");
    fs::create_dir_all(zoo.join("a/b")).unwrap();
    fs::write(zoo.join("a/plain.txt"), "Some text.\n").unwrap();
    let odd = OsStr::from_bytes(b"caf\xe9 \n.txt");
    fs::write(zoo.join(odd), "Some other text.\n").unwrap();
    std::os::unix::fs::symlink("../..", zoo.join("a/b/loop")).unwrap();
    std::os::unix::fs::symlink("itself", zoo.join("itself")).unwrap();
    std::os::unix::fs::symlink("nowhere", zoo.join("dangling.txt")).unwrap();
    assert!(Command::new("mkfifo").arg(zoo.join("fifo")).status().unwrap().success());
    // Links are not followed, and a pipe that nobody writes to is not waited for.
    let ran = clean(dir, &["-q", "zoo", "-o", "out/"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let mut odd_out = odd.to_owned();
    odd_out.push(".jsonl");
    let record = &records(&dir.join("out").join(&odd_out))[0];
    assert_eq!(record["source"], "zoo/caf\u{fffd} \n.txt");
    assert_eq!(records(&dir.join("out/a/plain.txt.jsonl")).len(), 1);
    // Followed, each loop is said, and found once.
    let ran = clean(dir, &["-q", "zoo", "-o", "followed.jsonl", "--follow"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("zoo/a/b/loop: unreadable: the symbolic link leads back"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("zoo/itself: unreadable: too many levels of symbolic links"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("zoo/dangling.txt: unreadable: no such file"), "{}", ran.stderr);
    assert_eq!((ran.stderr.lines().count(), records(&dir.join("followed.jsonl")).len()), (3, 2));
    // Named, a pipe is read.
    let fifo = zoo.join("fifo");
    let writer = thread::spawn(move || fs::write(fifo, lines(10)).unwrap());
    let ran = clean(dir, &["-q", "zoo/fifo", "-o", "piped.jsonl"]);
    writer.join().unwrap();
    assert_eq!((ran.code, records(&dir.join("piped.jsonl")).len()), (Some(0), 10));
}

#[test]
fn many_tiny_files() {
    let count = if long_form() { 100_000 } else { 10_000 };
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for n in 0..count {
        if n % 1000 == 0 {
            fs::create_dir_all(dir.join(format!("in/{:03}", n / 1000))).unwrap();
        }
        fs::write(dir.join(format!("in/{:03}/{n}.txt", n / 1000)), format!("Text {n}.\n")).unwrap();
    }
    let ran = clean(dir, &["-q", "in", "-o", "out.jsonl"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let ids: std::collections::HashSet<String> =
        records(&dir.join("out.jsonl")).iter().map(|r| r["id"].to_string()).collect();
    assert_eq!(ids.len(), count);
    assert!(ran.peak < 150 << 20 && ran.took < Duration::from_secs(120), "{} {:?}", ran.peak, ran.took);
    if long_form() {
        let ran = clean(dir, &["-q", "in", "-o", "out/"]);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
        assert_eq!(fs::read_dir(dir.join("out")).unwrap().count(), count / 1000);
    }
}

#[test]
fn files_that_grow_or_shrink_while_they_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let path = dir.join("growing.jsonl");
    fs::write(&path, lines(300_000)).unwrap();
    let is_read = Arc::new(AtomicBool::new(false));
    let writer = {
        let (path, is_read) = (path.clone(), Arc::clone(&is_read));
        thread::spawn(move || {
            let mut file = fs::File::options().append(true).open(path).unwrap();
            let (more, start) = (lines(1000), Instant::now());
            while !is_read.load(Ordering::SeqCst) && start.elapsed() < Duration::from_secs(30) {
                file.write_all(&more).unwrap();
                thread::sleep(Duration::from_micros(200));
            }
        })
    };
    let ran = clean(dir, &["-q", "growing.jsonl", "-o", "out.jsonl", "--only", "whitespace"]);
    is_read.store(true, Ordering::SeqCst);
    writer.join().unwrap();
    // As far as it was there at the beginning, which may be in the middle of a record that was being appended.
    let written = records(&dir.join("out.jsonl")).len();
    let cut = ran.stderr.lines().count();
    assert!(written >= 300_000 && cut <= 1, "{written}: {}", ran.stderr);
    assert!(ran.stderr.lines().all(|line| line.contains("the record is cut")), "{}", ran.stderr);
    assert_eq!(ran.code, Some(cut as i32));

    // Standard output that is not read stops the run in the middle.
    fs::write(dir.join("shrinking.jsonl"), lines(300_000)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
        .args(["-q", "shrinking.jsonl", "--only", "whitespace"])
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once it writes, it has the file open at its full length, however slow the machine is.
    let mut stdout = child.stdout.take().unwrap();
    let mut out = vec![0];
    std::io::Read::read_exact(&mut stdout, &mut out).unwrap();
    thread::sleep(Duration::from_millis(500));
    fs::File::options().write(true).open(dir.join("shrinking.jsonl")).unwrap().set_len(10 << 20).unwrap();
    std::io::Read::read_to_end(&mut stdout, &mut out).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("shrinking.jsonl: unreadable: the file became shorter"), "{stderr}");
    assert!(memchr::memchr_iter(b'\n', &out).count() > 10_000);
}
