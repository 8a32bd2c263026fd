//! [`OperatorAccount`] over the same client.

use async_trait::async_trait;
use chain_client::Call;
use chain_client::evm_types::alloy_primitives::U256;
use domain::gas::Gwei;
use domain::ids::TxHash;

use super::{RpcEscrowChain, chain_error, evm_address, evm_hash, hash};
use crate::ports::{
    Broadcast, ChainError, GasPrice, Inclusion, Nonces, OperatorAccount, OperatorCall,
    SignedTransaction,
};

#[async_trait]
impl OperatorAccount for RpcEscrowChain {
    async fn estimate(&self, call: &OperatorCall) -> Result<u64, ChainError> {
        let gas = self.client.estimate(&evm_call(call)).await;
        gas.map_err(chain_error)
    }

    async fn gas_price(&self) -> Result<GasPrice, ChainError> {
        let price = self.client.gas_price().await.map_err(chain_error)?;
        Ok(GasPrice {
            max_fee_wei: price.max_fee,
            priority_wei: price.priority,
        })
    }

    async fn sign(
        &self,
        call: &OperatorCall,
        nonce: u64,
        gas: u64,
        price: GasPrice,
    ) -> Result<SignedTransaction, ChainError> {
        let price = chain_client::GasPrice {
            max_fee: price.max_fee_wei,
            priority: price.priority_wei,
        };
        let signed = self.client.sign(&evm_call(call), nonce, gas, price).await;
        let signed = signed.map_err(chain_error)?;
        Ok(SignedTransaction {
            hash: hash(signed.hash),
            raw: signed.raw,
        })
    }

    async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError> {
        match self.client.broadcast(raw).await.map_err(chain_error)? {
            chain_client::Broadcast::Taken => Ok(Broadcast::Taken),
            chain_client::Broadcast::NonceUsed => Ok(Broadcast::NonceUsed),
            chain_client::Broadcast::Underpriced => Ok(Broadcast::Underpriced),
        }
    }

    async fn pending_nonce(&self) -> Result<u64, ChainError> {
        self.client.pending_nonce().await.map_err(chain_error)
    }

    async fn nonces(&self) -> Result<Nonces, ChainError> {
        let head = self.client.head().await.map_err(chain_error)?.number;
        let counting = (head + 1).saturating_sub(self.confirmations);
        Ok(Nonces {
            mined: self.client.nonce_at(head).await.map_err(chain_error)?,
            settled: self.client.nonce_at(counting).await.map_err(chain_error)?,
        })
    }

    async fn inclusion(&self, tx: TxHash) -> Result<Option<Inclusion>, ChainError> {
        let found = self.client.inclusion(evm_hash(tx)).await;
        let Some(found) = found.map_err(chain_error)? else {
            return Ok(None);
        };
        let head = self.client.head().await.map_err(chain_error)?;
        Ok(Some(Inclusion {
            worked: found.worked,
            counts: self.counts(head.number, found.block.number),
            fee: Gwei::from_wei_rounded_up(found.fee),
        }))
    }
}

fn evm_call(call: &OperatorCall) -> Call {
    Call {
        to: evm_address(call.to),
        data: call.data.clone(),
        value: U256::from(call.value.wei()),
    }
}
