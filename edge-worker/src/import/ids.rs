//! Ids that are functions of what they name, so that importing again finds the same rows.

use protocol::{EventId, PageId, SessionId, UserId};
use sha2::{Digest, Sha256};

/// Ten bytes that stand for these texts.
pub(super) fn digest(parts: &[&str]) -> [u8; 10] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let hash = hasher.finalize();
    std::array::from_fn(|index| hash[index])
}

/// A number that stands for these texts.
pub(super) fn number(parts: &[&str]) -> u64 {
    digest(parts).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn event(at: u64, parts: &[&str]) -> EventId {
    EventId::new(at, &digest(parts))
}

pub(super) fn page(at: u64, parts: &[&str]) -> PageId {
    PageId::new(at, &digest(parts))
}

pub(super) fn session(at: u64, parts: &[&str]) -> SessionId {
    SessionId::new(at, &digest(parts))
}

/// The time of a visitor's id says nothing: which of their visits is the first one, no file may know.
pub(super) fn user(parts: &[&str]) -> UserId {
    UserId::new(0, &digest(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_their_time_and_differ_by_their_parts() {
        let id = event(1_763_866_800_000, &["a", "b"]);
        assert_eq!((id.unix_ms(), id), (1_763_866_800_000, event(1_763_866_800_000, &["a", "b"])));
        assert_ne!(digest(&["a", "b"]), digest(&["ab", ""]));
    }
}
