//! Identifiers. All but the site's are UUIDv7 (RFC 9562): made once, in the browser, and sortable by time.
//!
//! Made, read and printed here and not by the `uuid` crate: the tracker wants an id's text and time and
//! nothing else, and counts its bytes. Property tests hold this to what the crate does.

use core::fmt;
use core::str::FromStr;

use crate::limits::MAX_SITE_ID_BYTES;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdError {
    /// Not a UUID of version 7, or not in the 36-character hyphenated form.
    NotUuidV7,
    /// A site id is 1 to 64 characters out of `a-z`, `0-9`, `-`, `_` and `.`.
    NotSiteId,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUuidV7 => "not a uuid of version 7",
            Self::NotSiteId => "not a site id",
        })
    }
}

impl core::error::Error for IdError {}

/// Length of an id in hyphenated form.
pub const ID_BYTES: usize = 36;

/// Where the hyphens stand, as bits.
const HYPHENS: u64 = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23;

/// Makes the bytes of a UUIDv7 (RFC 9562, section 5.7).
fn make(unix_ms: u64, random: &[u8; 10]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = match index {
            ..6 => (unix_ms >> (40 - 8 * index)) as u8,
            6 => 0x70 | random[0] & 0x0f,
            8 => 0x80 | random[2] & 0x3f,
            _ => random[index - 6],
        };
    }
    bytes
}

/// Reads the hyphenated form of a UUIDv7.
fn read(text: &[u8]) -> Option<[u8; 16]> {
    time_of(text)?;
    let mut bytes = [0; 16];
    for (place, character) in text.iter().filter(|character| **character != b'-').enumerate() {
        let byte = bytes.get_mut(place / 2)?;
        *byte = *byte << 4 | (*character as char).to_digit(16)? as u8;
    }
    Some(bytes)
}

/// The time in the hyphenated form of a UUIDv7 as Unix milliseconds; `None` if the text is none. All the
/// tracker wants to know of an id.
pub fn time_of(text: &[u8]) -> Option<u64> {
    let mut ms = 0;
    for (index, &character) in text.iter().enumerate() {
        let hyphen = HYPHENS >> (index & 63) & 1 == 1;
        if hyphen != (character == b'-') || index >= ID_BYTES {
            return None;
        }
        if !hyphen {
            let digit = (character as char).to_digit(16)?;
            if index < 13 {
                ms = ms << 4 | u64::from(digit);
            }
        }
    }
    (text.len() == ID_BYTES && text.get(14) == Some(&b'7')).then_some(ms)
}

/// Makes the hyphenated form of a UUIDv7 at once, out of a Unix time in milliseconds and random bits. The
/// tracker wants nothing but the text; the way over sixteen bytes is longer.
pub fn fresh(unix_ms: u64, random: [u64; 2]) -> [u8; ID_BYTES] {
    let mut text = [b'-'; ID_BYTES];
    let mut bits = unix_ms << 16;
    for (index, character) in text.iter_mut().enumerate() {
        if HYPHENS >> index & 1 == 0 {
            if index == 14 {
                bits = random[0];
            } else if index == 19 {
                bits = random[1];
            }
            bits = bits.rotate_left(4);
            let digit = match index {
                // The version, and the variant of RFC 9562: its two highest bits are 10.
                14 => 7,
                19 => 8 | bits & 3,
                _ => bits & 15,
            };
            *character = digit_of(digit as u8);
        }
    }
    text
}

fn digit_of(digit: u8) -> u8 {
    digit + if digit < 10 { b'0' } else { b'a' - 10 }
}

/// Prints the hyphenated form, lower case.
fn print(bytes: &[u8; 16]) -> [u8; ID_BYTES] {
    let mut text = [b'-'; ID_BYTES];
    let mut digits = 0;
    for (index, character) in text.iter_mut().enumerate() {
        if HYPHENS >> index & 1 == 0 {
            let digit = bytes[(digits / 2) & 15] >> (4 - digits % 2 * 4) & 15;
            *character = digit_of(digit);
            digits += 1;
        }
    }
    text
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// No id: what stands where one is still to come.
            pub const NIL: Self = Self([0; 16]);

            /// Makes an id from a Unix time in milliseconds and ten random bytes.
            pub fn new(unix_ms: u64, random: &[u8; 10]) -> Self {
                Self(make(unix_ms, random))
            }

            /// Parses the hyphenated form.
            ///
            /// # Errors
            /// [`IdError::NotUuidV7`] for anything that is not a hyphenated UUID of version 7.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                Self::read(text.as_bytes()).ok_or(IdError::NotUuidV7)
            }

            /// [`Self::parse`] for text that is not known to be UTF-8.
            pub fn read(text: &[u8]) -> Option<Self> {
                read(text).map(Self)
            }

            /// The moment the id was made, as Unix milliseconds.
            pub fn unix_ms(&self) -> u64 {
                self.0[..6].iter().fold(0, |ms, byte| ms << 8 | u64::from(*byte))
            }

            /// The ten bytes that are not its time: with them and another time [`Self::new`] makes the same id
            /// at that time.
            pub fn random(&self) -> [u8; 10] {
                core::array::from_fn(|index| self.0[index + 6])
            }

            /// The hyphenated form, lower case; all of it is ASCII.
            pub fn print(&self) -> [u8; ID_BYTES] {
                print(&self.0)
            }

            /// The id of these sixteen bytes; `None` if they are no UUID of version 7.
            pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
                (bytes[6] >> 4 == 7).then_some(Self(bytes))
            }

            /// The sixteen bytes of the id.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.print().iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(core::str::from_utf8(&self.print()).unwrap_or_default())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

uuid_id! {
    /// One event. Kept through every retry: it is what makes delivery idempotent.
    EventId
}
uuid_id! {
    /// One visit: activity with no gap of 30 minutes. Its time is the visit's start.
    SessionId
}
uuid_id! {
    /// One browser of one person, as far as the site's privacy mode lets us know.
    UserId
}
uuid_id! {
    /// One page view; clicks, conversions and heartbeats name the page view they belong to.
    PageId
}

/// The public name of a site, as in the tracker's `data-site-id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(String);

impl SiteId {
    /// Parses a site id.
    ///
    /// # Errors
    /// [`IdError::NotSiteId`] unless it is 1 to 64 characters out of `a-z`, `0-9`, `-`, `_` and `.`. `#`
    /// is not among them: it separates the parts of a storage key.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if Self::is_valid(text.as_bytes()) { Ok(Self(text.into())) } else { Err(IdError::NotSiteId) }
    }

    /// Whether [`Self::parse`] takes it.
    pub fn is_valid(text: &[u8]) -> bool {
        (1..=MAX_SITE_ID_BYTES).contains(&text.len())
            && text.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SiteId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for SiteId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_carries_its_time_and_survives_printing() {
        let id = EventId::new(1_763_866_800_123, &[7; 10]);
        assert_eq!(id.unix_ms(), 1_763_866_800_123);
        assert_eq!(EventId::parse(&id.to_string()), Ok(id));
    }

    #[test]
    fn other_uuid_versions_and_forms_are_refused() {
        for text in [
            "",
            "0193573d-1e7b-4000-8000-000000000000",
            "0193573d1e7b70008000000000000000",
            "{0193573d-1e7b-7000-8000-000000000000}",
            "0193573d-1e7b-7000-8000-00000000000g",
        ] {
            assert_eq!(SessionId::parse(text), Err(IdError::NotUuidV7), "{text}");
        }
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(EventId::new(1, &[255; 10]) < EventId::new(2, &[0; 10]));
    }

    proptest::proptest! {
        #[test]
        fn ids_are_those_of_the_uuid_crate(ms in 0..1_u64 << 48, random: [u8; 10]) {
            let theirs = uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid();
            let ours = EventId::new(ms, &random);
            proptest::prop_assert_eq!(ours.as_bytes(), theirs.as_bytes());
            proptest::prop_assert_eq!(ours.to_string(), theirs.to_string());
            proptest::prop_assert_eq!(ours.unix_ms(), ms);
            let upper = theirs.to_string().to_uppercase();
            proptest::prop_assert_eq!(EventId::parse(&upper), Ok(ours));
        }

        #[test]
        fn fresh_texts_are_ids_of_their_time(ms in 0..1_u64 << 48, random: [u64; 2]) {
            let text = fresh(ms, random);
            let id = uuid::Uuid::try_parse_ascii(&text).unwrap();
            proptest::prop_assert_eq!(id.get_version_num(), 7);
            proptest::prop_assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
            proptest::prop_assert_eq!(time_of(&text), Some(ms));
        }

        #[test]
        fn no_text_is_read_that_the_uuid_crate_refuses(text in "[0-9a-fA-F-]{30,40}|[0-9a-f]{8}-[0-9a-g]{4}-[7-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}") {
            let theirs = uuid::Uuid::try_parse(&text).ok();
            let theirs = theirs.filter(|id| text.len() == ID_BYTES && id.get_version_num() == 7);
            proptest::prop_assert_eq!(EventId::parse(&text).ok().map(|id| *id.as_bytes()), theirs.map(|id| *id.as_bytes()));
        }
    }

    #[test]
    fn site_id_keeps_key_separators_out() {
        assert!(SiteId::parse("demo-shop.example_1").is_ok());
        for text in ["", "a#b", "Shop", "a b", &"x".repeat(65)] {
            assert_eq!(SiteId::parse(text), Err(IdError::NotSiteId), "{text}");
        }
    }
}
