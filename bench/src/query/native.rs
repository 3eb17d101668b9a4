//! The engine run natively, on one thread.

use analytics::query::Index;
use analytics::{Dataset, merge};
use anyhow::{Context, Result};
use protocol::query::OverviewAnswer;

use super::clock::median_ms;
use super::data::{DAYS, START};
use super::scenario::{ask, wanted};
use super::segments::{Segments, read};
use crate::figures::Figures;

/// From the bytes of segments to what queries run over: the columns of the overview.
pub(super) fn load(segments: &Segments) -> Result<(Dataset, Index)> {
    merged(segments).map(Index::condense)
}

fn merged(segments: &Segments) -> Result<Dataset> {
    let parts: Vec<Dataset> = segments.values().map(|bytes| read(bytes, wanted())).collect::<Result<_>>()?;
    Ok(match <[Dataset; 1]>::try_from(parts) {
        Ok([part]) => part,
        Err(parts) => merge(&parts.iter().collect::<Vec<_>>()),
    })
}

pub(super) fn answer(data: &Dataset, index: &Index, is_filtered: bool) -> Result<OverviewAnswer> {
    ask(data, index, START, DAYS, is_filtered).context("the engine refuses the overview")
}

/// The overview of what is loaded; returns the time for everybody.
pub(super) fn warm(figures: &mut Figures, name: &str, monthly: &Segments, runs: usize) -> Result<f64> {
    let (data, index) = load(monthly)?;
    let events = index.event_count() as f64;
    let all = median_ms(runs, || ask(&data, &index, START, DAYS, false));
    let filtered = median_ms(runs, || ask(&data, &index, START, DAYS, true));
    let left = answer(&data, &index, true)?.totals.visits as f64 / data.visit_count() as f64;
    println!(
        "{name}: {events} events, {} visits, filters leave {:.1} % of them",
        data.visit_count(),
        left * 100.0
    );
    figures.add(format!("query.overview.native.{name}.ms"), all, "ms");
    figures.add(format!("query.filtered.native.{name}.ms"), filtered, "ms");
    let resident = (data.heap_bytes() + index.heap_bytes()) as f64;
    figures.add(format!("query.overview.{name}.resident_bytes_per_event"), resident / events, "bytes");
    Ok(all)
}

/// From bytes to the first answer, and the steps on the way.
pub(super) fn cold(
    figures: &mut Figures,
    name: &str,
    monthly: &Segments,
    daily: &Segments,
    runs: usize,
) -> Result<()> {
    for (label, segments) in [("cold_monthly", monthly), ("cold_daily", daily)] {
        let time = median_ms(runs, || load(segments).and_then(|(data, index)| answer(&data, &index, false)));
        figures.add(format!("query.{label}.native.{name}.ms"), time, "ms");
    }
    let parts: Vec<Dataset> = daily.values().map(|bytes| read(bytes, wanted())).collect::<Result<_>>()?;
    let parts: Vec<&Dataset> = parts.iter().collect();
    figures.add(format!("merge.daily30.native.{name}.ms"), median_ms(runs, || merge(&parts)), "ms");
    let data = merged(monthly)?;
    figures.add(format!("query.index.native.{name}.ms"), median_ms(runs, || Index::of(&data)), "ms");
    anyhow::ensure!(merge(&parts) == data, "thirty days are something else than their month");
    Ok(())
}
