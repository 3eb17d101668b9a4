//! Runs the whole system locally: database, worker, demo shop. Nothing is built here.

mod children;
mod config;
mod env_file;
mod secrets;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::build;
use crate::npm::Npm;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;
use crate::tools;
use crate::traffic::Target;
pub(crate) use children::Children;
use config::{Config, Database};
use secrets::Secrets;

/// Variables that must not reach wrangler: it would prefer them to those in the file.
const KEPT_FROM_WRANGLER: [&str; 22] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "CLOUDFLARE_ENV",
    "DYNAMODB_ENDPOINT",
    "INGEST_KEY",
    "LOG_SHARE",
    "LOCAL_WEBHOOKS",
    "MAIL_API_TOKEN",
    "MAIL_API_URL",
    "MAIL_FROM",
    "OVERFLOW_QUEUE",
    "SECRET_KEY",
    "SES_ENDPOINT",
    "SETUP_TOKEN",
    "SITES",
    "TABLE_PREFIX",
    "TRACE_ENDPOINT",
    "TRACE_HEADERS",
    "TRACE_SHARE",
];

/// Variables of the worker that are given on from `LIVEINSIGHT_<name>`.
const OPTIONAL: [&str; 10] = [
    "ENVIRONMENT",
    "CLOUDWATCH_ENDPOINT",
    "TRACE_ENDPOINT",
    "TRACE_HEADERS",
    "TRACE_SHARE",
    "LOG_SHARE",
    "MAIL_FROM",
    "SES_ENDPOINT",
    "MAIL_API_URL",
    "MAIL_API_TOKEN",
];

/// Whom `npm start` lets in as the first owner.
const OWNER: &str = "owner@liveinsight.local";

/// The running system. Dropping it stops everything.
#[derive(Debug)]
pub(crate) struct Service {
    config: Config,
    secrets: Secrets,
    children: Children,
    /// Whether the owner has chosen another password than the kept one.
    other_password: bool,
}

impl Service {
    /// Starts everything and waits until it answers.
    pub(crate) fn start(paths: &Paths, npm: &Npm) -> Result<Self> {
        let config = Config::from_env()?;
        secrets::create_data_dir(&config.data)?;
        let logs = config.data.join("logs");
        fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
        let secrets = Secrets::load(&config.data)?;
        let progress = Progress::new(logs.clone());
        let mut service = Self { children: Children::new(&logs), config, secrets, other_password: false };
        progress.step("database", |_| service.start_database(paths))?;
        progress.step("tables", |step| {
            step.hint("check LIVEINSIGHT_DYNAMODB_ENDPOINT and the AWS variables, or delete the data folder");
            step.run(store_command(&service.config, paths).arg("create-tables"))
        })?;
        if service.config.seed {
            progress.step("owner and sites", |_| service.seed(paths))?;
        }
        progress.step("worker and demo shop", |_| {
            service.start_worker(paths, npm)?;
            service.start_shop(paths, npm)?;
            let (health, shop) = (format!("{}/health", service.config.url()), service.config.shop_url());
            service.children.wait_for_ok("worker", &health)?;
            service.children.wait_for_ok("demo-shop", &shop)
        })?;
        Ok(service)
    }

    /// Waits until the user stops everything; an error if a program ends by itself.
    pub(crate) fn watch(&mut self) -> Result<()> {
        self.children.watch()
    }

    /// Where traffic can be sent.
    pub(crate) fn target(&self) -> Target {
        Target {
            url: self.config.url(),
            shop_url: self.config.shop_url(),
            site_id: self.config.site_id.clone(),
            ingest_key: self.secrets.ingest_key.clone(),
        }
    }

    /// All a program needs to use the system, as one line of JSON.
    pub(crate) fn ready_json(&self) -> String {
        json!({
            "url": self.config.url(),
            "shop": self.config.shop_url(),
            "dynamodb": self.config.database.endpoint,
            "site_id": self.config.site_id,
            "email": OWNER,
            "password": self.secrets.admin_password,
            "setup_token": self.secrets.setup_token,
            "ingest_key": self.secrets.ingest_key,
            "metrics_token": self.secrets.metrics_token,
            "data_dir": self.config.data,
        })
        .to_string()
    }

    /// All a person needs to use the system.
    pub(crate) fn summary(&self) -> String {
        let Config { data, site_id, .. } = &self.config;
        let (url, shop) = (self.config.url(), self.config.shop_url());
        let password = match config::variable("LIVEINSIGHT_ADMIN_PASSWORD") {
            Some(_) => "the one in LIVEINSIGHT_ADMIN_PASSWORD",
            None if self.other_password => {
                "the one you chose; `cargo xtask admin reset-password` gives another"
            }
            None => &self.secrets.admin_password,
        };
        let owner = match self.config.seed {
            true => format!("E-mail      {OWNER}\n  Password    {password}"),
            false => format!("Set-up      {}", self.secrets.setup_token),
        };
        format!(
            "\n  Dashboard   {url}\n  {owner}\n  Operation   {url}/operator\n  Demo shop   {shop}\n  \
             Tracker     <script async src=\"{url}/li.js\" data-site-id=\"{site_id}\"></script>\n  \
             Data        {}\n  Logs        {}\n\n  Ctrl-C stops everything.\n",
            data.display(),
            data.join("logs").display()
        )
    }

    fn start_database(&mut self, paths: &Paths) -> Result<()> {
        if !self.config.database.embedded {
            return Ok(());
        }
        let port = self.config.ports.dynamodb;
        let mut command = process::command(tools::dynoxide_path(paths));
        command
            .current_dir(&self.config.data)
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--db-path"])
            .arg(self.config.data.join("dynamodb.sqlite"));
        self.children.start("database", &mut command)?;
        self.children.wait_for_port("database", port)
    }

    /// Makes the owner and the sites that are missing.
    fn seed(&mut self, paths: &Paths) -> Result<()> {
        let sites: Value = serde_json::from_str(&self.config.sites)
            .context("LIVEINSIGHT_SITES is not JSON: give a list like [{\"id\":\"shop\",…}]")?;
        let wanted = json!({
            "email": OWNER,
            "password": self.secrets.admin_password,
            "set_password": config::variable("LIVEINSIGHT_ADMIN_PASSWORD").is_some(),
            "secret_key": self.secrets.secret_key,
            "sites": sites,
        });
        // Neither in the arguments nor in the environment, where other users could see it.
        let mut command = store_command(&self.config, paths);
        let answer = process::output_of(command.arg("seed"), wanted.to_string().as_bytes())?;
        let answer: Value = serde_json::from_str(&answer).context("the store tool gave no answer")?;
        self.other_password = answer["password"] != "right";
        Ok(())
    }

    fn start_worker(&mut self, paths: &Paths, npm: &Npm) -> Result<()> {
        let variables = self.write_worker_env()?;
        let mut command = npm.node_command()?;
        for name in KEPT_FROM_WRANGLER {
            command.env_remove(name);
        }
        command
            .current_dir(&paths.root)
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_LOG_PATH", self.config.data.join("logs").join("wrangler"))
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .arg(&npm.wrangler)
            .args(["dev", "--config", "wrangler.toml", "--ip", "127.0.0.1", "--inspector-port", "0"])
            .args([
                "--test-scheduled",
                "--show-interactive-dev-session=false",
                "--port",
                &self.config.ports.worker.to_string(),
            ])
            .arg("--env-file")
            .arg(variables)
            .arg("--persist-to")
            .arg(self.config.data.join("wrangler"));
        self.children.start("worker", &mut command)
    }

    fn write_worker_env(&self) -> Result<PathBuf> {
        let Database { endpoint, access_key_id, secret_access_key, session_token, region, .. } =
            &self.config.database;
        let mut variables = vec![
            ("DYNAMODB_ENDPOINT", endpoint.as_str()),
            ("AWS_REGION", region),
            ("AWS_ACCESS_KEY_ID", access_key_id),
            ("AWS_SECRET_ACCESS_KEY", secret_access_key),
            ("TABLE_PREFIX", &self.config.table_prefix),
            ("SECRET_KEY", &self.secrets.secret_key),
            ("SETUP_TOKEN", &self.secrets.setup_token),
            ("INGEST_KEY", &self.secrets.ingest_key),
            ("METRICS_TOKEN", &self.secrets.metrics_token),
        ];
        if let Some(token) = session_token {
            variables.push(("AWS_SESSION_TOKEN", token));
        }
        let overflow = config::variable("LIVEINSIGHT_OVERFLOW_QUEUE");
        if let Some(switch) = &overflow {
            variables.push(("OVERFLOW_QUEUE", switch));
        }
        let optional = OPTIONAL.map(|name| (name, config::variable(&format!("LIVEINSIGHT_{name}"))));
        for (name, value) in &optional {
            if let Some(value) = value {
                variables.push((name, value));
            }
        }
        // What is tried on this machine may tell a program on it.
        variables.push(("LOCAL_WEBHOOKS", "on"));
        let path = self.config.data.join("worker.env");
        secrets::write_private(&path, &env_file::render(&variables)?)?;
        Ok(path)
    }

    fn start_shop(&mut self, paths: &Paths, npm: &Npm) -> Result<()> {
        let mut command = npm.node_command()?;
        command
            .current_dir(&paths.root)
            .arg("demo-shop/server.mjs")
            .args(["--port", &self.config.ports.shop.to_string()])
            .args(["--tracker", &format!("{}/li.js", self.config.url())])
            .args(["--site-id", &self.config.site_id]);
        self.children.start("demo-shop", &mut command)
    }
}

/// The store tool, told which store.
fn store_command(config: &Config, paths: &Paths) -> Command {
    with_store(config, process::command(build::store_tool(paths)))
}

/// A command that is told of the store.
fn with_store(config: &Config, mut command: Command) -> Command {
    let Database { endpoint, access_key_id, secret_access_key, session_token, region, .. } = &config.database;
    command
        .env("LIVEINSIGHT_DYNAMODB_ENDPOINT", endpoint)
        .env("LIVEINSIGHT_TABLE_PREFIX", &config.table_prefix)
        .env("AWS_ACCESS_KEY_ID", access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", secret_access_key)
        .env("AWS_REGION", region);
    match session_token {
        Some(token) => command.env("AWS_SESSION_TOKEN", token),
        None => command.env_remove("AWS_SESSION_TOKEN"),
    };
    command
}

/// `admin` or `compact` of the store tool, for the store that `npm start` uses or the one the environment names.
pub(crate) fn tool_command(paths: &Paths, name: &str, arguments: &[String]) -> Result<Command> {
    let mut command = store_command(&Config::of_running()?, paths);
    command.arg(name).args(arguments);
    Ok(command)
}

/// The exporting tool, for the same store.
pub(crate) fn export_command(paths: &Paths, arguments: &[String]) -> Result<Command> {
    let mut command = with_store(&Config::of_running()?, process::command(build::export_tool(paths)));
    command.args(arguments);
    Ok(command)
}

/// The `serve` command.
pub(crate) fn run(paths: &Paths, ready_json: bool) -> Result<()> {
    let npm = Npm::find(paths)?;
    let mut service = Service::start(paths, &npm)?;
    if ready_json {
        println!("{}", service.ready_json());
    } else {
        println!("{}", service.summary());
    }
    service.watch()
}
