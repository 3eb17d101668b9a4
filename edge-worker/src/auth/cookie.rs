//! The cookies: `li_session` of people, `li_share` of readers of a share link.
//!
//! Over https their names begin with `__Host-`, which browsers take from this host alone, over TLS, for all paths.

use crate::http::Request;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// A person's session.
    Session,
    /// An opened share link.
    Share,
}

impl Cookie {
    fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-li_session",
            (Self::Session, false) => "li_session",
            (Self::Share, true) => "__Host-li_share",
            (Self::Share, false) => "li_share",
        }
    }

    /// Its value in a request.
    pub fn of(self, request: &Request) -> Option<&str> {
        request.cookie(self.name(request.https)).filter(|value| !value.is_empty())
    }

    /// The `Set-Cookie` value that keeps `value` for `seconds`.
    pub fn set(self, request: &Request, value: &str, seconds: u64) -> String {
        let https = request.https;
        // `Secure` only over TLS: on http://127.0.0.1 browsers would not keep the cookie.
        let secure = if https { "; Secure" } else { "" };
        let name = self.name(https);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
    }

    /// The `Set-Cookie` value that takes it away.
    pub fn clear(self, request: &Request) -> String {
        self.set(request, "", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let request = Request { https: true, ..Request::default() };
        let cookie = Cookie::Session.set(&request, "x", 60);
        assert_eq!(cookie, "__Host-li_session=x; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
        assert!(!Cookie::Session.set(&Request::default(), "x", 60).contains("Secure"));
        assert!(Cookie::Share.clear(&request).starts_with("__Host-li_share=; "));
    }

    #[test]
    fn cookie_without_the_prefix_is_not_read_over_https() {
        let headers = vec![("cookie".into(), "li_session=planted; __Host-li_share=mine".into())];
        let request = Request { https: true, headers, ..Request::default() };
        assert_eq!(Cookie::Session.of(&request), None);
        assert_eq!(Cookie::Share.of(&request), Some("mine"));
    }
}
