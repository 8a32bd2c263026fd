//! Additional money for a running order.

use std::time::Duration;

use domain::deployment::State;
use domain::exposure::Cap;
use domain::money::TokenAmount;

use super::{for_a_wallet, paid, prepared, taken, until, usd, visitor};
use crate::fakes::World;
use crate::usecases::{prepare_top_up, show_order};

const DAY: Cap = Cap {
    open: None,
    locked: None,
    day: None,
};

#[tokio::test]
async fn a_top_up_counts_for_the_day_and_what_is_above_the_cap_is_refused() {
    let world = World::with_caps(for_a_wallet(Cap {
        day: Some(usd("2")),
        ..DAY
    }))
    .await;
    let buyer = visitor(21);
    let id = paid(&world, &buyer).await.unwrap();
    until(&world, &buyer, id, "active", 60).await;
    let amount = TokenAmount::from_micros;
    let refused = prepare_top_up(&world.backend, &buyer, id, amount(2_000_000)).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("$2.00 a day per wallet"), "{refused}");
    let plan = prepare_top_up(&world.backend, &buyer, id, amount(1_500_000))
        .await
        .unwrap();
    world.chain.top_up(plan.top_up.escrow, amount(1_500_000));
    world.pass(60).await;
    let used = taken(&world).await;
    assert!(used.day > usd("1.50") && used.day < usd("1.60"), "{used:?}");
    assert!(prepared(&world, &buyer).await.is_err());
}

/// The contract accepts a top-up from its buyer without asking Necto.
#[tokio::test]
async fn what_was_paid_past_the_cap_is_not_run_and_goes_back() {
    let world = World::with_caps(for_a_wallet(Cap {
        day: Some(usd("0.60")),
        ..DAY
    }))
    .await;
    let buyer = visitor(21);
    let id = paid(&world, &buyer).await.unwrap();
    until(&world, &buyer, id, "active", 60).await;
    let order = show_order(&world.backend, &buyer, id).await.unwrap();
    let escrow = order.state.escrow().unwrap();
    world
        .chain
        .top_up(escrow, TokenAmount::from_micros(50_000_000));
    world.pass(60).await;
    let order = show_order(&world.backend, &buyer, id).await.unwrap();
    assert_eq!(order.state.name(), "active");
    let notice = order.notice.unwrap();
    assert!(
        notice.starts_with("You added more than Necto pays"),
        "{notice}"
    );
    assert_eq!(taken(&world).await.day, usd("0.50"));
    // $0.50 at $0.06 an hour lasts for more than eight hours; by then it is another day.
    let midnight = 86_400 - crate::ports::Clock::now(world.clock.as_ref()).0 % 86_400;
    assert!(midnight > 9 * 3600, "the day leaves {midnight} s");
    until_over(&world, 9).await;
    let order = show_order(&world.backend, &buyer, id).await.unwrap();
    let State::Settled { receipt } = order.state else {
        panic!("{:?}", order.state);
    };
    let released = receipt.settlement.released;
    assert!(
        released > TokenAmount::from_micros(450_000)
            && released <= TokenAmount::from_micros(500_000),
        "{released}"
    );
}

/// Advances the clock by hours; the server works for one minute in five.
async fn until_over(world: &World, hours: u64) {
    for _ in 0..hours * 12 {
        world.clock.advance(Duration::from_mins(4));
        world.pass(60).await;
    }
}
