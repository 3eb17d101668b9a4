//! The session cookie: `v1.<expiry, Unix seconds>.<HMAC-SHA256 of that, hex>`.
//!
//! It holds no identity, because there is one: the admin. The key is derived from the session secret and
//! the password's hash, so changing either signs everyone out.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The cookie's name.
pub const COOKIE: &str = "li_session";

/// How long a sign-in lasts, in days.
pub const SESSION_DAYS: u64 = 7;

fn mac(secret: &str, password_hash: &str, expiry: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    for part in [password_hash, "session", expiry] {
        // The length keeps two different splits of the same bytes apart.
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part.as_bytes());
    }
    Some(mac)
}

fn attributes(https: bool, max_age: u64) -> String {
    // `Secure` only over TLS: on http://127.0.0.1 browsers would not keep the cookie.
    format!("; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{}", if https { "; Secure" } else { "" })
}

/// The `Set-Cookie` value of a new session. `now` in Unix milliseconds. `None` when the secret is empty.
pub fn issue(secret: &str, password_hash: &str, now: u64, https: bool) -> Option<String> {
    let seconds = SESSION_DAYS * 24 * 60 * 60;
    let expiry = (now / 1000 + seconds).to_string();
    let tag = mac(secret, password_hash, &expiry)?.finalize().into_bytes();
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("{COOKIE}=v1.{expiry}.{hex}{}", attributes(https, seconds)))
}

/// The `Set-Cookie` value that ends a session.
pub fn clear(https: bool) -> String {
    format!("{COOKIE}={}", attributes(https, 0))
}

/// Whether `token` is a session that we signed and that has not expired. Constant time in the signature.
pub fn valid(secret: &str, password_hash: &str, token: &str, now: u64) -> bool {
    let mut parts = token.split('.');
    let (Some("v1"), Some(expiry), Some(hex), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let Some(tag) = decode_hex(hex) else { return false };
    let Some(mac) = mac(secret, password_hash, expiry) else { return false };
    mac.verify_slice(&tag).is_ok() && expiry.parse::<u64>().is_ok_and(|expiry| now / 1000 < expiry)
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    fn token() -> String {
        let cookie = issue("secret", "hash", NOW, false).unwrap();
        cookie.strip_prefix("li_session=").unwrap().split(';').next().unwrap().to_owned()
    }

    #[test]
    fn session_is_valid_until_it_expires() {
        let end = NOW + SESSION_DAYS * 86_400_000;
        assert!(valid("secret", "hash", &token(), NOW));
        assert!(valid("secret", "hash", &token(), end - 1));
        assert!(!valid("secret", "hash", &token(), end));
    }

    #[test]
    fn tampered_or_foreign_token_is_refused() {
        let token = token();
        assert!(!valid("other", "hash", &token, NOW));
        assert!(!valid("secret", "new hash", &token, NOW));
        let later = token.replacen("v1.1", "v1.2", 1);
        assert_ne!(later, token);
        for wrong in [
            later.as_str(),
            "",
            "v1",
            "v1..",
            "v1.9.zz",
            "v1.9.é",
            &format!("{token}."),
            &token[..token.len() - 2],
        ] {
            assert!(!valid("secret", "hash", wrong, NOW), "{wrong}");
        }
    }

    #[test]
    fn cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let cookie = issue("secret", "hash", NOW, true).unwrap();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure"), "{cookie}");
        assert!(!issue("secret", "hash", NOW, false).unwrap().contains("Secure"));
    }
}
