//! Figures: collected, printed, written.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::given;

/// One measured value, as scripts print it and files hold it.
#[derive(Debug, Serialize, Deserialize)]
struct Figure {
    name: String,
    value: f64,
    unit: String,
}

/// The figures of one benchmark.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    pub(crate) fn add(&mut self, name: impl Into<String>, value: f64, unit: impl Into<String>) {
        self.0.push(Figure { name: name.into(), value, unit: unit.into() });
    }

    /// Runs a script and takes up the figures it prints.
    pub(crate) fn measure(&mut self, script: &mut Command) -> anyhow::Result<()> {
        let output = script.output().context("Node does not start")?;
        if !output.status.success() {
            bail!("the measurement ended with {}: see above", output.status);
        }
        let measured: Vec<Figure> =
            serde_json::from_slice(&output.stdout).context("the measurement printed something unexpected")?;
        self.0.extend(measured);
        Ok(())
    }

    /// Prints a table and writes `bench/results/<benchmark>.json`.
    pub(crate) fn publish(&self, root: &Path, benchmark: &str) -> anyhow::Result<()> {
        let width = self.0.iter().map(|figure| figure.name.len()).max().unwrap_or(0);
        for Figure { name, value, unit } in &self.0 {
            println!("{name:width$}  {value:>12.3}  {unit}");
        }
        let folder = root.join("bench/results");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = folder.join(format!("{benchmark}.json"));
        std::fs::write(&file, serde_json::to_vec_pretty(&self.0)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("written to bench/results/{benchmark}.json");
        Ok(())
    }
}

/// Node with a script of the project, by its path in it; how far it has come is shown as it comes.
pub(crate) fn script(path: &str) -> anyhow::Result<Command> {
    let root = given("LIVEINSIGHT_ROOT")?;
    let mut command = Command::new(given("LIVEINSIGHT_NODE")?);
    command.arg(root.join(path)).current_dir(&root).stdin(Stdio::null()).stderr(Stdio::inherit());
    Ok(command)
}
