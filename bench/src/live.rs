//! `live`: from a click in one browser to paint in another, and what one hub holds. `bench/live/run.mjs` drives the
//! browsers and says how.

use crate::figures::{Figures, script};
use crate::given;

/// Measures with the given options, which are those of the script.
pub(crate) fn run(options: &[String]) -> anyhow::Result<()> {
    let root = given("LIVEINSIGHT_ROOT")?;
    println!("live: Chromium twice, the worker under wrangler, everything on this machine");
    let mut figures = Figures::default();
    figures.measure(script("bench/live/run.mjs")?.args(options))?;
    figures.publish(&root, "live")
}
