//! `GET /api/export`: the events of a range with all they say, as NDJSON or CSV. They are sent while they are read, so
//! that the memory it takes does not depend on how many there are.

use std::rc::Rc;

use analytics::DAY_MS;
use futures_util::stream::{self, StreamExt};
use protocol::EventId;
use serde_json::{Map, Value};

use super::print::{accepts, csv_line};
use super::{Answer, Call, invalid, segments};
use crate::encoding::harmless;
use crate::http::{Response, Stream, StreamBroken};
use crate::log::{self, Level};
use crate::store::export::{Export, fields};
use crate::store::{Store, StoreError};

/// Longest range of a site with one partition an hour, in days: each is a request to the store, of which the platform
/// allows 10,000.
const MAX_DAYS: u64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

fn longest_days(shards: u32) -> u64 {
    (MAX_DAYS / u64::from(shards.max(1))).max(1)
}

pub(super) async fn get(call: &Call<'_>) -> Answer {
    let (site, range) = (call.site().await?, segments::range(call)?);
    let days = longest_days(site.shards);
    if range.end - range.start > days * DAY_MS {
        return Err(invalid(format!("export at most {days} days at once")));
    }
    let format = match call.request.parameter("format").as_deref() {
        Some("csv") => Format::Csv,
        Some("ndjson") => Format::Ndjson,
        Some(_) => return Err(invalid("`format` must be ndjson or csv")),
        None if accepts(call.request, "text/csv") => Format::Csv,
        None => Format::Ndjson,
    };
    let mut export = Export::new(site, range);
    let after = call.request.parameter("after");
    if let Some(text) = &after {
        let id = EventId::parse(text).map_err(|_| invalid("`after` must be the id of an exported event"))?;
        if !call.app.store.export_after(&mut export, &id).await? {
            return Err(invalid("`after` must be the id of an exported event"));
        }
    }
    // Who goes on has the heading already.
    let heading = (format == Format::Csv && after.is_none()).then(|| {
        let mut line = String::new();
        csv_line(&mut line, fields().into_iter().map(str::to_owned));
        Ok(line.into_bytes())
    });
    // The first page is awaited: a store that does not answer is told by the status.
    let store = Rc::clone(&call.app.store);
    let first = page(&store, &mut export, format).await?;
    let rest = stream::unfold(Some((store, export)), move |state| async move {
        let (store, mut export) = state?;
        match page(&store, &mut export, format).await {
            Ok(None) => None,
            Ok(Some(lines)) => Some((Ok(lines), Some((store, export)))),
            Err(error) => {
                log::write(Level::Error, "export broken off", &[("error", error.to_string().into())]);
                Some((Err(StreamBroken), None))
            }
        }
    });
    let pieces = stream::iter(heading).chain(stream::iter(first.map(Ok))).chain(rest);
    let (media, name) = match format {
        Format::Ndjson => ("application/x-ndjson", "events.ndjson"),
        Format::Csv => ("text/csv; charset=utf-8", "events.csv"),
    };
    let response = Response::empty(200)
        .with("content-type", media)
        .with("content-disposition", format!("attachment; filename=\"{name}\""));
    // The platform takes an empty piece for the end of nothing, and sends it for nothing.
    let pieces = pieces.filter(|piece| std::future::ready(!piece.as_ref().is_ok_and(Vec::is_empty)));
    Ok(Response { stream: Some(Stream::new(pieces.boxed_local())), ..response })
}

async fn page(store: &Store, export: &mut Export, format: Format) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(events) = store.export_page(export).await? else { return Ok(None) };
    let (mut text, names) = (String::new(), fields());
    for event in events {
        match format {
            Format::Ndjson => {
                text.push_str(&Value::Object(event).to_string());
                text.push('\n');
            }
            Format::Csv => csv_line(&mut text, names.iter().map(|name| field(&event, name))),
        }
    }
    Ok(Some(text.into_bytes()))
}

fn field(event: &Map<String, Value>, name: &str) -> String {
    match event.get(name) {
        None => String::new(),
        Some(Value::String(text)) => harmless(text),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn money_given_back_stays_a_number_and_what_visitors_wrote_is_no_formula() {
        let Value::Object(event) = json!({ "amount": "-12.50", "title": "=1+1", "at": 5 }) else { panic!() };
        assert_eq!(
            ["amount", "title", "at", "name"].map(|name| field(&event, name)),
            ["-12.50", "'=1+1", "5", ""]
        );
    }

    #[test]
    fn a_site_of_many_partitions_is_exported_in_shorter_ranges() {
        assert_eq!([1, 4, 64].map(longest_days), [100, 25, 1]);
        assert!([1, 4, 64].iter().all(|shards| longest_days(*shards) * 24 * u64::from(*shards) < 10_000));
    }
}
