//! Limits are enforced by the chain's own count, and nothing is paid twice.

use domain::auto_sign::PolicyLimits;
use domain::money::TokenAmount;

use super::{LIMITS, STATED, arm, ask, balance, doubts, is_paid, keeping, settle, usdc, world};
use crate::fakes::World;

/// The cost of the stated order.
async fn cost() -> TokenAmount {
    let world = World::new().await;
    keeping(&world, usdc(10));
    ask(&world, STATED).await.state.quote().unwrap().deposit
}

#[tokio::test]
async fn the_day_s_limit_holds_over_orders_and_begins_anew_at_midnight() {
    let cost = cost().await;
    let limits = PolicyLimits {
        per_order: cost,
        per_day: cost.saturating_add(TokenAmount::from_micros(1)),
        ..LIMITS
    };
    let world = world(usdc(10), limits).await;
    let first = ask(&world, STATED).await;
    assert!(is_paid(&first), "{:?}", first.auto_sign);
    // Once before it is on chain, and once afterwards.
    for _ in 0..2 {
        let next = ask(&world, STATED).await;
        let why = format!("it costs {cost} tUSDC, and 0.000001 is left of today’s limit");
        assert_eq!(doubts(&next), [why]);
        settle(&world, first.id).await;
    }
    assert_eq!(balance(&world).await.spent_today, cost);
    let now = crate::ports::Clock::now_ms(world.clock.as_ref());
    world.advance_to(now + 86_400_000);
    world.work().await;
    let tomorrow = ask(&world, STATED).await;
    assert!(is_paid(&tomorrow), "{:?}", tomorrow.auto_sign);
}

#[tokio::test]
async fn the_chain_counts_the_day_and_not_our_rows() {
    let world = world(usdc(10), LIMITS).await;
    let buyer = world.buyer().address.unwrap();
    let now = crate::ports::Clock::now(world.clock.as_ref());
    world
        .chain
        .keeping(buyer, |keeping| keeping.spend(usdc(20), now));
    keeping(&world, usdc(10));
    let order = ask(&world, STATED).await;
    let why = doubts(&order);
    assert!(
        why[0].ends_with("and 0.00 is left of today’s limit"),
        "{why:?}"
    );
}

#[tokio::test]
async fn two_orders_at_once_with_money_for_one_pay_one() {
    let cost = cost().await;
    let world = world(cost, LIMITS).await;
    let (one, other) = tokio::join!(ask(&world, STATED), ask(&world, STATED));
    let (one, other) = (settle(&world, one.id).await, settle(&world, other.id).await);
    assert_eq!(world.chain.count("spend"), 1);
    let paid = [&one, &other]
        .iter()
        .filter(|order| order.state.paid().is_some())
        .count();
    assert_eq!(paid, 1);
    assert_eq!(balance(&world).await.kept, TokenAmount::ZERO);
}

#[tokio::test]
async fn an_order_is_paid_once_however_often_its_job_runs() {
    let world = world(usdc(10), LIMITS).await;
    let order = ask(&world, STATED).await;
    let second = world.second_backend().await;
    for _ in 0..3 {
        world.work().await;
        crate::jobs::run_due(&second, &tokio_util::sync::CancellationToken::new()).await;
    }
    world.until(order.id, "active", 60).await;
    assert_eq!(world.chain.count("spend"), 1);
    let terms = world.order(order.id).await;
    let paid = terms.state.paid().unwrap();
    assert_eq!(balance(&world).await.spent_today, paid.total());
}

#[tokio::test]
async fn too_little_is_kept_and_too_much_is_asked() {
    let world = world(TokenAmount::from_micros(5), LIMITS).await;
    let why = doubts(&ask(&world, STATED).await);
    assert!(
        why[0].ends_with("and 0.000005 is left of your prepaid balance"),
        "{why:?}"
    );
    keeping(&world, usdc(500));
    let limits = PolicyLimits {
        per_order: TokenAmount::from_micros(5),
        ..LIMITS
    };
    arm(&world, limits).await;
    let why = doubts(&ask(&world, STATED).await);
    assert!(
        why[1].ends_with("and your limit for one order is 0.000005"),
        "{why:?}"
    );
}

#[tokio::test]
async fn a_chain_that_is_silent_asks() {
    let world = world(usdc(10), LIMITS).await;
    world.chain.set_unreachable(true);
    let order = ask(&world, STATED).await;
    world.chain.set_unreachable(false);
    assert_eq!(doubts(&order), ["the chain does not answer right now"]);
}
