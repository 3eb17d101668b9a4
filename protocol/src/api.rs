//! What the read API answers: the types the worker prints and the dashboard reads.
//!
//! Times are Unix milliseconds, durations milliseconds, unless a name says otherwise.

use serde::{Deserialize, Serialize};

use crate::account::{Person, Role};
use crate::query::Origin;

/// A site a signed-in person may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteInfo {
    /// The public id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// IANA time zone in which its days begin.
    pub time_zone: String,
    /// What the reader may do there.
    pub role: Role,
}

/// `GET /api/session`: who is signed in and what they may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// The person.
    pub person: Person,
    /// The sites, by id.
    pub sites: Vec<SiteInfo>,
}

/// `GET /api/v2/began`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Began {
    /// When the day begins that holds the site's first events, Unix milliseconds: the range `all` begins there.
    pub began: u64,
}

/// `GET /api/sites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteList {
    /// The sites the reader may see, by id.
    pub sites: Vec<SiteInfo>,
}

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// What a page is looked at with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// A computer.
    Desktop,
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A television, or a box on one.
    Tv,
    /// A games console.
    Console,
    /// Something worn: a watch, a headset.
    Wearable,
    /// Not recognised.
    #[default]
    Other,
}

impl Device {
    /// All classes.
    pub const ALL: [Self; 7] =
        [Self::Desktop, Self::Mobile, Self::Tablet, Self::Tv, Self::Console, Self::Wearable, Self::Other];

    /// The class's name in the store and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Tv => "tv",
            Self::Console => "console",
            Self::Wearable => "wearable",
            Self::Other => "other",
        }
    }

    /// The class of that name; [`Device::Other`] for unknown ones.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|d| d.as_str() == name).unwrap_or_default()
    }
}

/// One visitor who is here now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveSession {
    /// The visit.
    pub session_id: String,
    /// The visitor.
    pub user_id: String,
    /// Path of the page on show.
    pub page: String,
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: String,
    /// City as the edge knows it; empty when unknown.
    #[serde(default)]
    pub city: String,
    /// Device class.
    pub device: Device,
    /// Browser family; empty when unknown.
    pub browser: String,
    /// Operating system; empty when unknown.
    pub os: String,
    /// When the visit began.
    pub started_at: u64,
    /// The last sign of life.
    pub last_seen: u64,
    /// Whether the visitor counts as here now: seen within two announced intervals, and not gone.
    pub now: bool,
}

/// A segment of a range: `GET /api/segments/{bucket}/{hash}` gives its bytes, which never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentInfo {
    /// Its hour, day or month of UTC: `2026-11-23T03`, `2026-11-23` or `2026-11`.
    pub bucket: String,
    /// Names this state of it.
    pub hash: String,
    /// When the bucket begins.
    pub from: u64,
    /// When it ends.
    pub to: u64,
    /// How many events it holds.
    pub events: u64,
    /// How long it is, bytes.
    pub bytes: u64,
}

/// `GET /api/segments?site_id=…&from=…&to=…`: what the events of the days of UTC that a range touches are read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentList {
    /// The worker's clock when it answered.
    pub generated_at: u64,
    /// Segments in order of time, no two of which have an event in common: of a bucket of many events there is one for
    /// each shard of the visitors.
    pub segments: Vec<SegmentInfo>,
    /// Hours whose events `GET /api/segments/tail` gives: without a segment, or changed since. They merge with the
    /// segments; those that hold an older state of them included.
    pub tail_hours: Vec<String>,
    /// Where the site's numbers come from, of any range.
    #[serde(default)]
    pub origin: Origin,
}

/// `GET /api/sessions/active?site_id=…`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveSessions {
    /// The worker's clock when it answered.
    pub generated_at: u64,
    /// Visitors here now (design: last heartbeat within two of its announced intervals, not final).
    pub visitors_now: u64,
    /// Sessions with a sign of life in the last 5 minutes.
    pub last_5_minutes: u64,
    /// Sessions with a sign of life in the last 30 minutes.
    pub last_30_minutes: u64,
    /// The sessions of the last 30 minutes, the most recent first, at most [`MAX_ACTIVE_SESSIONS`].
    pub sessions: Vec<ActiveSession>,
}

/// Most rows `GET /api/sessions/active` lists; the counts are always of all.
pub const MAX_ACTIVE_SESSIONS: usize = 200;
