//! Jobs have a connection pool of their own.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::fakes::World;
use crate::jobs::{quiet, run_worker};

#[tokio::test]
async fn a_job_commits_while_pages_hold_every_connection_of_theirs() {
    let world = World::new().await;
    let pages = world.backend.storage();
    let mut held = Vec::new();
    for _ in 0..pages.most_connections() {
        held.push(pages.read().await.unwrap());
    }
    let jobs = world.backend.for_jobs();
    assert!(!quiet(&jobs).await, "the chain is to be followed");
    let stop = CancellationToken::new();
    let worker = tokio::spawn(run_worker(world.backend.clone(), stop.clone()));
    let done = async {
        while !quiet(&jobs).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(10), done).await;
    assert!(done.is_ok(), "no job got a connection");
    drop(held);
    stop.cancel();
    worker.await.unwrap();
}
