//! More running deployments than the queue has slots.

use std::time::Duration;

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::fakes::World;
use crate::jobs::{quiet, run_worker, survey};
use crate::ports::Clock as _;
use crate::{Backend, PollIntervals, Settings, usecases};

/// Number of deployments that run while a new one arrives.
const RUNNING: usize = 260;

/// Advances the clock whenever nothing is due, until `done`; panics if that never happens.
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
    panic!("it is stuck");
}

/// This many running orders, with logs that stay open from now on.
async fn running(world: &World, number: usize) -> Vec<OrderId> {
    let mut orders = Vec::new();
    for _ in 0..number {
        orders.push(world.funded(5, Acceptance::Automatic).await);
    }
    let all_run = ("active".to_owned(), number as u64);
    for _ in 0..40 {
        world.pass(2).await;
        let seen = usecases::sight(&world.backend).await.unwrap();
        if seen.orders.contains(&all_run) {
            break;
        }
    }
    let seen = usecases::sight(&world.backend).await.unwrap();
    assert!(seen.orders.contains(&all_run), "{:?}", seen.orders);
    world
        .market
        .script(|script| script.log_goes_on = Some(broadcast::channel(1).0));
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
    assert!(took < 60_000, "active after {took} ms");
    stop.cancel();
    worker.await.unwrap();
}

/// A world in which each of three running orders is looked at every three minutes.
async fn rarely_looked_at() -> (World, Vec<OrderId>) {
    let mut world = World::new().await;
    let (ports, storage) = (world.backend.ports(), world.backend.storage());
    let before = world.backend.settings();
    let settings = Settings {
        poll: PollIntervals {
            quiet: Duration::from_mins(1),
            ..before.poll
        },
        ..before.clone()
    };
    world.backend = Backend::new(ports.clone(), storage.clone(), settings);
    let orders = running(&world, 3).await;
    world.market.script(|script| script.log_goes_on = None);
    survey::enqueue(&world.backend).await.unwrap();
    world.pass(60).await;
    (world, orders)
}

#[tokio::test]
async fn what_runs_quietly_is_looked_at_rarely_and_its_end_is_noticed_at_once() {
    let (world, orders) = rarely_looked_at().await;
    let looked = world.market.count("status");
    world.pass(1_800).await;
    let looks = world.market.count("status") - looked;
    assert!((27..=70).contains(&looks), "{looks} looks in half an hour");
    let name = orders[1].deployment_name();
    world.market.end_leases_of(&name, "it went away");
    world.pass(16).await;
    assert_ne!(world.state(orders[1]).await.name(), "active");
    assert_eq!(world.state(orders[0]).await.name(), "active");
}

#[tokio::test]
async fn a_list_without_what_runs_ends_nothing() {
    let (world, orders) = rarely_looked_at().await;
    world.market.script(|script| script.list_is_empty = true);
    let looked = world.market.count("status");
    world.pass(120).await;
    assert!(
        world.market.count("status") - looked >= 3 * 7,
        "each is looked at by itself"
    );
    for id in orders {
        assert_eq!(world.state(id).await.name(), "active");
    }
}

#[tokio::test]
async fn what_is_asked_of_a_quiet_order_is_done_at_once() {
    let (world, orders) = rarely_looked_at().await;
    usecases::close_deployment(&world.backend, &world.buyer(), orders[0])
        .await
        .unwrap();
    world.until(orders[0], "settled", 30).await;
    let escrow = world.state(orders[1]).await.escrow().unwrap();
    let before = world.order(orders[1]).await.meter.unwrap().paid_until;
    world
        .chain
        .top_up(escrow, domain::money::TokenAmount::from_micros(60_000));
    world.pass(15).await;
    let after = world.order(orders[1]).await.meter.unwrap().paid_until;
    assert!(after > before, "the follower wakes it");
}

#[tokio::test]
async fn a_quiet_order_gives_its_signs_of_life_and_ends_when_its_money_does() {
    let (world, orders) = rarely_looked_at().await;
    let given = world.chain.count("heartbeat");
    world.pass(crate::fakes::chain::HEARTBEAT_WINDOW.0).await;
    assert_eq!(world.state(orders[0]).await.name(), "active");
    assert!(world.chain.count("heartbeat") - given >= 3 * 3);
    let meter = world.order(orders[0]).await.meter.unwrap();
    let end = meter.paid_until.unwrap();
    let left = end.since(world.clock.now());
    // For most of these hours this process does not run.
    world
        .clock
        .advance(Duration::from_secs(left.0.saturating_sub(300)));
    world.pass(360).await;
    assert_eq!(world.state(orders[0]).await.name(), "settled");
}
