//! Who is visiting: the person's id, kept for good, and the visit's id, which ends by rule.
//!
//! Both are kept as the text that stands before each event: user, session and the site's own id for the
//! person, each followed by a tab. With the time of the last activity behind it, it is what is kept in the
//! visitor's browser.

use protocol::{ids, limits};

use super::buffer::number as digits;
use super::text::{number, take};
use super::{Buffer, Commands, Dice, Moment};

/// Activity is written down at most this often: storage is shared with the page and its other tabs.
const WRITE_EVERY_MS: u64 = 5 * 1_000;

/// Where the session begins, and where the person does.
const SESSION: usize = ids::ID_BYTES + 1;
const PERSON: usize = 2 * SESSION;

/// The visitor as this page knows them.
#[derive(Debug)]
pub(super) struct Visitor {
    /// When the visit was last active.
    pub(super) active: u64,
    started: u64,
    written: u64,
    head: Buffer,
}

/// What is kept in the visitor's browser.
#[derive(Clone, Copy)]
struct Stored<'a> {
    head: &'a [u8],
    active: u64,
    started: u64,
}

impl<'a> Stored<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let mut rest = text;
        ids::time_of(take(&mut rest, b'\t'))?;
        let started = ids::time_of(take(&mut rest, b'\t'))?;
        take(&mut rest, b'\t');
        let head = text.get(..text.len() - rest.len())?;
        Some(Self { head, active: number(rest), started })
    }
}

/// Whether a visit goes on. Differences are absolute, so that a clock set back by hours ends a visit
/// instead of stretching it.
fn is_alive(active: u64, started: u64, now: u64) -> bool {
    now.abs_diff(active) <= limits::SESSION_IDLE_MS && now.abs_diff(started) <= limits::SESSION_MAX_MS
}

impl Visitor {
    /// Nobody yet.
    pub(super) const fn new() -> Self {
        Self { active: 0, started: 0, written: 0, head: Buffer::new() }
    }

    /// Becomes somebody new.
    pub(super) fn reset(&mut self, now: u64, dice: &mut Dice) {
        self.head.set(&dice.id(now));
        self.head.push(b'\t');
        self.head.put(&dice.id(now));
        self.head.push(b'\t');
        self.identify(&[]);
        (self.active, self.started, self.written) = (now, now, 0);
    }

    /// Notes who the site says this is.
    pub(super) fn identify(&mut self, person: &[u8]) {
        self.head.cut(PERSON);
        self.head.put(person);
        self.head.push(b'\t');
    }

    /// What stands before each event of this visit.
    pub(super) fn head(&self) -> &[u8] {
        self.head.text()
    }

    /// Whether the visit goes on, as far as this page and its other tabs know.
    pub(super) fn is_alive(&mut self, moment: &Moment<'_>) -> bool {
        self.sync(moment);
        is_alive(self.active, self.started, moment.now)
    }

    /// Notes activity. Returns whether the visit is another one now: the old one is over and no other tab
    /// has kept it alive. A visit another tab has begun meanwhile is joined.
    pub(super) fn be_active(&mut self, moment: &Moment<'_>, dice: &mut Dice, out: &mut Buffer) -> bool {
        let before = self.started;
        if !self.is_alive(moment) {
            self.start(moment.now, dice);
        }
        self.active = moment.now;
        let changed = before != self.started;
        if changed || moment.now.abs_diff(self.written) >= WRITE_EVERY_MS {
            self.save(moment.now, out);
        }
        changed
    }

    /// Takes over what other tabs have written: another user after a reset, a visit that goes on, a later
    /// activity, another person.
    fn sync(&mut self, moment: &Moment<'_>) {
        let Some(stored) = Stored::parse(moment.identity) else { return };
        let (theirs, mine) = (stored.head, self.head.text());
        if theirs.get(..PERSON) == mine.get(..PERSON) {
            // An activity in the future is none: the clock was set back since.
            let active = if stored.active <= moment.now { stored.active } else { 0 };
            self.adopt(Stored { active: active.max(self.active), ..stored });
        } else if theirs.get(..SESSION) != mine.get(..SESSION)
            || (is_alive(stored.active, stored.started, moment.now)
                && !is_alive(self.active, self.started, moment.now))
        {
            self.adopt(stored);
        }
    }

    /// Becomes who is known to the visitor's browser, if anybody is; on another visit if the last is over.
    pub(super) fn admit(&mut self, moment: &Moment<'_>, dice: &mut Dice) {
        if let Some(stored) = Stored::parse(moment.identity) {
            self.adopt(stored);
            if !is_alive(self.active, self.started, moment.now) {
                self.start(moment.now, dice);
            }
        }
    }

    fn adopt(&mut self, stored: Stored<'_>) {
        self.head.set(stored.head);
        (self.active, self.started) = (stored.active, stored.started);
    }

    /// Begins another visit.
    fn start(&mut self, now: u64, dice: &mut Dice) {
        let session = dice.id(now);
        if let Some(place) = self.head.room().get_mut(SESSION..PERSON - 1) {
            place.copy_from_slice(&session);
        }
        self.started = now;
    }

    /// Writes the identity down before the page may go, with what other tabs have done since.
    pub(super) fn keep(&mut self, moment: &Moment<'_>, out: &mut Buffer) {
        self.sync(moment);
        self.save(moment.now, out);
    }

    /// Has the identity written down.
    pub(super) fn save(&mut self, now: u64, out: &mut Buffer) {
        out.push(Commands::IDENTITY);
        out.put(self.head.text());
        digits(out, self.active);
        out.push(0);
        self.written = now;
    }
}

#[cfg(test)]
mod tests;
