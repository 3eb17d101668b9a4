//! Versions read from `Cargo.lock`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The locked version of a package.
pub(crate) fn version(lock: &Path, package: &str) -> Result<String> {
    let text = fs::read_to_string(lock)
        .with_context(|| format!("cannot read {}: run `cargo generate-lockfile`", lock.display()))?;
    find(&text, package)
        .with_context(|| format!("{} does not name {package}: run `cargo generate-lockfile`", lock.display()))
}

fn find(text: &str, package: &str) -> Option<String> {
    let wanted = format!("name = \"{package}\"");
    let mut lines = text.lines();
    lines.find(|line| *line == wanted)?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";

    #[test]
    fn the_version_of_exactly_that_package_is_found() {
        assert_eq!(find(LOCK, "wasm-bindgen").unwrap(), "0.2.130");
        assert_eq!(find(LOCK, "wasm"), None);
    }
}
