//! Whether somebody is signed in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::account::{Person, Role, SharedSite};
use protocol::api::{SessionInfo, SiteInfo};

use crate::browser::{api, page};
use crate::model::failure::Failure;

/// What is known about the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Nothing yet.
    Checking,
    /// Nobody is signed in; with `ended` somebody was a moment ago.
    SignedOut {
        /// Whether a session has just ended by itself.
        ended: bool,
    },
    /// Somebody may see these sites.
    SignedIn(Vec<SiteInfo>),
    /// It could not be found out.
    Failed(Failure),
}

/// The session; a copy is the same session.
#[derive(Clone, Copy)]
pub struct Session(RwSignal<Phase>, RwSignal<Option<Person>>);

impl Session {
    /// A session about which nothing is known.
    pub fn new() -> Self {
        Self(RwSignal::new(Phase::Checking), RwSignal::new(None))
    }

    /// What is known.
    pub fn phase(self) -> Phase {
        self.0.get()
    }

    /// Who is signed in.
    pub fn person(self) -> Option<Person> {
        self.1.get_untracked()
    }

    /// The role that whoever is signed in has everywhere.
    pub fn role(self) -> Option<Role> {
        self.person().and_then(|person| person.role)
    }

    /// Whoever is signed in has turned the second factor on or off.
    pub fn note_second_factor(self, is_on: bool) {
        self.1.update(|person| {
            if let Some(person) = person {
                person.totp = is_on;
            }
        });
    }

    /// Asks the worker.
    pub fn check(self) {
        self.0.set(Phase::Checking);
        spawn_local(async move {
            self.0.set(match api::session().await {
                Ok(SessionInfo { person, sites }) => {
                    self.1.set(Some(person));
                    Phase::SignedIn(sites)
                }
                Err(failure) if failure.is_signed_out() => Phase::SignedOut { ended: false },
                Err(failure) => Phase::Failed(failure),
            });
        });
    }

    /// Somebody has signed in.
    pub fn begin(self, info: SessionInfo) {
        self.1.set(Some(info.person));
        self.0.set(Phase::SignedIn(info.sites));
    }

    /// A share link was opened: its reader is nobody, and sees one site.
    pub fn begin_shared(self, shared: SharedSite) {
        if page::is_embedded() {
            api::authorise(shared.access_token);
        }
        self.1.set(None);
        self.0.set(Phase::SignedIn(vec![shared.site]));
    }

    /// The worker no longer knows the session (`ended`), or somebody has signed out.
    pub fn end(self, ended: bool) {
        page::forget_segments();
        self.0.set(Phase::SignedOut { ended });
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}
