//! Changing a draft: chips, the editor, a new price, and the moment after which it is fixed.

use std::time::Duration;

use domain::deployment::{Acceptance, State};
use domain::ids::{Address, Hash32};
use domain::journey::{DepositPlan, OrderView, SdlSource, ThinkingKind};
use domain::requirements::Wish;
use domain::time::Seconds;

use super::{asked, has_step, quote_of, refusal_of, visitor, words, world};
use crate::drafting::{Thoughts, run_round};
use crate::fakes::World;
use crate::orders::changes;
use crate::usecases::{
    change_wish, prepare_deposit, report_transaction, requote, save_sdl, show_order,
};
use crate::{UsecaseError, Visitor};

const BUYER: Address = Address::from_bytes([0xbb; 20]);

async fn signed_in(world: &World) -> Visitor {
    Visitor {
        address: Some(BUYER),
        ..visitor(world).await
    }
}

/// Prepares the deposit for the text that `view` shows.
async fn prepare(
    world: &World,
    visitor: &Visitor,
    view: &OrderView,
) -> Result<DepositPlan, UsecaseError> {
    let text = sdl::text_hash(view.shown_sdl());
    prepare_deposit(&world.backend, visitor, view.id, text, Acceptance::Manual).await
}

fn changed(view: &OrderView, change: impl FnOnce(&mut Wish)) -> Wish {
    let mut wish = view.wish.clone();
    change(&mut wish);
    wish
}

#[tokio::test]
async fn a_changed_wish_is_drafted_and_priced_anew() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(
        &world,
        &visitor,
        words("one RTX 4090 for training, 3 hours"),
    )
    .await;
    let wish = changed(&before, |wish| wish.gpu.as_mut().unwrap().count = 2);
    let after = change_wish(&world.backend, &visitor, before.id, wish)
        .await
        .unwrap();
    assert_eq!(quote_of(&after).lines[0].what, "2 × rtx4090");
    assert_ne!(after.sdl, before.sdl);
    assert_eq!(after.sdl_source, SdlSource::Generated);
    assert!(has_step(&after, ThinkingKind::Understood, "You changed"));
    let events: Vec<_> = after.timeline.iter().map(|e| e.event.as_str()).collect();
    assert_eq!(events, ["quoted", "draft_changed", "quoted"]);
}

#[tokio::test]
async fn a_wish_that_nothing_can_run_changes_nothing() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(&world, &visitor, words("a redis cache")).await;
    let wish = changed(&before, |wish| wish.duration = Some(Seconds(1)));
    let error = change_wish(&world.backend, &visitor, before.id, wish)
        .await
        .unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().starts_with("Duration must be"), "{error}");
    let after = show_order(&world.backend, &visitor, before.id)
        .await
        .unwrap();
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_edited_sdl_is_the_buyer_s_and_stays_so() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(&world, &visitor, words("a redis cache for 4 hours")).await;
    let text = format!("{}\n# mine\n", before.sdl.trim_end());
    let edited = save_sdl(&world.backend, &visitor, before.id, text.clone())
        .await
        .unwrap();
    assert_eq!(edited.sdl_source, SdlSource::Edited);
    assert_eq!(quote_of(&edited).duration, Seconds::hours(4));
    assert_eq!(edited.requirements, before.requirements);
    let wish = changed(&edited, |wish| wish.duration = Some(Seconds::hours(8)));
    let longer = change_wish(&world.backend, &visitor, before.id, wish)
        .await
        .unwrap();
    assert_eq!(
        longer.sdl, text,
        "a change of the wish does not overwrite it"
    );
    assert_eq!(quote_of(&longer).duration, Seconds::hours(8));
    assert!(has_step(
        &longer,
        ThinkingKind::Drafted,
        "Your own SDL is kept"
    ));
}

#[tokio::test]
async fn a_fault_typed_into_the_sdl_takes_the_price_away() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(&world, &visitor, words("a redis cache")).await;
    let text = before.sdl.replace("services:", "servces:");
    let faulty = save_sdl(&world.backend, &visitor, before.id, text.clone())
        .await
        .unwrap();
    assert!(refusal_of(&faulty).starts_with("The SDL has"));
    assert_eq!((faulty.sdl, faulty.market), (text, None));
    let mended = save_sdl(&world.backend, &visitor, before.id, before.sdl.clone())
        .await
        .unwrap();
    assert_eq!(
        quote_of(&mended).cap_per_block,
        quote_of(&before).cap_per_block
    );
}

#[tokio::test]
async fn saving_the_same_text_keeps_the_price() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(&world, &visitor, words("a redis cache")).await;
    world.clock.advance(Duration::from_secs(60));
    let after = save_sdl(&world.backend, &visitor, before.id, before.sdl.clone())
        .await
        .unwrap();
    assert_eq!(quote_of(&after), quote_of(&before));
    assert_eq!(after.sdl_source, SdlSource::Generated);
}

#[tokio::test]
async fn asking_again_makes_a_fresh_price() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(&world, &visitor, words("a redis cache")).await;
    world.clock.advance(Duration::from_secs(120));
    let after = requote(&world.backend, &visitor, before.id).await.unwrap();
    let (old, new) = (quote_of(&before), quote_of(&after));
    assert_eq!(new.quoted_at, old.quoted_at.after(Seconds(120)));
    assert_eq!(new.cap_per_block, old.cap_per_block);
    let understood = |view: &OrderView| {
        let steps = view.steps.iter();
        steps
            .filter(|step| step.kind == ThinkingKind::Understood)
            .count()
    };
    assert_eq!(understood(&after), understood(&before));
}

#[tokio::test]
async fn a_change_of_the_buyer_s_wins_over_a_price_that_comes_late() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, words("a redis cache")).await;
    let stale = changes::owned(&world.backend, &visitor, view.id)
        .await
        .unwrap();
    let wish = changed(&view, |wish| wish.replicas = Some(5));
    let newer = change_wish(&world.backend, &visitor, view.id, wish)
        .await
        .unwrap();
    let mut thoughts = Thoughts::unheard(world.backend.ports().clock.clone());
    run_round(&world.backend, &stale, &mut thoughts)
        .await
        .unwrap();
    let after = show_order(&world.backend, &visitor, view.id).await.unwrap();
    assert_eq!(after, newer);
}

#[tokio::test]
async fn a_deposit_that_was_only_prepared_can_be_taken_back_by_changing_the_draft() {
    let world = world().await;
    let visitor = signed_in(&world).await;
    let view = asked(&world, &visitor, words("a redis cache")).await;
    prepare(&world, &visitor, &view).await.unwrap();
    let wish = changed(&view, |wish| wish.replicas = Some(2));
    let view = change_wish(&world.backend, &visitor, view.id, wish)
        .await
        .unwrap();
    quote_of(&view);
}

#[tokio::test]
async fn a_deposit_on_its_way_holds_the_draft() {
    let world = world().await;
    let visitor = signed_in(&world).await;
    let backend = &world.backend;
    let view = asked(&world, &visitor, words("a redis cache")).await;
    prepare(&world, &visitor, &view).await.unwrap();
    let tx = Hash32::from_bytes([3; 32]);
    report_transaction(backend, &visitor, view.id, "fund".to_owned(), tx)
        .await
        .unwrap();
    let text = view.sdl.replace("redis", "rediss");
    let tried = [
        requote(backend, &visitor, view.id).await.unwrap_err(),
        save_sdl(backend, &visitor, view.id, text)
            .await
            .unwrap_err(),
        change_wish(backend, &visitor, view.id, view.wish.clone())
            .await
            .unwrap_err(),
    ];
    for error in tried {
        assert_eq!(error.status(), 409, "{error:?}");
        assert!(error.to_string().contains("on its way"), "{error}");
    }
    let after = show_order(backend, &visitor, view.id).await.unwrap();
    assert!(matches!(after.state, State::AwaitingDeposit { .. }));
    assert_eq!(after.sdl, view.sdl);
}

#[tokio::test]
async fn a_deposit_that_is_on_chain_unreported_holds_the_draft_as_well() {
    let world = world().await;
    let visitor = signed_in(&world).await;
    let view = asked(&world, &visitor, words("a redis cache")).await;
    let plan = prepare(&world, &visitor, &view).await.unwrap();
    world.chain.fund(&plan.terms);
    let error = requote(&world.backend, &visitor, view.id)
        .await
        .unwrap_err();
    assert_eq!(error.status(), 409, "{error:?}");
}
