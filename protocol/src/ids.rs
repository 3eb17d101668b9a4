//! Identifiers. All but the site's are UUIDv7 (RFC 9562): made once, in the browser, and sortable by time.

use core::fmt;
use core::str::FromStr;

use uuid::Uuid;

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

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from a Unix time in milliseconds and ten random bytes.
            pub fn new(unix_ms: u64, random: &[u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, random).into_uuid())
            }

            /// Parses the hyphenated form.
            ///
            /// # Errors
            /// [`IdError::NotUuidV7`] for anything that is not a hyphenated UUID of version 7.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                if text.len() != 36 {
                    return Err(IdError::NotUuidV7);
                }
                match Uuid::try_parse(text) {
                    Ok(id) if id.get_version_num() == 7 => Ok(Self(id)),
                    _ => Err(IdError::NotUuidV7),
                }
            }

            /// The moment the id was made, as Unix milliseconds.
            pub fn unix_ms(&self) -> u64 {
                (self.0.as_u128() >> 80) as u64
            }

            /// Appends the 36-character lower-case form to `out`.
            pub fn write_to(&self, out: &mut String) {
                let mut buffer = Uuid::encode_buffer();
                out.push_str(self.0.hyphenated().encode_lower(&mut buffer));
            }

            /// The sixteen bytes of the id.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut buffer = Uuid::encode_buffer();
                f.write_str(self.0.hyphenated().encode_lower(&mut buffer))
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
                let mut buffer = Uuid::encode_buffer();
                serializer.serialize_str(self.0.hyphenated().encode_lower(&mut buffer))
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
        let fits = (1..=MAX_SITE_ID_BYTES).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
        if fits { Ok(Self(text.into())) } else { Err(IdError::NotSiteId) }
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

    #[test]
    fn site_id_keeps_key_separators_out() {
        assert!(SiteId::parse("demo-shop.example_1").is_ok());
        for text in ["", "a#b", "Shop", "a b", &"x".repeat(65)] {
            assert_eq!(SiteId::parse(text), Err(IdError::NotSiteId), "{text}");
        }
    }
}
