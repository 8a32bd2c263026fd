//! Compares transactions, their signatures and hashes with recorded vectors, byte for byte.

use akash_tx::signed::{self, Difference, Signed};
use akash_tx::{
    Address, Any, AuthInfo, Coin, Fee, GasPrice, Message, PublicKey, SignDoc, TxBody, TxRaw,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;

use crate::vectors::vectors;

fn key(vectors: &Value) -> PublicKey {
    let bytes = hex::decode(
        vectors["keys"]["tenant"]["public_key"]
            .as_str()
            .expect("the vectors have this shape"),
    )
    .expect("the vectors have this shape");
    PublicKey {
        key: bytes.try_into().expect("the vectors have this shape"),
    }
}

fn number(value: &Value) -> u64 {
    value
        .as_str()
        .unwrap_or("0")
        .parse()
        .expect("the vectors have this shape")
}

/// The transaction that a vector describes, of the messages' bytes as recorded.
fn document(vectors: &Value, tx: &Value) -> SignDoc {
    let messages = tx["msgs"]
        .as_array()
        .expect("the vectors have this shape")
        .iter()
        .map(|name| {
            let message = &vectors["messages"][name.as_str().expect("the vectors have this shape")];
            Any {
                type_url: message["type_url"]
                    .as_str()
                    .expect("the vectors have this shape")
                    .to_owned(),
                value: hex::decode(
                    message["value"]
                        .as_str()
                        .expect("the vectors have this shape"),
                )
                .expect("the vectors have this shape"),
            }
        });
    let body = TxBody {
        messages: messages.collect(),
        memo: tx["memo"].as_str().unwrap_or_default().to_owned(),
        timeout_height: number(&tx["timeout_height"]),
    };
    let fee = Fee {
        granter: tx["granter"]
            .as_str()
            .map(|text| text.parse().expect("the vectors have this shape")),
        ..Fee::new(
            tx["gas"].as_u64().expect("the vectors have this shape"),
            GasPrice::USUAL,
        )
    };
    let amount: Vec<Coin> =
        serde_json::from_value(tx["fee"].clone()).expect("the vectors have this shape");
    assert_eq!(fee.amount, amount);
    SignDoc {
        body_bytes: body.encode(),
        auth_info_bytes: AuthInfo::direct(key(vectors), number(&tx["sequence"]), fee).encode(),
        chain_id: vectors["about"]["chain_id"]
            .as_str()
            .expect("the vectors have this shape")
            .to_owned(),
        account_number: number(&tx["account_number"]),
    }
}

fn signature(tx: &Value) -> [u8; 64] {
    let bytes = hex::decode(
        tx["signature"]
            .as_str()
            .expect("the vectors have this shape"),
    )
    .expect("the vectors have this shape");
    bytes.try_into().expect("the vectors have this shape")
}

#[test]
fn every_transaction_has_the_bytes_and_the_hash_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let key = key(&vectors);
    let verifying = VerifyingKey::from_sec1_bytes(&key.key).unwrap();
    let owner: Address =
        serde_json::from_value(vectors["keys"]["tenant"]["address"].clone()).unwrap();
    assert_eq!(key.address(), owner);
    let txs = vectors["txs"].as_object().unwrap();
    for (name, tx) in txs {
        let doc = document(&vectors, tx);
        assert_eq!(hex::encode(&doc.body_bytes), tx["body"], "{name}");
        assert_eq!(hex::encode(&doc.auth_info_bytes), tx["auth_info"], "{name}");
        assert_eq!(hex::encode(doc.encode()), tx["sign_doc"], "{name}");
        assert_eq!(hex::encode(doc.digest()), tx["sign_doc_sha256"], "{name}");
        assert_eq!(SignDoc::decode(&doc.encode()).as_ref(), Ok(&doc), "{name}");

        let signature = signature(tx);
        let parsed = Signature::from_slice(&signature).unwrap();
        verifying.verify_prehash(&doc.digest(), &parsed).unwrap();
        let raw = doc.signed(signature);
        assert_eq!(STANDARD.encode(raw.encode()), tx["tx_raw"], "{name}");
        assert_eq!(raw.hash().to_string(), tx["tx_hash"], "{name}");

        let body = TxBody::decode(&doc.body_bytes).unwrap();
        for message in &body.messages {
            assert!(Message::from_any(message).is_ok(), "{name}");
        }
        let most_uakt = 12_000;
        let returned = Signed {
            body_bytes: doc.body_bytes.clone(),
            auth_info_bytes: doc.auth_info_bytes.clone(),
            signature,
        };
        let accepted = signed::accept(&doc, &owner, &returned, most_uakt);
        assert_eq!(accepted, Ok(raw), "{name}");
    }
    println!("{} transactions", txs.len());
    assert_eq!(txs.len(), 14);
}

#[test]
fn a_simulation_has_the_bytes_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let tx = &vectors["txs"]["deploy_jwt"];
    let body = TxBody::decode(&document(&vectors, tx).body_bytes).unwrap();
    let raw = TxRaw::for_simulation(&body, key(&vectors), number(&tx["sequence"]));
    assert_eq!(STANDARD.encode(raw.encode()), vectors["simulate"]["tx"]);
}

#[test]
fn a_fee_that_the_wallet_raised_is_accepted_up_to_the_bound() {
    let Some(vectors) = vectors() else { return };
    let tx = &vectors["txs"]["deploy_jwt"];
    let doc = document(&vectors, tx);
    let owner = key(&vectors).address();
    let rewrite = &vectors["keplr_rewrites"]["high_fee"];
    let bytes = |name: &str| hex::decode(rewrite[name].as_str().unwrap()).unwrap();
    let returned = Signed {
        body_bytes: bytes("body"),
        auth_info_bytes: bytes("auth_info"),
        signature: bytes("signature").try_into().unwrap(),
    };
    let raised = AuthInfo::decode(&returned.auth_info_bytes).unwrap().fee;
    let uakt = raised.amount[0].amount;
    assert!(signed::accept(&doc, &owner, &returned, uakt).is_ok());
    assert_eq!(
        signed::accept(&doc, &owner, &returned, uakt - 1),
        Err(Difference::Fee)
    );
}

#[test]
fn whatever_else_was_changed_is_refused_by_its_own_name() {
    let Some(vectors) = vectors() else { return };
    let close = document(&vectors, &vectors["txs"]["close"]);
    let owner = key(&vectors).address();
    let check = |change: &dyn Fn(&mut TxBody, &mut AuthInfo), expected: Difference| {
        let mut body = TxBody::decode(&close.body_bytes).unwrap();
        let mut auth_info = AuthInfo::decode(&close.auth_info_bytes).unwrap();
        change(&mut body, &mut auth_info);
        let returned = Signed {
            body_bytes: body.encode(),
            auth_info_bytes: auth_info.encode(),
            signature: signature(&vectors["txs"]["close"]),
        };
        let found = signed::accept(&close, &owner, &returned, 7_500);
        assert_eq!(found, Err(expected));
    };
    check(&|body, _| body.messages.clear(), Difference::Messages);
    check(
        &|body, _| body.messages[0].value[5] ^= 1,
        Difference::Messages,
    );
    check(&|body, _| body.memo.push('x'), Difference::Memo);
    check(
        &|body, _| body.timeout_height += 1,
        Difference::TimeoutHeight,
    );
    check(&|_, auth| auth.signer_infos.clear(), Difference::Signers(0));
    check(
        &|_, auth| auth.signer_infos[0].sequence += 1,
        Difference::Sequence(13),
    );
    check(
        &|_, auth| *auth.signer_infos[0].public_key.value.last_mut().unwrap() ^= 1,
        Difference::Account,
    );
    check(&|_, auth| auth.fee.gas_limit -= 1, Difference::Gas(299_999));
    check(&|_, auth| auth.fee.amount[0].amount += 1, Difference::Fee);
    check(
        &|_, auth| auth.fee.granter = Some(owner.clone()),
        Difference::Fee,
    );
}

#[test]
fn a_body_with_a_field_that_a_wallet_would_lose_is_refused() {
    let Some(vectors) = vectors() else { return };
    let mut bytes = document(&vectors, &vectors["txs"]["close"]).body_bytes;
    // Field 4, true: the mark of an unordered transaction.
    bytes.extend([0x20, 0x01]);
    let error = TxBody::decode(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "TxBody has an unknown field 4");
}
