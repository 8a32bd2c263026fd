//! Templates that buyers save for themselves.

use domain::templates::TemplateId;

use super::{Visitor, ask, visitor, words, world};
use crate::usecases::{
    Request, delete_template, describe, list_templates, open_template, rename_template,
    save_template,
};

fn own(id: &TemplateId) -> domain::ids::OwnTemplateId {
    match id {
        TemplateId::Own(id) => *id,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_draft_is_kept_named_used_renamed_and_deleted_by_its_owner() {
    let world = world().await;
    let owner = visitor(&world).await;
    let (_, order) = ask(&world, &owner, words("a redis cache with 2 GB for 3 hours")).await;
    let id = save_template(&world.backend, &owner, order.id, "  Our   cache ")
        .await
        .unwrap();
    let shelf = list_templates(&world.backend, &owner).await.unwrap();
    assert_eq!(
        (shelf.cards[0].id.clone(), shelf.cards[0].title.as_str()),
        (id.clone(), "Our cache")
    );

    let (_, again) = ask(&world, &owner, Request::Template(id.clone())).await;
    assert_eq!(again.sdl, order.sdl);
    assert_eq!(again.name, "Our cache");
    let hours = again.state.quote().unwrap().duration.0;
    assert_eq!(hours, 3 * 3600);

    rename_template(&world.backend, &owner, own(&id), "Their cache")
        .await
        .unwrap();
    let page = open_template(&world.backend, &owner, &id).await.unwrap();
    assert_eq!(page.card.title, "Their cache");
    delete_template(&world.backend, &owner, own(&id))
        .await
        .unwrap();
    let gone = open_template(&world.backend, &owner, &id)
        .await
        .unwrap_err();
    assert_eq!(gone.status(), 404);
    let shelf = list_templates(&world.backend, &owner).await.unwrap();
    assert!(
        shelf
            .cards
            .iter()
            .all(domain::templates::TemplateCard::is_core)
    );
}

#[tokio::test]
async fn nobody_else_sees_uses_renames_or_deletes_it() {
    let world = world().await;
    let owner = visitor(&world).await;
    let stranger = visitor(&world).await;
    let (_, order) = ask(&world, &owner, words("a redis cache for 3 hours")).await;
    let stolen = save_template(&world.backend, &stranger, order.id, "Mine")
        .await
        .unwrap_err();
    assert_eq!(stolen.status(), 404);
    let id = save_template(&world.backend, &owner, order.id, "Ours")
        .await
        .unwrap();
    let says = "There is no such template among yours. If you saved it with a wallet, sign in with that wallet.";
    let opened = open_template(&world.backend, &stranger, &id)
        .await
        .unwrap_err();
    assert_eq!((opened.status(), opened.to_string().as_str()), (404, says));
    assert!(
        describe(&world.backend, &stranger, Request::Template(id.clone()))
            .await
            .is_err()
    );
    let renamed = rename_template(&world.backend, &stranger, own(&id), "Mine").await;
    assert_eq!(renamed.unwrap_err().status(), 404);
    let deleted = delete_template(&world.backend, &stranger, own(&id)).await;
    assert_eq!(deleted.unwrap_err().status(), 404);
    let theirs = list_templates(&world.backend, &stranger).await.unwrap();
    assert_eq!(theirs.cards.len(), 9);
    assert_eq!(
        open_template(&world.backend, &owner, &id)
            .await
            .unwrap()
            .card
            .title,
        "Ours"
    );
}

#[tokio::test]
async fn a_template_follows_the_wallet_it_was_saved_with() {
    let world = world().await;
    let buyer = world.buyer();
    let (_, order) = ask(&world, &buyer, words("a redis cache for 3 hours")).await;
    let id = save_template(&world.backend, &buyer, order.id, "Ours")
        .await
        .unwrap();
    let elsewhere = Visitor {
        address: buyer.address,
        ..visitor(&world).await
    };
    assert!(open_template(&world.backend, &elsewhere, &id).await.is_ok());
}

#[tokio::test]
async fn a_template_wants_a_name() {
    let world = world().await;
    let owner = visitor(&world).await;
    let (_, order) = ask(&world, &owner, words("a redis cache for 3 hours")).await;
    for name in ["", "   ", &"n".repeat(61), "a\u{7}b"] {
        let refused = save_template(&world.backend, &owner, order.id, name)
            .await
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "Give the template a name of one to 60 characters."
        );
    }
}
