//! The client against a real EVM: anvil, from the contracts' npm packages.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world should stop there"
)]

#[path = "anvil/contract_signature.rs"]
mod contract_signature;
#[path = "anvil/kept.rs"]
mod kept;

use std::path::PathBuf;
use std::time::Duration;

use alloy::node_bindings::{Anvil, AnvilInstance};
use alloy::primitives::{B256, U256};
use alloy::providers::{Provider, ProviderBuilder};
use chain_client::evm_types::ProviderRegistry::{Capacity, Offer, Pricing};
use chain_client::evm_types::alloy_primitives::Address;
use chain_client::evm_types::alloy_sol_types::SolCall;
use chain_client::evm_types::{
    AkashEscrow, Mode, ReceiveAuthorization, Status, Terms, TestnetUSDC, escrow_id,
};
use chain_client::{
    Broadcast, Call, ChainClient, ChainError, Config, DeployRequest, GasPrice, KnownBlock, Outcome,
    RegistryAccount, RegistryReader, Signed, deploy, probe,
};
use secrecy::SecretString;

const CHAIN: u64 = 99_999;
/// Anvil's first two development keys: publicly known and worthless.
const OPERATOR: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const BUYER: &str = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

fn anvil_binary() -> Option<PathBuf> {
    let modules =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/node_modules/@foundry-rs");
    let entries = std::fs::read_dir(modules).ok()?;
    entries
        .flatten()
        .map(|entry| entry.path().join("bin/anvil"))
        .find(|path| path.is_file() && path.to_string_lossy().contains("anvil-"))
}

fn start() -> Option<AnvilInstance> {
    let Some(binary) = anvil_binary() else {
        println!("skipped: no anvil (run `npm ci` in contracts)");
        return None;
    };
    Some(
        Anvil::at(binary)
            .chain_id(CHAIN)
            .arg("--hardfork")
            .arg("cancun")
            .spawn(),
    )
}

async fn deployed(anvil: &AnvilInstance) -> ChainClient {
    let request = DeployRequest {
        rpc_url: anvil.endpoint(),
        chain_id: CHAIN,
        key: OPERATOR.into(),
        known: None,
        block: None,
    };
    let deployed = deploy(request).await.unwrap();
    assert!(deployed.fresh && deployed.is_local);
    let again = DeployRequest {
        rpc_url: anvil.endpoint(),
        chain_id: CHAIN,
        key: OPERATOR.into(),
        known: None,
        block: None,
    };
    let again = deploy(again).await.unwrap();
    assert_eq!(
        (again.fresh, &again.addresses),
        (false, &deployed.addresses)
    );
    client(anvil, OPERATOR.into(), &deployed.addresses)
}

fn client(
    anvil: &AnvilInstance,
    key: SecretString,
    addresses: &chain_client::ContractAddresses,
) -> ChainClient {
    ChainClient::new(Config {
        rpc_url: anvil.endpoint(),
        chain_id: CHAIN,
        escrow: addresses.escrow,
        token: addresses.token,
        operator_key: key,
    })
    .unwrap()
}

fn terms(buyer: Address, payee: Address, now: u64) -> Terms {
    Terms {
        mode: Mode::Stream,
        buyer,
        payee,
        deposit: 3_600_000,
        maxRate: 1_000_000_000_000_000,
        activateBy: now + 3600,
        heartbeatWindow: 86_400,
        feeBps: 0,
        orderHash: B256::repeat_byte(1),
        salt: B256::repeat_byte(2),
        arbiter: Address::ZERO,
        timeout: 0,
    }
}

async fn confirmed(client: &ChainClient, hash: B256) {
    for _ in 0..100 {
        if let Outcome::Included(_) = client.outcome(hash).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{hash} was not included");
}

fn call(to: Address, data: Vec<u8>) -> Call {
    Call {
        to,
        data,
        value: U256::ZERO,
    }
}

async fn signed(client: &ChainClient, call: &Call) -> Signed {
    let gas = client.estimate(call).await.unwrap();
    let nonce = client.pending_nonce().await.unwrap();
    let price = client.gas_price().await.unwrap();
    client.sign(call, nonce, gas, price).await.unwrap()
}

async fn sent(client: &ChainClient, to: Address, data: Vec<u8>) -> B256 {
    let signed = signed(client, &call(to, data)).await;
    let taken = client.broadcast(&signed.raw).await.unwrap();
    assert_eq!(taken, Broadcast::Taken);
    confirmed(client, signed.hash).await;
    signed.hash
}

#[tokio::test]
async fn signed_bytes_take_effect_once_however_often_they_are_sent() {
    let Some(anvil) = start() else { return };
    let operator = deployed(&anvil).await;
    let token = operator.token_contract();
    let drip = TestnetUSDC::dripCall {}.abi_encode();
    let before = operator.pending_nonce().await.unwrap();
    // While no block is mined, what was sent is pending in the node.
    let node = ProviderBuilder::new().connect_http(anvil.endpoint_url());
    let _: serde_json::Value = node
        .raw_request("evm_setAutomine".into(), (false,))
        .await
        .unwrap();
    let first = signed(&operator, &call(token, drip.clone())).await;
    for _ in 0..2 {
        let taken = operator.broadcast(&first.raw).await.unwrap();
        assert_eq!(taken, Broadcast::Taken);
    }
    assert_eq!(operator.pending_nonce().await.unwrap(), before + 1);
    assert_eq!(operator.inclusion(first.hash).await.unwrap(), None);

    let price = operator.gas_price().await.unwrap();
    let price = |percent: u128| GasPrice {
        max_fee: price.max_fee * percent / 100,
        priority: price.priority * percent / 100 + percent,
    };
    let repriced = async |percent| {
        let call = call(token, drip.clone());
        let signed = operator.sign(&call, before, 200_000, price(percent)).await;
        signed.unwrap()
    };
    let cheap = repriced(50).await;
    assert_eq!(
        operator.broadcast(&cheap.raw).await.unwrap(),
        Broadcast::Underpriced
    );
    let dear = repriced(300).await;
    assert_eq!(
        operator.broadcast(&dear.raw).await.unwrap(),
        Broadcast::Taken
    );
    let _: serde_json::Value = node.raw_request("evm_mine".into(), ()).await.unwrap();
    let included = operator.inclusion(dear.hash).await.unwrap().unwrap();
    assert!(included.worked && included.fee > 0);
    assert_eq!(operator.inclusion(first.hash).await.unwrap(), None);
    assert_eq!(
        operator.broadcast(&first.raw).await.unwrap(),
        Broadcast::NonceUsed
    );
    let head = operator.head().await.unwrap().number;
    assert_eq!(operator.nonce_at(head).await.unwrap(), before + 1);
    assert_eq!(operator.nonce_at(head - 1).await.unwrap(), before);
}

#[tokio::test]
async fn one_signature_funds_an_escrow_for_a_buyer_without_gas() {
    let Some(anvil) = start() else { return };
    let operator = deployed(&anvil).await;
    let (token, escrow) = (operator.token_contract(), operator.escrow_contract());
    let buyer = alloy::signers::local::PrivateKeySigner::random();
    let drip = TestnetUSDC::dripToCall {
        to: buyer.address(),
    };
    sent(&operator, token, drip.abi_encode()).await;
    let now = operator.head().await.unwrap().timestamp;
    let terms = terms(buyer.address(), operator.operator(), now);
    let id = escrow_id(CHAIN, escrow, &terms);
    let authorization = ReceiveAuthorization {
        from: buyer.address(),
        to: escrow,
        value: terms.deposit,
        valid_after: 0,
        valid_before: terms.activateBy,
        nonce: id,
    };
    let digest = authorization.digest(&operator.token_domain().await.unwrap());
    let signature = alloy::signers::SignerSync::sign_hash_sync(&buyer, &digest).unwrap();
    let hex = format!("0x{}", alloy::primitives::hex::encode(signature.as_bytes()));
    let (signer, bytes) = chain_client::recover_typed_data(digest, &hex).unwrap();
    assert_eq!(signer, buyer.address());
    let fund = |terms: Terms| {
        let fund = AkashEscrow::fundWithAuthorizationCall {
            terms,
            validAfter: U256::ZERO,
            validBefore: U256::from(authorization.valid_before),
            signature: bytes.into(),
        };
        call(escrow, fund.abi_encode())
    };
    let mut altered = terms.clone();
    altered.payee = token;
    let refused = operator.estimate(&fund(altered)).await;
    assert!(matches!(refused, Err(ChainError::Refused { .. })));
    sent(&operator, escrow, fund(terms.clone()).data).await;
    let funded = operator.escrow(id, 0).await.unwrap().unwrap();
    assert_eq!(funded.view.terms.buyer, buyer.address());
    assert_eq!(
        operator.gas_balance(buyer.address()).await.unwrap(),
        U256::ZERO
    );
    let replayed = operator.estimate(&fund(terms)).await.unwrap_err();
    assert!(
        matches!(replayed, ChainError::Refused { name, .. } if name == "AkashEscrow_AlreadyFunded"),
    );
}

#[tokio::test]
async fn an_escrow_lives_from_deposit_to_settlement() {
    let Some(anvil) = start() else { return };
    let operator = deployed(&anvil).await;
    operator.verify().await.unwrap();
    let addresses = chain_client::ContractAddresses {
        token: operator.token_contract(),
        escrow: operator.escrow_contract(),
        // No escrow checks who routed it.
        router: Address::ZERO,
        registry: Address::ZERO,
    };
    let buyer = client(&anvil, BUYER.into(), &addresses);
    let now = operator.head().await.unwrap().timestamp;
    let terms = terms(buyer.operator(), operator.operator(), now);
    let id = escrow_id(CHAIN, addresses.escrow, &terms);
    assert!(operator.escrow(id, 0).await.unwrap().is_none());

    let drip = TestnetUSDC::dripCall {}.abi_encode();
    sent(&buyer, addresses.token, drip).await;
    let fund = AkashEscrow::fundCall {
        terms: terms.clone(),
    }
    .abi_encode();
    let refused = buyer.estimate(&call(addresses.escrow, fund.clone())).await;
    assert!(
        matches!(refused, Err(ChainError::Refused { .. })),
        "without approval: {refused:?}"
    );
    let approve = TestnetUSDC::approveCall {
        spender: addresses.escrow,
        value: U256::from(terms.deposit),
    };
    sent(&buyer, addresses.token, approve.abi_encode()).await;
    let fund = sent(&buyer, addresses.escrow, fund).await;

    let funded = operator.escrow(id, 0).await.unwrap().unwrap();
    assert_eq!(
        (funded.view.status, funded.view.deposited),
        (Status::Funded, terms.deposit)
    );
    assert_eq!(funded.funded.unwrap().tx, fund);

    let rate = 500_000_000_000_000;
    let activate = AkashEscrow::activateCall { id, rate }.abi_encode();
    let activate = sent(&operator, addresses.escrow, activate).await;
    let chain = ProviderBuilder::new().connect_http(anvil.endpoint_url());
    let _: serde_json::Value = chain
        .raw_request("evm_increaseTime".into(), (100,))
        .await
        .unwrap();
    let _: serde_json::Value = chain.raw_request("evm_mine".into(), ()).await.unwrap();
    let active = operator.escrow(id, 0).await.unwrap().unwrap();
    assert_eq!(active.activated.unwrap().tx, activate);
    assert!(
        (50_000..=52_000).contains(&active.accrued),
        "{}",
        active.accrued
    );

    let ended_at = operator.head().await.unwrap().timestamp;
    let end = AkashEscrow::endCall {
        id,
        endedAt: ended_at,
    };
    sent(&operator, addresses.escrow, end.abi_encode()).await;
    let closed = operator
        .escrow(id, 0)
        .await
        .unwrap()
        .unwrap()
        .closed
        .unwrap();
    assert_eq!(closed.released + closed.refunded, terms.deposit);
    assert_eq!(closed.ended_at, ended_at);
    let again = AkashEscrow::activateCall { id, rate: 1 }.abi_encode();
    let refused = operator
        .estimate(&call(addresses.escrow, again))
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            ChainError::Refused {
                name: "AkashEscrow_WrongStatus",
                ..
            }
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_wrong_chain_is_refused_before_anything_is_sent() {
    let Some(anvil) = start() else { return };
    let request = DeployRequest {
        rpc_url: anvil.endpoint(),
        chain_id: 1,
        key: OPERATOR.into(),
        known: None,
        block: None,
    };
    let error = deploy(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the node at the RPC address is on chain 99999, not on 1: check the RPC address"
    );
}

#[tokio::test]
async fn another_chain_of_the_same_id_is_refused_before_anything_is_sent() {
    let Some(anvil) = start() else { return };
    let request = DeployRequest {
        rpc_url: anvil.endpoint(),
        chain_id: CHAIN,
        key: OPERATOR.into(),
        known: None,
        block: Some(KnownBlock {
            number: 0,
            hash: B256::repeat_byte(9),
        }),
    };
    let error = deploy(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the node is on another chain that calls itself 99999 too: its block 0 is not the one noted \
         at deployment. Check the RPC address"
    );
}

#[tokio::test]
async fn only_what_is_missing_is_deployed_and_other_code_is_refused() {
    let Some(anvil) = start() else { return };
    let request = |known| DeployRequest {
        rpc_url: anvil.endpoint(),
        chain_id: CHAIN,
        key: OPERATOR.into(),
        known,
        block: None,
    };
    let first = deploy(request(None)).await.unwrap().addresses;
    let nobody = Address::repeat_byte(7);
    let without_router = chain_client::ContractAddresses {
        router: nobody,
        ..first.clone()
    };
    let mended = deploy(request(Some(without_router))).await.unwrap();
    assert!(mended.fresh && mended.addresses.router != nobody);
    assert_eq!(
        chain_client::ContractAddresses {
            router: first.router,
            ..mended.addresses
        },
        first
    );
    // An escrow accepts one token for good: a new token requires a new escrow.
    let without_token = chain_client::ContractAddresses {
        token: nobody,
        ..first.clone()
    };
    let renewed = deploy(request(Some(without_token)))
        .await
        .unwrap()
        .addresses;
    assert!(renewed.token != first.token && renewed.escrow != first.escrow);
    assert_eq!(
        (renewed.router, renewed.registry),
        (first.router, first.registry)
    );

    let mixed_up = chain_client::ContractAddresses {
        registry: first.token,
        ..first.clone()
    };
    let error = deploy(request(Some(mixed_up))).await.unwrap_err();
    assert!(
        matches!(
            error,
            ChainError::WrongCode {
                what: "ProviderRegistry",
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_probe_tells_what_the_node_answers_and_what_it_refuses() {
    let Some(anvil) = start() else { return };
    let findings = probe(&anvil.endpoint()).await.unwrap();
    let answer = |question: &str| {
        let found = findings.iter().find(|one| one.question == question);
        found.unwrap().answer.as_str()
    };
    assert_eq!(answer("Which chain is it?"), "99999");
    assert!(answer("Which node is it?").starts_with("anvil"));
    assert_eq!(answer("Does it know MCOPY (Cancun)?"), "yes");
    assert!(answer("Does it know CLZ (Osaka)?").starts_with("refused"));
    assert_eq!(answer("Is there Permit2?"), "no");
    assert_eq!(
        answer("How many blocks of events come at once?"),
        "1 at least"
    );
    let finality = answer("Does it tell a transaction's finality (zks_getTransactionFinality)?");
    assert!(finality.starts_with("refused"), "{finality}");
    assert!(probe("http://127.0.0.1:9").await.is_err());
}

#[tokio::test]
async fn a_silent_node_is_unknown_and_never_a_refusal() {
    let client = ChainClient::new(Config {
        rpc_url: "http://127.0.0.1:9".to_owned(),
        chain_id: CHAIN,
        escrow: Address::ZERO,
        token: Address::ZERO,
        operator_key: OPERATOR.into(),
    })
    .unwrap();
    assert!(matches!(
        client.head().await,
        Err(ChainError::Unreachable(_))
    ));
}

#[test]
fn a_bad_key_is_refused_without_being_repeated() {
    let error = ChainClient::new(Config {
        rpc_url: "http://127.0.0.1:9".to_owned(),
        chain_id: CHAIN,
        escrow: Address::ZERO,
        token: Address::ZERO,
        operator_key: "hunter2".into(),
    })
    .unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn a_personal_signature_names_its_signer() {
    // Made with the second development key over "hello".
    let signer: alloy::signers::local::PrivateKeySigner = BUYER.parse().unwrap();
    let signature = alloy::signers::SignerSync::sign_message_sync(&signer, b"hello").unwrap();
    let signature = format!("0x{}", alloy::primitives::hex::encode(signature.as_bytes()));
    let recovered = chain_client::recover_personal_sign("hello", &signature).unwrap();
    assert_eq!(recovered, signer.address());
    let other = chain_client::recover_personal_sign("hullo", &signature).unwrap();
    assert_ne!(other, signer.address());
    assert!(chain_client::recover_personal_sign("hello", "0x12").is_err());
}

#[tokio::test]
async fn a_register_is_read_by_its_events_as_of_a_block() {
    let Some(anvil) = start() else { return };
    let request = DeployRequest {
        rpc_url: anvil.endpoint(),
        chain_id: CHAIN,
        key: OPERATOR.into(),
        known: None,
        block: None,
    };
    let registry = deploy(request).await.unwrap().addresses.registry;
    let account =
        |key: &str| RegistryAccount::new(&anvil.endpoint(), CHAIN, registry, &key.into()).unwrap();
    let reader = RegistryReader::new(&anvil.endpoint(), CHAIN, registry).unwrap();
    let before = reader.head().await.unwrap().number;
    assert_eq!(reader.changed(0, before).await.unwrap(), Vec::<B256>::new());

    let seller = account(BUYER);
    let offer = |rate: u128| Offer {
        payout: seller.address(),
        metadataHash: B256::repeat_byte(7),
        pricing: Pricing::Fixed,
        baseRate: rate,
        floorRate: 0,
        ceilingRate: 0,
        priceToken: Address::ZERO,
    };
    let list = async |rate| {
        let listed = seller.list("akash1seller", offer(rate), Capacity::Available);
        listed.await.unwrap()
    };
    let id = list(2_000_000).await;
    let listed = reader.head().await.unwrap().number;
    assert_eq!(reader.changed(before, listed).await.unwrap(), [id]);
    assert_eq!(list(2_000_000).await, id);
    assert_eq!(
        reader.head().await.unwrap().number,
        listed,
        "what is so already is left alone"
    );

    let curator = account(OPERATOR);
    curator.approve(&[id]).await.unwrap();
    curator.approve(&[id]).await.unwrap();
    let approved = reader.head().await.unwrap().number;
    assert_eq!(approved, listed + 1);
    list(3_000_000).await;
    let now = reader.head().await.unwrap().number;
    let at = async |block| reader.provider_at(id, block).await.unwrap();
    assert_eq!(at(before).await, None);
    let then = at(approved).await.unwrap();
    assert_eq!((then.live, then.offer.baseRate), (true, 2_000_000));
    let changed = at(now).await.unwrap();
    assert_eq!(
        (changed.live, changed.offer.baseRate),
        (false, 3_000_000),
        "a new offer is approved anew"
    );
    let refused = curator.withdraw_approval(id).await.unwrap_err();
    assert!(matches!(refused, ChainError::Refused { .. }), "{refused}");
    let stranger = seller.approve(&[id]).await.unwrap_err();
    assert!(matches!(stranger, ChainError::Refused { .. }), "{stranger}");
    let elsewhere = RegistryReader::new(&anvil.endpoint(), 1, registry).unwrap();
    assert!(matches!(
        elsewhere.head().await,
        Err(ChainError::WrongChain { .. })
    ));
}
