//! A proxy between the worker and the store that makes it fail in the ways stores do. It passes on what it does not
//! break, so that everything behind it is real.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Request;
use serde_json::{Value, json};

use crate::net::{Body, Broken, Handled, Http, answer};

const MEDIA: &str = "application/x-amz-json-1.0";

/// Slow, but within what the worker grants an attempt.
const SLOW: Duration = Duration::from_millis(1_200);
/// Longer than anybody waits.
const HANG: Duration = Duration::from_secs(60);

/// A way in which a store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreFault {
    Throttled,
    Failing,
    /// What DynamoDB says when the caller's clock is off, or the signature was too long under way.
    Expired,
    Hanging,
    Resetting,
    Slow,
    /// The store does what it is asked and its answer is lost.
    Deaf,
    /// Of each `BatchWriteItem` only the first item gets through.
    Unprocessed,
    /// Nothing of a `BatchWriteItem` gets through, politely.
    AllUnprocessed,
    /// The row of the visit is refused while the events get through: a crash between the two writes.
    VisitsRefused,
}

impl StoreFault {
    pub(crate) const ALL: [Self; 10] = [
        Self::Throttled,
        Self::Failing,
        Self::Expired,
        Self::Hanging,
        Self::Resetting,
        Self::Slow,
        Self::Deaf,
        Self::Unprocessed,
        Self::AllUnprocessed,
        Self::VisitsRefused,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Throttled => "store throttles",
            Self::Failing => "store answers 500",
            Self::Expired => "store refuses signatures",
            Self::Hanging => "store hangs",
            Self::Resetting => "store resets connections",
            Self::Slow => "store is slow",
            Self::Deaf => "store's answers are lost",
            Self::Unprocessed => "store leaves items unprocessed",
            Self::AllUnprocessed => "store processes no items",
            Self::VisitsRefused => "store refuses visits' rows",
        }
    }
}

/// A fault and how many of a hundred requests it hits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) fault: StoreFault,
    pub(crate) percent: u32,
}

/// The proxy.
pub(crate) struct Proxy {
    http: Http,
    store: String,
    dice: RefCell<fastrand::Rng>,
    /// What is broken now.
    pub(crate) rule: Cell<Option<Rule>>,
    /// Requests that came, and those that were broken.
    pub(crate) requests: Cell<u64>,
    pub(crate) broken: Cell<u64>,
}

impl Proxy {
    pub(crate) fn new(http: &Http, store: String, seed: u64) -> Rc<Self> {
        Rc::new(Self {
            http: http.clone(),
            store,
            dice: RefCell::new(fastrand::Rng::with_seed(seed)),
            rule: Cell::new(None),
            requests: Cell::new(0),
            broken: Cell::new(0),
        })
    }

    /// What comes from the worker.
    pub(crate) async fn handle(self: Rc<Self>, request: Request<Bytes>) -> Handled {
        self.requests.set(self.requests.get() + 1);
        let hit = self.rule.get().filter(|rule| self.dice.borrow_mut().u32(..100) < rule.percent);
        let Some(rule) = hit else { return self.pass(&request, None).await };
        self.broken.set(self.broken.get() + 1);
        let operation = request.headers().get("x-amz-target").and_then(|it| it.to_str().ok());
        let operation = operation.and_then(|it| it.split('.').nth(1)).unwrap_or_default().to_owned();
        let refused = |status, kind: &str| {
            let body = json!({ "__type": kind, "message": "injected" });
            Ok(answer(status, MEDIA, body.to_string()))
        };
        match rule.fault {
            StoreFault::Throttled => {
                refused(400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")
            }
            StoreFault::Failing => refused(500, "InternalServerError"),
            StoreFault::Expired => refused(400, "com.amazon.coral.service#InvalidSignatureException"),
            StoreFault::Resetting => Err(Broken),
            StoreFault::Hanging => {
                tokio::time::sleep(HANG).await;
                Err(Broken)
            }
            StoreFault::Slow => {
                tokio::time::sleep(SLOW).await;
                self.pass(&request, None).await
            }
            StoreFault::Deaf => {
                self.pass(&request, None).await?;
                Err(Broken)
            }
            StoreFault::VisitsRefused => match is_visit(&operation, request.body()) {
                true => refused(500, "InternalServerError"),
                false => self.pass(&request, None).await,
            },
            StoreFault::Unprocessed | StoreFault::AllUnprocessed if operation != "BatchWriteItem" => {
                self.pass(&request, None).await
            }
            StoreFault::AllUnprocessed => {
                let asked: Value = serde_json::from_slice(request.body()).unwrap_or_default();
                let said = json!({ "UnprocessedItems": asked["RequestItems"] });
                Ok(answer(200, MEDIA, said.to_string()))
            }
            StoreFault::Unprocessed => {
                let (first, rest) = split(request.body());
                let said = self.forward(&request, first.to_string().into()).await?;
                let mut value: Value = serde_json::from_slice(&said.1).unwrap_or_default();
                if said.0 == 200 {
                    value["UnprocessedItems"] = rest;
                }
                Ok(answer(said.0, MEDIA, value.to_string()))
            }
        }
    }

    async fn pass(&self, request: &Request<Bytes>, body: Option<Bytes>) -> Handled {
        let body = body.unwrap_or_else(|| request.body().clone());
        let (status, said) = self.forward(request, body).await?;
        Ok(answer(status, MEDIA, said))
    }

    async fn forward(&self, request: &Request<Bytes>, body: Bytes) -> Result<(u16, Bytes), Broken> {
        let mut onward = Request::post(&self.store);
        for (name, value) in request.headers() {
            if name != "host" && name != "content-length" && name != "connection" {
                onward = onward.header(name, value);
            }
        }
        let onward = onward.body(Body::new(body)).map_err(|_| Broken)?;
        let answer = self.http.send(onward).await.map_err(|_| Broken)?;
        Ok((answer.status, answer.body))
    }
}

/// Whether a request writes the row of a visit.
fn is_visit(operation: &str, body: &[u8]) -> bool {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    operation == "UpdateItem" && asked["TableName"].as_str().is_some_and(|name| name.ends_with("-Sessions"))
}

/// A `BatchWriteItem` of the first item alone, and the items left.
fn split(body: &[u8]) -> (Value, Value) {
    let mut asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut rest = asked["RequestItems"].take();
    let mut first = json!({});
    if let Some(tables) = rest.as_object_mut()
        && let Some((table, items)) = tables.iter_mut().next()
        && let Some(items) = items.as_array_mut()
        && !items.is_empty()
    {
        first = json!({ table.as_str(): [items.remove(0)] });
        if items.is_empty() {
            let table = table.clone();
            tables.remove(&table);
        }
    }
    asked["RequestItems"] = first;
    (asked, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_is_split_after_its_first_item() {
        let body = json!({ "RequestItems": { "A": [1], "B": [2, 3] }, "ReturnConsumedCapacity": "TOTAL" });
        let (first, rest) = split(body.to_string().as_bytes());
        assert_eq!(first["RequestItems"], json!({ "A": [1] }));
        assert_eq!(first["ReturnConsumedCapacity"], "TOTAL");
        assert_eq!(rest, json!({ "B": [2, 3] }));
    }

    #[test]
    fn rows_of_visits_are_known() {
        let update = |table: &str| json!({ "TableName": table }).to_string();
        assert!(is_visit("UpdateItem", update("liveinsight-Sessions").as_bytes()));
        assert!(!is_visit("UpdateItem", update("liveinsight-ActiveSessions").as_bytes()));
        assert!(!is_visit("GetItem", update("liveinsight-Sessions").as_bytes()));
    }
}
