//! From a template to a draft.

use domain::journey::SdlSource;
use domain::requirements::{Template, Wish};
use domain::resources::GpuRequest;
use domain::templates::{TemplateCost, TemplateId};
use domain::time::Seconds;

use super::{ask, asked, order_changes, quote_of, visitor, world};
use crate::usecases::{Request, describe, list_templates, open_template};

fn id(text: &str) -> TemplateId {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_built_in_template_is_drafted_from_a_wish_so_that_every_field_stays_open() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let (_, order) = ask(&world, &visitor, Request::Template(id("postgres"))).await;
    assert_eq!(order.wish.template, Some(Template::Postgres));
    assert_eq!(order.sdl_source, SdlSource::Generated);
    assert!(order.state.quote().is_some(), "{order:?}");
    let began = order.template.unwrap();
    assert_eq!(
        (began.id, began.title.as_str()),
        (id("postgres"), "PostgreSQL")
    );
}

#[tokio::test]
async fn a_variant_without_a_kind_of_its_own_is_drafted_from_its_document() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let (_, order) = ask(&world, &visitor, Request::Template(id("vue"))).await;
    assert_eq!(order.sdl_source, SdlSource::Imported);
    assert_eq!(order.name, "Vue");
    assert_eq!(order.sdl, sdl::templates::by_id("vue").unwrap().sdl());
    assert!(order.state.quote().is_some());
    let said = &order.steps[0].text;
    assert!(said.starts_with("The template “Vue” of "), "{said}");
}

#[tokio::test]
async fn every_built_in_template_opens_priced_and_without_a_fault() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let shelf = list_templates(&world.backend, &visitor).await.unwrap();
    assert_eq!(shelf.cards.len(), 9);
    for card in shelf.cards {
        let page = open_template(&world.backend, &visitor, &card.id)
            .await
            .unwrap();
        assert!(
            !page.remarks.iter().any(|remark| remark.is_fault),
            "{page:?}"
        );
        assert!(
            matches!(page.cost, TemplateCost::Typical { .. }),
            "{:?}",
            page.cost
        );
        assert_eq!(page.parts.len(), 1);
        assert_eq!(page.parts[0].ports.len(), 1);
        assert!(page.about.len() > 2 && page.origin.is_none());
    }
}

#[tokio::test]
async fn an_unknown_template_is_one_clear_sentence_and_no_order() {
    let world = world().await;
    let visitor = visitor(&world).await;
    for (name, says) in [
        (
            "nothing",
            "There is no template “nothing”. Choose one from the list of templates.",
        ),
        (
            "community:nothing",
            "There is no template “community:nothing”. Choose one from the list of templates.",
        ),
        (
            "own:00000000000000000000000000000000",
            "There is no such template among yours. If you saved it with a wallet, sign in with that wallet.",
        ),
    ] {
        let Err(error) = describe(&world.backend, &visitor, Request::Template(id(name))).await
        else {
            panic!("{name} made an order");
        };
        assert_eq!((error.status(), error.to_string().as_str()), (404, says));
    }
    let orders = crate::usecases::list_orders(&world.backend, &visitor)
        .await
        .unwrap();
    assert!(orders.orders.is_empty());
}

#[tokio::test]
async fn a_link_may_name_another_gpu_and_another_time_and_confirms_neither() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let wish = Wish {
        gpu: Some(GpuRequest {
            vendor: None,
            model: Some("h100".parse().unwrap()),
            count: 4,
            vram_gib: None,
            interface: None,
        }),
        duration: Some(Seconds::hours(3)),
        ..Wish::default()
    };
    let request = Request::TemplateAs(id("ml-training"), wish);
    let view = asked(&world, &visitor, request).await;
    assert_eq!(quote_of(&view).duration, Seconds::hours(3));
    assert!(view.sdl.contains("h100"), "{}", view.sdl);
    let stored = order_changes::owned(&world.backend, &visitor, view.id)
        .await
        .unwrap();
    assert!(!stored.confirmed.contains("gpu") && !stored.confirmed.contains("duration"));
}
