//! Closed hours, kept for a moment: a dashboard asks once a second for the same day, of which only the
//! newest hour changes.

use std::collections::HashMap;
use std::rc::Rc;

use analytics::Fact;

use super::keys::HOUR_MS;

/// How long a closed hour is believed. A late event that another isolate stored shows after this.
const FRESH_MS: u64 = 60_000;

/// An hour is closed when the last batch that could belong to it in the ordinary course has arrived.
const CLOSING_MS: u64 = 10 * 60_000;

/// Most facts kept: about 200 bytes each, so some 20 MB of the isolate's 128 MB.
const MAX_FACTS: usize = 100_000;

/// The cache, by partition key.
#[derive(Default)]
pub(super) struct Hours {
    entries: HashMap<String, Entry>,
    facts: usize,
    /// How often something was forgotten.
    state: u64,
}

struct Entry {
    hour: u64,
    loaded_at: u64,
    facts: Rc<Vec<Fact>>,
}

impl Hours {
    /// The facts of a partition, unless they are missing or too old.
    pub(super) fn get(&self, key: &str, now: u64) -> Option<Rc<Vec<Fact>>> {
        let entry = self.entries.get(key)?;
        // Entries loaded together expire apart, so that not every hour is read again in one request.
        let stagger = key.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte)) % FRESH_MS;
        (now < entry.loaded_at + FRESH_MS + stagger).then(|| Rc::clone(&entry.facts))
    }

    /// What [`Hours::put`] is to be given of the moment a query began.
    pub(super) fn state(&self) -> u64 {
        self.state
    }

    /// Keeps the facts of a partition if its hour is closed and nothing was stored since the query began:
    /// its answer may be without it.
    pub(super) fn put(&mut self, key: String, hour: u64, now: u64, facts: &Rc<Vec<Fact>>, state: u64) {
        if hour + HOUR_MS + CLOSING_MS > now || state != self.state {
            return;
        }
        if self.facts + facts.len() > MAX_FACTS {
            self.entries.retain(|_, entry| now < entry.loaded_at + 2 * FRESH_MS);
            self.facts = self.entries.values().map(|entry| entry.facts.len()).sum();
        }
        // A full cache stays as it is: to make room again and again would only read everything again.
        if self.facts + facts.len() > MAX_FACTS {
            return;
        }
        self.facts += facts.len();
        let entry = Entry { hour, loaded_at: now, facts: Rc::clone(facts) };
        if let Some(old) = self.entries.insert(key, entry) {
            self.facts -= old.facts.len();
        }
    }

    /// Drops the hours in which something was stored just now. Those that are not closed are not kept, so that what
    /// is stored in them changes nothing here.
    pub(super) fn forget(&mut self, now: u64, times: impl Iterator<Item = u64>) {
        let hours = times.map(|at| at - at % HOUR_MS).filter(|hour| hour + HOUR_MS + CLOSING_MS <= now);
        for hour in hours {
            self.state += 1;
            self.entries.retain(|_, entry| {
                let keep = entry.hour != hour;
                if !keep {
                    self.facts -= entry.facts.len();
                }
                keep
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 500_000 * HOUR_MS;

    #[test]
    fn closed_hour_is_kept_until_it_is_stale_or_written_to() {
        let mut hours = Hours::default();
        let hour = NOW - 3 * HOUR_MS;
        let none = Rc::new(Vec::new());
        hours.put("a".into(), hour, NOW, &none, hours.state());
        assert!(hours.get("a", NOW + FRESH_MS - 1).is_some());
        assert!(hours.get("a", NOW + 2 * FRESH_MS).is_none());
        hours.forget(NOW, [hour + 5].into_iter());
        assert!(hours.get("a", NOW).is_none());
    }

    #[test]
    fn hour_that_may_still_grow_is_not_kept() {
        let mut hours = Hours::default();
        hours.put("a".into(), NOW - HOUR_MS, NOW + CLOSING_MS - 1, &Rc::new(Vec::new()), hours.state());
        assert!(hours.get("a", NOW + CLOSING_MS).is_none());
    }

    #[test]
    fn answer_overtaken_by_a_write_is_not_kept() {
        let mut hours = Hours::default();
        let (hour, began) = (NOW - 3 * HOUR_MS, hours.state());
        hours.forget(NOW, [hour].into_iter());
        hours.put("a".into(), hour, NOW, &Rc::new(Vec::new()), began);
        assert!(hours.get("a", NOW).is_none());
    }
}
