//! The engine run natively, on one thread.

use analytics::query::Index;
use analytics::{Dataset, merge};
use anyhow::Result;
use engine_wasm::held::Held;
use serde_json::Value;

use super::clock::median_ms;
use super::scenario::{ask, questions, take, wanted};
use super::segments::{Segments, read};
use crate::figures::Figures;

/// The engine with everything decoded.
pub(super) fn load(segments: &Segments) -> Result<Held> {
    let mut held = take(segments)?;
    held.prepare()?;
    Ok(held)
}

/// How many visits the first answer counts.
fn visits(answers: &str) -> Result<f64> {
    let answers: Value = serde_json::from_str(answers)?;
    let visits = answers.pointer("/0/answer/results/0/metrics/1").and_then(Value::as_f64);
    visits.ok_or_else(|| anyhow::anyhow!("the overview does not tell the visits"))
}

/// The overview of what is loaded; returns the time for everybody.
pub(super) fn warm(figures: &mut Figures, name: &str, monthly: &Segments, runs: usize) -> Result<f64> {
    let mut held = load(monthly)?;
    let events = held.events() as f64;
    let (everybody, few) = (questions(false), questions(true));
    let all = median_ms(runs, || ask(&mut held, &everybody));
    let filtered = median_ms(runs, || ask(&mut held, &few));
    let (left, visits) = (visits(&ask(&mut held, &few)?)?, visits(&ask(&mut held, &everybody)?)?);
    println!(
        "{name}: {events} events, {visits} visits, filters leave {:.1} % of them",
        left / visits * 100.0
    );
    figures.add(format!("query.overview.native.{name}.ms"), all, "ms");
    figures.add(format!("query.filtered.native.{name}.ms"), filtered, "ms");
    let resident = held.heap_bytes()? as f64;
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
    let everybody = questions(false);
    for (label, segments) in [("cold_monthly", monthly), ("cold_daily", daily)] {
        let time = median_ms(runs, || take(segments).and_then(|mut held| ask(&mut held, &everybody)));
        figures.add(format!("query.{label}.native.{name}.ms"), time, "ms");
    }
    let decode = |segments: &Segments| -> Result<Vec<Dataset>> {
        segments.values().map(|bytes| read(bytes, wanted())).collect()
    };
    let (parts, month) = (decode(daily)?, decode(monthly)?);
    let parts: Vec<&Dataset> = parts.iter().collect();
    figures.add(format!("merge.daily30.native.{name}.ms"), median_ms(runs, || merge(&parts)), "ms");
    let data = merge(&month.iter().collect::<Vec<_>>());
    figures.add(format!("query.index.native.{name}.ms"), median_ms(runs, || Index::of(&data)), "ms");
    anyhow::ensure!(merge(&parts) == data, "thirty days are something else than their month");
    Ok(())
}
