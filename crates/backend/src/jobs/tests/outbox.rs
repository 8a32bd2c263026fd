//! The operator's transactions on a chain that forgets them, leaves them out, or has seen others.

use domain::deployment::Acceptance;
use domain::ids::OrderId;

use crate::fakes::World;
use crate::fakes::chain::HEARTBEAT_WINDOW;
use crate::fakes::chain_call::Transaction;
use crate::usecases;

/// An order whose activation is signed but in no block.
async fn held(world: &World) -> (OrderId, Transaction) {
    let id = world.funded(1, Acceptance::Automatic).await;
    world.chain.hold(true);
    for _ in 0..60 {
        world.pass(1).await;
        if let [waiting] = world.chain.waiting().as_slice() {
            return (id, waiting.clone());
        }
    }
    panic!("nothing was sent");
}

/// Asserts that the order runs, and that its activation took effect once, in the transaction named
/// on its page.
async fn runs(world: &World, id: OrderId) {
    world.chain.hold(false);
    world.until(id, "active", 60).await;
    world.pass(10).await;
    assert_eq!(world.chain.count("activate"), 1);
    let order = world.order(id).await;
    let shown: Vec<_> = order
        .transactions
        .iter()
        .filter(|one| one.kind == "activate")
        .map(|one| Some(one.hash))
        .collect();
    let on_chain = world.chain.on_chain(order.state.escrow().unwrap());
    assert_eq!(shown, [on_chain.activated_tx]);
}

#[tokio::test]
async fn a_stuck_transaction_is_sent_again_at_a_higher_price_with_the_same_nonce() {
    let world = World::new().await;
    let (id, first) = held(&world).await;
    world.pass(50).await;
    let waiting = world.chain.waiting();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0].nonce, first.nonce);
    assert_eq!(waiting[0].call, first.call);
    assert!(waiting[0].max_fee_wei >= first.max_fee_wei * 9 / 8);
    runs(&world, id).await;
    assert_eq!(world.chain.nonce(), first.nonce + 1);
}

#[tokio::test]
async fn a_chain_that_stands_still_drives_no_price_up() {
    let world = World::new().await;
    let (id, first) = held(&world).await;
    world.pass(1_000).await;
    let waiting = world.chain.waiting();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let times = waiting[0].max_fee_wei / first.max_fee_wei;
    assert!((8..=9).contains(&times), "{times} times as dear");
    runs(&world, id).await;
}

#[tokio::test]
async fn only_the_first_in_line_pays_more() {
    let world = World::new().await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(world.funded(1, Acceptance::Automatic).await);
    }
    world.chain.hold(true);
    for _ in 0..60 {
        world.pass(1).await;
        if world.chain.waiting().len() == orders.len() {
            break;
        }
    }
    let before = world.chain.waiting();
    assert_eq!(before.len(), 3, "{before:?}");
    world.pass(50).await;
    let after = world.chain.waiting();
    assert!(after[0].max_fee_wei > before[0].max_fee_wei);
    assert_eq!(after[1..], before[1..]);
    world.chain.hold(false);
    for id in orders {
        world.until(id, "active", 60).await;
    }
    assert_eq!(world.chain.count("activate"), 3);
}

#[tokio::test]
async fn a_transaction_that_the_node_forgot_is_sent_again_as_it_is() {
    let world = World::new().await;
    let (id, first) = held(&world).await;
    world.chain.forget_waiting();
    world.pass(5).await;
    assert_eq!(world.chain.waiting(), [first]);
    runs(&world, id).await;
}

#[tokio::test]
async fn a_nonce_that_somebody_else_used_is_given_up_for_the_next_one() {
    let world = World::new().await;
    let (id, first) = held(&world).await;
    world.chain.use_nonce();
    world.pass(5).await;
    let waiting = world.chain.waiting();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].nonce, first.nonce + 1);
    runs(&world, id).await;
}

#[tokio::test]
async fn many_orders_share_one_account_without_a_gap() {
    let world = World::new().await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(world.funded(1, Acceptance::Automatic).await);
    }
    for id in &orders {
        world.until(*id, "active", 60).await;
    }
    assert_eq!(world.chain.count("activate"), 5);
    assert_eq!(world.chain.nonce(), 5);
}

#[tokio::test]
async fn what_was_signed_before_a_restart_is_found_and_not_signed_again() {
    let world = World::new().await;
    let (id, first) = held(&world).await;
    world.chain.forget_waiting();
    // The server is gone along with its node's state; its successor has only the database.
    let successor = world.second_backend().await;
    world.clock.advance(crate::queue::registry::LEASE);
    let cancelled = tokio_util::sync::CancellationToken::new();
    crate::jobs::run_due(&successor, &cancelled).await;
    assert_eq!(world.chain.waiting(), [first]);
    runs(&world, id).await;
}

#[tokio::test]
async fn an_end_that_a_reorganisation_undid_is_made_once_more() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.chain.undo_next("end");
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.until(id, "settling", 30).await;
    world.pass(60).await;
    assert_eq!(world.chain.count("end"), 1, "it may still be seen");
    world.until(id, "settled", 120).await;
    assert_eq!(world.chain.count("end"), 2);
}

#[tokio::test]
async fn an_activation_that_a_reorganisation_undid_is_made_once_more() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.chain.undo_next("activate");
    world.until(id, "activating", 60).await;
    world.pass(60).await;
    assert_eq!(world.chain.count("activate"), 1, "it may still be seen");
    assert_eq!(world.market.count("lease"), 0, "nothing starts unpaid");
    world.until(id, "active", 120).await;
    assert_eq!(world.chain.count("activate"), 2);
}

#[tokio::test]
async fn a_sign_of_life_that_a_reorganisation_undid_is_given_once_more() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.chain.undo_next("heartbeat");
    let every = HEARTBEAT_WINDOW.0 / 4;
    world.pass(every + 60).await;
    assert_eq!(world.chain.count("heartbeat"), 1, "it may still be seen");
    world.pass(150).await;
    assert_eq!(world.chain.count("heartbeat"), 2);
    assert_eq!(world.state(id).await.name(), "active");
}
