//! Segments: the events of a bucket as bytes.
//!
//! ```text
//! "LVSG"  version u8  header length u32  header  checksum of all before, u32  bodies of the columns
//! header: span u8, start / 3,600,000, visits, events, pages, heartbeats, first and last time, columns,
//!         and for each column: number u8, codec u8, needs, raw length, stored length, checksum u32 of what is stored
//! ```
//!
//! Numbers without a width are varints, those with one little-endian. A reader passes over columns whose
//! number it does not know and takes columns that are missing as empty; `needs` names the columns, as bits,
//! without which a column cannot be read, all of which come before it. The bytes are a function of the data
//! set and the bucket alone.

mod bits;
mod checksum;
mod chunk;
mod columns;
mod error;
mod header;
mod huffman;
mod ints;
mod read;
mod sparse;
mod texts;
mod visits;
mod write;

pub use chunk::{ContentHash, DEFAULT_CHUNK_BYTES, Manifest, Pieces, join, split};
pub use error::SegmentError;
pub use header::SegmentInfo;
pub use read::{inspect, read, sizes};
pub use write::write;

/// How segments begin.
const MAGIC: [u8; 4] = *b"LVSG";

/// The version this reader and writer know.
const VERSION: u8 = 1;

/// How many bytes of memory a byte of a segment may become. Real data take four to six; a writer fills up
/// with [`PADDING`] what would take more.
const EXPANSION: usize = 256;

/// What a segment of any length may take.
const BASE_BUDGET: usize = 1 << 20;

/// Numbers of the columns every segment has.
const VISITS: u8 = 48;
const EVENTS: u8 = 49;
/// Number of the column that holds nothing.
const PADDING: u8 = 63;

/// Codecs: none, and LZ4 blocks.
const CODEC_NONE: u8 = 0;
const CODEC_LZ4: u8 = 1;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
