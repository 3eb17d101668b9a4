//! Events and batches, checked: every value of these types is within the limits of [`crate::limits`].

use crate::ids::{EventId, PageId, SessionId, SiteId, UserId};
use crate::limits;
pub use crate::value::{Name, PersonId, Props, Revenue, Size, Text, Url};

/// What all events of a batch have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// `navigator.language`, a BCP 47 tag.
    pub language: Text<{ limits::MAX_CONTEXT_BYTES }>,
    /// IANA time zone of the browser.
    pub time_zone: Text<{ limits::MAX_CONTEXT_BYTES }>,
    /// Size of the screen.
    pub screen: Option<Size>,
    /// Size of the viewport.
    pub viewport: Option<Size>,
    /// The page the visitor is on when the batch is sent. A batch of heartbeats alone says in no other
    /// way where the visitor is.
    pub url: Option<Url>,
    /// Names the browser tab, so that what a visitor does in two tabs at once can be told apart. Empty when
    /// not known.
    pub tab: Text<{ limits::MAX_TAB_BYTES }>,
}

/// What a click hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClickKind {
    /// An element the site marked with `data-li-event`.
    Marked,
    /// A link to another host.
    Outbound,
    /// A link to a file.
    Download,
    /// A button.
    Button,
}

impl ClickKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Marked, Self::Outbound, Self::Download, Self::Button];

    /// The kind's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Outbound => "outbound",
            Self::Download => "download",
            Self::Button => "button",
        }
    }
}

/// A page was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageView {
    /// Full address, query included: the worker reads campaign parameters from it.
    pub url: Url,
    /// Where the visitor came from.
    pub referrer: Option<Url>,
    /// Title of the document.
    pub title: Text<{ limits::MAX_TITLE_BYTES }>,
    /// The site's own properties.
    pub props: Props,
}

/// A tracked element was clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// What was hit.
    pub kind: ClickKind,
    /// The site's name for it (`data-li-event`).
    pub name: Option<Name>,
    /// Visible text of the element.
    pub text: Text<{ limits::MAX_TEXT_BYTES }>,
    /// Where the link leads.
    pub href: Option<Url>,
    /// A short CSS path to the element.
    pub selector: Text<{ limits::MAX_TEXT_BYTES }>,
}

/// The visitor did what the site is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// Such as `purchase` or `sign-up`.
    pub name: Name,
    /// What it was worth.
    pub revenue: Option<Revenue>,
    /// The site's own properties.
    pub props: Props,
}

/// A custom event: something happened that only the site has a name for. Unlike a conversion it is not what
/// the site is for: it counts in no metric and does not keep a visit from being a bounce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// Such as `video_play` or `filter_opened`.
    pub name: Name,
    /// The site's own properties.
    pub props: Props,
}

/// The visitor is still there. Values are cumulative for the page view, so a later heartbeat replaces
/// every earlier one of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// Time the page was visible and focused and the visitor active, in milliseconds.
    pub engaged_ms: u64,
    /// Deepest point seen, 0 to 100 per cent of the page's height.
    pub scroll_percent: u8,
    /// Seconds until the next heartbeat at the latest, 1 to [`limits::MAX_INTERVAL_S`].
    pub interval_s: u32,
    /// Whether this is the page's last one: it was hidden or left.
    pub last: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// See [`PageView`].
    PageView(PageView),
    /// See [`Click`].
    Click(Click),
    /// See [`Conversion`].
    Conversion(Conversion),
    /// See [`Custom`].
    Custom(Custom),
    /// See [`Heartbeat`].
    Heartbeat(Heartbeat),
}

impl EventKind {
    /// The type's name on the wire.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::PageView(_) => "page_view",
            Self::Click(_) => "click",
            Self::Conversion(_) => "conversion",
            Self::Custom(_) => "custom",
            Self::Heartbeat(_) => "heartbeat",
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Made in the browser, kept through every retry.
    pub id: EventId,
    /// When it happened by the browser's clock, Unix milliseconds; within a minute of the id's time.
    pub at: u64,
    /// The page view it belongs to.
    pub page_id: PageId,
    /// What happened.
    pub kind: EventKind,
}

/// What one request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The site.
    pub site_id: SiteId,
    /// The visitor.
    pub user_id: UserId,
    /// The site's own id of the person the visitor is; `None` while nobody is identified.
    pub person_id: Option<PersonId>,
    /// The visit.
    pub session_id: SessionId,
    /// Whether the ids of visitor and visit were kept nowhere in the browser: they end with the page, and
    /// the same person comes back under others.
    pub cookieless: bool,
    /// The browser's clock when this attempt was sent, Unix milliseconds.
    pub sent_at: u64,
    /// Events this browser had to throw away unsent since it last said so.
    pub dropped: u32,
    /// Times the tracker's module failed in this browser since it last said so.
    pub faults: u32,
    /// What all events have in common.
    pub context: Context,
    /// The events that passed the checks.
    pub events: Vec<Event>,
}
