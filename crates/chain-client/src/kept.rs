//! A buyer's kept balance, and the amount that policies have spent of it.

use alloy::primitives::{Address, U256};
use evm_types::AkashEscrow;
use evm_types::alloy_sol_types::SolCall;

use crate::client::ChainClient;
use crate::error::ChainError;

/// The escrow contract's state of a buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptState {
    /// Kept balance of the buyer, in micro-USDC.
    pub kept: U256,
    /// Nonce that a policy must carry to be valid.
    pub nonce: U256,
    /// Amount that policies spent on the requested UTC day, in micro-USDC.
    pub spent: U256,
    /// Number of open escrows that were paid within policies.
    pub open: U256,
}

impl ChainClient {
    /// Reads a buyer's kept balance; `day` is a UTC day, Unix seconds divided by 86,400.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn kept(&self, buyer: Address, day: u64) -> Result<KeptState, ChainError> {
        let day = U256::from(day);
        Ok(KeptState {
            kept: self.ask(AkashEscrow::keptOfCall { buyer }).await?,
            nonce: self.ask(AkashEscrow::policyNonceCall { buyer }).await?,
            spent: self.ask(AkashEscrow::spentOnCall { buyer, day }).await?,
            open: self.ask(AkashEscrow::openOfCall { buyer }).await?,
        })
    }

    async fn ask<C: SolCall>(&self, question: C) -> Result<C::Return, ChainError> {
        let answer = self
            .call(self.escrow_contract(), question.abi_encode())
            .await?;
        C::abi_decode_returns(&answer).map_err(|error| {
            ChainError::Unreachable(format!("the escrow's answer cannot be read: {error}"))
        })
    }
}
