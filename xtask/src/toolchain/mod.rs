//! How to compile for `wasm32-unknown-unknown` on this machine.
//!
//! 1. the toolchain in `PATH` has the target, or `rustup target add` brings it;
//! 2. else, on Debian, the distribution's `rustc-web` packages plus a standard library built once from their sources.
//!
//! Nothing is trusted: each start proves the target by compiling and linking a small program, and remembers the
//! proof for as long as compiler and library stay the same.

mod debian;
mod probe;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;
use probe::Rustc;

/// The one wasm target in use.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// rustup downloads about 20 MB; without a network it should not hold anybody up for long.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// A proven way to build for wasm.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    kind: Kind,
    version: String,
    build_std: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    /// `cargo` in `PATH`.
    Path,
    /// The distribution's compiler, although another one may be first in `PATH`.
    System {
        /// A folder with `cargo` and `rustc` only, for tools that look for them in `PATH`.
        bin: PathBuf,
    },
}

impl Toolchain {
    /// Finds a toolchain, installing what is missing.
    pub(crate) fn find(paths: &Paths, progress: &Progress) -> Result<Self> {
        let choice = env::var("LIVEINSIGHT_RUST").unwrap_or_default();
        let (allow_path, allow_system) = match choice.as_str() {
            "" => (true, true),
            "path" => (true, false),
            "system" => (false, true),
            other => bail!("LIVEINSIGHT_RUST is `{other}`: use `path`, `system`, or leave it out"),
        };
        let rustc = Rustc::in_path();
        if let Some(rustc) = rustc.as_ref().filter(|_| allow_path)
            && rustc.prove(paths).is_ok()
        {
            return Ok(Self::in_path(rustc, paths, progress));
        }
        let system = if allow_system { Rustc::system() } else { None };
        if let Some(system) = system.as_ref()
            && system.prove(paths).is_ok()
        {
            return Self::system(system, paths);
        }
        if let Some(rustc) = rustc.as_ref().filter(|_| allow_path)
            && process::which("rustup").is_some()
            && add_target(paths, progress, rustc)
        {
            return Ok(Self::in_path(rustc, paths, progress));
        }
        if allow_system && debian::is_possible() {
            let system = debian::install(paths, progress)?;
            return Self::system(&system, paths);
        }
        bail!(
            "this machine cannot compile for {TARGET}: run `rustup target add {TARGET}` \
             (rustup: see https://www.rust-lang.org/tools/install), or run this as root on Debian, \
             where it can install the compiler from packages"
        )
    }

    fn in_path(rustc: &Rustc, paths: &Paths, progress: &Progress) -> Self {
        if !rustc.has_sources() && process::which("rustup").is_some() {
            add_sources(paths, progress, rustc);
        }
        Self { kind: Kind::Path, version: rustc.version().to_owned(), build_std: rustc.has_sources() }
    }

    fn system(rustc: &Rustc, paths: &Paths) -> Result<Self> {
        let bin = debian::link_folder(paths)?;
        Ok(Self {
            kind: Kind::System { bin },
            version: rustc.version().to_owned(),
            build_std: rustc.has_sources(),
        })
    }

    /// What the compiler calls itself; part of every fingerprint.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Whether the standard library can be compiled along with a program.
    pub(crate) fn can_build_std(&self) -> bool {
        self.build_std
    }

    /// A folder that must come first in the `PATH` of tools that call `cargo`, if any.
    pub(crate) fn path_prefix(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Path => None,
            Kind::System { bin } => Some(bin),
        }
    }

    /// `cargo` for wasm builds, in the wasm target folder.
    pub(crate) fn cargo(&self, paths: &Paths) -> Command {
        let mut command = match &self.kind {
            Kind::Path => process::command("cargo"),
            Kind::System { .. } => process::command(debian::CARGO),
        };
        self.configure(&mut command, paths);
        command
    }

    /// `cargo clippy` for wasm, without arguments.
    pub(crate) fn clippy(&self, paths: &Paths) -> Command {
        let mut command = match &self.kind {
            Kind::Path => process::command("cargo"),
            // Through `cargo clippy` rustup's proxy in CARGO_HOME would win.
            Kind::System { .. } => process::command(debian::CLIPPY),
        };
        self.configure(&mut command, paths);
        command.arg("clippy");
        command
    }

    /// Sets the environment of anything that calls cargo for wasm.
    pub(crate) fn configure(&self, command: &mut Command, paths: &Paths) {
        command.current_dir(&paths.root).env("CARGO_TARGET_DIR", paths.wasm_target());
        if let Kind::System { .. } = self.kind {
            command
                .env_remove("RUSTUP_TOOLCHAIN")
                .env("CARGO", debian::CARGO)
                .env("RUSTC", debian::RUSTC)
                .env("RUSTDOC", debian::RUSTDOC);
        }
    }
}

fn add_target(paths: &Paths, progress: &Progress, rustc: &Rustc) -> bool {
    let added = progress.step("rust: add the wasm target", |step| {
        let added =
            step.run_at_most(RUSTUP_LIMIT, process::command("rustup").args(["target", "add", TARGET]));
        // Not fatal: the distribution's compiler is the second way.
        if added.is_err() && !process::interrupted() {
            step.note("rustup cannot, trying another way");
        }
        Ok(added.is_ok())
    });
    matches!(added, Ok(true)) && rustc.prove(paths).is_ok()
}

/// The sources only make the tracker smaller: tried once for each compiler, never an error.
fn add_sources(paths: &Paths, progress: &Progress, rustc: &Rustc) {
    let tried = paths.cache.join("toolchain").join(format!("rust-src-{}", rustc.key()));
    if tried.exists() {
        return;
    }
    let _ = progress.step("rust: add the library sources", |step| {
        if step
            .run_at_most(RUSTUP_LIMIT, process::command("rustup").args(["component", "add", "rust-src"]))
            .is_err()
        {
            step.note("not available; the tracker will be a little larger");
        }
        Ok(())
    });
    if !process::interrupted() {
        // Without the mark it is only tried again next time.
        let _ = std::fs::create_dir_all(paths.cache.join("toolchain"));
        let _ = std::fs::write(tried, "");
    }
}
