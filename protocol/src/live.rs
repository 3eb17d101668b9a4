//! What live push sends: binary frames over a WebSocket (`GET /api/live`), and the state a reader makes of them.
//!
//! ```text
//! frame:  version u8  kind u8  fields
//! ```
//!
//! Numbers are varints. A text is written out where it first occurs in a frame and named by its number after
//! that. A reader refuses a version or kind that it does not know and bytes that are left over; what it refuses
//! costs it nothing: the connection is closed and made anew, or polling takes over.
//!
//! On a new connection the hub sends [`Hello`], then either the [`Delta`]s that the reader has missed (it named
//! the last one in `after`, see [`Resume`]) or a [`Snapshot`], with [`Frame::Resync`] before it if the reader had
//! a state that is void now. The reader answers with [`ClientMessage::Ack`]: the hub never has more than
//! [`WINDOW`] frames on the way to one reader.
//!
//! The text `ping` is answered with the text `pong` by the platform, without waking the hub.

mod codec;
mod frame;
mod state;
#[cfg(test)]
mod tests;
mod types;

pub use codec::{LiveError, Reader, Word, Writer};
pub use state::{Applied, LiveState};
pub use types::{
    Change, ClientMessage, Delta, FeedEntry, FeedKind, Frame, Hello, Minute, Resume, Snapshot, Visit,
    VisitKey,
};

/// Version of the frames.
pub const VERSION: u8 = 1;

/// Frames that may be on the way to a reader before it has to acknowledge one: at four frames a second, eight
/// seconds.
pub const WINDOW: u64 = 32;

/// A reader acknowledges at the latest after so many frames.
pub const ACK_EVERY: u64 = 4;

/// How far the state reaches back, milliseconds.
pub const REACH_MS: u64 = 30 * MINUTE_MS;

/// Most entries of the feed of events that are kept.
pub const MAX_FEED: usize = 100;

/// Most conversions that are kept.
pub const MAX_CONVERSIONS: usize = 200;

/// What a reader sends to learn whether the connection still stands, and what it is answered: both as text.
pub const PING: &str = "ping";
/// See [`PING`].
pub const PONG: &str = "pong";

/// How a hub closes a connection of which the reader's right has to be looked at again: connect again at once, with
/// what was last received.
pub const CLOSE_RENEW: u16 = 4001;

/// How a hub closes a connection whose reader does not acknowledge.
pub const CLOSE_TOO_SLOW: u16 = 4002;

/// How a hub closes a connection that sent what it does not understand.
pub const CLOSE_NOT_UNDERSTOOD: u16 = 4003;

const MINUTE_MS: u64 = 60_000;
