//! Debian packages, installed without questions.

use anyhow::{Result, bail};
use nix::unistd::Uid;

use crate::process;
use crate::progress::{Progress, Step};

/// Whether this is a Debian-like system.
pub(crate) fn is_available() -> bool {
    process::which("apt-get").is_some()
}

/// Installs packages in a step of its own.
pub(crate) fn install(progress: &Progress, name: &str, packages: &[&str]) -> Result<()> {
    if !Uid::effective().is_root() {
        bail!(
            "some Debian packages are missing: run `sudo apt-get install {}`, then this again",
            packages.join(" ")
        );
    }
    progress.step(name, |step| {
        step.hint("look at the log, repair the packages with `apt-get -f install`, then run this again");
        // An outdated index may still do, and a single broken source must not stop everything.
        let _ = apt(step, &["update"]);
        let mut arguments = vec!["install", "-y", "--no-install-recommends"];
        arguments.extend(packages);
        if apt(step, &arguments).is_ok() {
            return Ok(());
        }
        // A dpkg that was interrupted once, or a package half set up, is finished by this.
        let _ = apt(step, &["-f", "-y", "install"]);
        apt(step, &arguments)
    })
}

fn apt(step: &mut Step, arguments: &[&str]) -> Result<()> {
    step.run(
        process::command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Another apt may be running for a while, such as the daily one.
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(arguments),
    )
}
