//! The native tool that creates the tables.

use std::fs;

use anyhow::{Context, Result};

use super::Work;
use crate::process;
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["edge-worker"];

/// Its name, as a binary of the edge-worker crate.
pub(super) const PROGRAM: &str = "liveinsight-store";

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    let target = setup.paths.native_target();
    let mut cargo = process::command("cargo");
    cargo.current_dir(&setup.paths.root).env("CARGO_TARGET_DIR", &target).args([
        "build",
        "--locked",
        "-p",
        "edge-worker",
        "--features",
        "native",
        "--bin",
        PROGRAM,
    ]);
    step.run(&mut cargo)?;
    fs::copy(target.join("debug").join(PROGRAM), work.out.join(PROGRAM))
        .with_context(|| format!("cargo left no {PROGRAM}"))?;
    Ok(())
}
