//! Simulated, sent and included transactions, and the chain's height.

use serde::Deserialize;

use super::number;
use crate::refusal::Refusal;

/// The result of `/cosmos/tx/v1beta1/simulate`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Simulation {
    gas_info: GasInfo,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct GasInfo {
    #[serde(deserialize_with = "number")]
    gas_used: u64,
}

impl Simulation {
    /// The gas that the messages used.
    #[must_use]
    pub fn gas_used(&self) -> u64 {
        self.gas_info.gas_used
    }
}

/// The answer to a sent transaction, `/cosmos/tx/v1beta1/txs`, and to a question for one, `txs/{hash}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TransactionAnswer {
    /// Transaction as the node knows it.
    pub tx_response: Transaction,
}

/// A transaction as a node knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Transaction {
    /// Height of the block that has it; 0 where it was only taken.
    #[serde(deserialize_with = "number")]
    pub height: u64,
    /// Hash of the transaction.
    pub txhash: String,
    /// Gas that it was allowed.
    #[serde(deserialize_with = "number")]
    pub gas_wanted: u64,
    /// Gas that it used.
    #[serde(deserialize_with = "number")]
    pub gas_used: u64,
    codespace: String,
    code: u32,
    raw_log: String,
}

impl Transaction {
    /// The success of the transaction: in the block where there is a height, otherwise in the check before it.
    ///
    /// # Errors
    ///
    /// The [`Refusal`]; a refusal in a block has cost the fee.
    pub fn outcome(&self) -> Result<(), Refusal> {
        if self.code == 0 {
            Ok(())
        } else {
            Err(Refusal::new(&self.codespace, self.code, &self.raw_log))
        }
    }
}

/// The newest block: `/cosmos/base/tendermint/v1beta1/blocks/latest`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LatestBlock {
    block: Block,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Block {
    header: Header,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Header {
    chain_id: String,
    #[serde(deserialize_with = "number")]
    height: u64,
}

impl LatestBlock {
    /// The height of the block.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.block.header.height
    }

    /// The name of the chain.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        &self.block.header.chain_id
    }
}
