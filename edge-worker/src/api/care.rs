//! Erasing somebody, and how far such work is: `/api/sites/{site_id}/erasures`, `/api/deletions`.

use analytics::DAY_MS;
use protocol::care::{NewErasure, Task, TaskKind, Tasks};
use protocol::problem::Code;

use super::{Answer, Call, invalid, refused};
use crate::auth::secret;
use crate::care::{self, Subject};
use crate::http::Response;
use crate::site::Site;
use crate::store::StoreError;
use crate::store::accounts::{StoredSite, TaskRow};
use crate::store::erased::REMEMBERED_DAYS;

/// How often a site is noted anew that somebody changes meanwhile.
const ATTEMPTS: u32 = 5;

/// Tasks of a site that are not done at once: each goes through everything that is stored.
const MAX_OPEN: usize = 20;

fn answer(rows: impl Iterator<Item = TaskRow>) -> Response {
    Response::json(200, &Tasks { tasks: rows.map(|row| row.task).collect() })
}

/// `GET /api/deletions`
pub(super) async fn deletions(call: &Call<'_>) -> Answer {
    let rows = call.accounts().tasks(None).await?;
    Ok(answer(rows.into_iter().filter(|row| row.task.kind == TaskKind::Deletion)))
}

/// `GET …/erasures`: erasures, and what a shorter retention deletes.
pub(super) async fn list(call: &Call<'_>) -> Answer {
    let rows = call.accounts().tasks(Some(call.site_id()?.as_str())).await?;
    Ok(answer(rows.into_iter().filter(|row| row.task.kind != TaskKind::Deletion)))
}

/// `GET …/erasures/{erasure_id}`
pub(super) async fn get(call: &Call<'_>) -> Answer {
    let id = call.id("erasure_id", Code::NotFound)?;
    let row = call.accounts().task(call.site_id()?.as_str(), id).await?;
    let row = row.ok_or_else(|| refused(Code::NotFound))?;
    Ok(Response::json(200, &row.task))
}

/// `POST …/erasures`
pub(super) async fn erase(call: &Call<'_>) -> Answer {
    let wanted: NewErasure = call.body()?;
    let subject = Subject::read(&wanted).map_err(invalid)?;
    let site = call.site().await?;
    subject.can_be_found(&site, call.now()).map_err(invalid)?;
    let open = call.accounts().tasks(Some(site.id.as_str())).await?;
    if open.iter().filter(|row| row.work.is_some()).count() >= MAX_OPEN {
        return Err(refused(Code::LimitReached));
    }
    let mut row = care::erasure(&site, &subject, secret::id(call.platform), call.now());
    if !call.accounts().keep_task(&mut row).await? {
        return Err(refused(Code::Conflict));
    }
    watch_doors(call, &site).await?;
    // Whom it is about is what is to be forgotten: the log has the task's name alone.
    call.note("erasure.begun", &row.task.id).await;
    Ok(Response::json(202, &begin(call, &site, row).await?))
}

/// Has what arrives looked through for a month. Sites of the configuration have no row to note it in: what arrives for
/// them while an erasure goes on is found by its second pass.
async fn watch_doors(call: &Call<'_>, site: &Site) -> Result<(), Response> {
    let until = call.now() + u64::from(REMEMBERED_DAYS) * DAY_MS;
    for _ in 0..ATTEMPTS {
        let Some(old) = call.accounts().site(site.id.as_str()).await? else { return Ok(()) };
        let StoredSite { site: kept, .. } = &old;
        let noted = Site { erased_until: until.max(kept.erased_until), ..kept.clone() };
        if call.accounts().change_site(&old, &noted, &call.fresh_uuid()).await?.is_ok() {
            call.app.sites.forget();
            return Ok(());
        }
    }
    Err(refused(Code::Conflict))
}

async fn begin(call: &Call<'_>, site: &Site, row: TaskRow) -> Result<Task, StoreError> {
    care::start(call.app, &site.id, &row.task.id, call.platform).await;
    let now = call.accounts().task(site.id.as_str(), &row.task.id).await?;
    Ok(now.unwrap_or(row).task)
}

/// Deletes what a site no longer keeps since its retention is shorter.
pub(super) async fn keep_less(call: &Call<'_>, old: &Site, new: &Site) -> Result<(), Response> {
    let id = secret::id(call.platform);
    let Some(mut row) = care::retention(new, old, id, call.now()) else { return Ok(()) };
    if call.accounts().keep_task(&mut row).await? {
        begin(call, new, row).await?;
    }
    Ok(())
}
