//! The half of the simulated escrow contract that keeps buyers' money, with the rules that it
//! enforces.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::auto_sign::{KeptBalance, SpendPolicy};
use domain::escrow::Terms;
use domain::ids::{Address, Hash32};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};
use sha2::{Digest as _, Sha256};

use super::FakeChain;
use crate::fakes::chain_call::{ChainCall, call};
use crate::ports::{Authorization, ChainError, EscrowChain, KeptBalances, OperatorCall};

/// The kept balance of one buyer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keeping {
    pub(crate) kept: TokenAmount,
    pub(crate) nonce: u64,
    pub(crate) open: u32,
    spent: BTreeMap<u64, TokenAmount>,
}

const fn day(at: UnixSeconds) -> u64 {
    at.0 / Seconds::days(1).0
}

impl Keeping {
    /// Returns the amount that policies spent on the day of `at`.
    pub(crate) fn spent_on(&self, at: UnixSeconds) -> TokenAmount {
        self.spent.get(&day(at)).copied().unwrap_or_default()
    }

    /// Spends without one of our orders: a fact on chain that is in none of our rows.
    pub(crate) fn spend(&mut self, amount: TokenAmount, at: UnixSeconds) {
        self.kept = self.kept.saturating_sub(amount);
        self.open += 1;
        let spent = self.spent.entry(day(at)).or_default();
        *spent = spent.saturating_add(amount);
    }

    pub(super) fn allows(
        &self,
        terms: &Terms,
        policy: &SpendPolicy,
        signature: &[u8],
        now: UnixSeconds,
    ) -> Result<(), ChainError> {
        let spent = self.spent_on(now).saturating_add(terms.deposit);
        let refused = [
            (now > policy.expiry, "OutsidePolicy(expiry)"),
            (policy.nonce != self.nonce, "OutsidePolicy(nonce)"),
            (
                signature != signature_of(policy).as_bytes(),
                "InvalidPolicySignature",
            ),
            (terms.buyer != policy.buyer, "OutsidePolicy(buyer)"),
            (
                !policy.payees.contains(&terms.payee),
                "OutsidePolicy(payees)",
            ),
            (terms.max_rate > policy.max_rate, "OutsidePolicy(maxRate)"),
            (terms.fee_bps > policy.max_fee_bps, "OutsidePolicy(fee)"),
            (
                terms.deposit > policy.max_per_order,
                "OutsidePolicy(maxPerOrder)",
            ),
            (self.open >= policy.max_open, "OutsidePolicy(maxOpen)"),
            (spent > policy.max_per_day, "OutsidePolicy(maxPerDay)"),
            (terms.deposit > self.kept, "KeptTooLittle"),
        ];
        match refused.into_iter().find(|(refused, _)| *refused) {
            Some((_, why)) => Err(ChainError::Refused(why.to_owned())),
            None => Ok(()),
        }
    }
}

/// Returns the wallet's answer when the buyer signs this policy.
pub(crate) fn signature_of(policy: &SpendPolicy) -> String {
    format!("{} allows {}", policy.buyer, digest(policy))
}

fn digest(policy: &SpendPolicy) -> Hash32 {
    let text = serde_json::to_string(policy).unwrap();
    Hash32::from_bytes(Sha256::digest(text).into())
}

#[async_trait]
impl KeptBalances for FakeChain {
    async fn kept(&self, buyer: Address, now: UnixSeconds) -> Result<KeptBalance, ChainError> {
        self.head().await?;
        Ok(self.keeping(buyer, |keeping| KeptBalance {
            kept: keeping.kept,
            nonce: keeping.nonce,
            spent_today: keeping.spent_on(now),
            open: keeping.open,
            at: now,
        }))
    }

    fn keep_call(&self, amount: TokenAmount) -> PreparedCall {
        call(format!("Keep {amount} tUSDC"), "0xf4")
    }

    fn withdraw_kept_call(&self, amount: TokenAmount) -> PreparedCall {
        call(format!("Take {amount} tUSDC back"), "0xf5")
    }

    fn revoke_policies_call(&self) -> PreparedCall {
        call("Revoke your spend policies".to_owned(), "0xf6")
    }

    fn policy_message(&self, policy: &SpendPolicy) -> Authorization {
        Authorization {
            typed_data: signature_of(policy),
            decoded: Vec::new(),
        }
    }

    fn policy_digest(&self, policy: &SpendPolicy) -> Hash32 {
        digest(policy)
    }

    fn policy_signature(&self, policy: &SpendPolicy, signed: &str) -> Result<Vec<u8>, ChainError> {
        if signed != signature_of(policy) {
            return Err(ChainError::Invalid("Not the buyer's signature.".to_owned()));
        }
        Ok(signed.as_bytes().to_vec())
    }

    fn fund_from_kept_call(
        &self,
        terms: &Terms,
        policy: &SpendPolicy,
        signature: &[u8],
    ) -> OperatorCall {
        ChainCall::Spend {
            terms: terms.clone(),
            policy: policy.clone(),
            signature: signature.to_vec(),
        }
        .as_call()
    }
}
