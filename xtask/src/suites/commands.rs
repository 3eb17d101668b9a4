//! The commands behind each suite.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::fuzz::{self, Compiler};
use crate::build;
use crate::chaos;
use crate::files;
use crate::process;
use crate::progress::Step;
use crate::serve::Children;
use crate::setup::Setup;
use crate::toolchain::TARGET;

/// Everything the suites use.
#[derive(Debug)]
pub(super) struct Equipment<'a> {
    pub(super) setup: &'a Setup,
    pub(super) browser: Option<PathBuf>,
    pub(super) cargo_deny: Option<PathBuf>,
    pub(super) schemathesis: Option<PathBuf>,
    /// Where the programs are that test `infra/`.
    pub(super) infra: Option<PathBuf>,
    /// A Python with DuckDB.
    pub(super) duckdb: Option<PathBuf>,
    /// cargo-fuzz and the compiler it builds with, where there is one.
    pub(super) fuzzer: Option<(PathBuf, Compiler)>,
    pub(super) xtask: PathBuf,
}

/// Histories that each law of the engine is tried on: with six laws over twenty thousand.
const LAW_CASES: &str = "3400";

/// Settings meant for `npm start`, which would point tests and benchmarks at somebody's real data.
const SETTINGS: [&str; 18] = [
    "LIVEINSIGHT_ADMIN_PASSWORD",
    "LIVEINSIGHT_CLOUDWATCH_ENDPOINT",
    "LIVEINSIGHT_DATA_DIR",
    "LIVEINSIGHT_DYNAMODB_ENDPOINT",
    "LIVEINSIGHT_ENVIRONMENT",
    "LIVEINSIGHT_LOG_SHARE",
    "LIVEINSIGHT_MAIL_API_TOKEN",
    "LIVEINSIGHT_MAIL_API_URL",
    "LIVEINSIGHT_MAIL_FROM",
    "LIVEINSIGHT_OVERFLOW_QUEUE",
    "LIVEINSIGHT_PORT",
    "LIVEINSIGHT_SEED",
    "LIVEINSIGHT_SES_ENDPOINT",
    "LIVEINSIGHT_SITES",
    "LIVEINSIGHT_TABLE_PREFIX",
    "LIVEINSIGHT_TRACE_ENDPOINT",
    "LIVEINSIGHT_TRACE_HEADERS",
    "LIVEINSIGHT_TRACE_SHARE",
];

/// What tests and benchmarks are told about the machine.
pub(crate) fn environment(command: &mut Command, setup: &Setup, browser: Option<&Path>, xtask: &Path) {
    for setting in SETTINGS {
        command.env_remove(setting);
    }
    command
        .current_dir(&setup.paths.root)
        .env("LIVEINSIGHT_ROOT", &setup.paths.root)
        .env("LIVEINSIGHT_XTASK", xtask)
        .env("LIVEINSIGHT_DYNOXIDE", &setup.tools.dynoxide)
        .env("LIVEINSIGHT_STORE", build::store_tool(&setup.paths))
        .env("LIVEINSIGHT_WORKERD", &setup.npm.workerd)
        .env("LIVEINSIGHT_NODE", &setup.npm.node);
    if let Some(browser) = browser {
        command.env("LIVEINSIGHT_CHROMIUM", browser);
    }
}

impl Equipment<'_> {
    /// Runs a suite and says whether its commands ended well.
    pub(super) fn run(&self, suite: &str, step: &mut Step, echo: bool) -> Result<bool> {
        match suite {
            "cargo test" => {
                let mut test = self.cargo(&["test", "--locked", "--workspace"]);
                if std::env::var_os("LIVEINSIGHT_LAW_CASES").is_none() {
                    test.env("LIVEINSIGHT_LAW_CASES", LAW_CASES);
                }
                step.passes(&mut test, echo)
            }
            "store" => self.store(step, echo),
            "export" => self.export(step, echo),
            "worker" => self.node("edge", step, echo),
            "tracker" | "dashboard" | "operations" => self.node(suite, step, echo),
            "infra" => self.python("infra", step, echo),
            "schemathesis" => self.node("api", step, echo),
            "end to end" => self.node("e2e", step, echo),
            "chaos" => {
                let mut proof = process::command("cargo");
                environment(&mut proof, self.setup, None, &self.xtask);
                chaos::arguments_of(&mut proof, self.setup).args(chaos::SHORT);
                step.passes(&mut proof, echo)
            }
            "fmt" => step.passes(&mut self.cargo(&["fmt", "--all", "--check"]), echo),
            "clippy" => {
                let arguments = ["clippy", "--locked", "--workspace", "--all-targets"];
                let mut clippy = self.cargo(&arguments);
                clippy.args(["--features", "edge-worker/native,bench/store", "--", "-D", "warnings"]);
                step.passes(&mut clippy, echo)
            }
            "clippy wasm32" => {
                let mut clippy = self.setup.toolchain.clippy(&self.setup.paths);
                clippy.args(["--locked", "--target", TARGET, "-p", "edge-worker", "-p", "tracker-wasm"]);
                clippy.args(["-p", "dashboard-wasm", "-p", "engine-wasm", "--", "-D", "warnings"]);
                step.passes(&mut clippy, echo)
            }
            "rustdoc" => {
                let mut doc = self.cargo(&["doc", "--locked", "--no-deps", "--workspace"]);
                step.passes(doc.env("RUSTDOCFLAGS", "-Dwarnings"), echo)
            }
            "biome" => {
                let mut biome = process::command(&self.setup.npm.biome);
                step.passes(biome.current_dir(&self.setup.paths.root).args(["ci", "--colors=off", "."]), echo)
            }
            "licences" => self.licences(step, echo),
            "fuzz" => match &self.fuzzer {
                Some((cargo_fuzz, compiler)) => {
                    fuzz::run(&self.setup.paths, cargo_fuzz, *compiler, step, echo)
                }
                None => {
                    println!(
                        "fuzz: left out, because there is no C++ compiler (`c++`) to build the fuzzer with"
                    );
                    Ok(true)
                }
            },
            other => bail!("nothing is known about the suite {other}"),
        }
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = process::command("cargo");
        environment(&mut command, self.setup, self.browser.as_deref(), &self.xtask);
        command.env("CARGO_TARGET_DIR", self.setup.paths.native_target()).args(arguments);
        command
    }

    /// The store's tests, against an empty database in memory.
    fn store(&self, step: &mut Step, echo: bool) -> Result<bool> {
        let mut tests = self.cargo(&["test", "--locked", "-p", "edge-worker", "--features", "native"]);
        // The library and the tool have tests of what only their native forms hold.
        tests.args(["--lib", "--bins", "--test", "store", "--test", "accounts", "--test", "compact"]);
        self.with_database(&mut tests, step, echo)
    }

    /// What is exported, read by another program.
    fn export(&self, step: &mut Step, echo: bool) -> Result<bool> {
        let python = self.duckdb.as_deref().context("DuckDB was not installed")?;
        let mut tests = self.cargo(&["test", "--locked", "--manifest-path", "export/Cargo.toml"]);
        tests
            .env("CARGO_TARGET_DIR", build::export_target(&self.setup.paths))
            .env("LIVEINSIGHT_DUCKDB_PYTHON", python);
        self.with_database(&mut tests, step, echo)
    }

    fn with_database(&self, tests: &mut Command, step: &mut Step, echo: bool) -> Result<bool> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .context("there is no free port on 127.0.0.1")?
            .port();
        let mut children = Children::new(&self.setup.paths.logs());
        let mut database = process::command(&self.setup.tools.dynoxide);
        database.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        children.start("test-database", &mut database)?;
        children.wait_for_port("test-database", port)?;
        tests
            .env("LIVEINSIGHT_DYNAMODB_ENDPOINT", format!("http://127.0.0.1:{port}"))
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_REGION", "us-east-1");
        step.passes(tests, echo)
    }

    fn node(&self, folder: &str, step: &mut Step, echo: bool) -> Result<bool> {
        let folder = PathBuf::from("tests").join(folder);
        let absolute = self.setup.paths.root.join(&folder);
        let tests: Vec<PathBuf> = match absolute.is_dir() {
            true => files::list(&absolute)?.into_iter().filter(|file| is_test(file)).collect(),
            false => Vec::new(),
        };
        if tests.is_empty() {
            bail!("there is no test in {}", folder.display());
        }
        let mut command = self.setup.npm.node_command()?;
        environment(&mut command, self.setup, self.browser.as_deref(), &self.xtask);
        if let Some(schemathesis) = &self.schemathesis {
            command.env("LIVEINSIGHT_SCHEMATHESIS", schemathesis);
        }
        if let Some(infra) = &self.infra {
            command.env("LIVEINSIGHT_INFRA_PROGRAMS", infra);
        }
        // One file at a time: each starts a whole system, and timing-sensitive tests need the machine to themselves.
        // A test that hangs must fail while its log can still be read.
        command.args(["--test", "--test-concurrency=1", "--test-timeout=120000", "--test-force-exit"]);
        command.args(tests.iter().map(|file| folder.join(file)));
        step.passes(&mut command, echo)
    }

    fn python(&self, folder: &str, step: &mut Step, echo: bool) -> Result<bool> {
        let programs = self.infra.as_deref().context("the Python packages were not installed")?;
        let folder = self.setup.paths.root.join("tests").join(folder);
        let mut tests = process::command(programs.join("python"));
        tests.args(["-W", "ignore", "-B", "-m", "unittest", "discover", "--verbose"]).current_dir(folder);
        step.passes(&mut tests, echo)
    }

    fn licences(&self, step: &mut Step, echo: bool) -> Result<bool> {
        let cargo_deny = self.cargo_deny.as_deref().context("cargo-deny was not installed")?;
        // The check itself is offline and reads the manifests of all platforms.
        for manifest in ["Cargo.toml", "export/Cargo.toml"] {
            step.run(&mut self.cargo(&["fetch", "--locked", "--manifest-path", manifest]))?;
            let mut check = process::command(cargo_deny);
            check.current_dir(&self.setup.paths.root).args(["--offline", "--manifest-path", manifest]);
            if !step.passes(check.args(["check", "bans", "licenses", "sources"]), echo)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn is_test(file: &Path) -> bool {
    file.to_str().is_some_and(|name| name.ends_with(".test.mjs"))
}
