//! The site on show, and its clock.

use leptos::prelude::*;
use protocol::api::SiteInfo;
use protocol::query::Zone;

use super::place::Place;
use crate::browser::clock::Clock;
use crate::browser::{listener, zone};
use crate::model::time::Wall;

/// A site's clock: when its offset from UTC becomes what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteClock {
    /// The clock.
    pub zone: Zone,
    /// Offset before the first change, seconds.
    pub first: i32,
    /// When the offset becomes what.
    pub changes: Vec<(u64, i32)>,
}

/// The sites; a copy is the same list. In the context of the pages.
#[derive(Clone, Copy)]
pub struct Sites {
    /// All that the reader may see.
    pub all: StoredValue<Vec<SiteInfo>>,
    /// The one on show.
    pub chosen: Memo<SiteInfo>,
    /// Its clock.
    pub clock: Memo<SiteClock>,
    /// The worker's time.
    pub time: Clock,
}

impl Sites {
    /// Begins with the site that the address names; the first of the list if it names none. There is at least one.
    pub fn start(sites: Vec<SiteInfo>, first: SiteInfo) -> Self {
        let (place, time) = (Place::get(), Clock::start(listener::visibility()));
        let all = StoredValue::new(sites);
        let wanted = place.see(|view| view.site.clone());
        let chosen = Memo::new(move |_| {
            let wanted = wanted.get();
            all.with_value(|all| all.iter().find(|site| site.id == wanted).cloned())
                .unwrap_or_else(|| first.clone())
        });
        let name = Memo::new(move |_| chosen.with(|site| site.time_zone.clone()));
        let clock = Memo::new(move |_| {
            let (first, changes) = name.with(|name| zone::offsets(name, time.read()));
            SiteClock { zone: Zone::new(first, changes.clone()), first, changes }
        });
        Self { all, chosen, clock, time }
    }

    /// Those of the page this component is on.
    pub fn get() -> Self {
        expect_context()
    }

    /// What the site's clock shows at a moment.
    pub fn wall(self, at: u64) -> Wall {
        self.clock.with(|clock| Wall(clock.zone.local_ms(at)))
    }
}
