//! Timelines: what one visitor did.

use protocol::query::{Definitions, TimelineEvent, TimelineVisit};
use protocol::{SessionId, UserId};

use crate::dataset::Dataset;
use crate::query::{Amounts, Index, Input, Run, Source, at, judge};
use crate::row::{EventDim, Kind, VisitDim};

/// The visits of a visitor that are loaded, the earliest first, at most `limit` of the latest ones.
pub fn visitor_timeline(
    data: &Dataset,
    index: &Index,
    definitions: Definitions,
    user: &UserId,
    limit: usize,
) -> Vec<TimelineVisit> {
    let visits = data.visits_of(user);
    let first = visits.end.saturating_sub(limit).max(visits.start);
    (first..visits.end).map(|visit| timeline(Input { data, index }, definitions, visit)).collect()
}

/// One visit of a visitor; `None` if it is not loaded.
pub fn visit_timeline(
    data: &Dataset,
    index: &Index,
    definitions: Definitions,
    user: &UserId,
    session: &SessionId,
) -> Option<TimelineVisit> {
    let is_it = |visit: &usize| at(data.starts(), *visit) == session.unix_ms();
    let visit = data.visits_of(user).find(is_it)?;
    Some(timeline(Input { data, index }, definitions, visit))
}

fn timeline(input: Input<'_>, definitions: Definitions, visit: usize) -> TimelineVisit {
    let Input { data, index } = input;
    let said = VisitDim::ALL.into_iter().map(|dim| (dim.name(), data.visit(dim).get(visit).to_owned()));
    let judged = judge(definitions, index, visit);
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
            kind: kind.name(),
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
        started_at: at(data.starts(), visit),
        engaged_ms: judged.engaged_ms,
        bounced: judged.bounced,
        said: said.filter(|(_, text)| !text.is_empty()).collect(),
        events,
    }
}
