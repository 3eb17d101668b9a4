//! What frames hold. Times are Unix milliseconds.

use std::fmt;

use super::codec::Word;
use crate::ids::{SessionId, UserId};
use crate::limits;

/// Names a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VisitKey {
    /// By its own id.
    Session(SessionId),
    /// By a name that it has for one share link alone: its readers see no ids.
    Alias([u8; 32]),
}

/// As the read API prints it.
impl fmt::Display for VisitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => id.fmt(f),
            Self::Alias(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The newest sign of life of a visit. Whether its visitor is here is a matter of the time: [`Visit::is_here`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The visit.
    pub key: VisitKey,
    /// The visitor; nobody for readers of share links.
    pub user: Option<UserId>,
    /// Path of the page on show.
    pub page: Word,
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: Word,
    /// City as the edge knows it; empty when unknown.
    pub city: Word,
    /// Device class, by its name in the API.
    pub device: Word,
    /// Browser family; empty when unknown.
    pub browser: Word,
    /// Operating system; empty when unknown.
    pub os: Word,
    /// When the visit began.
    pub started_at: u64,
    /// The last sign of life.
    pub last_seen: u64,
    /// Seconds within which the next one was announced.
    pub interval_s: u32,
    /// Whether the visitor left.
    pub left: bool,
}

impl Visit {
    /// Whether the visitor counts as here, by the definition of the read API.
    pub fn is_here(&self, at: u64) -> bool {
        limits::is_here(self.last_seen, self.interval_s, self.left, at)
    }

    /// What decides which of two signs of life of a visit counts: the later one, and of two at the same time the one
    /// that says that the visitor is here.
    pub fn age(&self) -> (u64, bool) {
        (self.last_seen, !self.left)
    }
}

/// What became of a visit since the last frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new, or more of it has changed than the others can say.
    Here(Visit),
    /// Its visitor went on to another page.
    Moved {
        /// The visit.
        key: VisitKey,
        /// Path of the page on show.
        page: Word,
        /// When.
        last_seen: u64,
        /// Seconds within which the next sign of life was announced.
        interval_s: u32,
    },
    /// Its visitor is still there.
    Seen {
        /// The visit.
        key: VisitKey,
        /// When.
        last_seen: u64,
        /// Seconds within which the next sign of life was announced.
        interval_s: u32,
    },
    /// Its visitor left.
    Left {
        /// The visit.
        key: VisitKey,
        /// When.
        last_seen: u64,
    },
    /// It is not to be shown any more: it has left what a share link shows.
    Gone(VisitKey),
}

/// What happened, for the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FeedKind {
    /// A page was shown.
    PageView = 0,
    /// A tracked target was clicked.
    Click = 1,
    /// The visitor did what the site is for.
    Conversion = 2,
    /// Something only the site has a name for.
    Custom = 3,
}

impl FeedKind {
    /// All kinds, by number.
    pub const ALL: [Self; 4] = [Self::PageView, Self::Click, Self::Conversion, Self::Custom];
}

/// An event of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// When it happened.
    pub at: u64,
    /// What happened.
    pub kind: FeedKind,
    /// In which visit.
    pub visit: VisitKey,
    /// Path of the page; empty when unknown.
    pub page: Word,
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: Word,
    /// City; empty when unknown.
    pub city: Word,
    /// Device class.
    pub device: Word,
    /// Where the visitor came from; page views only, empty for direct visits and pages of the site itself.
    pub source: Word,
    /// Name of a conversion, a custom event or a marked click.
    pub name: Word,
    /// What a conversion was worth, a decimal; empty when nothing.
    pub amount: Word,
    /// ISO 4217 code of the amount.
    pub currency: Word,
}

/// What happened in a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Minute {
    /// When it began.
    pub start: u64,
    /// Visits with an event in it.
    pub visits: u32,
    /// Page views.
    pub page_views: u32,
    /// Conversions.
    pub conversions: u32,
    /// Page views, clicks, conversions and custom events.
    pub events: u32,
}

/// The first frame of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hello {
    /// Names the hub's memory: another one knows nothing of what this one has sent.
    pub epoch: u64,
    /// Number of the last delta.
    pub seq: u64,
    /// The hub's clock.
    pub time: u64,
}

/// Everything there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Number of the last delta that is in it.
    pub seq: u64,
    /// The hub's clock.
    pub time: u64,
    /// Of what was before this nothing is known: minutes before it are no zeros.
    pub known_from: u64,
    /// The visits of the last half hour, in no order.
    pub visits: Vec<Visit>,
    /// The minutes of the last half hour that have events.
    pub minutes: Vec<Minute>,
    /// The latest events, the oldest first.
    pub feed: Vec<FeedEntry>,
    /// The conversions of the last half hour, the oldest first, at most [`super::MAX_CONVERSIONS`].
    pub conversions: Vec<FeedEntry>,
    /// Every event from here on is in `rows`, or comes in a delta.
    pub rows_from: u64,
    /// Events as a segment of columns; empty when there are none, and always for readers of share links.
    pub rows: Vec<u8>,
}

/// What has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// Its number; each is larger than the one before, not always by one.
    pub seq: u64,
    /// The hub's clock.
    pub time: u64,
    /// Visits.
    pub changes: Vec<Change>,
    /// New events, the oldest first.
    pub feed: Vec<FeedEntry>,
    /// Minutes in which something happened, as they are now.
    pub minutes: Vec<Minute>,
    /// The new events as a segment of columns, to be merged; empty when there are none, and always for readers of share
    /// links.
    pub rows: Vec<u8>,
}

/// What a hub sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// See [`Hello`].
    Hello(Hello),
    /// See [`Snapshot`].
    Snapshot(Snapshot),
    /// See [`Delta`].
    Delta(Delta),
    /// What the reader knows is void; a snapshot follows.
    Resync,
    /// The answer to [`ClientMessage::Ping`].
    Ping {
        /// Number of the last delta.
        seq: u64,
        /// The hub's clock.
        time: u64,
    },
}

/// What a reader sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMessage {
    /// Everything up to this delta, or the snapshot of this number, has been taken in.
    Ack(u64),
    /// What is the hub's clock?
    Ping,
}

/// The last frame a reader has taken in: the parameter `after` of a new connection, printed `epoch.seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The hub's memory it came from.
    pub epoch: u64,
    /// Its number.
    pub seq: u64,
}

impl fmt::Display for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq)
    }
}

impl Resume {
    /// Reads the printed form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.split_once('.')?;
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        Some(Self { epoch: number(epoch)?, seq: number(seq)? })
    }
}
