//! Made-up events in a store, put there by the worker's own code.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::SyncSender;

use analytics::{Bucket, Builder, Dataset, EventDim, Kind, Row, Shard, Span, VisitDim, segment};
use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use edge_worker::config::StoreConfig;
use edge_worker::site::Site;
use edge_worker::store::Store;
use edge_worker::store::segments::{Limits, Sealed, Sealing};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use protocol::SiteId;

use super::data::{self, DAYS, START};

/// Length of a day.
pub(super) const DAY: u64 = 24 * 60 * 60 * 1_000;

/// Rows of one call (DynamoDB API reference).
const ROWS_A_CALL: usize = 25;

/// Calls that are on their way at once.
const CALLS: usize = 8;

/// A site of a store.
pub(super) struct Stored {
    pub(super) store: Store,
    pub(super) site: Site,
}

impl Stored {
    pub(super) fn new(endpoint: &str, site: &str) -> Result<Self> {
        let config = StoreConfig {
            endpoint: Some(endpoint.to_owned()),
            metrics_endpoint: None,
            region: "us-east-1".into(),
            table_prefix: "liveinsight-".into(),
            access_key_id: "local".into(),
            secret_access_key: "local".into(),
            session_token: None,
        };
        let id = SiteId::parse(site).map_err(|error| anyhow::anyhow!("{error}"))?;
        // Whatever year it is when this runs.
        let site = Site { retention_days: 3_650, ..Site::new(id) };
        Ok(Self { store: Store::new(&config), site })
    }

    /// Makes data the segments of a bucket, in the shards that compaction makes.
    pub(super) async fn seal(&self, bucket: Bucket, data: &Dataset) -> Result<()> {
        let bits = Limits::default().bits(bucket.span(), data.event_count() as u64);
        let sealing = Sealing { expires_at: (bucket.start() + 3_650 * DAY) / 1_000, ..Sealing::new(bucket) };
        let (mut segments, mut units) = (Vec::new(), 0.0);
        for shard in Shard::each(bits) {
            let bytes = match bits {
                0 => segment::write(data, bucket)?,
                _ => segment::write(&data.of_shard(shard), bucket)?,
            };
            let id = &self.site.id;
            segments.push(self.store.put_pieces(id, &sealing, shard, &bytes, &mut units).await?);
        }
        let sealed = self.store.seal(&self.site.id, &sealing, segments, &mut units).await?;
        sealed.map(drop).context("somebody else writes segments of this store")
    }

    /// Makes days the segments of a month, or of themselves, with the empty ones at both ends that a question looks at.
    pub(super) async fn seal_all(&self, days: &BTreeMap<Bucket, Dataset>, span: Span) -> Result<()> {
        let range = START - DAY..START + (DAYS + 2) * DAY;
        let empty = Dataset::default();
        let month = Bucket::of(Span::Month, START);
        if span == Span::Month {
            let own: Vec<&Dataset> =
                days.iter().filter(|(day, _)| day.start() < month.end()).map(|(_, data)| data).collect();
            self.seal(month, &analytics::merge(&own)).await?;
        }
        for day in Bucket::touching(Span::Day, range) {
            let is_in_month = span == Span::Month && Bucket::of(Span::Month, day.start()) == month;
            if !is_in_month {
                self.seal(day, days.get(&day).unwrap_or(&empty)).await?;
            }
        }
        Ok(())
    }

    /// Bytes of the segments that a question over a range is answered from.
    pub(super) async fn bytes(&self, range: std::ops::Range<u64>, now: u64) -> Result<u64> {
        let cover = self.store.cover(&self.site, &range, now).await?;
        anyhow::ensure!(cover.rows.is_empty(), "{} hours are not sealed", cover.rows.len());
        Ok(cover.sealed.iter().map(Sealed::bytes).sum())
    }

    /// Stores events as rows; returns how many, and their bytes as DynamoDB counts them. Made as they are stored, so that
    /// their memory is not that of what is measured afterwards.
    pub(super) async fn rows(&self, events: usize) -> Result<(usize, usize)> {
        let (sender, batches) = std::sync::mpsc::sync_channel(4 * CALLS);
        let site = self.site.clone();
        let maker = std::thread::spawn(move || make(&site, events, &sender));
        stream::iter(batches)
            .map(|batch| async move {
                let call = self.store.client().batch_write_item();
                let answer = call.request_items("liveinsight-Events", batch).send().await?;
                let left = answer.unprocessed_items().is_some_and(|left| !left.is_empty());
                anyhow::ensure!(!left, "the store did not take all rows");
                Ok(())
            })
            .buffer_unordered(CALLS)
            .try_collect::<()>()
            .await?;
        maker.join().map_err(|_| anyhow::anyhow!("the rows could not be made"))?
    }
}

/// Makes rows and sends them on in calls' worth.
fn make(site: &Site, events: usize, sender: &SyncSender<Vec<WriteRequest>>) -> Result<(usize, usize)> {
    let (mut count, mut bytes, mut failure) = (0, 0, None);
    let mut batch = Vec::new();
    data::generate(events, &mut |row| {
        let item = item(site, row);
        count += 1;
        bytes += item.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>();
        match PutRequest::builder().set_item(Some(item)).build() {
            Ok(put) => batch.push(WriteRequest::builder().put_request(put).build()),
            Err(error) => failure = Some(error),
        }
        if batch.len() == ROWS_A_CALL {
            // Nobody listens any more when a call has failed, which is told there.
            let _ = sender.send(std::mem::take(&mut batch));
        }
    });
    if !batch.is_empty() {
        let _ = sender.send(batch);
    }
    failure.map_or(Ok((count, bytes)), |error| Err(error.into()))
}

/// The days of a size, and how many page views lie in each.
pub(super) fn days(events: usize) -> Result<(BTreeMap<Bucket, Dataset>, BTreeMap<Bucket, u64>)> {
    let mut builders: BTreeMap<Bucket, Builder> = BTreeMap::new();
    let mut views: BTreeMap<Bucket, u64> = BTreeMap::new();
    let mut failure = None;
    data::generate(events, &mut |row| {
        let day = Bucket::of(Span::Day, row.at);
        *views.entry(day).or_default() += u64::from(row.kind == Kind::PageView);
        failure = builders.entry(day).or_default().push(row).err().or(failure.take());
    });
    match failure {
        Some(error) => Err(error.into()),
        None => Ok((builders.into_iter().map(|(day, builder)| (day, builder.finish())).collect(), views)),
    }
}

/// A row of Events, with all that the worker writes into one.
fn item(site: &Site, row: &Row<'_>) -> HashMap<String, AttributeValue> {
    let hour = Bucket::of(Span::Hour, row.id.unix_ms());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u64| AttributeValue::N(number.to_string());
    let mut item = HashMap::from([
        ("pk".to_owned(), AttributeValue::S(format!("{}#{hour}#0", site.id))),
        ("sk".to_owned(), AttributeValue::S(row.id.to_string())),
        ("type".to_owned(), text(row.kind.name())),
        ("at".to_owned(), number(row.at)),
        ("user_id".to_owned(), AttributeValue::S(row.user.to_string())),
        ("session_id".to_owned(), AttributeValue::S(row.session.to_string())),
        ("page_id".to_owned(), AttributeValue::S(row.page.to_string())),
        ("time_zone".to_owned(), text("Asia/Seoul")),
        ("viewport".to_owned(), text("1280x720")),
        ("expires_at".to_owned(), number(row.at / 1_000 + 3_650 * DAY / 1_000)),
    ]);
    let visit = VisitDim::ALL.into_iter().map(|dim| (dim.name(), row.visit[dim.index()]));
    let event = EventDim::ALL.into_iter().map(|dim| (dim.name(), row.texts[dim.index()]));
    for (name, value) in visit.chain(event).chain([("amount", row.amount), ("currency", row.currency)]) {
        if !value.is_empty() {
            item.insert(name.to_owned(), text(value));
        }
    }
    if row.kind == Kind::Heartbeat {
        item.insert("engaged_ms".to_owned(), number(row.engaged_ms));
        item.insert("scroll_percent".to_owned(), number(row.scroll_percent.into()));
    }
    if !row.props.is_empty() {
        let props = row.props.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
        item.insert("props".to_owned(), AttributeValue::M(props.collect()));
    }
    item
}

/// What a value weighs in an item, but for the few bytes that numbers are packed into (DynamoDB developer guide).
fn weight(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::M(map) => {
            map.iter().map(|(name, value)| name.len() + weight(value) + 1).sum::<usize>() + 3
        }
        _ => 0,
    }
}
