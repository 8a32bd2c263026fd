//! The worker dies at every single call to the outside, just before and just after the call takes
//! effect; its successor finishes the order, and nothing is done twice.

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use domain::money::TokenAmount;
use tokio_util::sync::CancellationToken;

use super::journeys::receipt;
use crate::fakes::World;
use crate::fakes::gate::Cut;
use crate::jobs::run_due;
use crate::queue;
use crate::queue::registry::LEASE;
use crate::usecases::{self, auto_sign_tests};

/// Runs jobs until none is due; `false` if the worker died in a call.
pub(super) async fn work_or_die(world: &World) -> bool {
    let cancelled = CancellationToken::new();
    let work = run_due(&world.backend, &cancelled);
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            () = &mut work => return true,
            () = tokio::task::yield_now() => {
                if world.gate.hangs() {
                    return false;
                }
            }
        }
    }
}

/// Takes an order from its deposit to its receipt: it runs for a while, then the buyer closes it.
async fn live(world: &World) -> OrderId {
    let id = world.funded(1, Acceptance::Automatic).await;
    live_on(world, id).await;
    id
}

/// Takes a paid order to its receipt.
pub(super) async fn live_on(world: &World, id: OrderId) {
    let mut closed = false;
    for _ in 0..600 {
        if !work_or_die(world).await {
            // The dead worker's claims expire before another worker continues.
            world.gate.open();
            world.clock.advance(LEASE);
            continue;
        }
        let state = world.state(id).await;
        if state.is_final() {
            break;
        }
        if state.name() == "active" && !closed && !world.order(id).await.services.is_empty() {
            closed = true;
            usecases::close_deployment(&world.backend, &world.buyer(), id)
                .await
                .unwrap();
            continue;
        }
        let due = queue::next_due_ms(&world.backend).await.unwrap().unwrap();
        world.advance_to(due);
    }
}

#[tokio::test]
async fn a_worker_may_die_at_any_call_and_nothing_is_lost_or_done_twice() {
    let whole = World::new().await;
    live(&whole).await;
    let calls = whole.gate.calls();
    assert!(calls.len() > 20, "{calls:?}");
    let effects = ["create", "lease", "close", "broadcast"];
    // Calls before the first job's call, which looks for the deposit, are the buyer's own.
    let by_jobs = calls
        .iter()
        .enumerate()
        .skip_while(|(_, name)| **name != "escrow");
    for (number, name) in by_jobs {
        // A call without effect gives the same result before and after, so one cut is enough.
        let cuts: &[Cut] = if effects.contains(name) {
            &[Cut::Before, Cut::After]
        } else {
            &[Cut::After]
        };
        for cut in cuts {
            let world = World::new().await;
            world.gate.cut(number, *cut);
            let id = live(&world).await;
            let at = format!("{cut:?} call {number}, {name}");
            assert_eq!(world.state(id).await.name(), "settled", "{at}");
            assert_eq!(world.market.created(), 1, "{at}");
            assert_eq!(world.chain.count("activate"), 1, "{at}");
            assert_eq!(world.chain.count("end"), 1, "{at}");
            let (_, released, refunded) = receipt(&world, id).await;
            assert!(refunded > TokenAmount::ZERO, "{at}");
            // A dead worker costs the buyer no more than the time during which it was dead.
            assert!(
                released < TokenAmount::from_micros(5_000),
                "{at}: {released}"
            );
        }
    }
}

#[tokio::test]
async fn a_worker_may_die_at_any_call_of_auto_sign_and_the_buyer_pays_once() {
    let whole = World::new().await;
    auto_sign_tests::paid(&whole).await;
    let before = whole.gate.calls().len();
    whole.work().await;
    let calls = whole.gate.calls().split_off(before);
    assert!(calls.contains(&"broadcast"), "{calls:?}");
    let sent = calls.iter().position(|name| *name == "broadcast").unwrap();
    for (number, name) in calls.iter().enumerate().take(sent + 3) {
        for cut in [Cut::Before, Cut::After] {
            let world = World::new().await;
            let id = auto_sign_tests::paid(&world).await;
            world.gate.cut(world.gate.calls().len() + number, cut);
            live_on(&world, id).await;
            let at = format!("{cut:?} call {number}, {name}");
            assert_eq!(world.state(id).await.name(), "settled", "{at}");
            assert_eq!(world.chain.count("spend"), 1, "{at}");
            assert_eq!(world.chain.count("fund"), 0, "{at}");
            assert_eq!(world.market.created(), 1, "{at}");
        }
    }
}
