//! Tables as files.

use std::io::Write;
use std::sync::Arc;

use edge_worker::encoding::harmless;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use crate::table::{Cell, Holds, columns};

/// A form of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet, compressed by Snappy; read by DuckDB, Athena, Spark, pandas.
    Parquet,
    /// One JSON object a line.
    Ndjson,
    /// RFC 4180, with a heading.
    Csv,
}

impl Format {
    /// The form of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "parquet" => Some(Self::Parquet),
            "ndjson" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// A file that is being written.
pub enum File<W: Write + Send> {
    /// Parquet.
    Parquet(Box<SerializedFileWriter<W>>),
    /// A line a row.
    Ndjson(W),
    /// A line a row.
    Csv(W),
}

impl<W: Write + Send> File<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(format: Format, mut out: W) -> Result<Self> {
        Ok(match format {
            Format::Ndjson => Self::Ndjson(out),
            Format::Csv => {
                line(&mut out, columns().iter().map(|(name, _)| (*name).to_owned()))?;
                Self::Csv(out)
            }
            Format::Parquet => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                Self::Parquet(Box::new(SerializedFileWriter::new(out, schema()?, Arc::new(properties))?))
            }
        })
    }

    /// Adds rows, in Parquet as a group of their own.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn add(&mut self, rows: &[Vec<Cell>]) -> Result<()> {
        match self {
            Self::Parquet(_) if rows.is_empty() => Ok(()),
            Self::Parquet(file) => group(file, rows),
            Self::Ndjson(out) => {
                for row in rows {
                    let named = columns().into_iter().zip(row);
                    let fields: Map<String, Value> = named
                        .filter_map(|((name, _), cell)| match cell {
                            Cell::Absent => None,
                            Cell::Text(text) => Some((name.to_owned(), Value::from(text.as_str()))),
                            Cell::Number(number) => Some((name.to_owned(), Value::from(*number))),
                        })
                        .collect();
                    writeln!(out, "{}", Value::Object(fields))?;
                }
                Ok(())
            }
            Self::Csv(out) => rows.iter().try_for_each(|row| {
                line(
                    out,
                    row.iter().map(|cell| match cell {
                        Cell::Absent => String::new(),
                        Cell::Text(text) => harmless(text),
                        Cell::Number(number) => number.to_string(),
                    }),
                )
            }),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Parquet(file) => file.close().map(drop),
            Self::Ndjson(mut out) | Self::Csv(mut out) => Ok(out.flush()?),
        }
    }
}

fn schema() -> Result<Arc<Type>> {
    let field = |(name, holds): (&str, Holds)| {
        let (physical, logical) = match holds {
            Holds::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Holds::Number => (Physical::INT64, None),
            Holds::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        field.build().map(Arc::new)
    };
    let fields = columns().into_iter().map(field).collect::<Result<Vec<_>>>()?;
    Type::group_type_builder("event").with_fields(fields).build().map(Arc::new)
}

fn group<W: Write + Send>(file: &mut SerializedFileWriter<W>, rows: &[Vec<Cell>]) -> Result<()> {
    let mut group = file.next_row_group()?;
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        let cells = rows.iter().filter_map(|row| row.get(place));
        let levels: Vec<i16> = cells.clone().map(|cell| i16::from(*cell != Cell::Absent)).collect();
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(writer) => {
                let values: Vec<i64> = cells
                    .filter_map(|cell| if let Cell::Number(number) = cell { Some(*number) } else { None })
                    .collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let values: Vec<ByteArray> = cells
                    .filter_map(
                        |cell| if let Cell::Text(text) = cell { Some(text.as_str().into()) } else { None },
                    )
                    .collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            _ => return Err(ParquetError::General("a column of another type".into())),
        }
        column.close()?;
        place += 1;
    }
    group.close().map(drop)
}

fn line(out: &mut impl Write, fields: impl Iterator<Item = String>) -> Result<()> {
    for (place, field) in fields.enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        if field.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    Ok(out.write_all(b"\r\n")?)
}
