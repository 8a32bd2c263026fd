//! The cache in front of a simulated Akash that counts its calls.

use std::sync::Arc;
use std::time::Duration;

use domain::money::Usd;
use domain::resources::{Bytes, CpuMilli};

use super::{FRESH_FOR, RememberedMarket};
use crate::fakes::World;
use crate::ports::{Clock, ComputeMarket as _, ComputeSpec, MarketError};

fn remembered(world: &World) -> RememberedMarket {
    RememberedMarket::new(world.market.clone(), world.clock.clone())
}

fn spec(gib: u64) -> ComputeSpec {
    ComputeSpec {
        cpu: CpuMilli(1000),
        memory: Bytes::gib(gib),
        storage: Bytes::gib(1),
    }
}

#[tokio::test]
async fn strangers_share_one_answer_for_a_little_while() {
    let world = World::new().await;
    let market = remembered(&world);
    for _ in 0..100 {
        market.gpu_prices().await.unwrap();
        market.compute_price(spec(1)).await.unwrap();
        market.screen(&[], None).await.unwrap();
        market.declared().await.unwrap();
    }
    for call in ["gpu_prices", "compute_price", "screen", "declared"] {
        assert_eq!(world.market.count(call), 1, "{call}");
    }
    market.compute_price(spec(2)).await.unwrap();
    assert_eq!(world.market.count("compute_price"), 2, "another question");
    world.clock.advance(FRESH_FOR);
    market.gpu_prices().await.unwrap();
    assert_eq!(world.market.count("gpu_prices"), 2);
}

#[tokio::test]
async fn who_asks_while_an_answer_is_on_its_way_waits_for_it() {
    let world = World::new().await;
    let market = remembered(&world);
    let all = (0..50).map(|_| market.gpu_prices());
    let answers = futures::future::join_all(all).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(world.market.count("gpu_prices"), 1);
}

#[tokio::test]
async fn an_answer_says_how_old_it_may_be() {
    let world = World::new().await;
    let market = remembered(&world);
    let begun = world.clock.now();
    assert_eq!(market.answers_since(begun), begun);
    market.compute_price(spec(1)).await.unwrap();
    world.clock.advance(Duration::from_secs(15));
    let now = world.clock.now();
    market.screen(&[], None).await.unwrap();
    assert_eq!(market.answers_since(now), begun);
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(market.answers_since(world.clock.now()), now);
}

#[tokio::test]
async fn a_failure_is_asked_again_soon_and_not_by_everybody() {
    let world = World::new().await;
    let market = remembered(&world);
    let away = MarketError::Unavailable("away".to_owned());
    world.market.script(|script| {
        script.failures.insert("compute_price", vec![away.clone()]);
    });
    for _ in 0..20 {
        assert_eq!(market.compute_price(spec(1)).await, Err(away.clone()));
    }
    assert_eq!(world.market.count("compute_price"), 1);
    world.clock.advance(Duration::from_secs(2));
    let price = market.compute_price(spec(1)).await;
    assert_eq!(price, Ok(Usd::from_micros(73_000_000)));
}

#[tokio::test]
async fn any_number_of_questions_takes_so_much_memory_and_no_more() {
    let world = World::new().await;
    let market = Arc::new(remembered(&world));
    for gib in 0..1000 {
        market.compute_price(spec(gib)).await.unwrap();
    }
    let kept = market.compute_prices.0.lock().unwrap().len();
    assert!(kept <= super::MOST_QUESTIONS, "{kept}");
}
