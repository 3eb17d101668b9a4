//! The programs from the crate registry that the build, the local store and the tests need.
//!
//! Each is installed once into a folder of its own in the cache and proven by running it at every start.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::files;
use crate::lockfile;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;

/// One program and how to install it.
#[derive(Debug)]
struct Tool {
    /// Its name in the registry.
    package: &'static str,
    /// Its folder in the cache, before the version.
    folder: &'static str,
    /// Its program.
    program: &'static str,
    version: String,
    /// What it is asked to prove that it runs, and what it then says.
    proof: Proof,
    features: &'static [&'static str],
    /// Needs OpenSSL's headers to compile on Linux.
    openssl: bool,
    /// Worth optimising: it does the work itself instead of starting others.
    fast: bool,
}

/// What a program that runs says.
#[derive(Debug, Clone, Copy)]
enum Proof {
    /// `--version`: the package's version.
    Version,
    /// `--version`: its name, and a number of its own.
    Name,
    /// `--help`: its name; it knows no version.
    Help,
}

/// Where the installed programs are.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    /// Makes JavaScript bindings for a wasm file.
    pub(crate) wasm_bindgen: PathBuf,
    /// Splits wasm files.
    pub(crate) wasm_split: PathBuf,
    /// Builds a worker for the edge.
    pub(crate) worker_build: PathBuf,
    /// The local DynamoDB.
    pub(crate) dynoxide: PathBuf,
    /// The versions, for fingerprints.
    pub(crate) versions: String,
}

impl Tools {
    /// Installs what is missing of the tools that building and running need.
    pub(crate) fn find(paths: &Paths, progress: &Progress) -> Result<Self> {
        let bindgen = Tool {
            package: "wasm-bindgen-cli",
            folder: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            // The file format between crate and program changes with every release.
            version: lockfile::version(&paths.root.join("Cargo.lock"), "wasm-bindgen")?,
            proof: Proof::Version,
            features: &[],
            openssl: false,
            fast: true,
        };
        let split = Tool {
            package: "wasm_split_cli_support",
            folder: "wasm-split",
            program: "wasm-split-cli",
            version: "0.2.4".to_owned(),
            proof: Proof::Help,
            features: &["--features", "build-binary"],
            openssl: false,
            fast: true,
        };
        let worker_build = Tool {
            package: "worker-build",
            folder: "worker-build",
            program: "worker-build",
            version: "0.8.7".to_owned(),
            proof: Proof::Version,
            features: &[],
            openssl: true,
            fast: false,
        };
        let dynoxide = dynoxide();
        let tools = [&bindgen, &split, &worker_build, &dynoxide];
        install_missing(paths, progress, &tools)?;
        Ok(Self {
            wasm_bindgen: bindgen.path(paths),
            wasm_split: split.path(paths),
            worker_build: worker_build.path(paths),
            dynoxide: dynoxide.path(paths),
            versions: tools.map(|tool| format!("{} {}", tool.package, tool.version)).join(", "),
        })
    }
}

/// Where the local DynamoDB is, without installing it.
pub(crate) fn dynoxide_path(paths: &Paths) -> PathBuf {
    dynoxide().path(paths)
}

/// Installs the licence checker, which only the tests use, and returns its path.
pub(crate) fn cargo_deny(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    let tool = Tool {
        package: "cargo-deny",
        folder: "cargo-deny",
        program: "cargo-deny",
        version: "0.20.2".to_owned(),
        proof: Proof::Version,
        features: &["--no-default-features"],
        openssl: false,
        fast: false,
    };
    install_missing(paths, progress, &[&tool])?;
    Ok(tool.path(paths))
}

/// Installs what builds and runs fuzz targets, which only the tests use, and returns its path.
pub(crate) fn cargo_fuzz(paths: &Paths, progress: &Progress) -> Result<PathBuf> {
    let tool = Tool {
        package: "cargo-fuzz",
        folder: "cargo-fuzz",
        program: "cargo-fuzz",
        version: "0.13.2".to_owned(),
        proof: Proof::Version,
        features: &[],
        openssl: false,
        fast: false,
    };
    install_missing(paths, progress, &[&tool])?;
    Ok(tool.path(paths))
}

fn dynoxide() -> Tool {
    Tool {
        package: "dynoxide-rs",
        folder: "dynoxide",
        program: "dynoxide",
        version: "3.2.0".to_owned(),
        proof: Proof::Name,
        features: &["--no-default-features", "--features", "native-sqlite,http-server,cli"],
        openssl: false,
        fast: true,
    }
}

impl Tool {
    fn root(&self, paths: &Paths) -> PathBuf {
        paths.cache.join("tools").join(format!("{}-{}", self.folder, self.version))
    }

    fn path(&self, paths: &Paths) -> PathBuf {
        self.root(paths).join("bin").join(self.program)
    }

    /// Whether the program starts and is the one that was asked for.
    fn runs(&self, paths: &Paths) -> bool {
        let program = self.path(paths);
        let (question, expected) = match self.proof {
            Proof::Version => ("--version", self.version.as_str()),
            Proof::Name => ("--version", self.program),
            Proof::Help => ("--help", self.program),
        };
        program.is_file()
            && process::output(process::command(program).arg(question))
                .is_ok_and(|answer| answer.contains(expected))
    }

    fn stamp(&self, paths: &Paths) -> PathBuf {
        self.root(paths).join(".installed")
    }

    /// How it is installed; another way means installing it again.
    fn recipe(&self) -> String {
        format!("{} {} {}\n", self.package, self.version, self.features.join(" "))
    }

    fn is_installed(&self, paths: &Paths) -> bool {
        if !self.runs(paths) {
            return false;
        }
        match fs::read_to_string(self.stamp(paths)) {
            Ok(recipe) => recipe == self.recipe(),
            // It runs and has the right version: whoever put it there, it will do.
            Err(_) => fs::write(self.stamp(paths), self.recipe()).is_ok(),
        }
    }

    fn install(&self, paths: &Paths, progress: &Progress) -> Result<()> {
        if self.openssl {
            need_openssl(progress)?;
        }
        progress.step(&format!("tool: {} {}", self.package, self.version), |step| {
            step.hint("run this again; cargo resumes where it stopped");
            let mut command = process::command("cargo");
            command
                .current_dir(&paths.cache)
                .env("CARGO_TARGET_DIR", paths.cache.join("target-tools"))
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", if self.fast { "2" } else { "0" })
                // Without --locked: a mirror of the registry may lag behind the lock file's versions.
                .args(["install", self.package, "--force", "--version", &self.version])
                .args(self.features)
                .arg("--root")
                .arg(self.root(paths));
            step.run(&mut command)?;
            if !self.runs(paths) {
                bail!(
                    "{} was installed but does not run: delete {} and try again",
                    self.package,
                    self.root(paths).display()
                );
            }
            fs::write(self.stamp(paths), self.recipe()).context("cannot write to the cache")
        })
    }
}

fn install_missing(paths: &Paths, progress: &Progress, tools: &[&Tool]) -> Result<()> {
    for tool in tools {
        if !tool.is_installed(paths) {
            tool.install(paths, progress)?;
        }
    }
    // Hundreds of megabytes that only another version of the same tools could use.
    files::remove_dir(&paths.cache.join("target-tools"))
}

/// Only Linux: elsewhere the system's own TLS library is used.
fn need_openssl(progress: &Progress) -> Result<()> {
    let found = || {
        process::output(process::command("pkg-config").args(["--exists", "openssl"])).is_ok()
            || std::env::var_os("OPENSSL_DIR").is_some()
    };
    if !cfg!(target_os = "linux") || found() {
        return Ok(());
    }
    if !apt::is_available() {
        bail!(
            "OpenSSL's development files are missing: install them and pkg-config with your package manager"
        );
    }
    apt::install(progress, "Debian packages for OpenSSL", &["libssl-dev", "pkg-config"])
}
