//! What happened minute by minute, for everybody and for those who see a part of it.

use std::collections::{BTreeMap, HashSet};

use protocol::live::{FeedKind, Minute, REACH_MS, Word};

use super::view::View;

pub(super) const MINUTE_MS: u64 = 60_000;

/// Most events that are remembered one by one: about 60 bytes each, so some 20 MB of the isolate's 128 MB. Of what is
/// more the sums remain: the oldest minutes are then unknown to readers who see a part, and a copy that comes more
/// than that late would count again.
const MAX_FACTS: usize = 300_000;

/// Most ids of a minute: above it copies of what is only noticed are not, which does no harm.
const MAX_IDS: usize = 20_000;

/// An event, as far as it is counted.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) id: u64,
    pub(super) visit: u64,
    pub(super) kind: FeedKind,
    pub(super) page: Word,
    pub(super) country: Word,
    pub(super) device: Word,
}

#[derive(Debug, Default)]
struct OneMinute {
    ids: HashSet<u64>,
    facts: Vec<Fact>,
    visits: HashSet<u64>,
    sums: Minute,
}

impl OneMinute {
    fn count(sums: &mut Minute, kind: FeedKind) {
        sums.events += 1;
        sums.page_views += u32::from(kind == FeedKind::PageView);
        sums.conversions += u32::from(kind == FeedKind::Conversion);
    }
}

/// The minutes of the last half hour.
#[derive(Debug, Default)]
pub(super) struct Tally {
    minutes: BTreeMap<u64, OneMinute>,
    facts: usize,
    /// Minutes before this one are sums alone.
    whole_from: u64,
}

/// When the minute of a time begins.
pub(super) fn minute_of(at: u64) -> u64 {
    at - at % MINUTE_MS
}

impl Tally {
    /// Counts an event; `false` if it has been.
    pub(super) fn count(&mut self, at: u64, fact: Fact) -> bool {
        let start = minute_of(at);
        let minute = self.minutes.entry(start).or_default();
        if !minute.ids.insert(fact.id) {
            return false;
        }
        minute.sums.start = start;
        OneMinute::count(&mut minute.sums, fact.kind);
        minute.sums.visits += u32::from(minute.visits.insert(fact.visit));
        minute.facts.push(fact);
        self.facts += 1;
        while self.facts > MAX_FACTS && self.shorten() {}
        true
    }

    /// Notices an event that is not counted; `false` if it has been.
    pub(super) fn notice(&mut self, at: u64, id: u64) -> bool {
        let minute = self.minutes.entry(minute_of(at)).or_default();
        minute.ids.len() >= MAX_IDS || minute.ids.insert(id)
    }

    /// Forgets the single events of the oldest minute that has some.
    fn shorten(&mut self) -> bool {
        let Some((start, minute)) = self.minutes.iter_mut().find(|(_, minute)| !minute.facts.is_empty())
        else {
            return false;
        };
        self.facts -= minute.facts.len();
        self.whole_from = start + MINUTE_MS;
        (minute.facts, minute.ids, minute.visits) = Default::default();
        true
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, now: u64) {
        let kept = self.minutes.split_off(&minute_of(now).saturating_sub(REACH_MS - MINUTE_MS));
        let gone = std::mem::replace(&mut self.minutes, kept);
        self.facts -= gone.values().map(|minute| minute.facts.len()).sum::<usize>();
    }

    /// The minutes that have events in a view.
    pub(super) fn minutes(&self, view: &View<'_>) -> Vec<Minute> {
        let starts: Vec<u64> = self.minutes.keys().copied().collect();
        starts.into_iter().filter_map(|start| self.minute(start, view)).collect()
    }

    /// A minute as a view shows it, if it has events there.
    pub(super) fn minute(&self, start: u64, view: &View<'_>) -> Option<Minute> {
        let minute = self.minutes.get(&start)?;
        if view.filter().is_none() {
            return Some(minute.sums).filter(|sums| sums.events > 0);
        }
        let mut sums = Minute { start, ..Minute::default() };
        let mut visits = HashSet::new();
        for fact in minute.facts.iter().filter(|fact| view.shows(&fact.page, &fact.country, &fact.device)) {
            OneMinute::count(&mut sums, fact.kind);
            visits.insert(fact.visit);
        }
        sums.visits = u32::try_from(visits.len()).unwrap_or(u32::MAX);
        (sums.events > 0).then_some(sums)
    }

    /// Since when a view knows what happened, if everything is known since `from`.
    pub(super) fn known_from(&self, from: u64, view: &View<'_>) -> u64 {
        if view.filter().is_some() { from.max(self.whole_from) } else { from }
    }
}
