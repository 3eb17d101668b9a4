//! The worker on bare workerd with an embedded DynamoDB in memory: no development proxy in between.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::given;

/// A process that ends with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running worker with its store.
pub(crate) struct Stack {
    worker: Process,
    _store: Process,
    folder: tempfile::TempDir,
    /// Address of the worker.
    pub(crate) url: String,
    /// Address of the store.
    pub(crate) store_url: String,
    /// What the worker logs.
    pub(crate) log: Receiver<String>,
    /// From the start of the process to the first answer.
    pub(crate) first_answer: Duration,
}

/// A site that takes everything, one that leaves every event out after all checks but before storing, and two for
/// questions over made-up data, which are of a month that would be too old one day.
const SITES: &str = concat!(
    r#"[{"id":"shop","domains":["shop.example"]},"#,
    r#"{"id":"shut","domains":["shop.example"],"exclusions":{"paths":["*"]}},"#,
    r#"{"id":"days","domains":[],"retention_days":3650},{"id":"months","domains":[],"retention_days":3650}]"#
);

/// Lets the benchmark be the first owner.
pub(crate) const SETUP_TOKEN: &str = "set-up-token-of-the-benchmarks";

/// Lets it read what the worker measures.
pub(crate) const METRICS_TOKEN: &str = "metrics-token-of-the-benchmarks";

impl Stack {
    /// Starts a store, makes its tables, starts the worker and waits for it.
    pub(crate) fn start(log_level: &str) -> anyhow::Result<Self> {
        let (store_port, worker_port) = (free_port()?, free_port()?);
        let endpoint = format!("http://127.0.0.1:{store_port}");
        let store = Command::new(given("LIVEINSIGHT_DYNOXIDE")?)
            .args(["--host", "127.0.0.1", "--port", &store_port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("the embedded DynamoDB does not start")?;
        let store = Process(store);
        wait_for(|| std::net::TcpStream::connect(("127.0.0.1", store_port)).is_ok(), "the store")?;
        let environment = [
            ("DYNAMODB_ENDPOINT", endpoint.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        let tables = Command::new(given("LIVEINSIGHT_STORE")?)
            .arg("create-tables")
            .envs(environment)
            .env("LIVEINSIGHT_DYNAMODB_ENDPOINT", &endpoint)
            .output()?;
        if !tables.status.success() {
            bail!("no tables: {}", String::from_utf8_lossy(&tables.stderr));
        }

        let folder = tempfile::tempdir()?;
        let bundle = given("LIVEINSIGHT_ROOT")?.join("dist/worker");
        let mut bindings = environment.map(|(name, value)| (name, value.to_owned())).to_vec();
        bindings.push(("LOG_LEVEL", log_level.into()));
        bindings.push(("SITES", SITES.into()));
        bindings.push(("SECRET_KEY", "0".repeat(32)));
        bindings.push(("SETUP_TOKEN", SETUP_TOKEN.into()));
        bindings.push(("METRICS_TOKEN", METRICS_TOKEN.into()));
        configure(folder.path(), &bundle, worker_port, &bindings)?;
        let url = format!("http://127.0.0.1:{worker_port}");
        let (worker, log, first_answer) = start_worker(folder.path(), &url)?;
        Ok(Self { worker, _store: store, folder, url, store_url: endpoint, log, first_answer })
    }

    /// Starts the worker anew, as after a release. The store stays.
    pub(crate) fn restart_worker(&mut self) -> anyhow::Result<()> {
        let _ = self.worker.0.kill();
        self.worker.0.wait()?;
        (self.worker, self.log, self.first_answer) = start_worker(self.folder.path(), &self.url)?;
        Ok(())
    }

    /// Processor time the worker has used, user and system.
    pub(crate) fn worker_cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.worker.0.id()))?;
        // The second field is the command in parentheses and may hold spaces; utime and stime are fields
        // 14 and 15 (proc(5)), in ticks of 10 ms.
        let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).map(|field| field.parse().unwrap_or(0)).sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Memory the worker holds, in bytes.
    pub(crate) fn worker_memory(&self) -> anyhow::Result<u64> {
        memory(self.worker.0.id(), "VmRSS:")
    }

    /// The most memory the worker has held, in bytes.
    #[cfg(feature = "store")]
    pub(crate) fn worker_peak(&self) -> anyhow::Result<u64> {
        memory(self.worker.0.id(), "VmHWM:")
    }
}

/// A line of what Linux says of a process's memory, in bytes.
pub(crate) fn memory(process: u32, line: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)).context("no such line of memory")?;
    Ok(value.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}

fn start_worker(folder: &Path, url: &str) -> anyhow::Result<(Process, Receiver<String>, Duration)> {
    let started = Instant::now();
    let mut worker = Command::new(given("LIVEINSIGHT_WORKERD")?)
        .args(["serve", "config.capnp"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("workerd does not start")?;
    let output = worker.stdout.take().context("workerd has no output")?;
    let (sender, log) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let worker = Process(worker);
    let health = format!("{url}/health");
    wait_for(|| ureq::get(&health).call().is_ok(), "the worker")?;
    Ok((worker, log, started.elapsed()))
}

/// Writes workerd's configuration. The heap is held to what the platform gives an isolate (Workers limits: 128 MB), or
/// it would grow to what the machine has.
fn configure(folder: &Path, bundle: &Path, port: u16, bindings: &[(&str, String)]) -> anyhow::Result<()> {
    for file in ["index.js", "index_bg.wasm"] {
        let source = bundle.join(file);
        std::fs::copy(&source, folder.join(file))
            .with_context(|| format!("{} is missing", source.display()))?;
    }
    let bindings: Vec<String> = bindings
        .iter()
        .map(|(name, value)| format!("(name = {}, text = {})", quoted(name), quoted(value)))
        .collect();
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (cfBlobHeader = "cf-blob"), service = "main")],
  v8Flags = ["--max-heap-size=128"]
);
const worker :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "index_bg.wasm", wasm = embed "index_bg.wasm")
  ],
  compatibilityDate = "2026-11-01",
  bindings = [{}, (name = "LIVE", durableObjectNamespace = "LiveHub")],
  durableObjectNamespaces = [(className = "LiveHub", uniqueKey = "live", enableSql = true)],
  durableObjectStorage = (inMemory = void)
);
"#,
        bindings.join(", ")
    );
    std::fs::write(folder.join("config.capnp"), config)?;
    Ok(())
}

/// A text literal of Cap'n Proto, which is that of C.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn wait_for(ready: impl Fn() -> bool, what: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    while !ready() {
        if started.elapsed() > Duration::from_secs(20) {
            bail!("{what} did not answer within 20 s");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
