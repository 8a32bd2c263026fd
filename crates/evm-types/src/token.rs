//! The message that a buyer signs for the token: an ERC-3009 authorization.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{Eip712Domain, SolStruct, sol};
use serde_json::json;
use thiserror::Error;

use crate::bindings::TestnetUSDC::eip712DomainReturn;
use crate::typed_data;

/// The message under the name by which it is hashed.
mod message {
    use super::sol;

    sol! {
        #![sol(all_derives)]

        struct ReceiveWithAuthorization {
            address from;
            address to;
            uint256 value;
            uint256 validAfter;
            uint256 validBefore;
            bytes32 nonce;
        }
    }
}

/// A token's EIP-712 domain, as the token itself returns it.
///
/// Tokens differ in name and version (Circle's USDC says version 2), so neither is ever a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDomain(Eip712Domain);

/// Reason why a token's answer to `eip712Domain` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenDomainError {
    /// The token extends its domain in a way that wallets do not know.
    #[error("the token's signing domain has extensions, which wallets cannot sign")]
    Extensions,
    /// The token signs for another chain.
    #[error("the token signs for chain {found}, not for chain {expected}")]
    OtherChain {
        /// The chain that is expected.
        expected: u64,
        /// The chain that the token names.
        found: U256,
    },
    /// The token signs for another contract.
    #[error("the token signs for the contract {found}, not for itself")]
    OtherContract {
        /// The contract that the token names.
        found: Address,
    },
}

impl TokenDomain {
    /// Reads a token's answer to `eip712Domain()`.
    ///
    /// # Errors
    ///
    /// If the answer is for a chain or contract other than the one asked, or has extensions.
    pub fn from_answer(
        answer: &eip712DomainReturn,
        chain_id: u64,
        token: Address,
    ) -> Result<Self, TokenDomainError> {
        if !answer.extensions.is_empty() {
            return Err(TokenDomainError::Extensions);
        }
        let fields = answer.fields[0];
        let has = |bit: u8| fields & (1 << bit) != 0;
        if has(2) && answer.chainId != U256::from(chain_id) {
            return Err(TokenDomainError::OtherChain {
                expected: chain_id,
                found: answer.chainId,
            });
        }
        if has(3) && answer.verifyingContract != token {
            return Err(TokenDomainError::OtherContract {
                found: answer.verifyingContract,
            });
        }
        Ok(Self(Eip712Domain::new(
            has(0).then(|| answer.name.clone().into()),
            has(1).then(|| answer.version.clone().into()),
            has(2).then_some(answer.chainId),
            has(3).then_some(answer.verifyingContract),
            has(4).then_some(answer.salt),
        )))
    }

    /// The domain of a token whose name and version are known, for tests and for comparing with the answer.
    #[must_use]
    pub fn new(name: &str, version: &str, chain_id: u64, token: Address) -> Self {
        Self(Eip712Domain::new(
            Some(name.to_owned().into()),
            Some(version.to_owned().into()),
            Some(U256::from(chain_id)),
            Some(token),
            None,
        ))
    }

    /// The domain separator, as `DOMAIN_SEPARATOR()` returns it.
    #[must_use]
    pub fn separator(&self) -> B256 {
        self.0.separator()
    }
}

/// An ERC-3009 authorization: the one signature that funds an escrow or tops it up, without gas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveAuthorization {
    /// Account that pays, and that signs.
    pub from: Address,
    /// The escrow contract, which alone can use it.
    pub to: Address,
    /// Amount in micro-USDC.
    pub value: u128,
    /// Unix time after which the authorization is valid.
    pub valid_after: u64,
    /// Unix time before which the authorization is valid.
    pub valid_before: u64,
    /// The escrow's id, or a [`crate::top_up_nonce`].
    pub nonce: B256,
}

impl ReceiveAuthorization {
    /// The digest that the buyer signs.
    #[must_use]
    pub fn digest(&self, token: &TokenDomain) -> B256 {
        message::ReceiveWithAuthorization {
            from: self.from,
            to: self.to,
            value: U256::from(self.value),
            validAfter: U256::from(self.valid_after),
            validBefore: U256::from(self.valid_before),
            nonce: self.nonce,
        }
        .eip712_signing_hash(&token.0)
    }

    /// The same as JSON for `eth_signTypedData_v4`.
    #[must_use]
    pub fn typed_data(&self, token: &TokenDomain) -> String {
        let fields = [
            ("address", "from"),
            ("address", "to"),
            ("uint256", "value"),
            ("uint256", "validAfter"),
            ("uint256", "validBefore"),
            ("bytes32", "nonce"),
        ];
        let message = json!({
            "from": self.from.to_checksum(None),
            "to": self.to.to_checksum(None),
            "value": self.value.to_string(),
            "validAfter": self.valid_after.to_string(),
            "validBefore": self.valid_before.to_string(),
            "nonce": self.nonce.to_string(),
        });
        typed_data::to_json(&token.0, "ReceiveWithAuthorization", &fields, &message)
    }
}
