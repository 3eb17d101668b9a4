//! Small histories, said in few words.

use protocol::query::{Answer, Dimension, Metric, Query, Step, Value, Zone};
use protocol::{EventId, PageId, SessionId, UserId};

use crate::query::{Index, run};
use crate::row::{EventDim, Kind, Row, VisitDim};
use crate::{Builder, Dataset};

/// 2026-03-02T00:00:00Z, a Monday.
pub(crate) const MONDAY: u64 = 1_772_409_600_000;
pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Events are added in any order; times are milliseconds since [`MONDAY`].
#[derive(Default)]
pub(crate) struct History {
    builder: Builder,
    events: u64,
    visit: Vec<(VisitDim, &'static str)>,
    host: &'static str,
}

/// A visit: a visitor, and when the visit began.
#[derive(Clone, Copy)]
pub(crate) struct Visit(pub(crate) u8, pub(crate) u64);

impl Visit {
    fn user(self) -> UserId {
        UserId::new(MONDAY, &[self.0; 10])
    }
}

impl History {
    /// What is said of the visits that follow.
    pub(crate) fn from(&mut self, visit: &[(VisitDim, &'static str)]) -> &mut Self {
        self.visit = visit.to_vec();
        self
    }

    pub(crate) fn on_host(&mut self, host: &'static str) -> &mut Self {
        self.host = host;
        self
    }

    /// An event on a page opened at a time; `change` says what else.
    pub(crate) fn push(
        &mut self,
        visit: Visit,
        at: u64,
        page: u64,
        kind: Kind,
        change: impl FnOnce(&mut Row<'_>),
    ) -> &mut Self {
        self.events += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.events.to_be_bytes());
        let start = MONDAY + visit.1;
        let mut row = Row::new(
            EventId::new(MONDAY + at, &random),
            MONDAY + at,
            visit.user(),
            SessionId::new(start, &[visit.0; 10]),
            PageId::new(MONDAY + page, &[visit.0; 10]),
            kind,
        );
        for (dim, value) in &self.visit {
            row = row.with_visit(*dim, value);
        }
        row = row.with(EventDim::Host, self.host);
        change(&mut row);
        self.builder.push(&row).unwrap();
        self
    }

    pub(crate) fn view(&mut self, visit: Visit, at: u64, path: &str) -> &mut Self {
        self.push(visit, at, at, Kind::PageView, |row| row.texts[EventDim::Path.index()] = leak(path))
    }

    /// A click, conversion or custom event on a page opened at a time.
    pub(crate) fn act(&mut self, visit: Visit, at: u64, page: u64, kind: Kind, name: &str) -> &mut Self {
        self.push(visit, at, page, kind, |row| row.texts[EventDim::Name.index()] = leak(name))
    }

    pub(crate) fn sale(
        &mut self,
        visit: Visit,
        at: u64,
        page: u64,
        amount: &str,
        currency: &str,
    ) -> &mut Self {
        self.push(visit, at, page, Kind::Conversion, |row| {
            row.texts[EventDim::Name.index()] = "purchase";
            (row.amount, row.currency) = (leak(amount), leak(currency));
        })
    }

    pub(crate) fn beat(&mut self, visit: Visit, at: u64, page: u64, engaged: u64, scroll: u8) -> &mut Self {
        self.push(visit, at, page, Kind::Heartbeat, |row| {
            (row.engaged_ms, row.scroll_percent) = (engaged, scroll);
        })
    }

    pub(crate) fn data(&mut self) -> Dataset {
        std::mem::take(&mut self.builder).finish()
    }
}

/// Tests may leak a few bytes.
fn leak(text: &str) -> &'static str {
    Box::leak(text.into())
}

/// A query over some days from Monday on.
pub(crate) fn days(metrics: &[Metric], dimensions: &[Dimension], days: u64) -> Query {
    between(metrics, dimensions, 0, days * DAY, &Zone::UTC)
}

/// A query over a range since Monday, with the edges its time dimension needs.
pub(crate) fn between(
    metrics: &[Metric],
    dimensions: &[Dimension],
    from: u64,
    to: u64,
    zone: &Zone,
) -> Query {
    let range = MONDAY + from..MONDAY + to;
    let mut query = Query::new(metrics.to_vec(), dimensions.to_vec(), range.clone());
    query.zone = zone.clone();
    for dimension in dimensions {
        if let Dimension::Time(step) = dimension {
            query.period.edges = zone.edges(*step, range.clone()).unwrap();
        }
    }
    query
}

pub(crate) fn answer(data: &Dataset, query: &Query) -> Answer {
    run(data, &Index::of(data), query).unwrap()
}

/// Rows as `dimension,dimension: number number`.
pub(crate) fn rows(data: &Dataset, query: &Query) -> Vec<String> {
    let show = |value: &Value| match value {
        Value::Count(count) => count.to_string(),
        Value::Money(money) => {
            let each = money.iter().map(|money| format!("{} {}", money.value, money.currency));
            format!("[{}]", each.collect::<Vec<_>>().join(", "))
        }
        other => other.number().map_or("-".into(), |number| ((number * 100.0).round() / 100.0).to_string()),
    };
    let row = |row: &protocol::query::AnswerRow| {
        let metrics: Vec<_> = row.metrics.iter().map(show).collect();
        format!("{}: {}", row.dimensions.join(","), metrics.join(" "))
    };
    answer(data, query).results.iter().map(row).collect()
}

/// The one row of a query without dimensions.
pub(crate) fn totals(data: &Dataset, query: &Query) -> String {
    rows(data, query).remove(0).trim_start_matches(": ").to_owned()
}

pub(crate) const BY_DAY: Dimension = Dimension::Time(Step::Day);
