//! The hash that identifies a text.

use domain::ids::TextHash;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a text as it is, comments and spaces included: the buyer is shown this text and
/// signs for it.
#[must_use]
pub fn text_hash(text: &str) -> TextHash {
    TextHash::from_bytes(Sha256::digest(text).into())
}
