//! Secrets that stand for a person or a permission: how they are made, written, read and kept.
//!
//! | secret | form |
//! |---|---|
//! | API token | `lit_<id>_<256 random bits>` |
//! | invitation | `liv_<id>_<256 random bits>` |
//! | share link | `lis_<id>_<256 random bits>` |
//! | session cookie | `<person id>.<session id>.<256 random bits>` |
//!
//! The id finds the row in the store, which holds the SHA-256 of the whole text: what has 256 random bits cannot be
//! guessed from its hash, so no slower one is needed. The prefixes let scanners of leaked secrets recognise them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::encoding::hex;
use crate::platform::Platform;

/// Length of an id, in hex digits.
const ID_CHARS: usize = 16;

/// Length of 32 bytes in hex.
const RANDOM_CHARS: usize = 64;

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An API token.
    Token,
    /// An invitation.
    Invitation,
    /// A share link.
    Share,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Token, Self::Invitation, Self::Share];

    fn prefix(self) -> &'static str {
        match self {
            Self::Token => "lit",
            Self::Invitation => "liv",
            Self::Share => "lis",
        }
    }
}

/// A secret just made.
pub struct Fresh {
    /// Names it; finds its row.
    pub id: String,
    /// The secret, to be shown once.
    pub text: String,
    /// What is kept of it.
    pub hash: String,
}

/// Random bytes.
pub fn random<const N: usize>(platform: &dyn Platform) -> [u8; N] {
    let mut bytes = [0; N];
    platform.random(&mut bytes);
    bytes
}

/// A new id: 64 random bits, in hex.
pub fn id(platform: &dyn Platform) -> String {
    hex(&random::<{ ID_CHARS / 2 }>(platform))
}

/// Whether a text has the form of an id.
pub fn is_id(text: &str) -> bool {
    text.len() == ID_CHARS && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A new secret of a kind.
pub fn make(kind: Kind, platform: &dyn Platform) -> Fresh {
    let id = id(platform);
    let text = format!("{}_{id}_{}", kind.prefix(), hex(&random::<32>(platform)));
    Fresh { hash: hash(&text), text, id }
}

/// The kind and the id of a secret; `None` for anything that is none.
pub fn read(text: &str) -> Option<(Kind, &str)> {
    let (prefix, rest) = text.split_once('_')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
    let (id, random) = rest.split_once('_')?;
    (is_id(id) && is_random(random)).then_some((kind, id))
}

/// The start of a secret, which may be shown: prefix and id.
pub fn shown_prefix(text: &str) -> &str {
    text.get(..4 + ID_CHARS).unwrap_or_default()
}

/// A session's cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSecret<'a> {
    /// The person.
    pub person: &'a str,
    /// The session.
    pub session: &'a str,
}

/// A new cookie value of a session.
pub fn make_session(person: &str, session: &str, platform: &dyn Platform) -> String {
    format!("{person}.{session}.{}", hex(&random::<32>(platform)))
}

/// Whose session a cookie value is; `None` for anything that is none.
pub fn read_session(text: &str) -> Option<SessionSecret<'_>> {
    let (person, rest) = text.split_once('.')?;
    let (session, random) = rest.split_once('.')?;
    (is_id(person) && is_id(session) && is_random(random)).then_some(SessionSecret { person, session })
}

fn is_random(text: &str) -> bool {
    text.len() == RANDOM_CHARS && is_hex(text)
}

/// SHA-256 in hex: the form in which secrets of 256 random bits are kept.
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// A hash with a secret key: the form in which short secrets and addresses are kept, which could be guessed from
/// an ordinary one.
pub fn keyed_hash(key: &str, purpose: &str, parts: &[&str]) -> [u8; 32] {
    // An HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return [0; 32] };
    for part in [purpose].iter().chain(parts) {
        // The length keeps two different splits of the same bytes apart.
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// [`keyed_hash`] in hex.
pub fn keyed_hex(key: &str, purpose: &str, parts: &[&str]) -> String {
    hex(&keyed_hash(key, purpose, parts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::testing::Dice;

    #[test]
    fn secret_is_read_back_and_kept_as_its_hash() {
        for kind in Kind::ALL {
            let fresh = make(kind, &Dice::new(7));
            assert_eq!(read(&fresh.text), Some((kind, fresh.id.as_str())));
            assert_eq!(fresh.hash, hash(&fresh.text));
            assert!(!fresh.hash.contains(&fresh.id) && fresh.text.starts_with(shown_prefix(&fresh.text)));
            assert!(shown_prefix(&fresh.text).ends_with(&fresh.id));
        }
        let cookie = make_session("00112233445566aa", "ffeeddccbbaa9988", &Dice::new(1));
        let read = read_session(&cookie).unwrap();
        assert_eq!((read.person, read.session), ("00112233445566aa", "ffeeddccbbaa9988"));
    }

    #[test]
    fn keyed_hash_depends_on_key_purpose_and_split() {
        let all = [
            keyed_hex("k", "a", &["bc"]),
            keyed_hex("k", "ab", &["c"]),
            keyed_hex("k", "a", &["b", "c"]),
            keyed_hex("l", "a", &["bc"]),
        ];
        for (index, hash) in all.iter().enumerate() {
            assert!(!all[..index].contains(hash));
        }
    }

    proptest! {
        #[test]
        fn anything_else_is_no_secret(text in "\\PC{0,80}") {
            prop_assert_eq!(read(&text), None);
            prop_assert_eq!(read_session(&text), None);
        }

        #[test]
        fn secret_with_a_character_changed_is_another_or_none(seed in 0_u64..100, at in 0_usize..64, c in "[ -~]") {
            let fresh = make(Kind::Token, &Dice::new(seed));
            let mut changed = fresh.text.clone();
            changed.replace_range(at..=at, &c);
            prop_assume!(changed != fresh.text);
            let same = read(&changed) == read(&fresh.text) && hash(&changed) == fresh.hash;
            prop_assert!(!same);
        }
    }
}
