//! An update that Akash has accepted and the provider has not received.

use domain::deployment::Acceptance;
use domain::ids::{Hash32, OrderId};

use crate::fakes::World;
use crate::fakes::world::SDL;
use crate::usecases::update_deployment;

fn newer() -> String {
    SDL.replace("nginx:1.27", "nginx:1.28")
}

async fn send(world: &World, id: OrderId) {
    update_deployment(&world.backend, &world.buyer(), id, newer())
        .await
        .unwrap();
}

async fn told(world: &World, id: OrderId) -> Vec<String> {
    let timeline = world.order(id).await.timeline;
    let updates = timeline
        .into_iter()
        .filter(|one| one.event.starts_with("update"));
    updates.map(|one| one.event).collect()
}

#[tokio::test]
async fn a_declared_update_is_handed_over_until_the_provider_takes_it() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world
        .market
        .script(|script| script.providers_take_no_updates = true);
    send(&world, id).await;
    world.pass(90).await;
    let version = sdl::derive(&newer(), sdl::Dialect::Console)
        .unwrap()
        .manifest
        .hash();
    let version = Some(Hash32::from_bytes(version));
    assert_eq!(world.market.versions(), (version, 1), "declared, not run");
    let waiting = world.order(id).await;
    assert!(waiting.state.updating().is_some(), "not called done");
    assert_eq!(waiting.sdl, SDL, "nor shown as what runs");
    assert_eq!(
        waiting.notice.as_deref(),
        Some("The provider has not confirmed the update yet; we hand it over again.")
    );
    let handed_over = world.market.count("update");
    assert!(handed_over > 2, "{handed_over}");

    // The same text sent again, because it seems not to have worked, is the same update.
    send(&world, id).await;
    assert_eq!(told(&world, id).await, ["update_requested"]);
    world
        .market
        .script(|script| script.providers_take_no_updates = false);
    world.pass(300).await;
    let order = world.order(id).await;
    assert_eq!((order.state.updating(), order.sdl), (None, newer()));
    assert_eq!(order.notice, None);
    assert_eq!(world.market.versions(), (version, 2));
    assert_eq!(told(&world, id).await, ["update_requested", "updated"]);
    let calls = world.market.count("update");
    world.pass(600).await;
    assert_eq!(world.market.count("update"), calls, "once taken, no more");
}
