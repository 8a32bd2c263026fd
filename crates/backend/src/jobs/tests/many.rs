//! More running deployments than the queue ever had slots.

use std::time::Duration;

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use tokio_util::sync::CancellationToken;

use crate::fakes::World;
use crate::jobs::{quiet, run_worker};
use crate::ports::Clock as _;
use crate::usecases;

/// So many run while a new one comes.
const RUNNING: usize = 260;

/// Lets time pass whenever nothing is due, until `done`; panics when it does not come to that.
async fn while_workers_run(world: &World, done: impl AsyncFn() -> bool) {
    for _ in 0..4_000 {
        if done().await {
            return;
        }
        match quiet(&world.backend).await {
            true => world.clock.advance(Duration::from_millis(250)),
            false => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    panic!("it does not come on");
}

/// So many orders that run, with logs that stay open from now on.
async fn running(world: &World, number: usize) -> Vec<OrderId> {
    let mut orders = Vec::new();
    for _ in 0..number {
        orders.push(world.funded(5, Acceptance::Automatic).await);
    }
    world.pass(30).await;
    let seen = usecases::sight(&world.backend).await.unwrap();
    assert!(seen.orders.contains(&("active".to_owned(), number as u64)));
    world.market.script(|script| script.log_stays_open = true);
    orders
}

#[tokio::test]
async fn a_new_order_comes_on_beside_any_number_of_followed_logs() {
    let world = World::new().await;
    running(&world, RUNNING).await;
    let opened = world.market.count("logs");
    let stop = CancellationToken::new();
    let worker = tokio::spawn(run_worker(world.backend.clone(), stop.clone()));
    let followed = async || world.market.count("logs") >= opened + RUNNING - 4;
    while_workers_run(&world, followed).await;
    let asked_at = world.clock.now_ms();
    let id = world.funded(1, Acceptance::Automatic).await;
    while_workers_run(&world, async || world.state(id).await.name() == "active").await;
    let took = world.clock.now_ms() - asked_at;
    assert!(took < 30_000, "active after {took} ms");
    stop.cancel();
    worker.await.unwrap();
}
