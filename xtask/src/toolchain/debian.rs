//! Debian's compiler, whose wasm standard library is not packaged and therefore built once from its sources.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::TARGET;
use super::probe::Rustc;
use crate::apt;
use crate::files;
use crate::paths::Paths;
use crate::process;
use crate::progress::{Progress, Step};

pub(super) const CARGO: &str = "/usr/bin/cargo";
pub(super) const RUSTC: &str = "/usr/bin/rustc";
pub(super) const RUSTDOC: &str = "/usr/bin/rustdoc";
pub(super) const CLIPPY: &str = "/usr/bin/cargo-clippy";

/// The oldest compiler the workspace builds with. The plain `rustc` package of Debian 12 is 1.63.
pub(super) const OLDEST_MINOR: u32 = 95;

const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy"];
const RUSTLIB: &str = "/usr/lib/rustlib";
const LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// Whether [`install`] has a chance.
pub(super) fn is_possible() -> bool {
    apt::is_available()
}

/// Installs the compiler and its wasm standard library, or repairs them.
pub(super) fn install(paths: &Paths, progress: &Progress) -> Result<Rustc> {
    if Rustc::system().is_none_or(|rustc| !rustc.has_sources()) || !Path::new(LIBRARY).is_dir() {
        apt::install(progress, "rust: Debian packages", &PACKAGES)?;
    }
    let Some(rustc) = Rustc::system() else {
        bail!(
            "the packages {} did not bring a usable compiler: install Rust with rustup instead",
            PACKAGES.join(" ")
        )
    };
    install_linker(progress)?;
    // The linker may be all that was missing.
    if rustc.prove(paths).is_ok() {
        return Ok(rustc);
    }
    progress.step("rust: wasm standard library", |step| {
        step.hint("free 1 GB of disk space and run this again, or install Rust with rustup instead");
        build_std(paths, step)
    })?;
    rustc
        .prove(paths)
        .context("Debian's compiler cannot build for wasm: install Rust with rustup instead")?;
    Ok(rustc)
}

/// `rust-lld` is a link to one exact version of lld, whose package nothing depends on.
fn install_linker(progress: &Progress) -> Result<()> {
    let link = Path::new("/usr/bin/rust-lld");
    if link.exists() {
        return Ok(());
    }
    match fs::read_link(link) {
        Ok(target) => {
            let package = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
            apt::install(progress, "rust: linker", &[package.as_str()])
        }
        Err(_) => bail!(
            "the package rust-web-llvm did not bring /usr/bin/rust-lld: install Rust with rustup instead"
        ),
    }
}

fn build_std(paths: &Paths, step: &mut Step) -> Result<()> {
    let scratch = paths.cache.join("toolchain").join("std");
    files::remove_dir(&scratch)?;
    fs::create_dir_all(scratch.join("src"))?;
    fs::write(
        scratch.join("Cargo.toml"),
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    fs::write(scratch.join("src").join("lib.rs"), "")?;
    step.run(
        process::command(CARGO)
            .current_dir(&scratch)
            .env_remove("RUSTUP_TOOLCHAIN")
            .env("RUSTC", RUSTC)
            .env("RUSTDOC", RUSTDOC)
            .env("RUSTC_BOOTSTRAP", "1")
            // Bitcode lets later builds use LTO across the standard library.
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Cembed-bitcode=yes")
            .env("CARGO_TARGET_DIR", scratch.join("target"))
            .args(["build", "--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,test"),
    )?;
    let deps = scratch.join("target").join(TARGET).join("release").join("deps");
    let count = put_in_place(&deps)?;
    step.note(format!("{count} libraries"));
    files::remove_dir(&scratch)
}

/// Fills a folder beside the real one and renames it, so that a half-done copy is never seen.
fn put_in_place(deps: &Path) -> Result<usize> {
    let place = Path::new(RUSTLIB).join(TARGET);
    let fresh = Path::new(RUSTLIB).join(format!(".{TARGET}-{}", std::process::id()));
    files::remove_dir(&fresh)?;
    let lib = fresh.join("lib");
    fs::create_dir_all(&lib).with_context(|| {
        format!("cannot write to {RUSTLIB}: run this as root, or install Rust with rustup")
    })?;
    let mut count = 0;
    for entry in fs::read_dir(deps)? {
        let file = entry?.path();
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".rlib") && !name.starts_with("libscratch-") {
            fs::copy(&file, lib.join(&name))?;
            count += 1;
        }
    }
    let stale = Path::new(RUSTLIB).join(format!(".{TARGET}-{}-old", std::process::id()));
    if place.exists() {
        fs::rename(&place, &stale)?;
    }
    fs::rename(&fresh, &place)?;
    files::remove_dir(&stale)?;
    Ok(count)
}

/// A folder that holds links to the compiler and nothing else of `/usr/bin`.
pub(super) fn link_folder(paths: &Paths) -> Result<PathBuf> {
    let bin = paths.cache.join("toolchain").join("bin");
    fs::create_dir_all(&bin)?;
    for program in [CARGO, RUSTC, RUSTDOC] {
        let Some(name) = Path::new(program).file_name() else { continue };
        let link = bin.join(name);
        if fs::read_link(&link).is_ok_and(|to| to == Path::new(program)) {
            continue;
        }
        let _ = fs::remove_file(&link);
        symlink(program, &link).with_context(|| format!("cannot create {}", link.display()))?;
    }
    Ok(bin)
}
