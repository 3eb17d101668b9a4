//! The second factor: time-based one-time passwords (RFC 6238) over HMAC-SHA-1, 30 seconds and six digits, as every
//! authenticator app speaks them.
//!
//! The shared secret is kept nowhere. It is derived from the server's secret key, the person and a random nonce,
//! and the store holds the nonce: who reads the store alone cannot make codes.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::secret;
use crate::encoding;
use crate::platform::Platform;

const STEP_MS: u64 = 30_000;

/// Steps before and after the present one whose code is taken too: clocks differ, and typing takes time.
const TOLERANCE: u64 = 1;

/// Recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;

/// The length RFC 4226 recommends, that of the hash.
pub type Secret = [u8; 20];

/// The person's secret.
pub fn secret(key: &str, person: &str, nonce: &str) -> Secret {
    let hash = secret::keyed_hash(key, "totp", &[person, nonce]);
    std::array::from_fn(|index| hash[index])
}

/// The secret as people type it.
pub fn base32(secret: &Secret) -> String {
    encoding::base32(secret)
}

/// The address that authenticator apps read from a QR code (Google Authenticator, key URI format).
pub fn uri(secret: &Secret, account: &str) -> String {
    // Apps read `%20`, not every one reads `+`.
    let account = form_urlencoded::byte_serialize(account.as_bytes()).collect::<String>().replace('+', "%20");
    format!("otpauth://totp/LiveInsight:{account}?secret={}&issuer=LiveInsight", base32(secret))
}

/// The code of a step (RFC 4226, section 5.3), as a number of at most six digits.
fn code(secret: &[u8], step: u64) -> u32 {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return u32::MAX };
    mac.update(&step.to_be_bytes());
    let tag: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(tag[19] & 15);
    let word = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]);
    (word & 0x7fff_ffff) % 1_000_000
}

/// The step whose code this is, unless it lies before or at `last`: a code is good once. `now` in Unix
/// milliseconds. The comparison takes the same time whatever the digits.
pub fn step_of(secret: &Secret, presented: &str, now: u64, last: Option<u64>) -> Option<u64> {
    let digits: String = presented.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let present = now / STEP_MS;
    let mut found = None;
    for step in present.saturating_sub(TOLERANCE)..=present + TOLERANCE {
        let right = super::same_secret(&format!("{:06}", code(secret, step)), &digits);
        if right && last.is_none_or(|last| step > last) {
            found = Some(step);
        }
    }
    found
}

/// New recovery codes: 50 random bits each, in two groups.
pub fn recovery_codes(platform: &dyn Platform) -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|_| {
            // Ten characters are 50 bits: the last two of seven bytes' twelve are left out.
            let text = encoding::base32(&secret::random::<7>(platform)).to_lowercase();
            format!("{}-{}", &text[..5], &text[5..10])
        })
        .collect()
}

/// What is kept of a recovery code.
pub fn recovery_hash(key: &str, person: &str, presented: &str) -> String {
    let plain: String = presented.chars().filter(char::is_ascii_alphanumeric).collect();
    secret::keyed_hex(key, "recovery", &[person, &plain.to_lowercase()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing::Dice;

    /// RFC 6238, appendix B, SHA-1. The vectors have eight digits; ours are their last six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, expected) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(b"12345678901234567890", seconds / 30), expected, "{seconds}");
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn counters_are_those_of_the_rfc() {
        let expected =
            [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (step, expected) in expected.into_iter().enumerate() {
            assert_eq!(code(b"12345678901234567890", step as u64), expected);
        }
    }

    #[test]
    fn code_is_good_for_a_minute_and_a_half_and_once() {
        let secret = *b"12345678901234567890";
        let now = 1_111_111_109_000;
        let step = now / STEP_MS;
        assert_eq!(step_of(&secret, "081804", now, None), Some(step));
        assert_eq!(step_of(&secret, " 081 804 ", now + STEP_MS, None), Some(step));
        assert_eq!(step_of(&secret, "081804", now - STEP_MS, None), Some(step));
        assert_eq!(step_of(&secret, "081804", now + 2 * STEP_MS, None), None);
        assert_eq!(step_of(&secret, "081804", now, Some(step)), None);
        assert_eq!(step_of(&secret, "081804", now, Some(step - 1)), Some(step));
        for wrong in ["081805", "81804", "0818040", "", "abcdef", "０８１８０４"] {
            assert_eq!(step_of(&secret, wrong, now, None), None, "{wrong}");
        }
    }

    #[test]
    fn secret_is_the_persons_own() {
        let first = secret("key", "person", "nonce");
        for other in
            [secret("yek", "person", "nonce"), secret("key", "p", "nonce"), secret("key", "person", "n")]
        {
            assert_ne!(first, other);
        }
        assert_eq!(base32(&first).len(), 32);
        assert!(
            uri(&first, "a b@example.com")
                .starts_with("otpauth://totp/LiveInsight:a%20b%40example.com?secret=")
        );
    }

    #[test]
    fn recovery_codes_are_ten_and_forgive_how_they_are_typed() {
        let codes = recovery_codes(&Dice::new(3));
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert!(code.len() == 11 && codes.iter().filter(|other| *other == code).count() == 1, "{code}");
            let typed = code.to_uppercase().replace('-', " ");
            assert_eq!(recovery_hash("k", "p", code), recovery_hash("k", "p", &typed));
            assert_ne!(recovery_hash("k", "p", code), recovery_hash("k", "q", code));
        }
    }
}
