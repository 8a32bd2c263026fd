//! Claims of workers on jobs: batches, classes, and workers that die, freeze and come back.

use std::collections::HashMap;
use std::time::Duration;

use domain::deployment::Acceptance;
use domain::ids::OrderId;

use crate::Backend;
use crate::fakes::World;
use crate::jobs::{quiet, run_due};
use crate::queue::class::Class;
use crate::queue::registry::{LEASE, Worker};
use crate::queue::{self, BATCH, Claim, Claimed, Kind, Outcome};

async fn worker(backend: &Backend) -> Worker {
    Worker::register(backend).await.unwrap()
}

/// Claims for `worker` as many jobs of the class as there are slots.
async fn claimed(backend: &Backend, worker: &Worker, class: Class) -> Vec<Claim> {
    let slots = [(class, class.slots())];
    match queue::claim(backend, worker, &slots).await.unwrap() {
        Claimed::Jobs(claims) => claims,
        Claimed::StruckOff => panic!("others have taken over"),
    }
}

async fn enqueue(backend: &Backend, kind: Kind, number: u64) -> OrderId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    let order = OrderId::from_bytes(bytes);
    let mut transaction = backend.storage().begin_write().await.unwrap();
    let now_ms = backend.ports().clock.now_ms();
    queue::enqueue(&mut transaction, kind, Some(order), now_ms)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    order
}

async fn holds(backend: &Backend, claim: &Claim) -> bool {
    let mut transaction = backend.storage().begin_write().await.unwrap();
    claim.holds(&mut transaction).await.unwrap()
}

#[tokio::test]
async fn one_claim_takes_a_batch_and_never_what_somebody_holds() {
    let world = World::new().await;
    for number in 0..50 {
        enqueue(&world.backend, Kind::Drive, number).await;
    }
    let (one, other) = (worker(&world.backend).await, worker(&world.backend).await);
    let mut taken = Vec::new();
    for worker in [&one, &other, &one, &other] {
        let claims = claimed(&world.backend, worker, Class::Drive).await;
        assert!(claims.len() <= BATCH);
        taken.extend(claims.iter().map(|claim| claim.id().to_owned()));
    }
    let all = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((all, taken.len()), (50, 50));
}

#[tokio::test]
async fn no_class_takes_another_s_slots() {
    let world = World::new().await;
    for number in 0..30 {
        enqueue(&world.backend, Kind::FollowLogs, number).await;
    }
    world.clock.advance(Duration::from_secs(1));
    let order = enqueue(&world.backend, Kind::Drive, 99).await;
    let one = worker(&world.backend).await;
    let free = [(Class::Logs, 0), (Class::Drive, 1)];
    let Claimed::Jobs(claims) = queue::claim(&world.backend, &one, &free).await.unwrap() else {
        panic!("it is alive");
    };
    let orders: Vec<_> = claims.iter().map(Claim::order).collect();
    assert_eq!(orders, [Some(order)]);
}

#[tokio::test]
async fn a_regular_look_is_no_longer_one_once_somebody_asks_for_it() {
    let world = World::new().await;
    enqueue(&world.backend, Kind::Drive, 1).await;
    let one = worker(&world.backend).await;
    let claims = claimed(&world.backend, &one, Class::Drive).await;
    let later = Outcome::Routine(Duration::from_secs(1));
    claims[0].finish(&world.backend, &later).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    assert!(claimed(&world.backend, &one, Class::Drive).await.is_empty());
    enqueue(&world.backend, Kind::Drive, 1).await;
    assert!(claimed(&world.backend, &one, Class::Watch).await.is_empty());
    let claims = claimed(&world.backend, &one, Class::Drive).await;
    // If it is enqueued while it runs, it is not routine either.
    enqueue(&world.backend, Kind::Drive, 1).await;
    claims[0].finish(&world.backend, &later).await.unwrap();
    assert_eq!(claimed(&world.backend, &one, Class::Drive).await.len(), 1);
}

#[tokio::test]
async fn a_worker_that_dies_between_its_claim_and_the_first_run_leaves_all_to_others() {
    let world = World::new().await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(world.funded(1, Acceptance::Automatic).await);
    }
    let dead = worker(&world.backend).await;
    assert_eq!(claimed(&world.backend, &dead, Class::Drive).await.len(), 3);
    assert_eq!(claimed(&world.backend, &dead, Class::Chain).await.len(), 1);
    let cancelled = tokio_util::sync::CancellationToken::new();
    run_due(&world.backend, &cancelled).await;
    assert_eq!(
        world.market.count("create"),
        0,
        "it counts as alive for a while"
    );
    world.clock.advance(LEASE);
    for id in orders {
        world.until(id, "active", 60).await;
    }
    assert_eq!(world.market.created(), 3);
    assert_eq!(world.market.count("create"), 3);
    assert_eq!(world.chain.count("activate"), 3);
}

#[tokio::test]
async fn a_worker_past_its_time_loses_all_it_holds_at_once_and_what_it_writes_late_is_refused() {
    let world = World::new().await;
    for number in 0..5 {
        enqueue(&world.backend, Kind::Drive, number).await;
    }
    let (frozen, other) = (worker(&world.backend).await, worker(&world.backend).await);
    let held = claimed(&world.backend, &frozen, Class::Drive).await;
    assert_eq!(held.len(), 5);
    world.clock.advance(LEASE - Duration::from_millis(1));
    assert!(other.beat(&world.backend).await.unwrap());
    other.take_over_from_all(&world.backend).await.unwrap();
    assert!(
        claimed(&world.backend, &other, Class::Drive)
            .await
            .is_empty()
    );

    world.clock.advance(Duration::from_millis(1));
    other.take_over_from_all(&world.backend).await.unwrap();
    // Until another worker holds them, it may still finish them.
    assert!(holds(&world.backend, &held[0]).await);
    let newer = claimed(&world.backend, &other, Class::Drive).await;
    assert_eq!(newer.len(), 5);
    for claim in &held {
        assert!(!holds(&world.backend, claim).await);
        claim.finish(&world.backend, &Outcome::Done).await.unwrap();
    }
    assert!(!frozen.beat(&world.backend).await.unwrap());
    let again = queue::claim(&world.backend, &frozen, &[(Class::Drive, 1)]).await;
    enqueue(&world.backend, Kind::Drive, 77).await;
    assert!(matches!(again.unwrap(), Claimed::Jobs(none) if none.is_empty()));
    let again = queue::claim(&world.backend, &frozen, &[(Class::Drive, 1)]).await;
    assert!(matches!(again.unwrap(), Claimed::StruckOff));
    for claim in &newer {
        assert!(
            holds(&world.backend, claim).await,
            "the late end changed nothing"
        );
    }
}

#[tokio::test]
async fn whoever_wakes_late_beats_before_it_takes_over() {
    let world = World::new().await;
    let (one, other) = (worker(&world.backend).await, worker(&world.backend).await);
    world.clock.advance(LEASE);
    one.take_over_from_all(&world.backend).await.unwrap();
    other.take_over_from_all(&world.backend).await.unwrap();
    assert!(
        one.beat(&world.backend).await.unwrap(),
        "the first is alive"
    );
    assert!(!other.beat(&world.backend).await.unwrap());
}

#[tokio::test]
async fn who_leaves_leaves_nothing_behind() {
    let world = World::new().await;
    enqueue(&world.backend, Kind::Drive, 1).await;
    let one = worker(&world.backend).await;
    assert_eq!(claimed(&world.backend, &one, Class::Drive).await.len(), 1);
    one.leave(&world.backend).await.unwrap();
    let other = worker(&world.backend).await;
    assert_eq!(claimed(&world.backend, &other, Class::Drive).await.len(), 1);
    assert!(!one.beat(&world.backend).await.unwrap());
}

/// Pseudo-random numbers, repeatable by their seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Number of jobs in a run.
const JOBS: u64 = 12;

/// Runs for a while with workers that claim, finish, fail, die, freeze and come back, as the seed
/// dictates.
async fn live(seed: u64) {
    let world = World::new().await;
    let backend = &world.backend;
    let mut dice = Dice(seed);
    let mut alive: Vec<(Worker, Vec<Claim>)> = Vec::new();
    let mut fences: HashMap<String, u64> = HashMap::new();
    for number in 0..JOBS {
        enqueue(backend, Kind::Drive, number).await;
    }
    for step in 0..120 {
        let at = format!("seed {seed}, step {step}");
        if alive.len() < 3 {
            alive.push((worker(backend).await, Vec::new()));
        }
        let who = usize::try_from(dice.roll(alive.len() as u64)).unwrap();
        match dice.roll(8) {
            0 | 1 => {
                let free = [(Class::Drive, 5), (Class::Watch, 2)];
                let worker = alive[who].0.clone();
                worker.take_over_from_all(backend).await.unwrap();
                match queue::claim(backend, &worker, &free).await.unwrap() {
                    Claimed::StruckOff => alive[who] = (self::worker(backend).await, Vec::new()),
                    Claimed::Jobs(claims) => {
                        for claim in claims {
                            let before = fences.insert(claim.id().to_owned(), claim.fence());
                            assert!(before.is_none_or(|before| before < claim.fence()), "{at}");
                            alive[who].1.push(claim);
                        }
                    }
                }
            }
            2 | 3 => {
                if let Some(claim) = alive[who].1.pop() {
                    let after = Duration::from_secs(dice.roll(20));
                    let outcome = match dice.roll(3) {
                        0 => Outcome::Again(after),
                        1 => Outcome::Routine(after),
                        _ => Outcome::Failed("the dice".to_owned()),
                    };
                    claim.finish(backend, &outcome).await.unwrap();
                }
            }
            4 => {
                enqueue(backend, Kind::Drive, dice.roll(JOBS)).await;
            }
            5 => {
                alive[who].0.beat(backend).await.unwrap();
            }
            6 => {
                // The worker dies and its result is lost.
                if dice.roll(3) == 0 {
                    alive.remove(who);
                }
            }
            _ => world.clock.advance(Duration::from_secs(dice.roll(15))),
        }
        let mut holders: HashMap<String, usize> = HashMap::new();
        for claim in alive.iter().flat_map(|(_, claims)| claims) {
            if holds(backend, claim).await {
                *holders.entry(claim.id().to_owned()).or_default() += 1;
            }
        }
        assert!(
            holders.values().all(|number| *number == 1),
            "{at}: {holders:?}"
        );
    }
    // Once all workers are gone, a new one gets every job.
    drop(alive);
    world.clock.advance(LEASE + Duration::from_mins(2));
    let last = worker(backend).await;
    last.take_over_from_all(backend).await.unwrap();
    let mut got = 0;
    for class in [Class::Drive, Class::Watch] {
        got += claimed(backend, &last, class).await.len();
    }
    assert_eq!(got as u64, JOBS, "seed {seed}");
    assert!(!quiet(backend).await, "the follower's job is due");
}

#[tokio::test]
async fn whatever_happens_to_workers_each_job_has_one_holder_and_none_is_lost() {
    for seed in 0..12 {
        live(seed).await;
    }
}
