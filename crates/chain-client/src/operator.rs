//! The operator's transactions, step by step: estimated, signed, handed to the node, found again.
//!
//! The steps are apart so that a caller can store what was signed before anybody sees it, and send
//! it again after a crash: the same bytes can take effect once only.

use alloy::eips::BlockId;
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::network::{NetworkTransactionBuilder as _, TransactionBuilder as _};
use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;

use crate::client::{Block, ChainClient, with_margin};
use crate::error::ChainError;

/// A call of the operator's, not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Whom it calls.
    pub to: Address,
    /// With which data.
    pub data: Vec<u8>,
    /// And how much of the gas token, in its smallest unit.
    pub value: U256,
}

/// What a unit of gas may cost, in the gas token's smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasPrice {
    /// Altogether.
    pub max_fee: u128,
    /// Of that, to whoever makes the block.
    pub priority: u128,
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Its hash.
    pub hash: B256,
    /// Its bytes, as nodes take them.
    pub raw: Vec<u8>,
}

/// What a node made of signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broadcast {
    /// It has them, now or already.
    Taken,
    /// A transaction with this nonce is in a block: these very bytes, an earlier price of the same
    /// call, or somebody else's with the same key.
    NonceUsed,
    /// Another transaction with this nonce waits, and this one does not pay enough more.
    Underpriced,
}

/// A transaction in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusion {
    /// Whether it had its effect.
    pub worked: bool,
    /// The block.
    pub block: Block,
    /// What it cost, in the gas token's smallest unit.
    pub fee: u128,
}

impl ChainClient {
    /// How much gas the call needs, with a margin.
    ///
    /// # Errors
    /// [`ChainError::Refused`] when it would fail, or the node does not answer.
    pub async fn estimate(&self, call: &Call) -> Result<u64, ChainError> {
        let request = request(call).with_from(self.operator());
        Ok(with_margin(self.provider.estimate_gas(request).await?))
    }

    /// What gas costs now, with room for some blocks.
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

    /// Signs the call with the operator's key. Nobody sees it yet.
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

    /// Hands signed bytes to the node. Doing it again is safe.
    ///
    /// # Errors
    /// When the node does not answer or does not want them for another reason.
    pub async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError> {
        let Err(error) = self.provider.send_raw_transaction(raw).await else {
            return Ok(Broadcast::Taken);
        };
        let said = error
            .as_error_resp()
            .map(|payload| payload.message.to_ascii_lowercase())
            .unwrap_or_default();
        // Nodes have no codes for these: the words are those of the common ones.
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

    /// The nonce that the operator's next transaction would have, with what waits in the node.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn pending_nonce(&self) -> Result<u64, ChainError> {
        let count = self.provider.get_transaction_count(self.operator());
        Ok(count.block_id(BlockId::pending()).await?)
    }

    /// How many of the operator's transactions are in blocks up to this height.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn nonce_at(&self, block: u64) -> Result<u64, ChainError> {
        let count = self.provider.get_transaction_count(self.operator());
        Ok(count.block_id(BlockId::number(block)).await?)
    }

    /// The block a transaction is in; `None` while it is in none.
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
