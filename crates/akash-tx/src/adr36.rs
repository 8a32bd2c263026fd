//! The document that a wallet signs where no transaction is meant (ADR-36).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::address::Address;

/// The bytes that are signed for this text: an empty transaction in amino JSON, which no chain executes.
///
/// A wallet makes the same document from the text alone (`signArbitrary`).
#[must_use]
pub fn document(signer: &Address, text: &str) -> String {
    let data = STANDARD.encode(text);
    // Keys are sorted, and neither base64 nor an address has a character that JSON escapes.
    format!(
        "{{\"account_number\":\"0\",\"chain_id\":\"\",\"fee\":{{\"amount\":[],\"gas\":\"0\"}},\"memo\":\"\",\
         \"msgs\":[{{\"type\":\"sign/MsgSignData\",\"value\":{{\"data\":\"{data}\",\"signer\":\"{signer}\"}}}}],\
         \"sequence\":\"0\"}}"
    )
}
