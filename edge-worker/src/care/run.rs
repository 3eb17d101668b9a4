//! Going on with a task.

use std::collections::BTreeSet;
use std::rc::Rc;

use analytics::{Bucket, Column, Columns, DAY_MS, Shard, Span, VisitDim};
use protocol::SiteId;
use protocol::care::{TaskKind, TaskState};
use protocol::saved::SavedKind;

use super::task::{Step, Work};
use crate::app::App;
use crate::compact::{Erased, Job, Worked, build, strip};
use crate::live::told::Telling;
use crate::log::{self, Level};
use crate::platform::{LocalFuture, Platform, QueueError};
use crate::site::Site;
use crate::store::accounts::{Accounts, InvitationRow, ShareRow, TaskRow, TokenRow};
use crate::store::erased::Named;
use crate::store::segments::Sealed;
use crate::store::sweep::{Gone, Which};
use crate::store::{Store, StoreError};

/// How long after its first pass a task looks once more: longer than anything that began before may last, a job of
/// compaction being the longest (platform limits: 15 minutes).
const SETTLE_MS: u64 = 16 * 60_000;

/// Requests to the store that one step may make, about: a job may make 10,000.
const CALLS_A_STEP: u64 = 1_000;

/// Segments of a step: each is read and, if it has to be, written.
const SEGMENTS_A_STEP: usize = 100;

/// How long one job goes on, milliseconds.
const JOB_MS: u64 = 20_000;

/// Visitors and visits of one erasure: their list has to fit into a row.
const MAX_FOUND: usize = 4_000;

/// How long the ledger is kept, in days, with what may be late.
const LEDGER_DAYS: u64 = 95;

/// How far a task got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to be done.
    Going,
    /// It goes on at this time.
    Waiting(u64),
    /// It is done, or cannot be.
    Done,
    /// Somebody else is at it.
    Taken,
}

/// Does one step of a task. `site` is `None` when there is no such site any more.
///
/// # Errors
/// [`StoreError`] when the store does not answer or a segment is damaged; it may be tried again.
pub async fn advance(
    store: &Store,
    row: &mut TaskRow,
    site: Option<&Site>,
    now: u64,
) -> Result<Progress, StoreError> {
    let accounts = store.accounts();
    let Some(mut work) = row.work.clone() else { return Ok(Progress::Done) };
    if now < work.due_at {
        return Ok(Progress::Waiting(work.due_at));
    }
    let id = SiteId::parse(&row.task.site_id).map_err(|_| StoreError::unbuildable("Query"))?;
    // A deletion that was not carried out, or anything else of a site that is gone.
    if site.is_some() == (row.task.kind == TaskKind::Deletion) {
        accounts.forget_task(&row.task.site_id, &row.task.id).await?;
        return Ok(Progress::Done);
    }
    let days = (CALLS_A_STEP / (24 * u64::from(work.shards.max(1)))).max(1);
    let next = match work.step.clone() {
        Step::Find(from) => {
            let to = work.to.min(from + 8 * days * DAY_MS);
            for day in Bucket::touching(Span::Day, from..to) {
                store.find_visitors(&id, day, &mut work.gone).await?;
            }
            row.task.steps_done += (to - from) / DAY_MS;
            if to < work.to { Step::Find(to) } else { Step::Rows(work.from) }
        }
        Step::Rows(from) => {
            if from == work.from {
                remember(store, &id, &work, row.task.created_at).await?;
            }
            let to = work.to.min(from + days * DAY_MS);
            for day in Bucket::touching(Span::Day, from..to) {
                row.task.rows_deleted += match row.task.kind {
                    TaskKind::Erasure => match rows(store, &accounts, &id, day, row, &mut work).await? {
                        Some(deleted) => deleted,
                        None => return Ok(Progress::Taken),
                    },
                    TaskKind::Deletion | TaskKind::Retention => {
                        if let (TaskKind::Retention, Some(site)) = (row.task.kind, site) {
                            outlive(store, site, &work, day).await?;
                        }
                        store.delete_day(&id, work.shards, day).await?
                    }
                };
            }
            row.task.steps_done += (to - from) / DAY_MS;
            match (to < work.to, row.task.kind) {
                (true, _) => Step::Rows(to),
                (false, TaskKind::Retention) => Step::Segments(None),
                (false, _) => Step::Active(None),
            }
        }
        Step::Active(after) => {
            let which = match row.task.kind {
                TaskKind::Erasure => Which::Of(&mut work.gone),
                TaskKind::Deletion | TaskKind::Retention => Which::All,
            };
            let (deleted, next) = store.sweep_active(&id, which, after).await?;
            row.task.rows_deleted += deleted;
            match next {
                Some(_) => Step::Active(next),
                None => Step::Known(None),
            }
        }
        Step::Known(after) => match (row.task.kind, site) {
            (TaskKind::Erasure, Some(site)) => {
                find_in_segments(store, site, &mut work.gone, after, now).await?
            }
            _ => Step::Segments(None),
        },
        Step::Segments(after) => match (row.task.kind, site) {
            (TaskKind::Erasure, Some(site)) => segments(store, site, row, &work, after, now).await?,
            (TaskKind::Retention, Some(site)) => {
                row.task.segments_changed += outlived(store, site, &work, now).await?;
                Step::Accounts
            }
            _ => {
                row.task.segments_changed += store.delete_segments(&id).await?;
                Step::Accounts
            }
        },
        Step::Accounts => {
            if row.task.kind == TaskKind::Deletion {
                forget_site(store, &accounts, &id, now).await?;
            } else {
                remember(store, &id, &work, row.task.created_at).await?;
            }
            return end_of_pass(&accounts, row, work, now).await;
        }
    };
    work.step = next;
    row.task.visitors = work.gone.hashes().len() as u64;
    let Gone { users, sessions, visits, known, .. } = &work.gone;
    if users.len() + sessions.len() + visits.len() + known.len() > MAX_FOUND {
        row.task.state = TaskState::Failed;
        row.task.problem = Some(format!("more than {MAX_FOUND} visitors were seen with this id"));
        row.work = None;
    } else {
        row.work = Some(work);
        row.task.problem = None;
    }
    kept(&accounts, row, now, Progress::Going).await
}

async fn kept(
    accounts: &Accounts,
    row: &mut TaskRow,
    now: u64,
    progress: Progress,
) -> Result<Progress, StoreError> {
    row.task.updated_at = now;
    let done = if row.work.is_none() { Progress::Done } else { progress };
    Ok(if accounts.keep_task(row).await? { done } else { Progress::Taken })
}

/// After the first pass it waits for what was on its way when it began, after the second it is done.
async fn end_of_pass(
    accounts: &Accounts,
    row: &mut TaskRow,
    mut work: Work,
    now: u64,
) -> Result<Progress, StoreError> {
    if work.again || row.task.kind == TaskKind::Retention {
        row.work = None;
        (row.task.state, row.task.finished_at) = (TaskState::Done, Some(now));
        row.task.steps_done = row.task.steps;
        return kept(accounts, row, now, Progress::Done).await;
    }
    work.again = true;
    work.due_at = now + SETTLE_MS;
    work.step = work.first_step();
    row.task.state = TaskState::Settling;
    row.task.steps_done = 0;
    let due_at = work.due_at;
    row.work = Some(work);
    kept(accounts, row, now, Progress::Waiting(due_at)).await
}

/// Leaves marks of everybody who is known by now.
async fn remember(store: &Store, site: &SiteId, work: &Work, at: u64) -> Result<(), StoreError> {
    let gone = &work.gone;
    let all = gone.person.iter().map(|id| (Named::Person, id));
    let all = all.chain(gone.users.iter().map(|id| (Named::Visitor, id)));
    for (named, id) in all.chain(gone.sessions.iter().map(|id| (Named::Session, id))) {
        store.remember_erased(site, named, id, at).await?;
    }
    Ok(())
}

/// Deletes somebody's rows of a day. What they tell of is written down first. `None` if somebody else is at it.
async fn rows(
    store: &Store,
    accounts: &Accounts,
    site: &SiteId,
    day: Bucket,
    row: &mut TaskRow,
    work: &mut Work,
) -> Result<Option<u64>, StoreError> {
    let before = (work.gone.users.len(), work.gone.visits.len());
    let found = store.find_rows(site, work.shards, day, &mut work.gone).await?;
    if before != (work.gone.users.len(), work.gone.visits.len()) {
        row.work = Some(work.clone());
        if !accounts.keep_task(row).await? {
            return Ok(None);
        }
    }
    store.delete_found(site, &found).await?;
    Ok(Some(found.len() as u64))
}

/// The place of a bucket in the order in which segments are gone through: what is built of others after them.
fn place(bucket: Bucket) -> String {
    let level = match bucket.span() {
        Span::Hour => 0,
        Span::Day => 1,
        Span::Month => 2,
    };
    format!("{level} {bucket}")
}

async fn all_sealed(store: &Store, site: &Site, now: u64) -> Result<Vec<Sealed>, StoreError> {
    let mut all = Vec::new();
    for span in [Span::Hour, Span::Day, Span::Month] {
        all.extend(store.sealed(&site.id, span, &(0..now + DAY_MS)).await?);
    }
    Ok(all)
}

/// The first buckets after one, and whether there are more.
fn some_after(all: &[Sealed], after: Option<&String>) -> (Vec<Sealed>, bool) {
    let mut left = all.iter().filter(|it| after.is_none_or(|after| place(it.bucket) > *after));
    let some = left.by_ref().take(SEGMENTS_A_STEP).cloned().collect();
    (some, left.next().is_some())
}

/// Takes up the visitors of a person whose rows are gone: segments that were built of them have the person's id. All
/// are found before any segment is changed, as whoever comes again after a failure could not find them any more.
async fn find_in_segments(
    store: &Store,
    site: &Site,
    gone: &mut Gone,
    after: Option<String>,
    now: u64,
) -> Result<Step, StoreError> {
    let Some(person) = gone.person.clone() else { return Ok(Step::Segments(None)) };
    let columns = Columns::NONE.with(Column::Visit(VisitDim::Person));
    let (some, is_more) = some_after(&all_sealed(store, site, now).await?, after.as_ref());
    let found = gone.hashes();
    for sealed in &some {
        for shard in Shard::each(sealed.manifest.bits()) {
            let parts = store.parts_of_shard(&site.id, std::slice::from_ref(sealed), shard, columns).await?;
            // Replaced meanwhile: this step comes again.
            let parts = parts.map_err(|_| StoreError::Unprocessed(1))?;
            for part in parts {
                let persons = part.visit(VisitDim::Person);
                let visits = part.users().iter().enumerate();
                let theirs = visits.filter(|(visit, _)| persons.get(*visit) == person).map(|(_, user)| *user);
                gone.known.extend(theirs.filter(|user| !found.contains(user)));
            }
        }
    }
    Ok(match some.last() {
        Some(last) if is_more => Step::Known(Some(place(last.bucket))),
        _ => Step::Segments(None),
    })
}

async fn segments(
    store: &Store,
    site: &Site,
    row: &mut TaskRow,
    work: &Work,
    after: Option<String>,
    now: u64,
) -> Result<Step, StoreError> {
    let visits: BTreeSet<(u64, u64)> = work.gone.visits.clone();
    let erased = Erased { users: work.gone.hashes(), visits };
    let buckets: Vec<Bucket> = all_sealed(store, site, now).await?.iter().map(|it| it.bucket).collect();
    let left = buckets.iter().filter(|bucket| after.as_ref().is_none_or(|after| place(**bucket) > *after));
    let left: Vec<Bucket> = left.copied().collect();
    if after.is_none() {
        row.task.steps = row.task.steps_done + left.len() as u64;
    }
    let (now_done, later) = left.split_at(left.len().min(SEGMENTS_A_STEP));
    for bucket in now_done {
        row.task.segments_changed += u64::from(strip(store, site, *bucket, &erased).await?);
    }
    row.task.steps_done += now_done.len() as u64;
    Ok(match (later.is_empty(), now_done.last()) {
        (false, Some(last)) => Step::Segments(Some(place(*last))),
        _ => Step::Accounts,
    })
}

/// Sees to it that all of a day is in segments, if they are to be kept longer than its rows.
async fn outlive(store: &Store, site: &Site, work: &Work, day: Bucket) -> Result<(), StoreError> {
    if work.segments_to.is_none_or(|to| day.end() <= to) {
        return Ok(());
    }
    let month = Bucket::of(Span::Month, day.start());
    let marks = store.marks(&site.id, &day.range()).await?;
    if store.sealed_of(&site.id, month).await?.is_none()
        && (day.start() >= site.since() || !marks.is_empty())
        && store.sealed_of(&site.id, day).await?.is_none()
    {
        build(store, site, day, false).await?;
        if store.sealed_of(&site.id, day).await?.is_none() {
            // Somebody else is at it: this step comes again.
            return Err(StoreError::Unprocessed(1));
        }
    }
    for mark in marks {
        build(store, site, mark.hour, false).await?;
    }
    Ok(())
}

/// Deletes the segments that a shorter retention no longer keeps: a month with its first day, after which what is left
/// of it is read from days.
async fn outlived(store: &Store, site: &Site, work: &Work, now: u64) -> Result<u64, StoreError> {
    let mut dropped = 0;
    for sealed in all_sealed(store, site, now).await? {
        let bucket = sealed.bucket;
        let to = work.segments_to.unwrap_or(work.to);
        if bucket.end() <= to || bucket.span() == Span::Month && bucket.start() < to {
            store.drop_sealed(&site.id, &sealed).await?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

/// Takes everybody's access to a site: share links, tokens, roles, alerts, and what was saved there.
///
/// # Errors
/// [`StoreError`] when the store does not answer.
pub(crate) async fn revoke(accounts: &Accounts, id: &str) -> Result<(), StoreError> {
    for row in accounts.list::<ShareRow>().await?.iter().filter(|row| row.share.site_id == id) {
        accounts.forget::<ShareRow>(&row.share.id).await?;
    }
    let tokens = accounts.list::<TokenRow>().await?;
    for row in tokens.iter().filter(|row| row.token.site_id.as_deref() == Some(id)) {
        accounts.forget::<TokenRow>(&row.token.id).await?;
    }
    for person in accounts.people().await?.iter().filter(|it| it.rights.grants.contains_key(id)) {
        accounts.set_grant(&person.id, id, None).await?;
    }
    for mut row in accounts.list::<InvitationRow>().await? {
        let before = row.invitation.grants.len();
        row.invitation.grants.retain(|grant| grant.site_id != id);
        if row.invitation.grants.len() < before {
            accounts.keep(&row).await?;
        }
    }
    let saved = accounts.saved(id).await?;
    for kind in SavedKind::ALL {
        for (saved, _) in saved.names(kind) {
            accounts.unsave(id, kind, saved).await?;
        }
    }
    accounts.drop_alerts(id).await
}

/// Deletes what Accounts has of a site that is gone, but for the log of what was done.
async fn forget_site(store: &Store, accounts: &Accounts, site: &SiteId, now: u64) -> Result<(), StoreError> {
    revoke(accounts, site.as_str()).await?;
    let today = now - now % DAY_MS;
    let days = (0..LEDGER_DAYS).map(|day| today.saturating_sub(day * DAY_MS));
    store.forget_ledger(site, days).await?;
    store.forget_erased(site).await?;
    for row in accounts.tasks(Some(site.as_str())).await? {
        if row.task.kind != TaskKind::Deletion {
            accounts.forget_task(site.as_str(), &row.task.id).await?;
        }
    }
    Ok(())
}

/// Goes on with a task for some time, and makes a job of what is left.
pub(crate) async fn run_job(app: &App, site: &SiteId, id: &str, platform: &dyn Platform) -> Worked {
    match work(app, site, id, platform).await {
        Ok(Progress::Going) => {
            let job = Job::Task(site.clone(), id.to_owned()).to_string();
            match platform.enqueue_jobs(&[job]).await {
                // Otherwise it goes on within the hour.
                Ok(()) | Err(QueueError::Absent | QueueError::Refused) => Worked::Done,
            }
        }
        Ok(_) => Worked::Done,
        Err(error) => {
            let fields = [("site_id", site.as_str().into()), ("error", error.to_string().into())];
            log::write(Level::Error, "task failed; it is tried again", &fields);
            Worked::Again
        }
    }
}

async fn work(app: &App, site: &SiteId, id: &str, platform: &dyn Platform) -> Result<Progress, StoreError> {
    let Some(mut row) = app.accounts.task(site.as_str(), id).await? else { return Ok(Progress::Done) };
    let stored = match row.task.kind {
        // Whether it is gone the isolate may have to be told.
        TaskKind::Deletion => app.accounts.site(site.as_str()).await?.map(|stored| Rc::new(stored.site)),
        TaskKind::Erasure | TaskKind::Retention => app.sites.by_id(site).await?,
    };
    let begun = platform.now();
    loop {
        let now = platform.now();
        let was_settled = row.task.state != TaskState::Running;
        let progress = advance(&app.store, &mut row, stored.as_deref(), now).await?;
        // At the end of a pass the hub forgets what it remembers, and looks into the tables.
        if !was_settled
            && row.task.state != TaskState::Running
            && let Some(door) = platform.hub(site)
        {
            let mut telling = Telling::default();
            telling.renew();
            let _ = door.tell(telling.finish()).await;
        }
        if progress != Progress::Going || now > begun + JOB_MS {
            return Ok(progress);
        }
    }
}

/// Goes on with all tasks that are not done.
pub(crate) async fn resume(app: &App, platform: &dyn Platform) {
    let rows = match app.accounts.tasks(None).await {
        Ok(rows) => rows,
        Err(error) => {
            log::write(Level::Error, "tasks not read", &[("error", error.to_string().into())]);
            return;
        }
    };
    let now = platform.now();
    let is_due = |row: &&TaskRow| row.work.as_ref().is_some_and(|work| work.due_at <= now);
    for row in rows.iter().filter(is_due) {
        let Ok(site) = SiteId::parse(&row.task.site_id) else { continue };
        start(app, &site, &row.task.id, platform).await;
    }
}

/// Has a task begun, or gone on with: by the queue, and where there is none at once.
pub(crate) fn start<'a>(
    app: &'a App,
    site: &'a SiteId,
    id: &'a str,
    platform: &'a dyn Platform,
) -> LocalFuture<'a, ()> {
    // Boxed: few requests begin a task, and the futures of all the others would be as large.
    Box::pin(async move {
        let job = Job::Task(site.clone(), id.to_owned()).to_string();
        match platform.enqueue_jobs(&[job]).await {
            Ok(()) => {}
            Err(QueueError::Absent) => drop(run_job(app, site, id, platform).await),
            // Within the hour it is tried again.
            Err(error) => {
                log::write(Level::Error, "task not begun", &[("error", error.to_string().into())]);
            }
        }
    })
}
