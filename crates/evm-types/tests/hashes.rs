//! What buyers sign and how escrows are identified, compared with the file that the contracts'
//! tests also read, and with an independent implementation of EIP-712.

use std::fs;
use std::path::{Path, PathBuf};

use alloy_dyn_abi::TypedData;
use evm_types::alloy_primitives::{Address, B256, U256};
use evm_types::alloy_sol_types::{SolCall, SolValue};
use evm_types::{
    Mode, ReceiveAuthorization, SpendPolicy, Terms, TestnetUSDC, TokenDomain, TokenDomainError,
    escrow_domain, escrow_id, policy_digest, policy_typed_data, top_up_nonce,
};
use serde_json::Value;

const CHAIN: u64 = 99_999;

fn vectors_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/test/vectors/hashes.json")
}

struct Given(Value);

impl Given {
    fn read() -> Self {
        let text = fs::read_to_string(vectors_path()).expect("the vectors are committed");
        Self(serde_json::from_str(&text).expect("the vectors are JSON"))
    }

    fn text(&self, key: &str) -> &str {
        self.0[key]
            .as_str()
            .unwrap_or_else(|| panic!("the vectors have {key}"))
    }

    fn address(&self, key: &str) -> Address {
        self.text(key).parse().expect("an address")
    }

    fn hash(&self, key: &str) -> B256 {
        self.text(key).parse().expect("a hash")
    }

    fn number(&self, key: &str) -> u128 {
        self.text(key).parse().expect("a number")
    }

    fn time(&self, key: &str) -> u64 {
        self.text(key).parse().expect("a time")
    }

    fn stream(&self) -> Terms {
        Terms {
            mode: Mode::Stream,
            buyer: self.address("buyer"),
            payee: self.address("payee"),
            deposit: self.number("deposit"),
            maxRate: self.number("maxRate"),
            activateBy: self.time("activateBy"),
            heartbeatWindow: self.time("heartbeatWindow"),
            feeBps: 250,
            orderHash: self.hash("orderHash"),
            salt: self.hash("salt"),
            arbiter: Address::ZERO,
            timeout: 0,
        }
    }

    fn completion(&self) -> Terms {
        Terms {
            mode: Mode::Completion,
            maxRate: 0,
            activateBy: 0,
            heartbeatWindow: 0,
            arbiter: self.address("arbiter"),
            timeout: self.time("timeout"),
            ..self.stream()
        }
    }

    fn policy(&self) -> SpendPolicy {
        SpendPolicy {
            buyer: self.address("buyer"),
            payees: vec![self.address("payee"), self.address("arbiter")],
            maxRate: self.number("maxRate"),
            maxFeeBps: 250,
            minRunTime: 3_600,
            maxHeartbeatWindow: self.time("heartbeatWindow"),
            maxPerOrder: 20_000_000,
            maxPerDay: 50_000_000,
            maxOpen: 3,
            expiry: self.time("deadline"),
            nonce: U256::from(7),
        }
    }

    fn authorization(&self) -> ReceiveAuthorization {
        ReceiveAuthorization {
            from: self.address("buyer"),
            to: self.address("escrow"),
            value: self.number("deposit"),
            valid_after: 0,
            valid_before: self.time("validBefore"),
            nonce: escrow_id(CHAIN, self.address("escrow"), &self.stream()),
        }
    }

    fn token(&self) -> TokenDomain {
        TokenDomain::new("Testnet USDC (no value)", "1", CHAIN, self.address("token"))
    }
}

#[test]
fn everything_hashes_as_in_the_shared_file() {
    let given = Given::read();
    let escrow = given.address("escrow");
    let id = escrow_id(CHAIN, escrow, &given.stream());
    let computed = [
        ("streamId", id),
        (
            "completionId",
            escrow_id(CHAIN, escrow, &given.completion()),
        ),
        (
            "policyDigest",
            policy_digest(CHAIN, escrow, &given.policy()),
        ),
        (
            "topUpNonce",
            top_up_nonce(
                CHAIN,
                escrow,
                id,
                given.number("toPayee"),
                given.number("deposit"),
            ),
        ),
        ("escrowSeparator", escrow_domain(CHAIN, escrow).separator()),
        ("tokenSeparator", given.token().separator()),
        (
            "receiveDigest",
            given.authorization().digest(&given.token()),
        ),
    ];
    for (name, hash) in computed {
        assert_eq!(given.hash(name), hash, "{name}");
    }
}

#[test]
fn an_id_binds_chain_contract_and_every_term() {
    let given = Given::read();
    let (escrow, terms) = (given.address("escrow"), given.stream());
    let id = escrow_id(CHAIN, escrow, &terms);
    let others = [
        escrow_id(CHAIN + 1, escrow, &terms),
        escrow_id(CHAIN, given.address("token"), &terms),
        escrow_id(
            CHAIN,
            escrow,
            &Terms {
                deposit: terms.deposit + 1,
                ..terms.clone()
            },
        ),
        escrow_id(
            CHAIN,
            escrow,
            &Terms {
                payee: terms.buyer,
                ..terms.clone()
            },
        ),
        escrow_id(
            CHAIN,
            escrow,
            &Terms {
                maxRate: terms.maxRate + 1,
                ..terms.clone()
            },
        ),
        escrow_id(
            CHAIN,
            escrow,
            &Terms {
                feeBps: 251,
                ..terms.clone()
            },
        ),
    ];
    for other in others {
        assert_ne!(id, other);
    }
}

/// What a wallet would sign, given the JSON it is shown.
fn wallet_digest(json: &str) -> B256 {
    let data: TypedData = serde_json::from_str(json).expect("wallets read this");
    data.eip712_signing_hash().expect("wallets hash this")
}

#[test]
fn a_wallet_signs_what_the_contracts_check() {
    let given = Given::read();
    let token = given.token();
    assert_eq!(
        wallet_digest(&given.authorization().typed_data(&token)),
        given.authorization().digest(&token)
    );
    let escrow = given.address("escrow");
    let policy = given.policy();
    assert_eq!(
        wallet_digest(&policy_typed_data(CHAIN, escrow, &policy)),
        policy_digest(CHAIN, escrow, &policy)
    );
}

/// A token's answer to `eip712Domain`, as bytes from the chain.
fn answer(
    fields: u8,
    chain: u64,
    contract: Address,
    extensions: Vec<U256>,
) -> TestnetUSDC::eip712DomainReturn {
    let data = (
        [fields],
        "USD Coin".to_owned(),
        "2".to_owned(),
        U256::from(chain),
        contract,
        B256::ZERO,
        extensions,
    );
    let bytes = (
        evm_types::alloy_primitives::FixedBytes::<1>::from(data.0),
        data.1,
        data.2,
        data.3,
        data.4,
        data.5,
        data.6,
    )
        .abi_encode_params();
    TestnetUSDC::eip712DomainCall::abi_decode_returns(&bytes).expect("the answer is well formed")
}

#[test]
fn a_tokens_domain_is_what_it_says() {
    let token = Given::read().address("token");
    let read = TokenDomain::from_answer(&answer(0x0f, CHAIN, token, vec![]), CHAIN, token)
        .expect("it fits");
    assert_eq!(read, TokenDomain::new("USD Coin", "2", CHAIN, token));
}

#[test]
fn a_token_that_signs_for_something_else_is_refused() {
    let token = Given::read().address("token");
    let other = Given::read().address("escrow");
    let read =
        |answer| TokenDomain::from_answer(&answer, CHAIN, token).expect_err("it does not fit");
    assert_eq!(
        read(answer(0x0f, 1, token, vec![])),
        TokenDomainError::OtherChain {
            expected: CHAIN,
            found: U256::from(1)
        }
    );
    assert_eq!(
        read(answer(0x0f, CHAIN, other, vec![])),
        TokenDomainError::OtherContract { found: other }
    );
    assert_eq!(
        read(answer(0x0f, CHAIN, token, vec![U256::from(1)])),
        TokenDomainError::Extensions
    );
    assert_eq!(
        read(answer(0x0f, 1, token, vec![])).to_string(),
        "the token signs for chain 1, not for chain 99999"
    );
}
