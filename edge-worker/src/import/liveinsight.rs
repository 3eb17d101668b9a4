//! Our own NDJSON: an event a line, as `GET /api/export` gives it. A backup begins with a line of the site's settings.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use protocol::saved::{AllSaved, SavedKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sink::note_estimated;
use super::{ImportError, Sink};
use crate::site::Site;
use crate::store::Store;
use crate::store::export::Export;

/// Version of the first line.
const VERSION: u32 = 1;

/// The first line of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heading {
    /// Version of the form.
    pub liveinsight_backup: u32,
    /// The site with its settings.
    pub site: Site,
    /// What was saved there.
    pub saved: Vec<SavedLine>,
}

/// A goal, segment or funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedLine {
    /// `goal`, `segment` or `funnel`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is.
    pub what: Value,
}

fn lines_of(kind: SavedKind, all: impl Iterator<Item = (String, Option<Value>)>) -> Vec<SavedLine> {
    let line = |(id, what): (String, Option<Value>)| {
        Some(SavedLine { kind: kind.name().to_owned(), id, what: what? })
    };
    all.filter_map(line).collect()
}

impl Heading {
    fn new(site: &Site, saved: &AllSaved) -> Self {
        fn value<T: Serialize>(what: &T) -> Option<Value> {
            serde_json::to_value(what).ok()
        }
        let mut lines =
            lines_of(SavedKind::Goal, saved.goals.iter().map(|it| (it.id.clone(), value(&it.what))));
        let segments = saved.segments.iter().map(|it| (it.id.clone(), value(&it.what)));
        lines.extend(lines_of(SavedKind::Segment, segments));
        lines.extend(lines_of(
            SavedKind::Funnel,
            saved.funnels.iter().map(|it| (it.id.clone(), value(&it.what))),
        ));
        let annotations = saved.annotations.iter().map(|it| (it.id.clone(), value(&it.what)));
        lines.extend(lines_of(SavedKind::Annotation, annotations));
        Self { liveinsight_backup: VERSION, site: site.clone(), saved: lines }
    }

    /// The heading of a backup; `None` for a file that is none.
    ///
    /// # Errors
    /// [`ImportError`] when the file cannot be read.
    pub fn of(path: &Path) -> Result<Option<Self>, ImportError> {
        let file = File::open(path).map_err(|error| ImportError::file(path, error))?;
        let mut line = String::new();
        BufReader::new(file).read_line(&mut line).map_err(|error| ImportError::file(path, error))?;
        Ok(serde_json::from_str(&line).ok().filter(|it: &Self| it.liveinsight_backup == VERSION))
    }

    /// Saves what was saved at the site, unless something of that kind and id is there, and notes what of its events was
    /// made up.
    ///
    /// # Errors
    /// [`ImportError`] when the store does not answer.
    pub async fn save(&self, store: &Store, site: &str) -> Result<usize, ImportError> {
        let accounts = store.accounts();
        let there = accounts.saved(site).await?;
        let mut count = 0;
        for line in &self.saved {
            let Some(kind) = SavedKind::ALL.into_iter().find(|kind| kind.name() == line.kind) else {
                continue;
            };
            if there.names(kind).iter().any(|(id, _)| *id == line.id) {
                continue;
            }
            accounts.save(site, kind, &line.id, &line.what.to_string()).await?;
            count += 1;
        }
        if !self.site.estimated_ranges.is_empty() {
            note_estimated(store, site, &self.site.estimated_ranges).await?;
        }
        Ok(count)
    }
}

/// Writes a backup of a site: its settings, and all events. How many there are.
///
/// # Errors
/// [`ImportError`] when the store does not answer or the file cannot be written.
pub async fn backup(store: &Store, site: &Site, now: u64, out: &mut impl Write) -> Result<u64, ImportError> {
    let broken = |error: std::io::Error| ImportError::Files(format!("the file cannot be written: {error}"));
    let heading = Heading::new(site, &store.accounts().saved(site.id.as_str()).await?);
    let line = serde_json::to_string(&heading).unwrap_or_default();
    writeln!(out, "{line}").map_err(broken)?;
    let mut export = Export::new(Rc::new(site.clone()), site.rows_from(now)..now + analytics::DAY_MS);
    let mut events = 0;
    while let Some(page) = store.export_page(&mut export).await? {
        for event in page {
            writeln!(out, "{}", Value::Object(event)).map_err(broken)?;
            events += 1;
        }
    }
    Ok(events)
}

/// Reads files.
pub(super) async fn read(sink: &mut Sink<'_>, files: &[PathBuf]) -> Result<(), ImportError> {
    for path in files {
        let file = File::open(path).map_err(|error| ImportError::file(path, error))?;
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|error| ImportError::file(path, error))?;
            if line.trim().is_empty() {
                continue;
            }
            let number = index as u64 + 1;
            sink.summary.read += 1;
            let Ok(fields) = serde_json::from_str::<Map<String, Value>>(&line) else {
                sink.refuse(path, number, "not a JSON object");
                continue;
            };
            if number == 1 && fields.contains_key("liveinsight_backup") {
                sink.summary.read -= 1;
                continue;
            }
            if let Err(reason) = sink.raw(&fields).await? {
                sink.refuse(path, number, reason);
            }
        }
    }
    Ok(())
}
