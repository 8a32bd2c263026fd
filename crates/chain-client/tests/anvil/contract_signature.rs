//! Accounts that are contracts, already deployed or not yet, queried through a real node.

use alloy::primitives::{B256, Bytes, hex, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use chain_client::evm_types::alloy_primitives::Address;
use chain_client::evm_types::alloy_sol_types::SolValue;
use chain_client::{ChainClient, MAX_CONTRACT_SIGNATURE_BYTES};

use super::{BUYER, client, deployed, sent, start};

/// Deploys the code it is given, at an address known in advance; present on every development
/// chain.
const FACTORY: Address = Address::new(hex!("4e59b44847b379578588920ca78fbf26c0b4956c"));
/// An account for which a signature is the signed digest itself: it compares the word at 0x64 of the
/// call's data with the one at 0x04, and answers 0x1626ba7e where they are the same.
const ACCOUNT: [u8; 24] = hex!("60043560643514631626ba7e60e01b0260005260206000f3");
/// An account that never returns: it jumps to its beginning.
const LOOPING: [u8; 4] = hex!("5b600056");

/// Creation code that deploys `code`.
fn making(code: &[u8]) -> Vec<u8> {
    let length = u8::try_from(code.len()).unwrap();
    // PUSH1 length, DUP1, PUSH1 where the code begins, PUSH1 0, CODECOPY, PUSH1 0, RETURN
    let copy = [
        0x60, length, 0x80, 0x60, 0x0b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3,
    ];
    [copy.as_slice(), code].concat()
}

/// The input for the factory, and the address at which it then deploys `code`.
fn planned(code: &[u8]) -> (Vec<u8>, Address) {
    let salt = B256::repeat_byte(5);
    let making = making(code);
    let at = FACTORY.create2(salt, keccak256(&making));
    ([salt.to_vec(), making].concat(), at)
}

fn with_factory(making: &[u8], inner: &[u8]) -> Vec<u8> {
    let parts = (
        FACTORY,
        Bytes::copy_from_slice(making),
        Bytes::copy_from_slice(inner),
    );
    let end = [0x64, 0x92].repeat(16);
    [parts.abi_encode_params(), end].concat()
}

async fn asked(client: &ChainClient, account: Address, digest: B256, signature: &[u8]) -> bool {
    client
        .signed_by_contract(account, digest, signature)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_account_that_is_a_contract_is_asked_itself_even_before_it_is_there() {
    let Some(anvil) = start() else { return };
    let operator = deployed(&anvil).await;
    let (digest, other) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let (making, account) = planned(&ACCOUNT);

    // Not deployed yet: only with its factory.
    let signature = with_factory(&making, digest.as_slice());
    assert!(!asked(&operator, account, digest, digest.as_slice()).await);
    assert!(asked(&operator, account, digest, &signature).await);
    assert!(!asked(&operator, account, other, &signature).await);
    let elsewhere = Address::repeat_byte(9);
    assert!(!asked(&operator, elsewhere, digest, &signature).await);
    let reader = ProviderBuilder::new().connect_http(anvil.endpoint_url());
    let code = reader.get_code_at(account).await.unwrap();
    assert!(code.is_empty(), "the question leaves nothing behind");
    assert!(!operator.is_contract(account).await.unwrap());

    // Deployed: with and without.
    sent(&operator, FACTORY, making).await;
    assert!(operator.is_contract(account).await.unwrap());
    assert!(asked(&operator, account, digest, digest.as_slice()).await);
    assert!(asked(&operator, account, digest, &signature).await);
    assert!(!asked(&operator, account, digest, other.as_slice()).await);
}

#[tokio::test]
async fn what_no_account_signed_is_refused_whatever_it_looks_like() {
    let Some(anvil) = start() else { return };
    let operator = deployed(&anvil).await;
    let digest = B256::repeat_byte(1);
    // A plain account cannot be asked: its identity follows from its signature alone.
    let key: PrivateKeySigner = BUYER.parse().unwrap();
    let signed = key.sign_hash_sync(&digest).unwrap().as_bytes();
    assert!(!asked(&operator, key.address(), digest, &signed).await);
    assert!(!operator.is_contract(key.address()).await.unwrap());

    let (making, account) = planned(&ACCOUNT);
    sent(&operator, FACTORY, making.clone()).await;
    let broken = [vec![0xff; 64], [0x64, 0x92].repeat(16)].concat();
    assert!(!asked(&operator, account, digest, &broken).await);
    assert!(!asked(&operator, account, digest, &[]).await);
    let long = [digest.as_slice(), &vec![0; MAX_CONTRACT_SIGNATURE_BYTES]].concat();
    assert!(!asked(&operator, account, digest, &long).await);

    // One that never returns runs out of gas, both deployed and while it is being deployed.
    let (making, looping) = planned(&LOOPING);
    let unmade = with_factory(&making, digest.as_slice());
    assert!(!asked(&operator, looping, digest, &unmade).await);
    sent(&operator, FACTORY, making).await;
    assert!(!asked(&operator, looping, digest, digest.as_slice()).await);

    // The operator's own client and another agree.
    let addresses = chain_client::ContractAddresses {
        token: operator.token_contract(),
        escrow: operator.escrow_contract(),
        router: Address::ZERO,
        registry: Address::ZERO,
    };
    let buyer = client(&anvil, BUYER.into(), &addresses);
    assert!(asked(&buyer, account, digest, digest.as_slice()).await);
}
