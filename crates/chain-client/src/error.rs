//! Failures in the communication with the chain, distinguished by what a caller does about them.

use alloy::transports::{RpcError, TransportErrorKind};
use evm_types::decode_failure;
use thiserror::Error;

/// Reason why a call to the chain failed.
#[derive(Debug, Error)]
pub enum ChainError {
    /// The node did not answer, or its answer makes no sense: the state is unknown, try again.
    #[error("the chain does not answer: {0}")]
    Unreachable(String),
    /// The node's answers contradict each other: a reorganisation is under way, or the node is
    /// broken.
    #[error("the chain's node contradicts itself: {0}")]
    Contradiction(String),
    /// The contract refused; trying again changes nothing by itself.
    #[error("{sentence}")]
    Refused {
        /// Name of the error in the contract's interface.
        name: &'static str,
        /// One sentence that explains the refusal to people.
        sentence: String,
    },
    /// The node is on another chain than configured.
    #[error(
        "the node at the RPC address is on chain {found}, not on {expected}: check the RPC address"
    )]
    WrongChain {
        /// Id of the chain in the configuration.
        expected: u64,
        /// Id of the chain that the node reports.
        found: u64,
    },
    /// The node's chain has the right id but is a different one.
    #[error(
        "the node is on another chain that calls itself {chain} too: its block {block} is not the one noted at deployment. Check the RPC address"
    )]
    OtherChain {
        /// Id that both chains have.
        chain: u64,
        /// Height of the block whose hash differs.
        block: u64,
    },
    /// There is no contract, or a different one, at an address.
    #[error(
        "{what} at {address} is not the contract Necto was built with: deploy it again or correct the address"
    )]
    WrongCode {
        /// Name of the contract that was expected, such as `AkashEscrow`.
        what: &'static str,
        /// Address at which the contract was expected.
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
            // Nodes report missing gas money, a nonce already used or an unknown block in plain
            // text.
            None if payload.message.contains("insufficient funds") => Self::Refused {
                name: "InsufficientGasMoney",
                sentence: "The operator's account has no gas money left on this chain.".to_owned(),
            },
            None => Self::Unreachable(payload.message.to_string()),
        }
    }
}
