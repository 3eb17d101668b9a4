//! Live push: a hub for each site is told of events after they are stored, keeps the last half hour, and pushes what
//! changes to open dashboards. What is pushed is in [`protocol::live`]; the platform's side is in `shell`.
//!
//! - [`notify`]: what an isolate tells hubs, and when it need not. It gathers before the answer, and tells after it.
//! - [`told`]: what is told.
//! - [`hub`]: the half hour, and what changed in it.
//! - [`view`]: what a reader may see of it.
//! - [`pump`]: what one connection still has to be sent.

pub mod hub;
pub mod notify;
pub mod pump;
mod tally;
#[cfg(test)]
mod tests;
pub mod told;
pub mod view;

/// Least time between two frames to one connection, milliseconds: four a second.
pub const FRAME_MS: u64 = 250;

/// How long isolates need not tell a hub of anything when nobody watches, milliseconds. A hub that begins to be
/// watched looks into the tables itself for so long.
pub const QUIET_MS: u64 = 10_000;

/// How long a hub stays awake after its last reader has gone, milliseconds: a page that is loaded anew goes on where
/// it was.
pub const LINGER_MS: u64 = 60_000;

/// After so long a reader has to connect again, milliseconds: a session or a link that was ended meanwhile is noticed
/// then.
pub const RENEW_MS: u64 = 5 * 60_000;

/// Most connections to one hub.
pub const MAX_SOCKETS: usize = 500;

/// Most connections of one person, token or share link to one hub.
pub const MAX_SOCKETS_EACH: usize = 50;

/// Where on earth the platform should put a hub: near the tables that it is rebuilt from. It decides once, when a
/// site's hub is first spoken to. `None` leaves it to the platform.
pub fn location_hint(aws_region: &str) -> Option<&'static str> {
    // Cloudflare's hints, by the beginning of AWS's names.
    const HINTS: [(&str, &str); 13] = [
        ("us-west-", "wnam"),
        ("us-", "enam"),
        ("ca-west-", "wnam"),
        ("ca-", "enam"),
        ("mx-", "enam"),
        ("sa-", "sam"),
        ("eu-central-", "weur"),
        ("eu-north-", "eeur"),
        ("eu-", "weur"),
        ("ap-southeast-2", "oc"),
        ("ap-", "apac"),
        ("me-", "me"),
        ("af-", "afr"),
    ];
    HINTS.iter().find(|(region, _)| aws_region.starts_with(region)).map(|(_, hint)| *hint)
}
