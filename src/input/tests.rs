use std::fs;
use std::io::Cursor;

use super::*;

/// What a reader gives: items as `name:place form bytes`, `|` between batches left out.
fn items(reader: Reader) -> Vec<String> {
    let show = |batch: &Batch, item: &Item| {
        let bytes = String::from_utf8_lossy(&batch.bytes[item.span.clone()]).into_owned();
        let form = match &item.form {
            Form::Open => "open".to_owned(),
            Form::Record => "record".to_owned(),
            Form::Archived => "archived".to_owned(),
            Form::Row(column) => format!("row({column})"),
            Form::Document(None) => "document".to_owned(),
            Form::Document(Some(kind)) => format!("{kind:?}").to_lowercase(),
            Form::Fault(cause) => format!("fault({cause})"),
            Form::TooLarge(cause) => format!("too large({cause})"),
        };
        let part = if item.part > 0 { format!(".{}", item.part) } else { String::new() };
        format!("{}{part} {form} {bytes}", item.place)
    };
    reader.flat_map(|batch| batch.items.iter().map(|item| show(&batch, item)).collect::<Vec<_>>()).collect()
}

/// One byte a read.
struct Slow(Cursor<Vec<u8>>);

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = into.len().min(1);
        self.0.read(&mut into[..count])
    }
}

#[track_caller]
fn check(input: impl AsRef<[u8]>, options: Options, expected: &[&str]) {
    let input = input.as_ref().to_vec();
    let reader = || Reader::new(vec![], &options, vec![]).unwrap();
    let expected: Vec<_> = ["0 open "].iter().chain(expected).map(|&s| s.to_owned()).collect();
    assert_eq!(items(reader().with_stdin(Cursor::new(input.clone()))), expected);
    assert_eq!(items(reader().with_stdin(Slow(Cursor::new(input.clone())))), expected);
    assert_eq!(items(reader().flush(true).with_stdin(Cursor::new(input))), expected);
}

fn lines() -> Options {
    Options { lines: true, ..Options::default() }
}

fn format(format: Format) -> Options {
    Options { input: Some(format), ..Options::default() }
}

#[test]
fn whole_documents() {
    check("", Options::default(), &["0 document "]);
    check("a\n{\"text\":1}\nb\0", Options::default(), &["0 document a\n{\"text\":1}\nb\0"]);
    check("{\"a\":1}", format(Format::Html), &["0 html {\"a\":1}"]);
}

#[test]
fn records() {
    let text = "\u{feff}{\"a\":1}\r\n\n \t\nbad\n{\"a\": 2} ";
    let expected = ["1 record {\"a\":1}", "4 record bad", "5 record {\"a\": 2} "];
    check(text, Options::default(), &expected);
    check(text, format(Format::Jsonl), &expected);
    check("\n\n", format(Format::Jsonl), &[]);
    check("\u{feff}", format(Format::Jsonl), &[]);
}

#[test]
fn arrays() {
    let text = "\u{feff}[\n  {\"a\": \"]\",\r\n   \"b\": [1]},\n  {\"a\":2}\n]\n";
    let expected = ["1 record {\"a\": \"]\",     \"b\": [1]}", "2 record {\"a\":2}"];
    check(text, Options::default(), &expected);
    check(text, format(Format::Json), &expected);
    check("[]", format(Format::Json), &[]);
    check("[3, {}]", format(Format::Json), &["1 record 3", "2 record {}"]);
    check(
        "[{\"a\":1}] x",
        Options::default(),
        &["1 record {\"a\":1}", "0 fault(something follows the JSON array) x"],
    );
    let cut = "0 fault(the JSON array does not end: the file was cut) {\"a\":";
    check("[{\"a\":1},{\"a\":", Options::default(), &["1 record {\"a\":1}", cut]);
    let fault = "0 fault(expected a JSON array, which begins with `[`) x";
    check("x", format(Format::Json), &[fault]);
}

#[test]
fn archives() {
    let one = "WARC/1.0\r\nContent-Length: 3\r\n\r\na\nb";
    let two = "WARC/1.1\nContent-Length: 0\n\n";
    let all = format!("{one}\r\n\r\n{two}\n\n");
    let expected = [&*format!("1 archived {one}"), &*format!("2 archived {two}")];
    check(&all, Options::default(), &expected);
    check(
        [gzip(format!("{one}\r\n\r\n").as_bytes()), gzip(two.as_bytes())].concat(),
        Options::default(),
        &expected,
    );
    check("", format(Format::Warc), &[]);
    // Damage costs the records that it hits.
    let damaged = format!("{one}\r\n\r\nsome noise\n{two}");
    let noise = "2 fault(expected a WARC record, which begins with `WARC/`) some noise\n";
    check(damaged, Options::default(), &[expected[0], noise, &format!("3 archived {two}")]);
    let cut =
        format!("0 fault(the last WARC record is cut: {} of {} bytes are there) ", one.len() - 1, one.len());
    check(&one[..one.len() - 1], Options::default(), &[&*(cut + &one[..one.len() - 1])]);
    let long = format!("WARC/1.0\r\nContent-Length: {}\r\n\r\n", 1_u64 << 40);
    let len = long.len() as u64 + (1 << 40);
    let fault =
        format!("1 too large(a WARC record of {len} bytes, more than the 67108864 of --max-document) ");
    check(long, Options::default(), &[&fault]);
}

#[test]
fn lines_and_nul() {
    check("a\r\n\nb", lines(), &["1 text a", "2 text ", "3 text b"]);
    check("a\n", Options { input: Some(Format::Html), ..lines() }, &["1 html a"]);
    check("", lines(), &[]);
    let nul = Options { nul: true, ..Options::default() };
    check("a\nb\0\0c\0", nul.clone(), &["1 document a\nb", "2 document ", "3 document c"]);
    check("a", nul, &["1 document a"]);
}

#[test]
fn wide_input_has_no_lines() {
    let reader = Reader::new(vec![], &lines(), vec![]).unwrap().with_stdin(&b"\xFF\xFEa\0\n\0"[..]);
    let found = items(reader);
    assert!(found[1].starts_with("0 fault(it is in UTF-16"), "{found:?}");
    assert_eq!(found.len(), 2);
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzEncoder::new(text, flate2::Compression::fast()).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn compressed_and_spoiled() {
    let good = gzip(b"{\"a\":1}\n{\"a\":2}\n");
    check(&good, Options::default(), &["1 record {\"a\":1}", "2 record {\"a\":2}"]);
    let fault = "0 fault(something that is no gzip data follows the gzip data) ";
    check(
        [&good[..], b"xyz!"].concat(),
        Options::default(),
        &["1 record {\"a\":1}", "2 record {\"a\":2}", fault],
    );
    check([&gzip(b"text")[..], b"xyz!"].concat(), Options::default(), &["0 document text", fault]);

    let noise: Vec<u8> = (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let text: String = noise.iter().map(|b| format!("{{\"a\":{b}}}\n")).collect();
    let mut cut = gzip(text.as_bytes());
    cut.truncate(cut.len() / 2);
    let found =
        items(Reader::new(vec![], &Options::default(), vec![]).unwrap().with_stdin(Cursor::new(cut.clone())));
    assert!(found.len() > 10_000);
    let last = found.last().unwrap();
    assert!(last.contains("fault(the gzip data ends too early: the file was cut)"), "{last}");
    assert!(found[1..found.len() - 1].iter().all(|item| item.contains(" record {\"a\":")));
    let whole = Reader::new(vec![], &format(Format::Text), vec![]).unwrap().with_stdin(Cursor::new(cut));
    let found = items(whole);
    assert!(
        found.len() == 2 && found[1].starts_with("0 fault(the gzip data ends too early: the file was cut) {")
    );
}

#[test]
fn batches_are_bounded_and_a_large_document_is_alone() {
    let mut text = vec![b'x'; 3 * BATCH_BYTES];
    text.push(b'\n');
    let small = b"0123456789\n".repeat(100_000);
    let input = [&small[..], &text, &small].concat();
    let reader = Reader::new(vec![], &lines(), vec![]).unwrap().with_stdin(Cursor::new(input.clone()));
    let mut joined = Vec::new();
    let mut place = 0;
    for batch in reader {
        let large = batch.items.iter().any(|item| item.span.len() > BATCH_BYTES);
        assert!(batch.bytes.len() <= if large { 4 } else { 1 } * BATCH_BYTES + (64 << 10));
        if large {
            assert_eq!(batch.items[0].span, 0..3 * BATCH_BYTES);
        }
        for item in batch.items.iter().filter(|item| item.form != Form::Open) {
            place += 1;
            assert_eq!(item.place, place);
            joined.extend_from_slice(&batch.bytes[item.span.clone()]);
            joined.push(b'\n');
        }
    }
    assert!(joined == input);
}

#[test]
fn a_conversation_is_not_kept_waiting() {
    struct Chat(u32, Arc<AtomicU64>);
    impl Read for Chat {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            self.1.store(self.0.into(), Ordering::Relaxed);
            let line = b"{\"a\":1}\n";
            into[..line.len()].copy_from_slice(line);
            Ok(if self.0 > 5 { 0 } else { line.len() })
        }
    }
    let asked = Arc::new(AtomicU64::new(0));
    let chat = io::BufReader::with_capacity(8, Chat(0, Arc::clone(&asked)));
    let mut reader = Reader::new(vec![], &Options::default(), vec![]).unwrap().flush(true).with_stdin(chat);
    let mut records = 0;
    while records < 3 {
        let batch = reader.next().unwrap();
        records += batch.items.iter().filter(|item| item.form == Form::Record).count() as u64;
        assert!(asked.load(Ordering::Relaxed) <= records + 1, "read ahead of what was handed over");
    }
}

fn tree() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("b.txt", "b");
    write("a/z.html", "z");
    write("a/y.txt", "y");
    write(".hidden/h.txt", "h");
    write(".ignore", "ignored.txt\n");
    write("ignored.txt", "i");
    write("out/o.txt", "o");
    dir
}

fn names(root: &std::path::Path, paths: &[&str], options: &Options, exclude: &[&str]) -> Vec<String> {
    let join = |paths: &[&str]| paths.iter().map(|p| root.join(p)).collect::<Vec<_>>();
    let reader = Reader::new(join(paths), options, join(exclude)).unwrap();
    let mut names = Vec::new();
    for (index, item) in
        reader.flat_map(|batch| batch.items).filter(|i| !matches!(i.form, Form::Document(_))).enumerate()
    {
        assert_eq!(item.file.index, index);
        let relative = item.file.relative.to_string_lossy().into_owned();
        names.push(match item.form {
            Form::Fault(cause) => format!("{relative}: {cause}"),
            _ => relative,
        });
    }
    names
}

#[test]
fn directories_are_walked_in_order() {
    let dir = tree();
    let all = |options| names(dir.path(), &[""], &options, &["out"]);
    assert_eq!(all(Options::default()), ["a/y.txt", "a/z.html", "b.txt"]);
    assert_eq!(
        all(Options { no_ignore: true, ..Options::default() }),
        ["a/y.txt", "a/z.html", "b.txt", "ignored.txt"]
    );
    assert_eq!(
        all(Options { hidden: true, ..Options::default() }),
        [".hidden/h.txt", ".ignore", "a/y.txt", "a/z.html", "b.txt"]
    );
    let glob =
        |globs: &[&str]| Options { glob: globs.iter().map(|&g| g.into()).collect(), ..Options::default() };
    assert_eq!(all(glob(&["*.txt", "!b.txt", "!ignored.txt"])), ["a/y.txt"]);
    assert_eq!(all(glob(&["a/*.html"])), ["a/z.html"]);
    let total = Reader::new(vec![dir.path().into()], &Options::default(), vec![]).unwrap().totals();
    assert_eq!(total.map(|total| total.bytes), Some(4));
}

#[test]
fn arguments_are_read_in_any_case() {
    let dir = tree();
    let found = names(
        dir.path(),
        &["ignored.txt", ".hidden/h.txt", "gone", "a", "out/o.txt"],
        &Options::default(),
        &["out/o.txt"],
    );
    let below = dir.path().strip_prefix("/").unwrap().to_string_lossy().into_owned();
    let expected = [
        "ignored.txt",
        ".hidden/h.txt",
        "gone: no such file or directory",
        "a/y.txt",
        "a/z.html",
        "out/o.txt: it is an output of this run and not read",
    ];
    assert_eq!(found, expected.map(|path| format!("{below}/{path}")));
    assert_eq!(names(dir.path(), &["a/y.txt"], &Options::default(), &[]), ["y.txt"]);
}

#[cfg(unix)]
#[test]
fn links_and_pipes() {
    let dir = tree();
    std::os::unix::fs::symlink("..", dir.path().join("a/loop")).unwrap();
    std::os::unix::fs::symlink("../b.txt", dir.path().join("a/link.txt")).unwrap();
    std::os::unix::net::UnixListener::bind(dir.path().join("a/socket")).unwrap();
    assert_eq!(names(dir.path(), &["a"], &Options::default(), &[]), ["y.txt", "z.html"]);
    let found = names(dir.path(), &[""], &Options { follow: true, ..Options::default() }, &["out"]);
    assert_eq!(found.len(), 5, "{found:?}");
    assert_eq!(found[0], "a/link.txt");
    assert!(found[1].starts_with("a/loop: the symbolic link leads back to "), "{found:?}");
}

#[test]
fn standard_input_once() {
    let reader = Reader::new(vec!["-".into(), "-".into()], &Options::default(), vec![]).unwrap();
    assert_eq!(reader.totals(), None);
    let found = items(reader.with_stdin(&b"x"[..]));
    assert_eq!(found, ["0 open ", "0 document x", "0 fault(standard input has been read already) "]);
}

#[test]
fn progress_counts_what_is_on_the_disk() {
    let packed = gzip(&b"x".repeat(100_000));
    let size = packed.len() as u64;
    let reader = Reader::new(vec![], &Options::default(), vec![]).unwrap().with_stdin(Cursor::new(packed));
    let progress = reader.progress();
    assert_eq!(reader.count(), 1);
    assert_eq!(progress.load(Ordering::Relaxed), size);
}

#[test]
fn what_cannot_begin() {
    let error = |options: Options| Reader::new(vec![], &options, vec![]).err().unwrap().to_string();
    assert!(
        error(Options { glob: vec!["[".into()], ..Options::default() })
            .starts_with("`--glob [` is no valid pattern: ")
    );
    assert!(
        error(Options { encoding: Some("gb1".into()), ..Options::default() })
            .starts_with("`--encoding gb1` is not known")
    );
    assert_eq!(
        error(Options { lines: true, ..format(Format::Jsonl) }),
        "--lines and --input jsonl do not go together"
    );
}

#[test]
fn a_reader_moves_to_its_thread() {
    fn send<T: Send>() {}
    send::<Reader>();
}

#[test]
fn batches_and_units_depend_on_the_input_alone() {
    /// Reads of all lengths.
    struct Fitful(Cursor<Vec<u8>>, usize);

    impl Read for Fitful {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = (self.1 * 7 + 3) % 40_001;
            let count = into.len().min(self.1 + 1);
            self.0.read(&mut into[..count])
        }
    }

    let mut text = Vec::new();
    for n in 0..60_000_usize {
        text.extend_from_slice(format!("{{\"id\":{n},\"text\":\"{}\"}}\n", "x".repeat(n % 601)).as_bytes());
    }
    let shape = |reader: Reader| -> Vec<_> {
        reader.map(|batch| (batch.hash(), batch.bytes.len(), batch.unit, batch.ends_unit)).collect()
    };
    let reader = || Reader::new(vec![], &Options::default(), vec![]).unwrap();
    let whole = shape(reader().with_stdin(Cursor::new(text.clone())));
    assert_eq!(shape(reader().with_stdin(Fitful(Cursor::new(text.clone()), 0))), whole);
    assert!(whole.iter().all(|&(_, bytes, ..)| bytes <= 2 * BATCH_BYTES));
    let units = whole.last().unwrap().2;
    assert_eq!(units as usize, text.len() / UNIT_BYTES);
    assert_eq!(whole.iter().filter(|batch| batch.3).count() as u64, units);
    text[100] ^= 1;
    let other = shape(reader().with_stdin(Cursor::new(text)));
    assert_ne!(other[0].0, whole[0].0);
    assert_eq!(other[1..], whole[1..]);
}

/// Documents of at most 12 bytes.
fn small(options: Options) -> Options {
    Options { max_document: Some(12), ..options }
}

#[test]
fn a_long_text_comes_in_parts() {
    let text = "one\n\ntwo\n \nthree\n\nfour\nfive\nsix\nseven and eight\nnine\n";
    let parts = [
        "0.1 text one\n\ntwo\n \n",
        "0.2 text three\n\n",
        "0.3 text four\nfive\n",
        "0.4 text six\n",
        "0.5 too large(a line of 15 bytes, more than the 12 of --max-document) ",
        "0.6 text nine\n",
    ];
    check(text, small(Options::default()), &parts);
    check(text, small(format(Format::Markdown)), &[&["0.1 markdown one\n\ntwo\n \n"], &parts[1..]].concat());
    // It ends where a part ends, in a line that is too long, or is one.
    check("aaaaaa\n\nbbb\nc", small(Options::default()), &["0.1 text aaaaaa\n\n", "0.2 text bbb\nc"]);
    check("aaaaaa\nbbbbb\nc\n", small(format(Format::Text)), &["0.1 text aaaaaa\n", "0.2 text bbbbb\nc\n"]);
    let line = "a line of 13 bytes, more than the 12 of --max-document";
    check(
        "aaaaaaaaaaa\n0123456789abc",
        small(Options::default()),
        &["0.1 text aaaaaaaaaaa\n", &format!("0.2 too large({line}) ")],
    );
    check("0123456789abc", small(Options::default()), &[&format!("0.1 too large({line}) ")]);
    check("0123456789ab", small(Options::default()), &["0 document 0123456789ab"]);
}

#[test]
fn what_is_large_and_no_text_is_passed_over() {
    let too_large = |what: &str, bytes| {
        format!("too large({what} of {bytes} bytes, more than the 12 of --max-document) ")
    };
    let no_text =
        |bytes| too_large("a document that is no plain text, which could be cut into parts,", bytes);
    check("<p>a page\n\nof more.</p>\n", small(format(Format::Html)), &[&format!("0 {}", no_text(24))]);
    check(
        b"\xff\xfea\0\n\0\n\0a\0\n\0b\0\n\0",
        small(format(Format::Text)),
        &[&format!("0 {}", no_text(16))],
    );
    let records = "{\"a\":\"0123456789\"}\n{\"b\":1}\n{\"a\":\"cut 6789";
    let record = format!("1 {}", too_large("a record", 18));
    let last = format!("3 {}", too_large("a record", 14));
    check(records, small(format(Format::Jsonl)), &[&record, "2 record {\"b\":1}", &last]);
    let array = "[{\"a\":\"0123],6789\"} , {\"b\":1},\n3]";
    let element = format!("1 {}", too_large("a record", 19));
    check(array, small(format(Format::Json)), &[&element, "2 record {\"b\":1}", "3 record 3"]);
    let line = format!("2 {}", too_large("a line", 13));
    check("a\n0123456789abc\nb", small(lines()), &["1 text a", &line, "3 text b"]);
    let nul = Options { nul: true, ..Options::default() };
    check(
        "a\x000123456789\n\nabc\0b",
        small(nul),
        &["1 document a", "2.1 text 0123456789\n\n", "2.2 text abc", "3 document b"],
    );
    let archive = "WARC/1.0\r\nContent-Length: 10\r\n\r\n0123456789\r\n\r\nWARC/1.0\r\nContent-Length: 1\r\n\r\na\r\n\r\n";
    let limited = Options { max_document: Some(41), ..Options::default() };
    let long = "1 too large(a WARC record of 42 bytes, more than the 41 of --max-document) ";
    check(archive, limited, &[long, "2 archived WARC/1.0\r\nContent-Length: 1\r\n\r\na"]);
}
