//! Signing in and out: `/api/session`.

use protocol::api::{SessionInfo, SignIn, SiteInfo};
use protocol::problem::Code;

use crate::auth;
use crate::config::Config;
use crate::http::{Request, Response};
use crate::log::{self, Level};

/// `POST`: checks the password and sets the session cookie.
pub(crate) fn sign_in(config: &Config, request: &Request) -> Response {
    // A form of another site cannot send this media type without a preflight, which we do not answer.
    if !request.header("content-type").is_some_and(|value| value.starts_with("application/json")) {
        return Response::problem(Code::UnsupportedMediaType, "send JSON as application/json".to_owned());
    }
    let body = request.body.as_deref().unwrap_or_default();
    let Ok(SignIn { password }) = serde_json::from_slice(body) else {
        return Response::problem(Code::InvalidJson, "send {\"password\": \"…\"}".to_owned());
    };
    match auth::matches(&password, &config.admin_password_hash) {
        Some(true) => {}
        Some(false) => return Response::problem(Code::WrongPassword, None),
        None => {
            log::write(Level::Error, "ADMIN_PASSWORD_HASH is not an argon2id hash within 20 MiB", &[]);
            return Response::problem(Code::NotConfigured, None);
        }
    }
    let cookie =
        auth::issue(&config.session_secret, &config.admin_password_hash, request.received_at, request.https);
    match cookie {
        Some(cookie) => info(config).with("set-cookie", cookie),
        None => Response::problem(Code::NotConfigured, None),
    }
}

/// `GET`: what the signed-in person may see.
pub(crate) fn info(config: &Config) -> Response {
    let sites = config.sites.iter().map(|site| SiteInfo {
        id: site.id.to_string(),
        name: site.name.clone(),
        time_zone: site.time_zone.clone(),
    });
    Response::json(200, &SessionInfo { sites: sites.collect() })
}

/// `DELETE`: ends the session in this browser.
pub(crate) fn sign_out(request: &Request) -> Response {
    Response::empty(204).with("set-cookie", auth::clear(request.https))
}
