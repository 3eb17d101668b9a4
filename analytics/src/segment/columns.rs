//! Columns of texts of visits and events, each with the keys that foretell it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::SegmentError;
use super::bits::Input;
use super::texts::{Context, Keys, read_codes, read_dict, write_codes, write_dict};
use crate::codes::{Code, Codes};
use crate::columns::Column;
use crate::dataset::Dataset;
use crate::dict::Texts;
use crate::row::{EventDim, Kind, VisitDim};
use crate::with_codes;

/// Which rows a column has values for.
pub(super) enum Rows<'a> {
    /// All visits.
    Visits,
    /// Events of the kinds whose bits are set.
    Kinds(u8),
    /// The events named.
    Some(&'a [u32]),
}

impl Rows<'_> {
    /// A number for each row, given one for each visit or event.
    fn gather(&self, shared: &Shared, data: &Dataset, get: impl Fn(usize) -> u32) -> Vec<u32> {
        match self {
            Self::Visits => (0..data.visit_count()).map(get).collect(),
            Self::Kinds(mask) => {
                shared.events_of_kinds(&data.kinds, *mask).iter().map(|event| get(*event as usize)).collect()
            }
            Self::Some(events) => events.iter().map(|event| get(*event as usize)).collect(),
        }
    }

    fn gather_slice<T: Code>(&self, shared: &Shared, data: &Dataset, slice: &[T]) -> Vec<u32> {
        self.gather(shared, data, |row| slice.get(row).copied().map_or(0, Into::into))
    }

    fn len(&self, shared: &Shared, data: &Dataset) -> usize {
        match self {
            Self::Visits => data.visit_count(),
            Self::Kinds(mask) => shared.events_of_kinds(&data.kinds, *mask).len(),
            Self::Some(events) => events.len(),
        }
    }
}

/// What columns of one segment share: which visitor each visit and event is of, counted from 0, and which
/// events are of which kinds.
#[derive(Default)]
pub(super) struct Shared {
    of_visit: OnceCell<Vec<u32>>,
    of_event: OnceCell<Vec<u32>>,
    /// Events by the bits of their kinds.
    by_kinds: [OnceCell<Vec<u32>>; 1 << Kind::ALL.len()],
}

impl Shared {
    fn of_visit(&self, data: &Dataset) -> &[u32] {
        self.of_visit.get_or_init(|| {
            let (mut count, mut last) = (0, None);
            let of_visit = data.users.iter().map(|user| {
                count += u32::from(last.replace(user).is_some_and(|last| last != user));
                count
            });
            of_visit.collect()
        })
    }

    fn of_event(&self, data: &Dataset) -> &[u32] {
        self.of_event.get_or_init(|| {
            let mut of_event = Vec::with_capacity(data.event_count());
            for (visit, visitor) in self.of_visit(data).iter().enumerate() {
                of_event.extend(data.events_of(visit).map(|_| *visitor));
            }
            of_event
        })
    }

    /// Bytes that asking for the events of some kinds will take.
    pub(super) fn cost(&self, kinds: &[Kind], mask: u8) -> usize {
        let is_known = self.by_kinds.get(usize::from(mask)).is_none_or(|cell| cell.get().is_some());
        if is_known { 0 } else { kinds.len() * 4 }
    }

    /// The events of some kinds, in order.
    pub(super) fn events_of_kinds(&self, kinds: &[Kind], mask: u8) -> &[u32] {
        let Some(cell) = self.by_kinds.get(usize::from(mask)) else { return &[] };
        cell.get_or_init(|| {
            // One place too many, for the event after the last that is meant. Every event is written, and
            // stays if the place moves on: kinds are too irregular for a branch.
            let count = kinds.iter().filter(|kind| mask >> **kind as u8 & 1 == 1).count();
            let mut events = vec![0; count + 1];
            let mut place = 0;
            for (event, kind) in (0..).zip(kinds) {
                if let Some(slot) = events.get_mut(place) {
                    *slot = event;
                }
                place += usize::from(mask >> *kind as u8 & 1);
            }
            events.truncate(count);
            events
        })
    }

    fn keys<'a>(
        &'a self,
        data: &'a Dataset,
        context: Context,
        rows: &Rows<'_>,
    ) -> Result<Keys<'a>, SegmentError> {
        let visitors = context.visitor.then(|| match rows {
            Rows::Visits => Cow::Borrowed(self.of_visit(data)),
            _ => {
                let of_event = self.of_event(data);
                Cow::Owned(rows.gather(self, data, |event| of_event.get(event).copied().unwrap_or(0)))
            }
        });
        let Some(number) = context.column else { return Ok(Keys { visitors, ..Keys::default() }) };
        let (texts, is_visit) = match number {
            0..32 => (data.visits.get(usize::from(number)), true),
            40..48 => (data.events.get(usize::from(number) - 40), false),
            _ => (None, false),
        };
        // A column of nothing foretells nothing, and is not written.
        let texts = texts.filter(|texts| !texts.dict.is_empty()).ok_or(SegmentError::Value)?;
        if is_visit != matches!(rows, Rows::Visits) {
            return Err(SegmentError::Value);
        }
        let codes =
            with_codes!(&texts.codes, zero(_) => Vec::new(), slice => rows.gather_slice(self, data, slice));
        Ok(Keys { visitors, codes: Some(codes.into()), bound: texts.dict.len() })
    }
}

/// Contexts worth trying: by visitor, by each column given, by both.
pub(super) fn contexts(columns: &[Column]) -> Vec<Context> {
    let mut contexts = vec![Context::VISITOR];
    for column in columns {
        let column = Some(column.number());
        contexts.extend([false, true].map(|visitor| Context { visitor, column }));
    }
    contexts
}

/// Appends the dictionary and the codes of a column. Returns the columns it needs to be read, as bits.
pub(super) fn write_texts(
    data: &Dataset,
    shared: &Shared,
    texts: (&Texts, &Rows<'_>),
    codes: &[u32],
    contexts: &[Context],
    out: &mut Vec<u8>,
) -> u64 {
    let (texts, rows) = texts;
    write_dict(&texts.dict, out);
    if texts.dict.is_empty() {
        return 0;
    }
    let ways: Vec<_> = contexts
        .iter()
        .filter_map(|context| Some((*context, shared.keys(data, *context, rows).ok()?)))
        .collect();
    let chosen = write_codes(codes, &ways, out);
    chosen.column.map_or(0, |number| 1 << number)
}

/// Reads what [`write_texts`] wrote: one code for each row.
pub(super) fn read_texts(
    input: &mut Input<'_>,
    data: &Dataset,
    shared: &Shared,
    rows: &Rows<'_>,
) -> Result<Texts, SegmentError> {
    let dict = read_dict(input)?;
    let count = rows.len(shared, data);
    let bound = dict.len();
    if dict.is_empty() {
        return Ok(Texts { dict, codes: Codes::Zero(count) });
    }
    // Keys of events are gathered: a number for each event or each row.
    input.charge(data.event_count().min(count.saturating_mul(8)) + count, 12)?;
    let find = |context| shared.keys(data, context, rows);
    let codes = Codes::narrow(read_codes(input, count, bound, find)?, bound);
    Ok(Texts { dict, codes })
}

/// Appends a column of visits.
pub(super) fn write_visit(data: &Dataset, shared: &Shared, dim: VisitDim, out: &mut Vec<u8>) -> u64 {
    let texts = data.visit(dim);
    let codes: Vec<u32> = texts.codes.iter().collect();
    write_texts(data, shared, (texts, &Rows::Visits), &codes, &contexts(visit_contexts(dim)), out)
}

/// Appends a column of events: only of the kinds of which any event has a value.
pub(super) fn write_event(data: &Dataset, shared: &Shared, dim: EventDim, out: &mut Vec<u8>) -> u64 {
    let texts = data.event(dim);
    let said = data.kinds.iter().zip(texts.codes.iter()).filter(|(_, code)| *code > 0);
    let mask = said.fold(0, |mask, (kind, _)| mask | 1_u8 << *kind as u8);
    out.push(mask);
    let rows = Rows::Kinds(mask);
    let codes = rows.gather(shared, data, |event| texts.codes.get(event));
    write_texts(data, shared, (texts, &rows), &codes, &contexts(event_contexts(dim)), out)
}

/// Reads a column of events.
pub(super) fn read_event(
    input: &mut Input<'_>,
    data: &Dataset,
    shared: &Shared,
) -> Result<Texts, SegmentError> {
    let mask = input.byte()?;
    input.charge(shared.cost(&data.kinds, mask), 1)?;
    let Texts { dict, codes } = read_texts(input, data, shared, &Rows::Kinds(mask))?;
    input.charge(data.event_count(), 4)?;
    let codes = match codes {
        Codes::Zero(_) => Codes::Zero(data.event_count()),
        Codes::U8(codes) => Codes::U8(spread(&codes, mask, &data.kinds)),
        Codes::U16(codes) => Codes::U16(spread(&codes, mask, &data.kinds)),
        Codes::U32(codes) => Codes::U32(spread(&codes, mask, &data.kinds)),
    };
    Ok(Texts { dict, codes })
}

/// A code for each event, out of those of events of some kinds.
fn spread<T: Copy + Default>(codes: &[T], mask: u8, kinds: &[Kind]) -> Vec<T> {
    let mut next = 0;
    let spread = kinds.iter().map(|kind| {
        let is_meant = mask >> *kind as u8 & 1 == 1;
        // Loaded before it is known whether it is meant: kinds are too irregular for a branch.
        let code = codes.get(next).copied().unwrap_or_default();
        next += usize::from(is_meant);
        if is_meant { code } else { T::default() }
    });
    spread.collect()
}

/// The order visits' columns are written in: a column comes after those that foretell it.
pub(super) const VISIT_ORDER: [VisitDim; VisitDim::COUNT] = [
    VisitDim::City,
    VisitDim::Region,
    VisitDim::Country,
    VisitDim::Language,
    VisitDim::Screen,
    VisitDim::BrowserVersion,
    VisitDim::Browser,
    VisitDim::OsVersion,
    VisitDim::Os,
    VisitDim::Device,
    VisitDim::UtmCampaign,
    VisitDim::UtmSource,
    VisitDim::UtmMedium,
    VisitDim::UtmTerm,
    VisitDim::UtmContent,
    VisitDim::UtmId,
    VisitDim::ClickId,
    VisitDim::Referrer,
    VisitDim::Source,
    VisitDim::Channel,
    VisitDim::Person,
];

/// What may foretell a column of visits.
fn visit_contexts(dim: VisitDim) -> &'static [Column] {
    use VisitDim as V;
    match dim {
        V::Region => &[Column::Visit(V::City)],
        V::Country => &[Column::Visit(V::Region), Column::Visit(V::City)],
        V::Language => &[Column::Visit(V::Country)],
        V::Browser => &[Column::Visit(V::BrowserVersion), Column::Visit(V::Screen)],
        V::Os => &[Column::Visit(V::OsVersion), Column::Visit(V::Browser)],
        V::Device => &[Column::Visit(V::Os), Column::Visit(V::Screen)],
        V::UtmSource | V::UtmMedium | V::UtmTerm | V::UtmContent | V::UtmId => {
            &[Column::Visit(V::UtmCampaign)]
        }
        V::ClickId => &[Column::Visit(V::UtmSource), Column::Visit(V::UtmCampaign)],
        V::Source => &[Column::Visit(V::Referrer), Column::Visit(V::UtmSource)],
        V::Channel => &[Column::Visit(V::Source), Column::Visit(V::UtmMedium)],
        _ => &[],
    }
}

/// The order events' columns are written in.
pub(super) const EVENT_ORDER: [EventDim; EventDim::COUNT] =
    [EventDim::Path, EventDim::Host, EventDim::Query, EventDim::Title, EventDim::Name, EventDim::OddAmount];

/// What may foretell a column of events.
fn event_contexts(dim: EventDim) -> &'static [Column] {
    match dim {
        EventDim::Host | EventDim::Query | EventDim::Title => &[Column::Event(EventDim::Path)],
        _ => &[],
    }
}
