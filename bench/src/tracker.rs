//! `tracker`: what trackers cost a page, ours and others', in Chromium. `bench/tracker/run.mjs` drives the browser
//! and says how; `bench/tracker/trace.mjs` says what is counted and why.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::figures::Figures;
use crate::given;

/// A figure as the script prints it.
#[derive(Debug, Deserialize)]
struct Measured {
    name: String,
    value: f64,
    unit: String,
}

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
    let output = Command::new(given("LIVEINSIGHT_NODE")?)
        .arg(root.join("bench/tracker/run.mjs"))
        .args(options)
        .current_dir(&root)
        .stdin(Stdio::null())
        // How far it has come is shown as it comes.
        .stderr(Stdio::inherit())
        .output()
        .context("Node does not start")?;
    if !output.status.success() {
        bail!("the measurement ended with {}: see above", output.status);
    }
    let measured: Vec<Measured> =
        serde_json::from_slice(&output.stdout).context("the measurement printed something unexpected")?;
    let mut figures = Figures::default();
    for Measured { name, value, unit } in measured {
        figures.add(name, value, unit);
    }
    figures.publish(&root, "tracker")
}
