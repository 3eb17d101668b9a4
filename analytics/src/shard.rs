//! Ranges of visitors: what is too large for the memory is done one range after the other.

use std::ops::Range;

use crate::codes::{Code, Codes};
use crate::columns::Column;
use crate::dataset::{Dataset, Property, Revenue};
use crate::dict::Texts;
use crate::row::Kind;
use crate::with_codes;

/// The visitors whose hash ([`user_hash`](crate::user_hash)) begins with certain bits. Of 2ᵏ shards with k bits each
/// holds about as many visitors as the others, and all visits of each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard {
    bits: u32,
    number: u32,
}

impl Shard {
    /// All visitors.
    pub const ALL: Self = Self { bits: 0, number: 0 };

    /// The most bits that are told apart: 4,096 shards.
    pub const MAX_BITS: u32 = 12;

    /// All shards with so many bits, at most [`Self::MAX_BITS`], in the order of hashes.
    pub fn each(bits: u32) -> impl Iterator<Item = Self> {
        let bits = bits.min(Self::MAX_BITS);
        (0..1 << bits).map(move |number| Self { bits, number })
    }

    /// How many bits.
    pub fn bits(self) -> u32 {
        self.bits
    }

    /// The shard with so many bits a visitor is in.
    pub fn of(bits: u32, user: u64) -> Self {
        let bits = bits.min(Self::MAX_BITS);
        let number = if bits == 0 { 0 } else { (user >> (64 - bits)) as u32 };
        Self { bits, number }
    }

    /// Whether a visitor is in it.
    pub fn holds(self, user: u64) -> bool {
        Self::of(self.bits, user) == self
    }

    /// Whether some visitor could be in both: then one of them holds the other.
    pub fn overlaps(self, other: Self) -> bool {
        let bits = self.bits.min(other.bits);
        self.number >> (self.bits - bits) == other.number >> (other.bits - bits)
    }
}

impl Dataset {
    /// The visits of these visitors, as if there were no others.
    #[must_use]
    pub fn of_shard(&self, shard: Shard) -> Self {
        let users = |before: &dyn Fn(u64) -> bool| self.users.partition_point(|user| before(*user));
        let from = users(&|user| Shard::of(shard.bits, user) < shard);
        let to = users(&|user| Shard::of(shard.bits, user) <= shard);
        if to - from == self.users.len() {
            return self.clone();
        }
        self.of_visits(from..to)
    }

    pub(crate) fn of_visits(&self, visits: Range<usize>) -> Self {
        let edge = |firsts: &[u32], visit: usize| firsts.get(visit).copied().unwrap_or(0);
        let span = |firsts: &[u32]| edge(firsts, visits.start)..edge(firsts, visits.end);
        let (events, pages) = (span(&self.first_event), span(&self.first_page));
        let firsts = |firsts: &[u32], from: u32| {
            let own = firsts.get(visits.start..=visits.end).unwrap_or_default();
            own.iter().map(|first| first - from).collect::<Vec<u32>>()
        };
        let first_page = firsts(&self.first_page, pages.start);
        let most_pages = first_page.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0) as usize;
        let event_range = events.start as usize..events.end as usize;
        let part = |texts: &Texts, range: &Range<usize>| {
            Texts::compact(widened(&texts.codes, range), texts.dict.iter(), texts.dict.len())
        };
        let flags = widened(&self.flags, &visits);
        let bound = if flags.iter().any(|flags| *flags > 0) { 4 } else { 1 };
        let kinds = slice(&self.kinds, &event_range);
        let beats = |kinds: &[Kind]| kinds.iter().filter(|kind| **kind == Kind::Heartbeat).count();
        let before = beats(self.kinds.get(..event_range.start).unwrap_or_default());
        let beats = match self.loaded.has(Column::Engagement) {
            true => before..before + beats(&kinds),
            false => 0..0,
        };
        let sparse = |of: &[u32]| {
            let place = |event: u32| of.partition_point(|other| *other < event);
            let range = place(events.start)..place(events.end);
            let own = of.get(range.clone()).unwrap_or_default();
            (own.iter().map(|event| event - events.start).collect::<Vec<u32>>(), range)
        };
        let (revenue_events, revenue) = sparse(&self.revenue.events);
        let properties = self.properties.iter().filter_map(|property| {
            let (events, range) = sparse(&property.events);
            let values = || part(&property.values, &range);
            (!events.is_empty()).then(|| Property { key: property.key.clone(), values: values(), events })
        });
        Self {
            loaded: self.loaded,
            users: slice(&self.users, &visits),
            starts: slice(&self.starts, &visits),
            first_event: firsts(&self.first_event, events.start),
            first_page,
            flags: Codes::narrow(flags, bound),
            visits: self.visits.each_ref().map(|texts| part(texts, &visits)),
            page_starts: slice(&self.page_starts, &(pages.start as usize..pages.end as usize)),
            kinds,
            at: slice(&self.at, &event_range),
            pages: Codes::narrow(widened(&self.pages, &event_range), most_pages),
            events: self.events.each_ref().map(|texts| part(texts, &event_range)),
            engaged: slice(&self.engaged, &beats),
            scroll: slice(&self.scroll, &beats),
            properties: properties.collect(),
            revenue: Revenue {
                events: revenue_events,
                amounts: slice(&self.revenue.amounts, &revenue),
                currencies: part(&self.revenue.currencies, &revenue),
            },
        }
    }
}

fn slice<T: Clone>(all: &[T], range: &Range<usize>) -> Vec<T> {
    all.get(range.clone()).unwrap_or_default().to_vec()
}

fn widened(codes: &Codes, range: &Range<usize>) -> Vec<u32> {
    with_codes!(codes, zero(_) => vec![0; range.len()], slice => wide(slice.get(range.clone())))
}

fn wide(codes: Option<&[impl Code]>) -> Vec<u32> {
    codes.unwrap_or_default().iter().map(|code| (*code).into()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merge;
    use crate::sample::{build, history};

    #[test]
    fn shards_hold_every_visitor_once() {
        for user in [0, 1, 1 << 63, u64::MAX, 0x1234_5678_9abc_def0] {
            for bits in 0..=Shard::MAX_BITS {
                let holding: Vec<Shard> = Shard::each(bits).filter(|shard| shard.holds(user)).collect();
                assert_eq!(holding, [Shard::of(bits, user)]);
            }
        }
        let [half, quarter] = [Shard::of(1, u64::MAX), Shard::of(2, u64::MAX)];
        assert!(half.overlaps(quarter) && quarter.overlaps(half) && Shard::ALL.overlaps(half));
        assert!(!half.overlaps(Shard::of(2, 0)) && !quarter.overlaps(Shard::of(2, 1 << 63)));
    }

    proptest! {
        #[test]
        fn shards_are_what_their_visitors_did_and_make_the_whole(samples in history(), bits in 0..4_u32) {
            let whole = build(&samples);
            let parts: Vec<Dataset> = Shard::each(bits).map(|shard| whole.of_shard(shard)).collect();
            for (shard, part) in Shard::each(bits).zip(&parts) {
                let own = samples.iter().filter(|sample| shard.holds(sample.user_hash()));
                prop_assert_eq!(part, &build(own));
            }
            prop_assert_eq!(merge(&parts.iter().collect::<Vec<_>>()), whole);
        }

        #[test]
        fn columns_left_out_stay_out(samples in history(), columns: u64) {
            let mut some = build(&samples);
            some.keep((0..64).filter(|bit| columns >> bit & 1 == 1).filter_map(column).collect());
            for shard in Shard::each(1) {
                let mut part = build(&samples).of_shard(shard);
                part.keep(some.loaded());
                prop_assert_eq!(some.of_shard(shard), part);
            }
        }
    }

    fn column(bit: usize) -> Option<Column> {
        let visits = crate::VisitDim::ALL.map(Column::Visit).into_iter();
        let events = crate::EventDim::ALL.map(Column::Event);
        let others = [Column::Engagement, Column::Revenue, Column::Properties, Column::Flags];
        visits.chain(events).chain(others).nth(bit)
    }
}
