//! The browser of the tests.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::apt;
use crate::process;
use crate::progress::Progress;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser, installed if there is none.
pub(crate) fn find_or_install(progress: &Progress) -> Result<PathBuf> {
    if let Some(browser) = find()? {
        return Ok(browser);
    }
    if apt::is_available() {
        apt::install(
            progress,
            "Debian packages for Chromium",
            &["chromium", "fonts-inter", "fonts-noto-cjk"],
        )?;
    }
    match find()? {
        Some(browser) => Ok(browser),
        None => {
            bail!("no Chromium found: install Chromium or Chrome, or set LIVEINSIGHT_CHROMIUM to its program")
        }
    }
}

/// The browser, if there is one.
pub(crate) fn find() -> Result<Option<PathBuf>> {
    if let Some(chosen) = env::var_os("LIVEINSIGHT_CHROMIUM").filter(|value| !value.is_empty()) {
        let chosen = PathBuf::from(chosen);
        if !chosen.is_file() {
            bail!(
                "LIVEINSIGHT_CHROMIUM names {}, which is not there: correct it or unset it",
                chosen.display()
            );
        }
        return Ok(Some(chosen));
    }
    let mac = PathBuf::from(MAC);
    Ok(NAMES.iter().find_map(|name| process::which(name)).or_else(|| mac.is_file().then_some(mac)))
}
