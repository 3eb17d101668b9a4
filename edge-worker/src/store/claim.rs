//! Decisions that hold for all batches of a visit, made when its first one arrives, and where a visitor without
//! a kept id is now. All in ActiveSessions:
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | `site#claim#<session id as sent>` | `claim` | the clock's correction; whose the page's batches are |
//! | `site#visitor#<derived user id>` | `visitor` | the visit that is going on and when it was last seen |

use aws_sdk_dynamodb::types::AttributeValue;
use protocol::{SessionId, SiteId, UserId};

use super::calls::{Put, key};
use super::items::{self, Item};
use super::rows::{number, text};
use super::{Store, StoreError, keys};

/// How long a claim is kept, in days: a tracker keeps a batch for a week.
const CLAIM_DAYS: u32 = 9;

/// How long a visitor's row is kept, in days: a visit lasts one at most.
const VISITOR_DAYS: u32 = 2;

/// Claims an isolate remembers, of some 100 bytes each. They never change.
const REMEMBERED: usize = 4_096;

/// What was decided for the batches that name one session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    /// What is added to the times of its events, milliseconds.
    pub(crate) shift_ms: i64,
    /// The visitor and the visit they belong to, if not the ones that they name.
    pub(crate) whose: Option<(UserId, SessionId)>,
}

/// Where a visitor without a kept id is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visitor {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// Time of the newest event, Unix milliseconds.
    pub(crate) last_seen: u64,
}

/// What the store knows of a batch's claim and visitors.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) claim: Option<Claim>,
    /// In the order asked for.
    pub(crate) visitors: Vec<Option<Visitor>>,
}

/// Claims of this isolate, by partition key, with the time up to which the visitor's row is known to be written.
pub(super) type Claims = std::collections::HashMap<String, (Claim, Option<u64>)>;

/// What became of a visit that was to begin.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It has begun.
    Here,
    /// The visitor's row is another one by now.
    Elsewhere(Option<Visitor>),
}

fn claim_key(site: &SiteId, session: &SessionId) -> String {
    format!("{site}#claim#{session}")
}

fn visitor_key(site: &SiteId, user: &UserId) -> String {
    format!("{site}#visitor#{user}")
}

impl Store {
    /// Writes a decision unless there is one, and gives back the one that holds. One that says whose a page's batches are
    /// takes the place of one that does not: the page was open when the site gave up ids that browsers keep.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn claim(
        &self,
        site: &SiteId,
        session: &SessionId,
        proposal: Claim,
    ) -> Result<Claim, StoreError> {
        let pk = claim_key(site, session);
        let decides = |claim: &Claim| proposal.whose.is_none() || claim.whose.is_some();
        if let Some((claim, _)) = self.claims.borrow().get(&pk).filter(|(claim, _)| decides(claim)) {
            return Ok(*claim);
        }
        let mut item = key(&pk, "claim");
        item.insert("shift_ms".into(), AttributeValue::N(proposal.shift_ms.to_string()));
        if let Some((user, visit)) = proposal.whose {
            items::text(&mut item, "user_id", &user.to_string());
            items::text(&mut item, "session_id", &visit.to_string());
        }
        let now = self.now();
        items::number(&mut item, "expires_at", keys::expires_at(now, CLAIM_DAYS));
        let free = if proposal.whose.is_some() { "user_id" } else { "pk" };
        let condition = format!("attribute_not_exists({free})");
        let put = self.calls.put_if(&self.tables.active, item, &condition, &[]).await?;
        let claim = match put {
            Put::Done(_) => proposal,
            // Which one holds has to be known: a guess would be another visit.
            Put::Unmet(row) => row.as_ref().map(read_claim).ok_or(StoreError::Unprocessed(1))?,
        };
        self.remember(pk, claim, None);
        Ok(claim)
    }

    /// The claim of a session and when its visitor was last seen, if this isolate knows.
    pub(crate) fn remembered(&self, site: &SiteId, session: &SessionId) -> Option<(Claim, Option<u64>)> {
        self.claims.borrow().get(&claim_key(site, session)).copied()
    }

    /// Reads the claim of a session, if one is asked for, and the rows of visitors, in one call.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn look_up(
        &self,
        site: &SiteId,
        session: Option<&SessionId>,
        users: &[UserId],
    ) -> Result<Known, StoreError> {
        let claim_pk = session.map(|session| claim_key(site, session));
        let mut keys: Vec<Item> = users.iter().map(|user| key(&visitor_key(site, user), "visitor")).collect();
        keys.extend(claim_pk.as_ref().map(|pk| key(pk, "claim")));
        let items = self.calls.get_all(&self.tables.active, keys).await?;
        let find = |pk: &str| items.iter().find(|item| text(item, "pk") == pk);
        let claim = claim_pk.as_ref().and_then(|pk| find(pk)).map(read_claim);
        if let (Some(pk), Some(claim)) = (claim_pk, claim) {
            self.remember(pk, claim, None);
        }
        let visitors = users.iter().map(|user| find(&visitor_key(site, user)).and_then(read_visitor));
        Ok(Known { claim, visitors: visitors.collect() })
    }

    fn remember(&self, pk: String, claim: Claim, seen: Option<u64>) {
        let mut claims = self.claims.borrow_mut();
        if claims.len() >= REMEMBERED {
            claims.clear();
        }
        claims.insert(pk, (claim, seen));
    }

    /// Writes that a visitor's new visit begins, unless the visitor's row is another one than `expected` by now.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn begin_visit(
        &self,
        site: &SiteId,
        begun: &Visitor,
        expected: Option<&Visitor>,
    ) -> Result<Begun, StoreError> {
        let (condition, values) = match expected {
            None => ("attribute_not_exists(pk)", Vec::new()),
            Some(row) => ("session_id = :s AND last_seen = :t", values_of(row).to_vec()),
        };
        let put = self.calls.put_if(&self.tables.active, visitor(site, begun), condition, &values).await?;
        Ok(match put {
            Put::Done(_) => Begun::Here,
            Put::Unmet(row) => Begun::Elsewhere(row.as_ref().and_then(read_visitor)),
        })
    }

    /// Writes when a visitor was last seen, unless a later visit has begun or the row is newer: a page that was left
    /// open, and a batch that was kept, must not bring an ended visit back. `session` is the one that the page's
    /// batches name. The write units it cost.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn touch_visitor(
        &self,
        site: &SiteId,
        session: &SessionId,
        seen: &Visitor,
    ) -> Result<f64, StoreError> {
        let condition = "attribute_not_exists(pk) OR (session_id = :s AND last_seen < :t)";
        let row = visitor(site, seen);
        let units = match self.calls.put_if(&self.tables.active, row, condition, &values_of(seen)).await? {
            Put::Done(units) => units,
            Put::Unmet(_) => 1.0,
        };
        self.note_seen(site, session, seen.last_seen);
        Ok(units)
    }

    /// Remembers when the visitor of a session was last seen, so that the row is not written again at once.
    pub(crate) fn note_seen(&self, site: &SiteId, session: &SessionId, last_seen: u64) {
        if let Some((_, known)) = self.claims.borrow_mut().get_mut(&claim_key(site, session)) {
            *known = Some(known.map_or(last_seen, |known| known.max(last_seen)));
        }
    }
}

/// The values of a condition on a visitor's row.
fn values_of(row: &Visitor) -> [(&'static str, AttributeValue); 2] {
    [(":s", AttributeValue::S(row.session.to_string())), (":t", AttributeValue::N(row.last_seen.to_string()))]
}

fn read_claim(item: &Item) -> Claim {
    let shift_ms = match item.get("shift_ms") {
        Some(AttributeValue::N(number)) => number.parse().unwrap_or(0),
        _ => 0,
    };
    let user = UserId::parse(text(item, "user_id")).ok();
    let session = SessionId::parse(text(item, "session_id")).ok();
    Claim { shift_ms, whose: user.zip(session) }
}

fn read_visitor(item: &Item) -> Option<Visitor> {
    Some(Visitor {
        user: UserId::parse(text(item, "user_id")).ok()?,
        session: SessionId::parse(text(item, "session_id")).ok()?,
        last_seen: number(item, "last_seen")?,
    })
}

/// The row that says where a visitor is.
pub(super) fn visitor(site: &SiteId, visitor: &Visitor) -> Item {
    let mut item = key(&visitor_key(site, &visitor.user), "visitor");
    items::text(&mut item, "user_id", &visitor.user.to_string());
    items::text(&mut item, "session_id", &visitor.session.to_string());
    items::number(&mut item, "last_seen", visitor.last_seen);
    items::number(&mut item, "expires_at", keys::expires_at(visitor.last_seen, VISITOR_DAYS));
    item
}
