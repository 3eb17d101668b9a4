//! Passwords, kept as argon2id hashes.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use protocol::account::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS};

/// Most memory, in KiB, a kept hash may ask for: an isolate has 128 MB and never gives memory back.
const MAX_MEMORY_KIB: u32 = 20 * 1024;

/// The choice with the least memory among those OWASP calls equal (Password Storage Cheat Sheet).
const MEMORY_KIB: u32 = 7 * 1024;
const PASSES: u32 = 5;

/// Why a password is not taken, as a sentence about it.
pub fn complaint(password: &str, email: &str) -> Option<String> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Some(format!("the password must have at most {MAX_PASSWORD_BYTES} bytes"));
    }
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Some(format!("the password must have at least {MIN_PASSWORD_CHARS} characters"));
    }
    let mut characters = password.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) || password.eq_ignore_ascii_case(email) {
        return Some("the password is too easy to guess".into());
    }
    None
}

/// The hash of a password, as a PHC string. `None` when argon2 refuses its parameters, which are constants.
pub fn hash(password: &str, salt: &[u8; 16]) -> Option<String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash = argon2.hash_password_customized(password.as_bytes(), salt, None, None, params);
    hash.ok().map(|hash| hash.to_string())
}

/// Whether `password` is the one `hash` was made from. The comparison takes the same time wherever the two
/// differ. `None` when the hash itself cannot be used.
pub fn matches(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let params = Params::try_from(&hash).ok()?;
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

/// The work of checking a password against nobody's hash: what an unknown address is answered takes as long as
/// what a known one is.
pub fn pretend(password: &str) {
    if password.len() <= MAX_PASSWORD_BYTES {
        // What comes out is of no use to anyone.
        let _ = hash(password, &[0; 16]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(password: &str, memory: u32) -> String {
        let params = Params::new(memory, 1, 1, None).unwrap();
        Argon2::default()
            .hash_password_customized(password.as_bytes(), b"somesaltsome", None, None, params)
            .unwrap()
            .to_string()
    }

    #[test]
    fn only_the_right_password_matches() {
        let hash = hash("correct horse", &[7; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{hash}");
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

    #[test]
    fn short_and_obvious_passwords_are_refused() {
        assert_eq!(complaint("correct horse", "a@b"), None);
        assert_eq!(complaint("비밀번호는이것입니다", "a@b"), None);
        for wrong in ["short", "aaaaaaaaaaaaaaa", "Jane@Example.com", &"x1".repeat(600)] {
            assert!(complaint(wrong, "jane@example.com").is_some(), "{wrong}");
        }
    }
}
