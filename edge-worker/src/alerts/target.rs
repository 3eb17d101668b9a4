//! Where a webhook may be sent: to a public host, over https.
//!
//! Whoever may change a site chooses the address, and the worker fetches it. So nothing may be reached by it that its
//! owner could not reach from outside: no address in digits, no name without a dot or of a local network. On
//! Cloudflare's edge there is no private network behind the worker; a name that is made to point into one leads nowhere.
//! Redirects are not followed, and what is answered is not shown.

use url::{Host, Url};

use protocol::alert::MAX_URL_BYTES;

/// Ends of names that are of no public host (RFC 6761, RFC 8375, RFC 9476, and what networks use by habit).
const LOCAL_ENDS: [&str; 14] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "arpa",
    "test",
    "invalid",
    "onion",
    "alt",
];

const REFUSED: &str = "`target` must be the https address of a public host, without a user name; an IP address or a \
                       name of a local network is not one";

/// Whether a webhook may be sent there, in its normal form. `local` lets `http://localhost` pass: for development.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn webhook(text: &str, local: bool) -> Result<String, String> {
    let text = text.trim();
    if text.len() > MAX_URL_BYTES {
        return Err(format!("`target` must have at most {MAX_URL_BYTES} bytes"));
    }
    let refused = || REFUSED.to_owned();
    let url = Url::parse(text).map_err(|_| refused())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused());
    }
    let Some(host) = url.host() else { return Err(refused()) };
    let is_this_machine = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let fine = match host {
        _ if local && is_this_machine => matches!(url.scheme(), "http" | "https"),
        Host::Domain(name) => url.scheme() == "https" && is_public(name),
        Host::Ipv4(_) | Host::Ipv6(_) => false,
    };
    if fine { Ok(url.into()) } else { Err(refused()) }
}

fn is_public(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    match name.rsplit_once('.') {
        Some((before, end)) => !before.is_empty() && !LOCAL_ENDS.contains(&end),
        None => false,
    }
}

/// What is shown of an address: its host. The rest is what lets somebody post there.
pub fn shown(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => format!("{}/…", url.origin().ascii_serialization()),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_hosts_pass_in_their_normal_form() {
        for (text, expected) in [
            ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/services/T0/B0/x"),
            (" HTTPS://Example.COM:443/a?b=c ", "https://example.com/a?b=c"),
            ("https://example.com:8443/", "https://example.com:8443/"),
        ] {
            assert_eq!(webhook(text, false).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_is_not_public_is_refused_however_it_is_written() {
        for text in [
            "http://example.com/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://192.168.0.1",
            "https://8.8.8.8/",
            "https://intranet/",
            "https://metadata.google.internal/",
            "https://printer.local/",
            "https://printer.local./",
            "https://a.localhost/",
            "https://1.0.0.127.in-addr.arpa/",
            "https://user@example.com/",
            "https://user:pass@example.com/",
            "ftp://example.com/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "",
            "example.com",
            "https://example.com:99999/",
            "https://％31％32７.0.0.1/",
        ] {
            assert!(webhook(text, false).is_err(), "{text}");
        }
        let long = format!("https://example.com/{}", "x".repeat(MAX_URL_BYTES));
        assert!(webhook(&long, false).is_err());
    }

    #[test]
    fn this_machine_is_for_development_alone() {
        for text in ["http://localhost:8080/x", "http://127.0.0.1:9/", "http://[::1]:9/"] {
            assert!(webhook(text, true).is_ok() && webhook(text, false).is_err(), "{text}");
        }
        for text in ["http://10.0.0.1/", "http://example.com/", "https://printer.local/"] {
            assert!(webhook(text, true).is_err(), "{text}");
        }
    }

    #[test]
    fn secret_part_of_an_address_is_not_shown() {
        assert_eq!(shown("https://hooks.slack.com/services/T0/B0/x?y=z"), "https://hooks.slack.com/…");
        assert_eq!(shown("no address"), "");
    }
}
