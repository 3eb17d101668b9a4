//! The native tool that writes events to files: a workspace of its own, built only by who exports.

use std::path::PathBuf;

use anyhow::Result;

use crate::files::BuildLock;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;

/// Where cargo leaves what it makes of it.
pub(crate) fn export_target(paths: &Paths) -> PathBuf {
    paths.native_target().join("export")
}

/// The tool, once it is built.
pub(crate) fn export_tool(paths: &Paths) -> PathBuf {
    export_target(paths).join("release").join("export")
}

/// Builds it.
pub(crate) fn export(paths: &Paths, progress: &Progress) -> Result<()> {
    let _lock = BuildLock::acquire(paths)?;
    progress.step("build: export", |step| {
        let mut cargo = process::command("cargo");
        cargo.current_dir(&paths.root).env("CARGO_TARGET_DIR", export_target(paths));
        step.run(cargo.args(["build", "--release", "--locked", "--manifest-path", "export/Cargo.toml"]))
    })
}
