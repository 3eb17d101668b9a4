//! Decisions that hold for all batches of a visit, made when its first one arrives, and where a visitor without
//! a kept id is now. All in ActiveSessions:
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | `site#claim#<session id as sent>` | `claim` | the clock's correction; whose the page's batches are |
//! | `site#visitor#<derived user id>` | `visitor` | the visit that is going on and when it was last seen |

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure,
};
use protocol::{SessionId, SiteId, UserId};

use super::facts::{number, text};
use super::items::{self, Item};
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

fn key(pk: String, sk: &str) -> Item {
    [("pk", pk), ("sk", sk.to_owned())]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
        .into()
}

impl Store {
    /// Writes a decision unless there is one, and gives back the one that holds.
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
        if let Some((claim, _)) = self.claims.borrow().get(&pk) {
            return Ok(*claim);
        }
        let mut item = key(pk.clone(), "claim");
        item.insert("shift_ms".into(), AttributeValue::N(proposal.shift_ms.to_string()));
        if let Some((user, visit)) = proposal.whose {
            items::text(&mut item, "user_id", &user.to_string());
            items::text(&mut item, "session_id", &visit.to_string());
        }
        let now = self.now();
        items::number(&mut item, "expires_at", keys::expires_at(now, CLAIM_DAYS));
        let answer = self
            .client
            .put_item()
            .table_name(&self.tables.active)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let claim = match answer {
            Ok(_) => proposal,
            Err(SdkError::ServiceError(error)) => match error.err() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    failed.item().map_or(proposal, read_claim)
                }
                _ => return Err(StoreError::from_sdk("PutItem")(SdkError::ServiceError(error))),
            },
            Err(error) => return Err(StoreError::from_sdk("PutItem")(error)),
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
        let mut keys: Vec<Item> = users.iter().map(|user| key(visitor_key(site, user), "visitor")).collect();
        keys.extend(claim_pk.as_ref().map(|pk| key(pk.clone(), "claim")));
        let items = self.get_all(keys).await?;
        let find = |pk: &str| items.iter().find(|item| text(item, "pk") == pk);
        let claim = claim_pk.as_ref().and_then(|pk| find(pk)).map(read_claim);
        if let (Some(pk), Some(claim)) = (claim_pk, claim) {
            self.remember(pk, claim, None);
        }
        let visitors = users.iter().map(|user| find(&visitor_key(site, user)).and_then(read_visitor));
        Ok(Known { claim, visitors: visitors.collect() })
    }

    async fn get_all(&self, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let wanted = wanted.map_err(|_| StoreError::unbuildable("BatchGetItem"))?;
        let mut requests = std::collections::HashMap::from([(self.tables.active.clone(), wanted)]);
        let mut found = Vec::new();
        for attempt in 0..super::write::UNPROCESSED_ATTEMPTS {
            if attempt > 0 {
                self.back_off(attempt).await;
            }
            let answer = self.client.batch_get_item().set_request_items(Some(requests)).send().await;
            let answer = answer.map_err(StoreError::from_sdk("BatchGetItem"))?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            requests = answer.unprocessed_keys.unwrap_or_default();
            if requests.is_empty() {
                return Ok(found);
            }
        }
        Err(StoreError::Unprocessed(requests.len()))
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
        let mut put = self
            .client
            .put_item()
            .table_name(&self.tables.active)
            .set_item(Some(visitor(site, begun)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        put = match expected {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(row) => put
                .condition_expression("session_id = :s AND last_seen = :t")
                .expression_attribute_values(":s", AttributeValue::S(row.session.to_string()))
                .expression_attribute_values(":t", AttributeValue::N(row.last_seen.to_string())),
        };
        match put.send().await {
            Ok(_) => Ok(Begun::Here),
            Err(SdkError::ServiceError(error)) => match error.err() {
                PutItemError::ConditionalCheckFailedException(failed) => {
                    Ok(Begun::Elsewhere(failed.item().and_then(read_visitor)))
                }
                _ => Err(StoreError::from_sdk("PutItem")(SdkError::ServiceError(error))),
            },
            Err(error) => Err(StoreError::from_sdk("PutItem")(error)),
        }
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
        let answer = self
            .client
            .put_item()
            .table_name(&self.tables.active)
            .set_item(Some(visitor(site, seen)))
            .condition_expression("attribute_not_exists(pk) OR (session_id = :s AND last_seen < :t)")
            .expression_attribute_values(":s", AttributeValue::S(seen.session.to_string()))
            .expression_attribute_values(":t", AttributeValue::N(seen.last_seen.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let units = match answer {
            Ok(answer) => {
                answer.consumed_capacity().and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0)
            }
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => 1.0,
            Err(error) => return Err(StoreError::from_sdk("PutItem")(error)),
        };
        let pk = claim_key(site, session);
        if let Some((_, known)) = self.claims.borrow_mut().get_mut(&pk) {
            *known = Some(known.map_or(seen.last_seen, |known| known.max(seen.last_seen)));
        }
        Ok(units)
    }
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
    let mut item = key(visitor_key(site, &visitor.user), "visitor");
    items::text(&mut item, "user_id", &visitor.user.to_string());
    items::text(&mut item, "session_id", &visitor.session.to_string());
    items::number(&mut item, "last_seen", visitor.last_seen);
    items::number(&mut item, "expires_at", keys::expires_at(visitor.last_seen, VISITOR_DAYS));
    item
}
