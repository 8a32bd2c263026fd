//! The balance that a buyer keeps with the escrow contract, and the policies that spend it.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::auto_sign::{KeptBalance, SpendPolicy};
use domain::escrow::Terms;
use domain::ids::{Address, Hash32};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;

use super::{Authorization, ChainError, OperatorCall};

/// The half of the escrow contract that keeps buyers' money. Nothing here sends anything.
#[async_trait]
pub trait KeptBalances: Send + Sync + Debug {
    /// Returns the state for `buyer` as of the newest block, for the UTC day of the block's time or
    /// of `now`, whichever is later: the next block cannot be earlier than either.
    async fn kept(&self, buyer: Address, now: UnixSeconds) -> Result<KeptBalance, ChainError>;

    /// Adds `amount` to the kept balance, out of the caller's allowance.
    fn keep_call(&self, amount: TokenAmount) -> PreparedCall;
    /// Withdraws `amount` from the caller's kept balance.
    fn withdraw_kept_call(&self, amount: TokenAmount) -> PreparedCall;
    /// Revokes every policy that the caller has signed so far.
    fn revoke_policies_call(&self) -> PreparedCall;

    /// Returns what a buyer signs to put `policy` into effect.
    fn policy_message(&self, policy: &SpendPolicy) -> Authorization;
    /// EIP-712 digest of the policy, by which the contract identifies it.
    fn policy_digest(&self, policy: &SpendPolicy) -> Hash32;
    /// Converts the signature to the form that the contract accepts. [`ChainError::Invalid`] unless
    /// the policy's buyer signed exactly this policy.
    fn policy_signature(&self, policy: &SpendPolicy, signed: &str) -> Result<Vec<u8>, ChainError>;
    /// Funds the escrow of `terms` from the buyer's kept balance.
    fn fund_from_kept_call(
        &self,
        terms: &Terms,
        policy: &SpendPolicy,
        signature: &[u8],
    ) -> OperatorCall;
}
