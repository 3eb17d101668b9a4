//! From a request to an answer: the routes and what each needs.

use std::rc::Rc;

use protocol::SiteId;
use protocol::problem::Code;
use serde_json::Value;

use crate::config::Config;
use crate::http::{Request, Response};
use crate::log::{self, Level};
use crate::platform::Platform;
use crate::sites::Sites;
use crate::store::Store;
use crate::{api, auth, ingest};

/// The worker, once per isolate.
pub struct App {
    pub(crate) config: Config,
    pub(crate) store: Rc<Store>,
    pub(crate) sites: Sites,
    pub(crate) health: ingest::Health,
    pub(crate) quarantine: ingest::Quota,
    ledger: Rc<ingest::Ledger>,
}

/// What a route needs before it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Anyone may call it; it looks after itself.
    Public,
    /// A signed-in person.
    SignedIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Health,
    Events,
    Pixel,
    Plausible,
    Umami,
    UmamiBatch,
    Preflight,
    SignIn,
    Session,
    SignOut,
    ActiveSessions,
    Overview,
}

/// Every route there is. What is not in this table is refused.
const ROUTES: &[(&str, &str, Access, Route)] = &[
    ("GET", "/health", Access::Public, Route::Health),
    ("POST", "/events", Access::Public, Route::Events),
    ("OPTIONS", "/events", Access::Public, Route::Preflight),
    ("GET", "/p.gif", Access::Public, Route::Pixel),
    ("POST", "/api/event", Access::Public, Route::Plausible),
    ("OPTIONS", "/api/event", Access::Public, Route::Preflight),
    ("POST", "/api/send", Access::Public, Route::Umami),
    ("OPTIONS", "/api/send", Access::Public, Route::Preflight),
    ("POST", "/api/batch", Access::Public, Route::UmamiBatch),
    ("OPTIONS", "/api/batch", Access::Public, Route::Preflight),
    ("POST", "/api/session", Access::Public, Route::SignIn),
    ("DELETE", "/api/session", Access::Public, Route::SignOut),
    ("GET", "/api/session", Access::SignedIn, Route::Session),
    ("GET", "/api/sessions/active", Access::SignedIn, Route::ActiveSessions),
    ("GET", "/api/overview", Access::SignedIn, Route::Overview),
];

impl App {
    /// Puts the worker together.
    pub fn new(config: Config, store: Store) -> Self {
        let sites = Sites::new(config.sites.clone());
        let store = Rc::new(store);
        Self {
            config,
            store,
            sites,
            health: ingest::Health::default(),
            quarantine: ingest::Quota::default(),
            ledger: Rc::default(),
        }
    }

    /// Counts what became of a site's events.
    pub(crate) fn count(&self, site: &SiteId, now: u64, counts: &ingest::Counts, platform: &dyn Platform) {
        self.ledger.count(site, now, counts);
        self.ledger.write_later(&self.store, platform);
    }

    /// What is due once an hour.
    pub async fn tidy(&self, platform: &dyn Platform) {
        ingest::tidy(self, platform).await;
    }

    /// Stores a batch that the overflow queue gives back.
    pub async fn drain(&self, message: ingest::Message<'_>, platform: &dyn Platform) -> ingest::Drained {
        ingest::drain(self, message, platform).await
    }

    /// Answers a request. Refusals and failures are logged; successes only when `LOG_LEVEL` is `debug`: a
    /// log line costs twice what a request costs.
    pub async fn handle(&self, request: &Request, platform: &dyn Platform) -> Response {
        let route =
            ROUTES.iter().find(|(method, path, ..)| *method == request.method && *path == request.path);
        let response = match route {
            Some((_, _, Access::SignedIn, _)) if !self.signed_in(request) => {
                Response::problem(Code::SignInRequired, None)
            }
            Some((.., route)) => self.run(*route, request, platform).await,
            None if ROUTES.iter().any(|(_, path, ..)| *path == request.path) => {
                let methods =
                    ROUTES.iter().filter(|(_, path, ..)| *path == request.path).map(|(method, ..)| *method);
                let allow = methods.collect::<Vec<_>>().join(", ");
                Response::problem(Code::MethodNotAllowed, None).with("allow", allow)
            }
            None => Response::problem(Code::NotFound, None),
        };
        if response.status >= 400 || self.config.debug {
            let level = if response.status >= 500 { Level::Error } else { Level::Info };
            let fields = [
                ("method", Value::from(request.method.as_str())),
                ("route", route.map_or("none", |(_, path, ..)| *path).into()),
                ("status", response.status.into()),
                ("problem", response.problem.map(Code::as_str).into()),
            ];
            log::write(level, "request", &fields);
        }
        response
    }

    fn signed_in(&self, request: &Request) -> bool {
        let config = &self.config;
        request.cookie(auth::COOKIE).is_some_and(|token| {
            auth::valid(&config.session_secret, &config.admin_password_hash, token, request.received_at)
        })
    }

    async fn run(&self, route: Route, request: &Request, platform: &dyn Platform) -> Response {
        match route {
            Route::Health => Response::json(200, &serde_json::json!({ "status": "ok" })),
            Route::Events => ingest::events(self, request, platform).await,
            Route::Pixel => ingest::pixel(self, request, platform).await,
            Route::Plausible => ingest::plausible(self, request, platform).await,
            Route::Umami => ingest::umami(self, request, platform).await,
            Route::UmamiBatch => ingest::umami_batch(self, request, platform).await,
            Route::Preflight => ingest::preflight(self, request).await,
            Route::SignIn => api::session::sign_in(&self.config, request),
            Route::Session => api::session::info(&self.config),
            Route::SignOut => api::session::sign_out(request),
            Route::ActiveSessions => api::active::get(self, request).await,
            Route::Overview => api::overview::get(self, request).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_route_but_signing_in_and_out_needs_a_signed_in_person() {
        for (method, path, access, route) in ROUTES {
            let door =
                matches!(route, Route::Plausible | Route::Umami | Route::UmamiBatch | Route::Preflight);
            let open = !path.starts_with("/api/") || door || matches!(route, Route::SignIn | Route::SignOut);
            assert_eq!(*access == Access::Public, open, "{method} {path}");
        }
    }
}
