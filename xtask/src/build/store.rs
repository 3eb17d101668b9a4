//! The native tool that makes the tables, looks after people and sites, and prints the API's document.

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
    let (bin, api) = (work.out.join("bin"), work.out.join("openapi").join("api"));
    fs::create_dir_all(&bin)?;
    fs::create_dir_all(&api)?;
    fs::copy(target.join("debug").join(PROGRAM), bin.join(PROGRAM))
        .with_context(|| format!("cargo left no {PROGRAM}"))?;
    let document = process::output(process::command(bin.join(PROGRAM)).arg("openapi"))?;
    fs::write(api.join("openapi.json"), document).context("cannot write the API's document")
}
