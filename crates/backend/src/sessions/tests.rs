//! Signing in, against a real database and a chain on which a signature is its signer's address.

use std::time::Duration;

use domain::ids::{Address, OrderId};

use super::{challenge, open, sign_in, sign_out};
use crate::fakes::World;
use crate::{Order, UsecaseError, Visitor};

const ALICE: Address = Address::from_bytes([0xa1; 20]);
const BOB: Address = Address::from_bytes([0xb0; 20]);

async fn visitor(world: &World) -> (Visitor, String) {
    let (visitor, token) = open(&world.backend, None).await.unwrap();
    (visitor, token.unwrap().cookie_value().to_owned())
}

async fn sentence_for(world: &World, visitor: &Visitor, message: &str, signer: &str) -> String {
    let error = sign_in(&world.backend, visitor, message, signer)
        .await
        .unwrap_err();
    assert!(matches!(error.status(), 409 | 422), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_cookie_finds_its_visitor_again_and_a_wrong_one_finds_nobody() {
    let world = World::new().await;
    let (first, token) = visitor(&world).await;
    assert_eq!(token.len(), 64);
    assert_eq!(first.address, None);
    let (again, fresh) = open(&world.backend, Some(&token)).await.unwrap();
    assert_eq!(again, first);
    assert!(fresh.is_none());
    for wrong in [
        "",
        "00",
        &token.replace(['0', '1', '2'], "f"),
        "'; DROP TABLE",
    ] {
        let (other, fresh) = open(&world.backend, Some(wrong)).await.unwrap();
        assert_ne!(other.visitor, first.visitor, "{wrong}");
        assert!(fresh.is_some(), "{wrong}");
    }
}

#[tokio::test]
async fn the_database_holds_no_token_and_no_nonce() {
    let world = World::new().await;
    let (visitor, token) = visitor(&world).await;
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    let nonce = message
        .lines()
        .find_map(|line| line.strip_prefix("Nonce: "))
        .unwrap();
    let mut connection = world.backend.storage().read().await.unwrap();
    let tokens: Vec<String> = sqlx::query_scalar("SELECT token_hash FROM sessions")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let nonces: Vec<String> = sqlx::query_scalar("SELECT nonce_hash FROM challenges")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    assert_eq!((tokens.len(), nonces.len()), (1, 1));
    assert_ne!(tokens[0], token);
    assert_ne!(nonces[0], nonce);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let world = World::new().await;
    let (first, token) = visitor(&world).await;
    world.clock.advance(Duration::from_secs(30 * 86_400 - 1));
    let (still, _) = open(&world.backend, Some(&token)).await.unwrap();
    assert_eq!(still.visitor, first.visitor);
    world.clock.advance(Duration::from_secs(1));
    let (other, _) = open(&world.backend, Some(&token)).await.unwrap();
    assert_ne!(other.visitor, first.visitor);
}

#[tokio::test]
async fn signing_in_keeps_the_visitor_and_replaces_the_session() {
    let world = World::new().await;
    let (before, old_token) = visitor(&world).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let (after, token) = sign_in(&world.backend, &before, &message, &ALICE.to_string())
        .await
        .unwrap();
    assert_eq!(after.visitor, before.visitor);
    assert_ne!(after.session, before.session);
    assert_eq!(after.address, Some(ALICE));
    let (found, _) = open(&world.backend, Some(token.cookie_value()))
        .await
        .unwrap();
    assert_eq!(found, after);
    let (left, _) = open(&world.backend, Some(&old_token)).await.unwrap();
    assert_eq!((left.address, left.has_left), (None, true));
    world.clock.advance(Duration::from_secs(600));
    let (stranger, _) = open(&world.backend, Some(&old_token)).await.unwrap();
    assert_ne!(stranger.visitor, before.visitor, "the old cookie is dead");
}

#[tokio::test]
async fn a_page_loaded_again_while_signing_in_finds_its_draft_and_no_paid_order() {
    let world = World::new().await;
    let (before, old_token) = visitor(&world).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    sign_in(&world.backend, &before, &message, &ALICE.to_string())
        .await
        .unwrap();
    let (left, fresh) = open(&world.backend, Some(&old_token)).await.unwrap();
    assert!(fresh.is_none());
    let id = OrderId::from_bytes([5; 16]);
    let now = world.backend.ports().clock.now();
    let mut order = Order::draft(id, before.visitor, now);
    assert!(order.belongs_to(&left), "a draft is found again");
    order.buyer = Some(ALICE);
    assert!(!order.belongs_to(&left), "what a wallet pays is not");
    // Signing in again works from there, and makes the old session last no longer.
    let again = challenge(&world.backend, &left, ALICE).await.unwrap();
    world.clock.advance(Duration::from_secs(200));
    let (signed_in, _) = sign_in(&world.backend, &left, &again, &ALICE.to_string())
        .await
        .unwrap();
    assert!(order.belongs_to(&signed_in) && !signed_in.has_left);
    world.clock.advance(Duration::from_secs(400));
    let (other, _) = open(&world.backend, Some(&old_token)).await.unwrap();
    assert_ne!(other.visitor, before.visitor);
}

#[tokio::test]
async fn signing_out_forgets_the_account_and_keeps_the_drafts() {
    let world = World::new().await;
    let (before, _) = visitor(&world).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let (signed_in, _) = sign_in(&world.backend, &before, &message, &ALICE.to_string())
        .await
        .unwrap();
    let token = sign_out(&world.backend, &signed_in).await.unwrap();
    let (after, _) = open(&world.backend, Some(token.cookie_value()))
        .await
        .unwrap();
    assert_eq!(after.address, None);
    assert_eq!(after.visitor, before.visitor);
}

#[tokio::test]
async fn an_account_that_is_a_contract_signs_in_by_its_own_word() {
    let world = World::new().await;
    let (before, _) = visitor(&world).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let word = format!("{ALICE}{ALICE}");
    let sentence = sentence_for(&world, &before, &message, &word).await;
    assert_eq!(
        sentence,
        "The wallet's answer is not a signature. Sign the message again."
    );

    world.chain.make_contract(ALICE);
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let other = format!("{BOB}{BOB}");
    sentence_for(&world, &before, &message, &other).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let long = "0x".to_owned() + &"ab".repeat(8 * 1024 + 1);
    sentence_for(&world, &before, &message, &long).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let (after, _) = sign_in(&world.backend, &before, &message, &word)
        .await
        .unwrap();
    assert_eq!(after.address, Some(ALICE));
}

#[tokio::test]
async fn a_sign_in_is_used_once() {
    let world = World::new().await;
    let (visitor, _) = visitor(&world).await;
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    let signature = ALICE.to_string();
    sign_in(&world.backend, &visitor, &message, &signature)
        .await
        .unwrap();
    assert_eq!(
        sentence_for(&world, &visitor, &message, &signature).await,
        "This sign-in was used already, and each can be used once. Ask for a new one."
    );
}

#[tokio::test]
async fn a_failed_sign_in_spends_its_nonce_as_well() {
    let world = World::new().await;
    let (visitor, _) = visitor(&world).await;
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    sentence_for(&world, &visitor, &message, &BOB.to_string()).await;
    let second = sentence_for(&world, &visitor, &message, &ALICE.to_string()).await;
    assert!(second.contains("used already"), "{second}");
}

#[tokio::test]
async fn of_two_answers_at_once_one_signs_in() {
    let world = World::new().await;
    let (visitor, _) = visitor(&world).await;
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    let signature = ALICE.to_string();
    let (one, other) = tokio::join!(
        sign_in(&world.backend, &visitor, &message, &signature),
        sign_in(&world.backend, &visitor, &message, &signature),
    );
    assert_eq!(
        usize::from(one.is_ok()) + usize::from(other.is_ok()),
        1,
        "{one:?} {other:?}"
    );
}

#[tokio::test]
async fn a_sign_in_expires_after_five_minutes() {
    let world = World::new().await;
    let (visitor, _) = visitor(&world).await;
    let signature = ALICE.to_string();
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    world.clock.advance(Duration::from_secs(299));
    sign_in(&world.backend, &visitor, &message, &signature)
        .await
        .unwrap();
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    world.clock.advance(Duration::from_secs(300));
    assert_eq!(
        sentence_for(&world, &visitor, &message, &signature).await,
        "This sign-in expired: it can be signed for 5 minutes. Ask for a new one."
    );
}

#[tokio::test]
async fn a_sign_in_of_another_browser_is_unknown_here() {
    let world = World::new().await;
    let (mine, _) = visitor(&world).await;
    let (theirs, _) = visitor(&world).await;
    let message = challenge(&world.backend, &theirs, ALICE).await.unwrap();
    let signature = ALICE.to_string();
    assert_eq!(
        sentence_for(&world, &mine, &message, &signature).await,
        "Necto did not ask this browser for this sign-in. Ask for a new one."
    );
    // And it is not spent for the browser it was made for.
    sign_in(&world.backend, &theirs, &message, &signature)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_changed_message_is_refused_with_the_field_that_was_changed() {
    let world = World::new().await;
    let (visitor, _) = visitor(&world).await;
    let origin = world.backend.settings().public_origin.clone();
    let domain = origin.split_once("://").unwrap().1.to_owned();
    let cases = [
        (
            format!("{domain} wants"),
            "evil.example wants".to_owned(),
            format!(
                "This sign-in is for “evil.example”, not for “{domain}”. Do not sign it; reload the page."
            ),
        ),
        (
            "Chain ID: 99999".to_owned(),
            "Chain ID: 1".to_owned(),
            "This sign-in is for chain 1, not for 99999. Switch the chain and try again."
                .to_owned(),
        ),
        (
            super::siwe::checksummed(ALICE),
            super::siwe::checksummed(BOB),
            format!(
                "This sign-in is for the account {}, not for {}. Ask for a new one.",
                super::siwe::checksummed(BOB),
                super::siwe::checksummed(ALICE)
            ),
        ),
        (
            "moves no money".to_owned(),
            "moves all your money".to_owned(),
            "The statement of this sign-in was changed. Ask for a new one.".to_owned(),
        ),
        (
            "Version: 1".to_owned(),
            "Version: 2".to_owned(),
            "The version of this sign-in was changed. Ask for a new one.".to_owned(),
        ),
        (
            "Expiration Time: 20".to_owned(),
            "Expiration Time: 30".to_owned(),
            "The expiry of this sign-in was changed. Ask for a new one.".to_owned(),
        ),
        (
            "Nonce: ".to_owned(),
            "Nonce: f".to_owned(),
            "Necto did not ask this browser for this sign-in. Ask for a new one.".to_owned(),
        ),
        (
            "URI: ".to_owned(),
            "Uri: ".to_owned(),
            "This is not a sign-in message of Necto (the URI is missing). Ask for a new one."
                .to_owned(),
        ),
    ];
    for (from, to, sentence) in cases {
        let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
        let changed = message.replacen(&from, &to, 1);
        assert_ne!(changed, message, "{from}");
        // The signature fits whoever the message names: only the comparison can refuse it.
        assert_eq!(
            sentence_for(&world, &visitor, &changed, &ALICE.to_string()).await,
            sentence
        );
    }
}

#[tokio::test]
async fn a_signature_must_be_by_the_account_that_signs_in() {
    let world = World::new().await;
    let (visitor, _) = visitor(&world).await;
    let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
    assert_eq!(
        sentence_for(&world, &visitor, &message, &BOB.to_string()).await,
        format!(
            "The signature is not by {}. Choose that account in the wallet and try again.",
            super::siwe::checksummed(ALICE)
        )
    );
    for garbage in ["", "0x", "hello", &"0x00".repeat(1000)] {
        let message = challenge(&world.backend, &visitor, ALICE).await.unwrap();
        assert_eq!(
            sentence_for(&world, &visitor, &message, garbage).await,
            "The wallet's answer is not a signature. Sign the message again."
        );
    }
    let long = "x".repeat(100_000);
    let error = sign_in(&world.backend, &visitor, &long, "0x")
        .await
        .unwrap_err();
    assert!(matches!(error, UsecaseError::Invalid(_)), "{error:?}");
}
