//! The built worker on bare workerd with the embedded store in a file, each a process that can be killed and started
//! again.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail};
use hyper::Request;
use serde_json::Value;

use crate::net::{Body, Http, free_port, until};

/// The site that visitors come to.
pub(crate) const SITE: &str = "chaos";
/// Where its pages are.
pub(crate) const ORIGIN: &str = "https://shop.example";

const OWNER: &str = "owner@chaos.example";

const READY_LIMIT: Duration = Duration::from_secs(30);

/// A process that ends with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where everything listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) store: u16,
    pub(crate) worker: u16,
    pub(crate) dispatcher: u16,
    /// The fault proxy in front of the store.
    pub(crate) proxy: u16,
    /// The queues.
    pub(crate) queues: u16,
}

/// What the operating system says of a process.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Resident memory in bytes.
    pub(crate) memory: u64,
    /// Open file descriptors.
    pub(crate) files: usize,
}

/// The running system.
pub(crate) struct Stack {
    folder: tempfile::TempDir,
    pub(crate) http: Http,
    pub(crate) ports: Ports,
    /// A token that may read and have days verified.
    pub(crate) token: String,
    store: RefCell<Option<Process>>,
    worker: RefCell<Option<Process>>,
    /// How often the worker was started.
    pub(crate) starts: Cell<u32>,
}

pub(crate) fn given(name: &str) -> anyhow::Result<PathBuf> {
    let value = std::env::var_os(name).with_context(|| format!("{name} is not set: use `npm run chaos`"))?;
    Ok(value.into())
}

impl Stack {
    /// A folder and free ports; nothing runs yet.
    pub(crate) fn prepare(http: &Http, store: u16, proxy: u16, queues: u16) -> anyhow::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix("liveinsight-chaos-").tempdir()?,
            http: http.clone(),
            ports: Ports { store, worker: free_port()?, dispatcher: free_port()?, proxy, queues },
            token: String::new(),
            store: RefCell::default(),
            worker: RefCell::default(),
            starts: Cell::new(0),
        })
    }

    /// Starts everything: the store with its tables, somebody who may ask, the worker.
    pub(crate) async fn start(mut self) -> anyhow::Result<Rc<Self>> {
        self.start_store().await?;
        self.tool(&["create-tables"])?;
        self.tool(&["admin", "create-owner", OWNER])?;
        self.tool(&["admin", "add-site", SITE, "shop.example"])?;
        self.token =
            self.tool(&["admin", "new-token", OWNER, "chaos", "--scope", "read", "--scope", "manage"])?;
        self.configure()?;
        let stack = Rc::new(self);
        stack.start_worker().await?;
        Ok(stack)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.worker)
    }

    pub(crate) fn store_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.store)
    }

    /// Asks the dispatcher for something.
    pub(crate) async fn dispatch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.http.ask(&format!("http://127.0.0.1:{}{path}", self.ports.dispatcher), &[], body).await
    }

    /// Asks the worker a question as the holder of the token.
    pub(crate) async fn question(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let bearer = format!("Bearer {}", self.token);
        self.http.ask(&format!("{}{path}", self.url()), &[("authorization", &bearer)], body).await
    }

    pub(crate) async fn start_store(&self) -> anyhow::Result<()> {
        let child = Command::new(given("LIVEINSIGHT_DYNOXIDE")?)
            .args(["--host", "127.0.0.1", "--port", &self.ports.store.to_string(), "--db-path"])
            .arg(self.folder.path().join("dynamodb.sqlite"))
            .stdout(Stdio::null())
            .stderr(self.log("store.log")?)
            .spawn()
            .context("the embedded DynamoDB does not start")?;
        self.store.replace(Some(Process(child)));
        let port = self.ports.store;
        until("the store listens", READY_LIMIT, || async move {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await
    }

    /// Ends the store as a crash does.
    pub(crate) fn kill_store(&self) {
        self.store.take();
    }

    pub(crate) async fn start_worker(&self) -> anyhow::Result<()> {
        let child = Command::new(given("LIVEINSIGHT_WORKERD")?)
            .args(["serve", "--experimental", "config.capnp"])
            .current_dir(self.folder.path())
            .stdout(self.log("worker.log")?)
            .stderr(self.log("workerd.log")?)
            .spawn()
            .context("workerd does not start")?;
        self.worker.replace(Some(Process(child)));
        self.starts.set(self.starts.get() + 1);
        let health = format!("{}/health", self.url());
        until("the worker answers", READY_LIMIT, || async {
            let Ok(request) = Request::get(&health).body(Body::default()) else { return false };
            self.http.send(request).await.is_ok_and(|answer| answer.status == 200)
        })
        .await
    }

    /// Ends the worker as a crash does.
    pub(crate) fn kill_worker(&self) {
        self.worker.take();
    }

    /// What the worker's process uses; `None` while there is none, or on a system without `/proc`.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let id = self.worker.borrow().as_ref()?.0.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let memory = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024;
        let files = std::fs::read_dir(format!("/proc/{id}/fd")).ok()?.count();
        Some(Usage { memory, files })
    }

    /// The last lines of what the worker and its runtime said, for whoever has to find out what went wrong.
    pub(crate) fn last_words(&self) -> String {
        let tail = |name: &str| {
            let text = std::fs::read(self.folder.path().join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            let lines: Vec<&str> = text.lines().rev().take(15).collect();
            lines.into_iter().rev().collect::<Vec<_>>().join("\n")
        };
        format!("{}\n{}", tail("worker.log"), tail("workerd.log"))
    }

    fn log(&self, name: &str) -> anyhow::Result<File> {
        Ok(File::options().create(true).append(true).open(self.folder.path().join(name))?)
    }

    /// Runs the store tool and gives back what it prints.
    fn tool(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(given("LIVEINSIGHT_STORE")?)
            .args(arguments)
            .env("LIVEINSIGHT_DYNAMODB_ENDPOINT", self.store_url())
            .env_remove("LIVEINSIGHT_TABLE_PREFIX")
            .envs([
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_REGION", "us-east-1"),
            ])
            .output()?;
        if !output.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Writes workerd's configuration. The heap is held to what the platform gives an isolate (Workers limits: 128 MB).
    /// Queues are outside of the process, as Cloudflare's are outside of the worker: killing the worker loses none.
    fn configure(&self) -> anyhow::Result<()> {
        let folder = self.folder.path();
        let bundle = given("LIVEINSIGHT_ROOT")?.join("dist/worker");
        for file in ["index.js", "index_bg.wasm"] {
            copy(&bundle.join(file), &folder.join(file))?;
        }
        std::fs::write(folder.join("dispatcher.mjs"), include_str!("dispatcher.mjs"))?;
        let Ports { worker, dispatcher, proxy, queues, .. } = self.ports;
        let endpoint = format!("http://127.0.0.1:{proxy}");
        let bindings: Vec<String> = [
            ("DYNAMODB_ENDPOINT", endpoint.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("SECRET_KEY", &"0".repeat(32)),
        ]
        .iter()
        .map(|(name, value)| format!("(name = \"{name}\", text = \"{value}\")"))
        .collect();
        let queue = |name: &str| {
            format!(
                r#"(name = "queue-{name}", external = (address = "127.0.0.1:{queues}", http = (injectRequestHeaders = [(name = "x-queue", value = "{name}")])))"#
            )
        };
        let config = format!(
            r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "dispatcher", worker = .dispatcher),
    {}, {},
    (name = "internet", network = (allow = ["public", "private"]))
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:{worker}", http = (cfBlobHeader = "cf-blob"), service = "main"),
    (name = "dispatch", address = "127.0.0.1:{dispatcher}", http = (), service = "dispatcher")
  ],
  v8Flags = ["--max-heap-size=128"]
);
const worker :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "index_bg.wasm", wasm = embed "index_bg.wasm")
  ],
  compatibilityDate = "2026-11-01",
  bindings = [{},
    (name = "OVERFLOW", queue = "queue-liveinsight-overflow"),
    (name = "JOBS", queue = "queue-liveinsight-jobs"),
    (name = "LIVE", durableObjectNamespace = "LiveHub")],
  durableObjectNamespaces = [(className = "LiveHub", uniqueKey = "live", enableSql = true)],
  durableObjectStorage = (inMemory = void)
);
const dispatcher :Workerd.Worker = (
  modules = [(name = "dispatcher.mjs", esModule = embed "dispatcher.mjs")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["service_binding_extra_handlers", "unsafe_module"],
  bindings = [(name = "WORKER", service = "main")]
);
"#,
            queue("liveinsight-overflow"),
            queue("liveinsight-jobs"),
            bindings.join(", ")
        );
        std::fs::write(folder.join("config.capnp"), config)?;
        Ok(())
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::copy(from, to).with_context(|| format!("{} is missing: run `npm run build`", from.display()))?;
    Ok(())
}
