//! A price is shown before the kept balance pays it.

use domain::auto_sign::{Pace, TIME_TO_CANCEL, Verdict};
use domain::deployment::Acceptance;
use domain::ids::OrderId;
use domain::time::Seconds;

use super::{LIMITS, STATED, arm, ask, keeping, usdc};
use crate::UsecaseError;
use crate::fakes::World;
use crate::usecases::{
    cancel_payment, change_wish, disarm_policy, keep_draft, prepare_deposit, requote, set_pace,
};

/// A world whose buyer keeps enough, has switched auto-sign on and has time to cancel.
pub(crate) async fn patient() -> World {
    let world = World::new().await;
    keeping(&world, usdc(10));
    arm(&world, LIMITS).await;
    set_pace(&world.backend, &world.buyer(), Pace::AfterCountdown)
        .await
        .unwrap();
    world
}

/// A patient world with an order whose payment is announced.
pub(crate) async fn announced() -> (World, OrderId) {
    let world = patient().await;
    let order = ask(&world, STATED).await;
    assert!(
        matches!(order.auto_sign, Some(Verdict::WillPay { at, .. }) if at == order.now.after(TIME_TO_CANCEL)),
        "{:?}",
        order.auto_sign
    );
    assert_eq!(order.state.name(), "quoted");
    (world, order.id)
}

/// Prepares the buyer's deposit by hand.
async fn prepare(world: &World, id: OrderId) {
    let text = sdl::text_hash(&world.order(id).await.sdl);
    prepare_deposit(&world.backend, &world.buyer(), id, text, Acceptance::Manual)
        .await
        .unwrap();
}

/// Long enough for every announced payment.
pub(crate) const LONG: u64 = TIME_TO_CANCEL.0 + 20;

async fn is_unpaid_after_all(world: &World, id: OrderId) {
    world.pass(LONG).await;
    assert_eq!(world.chain.count("spend"), 0);
    assert!(world.order(id).await.state.paid().is_none());
}

#[tokio::test]
async fn nothing_is_paid_before_the_stated_moment_and_then_it_is_paid_once() {
    let (world, id) = announced().await;
    world.pass(TIME_TO_CANCEL.0 - 2).await;
    assert_eq!(world.chain.count("spend"), 0);
    assert_eq!(world.order(id).await.state.name(), "quoted");
    world.until(id, "active", 90).await;
    assert_eq!(world.chain.count("spend"), 1);
    let told = world.order(id).await.timeline;
    let said = |name: &str| told.iter().position(|entry| entry.event == name);
    assert!(said("payment_announced") < said("auto_signed"));
}

#[tokio::test]
async fn another_process_pays_what_was_announced_before_a_restart() {
    let (world, id) = announced().await;
    let restarted = world.second_backend().await;
    assert!(matches!(
        crate::usecases::show_order(&restarted, &world.buyer(), id)
            .await
            .unwrap()
            .auto_sign,
        Some(Verdict::WillPay { .. })
    ));
    world.until(id, "active", 90).await;
    assert_eq!(world.chain.count("spend"), 1);
}

#[tokio::test]
async fn a_cancelled_payment_is_never_made_however_often_it_is_cancelled() {
    let (world, id) = announced().await;
    for _ in 0..2 {
        let order = cancel_payment(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
        assert_eq!(order.auto_sign, Some(Verdict::Cancelled));
    }
    is_unpaid_after_all(&world, id).await;
    // Another price of the same order needs confirmation as well.
    let again = requote(&world.backend, &world.buyer(), id).await.unwrap();
    assert_eq!(again.auto_sign, Some(Verdict::Cancelled));
    is_unpaid_after_all(&world, id).await;
    prepare(&world, id).await;
}

#[tokio::test]
async fn a_stranger_cancels_nothing_and_nobody_cancels_what_is_paid() {
    let (world, id) = announced().await;
    let stranger = cancel_payment(&world.backend, &world.stranger(), id).await;
    assert!(matches!(stranger, Err(UsecaseError::NotFound)));
    world.until(id, "active", 90).await;
    let late = cancel_payment(&world.backend, &world.buyer(), id).await;
    assert!(matches!(late, Err(UsecaseError::Conflict(_))), "{late:?}");
}

#[tokio::test]
async fn an_edit_cancels_and_announces_the_new_price() {
    let (world, id) = announced().await;
    world.pass(TIME_TO_CANCEL.0 - 3).await;
    let mut wish = world.order(id).await.wish;
    wish.duration = Some(Seconds::hours(1));
    let changed = change_wish(&world.backend, &world.buyer(), id, wish)
        .await
        .unwrap();
    let Some(Verdict::WillPay { at, .. }) = changed.auto_sign else {
        panic!("{:?}", changed.auto_sign);
    };
    assert!(at >= changed.now.after(TIME_TO_CANCEL));
    world.pass(5).await;
    assert_eq!(world.chain.count("spend"), 0, "the first moment has passed");
    world.until(id, "active", 90).await;
    let paid = world.order(id).await.state.paid().unwrap().total();
    let hour = changed.state.quote().unwrap().deposit;
    assert_eq!((world.chain.count("spend"), paid), (1, hour));
}

#[tokio::test]
async fn writing_cancels_before_anything_is_priced() {
    let (world, id) = announced().await;
    let text = world.order(id).await.sdl;
    let written = format!("{text}# mine\n");
    let over = sdl::text_hash(&text);
    keep_draft(&world.backend, &world.buyer(), id, written, over)
        .await
        .unwrap();
    is_unpaid_after_all(&world, id).await;
    assert_eq!(world.order(id).await.auto_sign, None);
}

#[tokio::test]
async fn what_is_prepared_by_hand_or_switched_off_is_not_paid_by_itself() {
    let (world, id) = announced().await;
    prepare(&world, id).await;
    is_unpaid_after_all(&world, id).await;

    let (world, id) = announced().await;
    disarm_policy(&world.backend, &world.buyer()).await.unwrap();
    is_unpaid_after_all(&world, id).await;
    assert_eq!(world.order(id).await.auto_sign, None);
}

#[tokio::test]
async fn a_balance_that_is_gone_by_then_asks() {
    let (world, id) = announced().await;
    keeping(&world, usdc(0));
    is_unpaid_after_all(&world, id).await;
    assert!(matches!(
        world.order(id).await.auto_sign,
        Some(Verdict::Asks { .. })
    ));
}
