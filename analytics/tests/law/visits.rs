//! Visits of distinct events, by the definitions of `analytics::query` and nothing of the engine's: no columns, no
//! dictionaries, no hashes, no merging; lists and maps of texts.
//!
//! - A *visit* is what has one user and one time of session id; an event more than 2³¹ - 1 ms from that time is in a
//!   visit of the UTC day it happened on.
//! - A *page* of a visit is what has one time of page id; times further than 2³¹ ms from the start of the visit are
//!   taken as that far, so such pages are one.
//! - Events of a visit are in order of time; of one millisecond, by what they say, because nothing else is known of
//!   their order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use analytics::{Amount, EventDim, Kind, VisitDim};
use protocol::UserId;

use crate::history::Event;

/// A visit with all of its events that were given.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) user: UserId,
    pub(crate) start: u64,
    /// In order.
    pub(crate) events: Vec<&'a Event>,
    pub(crate) pages: BTreeMap<i32, Page<'a>>,
}

/// A page of a visit.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    /// In order, of all kinds.
    pub(crate) events: Vec<&'a Event>,
}

const DAY: u64 = 86_400_000;

/// The visits, in no order that means anything.
pub(crate) fn visits<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<Visit<'a>> {
    let mut visits: BTreeMap<(UserId, u64), Vec<&Event>> = BTreeMap::new();
    for event in events {
        let named = event.session.unix_ms();
        let is_far = event.at.abs_diff(named) > 2_147_483_647;
        let start = if is_far { event.at / DAY * DAY } else { named };
        visits.entry((event.user, start)).or_default().push(event);
    }
    let visits = visits.into_iter().map(|((user, start), mut events)| {
        events.sort_by(|a, b| order(start, a, b));
        let mut pages: BTreeMap<i32, Page<'_>> = BTreeMap::new();
        for event in &events {
            pages.entry(opened(start, event)).or_default().events.push(event);
        }
        Visit { user, start, events, pages }
    });
    visits.collect()
}

/// By time, then by what is said: kind, page, texts of the event, engagement, amount, properties, texts of the visit.
fn order(start: u64, a: &Event, b: &Event) -> Ordering {
    let amount = |event: &Event| Amount::parse(&event.amount);
    // A currency is one only with an amount that is held exactly.
    let currency = |event: &Event| amount(event).map_or(String::new(), |_| event.currency.clone());
    let key = |event: &Event| {
        let mut texts = event.texts.clone();
        texts[EventDim::OddAmount.index()] = odd(event);
        (event.at, event.kind, opened(start, event), texts)
    };
    let rest = |event: &Event| (engagement(event).unwrap_or_default(), amount(event), currency(event));
    key(a)
        .cmp(&key(b))
        .then_with(|| rest(a).cmp(&rest(b)))
        .then_with(|| props(a).cmp(&props(b)))
        .then_with(|| a.visit.cmp(&b.visit))
}

/// The time of the page's id, from the start of the visit.
fn opened(start: u64, event: &Event) -> i32 {
    let distance = event.page.unix_ms() as i64 - start as i64;
    distance.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

fn odd(event: &Event) -> String {
    match Amount::parse(&event.amount) {
        Some(_) => String::new(),
        None => format!("{} {}", event.amount, event.currency).trim().to_owned(),
    }
}

/// Engaged time and scroll depth of a heartbeat.
pub(crate) fn engagement(event: &Event) -> Option<(u64, u8)> {
    (event.kind == Kind::Heartbeat).then_some((event.engaged_ms, event.scroll_percent))
}

/// Properties with a key: of each key the least value.
pub(crate) fn props(event: &Event) -> BTreeMap<&str, &str> {
    let mut props = BTreeMap::new();
    for (key, value) in event.props.iter().filter(|(key, _)| !key.is_empty()) {
        let kept: &mut &str = props.entry(&**key).or_insert(value);
        *kept = (*kept).min(value);
    }
    props
}

impl<'a> Visit<'a> {
    pub(crate) fn views(&self) -> impl DoubleEndedIterator<Item = &'a Event> {
        self.events.iter().copied().filter(|event| event.kind == Kind::PageView)
    }

    pub(crate) fn actions(&self) -> impl DoubleEndedIterator<Item = &'a Event> {
        self.events.iter().copied().filter(|event| event.kind != Kind::Heartbeat)
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }

    /// What the first page view says, or the first event of a visit without one; of the person, the least that any
    /// event names.
    pub(crate) fn said(&self, dim: VisitDim) -> &'a str {
        if dim == VisitDim::Person {
            let named = self.events.iter().map(|event| &*event.visit[dim.index()]);
            return named.filter(|person| !person.is_empty()).min().unwrap_or("");
        }
        let first = self.views().next().or_else(|| self.events.first().copied());
        first.map_or("", |event| &event.visit[dim.index()])
    }

    pub(crate) fn page_of(&self, event: &Event) -> &Page<'a> {
        &self.pages[&opened(self.start, event)]
    }

    /// Engaged time: the sum over pages of the largest that a heartbeat reported.
    pub(crate) fn engaged_ms(&self) -> u64 {
        self.pages.values().filter_map(Page::engaged_ms).sum()
    }

    /// From the first to the last action.
    pub(crate) fn span_ms(&self) -> u64 {
        match (self.actions().next(), self.actions().next_back()) {
            (Some(first), Some(last)) => last.at - first.at,
            _ => 0,
        }
    }
}

impl<'a> Page<'a> {
    pub(crate) fn first_view(&self) -> Option<&'a Event> {
        self.events.iter().copied().find(|event| event.kind == Kind::PageView)
    }

    /// The largest engaged time that was reported; nothing if none was.
    pub(crate) fn engaged_ms(&self) -> Option<u64> {
        self.events.iter().filter_map(|event| engagement(event)).map(|(engaged, _)| engaged).max()
    }

    /// The largest scroll depth that was reported; nothing if none was.
    pub(crate) fn scroll_percent(&self) -> Option<u8> {
        self.events.iter().filter_map(|event| engagement(event)).map(|(_, scroll)| scroll).max()
    }

    /// Path or host of the page, each by itself: of its first page view, else of the first event that names one.
    fn name(&self, dim: EventDim) -> &'a str {
        let text = |event: &'a Event| &*event.texts[dim.index()];
        match self.first_view() {
            Some(view) => text(view),
            None => self.events.iter().map(|event| text(event)).find(|text| !text.is_empty()).unwrap_or(""),
        }
    }
}

/// Path or host of an action: its own; if it is no page view and names none, that of its page.
pub(crate) fn place<'a>(visit: &Visit<'a>, event: &'a Event, dim: EventDim) -> &'a str {
    let own = &*event.texts[dim.index()];
    if event.kind == Kind::PageView || !own.is_empty() { own } else { visit.page_of(event).name(dim) }
}
