//! Compressed bodies. Apart from the rest of the worker, so that it can be fuzzed without it.

use miniz_oxide::inflate::decompress_slice_iter_to_slice;
use protocol::decode::BatchError;
use protocol::limits::MAX_INFLATED_BYTES;
use protocol::problem::Code;

/// The ten bytes every gzip member begins with (RFC 1952, section 2.3): magic number, method 8 (deflate), flags.
const HEADER_BYTES: usize = 10;
/// Checksum and length at the end.
const TRAILER_BYTES: usize = 8;

/// The checksum at the end of a gzip member, by a table of 1 KB: a body is inflated once.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    const CRC: crc::Crc<u32, crc::Table<1>> = crc::Crc::<u32, crc::Table<1>>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(bytes)
}

fn refusal(code: Code, detail: String) -> BatchError {
    BatchError { code, detail }
}

/// Inflates one gzip member into a buffer of the length that it claims: a body that claims to be small and is not
/// costs no more than one that is as large as allowed.
pub(super) fn inflate(body: &[u8]) -> Result<Vec<u8>, BatchError> {
    let broken = || refusal(Code::InvalidJson, "the body is not valid gzip".to_owned());
    let (header, rest) = body.split_at_checked(HEADER_BYTES).ok_or_else(broken)?;
    // Names and comments in the header are of no use here, and no library writes them for a body.
    if header[..4] != [0x1f, 0x8b, 8, 0] {
        return Err(broken());
    }
    let (deflated, trailer) =
        rest.len().checked_sub(TRAILER_BYTES).map(|at| rest.split_at(at)).ok_or_else(broken)?;
    let number =
        |at: usize| trailer[at..at + 4].iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    let length = number(4) as usize;
    if length > MAX_INFLATED_BYTES {
        let detail = format!("inflated, at most {MAX_INFLATED_BYTES} bytes are taken");
        return Err(refusal(Code::BodyTooLarge, detail));
    }
    let mut inflated = vec![0; length];
    let written = decompress_slice_iter_to_slice(&mut inflated, std::iter::once(deflated), false, true);
    if written != Ok(length) || number(0) != checksum(&inflated) {
        return Err(broken());
    }
    Ok(inflated)
}
