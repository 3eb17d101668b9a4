//! The clocks of sites: from an IANA name to the moments at which its offset changes.
//!
//! The platform has a database of zones (JavaScript's `Intl`), and one of our own would be a tenth of the worker. It
//! tells the offset of a moment; when it changes is found by looking once a week and halving.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use analytics::DAY_MS;
use protocol::query::Zone;

use crate::platform::Platform;

/// How often one looks: no zone has changed its offset twice within a week, and back, since there are web pages.
const GRID_MS: u64 = 7 * DAY_MS;

/// Years before and days after a moment for which a clock is made.
const BEFORE_MS: u64 = 6 * 366 * DAY_MS;
const AFTER_MS: u64 = 400 * DAY_MS;

/// Clocks of this isolate.
#[derive(Default)]
pub(crate) struct Zones {
    /// By name, with the time they were made.
    known: RefCell<HashMap<String, (u64, Rc<Zone>)>>,
}

impl Zones {
    /// The clock of a zone around now; UTC's for a zone the platform does not know.
    pub(crate) fn get(&self, name: &str, now: u64, platform: &dyn Platform) -> Rc<Zone> {
        if let Some((made, zone)) = self.known.borrow().get(name)
            && made.abs_diff(now) < 30 * DAY_MS
        {
            return Rc::clone(zone);
        }
        let zone = match platform.clock(name) {
            Some(clock) => zone(now.saturating_sub(BEFORE_MS), now + AFTER_MS, clock.as_ref()),
            None => Zone::UTC,
        };
        let zone = Rc::new(zone);
        self.known.borrow_mut().insert(name.to_owned(), (now, Rc::clone(&zone)));
        zone
    }
}

/// The clock of a zone of which the offset of every moment is known, in seconds.
pub fn zone(from: u64, to: u64, offset: &dyn Fn(u64) -> i32) -> Zone {
    let first = offset(from);
    let mut changes = Vec::new();
    let (mut at, mut before) = (from, first);
    while at < to {
        let next = (at + GRID_MS).min(to);
        let after = offset(next);
        if after != before {
            // The offset is `before` at `low` and another at `high`. Changes are at whole seconds.
            let (mut low, mut high) = (at / 1_000, next.div_ceil(1_000));
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset(middle * 1_000) == before { low = middle } else { high = middle }
            }
            changes.push((high * 1_000, after));
        }
        (at, before) = (next, after);
    }
    Zone::new(first, changes)
}

/// The clock of a zone by a database of our own, for native programs.
#[cfg(feature = "native")]
pub fn native(name: &str) -> Option<crate::platform::Clock> {
    let zone = jiff::tz::TimeZone::get(name).ok()?;
    Some(Box::new(move |at| {
        let moment = i64::try_from(at).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        moment.map_or(0, |moment| zone.to_offset(moment).seconds())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "native")]
    #[test]
    fn every_zone_is_what_its_database_says() {
        let (from, to) = (1_735_689_600_000, 1_798_761_600_000);
        for name in
            ["Asia/Seoul", "Asia/Kathmandu", "Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe"]
        {
            let clock = native(name).unwrap();
            let zone = zone(from, to, clock.as_ref());
            for at in (from..to).step_by(1_800_000) {
                assert_eq!(zone.offset_ms(at), i64::from(clock(at)) * 1_000, "{name} {at}");
            }
        }
        assert!(native("Mars/Olympus").is_none());
    }

    #[test]
    fn changes_are_found_to_the_second() {
        // Central European summer time of 2026: from 2026-03-29T01:00Z to 2026-10-25T01:00Z.
        let (begins, ends) = (1_774_746_000_000, 1_792_890_000_000);
        let offset = |at| if (begins..ends).contains(&at) { 7_200 } else { 3_600 };
        let (from, to) = (1_767_225_600_000, 1_798_761_600_000);
        assert_eq!(zone(from, to, &offset), Zone::new(3_600, vec![(begins, 7_200), (ends, 3_600)]));
        assert_eq!(zone(from, to, &|_| 20_700), Zone::new(20_700, Vec::new()));
    }
}
