//! Figures: collected, printed, written.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;

/// One measured value.
#[derive(Debug, Serialize)]
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
