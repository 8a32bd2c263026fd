//! Batch workloads: done if every source agrees, and never otherwise.

use domain::batch::ClusterNote;
use domain::deployment::{Acceptance, CloseReason};
use domain::ids::OrderId;
use domain::money::TokenAmount;
use domain::time::Seconds;

use super::journeys::receipt;
use crate::fakes::World;
use crate::fakes::world::SDL;
use crate::orders::changes;
use crate::ports::MarketError;

/// A running order whose only service is a batch if `marked`.
async fn running(world: &World, marked: bool) -> OrderId {
    let id = world.quoted(2).await;
    changes::edit(&world.backend, id, |order| {
        if marked {
            let image = "image: nginx:1.27";
            let with_mark = format!("{image}\n    env:\n      - NECTO_BATCH=1");
            order.sdl = SDL.replace(image, &with_mark);
        }
        Ok(Vec::new())
    })
    .await
    .unwrap();
    let terms = world.prepare(id, Acceptance::Automatic).await;
    world.chain.fund(&terms);
    world.until(id, "active", 60).await;
    world.pass(60).await;
    assert_eq!(world.state(id).await.name(), "active");
    id
}

/// Ends the container of `web`, which reports it with this line, if any.
fn ends(world: &World, line: Option<&str>) {
    world.market.script(|script| {
        script.crashes = true;
        script
            .log
            .extend(line.map(|line| ("web".to_owned(), line.to_owned())));
        script.notes = vec![ClusterNote {
            service: "web".to_owned(),
            reason: "Started".to_owned(),
        }];
    });
}

#[tokio::test]
async fn a_job_that_ended_well_is_closed_settled_and_the_rest_refunded() {
    let world = World::new().await;
    let id = running(&world, true).await;
    ends(&world, Some("necto: exit code 0"));
    world.until(id, "settled", 60).await;
    let (why, released, refunded) = receipt(&world, id).await;
    assert_eq!(why, CloseReason::Finished);
    assert!(released > TokenAmount::ZERO && refunded > TokenAmount::ZERO);
    let most = world.state(id).await.running().unwrap().activation.rate;
    assert!(released <= most.accrued_over(Seconds(120)), "{released}");
    let timeline = world.order(id).await.timeline;
    let told = timeline.iter().find(|entry| entry.event == "finished");
    assert_eq!(
        told.unwrap().title,
        "The job is done: it ended with exit code 0."
    );
}

#[tokio::test]
async fn a_service_that_ends_well_is_no_job_and_is_not_closed() {
    let world = World::new().await;
    let id = running(&world, false).await;
    ends(&world, Some("necto: exit code 0"));
    world.pass(900).await;
    assert_eq!(world.state(id).await.name(), "active");
    assert_eq!(world.market.count("notes"), 0);
}

#[tokio::test]
async fn what_is_not_known_for_certain_is_not_done() {
    // It reports that it is done and keeps running; or the cluster cannot be queried; or the
    // provider is silent.
    for what in ["runs on", "cluster away", "provider silent"] {
        let world = World::new().await;
        let id = running(&world, true).await;
        ends(&world, Some("necto: exit code 0"));
        world.market.script(|script| match what {
            "runs on" => script.crashes = false,
            "provider silent" => script.providers_silent = true,
            _ => {
                let away = MarketError::Unavailable("away".to_owned());
                script.failures.insert("notes", vec![away; 1000]);
            }
        });
        world.pass(600).await;
        assert_eq!(world.state(id).await.name(), "active", "{what}");
    }
}

#[tokio::test]
async fn a_job_that_fails_is_told_with_its_exit_code_and_runs_until_its_buyer_decides() {
    let world = World::new().await;
    let id = running(&world, true).await;
    ends(&world, Some("necto: exit code 3"));
    world.pass(60).await;
    let order = world.order(id).await;
    assert_eq!(order.state.name(), "active");
    assert_eq!(
        order.notice.as_deref(),
        Some(
            "The job web ended with exit code 3, and the provider starts it again each time. The log \
             below says why; you pay until you close the deployment."
        )
    );
    // The next try succeeds.
    ends(&world, Some("necto: exit code 0"));
    world.until(id, "settled", 60).await;
    let (why, ..) = receipt(&world, id).await;
    assert_eq!(why, CloseReason::Finished);
}
