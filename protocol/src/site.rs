//! A site and its rules: as they are kept in Accounts, given in `SITES`, and given and taken by `/api/sites`.

use serde::{Deserialize, Serialize};

use crate::SiteId;

/// How long raw events are kept when a site says nothing else, in days: a year can be compared with the
/// one before.
const DEFAULT_RETENTION_DAYS: u32 = 400;

/// How far the clocks of two machines may be apart, with the time in which a late event is not marked.
const CLOCKS_MS: u64 = 60 * 60_000;

/// A day, milliseconds.
const DAY_MS: u64 = 24 * 60 * 60_000;

/// One site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Site {
    /// The public id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: SiteId,
    /// Its name for people; the id when absent.
    #[serde(default)]
    pub name: String,
    /// Hosts whose pages may send events, each with its port unless that is the scheme's own. Exact:
    /// `www.shop.example` is not `shop.example`.
    pub domains: Vec<String>,
    /// Other names by which senders of other products know the site, such as its website id in Umami.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// IANA time zone in which its days begin.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Partitions an hour of events is spread over. One DynamoDB partition takes 1,000 write units a
    /// second (AWS developer guide), so one is enough up to about 300 batches of 3 events a second. May be
    /// raised at any time, never lowered: what lies in a partition above the number is not read.
    #[serde(default = "one")]
    pub shards: u32,
    /// How long events and visits are kept as rows, in days.
    #[serde(default = "retention")]
    pub retention_days: u32,
    /// How long they are kept as segments, in days, if longer: columns of which questions about the past are answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_retention_days: Option<u32>,
    /// The longest that this has ever been, if it was longer, kept by the worker: what was stored then may still lie
    /// there.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub longest_retention_days: u32,
    /// Until when what arrives is looked through for those who were erased, Unix milliseconds; kept by the worker.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub erased_until: u64,
    /// Ranges of time whose visits were made up to meet totals that were imported, Unix milliseconds, ascending; kept
    /// by the import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub estimated_ranges: Vec<(u64, u64)>,
    /// Who gives a visitor an id.
    #[serde(default)]
    pub privacy: Privacy,
    /// Whether a browser that asks not to be tracked (Global Privacy Control, Do Not Track) is left out.
    #[serde(default = "yes")]
    pub honour_opt_out: bool,
    /// How exactly the place of a visitor is kept.
    #[serde(default)]
    pub place: PlaceDetail,
    /// Parameters of a page's query that are kept with its address; all others are dropped. Campaign
    /// parameters and the names of click ids are always read.
    #[serde(default)]
    pub query_parameters: Vec<String>,
    /// Whether pages with an opaque origin (`Origin: null`: sandboxed frames, files) may send events.
    #[serde(default)]
    pub allow_null_origin: bool,
    /// What is left out.
    #[serde(default)]
    pub exclusions: Exclusions,
    /// When it was made, Unix milliseconds, if nothing had ever been stored under its id before. Set by the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<u64>,
}

/// Who gives a visitor an id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// The tracker: a random first-party id that the browser keeps.
    #[default]
    Standard,
    /// The worker, out of a secret that changes daily, the site, the address and the user agent. Nothing is
    /// kept in the browser, and a visitor is another one every day.
    Cookieless,
}

/// How exactly the place of a visitor is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceDetail {
    /// Not at all.
    None,
    /// The country.
    Country,
    /// Country and region.
    Region,
    /// Country, region and city.
    #[default]
    City,
}

/// What a site leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Exclusions {
    /// Paths, in which `*` stands for any text: `/admin/*`.
    pub paths: Vec<String>,
    /// ISO 3166-1 alpha-2 codes, upper case.
    pub countries: Vec<String>,
    /// Hashes of addresses; the addresses themselves are kept nowhere.
    pub addresses: Vec<String>,
}

fn utc() -> String {
    "UTC".into()
}
fn one() -> u32 {
    1
}
fn retention() -> u32 {
    DEFAULT_RETENTION_DAYS
}
fn yes() -> bool {
    true
}
fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

impl Site {
    /// A site with the defaults of everything but its id.
    pub fn new(id: SiteId) -> Self {
        Self {
            name: id.to_string(),
            id,
            domains: Vec::new(),
            aliases: Vec::new(),
            time_zone: utc(),
            shards: one(),
            retention_days: retention(),
            segment_retention_days: None,
            longest_retention_days: 0,
            erased_until: 0,
            estimated_ranges: Vec::new(),
            privacy: Privacy::default(),
            honour_opt_out: true,
            place: PlaceDetail::default(),
            query_parameters: Vec::new(),
            allow_null_origin: false,
            exclusions: Exclusions::default(),
            created_at: None,
        }
    }

    /// The day, UTC, with which its events begin, as its start in Unix milliseconds; 0 if that is not known.
    ///
    /// Of the days before it, what no segment holds and no mark tells of is nothing: they had closed when the site was
    /// made, and whatever is stored of a closed hour marks the hour (the worker's `store::segments`). An hour is
    /// taken off for machines whose clocks differ.
    pub fn since(&self) -> u64 {
        let at = self.created_at.unwrap_or(0).saturating_sub(CLOCKS_MS);
        at - at % DAY_MS
    }

    /// How many days segments are kept, and so how far back questions are answered.
    pub fn segment_days(&self) -> u32 {
        self.segment_retention_days.unwrap_or(0).max(self.retention_days)
    }

    /// The oldest moment of which rows are kept, Unix milliseconds.
    pub fn rows_from(&self, now: u64) -> u64 {
        now.saturating_sub(u64::from(self.retention_days) * DAY_MS)
    }

    /// The oldest moment of which questions are answered, Unix milliseconds.
    pub fn answered_from(&self, now: u64) -> u64 {
        now.saturating_sub(u64::from(self.segment_days()) * DAY_MS)
    }

    /// Where its numbers come from, as far as answers have to tell.
    pub fn origin(&self, now: u64) -> crate::query::Origin {
        crate::query::Origin {
            estimated_ranges: self.estimated_ranges.clone(),
            // The oldest day is half gone.
            segments_only_until: (self.segment_days() > self.retention_days)
                .then(|| self.rows_from(now).next_multiple_of(DAY_MS)),
        }
    }

    /// How many days back rows of the site may be stored.
    pub fn kept_days(&self) -> u32 {
        self.retention_days.max(self.longest_retention_days)
    }

    /// Whether pages of this origin (`https://host[:port]`) may send events.
    pub fn allows_origin(&self, origin: &str) -> bool {
        if origin == "null" {
            return self.allow_null_origin;
        }
        host_of_origin(origin).is_some_and(|host| self.has_domain(host))
    }

    /// Whether a host, with its port unless that is the scheme's own, is one of the site's.
    pub fn has_domain(&self, host: &str) -> bool {
        self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(host))
    }
}

/// A site as `/api/sites/{site_id}` gives and takes it. In what is sent, addresses under `exclusions.addresses` are given
/// plainly; they are hashed at once and answered as hashes, which may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteDocument {
    /// The site.
    #[serde(flatten)]
    pub site: Site,
    /// Counts the site's changes. A change names the one it was made of; 0 for a new site and for one that is set by
    /// the server's configuration.
    #[serde(default)]
    pub version: u64,
    /// Whether it is set by the server's configuration and cannot be changed.
    #[serde(default)]
    pub fixed: bool,
}

/// The host, with its port, of an origin; `None` for an opaque one or another scheme.
pub fn host_of_origin(origin: &str) -> Option<&str> {
    origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_has_defaults_and_survives_printing() {
        let site: Site = serde_json::from_str(r#"{"id":"shop","domains":["shop.example"]}"#).unwrap();
        let expected =
            Site { domains: vec!["shop.example".into()], name: String::new(), ..Site::new(site.id.clone()) };
        assert_eq!(site, expected);
        assert_eq!(serde_json::from_str::<Site>(&serde_json::to_string(&site).unwrap()).unwrap(), site);
    }

    #[test]
    fn only_the_exact_origin_is_allowed() {
        let mut site = Site::new(SiteId::parse("shop").unwrap());
        site.domains = vec!["shop.example".into(), "localhost:8788".into()];
        assert!(site.allows_origin("https://shop.example"));
        assert!(site.allows_origin("http://localhost:8788"));
        for origin in ["https://www.shop.example", "https://shop.example.evil", "null", "shop.example", ""] {
            assert!(!site.allows_origin(origin), "{origin}");
        }
        site.allow_null_origin = true;
        assert!(site.allows_origin("null"));
    }
}
