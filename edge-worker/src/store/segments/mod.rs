//! Segments in the store: the events of closed hours, days and months as columns (see [`analytics::segment`]).
//!
//! | partition key | sort key | row |
//! |---|---|---|
//! | site | `hour#YYYY-MM-DDTHH`, `day#YYYY-MM-DD`, `month#YYYY-MM` | the manifest: which state of the bucket holds; small segments whole |
//! | site | `dirty#YYYY-MM-DDTHH` | a mark: an event of the hour was stored after the hour had closed |
//! | site | `building#…` | how far the building of a large bucket has come: see `progress` |
//! | `site#<bucket>#<hash>#<version>` | `0000`, `0001`, … | a piece of a segment |
//!
//! **Shards**: a bucket of many events is 2ᵏ segments, of a shard of the visitors each ([`analytics::Shard`]), which one
//! manifest names. k is a function of the bucket's events alone ([`Limits`]). Written anew are only the shards that
//! have changed; each is stored under the version of the state with which it was written.
//!
//! **Writing** ([`seal`](super::Store::seal)): pieces first, under a key that no other state ever has, then the manifest in
//! one transaction that names the version it replaces, then the pieces it replaced are deleted. Whoever is killed
//! half-way leaves pieces that nobody reads and that expire with their bucket. Of two who write at once one gives way.
//!
//! **Late events** leave a mark before and after they are stored: before, so that no crash leaves one that is not
//! marked; after, because whoever rebuilds the hour may have read the mark and the rows in between. A mark is deleted
//! only by who read it before the rows, and only in the state in which it was read.
//!
//! **Reading** ([`load`](super::Store::load)): marks, then manifests, then pieces and rows. A manifest read after the marks
//! holds all events whose mark was gone; an hour that is marked is read from the rows *and* from the segments that
//! hold an older state of it, which merge to the newer one. A day that is being built, or is not built yet, is read
//! hour by hour; an hour without a segment from its rows.
//!
//! **Before a site was made** nothing is read that neither a segment nor a mark tells of ([`Site::since`]): each hour of
//! those days had closed, so whatever is stored of it, late or imported, marks it. Such a mark is taken away only when
//! the day has a segment; segments of hours are not looked for there.
//!
//! [`Site::since`]: crate::site::Site::since

mod ask;
mod cache;
mod cover;
mod fetch;
mod index;
mod limits;
mod load;
mod progress;
mod raw;
mod seal;

use std::collections::BTreeSet;

use analytics::segment::{ContentHash, Manifest, Pieces};
use analytics::{Bucket, Shard, Span};
use protocol::SiteId;

use super::StoreError;

pub use ask::AskError;
pub(super) use cache::Cache;
pub use cover::Cover;
pub use limits::Limits;
pub use load::Loaded;
pub(crate) use progress::Building;
pub(super) use seal::marks;
pub use seal::{Guard, Sealing, Written};

/// An hour, day or month is closed when so much time has passed since its end: the last batch that could belong to
/// it in the ordinary course has arrived.
pub const CLOSING_MS: u64 = 10 * 60_000;

/// An event that is stored so long after the end of its hour marks the hour. Half of [`CLOSING_MS`]: a write that
/// began before that is over, or given up, when the hour is built, though the clocks of two machines differ.
pub const LATE_MS: u64 = CLOSING_MS / 2;

/// Segments up to this length are kept in the manifest's row: for small sites one row is the whole hour.
const INLINE_BYTES: usize = 4 * 1024;

/// A bucket that is in the store: one segment, or one of each shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its hour, day or month.
    pub bucket: Bucket,
    /// The how manieth state of the bucket it is.
    pub version: u64,
    /// What it consists of.
    pub manifest: Manifest,
    /// Unix seconds from which on its pieces may be gone.
    pub expires_at: u64,
    /// The whole, if it is small.
    inline: Option<Vec<u8>>,
}

impl Sealed {
    /// The hash of its bytes.
    pub fn hash(&self) -> ContentHash {
        self.manifest.hash
    }

    /// How long its segments are together, bytes.
    pub fn bytes(&self) -> u64 {
        self.segments().map(|segment| segment.bytes()).sum()
    }

    /// What it consists of.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.manifest.segments().map(|(shard, pieces)| Segment {
            bucket: self.bucket,
            shard,
            pieces,
            version: if pieces.version == 0 { self.version } else { pieces.version },
            inline: self.inline.as_deref(),
        })
    }

    /// Those of its segments that hold events of a shard.
    fn of_shard(&self, shard: Shard) -> impl Iterator<Item = Segment<'_>> {
        self.segments().filter(move |segment| segment.shard.overlaps(shard) && segment.pieces.events > 0)
    }
}

/// A segment of a bucket.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Its hour, day or month.
    pub bucket: Bucket,
    /// Whose events it holds.
    pub shard: Shard,
    /// What it is stored as.
    pub pieces: &'a Pieces,
    /// The state of the bucket with which it was written.
    version: u64,
    /// All of it, if it is small.
    inline: Option<&'a [u8]>,
}

impl Segment<'_> {
    /// The hash of its bytes.
    pub fn hash(&self) -> ContentHash {
        self.pieces.hash
    }

    /// How long it is, bytes.
    pub fn bytes(&self) -> u64 {
        self.pieces.lengths.iter().map(|length| u64::from(*length)).sum()
    }

    /// Partition of its pieces.
    fn key(&self, site: &SiteId) -> String {
        pieces_key(site, self.bucket, self.hash(), self.version)
    }
}

/// A mark as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The hour.
    pub hour: Bucket,
    /// Differs from write to write.
    token: String,
}

fn span_name(span: Span) -> &'static str {
    match span {
        Span::Hour => "hour",
        Span::Day => "day",
        Span::Month => "month",
    }
}

/// Sort key of a manifest.
fn manifest_key(bucket: Bucket) -> String {
    format!("{}#{bucket}", span_name(bucket.span()))
}

/// Sort key of a mark.
fn mark_key(hour: Bucket) -> String {
    format!("dirty#{hour}")
}

/// Partition of the pieces of a state.
fn pieces_key(site: &SiteId, bucket: Bucket, hash: ContentHash, version: u64) -> String {
    format!("{site}#{bucket}#{hash}#{version}")
}

/// Sort key of a piece.
fn piece_key(number: usize) -> String {
    format!("{number:04}")
}

/// A set of buckets. To collect into one would compile sorting once more, some ten kilobytes.
pub(crate) fn set(buckets: impl Iterator<Item = Bucket>) -> BTreeSet<Bucket> {
    let mut set = BTreeSet::new();
    buckets.for_each(|bucket| {
        set.insert(bucket);
    });
    set
}

fn damaged(bucket: Bucket) -> impl Fn(analytics::segment::SegmentError) -> StoreError {
    move |cause| StoreError::Damaged { bucket: bucket.to_string(), cause }
}
