//! Checksums of headers, columns and wholes.

use twox_hash::XxHash64;

/// The lower half of XXH64 under the seed 0. Damage goes unnoticed once in 2³². Not CRC-32: the tables that make
/// it fast weigh 16 KB in the dashboard, more than the rest of the reader.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    XxHash64::oneshot(0, bytes) as u32
}
