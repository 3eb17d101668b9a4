//! `GET /api/overview`: totals, time series and breakdowns of a range.

use std::collections::HashSet;

use analytics::{Fact, FactKind};
use protocol::account::ShareFilter;
use protocol::api::Interval;

use super::{Answer, Call, invalid};
use crate::http::{Request, Response};

const DAY_MS: u64 = 24 * 3_600_000;

/// Longest range by the hour and by the minute. Each hour is a query of the store; a month of them would
/// run into the platform's connection and time limits: this answer is read from rows. Longer ranges are for questions.
const MAX_RANGE_MS: [(Interval, u64); 2] = [(Interval::Hour, 8 * DAY_MS), (Interval::Minute, DAY_MS)];

pub(super) async fn get(call: &Call<'_>) -> Answer {
    let site = call.site().await?;
    let (from, to, interval) = range(call.request)?;
    let now = call.now();
    let hours = call.app.store.facts(&site, from, to, now).await?;
    let facts = hours.iter().flat_map(|facts| facts.iter());
    let overview = match call.principal.filter() {
        Some(filter) => analytics::overview(shown(facts, filter), from, to, interval, now),
        None => analytics::overview(facts, from, to, interval, now),
    };
    Ok(Response::json(200, &overview))
}

/// The facts a filter lets through: page views that match it, and what else happened on those pages.
fn shown<'a>(facts: impl Iterator<Item = &'a Fact>, filter: &ShareFilter) -> Vec<&'a Fact> {
    let facts: Vec<&Fact> = facts.filter(|it| filter.matches_visitor(&it.country, it.device)).collect();
    let matches = |it: &&&Fact| match &it.kind {
        FactKind::PageView { path, .. } => filter.matches(path, &it.country, it.device),
        _ => false,
    };
    let pages: HashSet<_> = facts.iter().filter(matches).map(|it| it.page).collect();
    facts.into_iter().filter(|it| filter.page.is_none() || pages.contains(&it.page)).collect()
}

fn range(request: &Request) -> Result<(u64, u64, Interval), Response> {
    let time = |name: &str, default: u64| match request.parameter(name) {
        Some(text) => text
            .parse::<u64>()
            .ok()
            .filter(|ms| *ms < 1 << 48)
            .ok_or_else(|| invalid(format!("`{name}` must be a time in Unix milliseconds"))),
        None => Ok(default),
    };
    let interval = match request.parameter("interval").as_deref() {
        None | Some("hour") => Interval::Hour,
        Some("minute") => Interval::Minute,
        Some(_) => return Err(invalid("`interval` must be `minute` or `hour`")),
    };
    let to = time("to", request.received_at)?;
    let from = time("from", to.saturating_sub(DAY_MS))?;
    if from >= to {
        return Err(invalid("`from` must lie before `to`"));
    }
    let longest = MAX_RANGE_MS.iter().find(|(i, _)| *i == interval).map_or(DAY_MS, |(_, ms)| *ms);
    if to - from > longest {
        let days = longest / DAY_MS;
        return Err(invalid(format!("at most {days} days can be asked for with this interval")));
    }
    Ok((from, to, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn fact(page: u8, country: &str, kind: FactKind) -> Fact {
        let id = [page; 10];
        Fact {
            id: protocol::EventId::new(NOW, &id),
            at: NOW,
            user: protocol::UserId::new(NOW, &id),
            session: protocol::SessionId::new(NOW, &id),
            page: protocol::PageId::new(NOW, &id),
            country: country.into(),
            device: protocol::api::Device::Mobile,
            kind,
        }
    }

    #[test]
    fn reader_of_a_filtered_link_sees_matching_pages_and_what_happened_on_them() {
        let view = |path: &str| FactKind::PageView { path: path.into(), source: "".into() };
        let facts = [
            fact(1, "KR", view("/blog/a")),
            fact(1, "KR", FactKind::Conversion),
            fact(2, "KR", view("/shop")),
            fact(2, "KR", FactKind::Click),
            fact(3, "JP", view("/blog/b")),
        ];
        let shown = |filter: ShareFilter| {
            shown(facts.iter(), &filter).iter().map(|fact| fact.page.as_bytes()[15]).collect::<Vec<_>>()
        };
        let page = Some("/blog/*".to_owned());
        let country = Some("KR".to_owned());
        assert_eq!(shown(ShareFilter { page: page.clone(), ..ShareFilter::default() }), [1, 1, 3]);
        assert_eq!(shown(ShareFilter { country: country.clone(), ..ShareFilter::default() }), [1, 1, 2, 2]);
        assert_eq!(shown(ShareFilter { page, country, device: None }), [1, 1]);
        let device = Some(protocol::api::Device::Desktop);
        assert_eq!(shown(ShareFilter { device, ..ShareFilter::default() }), [0_u8; 0]);
    }

    fn read(query: &str) -> Result<(u64, u64, Interval), u16> {
        let request = Request { query: query.into(), received_at: NOW, ..Request::default() };
        range(&request).map_err(|response| response.status)
    }

    #[test]
    fn range_is_the_last_day_by_the_hour_unless_asked_otherwise() {
        assert_eq!(read(""), Ok((NOW - DAY_MS, NOW, Interval::Hour)));
        assert_eq!(read("from=1000&to=2000&interval=minute"), Ok((1000, 2000, Interval::Minute)));
    }

    #[test]
    fn senseless_ranges_are_refused() {
        for query in ["from=5&to=5", "from=x", "to=-1", "interval=week", "to=99999999999999999", "from=0"] {
            assert_eq!(read(query), Err(400), "{query}");
        }
    }
}
