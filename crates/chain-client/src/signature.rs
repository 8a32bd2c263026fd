//! Who signed a message.

use alloy::primitives::{Address, Signature};

use crate::error::ChainError;

/// The account that signed `message` with `personal_sign` (EIP-191); `signature` is the wallet's
/// hexadecimal answer.
///
/// # Errors
/// [`ChainError::Config`] with a sentence when the signature cannot be one.
pub fn recover_personal_sign(message: &str, signature: &str) -> Result<Address, ChainError> {
    let unreadable =
        || ChainError::Config("The wallet's signature cannot be read: sign in again.".to_owned());
    let signature: Signature = signature.parse().map_err(|_| unreadable())?;
    signature
        .recover_address_from_msg(message)
        .map_err(|_| unreadable())
}
