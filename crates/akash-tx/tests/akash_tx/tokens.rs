//! Compares tokens with recorded vectors, byte for byte, and verifies their signatures.

use akash_tx::token::{Access, Algorithm, Claims, LIFETIME, ProviderAccess, Scope};
use akash_tx::{Address, adr36};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::time::UnixSeconds;
use k256::ecdsa::signature::Verifier;
use k256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::vectors::vectors;

#[test]
fn every_token_has_the_text_of_the_vectors_and_a_valid_signature() {
    let Some(vectors) = vectors() else { return };
    let key = hex::decode(vectors["keys"]["tenant"]["public_key"].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_sec1_bytes(&key).unwrap();
    let mut count = 0;
    for (name, vector) in vectors["jwt"]["tokens"].as_object().unwrap() {
        let claims = Claims::parse(&vector["payload"].to_string()).unwrap();
        for (field, algorithm) in [
            ("es256k", Algorithm::Es256k),
            ("es256kadr36", Algorithm::Es256kAdr36),
        ] {
            let recorded = vector[field].as_str().unwrap();
            let (text, signature) = recorded.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let unsigned = claims.unsigned(algorithm);
            assert_eq!(unsigned.text(), text, "{name} {field}");
            let parsed = Signature::from_slice(&signature).unwrap();
            key.verify(&unsigned.signed_bytes(), &parsed).unwrap();
            let token = unsigned.signed(&STANDARD.encode(signature)).unwrap();
            assert_eq!(token.expose(), recorded, "{name} {field}");
            assert_eq!(format!("{token:?}"), "Token(…)");
            count += 1;
        }
    }
    println!("{count} tokens");
    assert_eq!(count, 10);
}

#[test]
fn the_document_of_a_text_is_that_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let example = &vectors["jwt"]["adr36_example"];
    let owner: Address =
        serde_json::from_value(vectors["keys"]["tenant"]["address"].clone()).unwrap();
    let data = STANDARD
        .decode(example["data_base64"].as_str().unwrap())
        .unwrap();
    let document = adr36::document(&owner, std::str::from_utf8(&data).unwrap());
    assert_eq!(document, example["sign_bytes_text"].as_str().unwrap());
    assert_eq!(
        hex::encode(Sha256::digest(document)),
        example["sign_bytes_sha256"].as_str().unwrap()
    );
}

#[test]
fn claims_that_a_provider_refuses_cannot_be_made() {
    let Some(vectors) = vectors() else { return };
    let refused = vectors["jwt"]["refused_claims"].as_object().unwrap();
    for (name, vector) in refused {
        let claims = Claims::parse(&vector["payload"].to_string());
        assert!(claims.is_err(), "{name}");
    }
    assert_eq!(refused.len(), 7);
}

#[test]
fn a_token_for_a_deployment_opens_one_provider_for_a_short_time() {
    let account: Address = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0"
        .parse()
        .unwrap();
    let provider: Address = "akash15yk64u7zc9g9k2yr2wmzeva5qgwxps6ytfzgqy"
        .parse()
        .unwrap();
    let now = UnixSeconds(1_795_240_512);
    let claims = Claims::for_provider(account, provider.clone(), now);
    assert_eq!(claims.expires_at().since(now), LIFETIME);
    let Access::Granular(permissions) = claims.access() else {
        panic!("the token opens all providers");
    };
    assert_eq!(permissions.len(), 1);
    assert_eq!(permissions[0].provider, provider);
    let ProviderAccess::Scoped(scope) = &permissions[0].access else {
        panic!("the token allows everything");
    };
    assert!(!scope.contains(&Scope::Shell));
}

#[test]
fn a_signature_of_another_length_makes_no_token() {
    let account: Address = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0"
        .parse()
        .unwrap();
    let claims = Claims::for_provider(account.clone(), account, UnixSeconds(0));
    let unsigned = claims.unsigned(Algorithm::Es256kAdr36);
    for wrong in ["", "!", &STANDARD.encode([0; 65])] {
        let error = unsigned.signed(wrong).unwrap_err();
        assert_eq!(error.to_string(), "the signature is not 64 bytes in base64");
    }
}
