//! `npm run deploy` and `npm run destroy`: an installation on AWS and Cloudflare, from nothing or from the one before.
//!
//! What is done, in this order, and what of it a dry run does:
//!
//! | step | dry run |
//! |---|---|
//! | build tracker, dashboard and worker | yes |
//! | check the environment's file, the template, the worker's configuration and bundle | yes |
//! | check the credentials of both clouds | |
//! | show the change set, ask, carry it out | |
//! | make the queues that are missing | |
//! | give the worker the secrets it lacks, deploy it | |
//! | try it through its public address; if that fails, go back to the version before | |
//! | delete the key of AWS that is not used any more | |

mod options;
mod stack;
mod worker;

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value};

use crate::build;
use crate::files::BuildLock;
use crate::hash;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;
use crate::python;
use crate::setup::Setup;
use options::Environment;
pub(crate) use options::Options;
use stack::{Plan, Stack};
use worker::Worker;

/// Names of the worker's key of AWS among its secrets.
const KEY: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// Secrets that are made here once and never changed, with their lengths in bytes and whether a person needs them.
const MADE_ONCE: [(&str, usize, bool); 3] =
    [("SECRET_KEY", 32, false), ("SETUP_TOKEN", 16, true), ("METRICS_TOKEN", 24, true)];

/// The `deploy` command.
pub(crate) fn run(paths: &Paths, progress: &Progress, options: &Options) -> Result<()> {
    let environment = Environment::read(&paths.root, options)?;
    environment.check(&stack::template(&paths.root)?)?;
    let setup = {
        let _lock = BuildLock::acquire(paths)?;
        let setup = Setup::prepare(paths, progress)?;
        build::all(&setup)?;
        setup
    };
    let stack = Stack::new(paths, python::deploy(paths, progress)?, &environment);
    progress.step("check: template", |_| stack.lint())?;
    let worker = Worker::prepare(paths, &setup.npm, &environment)?;
    let bundle = paths.dist().join("bundle");
    progress.step("check: worker", |step| step.run(&mut worker.check(&bundle)?))?;
    if options.dry_run {
        println!("{}", rehearsal(&environment, &worker));
        return Ok(());
    }

    let caller = progress.step("check: credentials", |_| {
        worker.identity()?;
        stack.identity()
    })?;
    println!("\nStack {} in {} as {caller}", environment.full_name(), environment.region);
    let plan = progress.step("change set", |_| stack.plan())?;
    carry_out(&stack, &plan, options, progress)?;
    let made = progress.step("queues", |_| worker.make_queues().map(|made| made.len()))?;
    if made > 0 {
        println!("{made} queues made");
    }
    let before = worker.version()?;
    let keys = stack.keys()?;
    let secrets = secrets(&stack, &worker, options)?;
    let printed = match progress.step("worker", |_| worker.deploy()) {
        Ok(printed) => printed,
        Err(error) => {
            // Nothing has it yet, and a user has two keys at most.
            if let Some(id) = &secrets.new_key {
                stack.delete_key(id)?;
            }
            return Err(error);
        }
    };
    if !secrets.set.is_empty() {
        progress.step("secrets", |_| worker.put_secrets(&Value::Object(secrets.set.clone())))?;
    }
    let url = worker.url(printed)?;
    if let Err(error) = progress.step("smoke test", |_| smoke(&setup, &url)) {
        let back = go_back(&worker, before.as_deref(), progress);
        if let Some(id) = &secrets.new_key {
            // Nothing uses it when the version before is back, and a user has two keys at most.
            if before.is_some() && back.is_ok() {
                stack.delete_key(id)?;
            }
        }
        let done = back.unwrap_or_else(|failure| format!("and the worker is still the new one: {failure:#}"));
        return Err(error.context(format!("{url} does not work; {done}")));
    }
    if secrets.new_key.is_some() {
        for key in keys {
            progress.step("delete the key before", |_| stack.delete_key(&key))?;
        }
    }
    println!("\n  Installed   {url}");
    for (name, value) in &secrets.shown {
        println!("  {name:<13} {value}");
    }
    if !secrets.shown.is_empty() {
        println!("  These are shown once. SETUP_TOKEN makes the first owner at {url}.");
    }
    Ok(())
}

/// What a dry run says.
fn rehearsal(environment: &Environment, worker: &Worker<'_>) -> String {
    let mut lines = vec![
        String::new(),
        format!("Nothing was changed. Deploying {} would", environment.name),
        format!("  change the stack {} in {} to", environment.full_name(), environment.region),
    ];
    for (name, value) in &environment.parameters {
        lines.push(format!("    {name} = {}", if value.is_empty() { "(empty)" } else { value }));
    }
    lines.push(format!("  make the queues that are missing of {}", worker.queues().join(", ")));
    let names: Vec<&str> = KEY.into_iter().chain(MADE_ONCE.map(|(name, ..)| name)).collect();
    lines.push(format!("  set the secrets that are missing of {}", names.join(", ")));
    lines.push(format!("  upload the worker as {} says", worker.config.display()));
    let address = environment.domain.as_deref().unwrap_or("its address under workers.dev");
    lines.push(format!("  try it at {address}, and go back to the version before if that fails"));
    lines.join("\n")
}

fn carry_out(stack: &Stack<'_>, plan: &Plan, options: &Options, progress: &Progress) -> Result<()> {
    if plan.is_empty() {
        println!("The stack is as it should be.");
        return Ok(());
    }
    println!("{}", plan.table());
    let agreed = plan.check().and_then(|()| match options.yes || ask("Carry this out?")? {
        true => Ok(()),
        false => bail!("nothing was changed"),
    });
    if let Err(error) = agreed {
        stack.discard(plan)?;
        return Err(error);
    }
    progress.step("stack", |_| stack.apply(plan))
}

/// What the worker is given.
struct Secrets {
    set: Map<String, Value>,
    /// What a person needs to know of it.
    shown: Vec<(&'static str, String)>,
    /// Id of the key of AWS, when it is a new one.
    new_key: Option<String>,
}

/// Makes what the worker lacks.
fn secrets(stack: &Stack<'_>, worker: &Worker<'_>, options: &Options) -> Result<Secrets> {
    let there = worker.secrets()?;
    let lacks = |name: &str| !there.iter().any(|secret| secret == name);
    let mut secrets = Secrets { set: Map::new(), shown: Vec::new(), new_key: None };
    for (name, length, is_shown) in MADE_ONCE {
        if !lacks(name) {
            continue;
        }
        // A worker that has had an owner for long needs no token to make one.
        if name == "SETUP_TOKEN" && !lacks("SECRET_KEY") {
            continue;
        }
        let mut bytes = vec![0; length];
        getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random numbers: {error}"))?;
        let value = hash::hex(&bytes);
        if is_shown {
            secrets.shown.push((name, value.clone()));
        }
        secrets.set.insert(name.to_owned(), value.into());
    }
    if options.rotate_key || KEY.into_iter().any(lacks) {
        let key = stack.new_key()?;
        secrets.set.insert(KEY[0].to_owned(), key.id.clone().into());
        secrets.set.insert(KEY[1].to_owned(), key.secret.into());
        secrets.new_key = Some(key.id);
    }
    Ok(secrets)
}

fn smoke(setup: &Setup, url: &str) -> Result<()> {
    let mut node = setup.npm.node_command()?;
    node.arg(setup.paths.root.join("xtask").join("deploy-smoke.mjs")).arg(url);
    process::output(&mut node).map(drop)
}

/// Goes back to the version before, and says so.
fn go_back(worker: &Worker<'_>, before: Option<&str>, progress: &Progress) -> Result<String> {
    let Some(version) = before else { return Ok("there is no version before to go back to".to_owned()) };
    progress.step("roll back", |_| worker.roll_back(version))?;
    Ok(format!("the worker is version {version} again"))
}

/// The `destroy` command.
pub(crate) fn destroy(paths: &Paths, progress: &Progress, options: &Options) -> Result<()> {
    let environment = Environment::read(&paths.root, options)?;
    let what = match options.and_data {
        true => "the worker, its queues, the stack, and the tables with all that is in them",
        false => "the worker, its queues and the stack; the tables and the backups stay",
    };
    println!("This deletes {what}: {} in {}.", environment.full_name(), environment.region);
    if options.dry_run {
        return Ok(());
    }
    let confirmed = match &options.confirm {
        Some(name) => name.clone(),
        None => prompt(&format!("Type the environment's name, {}, to go on:", environment.name))?,
    };
    if confirmed != environment.name {
        bail!("`{confirmed}` is not `{}`: nothing was deleted", environment.name);
    }
    let setup = Setup::prepare(paths, progress)?;
    std::fs::create_dir_all(paths.dist()).context("cannot make dist/")?;
    let stack = Stack::new(paths, python::deploy(paths, progress)?, &environment);
    let worker = Worker::prepare(paths, &setup.npm, &environment)?;
    progress.step("check: credentials", |_| {
        worker.identity()?;
        stack.identity().map(drop)
    })?;
    let left = progress.step("worker and queues", |_| worker.delete())?;
    let deleted = progress.step("stack", |_| stack.destroy(options.and_data))?;
    println!("\nDeleted on AWS: {}", if deleted.is_empty() { "nothing".into() } else { deleted.join(", ") });
    if !left.is_empty() {
        println!("Not deleted, or not there: the queues {}", left.join(", "));
    }
    Ok(())
}

fn ask(question: &str) -> Result<bool> {
    Ok(matches!(prompt(&format!("{question} [y/N]"))?.to_lowercase().as_str(), "y" | "yes"))
}

fn prompt(question: &str) -> Result<String> {
    if !io::stdin().is_terminal() {
        bail!("nobody is here to be asked: use --yes to deploy, --confirm <environment> to destroy");
    }
    print!("{question} ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
