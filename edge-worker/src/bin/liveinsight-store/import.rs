//! Bringing in what other products have stored, and backups of our own.

use std::io::Write;
use std::path::PathBuf;

use edge_worker::import::liveinsight::{Heading, backup as write_backup};
use edge_worker::import::{self, Options, Source, Summary};
use edge_worker::platform::Platform;
use edge_worker::site::Site;
use edge_worker::store::Store;

use crate::Failure;
use crate::admin::Admin;
use crate::terminal::Terminal;

/// What is to be imported.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ImportCommand {
    pub(crate) site: String,
    pub(crate) from: String,
    pub(crate) dry_run: bool,
    pub(crate) conversions: Vec<String>,
    pub(crate) files: Vec<PathBuf>,
}

pub(crate) async fn run(store: &Store, command: &ImportCommand) -> Result<(), Failure> {
    let source = Source::from_name(&command.from).ok_or_else(|| {
        let names: Vec<&str> = Source::ALL.iter().map(|source| source.name()).collect();
        format!("--from must be one of {}", names.join(", "))
    })?;
    if command.files.is_empty() {
        return Err("name the files that are to be imported".into());
    }
    let site = site_of(store, command, source).await?;
    let options = Options { dry_run: command.dry_run, conversions: command.conversions.clone() };
    let mut told = |summary: &Summary| {
        eprint!("\r{} lines, {} events, {} segments ", summary.read, summary.events, summary.segments);
    };
    let done = import::run(store, &site, source, &command.files, &options, Terminal.now(), &mut told).await?;
    eprintln!();
    print(&done, command.dry_run);
    if !command.dry_run {
        let what = format!("{} events from {}", done.events, source.name());
        Admin::new(store).note("site.imported", &what, Some(site.id.as_str())).await?;
    }
    Ok(())
}

/// The site; one of a backup is made if it is not there.
async fn site_of(store: &Store, command: &ImportCommand, source: Source) -> Result<Site, Failure> {
    let heading = match (source, command.files.first()) {
        (Source::LiveInsight, Some(first)) => Heading::of(first)?,
        _ => None,
    };
    let kept = store.accounts().site(&command.site).await?.map(|stored| stored.site);
    let site = match (kept, &heading) {
        (Some(site), _) => site,
        (None, Some(heading)) if !command.dry_run => {
            let site = Site { id: protocol::SiteId::parse(&command.site)?, ..heading.site.clone() };
            Admin::new(store).create_site(site, "").await?
        }
        (None, Some(heading)) => heading.site.clone(),
        (None, None) => return Err("there is no site of this id in the store; see `admin add-site`".into()),
    };
    if let Some(heading) = heading.filter(|_| !command.dry_run) {
        let saved = heading.save(store, site.id.as_str()).await?;
        println!("{}: {saved} goals, segments and funnels", site.id);
    }
    Ok(site)
}

fn print(done: &Summary, is_dry: bool) {
    println!(
        "{:<12} {:>12} {:>10} {:>12} {:>10} {:>10}",
        "day", "page views", "clicks", "conversions", "custom", "heartbeats"
    );
    for (day, kinds) in &done.days {
        let count = |kind| kinds.get(kind).copied().unwrap_or(0);
        println!(
            "{day:<12} {:>12} {:>10} {:>12} {:>10} {:>10}",
            count("page_view"),
            count("click"),
            count("conversion"),
            count("custom"),
            count("heartbeat")
        );
    }
    let verb = if is_dry { "would be stored" } else { "stored" };
    println!(
        "{} lines read, {} events {verb}, {} lines refused",
        done.read,
        done.events,
        done.refused_count()
    );
    for (reason, (count, lines)) in &done.refused {
        let more = if *count > lines.len() as u64 { ", …" } else { "" };
        println!("  {count} × {reason}: {}{more}", lines.join(", "));
    }
    for note in &done.notes {
        println!("note: {note}");
    }
    if !is_dry {
        println!("{} segments written", done.segments);
    }
}

/// Writes everything of a site to a file, which `import --from liveinsight` reads.
pub(crate) async fn backup(store: &Store, site: &str, out: &str) -> Result<(), Failure> {
    let stored = store.accounts().site(site).await?.ok_or("there is no site of this id in the store")?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    let events = write_backup(store, &stored.site, Terminal.now(), &mut file).await?;
    file.flush()?;
    println!("{out}: {events} events");
    let site = &stored.site;
    if site.segment_days() > site.retention_days {
        println!(
            "not in it: what is kept as segments alone, from before the last {} days; AWS Backup has it",
            site.retention_days
        );
    }
    Ok(())
}
