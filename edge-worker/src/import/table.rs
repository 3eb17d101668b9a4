//! CSV files by the names of their columns, and the texts that are in them.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::ImportError;

/// A CSV file with a heading.
pub(super) struct Table {
    path: PathBuf,
    reader: csv::Reader<File>,
    columns: HashMap<String, usize>,
}

/// A line of a table.
pub(super) struct Line<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
    pub(super) number: u64,
}

impl Line<'_> {
    /// The text in a column; empty where there is no such column or nothing in it. Databases print nothing as `\N`.
    pub(super) fn text(&self, column: &str) -> &str {
        let text = self.columns.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default();
        if matches!(text, "\\N" | "NULL") { "" } else { text }
    }

    /// The text in the first of these columns that has one.
    pub(super) fn first<'a>(&'a self, columns: &[&str]) -> &'a str {
        columns.iter().map(|column| self.text(column)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// A number of things.
    pub(super) fn count(&self, column: &str) -> Option<u64> {
        self.text(column).trim().parse().ok()
    }
}

impl Table {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let failed = |error: csv::Error| ImportError::file(path, error);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(failed)?;
        let heading = reader.headers().map_err(failed)?;
        let name = |text: &str| text.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        let columns = heading.iter().enumerate().map(|(place, text)| (name(text), place)).collect();
        Ok(Self { path: path.to_owned(), reader, columns })
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Says which of these columns is missing.
    pub(super) fn needs(&self, columns: &[&str]) -> Result<(), ImportError> {
        match columns.iter().find(|column| !self.has(column)) {
            Some(missing) => Err(ImportError::file(&self.path, format!("there is no column `{missing}`"))),
            None => Ok(()),
        }
    }

    /// Hands over every line; the numbers of those that are no CSV are returned.
    pub(super) fn each(&mut self, take: &mut dyn FnMut(&Line<'_>)) -> Result<Vec<u64>, ImportError> {
        let mut malformed = Vec::new();
        let mut record = csv::StringRecord::new();
        loop {
            let number = self.reader.position().line();
            match self.reader.read_record(&mut record) {
                Ok(false) => return Ok(malformed),
                Ok(true) => {
                    let number = record.position().map_or(number, csv::Position::line);
                    take(&Line { columns: &self.columns, record: &record, number });
                }
                Err(error) if error.is_io_error() => return Err(ImportError::file(&self.path, error)),
                Err(_) => malformed.push(number),
            }
        }
    }
}

/// A moment as databases print it, with or without an offset; UTC without one. Unix milliseconds.
pub(super) fn time(text: &str) -> Option<u64> {
    let text = text.trim();
    let moment = jiff::Timestamp::from_str(text).ok().or_else(|| {
        let civil = DateTime::from_str(text).ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    u64::try_from(moment.as_millisecond()).ok()
}

/// A day, and when it begins and ends in a time zone.
pub(super) fn day(text: &str, zone: &str) -> Option<(u64, u64)> {
    let date = Date::from_str(text.trim()).ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let start =
        |date: Date| u64::try_from(date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()).ok();
    Some((start(date)?, start(date.tomorrow().ok()?)?))
}

/// A country's code, or nothing.
pub(super) fn country(text: &str) -> String {
    crate::site_rules::country(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_databases_print_them() {
        for text in [
            "2025-11-23 03:00:00.123+00",
            "2025-11-23T03:00:00.123Z",
            "2025-11-23 03:00:00.123",
            "2025-11-23 12:00:00.123+09:00",
        ] {
            assert_eq!(time(text), Some(1_763_866_800_123), "{text}");
        }
        for text in ["", "yesterday", "2025-13-01 00:00:00"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn days_begin_in_the_sites_zone() {
        assert_eq!(day("2025-11-23", "Asia/Seoul"), Some((1_763_823_600_000, 1_763_910_000_000)));
        // The day on which clocks are set back has an hour more.
        let (from, to) = day("2025-10-26", "Europe/Berlin").unwrap();
        assert_eq!(to - from, 25 * 3_600_000);
        assert_eq!(day("26/10/2025", "UTC"), None);
    }
}
