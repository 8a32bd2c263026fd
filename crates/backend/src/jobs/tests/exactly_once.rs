//! Each paid order gets one deployment, wherever the process is interrupted.

use std::time::Duration;

use domain::akash::Dseq;
use domain::deployment::Acceptance;
use domain::ids::OrderId;
use domain::journey::DepositPlan;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::journeys::receipt;
use crate::fakes::World;
use crate::jobs::{follow_chain, quiet, run_due, run_worker};
use crate::orders::changes;
use crate::ports::{Clock as _, MarketError};
use crate::queue::class::Class;
use crate::queue::registry::{LEASE, Worker};
use crate::queue::{self, Claim, Claimed};
use crate::storage::StorageError;
use crate::{Backend, usecases};

/// Claims one job of a class for a new worker, which takes over from those whose deadline has
/// passed.
async fn claim_of(backend: &Backend, class: Class) -> Result<Option<Claim>, StorageError> {
    let worker = Worker::register(backend).await?;
    worker.take_over_from_all(backend).await?;
    match queue::claim(backend, &worker, &[(class, 1)]).await? {
        Claimed::Jobs(claims) => Ok(claims.into_iter().next()),
        Claimed::StruckOff => panic!("it has just begun"),
    }
}

/// Claims an order's job.
async fn claim(backend: &Backend) -> Result<Option<Claim>, StorageError> {
    claim_of(backend, Class::Drive).await
}

/// Whether a claim still permits writes.
async fn holds(world: &World, claim: &Claim) -> bool {
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    claim.holds(&mut transaction).await.unwrap()
}

/// Runs the follower's job alone.
async fn follow(backend: &Backend) {
    let claim = claim_of(backend, Class::Chain).await.unwrap().unwrap();
    let outcome = follow_chain::run(backend, &claim).await;
    claim.finish(backend, &outcome).await.unwrap();
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_adopted() {
    let world = World::new().await;
    world
        .market
        .script(|script| script.lose_create_answers = true);
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    assert_eq!(world.market.created(), 1);
    assert_eq!(world.market.count("create"), 1);
}

#[tokio::test]
async fn a_create_that_never_landed_is_repeated_only_when_it_cannot_land_any_more() {
    let world = World::new().await;
    world
        .market
        .fail("create", MarketError::Ambiguous("timeout".to_owned()));
    let id = world.funded(1, Acceptance::Automatic).await;
    world.pass(110).await;
    assert_eq!(world.market.count("create"), 1, "it may still land");
    assert_eq!(
        world.order(id).await.notice.as_deref(),
        Some("Akash has not confirmed the deployment yet; we look for it.")
    );
    world.until(id, "active", 60).await;
    assert_eq!(world.market.created(), 1);
}

#[tokio::test]
async fn a_worker_that_dies_within_the_call_leaves_one_deployment_to_its_successor() {
    let world = World::new().await;
    world
        .market
        .script(|script| script.hang_after_create = true);
    let id = world.funded(1, Acceptance::Automatic).await;
    {
        let cancelled = CancellationToken::new();
        let work = run_due(&world.backend, &cancelled);
        tokio::pin!(work);
        // The call never returns: the worker is dropped in the middle of it, as in a crash.
        while world.market.count("create") == 0 {
            tokio::select! {
                () = &mut work => panic!("the call must hang"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    assert_eq!(world.state(id).await.name(), "opening");
    world
        .market
        .script(|script| script.hang_after_create = false);
    let successor = world.second_backend().await;
    run_due(&successor, &CancellationToken::new()).await;
    assert_eq!(
        world.state(id).await.name(),
        "opening",
        "the dead worker's claim still holds"
    );
    world.clock.advance(LEASE);
    world.until(id, "active", 60).await;
    assert_eq!(world.market.created(), 1);
    assert_eq!(world.market.count("create"), 1);
}

#[tokio::test]
async fn a_deployment_created_while_the_buyer_closed_is_closed_too() {
    let world = World::new().await;
    world
        .market
        .script(|script| script.hang_after_create = true);
    let id = world.funded(1, Acceptance::Automatic).await;
    {
        let cancelled = CancellationToken::new();
        let work = run_due(&world.backend, &cancelled);
        tokio::pin!(work);
        while world.market.count("create") == 0 {
            tokio::select! {
                () = &mut work => panic!("the call must hang"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.clock.advance(LEASE);
    world.until(id, "settled", 200).await;
    receipt(&world, id).await;
    assert_eq!(world.market.created(), 1);
}

#[tokio::test]
async fn two_workers_never_hold_one_job() {
    let world = World::new().await;
    world.funded(1, Acceptance::Automatic).await;
    let second = world.second_backend().await;
    let (one, other) = tokio::join!(claim(&world.backend), claim(&second));
    let held = [one.unwrap(), other.unwrap()];
    assert_eq!(held.iter().flatten().count(), 1);
}

#[tokio::test]
async fn a_worker_that_lost_its_claim_writes_nothing_more() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    follow(&world.backend).await;
    let late = claim(&world.backend).await.unwrap().unwrap();
    world.clock.advance(LEASE);
    let newer = claim(&world.backend).await.unwrap().unwrap();
    assert_eq!(late.id(), newer.id());
    let before = world.order(id).await;
    let outcome = crate::jobs::drive_deployment::run(&world.backend, &late, id).await;
    assert!(matches!(outcome, queue::Outcome::Failed(_)));
    assert_eq!(world.order(id).await.timeline, before.timeline);
    assert!(!holds(&world, &late).await);
    assert!(holds(&world, &newer).await);
}

#[tokio::test]
async fn nobody_claims_a_job_between_the_look_at_the_claim_and_the_end_of_what_it_allows() {
    let world = World::new().await;
    world.funded(1, Acceptance::Automatic).await;
    follow(&world.backend).await;
    let late = claim(&world.backend).await.unwrap().unwrap();
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    assert!(late.holds(&mut transaction).await.unwrap());
    world.clock.advance(LEASE);
    // On SQLite the other worker waits for the write lock; on PostgreSQL it skips the job.
    let other = world.backend.clone();
    let other = tokio::spawn(async move { claim(&other).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(late.holds(&mut transaction).await.unwrap());
    transaction.commit().await.unwrap();
    let claimed = other.await.unwrap().unwrap();
    let newer = match claimed.filter(|claimed| claimed.id() == late.id()) {
        Some(newer) => newer,
        None => claim(&world.backend).await.unwrap().unwrap(),
    };
    assert_eq!(newer.id(), late.id());
    assert!(!holds(&world, &late).await);
}

#[tokio::test]
async fn many_changes_of_one_order_at_once_all_happen() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    let changes = (0..40).map(|number| {
        changes::edit(&world.backend, id, move |order| {
            order.notice = Some(format!(
                "{}{number},",
                order.notice.as_deref().unwrap_or_default()
            ));
            Ok(Vec::new())
        })
    });
    for changed in join_all(changes).await {
        changed.unwrap();
    }
    let notice = world.order(id).await.notice.unwrap();
    assert_eq!(notice.matches(',').count(), 40, "{notice}");
}

#[tokio::test]
async fn a_job_asked_for_while_it_runs_runs_again() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Manual).await;
    let claim = claim(&world.backend).await.unwrap().unwrap();
    let tx = domain::ids::Hash32::from_bytes([5; 32]);
    usecases::report_transaction(&world.backend, &world.buyer(), id, "fund".to_owned(), tx)
        .await
        .unwrap();
    claim
        .finish(
            &world.backend,
            &queue::Outcome::Again(Duration::from_secs(900)),
        )
        .await
        .unwrap();
    assert!(!quiet(&world.backend).await);
}

#[tokio::test]
async fn another_transaction_is_not_taken_for_the_deposit() {
    let world = World::new().await;
    // Another buyer's deposit, which this buyer's wallet reports as its own.
    let other = world.quoted(1).await;
    let others = prepared(&world, other).await;
    let tx = world.chain.fund(&others.terms);
    let id = world.quoted(1).await;
    let plan = prepared(&world, id).await;
    usecases::report_transaction(&world.backend, &world.buyer(), id, "fund".to_owned(), tx)
        .await
        .unwrap();
    world.pass(70).await;
    assert_eq!(world.state(id).await.name(), "awaiting_deposit");
    let notice = world.order(id).await.notice.unwrap();
    assert!(notice.contains("has not paid this order"), "{notice}");
    // Paid once more, it still counts once.
    world.chain.fund(&plan.terms);
    world.until(id, "active", 60).await;
}

async fn prepared(world: &World, id: OrderId) -> DepositPlan {
    let text = sdl::text_hash(&world.order(id).await.sdl);
    let choice = Acceptance::Automatic;
    usecases::prepare_deposit(&world.backend, &world.buyer(), id, text, choice)
        .await
        .unwrap()
}

#[tokio::test]
async fn workers_side_by_side_finish_many_orders_without_doing_anything_twice() {
    let world = World::new().await;
    let second = world.second_backend().await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        orders.push(world.funded(1, Acceptance::Automatic).await);
    }
    let stop = CancellationToken::new();
    let workers = [
        tokio::spawn(run_worker(world.backend.clone(), stop.clone())),
        tokio::spawn(run_worker(second.clone(), stop.clone())),
    ];
    for _ in 0..4000 {
        let mut active = 0;
        for id in &orders {
            active += usize::from(world.state(*id).await.name() == "active");
        }
        if active == orders.len() {
            break;
        }
        world.clock.advance(Duration::from_millis(250));
        tokio::task::yield_now().await;
    }
    stop.cancel();
    for worker in workers {
        worker.await.unwrap();
    }
    for id in orders {
        assert_eq!(world.state(id).await.name(), "active");
    }
    assert_eq!(world.market.created(), 4);
    assert_eq!(world.market.count("create"), 4);
    assert_eq!(world.chain.count("activate"), 4);
}

#[tokio::test]
async fn the_sweep_closes_what_nobody_owns_and_nothing_else() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let long_ago = world.clock.now_ms() - 3_600_000;
    let unknown = domain::ids::OrderId::from_bytes([0xee; 16]);
    world
        .market
        .add_deployment(Dseq::new(long_ago), &unknown.deployment_name());
    // A second deployment of the same order, and one of another user of the account.
    world
        .market
        .add_deployment(Dseq::new(long_ago + 1), &id.deployment_name());
    world
        .market
        .add_deployment(Dseq::new(long_ago + 2), "somebody-else");
    assert_eq!(world.market.open(), 4);
    crate::jobs::sweep::enqueue(&world.backend).await.unwrap();
    world.work().await;
    assert_eq!(world.market.open(), 2);
    assert_eq!(world.state(id).await.name(), "active");
}
