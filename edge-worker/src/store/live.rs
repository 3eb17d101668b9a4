//! For live push: what is stored of a batch, as a hub is told of it, and the last half hour, as a hub is rebuilt.

use std::collections::HashMap;
use std::ops::Range;

use analytics::{EventDim, Row};
use protocol::live::{Visit, VisitKey, Word};
use protocol::{EventKind, PageId, SessionId, SiteId, UserId};

use super::{ActiveRow, Store, StoreError, items, rows};
use crate::ingest::{Ingest, Presence};
use crate::live::hub::Loaded;
use crate::live::told::{Event, Telling, Told};
use crate::site::Site;

/// A hub is rebuilt of so many events, and of the rest of the half hour only if it is no more: each is an item to be
/// read and understood, a hundred milliseconds for four thousand.
const MAX_LOADED_EVENTS: usize = 20_000;

/// How far a hub looks back first, and then, milliseconds.
const STEPS_MS: [u64; 4] = [10_000, 60_000, 5 * 60_000, protocol::live::REACH_MS];

/// Tells what was stored of a batch: the events' very rows.
pub(crate) fn tell(ingest: &Ingest<'_>, telling: &mut Telling) {
    if let Some(presence) = &ingest.presence {
        telling.visit(&visit(ingest, presence));
    }
    let page_of = |page: PageId| {
        let viewed = ingest.batch.events.iter().find_map(|event| match &event.kind {
            EventKind::PageView(view) if event.page_id == page => Some(&view.url),
            _ => None,
        });
        viewed.or(ingest.batch.context.url.as_ref()).map_or("", |url| url.path())
    };
    for (event, landing) in ingest.events().filter(|(event, _)| items::has_row(event)) {
        let item = items::event(ingest, event, landing);
        let props = rows::properties(&item);
        if let Some(row) = rows::row(&item, &props) {
            telling.event(&row, page_of(event.page_id));
        }
    }
}

/// What the row of ActiveSessions says.
fn visit(ingest: &Ingest<'_>, presence: &Presence) -> Visit {
    let Ingest { batch, visit, .. } = ingest;
    Visit {
        key: VisitKey::Session(batch.session_id),
        user: Some(batch.user_id),
        page: Word::from(presence.page.as_str()),
        country: Word::from(visit.geo.country.as_str()),
        city: Word::from(visit.geo.city.as_str()),
        device: Word::from(visit.device.as_str()),
        browser: Word::from(visit.browser.as_str()),
        os: Word::from(visit.os.as_str()),
        started_at: batch.session_id.unix_ms(),
        last_seen: presence.last_seen,
        interval_s: presence.interval_s,
        left: presence.left,
    }
}

fn visit_of(row: ActiveRow) -> Option<Visit> {
    let ActiveRow { session, interval_s, left } = row;
    Some(Visit {
        key: VisitKey::Session(SessionId::parse(&session.session_id).ok()?),
        user: UserId::parse(&session.user_id).ok(),
        page: Word::from(session.page),
        country: Word::from(session.country),
        city: Word::from(session.city),
        device: Word::from(session.device.as_str()),
        browser: Word::from(session.browser),
        os: Word::from(session.os),
        started_at: session.started_at,
        last_seen: session.last_seen,
        interval_s,
        left,
    })
}

impl Store {
    /// The last half hour of a site, or what of it there is time for.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn live(&self, site: &Site, now: u64) -> Result<Loaded, StoreError> {
        let visits = self.live_visits(&site.id, now - STEPS_MS[STEPS_MS.len() - 1], now).await?;
        let mut events = Vec::new();
        // Clocks that are a little fast have events ahead of ours.
        let mut known_from = now;
        let mut until = now + protocol::limits::MAX_FUTURE_MS;
        for step in STEPS_MS {
            let range = now - step..until;
            self.live_events(site, &range, &mut events).await?;
            (known_from, until) = (range.start, range.start);
            if events.len() > MAX_LOADED_EVENTS {
                break;
            }
        }
        name_pages(&mut events);
        Ok(Loaded { told: Told { visits, events, ..Told::default() }, known_from })
    }

    /// What has been stored of a site since `from`.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn live_since(&self, site: &Site, from: u64, now: u64) -> Result<Told, StoreError> {
        let visits = self.live_visits(&site.id, from, now).await?;
        let mut events = Vec::new();
        self.live_events(site, &(from..now + protocol::limits::MAX_FUTURE_MS), &mut events).await?;
        name_pages(&mut events);
        Ok(Told { visits, events, ..Told::default() })
    }

    async fn live_visits(&self, site: &SiteId, from: u64, now: u64) -> Result<Vec<Visit>, StoreError> {
        Ok(self.active_sessions(site, from, now).await?.into_iter().filter_map(visit_of).collect())
    }

    async fn live_events(
        &self,
        site: &Site,
        range: &Range<u64>,
        events: &mut Vec<Event>,
    ) -> Result<(), StoreError> {
        let mut take = |row: &Row<'_>| {
            events.push(Event::of(row, ""));
            Ok(())
        };
        self.each_row(site, range, &mut take).await
    }
}

/// An event other than a page view does not say on which page it was; the page view of the same page does.
fn name_pages(events: &mut [Event]) {
    let views = events.iter().filter(|event| !event.texts[EventDim::Path.index()].is_empty());
    let pages: HashMap<PageId, Word> = views.map(|event| (event.page_id, Word::clone(&event.page))).collect();
    for event in events.iter_mut().filter(|event| event.page.is_empty()) {
        if let Some(page) = pages.get(&event.page_id) {
            event.page = Word::clone(page);
        }
    }
}
