//! An announced payment is made once or, if its buyer cancels, never: whichever worker dies at
//! whatever moment, and whatever happens at the same time.

use domain::auto_sign::{TIME_TO_CANCEL, Verdict};
use domain::deployment::State;
use domain::ids::OrderId;

use super::kills::{live_on, work_or_die};
use crate::fakes::World;
use crate::fakes::gate::Cut;
use crate::orders::changes;
use crate::payment::auto_sign::Due;
use crate::ports::Clock as _;
use crate::queue::registry::LEASE;
use crate::storage::orders;
use crate::usecases::auto_sign_tests::countdown::{LONG, announced, patient};
use crate::usecases::auto_sign_tests::{STATED, ask};
use crate::usecases::{cancel_payment, list_orders};

/// Waits until the announced payment is due, without running a job before that.
async fn until_due(world: &World) {
    world.pass(TIME_TO_CANCEL.0 - 1).await;
    assert_eq!(world.chain.count("spend"), 0);
    world.advance_to(world.clock.now_ms() + 1_000);
}

/// The calls that the jobs make from when the payment is due until the money is on chain.
async fn calls_of_the_payment() -> Vec<&'static str> {
    let (whole, _) = announced().await;
    until_due(&whole).await;
    let before = whole.gate.calls().len();
    whole.work().await;
    let mut calls = whole.gate.calls().split_off(before);
    let sent = calls.iter().position(|name| *name == "broadcast");
    calls.truncate(sent.expect("it is sent when it is due") + 3);
    calls
}

#[tokio::test]
async fn a_worker_may_die_at_any_call_of_an_announced_payment_and_it_is_made_once() {
    let calls = calls_of_the_payment().await;
    assert!(calls.contains(&"kept"), "{calls:?}");
    for (number, name) in calls.iter().enumerate() {
        for cut in [Cut::Before, Cut::After] {
            let (world, id) = announced().await;
            until_due(&world).await;
            world.gate.cut(world.gate.calls().len() + number, cut);
            live_on(&world, id).await;
            let at = format!("{cut:?} call {number}, {name}");
            assert_eq!(world.state(id).await.name(), "settled", "{at}");
            assert_eq!(world.chain.count("spend"), 1, "{at}");
            assert_eq!(world.market.created(), 1, "{at}");
        }
    }
}

#[tokio::test]
async fn a_server_that_dies_before_it_is_due_pays_at_the_same_moment() {
    let (world, id) = announced().await;
    let Some(Verdict::WillPay { at, .. }) = world.order(id).await.auto_sign else {
        panic!("nothing is announced");
    };
    // No worker runs until long after that: the payment is then late, but still made once.
    world.advance_to((at.0 + 45) * 1_000);
    world.until(id, "active", 60).await;
    assert_eq!(world.chain.count("spend"), 1);
}

#[tokio::test]
async fn a_request_that_dies_while_it_announces_pays_only_what_it_announced() {
    let whole = patient().await;
    let before = whole.gate.calls().len();
    ask(&whole, STATED).await;
    let calls = whole.gate.calls().split_off(before);
    assert!(calls.contains(&"kept"), "{calls:?}");
    for (number, name) in calls.iter().enumerate() {
        for cut in [Cut::Before, Cut::After] {
            let world = patient().await;
            world.gate.cut(world.gate.calls().len() + number, cut);
            {
                let request = ask(&world, STATED);
                tokio::pin!(request);
                while !world.gate.hangs() {
                    tokio::select! {
                        biased;
                        order = &mut request => panic!("{:?}", order.auto_sign),
                        () = tokio::task::yield_now() => {}
                    }
                }
            }
            world.gate.open();
            world.clock.advance(LEASE);
            // Long enough for the countdown, the payment and the confirmation.
            world.pass(90).await;
            let at = format!("{cut:?} call {number}, {name}");
            let mut paid = 0;
            for row in list_orders(&world.backend, &world.buyer())
                .await
                .unwrap()
                .orders
            {
                let order = world.order(row.id).await;
                let was_announced = order
                    .timeline
                    .iter()
                    .any(|entry| entry.event == "payment_announced");
                assert_eq!(order.state.paid().is_some(), was_announced, "{at}");
                paid += usize::from(was_announced);
            }
            assert_eq!(world.chain.count("spend"), paid, "{at}");
        }
    }
}

/// After a worker has died during the payment, the buyer cancels: either that succeeds and nothing
/// is ever paid, or it is refused and the order is paid once.
#[tokio::test]
async fn cancelled_after_a_worker_died_in_the_payment_it_is_one_or_the_other() {
    let (mut cancelled, mut paid) = (0, 0);
    for (number, name) in calls_of_the_payment().await.iter().enumerate() {
        for cut in [Cut::Before, Cut::After] {
            let (world, id) = announced().await;
            until_due(&world).await;
            world.gate.cut(world.gate.calls().len() + number, cut);
            assert!(!work_or_die(&world).await, "nobody died");
            let answer = cancel_payment(&world.backend, &world.buyer(), id).await;
            world.gate.open();
            world.clock.advance(LEASE);
            let at = format!("{cut:?} call {number}, {name}");
            match answer {
                Ok(order) => {
                    assert_eq!(order.auto_sign, Some(Verdict::Cancelled), "{at}");
                    world.pass(LONG).await;
                    assert_eq!(world.chain.count("spend"), 0, "{at}");
                    cancelled += 1;
                }
                Err(refusal) => {
                    assert_eq!(refusal.status(), 409, "{at}");
                    world.until(id, "active", 90).await;
                    assert_eq!(world.chain.count("spend"), 1, "{at}");
                    paid += 1;
                }
            }
        }
    }
    assert!(cancelled > 0 && paid > 0, "{cancelled} and {paid}");
}

/// The buyer cancels after the job has decided to pay and before it has recorded the payment.
#[tokio::test]
async fn what_was_cancelled_while_it_was_decided_is_not_paid() {
    let (world, id) = announced().await;
    until_due(&world).await;
    let order = stored(&world, id).await;
    let (State::Quoted { quote }, Some(Verdict::WillPay { under, .. })) =
        (&order.state, &order.auto_sign)
    else {
        panic!("{:?}", order.auto_sign);
    };
    let due = Due::new(&world.backend, &order, quote, under)
        .await
        .unwrap();
    assert!(matches!(due.verdict(), Some(Verdict::Pays(_))));
    cancel_payment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    changes::edit(&world.backend, id, |stored| Ok(due.write_to(stored)))
        .await
        .unwrap();
    let after = world.order(id).await;
    assert_eq!(after.state.name(), "quoted");
    assert_eq!(after.auto_sign, Some(Verdict::Cancelled));
    world.pass(LONG).await;
    assert_eq!(world.chain.count("spend"), 0);
}

#[tokio::test]
async fn cancelled_in_the_same_moment_it_is_one_or_the_other() {
    for _ in 0..10 {
        let (world, id) = announced().await;
        until_due(&world).await;
        let buyer = world.buyer();
        let (answer, ()) = tokio::join!(cancel_payment(&world.backend, &buyer, id), world.work());
        world.pass(LONG).await;
        let paid = world.chain.count("spend");
        match answer {
            // The view that a cancel returns is read after the cancel, so it shows the final state.
            Ok(order) => assert_eq!((order.auto_sign, paid), (Some(Verdict::Cancelled), 0)),
            Err(refusal) => assert_eq!((refusal.status(), paid), (409, 1)),
        }
    }
}

async fn stored(world: &World, id: OrderId) -> crate::Order {
    let mut connection = world.backend.storage().read().await.unwrap();
    orders::load(&mut connection, id).await.unwrap().unwrap()
}
