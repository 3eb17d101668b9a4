//! The half hour of a site, and what has changed in it. No I/O, no clock: times are Unix milliseconds.
//!
//! [`Hub::tell`] takes in what isolates and tables say, in any order and any number of times. [`Hub::flush`] closes
//! what came since the last time under a number; [`Hub::delta`] says what changed under that number in a view, as
//! long as it is remembered, and [`Hub::snapshot`] all there is.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use analytics::{Bucket, Builder, EventDim, Kind, Span, VisitDim, segment};
use protocol::SessionId;
use protocol::limits::MAX_FUTURE_MS;
use protocol::live::{
    Change, Delta, FeedEntry, FeedKind, Frame, MAX_CONVERSIONS, MAX_FEED, REACH_MS, Snapshot, Visit,
    VisitKey, Word,
};

use super::tally::{Fact, MINUTE_MS, Tally, minute_of};
use super::told::{Event, Told};
use super::view::{View, pooled};

/// Most visits that are kept: about 300 bytes each, so 15 MB of the isolate's 128 MB. Of more the longest unseen are
/// forgotten, and the number of those who are here is then too small.
pub const MAX_VISITS: usize = 50_000;

/// How many flushes are remembered for readers who have missed some: two minutes of the highest rate.
const MAX_LOG: usize = 480;

/// Most bytes of rows that are remembered with them.
const MAX_LOG_BYTES: usize = 8 << 20;

/// Most rows that a hub which has just been rebuilt gives to the readers who stayed.
const MAX_LOADED_ROWS: usize = 2_000;

/// A reader's clock may run ahead of ours by so much, and have forgotten a visit that we have not.
const CLOCK_MARGIN_MS: u64 = MINUTE_MS;

/// Texts that are kept once; when there are more, those that nobody holds any more are dropped.
const POOL_BOUND: usize = 20_000;

/// What was read from the tables.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Signs of life and events.
    pub told: Told,
    /// Every event from here on is among them.
    pub known_from: u64,
}

/// A visit before and after a flush.
type Turn = (Option<Rc<Visit>>, Option<Rc<Visit>>);

#[derive(Debug)]
struct Flush {
    seq: u64,
    time: u64,
    turns: Vec<Turn>,
    feed: Vec<Rc<FeedEntry>>,
    rows: Vec<u8>,
}

/// The memory of a hub.
#[derive(Debug, Default)]
pub struct Hub {
    epoch: u64,
    seq: u64,
    known_from: u64,
    visits: HashMap<SessionId, Rc<Visit>>,
    tally: Tally,
    feed: VecDeque<Rc<FeedEntry>>,
    conversions: VecDeque<Rc<FeedEntry>>,
    pool: HashSet<Word>,
    pool_bound: usize,
    /// Visits that changed since the last flush, as they were then.
    before: BTreeMap<SessionId, Option<Rc<Visit>>>,
    fresh: Vec<Rc<FeedEntry>>,
    rows: Builder,
    log: VecDeque<Flush>,
    log_bytes: usize,
    /// The rows it was made of, and since when they are whole.
    loaded_rows: Option<(u64, Vec<u8>)>,
}

impl Hub {
    /// A hub's memory, made of what the tables say. `epoch` tells it from all others.
    pub fn new(epoch: u64, loaded: Loaded, now: u64) -> Self {
        let mut hub =
            Self { epoch, known_from: loaded.known_from, pool_bound: POOL_BOUND, ..Self::default() };
        let mut newest: Vec<&Event> = loaded.told.events.iter().collect();
        newest.sort_unstable_by_key(|event| std::cmp::Reverse(event.at));
        let mut rows_from = loaded.known_from;
        if let Some(first_left_out) = newest.get(MAX_LOADED_ROWS) {
            rows_from = first_left_out.at + 1;
        }
        let mut rows = Builder::default();
        for event in newest.into_iter().take_while(|event| event.at >= rows_from) {
            // A data set of so few rows is never too large.
            let _ = rows.push(&event.row(&event.props()));
        }
        hub.loaded_rows = Some((rows_from, segment_of(rows, now)));
        let mut told = loaded.told;
        // The feed shows them in the order in which they happened.
        told.events.sort_by_key(|event| (event.at, event.id));
        hub.tell(told, now);
        hub.before.clear();
        hub.fresh.clear();
        hub.rows = Builder::default();
        hub
    }

    /// Which memory this is.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Number of the last flush.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes in what isolates or tables say.
    pub fn tell(&mut self, told: Told, now: u64) {
        for visit in told.visits {
            self.see(&visit, now);
        }
        for event in told.events {
            self.happen(&event, now);
        }
        if self.pool.len() > self.pool_bound {
            self.pool.retain(|word| Word::strong_count(word) > 1);
            self.pool_bound = POOL_BOUND.max(self.pool.len() * 2);
        }
    }

    fn see(&mut self, visit: &Visit, now: u64) {
        let VisitKey::Session(id) = visit.key else { return };
        let known = self.visits.get(&id);
        let is_news = known.is_none_or(|known| known.age() < visit.age());
        if !is_news || visit.last_seen + REACH_MS < now {
            return;
        }
        let mut word = |word: &Word| pooled(&mut self.pool, word);
        let visit = Rc::new(Visit {
            page: word(&visit.page),
            country: word(&visit.country),
            city: word(&visit.city),
            device: word(&visit.device),
            browser: word(&visit.browser),
            os: word(&visit.os),
            ..visit.clone()
        });
        let known = self.visits.insert(id, visit);
        self.before.entry(id).or_insert(known);
    }

    fn happen(&mut self, event: &Event, now: u64) {
        // Of older ones it is not known any more whether they have been counted.
        let is_recent = minute_of(event.at) + REACH_MS > minute_of(now) && event.at <= now + MAX_FUTURE_MS;
        if let Some(kind) = kind_of(event.kind).filter(|_| is_recent) {
            let entry = self.entry(event, kind);
            let fact = Fact {
                id: tail_of(event.id.as_bytes()),
                visit: tail_of(event.session.as_bytes()),
                kind,
                page: Word::clone(&entry.page),
                country: Word::clone(&entry.country),
                device: Word::clone(&entry.device),
            };
            if !self.tally.count(event.at, fact) {
                return;
            }
            let entry = Rc::new(entry);
            if kind == FeedKind::Conversion {
                push(&mut self.conversions, Rc::clone(&entry), MAX_CONVERSIONS);
            }
            push(&mut self.feed, Rc::clone(&entry), MAX_FEED);
            self.fresh.push(entry);
        } else if is_recent && !self.tally.notice(event.at, tail_of(event.id.as_bytes())) {
            return;
        }
        // Copies among the rows do no harm; 2^32 of them in a quarter of a second there are not.
        let _ = self.rows.push(&event.row(&event.props()));
    }

    fn entry(&mut self, event: &Event, kind: FeedKind) -> FeedEntry {
        let mut word = |word: &Word| pooled(&mut self.pool, word);
        let visit = |dim: VisitDim| &event.visit[dim.index()];
        let is_view = kind == FeedKind::PageView;
        let none = Word::from("");
        FeedEntry {
            at: event.at,
            kind,
            visit: VisitKey::Session(event.session),
            page: word(&event.page),
            country: word(visit(VisitDim::Country)),
            city: word(visit(VisitDim::City)),
            device: word(visit(VisitDim::Device)),
            source: word(if is_view { visit(VisitDim::Source) } else { &none }),
            name: word(&event.texts[EventDim::Name.index()]),
            amount: word(&event.amount),
            currency: word(&event.currency),
        }
    }

    /// Closes what came since the last time under the next number. `false`: nothing came.
    pub fn flush(&mut self, now: u64) -> bool {
        self.crowd_out();
        let before = std::mem::take(&mut self.before);
        let turns: Vec<Turn> =
            before.into_iter().map(|(id, before)| (before, self.visits.get(&id).cloned())).collect();
        let feed = std::mem::take(&mut self.fresh);
        self.advance(now);
        if turns.is_empty() && feed.is_empty() && self.rows.is_empty() {
            return false;
        }
        self.seq += 1;
        let rows = segment_of(std::mem::take(&mut self.rows), now);
        self.log_bytes += rows.len();
        self.log.push_back(Flush { seq: self.seq, time: now, turns, feed, rows });
        while self.log.len() > MAX_LOG || self.log_bytes > MAX_LOG_BYTES && self.log.len() > 1 {
            self.log_bytes -= self.log.pop_front().map_or(0, |flush| flush.rows.len());
        }
        true
    }

    /// Forgets what is older than half an hour.
    fn advance(&mut self, now: u64) {
        self.visits.retain(|_, visit| visit.last_seen + REACH_MS >= now);
        self.tally.advance(now);
        self.conversions.retain(|entry| entry.at + REACH_MS >= now);
    }

    fn crowd_out(&mut self) {
        if self.visits.len() <= MAX_VISITS {
            return;
        }
        let mut ages: Vec<_> = self.visits.iter().map(|(id, visit)| (visit.age(), *id)).collect();
        ages.sort_unstable();
        // Some more than needed, so that it is not done again at once.
        for (_, id) in ages.into_iter().take(self.visits.len() - MAX_VISITS + MAX_VISITS / 50) {
            let visit = self.visits.remove(&id);
            self.before.entry(id).or_insert(visit);
        }
    }

    /// Whether it is remembered what changed under a number and all that follow.
    pub fn remembers(&self, seq: u64) -> bool {
        self.log.front().is_some_and(|first| first.seq <= seq) && seq <= self.seq
    }

    /// What changed under a number in a view; `None` if nothing is to be seen of it there, or it is forgotten.
    pub fn delta(&self, seq: u64, view: &View<'_>) -> Option<Frame> {
        let first = self.log.front()?.seq;
        let flush = self.log.get(usize::try_from(seq.checked_sub(first)?).ok()?)?;
        let changes: Vec<Change> =
            flush.turns.iter().filter_map(|turn| change(turn, view, flush.time)).collect();
        let feed: Vec<FeedEntry> = flush.feed.iter().filter_map(|entry| view.entry(entry)).collect();
        let mut starts: Vec<u64> = feed.iter().map(|entry| minute_of(entry.at)).collect();
        starts.sort_unstable();
        starts.dedup();
        let minutes = starts.into_iter().filter_map(|start| self.tally.minute(start, view)).collect();
        let rows = if view.is_full() { flush.rows.clone() } else { Vec::new() };
        if changes.is_empty() && feed.is_empty() && rows.is_empty() {
            return None;
        }
        Some(Frame::Delta(Delta { seq, time: flush.time, changes, feed, minutes, rows }))
    }

    /// All there is in a view. Nothing may have come since the last flush, or it would come once more in the next
    /// delta. `with_rows`: for a reader who stayed while the hub was rebuilt.
    pub fn snapshot(&self, view: &View<'_>, now: u64, with_rows: bool) -> Frame {
        let shown = |entries: &VecDeque<Rc<FeedEntry>>| {
            entries.iter().filter_map(|entry| view.entry(entry)).collect()
        };
        let (rows_from, rows) = match &self.loaded_rows {
            // Nobody is shown rows, so nothing of them can be missing.
            _ if !view.is_full() => (0, Vec::new()),
            Some((from, rows)) if with_rows => (*from, rows.clone()),
            _ => (now, Vec::new()),
        };
        let visits = self.visits.values().filter(|visit| view.shows_visit(visit));
        Frame::Snapshot(Snapshot {
            seq: self.seq,
            time: now,
            known_from: self.tally.known_from(self.known_from, view),
            visits: visits.map(|visit| view.visit(visit)).collect(),
            minutes: self.tally.minutes(view),
            feed: shown(&self.feed),
            conversions: shown(&self.conversions),
            rows_from,
            rows,
        })
    }

    /// Forgets the rows it was made of: everybody who stayed has them.
    pub fn forget_loaded_rows(&mut self) {
        self.loaded_rows = None;
    }
}

/// The least that says what became of a visit in a view.
fn change((before, after): &Turn, view: &View<'_>, time: u64) -> Option<Change> {
    let before = before.as_deref().filter(|visit| view.shows_visit(visit));
    let after = after.as_deref().filter(|visit| view.shows_visit(visit));
    match (before, after) {
        (None, None) => None,
        (None, Some(after)) => Some(Change::Here(view.visit(after))),
        (Some(before), None) => Some(Change::Gone(view.key(before.key))),
        // A reader may have forgotten it already: it is told the whole.
        (Some(before), Some(after)) if before.last_seen + REACH_MS <= time + CLOCK_MARGIN_MS => {
            Some(Change::Here(view.visit(after)))
        }
        (Some(before), Some(after)) => {
            let Visit { key, last_seen, interval_s, .. } = *after;
            let key = view.key(key);
            let seen = Visit { last_seen, interval_s, left: false, ..before.clone() };
            Some(if seen == *after {
                Change::Seen { key, last_seen, interval_s }
            } else if (Visit { page: Word::clone(&after.page), ..seen }) == *after {
                Change::Moved { key, page: Word::clone(&after.page), last_seen, interval_s }
            } else if (Visit { last_seen, left: true, ..before.clone() }) == *after {
                Change::Left { key, last_seen }
            } else {
                Change::Here(view.visit(after))
            })
        }
    }
}

/// What the feed calls a kind; heartbeats are not in it.
fn kind_of(kind: Kind) -> Option<FeedKind> {
    match kind {
        Kind::PageView => Some(FeedKind::PageView),
        Kind::Click => Some(FeedKind::Click),
        Kind::Conversion => Some(FeedKind::Conversion),
        Kind::Custom => Some(FeedKind::Custom),
        Kind::Heartbeat => None,
    }
}

/// The last eight bytes of an id, which are random; with the minute they tell events apart.
fn tail_of(id: &[u8; 16]) -> u64 {
    let (_, tail) = id.split_at(8);
    tail.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte))
}

fn push(list: &mut VecDeque<Rc<FeedEntry>>, entry: Rc<FeedEntry>, most: usize) {
    list.push_back(entry);
    if list.len() > most {
        list.pop_front();
    }
}

/// Rows as a segment; empty for none.
fn segment_of(rows: Builder, now: u64) -> Vec<u8> {
    if rows.is_empty() {
        return Vec::new();
    }
    // The builder loads all columns, without which alone writing fails.
    segment::write(&rows.finish(), Bucket::of(Span::Day, now)).unwrap_or_default()
}
