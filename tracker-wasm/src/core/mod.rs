//! What the tracker decides, free of any browser.
//!
//! Every call is given a [`Moment`]: the time, a source of random bytes and the [`World`], which is how
//! the core reads the page and the visitor's storage. The core itself has neither clock nor dice.

mod address;
mod click;
mod engagement;
mod page;
mod queue;
mod retry;
mod session;
mod text;
mod tracker;

pub use click::click;
pub use queue::{MAX_BODY_BYTES, MAX_EVENTS_QUEUED};
pub use text::take;
pub use tracker::{Core, Outgoing};

/// What the core keeps in the visitor's browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// User id, session id and the time of the last activity.
    Identity,
    /// Events not known to have arrived.
    Unsent,
}

/// How far down a page has been seen, in CSS pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Lower edge of the viewport, from the top of the document.
    pub bottom: u32,
    /// Height of the document.
    pub height: u32,
}

/// The page and the visitor's storage, as far as the core needs them.
pub trait World {
    /// What is stored under `key`, if anything is.
    fn read(&self, key: Key) -> Option<String>;
    /// Stores `value` under `key`; an empty value removes it. Failure is not reported: a full or
    /// forbidden storage must not stop the tracker.
    fn write(&self, key: Key, value: &str);
    /// The address of the page.
    fn url(&self) -> String;
    /// The title of the document.
    fn title(&self) -> String;
    /// Where the document says the visitor came from.
    fn referrer(&self) -> String;
    /// How far down the visitor sees.
    fn scroll(&self) -> Scroll;
}

/// The circumstances of one call.
pub struct Moment<'a> {
    /// Unix milliseconds.
    pub now: u64,
    /// Ten fresh random bytes at each call.
    pub random: &'a mut dyn FnMut() -> [u8; 10],
    /// Page and storage.
    pub world: &'a dyn World,
}

#[cfg(test)]
mod testing;
