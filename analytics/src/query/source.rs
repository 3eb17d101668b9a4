//! Where the value of a dimension comes from: numbers (codes) for blocks of visits and events, and the texts the
//! numbers stand for.

use std::ops::Range;

use protocol::query::{Definitions, Dimension, Query, VisitField};

use super::definition::{Judged, judge};
use super::goals::Goals;
use super::index::{Index, at, moment};
use super::scan::Block;
use super::time::{Steps, hour_of_day, weekday};
use crate::codes::{Code, Codes};
use crate::dataset::{Dataset, Property};
use crate::dict::Dict;
use crate::row::{EventDim, Kind, VisitDim};
use crate::with_codes;

/// Stands where an action has no value.
pub(crate) const NONE: u32 = u32::MAX;

/// Visits that stand together, and their events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) visits: Range<usize>,
    pub(crate) events: Range<usize>,
}

/// The data a query runs over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) data: &'a Dataset,
    pub(crate) index: &'a Index,
}

impl Input<'_> {
    /// What a definition set says of a visit.
    #[inline]
    pub(crate) fn judge(self, definitions: Definitions, visit: usize) -> Judged {
        judge(definitions, self.index, visit)
    }
}

/// One dimension over one data set.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Visit(VisitDim),
    EntryPage,
    ExitPage,
    EntryHost,
    ExitHost,
    Page,
    Host,
    Title,
    /// Codes of unnamed events by kind.
    Name([u32; Kind::ALL.len()]),
    Property(Option<&'a Property>, u32),
    Goal(Goals),
    Time(Steps, protocol::query::Step),
    HourOfDay,
    Weekday,
}

/// The value of what is not there. It may stand in no dictionary.
pub(crate) const NO_PROPERTY: &str = "(none)";

pub(crate) fn hour_label(code: u32) -> String {
    format!("{code:02}")
}

pub(crate) fn weekday_label(code: u32) -> String {
    (code + 1).to_string()
}

pub(crate) fn kind_name(kind: Kind) -> &'static str {
    if kind == Kind::PageView { "pageview" } else { kind.name() }
}

impl<'a> Source<'a> {
    pub(crate) fn new(input: Input<'a>, dimension: &Dimension, query: &Query, edges: &[u64]) -> Self {
        let data = input.data;
        match dimension {
            Dimension::Visit(field) => Self::Visit(visit_dim(*field)),
            Dimension::EntryPage => Self::EntryPage,
            Dimension::ExitPage => Self::ExitPage,
            Dimension::EntryHost => Self::EntryHost,
            Dimension::ExitHost => Self::ExitHost,
            Dimension::Page => Self::Page,
            Dimension::Host => Self::Host,
            Dimension::Title => Self::Title,
            Dimension::EventName => {
                let dict = &data.event(EventDim::Name).dict;
                let code = |kind: Kind| dict.find(kind_name(kind)).unwrap_or(dict.len() as u32 + kind as u32);
                Self::Name(Kind::ALL.map(code))
            }
            Dimension::Property(key) => {
                let property = data.property(key);
                let missing = property.map_or(0, |property| {
                    property.values.dict.find(NO_PROPERTY).unwrap_or(property.values.dict.len() as u32)
                });
                Self::Property(property, missing)
            }
            Dimension::Goal => Self::Goal(Goals::new(data, &query.goals)),
            Dimension::Time(step) => Self::Time(Steps::new(edges), *step),
            Dimension::HourOfDay => Self::HourOfDay,
            Dimension::Weekday => Self::Weekday,
        }
    }

    /// The dictionary most codes stand in.
    pub(crate) fn dict(&self, data: &'a Dataset) -> Option<&'a Dict> {
        match self {
            Self::Visit(dim) => Some(&data.visit(*dim).dict),
            Self::EntryPage | Self::ExitPage | Self::Page => Some(&data.event(EventDim::Path).dict),
            Self::EntryHost | Self::ExitHost | Self::Host => Some(&data.event(EventDim::Host).dict),
            Self::Title => Some(&data.event(EventDim::Title).dict),
            Self::Name(_) => Some(&data.event(EventDim::Name).dict),
            Self::Property(property, _) => property.map(|property| &property.values.dict),
            Self::Goal(_) | Self::Time(..) | Self::HourOfDay | Self::Weekday => None,
        }
    }

    /// Codes are below this.
    pub(crate) fn domain(&self, data: &Dataset) -> usize {
        let texts = self.dict(data).map_or(0, Dict::len);
        match self {
            Self::Name(_) => texts + Kind::ALL.len(),
            Self::Property(..) => texts + 1,
            Self::Goal(goals) => goals.len(data),
            Self::Time(steps, _) => steps.len(),
            Self::HourOfDay => 24,
            Self::Weekday => 7,
            _ => texts,
        }
    }

    /// What a code stands for.
    pub(crate) fn label(&self, data: &Dataset, query: &Query, code: u32) -> String {
        match self {
            Self::Time(steps, step) => query.zone.label(*step, steps.edge(code)),
            Self::HourOfDay => hour_label(code),
            Self::Weekday => weekday_label(code),
            _ => self.text(data, code).to_owned(),
        }
    }

    /// The text of a code of a dimension other than time.
    pub(crate) fn text<'t>(&'t self, data: &'t Dataset, code: u32) -> &'t str {
        let beyond = |dict: &Dict| (code as usize).checked_sub(dict.len());
        match self {
            Self::Visit(dim) => data.visit(*dim).dict.get(code),
            Self::EntryPage | Self::ExitPage | Self::Page => data.event(EventDim::Path).dict.get(code),
            Self::EntryHost | Self::ExitHost | Self::Host => data.event(EventDim::Host).dict.get(code),
            Self::Title => data.event(EventDim::Title).dict.get(code),
            Self::Name(_) => {
                let dict = &data.event(EventDim::Name).dict;
                match beyond(dict) {
                    Some(kind) => Kind::ALL.get(kind).map_or("", |kind| kind_name(*kind)),
                    None => dict.get(code),
                }
            }
            Self::Property(None, _) => NO_PROPERTY,
            Self::Property(Some(property), _) => match beyond(&property.values.dict) {
                Some(_) => NO_PROPERTY,
                None => property.values.dict.get(code),
            },
            Self::Goal(goals) => goals.name(data, code),
            Self::Time(..) | Self::HourOfDay | Self::Weekday => "",
        }
    }

    /// The order of two codes: that of their texts, or of time.
    pub(crate) fn compare(&self, data: &Dataset, a: u32, b: u32) -> std::cmp::Ordering {
        match self {
            Self::Time(..) | Self::HourOfDay | Self::Weekday => a.cmp(&b),
            _ => self.text(data, a).cmp(self.text(data, b)),
        }
    }

    /// Whether it is said of a visit as a whole.
    pub(crate) fn is_of_visit(&self) -> bool {
        matches!(self, Self::Visit(_) | Self::EntryPage | Self::ExitPage | Self::EntryHost | Self::ExitHost)
    }

    /// The code of a visit; meaningless for what is said of events.
    #[inline]
    pub(crate) fn of_visit(&self, input: Input<'_>, visit: usize) -> u32 {
        let Input { data, index } = input;
        match self {
            Self::Visit(dim) => match index.bundled(*dim) {
                None => data.visit(*dim).codes.get(visit),
                Some((bundle, values)) => at(values, bundle.combinations.get(visit) as usize),
            },
            Self::EntryPage => index.entry.get(visit),
            Self::ExitPage => first_view(data, EventDim::Path, data.events_of(visit).rev()),
            Self::EntryHost => first_view(data, EventDim::Host, data.events_of(visit)),
            Self::ExitHost => first_view(data, EventDim::Host, data.events_of(visit).rev()),
            _ => NONE,
        }
    }

    /// Codes of visits that stand together, one after the other.
    pub(crate) fn visits(&self, input: Input<'_>, visits: Range<usize>, out: &mut [u32]) {
        match self {
            Self::Visit(dim) => match input.index.bundled(*dim) {
                None => copy(&input.data.visit(*dim).codes, visits, out),
                Some((bundle, values)) => {
                    copy(&bundle.combinations, visits, out);
                    look_up(values, out);
                }
            },
            Self::EntryPage => copy(&input.index.entry, visits, out),
            _ => {
                for (visit, place) in visits.zip(out) {
                    *place = self.of_visit(input, visit);
                }
            }
        }
    }

    /// Codes of the rows of a block.
    pub(crate) fn rows(&self, input: Input<'_>, block: &Block, out: &mut Vec<u32>) {
        match self {
            Self::Visit(dim) => match input.index.bundled(*dim) {
                None => block.gather(&input.data.visit(*dim).codes, out),
                Some((bundle, values)) => {
                    block.gather(&bundle.combinations, out);
                    look_up(values, out);
                }
            },
            Self::EntryPage => block.gather(&input.index.entry, out),
            _ => {
                out.clear();
                out.extend((0..block.sums.len()).map(|row| self.of_visit(input, block.visit(row))));
            }
        }
    }

    /// Codes of the events of a run; those of heartbeats mean nothing. Of goals, only without goals given: see
    /// [`Goals`].
    pub(crate) fn events(&self, input: Input<'_>, run: &Run, query: &Query, out: &mut [u32]) {
        let data = input.data;
        match self {
            Self::Page => page_texts(input, EventDim::Path, &input.index.page_path, run, out),
            Self::Host => page_texts(input, EventDim::Host, &input.index.page_host, run, out),
            Self::Title => {
                copy(&data.event(EventDim::Title).codes, run.events.clone(), out);
                for (place, kind) in out.iter_mut().zip(kinds(data, run)) {
                    if *place == 0 && *kind != Kind::PageView {
                        *place = NONE;
                    }
                }
            }
            Self::Name(by_kind) => {
                copy(&data.event(EventDim::Name).codes, run.events.clone(), out);
                for (place, kind) in out.iter_mut().zip(kinds(data, run)) {
                    if *place == 0 || *kind == Kind::PageView {
                        *place = by_kind[*kind as usize];
                    }
                }
            }
            Self::Property(property, missing) => {
                out.fill(*missing);
                let Some(property) = property else { return };
                let first = property.events.partition_point(|event| (*event as usize) < run.events.start);
                let events = property.events.get(first..).unwrap_or_default();
                for (entry, event) in (first..).zip(events) {
                    let Some(place) = out.get_mut(*event as usize - run.events.start) else { break };
                    *place = property.values.codes.get(entry);
                }
            }
            Self::Goal(goals) => goals.codes(data, run, out),
            Self::Time(steps, _) => {
                // Events of a visit are in order, and most lie in the step of the one before.
                let mut last = 0..0;
                let mut step = NONE;
                for_times(input, run, out, |at| {
                    if !last.contains(&at) {
                        step = steps.find(at).unwrap_or(NONE);
                        last = if step == NONE { 0..0 } else { steps.edge(step)..steps.edge(step + 1) };
                    }
                    step
                });
            }
            Self::HourOfDay => for_times(input, run, out, |at| hour_of_day(&query.zone, at)),
            Self::Weekday => for_times(input, run, out, |at| weekday(&query.zone, at)),
            _ => {
                for visit in run.visits.clone() {
                    let code = self.of_visit(input, visit);
                    let events = data.events_of(visit);
                    let places = events.start - run.events.start..events.end - run.events.start;
                    out.get_mut(places).unwrap_or_default().fill(code);
                }
            }
        }
    }

    /// Codes of the path or the host of each event of a run: the same as [`Self::events`], without a query.
    pub(crate) fn page_codes(&self, input: Input<'_>, run: &Run, out: &mut [u32]) {
        match self {
            Self::Host => page_texts(input, EventDim::Host, &input.index.page_host, run, out),
            _ => page_texts(input, EventDim::Path, &input.index.page_path, run, out),
        }
    }

    /// The code of a dimension of time at a moment.
    pub(crate) fn at_moment(&self, query: &Query, moment: u64) -> u32 {
        match self {
            Self::Time(steps, _) => steps.find(moment).unwrap_or(NONE),
            Self::HourOfDay => hour_of_day(&query.zone, moment),
            Self::Weekday => weekday(&query.zone, moment),
            _ => NONE,
        }
    }
}

pub(crate) fn visit_dim(field: VisitField) -> VisitDim {
    match field {
        VisitField::Source => VisitDim::Source,
        VisitField::Channel => VisitDim::Channel,
        VisitField::Referrer => VisitDim::Referrer,
        VisitField::UtmSource => VisitDim::UtmSource,
        VisitField::UtmMedium => VisitDim::UtmMedium,
        VisitField::UtmCampaign => VisitDim::UtmCampaign,
        VisitField::UtmTerm => VisitDim::UtmTerm,
        VisitField::UtmContent => VisitDim::UtmContent,
        VisitField::ClickId => VisitDim::ClickId,
        VisitField::Country => VisitDim::Country,
        VisitField::Region => VisitDim::Region,
        VisitField::City => VisitDim::City,
        VisitField::Device => VisitDim::Device,
        VisitField::Browser => VisitDim::Browser,
        VisitField::BrowserVersion => VisitDim::BrowserVersion,
        VisitField::Os => VisitDim::Os,
        VisitField::OsVersion => VisitDim::OsVersion,
        VisitField::Screen => VisitDim::Screen,
        VisitField::Language => VisitDim::Language,
        VisitField::Person => VisitDim::Person,
    }
}

/// What a run's events are, one by one.
pub(crate) fn kinds<'a>(data: &'a Dataset, run: &Run) -> &'a [Kind] {
    data.kinds().get(run.events.clone()).unwrap_or_default()
}

/// Codes of a column for combinations.
fn look_up(values: &[u32], out: &mut [u32]) {
    for place in out {
        *place = at(values, *place as usize);
    }
}

/// A part of a column, widened.
pub(crate) fn copy(codes: &Codes, range: Range<usize>, out: &mut [u32]) {
    with_codes!(codes, zero(_) => out.fill(0), slice => {
        fill(out, slice.get(range).unwrap_or_default());
    });
}

/// The same, in as much room as it takes.
pub(crate) fn copy_all(codes: &Codes, range: Range<usize>, out: &mut Vec<u32>) {
    out.resize(range.len(), 0);
    copy(codes, range, out);
}

fn fill(out: &mut [u32], codes: &[impl Code]) {
    for (place, code) in out.iter_mut().zip(codes) {
        *place = (*code).into();
    }
}

/// What the first page view of some events says.
#[inline]
fn first_view(data: &Dataset, dim: EventDim, mut events: impl Iterator<Item = usize>) -> u32 {
    let is_view = |event: &usize| data.kinds().get(*event) == Some(&Kind::PageView);
    events.find(is_view).map_or(0, |event| data.event(dim).codes.get(event))
}

fn for_times(input: Input<'_>, run: &Run, out: &mut [u32], mut code: impl FnMut(u64) -> u32) {
    let Input { data, index } = input;
    for visit in run.visits.clone() {
        let start = index.start(visit);
        for event in data.events_of(visit) {
            if let Some(place) = out.get_mut(event - run.events.start) {
                *place = code(moment(start, at(data.at(), event)));
            }
        }
    }
}

/// Texts of the events themselves, and of their pages where they say nothing.
fn page_texts(input: Input<'_>, dim: EventDim, pages: &Codes, run: &Run, out: &mut [u32]) {
    let data = input.data;
    copy(&data.event(dim).codes, run.events.clone(), out);
    let is_silent = |code: u32, kind: Kind| code == 0 && kind != Kind::PageView && kind != Kind::Heartbeat;
    // Most actions name their page themselves: one look at all of them is cheaper than one at each visit.
    if input.index.is_condensed()
        || !out.iter().zip(kinds(data, run)).any(|(code, kind)| is_silent(*code, *kind))
    {
        return;
    }
    for visit in run.visits.clone() {
        let first_page = at(data.first_pages(), visit) as usize;
        for event in data.events_of(visit) {
            let kind = data.kinds().get(event).copied().unwrap_or(Kind::Heartbeat);
            if let Some(place) = out.get_mut(event - run.events.start)
                && is_silent(*place, kind)
            {
                *place = pages.get(first_page + data.page_ordinals().get(event) as usize);
            }
        }
    }
}
