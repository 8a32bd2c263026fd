//! Kept balances and spend policies: what the real contract accepts from the operator, and what
//! not.

use alloy::primitives::{B256, U256};
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use chain_client::evm_types::alloy_primitives::Address;
use chain_client::evm_types::alloy_sol_types::SolCall;
use chain_client::evm_types::{AkashEscrow, SpendPolicy, Terms, TestnetUSDC, policy_digest};
use chain_client::{ChainClient, ChainError, ContractAddresses, KeptState};

use super::{BUYER, CHAIN, call, client, deployed, sent, start, terms};

/// A buyer who keeps 10 USDC, and the operator who may spend it.
struct Stage {
    operator: ChainClient,
    buyer: ChainClient,
    now: u64,
    _anvil: alloy::node_bindings::AnvilInstance,
}

impl Stage {
    async fn new() -> Option<Self> {
        let anvil = start()?;
        let operator = deployed(&anvil).await;
        let addresses = ContractAddresses {
            token: operator.token_contract(),
            escrow: operator.escrow_contract(),
            router: Address::ZERO,
            registry: Address::ZERO,
        };
        let buyer = client(&anvil, BUYER.into(), &addresses);
        let (token, escrow) = (addresses.token, addresses.escrow);
        sent(&buyer, token, TestnetUSDC::dripCall {}.abi_encode()).await;
        let amount = U256::from(10_000_000);
        let approve = TestnetUSDC::approveCall {
            spender: escrow,
            value: amount,
        };
        sent(&buyer, token, approve.abi_encode()).await;
        sent(
            &buyer,
            escrow,
            AkashEscrow::keepCall { amount }.abi_encode(),
        )
        .await;
        let now = operator.head().await.unwrap().timestamp;
        Some(Self {
            operator,
            buyer,
            now,
            _anvil: anvil,
        })
    }

    /// Terms that cost 3.6 USDC.
    fn terms(&self, salt: u8) -> Terms {
        Terms {
            salt: B256::repeat_byte(salt),
            ..terms(self.buyer.operator(), self.operator.operator(), self.now)
        }
    }

    fn policy(&self) -> SpendPolicy {
        SpendPolicy {
            buyer: self.buyer.operator(),
            payees: vec![self.operator.operator()],
            maxRate: 1_000_000_000_000_000,
            maxFeeBps: 0,
            minRunTime: 300,
            maxHeartbeatWindow: 86_400,
            maxPerOrder: 5_000_000,
            maxPerDay: 7_200_000,
            maxOpen: 5,
            expiry: self.now + 3600,
            nonce: U256::ZERO,
        }
    }

    fn signed(&self, policy: &SpendPolicy) -> Vec<u8> {
        let signer: PrivateKeySigner = BUYER.parse().unwrap();
        let digest = policy_digest(CHAIN, self.operator.escrow_contract(), policy);
        signer.sign_hash_sync(&digest).unwrap().as_bytes().to_vec()
    }

    fn spend(&self, terms: Terms, policy: SpendPolicy, signature: Vec<u8>) -> Vec<u8> {
        AkashEscrow::fundFromKeptCall {
            terms,
            policy,
            signature: signature.into(),
        }
        .abi_encode()
    }

    async fn pay(&self, salt: u8, policy: &SpendPolicy) {
        let data = self.spend(self.terms(salt), policy.clone(), self.signed(policy));
        sent(&self.operator, self.operator.escrow_contract(), data).await;
    }

    /// Why the contract refuses.
    async fn refusal(&self, terms: Terms, policy: SpendPolicy, signature: Vec<u8>) -> String {
        let data = self.spend(terms, policy, signature);
        let call = call(self.operator.escrow_contract(), data);
        match self.operator.estimate(&call).await {
            Err(ChainError::Refused { sentence, .. }) => sentence,
            other => panic!("{other:?}"),
        }
    }

    async fn kept(&self) -> KeptState {
        let day = self.operator.head().await.unwrap().timestamp / 86_400;
        self.operator
            .kept(self.buyer.operator(), day)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn the_day_s_limit_holds_over_two_orders_and_nothing_is_paid_twice() {
    let Some(stage) = Stage::new().await else {
        return;
    };
    let policy = stage.policy();
    stage.pay(1, &policy).await;
    let again = stage
        .refusal(stage.terms(1), policy.clone(), stage.signed(&policy))
        .await;
    assert!(again.contains("already"), "{again}");
    stage.pay(2, &policy).await;
    let state = stage.kept().await;
    assert_eq!(
        state,
        KeptState {
            kept: U256::from(2_800_000),
            nonce: U256::ZERO,
            spent: U256::from(7_200_000),
            open: U256::from(2),
        }
    );
    let third = stage
        .refusal(stage.terms(3), policy.clone(), stage.signed(&policy))
        .await;
    assert!(third.contains("today's limit is reached"), "{third}");
    let wider = SpendPolicy {
        maxPerDay: 50_000_000,
        ..policy
    };
    let poor = stage
        .refusal(stage.terms(3), wider.clone(), stage.signed(&wider))
        .await;
    assert!(poor.contains("kept balance"), "{poor}");
}

#[tokio::test]
async fn a_tampered_an_expired_and_a_revoked_policy_spend_nothing() {
    let Some(stage) = Stage::new().await else {
        return;
    };
    let policy = stage.policy();
    let signature = stage.signed(&policy);
    let tampered = SpendPolicy {
        maxPerOrder: 500_000_000,
        ..policy.clone()
    };
    let why = stage
        .refusal(stage.terms(1), tampered, signature.clone())
        .await;
    assert!(why.contains("not signed by its buyer"), "{why}");
    let dear = Terms {
        deposit: 5_000_001,
        ..stage.terms(1)
    };
    let why = stage.refusal(dear, policy.clone(), signature.clone()).await;
    assert!(why.contains("does not allow"), "{why}");
    let elsewhere = Terms {
        payee: Address::repeat_byte(0xbe),
        ..stage.terms(1)
    };
    let why = stage
        .refusal(elsewhere, policy.clone(), signature.clone())
        .await;
    assert!(why.contains("does not allow"), "{why}");
    let over = SpendPolicy {
        expiry: stage.now - 1,
        ..policy.clone()
    };
    let why = stage
        .refusal(stage.terms(1), over.clone(), stage.signed(&over))
        .await;
    assert!(why.contains("does not allow"), "{why}");
    let revoke = AkashEscrow::revokePoliciesCall {}.abi_encode();
    sent(&stage.buyer, stage.buyer.escrow_contract(), revoke).await;
    let why = stage.refusal(stage.terms(1), policy, signature).await;
    assert!(why.contains("does not allow"), "{why}");
    assert_eq!(stage.kept().await.kept, U256::from(10_000_000));
}
