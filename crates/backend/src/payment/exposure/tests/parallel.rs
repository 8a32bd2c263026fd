//! Fifty orders at once, in two processes on one database.

use domain::exposure::{Cap, Caps};
use futures::future::join_all;

use super::{open, order_of, prepare, taken, usd, visitor};
use crate::fakes::World;

/// Prepares fifty orders of fifty wallets concurrently, half of them in another process; returns
/// how many were admitted.
async fn fifty(caps: Caps) -> (World, usize) {
    let world = World::with_caps(caps).await;
    let second = world.second_with_caps(caps).await;
    let mut asked = Vec::new();
    for number in 0..50 {
        let visitor = visitor(100 + number);
        let id = order_of(&world, &visitor).await;
        let backend = match number % 2 {
            0 => world.backend.clone(),
            _ => second.clone(),
        };
        asked.push(tokio::spawn(async move {
            prepare(&backend, &visitor, id).await.map(drop)
        }));
    }
    let mut let_in = 0;
    for answer in join_all(asked).await {
        match answer.unwrap() {
            Ok(()) => let_in += 1,
            Err(refused) => assert!([409, 429].contains(&refused.status()), "{refused:?}"),
        }
    }
    (world, let_in)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_in_two_processes_get_the_places_that_there_are() {
    let (world, let_in) = fifty(Caps {
        all: open(7),
        ..Caps::NONE
    })
    .await;
    assert_eq!(let_in, 7);
    assert_eq!(taken(&world).await.open, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_take_never_a_dollar_above_the_day() {
    let (world, let_in) = fifty(Caps {
        all: Cap {
            day: Some(usd("4.99")),
            ..Cap::default()
        },
        ..Caps::NONE
    })
    .await;
    assert_eq!(let_in, 9, "nine times $0.50 fit into $4.99");
    assert_eq!(taken(&world).await.day, usd("4.50"));
}
