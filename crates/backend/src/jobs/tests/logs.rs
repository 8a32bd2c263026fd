//! The log of a running deployment, from its stream to the database.

use std::time::Duration;

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use futures::StreamExt as _;
use tokio::sync::broadcast;
use tokio::task::{JoinHandle, yield_now};
use tokio_util::sync::CancellationToken;

use crate::fakes::World;
use crate::jobs::follow_logs;
use crate::queue::Outcome;
use crate::usecases::{self, close_deployment};

type Feed = broadcast::Sender<(String, String)>;

/// A running deployment whose log continues.
async fn running(world: &World) -> (OrderId, Feed) {
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let (feed, _) = broadcast::channel(4_096);
    world.market.script(|script| {
        script.log = Vec::new();
        script.log_goes_on = Some(feed.clone());
    });
    (id, feed)
}

/// Follows a log; returns once its stream is open.
async fn follow(world: &World, id: OrderId, feed: &Feed) -> JoinHandle<Outcome> {
    let backend = world.backend.clone();
    let following = tokio::spawn(async move {
        let never = CancellationToken::new();
        follow_logs::run(&backend, id, &never).await
    });
    while feed.receiver_count() == 0 {
        yield_now().await;
    }
    following
}

fn say(feed: &Feed, text: &str) {
    feed.send(("web".to_owned(), text.to_owned())).unwrap();
}

async fn texts(world: &World, id: OrderId) -> Vec<String> {
    yield_now().await;
    let lines = usecases::read_whole_log(&world.backend, &world.buyer(), id, 0)
        .await
        .unwrap();
    let lines = lines.into_iter().map(|line| line.text);
    lines.filter(|text| text != "listening").collect()
}

async fn until_stored(world: &World, id: OrderId, lines: usize) {
    while texts(world, id).await.len() < lines {}
}

/// Waits long enough for everything that is due.
async fn a_while(world: &World, id: OrderId) {
    for _ in 0..30 {
        texts(world, id).await;
    }
}

#[tokio::test]
async fn lines_are_collected_while_nobody_watches_and_told_at_once_while_somebody_does() {
    let world = World::new().await;
    let (id, feed) = running(&world).await;
    let following = follow(&world, id, &feed).await;
    say(&feed, "one");
    a_while(&world, id).await;
    assert!(texts(&world, id).await.is_empty(), "they wait for others");
    say(&feed, "two");
    a_while(&world, id).await;
    while texts(&world, id).await.len() < 2 {
        world.clock.advance(Duration::from_secs(2));
    }
    let watching = usecases::watch(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    tokio::pin!(watching);
    let before = watching.next().await;
    world.clock.advance(Duration::from_millis(200));
    say(&feed, "three");
    // Only the line changes: the clock stands still.
    assert_ne!(watching.next().await, before);
    assert_eq!(texts(&world, id).await, ["one", "two", "three"]);
    following.abort();
}

#[tokio::test]
async fn much_is_written_before_its_time_and_held_in_bounds() {
    let world = World::new().await;
    let (id, feed) = running(&world).await;
    let following = follow(&world, id, &feed).await;
    for n in 0..2_000 {
        say(&feed, &format!("line {n}"));
    }
    // The clock stands still: this many lines are written without waiting.
    until_stored(&world, id, 1_750).await;
    // The rest may be read only after the clock has moved, and then waits from that moment on.
    while texts(&world, id).await.len() < 2_000 {
        world.clock.advance(Duration::from_secs(2));
    }
    let all: Vec<String> = (0..2_000).map(|n| format!("line {n}")).collect();
    assert_eq!(texts(&world, id).await, all);
    following.abort();
}

#[tokio::test]
async fn a_process_that_dies_anywhere_in_a_write_loses_no_line_and_repeats_none() {
    let world = World::new().await;
    let (id, feed) = running(&world).await;
    let mut said: Vec<String> = Vec::new();
    for step in 0..12 {
        let following = follow(&world, id, &feed).await;
        for n in 0..10 {
            said.push(format!("step {step}, line {n}"));
            say(&feed, &said[said.len() - 1]);
        }
        for _ in 0..5 {
            yield_now().await;
        }
        world.clock.advance(Duration::from_secs(2));
        for _ in 0..step * 3 {
            yield_now().await;
        }
        following.abort();
        let _killed = following.await;
        // The next stream begins with the lines that the provider still has.
        let kept = said.iter().map(|text| ("web".to_owned(), text.clone()));
        world.market.script(|script| script.log = kept.collect());
    }
    let following = follow(&world, id, &feed).await;
    say(&feed, "the end");
    said.push("the end".to_owned());
    while texts(&world, id).await.len() < said.len() {
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(texts(&world, id).await, said);
    following.abort();
}

#[tokio::test]
async fn following_ends_with_the_first_lines_after_the_deployment_is_over() {
    let world = World::new().await;
    let (id, feed) = running(&world).await;
    let following = follow(&world, id, &feed).await;
    close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    say(&feed, "last words");
    while !following.is_finished() {
        world.clock.advance(Duration::from_secs(1));
        yield_now().await;
    }
    assert_eq!(following.await.unwrap(), Outcome::Done);
    assert_eq!(texts(&world, id).await, ["last words"]);
}
