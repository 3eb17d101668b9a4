//! Partition keys. Pure functions of a time, so that a replay, however late, finds its row again.

use protocol::{SessionId, SiteId};
use time::OffsetDateTime;

/// Length of a bucket of ActiveSessions: half an hour is read from eight of them.
pub(super) const ACTIVE_BUCKET_MS: u64 = 5 * 60_000;

pub(super) const HOUR_MS: u64 = 3_600_000;

fn civil(unix_ms: u64) -> OffsetDateTime {
    // 48 bits of milliseconds reach the year 10889, past what `time` takes: such ids are refused as being
    // in the future long before, so the epoch is never really used.
    i64::try_from(unix_ms / 1000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn date(at: OffsetDateTime) -> String {
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

/// Partition of an hour of Events.
pub(super) fn events(site: &SiteId, unix_ms: u64, shard: u32) -> String {
    let at = civil(unix_ms);
    format!("{site}#{}T{:02}#{shard}", date(at), at.hour())
}

/// Which of a site's partitions a visit's events go to: FNV-1a over the id, which is stable for all time,
/// as keys have to be.
pub(super) fn shard(session: &SessionId, shards: u32) -> u32 {
    let hash = session
        .as_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    // The low bits of FNV mix poorly on their own.
    (hash ^ (hash >> 15)) % shards.max(1)
}

/// Partition of a day of Sessions.
pub(super) fn sessions(site: &SiteId, session: &SessionId) -> String {
    format!("{site}#{}", day(session.unix_ms()))
}

/// A day, UTC, as `YYYY-MM-DD`.
pub(super) fn day(unix_ms: u64) -> String {
    date(civil(unix_ms))
}

/// Partition of a five-minute bucket of ActiveSessions.
pub(super) fn active(site: &SiteId, unix_ms: u64) -> String {
    let at = civil(unix_ms - unix_ms % ACTIVE_BUCKET_MS);
    format!("{site}#{}T{:02}:{:02}", date(at), at.hour(), at.minute())
}

/// Unix seconds at which DynamoDB may delete what belongs to `unix_ms`.
pub(super) fn expires_at(unix_ms: u64, days: u32) -> u64 {
    unix_ms / 1000 + u64::from(days) * 24 * 60 * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2025-11-23T03:00:00.123Z
    const AT: u64 = 1_763_866_800_123;

    #[test]
    fn keys_are_made_of_the_time_they_belong_to() {
        let site = SiteId::parse("demo-shop").unwrap();
        assert_eq!(events(&site, AT, 3), "demo-shop#2025-11-23T03#3");
        assert_eq!(events(&site, AT - 124, 0), "demo-shop#2025-11-23T02#0");
        assert_eq!(sessions(&site, &SessionId::new(AT, &[0; 10])), "demo-shop#2025-11-23");
        assert_eq!(active(&site, AT + 4 * 60_000), "demo-shop#2025-11-23T03:00");
        assert_eq!(active(&site, AT + 5 * 60_000), "demo-shop#2025-11-23T03:05");
    }

    #[test]
    fn shards_are_stable_and_all_used() {
        let ids: Vec<_> = (0..64).map(|n| SessionId::new(AT, &[n; 10])).collect();
        assert!(ids.iter().all(|id| shard(id, 1) == 0));
        assert_eq!(shard(&ids[7], 4), shard(&ids[7], 4));
        assert_eq!((0..4).filter(|s| ids.iter().any(|id| shard(id, 4) == *s)).count(), 4);
    }
}
