//! The data on the page, which keeps itself up to date.

use leptos::prelude::*;
use protocol::api::{ActiveSessions, Overview, SiteInfo};

use super::bind::effect;
use super::place::Place;
use super::session::Session;
use crate::browser::clock::{Clock, Trip};
use crate::browser::listener;
use crate::browser::poll::Poll;
use crate::model::failure::Failure;
use crate::model::pace::Link;
use crate::model::window::Window as Period;
use crate::model::{answer, query};

/// What is shown of which site; a copy is the same data.
#[derive(Clone, Copy)]
pub struct Live {
    /// The sites to choose from.
    pub sites: StoredValue<Vec<SiteInfo>>,
    /// The site on show.
    pub site: RwSignal<SiteInfo>,
    /// The period on show.
    pub period: RwSignal<Period>,
    /// Its numbers; nothing before the first answer.
    pub overview: RwSignal<Option<Overview>>,
    /// Whether the numbers are those of another period, because the answer is still on its way.
    pub is_outdated: RwSignal<bool>,
    /// Who is here; nothing before the first answer.
    pub active: RwSignal<Option<ActiveSessions>>,
    /// Whether the overview is answered.
    pub overview_link: RwSignal<Link>,
    /// Whether the question who is here is answered.
    pub active_link: RwSignal<Link>,
    /// The worker's clock.
    pub clock: Clock,
    /// When the worker last answered, by its clock.
    pub answered_at: RwSignal<u64>,
    polls: StoredValue<Option<Polls>, LocalStorage>,
}

struct Polls {
    overview: Poll<Overview>,
    active: Poll<ActiveSessions>,
}

impl Live {
    /// Begins with the site and period of the page's address, and keeps both there. `first` is one of `sites`.
    pub fn start(sites: Vec<SiteInfo>, first: SiteInfo, session: Session) -> Self {
        let place = Place::get();
        let wanted = place.view().site;
        let site = sites.iter().find(|site| site.id == wanted).cloned().unwrap_or(first);
        let visible = listener::visibility();
        let live = Self {
            sites: StoredValue::new(sites),
            site: RwSignal::new(site),
            period: RwSignal::new(Period::default()),
            overview: RwSignal::new(None),
            is_outdated: RwSignal::new(false),
            active: RwSignal::new(None),
            overview_link: RwSignal::new(Link::Waiting),
            active_link: RwSignal::new(Link::Waiting),
            clock: Clock::start(visible),
            answered_at: RwSignal::new(0),
            polls: StoredValue::new_local(None),
        };
        live.polls.set_value(Some(live.polls(session)));
        live.follow_choice(place);
        effect(move || {
            let visible = visible.get();
            live.with_polls(|polls| {
                if visible {
                    polls.overview.show();
                    polls.active.show();
                } else {
                    polls.overview.hide();
                    polls.active.hide();
                }
            });
        });
        listener::on_online(move || live.retry());
        live
    }

    /// Asks at once, whatever the pace.
    pub fn retry(self) {
        self.with_polls(|polls| {
            polls.overview.restart();
            polls.active.restart();
        });
    }

    /// Chooses a site.
    pub fn choose_site(self, id: &str) {
        let chosen = self.sites.with_value(|sites| sites.iter().find(|site| site.id == id).cloned());
        if let Some(site) = chosen {
            self.site.set(site);
        }
    }

    fn polls(self, session: Session) -> Polls {
        let overview = Poll::new(
            move || {
                let site = self.site.read_untracked();
                query::overview(&site.id, self.period.get_untracked(), self.clock.read())
            },
            move |answer: Result<Overview, Failure>, trip| {
                let generated_at = answer.as_ref().map(|overview| overview.generated_at).ok();
                self.note(self.overview_link, generated_at, answer.as_ref().err(), trip, session);
                let Ok(new) = answer else { return };
                let is_same = self
                    .overview
                    .read_untracked()
                    .as_ref()
                    .is_some_and(|old| answer::is_same_overview(old, &new));
                if !is_same {
                    self.overview.set(Some(new));
                }
                if self.is_outdated.get_untracked() {
                    self.is_outdated.set(false);
                }
            },
        );
        let active = Poll::new(
            move || query::active(&self.site.read_untracked().id),
            move |answer: Result<ActiveSessions, Failure>, trip| {
                let generated_at = answer.as_ref().map(|active| active.generated_at).ok();
                self.note(self.active_link, generated_at, answer.as_ref().err(), trip, session);
                let Ok(new) = answer else { return };
                let is_same = self
                    .active
                    .read_untracked()
                    .as_ref()
                    .is_some_and(|old| answer::is_same_presence(old, &new));
                if !is_same {
                    self.active.set(Some(new));
                }
            },
        );
        Polls { overview, active }
    }

    /// Keeps what an answer says beside its contents.
    fn note(
        self,
        link: RwSignal<Link>,
        generated_at: Option<u64>,
        failure: Option<&Failure>,
        trip: Trip,
        session: Session,
    ) {
        let state = failure.map_or(Link::Live, |failure| Link::Lost(failure.clone()));
        if *link.read_untracked() != state {
            link.set(state);
        }
        if let Some(generated_at) = generated_at {
            self.clock.learn(trip, generated_at);
            self.answered_at.set(generated_at);
        }
        if failure.is_some_and(Failure::is_signed_out) {
            session.end(true);
        }
    }

    /// Asks anew when another site or period is chosen, and writes the choice into the address.
    fn follow_choice(self, place: Place) {
        let mut before = None::<(String, Period)>;
        effect(move || {
            let (site, period) = (self.site.with(|site| site.id.clone()), self.period.get());
            let chosen = site.clone();
            place.change(|view| view.site = chosen);
            match &before {
                Some((old, _)) if *old != site => {
                    // Numbers of one site must never be seen under the name of another.
                    self.overview.set(None);
                    self.active.set(None);
                    self.overview_link.set(Link::Waiting);
                    self.active_link.set(Link::Waiting);
                    self.retry();
                }
                Some((_, old)) if *old != period => {
                    self.is_outdated.set(true);
                    self.with_polls(|polls| polls.overview.restart());
                }
                _ => {}
            }
            before = Some((site, period));
        });
    }

    fn with_polls(self, act: impl FnOnce(&Polls)) {
        self.polls.with_value(|polls| {
            if let Some(polls) = polls {
                act(polls);
            }
        });
    }
}
