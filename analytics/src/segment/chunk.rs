//! Segments in pieces that fit into items of a store.

use std::fmt;

use twox_hash::XxHash64;

use super::bits::{Input, put_varint};
use super::checksum::checksum;
use super::{SegmentError, inspect};

/// Pieces are of this length unless told otherwise: with key and manifest well below DynamoDB's 400 KB an item.
pub const DEFAULT_CHUNK_BYTES: usize = 256 * 1024;

/// How manifests begin: the last byte is the version.
const MAGIC: [u8; 4] = *b"LVM\x01";

/// What is known of a segment's pieces. Written after all of them, it makes them a segment: a reader that
/// finds other pieces than it names has met a writer half-way and starts anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Hash of the segment's content: names it for caches, and differs whenever a byte does.
    pub hash: ContentHash,
    /// How many events the segment holds.
    pub events: u64,
    /// The lower half of XXH64 of the whole.
    pub checksum: u32,
    /// The length of each piece, in order.
    pub lengths: Vec<u32>,
}

/// 128 bits of a segment's bytes, for telling one state of a segment from another: an `ETag`. Not a secret and no
/// proof against forgers, who would have to write to the store; of n states, n²/2¹²⁹ pairs are expected to
/// look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub u128);

impl ContentHash {
    /// Of these bytes: XXH64 under the seeds 0 and 1.
    pub fn of(bytes: &[u8]) -> Self {
        let [high, low] = [0, 1].map(|seed| XxHash64::oneshot(seed, bytes));
        Self(u128::from(high) << 64 | u128::from(low))
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Cuts a segment into pieces of at most `size` bytes (at least one), and says what they are.
///
/// # Errors
/// [`SegmentError`] if the bytes are no segment.
pub fn split(segment: &[u8], size: usize) -> Result<(Manifest, Vec<&[u8]>), SegmentError> {
    let info = inspect(segment)?;
    // Lengths are kept in 32 bits.
    let pieces: Vec<&[u8]> = segment.chunks(size.clamp(1, u32::MAX as usize)).collect();
    let manifest = Manifest {
        hash: ContentHash::of(segment),
        events: info.events as u64,
        checksum: checksum(segment),
        lengths: pieces.iter().map(|piece| piece.len() as u32).collect(),
    };
    Ok((manifest, pieces))
}

/// Puts the pieces of a segment together again.
///
/// # Errors
/// [`SegmentError::Length`] for other pieces than the manifest names, [`SegmentError::Checksum`] if one of them
/// is not the piece it was.
pub fn join<P: AsRef<[u8]>>(manifest: &Manifest, pieces: &[P]) -> Result<Vec<u8>, SegmentError> {
    let lengths = pieces.iter().map(|piece| piece.as_ref().len());
    if !lengths.eq(manifest.lengths.iter().map(|length| *length as usize)) {
        return Err(SegmentError::Length);
    }
    let segment: Vec<u8> = pieces.iter().flat_map(AsRef::as_ref).copied().collect();
    if checksum(&segment) != manifest.checksum {
        return Err(SegmentError::Checksum);
    }
    Ok(segment)
}

impl Manifest {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(self.hash.0.to_le_bytes());
        out.extend(self.checksum.to_le_bytes());
        put_varint(&mut out, self.events);
        put_varint(&mut out, self.lengths.len() as u64);
        self.lengths.iter().for_each(|length| put_varint(&mut out, (*length).into()));
        let sum = checksum(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`SegmentError`] for anything but what [`Self::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        let (body, sum) = bytes.split_last_chunk::<4>().ok_or(SegmentError::Length)?;
        let mut input = Input::new(body, body.len() * 4);
        if input.take(MAGIC.len())? != MAGIC {
            return Err(SegmentError::NotASegment);
        }
        if checksum(body) != u32::from_le_bytes(*sum) {
            return Err(SegmentError::Checksum);
        }
        let hash = input.take(16)?.first_chunk().ok_or(SegmentError::Length)?;
        let whole = input.take(4)?.first_chunk().ok_or(SegmentError::Length)?;
        let events = input.varint()?;
        let count = input.count()?;
        input.charge(count, 4)?;
        let lengths =
            (0..count).map(|_| input.count().map(|length| length as u32)).collect::<Result<_, _>>()?;
        input.expect_end()?;
        Ok(Self {
            hash: ContentHash(u128::from_le_bytes(*hash)),
            checksum: u32::from_le_bytes(*whole),
            events,
            lengths,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{HOUR, build, history};
    use crate::{Bucket, Span, segment};

    proptest! {
        #[test]
        fn pieces_make_the_segment(samples in history(), size in 1_usize..500) {
            let bytes = segment::write(&build(&samples), Bucket::of(Span::Day, HOUR)).unwrap();
            let (manifest, pieces) = split(&bytes, size).unwrap();
            prop_assert!(pieces.iter().all(|piece| piece.len() <= size));
            prop_assert_eq!(Manifest::from_bytes(&manifest.to_bytes()), Ok(manifest.clone()));
            prop_assert_eq!(join(&manifest, &pieces), Ok(bytes.clone()));
            let mut swapped = pieces.clone();
            swapped.reverse();
            prop_assert!(pieces == swapped || join(&manifest, &swapped).is_err());
            prop_assert!(join(&manifest, pieces.get(1..).unwrap()).is_err());
        }

        #[test]
        fn damaged_manifests_are_refused(samples in history(), place: prop::sample::Index, bit in 0..8_u8) {
            let bytes = segment::write(&build(&samples), Bucket::of(Span::Day, HOUR)).unwrap();
            let mut manifest = split(&bytes, 100).unwrap().0.to_bytes();
            let place = place.index(manifest.len());
            manifest[place] ^= 1 << bit;
            prop_assert!(Manifest::from_bytes(&manifest).is_err());
            manifest.truncate(place);
            prop_assert!(Manifest::from_bytes(&manifest).is_err());
        }

        #[test]
        fn every_bit_changes_the_hash(mut bytes in prop::collection::vec(any::<u8>(), 1..200), place: prop::sample::Index, bit in 0..8_u8) {
            let hash = ContentHash::of(&bytes);
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            prop_assert_ne!(ContentHash::of(&bytes), hash);
            bytes[place] ^= 1 << bit;
            bytes.push(0);
            prop_assert_ne!(ContentHash::of(&bytes), hash);
        }
    }
}
