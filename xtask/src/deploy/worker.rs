//! The part of a deployment that speaks to Cloudflare, through wrangler.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::options::Environment;
use crate::npm::Npm;
use crate::paths::Paths;
use crate::process;

/// Another program instead of wrangler: a test cannot have an account at Cloudflare.
/// What Cloudflare's API says of a worker that is not there.
const NO_WORKER: [&str; 2] = ["does not exist on your account", "code: 10007"];

const STAND_IN: &str = "LIVEINSIGHT_WRANGLER";

/// The worker of an environment.
#[derive(Debug)]
pub(super) struct Worker<'a> {
    npm: &'a Npm,
    environment: &'a Environment,
    /// wrangler's configuration for this environment.
    pub(super) config: PathBuf,
    queues: Vec<String>,
}

/// wrangler's configuration for an environment, made of the one in the checkout: names and queues get the
/// environment's name, and paths start where the file is put, in `dist/`.
fn configuration(common: &str, environment: &Environment) -> Result<String> {
    let name = environment.full_name();
    let mut text = String::from("# Made of wrangler.toml at every deployment; changes are lost.\n");
    let mut named = false;
    for line in common.lines().filter(|line| !line.trim_start().starts_with('#')) {
        if line == r#"name = "liveinsight""# {
            named = true;
            text.push_str(&format!("name = \"{name}\"\n"));
            // Before the first section, where the file's own settings are.
            match &environment.domain {
                Some(domain) => {
                    text.push_str("workers_dev = false\n");
                    text.push_str(&format!(
                        "routes = [{{ pattern = \"{domain}\", custom_domain = true }}]\n"
                    ));
                }
                None => text.push_str("workers_dev = true\n"),
            }
            continue;
        }
        text.push_str(&line.replace("\"liveinsight-", &format!("\"{name}-")).replace("\"dist/", "\""));
        text.push('\n');
    }
    if !named || text.contains("[vars]") {
        bail!("wrangler.toml is not as expected: its first line names the worker, and it has no [vars]");
    }
    text.push_str("\n[vars]\n");
    for (key, value) in variables(environment) {
        text.push_str(&format!("{key} = \"{value}\"\n"));
    }
    Ok(text)
}

/// What the worker is told that is no secret.
fn variables(environment: &Environment) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("AWS_REGION", environment.region.clone()),
        ("TABLE_PREFIX", environment.table_prefix()),
        ("ENVIRONMENT", environment.name.clone()),
    ];
    let sender = environment.parameters.get("MailSender").filter(|sender| !sender.is_empty());
    variables.extend(sender.map(|sender| ("MAIL_FROM", sender.clone())));
    variables
}

/// The queues that a configuration names, dead-letter queues included.
fn queues(configuration: &str) -> Vec<String> {
    let mut names: Vec<String> = configuration
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(key, _)| matches!(*key, "queue" | "dead_letter_queue"))
        .map(|(_, value)| value.trim_matches('"').to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

impl<'a> Worker<'a> {
    /// Writes the configuration.
    pub(super) fn prepare(paths: &Paths, npm: &'a Npm, environment: &'a Environment) -> Result<Self> {
        let common =
            fs::read_to_string(paths.root.join("wrangler.toml")).context("cannot read wrangler.toml")?;
        let text = configuration(&common, environment)?;
        let config = paths.dist().join(format!("wrangler.{}.toml", environment.name));
        fs::write(&config, &text).with_context(|| format!("cannot write {}", config.display()))?;
        Ok(Self { npm, environment, config, queues: queues(&text) })
    }

    /// The names of the queues it needs.
    pub(super) fn queues(&self) -> &[String] {
        &self.queues
    }

    fn wrangler(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = match env::var_os(STAND_IN).filter(|program| !program.is_empty()) {
            Some(program) => process::command(program),
            None => {
                let mut command = self.npm.node_command()?;
                command.arg(&self.npm.wrangler);
                command
            }
        };
        command.env("WRANGLER_SEND_METRICS", "false").env("NO_COLOR", "1").env("CI", "1");
        command.args(arguments).stderr(Stdio::piped());
        Ok(command)
    }

    fn configured(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = self.wrangler(arguments)?;
        command.arg("--config").arg(&self.config);
        Ok(command)
    }

    /// Bundles the worker and checks the configuration, without a network.
    pub(super) fn check(&self, to: &Path) -> Result<Command> {
        let mut command = self.configured(&["deploy", "--dry-run"])?;
        command.arg("--outdir").arg(to);
        Ok(command)
    }

    /// Says who is signed in.
    pub(super) fn identity(&self) -> Result<()> {
        process::output(&mut self.wrangler(&["whoami"])?)
            .context("sign in with `npx wrangler login`, or set CLOUDFLARE_API_TOKEN")
            .map(drop)
    }

    /// Makes the queues that are missing, and returns their names.
    pub(super) fn make_queues(&self) -> Result<Vec<&str>> {
        let mut made = Vec::new();
        for queue in &self.queues {
            if process::output(&mut self.wrangler(&["queues", "info", queue])?).is_ok() {
                continue;
            }
            // Fourteen days, the longest: what waits here is in no table yet.
            let keep = ["--message-retention-period-secs", "1209600"];
            let mut create = self.wrangler(&["queues", "create", queue])?;
            process::output(create.args(keep))?;
            made.push(queue.as_str());
        }
        Ok(made)
    }

    /// What wrangler says of the worker; `None` when there is none. That it could not be asked is an error: secrets that
    /// are taken for missing would be made anew.
    fn if_there(&self, arguments: &[&str]) -> Result<Option<String>> {
        match process::output(&mut self.configured(arguments)?) {
            Err(error) if NO_WORKER.iter().any(|said| format!("{error:#}").contains(said)) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// The version that answers now; `None` when there is no worker yet.
    pub(super) fn version(&self) -> Result<Option<String>> {
        let answer = self.if_there(&["deployments", "status", "--json"])?;
        let Some(text) = answer else { return Ok(None) };
        let status: Value = serde_json::from_str(&text).context("wrangler gave no JSON")?;
        let versions = status["versions"].as_array().cloned().unwrap_or_default();
        let busiest =
            versions.iter().max_by_key(|version| version["percentage"].as_f64().unwrap_or(0.0) as u64);
        Ok(busiest.and_then(|version| version["version_id"].as_str()).map(str::to_owned))
    }

    /// Names of the secrets it has.
    pub(super) fn secrets(&self) -> Result<Vec<String>> {
        let answer = self.if_there(&["secret", "list", "--format", "json"])?;
        let Some(text) = answer else { return Ok(Vec::new()) };
        let list: Value = serde_json::from_str(&text).context("wrangler gave no JSON")?;
        let names = list.as_array().into_iter().flatten();
        Ok(names.filter_map(|secret| secret["name"].as_str()).map(str::to_owned).collect())
    }

    /// Sets secrets, all at once: an id without its key would be a worker without a store. They go through standard
    /// input, as command lines can be read by others.
    pub(super) fn put_secrets(&self, secrets: &Value) -> Result<()> {
        let mut command = self.configured(&["secret", "bulk"])?;
        process::output_of(&mut command, secrets.to_string().as_bytes()).map(drop)
    }

    /// Uploads it, and returns the address that wrangler names.
    pub(super) fn deploy(&self) -> Result<Option<String>> {
        let printed = process::output(&mut self.configured(&["deploy"])?)?;
        Ok(address(&printed))
    }

    /// Goes back to a version.
    pub(super) fn roll_back(&self, version: &str) -> Result<()> {
        let message = "the smoke test failed";
        process::output(&mut self.configured(&["rollback", version, "--yes", "--message", message])?)
            .map(drop)
    }

    /// Deletes the worker and its queues, and returns what could not be deleted.
    pub(super) fn delete(&self) -> Result<Vec<String>> {
        let mut left = Vec::new();
        if self.version()?.is_some() {
            process::output(&mut self.configured(&["delete", "--force"])?)?;
        }
        for queue in &self.queues {
            if process::output(&mut self.wrangler(&["queues", "delete", queue])?).is_err() {
                left.push(queue.clone());
            }
        }
        Ok(left)
    }

    /// Where it can be tried.
    pub(super) fn url(&self, printed: Option<String>) -> Result<String> {
        let own = self.environment.domain.as_ref().map(|domain| format!("https://{domain}"));
        self.environment.url.clone().or(own).or(printed).context(
            "wrangler named no address: set `domain` or `url` in the environment's file, or turn workers.dev on",
        )
    }
}

/// The address under workers.dev in what wrangler prints.
fn address(printed: &str) -> Option<String> {
    printed
        .split_whitespace()
        .find(|word| word.starts_with("https://") && word.ends_with(".workers.dev"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn environment(domain: Option<&str>) -> Environment {
        Environment {
            name: "staging".into(),
            region: "eu-west-1".into(),
            domain: domain.map(str::to_owned),
            url: None,
            parameters: BTreeMap::new(),
        }
    }

    fn shipped() -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::read_to_string(root.join("wrangler.toml")).unwrap()
    }

    #[test]
    fn nothing_of_another_environment_is_named() {
        let text = configuration(&shipped(), &environment(None)).unwrap();
        let others = text.replace("liveinsight-staging", "");
        assert!(!others.contains("liveinsight"), "{others}");
        assert!(
            text.contains("workers_dev = true") && text.contains("TABLE_PREFIX = \"liveinsight-staging-\"")
        );
    }

    #[test]
    fn paths_start_beside_the_file() {
        let text = configuration(&shipped(), &environment(None)).unwrap();
        assert!(text.contains("main = \"worker/index.js\"") && text.contains("directory = \"assets\""));
    }

    #[test]
    fn settings_of_the_whole_file_come_before_its_sections() {
        let text = configuration(&shipped(), &environment(Some("stats.shop.example"))).unwrap();
        let (routes, section) = (text.find("routes = ").unwrap(), text.find("\n[").unwrap());
        assert!(routes < section && text.contains("custom_domain = true"));
    }

    #[test]
    fn every_queue_has_its_dead_letter_queue() {
        let names = queues(&configuration(&shipped(), &environment(None)).unwrap());
        assert!(!names.is_empty());
        for name in names.iter().filter(|name| !name.ends_with("-dead")) {
            assert!(names.contains(&format!("{name}-dead")), "{names:?}");
        }
    }

    #[test]
    fn another_wrangler_toml_is_refused() {
        assert!(configuration("name = \"other\"\n", &environment(None)).is_err());
    }

    #[test]
    fn address_is_found_in_what_wrangler_prints() {
        let printed =
            "Uploaded liveinsight\nDeployed liveinsight triggers\n  https://liveinsight.me.workers.dev\n";
        assert_eq!(address(printed).as_deref(), Some("https://liveinsight.me.workers.dev"));
        assert_eq!(address("https://example.com"), None);
    }
}
