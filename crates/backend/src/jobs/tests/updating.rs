//! Updates of a running deployment: sent once, and reported in the end, whatever Akash answers.

use domain::deployment::Acceptance;
use domain::ids::{Hash32, OrderId};
use domain::journey::SdlSource;

use crate::error::UsecaseError;
use crate::fakes::World;
use crate::fakes::world::SDL;
use crate::ports::{Clock as _, MarketError};
use crate::usecases::update_deployment;

fn newer() -> String {
    SDL.replace("nginx:1.27", "nginx:1.28")
}

/// Returns Akash's version of this text.
fn version(text: &str) -> Option<Hash32> {
    let derived = sdl::derive(text, sdl::Dialect::Console).unwrap();
    Some(Hash32::from_bytes(derived.manifest.hash()))
}

async fn running(world: &World) -> OrderId {
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    id
}

async fn send(world: &World, id: OrderId, text: String) -> Result<(), UsecaseError> {
    let order = update_deployment(&world.backend, &world.buyer(), id, text).await?;
    assert!(order.state.updating().is_some());
    Ok(())
}

/// Returns the titles of the notifications about updates.
async fn told(world: &World, id: OrderId) -> Vec<String> {
    let timeline = world.order(id).await.timeline;
    let updates = timeline
        .into_iter()
        .filter(|one| one.event.starts_with("update"));
    updates.map(|one| one.title).collect()
}

#[tokio::test]
async fn an_update_runs_under_the_same_lease() {
    let world = World::new().await;
    let id = running(&world).await;
    let before = world.state(id).await;
    send(&world, id, newer()).await.unwrap();
    assert_eq!(
        world.order(id).await.sdl,
        SDL,
        "nothing is deployed by asking"
    );
    world.work().await;
    let order = world.order(id).await;
    assert_eq!(order.sdl, newer(), "the deployed version");
    assert_eq!(order.sdl_source, SdlSource::Edited);
    assert_eq!(order.state.running(), before.running());
    assert_eq!(world.market.versions(), (version(&newer()), 2));
    assert_eq!(
        told(&world, id).await,
        ["Updating: image of web.", "Updated: image of web."]
    );
    world.pass(300).await;
    assert_eq!(world.market.count("update"), 1);
    assert_eq!(world.market.created(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_the_version_and_nothing_changes_twice() {
    let world = World::new().await;
    let id = running(&world).await;
    world
        .market
        .script(|script| script.lose_update_answers = true);
    send(&world, id, newer()).await.unwrap();
    world.work().await;
    assert!(
        world.state(id).await.updating().is_some(),
        "unknown is not done"
    );
    world
        .market
        .script(|script| script.lose_update_answers = false);
    world.pass(10).await;
    assert_eq!(world.order(id).await.sdl, newer());
    assert_eq!(world.market.versions(), (version(&newer()), 2));
}

#[tokio::test]
async fn a_call_that_may_still_land_is_not_made_again_before_it_cannot() {
    let world = World::new().await;
    let id = running(&world).await;
    world.market.fail(
        "update",
        MarketError::Ambiguous("the connection broke".to_owned()),
    );
    send(&world, id, newer()).await.unwrap();
    world.pass(100).await;
    assert_eq!(world.market.count("update"), 1);
    world.pass(40).await;
    assert_eq!(world.market.count("update"), 2);
    assert_eq!(world.order(id).await.sdl, newer());
}

#[tokio::test]
async fn a_call_that_was_never_made_is_made_again_soon() {
    let world = World::new().await;
    let id = running(&world).await;
    let busy = MarketError::RateLimited { retry_after: None };
    world.market.fail("update", busy);
    send(&world, id, newer()).await.unwrap();
    world.pass(10).await;
    assert_eq!(world.order(id).await.sdl, newer());
}

#[tokio::test]
async fn a_refused_update_is_told_and_what_ran_before_runs_on() {
    let world = World::new().await;
    let id = running(&world).await;
    let message = "invalid deployment version".to_owned();
    world
        .market
        .fail("update", MarketError::Refused { message });
    send(&world, id, newer()).await.unwrap();
    world.work().await;
    let order = world.order(id).await;
    assert_eq!((order.state.updating(), order.sdl.as_str()), (None, SDL));
    let last = order.timeline.last().unwrap();
    assert_eq!(
        last.title,
        "The update was not taken; what ran before runs on."
    );
    assert_eq!(
        last.detail.as_deref(),
        Some("Akash refused it: invalid deployment version")
    );
    assert_eq!(world.market.versions(), (version(SDL), 1));
    // The next update is a new attempt.
    send(&world, id, newer()).await.unwrap();
    world.work().await;
    assert_eq!(world.order(id).await.sdl, newer());
}

#[tokio::test]
async fn what_only_the_provider_refused_is_taken_back_on_akash() {
    let world = World::new().await;
    let id = running(&world).await;
    world
        .market
        .script(|script| script.providers_refuse_updates = true);
    send(&world, id, newer()).await.unwrap();
    world.work().await;
    let order = world.order(id).await;
    assert_eq!((order.state.updating(), order.sdl.as_str()), (None, SDL));
    assert_eq!(
        world.market.versions(),
        (version(SDL), 1),
        "declared is what runs"
    );
}

#[tokio::test]
async fn a_second_update_waits_for_the_first_and_a_held_deployment_takes_none() {
    let world = World::new().await;
    let id = running(&world).await;
    send(&world, id, newer()).await.unwrap();
    // Sent twice, or from two tabs: the same update counts once.
    send(&world, id, newer()).await.unwrap();
    assert_eq!(told(&world, id).await, ["Updating: image of web."]);
    let second = send(&world, id, SDL.replace("1.27", "1.29"))
        .await
        .unwrap_err();
    assert_eq!(
        second.to_string(),
        "An update is on its way. Send the next one when it is done."
    );
    hold(&world, id).await;
    world.work().await;
    let last = world.order(id).await.timeline.pop().unwrap();
    assert_eq!(
        last.event, "update_refused",
        "it was not sent yet: {last:?}"
    );
    assert_eq!(world.market.count("update"), 0);
    let held = send(&world, id, newer()).await.unwrap_err();
    assert_eq!(
        held.to_string(),
        "A payment failed, so this deployment is on hold and takes no updates. Add money first."
    );
}

/// Makes a payment fail before the job gets to the update.
async fn hold(world: &World, id: OrderId) {
    let at = world.clock.now();
    let reason = "The chain refused your top-up.".to_owned();
    let failed = domain::deployment::Event::PaymentFailed { at, reason };
    crate::orders::changes::edit(&world.backend, id, |_| Ok(vec![failed.clone()]))
        .await
        .unwrap();
}

#[tokio::test]
async fn only_the_owner_of_what_runs_updates_it_and_only_within_its_lease() {
    let world = World::new().await;
    let draft = world.quoted(1).await;
    let early = send(&world, draft, newer()).await.unwrap_err();
    assert_eq!(early.to_string(), "Only what runs can be updated.");
    let id = running(&world).await;
    let strange = update_deployment(&world.backend, &world.stranger(), id, newer()).await;
    assert!(matches!(strange, Err(UsecaseError::NotFound)));
    let larger = send(&world, id, SDL.replace("512Mi", "1Gi"))
        .await
        .unwrap_err();
    assert!(matches!(larger, UsecaseError::Invalid(_)));
    assert!(
        larger
            .to_string()
            .starts_with("“memory” of web cannot change while it runs")
    );
    let faulty = send(&world, id, SDL.replace("units: 0.5", "units: 5000"))
        .await
        .unwrap_err();
    assert!(
        faulty
            .to_string()
            .starts_with("The SDL has a fault in line"),
        "{faulty}"
    );
    let same = send(&world, id, format!("{SDL}# mine\n"))
        .await
        .unwrap_err();
    assert_eq!(
        same.to_string(),
        "Nothing to update: this text comes to what runs already."
    );
    world.work().await;
    assert_eq!(world.market.count("update"), 0);
}

#[tokio::test]
async fn closing_does_not_wait_for_an_update() {
    let world = World::new().await;
    let id = running(&world).await;
    world
        .market
        .fail("update", MarketError::Ambiguous("silence".to_owned()));
    send(&world, id, newer()).await.unwrap();
    world.work().await;
    crate::usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.until(id, "settled", 60).await;
    assert_eq!(world.market.open(), 0);
}
