//! Visits that several parts have a piece of.

use super::{Maps, Plan};
use crate::amount::Amount;
use crate::dataset::Dataset;
use crate::row::{EventDim, Kind, VisitDim};

/// All an event says, in codes of the whole. The order is that of events in a data set.
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

pub(super) struct Stitch<'a> {
    parts: &'a [&'a Dataset],
    maps: &'a Maps,
    /// Of each part and visit: heartbeats before it. Made when first asked for.
    beats: Vec<Vec<u32>>,
}

impl<'a> Stitch<'a> {
    pub(super) fn new(parts: &'a [&'a Dataset], maps: &'a Maps) -> Self {
        Self { parts, maps, beats: vec![Vec::new(); parts.len()] }
    }

    /// Unites the pieces of a visit.
    pub(super) fn visit(
        &mut self,
        pieces: Vec<(usize, usize)>,
        home: u32,
        event: &mut u32,
        plan: &mut Plan,
        data: &mut Dataset,
    ) {
        plan.is_stitched = true;
        let mut contents = Vec::new();
        let mut best = None;
        for (part, visit) in pieces {
            plan.homes[part][visit] = home;
            let of_piece = self.contents(part, visit);
            // What is said of the visit is said by its first page view, or else by its first event.
            let view = of_piece.iter().find(|(content, ..)| content.kind == Kind::PageView);
            if let Some((content, ..)) = view.or(of_piece.first()) {
                let claim =
                    (content.kind != Kind::PageView, content.clone(), self.said(part, visit), part, visit);
                best = Some(best.map_or_else(|| claim.clone(), |best| claim.clone().min(best)));
            }
            contents.extend(of_piece);
        }
        if let Some((.., part, visit)) = best {
            plan.speakers[part][visit] = home;
        }
        contents.sort_unstable();
        let mut pages: Vec<i32> = contents.iter().map(|(content, ..)| content.page).collect();
        pages.sort_unstable();
        pages.dedup();
        for same in contents.chunk_by(|a, b| a.0 == b.0) {
            // As many as the part with the most of them has; of several such parts the first.
            let of_parts = same.chunk_by(|a, b| a.1 == b.1);
            let most = of_parts.reduce(|most, other| if other.len() > most.len() { other } else { most });
            for (content, part, old) in most.unwrap_or_default() {
                plan.places[*part][*old] = *event;
                plan.ordinals.push((*event, pages.partition_point(|start| *start < content.page) as u32));
                *event += 1;
            }
        }
        data.page_starts.extend(pages);
    }

    fn said(&self, part: usize, visit: usize) -> Vec<u32> {
        let dims = VisitDim::ALL.into_iter().filter(|dim| *dim != VisitDim::Person);
        let code = |dim: VisitDim| {
            self.maps.visits[dim.index()].maps[part].of(self.parts[part].visit(dim).codes.get(visit))
        };
        dims.map(code).collect()
    }

    /// Events of a piece: what they say, their part and their number in it.
    fn contents(&mut self, number: usize, visit: usize) -> Vec<(Content, usize, usize)> {
        let part = self.parts[number];
        if self.beats[number].is_empty() {
            self.beats[number] = beats_before(part);
        }
        let mut beat = self.beats[number].get(visit).map_or(0, |beat| *beat as usize);
        let first_page = part.pages_of(visit).start;
        let content = |event: usize| {
            let kind = part.kinds[event];
            let (engaged, scroll) = if kind == Kind::Heartbeat {
                beat += 1;
                (
                    part.engaged.get(beat - 1).copied().unwrap_or(0),
                    part.scroll.get(beat - 1).copied().unwrap_or(0),
                )
            } else {
                (0, 0)
            };
            let revenue = part.revenue.events.binary_search(&(event as u32)).ok();
            let currency = revenue.map_or(0, |index| part.revenue.currencies.codes.get(index));
            Content {
                at: part.at[event],
                kind,
                page: part.page_starts[first_page + part.pages.get(event) as usize],
                texts: EventDim::ALL.map(|dim| {
                    self.maps.events[dim.index()].maps[number].of(part.event(dim).codes.get(event))
                }),
                engaged,
                scroll,
                amount: revenue.and_then(|index| part.revenue.amounts.get(index).copied()),
                currency: self.maps.currencies.maps[number].of(currency),
                props: self.props(number, event),
            }
        };
        part.events_of(visit)
            .zip(part.events_of(visit).map(content))
            .map(|(event, content)| (content, number, event))
            .collect()
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
    let mut beats = 0;
    (0..part.visit_count())
        .map(|visit| {
            let before = beats;
            let kinds = part.kinds.get(part.events_of(visit)).unwrap_or_default();
            beats += kinds.iter().filter(|kind| **kind == Kind::Heartbeat).count() as u32;
            before
        })
        .collect()
}
