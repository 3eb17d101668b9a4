//! Writing a batch: one `BatchWriteItem` over Events and ActiveSessions, one `UpdateItem` on Sessions.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, WriteRequest};
use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::AsyncSleep;

use super::calls::{ROWS_A_CALL, capacity, put};
use super::session::Update;
use super::{Store, StoreError, items, segments, session};
use crate::ingest::Ingest;

/// All that is asked of the store for one batch has this long. The tracker gives up waiting after 30 s, and so does
/// the platform after the visitor has gone (`waitUntil`, platform limits); the queue has to have its turn before.
const TIME_LIMIT: Duration = Duration::from_secs(8);

/// What a write cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stored {
    /// Write units DynamoDB says it consumed.
    pub write_units: f64,
}

impl Store {
    /// Stores a batch, and marks the closed hours that its events belong to. Done means that every item is stored; after an error some may be, which a repetition
    /// then overwrites with themselves.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not take everything within its attempts.
    pub async fn write(&self, ingest: &Ingest<'_>) -> Result<Stored, StoreError> {
        let mut puts: Vec<(&str, WriteRequest)> = Vec::with_capacity(ingest.batch.events.len() + 1);
        if let Some(presence) = &ingest.presence {
            puts.push((&self.tables.active, put(items::active(ingest, presence))));
        }
        // DynamoDB refuses a whole batch that names one key twice, so of two events with one id one counts.
        let events: BTreeMap<_, _> = ingest
            .events()
            .filter(|(event, _)| items::has_row(event))
            .map(|(event, view)| (event.id, (event, view)))
            .collect();
        puts.extend(
            events
                .values()
                .map(|(event, view)| (self.tables.events.as_str(), put(items::event(ingest, event, *view)))),
        );
        // With the events, so that none is there without its mark; and once more after them, so that a mark that was
        // read and deleted meanwhile is there again. See `segments`.
        let late =
            || segments::marks(&ingest.batch.site_id, events.values().map(|(event, _)| event.at), self.now());
        let marks = late();
        puts.extend(marks.into_iter().map(|mark| (self.tables.segments.as_str(), put(mark))));
        let batch = async {
            let mut units = 0.0;
            let mut puts = puts.into_iter().peekable();
            while puts.peek().is_some() {
                let mut requests: HashMap<String, Vec<WriteRequest>> = HashMap::new();
                for (table, request) in puts.by_ref().take(ROWS_A_CALL) {
                    requests.entry(table.to_owned()).or_default().push(request);
                }
                units += self.calls.write(requests).await?;
            }
            units += self.mark(&late()).await?;
            Ok::<f64, StoreError>(units)
        };
        let update = async {
            match session::update(ingest) {
                Some(update) => self.update_session(update).await,
                None => Ok(0.0),
            }
        };
        let (batch, update) = futures_util::future::join(batch, update).await;
        let now = self.now();
        let times = events.values().map(|(event, _)| event.at);
        self.segments.borrow_mut().forget(&ingest.batch.site_id, now, times);
        Ok(Stored { write_units: batch? + update? })
    }

    /// Gives something [`TIME_LIMIT`] to be done.
    ///
    /// # Errors
    /// Its own, or [`StoreError::Unavailable`] when the time is up.
    pub(crate) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let late = |_| StoreError::Unavailable { operation: "write", cause: "not done in time".into() };
        Timeout::new(Box::pin(work), self.calls.sleep.sleep(TIME_LIMIT)).await.map_err(late)?
    }

    pub(super) async fn update_session(&self, update: Update) -> Result<f64, StoreError> {
        let answer = self
            .calls
            .client
            .update_item()
            .table_name(&self.tables.sessions)
            .key("pk", AttributeValue::S(update.pk))
            .key("sk", AttributeValue::S(update.sk))
            .update_expression(update.expression)
            .set_expression_attribute_names(Some(update.names.into_iter().collect()))
            .set_expression_attribute_values(Some(update.values.into_iter().collect()))
            .condition_expression(update.condition)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.consumed_capacity().map_or(0.0, capacity)),
            // The visit has more in it than its row may hold; each of its events is stored all the same.
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                Ok(1.0)
            }
            Err(error) => Err(StoreError::from_sdk("UpdateItem")(error)),
        }
    }
}
