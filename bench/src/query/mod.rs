//! `query`: the engine over made-up months of events.

mod clock;
mod data;
mod segments;
mod world;

use analytics::Span;

use crate::figures::Figures;
use crate::given;

/// Names of the sizes.
const SIZES: [(&str, usize); 4] =
    [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000), ("10m", 10_000_000)];

pub(crate) fn run(_options: &[String]) -> anyhow::Result<()> {
    let root = given("LIVEINSIGHT_ROOT")?;
    let mut figures = Figures::default();
    for (name, events) in SIZES.into_iter().take(3) {
        let data = segments::dataset(events)?;
        println!("{name}: {} events, {} visits", data.event_count(), data.visit_count());
        for (span, label) in [(Span::Hour, "hourly"), (Span::Day, "daily"), (Span::Month, "monthly")] {
            let all = segments::build(events, span)?;
            let figure = format!("segment.{label}.{name}.bytes_per_event");
            figures.add(figure, segments::bytes(&all) / data.event_count() as f64, "bytes");
        }
        segments::speed(&mut figures, &data, 7)?;
    }
    figures.publish(&root, "query")
}
