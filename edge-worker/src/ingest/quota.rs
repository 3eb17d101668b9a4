//! How much the quarantine takes. It is for looking at, and whoever floods it must not fill the tables.

use std::cell::RefCell;
use std::collections::HashMap;

use protocol::SiteId;

/// Batches of a site that an isolate puts into the quarantine in an hour; of those above only the number is kept.
const MAX_BATCHES: u32 = 300;

/// Sites that are counted at once.
const MAX_SITES: usize = 1_000;

const HOUR_MS: u64 = 3_600_000;

/// What this isolate has put into the quarantine in the current hour.
#[derive(Debug, Default)]
pub(crate) struct Quota(RefCell<HashMap<SiteId, (u64, u32)>>);

impl Quota {
    /// Counts one more batch of a site and says whether there is room for it.
    pub(crate) fn has_room(&self, site: &SiteId, now: u64) -> bool {
        let hour = now / HOUR_MS;
        let mut sites = self.0.borrow_mut();
        if sites.len() >= MAX_SITES {
            sites.retain(|_, (counted, _)| *counted == hour);
        }
        let (counted, batches) = sites.entry(site.clone()).or_insert((hour, 0));
        if *counted != hour {
            (*counted, *batches) = (hour, 0);
        }
        *batches = batches.saturating_add(1);
        *batches <= MAX_BATCHES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_site_has_room_for_a_number_of_batches_an_hour() {
        let quota = Quota::default();
        let [shop, blog] = ["shop", "blog"].map(|id| SiteId::parse(id).unwrap());
        let taken = (0..MAX_BATCHES + 50).filter(|_| quota.has_room(&shop, HOUR_MS)).count();
        assert_eq!(taken as u32, MAX_BATCHES);
        assert!(quota.has_room(&blog, HOUR_MS));
        assert!(quota.has_room(&shop, 2 * HOUR_MS));
    }
}
