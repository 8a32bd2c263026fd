//! A buyer's kept balance and what policies have spent of it.

use alloy::primitives::{Address, U256};
use evm_types::AkashEscrow;
use evm_types::alloy_sol_types::SolCall;

use crate::client::ChainClient;
use crate::error::ChainError;

/// What the escrow contract says of a buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptState {
    /// What is kept, in micro-USDC.
    pub kept: U256,
    /// The nonce a policy must carry to count.
    pub nonce: U256,
    /// What policies spent in the day asked for, in micro-USDC.
    pub spent: U256,
    /// How many escrows paid within policies are open.
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
