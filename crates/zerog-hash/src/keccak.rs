//! The hash function, as the tree uses it.

use sha3::{Digest, Keccak256};

use crate::layout::ENTRY_BYTES;
use crate::root::Root;

/// The Keccak-256 hash of these bytes.
pub(crate) fn keccak(bytes: &[u8]) -> Root {
    Root::from_bytes(Keccak256::digest(bytes).into())
}

/// The node above two neighbours.
///
/// Parent and leaf cannot be mistaken for each other although nothing marks them: the one hashes 64 bytes, the other
/// always 256.
pub(crate) fn parent(left: &Root, right: &Root) -> Root {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(left.bytes());
    bytes[32..].copy_from_slice(right.bytes());
    keccak(&bytes)
}

/// The root of 2^height entries of zeros.
pub(crate) fn zeros(height: u8) -> Root {
    let leaf = keccak(&[0; ENTRY_BYTES]);
    (0..height).fold(leaf, |below, _| parent(&below, &below))
}

#[cfg(test)]
mod tests {
    use super::{keccak, zeros};

    #[test]
    fn it_is_keccak_and_not_sha3() {
        assert_eq!(
            keccak(b"").to_string(),
            "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        );
        assert_eq!(
            zeros(0).to_string(),
            "0xd397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5"
        );
    }
}
