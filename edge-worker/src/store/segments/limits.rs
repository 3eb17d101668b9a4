//! How much is held at once, and so how much a segment holds.

use analytics::{Shard, Span};

/// What fits the 128 MB of an isolate beside everything else that goes on in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most events of a shard of an hour or a day. A day of ten million events a month has eight shards of two or
    /// three pieces.
    pub day_shard: u64,
    /// Most events of a shard of a month: while it is written its events are held twice, in 45 bytes each.
    pub month_shard: u64,
    /// Most events that are held while a bucket is built of others.
    pub building: u64,
    /// Most bytes of columns of a question that are held, before they are merged.
    pub asking: u64,
    /// Most events of hours without a segment that are held to answer a question, in 45 bytes each.
    pub rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            day_shard: 64 << 10,
            month_shard: 512 << 10,
            building: 1_250_000,
            asking: 28 << 20,
            rows: 400_000,
        }
    }
}

impl Limits {
    /// Bits of the shards of a bucket of so many events.
    pub fn bits(&self, span: Span, events: u64) -> u32 {
        let most = match span {
            Span::Hour | Span::Day => self.day_shard,
            Span::Month => self.month_shard,
        };
        bits(events, most)
    }

    /// Bits of the ranges of visitors that are loaded one after the other to build something of so many events.
    pub(crate) fn bits_of_building(&self, events: u64) -> u32 {
        bits(events, self.building)
    }

    /// The same to answer a question over so many bytes.
    pub(super) fn bits_of_asking(&self, bytes: u64) -> u32 {
        bits(bytes, self.asking)
    }
}

/// Into how many parts, as bits, something is cut so that on average none is larger than `most`.
fn bits(all: u64, most: u64) -> u32 {
    let parts = all.div_ceil(most.max(1)).max(1);
    parts.next_power_of_two().trailing_zeros().min(Shard::MAX_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_as_few_as_can_be() {
        let limits = Limits::default();
        let bits = |span, events| limits.bits(span, events);
        assert_eq!(
            [0, 1, 65_536, 65_537, 131_072, 333_000].map(|events| bits(Span::Day, events)),
            [0, 0, 0, 1, 1, 3]
        );
        assert_eq!([500_000, 1_000_000, 10_000_000].map(|events| bits(Span::Month, events)), [0, 1, 5]);
        assert_eq!(bits(Span::Hour, u64::MAX), Shard::MAX_BITS);
    }
}
