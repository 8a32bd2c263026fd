//! Compares messages and groups with recorded vectors, byte for byte.

use std::fs;
use std::path::Path;

use akash_tx::groups::GroupSpec;
use akash_tx::messages::{
    BasicAllowance, CertificateId, Deposit, DepositAuthorization, DepositSource, Grant,
    MsgAccountDeposit, MsgBurnMint, MsgCloseDeployment, MsgCloseLease, MsgCreateCertificate,
    MsgCreateDeployment, MsgCreateLease, MsgGrant, MsgGrantAllowance, MsgGroup, MsgRevoke,
    MsgRevokeCertificate, MsgSend, MsgUpdateDeployment, Reclamation, SecondsAndNanos,
};
use akash_tx::{Address, Any, BidId, Coin, DeploymentId, EscrowId, EscrowScope, GroupId, Message};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sdl::Dialect;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::vectors::vectors_in_folder;

#[test]
fn every_message_has_the_bytes_of_the_vectors_and_is_read_back() {
    let Some((shared, vectors)) = vectors_in_folder() else {
        return;
    };
    let groups = groups(
        &shared,
        "awesome/AUTOMATIC1111/deploy.yaml",
        Dialect::Console,
    )
    .unwrap();
    let messages = vectors["messages"].as_object().unwrap();
    for (name, vector) in messages {
        let json = match name.as_str() {
            // It has no JSON of its own: it is this one with one more field.
            "create_deployment_reclamation" => &messages["create_deployment"]["json"],
            "create_certificate" => &certificate(&vectors),
            _ => &vector["json"],
        };
        let message = message(name, json, &groups);
        let any = message.to_any();
        let text = |key: &str| vector[key].as_str().map(ToOwned::to_owned);
        let value = text("value").unwrap();
        let packed = text("value_packed").unwrap_or(value.clone());
        assert_eq!(Some(any.type_url.clone()), text("type_url"), "{name}");
        assert_eq!(hex::encode(&any.value), packed, "{name}");
        for bytes in [packed, value] {
            let read = Message::from_any(&Any {
                type_url: any.type_url.clone(),
                value: hex::decode(bytes).unwrap(),
            });
            assert_eq!(read.as_ref(), Ok(&message), "{name}");
            assert!(read.unwrap().to_any() == any, "{name}");
        }
    }
    println!("{} messages", messages.len());
    assert_eq!(messages.len(), 22);
}

/// The JSON of the certificate's message, which the vectors leave out.
fn certificate(vectors: &Value) -> Value {
    let base64 = |key: &str| {
        STANDARD.encode(
            vectors["certificate"][key]
                .as_str()
                .expect("the vectors have this shape"),
        )
    };
    serde_json::json!({
        "owner": vectors["keys"]["tenant"]["address"],
        "cert": base64("pem"),
        "pubkey": base64("public_key_pem"),
    })
}

/// The message that the vector's JSON describes; groups are left out there.
fn message(name: &str, json: &Value, groups: &[GroupSpec]) -> Message {
    let group = || MsgGroup {
        id: serde_json::from_value::<GroupId>(json["id"].clone())
            .expect("the vectors have this shape"),
    };
    match name.trim_end_matches("_group_2") {
        "mint_act" => Message::MintAct(burn_mint(json)),
        "burn_act" => Message::BurnAct(burn_mint(json)),
        "create_deployment"
        | "create_deployment_balance_only"
        | "create_deployment_reclamation" => Message::CreateDeployment(MsgCreateDeployment {
            id: deployment(&json["id"]),
            groups: groups.to_vec(),
            hash: hash(json),
            deposit: deposit(&json["deposit"]),
            reclamation: name.ends_with("reclamation").then_some(Reclamation {
                min_window: SecondsAndNanos {
                    seconds: 86_400,
                    nanos: 0,
                },
            }),
        }),
        "update_deployment" => Message::UpdateDeployment(MsgUpdateDeployment {
            id: deployment(&json["id"]),
            hash: hash(json),
        }),
        "close_deployment" => Message::CloseDeployment(MsgCloseDeployment {
            id: deployment(&json["id"]),
        }),
        "close_group" => Message::CloseGroup(group()),
        "pause_group" => Message::PauseGroup(group()),
        "start_group" => Message::StartGroup(group()),
        "create_lease" => Message::CreateLease(MsgCreateLease {
            bid_id: bid(&json["bid_id"]),
        }),
        "close_lease" => Message::CloseLease(MsgCloseLease {
            id: bid(&json["id"]),
            reason: 0,
        }),
        "account_deposit_act" | "account_deposit_akt" | "account_deposit_by_other" => {
            Message::AccountDeposit(MsgAccountDeposit {
                signer: address(&json["signer"]),
                id: serde_json::from_value::<EscrowId>(json["id"].clone())
                    .expect("the vectors have this shape"),
                deposit: deposit(&json["deposit"]),
            })
        }
        "create_certificate" => Message::CreateCertificate(MsgCreateCertificate {
            owner: address(&json["owner"]),
            cert: bytes(&json["cert"]),
            pubkey: bytes(&json["pubkey"]),
        }),
        "revoke_certificate" => Message::RevokeCertificate(MsgRevokeCertificate {
            id: CertificateId {
                owner: address(&json["id"]["owner"]),
                serial: text(&json["id"]["serial"]),
            },
        }),
        "send" => Message::Send(MsgSend {
            from_address: address(&json["from_address"]),
            to_address: address(&json["to_address"]),
            amount: serde_json::from_value(json["amount"].clone())
                .expect("the vectors have this shape"),
        }),
        "grant_deposit" => Message::Grant(grant(json)),
        "revoke_deposit" => Message::Revoke(MsgRevoke {
            granter: address(&json["granter"]),
            grantee: address(&json["grantee"]),
            msg_type_url: text(&json["msg_type_url"]),
        }),
        "fee_allowance" => Message::GrantAllowance(allowance(json)),
        other => panic!("a vector that this test does not know: {other}"),
    }
}

fn burn_mint(json: &Value) -> MsgBurnMint {
    MsgBurnMint {
        owner: address(&json["owner"]),
        to: address(&json["to"]),
        coins_to_burn: coin(&json["coins_to_burn"]),
    }
}

fn grant(json: &Value) -> MsgGrant {
    let authorization = DepositAuthorization {
        spend_limit: Coin::uact(0),
        scopes: vec![EscrowScope::Deployment],
        spend_limits: Vec::new(),
    };
    let recorded = bytes(&json["grant"]["authorization"]["value"]);
    assert_eq!(
        DepositAuthorization::decode(&recorded).as_ref(),
        Ok(&authorization)
    );
    MsgGrant {
        granter: address(&json["granter"]),
        grantee: address(&json["grantee"]),
        grant: Grant {
            // The vector's own encoder does not pack the list of scopes; the bytes are kept as they are.
            authorization: Any {
                value: recorded,
                ..authorization.to_any()
            },
            expiration: Some(SecondsAndNanos {
                seconds: 1_811_851_200,
                nanos: 0,
            }),
        },
    }
}

fn allowance(json: &Value) -> MsgGrantAllowance {
    MsgGrantAllowance {
        granter: address(&json["granter"]),
        grantee: address(&json["grantee"]),
        allowance: BasicAllowance {
            spend_limit: vec![Coin::uakt(5_000_000)],
            expiration: None,
        }
        .to_any(),
    }
}

fn deposit(json: &Value) -> Deposit {
    Deposit {
        amount: coin(&json["amount"]),
        sources: serde_json::from_value::<Vec<DepositSource>>(json["sources"].clone())
            .expect("the vectors have this shape"),
    }
}

fn text(json: &Value) -> String {
    json.as_str()
        .expect("the vectors have this shape")
        .to_owned()
}

fn bytes(json: &Value) -> Vec<u8> {
    STANDARD
        .decode(json.as_str().expect("the vectors have this shape"))
        .expect("the vectors have this shape")
}

fn hash(json: &Value) -> [u8; 32] {
    bytes(&json["hash"])
        .try_into()
        .expect("the vectors have this shape")
}

fn address(json: &Value) -> Address {
    json.as_str()
        .expect("the vectors have this shape")
        .parse()
        .expect("the vectors have this shape")
}

fn coin(json: &Value) -> Coin {
    serde_json::from_value(json.clone()).expect("the vectors have this shape")
}

fn deployment(json: &Value) -> DeploymentId {
    serde_json::from_value(json.clone()).expect("the vectors have this shape")
}

fn bid(json: &Value) -> BidId {
    serde_json::from_value(json.clone()).expect("the vectors have this shape")
}

/// The groups of a document; `None` where it cannot be deployed in this dialect.
fn groups(shared: &Path, file: &str, dialect: Dialect) -> Option<Vec<GroupSpec>> {
    let bytes =
        fs::read(shared.join("sdl/corpus").join(file)).expect("the vectors have this shape");
    let text = String::from_utf8_lossy(&bytes);
    let derived = sdl::derive(&text, dialect).ok()?;
    Some(derived.groups.iter().map(Into::into).collect())
}

/// Length and hash of a message that holds the groups alone, as the vectors have them.
fn fingerprint(groups: Vec<GroupSpec>) -> (Vec<u8>, Value) {
    let mut bytes = Vec::new();
    for group in groups {
        let element = Any {
            type_url: String::new(),
            value: group.encode(),
        };
        // Field 2 of the message is, as that of an `Any`, bytes after their length.
        bytes.extend(element.encode());
    }
    let hash = hex::encode(Sha256::digest(&bytes));
    let fingerprint = serde_json::json!([bytes.len(), hash[..32]]);
    (bytes, fingerprint)
}

#[test]
fn the_groups_of_every_document_have_the_bytes_of_the_vectors() {
    let Some((shared, vectors)) = vectors_in_folder() else {
        return;
    };
    let wanted = &vectors["sdl_groups"];
    let mut failures = Vec::new();
    let mut compared = Vec::new();
    for (list, dialect) in [
        ("sha256", Dialect::Console),
        ("go_where_it_differs", Dialect::Go),
    ] {
        let before = failures.len();
        let mut count = 0;
        for (file, fingerprint_wanted) in wanted[list].as_object().unwrap() {
            // The reference also makes groups of documents that no provider accepts.
            let Some(groups) = groups(&shared, file, dialect) else {
                continue;
            };
            count += 1;
            for group in &groups {
                assert_eq!(GroupSpec::decode(&group.encode()).as_ref(), Ok(group));
            }
            let (bytes, found) = fingerprint(groups);
            if found != *fingerprint_wanted {
                failures.push(format!(
                    "{file} ({list}): {found}, not {fingerprint_wanted}"
                ));
            }
            if list == "sha256"
                && let Some(recorded) = wanted["hex"][file].as_str()
            {
                assert_eq!(hex::encode(bytes), recorded, "{file}");
            }
        }
        println!("{list}: {} of {count}", count - failures.len() + before);
        compared.push(count);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(compared[0] >= 281 && compared[1] >= 51, "{compared:?}");
}
