//! What a reader knows, made of the frames it got.

use std::collections::{BTreeMap, VecDeque};

use super::types::{Change, ClientMessage, FeedEntry, FeedKind, Frame, Minute, Resume, Visit, VisitKey};
use super::{ACK_EVERY, MAX_CONVERSIONS, MAX_FEED, MINUTE_MS, REACH_MS, Word};

/// A batch is on its way for so long at most before its events are stored: a reader whose last frame is older than
/// the first of the rows it is given, and this, may have missed some.
const ARRIVAL_MS: u64 = 2 * MINUTE_MS;

/// What a frame did to the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Nothing: a greeting, or a delta that was known.
    Nothing,
    /// It changed.
    Changed {
        /// The new events as a segment, to be merged into what is shown; may be empty.
        rows: Vec<u8>,
    },
    /// It was replaced, and events may have been missed: what is shown has to be loaded again
    /// (`GET /api/segments`, `…/tail`).
    Reloaded,
}

/// The state of a reader. A snapshot makes it, deltas change it; whoever applies all deltas after a snapshot has
/// what a later snapshot would say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveState {
    epoch: u64,
    seq: u64,
    time: u64,
    is_ready: bool,
    unacknowledged: u64,
    known_from: u64,
    visits: BTreeMap<VisitKey, Visit>,
    minutes: BTreeMap<u64, Minute>,
    feed: VecDeque<FeedEntry>,
    conversions: VecDeque<FeedEntry>,
}

impl LiveState {
    /// Takes a frame in.
    pub fn apply(&mut self, frame: Frame) -> Applied {
        match frame {
            Frame::Hello(hello) => {
                self.unacknowledged = 0;
                // Deltas of another epoch are numbered anew; a snapshot comes before them.
                self.is_ready &= self.epoch == hello.epoch;
                self.epoch = hello.epoch;
                Applied::Nothing
            }
            Frame::Resync => {
                self.is_ready = false;
                Applied::Nothing
            }
            Frame::Ping { time, .. } => {
                self.advance(time);
                Applied::Nothing
            }
            Frame::Snapshot(snapshot) => {
                // The first state of all comes before anything is shown that it could lack.
                let had = self.time;
                let is_whole =
                    snapshot.rows_from.saturating_add(ARRIVAL_MS) <= had || snapshot.rows_from == 0;
                self.seq = snapshot.seq;
                self.known_from = snapshot.known_from;
                self.visits = snapshot.visits.into_iter().map(|visit| (visit.key, visit)).collect();
                self.minutes = snapshot.minutes.into_iter().map(|minute| (minute.start, minute)).collect();
                self.feed = snapshot.feed.into();
                self.conversions = snapshot.conversions.into();
                self.is_ready = true;
                self.unacknowledged += 1;
                self.time = 0;
                self.advance(snapshot.time);
                if is_whole { Applied::Changed { rows: snapshot.rows } } else { Applied::Reloaded }
            }
            Frame::Delta(delta) => {
                self.unacknowledged += 1;
                if !self.is_ready || delta.seq <= self.seq {
                    return Applied::Nothing;
                }
                self.seq = delta.seq;
                for change in delta.changes {
                    self.change(change);
                }
                for entry in delta.feed {
                    self.take(entry);
                }
                for minute in delta.minutes {
                    self.minutes.insert(minute.start, minute);
                }
                self.advance(delta.time);
                Applied::Changed { rows: delta.rows }
            }
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Here(visit) => {
                self.visits.insert(visit.key, visit);
            }
            Change::Moved { key, page, last_seen, interval_s } => {
                if let Some(visit) = self.visits.get_mut(&key) {
                    *visit = Visit { page, last_seen, interval_s, left: false, ..visit.clone() };
                }
            }
            Change::Seen { key, last_seen, interval_s } => {
                if let Some(visit) = self.visits.get_mut(&key) {
                    (visit.last_seen, visit.interval_s, visit.left) = (last_seen, interval_s, false);
                }
            }
            Change::Left { key, last_seen } => {
                if let Some(visit) = self.visits.get_mut(&key) {
                    (visit.last_seen, visit.left) = (last_seen, true);
                }
            }
            Change::Gone(key) => {
                self.visits.remove(&key);
            }
        }
    }

    fn take(&mut self, entry: FeedEntry) {
        if entry.kind == FeedKind::Conversion {
            push(&mut self.conversions, entry.clone(), MAX_CONVERSIONS);
        }
        push(&mut self.feed, entry, MAX_FEED);
    }

    /// Lets time pass: what is older than half an hour is forgotten. `time` is the hub's clock, Unix milliseconds.
    pub fn advance(&mut self, time: u64) {
        self.time = self.time.max(time);
        let from = self.time.saturating_sub(REACH_MS);
        self.visits.retain(|_, visit| visit.last_seen >= from);
        self.minutes = self.minutes.split_off(&first_minute(self.time));
        self.conversions.retain(|entry| entry.at >= from);
    }

    /// What to connect again with, once something is known.
    pub fn resume(&self) -> Option<Resume> {
        self.is_ready.then_some(Resume { epoch: self.epoch, seq: self.seq })
    }

    /// What to send to the hub now, if [`ACK_EVERY`] frames have come since the last.
    pub fn acknowledge(&mut self) -> Option<ClientMessage> {
        (self.unacknowledged >= ACK_EVERY).then(|| self.acknowledge_now())
    }

    /// What to send to the hub when a moment has passed since the last frame.
    pub fn acknowledge_now(&mut self) -> ClientMessage {
        self.unacknowledged = 0;
        ClientMessage::Ack(self.seq)
    }

    /// Whether there is anything to be shown.
    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// The hub's clock at the newest frame.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Nothing is known of what was before.
    pub fn known_from(&self) -> u64 {
        self.known_from
    }

    /// The visits of the last half hour, by key.
    pub fn visits(&self) -> impl ExactSizeIterator<Item = &Visit> {
        self.visits.values()
    }

    /// One visit.
    pub fn visit(&self, key: &VisitKey) -> Option<&Visit> {
        self.visits.get(key)
    }

    /// How many visitors are here at a time of the hub's clock.
    pub fn visitors_now(&self, at: u64) -> usize {
        self.visits.values().filter(|visit| visit.is_here(at)).count()
    }

    /// How many visits were seen in the last so many milliseconds, 30 minutes at most.
    pub fn visitors_within(&self, at: u64, milliseconds: u64) -> usize {
        self.visits.values().filter(|visit| visit.last_seen.saturating_add(milliseconds) >= at).count()
    }

    /// The pages on show and how many look at each, the most looked at first.
    pub fn pages(&self, at: u64) -> Vec<(Word, usize)> {
        let mut pages: BTreeMap<&Word, usize> = BTreeMap::new();
        for visit in self.visits.values().filter(|visit| visit.is_here(at)) {
            *pages.entry(&visit.page).or_default() += 1;
        }
        let mut pages: Vec<_> = pages.into_iter().map(|(page, count)| (Word::clone(page), count)).collect();
        pages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        pages
    }

    /// The thirty minutes up to a time of the hub's clock, the oldest first, those without events included. `None` for
    /// minutes of which nothing is known.
    pub fn minutes(&self, at: u64) -> Vec<(u64, Option<Minute>)> {
        let of = |start: u64| {
            let empty = (start >= self.known_from).then_some(Minute { start, ..Minute::default() });
            (start, self.minutes.get(&start).copied().or(empty))
        };
        (0..REACH_MS / MINUTE_MS).map(|n| of(first_minute(at) + n * MINUTE_MS)).collect()
    }

    /// The latest events, the oldest first.
    pub fn feed(&self) -> impl DoubleEndedIterator<Item = &FeedEntry> + ExactSizeIterator {
        self.feed.iter()
    }

    /// The conversions of the last half hour, the oldest first.
    pub fn conversions(&self) -> impl DoubleEndedIterator<Item = &FeedEntry> + ExactSizeIterator {
        self.conversions.iter()
    }
}

fn push(list: &mut VecDeque<FeedEntry>, entry: FeedEntry, most: usize) {
    list.push_back(entry);
    if list.len() > most {
        list.pop_front();
    }
}

/// The first of the thirty minutes up to a time.
pub(super) fn first_minute(time: u64) -> u64 {
    (time - time % MINUTE_MS).saturating_sub(REACH_MS - MINUTE_MS)
}
