//! The buyer signs and pays exactly what is shown, and written or chosen input is kept.

use domain::deployment::{Acceptance, State};
use domain::ids::{Address, TextHash};
use domain::journey::{OrderView, SdlSource};
use domain::requirements::Wish;
use domain::time::Seconds;

use super::{asked, quote_of, visitor, words, world};
use crate::fakes::World;
use crate::fakes::chain::signature;
use crate::orders::changes;
use crate::usecases::{
    change_wish, choose_acceptance, keep_draft, prepare_deposit, relay_deposit, requote, save_sdl,
    show_order,
};
use crate::{UsecaseError, Visitor};

async fn buyer(world: &World) -> Visitor {
    Visitor {
        address: Some(Address::from_bytes([0xbb; 20])),
        ..visitor(world).await
    }
}

async fn drafted(world: &World) -> (Visitor, OrderView) {
    let visitor = buyer(world).await;
    let view = asked(world, &visitor, words("a redis cache for 4 hours")).await;
    quote_of(&view);
    (visitor, view)
}

fn hash(view: &OrderView) -> TextHash {
    sdl::text_hash(view.shown_sdl())
}

fn edited(view: &OrderView) -> String {
    view.sdl.replace("image: redis", "image: valkey")
}

fn conflict(error: &UsecaseError) -> String {
    assert_eq!(error.status(), 409, "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn only_the_text_that_the_page_shows_and_that_was_priced_can_be_paid() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    let text = edited(&view);
    let prepare =
        async |text| prepare_deposit(backend, &visitor, view.id, text, Acceptance::Manual).await;
    let shown = prepare(sdl::text_hash(&text)).await.unwrap_err();
    assert!(conflict(&shown).contains("not the one that was priced"));

    keep_draft(backend, &visitor, view.id, text.clone(), hash(&view))
        .await
        .unwrap();
    for seen in [hash(&view), sdl::text_hash(&text)] {
        conflict(&prepare(seen).await.unwrap_err());
    }
    let state = show_order(backend, &visitor, view.id).await.unwrap().state;
    assert!(
        matches!(state, State::Quoted { .. }),
        "nothing was prepared"
    );

    save_sdl(backend, &visitor, view.id, text.clone())
        .await
        .unwrap();
    conflict(&prepare(hash(&view)).await.unwrap_err());
    let plan = prepare(sdl::text_hash(&text)).await.unwrap();
    assert_eq!(plan.text, sdl::text_hash(&text));
    assert_eq!(plan.images, sdl::images(&text));
    assert!(plan.images[0].contains("valkey"), "{:?}", plan.images);
}

#[tokio::test]
async fn what_is_signed_is_bound_to_the_text() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    let mut hashes = std::collections::BTreeSet::new();
    for text in [
        view.sdl.clone(),
        edited(&view),
        view.sdl.clone() + "# mine\n",
    ] {
        save_sdl(backend, &visitor, view.id, text.clone())
            .await
            .unwrap();
        let shown = sdl::text_hash(&text);
        let plan = prepare_deposit(backend, &visitor, view.id, shown, Acceptance::Manual)
            .await
            .unwrap();
        hashes.insert(plan.terms.order_hash);
    }
    assert_eq!(hashes.len(), 3, "each text makes terms of its own");
}

#[tokio::test]
async fn a_text_that_akash_refuses_is_not_paid_whatever_price_it_has() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    changes::edit(backend, view.id, |order| {
        order.sdl = order.sdl.replace("services:", "servces:");
        Ok(Vec::new())
    })
    .await
    .unwrap();
    let view = show_order(backend, &visitor, view.id).await.unwrap();
    quote_of(&view);
    let error = prepare_deposit(
        backend,
        &visitor,
        view.id,
        hash(&view),
        Acceptance::Automatic,
    );
    let sentence = conflict(&error.await.unwrap_err());
    assert!(sentence.starts_with("Akash would refuse this draft, so it cannot be paid: "));
}

#[tokio::test]
async fn a_signature_for_a_draft_that_was_changed_after_it_is_not_sent() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    let plan = prepare_deposit(
        backend,
        &visitor,
        view.id,
        hash(&view),
        Acceptance::Automatic,
    );
    let plan = plan.await.unwrap();
    let signed = signature(&plan.terms, plan.terms.activate_by);
    keep_draft(backend, &visitor, view.id, edited(&view), hash(&view))
        .await
        .unwrap();
    let relay = relay_deposit(backend, &visitor, view.id, plan.escrow, signed.clone());
    let sentence = conflict(&relay.await.unwrap_err());
    assert!(sentence.contains("was changed after this deposit was prepared"));
    // Back to the priced text: the same terms are valid again.
    let over = sdl::text_hash(&edited(&view));
    keep_draft(backend, &visitor, view.id, view.sdl.clone(), over)
        .await
        .unwrap();
    relay_deposit(backend, &visitor, view.id, plan.escrow, signed)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_written_is_kept_beside_the_price_and_priced_when_asked_for() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    let faulty = view.sdl.replace("services:", "servces:");
    let kept = keep_draft(backend, &visitor, view.id, faulty.clone(), hash(&view))
        .await
        .unwrap();
    assert_eq!(kept.shown_sdl(), faulty);
    assert_eq!((&kept.sdl, &kept.state), (&view.sdl, &view.state));
    assert_eq!(kept.timeline, view.timeline, "writing is no event");
    let over = hash(&kept);
    keep_draft(backend, &visitor, view.id, edited(&view), over)
        .await
        .unwrap();
    let priced = requote(backend, &visitor, view.id).await.unwrap();
    assert_eq!(priced.sdl, edited(&view));
    assert_eq!(priced.working_sdl, None);
    assert_eq!(priced.sdl_source, SdlSource::Edited);
    quote_of(&priced);
}

#[tokio::test]
async fn a_change_of_the_request_keeps_what_was_written() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    keep_draft(backend, &visitor, view.id, edited(&view), hash(&view))
        .await
        .unwrap();
    let wish = Wish {
        duration: Some(Seconds::hours(8)),
        ..view.wish.clone()
    };
    let changed = change_wish(backend, &visitor, view.id, wish).await.unwrap();
    assert_eq!(changed.shown_sdl(), edited(&view));
    assert_eq!(quote_of(&changed).duration, Seconds::hours(8));
}

#[tokio::test]
async fn two_tabs_never_overwrite_each_other_unseen() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    let mine = format!("{}# mine\n", view.sdl);
    let theirs = format!("{}# theirs\n", view.sdl);
    keep_draft(backend, &visitor, view.id, theirs.clone(), hash(&view))
        .await
        .unwrap();
    let late = keep_draft(backend, &visitor, view.id, mine.clone(), hash(&view));
    let sentence = conflict(&late.await.unwrap_err());
    assert!(sentence.contains("changed in another tab"), "{sentence}");
    let seen = show_order(backend, &visitor, view.id).await.unwrap();
    assert_eq!(seen.shown_sdl(), theirs);
    keep_draft(backend, &visitor, view.id, mine.clone(), hash(&seen))
        .await
        .unwrap();
    let seen = show_order(backend, &visitor, view.id).await.unwrap();
    assert_eq!(seen.shown_sdl(), mine, "chosen by who saw both");
}

#[tokio::test]
async fn who_picks_the_bid_stays_with_the_order() {
    let world = world().await;
    let (visitor, view) = drafted(&world).await;
    let backend = &world.backend;
    assert_eq!(view.acceptance, None);
    let chosen = choose_acceptance(backend, &visitor, view.id, Acceptance::Manual)
        .await
        .unwrap();
    assert_eq!(chosen.acceptance, Some(Acceptance::Manual));
    let repriced = save_sdl(backend, &visitor, view.id, edited(&view))
        .await
        .unwrap();
    assert_eq!(repriced.acceptance, Some(Acceptance::Manual));
    let plan = prepare_deposit(
        backend,
        &visitor,
        view.id,
        hash(&repriced),
        Acceptance::Manual,
    );
    let plan = plan.await.unwrap();
    // Chosen again after terms were prepared: the terms stay, and the new choice counts.
    let after = choose_acceptance(backend, &visitor, view.id, Acceptance::Automatic)
        .await
        .unwrap();
    let State::AwaitingDeposit {
        escrow, acceptance, ..
    } = after.state
    else {
        panic!("{}", after.state.name());
    };
    assert_eq!((escrow, acceptance), (plan.escrow, Acceptance::Automatic));
}

#[tokio::test]
async fn a_question_comes_with_its_answers_and_each_keeps_what_was_understood() {
    let world = world().await;
    let visitor = buyer(&world).await;
    let view = asked(
        &world,
        &visitor,
        words("redis with 2 GB under $2 for 4 hours"),
    )
    .await;
    let question = view.question.clone().unwrap();
    assert_eq!(
        question.text,
        "Is $2.00 the limit per hour or for the whole run?"
    );
    let titles = question.answers.iter().map(|answer| answer.title.as_str());
    assert_eq!(
        titles.collect::<Vec<_>>(),
        ["Per hour", "For the whole run"]
    );
    let whole = question.answers[1].wish.clone();
    let answered = change_wish(&world.backend, &visitor, view.id, whole)
        .await
        .unwrap();
    assert_eq!(answered.question, None);
    assert_eq!(answered.wish.budget.unwrap().to_string(), "2.00");
    assert_eq!(answered.wish.memory, view.wish.memory);
    assert_eq!(quote_of(&answered).duration, Seconds::hours(4));
}

#[tokio::test]
async fn what_is_impossible_is_said_before_anything_is_asked() {
    let world = world().await;
    let visitor = buyer(&world).await;
    let view = asked(&world, &visitor, words("100 H100 for $1")).await;
    let refusal = view.refusal.unwrap().message;
    assert!(refusal.contains("you asked for 100"), "{refusal}");
    assert_eq!(view.question, None);
}

#[tokio::test]
async fn what_cannot_be_read_is_asked_about_and_nothing_is_drafted() {
    let world = world().await;
    let visitor = buyer(&world).await;
    let view = asked(
        &world,
        &visitor,
        words("asdf qwer purple monkey dishwasher"),
    )
    .await;
    let question = view.question.unwrap();
    assert_eq!(view.refusal.unwrap().message, question.text);
    assert_eq!((view.sdl.as_str(), view.requirements), ("", None));
}
