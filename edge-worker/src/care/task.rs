//! What there is to be done, and how far it is.

use analytics::{Bucket, DAY_MS, Span};
use protocol::care::{NewErasure, Task, TaskKind, TaskState};
use protocol::{PersonId, SessionId, SiteId, UserId};
use serde::{Deserialize, Serialize};

use crate::site::Site;
use crate::store::accounts::{DELETION, TaskRow};
use crate::store::sweep::Gone;

/// How much longer than its retention a row may lie there: DynamoDB deletes it within days of its time.
const LAG_DAYS: u64 = 3;

/// How far ahead of its arrival an event's time may be, in days, generously.
const AHEAD_DAYS: u64 = 1;

/// Who is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A person, by the site's own id.
    Person(PersonId),
    /// A visitor.
    Visitor(UserId),
    /// A visit.
    Session(SessionId),
}

impl Subject {
    /// Reads what was asked for.
    ///
    /// # Errors
    /// What is wrong with it, for the person who asked.
    pub fn read(wanted: &NewErasure) -> Result<Self, &'static str> {
        match (&wanted.person_id, &wanted.visitor_id, &wanted.session_id) {
            (Some(id), None, None) => {
                PersonId::parse(id).map(Self::Person).ok_or("`person_id` is no id that events can have")
            }
            (None, Some(id), None) => {
                UserId::parse(id).map(Self::Visitor).map_err(|_| "`visitor_id` is no UUID of version 7")
            }
            (None, None, Some(id)) => {
                SessionId::parse(id).map(Self::Session).map_err(|_| "`session_id` is no UUID of version 7")
            }
            _ => Err("give one of `person_id`, `visitor_id` and `session_id`"),
        }
    }

    /// Whether all that is kept of it can be found: a visit is known by its rows, a visitor by segments, too.
    ///
    /// # Errors
    /// What to do instead, for the person who asked.
    pub fn can_be_found(&self, site: &Site, now: u64) -> Result<(), &'static str> {
        match self {
            Self::Session(id)
                if site.segment_days() > site.retention_days && id.unix_ms() < site.rows_from(now) =>
            {
                Err(
                    "`session_id`: the visit's rows are no longer kept, and segments do not know it by this id; erase \
                     its visitor by `visitor_id`",
                )
            }
            _ => Ok(()),
        }
    }

    fn gone(&self) -> Gone {
        let mut gone = Gone::default();
        match self {
            Self::Person(id) => gone.person = Some(id.as_str().to_owned()),
            Self::Visitor(id) => drop(gone.users.insert(id.to_string())),
            Self::Session(id) => drop(gone.sessions.insert(id.to_string())),
        }
        gone
    }
}

/// Where a task goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Looking for the visitors of a person, from this day on.
    Find(u64),
    /// Rows of this day and those that follow.
    Rows(u64),
    /// ActiveSessions, after this row.
    Active(Option<(String, String)>),
    /// Visitors of a person of whom nothing but segments is kept, after this bucket.
    Known(Option<String>),
    /// Segments, after this bucket.
    Segments(Option<String>),
    /// What Accounts has.
    Accounts,
}

/// What a task has to do, and what it has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Partitions an hour of the site is spread over.
    pub(super) shards: u32,
    /// The first day in which something may lie.
    pub(super) from: u64,
    /// The end of the last.
    pub(super) to: u64,
    /// Until when segments go, where that is not `to`.
    #[serde(default)]
    pub(super) segments_to: Option<u64>,
    pub(super) step: Step,
    /// Whether it has been through everything once.
    pub(super) again: bool,
    /// Before when it does not go on.
    pub(super) due_at: u64,
    /// Whom an erasure erases.
    pub(super) gone: Gone,
}

impl Work {
    fn new(site: &Site, step: impl Fn(u64) -> Step, now: u64) -> Self {
        let days = u64::from(site.kept_days()) + LAG_DAYS;
        let from = Bucket::of(Span::Day, now.saturating_sub(days * DAY_MS)).start();
        let to = Bucket::of(Span::Day, now + AHEAD_DAYS * DAY_MS).end();
        let step = step(from);
        Self {
            shards: site.shards,
            from,
            to,
            segments_to: None,
            step,
            again: false,
            due_at: 0,
            gone: Gone::default(),
        }
    }

    /// Days that are gone through.
    pub(super) fn days(&self) -> u64 {
        self.to.saturating_sub(self.from) / DAY_MS
    }

    /// Where a pass begins.
    pub(super) fn first_step(&self) -> Step {
        match self.gone.person {
            Some(_) => Step::Find(self.from),
            None => Step::Rows(self.from),
        }
    }
}

fn row(kind: TaskKind, site: &SiteId, id: String, work: Work, now: u64) -> TaskRow {
    let task = Task {
        id,
        site_id: site.to_string(),
        kind,
        state: TaskState::Running,
        steps_done: 0,
        steps: work.days(),
        rows_deleted: 0,
        segments_changed: 0,
        visitors: 0,
        created_at: now,
        updated_at: now,
        finished_at: None,
        problem: None,
    };
    TaskRow { task, work: Some(work), version: 0 }
}

/// A task that erases somebody.
pub fn erasure(site: &Site, subject: &Subject, id: String, now: u64) -> TaskRow {
    let mut work = Work::new(site, Step::Rows, now);
    work.gone = subject.gone();
    work.step = work.first_step();
    row(TaskKind::Erasure, &site.id, id, work, now)
}

/// A task that deletes all that is left of a site which is no longer there.
pub fn deletion(site: &Site, now: u64) -> TaskRow {
    row(TaskKind::Deletion, &site.id, DELETION.to_owned(), Work::new(site, Step::Rows, now), now)
}

/// A task that deletes what a site no longer keeps; `None` if it keeps all that it did.
pub fn retention(site: &Site, before: &Site, id: String, now: u64) -> Option<TaskRow> {
    let fewer_rows = site.retention_days < before.retention_days;
    let fewer_segments = site.segment_days() < before.segment_days();
    if !fewer_rows && !fewer_segments {
        return None;
    }
    let mut work = Work::new(site, Step::Rows, now);
    // The oldest day is half gone; the rows of its first half expire by themselves within the day.
    let first_day = |oldest| Bucket::of(Span::Day, oldest).start();
    work.to = if fewer_rows { first_day(site.rows_from(now)).max(work.from) } else { work.from };
    work.segments_to = Some(first_day(site.answered_from(now)));
    (work.from < work.to || fewer_segments).then(|| row(TaskKind::Retention, &site.id, id, work, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    #[test]
    fn exactly_one_id_is_taken() {
        let id = Some("019aaea7-6f80-7000-8000-000000000003".to_owned());
        let one = NewErasure { visitor_id: id.clone(), ..NewErasure::default() };
        assert!(matches!(Subject::read(&one), Ok(Subject::Visitor(_))));
        let two = NewErasure { session_id: id, ..one };
        assert!(Subject::read(&two).is_err() && Subject::read(&NewErasure::default()).is_err());
        let wrong = NewErasure { session_id: Some("7".into()), ..NewErasure::default() };
        assert!(Subject::read(&wrong).is_err());
    }

    #[test]
    fn visit_without_rows_is_not_promised_to_be_erased() {
        let site = Site { retention_days: 30, ..Site::new(SiteId::parse("shop").unwrap()) };
        let longer = Site { segment_retention_days: Some(90), ..site.clone() };
        let visit = |days: u64| Subject::Session(SessionId::new(NOW - days * DAY_MS, &[1; 10]));
        assert!(
            visit(31).can_be_found(&longer, NOW).is_err() && visit(29).can_be_found(&longer, NOW).is_ok()
        );
        assert!(visit(31).can_be_found(&site, NOW).is_ok(), "nothing of it is kept");
        let visitor = Subject::Visitor(UserId::new(NOW - 31 * DAY_MS, &[1; 10]));
        assert!(visitor.can_be_found(&longer, NOW).is_ok());
    }

    #[test]
    fn shorter_retention_deletes_whole_days_and_a_longer_one_nothing() {
        let site = Site { retention_days: 30, ..Site::new(SiteId::parse("shop").unwrap()) };
        let work =
            |site: &Site, before: &Site| retention(site, before, "x".into(), NOW).and_then(|row| row.work);
        assert_eq!(work(&site, &site), None);
        let before = Site { retention_days: 100, ..site.clone() };
        let longest = Site { longest_retention_days: 100, ..site };
        let day = |at| Bucket::of(Span::Day, at).to_string();
        let days = |work: &Work| [work.from, work.to, work.segments_to.unwrap()].map(day);
        assert_eq!(days(&work(&longest, &before).unwrap()), ["2025-08-12", "2025-10-24", "2025-10-24"]);

        let segments = Site { segment_retention_days: Some(100), ..longest.clone() };
        assert_eq!(days(&work(&segments, &before).unwrap()), ["2025-08-12", "2025-10-24", "2025-08-15"]);
        assert_eq!(days(&work(&longest, &segments).unwrap()), ["2025-08-12", "2025-08-12", "2025-10-24"]);
        assert_eq!(work(&segments, &longest), None);
    }
}
