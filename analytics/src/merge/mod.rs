//! Several data sets to one, as if all their events had been in one from the start.

mod gather;
mod stitch;

use crate::codes::Codes;
use crate::columns::Columns;
use crate::dataset::Dataset;
use crate::dict::{Dict, Texts};
use crate::row::{EventDim, Kind, VisitDim};
use crate::sort::merge_runs;
use gather::{Union, gather, gather_sparse};
use stitch::Stitch;

/// Stands for "nowhere" in lists of places.
const NOWHERE: u32 = u32::MAX;

/// Merges data sets. Columns that one of them lacks are dropped.
///
/// Ids of events are not kept, so an event is known by its visit, its millisecond and all it says: two parts
/// that hold the same event are united, and of events of one part that are equal in all of this as many are
/// kept as the part with the most of them has. The result equals the data set built from all rows if of every
/// visit and millisecond some one part has all events: that holds for parts of disjoint times (buckets), for
/// a part beside an older state of itself, and for any mix of the two, whichever columns are loaded: such a
/// part decides on the order within its millisecond, which columns left out have a say in. Otherwise, of
/// several events of one visit that happened in the same millisecond and say the same, one may be taken for
/// another.
pub fn merge(parts: &[&Dataset]) -> Dataset {
    match parts {
        [] => return Dataset::default(),
        [part] => return (*part).clone(),
        _ => {}
    }
    let loaded = parts.iter().fold(Columns::ALL, |columns, part| columns.and(part.loaded));
    let union = |dict: &dyn Fn(&Dataset) -> &Dict| {
        let dicts: Vec<&Dict> = parts.iter().map(|part| dict(part)).collect();
        Union::of(&dicts)
    };
    let visits = VisitDim::ALL.map(|dim| union(&|part| &part.visit(dim).dict));
    let events = EventDim::ALL.map(|dim| union(&|part| &part.event(dim).dict));
    let maps = Maps {
        currencies: union(&|part| &part.revenue.currencies.dict),
        properties: gather::properties(parts),
        visits,
        events,
    };
    let mut plan = Plan::of(parts, &maps, loaded);
    let mut data = plan.data.take().unwrap_or_default();
    plan.fill_events(parts, &maps, &mut data);
    plan.fill_visits(parts, &maps, &mut data);
    data.keep(loaded);
    data
}

/// Codes of the parts to codes of the whole.
struct Maps {
    visits: [Union; VisitDim::COUNT],
    events: [Union; EventDim::COUNT],
    currencies: Union,
    /// Of each key: which property of each part it is, and its values.
    properties: Vec<(Box<str>, Vec<Option<usize>>, Union)>,
}

/// Where everything goes.
#[derive(Default)]
struct Plan {
    /// Of each part and visit: the visit of the whole.
    homes: Vec<Vec<u32>>,
    /// The same, [`NOWHERE`] where another part says what is said of the visit.
    speakers: Vec<Vec<u32>>,
    /// Of each part and event: the event of the whole, [`NOWHERE`] where another part has it.
    places: Vec<Vec<u32>>,
    /// Pages of events of visits that were stitched.
    ordinals: Vec<(u32, u32)>,
    is_stitched: bool,
    data: Option<Dataset>,
}

impl Plan {
    fn of(parts: &[&Dataset], maps: &Maps, loaded: Columns) -> Self {
        let places =
            |count: fn(&Dataset) -> usize| parts.iter().map(|part| vec![NOWHERE; count(part)]).collect();
        let mut plan = Self {
            homes: places(Dataset::visit_count),
            speakers: places(Dataset::visit_count),
            places: places(Dataset::event_count),
            ..Self::default()
        };
        let mut order: Vec<(u64, u64, u32, u32)> =
            Vec::with_capacity(parts.iter().map(|part| part.users.len()).sum());
        let mut runs = Vec::with_capacity(parts.len());
        for (number, part) in (0..).zip(parts) {
            runs.push(order.len());
            let visits = part.users.iter().zip(&part.starts);
            order.extend((0..).zip(visits).map(|(visit, (user, start))| (*user, *start, number, visit)));
        }
        let order = merge_runs(order, runs, |a, b| (a.0, a.1) <= (b.0, b.1));
        let mut data = Dataset::default();
        let mut stitch = Stitch::new(parts, maps, loaded);
        let mut event = 0;
        for (home, group) in (0..).zip(order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))) {
            let Some((user, start, number, visit)) = group.first().copied() else { continue };
            data.users.push(user);
            data.starts.push(start);
            if group.len() == 1 {
                plan.take_whole(parts, (number as usize, visit as usize), home, &mut event, &mut data);
            } else {
                let visits = group.iter().map(|(.., part, visit)| (*part as usize, *visit as usize));
                stitch.visit(&visits.collect::<Vec<_>>(), home, &mut event, &mut plan, &mut data);
            }
            data.first_event.push(event);
            data.first_page.push(data.page_starts.len() as u32);
        }
        plan.data = Some(data);
        plan
    }

    /// A visit that only one part has.
    fn take_whole(
        &mut self,
        parts: &[&Dataset],
        (number, visit): (usize, usize),
        home: u32,
        event: &mut u32,
        data: &mut Dataset,
    ) {
        let part = parts[number];
        self.homes[number][visit] = home;
        self.speakers[number][visit] = home;
        for place in self.places[number].get_mut(part.events_of(visit)).unwrap_or_default() {
            *place = *event;
            *event += 1;
        }
        data.page_starts.extend_from_slice(part.page_starts.get(part.pages_of(visit)).unwrap_or_default());
    }

    fn fill_events(&self, parts: &[&Dataset], maps: &Maps, data: &mut Dataset) {
        let count = data.first_event.last().map_or(0, |count| *count as usize);
        data.kinds = vec![Kind::PageView; count];
        data.at = vec![0; count];
        for (part, places) in parts.iter().zip(&self.places) {
            for ((place, kind), at) in places.iter().zip(&part.kinds).zip(&part.at) {
                if let (Some(kinds), Some(ats)) =
                    (data.kinds.get_mut(*place as usize), data.at.get_mut(*place as usize))
                {
                    (*kinds, *ats) = (*kind, *at);
                }
            }
        }
        let most_pages = data.first_page.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0) as usize;
        let mut pages = vec![0; count];
        for (part, places) in parts.iter().zip(&self.places) {
            gather::scatter(&part.pages, places, &gather::Map::Same, &mut pages);
        }
        for (place, ordinal) in &self.ordinals {
            pages[*place as usize] = *ordinal;
        }
        data.pages = Codes::narrow(pages, most_pages);
        for (dim, union) in EventDim::ALL.into_iter().zip(&maps.events) {
            let columns: Vec<&Codes> = parts.iter().map(|part| &part.event(dim).codes).collect();
            data.events[dim.index()] = gather(&columns, &self.places, union, count);
        }
        self.fill_engagement(parts, data);
        let revenue = parts.iter().map(|part| (&*part.revenue.events, &part.revenue.currencies.codes));
        let revenue: Vec<_> = revenue.collect();
        let (events, currencies, sources) = gather_sparse(&revenue, &self.places, &maps.currencies, count);
        data.revenue.amounts = sources
            .iter()
            .map(|(part, index)| parts[*part as usize].revenue.amounts[*index as usize])
            .collect();
        (data.revenue.events, data.revenue.currencies) = (events, currencies);
        let properties = maps.properties.iter().map(|(key, of_parts, union)| {
            let columns = parts.iter().zip(of_parts).map(|(part, index)| {
                let property = index.and_then(|index| part.properties.get(index));
                property.map_or((&[][..], &Codes::Zero(0)), |property| {
                    (&*property.events, &property.values.codes)
                })
            });
            let (events, values, _) = gather_sparse(&columns.collect::<Vec<_>>(), &self.places, union, count);
            crate::Property { key: key.clone(), events, values }
        });
        data.properties = properties.collect();
    }

    fn fill_engagement(&self, parts: &[&Dataset], data: &mut Dataset) {
        let mut beats = 0_u32;
        let numbers: Vec<u32> = data
            .kinds
            .iter()
            .map(|kind| {
                let number = beats;
                beats += u32::from(*kind == Kind::Heartbeat);
                number
            })
            .collect();
        data.engaged = vec![0; beats as usize];
        data.scroll = vec![0; beats as usize];
        for (part, places) in parts.iter().zip(&self.places) {
            let beats = places.iter().zip(&part.kinds).filter(|(_, kind)| **kind == Kind::Heartbeat);
            for ((place, _), (engaged, scroll)) in beats.zip(part.engaged.iter().zip(&part.scroll)) {
                if let Some(number) = numbers.get(*place as usize) {
                    data.engaged[*number as usize] = *engaged;
                    data.scroll[*number as usize] = *scroll;
                }
            }
        }
    }

    fn fill_visits(&self, parts: &[&Dataset], maps: &Maps, data: &mut Dataset) {
        let count = data.users.len();
        let mut flags = vec![0; count];
        for (part, homes) in parts.iter().zip(&self.homes) {
            for (home, more) in homes.iter().zip(part.flags.iter()) {
                flags[*home as usize] |= more;
            }
        }
        let bound = if flags.iter().any(|flags| *flags > 0) { 4 } else { 1 };
        data.flags = Codes::narrow(flags, bound);
        for (dim, union) in VisitDim::ALL.into_iter().zip(&maps.visits) {
            let columns: Vec<&Codes> = parts.iter().map(|part| &part.visit(dim).codes).collect();
            let texts = if dim == VisitDim::Person {
                self.persons(&columns, union, count)
            } else {
                gather(&columns, &self.speakers, union, count)
            };
            // What only those said who were not heard stands nowhere now.
            data.visits[dim.index()] = if self.is_stitched && !texts.dict.is_empty() {
                Texts::compact(texts.codes.iter().collect(), texts.dict.iter(), texts.dict.len())
            } else {
                texts
            };
        }
    }

    fn persons(&self, columns: &[&Codes], union: &Union, count: usize) -> Texts {
        let mut persons = vec![0; count];
        for ((codes, homes), map) in columns.iter().zip(&self.homes).zip(&union.maps) {
            for (home, code) in homes.iter().zip(codes.iter()).filter(|(_, code)| *code > 0) {
                let (person, other) = (&mut persons[*home as usize], map.of(code));
                *person = if *person == 0 { other } else { other.min(*person) };
            }
        }
        Texts { codes: Codes::narrow(persons, union.dict.len()), dict: union.dict.clone() }
    }
}

#[cfg(test)]
mod tests;
