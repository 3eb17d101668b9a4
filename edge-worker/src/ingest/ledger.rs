//! Stage 7: counting what became of events, by site, hour and outcome.
//!
//! Counted in the isolate and written together, at most once in [`FLUSH_AFTER`] for each site and hour: a write
//! for each batch would cost as much as an event. An isolate that dies takes what it had not written yet with
//! it; the events themselves are stored before they are counted.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use protocol::SiteId;
use protocol::outcome::Outcome;

use crate::log::{self, Level};
use crate::platform::Platform;
use crate::store::Store;

/// How long counts are gathered. The platform lets work go on for 30 seconds after the answer (`waitUntil`).
const FLUSH_AFTER: Duration = Duration::from_secs(15);

/// What the platform grants after an answer.
const PLATFORM_LIMIT_MS: u64 = 30_000;

/// Sites counted at once by one isolate; more are written at once.
const MAX_SITES: usize = 1_000;

const HOUR_MS: u64 = 3_600_000;

/// Numbers of events by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Outcome, u64>);

impl Counts {
    /// Counts `number` events of an outcome.
    pub fn add(&mut self, outcome: Outcome, number: u64) {
        if number > 0 {
            *self.0.entry(outcome).or_default() += number;
        }
    }

    /// The outcomes that occurred.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u64)> {
        self.0.iter().map(|(outcome, count)| (*outcome, *count))
    }
}

/// What an isolate has counted and not written.
#[derive(Default)]
pub(crate) struct Ledger {
    pending: RefCell<HashMap<(SiteId, u64), Counts>>,
    /// When the next writing should be over, Unix milliseconds.
    due_by: Cell<u64>,
}

impl Ledger {
    /// Counts outcomes of a site's events that arrived at `now`.
    pub(crate) fn count(&self, site: &SiteId, now: u64, counts: &Counts) {
        let mut pending = self.pending.borrow_mut();
        let kept = pending.entry((site.clone(), now - now % HOUR_MS)).or_default();
        for (outcome, number) in counts.iter() {
            kept.add(outcome, number);
        }
    }

    /// Sees to it that what was counted is written, after the answer.
    pub(crate) fn write_later(self: &Rc<Self>, store: &Rc<Store>, platform: &dyn Platform) {
        let full = self.pending.borrow().len() > MAX_SITES;
        // The platform may have ended what was to write: after its time nobody is waited for.
        if platform.now() < self.due_by.get() && !full {
            return;
        }
        self.due_by.set(platform.now() + PLATFORM_LIMIT_MS);
        let (ledger, store) = (Rc::clone(self), Rc::clone(store));
        let wait = platform.sleep(if full { Duration::ZERO } else { FLUSH_AFTER });
        platform.background(Box::pin(async move {
            wait.await;
            ledger.write(&store).await;
        }));
    }

    /// Writes one entry after the other. What the platform leaves no time for waits for the next round; what may or may
    /// not have been written is written again, so that a number is rather too large than too small.
    async fn write(&self, store: &Store) {
        let waiting: Vec<_> = self.pending.borrow().keys().cloned().collect();
        for key in waiting {
            let Some(counts) = self.pending.borrow_mut().remove(&key) else { continue };
            let (site, hour) = &key;
            if let Err(error) = store.add_to_ledger(site, *hour, &counts).await {
                let fields = [("site_id", site.as_str().into()), ("error", error.to_string().into())];
                log::write(Level::Error, "ledger not written", &fields);
                self.count(site, *hour, &counts);
                break;
            }
        }
        self.due_by.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_an_hour_add_up() {
        let ledger = Ledger::default();
        let site = SiteId::parse("shop").unwrap();
        let mut counts = Counts::default();
        counts.add(Outcome::Accepted, 2);
        counts.add(Outcome::Bot, 0);
        ledger.count(&site, 5 * HOUR_MS + 1, &counts);
        ledger.count(&site, 6 * HOUR_MS - 1, &counts);
        ledger.count(&site, 6 * HOUR_MS, &counts);
        let pending = ledger.pending.borrow();
        let of = |hour: u64| pending[&(site.clone(), hour * HOUR_MS)].iter().collect::<Vec<_>>();
        assert_eq!(of(5), [(Outcome::Accepted, 4)]);
        assert_eq!(of(6), [(Outcome::Accepted, 2)]);
    }
}
