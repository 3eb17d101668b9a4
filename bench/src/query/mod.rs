//! `query`: the engine over made-up months of events.

mod data;
mod world;

use crate::figures::Figures;
use crate::given;

pub(crate) fn run(_options: &[String]) -> anyhow::Result<()> {
    let root = given("LIVEINSIGHT_ROOT")?;
    let figures = Figures::default();
    data::generate(1000, &mut |_| {});
    figures.publish(&root, "query")
}
