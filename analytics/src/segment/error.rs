//! Why bytes are no segment, or a data set becomes none.

use std::fmt;

/// Why bytes are not read as a segment, or a data set is not written as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentError {
    /// They do not begin as segments do.
    NotASegment,
    /// A newer version of the format, which this version cannot read.
    Version(u8),
    /// Bytes are missing or too many.
    Length,
    /// A checksum is not that of the bytes it covers.
    Checksum,
    /// A value that no writer writes.
    Value,
    /// They claim to hold more than bytes of this length can.
    TooLarge,
    /// Text that is not UTF-8.
    Utf8,
    /// Compressed bytes that do not decompress.
    Compression,
    /// The data set to write was loaded without some of its columns.
    Incomplete,
}

impl fmt::Display for SegmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotASegment => "not a segment: build it again from the events",
            Self::Version(_) => {
                "segment of a newer version: update this reader, or build it again from the events"
            }
            Self::Length => "segment is cut short or too long: read it again",
            Self::Checksum => "segment is damaged: read it again, or build it again from the events",
            Self::Value => "segment holds a value that is never written: build it again from the events",
            Self::TooLarge => "segment claims more than its length can hold: build it again from the events",
            Self::Utf8 => "segment holds text that is not utf-8: build it again from the events",
            Self::Compression => "segment does not decompress: build it again from the events",
            Self::Incomplete => "data set lacks columns: load it with all of them before it is written",
        })
    }
}

impl std::error::Error for SegmentError {}
