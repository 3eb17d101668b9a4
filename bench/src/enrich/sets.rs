//! User agents that nobody here wrote, with what others say of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::names;

/// A user agent with what is said of it; empty where nothing is.
#[derive(Debug, Default)]
pub(super) struct Labelled {
    pub(super) user_agent: String,
    pub(super) browser: String,
    pub(super) major: String,
    pub(super) os: String,
    pub(super) device: Option<&'static str>,
}

/// Visits as npm's `user-agents` has them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Visit {
    user_agent: String,
    device_category: String,
}

#[derive(Debug, Deserialize)]
struct Crawler {
    instances: Vec<String>,
}

/// 10,000 user agents of people, drawn by how often they are seen, with the device recorded at the visit.
pub(super) fn visits(agents: &Path) -> anyhow::Result<Vec<Labelled>> {
    let visits: Vec<Visit> = json(&agents.join("node_modules/user-agents/dist/user-agents.json"))?;
    let labelled = visits.into_iter().map(|visit| Labelled {
        device: names::device(&visit.device_category),
        user_agent: visit.user_agent,
        ..Labelled::default()
    });
    Ok(labelled.collect())
}

/// The user agents of programs in npm's `crawler-user-agents`.
pub(super) fn crawlers(agents: &Path) -> anyhow::Result<Vec<String>> {
    let file = agents.join("node_modules/crawler-user-agents/crawler-user-agents.json");
    let crawlers: Vec<Crawler> = json(&file)?;
    Ok(crawlers.into_iter().flat_map(|crawler| crawler.instances).collect())
}

/// The folder of uap-core, which the crate `ua-parser` brings along.
pub(super) fn uap_core() -> anyhow::Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        manifest_path: PathBuf,
    }
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .output()
        .context("cargo does not start")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let package = metadata.packages.iter().find(|package| package.name == "ua-parser");
    let manifest = &package.context("the crate ua-parser is not in Cargo.lock")?.manifest_path;
    Ok(manifest.with_file_name("uap-core"))
}

#[derive(Debug, Deserialize)]
struct Cases<T> {
    test_cases: Vec<T>,
}

#[derive(Debug, Deserialize)]
struct UapCase {
    user_agent_string: String,
    family: String,
    major: Option<String>,
}

/// uap-core's own tests of browsers: the ones that look like a browser's user agent.
pub(super) fn uap_browsers(uap_core: &Path) -> anyhow::Result<Vec<Labelled>> {
    let cases: Cases<UapCase> = yaml(&uap_core.join("tests/test_ua.yaml"))?;
    let labelled = cases.test_cases.into_iter().map(|case| Labelled {
        browser: names::browser(&case.family).to_owned(),
        major: case.major.unwrap_or_default(),
        user_agent: case.user_agent_string,
        ..Labelled::default()
    });
    Ok(labelled.filter(|case| looks_like_a_browser(&case.user_agent)).collect())
}

/// uap-core's own tests of systems, the same way.
pub(super) fn uap_systems(uap_core: &Path) -> anyhow::Result<Vec<Labelled>> {
    let cases: Cases<UapCase> = yaml(&uap_core.join("tests/test_os.yaml"))?;
    let labelled = cases.test_cases.into_iter().map(|case| Labelled {
        os: names::system(&case.family).to_owned(),
        user_agent: case.user_agent_string,
        ..Labelled::default()
    });
    Ok(labelled.filter(|case| looks_like_a_browser(&case.user_agent)).collect())
}

/// What every browser's begins with since 1993, and what programs and apps mostly do not.
fn looks_like_a_browser(user_agent: &str) -> bool {
    (user_agent.starts_with("Mozilla/") || user_agent.starts_with("Opera/"))
        && enrich::judge(user_agent, &enrich::Hints::default()).is_none()
}

#[derive(Debug, Deserialize)]
struct MatomoCase {
    user_agent: String,
    client: Option<Part>,
    os: Option<Part>,
    device: Option<Part>,
    /// Client Hints: what was recorded with them tells nothing of the user agent alone.
    headers: Option<serde_json::Value>,
}

/// Matomo writes an empty list for what is unknown.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Part {
    Known(Named),
    Unknown([(); 0]),
}

impl Part {
    fn named(part: Option<Self>) -> Named {
        match part {
            Some(Self::Known(named)) => named,
            Some(Self::Unknown([])) | None => Named::default(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    r#type: Option<String>,
    name: Option<String>,
    version: Option<String>,
}

/// The browsers among the fixtures of Matomo's device detector, if they are there: the long tail.
pub(super) fn matomo(agents: &Path) -> anyhow::Result<Vec<Labelled>> {
    let folder = agents.join("device_detector/tests/fixtures/upstream");
    let mut labelled = Vec::new();
    let Ok(entries) = fs::read_dir(&folder) else { return Ok(labelled) };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "yml")) {
        let cases: Vec<MatomoCase> = match yaml(file) {
            Ok(cases) => cases,
            Err(error) => {
                println!("enrich.tail: without {}: {error:#}", file.display());
                continue;
            }
        };
        for case in cases {
            let client = Part::named(case.client);
            if case.headers.is_some() || client.r#type.as_deref() != Some("browser") {
                continue;
            }
            let version = client.version.unwrap_or_default();
            let device = Part::named(case.device).r#type.unwrap_or_default();
            let os = Part::named(case.os).name.unwrap_or_default();
            labelled.push(Labelled {
                browser: names::browser(&client.name.unwrap_or_default()).to_owned(),
                major: version.split('.').next().unwrap_or_default().to_owned(),
                os: names::system(&os).to_owned(),
                device: names::device(&device),
                user_agent: case.user_agent,
            });
        }
    }
    Ok(labelled)
}

fn json<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} has another form than expected", file.display()))
}

/// Reads a YAML file.
pub(super) fn yaml<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_saphyr::from_str(&text)
        .with_context(|| format!("{} has another form than expected", file.display()))
}
