//! Programs that run until they are stopped, and stop together.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use ureq::Agent;

use crate::process;
use crate::progress::{open_log, read_lossy, tail};

/// How long a program may take to answer for the first time.
const READY_LIMIT: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// All running programs.
#[derive(Debug)]
pub(crate) struct Children {
    logs: PathBuf,
    running: usize,
    started: Vec<u32>,
    ended: Receiver<Ended>,
    ender: Sender<Ended>,
    agent: Agent,
}

#[derive(Debug)]
struct Ended {
    name: &'static str,
    status: Result<ExitStatus>,
    log: PathBuf,
}

impl Children {
    /// Logs go to `logs`.
    pub(crate) fn new(logs: &Path) -> Self {
        let (ender, ended) = mpsc::channel();
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(5)))
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self { logs: logs.to_path_buf(), running: 0, started: Vec::new(), ended, ender, agent }
    }

    /// Starts a program; its output goes to `<name>.log`.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let log = self.logs.join(format!("{name}.log"));
        let file = open_log(&log)?;
        let mut child = process::spawn(command.stdout(file.try_clone()?).stderr(file))?;
        self.running += 1;
        self.started.push(child.id());
        let ender = self.ender.clone();
        thread::spawn(move || {
            let status = process::wait(&mut child);
            // Nobody listens any more once everything is being stopped.
            let _ = ender.send(Ended { name, status, log });
        });
        Ok(())
    }

    /// Waits until something accepts connections.
    pub(crate) fn wait_for_port(&mut self, name: &str, port: u16) -> Result<()> {
        self.wait_until(name, |_| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())
    }

    /// Waits until an address answers 200.
    pub(crate) fn wait_for_ok(&mut self, name: &str, url: &str) -> Result<()> {
        self.wait_until(name, |agent| agent.get(url).call().is_ok_and(|answer| answer.status() == 200))
    }

    fn wait_until(&mut self, name: &str, ready: impl Fn(&Agent) -> bool) -> Result<()> {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        while !ready(&self.agent) {
            match self.ended.recv_timeout(pause) {
                Ok(ended) => return Err(self.failure(&ended)),
                Err(RecvTimeoutError::Disconnected) => bail!("{name} was stopped"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if started.elapsed() > READY_LIMIT {
                let log = self.logs.join(format!("{name}.log"));
                bail!(
                    "{name} did not answer within {} s; its last lines:\n{}\nfull log: {}",
                    READY_LIMIT.as_secs(),
                    tail(&read_lossy(&log), 30),
                    log.display()
                );
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(())
    }

    /// Waits until the user stops everything, or one program ends by itself, which is an error.
    pub(crate) fn watch(&mut self) -> Result<()> {
        match self.ended.recv() {
            Ok(ended) => {
                let failure = self.failure(&ended);
                if process::interrupted() { Ok(()) } else { Err(failure) }
            }
            Err(error) => Err(anyhow!("lost sight of the running programs: {error}")),
        }
    }

    fn failure(&mut self, ended: &Ended) -> anyhow::Error {
        self.running -= 1;
        if process::interrupted() {
            return anyhow!("interrupted");
        }
        let status = match &ended.status {
            Ok(status) => status.to_string(),
            Err(error) => format!("{error:#}"),
        };
        anyhow!(
            "{} ended by itself ({status}); its last lines:\n{}\nfull log: {}",
            ended.name,
            tail(&read_lossy(&ended.log), 30),
            ended.log.display()
        )
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        process::stop(&self.started);
        // Each waiter reports once its program is gone, so nothing outlives this.
        while self.running > 0 && self.ended.recv_timeout(process::STOP_GRACE).is_ok() {
            self.running -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Scratch;

    #[test]
    fn a_program_that_ends_early_is_reported_with_its_output() {
        let scratch = Scratch::new("children");
        let mut children = Children::new(&scratch.0);
        children.start("shop", process::command("sh").args(["-c", "echo no such file >&2; exit 3"])).unwrap();
        let error = children.wait_until("shop", |_| false).unwrap_err().to_string();
        assert!(error.contains("shop ended by itself") && error.contains("no such file"), "{error}");
    }
}
