//! Sessions of people. The cookie is kept as its hash; a session is void when its person's generation has moved on.

use analytics::DAY_MS;

use super::Accounts;
use super::people::{self, PersonRow};
use super::rows::{Expression, bin_day, key, n, number, s, text};
use crate::auth::{SESSION_IDLE_DAYS, SESSION_MAX_DAYS};
use crate::order;
use crate::store::StoreError;
use crate::store::items::Item;

/// How exactly the last use is kept: a write an hour is enough to tell sessions apart.
const SEEN_MS: u64 = 3_600_000;

/// How long the cookie of before a rotation is still taken: requests that were under way carry it.
const ROTATION_GRACE_MS: u64 = 5 * 60_000;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Names the session.
    pub id: String,
    /// Hash of the cookie.
    pub hash: String,
    /// Hash of the cookie before the last rotation; empty when there was none.
    pub previous: String,
    /// When the cookie was last changed, Unix milliseconds.
    pub rotated_at: u64,
    /// The person's generation when it began.
    pub generation: u64,
    /// When it began, Unix milliseconds.
    pub created_at: u64,
    /// When it was last used, to the hour, Unix milliseconds.
    pub last_seen: u64,
    /// What the browser called itself.
    pub user_agent: String,
}

impl SessionRow {
    /// Until when it lasts if it is not used again, Unix milliseconds.
    pub fn ends_at(&self) -> u64 {
        // What is kept is the hour's beginning.
        let idle = self.last_seen + SEEN_MS + SESSION_IDLE_DAYS * DAY_MS;
        idle.min(self.created_at + SESSION_MAX_DAYS * DAY_MS)
    }

    /// Whether it may be used at `now` with a cookie of that hash.
    pub fn accepts(&self, hash: &str, generation: u64, now: u64) -> bool {
        let same = crate::auth::same_secret;
        let just_rotated = !self.previous.is_empty() && now < self.rotated_at + ROTATION_GRACE_MS;
        let hash_fits = same(&self.hash, hash) || just_rotated && same(&self.previous, hash);
        hash_fits && self.generation == generation && now < self.ends_at()
    }

    /// What the last use at `now` is kept as.
    pub fn seen(now: u64) -> u64 {
        now - now % SEEN_MS
    }
}

fn partition(person: &str) -> String {
    format!("sessions#{person}")
}

impl Accounts {
    /// Begins a session.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn create_session(&self, person: &str, session: &SessionRow) -> Result<(), StoreError> {
        let mut item = key(&partition(person), &session.id);
        item.extend([
            ("hash".to_owned(), s(&session.hash)),
            ("rotated_at".to_owned(), n(session.rotated_at)),
            ("generation".to_owned(), n(session.generation)),
            ("created_at".to_owned(), n(session.created_at)),
            ("last_seen".to_owned(), n(session.last_seen)),
            ("user_agent".to_owned(), s(&session.user_agent)),
            ("expires_at".to_owned(), bin_day(session.ends_at())),
        ]);
        self.put(item).await
    }

    /// A person and one of the person's sessions, in one call.
    pub async fn person_and_session(
        &self,
        person: &str,
        session: &str,
    ) -> Result<Option<(PersonRow, SessionRow)>, StoreError> {
        let [person, session] =
            self.get_both([key("people", person), key(&partition(person), session)]).await?;
        let person = person.as_ref().and_then(people::read);
        Ok(person.zip(session.as_ref().and_then(read)))
    }

    /// All sessions of a person that have not ended by `now`, the one used last first.
    pub async fn sessions(&self, person: &PersonRow, now: u64) -> Result<Vec<SessionRow>, StoreError> {
        let mut sessions: Vec<SessionRow> =
            self.all(&partition(&person.id)).await?.iter().filter_map(read).collect();
        sessions.retain(|session| session.generation == person.generation && now < session.ends_at());
        Ok(order::by_text(sessions, |session| {
            order::newest_first(session.last_seen) + &order::newest_first(session.created_at)
        }))
    }

    /// Notes that a session was used.
    pub async fn touch_session(
        &self,
        person: &str,
        session: &SessionRow,
        now: u64,
    ) -> Result<(), StoreError> {
        let touched = SessionRow { last_seen: SessionRow::seen(now), ..session.clone() };
        let update = Expression::new("SET #last_seen = :seen, #expires_at = :end")
            .condition("attribute_exists(#pk)")
            .value(":seen", n(touched.last_seen))
            .value(":end", bin_day(touched.ends_at()));
        // A session that ended meanwhile must not come back to life.
        self.update(&partition(person), &session.id, update).await.map(drop)
    }

    /// Gives a session another cookie. `false` when somebody else did, or it ended.
    pub async fn rotate_session(
        &self,
        person: &str,
        session: &SessionRow,
        hash: &str,
        now: u64,
    ) -> Result<bool, StoreError> {
        let update = Expression::new("SET #hash = :new, #previous = :old, #rotated_at = :now")
            .condition("#hash = :old")
            .value(":new", s(hash))
            .value(":old", s(&session.hash))
            .value(":now", n(now));
        Ok(self.update(&partition(person), &session.id, update).await?.is_ok())
    }

    /// Ends a session.
    pub async fn delete_session(&self, person: &str, session: &str) -> Result<(), StoreError> {
        self.delete(&partition(person), session).await
    }

    pub(super) async fn delete_sessions(&self, person: &str) -> Result<(), StoreError> {
        for item in self.all(&partition(person)).await? {
            self.delete_session(person, text(&item, "sk")).await?;
        }
        Ok(())
    }
}

fn read(item: &Item) -> Option<SessionRow> {
    Some(SessionRow {
        id: text(item, "sk").to_owned(),
        hash: Some(text(item, "hash")).filter(|hash| !hash.is_empty())?.to_owned(),
        previous: text(item, "previous").to_owned(),
        rotated_at: number(item, "rotated_at")?,
        generation: number(item, "generation")?,
        created_at: number(item, "created_at")?,
        last_seen: number(item, "last_seen")?,
        user_agent: text(item, "user_agent").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn session() -> SessionRow {
        SessionRow {
            id: "s".into(),
            hash: "new".into(),
            previous: "old".into(),
            rotated_at: NOW,
            generation: 3,
            created_at: NOW,
            last_seen: SessionRow::seen(NOW),
            user_agent: String::new(),
        }
    }

    #[test]
    fn session_ends_after_a_week_unused_and_after_a_month_in_any_case() {
        let mut session = session();
        assert_eq!(session.ends_at(), NOW + 7 * DAY_MS + SEEN_MS);
        session.last_seen = NOW + 29 * DAY_MS;
        assert_eq!(session.ends_at(), NOW + 30 * DAY_MS);
        assert!(session.accepts("new", 3, NOW + 30 * DAY_MS - 1));
        assert!(!session.accepts("new", 3, NOW + 30 * DAY_MS));
    }

    #[test]
    fn session_takes_its_own_cookie_and_for_a_moment_the_one_before() {
        let session = session();
        assert!(session.accepts("new", 3, NOW) && session.accepts("old", 3, NOW + ROTATION_GRACE_MS - 1));
        assert!(!session.accepts("old", 3, NOW + ROTATION_GRACE_MS));
        assert!(!session.accepts("other", 3, NOW) && !session.accepts("", 3, NOW));
        assert!(!session.accepts("new", 4, NOW), "all sessions were ended");
        let never_rotated = SessionRow { previous: String::new(), ..session };
        assert!(!never_rotated.accepts("", 3, NOW));
    }
}
