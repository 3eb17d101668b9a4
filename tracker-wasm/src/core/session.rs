//! Who is visiting: the person's id, kept for good, and the visit's id, which ends by rule.

use protocol::limits;
use protocol::{SessionId, UserId};

use super::text::take;
use super::{Key, Moment, World};

/// Activity is written down at most this often: storage is shared with the page and its other tabs.
const WRITE_EVERY_MS: u64 = 5 * 1_000;

/// Visitor, visit and when the visit was last active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    user: UserId,
    session: SessionId,
    active: u64,
}

impl Identity {
    /// Reads the stored form: three ids, the last of which is only there for its time. Printing and
    /// reading ids is in the module anyway; numbers would need code of their own.
    fn parse(mut text: &str) -> Option<Self> {
        let user = UserId::parse(take(&mut text, b' ')?).ok()?;
        let session = SessionId::parse(take(&mut text, b' ')?).ok()?;
        let active = SessionId::parse(text).ok()?.unix_ms();
        Some(Self { user, session, active })
    }

    fn print(&self) -> String {
        let mut out = String::with_capacity(110);
        self.user.write_to(&mut out);
        out.push(' ');
        self.session.write_to(&mut out);
        out.push(' ');
        SessionId::new(self.active, &[0; 10]).write_to(&mut out);
        out
    }

    /// Whether the visit goes on. Differences are absolute, so that a clock set back by hours ends a
    /// visit instead of stretching it.
    fn is_alive(&self, now: u64) -> bool {
        now.abs_diff(self.active) <= limits::SESSION_IDLE_MS
            && now.abs_diff(self.session.unix_ms()) <= limits::SESSION_MAX_MS
    }
}

/// The visitor as this page knows them.
#[derive(Debug)]
pub(super) struct Visitor {
    identity: Identity,
    written: u64,
}

impl Visitor {
    /// Takes up what is stored, or begins anew.
    pub(super) fn start(moment: &mut Moment<'_>) -> Self {
        let identity = stored(moment.world).unwrap_or_else(|| Identity {
            user: UserId::new(moment.now, &(moment.random)()),
            session: SessionId::new(moment.now, &(moment.random)()),
            active: moment.now,
        });
        let mut visitor = Self { identity, written: 0 };
        visitor.be_active(moment);
        visitor
    }

    /// The person.
    pub(super) fn user(&self) -> UserId {
        self.identity.user
    }

    /// The visit.
    pub(super) fn session(&self) -> SessionId {
        self.identity.session
    }

    /// When this page last saw activity, or another tab, if that was asked since.
    pub(super) fn active(&self) -> u64 {
        self.identity.active
    }

    /// Whether the visit goes on, as far as this page and its other tabs know.
    pub(super) fn is_alive(&mut self, now: u64, world: &dyn World) -> bool {
        if !self.identity.is_alive(now)
            && let Some(stored) = stored(world).filter(|s| s.session == self.identity.session)
        {
            self.identity.active = self.identity.active.max(stored.active);
        }
        self.identity.is_alive(now)
    }

    /// Notes activity. Returns whether it began another visit: the old one is over, and no other tab has
    /// kept it alive. A visit another tab has begun meanwhile is joined.
    pub(super) fn be_active(&mut self, moment: &mut Moment<'_>) -> bool {
        let before = self.identity.session;
        if !self.is_alive(moment.now, moment.world) {
            let fresh = stored(moment.world).filter(|stored| stored.is_alive(moment.now));
            self.identity = fresh.unwrap_or_else(|| Identity {
                session: SessionId::new(moment.now, &(moment.random)()),
                ..self.identity
            });
        }
        self.identity.active = moment.now;
        let changed = before != self.identity.session;
        if changed || moment.now.abs_diff(self.written) >= WRITE_EVERY_MS {
            self.save(moment.now, moment.world);
        }
        changed
    }

    /// Writes the identity down before the page may go, unless another tab has been active since this one.
    pub(super) fn keep(&mut self, now: u64, world: &dyn World) {
        let newer =
            stored(world).is_some_and(|other| other.active > self.identity.active && other.active <= now);
        if !newer {
            self.save(now, world);
        }
    }

    fn save(&mut self, now: u64, world: &dyn World) {
        world.write(Key::Identity, &self.identity.print());
        self.written = now;
    }
}

fn stored(world: &dyn World) -> Option<Identity> {
    Identity::parse(&world.read(Key::Identity)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing::Lab;

    const MINUTE: u64 = 60 * 1_000;

    #[test]
    fn ids_are_kept_from_page_to_page() {
        let lab = Lab::new();
        let first = Visitor::start(&mut lab.moment());
        lab.pass(10 * MINUTE);
        let second = Visitor::start(&mut lab.moment());
        assert_eq!((first.user(), first.session()), (second.user(), second.session()));
    }

    #[test]
    fn tab_that_goes_leaves_the_newer_activity_of_another_in_place() {
        let lab = Lab::new();
        let mut idle = Visitor::start(&mut lab.moment());
        lab.pass(20 * MINUTE);
        let busy = Visitor::start(&mut lab.moment());
        let moment = lab.moment();
        idle.keep(moment.now, moment.world);
        lab.pass(15 * MINUTE);
        let next = Visitor::start(&mut lab.moment());
        assert_eq!(next.session(), busy.session());
    }

    #[test]
    fn visit_ends_after_thirty_idle_minutes_and_the_person_stays() {
        let lab = Lab::new();
        let first = Visitor::start(&mut lab.moment());
        lab.pass(31 * MINUTE);
        let second = Visitor::start(&mut lab.moment());
        assert_eq!(first.user(), second.user());
        assert_ne!(first.session(), second.session());
        assert_eq!(second.session().unix_ms(), lab.now());
    }

    #[test]
    fn visit_ends_after_a_day_of_activity() {
        let lab = Lab::new();
        let mut visitor = Visitor::start(&mut lab.moment());
        let mut changes = 0;
        for _ in 0..25 * 6 {
            lab.pass(10 * MINUTE);
            changes += u32::from(visitor.be_active(&mut lab.moment()));
        }
        assert_eq!(changes, 1);
    }

    #[test]
    fn visit_another_tab_kept_alive_goes_on() {
        let lab = Lab::new();
        let mut idle = Visitor::start(&mut lab.moment());
        let mut busy = Visitor::start(&mut lab.moment());
        lab.pass(20 * MINUTE);
        busy.be_active(&mut lab.moment());
        lab.pass(20 * MINUTE);
        assert!(idle.is_alive(lab.now(), &lab));
        assert!(!idle.be_active(&mut lab.moment()));
        assert_eq!(idle.session(), busy.session());
    }

    #[test]
    fn visit_another_tab_began_is_joined() {
        let lab = Lab::new();
        let mut idle = Visitor::start(&mut lab.moment());
        lab.pass(40 * MINUTE);
        let other = Visitor::start(&mut lab.moment());
        lab.pass(MINUTE);
        assert!(!idle.is_alive(lab.now(), &lab));
        assert!(idle.be_active(&mut lab.moment()));
        assert_eq!(idle.session(), other.session());
    }

    #[test]
    fn storage_that_holds_nonsense_is_replaced() {
        let lab = Lab::new();
        for text in ["", "x", "a b c", "0193573d-1e7b-4000-8000-000000000000"] {
            lab.write(Key::Identity, text);
            let visitor = Visitor::start(&mut lab.moment());
            assert_eq!(lab.read(Key::Identity).unwrap(), visitor.identity.print());
        }
    }

    #[test]
    fn clock_set_back_by_hours_ends_the_visit() {
        let lab = Lab::new();
        let mut visitor = Visitor::start(&mut lab.moment());
        lab.set(lab.now() - 120 * MINUTE);
        assert!(visitor.be_active(&mut lab.moment()));
    }

    #[test]
    fn storage_is_not_written_at_every_move() {
        let lab = Lab::new();
        let mut visitor = Visitor::start(&mut lab.moment());
        let writes = lab.writes();
        for _ in 0..10 {
            lab.pass(1_000);
            visitor.be_active(&mut lab.moment());
        }
        assert_eq!(lab.writes() - writes, 2);
    }
}
