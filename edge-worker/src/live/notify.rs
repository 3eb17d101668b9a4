//! What an isolate tells hubs.
//!
//! What is stored while something is being told gathers and is told next, so that a busy isolate makes one request
//! after the other and never two at once to one hub. A hub that nobody watches says so, and is told nothing for a
//! while. A hub that fails is left alone for a while, and told then that it has missed something. Nobody waits for any
//! of this, and nothing of it fails a batch: the rows are stored.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use protocol::SiteId;

use super::told::Telling;
use crate::ingest::Ingest;
use crate::log::{self, Level};
use crate::platform::{HubDoor, Platform};
use crate::store::live;

/// How long a hub may take to answer. One that has panicked never does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whoever tells may be ended by the platform before it is done (30 seconds after the answer): then nobody is waited
/// for, and the next batch tells. Longer than [`PATIENCE`].
const TELLER_MS: u64 = 5_000;

/// How long one request goes on telling what others store, milliseconds; well within the platform's 30 seconds.
const SHIFT_MS: u64 = 15_000;

/// Most that is gathered for one hub, bytes: some thousand events. Of what is more the hub is told that it is missing.
const MAX_TELLING: usize = 512 * 1024;

/// Most sites that are remembered.
const MAX_SITES: usize = 10_000;

/// How long a hub is left alone after its first failure and after many, milliseconds.
const FIRST_PAUSE_MS: u64 = 1_000;
const LONGEST_PAUSE_MS: u64 = 30_000;

/// What came of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The hub has it, and need not be told anything for so many milliseconds.
    Quiet(u64),
    /// It does not answer.
    Failed,
}

#[derive(Debug, Default)]
struct Site {
    telling: Telling,
    /// Nothing need be told before this time.
    quiet_until: u64,
    /// Since when something was not told.
    gap: Option<u64>,
    /// The same, of what is being told now.
    told_gap: Option<u64>,
    failures: u32,
    /// Until when whoever tells may be waited for; zero when nobody tells.
    teller_until: u64,
}

/// What an isolate knows of hubs.
#[derive(Debug, Default)]
pub struct Notifier {
    sites: RefCell<HashMap<SiteId, Site>>,
}

impl Notifier {
    /// Sees to it that the site's hub hears of what was stored, if anybody watches.
    pub(crate) fn stored(self: &Rc<Self>, ingest: &Ingest<'_>, platform: &dyn Platform) {
        let now = platform.now();
        let id = &ingest.batch.site_id;
        let is_quiet = self.sites.borrow().get(id).is_some_and(|site| now < site.quiet_until);
        if is_quiet {
            return;
        }
        let Some(door) = platform.hub(id) else { return };
        if self.gather(ingest, now) {
            let (notifier, id) = (Rc::clone(self), id.clone());
            platform.background(Box::pin(async move { notifier.tell(&id, door.as_ref()).await }));
        }
    }

    /// Adds a batch to what is to be told; `true` if nobody is telling yet.
    fn gather(&self, ingest: &Ingest<'_>, now: u64) -> bool {
        let mut sites = self.sites.borrow_mut();
        if sites.len() >= MAX_SITES && !sites.contains_key(&ingest.batch.site_id) {
            sites.retain(|_, site| site.teller_until > now || site.gap.is_some());
        }
        let site = sites.entry(ingest.batch.site_id.clone()).or_default();
        if site.telling.len() < MAX_TELLING {
            live::tell(ingest, &mut site.telling);
        } else {
            site.gap.get_or_insert(now);
        }
        if now < site.teller_until {
            return false;
        }
        site.teller_until = now + TELLER_MS;
        true
    }

    /// Tells, and tells on as long as there is something.
    async fn tell(&self, id: &SiteId, door: &dyn HubDoor) {
        let begun = door.now();
        while let Some(message) = self.take(id, door.now()) {
            let answer = match select(door.tell(message), door.sleep(PATIENCE)).await {
                Either::Left((Some(quiet), _)) => Answer::Quiet(quiet),
                Either::Left((None, _)) | Either::Right(_) => Answer::Failed,
            };
            let now = door.now();
            if !self.note(id, answer, now) || now > begun + SHIFT_MS {
                break;
            }
        }
        if let Some(site) = self.sites.borrow_mut().get_mut(id) {
            site.teller_until = 0;
        }
    }

    /// What there is to be told, for the one who tells.
    fn take(&self, id: &SiteId, now: u64) -> Option<Vec<u8>> {
        let mut sites = self.sites.borrow_mut();
        let site = sites.get_mut(id)?;
        if site.telling.is_empty() && site.gap.is_none() {
            return None;
        }
        let mut telling = std::mem::take(&mut site.telling);
        site.told_gap = site.gap.take();
        if let Some(from) = site.told_gap {
            telling.gap(from);
        }
        site.teller_until = now + TELLER_MS;
        Some(telling.finish())
    }

    /// Notes what came of it; whether to go on.
    fn note(&self, id: &SiteId, answer: Answer, now: u64) -> bool {
        let mut sites = self.sites.borrow_mut();
        let Some(site) = sites.get_mut(id) else { return false };
        match answer {
            Answer::Quiet(0) => {
                // What was gathered too much meanwhile is told next.
                (site.told_gap, site.failures) = (None, 0);
                true
            }
            Answer::Quiet(quiet) => {
                // Whoever comes to watch meanwhile looks into the tables.
                (site.gap, site.told_gap, site.failures) = (None, None, 0);
                site.quiet_until = now + quiet;
                site.telling = Telling::default();
                false
            }
            Answer::Failed => {
                let pause = (FIRST_PAUSE_MS << site.failures.min(5)).min(LONGEST_PAUSE_MS);
                if site.failures == 0 {
                    let fields = [("site_id", id.as_str().into())];
                    log::write(Level::Error, "live hub does not answer; nothing is lost but time", &fields);
                }
                site.failures = site.failures.saturating_add(1);
                // What was being told, and what is stored during the pause.
                let from = site.told_gap.take().unwrap_or(now.saturating_sub(TELLER_MS));
                site.gap = Some(site.gap.map_or(from, |gap| gap.min(from)));
                site.telling = Telling::default();
                site.quiet_until = now + pause;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn notifier(gap: u64) -> (Notifier, SiteId) {
        let (notifier, id) = (Notifier::default(), SiteId::parse("shop").unwrap());
        notifier.sites.borrow_mut().entry(id.clone()).or_default().gap = Some(gap);
        (notifier, id)
    }

    fn gap(notifier: &Notifier, id: &SiteId) -> Option<u64> {
        notifier.sites.borrow()[id].gap
    }

    #[test]
    fn what_is_missed_while_a_message_is_on_the_way_is_told_with_the_next() {
        let (notifier, id) = notifier(NOW - 5);
        assert!(notifier.take(&id, NOW).is_some());
        notifier.sites.borrow_mut().get_mut(&id).unwrap().gap = Some(NOW + 1);
        assert!(notifier.note(&id, Answer::Quiet(0), NOW + 2));
        assert_eq!(gap(&notifier, &id), Some(NOW + 1));
        assert!(notifier.take(&id, NOW + 3).is_some());
        assert!(notifier.note(&id, Answer::Quiet(0), NOW + 4));
        assert!(notifier.take(&id, NOW + 5).is_none());
    }

    #[test]
    fn what_a_hub_that_fails_was_told_is_missing_from_its_beginning() {
        let (notifier, id) = notifier(NOW - 5);
        notifier.take(&id, NOW);
        notifier.sites.borrow_mut().get_mut(&id).unwrap().gap = Some(NOW + 1);
        assert!(!notifier.note(&id, Answer::Failed, NOW + 2));
        assert_eq!(gap(&notifier, &id), Some(NOW - 5));
    }
}
