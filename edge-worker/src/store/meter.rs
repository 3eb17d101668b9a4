//! Measures every operation of the store where the SDK does it, whoever asked for it: how long it took, what it
//! consumed, and what was turned away.

use std::time::SystemTime;

use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::{ConditionCheck, ConsumedCapacity, Delete, Put, TransactWriteItem, Update};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use protocol::metric::Metric;

use super::TABLES;
use crate::metrics::{Label, Metrics};
use crate::trace;

/// How DynamoDB says that it was asked for too much: errors of a request, and reasons of a transaction.
const THROTTLED: [&str; 4] =
    ["ProvisionedThroughputExceeded", "ThrottlingE", "RequestLimitExceeded", "ThrottlingException"];

/// Measures.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) metrics: Metrics,
    pub(super) time: SharedTimeSource,
}

/// What is known of an operation from its beginning on.
#[derive(Debug, Clone)]
struct Begun {
    at: SystemTime,
    /// Of each of [`TABLES`], whether it is asked.
    tables: [bool; TABLES.len()],
}

impl Storable for Begun {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut tables = [false; TABLES.len()];
        for name in tables_of(context.input()) {
            if let Some(index) = index(name) {
                tables[index] = true;
            }
        }
        bag.interceptor_state().store_put(Begun { at: self.time.now(), tables });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Err(_)) = context.output_or_error() else { return Ok(()) };
        let (Some(answer), Some(begun)) = (context.response(), bag.load::<Begun>()) else { return Ok(()) };
        let body = answer.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        if THROTTLED.iter().any(|code| body.contains(code)) {
            for (name, _) in TABLES.iter().zip(begun.tables).filter(|(_, is_asked)| *is_asked) {
                self.metrics.add(Metric::ThrottledRequests, Label::Table(name), 1.0);
            }
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(begun) = bag.load::<Begun>() {
            let now = self.time.now();
            let took = now.duration_since(begun.at).unwrap_or_default();
            self.metrics.add(Metric::StoreLatency, Label::None, took.as_secs_f64() * 1_000.0);
            let tables = TABLES.iter().zip(begun.tables).filter(|(_, is_asked)| *is_asked);
            let error = match context.output_or_error() {
                Some(Ok(_)) => None,
                _ => Some(error_type(context)),
            };
            let name = bag.load::<Metadata>().map_or("unknown", Metadata::name);
            let times = [begun.at, now].map(unix_ms);
            trace::operation(name, tables.map(|(table, _)| *table), times, error);
        }
        let Some(Ok(output)) = context.output_or_error() else { return Ok(()) };
        if let Some(output) = output.downcast_ref::<BatchWriteItemOutput>() {
            self.consumed(Metric::ConsumedWriteCapacity, output.consumed_capacity());
            self.turned_away(output.unprocessed_items().into_iter().flat_map(|left| left.keys()));
        } else if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
            self.consumed(Metric::ConsumedReadCapacity, output.consumed_capacity());
            self.turned_away(output.unprocessed_keys().into_iter().flat_map(|left| left.keys()));
        } else if let Some(output) = output.downcast_ref::<UpdateItemOutput>() {
            self.consumed(Metric::ConsumedWriteCapacity, output.consumed_capacity());
        } else if let Some(output) = output.downcast_ref::<QueryOutput>() {
            self.consumed(Metric::ConsumedReadCapacity, output.consumed_capacity());
        } else if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
            self.consumed(Metric::ConsumedWriteCapacity, output.consumed_capacity());
        }
        Ok(())
    }
}

impl Meter {
    fn consumed<'a>(&self, metric: Metric, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        for one in consumed {
            if let Some(index) = one.table_name().and_then(index) {
                self.metrics.add(metric, Label::Table(TABLES[index]), super::calls::capacity(one));
            }
        }
    }

    /// Parts of a request that came back undone.
    fn turned_away<'a>(&self, tables: impl Iterator<Item = &'a String>) {
        for index in tables.filter_map(|name| index(name)) {
            self.metrics.add(Metric::ThrottledRequests, Label::Table(TABLES[index]), 1.0);
        }
    }
}

fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What kind of failure the last attempt was. A condition that does not hold is an answer, and still an error of the
/// operation.
fn error_type(context: &FinalizerInterceptorContextRef<'_>) -> &'static str {
    let Some(answer) = context.response() else { return "no_answer" };
    let body = answer.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    if THROTTLED.iter().any(|code| body.contains(code)) {
        "throttled"
    } else if body.contains("ConditionalCheckFailed") {
        "condition_failed"
    } else if answer.status().as_u16() >= 500 {
        "server_error"
    } else {
        "refused"
    }
}

/// Which of [`TABLES`] a full name is. `ActiveSessions` ends as `Sessions` does.
fn index(name: &str) -> Option<usize> {
    let short = name.rsplit(['-', '_', '.', '/']).next()?;
    TABLES.iter().position(|table| *table == short)
}

fn tables_of(input: &Input) -> Vec<&str> {
    if let Some(input) = input.downcast_ref::<BatchWriteItemInput>() {
        return input
            .request_items()
            .into_iter()
            .flat_map(|items| items.keys().map(String::as_str))
            .collect();
    }
    if let Some(input) = input.downcast_ref::<BatchGetItemInput>() {
        return input
            .request_items()
            .into_iter()
            .flat_map(|items| items.keys().map(String::as_str))
            .collect();
    }
    if let Some(input) = input.downcast_ref::<UpdateItemInput>() {
        return input.table_name().into_iter().collect();
    }
    if let Some(input) = input.downcast_ref::<QueryInput>() {
        return input.table_name().into_iter().collect();
    }
    if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
        return input.transact_items().iter().filter_map(table_of_part).collect();
    }
    Vec::new()
}

fn table_of_part(part: &TransactWriteItem) -> Option<&str> {
    let put = part.put().map(Put::table_name);
    let update = part.update().map(Update::table_name);
    let delete = part.delete().map(Delete::table_name);
    put.or(update).or(delete).or(part.condition_check().map(ConditionCheck::table_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_known_by_its_full_name() {
        for (name, expected) in [
            ("liveinsight-Events", Some("Events")),
            ("liveinsight-staging-ActiveSessions", Some("ActiveSessions")),
            ("liveinsight-Sessions", Some("Sessions")),
            ("Accounts", Some("Accounts")),
            ("liveinsight-Other", None),
        ] {
            assert_eq!(index(name).map(|index| TABLES[index]), expected, "{name}");
        }
    }
}
