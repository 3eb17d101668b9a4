//! Digests, written the ways files and browsers want them.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256, Sha384};

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first eight digits of a file's digest, for its name.
pub(crate) fn short(bytes: &[u8]) -> String {
    hex(&sha256(bytes)[..4])
}

/// A subresource-integrity value.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    let digest: [u8; 48] = Sha384::digest(bytes).into();
    format!("sha384-{}", Base64::encode_string(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        assert!(hex(sha256(b"")).starts_with("e3b0c44298fc1c14"));
        assert_eq!(short(b""), "e3b0c442");
        assert_eq!(integrity(b""), "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb");
    }
}
