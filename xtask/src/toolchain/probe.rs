//! What a compiler is, and whether it can really build for wasm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use super::{TARGET, debian};
use crate::hash;
use crate::paths::Paths;
use crate::process;

/// A compiler that answered.
#[derive(Debug, Clone)]
pub(super) struct Rustc {
    program: PathBuf,
    version: String,
    sysroot: PathBuf,
}

impl Rustc {
    /// The compiler that `cargo` in `PATH` uses.
    pub(super) fn in_path() -> Option<Self> {
        Self::ask(Path::new("rustc"))
    }

    /// The distribution's compiler, if it is recent enough.
    pub(super) fn system() -> Option<Self> {
        let rustc = Self::ask(Path::new(debian::RUSTC))?;
        (minor(&rustc.version)? >= debian::OLDEST_MINOR && Path::new(debian::CARGO).is_file())
            .then_some(rustc)
    }

    fn ask(program: &Path) -> Option<Self> {
        let version = process::output(Self::command(program).arg("-V")).ok()?;
        let sysroot = process::output(Self::command(program).args(["--print", "sysroot"])).ok()?;
        Some(Self { program: program.to_path_buf(), version, sysroot: PathBuf::from(sysroot) })
    }

    fn command(program: &Path) -> Command {
        let mut command = process::command(program);
        if program.is_absolute() {
            command.env_remove("RUSTUP_TOOLCHAIN");
        }
        command
    }

    /// Such as `rustc 1.96.0 (ac68faa20 2026-05-25)`.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Whether the standard library's sources are there.
    pub(super) fn has_sources(&self) -> bool {
        self.sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
    }

    /// Tells compilers apart in file names.
    pub(super) fn key(&self) -> String {
        hash::hex(hash::sha256(format!("{}\0{}", self.version, self.sysroot.display()).as_bytes()))[..16]
            .to_owned()
    }

    /// Compiles and links a program for wasm, unless the same compiler and library did so before.
    pub(super) fn prove(&self, paths: &Paths) -> Result<()> {
        let stamp = self.stamp(paths)?;
        if stamp.is_file() {
            return Ok(());
        }
        self.compile(paths)?;
        // Without the stamp the proof is only repeated next time.
        let _ = fs::write(&stamp, &self.version);
        Ok(())
    }

    fn stamp(&self, paths: &Paths) -> Result<PathBuf> {
        let lib = self.sysroot.join("lib/rustlib").join(TARGET).join("lib");
        let changed = fs::metadata(&lib)
            .and_then(|metadata| metadata.modified())
            .with_context(|| format!("{} has no standard library for {TARGET}", self.program.display()))?
            .duration_since(UNIX_EPOCH)?;
        Ok(paths.cache.join("toolchain").join(format!("proof-{}-{}", self.key(), changed.as_nanos())))
    }

    fn compile(&self, paths: &Paths) -> Result<()> {
        let dir = paths.cache.join("toolchain").join(format!("probe-{}", std::process::id()));
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let compiled = self.compile_in(&dir);
        let _ = fs::remove_dir_all(&dir);
        compiled
    }

    fn compile_in(&self, dir: &Path) -> Result<()> {
        let source = dir.join("probe.rs");
        fs::write(&source, "fn main() { println!(\"{}\", std::env::args().count()); }\n")?;
        let wasm = dir.join("probe.wasm");
        process::output(
            Self::command(&self.program)
                .args(["--edition", "2024", "--crate-type", "bin", "--target", TARGET, "-o"])
                .arg(&wasm)
                .arg(&source),
        )?;
        if !fs::read(&wasm)?.starts_with(b"\0asm") {
            bail!("the compiler wrote something that is not wasm");
        }
        Ok(())
    }
}

/// The minor version in `rustc 1.96.0 (…)`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_version_is_read() {
        assert_eq!(minor("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"), Some(96));
        assert_eq!(minor("rustc 1.97.0-nightly (abc 2026-01-01)"), Some(97));
        assert_eq!(minor("clang 17"), None);
    }
}
