//! Parquet out: the columns of the file a row came from, its text cleaned and our findings in one more; or, for what came from
//! elsewhere, columns of our own.
//!
//! Other columns are never taken apart: their levels and values go from the file that is read to the one that is written, row group
//! by row group, without the rows that were set aside.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::column::writer::{ColumnWriter, ColumnWriterImpl};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::sink::OutputFile;
use crate::input::parquet_text_column;

/// Bytes of text in a row group, which are held until it is written.
const GROUP_BYTES: usize = 16 << 20;

/// Rows in a row group at most: their other columns are of any size.
const GROUP_ROWS: usize = 64 << 10;

/// Rows of a column that are copied at a time.
const COPIED: usize = 1024;

/// By this key in its metadata a file is known to be ours.
const KEY: &str = "corpus-clean";

/// A cleaned document.
#[derive(Debug)]
pub struct Row {
    /// Number of the row it was, from 1.
    pub place: u64,
    pub text: String,
    /// Our findings, as JSON.
    pub findings: Vec<u8>,
    /// Of a document that was no row of a Parquet file.
    pub own: Own,
}

/// What stands in the columns of our own besides the text.
#[derive(Debug, Default)]
pub struct Own {
    pub id: String,
    pub source: String,
    /// JSON.
    pub metadata: Vec<u8>,
}

/// Whether a file says that it is Parquet.
pub fn is_parquet(path: &Path) -> bool {
    let mut magic = [0; 4];
    // A pipe must not be read, and is none.
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
        && &magic == b"PAR1"
}

/// Whether a file was written by this program.
pub fn is_ours(path: &Path) -> bool {
    let Some(reader) = File::open(path).ok().and_then(|file| SerializedFileReader::new(file).ok()) else {
        return false;
    };
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    metadata.is_some_and(|pairs| pairs.iter().any(|pair| pair.key == KEY))
}

/// The file that rows come from.
struct Input {
    reader: SerializedFileReader<File>,
    /// The column with the text.
    text: usize,
    /// The row group that is copied, its first row, how many of its rows were, and the columns at this place.
    group: usize,
    first: u64,
    copied: u64,
    columns: Vec<ColumnReader>,
}

impl Input {
    fn open(path: &Path, text_field: Option<&str>) -> Result<Self> {
        let reader = SerializedFileReader::new(File::open(path)?)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let text = parquet_text_column(schema, text_field).map_err(ParquetError::General)?;
        let mut input = Self { reader, text, group: 0, first: 1, copied: 0, columns: vec![] };
        input.open_group()?;
        Ok(input)
    }

    fn schema(&self) -> &Type {
        self.reader.metadata().file_metadata().schema()
    }

    /// Rows in the row group.
    fn rows(&self) -> u64 {
        let groups = self.reader.metadata().row_groups();
        groups.get(self.group).map_or(0, |group| u64::try_from(group.num_rows()).unwrap_or(0))
    }

    fn open_group(&mut self) -> Result<()> {
        self.columns.clear();
        if self.group < self.reader.num_row_groups() {
            let group = self.reader.get_row_group(self.group)?;
            for column in 0..group.num_columns() {
                self.columns.push(group.get_column_reader(column)?);
            }
        }
        Ok(())
    }

    fn has(&self, place: u64) -> bool {
        place < self.first + self.rows()
    }

    fn next_group(&mut self) -> Result<()> {
        self.first += self.rows();
        (self.group, self.copied) = (self.group + 1, 0);
        if self.group >= self.reader.num_row_groups() {
            return Err(ParquetError::General("the input has fewer rows than it had".to_owned()));
        }
        self.open_group()
    }
}

/// A file that is written.
pub struct ParquetFile {
    writer: SerializedFileWriter<OutputFile>,
    /// `None`: of the columns of our own.
    input: Option<Input>,
    text_field: Option<String>,
    /// The columns but for our findings.
    columns: TypePtr,
    rows: Vec<Row>,
    bytes: usize,
}

/// The columns of documents that were no rows.
fn own_columns() -> Result<TypePtr> {
    let text = |name: &str| {
        let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String));
        column.build().map(Arc::new)
    };
    let fields = vec![text("id")?, text("text")?, text("source")?, text("metadata")?];
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

fn error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

impl ParquetFile {
    /// Begins a file with the columns of the input at `path`, if that is Parquet, or with our own; our findings are in `key`, or
    /// `key_2`, … where a column has that name.
    ///
    /// # Errors
    /// When the input has changed or cannot be read, or the output not be written.
    pub fn create(
        file: OutputFile,
        path: Option<&Path>,
        text_field: Option<&str>,
        key: &str,
    ) -> io::Result<Self> {
        Self::begin(file, path, text_field, key).map_err(error)
    }

    fn begin(file: OutputFile, path: Option<&Path>, text_field: Option<&str>, key: &str) -> Result<Self> {
        let input =
            path.filter(|path| is_parquet(path)).map(|path| Input::open(path, text_field)).transpose()?;
        let columns = match &input {
            Some(input) => Arc::new(input.schema().clone()),
            None => own_columns()?,
        };
        let mut fields = columns.get_fields().to_vec();
        let names: HashSet<&str> = fields.iter().map(|field| field.name()).collect();
        let key = match names.contains(key) {
            false => key.to_owned(),
            true => {
                (2..).map(|n| format!("{key}_{n}")).find(|key| !names.contains(&**key)).unwrap_or_default()
            }
        };
        let findings = Type::primitive_type_builder(&key, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String));
        fields.push(Arc::new(findings.build()?));
        let schema = Type::group_type_builder(columns.name()).with_fields(fields).build()?;
        let version = KeyValue::new(KEY.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(format!("{KEY} version {}", env!("CARGO_PKG_VERSION")))
            // What others say there of the columns (Arrow, Spark, pandas) is not true of one column more.
            .set_key_value_metadata(Some(vec![version]));
        // Texts and findings do not repeat.
        let text = match &input {
            Some(input) => {
                input.reader.metadata().file_metadata().schema_descr().column(input.text).path().clone()
            }
            None => ColumnPath::from("text"),
        };
        for column in [text, ColumnPath::from(key)] {
            properties = properties.set_column_dictionary_enabled(column, false);
        }
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()))?;
        let text_field = text_field.map(str::to_owned);
        Ok(Self { writer, input, text_field, columns, rows: Vec::new(), bytes: 0 })
    }

    /// The rows that follow come from another input. It must have the same columns.
    ///
    /// # Errors
    /// When what came before cannot be written. Within, why the rows of this input cannot be.
    pub fn next_input(&mut self, path: Option<&Path>) -> io::Result<std::result::Result<(), String>> {
        self.flush()?;
        let input =
            path.filter(|path| is_parquet(path)).map(|path| Input::open(path, self.text_field.as_deref()));
        Ok(match input.transpose() {
            Err(cause) => Err(cause.to_string()),
            Ok(input) => {
                let same = match &input {
                    Some(input) => input.schema().get_fields() == self.columns.get_fields(),
                    None => self.input.is_none(),
                };
                if same {
                    self.input = input;
                    Ok(())
                } else {
                    Err("it has other columns than the first input: clean it by itself, or into a directory"
                        .to_owned())
                }
            }
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the output cannot be written, or the input not be read again.
    pub fn push(&mut self, row: Row) -> io::Result<()> {
        let is_full = self.bytes >= GROUP_BYTES || self.rows.len() >= GROUP_ROWS;
        if is_full || self.input.as_ref().is_some_and(|input| !input.has(row.place)) {
            self.flush()?;
        }
        if let Some(input) = &mut self.input {
            while !input.has(row.place) {
                input.next_group().map_err(error)?;
            }
        }
        self.bytes += row.text.len() + row.findings.len() + row.own.metadata.len();
        self.rows.push(row);
        Ok(())
    }

    /// Writes a row group.
    fn flush(&mut self) -> io::Result<()> {
        self.write_group().map_err(error)
    }

    fn write_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let Some(last) = rows.last() else { return Ok(()) };
        let mut group = self.writer.next_row_group()?;
        let column = |of: fn(&Row) -> &[u8]| -> Vec<ByteArray> {
            rows.iter().map(|row| ByteArray::from(of(row).to_vec())).collect()
        };
        let texts = column(|row| row.text.as_bytes());
        match &mut self.input {
            None => {
                write_texts(&mut group, &column(|row| row.own.id.as_bytes()))?;
                write_texts(&mut group, &texts)?;
                write_texts(&mut group, &column(|row| row.own.source.as_bytes()))?;
                write_texts(&mut group, &column(|row| &row.own.metadata))?;
            }
            Some(input) => {
                let runs = runs(&rows, input.first + input.copied);
                for (number, reader) in input.columns.iter_mut().enumerate() {
                    if number == input.text {
                        write_texts(&mut group, &texts)?;
                    } else {
                        copy(&mut group, reader, &runs)?;
                    }
                }
                input.copied = last.place + 1 - input.first;
            }
        }
        write_texts(&mut group, &column(|row| &row.findings))?;
        group.close().map(drop)
    }

    /// Writes all that is left, and gives the file back.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(mut self) -> io::Result<OutputFile> {
        self.flush()?;
        self.writer.into_inner().map_err(error)
    }
}

/// Which rows are copied, as runs of so many that are left out and so many that are not; `next` is the first that was not copied yet.
fn runs(rows: &[Row], mut next: u64) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match runs.last_mut() {
            Some((_, taken)) if row.place == next && *taken < COPIED => *taken += 1,
            _ => runs.push((usize::try_from(row.place - next).unwrap_or(0), 1)),
        }
        next = row.place + 1;
    }
    runs
}

type Group<'a> = SerializedRowGroupWriter<'a, OutputFile>;

fn no_column() -> ParquetError {
    ParquetError::General("internal error: a column too many".to_owned())
}

/// Writes a column of texts, each of which is there.
fn write_texts(group: &mut Group<'_>, texts: &[ByteArray]) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    let writer = column.typed::<ByteArrayType>();
    let defined = writer.get_descriptor().max_def_level();
    let levels = vec![defined; if defined > 0 { texts.len() } else { 0 }];
    writer.write_batch(texts, (defined > 0).then_some(&levels), None)?;
    column.close()
}

fn copy(group: &mut Group<'_>, reader: &mut ColumnReader, runs: &[(usize, usize)]) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    match (reader, column.untyped()) {
        (ColumnReader::BoolColumnReader(from), ColumnWriter::BoolColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (ColumnReader::Int32ColumnReader(from), ColumnWriter::Int32ColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (ColumnReader::Int64ColumnReader(from), ColumnWriter::Int64ColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (ColumnReader::Int96ColumnReader(from), ColumnWriter::Int96ColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (ColumnReader::FloatColumnReader(from), ColumnWriter::FloatColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (ColumnReader::DoubleColumnReader(from), ColumnWriter::DoubleColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (ColumnReader::ByteArrayColumnReader(from), ColumnWriter::ByteArrayColumnWriter(to)) => {
            copy_runs(from, to, runs)
        }
        (
            ColumnReader::FixedLenByteArrayColumnReader(from),
            ColumnWriter::FixedLenByteArrayColumnWriter(to),
        ) => copy_runs(from, to, runs),
        _ => Err(no_column()),
    }?;
    column.close()
}

fn copy_runs<T: DataType>(
    from: &mut ColumnReaderImpl<T>,
    to: &mut ColumnWriterImpl<'_, T>,
    runs: &[(usize, usize)],
) -> Result<()> {
    let (defined, repeated) =
        (to.get_descriptor().max_def_level() > 0, to.get_descriptor().max_rep_level() > 0);
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    let mut held = 0;
    for (number, &(left_out, taken)) in runs.iter().enumerate() {
        let skipped = from.skip_records(left_out)?;
        let read = from.read_records(taken, Some(&mut definitions), Some(&mut repetitions), &mut values)?.0;
        if (skipped, read) != (left_out, taken) {
            return Err(ParquetError::General("a column of the input ends too early".to_owned()));
        }
        held += taken;
        if held >= COPIED || number + 1 == runs.len() {
            to.write_batch(&values, defined.then_some(&definitions), repeated.then_some(&repetitions))?;
            values.clear();
            definitions.clear();
            repetitions.clear();
            held = 0;
        }
    }
    Ok(())
}
