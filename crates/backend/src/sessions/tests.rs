//! Signing in, against a real database and a chain on which a signature is its signer's address.

use std::time::Duration;

use domain::ids::{Address, OrderId};
use domain::templates::TemplateShelf;
use futures::StreamExt as _;

use super::{begin, challenge, end, end_all, list, open, sign_in, sign_out, stands};
use crate::fakes::World;
use crate::fakes::world::SDL;
use crate::orders::changes;
use crate::usecases::{
    Request, Watched, close_deployment, describe, list_orders, list_templates, save_sdl,
    save_template, show_order, watch,
};
use crate::{Order, UsecaseError, Visitor};

const ALICE: Address = Address::from_bytes([0xa1; 20]);
const BOB: Address = Address::from_bytes([0xb0; 20]);

async fn visitor(world: &World) -> (Visitor, String) {
    visitor_in(world, None).await
}

/// A visitor whose session has begun.
async fn visitor_in(world: &World, user_agent: Option<&str>) -> (Visitor, String) {
    let (visitor, unstored) = open(&world.backend, None, None).await.unwrap();
    let unstored = unstored.unwrap();
    let visitor = begin(&world.backend, &unstored, &visitor, user_agent)
        .await
        .unwrap();
    (visitor, unstored.token.cookie_value().to_owned())
}

async fn sessions_stored(world: &World) -> i64 {
    let mut connection = world.backend.storage().read().await.unwrap();
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM sessions WHERE address IS NULL");
    count.fetch_one(&mut *connection).await.unwrap()
}

#[tokio::test]
async fn a_session_is_stored_once_something_is_kept_and_once_only() {
    let world = World::new().await;
    let backend = &world.backend;
    for _ in 0..10 {
        open(backend, None, None).await.unwrap();
    }
    assert_eq!(
        sessions_stored(&world).await,
        0,
        "who only looks leaves nothing"
    );
    let (_, unstored) = open(backend, None, None).await.unwrap();
    let cookie = unstored.unwrap().token.cookie_value().to_owned();
    // Two tabs that both send a first request at the same time.
    let tab = async || {
        let (visitor, unstored) = open(backend, Some(&cookie), None).await.unwrap();
        let unstored = unstored.unwrap();
        assert!(unstored.is_known);
        (visitor, unstored)
    };
    let (one, other) = (tab().await, tab().await);
    let keeps =
        async |(visitor, unstored)| begin(backend, &unstored, &visitor, None).await.unwrap();
    let (one, other) = tokio::join!(keeps(one), keeps(other));
    assert_eq!(
        one, other,
        "they are one visitor, and neither loses its order"
    );
    assert_eq!(sessions_stored(&world).await, 1);
}

#[tokio::test]
async fn the_token_of_a_session_that_has_ended_begins_none() {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, _) = visitor(&world).await;
    let message = challenge(backend, &before, ALICE).await.unwrap();
    let (alice, token) = sign_in(backend, &before, &message, &ALICE.to_string())
        .await
        .unwrap();
    sign_out(backend, &alice).await.unwrap();
    let (_, unstored) = open(backend, Some(token.cookie_value()), None)
        .await
        .unwrap();
    let unstored = unstored.unwrap();
    assert!(!unstored.is_known);
    assert_ne!(unstored.token.cookie_value(), token.cookie_value());
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
    assert_eq!(token.len(), 65);
    assert_eq!(first.address, None);
    let (again, fresh) = open(&world.backend, Some(&token), None).await.unwrap();
    assert_eq!(again, first);
    assert!(fresh.is_none());
    for wrong in [
        "",
        "00",
        &token.replace(['0', '1', '2'], "f"),
        "'; DROP TABLE",
    ] {
        let (other, fresh) = open(&world.backend, Some(wrong), None).await.unwrap();
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
    let tokens: Vec<String> =
        sqlx::query_scalar("SELECT token_hash FROM sessions WHERE visitor = $1")
            .bind(visitor.visitor.to_string())
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
    let (still, _) = open(&world.backend, Some(&token), None).await.unwrap();
    assert_eq!(still.visitor, first.visitor);
    world.clock.advance(Duration::from_secs(1));
    let (other, _) = open(&world.backend, Some(&token), None).await.unwrap();
    assert_ne!(other.visitor, first.visitor);
}

#[tokio::test]
async fn signing_in_replaces_the_session_and_the_visitor() {
    let world = World::new().await;
    let (before, old_token) = visitor(&world).await;
    let message = challenge(&world.backend, &before, ALICE).await.unwrap();
    let (after, token) = sign_in(&world.backend, &before, &message, &ALICE.to_string())
        .await
        .unwrap();
    assert_ne!(after.visitor, before.visitor);
    assert_ne!(after.session, before.session);
    assert_eq!(after.address, Some(ALICE));
    let (found, _) = open(&world.backend, Some(token.cookie_value()), None)
        .await
        .unwrap();
    assert_eq!(found, after);
    let (left, _) = open(&world.backend, Some(&old_token), None).await.unwrap();
    assert_eq!((left.address, left.has_left), (None, true));
    world.clock.advance(Duration::from_secs(600));
    let (stranger, _) = open(&world.backend, Some(&old_token), None).await.unwrap();
    assert_ne!(stranger.visitor, before.visitor, "the old cookie is dead");
}

/// A draft of `visitor`'s with this image.
async fn draft(world: &World, visitor: &Visitor) -> OrderId {
    let id = OrderId::from_bytes(world.backend.ports().random.bytes16());
    let mut order = Order::draft(id, visitor, world.backend.ports().clock.now());
    order.sdl = SDL.to_owned();
    changes::create(&world.backend, visitor, &order)
        .await
        .unwrap();
    id
}

async fn signed_in(world: &World, visitor: &Visitor, account: Address) -> Visitor {
    let message = challenge(&world.backend, visitor, account).await.unwrap();
    let (visitor, _) = sign_in(&world.backend, visitor, &message, &account.to_string())
        .await
        .unwrap();
    visitor
}

#[tokio::test]
async fn a_page_loaded_again_while_signing_in_reads_its_draft_until_that_changes_and_writes_nothing()
 {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, old_token) = visitor(&world).await;
    let brought = draft(&world, &before).await;
    let account = signed_in(&world, &before, ALICE).await;
    let made_since = draft(&world, &account).await;
    let (left, fresh) = open(backend, Some(&old_token), None).await.unwrap();
    assert!(fresh.is_none() && left.has_left);
    let shown = show_order(backend, &left, brought).await.unwrap();
    assert_eq!(shown.sdl, SDL, "the draft it had is found again");
    let says = "You signed in while this page was loading, so it is not signed in itself. Sign in again to go on.";
    let refusals = [
        show_order(backend, &left, made_since).await.unwrap_err(),
        list_orders(backend, &left).await.unwrap_err(),
        save_sdl(backend, &left, brought, SDL.to_owned())
            .await
            .unwrap_err(),
        save_template(backend, &left, brought, "Mine")
            .await
            .unwrap_err(),
        close_deployment(backend, &left, brought).await.unwrap_err(),
        describe(backend, &left, Request::Words("nginx".to_owned()))
            .await
            .err()
            .unwrap(),
    ];
    for error in refusals {
        assert_eq!((error.status(), error.to_string().as_str()), (401, says));
    }
    let secret = SDL.replace("nginx:1.27", "nginx:1.28");
    save_sdl(backend, &account, brought, secret).await.unwrap();
    let changed = show_order(backend, &left, brought).await.unwrap_err();
    assert_eq!(changed.to_string(), says, "what changed since is not shown");
    // Signing in again works from there, and does not prolong the old session.
    world.clock.advance(Duration::from_secs(200));
    let again = signed_in(&world, &left, ALICE).await;
    assert!(show_order(backend, &again, brought).await.is_ok());
    world.clock.advance(Duration::from_secs(400));
    let (other, _) = open(backend, Some(&old_token), None).await.unwrap();
    assert_ne!(other.visitor, before.visitor);
}

#[tokio::test]
async fn signing_out_forgets_the_account_and_everything_of_it() {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, _) = visitor(&world).await;
    let id = draft(&world, &before).await;
    let account = signed_in(&world, &before, ALICE).await;
    let token = sign_out(backend, &account).await.unwrap().unwrap();
    let (after, _) = open(backend, Some(token.cookie_value()), None)
        .await
        .unwrap();
    assert_eq!(after.address, None);
    assert!(after.visitor != before.visitor && after.visitor != account.visitor);
    let error = show_order(backend, &after, id).await.unwrap_err();
    assert_eq!(error.status(), 404);
    assert!(
        list_orders(backend, &after)
            .await
            .unwrap()
            .orders
            .is_empty()
    );
}

#[tokio::test]
async fn who_never_signed_in_keeps_the_drafts_when_signing_out() {
    let world = World::new().await;
    let (anonymous, token) = visitor(&world).await;
    let id = draft(&world, &anonymous).await;
    assert!(
        sign_out(&world.backend, &anonymous)
            .await
            .unwrap()
            .is_none()
    );
    let (after, _) = open(&world.backend, Some(&token), None).await.unwrap();
    assert!(show_order(&world.backend, &after, id).await.is_ok());
}

#[tokio::test]
async fn signing_in_claims_the_drafts_and_templates_of_this_session_only() {
    let world = World::new().await;
    let backend = &world.backend;
    let (here, _) = visitor(&world).await;
    let (elsewhere, _) = visitor(&world).await;
    let mine = draft(&world, &here).await;
    let theirs = draft(&world, &elsewhere).await;
    save_template(backend, &here, mine, "Mine").await.unwrap();
    save_template(backend, &elsewhere, theirs, "Theirs")
        .await
        .unwrap();
    let alice = signed_in(&world, &here, ALICE).await;
    let found = list_orders(backend, &alice).await.unwrap().orders;
    assert_eq!(
        found.iter().map(|order| order.id).collect::<Vec<_>>(),
        [mine]
    );
    let titles = |shelf: TemplateShelf| -> Vec<String> {
        let own = shelf
            .cards
            .into_iter()
            .filter(|card| card.category == "Yours");
        own.map(|card| card.title).collect()
    };
    let shelf = list_templates(backend, &alice).await.unwrap();
    assert_eq!(titles(shelf), ["Mine"]);
    // Another account in the same browser starts with nothing.
    let bob = signed_in(&world, &alice, BOB).await;
    assert!(list_orders(backend, &bob).await.unwrap().orders.is_empty());
    assert_eq!(
        titles(list_templates(backend, &bob).await.unwrap()),
        [""; 0]
    );
    assert!(list_orders(backend, &alice).await.unwrap().orders.len() == 1);
}

#[tokio::test]
async fn who_signs_in_from_a_session_that_was_left_takes_nothing_of_the_account_that_left_it() {
    let world = World::new().await;
    let backend = &world.backend;
    let (here, token) = visitor(&world).await;
    let mine = draft(&world, &here).await;
    save_template(backend, &here, mine, "Mine").await.unwrap();
    let alice = signed_in(&world, &here, ALICE).await;
    let (left, _) = open(backend, Some(&token), None).await.unwrap();
    let bob = signed_in(&world, &left, BOB).await;
    assert!(list_orders(backend, &bob).await.unwrap().orders.is_empty());
    assert!(show_order(backend, &bob, mine).await.is_err());
    assert!(show_order(backend, &alice, mine).await.is_ok());
    for (account, templates) in [(&alice, 1), (&bob, 0)] {
        let shelf = list_templates(backend, account).await.unwrap();
        let own = shelf.cards.iter().filter(|card| card.category == "Yours");
        assert_eq!(own.count(), templates);
    }
}

#[tokio::test]
async fn an_account_keeps_five_hundred_drafts_and_is_told_when_they_are_too_many() {
    let world = World::new().await;
    let (here, _) = visitor(&world).await;
    let alice = signed_in(&world, &here, ALICE).await;
    for _ in 0..500 {
        draft(&world, &alice).await;
    }
    let id = OrderId::from_bytes([0xd0; 16]);
    let order = Order::draft(id, &alice, world.backend.ports().clock.now());
    let error = changes::create(&world.backend, &alice, &order)
        .await
        .unwrap_err();
    assert_eq!(error.status(), 409);
    assert!(
        error.to_string().contains("You have 500 drafts here"),
        "{error}"
    );
    // Another account has its own.
    let (elsewhere, _) = visitor(&world).await;
    let bob = signed_in(&world, &elsewhere, BOB).await;
    draft(&world, &bob).await;
}

#[tokio::test]
async fn a_cookie_planted_before_the_sign_in_shares_nothing_with_who_signs_in() {
    let world = World::new().await;
    let backend = &world.backend;
    // The attacker signs in and out, and signs in again from the session that was left.
    let (s1, s1_token) = visitor(&world).await;
    let s2 = signed_in(&world, &s1, BOB).await;
    let s3_token = sign_out(backend, &s2).await.unwrap().unwrap();
    let (s1_left, _) = open(backend, Some(&s1_token), None).await.unwrap();
    let s4 = signed_in(&world, &s1_left, BOB).await;
    // The victim is given the attacker's third session and signs in with it.
    let (s3, _) = open(backend, Some(s3_token.cookie_value()), None)
        .await
        .unwrap();
    let victim = signed_in(&world, &s3, ALICE).await;
    let id = draft(&world, &victim).await;
    let (s3_left, _) = open(backend, Some(s3_token.cookie_value()), None)
        .await
        .unwrap();
    for (who, status) in [(&s4, 404), (&s3_left, 401), (&s1_left, 404)] {
        let error = show_order(backend, who, id).await.unwrap_err();
        assert_eq!(error.status(), status, "{who:?}");
        let image = SDL.replace("nginx:1.27", "attacker/miner:9");
        let error = save_sdl(backend, who, id, image).await.unwrap_err();
        assert_eq!(error.status(), status, "{who:?}");
    }
    assert!(list_orders(backend, &s4).await.unwrap().orders.is_empty());
}

#[tokio::test]
async fn who_watches_is_told_the_end_of_the_session_and_nothing_after_it() {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, _) = visitor(&world).await;
    let alice = signed_in(&world, &before, ALICE).await;
    let id = draft(&world, &alice).await;
    let watching = watch(backend, &alice, id).await.unwrap();
    tokio::pin!(watching);
    assert!(matches!(watching.next().await, Some(Watched::Changed(_))));
    sign_out(backend, &alice).await.unwrap();
    let (elsewhere, _) = visitor(&world).await;
    let elsewhere = signed_in(&world, &elsewhere, ALICE).await;
    save_sdl(backend, &elsewhere, id, SDL.to_owned())
        .await
        .unwrap();
    assert_eq!(watching.next().await, Some(Watched::SessionEnded));
    assert_eq!(watching.next().await, None);
}

#[tokio::test]
async fn a_session_that_another_process_ended_ends_what_it_watches() {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, _) = visitor(&world).await;
    let alice = signed_in(&world, &before, ALICE).await;
    let id = draft(&world, &alice).await;
    let watching = watch(backend, &alice, id).await.unwrap();
    tokio::pin!(watching);
    assert!(matches!(watching.next().await, Some(Watched::Changed(_))));
    // Another process sends this one no notification.
    let mut elsewhere = backend.storage().begin_write().await.unwrap();
    sqlx::query("DELETE FROM sessions WHERE session = $1")
        .bind(alice.session.to_string())
        .execute(&mut *elsewhere)
        .await
        .unwrap();
    elsewhere.commit().await.unwrap();
    let told = loop {
        tokio::select! {
            told = watching.next() => break told,
            () = tokio::task::yield_now() => world.clock.advance(Duration::from_secs(1)),
        }
    };
    assert_eq!(told, Some(Watched::SessionEnded));
}

#[tokio::test]
async fn a_signed_in_session_ends_after_a_week_without_use_and_after_thirty_days_with_it() {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, _) = visitor(&world).await;
    let message = challenge(backend, &before, ALICE).await.unwrap();
    let (_, token) = sign_in(backend, &before, &message, &ALICE.to_string())
        .await
        .unwrap();
    let token = token.cookie_value();
    let day = Duration::from_secs(86_400);
    for _ in 0..4 {
        world.clock.advance(day * 6);
        let (used, _) = open(backend, Some(token), None).await.unwrap();
        assert_eq!(used.address, Some(ALICE));
    }
    world.clock.advance(day * 6);
    let (over, _) = open(backend, Some(token), None).await.unwrap();
    assert_eq!(over.address, None, "thirty days");
    let (before, _) = visitor(&world).await;
    let account = signed_in(&world, &before, ALICE).await;
    world.clock.advance(day * 7);
    assert!(!stands(backend, &account).await.unwrap(), "a week");
}

#[tokio::test]
async fn an_account_sees_its_sessions_and_ends_one_or_all() {
    let world = World::new().await;
    let backend = &world.backend;
    let firefox = Some("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0");
    let (here, _) = visitor_in(&world, firefox).await;
    let here = signed_in(&world, &here, ALICE).await;
    world.clock.advance(Duration::from_secs(60));
    let (phone, _) = visitor(&world).await;
    let phone = signed_in(&world, &phone, ALICE).await;
    let (other, _) = visitor(&world).await;
    let bob = signed_in(&world, &other, BOB).await;

    let shown = list(backend, &here).await.unwrap();
    let rows: Vec<_> = shown
        .sessions
        .iter()
        .map(|entry| (entry.is_this, entry.browser.as_deref()))
        .collect();
    assert_eq!(rows, [(true, Some("Firefox on Linux")), (false, None)]);
    // A session of another account is not among this account's.
    let error = end(backend, &here, bob.session).await.unwrap_err();
    assert_eq!(error.status(), 404);
    end(backend, &here, phone.session).await.unwrap();
    assert!(!stands(backend, &phone).await.unwrap());
    assert!(stands(backend, &here).await.unwrap());
    end_all(backend, &here).await.unwrap();
    assert!(!stands(backend, &here).await.unwrap());
    assert!(stands(backend, &bob).await.unwrap());
    let (nobody, _) = visitor(&world).await;
    for error in [
        list(backend, &nobody).await.unwrap_err(),
        end(backend, &nobody, bob.session).await.unwrap_err(),
        end_all(backend, &nobody).await.unwrap_err(),
    ] {
        assert_eq!(error.status(), 401);
    }
}

#[tokio::test]
async fn signing_out_also_ends_the_session_that_was_left_for_it() {
    let world = World::new().await;
    let backend = &world.backend;
    let (before, old_token) = visitor(&world).await;
    let id = draft(&world, &before).await;
    let account = signed_in(&world, &before, ALICE).await;
    sign_out(backend, &account).await.unwrap();
    let (after, _) = open(backend, Some(&old_token), None).await.unwrap();
    assert!(!after.has_left && after.visitor != before.visitor);
    assert!(show_order(backend, &after, id).await.is_err());
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
    // The attempt does not spend it for the browser that it was made for.
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
        // The signature matches whichever account the message names, so only the comparison can
        // refuse it.
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
