//! A top-up that Necto sends for its buyer arrives once, whichever worker dies at whatever moment,
//! and even if another party sends it as well.

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use domain::journey::TopUpPlan;
use domain::money::TokenAmount;

use super::kills::work_or_die;
use crate::fakes::World;
use crate::fakes::chain::top_up_signature;
use crate::fakes::gate::Cut;
use crate::queue::registry::LEASE;
use crate::usecases::{prepare_top_up, relay_top_up};
use crate::{UsecaseError, queue};

const MORE: TokenAmount = TokenAmount::from_micros(60_000);

/// A running order with a top-up that its buyer has reviewed, and the amount expected afterwards.
async fn prepared() -> (World, OrderId, TopUpPlan, TokenAmount) {
    let world = World::new().await;
    let id = world.funded(2, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let plan = prepare_top_up(&world.backend, &world.buyer(), id, MORE)
        .await
        .unwrap();
    let wanted = total(&world, id).await.saturating_add(MORE);
    (world, id, plan, wanted)
}

async fn relay(world: &World, id: OrderId, plan: &TopUpPlan) -> Result<(), UsecaseError> {
    let signed = top_up_signature(&plan.top_up, plan.valid_before);
    let (backend, buyer) = (&world.backend, world.buyer());
    relay_top_up(backend, &buyer, id, plan.top_up, plan.valid_before, signed).await
}

async fn total(world: &World, id: OrderId) -> TokenAmount {
    world.state(id).await.paid().unwrap().total()
}

/// Keeps working, whichever worker dies, until the order counts this much and nothing is pending.
async fn until_added(world: &World, id: OrderId, wanted: TokenAmount, at: &str) {
    for _ in 0..200 {
        if !work_or_die(world).await {
            // The dead worker's claims expire before another worker continues.
            world.gate.open();
            world.clock.advance(LEASE);
            continue;
        }
        let order = world.order(id).await;
        if order.relayed.is_none() && order.state.paid().unwrap().total() == wanted {
            return;
        }
        let due = queue::next_due_ms(&world.backend).await.unwrap().unwrap();
        world.advance_to(due);
    }
    panic!("{at}: it never arrives");
}

/// Asserts that it was added once, the deployment keeps running, and no failed payment was
/// reported.
async fn is_added_once(world: &World, id: OrderId, wanted: TokenAmount, at: &str) {
    until_added(world, id, wanted, at).await;
    world.pass(120).await;
    assert_eq!(total(world, id).await, wanted, "{at}");
    assert_eq!(world.chain.count("top_up"), 1, "{at}");
    let state = world.state(id).await;
    assert_eq!(state.name(), "active", "{at}");
    assert_eq!(state.held_since(), None, "{at}");
}

#[tokio::test]
async fn a_worker_may_die_at_any_call_of_a_relayed_top_up_and_it_arrives_once() {
    let (whole, id, plan, wanted) = prepared().await;
    relay(&whole, id, &plan).await.unwrap();
    let before = whole.gate.calls().len();
    until_added(&whole, id, wanted, "unharmed").await;
    let calls = whole.gate.calls().split_off(before);
    assert!(calls.contains(&"broadcast"), "{calls:?}");
    for (number, name) in calls.iter().enumerate() {
        for cut in [Cut::Before, Cut::After] {
            let (world, id, plan, wanted) = prepared().await;
            relay(&world, id, &plan).await.unwrap();
            world.gate.cut(world.gate.calls().len() + number, cut);
            let at = format!("{cut:?} call {number}, {name}");
            is_added_once(&world, id, wanted, &at).await;
        }
    }
}

#[tokio::test]
async fn a_request_that_dies_in_the_relay_may_be_sent_again() {
    let (whole, id, plan, _) = prepared().await;
    let before = whole.gate.calls().len();
    relay(&whole, id, &plan).await.unwrap();
    let calls = whole.gate.calls().split_off(before);
    assert!(calls.contains(&"relay_top_up_call"), "{calls:?}");
    for (number, name) in calls.iter().enumerate() {
        for cut in [Cut::Before, Cut::After] {
            let (world, id, plan, wanted) = prepared().await;
            world.gate.cut(world.gate.calls().len() + number, cut);
            {
                let request = relay(&world, id, &plan);
                tokio::pin!(request);
                while !world.gate.hangs() {
                    tokio::select! {
                        biased;
                        answer = &mut request => panic!("{answer:?}"),
                        () = tokio::task::yield_now() => {}
                    }
                }
            }
            world.gate.open();
            let at = format!("{cut:?} call {number}, {name}");
            // The same signature is sent again: the page does not know the outcome of the first
            // attempt.
            relay(&world, id, &plan).await.expect(&at);
            is_added_once(&world, id, wanted, &at).await;
        }
    }
}

#[tokio::test]
async fn a_node_that_took_it_and_forgot_it_is_sent_it_again() {
    let (world, id, plan, wanted) = prepared().await;
    world.chain.hold(true);
    relay(&world, id, &plan).await.unwrap();
    world.pass(30).await;
    assert_eq!(world.chain.waiting().len(), 1, "it was sent");
    world.chain.forget_waiting();
    world.chain.hold(false);
    is_added_once(&world, id, wanted, "forgotten").await;
}

/// A signed top-up is public once it is sent: anyone may send it, and it counts as signed.
#[tokio::test]
async fn a_stranger_who_sends_it_first_adds_it_for_the_buyer() {
    // Once before Necto sends it, and once while Necto's own transaction is pending.
    for waits in [false, true] {
        let (world, id, plan, wanted) = prepared().await;
        relay(&world, id, &plan).await.unwrap();
        if waits {
            world.chain.hold(true);
            world.work().await;
            assert_eq!(world.chain.waiting().len(), 1, "ours was sent");
        }
        world.chain.top_up(plan.top_up.escrow, plan.top_up.amount);
        world.chain.hold(false);
        let at = format!("ours waits: {waits}");
        is_added_once(&world, id, wanted, &at).await;
        // Sent again, it is refused with a sentence; the next top-up is a different one.
        let again = relay(&world, id, &plan).await.unwrap_err();
        assert_eq!(again.status(), 409, "{at}: {again}");
        let next = prepare_top_up(&world.backend, &world.buyer(), id, MORE)
            .await
            .unwrap();
        relay(&world, id, &next).await.unwrap();
        until_added(&world, id, wanted.saturating_add(MORE), &at).await;
    }
}
