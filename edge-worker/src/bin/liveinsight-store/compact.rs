//! Building and checking segments without queues: at an installation that has none, and of what was stored before there were segments.

use std::time::Instant;

use analytics::Bucket;
use edge_worker::compact::verify::Difference;
use edge_worker::compact::{self, plan};
use edge_worker::platform::Platform;
use edge_worker::store::Store;

use crate::Failure;
use crate::command::CompactCommand;
use crate::terminal::Terminal;

pub(crate) async fn run(store: &Store, command: &CompactCommand) -> Result<(), Failure> {
    let sites = store.accounts().sites().await?;
    let mut sites: Vec<_> = sites.into_iter().map(|stored| stored.site).collect();
    if let Some(id) = &command.site {
        sites.retain(|site| site.id.as_str() == id);
        if sites.is_empty() {
            return Err("there is no site of this id in the store".into());
        }
    }
    let now = Terminal.now();
    for site in sites {
        let usual = plan::range(now, &site);
        let from = command.from.map_or(usual.start, Bucket::start);
        let to = command.to.map_or(usual.end, Bucket::end).min(now);
        let (began, read) = (Instant::now(), store.read_units());
        let done = compact::run(store, &site, &(from..to), now, command.anew).await?;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{}: {} segments, {} events, {} bytes, {:.0} read units, {:.0} write units, {seconds:.2} s",
            site.id,
            done.written,
            done.events,
            done.bytes,
            store.read_units() - read,
            done.write_units,
        );
    }
    Ok(())
}

/// Compares a day's rows with what is answered of them; an error if a number differs.
pub(crate) async fn verify(store: &Store, site: &str, day: Bucket) -> Result<(), Failure> {
    let stored = store.accounts().site(site).await?.ok_or("there is no site of this id in the store")?;
    if day.start() < stored.site.rows_from(Terminal.now()) {
        return Err(
            "the day's rows are no longer kept, so there is nothing to compare its segments with".into()
        );
    }
    let done = compact::verify::verify(store, &stored.site, &day.range(), Terminal.now(), u64::MAX).await?;
    for Difference { what, rows, answered } in &done.differences {
        println!("{what}: {rows} in the rows, {answered} answered");
    }
    println!("{}: {} numbers, {} of them differ", day, done.compared, done.differences.len());
    if done.differences.is_empty() {
        Ok(())
    } else {
        Err("build the day's segments with `compact --anew`".into())
    }
}
