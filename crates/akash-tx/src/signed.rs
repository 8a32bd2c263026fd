//! Comparing what a wallet has signed with what it was asked to sign.
//!
//! A wallet decodes and encodes the document, may change the fee, and lets people edit some of it. What it returns is
//! sent as it is, if it still says the same.

use thiserror::Error;

use crate::address::Address;
use crate::coin::Denom;
use crate::transaction::{AuthInfo, SignDoc, SignMode, SignerInfo, TxBody, TxRaw};
use crate::wire::DecodeError;

/// What a wallet returns for a [`SignDoc`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Bytes of the body that was signed.
    pub body_bytes: Vec<u8>,
    /// Bytes of the auth info that was signed.
    pub auth_info_bytes: Vec<u8>,
    /// Signature: r and s.
    pub signature: [u8; 64],
}

/// A difference between what was signed and what was prepared, for which it must not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Difference {
    /// Bytes that are not a transaction of one signer.
    #[error("the signed transaction cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
    /// Other messages.
    #[error("the signed transaction has other messages")]
    Messages,
    /// Another memo.
    #[error("the signed transaction has another memo")]
    Memo,
    /// Another last height.
    #[error("the signed transaction has another timeout height")]
    TimeoutHeight,
    /// Several signers, or none.
    #[error("the transaction is signed by {0} accounts")]
    Signers(usize),
    /// Another account's key.
    #[error("the transaction is signed by another account")]
    Account,
    /// A mode other than direct.
    #[error("the transaction is signed in another mode")]
    Mode,
    /// Another place in the order of the account's transactions.
    #[error("the signed transaction has the sequence {0}")]
    Sequence(u64),
    /// A fee in another coin, above the bound, or paid by another account.
    #[error("the signed transaction has another fee than was agreed")]
    Fee,
    /// Less gas than was prepared.
    #[error("the signed transaction has too little gas: {0}")]
    Gas(u64),
    /// A signature that the chain refuses, because its second half is in the upper half of the range.
    #[error("the signature is not in its lower form")]
    HighSignature,
}

/// The transaction to send, where the wallet has signed what was prepared, for a fee of at most `most_uakt`.
///
/// The signature itself is not checked: whoever has a curve at hand checks it over the digest of the document
/// that is made of the result's own parts.
///
/// # Errors
///
/// The first [`Difference`] that is found.
pub fn accept(
    prepared: &SignDoc,
    owner: &Address,
    signed: &Signed,
    most_uakt: u128,
) -> Result<TxRaw, Difference> {
    compare_bodies(
        &TxBody::decode(&prepared.body_bytes)?,
        &TxBody::decode(&signed.body_bytes)?,
    )?;
    let wanted = AuthInfo::decode(&prepared.auth_info_bytes)?;
    let found = AuthInfo::decode(&signed.auth_info_bytes)?;
    compare_signers(one_signer(&wanted)?, one_signer(&found)?, owner)?;
    let is_same_fee =
        found.fee.payer == wanted.fee.payer && found.fee.granter == wanted.fee.granter;
    let is_bounded = found
        .fee
        .amount
        .iter()
        .all(|coin| coin.denom == Denom::Uakt && coin.amount <= most_uakt)
        && found.fee.amount.len() <= 1;
    if !is_same_fee || !is_bounded {
        return Err(Difference::Fee);
    }
    if found.fee.gas_limit < wanted.fee.gas_limit {
        return Err(Difference::Gas(found.fee.gas_limit));
    }
    if !is_low(&signed.signature) {
        return Err(Difference::HighSignature);
    }
    Ok(TxRaw {
        body_bytes: signed.body_bytes.clone(),
        auth_info_bytes: signed.auth_info_bytes.clone(),
        signatures: vec![signed.signature.to_vec()],
    })
}

fn compare_bodies(wanted: &TxBody, found: &TxBody) -> Result<(), Difference> {
    if found.messages != wanted.messages {
        return Err(Difference::Messages);
    }
    if found.memo != wanted.memo {
        return Err(Difference::Memo);
    }
    if found.timeout_height != wanted.timeout_height {
        return Err(Difference::TimeoutHeight);
    }
    Ok(())
}

fn one_signer(auth_info: &AuthInfo) -> Result<&SignerInfo, Difference> {
    match auth_info.signer_infos.as_slice() {
        [signer] => Ok(signer),
        several => Err(Difference::Signers(several.len())),
    }
}

fn compare_signers(
    wanted: &SignerInfo,
    found: &SignerInfo,
    owner: &Address,
) -> Result<(), Difference> {
    if found.public_key != wanted.public_key || found.key()?.address() != *owner {
        return Err(Difference::Account);
    }
    if found.mode_info.single.mode != SignMode::Direct {
        return Err(Difference::Mode);
    }
    if found.sequence != wanted.sequence {
        return Err(Difference::Sequence(found.sequence));
    }
    Ok(())
}

/// Whether s is at most half of the curve's order, as the chain demands.
fn is_low(signature: &[u8; 64]) -> bool {
    const HALF_ORDER: [u8; 32] = [
        0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b,
        0x20, 0xa0,
    ];
    signature[32..] <= HALF_ORDER[..]
}
