//! Visits that several parts have a piece of.

use std::borrow::Cow;

use super::{Maps, Plan};
use crate::amount::Amount;
use crate::columns::{Column, Columns};
use crate::dataset::Dataset;
use crate::row::{EventDim, Kind, VisitDim};
use crate::sort::sorted;

/// All an event says, in codes of the whole. The order is that of events in a data set, if all columns are there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Content {
    at: i32,
    kind: Kind,
    page: i32,
    texts: [u32; EventDim::COUNT],
    engaged: u32,
    scroll: u8,
    amount: Option<Amount>,
    currency: u32,
    props: Vec<(u32, u32)>,
}

/// An event of a piece of a visit: its time, and the part, visit and event it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    at: i32,
    part: usize,
    visit: usize,
    event: usize,
}

/// Unites pieces of visits. Only columns that all parts have are looked at.
pub(super) struct Stitch<'a> {
    parts: &'a [&'a Dataset],
    maps: &'a Maps,
    loaded: Columns,
    /// Of each part and event: heartbeats before it. Made when first asked for.
    beats: Vec<Vec<u32>>,
}

impl<'a> Stitch<'a> {
    pub(super) fn new(parts: &'a [&'a Dataset], maps: &'a Maps, loaded: Columns) -> Self {
        Self { parts, maps, loaded, beats: vec![Vec::new(); parts.len()] }
    }

    /// Unites the pieces of a visit, one (part, visit) each.
    pub(super) fn visit(
        &mut self,
        pieces: &[(usize, usize)],
        home: u32,
        event: &mut u32,
        plan: &mut Plan,
        data: &mut Dataset,
    ) {
        plan.is_stitched = true;
        let (mut events, mut pages) = (Vec::new(), Vec::new());
        for (part, visit) in pieces.iter().copied() {
            let of_part = self.parts[part];
            plan.homes[part][visit] = home;
            let of_visit = of_part.events_of(visit);
            events.extend(of_visit.map(|event| Piece { at: of_part.at[event], part, visit, event }));
            pages.extend_from_slice(of_part.page_starts.get(of_part.pages_of(visit)).unwrap_or_default());
        }
        // Events of a part keep their order: columns that were left out may have a say in it.
        let events = sorted(&events, |a, b| a.at.cmp(&b.at));
        let mut pages = sorted(&pages, Ord::cmp);
        pages.dedup();
        // What is said of the visit is said by its first page view, or else by its first event.
        let (mut speaker, mut is_view) = (None, false);
        for same in events.chunk_by(|a, b| a.at == b.at) {
            let chosen = self.unite(same);
            // Page views are the first of their millisecond.
            let begins_with_view = chosen
                .first()
                .is_some_and(|first| self.parts[first.part].kinds[first.event] == Kind::PageView);
            if speaker.is_none() || begins_with_view && !is_view {
                speaker = self.speaker(same, &chosen);
                is_view = begins_with_view;
            }
            for piece in chosen.iter() {
                plan.places[piece.part][piece.event] = *event;
                let page = self.page_start(piece);
                plan.ordinals.push((*event, pages.partition_point(|start| *start < page) as u32));
                *event += 1;
            }
        }
        if let Some((part, visit)) = speaker {
            plan.speakers[part][visit] = home;
        }
        data.page_starts.extend(pages);
    }

    /// The distinct events of a millisecond: those of one part, in its order, if it has them all.
    fn unite<'s>(&mut self, same: &'s [Piece]) -> Cow<'s, [Piece]> {
        let of_parts = same.chunk_by(|a, b| a.part == b.part);
        let most = of_parts.reduce(|most, other| if other.len() > most.len() { other } else { most });
        let most = most.unwrap_or_default();
        if most.len() == same.len() {
            return Cow::Borrowed(most);
        }
        let contents: Vec<(Content, Piece)> =
            same.iter().map(|piece| (self.content(piece), *piece)).collect();
        let contents: Vec<&(Content, Piece)> = contents.iter().collect();
        let contents = sorted(&contents, Ord::cmp);
        let mut united = Vec::new();
        for same in contents.chunk_by(|a, b| a.0 == b.0) {
            // As many as the part with the most of them has; of several such parts the first.
            let of_parts = same.chunk_by(|a, b| a.1.part == b.1.part);
            let most = of_parts.reduce(|most, other| if other.len() > most.len() { other } else { most });
            united.extend(most.unwrap_or_default().iter().map(|(_, piece)| *piece));
        }
        if united.len() == most.len() { Cow::Borrowed(most) } else { Cow::Owned(united) }
    }

    /// Who says what the first of the events chosen of a millisecond says of the visit.
    fn speaker(&mut self, same: &[Piece], chosen: &[Piece]) -> Option<(usize, usize)> {
        let first = *chosen.first()?;
        let of_parts: Vec<&[Piece]> = same.chunk_by(|a, b| a.part == b.part).collect();
        // A part that has all of the millisecond knows who was first; of several all say the same. If there is
        // none, the least that is said beside such an event, so that the order of the parts does not matter.
        let is_whole = of_parts.iter().any(|events| events.len() == chosen.len());
        let first = (!is_whole).then(|| self.content(&first));
        let knows = |stitch: &mut Self, events: &[Piece]| match &first {
            None => events.len() == chosen.len(),
            Some(first) => events.iter().any(|piece| stitch.content(piece) == *first),
        };
        let knowing: Vec<&Piece> = of_parts
            .into_iter()
            .filter(|events| knows(self, events))
            .filter_map(|events| events.first())
            .collect();
        let first = match knowing.as_slice() {
            [one] => Some(*one),
            all => all.iter().copied().min_by_key(|piece| self.said(piece.part, piece.visit)),
        };
        first.map(|piece| (piece.part, piece.visit))
    }

    fn said(&self, part: usize, visit: usize) -> Vec<u32> {
        let dims = VisitDim::ALL.into_iter().filter(|dim| *dim != VisitDim::Person);
        let dims = dims.filter(|dim| self.loaded.has(Column::Visit(*dim)));
        let code = |dim: VisitDim| {
            self.maps.visits[dim.index()].maps[part].of(self.parts[part].visit(dim).codes.get(visit))
        };
        dims.map(code).collect()
    }

    /// When the page of an event was opened.
    fn page_start(&self, piece: &Piece) -> i32 {
        let part = self.parts[piece.part];
        part.page_starts[part.pages_of(piece.visit).start + part.pages.get(piece.event) as usize]
    }

    /// What an event says.
    fn content(&mut self, piece: &Piece) -> Content {
        let Piece { at, part: number, event, .. } = *piece;
        let part = self.parts[number];
        let kind = part.kinds[event];
        let has = |column| self.loaded.has(column);
        let (mut engaged, mut scroll) = (0, 0);
        if kind == Kind::Heartbeat && has(Column::Engagement) {
            if self.beats[number].is_empty() {
                self.beats[number] = beats_before(part);
            }
            let beat = self.beats[number][event] as usize;
            engaged = part.engaged.get(beat).copied().unwrap_or(0);
            scroll = part.scroll.get(beat).copied().unwrap_or(0);
        }
        let revenue = part.revenue.events.binary_search(&(event as u32)).ok();
        let revenue = revenue.filter(|_| has(Column::Revenue));
        let currency = revenue.map_or(0, |index| part.revenue.currencies.codes.get(index));
        let text = |dim: EventDim| {
            let code = part.event(dim).codes.get(event);
            if has(Column::Event(dim)) { self.maps.events[dim.index()].maps[number].of(code) } else { 0 }
        };
        Content {
            at,
            kind,
            page: self.page_start(piece),
            texts: EventDim::ALL.map(text),
            engaged,
            scroll,
            amount: revenue.and_then(|index| part.revenue.amounts.get(index).copied()),
            currency: self.maps.currencies.maps[number].of(currency),
            props: if has(Column::Properties) { self.props(number, event) } else { Vec::new() },
        }
    }

    fn props(&self, number: usize, event: usize) -> Vec<(u32, u32)> {
        let mut props = Vec::new();
        for (key, (_, of_parts, union)) in (0..).zip(&self.maps.properties) {
            let property = of_parts[number].and_then(|index| self.parts[number].properties.get(index));
            let value = property.and_then(|property| {
                let index = property.events.binary_search(&(event as u32)).ok()?;
                Some(union.maps[number].of(property.values.codes.get(index)))
            });
            props.extend(value.map(|value| (key, value)));
        }
        props
    }
}

fn beats_before(part: &Dataset) -> Vec<u32> {
    let before = |beats: &mut u32, kind: &Kind| {
        let before = *beats;
        *beats += u32::from(*kind == Kind::Heartbeat);
        Some(before)
    };
    part.kinds.iter().scan(0, before).collect()
}
