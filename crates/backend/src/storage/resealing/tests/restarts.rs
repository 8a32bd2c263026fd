//! Keys change over restarts, some of them half-way: no data is lost, and nothing starts without
//! the keys that it needs.

use domain::ids::OrderId;

use super::{PLANTED, key_ids, secret_sdl};
use crate::Backend;
use crate::fakes::World;
use crate::fakes::world::{SDL, data_keys};
use crate::storage::{Resealed, StorageError};
use crate::usecases::{save_sdl, show_order};

/// More rows than one step of re-sealing handles.
const MANY: usize = super::super::STEP as usize + 5;

/// A world with many orders, the first of which holds a secret.
async fn full() -> (World, Vec<OrderId>) {
    let world = World::new().await;
    let mut orders = Vec::new();
    for _ in 0..MANY {
        orders.push(world.quoted(1).await);
    }
    save_sdl(&world.backend, &world.buyer(), orders[0], secret_sdl())
        .await
        .unwrap();
    (world, orders)
}

/// Asserts that every order is complete.
async fn is_whole(backend: &Backend, world: &World, orders: &[OrderId]) {
    for (number, id) in orders.iter().enumerate() {
        let order = show_order(backend, &world.buyer(), *id).await.unwrap();
        match number {
            0 => assert!(order.sdl.contains(PLANTED)),
            _ => assert_eq!(order.sdl, SDL),
        }
        assert!(!order.timeline.is_empty(), "order {number}");
    }
}

fn missing(id: &str) -> String {
    format!(
        "this database holds data that was encrypted with the key {id}, and NECTO_DATA_KEYS does \
         not name it: add that key behind the others, or restore the database that belongs to \
         these keys"
    )
}

async fn reseal(backend: &Backend) {
    while let Resealed::Rows(_) = backend.storage().reseal().await.unwrap() {}
}

#[tokio::test]
async fn a_restart_without_a_key_is_refused_and_with_it_everything_is_there() {
    let (world, orders) = full().await;
    let id = data_keys(&[1]).id().to_owned();
    for _ in 0..2 {
        let refused = world.with_keys(data_keys(&[2])).await.unwrap_err();
        assert!(matches!(refused, StorageError::KeyMissing { .. }));
        assert_eq!(refused.to_string(), missing(&id));
    }
    // Nothing was sealed, deleted or recreated by the refused starts.
    assert_eq!(key_ids(&world.backend).await, [id]);
    let restarted = world.with_keys(data_keys(&[2, 1])).await.unwrap();
    is_whole(&restarted, &world, &orders).await;
}

#[tokio::test]
async fn a_change_of_keys_that_was_killed_goes_on_where_it_was() {
    let (world, orders) = full().await;
    let (old, new) = (
        data_keys(&[1]).id().to_owned(),
        data_keys(&[2]).id().to_owned(),
    );
    let first = world.with_keys(data_keys(&[2, 1])).await.unwrap();
    let Resealed::Rows(rows) = first.storage().reseal().await.unwrap() else {
        panic!("nothing lay under the old key");
    };
    drop(first);
    assert!(rows > 0);
    let mut both = [old.clone(), new.clone()];
    both.sort();
    let mut lies_under = key_ids(&world.backend).await;
    lies_under.sort();
    assert_eq!(lies_under, both, "it was killed in the middle");

    // Neither key may be left out now; giving both in reverse order works as well.
    for (keys, id) in [(&[2_u8], &old), (&[1], &new)] {
        let refused = world.with_keys(data_keys(keys)).await.unwrap_err();
        assert_eq!(refused.to_string(), missing(id));
    }
    let second = world.with_keys(data_keys(&[2, 1])).await.unwrap();
    is_whole(&second, &world, &orders).await;
    reseal(&second).await;
    drop(second);
    let third = world.with_keys(data_keys(&[2])).await.unwrap();
    assert_eq!(key_ids(&third).await, [new]);
    is_whole(&third, &world, &orders).await;
}

/// The process dies at some moment within a step, a little later each time.
#[tokio::test]
async fn a_step_that_was_killed_within_its_transaction_leaves_every_row_readable() {
    let (world, orders) = full().await;
    let backend = world.with_keys(data_keys(&[2, 1])).await.unwrap();
    for looks in (0..12).map(|power| 1_usize << power) {
        let step = backend.storage().reseal();
        tokio::pin!(step);
        for _ in 0..looks {
            tokio::select! {
                biased;
                done = &mut step => {
                    done.unwrap();
                    break;
                }
                () = tokio::task::yield_now() => {}
            }
        }
    }
    is_whole(&backend, &world, &orders).await;
    reseal(&backend).await;
    let new = world.with_keys(data_keys(&[2])).await.unwrap();
    is_whole(&new, &world, &orders).await;
}
