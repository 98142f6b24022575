//! Parquet: each row as a JSON record, row group by row group.
//!
//! Values that JSON has no type for are written as text: dates and times as ISO 8601, decimals as their digits, bytes that are no
//! UTF-8 in Base64.

use std::fs::File;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use ::parquet::basic::Type as Physical;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::reader::RowIter;
use ::parquet::record::{Field, Row};
use ::parquet::schema::types::SchemaDescriptor;

use super::jsonl::TEXT_FIELDS;
use super::{BATCH_BYTES, Batch, Form, InputFile, Item};
use crate::output::rejected::base64;
use crate::output::splice::write_json_string;

/// An open file.
pub(super) struct Source {
    file: Arc<InputFile>,
    rows: RowIter<'static>,
    /// The column that holds the text.
    column: Arc<str>,
    place: u64,
}

impl Source {
    /// Opens a file, or says in words why not.
    pub(super) fn open(file: Arc<InputFile>, raw: File, text_field: Option<&str>) -> Result<Self, String> {
        caught(|| {
            let reader = SerializedFileReader::new(raw).map_err(|error| damaged(&error))?;
            let schema = reader.metadata().file_metadata().schema_descr();
            let column = schema.column(text_column(schema, text_field)?).path().string().into();
            let rows = RowIter::from_file_into(Box::new(reader));
            Ok(Self { file, rows, column, place: 0 })
        })
    }

    /// Appends rows to `batch` until it is full; true: this input is at its end.
    pub(super) fn fill(&mut self, batch: &mut Batch) -> bool {
        while batch.bytes.len() < BATCH_BYTES {
            let start = batch.bytes.len();
            let next = caught(|| self.rows.next().transpose().map_err(|error| damaged(&error)));
            let (form, place, is_last) = match next {
                Ok(None) => return true,
                Ok(Some(row)) => {
                    self.place += 1;
                    write_row(&row, &mut batch.bytes);
                    (Form::Row(Arc::clone(&self.column)), self.place, false)
                }
                Err(cause) => (Form::Fault(cause), 0, true),
            };
            let (file, span) = (Arc::clone(&self.file), start..batch.bytes.len());
            batch.items.push(Item { file, place, part: 0, span, form });
            if is_last {
                return true;
            }
        }
        false
    }
}

fn damaged(error: &::parquet::errors::ParquetError) -> String {
    format!("the Parquet file cannot be read: {error}")
}

/// Runs what may panic on a damaged file.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let what = crate::pipeline::panic_message(&*payload);
        Err(format!("the Parquet file cannot be read: {what}"))
    })
}

/// The column that holds the text: the one that is named, or the first that has one of the names texts have.
///
/// # Errors
/// When there is none, in words.
pub(crate) fn text_column(schema: &SchemaDescriptor, named: Option<&str>) -> Result<usize, String> {
    let is_text = |index: &usize| {
        let column = schema.column(*index);
        column.physical_type() == Physical::BYTE_ARRAY && column.max_rep_level() == 0
    };
    let find = |name: &str| {
        (0..schema.num_columns()).filter(is_text).find(|index| schema.column(*index).path().string() == name)
    };
    let found = match named {
        Some(name) => find(name),
        None => TEXT_FIELDS.iter().find_map(|name| find(name)),
    };
    found.ok_or_else(|| {
        let names: Vec<String> = (0..schema.num_columns().min(12))
            .filter(is_text)
            .map(|n| format!("`{}`", schema.column(n).path().string()))
            .collect();
        let named = named.map_or_else(|| TEXT_FIELDS.join(", "), str::to_owned);
        format!("no text column ({named}); columns of text are {}; --text-field names one", names.join(", "))
    })
}

fn write_row(row: &Row, out: &mut Vec<u8>) {
    out.push(b'{');
    for (number, (name, field)) in row.get_column_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
        write_field(field, out);
    }
    out.push(b'}');
}

fn write_field(field: &Field, out: &mut Vec<u8>) {
    // A Vec takes all that is written to it.
    let mut number = |text: std::fmt::Arguments<'_>| out.write_fmt(text).unwrap_or_default();
    match field {
        Field::Null => out.extend_from_slice(b"null"),
        Field::Bool(value) => number(format_args!("{value}")),
        Field::Byte(value) => number(format_args!("{value}")),
        Field::Short(value) => number(format_args!("{value}")),
        Field::Int(value) => number(format_args!("{value}")),
        Field::Long(value) => number(format_args!("{value}")),
        Field::UByte(value) => number(format_args!("{value}")),
        Field::UShort(value) => number(format_args!("{value}")),
        Field::UInt(value) => number(format_args!("{value}")),
        Field::ULong(value) => number(format_args!("{value}")),
        Field::Float16(value) => write_json(&f32::from(*value), out),
        Field::Float(value) => write_json(value, out),
        Field::Double(value) => write_json(value, out),
        Field::Str(text) => write_json_string(text, out),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => write_json_string(text, out),
            Err(_) => write_json_string(&base64(bytes.data()), out),
        },
        Field::Decimal(_)
        | Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_) => write_json_string(&field.to_string(), out),
        Field::Group(row) => write_row(row, out),
        Field::ListInternal(list) => {
            out.push(b'[');
            for (number, element) in list.elements().iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                write_field(element, out);
            }
            out.push(b']');
        }
        Field::MapInternal(map) => {
            out.push(b'{');
            for (number, (key, value)) in map.entries().iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                match key {
                    Field::Str(key) => write_json_string(key, out),
                    other => write_json_string(&other.to_string(), out),
                }
                out.push(b':');
                write_field(value, out);
            }
            out.push(b'}');
        }
    }
}

/// Writes a number; what is none to JSON is null.
fn write_json(value: &impl serde::Serialize, out: &mut Vec<u8>) {
    out.extend(serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec()));
}
