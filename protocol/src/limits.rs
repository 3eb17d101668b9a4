//! Every limit of the wire, each with its reason. Sizes are UTF-8 bytes, durations milliseconds.

/// Largest body of `POST /events`. The Fetch standard refuses keepalive requests above 64 KiB in flight
/// per page, so no well-behaved tracker sends more.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Most a compressed body may inflate to: half more than a plain one. Printed again, with what the worker adds, such a
/// batch fits into one message of the overflow queue, which takes 128 KB (Cloudflare Queues, limits), unless numbers or
/// control characters make up most of it; then the store alone can take it.
pub const MAX_INFLATED_BYTES: usize = 96 * 1024;

/// Deepest nesting a body may have: the documented batch has five levels. serde_json's own limit of 128
/// would let a sender use more of the stack than there is reason for.
pub const MAX_DEPTH: usize = 16;

/// Most events in one batch. A tracker flushes at 10; servers may send more at once, up to what a body of
/// [`MAX_BODY_BYTES`] holds in practice.
pub const MAX_EVENTS: usize = 100;

/// Longest URL or referrer. 2,048 is what common proxies and the sitemap protocol allow.
pub const MAX_URL_BYTES: usize = 2_048;

/// Longest page title or click text kept; longer ones are cut at a character boundary.
pub const MAX_TITLE_BYTES: usize = 256;

/// Longest click target text kept; longer ones are cut.
pub const MAX_TEXT_BYTES: usize = 128;

/// Longest name of a conversion or a custom event.
pub const MAX_NAME_BYTES: usize = 120;

/// Longest id a site gives a person. Database ids, UUIDs and hashes in hex (SHA-512 has 128 digits) fit;
/// the id stands on every row of the visitor, so longer ones would be paid for with each event.
pub const MAX_PERSON_BYTES: usize = 128;

/// Longest name of a browser tab kept; longer ones are cut. It only has to differ between the tabs of one
/// visitor, for which 16 characters are plenty, and is paid for with each event.
pub const MAX_TAB_BYTES: usize = 16;

/// Most properties on one event (Plausible documents 30).
pub const MAX_PROPS: usize = 30;

/// Longest property key (Plausible documents 300).
pub const MAX_PROP_KEY_BYTES: usize = 300;

/// Longest property value (Plausible documents 2,000); with [`MAX_PROPS`] it keeps an item far below
/// DynamoDB's 400 KB.
pub const MAX_PROP_VALUE_BYTES: usize = 2_000;

/// Longest language tag, time zone name or similar context value (RFC 5646 advises room for 35).
pub const MAX_CONTEXT_BYTES: usize = 64;

/// Longest site id.
pub const MAX_SITE_ID_BYTES: usize = 64;

/// Longest revenue amount, as a decimal string.
pub const MAX_AMOUNT_BYTES: usize = 20;

/// How far behind the worker's clock an event may lie: a tracker keeps unsent events for a week.
pub const MAX_EVENT_AGE_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

/// How far ahead of the worker's clock an event may lie, for clocks that are a little fast.
pub const MAX_FUTURE_MS: u64 = 5 * 60 * 1_000;

/// A clock that is further off than this is watched: what it says is asked about in the store, so that two
/// attempts of one batch are judged alike. Less than [`MAX_FUTURE_MS`] by more than a request ever takes.
pub const SUSPECT_CLOCK_MS: u64 = 4 * 60 * 1_000;

/// How far an event's `at` may differ from the time inside its id. The id decides where the event is
/// stored, so the two have to agree.
pub const MAX_ID_SKEW_MS: u64 = 60 * 1_000;

/// A session ends after this long without activity (the field's common value, GA4 and Plausible alike).
pub const SESSION_IDLE_MS: u64 = 30 * 60 * 1_000;

/// A session never lasts longer than this.
pub const SESSION_MAX_MS: u64 = 24 * 60 * 60 * 1_000;

/// Largest screen or viewport edge in pixels that is believed.
pub const MAX_PIXELS: u32 = 100_000;

/// Longest heartbeat interval a tracker may announce, in seconds.
pub const MAX_INTERVAL_S: u32 = 300;

/// Interval of the first heartbeats of a page, in seconds; also what a visit without a heartbeat yet is
/// judged by.
pub const FIRST_INTERVAL_S: u32 = 15;

/// A visitor is "now" while the last sign of life lies within this many announced intervals.
pub const PRESENCE_INTERVALS: u64 = 2;

/// Most questions of one request to `/api/v2/queries`: a dashboard has some twenty cards, and each question takes up to
/// some milliseconds of the isolate's thread.
pub const MAX_QUERIES: usize = 32;

/// Most events of a range that is verified by a request: they are counted one by one, in an isolate's memory.
pub const MAX_VERIFIED_EVENTS: u64 = 200_000;

/// Whether a visitor counts as here at `now`: seen within two of the announced intervals, and not gone. The one
/// definition of "now", for the read API and for live push. Times are Unix milliseconds.
pub fn is_here(last_seen: u64, interval_s: u32, left: bool, now: u64) -> bool {
    !left && last_seen.saturating_add(PRESENCE_INTERVALS * u64::from(interval_s) * 1_000) >= now
}

/// Cuts `text` to at most `max` bytes, at a character boundary.
pub fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn cutting_keeps_whole_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("가나다", 7), "가나");
        assert_eq!(cut("가", 2), "");
    }
}
