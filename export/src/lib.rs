//! Events of a site as files: read through the store, segments and rows alike, day by day, so that memory is bounded by
//! the busiest day.

pub mod table;
pub mod write;

use std::fs::File as Disk;
use std::io::BufWriter;

use analytics::{Bucket, Columns};
use edge_worker::site::Site;
use edge_worker::store::Store;

use write::{File, Format};

/// Writes the events of days to a file and returns how many there are.
///
/// # Errors
/// The store does not answer, a segment is damaged, or the file cannot be written.
pub async fn write_days(
    store: &Store,
    site: &Site,
    days: impl Iterator<Item = Bucket>,
    format: Format,
    out: Disk,
    now: u64,
) -> Result<usize, Box<dyn std::error::Error>> {
    let mut file = File::new(format, BufWriter::new(out))?;
    let mut events = 0;
    for day in days {
        let loaded = store.load(site, &day.range(), Columns::ALL, now).await?;
        let rows = table::rows(&loaded.data, &day.range());
        events += rows.len();
        file.add(&rows)?;
    }
    file.finish()?;
    Ok(events)
}
