//! What a request says of its visitor: browser, system and device, bot or not, campaign, source and channel.
//!
//! Pure functions over text: no I/O, no clock, no dice. Every function takes whatever a visitor sends, never fails
//! and reads no more of it than a bound says. Where the lists are from and how they are refreshed is told in
//! `data/README.md`.

mod agent;
mod bots;
mod campaign;
mod channel;
mod hints;
mod referrer;
mod spam;
mod table;

pub use agent::{Agent, Device, MAX_USER_AGENT_BYTES, parse};
pub use bots::{Bot, BotKind, judge};
pub use campaign::{Campaign, MAX_PARAMETERS, MAX_VALUE_BYTES, allowed_query, campaign};
pub use channel::{Channel, channel};
pub use hints::Hints;
pub use referrer::{MAX_NAME_BYTES, Source, SourceKind, host_of, named, source};
pub use spam::is_spam;
