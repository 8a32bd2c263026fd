//! Recovers the account that signed a message.

use alloy::primitives::{Address, B256, Signature, eip191_hash_message, hex};

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

/// The account that signed a typed message (EIP-712) with this digest, and the 65 bytes of its
/// signature in the form that contracts accept.
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

/// The digest that `personal_sign` (EIP-191) signs for `message`.
#[must_use]
pub fn personal_sign_digest(message: &str) -> B256 {
    eip191_hash_message(message)
}

/// Parses 65 bytes, or the 64 of the compact form (EIP-2098).
fn parse(signature: &str) -> Result<Signature, ChainError> {
    let bytes = hex::decode(signature).map_err(|_| unreadable())?;
    match <[u8; 64]>::try_from(bytes.as_slice()) {
        Ok(compact) => Ok(Signature::from_erc2098(&compact)),
        Err(_) => Signature::from_raw(&bytes).map_err(|_| unreadable()),
    }
}

fn unreadable() -> ChainError {
    ChainError::Config("The wallet's signature cannot be read: sign again.".to_owned())
}

#[cfg(test)]
mod tests {
    use alloy::primitives::hex;
    use alloy::signers::SignerSync as _;
    use alloy::signers::local::PrivateKeySigner;

    use super::recover_personal_sign;

    #[test]
    fn a_signature_is_read_in_its_long_and_its_compact_form() {
        // Both parities of the point occur among a few messages.
        let signer = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
        for message in ["a", "b", "c", "d", "e", "f"] {
            let signature = signer.sign_message_sync(message.as_bytes()).unwrap();
            let long = hex::encode_prefixed(signature.as_bytes());
            let compact = hex::encode_prefixed(signature.as_erc2098());
            for written in [&long, &compact] {
                assert_eq!(
                    recover_personal_sign(message, written).unwrap(),
                    signer.address(),
                    "{written}"
                );
            }
            assert_ne!(
                recover_personal_sign("other", &compact).unwrap(),
                signer.address()
            );
        }
        for nothing in ["", "0x", "0x00", "not hexadecimal", &"f".repeat(126)] {
            assert!(recover_personal_sign("a", nothing).is_err(), "{nothing}");
        }
    }
}
