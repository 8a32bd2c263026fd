//! A running deployment: heartbeats, top-ups, logs, and temporary trouble.

use std::time::Duration;

use domain::deployment::{Acceptance, Readiness, Replicas};
use domain::ids::Hash32;
use domain::journey::TimelineEntry;
use domain::money::TokenAmount;
use domain::time::Seconds;

use crate::fakes::World;
use crate::fakes::chain::HEARTBEAT_WINDOW;
use crate::ports::{EscrowChain as _, MarketError};
use crate::usecases;

#[tokio::test]
async fn signs_of_life_come_well_within_the_window() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(4 * HEARTBEAT_WINDOW.0).await;
    assert_eq!(world.state(id).await.name(), "active");
    let given = world.chain.count("heartbeat");
    assert!((12..=16).contains(&given), "{given} in four windows");
    let shown = world.order(id).await.transactions;
    assert!(shown.iter().all(|one| one.kind != "heartbeat"));
}

#[tokio::test]
async fn a_server_that_was_silent_charges_nothing_after_the_window() {
    let world = World::new().await;
    let id = world.funded(20, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(HEARTBEAT_WINDOW.0 / 2).await;
    let order = world.order(id).await;
    let meter = order.meter.unwrap();
    let stream = meter.stream.unwrap();
    assert!(stream.last_sign_of_life > stream.activated_at);
    let escrow = order.state.escrow().unwrap();
    let on_chain = world.chain.escrow(escrow).await.unwrap().unwrap();
    let noticed = stream
        .last_sign_of_life
        .since(on_chain.last_sign_of_life.unwrap());
    assert!(noticed < Seconds::minutes(1), "{noticed:?} after the block");
    let all = stream
        .rate
        .accrued_over(order.now.since(stream.activated_at));
    assert_eq!(meter.accrued(order.now), all, "until now all is charged");
    // This process is down, so no job sends a heartbeat.
    world
        .clock
        .advance(Duration::from_secs(3 * HEARTBEAT_WINDOW.0));
    let later = world.order(id).await;
    let until_silent = stream.silent_after().since(stream.activated_at);
    assert_eq!(
        later.meter.unwrap().accrued(later.now),
        stream.rate.accrued_over(until_silent)
    );
}

#[tokio::test]
async fn a_lease_is_running_only_once_it_is_ready_everywhere_it_is_shown() {
    let world = World::new().await;
    world.market.script(|script| script.crashes = true);
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(5).await;
    let shown = async || {
        let buyer = world.buyer();
        let list = usecases::list_orders(&world.backend, &buyer).await.unwrap();
        let order = world.order(id).await;
        let listed = list
            .orders
            .into_iter()
            .find(|listed| listed.id == id)
            .unwrap();
        assert_eq!(listed.readiness, order.readiness, "the list agrees");
        (order.readiness.unwrap(), order)
    };
    let replicas = |ready| Replicas { ready, wanted: 1 };
    let (readiness, order) = shown().await;
    assert_eq!(readiness, Readiness::Starting(Some(replicas(0))));
    assert!(order.timeline.iter().all(|entry| entry.event != "ready"));
    let meter = order.meter.unwrap();
    let began = order.state.running().unwrap().activation.at;
    let activated_at = meter.stream.map(|stream| stream.activated_at);
    assert_eq!(activated_at, Some(began), "starting is charged");
    assert!(meter.accrued(order.now) > TokenAmount::ZERO);

    world.market.script(|script| script.crashes = false);
    world.pass(60).await;
    let (readiness, order) = shown().await;
    assert_eq!(readiness, Readiness::Running(replicas(1)));
    let told: Vec<_> = order.timeline.iter().map(|entry| &entry.event).collect();
    assert_eq!(told.iter().filter(|event| **event == "ready").count(), 1);
    assert!(order.state.running().unwrap().activation.at == began);

    world.market.script(|script| script.crashes = true);
    world.pass(60).await;
    assert_eq!(shown().await.0, Readiness::Degraded(replicas(0)));

    world.market.script(|script| {
        script.crashes = false;
        script.providers_silent = true;
    });
    world.pass(240).await;
    assert_eq!(shown().await.0, Readiness::Unknown, "silence says nothing");
    world
        .market
        .script(|script| script.providers_silent = false);
    world.pass(60).await;
    assert_eq!(shown().await.0, Readiness::Running(replicas(1)));

    world.market.script(|script| {
        let away = MarketError::Unavailable("it restarts".to_owned());
        script.failures.insert("status", vec![away; 1000]);
    });
    world.pass(60).await;
    assert_eq!(shown().await.0, Readiness::Unknown, "nor does Akash's");
    world
        .market
        .script(|script| drop(script.failures.remove("status")));
    world.pass(600).await;
    assert_eq!(shown().await.0, Readiness::Running(replicas(1)));
}

#[tokio::test]
async fn a_top_up_makes_it_run_longer() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let before = world.order(id).await.meter.unwrap().paid_until.unwrap();
    let amount = TokenAmount::from_micros(60_000);
    let plan = usecases::prepare_top_up(&world.backend, &world.buyer(), id, amount)
        .await
        .unwrap();
    assert_eq!(plan.calls.len(), 2);
    let escrow = world.state(id).await.escrow().unwrap();
    world.chain.top_up(escrow, amount);
    world.pass(30).await;
    let after = world.order(id).await.meter.unwrap().paid_until.unwrap();
    assert_eq!(after.since(before), Seconds::hours(1));
}

#[tokio::test]
async fn what_a_top_up_pays_for_akash_lets_run() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    assert_eq!(
        world.market.limits(),
        [2],
        "an hour more than was asked for"
    );
    world.pass(60).await;
    assert_eq!(world.market.count("limit_runtime"), 0);
    let escrow = world.state(id).await.escrow().unwrap();
    world.market.fail(
        "limit_runtime",
        MarketError::Unavailable("it restarts".to_owned()),
    );
    // Three additional days: too far for one raise.
    world
        .chain
        .top_up(escrow, TokenAmount::from_micros(72 * 60_000));
    world.pass(120).await;
    let limits = world.market.limits();
    assert_eq!(limits[..2], [2, 50]);
    assert!(limits[2] >= 74 && limits.len() == 3, "{limits:?}");
    assert_eq!(world.market.count("limit_runtime"), 3);
    assert_eq!(world.state(id).await.name(), "active");
}

#[tokio::test]
async fn a_top_up_that_the_chain_refused_holds_it_until_one_works() {
    let world = World::new().await;
    let id = world.funded(2, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let refused = Hash32::from_bytes([0xfa; 32]);
    usecases::report_transaction(
        &world.backend,
        &world.buyer(),
        id,
        "top_up".to_owned(),
        refused,
    )
    .await
    .unwrap();
    world.chain.revert(refused);
    world.pass(70).await;
    assert!(world.state(id).await.held_since().is_some());
    let failures = |timeline: Vec<TimelineEntry>| {
        let failed = timeline.iter().filter(|one| one.event == "payment_failed");
        failed.count()
    };
    world.pass(200).await;
    assert_eq!(failures(world.order(id).await.timeline), 1, "told once");
    let escrow = world.state(id).await.escrow().unwrap();
    world.chain.top_up(escrow, TokenAmount::from_micros(60_000));
    world.pass(70).await;
    assert_eq!(world.state(id).await.held_since(), None);
    assert_eq!(world.state(id).await.name(), "active");
}

#[tokio::test]
async fn a_workload_that_does_not_stay_up_is_told_with_where_to_look() {
    let world = World::new().await;
    world.market.script(|script| script.crashes = true);
    let id = world.funded(2, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(60).await;
    assert_eq!(world.order(id).await.notice, None, "it may still start");
    world.pass(300).await;
    let notice = world.order(id).await.notice.unwrap();
    assert!(notice.starts_with("No copy of web stays up."), "{notice}");
    world.market.script(|script| script.crashes = false);
    world.pass(60).await;
    assert_eq!(world.order(id).await.notice, None);
}

#[tokio::test]
async fn trouble_outside_is_shown_as_trouble_and_passes() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(20).await;
    world
        .market
        .fail("status", MarketError::Unavailable("502".to_owned()));
    world.pass(15).await;
    world.chain.set_unreachable(true);
    world.pass(30).await;
    let order = world.order(id).await;
    assert_eq!(order.state.name(), "active");
    assert_eq!(
        order.notice.as_deref(),
        Some("The chain does not answer; we keep trying. Your money is safe there.")
    );
    world.chain.set_unreachable(false);
    world.pass(120).await;
    let order = world.order(id).await;
    assert_eq!((order.state.name(), order.notice), ("active", None));
}

#[tokio::test]
async fn a_log_that_is_opened_again_repeats_no_line() {
    let world = World::new().await;
    let line = |text: &str| ("web".to_owned(), text.to_owned());
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(10).await;
    world
        .market
        .script(|script| script.log.push(line("GET /\0")));
    world.pass(10).await;
    let logs = usecases::read_logs(&world.backend, &world.buyer(), id, 0, 100)
        .await
        .unwrap();
    let texts: Vec<_> = logs.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["listening", "GET /\u{FFFD}"]);
    assert!(world.market.count("logs") >= 4);
    let rest = usecases::read_logs(&world.backend, &world.buyer(), id, 1, 100)
        .await
        .unwrap();
    assert_eq!(rest[0].seq, 2);
}

#[tokio::test]
async fn the_following_of_a_log_ends_with_its_deployment() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.until(id, "settled", 30).await;
    world.pass(120).await;
    let opened = world.market.count("logs");
    world.pass(60).await;
    assert_eq!(world.market.count("logs"), opened);
    assert!(world.order(id).await.meter.is_some());
}

#[tokio::test]
async fn a_contract_that_stopped_paying_ends_the_deployment() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.chain.refuse("heartbeat");
    world.until(id, "settled", HEARTBEAT_WINDOW.0).await;
    let (why, ..) = super::journeys::receipt(&world, id).await;
    assert_eq!(
        why.sentence(),
        "Our server was silent for too long, so the escrow stopped paying (heartbeat refused)."
    );
}

/// Returns the stored texts in order.
async fn texts(world: &World, id: domain::ids::OrderId) -> Vec<String> {
    let lines = usecases::read_logs(&world.backend, &world.buyer(), id, 0, 1_000)
        .await
        .unwrap();
    lines.into_iter().map(|line| line.text).collect()
}

#[tokio::test]
async fn a_stream_that_breaks_while_it_repeats_the_log_stores_nothing_twice() {
    let world = World::new().await;
    let said: Vec<String> = (0..9).map(|n| format!("line {n}")).collect();
    let lines: Vec<_> = said
        .iter()
        .map(|text| ("web".to_owned(), text.clone()))
        .collect();
    world.market.script(|script| script.log.clone_from(&lines));
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(10).await;
    assert_eq!(texts(&world, id).await, said);
    // Interrupted in the middle of lines that are already stored, however the stream ends.
    for breaks in [true, false] {
        world.market.script(|script| {
            script.log.truncate(5);
            script.log_breaks = breaks;
        });
        world.pass(10).await;
        assert_eq!(texts(&world, id).await, said);
    }
    world.market.script(|script| {
        script.log.clone_from(&lines);
        script.log.push(("web".to_owned(), "line 9".to_owned()));
        script.log_breaks = false;
    });
    world.pass(10).await;
    assert_eq!(texts(&world, id).await.len(), 10, "and nothing is lost");
}

#[tokio::test]
async fn a_long_line_is_whole_in_the_download_and_short_on_the_page() {
    let world = World::new().await;
    let bar: String = (0..=2_000)
        .map(|n| format!("\\rload {n:>4} of 2000"))
        .collect();
    let bar = bar.replace("\\r", "\r");
    let coloured = "\u{1b}[31mERR\u{1b}[0mor".to_owned();
    let lines = [bar.clone(), coloured.clone()].map(|text| ("web".to_owned(), text));
    world.market.script(|script| script.log = lines.to_vec());
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(10).await;
    let whole = usecases::read_whole_log(&world.backend, &world.buyer(), id, 0)
        .await
        .unwrap();
    let came: Vec<_> = whole.iter().map(|line| line.text.clone()).collect();
    assert_eq!(came, [bar, coloured], "byte for byte");
    let page = texts(&world, id).await;
    assert!(page[0].chars().count() <= 8_000);
    assert_eq!(domain::log_text::plain(&page[0]), "load 2000 of 2000");
}
