//! [`KeptBalances`] over the same client.

use async_trait::async_trait;
use chain_client::evm_types::alloy_primitives::U256;
use chain_client::evm_types::alloy_sol_types::SolCall;
use chain_client::evm_types::{self, AkashEscrow, policy_digest, policy_typed_data};
use domain::auto_sign::{KeptBalance, SpendPolicy};
use domain::escrow::Terms;
use domain::ids::{Address, Hash32};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};

use super::{RpcEscrowChain, address, chain_error, evm_address, evm_terms, hash, instant};
use crate::ports::{Authorization, ChainError, EscrowChain, KeptBalances, OperatorCall};

#[async_trait]
impl KeptBalances for RpcEscrowChain {
    async fn kept(&self, buyer: Address, now: UnixSeconds) -> Result<KeptBalance, ChainError> {
        let head = self.client.head().await.map_err(chain_error)?;
        let at = now.max(UnixSeconds(head.timestamp));
        let day = at.0 / Seconds::days(1).0;
        let state = self
            .client
            .kept(evm_address(buyer), day)
            .await
            .map_err(chain_error)?;
        Ok(KeptBalance {
            kept: amount(state.kept),
            // A value that does not fit was not reached by counting, so it must match no policy.
            nonce: u64::try_from(state.nonce).unwrap_or(u64::MAX),
            spent_today: amount(state.spent),
            open: u32::try_from(state.open).unwrap_or(u32::MAX),
            at,
        })
    }

    fn keep_call(&self, amount: TokenAmount) -> PreparedCall {
        let call = AkashEscrow::keepCall {
            amount: U256::from(amount.micros()),
        };
        let decoded = vec![
            ("Function".to_owned(), "keep".to_owned()),
            ("Amount".to_owned(), format!("{amount} tUSDC")),
            (
                "Who can take it back".to_owned(),
                "you, at any time".to_owned(),
            ),
        ];
        let title = format!("Keep {amount} tUSDC");
        self.escrow_call(title, call.abi_encode(), decoded)
    }

    fn withdraw_kept_call(&self, amount: TokenAmount) -> PreparedCall {
        let call = AkashEscrow::withdrawKeptCall {
            amount: U256::from(amount.micros()),
        };
        let decoded = vec![
            ("Function".to_owned(), "withdrawKept".to_owned()),
            ("Amount".to_owned(), format!("{amount} tUSDC, to you")),
        ];
        let title = format!("Take {amount} tUSDC back");
        self.escrow_call(title, call.abi_encode(), decoded)
    }

    fn revoke_policies_call(&self) -> PreparedCall {
        let decoded = vec![
            ("Function".to_owned(), "revokePolicies".to_owned()),
            (
                "Ends".to_owned(),
                "every spend policy you signed so far".to_owned(),
            ),
        ];
        let data = AkashEscrow::revokePoliciesCall {}.abi_encode();
        self.escrow_call("Revoke your spend policies".to_owned(), data, decoded)
    }

    fn policy_message(&self, policy: &SpendPolicy) -> Authorization {
        let payees: Vec<_> = policy.payees.iter().map(ToString::to_string).collect();
        let decoded = [
            ("Wallet shows", "SpendPolicy".to_owned()),
            (
                "One order at most",
                format!("{} tUSDC", policy.max_per_order),
            ),
            ("One day at most", format!("{} tUSDC", policy.max_per_day)),
            ("Counts until", instant(policy.expiry)),
            ("Paid may be", payees.join(", ")),
            ("Open at once", format!("{} orders", policy.max_open)),
            (
                "Highest rate",
                format!("{} tUSDC an hour", policy.max_rate.usd_per_hour()),
            ),
            (
                "Fee at most",
                format!(
                    "{}.{:02} % of what is used",
                    policy.max_fee_bps / 100,
                    policy.max_fee_bps % 100
                ),
            ),
            ("A deposit lasts at least", policy.min_run_time.in_words()),
            (
                "Operator may be silent for",
                policy.max_heartbeat_window.in_words(),
            ),
        ];
        Authorization {
            typed_data: policy_typed_data(
                self.client.chain_id(),
                self.client.escrow_contract(),
                &evm_policy(policy),
            ),
            decoded: decoded
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    fn policy_digest(&self, policy: &SpendPolicy) -> Hash32 {
        hash(policy_digest(
            self.client.chain_id(),
            self.client.escrow_contract(),
            &evm_policy(policy),
        ))
    }

    fn policy_signature(&self, policy: &SpendPolicy, signed: &str) -> Result<Vec<u8>, ChainError> {
        let digest = policy_digest(
            EscrowChain::chain_id(self),
            self.client.escrow_contract(),
            &evm_policy(policy),
        );
        let (signer, signature) =
            chain_client::recover_typed_data(digest, signed).map_err(chain_error)?;
        if address(signer) != policy.buyer {
            return Err(ChainError::Invalid(
                "The signature is not yours over this policy. Sign again with the account you \
                 signed in with."
                    .to_owned(),
            ));
        }
        Ok(signature.to_vec())
    }

    fn fund_from_kept_call(
        &self,
        terms: &Terms,
        policy: &SpendPolicy,
        signature: &[u8],
    ) -> OperatorCall {
        let call = AkashEscrow::fundFromKeptCall {
            terms: evm_terms(terms),
            policy: evm_policy(policy),
            signature: signature.to_vec().into(),
        };
        self.on_escrow(call.abi_encode())
    }
}

fn evm_policy(policy: &SpendPolicy) -> evm_types::SpendPolicy {
    evm_types::SpendPolicy {
        buyer: evm_address(policy.buyer),
        payees: policy.payees.iter().copied().map(evm_address).collect(),
        maxRate: policy.max_rate.scaled(),
        maxFeeBps: policy.max_fee_bps,
        minRunTime: policy.min_run_time.0,
        maxHeartbeatWindow: policy.max_heartbeat_window.0,
        maxPerOrder: policy.max_per_order.micros(),
        maxPerDay: policy.max_per_day.micros(),
        maxOpen: policy.max_open,
        expiry: policy.expiry.0,
        nonce: U256::from(policy.nonce),
    }
}

/// Converts an amount; one that does not fit becomes the largest possible one.
fn amount(word: U256) -> TokenAmount {
    TokenAmount::from_micros(u128::try_from(word).unwrap_or(u128::MAX))
}
