//! What an artefact is made from, as one number.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::files;
use crate::hash;
use crate::setup::Setup;

/// Folders that never shape an artefact.
const IGNORED: [&str; 4] = ["target", "node_modules", "tests", "benches"];

/// Changes whenever the artefact could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint(String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Fingerprint {
    /// Over the given folders, the crates of the workspace they depend on, and every tool that takes part.
    pub(super) fn of(setup: &Setup, name: &str, folders: &[&str]) -> Result<Self> {
        let root = &setup.paths.root;
        let mut facts = vec![
            name.to_owned(),
            setup.toolchain.version().to_owned(),
            format!("build-std {}", setup.toolchain.can_build_std()),
            setup.tools.versions.clone(),
            setup.npm.versions.clone(),
        ];
        facts.extend(std::env::var("RUSTFLAGS").map(|flags| format!("RUSTFLAGS {flags}")));
        let mut inputs: Vec<PathBuf> =
            ["Cargo.toml", "Cargo.lock", "package.json", "xtask/src/build", "xtask/smoke.mjs"]
                .map(PathBuf::from)
                .into();
        inputs.extend(with_dependencies(root, folders)?.into_iter().map(PathBuf::from));
        Self::over(root, &facts, &inputs)
    }

    fn over(root: &Path, facts: &[String], inputs: &[PathBuf]) -> Result<Self> {
        let mut digest = Sha256::new();
        for fact in facts {
            update(&mut digest, fact.as_bytes());
        }
        for input in inputs {
            let path = root.join(input);
            if path.is_dir() {
                for file in files::list(&path)?.iter().filter(|file| counts(file)) {
                    update(&mut digest, input.join(file).to_string_lossy().as_bytes());
                    update(&mut digest, &fs::read(path.join(file))?);
                }
            } else if path.is_file() {
                update(&mut digest, input.to_string_lossy().as_bytes());
                update(&mut digest, &fs::read(&path)?);
            }
        }
        Ok(Self(hash::hex(&digest.finalize()[..8])))
    }
}

/// Length first, so that no two lists of inputs run together.
fn update(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_le_bytes());
    digest.update(bytes);
}

fn counts(file: &Path) -> bool {
    let mut parts = file.components().map(|part| part.as_os_str().to_string_lossy());
    let first = parts.next().unwrap_or_default();
    !first.starts_with('.') && !IGNORED.contains(&first.as_ref())
}

/// The folders, plus the crates of the workspace that their manifests name, plus theirs.
fn with_dependencies(root: &Path, folders: &[&str]) -> Result<BTreeSet<String>> {
    let mut members = BTreeSet::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            members.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = folders.iter().map(|&folder| folder.to_owned()).collect();
    while let Some(folder) = open.pop() {
        let manifest = root.join(&folder).join("Cargo.toml");
        let text =
            fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
        for member in &members {
            if names(&text, member) && !found.contains(member) {
                open.push(member.clone());
            }
        }
        found.insert(folder);
    }
    Ok(found)
}

/// Whether a manifest has a dependency of that name.
fn names(manifest: &str, package: &str) -> bool {
    manifest.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('[');
        let key = line.rsplit_once("dependencies.").map_or(line, |(_, key)| key);
        key.strip_prefix(package).is_some_and(|rest| rest.starts_with(['.', ' ', '=', ']']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Scratch;

    fn write(dir: &Path, name: &str, text: &str) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn over(root: &Path) -> Fingerprint {
        Fingerprint::over(root, &["rustc 1".to_owned()], &[PathBuf::from("a"), PathBuf::from("Cargo.lock")])
            .unwrap()
    }

    #[test]
    fn the_same_sources_give_the_same_fingerprint() {
        let scratch = Scratch::new("fingerprint");
        write(&scratch.0, "a/src/lib.rs", "one");
        write(&scratch.0, "Cargo.lock", "lock");
        let first = over(&scratch.0);
        assert_eq!(first, over(&scratch.0));

        write(&scratch.0, "a/tests/it.rs", "not part of the artefact");
        assert_eq!(first, over(&scratch.0));

        write(&scratch.0, "a/src/lib.rs", "two");
        assert_ne!(first, over(&scratch.0));
        write(&scratch.0, "a/src/lib.rs", "one");
        assert_eq!(first, over(&scratch.0));

        write(&scratch.0, "Cargo.lock", "changed");
        assert_ne!(first, over(&scratch.0));
    }

    #[test]
    fn moving_text_between_files_changes_the_fingerprint() {
        let scratch = Scratch::new("fingerprint-move");
        write(&scratch.0, "a/one", "xy");
        write(&scratch.0, "a/two", "");
        let first = over(&scratch.0);
        write(&scratch.0, "a/one", "x");
        write(&scratch.0, "a/two", "y");
        assert_ne!(first, over(&scratch.0));
    }

    #[test]
    fn dependencies_of_dependencies_are_part_of_it() {
        let scratch = Scratch::new("closure");
        write(&scratch.0, "app/Cargo.toml", "[dependencies]\nengine.workspace = true\n");
        write(&scratch.0, "engine/Cargo.toml", "[dependencies.wire]\npath = \"../wire\"\n");
        write(&scratch.0, "wire/Cargo.toml", "[package]\nname = \"wire\"\n");
        write(&scratch.0, "other/Cargo.toml", "[dependencies]\napp = { path = \"../app\" }\n");
        let found: Vec<_> = with_dependencies(&scratch.0, &["app"]).unwrap().into_iter().collect();
        assert_eq!(found, ["app", "engine", "wire"]);
    }

    #[test]
    fn a_name_must_match_as_a_whole() {
        assert!(names("protocol = { path = \"x\" }", "protocol"));
        assert!(names("[dev-dependencies.protocol]", "protocol"));
        assert!(!names("protocol-x = \"1\"", "protocol"));
        assert!(!names("name = \"protocol\"", "protocol"));
    }
}
