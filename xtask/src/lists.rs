//! `cargo xtask lists`: refreshes the lists in `enrich/data/` from the projects that keep them. What cannot be
//! reached is said, and the list of it stays as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::npm;
use crate::paths::Paths;
use crate::process;

const MATOMO_SOURCES: &str =
    "https://raw.githubusercontent.com/matomo-org/searchengine-and-social-list/master";
const MATOMO_SPAM: &str = "https://raw.githubusercontent.com/matomo-org/referrer-spam-list/master";
const AI_ROBOTS: &str = "https://raw.githubusercontent.com/ai-robots-txt/ai.robots.txt/main";

/// Seconds for one file: the largest has 60 kB.
const FETCH_SECONDS: &str = "30";

/// Hosts of the list of search engines that are portals today: a link from them is no search.
const NO_SEARCH_ENGINES: &[&str] = &[
    "arcor.de",
    "cgi2.nintendo.co.jp",
    "charter.net",
    "cnn.com",
    "digg.com",
    "facebook.com",
    "fastweb.it",
    "friendfeed.com",
    "it.luna.tv",
    "msnbc.msn.com",
    "optuszoo.com.au",
    "start.lenovo.com",
    "technorati.com",
    "wow.com",
];

/// Names of the list of AI crawlers that are words of ordinary user agents, or belong to programs of other kinds.
const NO_AI_CRAWLERS: &[&str] =
    &["Devin", "facebookexternalhit", "LCC", "OpenAI", "Operator", "Scrapy", "Spider", "YaK"];

/// One list: its file, what its first lines say, and how it is made of the files it is made of.
struct List {
    file: &'static str,
    about: &'static str,
    from: &'static [(&'static str, &'static str)],
    make: fn(&[String]) -> Result<String>,
}

const LISTS: [List; 4] = [
    List {
        file: "sources.txt",
        about: "host, kind (s search, o social, a AI assistant), name: Matomo's searchengine-and-social-list, CC0-1.0",
        from: &[
            (MATOMO_SOURCES, "AIAssistants.yml"),
            (MATOMO_SOURCES, "Socials.yml"),
            (MATOMO_SOURCES, "SearchEngines.yml"),
        ],
        make: sources,
    },
    List {
        file: "spammers.txt",
        about: "hosts: Matomo's referrer-spam-list, CC0-1.0",
        from: &[(MATOMO_SPAM, "spammers.txt")],
        make: spammers,
    },
    List {
        file: "ai-crawlers.txt",
        about: "lower-case name, name: ai.robots.txt, MIT",
        from: &[(AI_ROBOTS, "robots.txt")],
        make: ai_crawlers,
    },
    List { file: "isbot.txt", about: "patterns: isbot, Unlicense", from: &[("", "isbot.mjs")], make: isbot },
];

/// Refreshes every list; `from` is a folder with copies of the projects' files instead of a network. Fails if a
/// list could not be refreshed, after trying all of them.
pub(crate) fn run(paths: &Paths, from: Option<&Path>) -> Result<()> {
    let data = paths.root.join("enrich").join("data");
    let scratch = paths.cache.join("lists");
    fs::create_dir_all(&scratch).with_context(|| format!("cannot create {}", scratch.display()))?;
    let mut left = Vec::new();
    for list in &LISTS {
        match refreshed(list, from, &scratch) {
            Ok(text) => println!("{}: {}", list.file, replace(&data.join(list.file), &text)?),
            Err(_) if process::interrupted() => bail!("interrupted"),
            Err(error) => {
                println!("{}: left as it was: {error:#}", list.file);
                left.push(list.file);
            }
        }
    }
    if !left.is_empty() {
        bail!("not refreshed: {}", left.join(", "));
    }
    println!("read the differences, then run: cargo test -p enrich");
    Ok(())
}

fn refreshed(list: &List, from: Option<&Path>, scratch: &Path) -> Result<String> {
    let texts: Vec<String> = list
        .from
        .iter()
        .map(|(address, file)| match from {
            Some(folder) => {
                let path = folder.join(file);
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
            }
            None if address.is_empty() => isbot_module(scratch),
            None => fetch(&format!("{address}/{file}")),
        })
        .collect::<Result<_>>()?;
    let body = (list.make)(&texts)?;
    Ok(format!(
        "# {}.\n# Written by `cargo xtask lists`; README.md says of what day it is.\n{body}",
        list.about
    ))
}

/// Writes a file if it changes, and says what changed.
fn replace(path: &Path, text: &str) -> Result<String> {
    let old = fs::read_to_string(path).unwrap_or_default();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, after) = (lines(&old), lines(text));
    if old != text {
        // In one step: a list cut short would still look like one.
        let fresh = path.with_extension("new");
        fs::write(&fresh, text).with_context(|| format!("cannot write {}", fresh.display()))?;
        fs::rename(&fresh, path).with_context(|| format!("cannot replace {}", path.display()))?;
    }
    let (added, removed) = (after.difference(&before).count(), before.difference(&after).count());
    Ok(format!("{} lines, {added} new, {removed} gone", after.len()))
}

fn fetch(address: &str) -> Result<String> {
    let mut curl = process::command("curl");
    curl.args(["--fail", "--silent", "--show-error", "--location", "--max-time", FETCH_SECONDS, address]);
    process::output(&mut curl).with_context(|| format!("cannot reach {address}"))
}

/// isbot's module out of its newest package.
fn isbot_module(scratch: &Path) -> Result<String> {
    fs::write(scratch.join("package.json"), "{\"private\":true}")?;
    let mut install = npm::command("install", scratch)?;
    process::output(install.args(["--no-save", "--no-package-lock", "isbot@latest"]))
        .context("npm cannot install isbot: check that it can reach its registry")?;
    let module = scratch.join("node_modules/isbot/index.mjs");
    fs::read_to_string(&module).with_context(|| format!("cannot read {}", module.display()))
}

/// `AIAssistants.yml`, `Socials.yml` and `SearchEngines.yml` as sorted lines. Of a host in several the first counts.
fn sources(texts: &[String]) -> Result<String> {
    let mut hosts = BTreeMap::new();
    for (text, kind) in texts.iter().zip(["a", "o", "s"]) {
        let entries = hosts_of_yaml(text)?;
        if entries.is_empty() {
            bail!("one of Matomo's files lists no host: its form must have changed");
        }
        for (name, host) in entries {
            let Some(host) = key_of(&host) else { continue };
            if kind == "s" && NO_SEARCH_ENGINES.contains(&host.as_str()) {
                continue;
            }
            hosts.entry(host).or_insert_with(|| format!("{kind}{name}"));
        }
    }
    Ok(hosts.iter().map(|(host, value)| format!("{host}\t{value}\n")).collect())
}

/// Names and hosts of Matomo's files: a name at the start of a line, below it hosts as a list, or blocks with a list
/// called `urls` among others.
fn hosts_of_yaml(text: &str) -> Result<Vec<(String, String)>> {
    let (mut name, mut key, mut found) = (String::new(), String::new(), Vec::new());
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '-']) {
            let Some(title) = trimmed.strip_suffix(':') else {
                bail!("a line is neither a name nor below one: {line}")
            };
            name = plain(title).replace("%2B", "+");
            key = "urls".to_owned();
        } else if let Some(title) = trimmed.strip_prefix("- ").unwrap_or(trimmed).strip_suffix(':') {
            key = plain(title);
        } else if let Some(value) = trimmed.strip_prefix("- ") {
            if key == "urls" {
                found.push((name.clone(), plain(value)));
            }
        } else if trimmed != "-" && trimmed.contains(": ") {
            key.clear();
        }
    }
    Ok(found)
}

/// A YAML scalar without its quotes.
fn plain(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).trim().to_owned()
}

/// A host as the tables know it: lower case, without `www.`, without a country before it (its parent domain stands
/// for those) but with `{}` for one behind it. None for what a referrer's host cannot tell: paths.
fn key_of(host: &str) -> Option<String> {
    let host = host.strip_prefix("android-app://").unwrap_or(host).to_lowercase();
    if host.contains(['/', ' ', '\t']) {
        return None;
    }
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("{}.")).unwrap_or(&host);
    let name = host.strip_suffix(".{}").unwrap_or(host);
    (name.contains('.') || host.ends_with(".{}")).then_some(())?;
    (!name.contains(['{', '}'])).then(|| host.to_owned())
}

/// The hosts in order. Entries that begin with a dot stand for all hosts below them and would make spam of strangers.
fn spammers(texts: &[String]) -> Result<String> {
    let hosts: BTreeSet<String> = texts
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| line.trim().to_lowercase())
        .filter(|host| host.contains('.') && !host.starts_with('.') && !host.contains(['/', ' ', '\t', '#']))
        .collect();
    if hosts.is_empty() {
        bail!("the list of spammers is empty");
    }
    Ok(hosts.iter().map(|host| format!("{host}\n")).collect())
}

/// The names of a robots.txt, without versions.
fn ai_crawlers(texts: &[String]) -> Result<String> {
    let mut names = BTreeMap::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let Some(name) = line.trim().strip_prefix("User-agent:") else { continue };
        let name = name.split('/').next().unwrap_or_default().trim();
        let name = name.trim_end_matches(|sign: char| sign.is_ascii_digit() || sign == '.' || sign == ' ');
        let is_name = name.len() >= 3 && !name.contains(['\t', '*']) && !NO_AI_CRAWLERS.contains(&name);
        if is_name {
            names.entry(name.to_ascii_lowercase()).or_insert_with(|| name.to_owned());
        }
    }
    if names.is_empty() {
        bail!("the robots.txt names no crawler");
    }
    Ok(names.iter().map(|(key, name)| format!("{key}\t{name}\n")).collect())
}

/// The patterns in isbot's module: an array of strings that is JSON as well.
fn isbot(texts: &[String]) -> Result<String> {
    let text = texts.concat();
    let array = text
        .split_once("patterns_default = [")
        .and_then(|(_, rest)| rest.split_once("];"))
        .map(|(array, _)| format!("[{array}]"))
        .context("isbot's module has no list of patterns: its form must have changed")?;
    let patterns: Vec<Value> =
        serde_json::from_str(&array).context("isbot's list of patterns is not JSON")?;
    let mut lines = String::new();
    for pattern in &patterns {
        let Some(pattern) =
            pattern.as_str().filter(|pattern| !pattern.contains(['\n', '\t']) && !pattern.starts_with('#'))
        else {
            bail!("isbot has a pattern that cannot stand on a line of its own: {pattern}");
        };
        lines.push_str(pattern);
        lines.push('\n');
    }
    if lines.is_empty() {
        bail!("isbot's list of patterns is empty");
    }
    Ok(lines)
}

#[cfg(test)]
mod tests;
