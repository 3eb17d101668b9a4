//! What a reader may see of a site's half hour.

use protocol::account::ShareFilter;
use protocol::api::Device;
use protocol::live::{FeedEntry, Visit, VisitKey};
use protocol::{SessionId, live::Word};
use serde::{Deserialize, Serialize};

use crate::auth::access::Principal;
use crate::auth::secret;

/// Who reads, as it was found out when the connection was made. The platform keeps it with the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Whose connection it is: what connections are counted by.
    pub actor: String,
    /// The share link through which the reader looks; nothing for people and tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Shown>,
    /// When the right to read has to be looked at again, Unix milliseconds.
    pub until: u64,
}

/// What a share link shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The link's id.
    pub id: String,
    /// What it shows of the site.
    pub filter: ShareFilter,
}

impl Viewer {
    /// The reader who was let in as `principal`; `None` for nobody.
    pub fn of(principal: &Principal, until: u64) -> Option<Self> {
        let share = match principal {
            Principal::Nobody => return None,
            Principal::Person { .. } | Principal::Token { .. } => None,
            Principal::Share { id, filter, .. } => Some(Shown { id: id.clone(), filter: filter.clone() }),
        };
        Some(Self { actor: principal.actor(), share, until })
    }
}

/// A way to look at the half hour. Readers of one share link, and all who see everything, share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<'a> {
    share: Option<&'a Shown>,
    secret: &'a str,
}

impl<'a> View<'a> {
    /// The view of a reader; `secret` is what the aliases of visits are made of.
    pub fn new(viewer: &'a Viewer, secret: &'a str) -> Self {
        Self { share: viewer.share.as_ref(), secret }
    }

    /// What tells this view from others.
    pub fn name(&self) -> &'a str {
        self.share.map_or("", |share| &share.id)
    }

    /// Whether there are ids and whole events in it.
    pub fn is_full(&self) -> bool {
        self.share.is_none()
    }

    /// The filter, if not everything is shown.
    pub fn filter(&self) -> Option<&'a ShareFilter> {
        self.share.map(|share| &share.filter).filter(|filter| !filter.is_empty())
    }

    /// Whether something of this page, country and device is shown.
    pub fn shows(&self, page: &str, country: &str, device: &str) -> bool {
        self.filter().is_none_or(|filter| filter.matches(page, country, Device::from_name(device)))
    }

    /// Whether a visit is shown.
    pub fn shows_visit(&self, visit: &Visit) -> bool {
        self.shows(&visit.page, &visit.country, &visit.device)
    }

    /// What a visit is called: readers of links get a name that is that link's own, as in the read API.
    pub fn key(&self, key: VisitKey) -> VisitKey {
        match (self.share, key) {
            (Some(share), VisitKey::Session(id)) => VisitKey::Alias(alias(self.secret, &share.id, id)),
            _ => key,
        }
    }

    /// A visit as it is shown.
    pub fn visit(&self, visit: &Visit) -> Visit {
        let user = visit.user.filter(|_| self.is_full());
        Visit { key: self.key(visit.key), user, ..visit.clone() }
    }

    /// An event of the feed as it is shown, if it is.
    pub fn entry(&self, entry: &FeedEntry) -> Option<FeedEntry> {
        self.shows(&entry.page, &entry.country, &entry.device)
            .then(|| FeedEntry { visit: self.key(entry.visit), ..entry.clone() })
    }
}

/// The name of a visit for one share link.
fn alias(secret: &str, share: &str, visit: SessionId) -> [u8; 32] {
    secret::keyed_hash(secret, "shown", &[share, &visit.to_string()])
}

/// A text that is the same object wherever it stands.
pub(super) fn pooled(pool: &mut std::collections::HashSet<Word>, word: &Word) -> Word {
    if let Some(known) = pool.get(word) {
        return Word::clone(known);
    }
    pool.insert(Word::clone(word));
    Word::clone(word)
}
