//! Folders copied, compared and removed.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths::Paths;

/// Removes a folder; one that is not there is fine.
pub(crate) fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}

/// Every file below a folder, relative to it and sorted.
pub(crate) fn list(dir: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let absolute = dir.join(&relative);
        for entry in fs::read_dir(&absolute).with_context(|| format!("cannot read {}", absolute.display()))? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

/// Makes `to` hold the same files as the folders in `from`, later ones winning. Files that are the same already
/// are not touched, so that whoever watches them sees no change.
pub(crate) fn mirror(from: &[&Path], to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let mut wanted = BTreeSet::new();
    for dir in from {
        for file in list(dir)? {
            copy_if_different(&dir.join(&file), &to.join(&file))?;
            wanted.insert(file);
        }
    }
    for file in list(to)?.difference(&wanted) {
        fs::remove_file(to.join(file))?;
    }
    Ok(())
}

fn copy_if_different(from: &Path, to: &Path) -> Result<()> {
    if to.is_file()
        && fs::metadata(from)?.len() == fs::metadata(to)?.len()
        && fs::read(from)? == fs::read(to)?
    {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    // Renamed into place: the old file may be running, or be read by a server.
    let fresh = to.with_added_extension("new");
    fs::copy(from, &fresh)
        .and_then(|_| fs::rename(&fresh, to))
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

/// Held while tools and artefacts are made: two builds at once would only fight over the same folders.
#[derive(Debug)]
pub(crate) struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Waits for any other build to end.
    pub(crate) fn acquire(paths: &Paths) -> Result<Self> {
        let path = paths.cache.join("build.lock");
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!("waiting for another build of LiveInsight to end");
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A folder that is removed with the value.
    pub(crate) struct Scratch(pub(crate) PathBuf);

    impl Scratch {
        pub(crate) fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("liveinsight-xtask-{name}-{}", std::process::id()));
            remove_dir(&dir).unwrap();
            fs::create_dir_all(&dir).unwrap();
            Self(dir)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = remove_dir(&self.0);
        }
    }

    #[test]
    fn a_mirror_has_all_files_and_no_others() {
        let scratch = Scratch::new("mirror");
        let (a, b, to) = (scratch.0.join("a"), scratch.0.join("b"), scratch.0.join("to"));
        for dir in [&a, &b, &to] {
            fs::create_dir_all(dir.join("deep")).unwrap();
        }
        fs::write(a.join("deep/one"), "1").unwrap();
        fs::write(b.join("two"), "2").unwrap();
        fs::write(to.join("stale"), "x").unwrap();
        mirror(&[&a, &b], &to).unwrap();
        let names: Vec<_> = list(&to).unwrap().into_iter().collect();
        assert_eq!(names, [PathBuf::from("deep/one"), PathBuf::from("two")]);
    }
}
