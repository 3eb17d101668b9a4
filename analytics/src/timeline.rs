//! Timelines: what one visitor did. Of data sets that were not condensed: others do not know who is who.

use protocol::query::{Definitions, Query, TimelineAnswer, TimelineEvent, TimelineVisit};

use crate::dataset::Dataset;
use crate::query::{Amounts, Index, Input, Run, Source, at, moment};
use crate::row::{EventDim, Kind};
use crate::visit_list::{said, visitor_name};

/// The visits of a visitor that touch the query's range, the earliest first, at most `limit` of the latest ones.
/// Definitions are the query's; nothing else of it is read.
pub fn visitor_timeline(
    data: &Dataset,
    index: &Index,
    query: &Query,
    visitor: u64,
    limit: usize,
) -> TimelineAnswer {
    let input = Input { data, index };
    let range = &query.period.range;
    let touches = |visit: &usize| {
        let start = at(data.starts(), *visit);
        start < range.end && moment(start, at(&index.last_action, *visit)) >= range.start
    };
    let visits: Vec<usize> = data.visits_of(visitor).filter(touches).collect();
    let latest = visits.get(visits.len().saturating_sub(limit)..).unwrap_or_default();
    TimelineAnswer {
        visits: latest.iter().map(|visit| timeline(input, query.definitions, *visit)).collect(),
        total: visits.len() as u64,
    }
}

/// One visit of a visitor, by the time it began; `None` if it is not loaded.
pub fn visit_timeline(
    data: &Dataset,
    index: &Index,
    definitions: Definitions,
    visitor: u64,
    started_at: u64,
) -> Option<TimelineVisit> {
    let visit = data.visits_of(visitor).find(|visit| at(data.starts(), *visit) == started_at)?;
    Some(timeline(Input { data, index }, definitions, visit))
}

fn timeline(input: Input<'_>, definitions: Definitions, visit: usize) -> TimelineVisit {
    let Input { data, index } = input;
    let judged = input.judge(definitions, visit);
    let run = Run { visits: visit..visit + 1, events: data.events_of(visit) };
    let codes = |source: Source<'_>| {
        let mut codes = vec![0; run.events.len()];
        source.page_codes(input, &run, &mut codes);
        codes
    };
    let (paths, hosts) = (codes(Source::Page), codes(Source::Host));
    let mut amounts = Amounts::new(data);
    let mut events = Vec::new();
    for (place, event) in run.events.clone().enumerate() {
        let kind = data.kinds().get(event).copied().unwrap_or(Kind::Heartbeat);
        if kind == Kind::Heartbeat {
            continue;
        }
        let page = at(data.first_pages(), visit) + data.page_ordinals().get(event);
        let is_view = kind == Kind::PageView;
        let revenue = amounts.of(event).map(|(value, code)| crate::query::one(value, amounts.currency(code)));
        let props = data.properties().iter().filter_map(|property| {
            let entry = property.events.binary_search(&(event as u32)).ok()?;
            Some((property.key.to_string(), property.values.get(entry).to_owned()))
        });
        events.push(TimelineEvent {
            at: at(data.starts(), visit).saturating_add_signed(at(data.at(), event).into()),
            kind: kind.name().into(),
            host: data.event(EventDim::Host).dict.get(at(&hosts, place)).to_owned(),
            path: data.event(EventDim::Path).dict.get(at(&paths, place)).to_owned(),
            title: data.event(EventDim::Title).get(event).to_owned(),
            name: data.event(EventDim::Name).get(event).to_owned(),
            engaged_ms: is_view.then(|| at(&index.page_engaged, page as usize)),
            scroll_percent: is_view.then(|| at(&index.page_scroll, page as usize)),
            revenue,
            props: props.collect(),
        });
    }
    TimelineVisit {
        visitor: visitor_name(at(data.users(), visit)),
        started_at: at(data.starts(), visit),
        engaged_ms: judged.engaged_ms,
        bounced: judged.bounced,
        said: said(data, visit),
        events,
    }
}
