//! Who signed a message.

use alloy::primitives::{Address, B256, Signature};

use crate::error::ChainError;

/// The account that signed `message` with `personal_sign` (EIP-191); `signature` is the wallet's
/// hexadecimal answer.
///
/// # Errors
/// [`ChainError::Config`] with a sentence when the signature cannot be one.
pub fn recover_personal_sign(message: &str, signature: &str) -> Result<Address, ChainError> {
    parse(signature)?
        .recover_address_from_msg(message)
        .map_err(|_| unreadable())
}

/// The account that signed a typed message (EIP-712) of this digest, and its signature's 65 bytes
/// as contracts take them.
///
/// # Errors
/// [`ChainError::Config`] with a sentence when the signature cannot be one.
pub fn recover_typed_data(
    digest: B256,
    signature: &str,
) -> Result<(Address, [u8; 65]), ChainError> {
    let signature = parse(signature)?;
    let signer = signature
        .recover_address_from_prehash(&digest)
        .map_err(|_| unreadable())?;
    Ok((signer, signature.as_bytes()))
}

fn parse(signature: &str) -> Result<Signature, ChainError> {
    signature.parse().map_err(|_| unreadable())
}

fn unreadable() -> ChainError {
    ChainError::Config("The wallet's signature cannot be read: sign again.".to_owned())
}
