//! `tracker`: what trackers cost a page, ours and others', in Chromium. `bench/tracker/run.mjs` drives the browser
//! and says how; `bench/tracker/trace.mjs` says what is counted and why.

use crate::figures::{Figures, script};
use crate::given;

/// Measures with the given options, which are those of the script.
pub(crate) fn run(options: &[String]) -> anyhow::Result<()> {
    let root = given("LIVEINSIGHT_ROOT")?;
    println!(
        "tracker: main-thread time in Chromium, processor slowed down 4 times unless full speed is said or \
         --throttling; medians, each less that of an empty script"
    );
    if std::env::var_os("LIVEINSIGHT_RIVALS").is_none() {
        println!("tracker: without other trackers, whose packages could not be had");
    }
    let mut figures = Figures::default();
    figures.measure(script("bench/tracker/run.mjs")?.args(options))?;
    figures.publish(&root, "tracker")
}
