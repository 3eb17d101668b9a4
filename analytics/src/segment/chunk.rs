//! Segments in pieces that fit into items of a store.

use std::fmt;

use twox_hash::XxHash64;

use super::bits::{Input, put_varint};
use super::checksum::checksum;
use super::{SegmentError, inspect};
use crate::shard::Shard;

/// Pieces are of this length unless told otherwise: with key and manifest well below DynamoDB's 400 KB an item.
pub const DEFAULT_CHUNK_BYTES: usize = 256 * 1024;

/// How manifests begin: the last byte is the version. One segment, all of the bucket.
const WHOLE: [u8; 4] = *b"LVM\x01";

/// Two and more segments, of a shard of the visitors each.
const SHARDED: [u8; 4] = *b"LVM\x02";

/// What the state of a bucket consists of. Written after all pieces, it makes them segments: a reader that finds other
/// pieces than it names has met a writer half-way and starts anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Names the state: the hash of the one segment, or that of the hashes of all.
    pub hash: ContentHash,
    /// How many events there are in all.
    pub events: u64,
    /// 2ᵏ segments: that of the first shard with k bits, of the second, and so on.
    segments: Vec<Pieces>,
}

/// What is known of a segment's pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// Hash of the segment's content: names it for caches, and differs whenever a byte does.
    pub hash: ContentHash,
    /// How many events the segment holds.
    pub events: u64,
    /// The lower half of XXH64 of the whole.
    pub checksum: u32,
    /// The length of each piece, in order.
    pub lengths: Vec<u32>,
    /// The state of the bucket with which it was written; 0: the one that the manifest is of.
    pub version: u64,
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
pub fn split(segment: &[u8], size: usize) -> Result<(Pieces, Vec<&[u8]>), SegmentError> {
    let info = inspect(segment)?;
    // Lengths are kept in 32 bits.
    let pieces: Vec<&[u8]> = segment.chunks(size.clamp(1, u32::MAX as usize)).collect();
    let told = Pieces {
        hash: ContentHash::of(segment),
        events: info.events as u64,
        checksum: checksum(segment),
        lengths: pieces.iter().map(|piece| piece.len() as u32).collect(),
        version: 0,
    };
    Ok((told, pieces))
}

/// Puts the pieces of a segment together again.
///
/// # Errors
/// [`SegmentError::Length`] for other pieces than those named, [`SegmentError::Checksum`] if one of them is not the
/// piece it was.
pub fn join<P: AsRef<[u8]>>(told: &Pieces, pieces: &[P]) -> Result<Vec<u8>, SegmentError> {
    let lengths = pieces.iter().map(|piece| piece.as_ref().len());
    if !lengths.eq(told.lengths.iter().map(|length| *length as usize)) {
        return Err(SegmentError::Length);
    }
    let mut segment = Vec::with_capacity(pieces.iter().map(|piece| piece.as_ref().len()).sum());
    pieces.iter().for_each(|piece| segment.extend_from_slice(piece.as_ref()));
    if checksum(&segment) != told.checksum {
        return Err(SegmentError::Checksum);
    }
    Ok(segment)
}

impl Manifest {
    /// Of the segments of all shards with as many bits as it takes to tell them apart, in order.
    ///
    /// # Errors
    /// [`SegmentError::Value`] if they are no power of two, or too many.
    pub fn new(segments: Vec<Pieces>) -> Result<Self, SegmentError> {
        if !segments.len().is_power_of_two() || segments.len() > 1 << Shard::MAX_BITS {
            return Err(SegmentError::Value);
        }
        let hash = match segments.as_slice() {
            [one] => one.hash,
            all => ContentHash::of(&all.iter().flat_map(|it| it.hash.0.to_le_bytes()).collect::<Vec<u8>>()),
        };
        Ok(Self {
            hash,
            events: segments.iter().fold(0, |sum: u64, it| sum.saturating_add(it.events)),
            segments,
        })
    }

    /// Bits that tell the shards apart; 0: there is but one.
    pub fn bits(&self) -> u32 {
        self.segments.len().trailing_zeros()
    }

    /// The segments and whose events they hold.
    pub fn segments(&self) -> impl Iterator<Item = (Shard, &Pieces)> {
        Shard::each(self.bits()).zip(&self.segments)
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let is_whole = self.bits() == 0;
        let mut out = if is_whole { WHOLE.to_vec() } else { SHARDED.to_vec() };
        if !is_whole {
            put_varint(&mut out, self.bits().into());
        }
        for segment in &self.segments {
            out.extend(segment.hash.0.to_le_bytes());
            out.extend(segment.checksum.to_le_bytes());
            if !is_whole {
                put_varint(&mut out, segment.version);
            }
            put_varint(&mut out, segment.events);
            put_varint(&mut out, segment.lengths.len() as u64);
            segment.lengths.iter().for_each(|length| put_varint(&mut out, (*length).into()));
        }
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
        let magic = input.take(WHOLE.len())?;
        if magic != WHOLE && magic != SHARDED {
            return Err(SegmentError::NotASegment);
        }
        if checksum(body) != u32::from_le_bytes(*sum) {
            return Err(SegmentError::Checksum);
        }
        let is_whole = magic == WHOLE;
        let bits = if is_whole { 0 } else { input.varint()? };
        if bits > u64::from(Shard::MAX_BITS) || !is_whole && bits == 0 {
            return Err(SegmentError::Value);
        }
        let segments =
            (0..1_u64 << bits).map(|_| Self::pieces(&mut input, is_whole)).collect::<Result<_, _>>()?;
        input.expect_end()?;
        Self::new(segments)
    }

    fn pieces(input: &mut Input<'_>, is_whole: bool) -> Result<Pieces, SegmentError> {
        let hash = input.take(16)?.first_chunk().ok_or(SegmentError::Length)?;
        let whole = input.take(4)?.first_chunk().ok_or(SegmentError::Length)?;
        let version = if is_whole { 0 } else { input.varint()? };
        let events = input.varint()?;
        let count = input.count()?;
        input.charge(count, 4)?;
        let lengths =
            (0..count).map(|_| input.count().map(|length| length as u32)).collect::<Result<_, _>>()?;
        Ok(Pieces {
            hash: ContentHash(u128::from_le_bytes(*hash)),
            events,
            checksum: u32::from_le_bytes(*whole),
            lengths,
            version,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{HOUR, build, history};
    use crate::{Bucket, Span, segment};

    #[test]
    fn manifests_of_one_segment_are_written_as_ever() {
        let told = Pieces {
            hash: ContentHash(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
            events: 300,
            checksum: 0xdead_beef,
            lengths: vec![262_144, 7],
            version: 0,
        };
        let bytes = Manifest::new(vec![told]).unwrap().to_bytes();
        let body = b"LVM\x01\x10\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08\x07\x06\x05\x04\x03\x02\x01\xef\xbe\xad\xde\xac\x02\x02\x80\x80\x10\x07";
        assert_eq!(bytes[..bytes.len() - 4], body[..]);
    }

    #[test]
    fn shards_that_are_no_power_of_two_are_no_state() {
        let told = split(&segment::write(&build(&[]), Bucket::of(Span::Day, HOUR)).unwrap(), 9).unwrap().0;
        assert_eq!(Manifest::new(Vec::new()), Err(SegmentError::Value));
        assert_eq!(Manifest::new(vec![told; 3]), Err(SegmentError::Value));
    }

    proptest! {
        #[test]
        fn pieces_make_the_segment(samples in history(), size in 1_usize..500) {
            let bytes = segment::write(&build(&samples), Bucket::of(Span::Day, HOUR)).unwrap();
            let (told, pieces) = split(&bytes, size).unwrap();
            prop_assert!(pieces.iter().all(|piece| piece.len() <= size));
            let manifest = Manifest::new(vec![told.clone()]).unwrap();
            prop_assert_eq!(Manifest::from_bytes(&manifest.to_bytes()), Ok(manifest));
            prop_assert_eq!(join(&told, &pieces), Ok(bytes.clone()));
            let mut swapped = pieces.clone();
            swapped.reverse();
            prop_assert!(pieces == swapped || join(&told, &swapped).is_err());
            prop_assert!(join(&told, pieces.get(1..).unwrap()).is_err());
        }

        #[test]
        fn manifest_names_the_segments_of_all_shards(samples in history(), bits in 0..4_u32, version in 0..5_u64) {
            let whole = build(&samples);
            let shards = Shard::each(bits).map(|shard| {
                let bytes = segment::write(&whole.of_shard(shard), Bucket::of(Span::Day, HOUR)).unwrap();
                let told = split(&bytes, 100).unwrap().0;
                Pieces { version: if bits == 0 { 0 } else { version }, ..told }
            });
            let manifest = Manifest::new(shards.collect()).unwrap();
            prop_assert_eq!((manifest.bits(), manifest.events), (bits, whole.event_count() as u64));
            prop_assert_eq!(Manifest::from_bytes(&manifest.to_bytes()), Ok(manifest));
        }

        #[test]
        fn damaged_manifests_are_refused(
            samples in history(),
            bits in 0..3_u32,
            place: prop::sample::Index,
            bit in 0..8_u8,
        ) {
            let bytes = segment::write(&build(&samples), Bucket::of(Span::Day, HOUR)).unwrap();
            let told = split(&bytes, 100).unwrap().0;
            let mut manifest = Manifest::new(vec![told; 1 << bits]).unwrap().to_bytes();
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
