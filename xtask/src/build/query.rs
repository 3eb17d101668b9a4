//! The query engine as a module of its own, for benchmarks: compiled for speed, as a dashboard would.

use anyhow::Result;

use super::{Work, optimise, wasm_file_of};
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["bench", "bench/wasm-query"];

const CRATE: &str = "wasm-query";
const PROFILE: &str = "engine";

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    let mut cargo = setup.toolchain.cargo(&setup.paths);
    cargo.args(["build", "--profile", PROFILE, "--locked", "-p", CRATE]);
    step.run(cargo.args(["--target", crate::toolchain::TARGET]))?;
    let wasm = wasm_file_of(&setup.paths.wasm_target(), PROFILE, CRATE)?;
    optimise::package_for_speed(setup, step, &wasm, &work.out, "wasm_query")?;
    Ok(())
}
