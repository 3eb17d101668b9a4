//! Events of other products' scripts, mapped to ours, so that a site can try this one by changing an address.
//!
//! They are printed as a batch of our own wire and read like any other: the same limits, the same receipts. Their
//! scripts name neither event nor visitor nor page, so the worker makes an id for each event when it arrives, and
//! derives the visitor.

mod plausible;
mod umami;

use protocol::decode::{self, BatchError};
use protocol::{EventId, WIRE_VERSION};
use serde_json::{Map, Value, json};

pub(crate) use plausible::plausible;
pub(crate) use umami::{umami, umami_batch};

use super::authorise::Sender;
use super::take::Arrival;
use crate::http::Request;
use crate::platform::Platform;
use crate::site::Site;

/// Makes batches of single events.
pub(super) struct Wire<'a> {
    request: &'a Request,
    platform: &'a dyn Platform,
}

impl<'a> Wire<'a> {
    pub(super) fn new(request: &'a Request, platform: &'a dyn Platform) -> Self {
        Self { request, platform }
    }

    fn id(&self) -> String {
        let mut random = [0; 10];
        self.platform.random(&mut random);
        EventId::new(self.request.received_at, &random).to_string()
    }

    /// A batch of one event that happened just now. `fields` of the batch may say who the person is.
    pub(super) fn arrival(
        &self,
        site: &Site,
        event: Value,
        context: &Value,
        sender: Option<Sender>,
    ) -> Result<Arrival, BatchError> {
        self.arrival_of(site, event, context, sender, "")
    }

    fn arrival_of(
        &self,
        site: &Site,
        mut event: Value,
        context: &Value,
        sender: Option<Sender>,
        person_id: &str,
    ) -> Result<Arrival, BatchError> {
        let id = self.id();
        if let Value::Object(fields) = &mut event {
            fields.insert("id".into(), id.clone().into());
            fields.insert("page_id".into(), id.clone().into());
        }
        let batch = json!({
            "v": WIRE_VERSION,
            "site_id": site.id,
            "user_id": id,
            "session_id": id,
            "person_id": person_id,
            "cookieless": true,
            "sent_at": self.request.received_at,
            "context": context,
            "events": [event],
        });
        let decoded = decode::batch(batch.to_string().as_bytes())?;
        Ok(Arrival { decoded, has_ids: false, page_has_id: false, sender })
    }
}

/// The properties of an event: what is nested becomes `outer.inner`, as the products themselves show it.
fn flat(value: Option<&Value>) -> Map<String, Value> {
    let mut out = Map::new();
    if let Some(Value::Object(fields)) = value {
        flatten("", fields, &mut out);
    }
    out
}

fn flatten(prefix: &str, fields: &Map<String, Value>, out: &mut Map<String, Value>) {
    for (name, value) in fields {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(inner) => flatten(&name, inner, out),
            Value::Array(list) => {
                let texts: Vec<String> = list.iter().map(scalar).collect();
                out.insert(name, texts.join(",").into());
            }
            Value::Null => {}
            scalar => {
                out.insert(name, scalar.clone());
            }
        }
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Revenue as decimal text and currency; `None` when it is not one, in which case the event counts without it.
fn revenue(amount: Option<&Value>, currency: Option<&Value>) -> Option<Value> {
    let amount = scalar(amount?);
    let currency = currency?.as_str()?;
    protocol::Revenue::parse(&amount, currency)?;
    Some(json!({ "amount": amount, "currency": currency }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_properties_are_flattened() {
        let value = json!({ "a": 1, "b": { "c": "x", "d": { "e": true } }, "f": [1, "y"], "g": null });
        let flat = Value::Object(flat(Some(&value)));
        assert_eq!(flat, json!({ "a": 1, "b.c": "x", "b.d.e": true, "f": "1,y" }));
    }

    #[test]
    fn revenue_that_is_none_is_left_out() {
        let of = |amount: Value, currency: Value| revenue(Some(&amount), Some(&currency));
        assert_eq!(of(json!(9.99), json!("USD")), Some(json!({ "amount": "9.99", "currency": "USD" })));
        assert_eq!(of(json!("1322.22"), json!("USD")).unwrap()["amount"], "1322.22");
        assert_eq!(of(json!("a lot"), json!("USD")), None);
        assert_eq!(of(json!(1), json!("dollars")), None);
    }
}
