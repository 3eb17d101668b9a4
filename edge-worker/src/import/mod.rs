//! Bringing in what other products, or another installation, have stored. Native programs alone.
//!
//! What comes in is stored as any event is: rows of Events and Sessions, from which segments are built. Ids are functions
//! of the source's own (`ids`), so that a file which is imported twice changes nothing.
//!
//! | source | files |
//! |---|---|
//! | [`liveinsight`] | our own NDJSON: `GET /api/export`, or a backup with the site's settings in its first line |
//! | [`umami`] | CSV of the tables `website_event`, `session`, `event_data`, `revenue` |
//! | [`ga4`] | NDJSON of the BigQuery export's `events_…` tables |
//! | [`plausible`] | CSV of the export: daily totals, of which visits are made up |

mod countries;
pub mod ga4;
mod ids;
pub mod liveinsight;
pub mod plausible;
mod sink;
mod spread;
mod table;
pub mod umami;

use std::path::PathBuf;

pub use sink::{Sink, Summary};

use crate::site::Site;
use crate::store::{Store, StoreError};

/// Why an import ends before its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error("{path}: {cause}")]
    File {
        /// Its name.
        path: String,
        /// Why.
        cause: String,
    },
    /// The files are not those that are needed.
    #[error("{0}")]
    Files(String),
    /// The store does not take it; importing again goes on where it ended.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    fn file(path: &std::path::Path, cause: impl std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), cause: cause.to_string() }
    }
}

/// Where files are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Another installation of ours.
    LiveInsight,
    /// Plausible Analytics.
    Plausible,
    /// Umami.
    Umami,
    /// Google Analytics 4.
    Ga4,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::LiveInsight, Self::Plausible, Self::Umami, Self::Ga4];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::LiveInsight => "liveinsight",
            Self::Plausible => "plausible",
            Self::Umami => "umami",
            Self::Ga4 => "ga4",
        }
    }

    /// By [`Self::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// How it is to be done.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only says what would be stored.
    pub dry_run: bool,
    /// Names of events that are conversions; of GA4 and Umami.
    pub conversions: Vec<String>,
}

/// Imports files into a site. `told` hears from time to time how many events there are so far.
///
/// # Errors
/// [`ImportError`]; what was stored until then stays, and importing again completes it.
pub async fn run(
    store: &Store,
    site: &Site,
    source: Source,
    files: &[PathBuf],
    options: &Options,
    now: u64,
    told: &mut dyn FnMut(&Summary),
) -> Result<Summary, ImportError> {
    let mut sink = Sink::new(store, site, now, options.dry_run, told);
    match source {
        Source::LiveInsight => liveinsight::read(&mut sink, files).await?,
        Source::Plausible => plausible::read(&mut sink, files).await?,
        Source::Umami => umami::read(&mut sink, files, options).await?,
        Source::Ga4 => ga4::read(&mut sink, files, options).await?,
    }
    sink.finish().await
}
