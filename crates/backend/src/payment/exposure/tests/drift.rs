//! The orders are authoritative, and the ledger follows them.

use std::collections::BTreeMap;

use domain::deployment::State;
use domain::exposure::{Cap, Caps, Entry, Measure, Next, Stage};
use domain::ids::OrderId;
use domain::money::Usd;

use super::{ledger, open, order_of, paid, prepare, prepared, taken, until, usd, visitor};
use crate::fakes::World;
use crate::payment::exposure::{next, reconcile, watch_caps};
use crate::ports::{Clock as _, MarketError};
use crate::storage::orders;
use crate::usecases::{cancel_deposit, close_deployment, show_order};
use crate::{Backend, Visitor};

async fn put(backend: &Backend, id: OrderId, change: impl FnOnce(&mut Entry)) {
    let mut transaction = backend.storage().begin_write().await.unwrap();
    let mut entry = ledger::of(&mut transaction, id)
        .await
        .unwrap()
        .entry
        .unwrap();
    change(&mut entry);
    ledger::put(&mut transaction, id, &entry).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn what_drifted_is_put_right_from_the_orders() {
    let world = World::with_caps(Caps {
        all: open(5),
        ..Caps::NONE
    })
    .await;
    let buyer = visitor(21);
    let runs = paid(&world, &buyer).await.unwrap();
    let awaited = prepared(&world, &buyer).await.unwrap();
    let given_up = prepared(&world, &buyer).await.unwrap();
    until(&world, &buyer, runs, "active", 60).await;
    close_deployment(&world.backend, &buyer, given_up)
        .await
        .unwrap();
    let right = taken(&world).await;
    assert_eq!(right.open, 2);
    assert_eq!(reconcile(&world.backend).await.unwrap(), 0);

    put(&world.backend, runs, |entry| entry.stage = Stage::Free).await;
    put(&world.backend, awaited, |entry| entry.stage = Stage::Over).await;
    put(&world.backend, given_up, |entry| entry.stage = Stage::Held).await;
    assert_eq!(reconcile(&world.backend).await.unwrap(), 3);
    assert_eq!(taken(&world).await, right);
    assert_eq!(reconcile(&world.backend).await.unwrap(), 0);
}

#[tokio::test]
async fn a_threshold_is_told_once_each_time_it_is_crossed() {
    let world = World::with_caps(Caps {
        all: open(4),
        ..Caps::NONE
    })
    .await;
    let told = async || {
        watch_caps(&world.backend).await.unwrap();
        let mut connection = world.backend.storage().read().await.unwrap();
        let kept = ledger::ledger(&mut connection).await.unwrap();
        let open = kept.told.iter().find(|(cap, _)| *cap == Measure::Open);
        (open.unwrap().1, kept.balance.unwrap().0)
    };
    assert_eq!(told().await, (0, usd("100")));
    let mut ids = Vec::new();
    for threshold in [0, 50, 50, 100] {
        ids.push(prepared(&world, &visitor(21)).await.unwrap());
        assert_eq!(told().await.0, threshold);
    }
    close_deployment(&world.backend, &visitor(21), ids[0])
        .await
        .unwrap();
    assert_eq!(told().await.0, 50);
}

/// Pseudo-random numbers, the same in every run.
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

/// Asserts that the ledger agrees with what the orders say is open, and that nothing exceeds the
/// cap.
async fn agrees(world: &World, ids: &BTreeMap<OrderId, Visitor>) {
    let now = world.clock.now();
    let mut expected = 0;
    let mut connection = world.backend.storage().read().await.unwrap();
    for id in ids.keys() {
        let order = orders::load(&mut connection, *id).await.unwrap().unwrap();
        let counts = match &order.state {
            State::AwaitingDeposit { terms, .. } => terms.activate_by > now,
            // An order that was paid too late is refunded without ever being opened.
            State::Funded { .. } | State::Closing { opened: None, .. } => {
                let kept = ledger::of(&mut connection, *id).await.unwrap().entry;
                kept.is_some_and(|entry| entry.stage == Stage::Held)
            }
            State::Drafted
            | State::Quoted { .. }
            | State::Settling { .. }
            | State::Settled { .. }
            | State::Abandoned { .. } => false,
            _ => true,
        };
        expected += u64::from(counts);
        let kept = ledger::of(&mut connection, *id).await.unwrap();
        let next = next(&world.backend, &order, &kept, now);
        assert_eq!(next, Next::Keep, "{:?}: {kept:?}", order.state.name());
    }
    drop(connection);
    let used = taken(world).await;
    assert_eq!(used.open, expected);
    assert!(used.open <= 4 && used.day <= usd("6"), "{used:?}");
    assert!(world.market.open() <= 4, "never one above the cap at Akash");
}

#[tokio::test]
async fn whatever_happens_the_ledger_says_what_the_orders_say() {
    for seed in 1..=2 {
        let world = World::with_caps(Caps {
            all: Cap {
                day: Some(usd("6")),
                ..open(4)
            },
            ..Caps::NONE
        })
        .await;
        let mut dice = Dice(seed);
        let mut ids = BTreeMap::new();
        for _ in 0..25 {
            let who = visitor(21 + u8::try_from(dice.roll(3)).unwrap());
            let nth = usize::try_from(dice.roll(16)).unwrap();
            let one = ids.iter().nth(nth % ids.len().max(1));
            let one = one.map(|(id, who): (&OrderId, &Visitor)| (*id, who.clone()));
            match (dice.roll(7), one) {
                (0 | 1, _) => {
                    let id = order_of(&world, &who).await;
                    ids.insert(id, who.clone());
                    let _full = prepare(&world.backend, &who, id).await;
                }
                (2, Some((id, who))) => {
                    let order = show_order(&world.backend, &who, id).await.unwrap();
                    if let State::AwaitingDeposit { terms, .. } = &order.state {
                        world.chain.fund(terms);
                    }
                }
                (3, Some((id, who))) => {
                    let order = show_order(&world.backend, &who, id).await.unwrap();
                    if let Some(escrow) = order.state.escrow() {
                        let _paid = cancel_deposit(&world.backend, &who, id, escrow).await;
                    }
                }
                (4, Some((id, who))) => {
                    let _over = close_deployment(&world.backend, &who, id).await;
                }
                (5, _) => world.market.fail(
                    "create",
                    match dice.roll(2) {
                        0 => MarketError::Ambiguous("timeout".to_owned()),
                        _ => MarketError::OperatorFunds("empty".to_owned()),
                    },
                ),
                _ => world.pass(dice.roll(900)).await,
            }
            agrees(&world, &ids).await;
        }
        let spent: Usd = taken(&world).await.day;
        assert!(spent > Usd::ZERO, "something ran");
        assert_eq!(reconcile(&world.backend).await.unwrap(), 0);
    }
}
