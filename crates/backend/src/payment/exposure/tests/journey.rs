//! An order's place, from the price to the receipt.

use domain::deployment::State;
use domain::exposure::{Cap, Caps, Entry, Stage};
use domain::ids::OrderId;
use domain::money::TokenAmount;

use super::{
    beside, for_a_wallet, ledger, open, order_of, paid, prepare, prepared, taken, until, usd,
    visitor,
};
use crate::fakes::World;
use crate::ports::{Clock as _, MarketError};
use crate::usecases::{cancel_deposit, close_deployment, show_order};
use crate::{UsecaseError, Visitor};

#[tokio::test]
async fn eight_orders_of_five_minutes_lock_no_more_than_the_default_cap() {
    let world = World::with_caps(Caps::TEST_NETWORK).await;
    let buyer = world.buyer();
    let mut running = Vec::new();
    for number in 0..8 {
        match paid(&world, &buyer).await {
            Ok(id) => running.push(id),
            Err(refused) => {
                assert_eq!(number, 5 + (number - running.len()));
                assert_eq!(refused.status(), 409);
                assert_eq!(
                    refused.to_string(),
                    "Necto pays Akash for this test network: up to 5 deployments and $25.00 a day \
                     per wallet. You can start the next one when one ends."
                );
            }
        }
    }
    assert_eq!(running.len(), 5);
    world.pass(40).await;
    // $0.50 of the operator's money each: $2.50 where $4.00 was available.
    assert_eq!(world.market.count("create"), 5);
    assert_eq!(world.market.open(), 5);
    assert_eq!(taken(&world).await.open, 5);
}

#[tokio::test]
async fn a_place_is_taken_once_however_often_the_deposit_is_prepared() {
    let world = World::with_caps(for_a_wallet(open(1))).await;
    let buyer = visitor(21);
    let id = prepared(&world, &buyer).await.unwrap();
    for _ in 0..3 {
        prepare(&world.backend, &buyer, id).await.unwrap();
    }
    assert_eq!(taken(&world).await.open, 1);
}

#[tokio::test]
async fn terms_taken_back_given_up_or_run_out_give_the_place_back() {
    let world = World::with_caps(for_a_wallet(open(1))).await;
    let buyer = visitor(21);
    let first = order_of(&world, &buyer).await;
    let plan = prepare(&world.backend, &buyer, first).await.unwrap();
    assert!(prepared(&world, &buyer).await.is_err());
    cancel_deposit(&world.backend, &buyer, first, plan.escrow)
        .await
        .unwrap();
    let second = prepared(&world, &buyer).await.unwrap();
    assert!(prepared(&world, &buyer).await.is_err());
    close_deployment(&world.backend, &buyer, second)
        .await
        .unwrap();
    let third = order_of(&world, &buyer).await;
    let plan = prepare(&world.backend, &buyer, third).await.unwrap();
    let left = plan.terms.activate_by.since(world.clock.now()).0;
    world.pass(left - 1).await;
    assert!(prepared(&world, &buyer).await.is_err());
    world.pass(1).await;
    prepared(&world, &buyer).await.unwrap();
}

#[tokio::test]
async fn what_was_settled_gives_the_place_back_and_counts_for_its_day() {
    let world = World::with_caps(for_a_wallet(Cap {
        day: Some(usd("1")),
        ..open(1)
    }))
    .await;
    let buyer = visitor(21);
    for _ in 0..2 {
        let id = paid(&world, &buyer).await.unwrap();
        until(&world, &buyer, id, "active", 60).await;
        assert!(prepared(&world, &buyer).await.is_err());
        close_deployment(&world.backend, &buyer, id).await.unwrap();
        until(&world, &buyer, id, "settled", 120).await;
    }
    // Console was given $0.50 twice: that is the day's total.
    assert_eq!(taken(&world).await.day, usd("1"));
    let refused = prepared(&world, &buyer).await.unwrap_err();
    let midnight = 86_400 - world.clock.now().0 % 86_400;
    let UsecaseError::TooMany {
        sentence,
        retry_after_seconds,
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(retry_after_seconds, midnight);
    assert!(sentence.contains("at 00:00 UTC"), "{sentence}");
    world.advance_to(world.clock.now_ms() + midnight * 1000);
    prepared(&world, &buyer).await.unwrap();
}

#[tokio::test]
async fn a_deployment_that_was_never_opened_costs_nothing() {
    let world = World::with_caps(for_a_wallet(open(1))).await;
    let buyer = visitor(21);
    world.market.fail(
        "create",
        MarketError::Refused {
            message: "no".to_owned(),
        },
    );
    let id = paid(&world, &buyer).await.unwrap();
    until(&world, &buyer, id, "settled", 120).await;
    let used = taken(&world).await;
    assert_eq!((used.open, used.day), (0, usd("0")));
    prepared(&world, &buyer).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_at_create_takes_one_place() {
    let world = World::with_caps(for_a_wallet(open(1))).await;
    let buyer = visitor(21);
    world
        .market
        .script(|script| script.lose_create_answers = true);
    let id = paid(&world, &buyer).await.unwrap();
    until(&world, &buyer, id, "active", 60).await;
    assert_eq!(world.market.open(), 1);
    assert_eq!(taken(&world).await.open, 1);
    assert!(prepared(&world, &buyer).await.is_err());
}

#[tokio::test]
async fn a_network_is_full_for_all_its_wallets_and_for_nobody_else() {
    let world = World::with_caps(Caps {
        network: open(2),
        ..Caps::NONE
    })
    .await;
    let first = visitor(21);
    prepared(&world, &first).await.unwrap();
    prepared(&world, &beside(&first, 22)).await.unwrap();
    let refused = prepared(&world, &beside(&first, 23)).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("up to 2 deployments per network"),
        "{refused}"
    );
    prepared(&world, &visitor(24)).await.unwrap();
}

/// As for a deposit from before caps existed: it has no place, and none is free.
#[tokio::test]
async fn a_paid_order_without_a_place_waits_for_one_and_is_refunded_whole_if_none_comes() {
    let caps = Caps {
        all: open(1),
        ..Caps::NONE
    };
    for comes in [true, false] {
        let world = World::with_caps(caps).await;
        let (late, early) = (visitor(21), visitor(22));
        let waits = order_of(&world, &late).await;
        let plan = prepare(&world.backend, &late, waits).await.unwrap();
        forget_place(&world, waits).await;
        let runs = paid(&world, &early).await.unwrap();
        until(&world, &early, runs, "active", 60).await;
        world.chain.fund(&plan.terms);
        until(&world, &late, waits, "funded", 60).await;
        world.pass(60).await;
        let view = show_order(&world.backend, &late, waits).await;
        let notice = view.unwrap().notice.unwrap();
        assert!(
            notice.starts_with("As many deployments are open"),
            "{notice}"
        );
        assert_eq!(
            world.market.count("create"),
            1,
            "nothing was opened above the cap"
        );
        if comes {
            close_deployment(&world.backend, &early, runs)
                .await
                .unwrap();
            until(&world, &late, waits, "active", 180).await;
            assert_eq!(taken(&world).await.open, 1);
            continue;
        }
        // The running order ends at its own time, later than this one's price expires.
        keep_running(&world, &early, runs).await;
        let left = plan.terms.activate_by.since(world.clock.now()).0;
        world.pass(left).await;
        until(&world, &late, waits, "settled", 60).await;
        let view = show_order(&world.backend, &late, waits).await;
        let State::Settled { receipt } = view.unwrap().state else {
            panic!("not settled");
        };
        assert_eq!(receipt.settlement.refunded, plan.terms.deposit);
        assert_eq!(receipt.settlement.released, TokenAmount::ZERO);
        assert_eq!(world.market.count("create"), 1);
    }
}

/// Deletes an order's place.
async fn forget_place(world: &World, id: OrderId) {
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    let entry = ledger::of(&mut transaction, id).await.unwrap().entry;
    let free = Entry {
        stage: Stage::Free,
        ..entry.unwrap()
    };
    ledger::put(&mut transaction, id, &free).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Pays for additional hours.
async fn keep_running(world: &World, buyer: &Visitor, id: OrderId) {
    let order = show_order(&world.backend, buyer, id).await.unwrap();
    let escrow = order.state.escrow().unwrap();
    world
        .chain
        .top_up(escrow, TokenAmount::from_micros(400_000));
}
