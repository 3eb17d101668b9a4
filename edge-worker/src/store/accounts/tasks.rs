//! Work that goes on in the background: erasures, deletions of sites, shorter retentions.
//!
//! A row's `doc` may be shown; its `work` says what is done to whom, and is gone when that is done. `version` counts
//! the changes: of two who go on with a task at once one gives way.

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::care::Task;

use super::Accounts;
use super::rows::{bin_day, json, key, n, number, read_json, s, text};
use crate::care::Work;
use crate::order;
use crate::store::StoreError;
use crate::store::calls::Put;
use crate::store::items::Item;

const TASKS: &str = "tasks";

/// How long a task is remembered after it last went on: as long as the audit log.
const KEPT_MS: u64 = 400 * 24 * 3_600_000;

/// What stands in place of the id of a site's deletion: there is one at most.
pub const DELETION: &str = "deletion";

/// A task as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// What may be shown.
    pub task: Task,
    /// What is to be done; nothing more when it is done.
    pub work: Option<Work>,
    /// Counts its changes; 0 for one that is not kept yet.
    pub version: u64,
}

fn read(item: &Item) -> Option<TaskRow> {
    Some(TaskRow {
        task: read_json(item, "doc")?,
        work: read_json(item, "work"),
        version: number(item, "version")?,
    })
}

fn sort_key(site: &str, id: &str) -> String {
    format!("{site}#{id}")
}

impl Accounts {
    /// Keeps a task in place of the state that was read; `false` if it is another one by now.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn keep_task(&self, row: &mut TaskRow) -> Result<bool, StoreError> {
        let mut item = key(TASKS, &sort_key(&row.task.site_id, &row.task.id));
        item.insert("doc".into(), json(&row.task)?);
        let work = match &row.work {
            Some(work) => json(work)?,
            None => s(""),
        };
        item.insert("work".into(), work);
        item.insert("version".into(), n(row.version + 1));
        item.insert("expires_at".into(), bin_day(row.task.updated_at + KEPT_MS));
        let (condition, values) = match row.version {
            0 => ("attribute_not_exists(pk)", Vec::new()),
            version => ("version = :v", vec![(":v", AttributeValue::N(version.to_string()))]),
        };
        match self.calls.put_if(&self.table, item, condition, &values).await? {
            Put::Done(_) => {
                row.version += 1;
                Ok(true)
            }
            Put::Unmet(_) => Ok(false),
        }
    }

    /// A task of a site.
    pub async fn task(&self, site: &str, id: &str) -> Result<Option<TaskRow>, StoreError> {
        Ok(self.get(TASKS, &sort_key(site, id)).await?.as_ref().and_then(read))
    }

    /// All tasks there are, of one site if one is given, the newest first.
    pub async fn tasks(&self, site: Option<&str>) -> Result<Vec<TaskRow>, StoreError> {
        let all = self.all(TASKS).await?;
        let own = |item: &&Item| {
            let of = text(item, "sk").rsplit_once('#').map(|(site, _)| site);
            site.is_none_or(|site| of == Some(site))
        };
        let rows = all.iter().filter(own).filter_map(read).collect();
        Ok(order::by_text(rows, |row: &TaskRow| order::newest_first(row.task.created_at)))
    }

    /// Forgets a task.
    pub async fn forget_task(&self, site: &str, id: &str) -> Result<(), StoreError> {
        self.delete(TASKS, &sort_key(site, id)).await
    }
}
