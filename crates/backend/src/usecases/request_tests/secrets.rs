//! Guessable passwords never reach the internet.

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use domain::journey::{OrderView, SdlSource};
use domain::requirements::{Template, Wish};
use domain::time::Seconds;

use super::{ask, asked, visitor, words, world};
use crate::Visitor;
use crate::error::UsecaseError;
use crate::fakes::World;
use crate::fakes::world::SDL;
use crate::orders::changes;
use crate::usecases::{
    Request, change_wish, generate_secrets, prepare_deposit, redeploy, save_sdl, show_order,
    update_deployment,
};

/// The fake's SDL with one more variable.
fn with_variable(variable: &str) -> String {
    SDL.replace(
        "    image: nginx:1.27\n",
        &format!("    image: nginx:1.27\n    env:\n      - {variable}\n"),
    )
}

fn secret_of(view: &OrderView) -> String {
    let secrets = sdl::secrets::secrets(&view.sdl);
    let [secret] = secrets.as_slice() else {
        panic!("one secret: {secrets:?}\n{}", view.sdl);
    };
    assert_eq!(secret.weakness, None);
    secret.value.clone()
}

async fn refused(world: &World, visitor: &Visitor, id: OrderId) -> String {
    let shown = show_order(&world.backend, visitor, id).await.unwrap();
    let text = sdl::text_hash(&shown.sdl);
    let refused = prepare_deposit(&world.backend, visitor, id, text, Acceptance::Manual).await;
    match refused {
        Err(UsecaseError::Conflict(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_order_s_drafts_carry_one_secret_of_their_own() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let first = asked(&world, &visitor, words("a redis for 2 hours")).await;
    let secret = secret_of(&first);
    let longer = Wish {
        duration: Some(Seconds::hours(9)),
        ..first.wish.clone()
    };
    let changed = change_wish(&world.backend, &visitor, first.id, longer)
        .await
        .unwrap();
    assert_eq!(secret_of(&changed), secret, "once per order");
    let (_, second) = ask(
        &world,
        &visitor,
        Request::Template("redis".parse().unwrap()),
    )
    .await;
    assert_ne!(secret_of(&second), secret);
    assert_eq!(second.sdl_source, SdlSource::Generated);
}

#[tokio::test]
async fn a_draft_without_a_price_has_its_secret_as_well() {
    let world = world().await;
    let visitor = visitor(&world).await;
    world.market.script(|script| script.screened.clear());
    let view = asked(&world, &visitor, words("postgres for 2 hours")).await;
    secret_of(&view);
}

#[tokio::test]
async fn a_guessable_secret_is_not_paid_for_until_it_is_changed() {
    let world = World::new().await;
    let buyer = world.buyer();
    let id = world.quoted(1).await;
    let text = with_variable("ADMIN_PASSWORD=changeme");
    let view = save_sdl(&world.backend, &buyer, id, text).await.unwrap();
    assert_eq!(
        view.state.name(),
        "quoted",
        "it has its price: {:?}",
        view.refusal
    );
    let why = refused(&world, &buyer, id).await;
    assert!(why.contains("Anyone can guess ADMIN_PASSWORD"), "{why}");
    assert!(why.contains("Generate a secret or write your own"), "{why}");
    let filled = generate_secrets(&world.backend, view.sdl).unwrap();
    let view = save_sdl(&world.backend, &buyer, id, filled).await.unwrap();
    secret_of(&view);
    world.prepare(id, Acceptance::Manual).await;
}

#[tokio::test]
async fn what_runs_is_not_given_a_guessable_secret_either() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    let text = with_variable("ADMIN_PASSWORD=admin");
    let refused = update_deployment(&world.backend, &world.buyer(), id, text).await;
    assert!(
        matches!(&refused, Err(UsecaseError::Conflict(why)) if why.contains("ADMIN_PASSWORD")),
        "{refused:?}"
    );
    let text = with_variable("ADMIN_PASSWORD=k3Vq9sXhn7m2pq");
    update_deployment(&world.backend, &world.buyer(), id, text)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_ordered_again_gets_a_secret_of_its_own() {
    let world = world().await;
    let buyer = world.buyer();
    let view = asked(&world, &buyer, words("a redis for 2 hours")).await;
    assert_eq!(view.wish.template, Some(Template::Redis));
    changes::edit(&world.backend, view.id, |_| {
        Ok(vec![domain::deployment::Event::Abandoned {
            why: "a test".to_owned(),
        }])
    })
    .await
    .unwrap();
    let again = redeploy(&world.backend, &buyer, view.id).await.unwrap();
    assert_ne!(secret_of(&again), secret_of(&view));
}
