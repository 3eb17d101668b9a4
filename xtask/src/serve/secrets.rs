//! Secrets made once and kept in the data folder, readable by their owner only.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::config::variable;
use crate::hash;

/// What nobody else may know.
#[derive(Debug)]
pub(super) struct Secrets {
    pub(super) admin_password: String,
    pub(super) secret_key: String,
    pub(super) setup_token: String,
    pub(super) ingest_key: String,
    pub(super) metrics_token: String,
}

impl Secrets {
    /// Reads `secrets.json`, adding what it lacks. `LIVEINSIGHT_ADMIN_PASSWORD` wins over the kept password.
    pub(super) fn load(data: &Path) -> Result<Self> {
        let path = data.join("secrets.json");
        let mut kept: Value = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} is damaged: delete it to get new secrets", path.display()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => json!({}),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let before = kept.clone();
        let mut secret = |name: &str, make: fn() -> Result<String>| -> Result<String> {
            if let Some(value) = kept[name].as_str() {
                return Ok(value.to_owned());
            }
            let made = make()?;
            kept[name] = json!(made);
            Ok(made)
        };
        let mut secrets = Self {
            admin_password: secret("admin_password", make_password)?,
            secret_key: secret("secret_key", || Ok(hash::hex(random::<32>()?)))?,
            setup_token: secret("setup_token", || Ok(hash::hex(random::<16>()?)))?,
            ingest_key: secret("ingest_key", || Ok(hash::hex(random::<24>()?)))?,
            metrics_token: secret("metrics_token", || Ok(hash::hex(random::<24>()?)))?,
        };
        if kept != before {
            write_private(&path, &format!("{kept:#}\n"))?;
        }
        if let Some(password) = variable("LIVEINSIGHT_ADMIN_PASSWORD") {
            secrets.admin_password = password;
        }
        Ok(secrets)
    }
}

/// Creates the data folder, closed to others.
pub(super) fn create_data_dir(data: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(data).with_context(|| {
        format!(
            "cannot create the data folder {}: set LIVEINSIGHT_DATA_DIR to one you can write to",
            data.display()
        )
    })
}

/// Writes a file only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    let fresh = path.with_added_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        // A file left over from a crash keeps the mode it had.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        fs::rename(&fresh, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    Ok(bytes)
}

/// 80 bits in four groups, without letters that look like digits.
fn make_password() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: String =
        random::<16>()?.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok([&letters[..4], &letters[4..8], &letters[8..12], &letters[12..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Scratch;

    #[test]
    fn secrets_are_made_once_and_private() {
        let scratch = Scratch::new("secrets");
        let first = Secrets::load(&scratch.0).unwrap();
        let second = Secrets::load(&scratch.0).unwrap();
        assert_eq!(first.secret_key, second.secret_key);
        assert_eq!(first.ingest_key, second.ingest_key);
        assert_eq!(first.secret_key.len(), 64);
        let mode = fs::metadata(scratch.0.join("secrets.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn damaged_secrets_are_not_replaced_silently() {
        let scratch = Scratch::new("secrets-damaged");
        fs::write(scratch.0.join("secrets.json"), "{").unwrap();
        assert!(Secrets::load(&scratch.0).unwrap_err().to_string().contains("delete it"));
    }

    #[test]
    fn passwords_have_four_groups() {
        let password = make_password().unwrap();
        assert_eq!(password.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
    }
}
