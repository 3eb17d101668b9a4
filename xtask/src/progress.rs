//! Shows every step with its time, keeps the output of its commands in a log, and explains failures.
//!
//! Everything here goes to standard error: standard output belongs to results.

use std::fs::{self, File, OpenOptions};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::process;

/// Steps shorter than this show no spinner.
const QUIET: Duration = Duration::from_secs(5);
/// Without a terminal, a line this often shows that the step is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How much of a failed command's output is shown.
const TAIL_LINES: usize = 30;

/// Prints steps.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    logs: PathBuf,
}

/// One running step.
#[derive(Debug)]
pub(crate) struct Step {
    name: String,
    log_path: PathBuf,
    /// Opened by the first command: a step without any leaves no empty log.
    log: Option<File>,
    note: Option<String>,
    hint: &'static str,
}

impl Progress {
    /// Logs go to `logs`.
    pub(crate) fn new(logs: PathBuf) -> Self {
        Self { logs }
    }

    /// Runs `work` as a step named `name`.
    pub(crate) fn step<T>(&self, name: &str, work: impl FnOnce(&mut Step) -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let mut step = Step::new(name, &self.logs)?;
        let ticker = Ticker::start(name.to_owned(), started);
        let result = work(&mut step);
        ticker.stop();
        let seconds = started.elapsed().as_secs_f64();
        let outcome = match (&result, step.note.take()) {
            (Err(_), _) => " - failed".to_owned(),
            (Ok(_), Some(note)) => format!(" ({note})"),
            (Ok(_), None) => String::new(),
        };
        eprintln!("{seconds:8.1} s  {name}{outcome}");
        result
    }
}

impl Step {
    fn new(name: &str, logs: &Path) -> Result<Self> {
        fs::create_dir_all(logs).with_context(|| format!("cannot create {}", logs.display()))?;
        let log_path = logs.join(format!("{}.log", file_name(name)));
        let log = None;
        Ok(Self { name: name.to_owned(), log_path, log, note: None, hint: "" })
    }

    /// A word on how the step ended, such as "unchanged".
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.note = Some(text.into());
    }

    /// What to do when a command of this step fails.
    pub(crate) fn hint(&mut self, hint: &'static str) {
        self.hint = hint;
    }

    /// Writes a line into the log.
    pub(crate) fn log(&mut self, line: &str) -> Result<()> {
        writeln!(self.log_file()?, "{line}").context("cannot write the log")
    }

    fn log_file(&mut self) -> Result<File> {
        let log = match self.log.take() {
            Some(log) => log,
            None => open_log(&self.log_path)?,
        };
        Ok(self.log.insert(log).try_clone()?)
    }

    /// Runs a command to its end; its output goes to the log. An exit code other than 0 is an error.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        let status = self.status(command, None)?;
        self.check(status, command)
    }

    /// As [`Step::run`], but gives up after `limit`.
    pub(crate) fn run_at_most(&mut self, limit: Duration, command: &mut Command) -> Result<()> {
        let status = self.status(command, Some(limit))?;
        self.check(status, command)
    }

    /// Runs a command and says whether it ended well. With `echo` its output goes to standard output, too.
    pub(crate) fn passes(&mut self, command: &mut Command, echo: bool) -> Result<bool> {
        if !echo {
            return Ok(self.status(command, None)?.success());
        }
        self.log(&format!("$ {}", process::display(command)))?;
        let (mut reader, writer) = std::io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = process::spawn(command)?;
        // The command holds the pipe's other ends: they must go, or the pipe never ends.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut log = self.log_file()?;
        let copier = thread::spawn(move || -> std::io::Result<()> {
            let mut buffer = [0; 8192];
            loop {
                let count = reader.read(&mut buffer)?;
                if count == 0 {
                    return Ok(());
                }
                log.write_all(&buffer[..count])?;
                std::io::stdout().write_all(&buffer[..count])?;
            }
        });
        let status = process::wait(&mut child)?;
        if !matches!(copier.join(), Ok(Ok(()))) {
            bail!("lost the output of `{}`", process::display(command));
        }
        Ok(status.success())
    }

    /// What the commands of this step have printed so far.
    pub(crate) fn output(&self) -> String {
        read_lossy(&self.log_path)
    }

    fn status(&mut self, command: &mut Command, limit: Option<Duration>) -> Result<ExitStatus> {
        if process::interrupted() {
            bail!("interrupted");
        }
        self.log(&format!("$ {}", process::display(command)))?;
        command.stdout(self.log_file()?).stderr(self.log_file()?);
        let mut child = process::spawn(command)?;
        match limit {
            Some(limit) => process::wait_at_most(&mut child, limit),
            None => process::wait(&mut child),
        }
    }

    fn check(&self, status: ExitStatus, command: &Command) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        if process::interrupted() {
            bail!("interrupted");
        }
        let text = read_lossy(&self.log_path);
        let hint = network_hint(&text).unwrap_or(self.hint);
        let mut message = format!(
            "{}: `{}` ended with {status}; its last lines:\n{}\nfull log: {}",
            self.name,
            process::display(command),
            tail(&text, TAIL_LINES),
            self.log_path.display()
        );
        if !hint.is_empty() {
            message.push_str("\nwhat to do: ");
            message.push_str(hint);
        }
        bail!(message)
    }
}

/// Opens a fresh log. Appending, because the handles of parent and children share it.
pub(crate) fn open_log(path: &Path) -> Result<File> {
    // A log of another user, or of a run still going on, is replaced rather than written into.
    let _ = fs::remove_file(path);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write the log {}", path.display()))
}

/// A file as text, whatever is in it; empty when it cannot be read.
pub(crate) fn read_lossy(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(path) {
        // What could be read is still worth showing.
        let _ = file.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last lines of a text, indented.
pub(crate) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(count);
    lines[start..].iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn file_name(step: &str) -> String {
    let words = step.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

fn network_hint(log: &str) -> Option<&'static str> {
    const SIGNS: [&str; 10] = [
        "Could not resolve host",
        "Couldn't resolve host",
        "Temporary failure in name resolution",
        "Temporary failure resolving",
        "Could not connect to",
        "network failure seems to have happened",
        "failed to download from",
        "ENOTFOUND",
        "ECONNREFUSED",
        "EAI_AGAIN",
    ];
    SIGNS.iter().any(|sign| log.contains(sign)).then_some(
        "the network cannot be reached: check the connection and any proxy settings, then run this again",
    )
}

/// Shows that a step is alive.
struct Ticker {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Ticker {
    fn start(name: String, started: Instant) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let terminal = std::io::stderr().is_terminal();
            let (first, then) =
                if terminal { (QUIET, Duration::from_millis(200)) } else { (HEARTBEAT, HEARTBEAT) };
            let mut bar: Option<ProgressBar> = None;
            let mut pause = first;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = then;
                let seconds = started.elapsed().as_secs();
                if terminal {
                    let bar = bar.get_or_insert_with(spinner);
                    bar.set_message(format!("{seconds:5} s  {name}"));
                    bar.tick();
                } else {
                    eprintln!("{seconds:6} s ...  {name}");
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self { stop, thread }
    }

    fn stop(self) {
        drop(self.stop);
        // A panic in the ticker must not fail the step.
        let _ = self.thread.join();
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_end_of_the_text() {
        assert_eq!(tail("a\nb\nc\n", 2), "    b\n    c");
        assert_eq!(tail("", 2), "");
    }

    #[test]
    fn step_names_make_plain_file_names() {
        assert_eq!(file_name("tool: wasm-bindgen-cli 0.2.1"), "tool-wasm-bindgen-cli-0.2.1");
    }

    #[test]
    fn a_lost_network_is_recognised() {
        assert!(network_hint("npm error code ENOTFOUND").is_some());
        assert!(network_hint("error[E0308]: mismatched types").is_none());
    }
}
