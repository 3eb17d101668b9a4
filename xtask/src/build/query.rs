//! The query engine that the dashboard's Web Worker runs, by itself: for benchmarks.

use anyhow::Result;

use super::{Work, dashboard};
use crate::progress::Step;
use crate::setup::Setup;

pub(super) const FOLDERS: &[&str] = &["engine-wasm"];

pub(super) fn build(setup: &Setup, step: &mut Step, work: &Work) -> Result<()> {
    dashboard::engine(setup, step, &work.out).map(drop)
}
