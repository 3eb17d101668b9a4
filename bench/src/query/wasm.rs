//! The engine as WebAssembly in V8: `bench/query/run.mjs` loads the module and the segments and takes the times.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::segments::Segments;
use super::{native, scenario};
use crate::figures::{Figures, script};

/// Puts the segments of a size and the answers of the native engine where the script finds them.
pub(super) fn keep(folder: &Path, name: &str, monthly: &Segments, daily: &Segments) -> Result<()> {
    let mut held = native::load(monthly)?;
    for (file, is_filtered) in [("overview", false), ("filtered", true)] {
        let questions = scenario::questions(is_filtered);
        fs::write(folder.join(format!("{name}.{file}.json")), scenario::ask(&mut held, &questions)?)?;
        fs::write(folder.join(format!("{file}.questions.json")), questions)?;
    }
    for (label, segments) in [("monthly", monthly), ("daily", daily)] {
        // Length and bytes of each, one after the other.
        let path = folder.join(format!("{name}.{label}"));
        let mut file = fs::File::create(path).context("segments cannot be kept")?;
        for bytes in segments.values() {
            file.write_all(&u32::try_from(bytes.len())?.to_le_bytes())?;
            file.write_all(bytes)?;
        }
    }
    Ok(())
}

/// Runs the script over the sizes that were kept.
pub(super) fn measure(figures: &mut Figures, folder: &Path, sizes: &[&str], runs: usize) -> Result<()> {
    let Some(module) = std::env::var_os("LIVEINSIGHT_QUERY_WASM") else {
        println!("query: without WebAssembly, which `npm run bench` builds");
        return Ok(());
    };
    let mut script = script("bench/query/run.mjs")?;
    script.args(["--module".as_ref(), module.as_os_str(), "--folder".as_ref(), folder.as_os_str()]).args([
        "--sizes",
        &sizes.join(","),
        "--runs",
        &runs.to_string(),
    ]);
    figures.measure(&mut script)
}
