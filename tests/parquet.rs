//! Parquet in and out. Files are written and read here with the crate's own typed columns, so that what passes through is seen bit by bit.

#![cfg(feature = "parquet")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArrayType, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Row;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;

const SCHEMA: &str = "message rows {
    required int64 n (INTEGER(64,false));
    optional binary text (STRING);
    optional double score;
    required boolean good;
    required int96 old_time;
    required fixed_len_byte_array(5) money (DECIMAL(10,2));
    optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
    required binary raw;
}";

/// Every eleventh row has no text.
fn text(n: usize) -> Option<String> {
    (n % 11 != 3).then(|| format!("Row {n} has a text.   \n\n\n\nAnd more of it.\n"))
}

/// Writes row groups of so many rows.
fn write(path: &Path, groups: &[usize]) {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(fs::File::create(path).unwrap(), schema, properties).unwrap();
    let mut first = 0;
    for rows in groups {
        let numbers: Vec<usize> = (first..first + rows).collect();
        let mut group = writer.next_row_group().unwrap();
        macro_rules! column {
            ($kind:ty, $values:expr, $definitions:expr, $repetitions:expr) => {{
                let mut column = group.next_column().unwrap().unwrap();
                column.typed::<$kind>().write_batch(&$values, $definitions, $repetitions).unwrap();
                column.close().unwrap();
            }};
        }
        let bytes = |text: String| ByteArray::from(text.into_bytes());
        column!(Int64Type, numbers.iter().map(|n| -(*n as i64) - 1).collect::<Vec<_>>(), None, None);
        let texts: Vec<_> = numbers.iter().filter_map(|n| text(*n)).map(bytes).collect();
        let defined: Vec<i16> = numbers.iter().map(|n| i16::from(text(*n).is_some())).collect();
        column!(ByteArrayType, texts, Some(&defined), None);
        let defined: Vec<i16> = numbers.iter().map(|n| i16::from(n % 3 != 0)).collect();
        let scores: Vec<f64> = numbers.iter().filter(|n| **n % 3 != 0).map(|n| *n as f64 / 7.0).collect();
        column!(DoubleType, scores, Some(&defined), None);
        column!(BoolType, numbers.iter().map(|n| n % 2 == 0).collect::<Vec<_>>(), None, None);
        let times: Vec<Int96> = numbers.iter().map(|n| Int96::from(vec![*n as u32, 7, 2_440_588])).collect();
        column!(Int96Type, times, None, None);
        let money: Vec<_> =
            numbers.iter().map(|n| ByteArray::from(vec![0, 0, 0, 1, *n as u8]).into()).collect();
        column!(FixedLenByteArrayType, money, None, None);
        // No list, an empty one, one with a null, one of two.
        let (mut tags, mut defined, mut repeated) = (vec![], vec![], vec![]);
        for n in &numbers {
            let (levels, count): (&[i16], usize) =
                [(&[0_i16][..], 0), (&[1], 0), (&[2], 0), (&[3, 3], 2)][n % 4];
            defined.extend(levels);
            repeated.extend((0..levels.len()).map(|at| i16::from(at > 0)));
            tags.extend((0..count).map(|at| bytes(format!("tag {n}.{at}"))));
        }
        column!(ByteArrayType, tags, Some(&defined), Some(&repeated));
        let raw: Vec<_> = numbers.iter().map(|n| ByteArray::from(vec![0xFF, *n as u8])).collect();
        column!(ByteArrayType, raw, None, None);
        group.close().unwrap();
        first += rows;
    }
    writer.close().unwrap();
}

fn read(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// A column of a row, as it shows.
fn shown(row: &Row, name: &str) -> String {
    row.get_column_iter().find(|(column, _)| *column == name).map(|(_, field)| field.to_string()).unwrap()
}

fn clean(directory: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clean"));
    command.args(["-q", "--only", "whitespace"]).args(args).current_dir(directory);
    command.stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn ran(output: &Output, code: i32) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    stderr
}

#[test]
fn rows_are_records_and_come_back_as_rows() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let groups = [1500, 1, 0, 2700];
    write(&dir.join("in.parquet"), &groups);
    let stderr = ran(&clean(dir, &["in.parquet", "-o", "out.parquet", "--edits"]), 1);
    let rows = read(&dir.join("in.parquet"));
    let good: Vec<&Row> =
        rows.iter().enumerate().filter(|(n, _)| text(*n).is_some()).map(|(_, row)| row).collect();
    assert_eq!(stderr.lines().count(), rows.len() - good.len());
    assert!(stderr.starts_with("clean: in.parquet:4: invalid record: field `text` is null"), "{stderr}");
    let cleaned = read(&dir.join("out.parquet"));
    assert_eq!(cleaned.len(), good.len());
    for (before, after) in good.iter().zip(&cleaned) {
        assert_eq!(after.len(), before.len() + 1);
        for (name, field) in before.get_column_iter().filter(|(name, _)| *name != "text") {
            assert_eq!(shown(after, name), field.to_string());
        }
        let number = shown(before, "n").parse::<u64>().unwrap();
        assert_eq!(
            shown(after, "text"),
            format!("\"Row {} has a text.\n\nAnd more of it.\n\"", u64::MAX - number)
        );
        let findings: Value = serde_json::from_str(shown(after, "clean").trim_matches('"')).unwrap();
        assert_eq!(findings["stages"]["whitespace"]["edits"], 2);
    }
    // Cleaned again there is nothing to do, and the findings are beside those of the first time.
    ran(&clean(dir, &["out.parquet", "-o", "twice.parquet"]), 0);
    let twice = read(&dir.join("twice.parquet"));
    assert_eq!(twice.len(), cleaned.len());
    assert!(shown(&twice[0], "clean_2").contains("\"stages\":{}"));
    assert_eq!(shown(&twice[7], "text"), shown(&cleaned[7], "text"));
    // As JSON, and any number of threads.
    ran(&clean(dir, &["in.parquet", "-o", "out.jsonl", "-j1"]), 1);
    let lines = fs::read_to_string(dir.join("out.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), good.len());
    let begins = r#"{"n":18446744073709551611,"text":"Row 4 has a text.\n\nAnd more of it.\n","score":0.5714285714285714,"good":true,"old_time":"1970-01-01"#;
    assert_eq!(lines.lines().nth(3).unwrap().get(..begins.len()), Some(begins));
    ran(&clean(dir, &["in.parquet", "-o", "more.parquet", "-j5", "--edits"]), 1);
    assert!(fs::read(dir.join("more.parquet")).unwrap() == fs::read(dir.join("out.parquet")).unwrap());
    // What is ours is written over, what is not is not.
    ran(&clean(dir, &["in.parquet", "-o", "out.parquet"]), 1);
    assert!(ran(&clean(dir, &["out.jsonl", "-o", "in.parquet"]), 2).contains("not from an earlier run"));
}

#[test]
fn documents_have_columns_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("in")).unwrap();
    fs::write(dir.join("in/a.txt"), "A text.  \n").unwrap();
    fs::write(dir.join("in/b.jsonl"), "{\"text\":\"one  \",\"id\":7,\"x\":1e5}\n{\"text\":\"two\"}\n")
        .unwrap();
    ran(&clean(dir, &["in", "-o", "out.parquet"]), 0);
    let rows = read(&dir.join("out.parquet"));
    let columns = |row: &Row| {
        ["id", "text", "source", "metadata"].map(|name| shown(row, name).trim_matches('"').to_owned())
    };
    assert_eq!(columns(&rows[1]), ["7", "one", "in/b.jsonl", r#"{"id":7,"x":1e5}"#]);
    assert_eq!(columns(&rows[0])[..2], ["in/a.txt", "A text.\n"]);
    assert_eq!(rows.len(), 3);
    // Rows of other columns do not go into the same file.
    write(&dir.join("in/c.parquet"), &[20]);
    let stderr = ran(&clean(dir, &["in", "-o", "out.parquet"]), 1);
    assert!(stderr.contains("in/c.parquet: not cleaned: it has other columns"), "{stderr}");
    assert_eq!(read(&dir.join("out.parquet")).len(), 3);
    ran(&clean(dir, &["in", "-o", "mirror/", "--format", "parquet"]), 1);
    assert_eq!(read(&dir.join("mirror/c.parquet.parquet")).len(), 18);
    assert_eq!(read(&dir.join("mirror/b.jsonl.parquet")).len(), 2);
}

#[test]
fn what_cannot_be_read_or_written_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    write(&dir.join("in.parquet"), &[500, 500]);
    let whole = fs::read(dir.join("in.parquet")).unwrap();
    let expected = |file: &str, words: &str| {
        let stderr = ran(&clean(dir, &[file, "-o", "out.jsonl"]), 1);
        assert!(stderr.contains(words), "{stderr}");
    };
    fs::write(dir.join("cut.parquet"), &whole[..whole.len() - 9]).unwrap();
    expected("cut.parquet", "the Parquet file cannot be read");
    fs::write(dir.join("magic.parquet"), b"PAR1").unwrap();
    expected("magic.parquet", "the Parquet file cannot be read");
    fs::write(dir.join("in.parquet.zst"), zstd::encode_all(&whole[..], 1).unwrap()).unwrap();
    expected("in.parquet.zst", "neither through a pipe nor compressed");
    let output = clean(dir, &["in.parquet", "--text-field", "no", "-o", "out.jsonl"]);
    assert!(ran(&output, 1).contains("no text column (no); columns of text are `text`, `raw`; --text-field"));
    // Damage anywhere is no panic and no endless run.
    for at in (0..whole.len()).step_by(whole.len() / 30) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x5A;
        fs::write(dir.join("damaged.parquet"), &damaged).unwrap();
        for out in ["out.jsonl", "out.parquet"] {
            let output = clean(dir, &["damaged.parquet", "-o", out, "--force"]);
            assert!(matches!(output.status.code(), Some(0..=2)), "{at}: {output:?}");
        }
    }
    for (args, words) in [
        (&["in.parquet", "--format", "parquet"][..], "needs -o"),
        (&["in.parquet", "-o", "x.parquet", "--shard", "1/2"], "--shard deals out inputs"),
        (&["in.parquet", "-o", "x.parquet", "--shard-size", "1M"], "--shard-size"),
    ] {
        assert!(ran(&clean(dir, args), 2).contains(words));
    }
}

#[test]
#[cfg(unix)]
fn killed_it_restarts_at_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("in")).unwrap();
    for n in 0..6 {
        write(&dir.join(format!("in/{n}.parquet")), &[4_000 + n, 6_000]);
    }
    let files = |out: &str| {
        let entries = fs::read_dir(dir.join(out)).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.map(|path| (path.file_name().unwrap().to_owned(), fs::read(&path).unwrap())).collect();
        files.sort();
        files
    };
    for format in ["parquet", "jsonl"] {
        let args = ["in", "-o", "out/", "--format", format];
        let start = std::time::Instant::now();
        ran(&clean(dir, &args), 1);
        let took = start.elapsed();
        let expected = files("out");
        assert_eq!(expected.len(), 6);
        fs::remove_dir_all(dir.join("out")).unwrap();
        let mut killed = 0;
        for part in 1..=4 {
            let mut child = Command::new(env!("CARGO_BIN_EXE_clean"))
                .args(["-q", "--only", "whitespace"])
                .args(args)
                .current_dir(dir)
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(took * part / 5);
            child.kill().unwrap();
            killed += u32::from(child.wait().unwrap().code().is_none());
        }
        assert!(killed > 0);
        ran(&clean(dir, &args), 1);
        assert!(files("out") == expected);
        fs::remove_dir_all(dir.join("out")).unwrap();
    }
}
