//! Jobs of the queue. Compaction: once an hour one job a site, which makes one job for each bucket that is due.

use analytics::Bucket;
use protocol::SiteId;
use protocol::metric::Metric;

use super::{build, due, plan};
use crate::alerts;
use crate::app::App;
use crate::care;
use crate::log::{self, Level};
use crate::metrics::{Label, is_silent, silence_days};
use crate::platform::{Platform, QueueError};

/// Most messages that a queue takes at once (platform limits).
const MESSAGES_A_CALL: usize = 100;

/// What is to be done, as a message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// See what is due.
    Plan(SiteId),
    /// Build a bucket.
    Build(SiteId, Bucket),
    /// Go on with a task: see [`crate::care`].
    Task(SiteId, String),
    /// Look at a site's alerts and reports.
    Alerts(SiteId),
    /// Deliver what waits under a key.
    Deliver(SiteId, String),
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plan(site) => write!(f, "plan {site}"),
            Self::Build(site, bucket) => write!(f, "build {site} {bucket}"),
            Self::Task(site, id) => write!(f, "task {site} {id}"),
            Self::Alerts(site) => write!(f, "alerts {site}"),
            Self::Deliver(site, key) => write!(f, "deliver {site} {key}"),
        }
    }
}

impl Job {
    /// Reads what is printed; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (what, site) = (words.next()?, SiteId::parse(words.next()?).ok()?);
        let job = match what {
            "plan" => Self::Plan(site),
            "build" => Self::Build(site, Bucket::from_name(words.next()?)?),
            "task" => Self::Task(site, words.next().filter(|id| !id.is_empty())?.to_owned()),
            "alerts" => Self::Alerts(site),
            "deliver" => Self::Deliver(site, words.next()?.to_owned()),
            _ => return None,
        };
        words.next().is_none().then_some(job)
    }
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// It is done, or there is nothing to do.
    Done,
    /// It has to be tried again.
    Again,
    /// It has to be tried again after so many seconds.
    Later(u32),
}

/// Makes a job for each site. Only that: a scheduled run may make few requests and has little time.
pub async fn start(app: &App, platform: &dyn Platform) {
    let sites = match app.sites().all().await {
        Ok(sites) => sites,
        Err(error) => {
            log::write(Level::Error, "compaction not started", &[("error", error.to_string().into())]);
            return;
        }
    };
    let jobs = sites.iter().map(|site| Job::Plan(site.id.clone()).to_string()).collect();
    match enqueue(jobs, platform).await {
        // Without queues it is run from the command line.
        Ok(()) | Err(QueueError::Absent) => {}
        Err(error) => {
            log::write(Level::Error, "compaction not started", &[("error", error.to_string().into())]);
        }
    }
}

pub(crate) async fn enqueue(jobs: Vec<String>, platform: &dyn Platform) -> Result<(), QueueError> {
    for batch in jobs.chunks(MESSAGES_A_CALL) {
        platform.enqueue_jobs(batch).await?;
    }
    Ok(())
}

/// Does a job.
pub async fn run_job(app: &App, text: &str, platform: &dyn Platform) -> Worked {
    let Some(job) = Job::parse(text) else {
        log::write(Level::Error, "job cannot be read; is an older worker running?", &[]);
        return Worked::Again;
    };
    if let Job::Task(site, id) = &job {
        return Box::pin(care::run_job(app, site, id, platform)).await;
    }
    match work(app, &job, platform).await {
        Ok(worked) => worked,
        Err(error) => {
            let fields = [("job", job.to_string().into()), ("error", error.into())];
            log::write(Level::Error, "job failed", &fields);
            Worked::Again
        }
    }
}

async fn work(app: &App, job: &Job, platform: &dyn Platform) -> Result<Worked, String> {
    let (Job::Plan(id) | Job::Build(id, _) | Job::Task(id, _) | Job::Alerts(id) | Job::Deliver(id, _)) = job;
    // Of a site that was deleted meanwhile nothing is built.
    let site = app.sites().by_id(id).await.map_err(|error| error.to_string())?;
    let Some(site) = site else { return Ok(Worked::Done) };
    let now = platform.now();
    match job {
        Job::Alerts(_) => Box::pin(alerts::check(app, &site, platform)).await?,
        Job::Deliver(_, key) => return Box::pin(alerts::deliver(app, &site, key, platform)).await,
        Job::Plan(_) => {
            let range = plan::range(now, &site);
            let due = due(&app.store, &site, &range, now).await.map_err(|error| error.to_string())?;
            app.store.metrics().add(Metric::CompactionLag, Label::None, lag_s(&due.missing, now));
            watch(app, id, now).await.map_err(|error| error.to_string())?;
            let due = due.of_one_run().into_iter();
            let jobs = due.map(|bucket| Job::Build(id.clone(), bucket).to_string()).collect();
            enqueue(jobs, platform).await.map_err(|error| error.to_string())?;
        }
        Job::Build(_, bucket) => {
            if !plan::is_closed(*bucket, now) {
                return Ok(Worked::Done);
            }
            let built = build(&app.store, &site, *bucket, false).await.map_err(|error| error.to_string())?;
            if app.config.debug && built.written > 0 {
                let fields = [("job", job.to_string().into()), ("events", built.events.into())];
                log::write(Level::Info, "compacted", &fields);
            }
        }
        Job::Task(..) => {}
    }
    Ok(Worked::Done)
}

/// How long the oldest bucket of these has been waiting, in seconds.
fn lag_s(due: &[Bucket], now: u64) -> f64 {
    let oldest = due.iter().map(|bucket| now.saturating_sub(bucket.end())).max().unwrap_or(0);
    std::time::Duration::from_millis(oldest).as_secs_f64().floor()
}

/// Says when a site has fallen silent.
async fn watch(app: &App, site: &SiteId, now: u64) -> Result<(), crate::store::StoreError> {
    let ledger = app.store.ledger(site, silence_days(now).into_iter()).await?;
    let silent = is_silent(&ledger, now);
    app.store.metrics().add(Metric::SilentSites, Label::None, f64::from(u8::from(silent)));
    if silent {
        log::write(Level::Error, "silent site", &[("site_id", site.as_str().into())]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_read_as_they_are_printed() {
        for text in [
            "plan shop",
            "build shop.example 2025-11-23T03",
            "build a 2025-11-23",
            "build a 2025-11",
            "task a 00112233445566aa",
            "alerts shop",
            "deliver shop 1763866800000-x#00ff",
        ] {
            assert_eq!(Job::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "plan",
            "plan A",
            "build shop",
            "build shop 2025",
            "plan shop x",
            "deliver shop",
            "drop shop 2025-11",
        ] {
            assert_eq!(Job::parse(text), None, "{text}");
        }
    }
}
