//! Answers that are no table: funnels, retention, journeys, lists of visits and timelines.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Origin;

/// What an answer of the kinds here covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Covered {
    /// Start of the range, Unix milliseconds.
    pub from: u64,
    /// End of the range, not included.
    pub to: u64,
    /// Visits that were looked at.
    pub visits_scanned: u64,
    /// Events that were looked at or skipped as part of a visit.
    pub events_scanned: u64,
    /// The first and the last action there was to look at.
    pub data_span: Option<(u64, u64)>,
    /// Where the numbers come from. What is counted is not estimated besides.
    #[serde(default)]
    pub origin: Origin,
}

impl Covered {
    /// Takes up what another part of the same range covers.
    pub fn add(&mut self, other: &Self) {
        (self.from, self.to) = (other.from, other.to);
        self.origin.clone_from(&other.origin);
        self.visits_scanned += other.visits_scanned;
        self.events_scanned += other.events_scanned;
        self.data_span = match (self.data_span, other.data_span) {
            (Some(one), Some(two)) => Some((one.0.min(two.0), one.1.max(two.1))),
            (one, two) => one.or(two),
        };
    }
}

/// How many visitors got how far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunnelAnswer {
    /// Visitors who reached each step; never more than the step before.
    pub visitors: Vec<u64>,
    /// Visitors with any selected action.
    pub all_visitors: u64,
    /// What it covers.
    pub covered: Covered,
}

/// Visitors who came first in the same step of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cohort {
    /// When the step begins.
    pub at: u64,
    /// Visitors with an action in this step, the one after it, and so on: the first is the cohort's size.
    pub visitors: Vec<u64>,
}

/// Who came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionAnswer {
    /// One for each step of time.
    pub cohorts: Vec<Cohort>,
    /// What it covers.
    pub covered: Covered,
}

/// A property that events have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PropertyKey {
    /// The site's name for it: `event:props:<key>` groups and filters by it.
    pub key: String,
    /// Selected actions that have it.
    pub events: u64,
}

/// Which properties events have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PropertiesAnswer {
    /// The properties, the most frequent first.
    pub properties: Vec<PropertyKey>,
    /// What it covers.
    pub covered: Covered,
}

/// A page on a journey.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JourneyStep {
    /// Path of the page.
    pub page: String,
    /// Visits that came this way.
    pub visits: u64,
    /// Those of them that had no further page.
    pub ended: u64,
    /// Those of them that went on to a page that is not listed.
    pub others: u64,
    /// Where they went on to, the most frequent first.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub next: Vec<JourneyStep>,
}

/// Which ways visits take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JourneyAnswer {
    /// Visits that have the page the journey is told from.
    pub visits: u64,
    /// Those that begin at a page that is not listed.
    pub others: u64,
    /// The pages the journey is told from, the most frequent first.
    pub steps: Vec<JourneyStep>,
    /// What it covers.
    pub covered: Covered,
}

/// An action on a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEvent {
    /// When, Unix milliseconds.
    pub at: u64,
    /// Kind of the event, such as `page_view`.
    pub kind: Cow<'static, str>,
    /// Host of the page.
    pub host: String,
    /// Path of the page.
    pub path: String,
    /// Title of the page, if the event names it.
    pub title: String,
    /// Name of the event.
    pub name: String,
    /// Page views only: engaged time of the page, milliseconds.
    pub engaged_ms: Option<u32>,
    /// Page views only: scroll depth of the page, per cent.
    pub scroll_percent: Option<u8>,
    /// What it was worth.
    pub revenue: Option<super::Money>,
    /// Properties.
    pub props: BTreeMap<String, String>,
}

/// A visit on a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineVisit {
    /// Its visitor: see [`VisitRow::visitor`].
    pub visitor: String,
    /// When it began: the time of its id.
    pub started_at: u64,
    /// Engaged time, milliseconds.
    pub engaged_ms: u32,
    /// Whether it bounced.
    pub bounced: bool,
    /// What is said of it, by name; only what is known.
    pub said: BTreeMap<String, String>,
    /// Its actions, in order.
    pub events: Vec<TimelineEvent>,
}

/// A visit in a list of visits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitRow {
    /// Names the visitor: 16 hexadecimal digits, the same for all of the visitor's visits, of which the id that the
    /// browser keeps cannot be worked out.
    pub visitor: String,
    /// When it began: the time of its id. With the visitor it names the visit.
    pub started_at: u64,
    /// Its last action that is loaded, Unix milliseconds.
    pub last_at: u64,
    /// Engaged time, milliseconds.
    pub engaged_ms: u32,
    /// Whether it bounced.
    pub bounced: bool,
    /// Page views.
    pub views: u32,
    /// Actions of all kinds.
    pub actions: u32,
    /// Conversions.
    pub conversions: u32,
    /// Path of its first page view.
    pub entry: String,
    /// Path of its last page view.
    pub exit: String,
    /// What is said of it, by name; only what is known.
    pub said: BTreeMap<String, String>,
}

/// A page of a list of visits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitsAnswer {
    /// The visits that have a selected action, the newest first.
    pub visits: Vec<VisitRow>,
    /// How many there are in range, on all pages.
    pub total: u64,
    /// What to give as `before` to get the visits before these; absent at the end.
    #[serde(default)]
    pub next: Option<String>,
    /// What it covers.
    pub covered: Covered,
}

/// The visits of a visitor with all they did, the earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineAnswer {
    /// The visits.
    pub visits: Vec<TimelineVisit>,
    /// How many visits of the visitor there are in range: more than are told where there are many.
    pub total: u64,
}
