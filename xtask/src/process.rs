//! Child processes: a clean environment, one process group each, and none left behind.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long a child may take to end after it was asked to.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(5);

static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn groups() -> MutexGuard<'static, BTreeSet<u32>> {
    // A panic elsewhere leaves the set itself whole, and the children must still be stopped.
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command without the variables that `cargo run` and rustup set for xtask itself: they would
/// pin the child to the wrong toolchain or library path.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, value) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if text == "LD_LIBRARY_PATH" {
            match without_rust_libraries(&value) {
                Some(kept) => command.env(text, kept),
                None => command.env_remove(text),
            };
        } else if is_set_by_cargo(text) {
            command.env_remove(text);
        }
    }
    command.stdin(Stdio::null());
    command
}

fn is_set_by_cargo(name: &str) -> bool {
    const EXACT: [&str; 3] = ["CARGO", "LIVEINSIGHT_STOP_WITH_PARENT", "RUST_RECURSION_COUNT"];
    const PREFIXES: [&str; 5] =
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    EXACT.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// `cargo run` puts the target folder and the toolchain's own libraries in front.
fn without_rust_libraries(value: &OsStr) -> Option<OsString> {
    let kept: Vec<_> = env::split_paths(value)
        .filter(|dir| {
            let rust = dir.components().any(|part| {
                matches!(
                    part.as_os_str().to_str(),
                    Some("toolchains" | "rustlib" | "debug" | "release" | "deps")
                )
            });
            !rust && !dir.as_os_str().is_empty()
        })
        .collect();
    if kept.is_empty() { None } else { env::join_paths(kept).ok() }
}

/// Puts folders in front of the child's `PATH`, which may have been changed before.
pub(crate) fn prepend_path<'a>(
    command: &mut Command,
    dirs: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    let set = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
    let current = set.map(OsStr::to_owned).or_else(|| env::var_os("PATH")).unwrap_or_default();
    let all = dirs.into_iter().map(Path::to_path_buf).chain(env::split_paths(&current));
    command.env("PATH", env::join_paths(all).context("PATH holds a folder with a colon in its name")?);
    Ok(())
}

/// Runs a quick command and returns its standard output, trimmed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = program_name(command);
    let output = command.stderr(Stdio::piped()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// As [`output`], with something to read on standard input.
pub(crate) fn output_of(command: &mut Command, input: &[u8]) -> Result<String> {
    let name = program_name(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends without reading it says why by itself.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Starts a child as the leader of its own process group, so that what it starts can be stopped with it.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    let name = program_name(command);
    let child = command.process_group(0).spawn().with_context(|| format!("cannot start {name}"))?;
    groups().insert(child.id());
    // A signal may have come between the last check and the insert.
    if interrupted() {
        signal_group(child.id(), Signal::SIGTERM);
    }
    Ok(child)
}

/// Waits for a child started with [`spawn`] and ends whatever it left in its group.
pub(crate) fn wait(child: &mut Child) -> Result<ExitStatus> {
    let status = child.wait();
    finish(child.id());
    Ok(status?)
}

/// As [`wait`], but stops the child after `limit`.
pub(crate) fn wait_at_most(child: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            finish(child.id());
            return Ok(status);
        }
        if Instant::now() >= deadline {
            signal_group(child.id(), Signal::SIGKILL);
            wait(child)?;
            return Err(anyhow!("no answer within {} s", limit.as_secs()));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Marks a group as ended, and ends what is left of it.
pub(crate) fn finish(group: u32) {
    signal_group(group, Signal::SIGKILL);
    groups().remove(&group);
}

/// Asks children to end, and forces those that have not within [`STOP_GRACE`].
/// Somebody else must be waiting for them.
pub(crate) fn stop(children: &[u32]) {
    let running = || children.iter().filter(|child| groups().contains(child)).copied().collect::<Vec<_>>();
    for child in running() {
        signal_group(child, Signal::SIGTERM);
    }
    let deadline = Instant::now() + STOP_GRACE;
    while Instant::now() < deadline && !running().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    for child in running() {
        signal_group(child, Signal::SIGKILL);
    }
}

fn signal_group(group: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(group) {
        // Fails only when the group is already gone, which is what was wanted.
        let _ = killpg(Pid::from_raw(pid), signal);
    }
}

/// Whether the user asked to stop.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Stops everything as Ctrl-C does.
pub(crate) fn interrupt() {
    if !INTERRUPTED.swap(true, Ordering::SeqCst) {
        let all: Vec<u32> = groups().iter().copied().collect();
        stop(&all);
    }
}

/// Stops all children on Ctrl-C, SIGTERM and SIGHUP; whoever waits for them then returns.
pub(crate) fn stop_on_signals() -> Result<()> {
    ctrlc::set_handler(interrupt).context("cannot install the Ctrl-C handler")
}

/// Stops everything when the program that started this one is gone. One that was killed could not stop anything
/// itself.
pub(crate) fn stop_with_parent() {
    let parent = parent_id();
    thread::spawn(move || {
        while parent_id() == parent {
            thread::sleep(Duration::from_millis(500));
        }
        interrupt();
    });
}

/// The command as a person would type it.
pub(crate) fn display(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

fn program_name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// Looks a program up in `PATH`.
pub(crate) fn which(name: &str) -> Option<std::path::PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_folders_leave_the_library_path() {
        let value = OsStr::new("/x/target/debug/deps:/opt/lib:/h/toolchains/stable/lib");
        assert_eq!(without_rust_libraries(value).unwrap(), OsStr::new("/opt/lib"));
        assert_eq!(without_rust_libraries(OsStr::new("/x/target/debug")), None);
    }

    #[test]
    fn only_cargo_s_own_variables_are_removed() {
        assert!(is_set_by_cargo("CARGO_PKG_VERSION"));
        assert!(!is_set_by_cargo("CARGO_TARGET_DIR"));
        assert!(!is_set_by_cargo("CARGO_HOME"));
    }

    #[test]
    fn a_child_that_hangs_is_stopped() {
        let mut child = spawn(command("sleep").arg("60")).unwrap();
        let error = wait_at_most(&mut child, Duration::from_millis(1)).unwrap_err();
        assert!(error.to_string().contains("no answer"));
        assert!(!groups().contains(&child.id()));
    }
}
