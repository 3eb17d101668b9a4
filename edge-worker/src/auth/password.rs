//! The admin password.

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2};

/// Most memory, in KiB, a configured hash may ask for: an isolate has 128 MB and never gives memory back.
const MAX_MEMORY_KIB: u32 = 20 * 1024;

/// Longest password that is looked at; a longer one is not worth hashing.
const MAX_PASSWORD_BYTES: usize = 1024;

/// Whether `password` is the one `hash` (a PHC string, argon2id) was made from. The comparison takes the
/// same time wherever the two differ. `None` when the hash itself cannot be used.
pub fn matches(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let params = argon2::Params::try_from(&hash).ok()?;
    if Algorithm::try_from(hash.algorithm.as_str()).ok()? != Algorithm::Argon2id
        || params.m_cost() > MAX_MEMORY_KIB
    {
        return None;
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Some(false);
    }
    Some(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Of "correct horse", m=64 KiB so that the test is quick.
    const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21l$";

    fn hashed(password: &str, memory: u32) -> String {
        use argon2::password_hash::CustomizedPasswordHasher;
        let params = argon2::Params::new(memory, 1, 1, None).unwrap();
        Argon2::default()
            .hash_password_customized(password.as_bytes(), b"somesaltsome", None, None, params)
            .unwrap()
            .to_string()
    }

    #[test]
    fn only_the_right_password_matches() {
        let hash = hashed("correct horse", 64);
        assert!(hash.starts_with(HASH), "{hash}");
        assert_eq!(matches("correct horse", &hash), Some(true));
        assert_eq!(matches("correct horsf", &hash), Some(false));
        assert_eq!(matches(&"x".repeat(MAX_PASSWORD_BYTES + 1), &hash), Some(false));
    }

    #[test]
    fn unusable_hash_is_not_a_wrong_password() {
        assert_eq!(matches("x", ""), None);
        assert_eq!(matches("x", "plain"), None);
        assert_eq!(matches("x", &hashed("x", MAX_MEMORY_KIB + 1)), None);
    }
}
