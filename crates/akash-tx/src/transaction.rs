//! Transactions: their body, what the signer vouches for besides, the document that is signed, and the hash.

use sha2::{Digest, Sha256};

use crate::address::Address;
use crate::any::Any;
use crate::coin::Coin;
use crate::wire::{DecodeError, wire, wire_enum};

/// The type of a secp256k1 public key.
const PUBLIC_KEY_TYPE_URL: &str = "/cosmos.crypto.secp256k1.PubKey";

/// The messages of a transaction, with what goes along with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxBody {
    /// Messages in the order in which they are executed; all take effect, or none does.
    pub messages: Vec<Any>,
    /// Text for people, at most 256 bytes.
    pub memo: String,
    /// Last height at which the transaction may enter a block; 0 for no limit.
    pub timeout_height: u64,
}

wire!(TxBody {
    messages: 1,
    memo: 2,
    timeout_height: 3
});

/// The signer's key and place in the order of their transactions, with the fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthInfo {
    /// Signers of the transaction: one.
    pub signer_infos: Vec<SignerInfo>,
    /// Fee of the transaction.
    pub fee: Fee,
}

wire!(AuthInfo {
    signer_infos: 1,
    fee: 2
});

/// One signer of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerInfo {
    /// Public key with the name of its type.
    pub public_key: Any,
    /// Way in which the signature is made.
    pub mode_info: ModeInfo,
    /// Number of the transaction among those of this account, from 0.
    pub sequence: u64,
}

wire!(SignerInfo {
    public_key: 1,
    mode_info: 2,
    sequence: 3
});

/// The way in which a signature is made: by one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeInfo {
    /// Mode of the only key.
    pub single: SingleMode,
}

wire!(ModeInfo { single: 1 });

/// The mode of a single key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleMode {
    /// Mode of signing.
    pub mode: SignMode,
}

wire!(SingleMode { mode: 1 });

/// The document that a signature is made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignMode {
    /// No signature: for a simulation.
    Unspecified,
    /// The bytes of [`SignDoc`].
    Direct,
}

wire_enum!(SignMode {
    Unspecified = 0,
    Direct = 1
});

/// The most that a transaction may use and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// Coins that are paid, whether the transaction succeeds or not; empty for a simulation.
    pub amount: Vec<Coin>,
    /// Most gas that may be used.
    pub gas_limit: u64,
    /// Account that pays, as a further signer; `None` for the signer.
    pub payer: Option<Address>,
    /// Account whose fee allowance pays; `None` for the signer.
    pub granter: Option<Address>,
}

wire!(Fee {
    amount: 1,
    gas_limit: 2,
    payer: 3,
    granter: 4
});

/// The price of gas as a fraction of uakt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasPrice {
    /// Price of a million units of gas in uakt.
    pub uakt_per_million: u64,
}

impl GasPrice {
    /// The price that Akash's validators take: 0.025 uakt.
    pub const USUAL: Self = Self {
        uakt_per_million: 25_000,
    };
}

impl Fee {
    /// The fee for this much gas at this price, rounded up.
    #[must_use]
    pub fn new(gas_limit: u64, price: GasPrice) -> Self {
        let cost = u128::from(gas_limit) * u128::from(price.uakt_per_million);
        Self {
            amount: vec![Coin::uakt(cost.div_ceil(1_000_000))],
            gas_limit,
            payer: None,
            granter: None,
        }
    }
}

/// The gas to ask for when a simulation used this much: half as much again, rounded up.
#[must_use]
pub const fn gas_limit(simulated: u64) -> u64 {
    simulated.saturating_add(simulated.div_ceil(2))
}

/// A compressed secp256k1 public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// The 33 bytes of the compressed point.
    pub key: [u8; 33],
}

wire!(PublicKey { key: 1 });

impl PublicKey {
    /// The address of the account with this key.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::of_public_key(&self.key)
    }

    fn to_any(self) -> Any {
        Any {
            type_url: PUBLIC_KEY_TYPE_URL.to_owned(),
            value: self.encode(),
        }
    }
}

impl SignerInfo {
    /// The signer's key.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] where it is of another kind.
    pub fn key(&self) -> Result<PublicKey, DecodeError> {
        if self.public_key.type_url == PUBLIC_KEY_TYPE_URL {
            PublicKey::decode(&self.public_key.value)
        } else {
            Err(DecodeError::UnknownType(self.public_key.type_url.clone()))
        }
    }
}

impl AuthInfo {
    /// The statement of a single signer, whose signature is made over [`SignDoc`].
    #[must_use]
    pub fn direct(key: PublicKey, sequence: u64, fee: Fee) -> Self {
        Self::with_mode(key, sequence, fee, SignMode::Direct)
    }

    fn with_mode(key: PublicKey, sequence: u64, fee: Fee, mode: SignMode) -> Self {
        Self {
            signer_infos: vec![SignerInfo {
                public_key: key.to_any(),
                mode_info: ModeInfo {
                    single: SingleMode { mode },
                },
                sequence,
            }],
            fee,
        }
    }
}

/// The document that is signed: SHA-256 of its bytes, with secp256k1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignDoc {
    /// Bytes of the [`TxBody`].
    pub body_bytes: Vec<u8>,
    /// Bytes of the [`AuthInfo`].
    pub auth_info_bytes: Vec<u8>,
    /// Name of the chain, for which alone the signature holds.
    pub chain_id: String,
    /// Number of the account on that chain.
    pub account_number: u64,
}

wire!(SignDoc {
    body_bytes: 1,
    auth_info_bytes: 2,
    chain_id: 3,
    account_number: 4
});

impl SignDoc {
    /// The 32 bytes that the key signs.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    /// The transaction with this signature: r and s, 64 bytes.
    #[must_use]
    pub fn signed(&self, signature: [u8; 64]) -> TxRaw {
        TxRaw {
            body_bytes: self.body_bytes.clone(),
            auth_info_bytes: self.auth_info_bytes.clone(),
            signatures: vec![signature.to_vec()],
        }
    }
}

/// A transaction as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxRaw {
    /// Bytes of the [`TxBody`].
    pub body_bytes: Vec<u8>,
    /// Bytes of the [`AuthInfo`].
    pub auth_info_bytes: Vec<u8>,
    /// Signature of each signer; an empty one for a simulation.
    pub signatures: Vec<Vec<u8>>,
}

wire!(TxRaw {
    body_bytes: 1,
    auth_info_bytes: 2,
    signatures: 3
});

impl TxRaw {
    /// An unsigned transaction without a fee, to ask the chain how much gas these messages use.
    #[must_use]
    pub fn for_simulation(body: &TxBody, key: PublicKey, sequence: u64) -> Self {
        let fee = Fee {
            amount: Vec::new(),
            gas_limit: 0,
            payer: None,
            granter: None,
        };
        Self {
            body_bytes: body.encode(),
            auth_info_bytes: AuthInfo::with_mode(key, sequence, fee, SignMode::Unspecified)
                .encode(),
            signatures: vec![Vec::new()],
        }
    }

    /// The hash by which the chain names the transaction, known before it is sent.
    #[must_use]
    pub fn hash(&self) -> TxHash {
        TxHash(Sha256::digest(self.encode()).into())
    }
}

/// The name of a transaction on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TxHash([u8; 32]);

impl std::fmt::Display for TxHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_rounded_up_to_the_next_uakt() {
        let fee = |gas| Fee::new(gas, GasPrice::USUAL).amount;
        assert_eq!(fee(320_000), [Coin::uakt(8_000)]);
        assert_eq!(fee(320_001), [Coin::uakt(8_001)]);
        assert_eq!(fee(0), [Coin::uakt(0)]);
        assert_eq!(gas_limit(241_337), 362_006);
    }
}
