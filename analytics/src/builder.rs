//! From rows in any order to a data set.

use std::cmp::Ordering;

use protocol::EventId;

use crate::amount::Amount;
use crate::codes::Codes;
use crate::columns::Columns;
use crate::dataset::{Dataset, FLAG_COOKIELESS, FLAG_CORRECTED, Property, Revenue};
use crate::intern::{Interner, Ranked};
use crate::row::{DAY_MS, EventDim, Kind, MAX_OFFSET_MS, MAX_TIME_MS, Row, VisitDim, user_hash};

/// More than a data set can count: 2³² rows or properties, or 4 GiB of texts of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too many events for one data set: build it in parts and merge them")
    }
}

impl std::error::Error for TooLarge {}

/// Takes rows in any order and any number of times. Rows of one id are one event; should they differ, the
/// least by content is kept, so that the order they come in never matters.
#[derive(Debug, Default)]
pub struct Builder {
    rows: Vec<Stored>,
    props: Vec<(u32, u32)>,
    /// Distinct combinations of what is said of a visit: far fewer than rows.
    visits: Tuples,
    visit_texts: [Interner; VisitDim::COUNT],
    event_texts: [Interner; EventDim::COUNT],
    currencies: Interner,
    keys: Interner,
    values: Interner,
}

type Visit = [u32; VisitDim::COUNT];

#[derive(Debug, Default)]
struct Tuples {
    list: Vec<Visit>,
    index: std::collections::HashMap<Visit, u32>,
}

#[derive(Debug)]
struct Stored {
    id: EventId,
    user: u64,
    start: u64,
    at: i32,
    page: i32,
    visit: u32,
    texts: [u32; EventDim::COUNT],
    kind: Kind,
    flags: u8,
    scroll: u8,
    prop_count: u16,
    first_prop: u32,
    engaged: u32,
    currency: u32,
    amount: Option<Amount>,
}

impl Builder {
    /// Takes a row.
    ///
    /// # Errors
    /// [`TooLarge`]: the row is not taken.
    pub fn push(&mut self, row: &Row<'_>) -> Result<(), TooLarge> {
        if self.rows.len() >= u32::MAX as usize - 1 || self.props.len() > u32::MAX as usize - row.props.len()
        {
            return Err(TooLarge);
        }
        let mut visit = [0; VisitDim::COUNT];
        for ((code, texts), text) in visit.iter_mut().zip(&mut self.visit_texts).zip(row.visit) {
            *code = texts.intern(text)?;
        }
        let amount = Amount::parse(row.amount);
        let odd = if amount.is_some() { String::new() } else { format!("{} {}", row.amount, row.currency) };
        let mut texts = [0; EventDim::COUNT];
        for (dim, (code, interner)) in
            EventDim::ALL.into_iter().zip(texts.iter_mut().zip(&mut self.event_texts))
        {
            let text = match dim {
                EventDim::OddAmount => odd.trim(),
                _ => row.texts[dim.index()],
            };
            *code = interner.intern(text)?;
        }
        let currency = if amount.is_some() { self.currencies.intern(row.currency)? } else { 0 };
        let first_prop = self.props.len();
        for (key, value) in row.props.iter().filter(|(key, _)| !key.is_empty()) {
            self.props.push((self.keys.intern(key)?, self.values.intern(value)?));
        }
        let at = row.at.min(MAX_TIME_MS);
        let start = row.session.unix_ms();
        let start = if at.abs_diff(start) > MAX_OFFSET_MS { at - at % DAY_MS } else { start };
        let is_beat = row.kind == Kind::Heartbeat;
        self.rows.push(Stored {
            id: row.id,
            user: user_hash(&row.user),
            start,
            at: offset(at, start),
            page: offset(row.page.unix_ms(), start),
            visit: self.visits.number(visit),
            texts,
            kind: row.kind,
            flags: (if row.cookieless { FLAG_COOKIELESS as u8 } else { 0 })
                | if row.corrected { FLAG_CORRECTED as u8 } else { 0 },
            scroll: if is_beat { row.scroll_percent } else { 0 },
            prop_count: u16::try_from(self.props.len() - first_prop).unwrap_or(u16::MAX),
            first_prop: first_prop as u32,
            engaged: if is_beat { u32::try_from(row.engaged_ms).unwrap_or(u32::MAX) } else { 0 },
            currency,
            amount,
        });
        Ok(())
    }

    /// How many rows were taken, repetitions included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row was taken.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The data set of the distinct events.
    pub fn finish(mut self) -> Dataset {
        let ranks = self.rank();
        self.props_in_order();
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id).then_with(|| self.compare(a, b)));
        rows.dedup_by_key(|row| row.id);
        rows.sort_unstable_by(|a, b| self.compare(a, b));
        ranks.dataset(&self, &rows)
    }

    /// Sorts all texts and makes every code the rank of its text.
    fn rank(&mut self) -> Ranks {
        let visit_ranks = std::mem::take(&mut self.visit_texts).map(Interner::rank);
        let event_ranks = std::mem::take(&mut self.event_texts).map(Interner::rank);
        let currencies = std::mem::take(&mut self.currencies).rank();
        let keys = std::mem::take(&mut self.keys).rank();
        let values = std::mem::take(&mut self.values).rank();
        for visit in &mut self.visits.list {
            for (code, ranks) in visit.iter_mut().zip(&visit_ranks) {
                *code = ranks.of(*code);
            }
        }
        for row in &mut self.rows {
            for (code, ranks) in row.texts.iter_mut().zip(&event_ranks) {
                *code = ranks.of(*code);
            }
            row.currency = currencies.of(row.currency);
        }
        for (key, value) in &mut self.props {
            (*key, *value) = (keys.of(*key), values.of(*value));
        }
        Ranks { visits: visit_ranks, events: event_ranks, currencies, keys, values }
    }

    /// Sorts each row's properties and drops keys given twice.
    fn props_in_order(&mut self) {
        for row in &mut self.rows {
            let first = row.first_prop as usize;
            let Some(props) = self.props.get_mut(first..first + usize::from(row.prop_count)) else {
                continue;
            };
            props.sort_unstable();
            let mut kept = 0;
            for index in 0..props.len() {
                if index == 0 || props[index].0 != props[kept - 1].0 {
                    props[kept] = props[index];
                    kept += 1;
                }
            }
            row.prop_count = kept as u16;
        }
    }

    fn props(&self, row: &Stored) -> &[(u32, u32)] {
        let first = row.first_prop as usize;
        self.props.get(first..first + usize::from(row.prop_count)).unwrap_or_default()
    }

    fn visit(&self, row: &Stored) -> &Visit {
        const NOTHING: &Visit = &[0; VisitDim::COUNT];
        self.visits.list.get(row.visit as usize).unwrap_or(NOTHING)
    }

    /// The order of events: that of visits, then of [`Dataset`], then by what is said of the visit.
    fn compare(&self, a: &Stored, b: &Stored) -> Ordering {
        let place = |row: &Stored| (row.user, row.start, row.at, row.kind, row.page);
        let rest = |row: &Stored| (row.engaged, row.scroll, row.amount, row.currency);
        place(a)
            .cmp(&place(b))
            .then_with(|| a.texts.cmp(&b.texts))
            .then_with(|| rest(a).cmp(&rest(b)))
            .then_with(|| self.props(a).cmp(self.props(b)))
            .then_with(|| self.visit(a).cmp(self.visit(b)))
            .then_with(|| a.flags.cmp(&b.flags))
    }
}

/// Milliseconds from the start of a visit. Events are never too far for it, but pages may be: see [`Dataset`].
fn offset(time: u64, start: u64) -> i32 {
    let distance = time.cast_signed() - start.cast_signed();
    distance.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

impl Tuples {
    fn number(&mut self, visit: Visit) -> u32 {
        // Never more than rows, which are fewer than 2³².
        *self.index.entry(visit).or_insert_with(|| {
            self.list.push(visit);
            (self.list.len() - 1) as u32
        })
    }
}

/// The texts of every column in order.
struct Ranks {
    visits: [Ranked; VisitDim::COUNT],
    events: [Ranked; EventDim::COUNT],
    currencies: Ranked,
    keys: Ranked,
    values: Ranked,
}

impl Ranks {
    /// Columns out of distinct rows in order.
    fn dataset(&self, builder: &Builder, rows: &[Stored]) -> Dataset {
        let mut data = Dataset { loaded: Columns::ALL, ..Dataset::default() };
        let mut chosen: Vec<Visit> = Vec::new();
        let (mut flags, mut pages) = (Vec::new(), Vec::with_capacity(rows.len()));
        let (mut most_pages, mut event) = (0, 0_u32);
        let mut currencies = Vec::new();
        let mut props: Vec<(u32, u32, u32)> = Vec::new();
        for visit in rows.chunk_by(|a, b| (a.user, a.start) == (b.user, b.start)) {
            let Some(first) = visit.first() else { continue };
            data.users.push(first.user);
            data.starts.push(first.start);
            let said_by = visit.iter().find(|row| row.kind == Kind::PageView).unwrap_or(first);
            let mut said = *builder.visit(said_by);
            let persons = visit.iter().map(|row| builder.visit(row)[VisitDim::Person.index()]);
            said[VisitDim::Person.index()] = persons.filter(|person| *person > 0).min().unwrap_or(0);
            chosen.push(said);
            flags.push(u32::from(visit.iter().fold(0, |flags, row| flags | row.flags)));
            let mut starts: Vec<i32> = visit.iter().map(|row| row.page).collect();
            starts.sort_unstable();
            starts.dedup();
            most_pages = most_pages.max(starts.len());
            for row in visit {
                data.kinds.push(row.kind);
                data.at.push(row.at);
                pages.push(starts.partition_point(|start| *start < row.page) as u32);
                if row.kind == Kind::Heartbeat {
                    data.engaged.push(row.engaged);
                    data.scroll.push(row.scroll);
                }
                if let Some(amount) = row.amount {
                    data.revenue.events.push(event);
                    data.revenue.amounts.push(amount);
                    currencies.push(row.currency);
                }
                props.extend(builder.props(row).iter().map(|(key, value)| (*key, event, *value)));
                event += 1;
            }
            data.page_starts.extend(starts);
            data.first_event.push(event);
            data.first_page.push(data.page_starts.len() as u32);
        }
        let bound = if flags.iter().any(|flags| *flags > 0) { 4 } else { 1 };
        data.flags = Codes::narrow(flags, bound);
        data.pages = Codes::narrow(pages, most_pages);
        for ((index, texts), ranked) in data.visits.iter_mut().enumerate().zip(&self.visits) {
            *texts = ranked.column(chosen.iter().map(|said| said[index]).collect());
        }
        for ((index, texts), ranked) in data.events.iter_mut().enumerate().zip(&self.events) {
            *texts = ranked.column(rows.iter().map(|row| row.texts[index]).collect());
        }
        data.revenue = Revenue { currencies: self.currencies.column(currencies), ..data.revenue };
        props.sort_unstable();
        data.properties = props.chunk_by(|a, b| a.0 == b.0).map(|props| self.property(props)).collect();
        data
    }

    fn property(&self, props: &[(u32, u32, u32)]) -> Property {
        Property {
            key: self.keys.text(props.first().map_or(0, |(key, ..)| *key)).into(),
            events: props.iter().map(|(_, event, _)| *event).collect(),
            values: self.values.column(props.iter().map(|(.., value)| *value).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{PageId, SessionId, UserId};

    use super::*;

    #[test]
    fn pages_too_far_from_the_visit_are_one() {
        const START: u64 = 1_763_866_800_000;
        let (user, session) = (UserId::new(1, &[1; 10]), SessionId::new(START, &[1; 10]));
        let mut builder = Builder::default();
        for (number, opened) in (0..).zip([-(1_i64 << 32), -(1 << 31), 0, (1 << 31) - 1, 1 << 31, 1 << 32]) {
            let page = PageId::new(START.saturating_add_signed(opened), &[1; 10]);
            let id = EventId::new(START, &[number; 10]);
            builder.push(&Row::new(id, START, user, session, page, Kind::Click)).unwrap();
        }
        let data = builder.finish();
        assert_eq!(data.event_count(), 6);
        assert_eq!(data.page_starts(), [i32::MIN, 0, i32::MAX]);
    }
}
