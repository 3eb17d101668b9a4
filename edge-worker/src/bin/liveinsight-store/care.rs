//! Erasing somebody, deleting a site, and going on with such tasks, without the worker.

use edge_worker::care::{self, Progress, Subject, advance};
use edge_worker::platform::Platform;
use edge_worker::site::Site;
use edge_worker::store::Store;
use edge_worker::store::accounts::TaskRow;
use protocol::care::{NewErasure, Task, TaskKind};

use crate::Failure;
use crate::admin::Admin;
use crate::terminal::Terminal;

async fn site_of(store: &Store, id: &str) -> Result<Site, Failure> {
    let stored = store.accounts().site(id).await?;
    Ok(stored.ok_or("there is no site of this id in the store")?.site)
}

/// Erases somebody; the second look is left to the worker, or to `tasks --resume`.
pub(crate) async fn erase(store: &Store, site: &str, wanted: &NewErasure) -> Result<(), Failure> {
    let subject = Subject::read(wanted)?;
    let site = site_of(store, site).await?;
    subject.can_be_found(&site, Terminal.now())?;
    let admin = Admin::new(store);
    let id = edge_worker::auth::secret::id(&Terminal);
    let mut row = care::erasure(&site, &subject, id, Terminal.now());
    if !store.accounts().keep_task(&mut row).await? {
        return Err("somebody was quicker; try again".into());
    }
    admin.note("erasure.begun", &row.task.id, Some(site.id.as_str())).await?;
    go_on(store, row).await
}

/// Deletes a site whose name is said.
pub(crate) async fn delete_site(store: &Store, id: &str, name: &str) -> Result<(), Failure> {
    let (accounts, admin) = (store.accounts(), Admin::new(store));
    let old = accounts.site(id).await?.ok_or("there is no site of this id in the store")?;
    if old.site.name != name {
        return Err("--name must be the site's name, so that no other is deleted".into());
    }
    let mut row = care::deletion(&old.site, Terminal.now());
    row.version = accounts.task(id, &row.task.id).await?.map_or(0, |row| row.version);
    if !accounts.keep_task(&mut row).await? {
        return Err("somebody was quicker; try again".into());
    }
    let done = accounts.delete_site(&old, &admin.uuid()).await?;
    done.map_err(|_| "somebody changed the site meanwhile; try again")?;
    admin.note("site.deleted", id, Some(id)).await?;
    go_on(store, row).await
}

/// Prints all tasks, and goes on with those that are not done.
pub(crate) async fn tasks(store: &Store, resume: bool) -> Result<(), Failure> {
    for row in store.accounts().tasks(None).await? {
        if resume && row.work.is_some() {
            go_on(store, row).await?;
        } else {
            print(&row.task);
        }
    }
    Ok(())
}

async fn go_on(store: &Store, mut row: TaskRow) -> Result<(), Failure> {
    let site = store.accounts().site(&row.task.site_id).await?.map(|stored| stored.site);
    loop {
        match advance(store, &mut row, site.as_ref(), Terminal.now()).await? {
            Progress::Going => eprint!("\r{} of {} steps ", row.task.steps_done, row.task.steps),
            Progress::Waiting(at) => {
                eprintln!();
                print(&row.task);
                let minutes = at.saturating_sub(Terminal.now()).div_ceil(60_000);
                println!(
                    "in {minutes} minutes the worker looks once more for what was on its way; without queues run `tasks --resume` then"
                );
                return Ok(());
            }
            Progress::Taken => return Err("somebody else is at it; see `tasks`".into()),
            Progress::Done => {
                eprintln!();
                print(&row.task);
                return match &row.task.problem {
                    Some(problem) => Err(problem.clone().into()),
                    None => Ok(()),
                };
            }
        }
    }
}

fn print(task: &Task) {
    let kind = match task.kind {
        TaskKind::Erasure => "erasure",
        TaskKind::Deletion => "deletion",
        TaskKind::Retention => "retention",
    };
    println!(
        "{kind} {} of {}: {:?}, {} rows deleted, {} segments changed, {} visitors",
        task.id, task.site_id, task.state, task.rows_deleted, task.segments_changed, task.visitors
    );
}
