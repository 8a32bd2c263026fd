//! The operator's transactions, step by step: estimated, signed, sent, and looked up again.
//!
//! The steps are separate so that a caller can store what was signed before it is published, and
//! send it again after a crash: the same bytes can take effect only once.

use alloy::eips::BlockId;
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::network::{NetworkTransactionBuilder as _, TransactionBuilder as _};
use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;

use crate::client::{Block, ChainClient, with_margin};
use crate::error::ChainError;

/// A call by the operator, not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Address of the contract or account that is called.
    pub to: Address,
    /// ABI-encoded data of the call.
    pub data: Vec<u8>,
    /// Amount of the gas token sent along, in its smallest unit.
    pub value: U256,
}

/// The price of a unit of gas, in the gas token's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasPrice {
    /// Highest total price, priority fee included.
    pub max_fee: u128,
    /// Part of it that goes to the block producer.
    pub priority: u128,
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Hash of the transaction.
    pub hash: B256,
    /// Encoded bytes of the transaction, as nodes accept them.
    pub raw: Vec<u8>,
}

/// The node's reaction to signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broadcast {
    /// The node has accepted the bytes, now or earlier.
    Taken,
    /// A transaction with this nonce is in a block: these very bytes, an earlier price of the same
    /// call, or another process's with the same key.
    NonceUsed,
    /// Another transaction with this nonce is pending, and this one does not pay enough more.
    Underpriced,
}

/// A transaction in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusion {
    /// `true` if the call succeeded; `false` if it was reverted.
    pub worked: bool,
    /// Block that holds the transaction.
    pub block: Block,
    /// Gas fee that was charged, in the gas token's smallest unit.
    pub fee: u128,
}

impl ChainClient {
    /// Estimates the gas that the call needs, with a margin.
    ///
    /// # Errors
    /// [`ChainError::Refused`] when it would fail, or the node does not answer.
    pub async fn estimate(&self, call: &Call) -> Result<u64, ChainError> {
        let request = request(call).with_from(self.operator());
        Ok(with_margin(self.provider.estimate_gas(request).await?))
    }

    /// The current gas price, with a margin for some blocks.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn gas_price(&self) -> Result<GasPrice, ChainError> {
        let fees = self.provider.estimate_eip1559_fees().await?;
        Ok(GasPrice {
            max_fee: fees.max_fee_per_gas,
            priority: fees.max_priority_fee_per_gas,
        })
    }

    /// Signs the call with the operator's key, without publishing it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub async fn sign(
        &self,
        call: &Call,
        nonce: u64,
        gas: u64,
        price: GasPrice,
    ) -> Result<Signed, ChainError> {
        let envelope = request(call)
            .with_chain_id(self.chain_id())
            .with_nonce(nonce)
            .with_gas_limit(gas)
            .with_max_fee_per_gas(price.max_fee)
            .with_max_priority_fee_per_gas(price.priority)
            .build(&self.wallet)
            .await
            .map_err(|error| {
                ChainError::Config(format!("a transaction cannot be signed: {error}"))
            })?;
        Ok(Signed {
            hash: *envelope.tx_hash(),
            raw: envelope.encoded_2718(),
        })
    }

    /// Sends signed bytes to the node. Doing it again is safe.
    ///
    /// # Errors
    /// When the node does not answer or rejects them for another reason.
    pub async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError> {
        let Err(error) = self.provider.send_raw_transaction(raw).await else {
            return Ok(Broadcast::Taken);
        };
        let said = error
            .as_error_resp()
            .map(|payload| payload.message.to_ascii_lowercase())
            .unwrap_or_default();
        // Nodes have no codes for these errors; the messages are those of common nodes.
        if said.contains("already known") || said.contains("already imported") {
            Ok(Broadcast::Taken)
        } else if said.contains("nonce too low") || said.contains("nonce is too low") {
            Ok(Broadcast::NonceUsed)
        } else if said.contains("underpriced") {
            Ok(Broadcast::Underpriced)
        } else {
            Err(error.into())
        }
    }

    /// The nonce of the operator's next transaction, pending ones included.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn pending_nonce(&self) -> Result<u64, ChainError> {
        let count = self.provider.get_transaction_count(self.operator());
        Ok(count.block_id(BlockId::pending()).await?)
    }

    /// Number of the operator's transactions in blocks up to this height.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn nonce_at(&self, block: u64) -> Result<u64, ChainError> {
        let count = self.provider.get_transaction_count(self.operator());
        Ok(count.block_id(BlockId::number(block)).await?)
    }

    /// The block that contains a transaction; `None` while there is none.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn inclusion(&self, hash: B256) -> Result<Option<Inclusion>, ChainError> {
        let Some(receipt) = self.provider.get_transaction_receipt(hash).await? else {
            return Ok(None);
        };
        let Some(number) = receipt.block_number else {
            return Ok(None);
        };
        let block = self.block(number).await?;
        Ok(block
            .filter(|block| receipt.block_hash == Some(block.hash))
            .map(|block| Inclusion {
                worked: receipt.status(),
                block,
                fee: u128::from(receipt.gas_used).saturating_mul(receipt.effective_gas_price),
            }))
    }
}

fn request(call: &Call) -> TransactionRequest {
    TransactionRequest::default()
        .with_to(call.to)
        .with_input(call.data.clone())
        .with_value(call.value)
}
