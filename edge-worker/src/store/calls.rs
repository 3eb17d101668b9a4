//! The five operations of DynamoDB that everything here is made of, besides `Query`.
//!
//! DynamoDB has one for each purpose, and each adds to the worker's bundle (12 KB gzip for the three that are missed here).
//! `GetItem` is a `BatchGetItem` of one row, `DeleteItem` and a plain `PutItem` are `BatchWriteItem`s, and a `PutItem`
//! under a condition is an `UpdateItem` that sets every attribute: they cost the same units.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, WriteRequest,
};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};

use super::StoreError;
use super::items::Item;

/// How often what came back unprocessed is tried again, [`FIRST_DELAY`] doubling between attempts.
const UNPROCESSED_ATTEMPTS: u32 = 6;

/// Most rows that one `BatchWriteItem` writes or deletes (DynamoDB API reference). Batches of up to 24 events take one
/// call; larger ones, which a tracker sends only after an outage, take one more for each 25.
pub(super) const ROWS_A_CALL: usize = 25;

const FIRST_DELAY: std::time::Duration = std::time::Duration::from_millis(50);

/// Rows of one partition that are wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Select<'a> {
    pub(super) table: &'a str,
    pub(super) pk: String,
    /// First and last sort key; all rows when absent.
    pub(super) between: Option<[String; 2]>,
    /// All attributes when empty.
    pub(super) attributes: &'a [&'a str],
    /// Whether what was just written is read, at twice the units.
    pub(super) consistent: bool,
}

/// A connection with its way to wait. Copies share the connection.
#[derive(Clone)]
pub(super) struct Calls {
    pub(super) client: Client,
    pub(super) sleep: SharedAsyncSleep,
}

/// What became of a write under a condition.
#[derive(Debug)]
pub(super) enum Put {
    /// It was done, for these write units.
    Done(f64),
    /// The condition did not hold: the row is this one.
    Unmet(Option<Item>),
}

/// The key of a row.
pub(super) fn key(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk)]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
        .into()
}

/// The units of an answer.
pub(super) fn capacity(consumed: &ConsumedCapacity) -> f64 {
    consumed.capacity_units().unwrap_or(0.0)
}

/// A request to write an item over whatever is there.
pub(super) fn put(item: Item) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().ok();
    WriteRequest::builder().set_put_request(put).build()
}

/// A request to delete a row.
pub(super) fn delete(pk: &str, sk: &str) -> WriteRequest {
    let delete = DeleteRequest::builder().set_key(Some(key(pk, sk))).build().ok();
    WriteRequest::builder().set_delete_request(delete).build()
}

impl Calls {
    /// Waits before another attempt: longer each time, and never the same as another isolate.
    async fn back_off(&self, attempt: u32) {
        let longest = FIRST_DELAY * 2_u32.pow(attempt - 1);
        self.sleep.sleep(longest.mul_f64(fastrand::f64())).await;
    }

    /// Writes and deletes rows until all is done, and says what it cost.
    pub(super) async fn write(
        &self,
        mut requests: HashMap<String, Vec<WriteRequest>>,
    ) -> Result<f64, StoreError> {
        let mut units = 0.0;
        for attempt in 0..UNPROCESSED_ATTEMPTS {
            if requests.is_empty() {
                return Ok(units);
            }
            if attempt > 0 {
                self.back_off(attempt).await;
            }
            let answer = self
                .client
                .batch_write_item()
                .set_request_items(Some(requests))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(StoreError::from_sdk("BatchWriteItem"))?;
            units += answer.consumed_capacity().iter().map(capacity).sum::<f64>();
            requests = answer.unprocessed_items.unwrap_or_default();
            requests.retain(|_, list| !list.is_empty());
        }
        if requests.is_empty() {
            return Ok(units);
        }
        Err(StoreError::Unprocessed(requests.values().map(Vec::len).sum()))
    }

    /// Writes a row over whatever is there; the units it cost.
    pub(super) async fn put(&self, table: &str, item: Item) -> Result<f64, StoreError> {
        self.write([(table.to_owned(), vec![put(item)])].into()).await
    }

    /// Deletes a row, if it is there.
    pub(super) async fn delete(&self, table: &str, pk: &str, sk: &str) -> Result<(), StoreError> {
        self.write([(table.to_owned(), vec![delete(pk, sk)])].into()).await.map(drop)
    }

    /// The rows of these keys that are there, in any order; what was just written is read.
    pub(super) async fn get_all(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        Ok(self.fetch(table, keys, true).await?.0)
    }

    /// The rows of at most 100 keys that are there, in any order, and the read units they cost.
    pub(super) async fn fetch(
        &self,
        table: &str,
        keys: Vec<Item>,
        consistent: bool,
    ) -> Result<(Vec<Item>, f64), StoreError> {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
        let wanted = wanted.map_err(|_| StoreError::unbuildable("BatchGetItem"))?;
        let mut requests = HashMap::from([(table.to_owned(), wanted)]);
        let mut found = Vec::new();
        let mut units = 0.0;
        for attempt in 0..UNPROCESSED_ATTEMPTS {
            if attempt > 0 {
                self.back_off(attempt).await;
            }
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(requests))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let answer = answer.map_err(StoreError::from_sdk("BatchGetItem"))?;
            units += answer.consumed_capacity().iter().map(capacity).sum::<f64>();
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            requests = answer.unprocessed_keys.unwrap_or_default();
            if requests.is_empty() {
                return Ok((found, units));
            }
        }
        Err(StoreError::Unprocessed(requests.len()))
    }

    /// A row; what was just written is read.
    pub(super) async fn get(&self, table: &str, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        Ok(self.get_all(table, vec![key(pk, sk)]).await?.pop())
    }

    /// Writes a row under a condition, whose values are named `:…`. All rows of that key have the same attributes.
    pub(super) async fn put_if(
        &self,
        table: &str,
        mut item: Item,
        condition: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<Put, StoreError> {
        let row_key: Item = ["pk", "sk"].into_iter().filter_map(|name| item.remove_entry(name)).collect();
        let mut update = self
            .client
            .update_item()
            .table_name(table)
            .set_key(Some(row_key))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut sets = Vec::with_capacity(item.len());
        for (index, (name, value)) in item.into_iter().enumerate() {
            sets.push(format!("#a{index} = :a{index}"));
            update = update
                .expression_attribute_names(format!("#a{index}"), name)
                .expression_attribute_values(format!(":a{index}"), value);
        }
        for (name, value) in values {
            update = update.expression_attribute_values(*name, value.clone());
        }
        match update.update_expression(format!("SET {}", sets.join(", "))).send().await {
            Ok(answer) => Ok(Put::Done(answer.consumed_capacity().map_or(0.0, capacity))),
            Err(SdkError::ServiceError(error)) => match error.err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => {
                    Ok(Put::Unmet(failed.item().cloned()))
                }
                _ => Err(StoreError::from_sdk("UpdateItem")(SdkError::ServiceError(error))),
            },
            Err(error) => Err(StoreError::from_sdk("UpdateItem")(error)),
        }
    }

    /// Writes all or nothing. The inner error holds, for each part, whether its condition was what failed; all
    /// `false` when two transactions met and this one gave way. `operation` names this very attempt, at most
    /// 36 characters: without it the SDK would draw one, and a repetition after a lost answer must carry the same.
    pub(super) async fn transact(
        &self,
        operation: &str,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Vec<bool>>, StoreError> {
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(parts))
            .client_request_token(operation)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Ok(())),
            Err(SdkError::ServiceError(error)) if error.err().is_transaction_canceled_exception() => {
                use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as Failure;
                let Failure::TransactionCanceledException(cancelled) = error.err() else {
                    return Ok(Err(Vec::new()));
                };
                let codes: Vec<&str> =
                    cancelled.cancellation_reasons().iter().map(|r| r.code().unwrap_or("None")).collect();
                let transient =
                    |code: &&str| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded");
                if codes.iter().any(transient) {
                    return Err(StoreError::Unprocessed(codes.len()));
                }
                Ok(Err(codes.iter().map(|code| *code == "ConditionalCheckFailed").collect()))
            }
            Err(error) => Err(StoreError::from_sdk("TransactWriteItems")(error)),
        }
    }

    /// All rows of a partition, in order of their sort keys, with all attributes if none is named.
    pub(super) async fn partition(
        &self,
        table: &str,
        pk: String,
        attributes: &[&str],
        consistent: bool,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let select = Select { table, pk, between: None, attributes, consistent };
        self.select(select, &mut |item| {
            items.push(item);
            Ok(())
        })
        .await?;
        Ok(items)
    }

    /// The first page of rows of a partition, and whether there are more.
    pub(super) async fn page(&self, select: Select<'_>) -> Result<(Vec<Item>, bool), StoreError> {
        let answer = self.wanted(select).send().await.map_err(StoreError::from_sdk("Query"))?;
        let more = answer.last_evaluated_key.is_some_and(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), more))
    }

    /// Hands over rows of a partition in order of their sort keys, page by page so that only one is held. The read
    /// units it cost.
    pub(super) async fn select(
        &self,
        select: Select<'_>,
        take: &mut impl FnMut(Item) -> Result<(), StoreError>,
    ) -> Result<f64, StoreError> {
        let query = self.wanted(select);
        let mut units = 0.0;
        let mut next = None;
        loop {
            let answer = query.clone().set_exclusive_start_key(next).send().await;
            let answer = answer.map_err(StoreError::from_sdk("Query"))?;
            units += answer.consumed_capacity().map_or(0.0, capacity);
            answer.items.unwrap_or_default().into_iter().try_for_each(&mut *take)?;
            next = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if next.is_none() {
                return Ok(units);
            }
        }
    }

    fn wanted(&self, select: Select<'_>) -> QueryFluentBuilder {
        let condition = match &select.between {
            Some(_) => "#pk = :pk AND #sk BETWEEN :a AND :z",
            None => "#pk = :pk",
        };
        let mut query = self
            .client
            .query()
            .table_name(select.table)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_values(":pk", AttributeValue::S(select.pk))
            .consistent_read(select.consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some([first, last]) = select.between {
            query = query
                .expression_attribute_names("#sk", "sk")
                .expression_attribute_values(":a", AttributeValue::S(first))
                .expression_attribute_values(":z", AttributeValue::S(last));
        }
        if !select.attributes.is_empty() {
            let names: Vec<String> = (0..select.attributes.len()).map(|index| format!("#a{index}")).collect();
            query = query.projection_expression(names.join(", "));
            for (name, attribute) in names.into_iter().zip(select.attributes) {
                query = query.expression_attribute_names(name, *attribute);
            }
        }
        query
    }
}
