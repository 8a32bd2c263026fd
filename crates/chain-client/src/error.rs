//! What goes wrong between us and the chain, told apart by what a caller does about it.

use alloy::transports::{RpcError, TransportErrorKind};
use evm_types::decode_failure;
use thiserror::Error;

/// Why a call to the chain did not give what was asked.
#[derive(Debug, Error)]
pub enum ChainError {
    /// The node did not answer, or answered nonsense: the state is unknown, try again.
    #[error("the chain does not answer: {0}")]
    Unreachable(String),
    /// What the node says contradicts itself: a reorganisation is under way, or it is broken.
    #[error("the chain's node contradicts itself: {0}")]
    Contradiction(String),
    /// The contract refused; trying again changes nothing by itself.
    #[error("{sentence}")]
    Refused {
        /// The error's name in the contract's interface.
        name: &'static str,
        /// One sentence for people.
        sentence: String,
    },
    /// The node is on another chain than configured.
    #[error(
        "the node at the RPC address is on chain {found}, not on {expected}: check the RPC address"
    )]
    WrongChain {
        /// Configured.
        expected: u64,
        /// Reported by the node.
        found: u64,
    },
    /// The node's chain has the right id and is another one all the same.
    #[error(
        "the node is on another chain that calls itself {chain} too: its block {block} is not the one noted at deployment. Check the RPC address"
    )]
    OtherChain {
        /// The id.
        chain: u64,
        /// The block that differs.
        block: u64,
    },
    /// There is no contract, or another one, at an address.
    #[error(
        "{what} at {address} is not the contract Necto was built with: deploy it again or correct the address"
    )]
    WrongCode {
        /// Which contract.
        what: &'static str,
        /// Where.
        address: String,
    },
    /// A setting or a committed artefact cannot be used.
    #[error("{0}")]
    Config(String),
}

impl From<RpcError<TransportErrorKind>> for ChainError {
    fn from(error: RpcError<TransportErrorKind>) -> Self {
        let Some(payload) = error.as_error_resp() else {
            return Self::Unreachable(error.to_string());
        };
        match payload.as_revert_data() {
            Some(data) => {
                let failure = decode_failure(&data);
                Self::Refused {
                    name: failure.name,
                    sentence: failure.sentence,
                }
            }
            // A node answers lack of gas money, a nonce already used or an unknown block with plain text.
            None if payload.message.contains("insufficient funds") => Self::Refused {
                name: "InsufficientGasMoney",
                sentence: "The operator's account has no gas money left on this chain.".to_owned(),
            },
            None => Self::Unreachable(payload.message.to_string()),
        }
    }
}
