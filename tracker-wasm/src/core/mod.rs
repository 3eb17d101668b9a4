//! What the tracker decides, free of any browser.
//!
//! [`Core::tell`] is the only way in: it is told what happened, when, and what the page looks like, and it
//! answers with [commands](Commands) for the JavaScript around it. The core has neither clock nor dice: the
//! time comes with each call, randomness from a seed given at the start.
//!
//! Everything is UTF-8 in byte slices and in buffers that are allocated once: the module is loaded by other
//! people's pages, and growing, freeing and moving memory is more code than what the tracker does with it.
//! ARCHITECTURE.md has the measurements.

mod buffer;
mod engagement;
mod entry;
mod page;
mod queue;
mod retry;
mod text;
mod tracker;
mod visitor;

use protocol::ids;

pub use buffer::{Buffer, CAPACITY};
pub use entry::{Call, Op};
pub use queue::{MAX_BODY_BYTES, MAX_EVENTS_QUEUED, MAX_PROPS_BYTES};
pub use tracker::Core;

/// A time that never comes.
const NEVER: u64 = u64::MAX;

/// How far down a page has been seen, in CSS pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Lower edge of the viewport, from the top of the document.
    pub bottom: u32,
    /// Height of the document; 0 if it was not asked for.
    pub height: u32,
}

/// The circumstances of a call.
#[derive(Debug, Clone, Copy, Default)]
struct Moment<'a> {
    /// Unix milliseconds.
    now: u64,
    /// Whether the document is shown.
    visible: bool,
    /// Whether its window has the focus.
    focused: bool,
    /// How far down the visitor sees.
    scroll: Scroll,
    /// What the visitor's browser keeps for us, as [`Commands::IDENTITY`] wrote it; empty if nothing.
    identity: &'a [u8],
    /// The page's address as it is to be sent, inside of a JSON string; empty if it is no web address.
    url: &'a [u8],
    /// Where the document says the visitor came from, likewise.
    referrer: &'a [u8],
    /// The document's title, likewise.
    title: &'a [u8],
}

/// The commands [`Core::tell`] answers with: texts that begin with one of these and end with NUL.
#[derive(Debug)]
pub enum Commands {}

impl Commands {
    /// Keep the rest of the text as the visitor's identity.
    pub const IDENTITY: u8 = b'i';
    /// Keep the rest as this page's unsent events; nothing removes them.
    pub const UNSENT: u8 = b'u';
    /// Send a batch. The rest is, parted by tabs: the number [`Op::Answered`] is told, how many events had to
    /// be thrown away, user, session, person, and the events as the elements of an array.
    pub const POST: u8 = b'p';
    /// Say [`Op::Look`] after that many milliseconds instead of whenever it was said before; never if empty.
    pub const TIMER: u8 = b't';
    /// Show the event after the last tab to the site's hook, and give the line back with [`Op::Adopt`].
    pub const HOOK: u8 = b'h';
}

/// A source of randomness: SplitMix64 (Steele, Lea, Flood 2014), seeded by the browser's own generator.
#[derive(Debug, Default)]
struct Dice(u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A new id.
    fn id(&mut self, now: u64) -> [u8; ids::ID_BYTES] {
        ids::fresh(now, [self.draw(), self.draw()])
    }
}

#[cfg(test)]
mod testing;
