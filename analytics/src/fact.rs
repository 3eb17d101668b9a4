//! What the engine needs to know of one stored event.

use protocol::api::Device;
use protocol::{EventId, PageId, SessionId, UserId};

/// One stored event, reduced to what queries use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The event: facts of the same id are the same event.
    pub id: EventId,
    /// When it happened, Unix milliseconds.
    pub at: u64,
    /// The visitor.
    pub user: UserId,
    /// The visit.
    pub session: SessionId,
    /// The page view it belongs to.
    pub page: PageId,
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: Box<str>,
    /// Device class.
    pub device: Device,
    /// What happened.
    pub kind: FactKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactKind {
    /// A page was shown.
    PageView {
        /// Its path.
        path: Box<str>,
        /// Host of the referrer when it is another site's; empty otherwise.
        source: Box<str>,
    },
    /// A tracked target was clicked.
    Click,
    /// A conversion.
    Conversion,
    /// The last heartbeat of a page view so far, cumulative.
    Engagement {
        /// Time the page was visible, focused and in use, milliseconds.
        engaged_ms: u64,
    },
}

impl Fact {
    /// Whether the event is something the visitor did. A heartbeat only measures: it makes nobody a
    /// visitor of the hour in which a page happens to be closed.
    pub fn is_action(&self) -> bool {
        !matches!(self.kind, FactKind::Engagement { .. })
    }
}
