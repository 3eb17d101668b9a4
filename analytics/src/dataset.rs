//! Events in columns: what queries run over.

use std::ops::Range;

use crate::amount::Amount;
use crate::codes::Codes;
use crate::columns::{Column, Columns};
use crate::dict::Texts;
use crate::row::{EventDim, Kind, VisitDim};

/// Mark of a visit: an event of it was sent without anything being kept in the browser.
pub const FLAG_COOKIELESS: u32 = 1;

/// Mark of a visit: the time of an event of it is that of its arrival.
pub const FLAG_CORRECTED: u32 = 2;

/// Distinct events in columns. A function of the set of events alone: two data sets of the same events are
/// equal, whatever they were made from and in whatever order.
///
/// - **Visits** are sorted by (hash of the user, start). Two visits of one visitor that began in the same
///   millisecond are one. All visits of a visitor stand together, so distinct visitors of any group are
///   counted by comparing with the last visitor seen.
/// - **Events** of a visit are sorted by time; events of one millisecond by what they say, because ids of
///   events are not kept.
/// - **Pages** of a visit are sorted by the time of their ids; two of the same millisecond are one, and so are
///   all whose ids lie 2³¹ ms (24.8 days) or further after the visit's start, and all that far before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    pub(crate) loaded: Columns,
    pub(crate) users: Vec<u64>,
    pub(crate) starts: Vec<u64>,
    pub(crate) first_event: Vec<u32>,
    pub(crate) first_page: Vec<u32>,
    pub(crate) flags: Codes,
    pub(crate) visits: [Texts; VisitDim::COUNT],
    pub(crate) page_starts: Vec<i32>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) at: Vec<i32>,
    pub(crate) pages: Codes,
    pub(crate) events: [Texts; EventDim::COUNT],
    pub(crate) engaged: Vec<u32>,
    pub(crate) scroll: Vec<u8>,
    pub(crate) revenue: Revenue,
    pub(crate) properties: Vec<Property>,
}

/// What conversions were worth: only events with an amount, in order of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revenue {
    /// Which events.
    pub events: Vec<u32>,
    /// How much.
    pub amounts: Vec<Amount>,
    /// Of which currency.
    pub currencies: Texts,
}

/// The values of one property: only events that have it, in order of events. A value may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Property {
    /// The site's name for it.
    pub key: Box<str>,
    /// Which events.
    pub events: Vec<u32>,
    /// Which values.
    pub values: Texts,
}

impl Default for Dataset {
    fn default() -> Self {
        Self {
            loaded: Columns::ALL,
            users: Vec::new(),
            starts: Vec::new(),
            first_event: vec![0],
            first_page: vec![0],
            flags: Codes::default(),
            visits: Default::default(),
            page_starts: Vec::new(),
            kinds: Vec::new(),
            at: Vec::new(),
            pages: Codes::default(),
            events: Default::default(),
            engaged: Vec::new(),
            scroll: Vec::new(),
            revenue: Revenue::default(),
            properties: Vec::new(),
        }
    }
}

/// Where the things of one visit stand.
#[inline]
pub(crate) fn range(firsts: &[u32], index: usize) -> Range<usize> {
    let first = firsts.get(index).copied().unwrap_or(0);
    first as usize..firsts.get(index + 1).copied().unwrap_or(first) as usize
}

impl Dataset {
    /// Which columns are there. A column that is not reads as if nothing had been said.
    pub fn loaded(&self) -> Columns {
        self.loaded
    }

    /// How many visits there are.
    pub fn visit_count(&self) -> usize {
        self.first_event.len().saturating_sub(1)
    }

    /// How many events there are, heartbeats included.
    pub fn event_count(&self) -> usize {
        self.kinds.len()
    }

    /// How many pages there are, over all visits.
    pub fn page_count(&self) -> usize {
        self.page_starts.len()
    }

    /// The visitor of each visit, ascending: see [`user_hash`](crate::user_hash).
    pub fn users(&self) -> &[u64] {
        &self.users
    }

    /// When each visit began: the time of its id, Unix milliseconds.
    pub fn starts(&self) -> &[u64] {
        &self.starts
    }

    /// The events of a visit.
    #[inline]
    pub fn events_of(&self, visit: usize) -> Range<usize> {
        range(&self.first_event, visit)
    }

    /// Where the pages of each visit begin; one more than there are visits.
    pub fn first_pages(&self) -> &[u32] {
        &self.first_page
    }

    /// The pages of a visit.
    pub fn pages_of(&self, visit: usize) -> Range<usize> {
        range(&self.first_page, visit)
    }

    /// What is said of each visit.
    #[inline]
    pub fn visit(&self, dim: VisitDim) -> &Texts {
        &self.visits[dim.index()]
    }

    /// When each page was opened (the time of its id), milliseconds from the start of its visit; of a page
    /// further off the nearest that 32 bits hold.
    pub fn page_starts(&self) -> &[i32] {
        &self.page_starts
    }

    /// What happened at each event.
    #[inline]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// When each event happened, milliseconds from the start of its visit; below 0 when it happened before
    /// the visit's id was made.
    pub fn at(&self) -> &[i32] {
        &self.at
    }

    /// The page each event belongs to, counted from the first page of its visit: the page of event `e` of
    /// visit `v` is `first_pages()[v] + page_ordinals().get(e)`.
    pub fn page_ordinals(&self) -> &Codes {
        &self.pages
    }

    /// What is said of each event.
    #[inline]
    pub fn event(&self, dim: EventDim) -> &Texts {
        &self.events[dim.index()]
    }

    /// Engaged time of the heartbeats, milliseconds: one for each event of [`Kind::Heartbeat`], in order;
    /// none at all if the column was not asked for.
    pub fn engaged_ms(&self) -> &[u32] {
        &self.engaged
    }

    /// Scroll depth of the heartbeats, per cent: one for each event of [`Kind::Heartbeat`], in order;
    /// none at all if the column was not asked for.
    pub fn scroll_percent(&self) -> &[u8] {
        &self.scroll
    }

    /// What conversions were worth.
    pub fn revenue(&self) -> &Revenue {
        &self.revenue
    }

    /// Properties, sorted by key.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The property of a key.
    pub fn property(&self, key: &str) -> Option<&Property> {
        let place = self.properties.binary_search_by(|property| (*property.key).cmp(key)).ok()?;
        self.properties.get(place)
    }

    /// The visits of a visitor, by number: see [`user_hash`](crate::row::user_hash).
    pub fn visits_of(&self, visitor: u64) -> Range<usize> {
        let first = self.users.partition_point(|other| *other < visitor);
        first..self.users.partition_point(|other| *other <= visitor)
    }

    /// When the first and the last event happened, Unix milliseconds; `None` if there is no event.
    pub fn time_span(&self) -> Option<(u64, u64)> {
        let spans = self.starts.iter().enumerate().filter_map(|(visit, start)| {
            // Events of a visit are in order of time.
            let at = self.at.get(self.events_of(visit))?;
            Some((
                start.saturating_add_signed((*at.first()?).into()),
                start.saturating_add_signed((*at.last()?).into()),
            ))
        });
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Drops all columns but these.
    pub fn keep(&mut self, columns: Columns) {
        self.loaded = self.loaded.and(columns);
        let loaded = self.loaded;
        for dim in VisitDim::ALL.into_iter().filter(|dim| !loaded.has(Column::Visit(*dim))) {
            self.visits[dim.index()] = Texts::empty(self.visit_count());
        }
        for dim in EventDim::ALL.into_iter().filter(|dim| !loaded.has(Column::Event(*dim))) {
            self.events[dim.index()] = Texts::empty(self.kinds.len());
        }
        if !loaded.has(Column::Engagement) {
            (self.engaged, self.scroll) = (Vec::new(), Vec::new());
        }
        if !loaded.has(Column::Revenue) {
            self.revenue = Revenue::default();
        }
        if !loaded.has(Column::Properties) {
            self.properties = Vec::new();
        }
        if !loaded.has(Column::Flags) {
            self.flags = Codes::Zero(self.visit_count());
        }
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let texts: usize = self.visits.iter().chain(&self.events).map(Texts::heap_bytes).sum();
        let properties: usize = self
            .properties
            .iter()
            .map(|property| {
                size_of::<Property>()
                    + property.key.len()
                    + property.events.len() * 4
                    + property.values.heap_bytes()
            })
            .sum();
        texts
            + properties
            + self.users.len() * 16
            + (self.first_event.len() + self.first_page.len() + self.page_starts.len() + self.at.len()) * 4
            + self.kinds.len()
            + self.flags.heap_bytes()
            + self.pages.heap_bytes()
            + self.engaged.len() * 5
            + self.revenue.events.len() * 12
            + self.revenue.currencies.heap_bytes()
    }
}
