//! Requests that cannot be quoted, and the messages for them.

use domain::deployment::State;
use domain::journey::{RequestLine, ThinkingKind};
use domain::requirements::Wish;
use domain::resources::{GpuRequest, GpuVendor};
use domain::time::Seconds;

use super::{ask, asked, has_step, quote_of, refusal_of, visitor, words, world};
use crate::ports::MarketError;
use crate::usecases::{Request, change_wish, describe, list_orders, requote};

fn titles(view: &domain::journey::OrderView) -> Vec<(&str, u32)> {
    let relaxations = &view.refusal.as_ref().unwrap().relaxations;
    relaxations
        .iter()
        .map(|relaxation| (relaxation.title.as_str(), relaxation.providers))
        .collect()
}

#[tokio::test]
async fn nobody_in_the_region_means_no_price_and_a_way_out_that_works() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, words("a redis cache in europe")).await;
    assert_eq!(
        refusal_of(&view),
        "No provider can host this right now, so nothing was charged. Relax a constraint and try again."
    );
    assert_eq!(titles(&view), [("Any region", 2)]);
    assert_eq!(view.market.as_ref().unwrap().screened_providers, 0);
    assert!(has_step(
        &view,
        ThinkingKind::Screened,
        "No audited provider"
    ));
    assert!(!view.sdl.is_empty(), "the draft is kept");
    let relaxed = view.refusal.unwrap().relaxations.remove(0).wish;
    let view = change_wish(&world.backend, &visitor, view.id, relaxed)
        .await
        .unwrap();
    quote_of(&view);
    assert_eq!(view.refusal, None);
}

#[tokio::test]
async fn suggestions_are_what_the_market_can_host_the_most_first() {
    let world = world().await;
    world.market.script(|script| {
        script.hosts = |groups| groups[0].resources[0].gpu.units <= 1;
    });
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, words("4x H100 for 2 hours of training")).await;
    assert_eq!(titles(&view), [("1 GPU instead of 4", 2)]);
    world.market.script(|script| {
        script.hosts = |groups| {
            let gpu = &groups[0].resources[0].gpu;
            gpu.units <= 2 && !gpu.models().any(|card| card.model == "h100") || gpu.units <= 1
        };
    });
    let view = requote(&world.backend, &visitor, view.id).await.unwrap();
    assert_eq!(titles(&view), [("1 GPU instead of 4", 2)]);
    world.market.script(|script| {
        script.hosts = |groups| {
            let gpu = &groups[0].resources[0].gpu;
            !gpu.models().any(|card| card.model == "h100") || gpu.units <= 2
        };
    });
    let view = requote(&world.backend, &visitor, view.id).await.unwrap();
    assert_eq!(
        titles(&view),
        [
            ("Any GPU with at least 80 GiB instead of h100", 2),
            ("2 GPUs instead of 4", 2)
        ]
    );
}

#[tokio::test]
async fn unaudited_providers_do_not_count() {
    let world = world().await;
    world.market.script(|script| {
        for provider in &mut script.screened {
            provider.audited = false;
        }
    });
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, words("a redis cache")).await;
    assert!(refusal_of(&view).starts_with("No provider can host this"));
}

#[tokio::test]
async fn a_gpu_without_a_price_is_named_and_another_one_suggested() {
    let world = world().await;
    world.market.script(|script| {
        script.gpu_prices[0].median = None;
    });
    let visitor = visitor(&world).await;
    let view = asked(&world, &visitor, words("1x H100 for training, 2 hours")).await;
    assert_eq!(
        refusal_of(&view),
        "The market has no current price for 1 × h100. Choose another GPU or try again in a few minutes."
    );
    assert_eq!(
        titles(&view),
        [("Any GPU with at least 80 GiB instead of h100", 2)]
    );
}

#[tokio::test]
async fn what_akash_cannot_run_is_said_with_what_it_can() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let wish = Wish {
        gpu: Some(GpuRequest {
            vendor: Some(GpuVendor::Amd),
            model: None,
            count: 1,
            vram_gib: None,
            interface: None,
        }),
        ..Wish::default()
    };
    let view = asked(&world, &visitor, Request::Form(wish)).await;
    assert!(refusal_of(&view).contains("NVIDIA GPUs only"));
    assert_eq!(titles(&view), [("Any vendor, not only amd", 2)]);
    assert_eq!(world.market.count("create"), 0);
}

#[tokio::test]
async fn a_limit_below_the_usual_price_is_explained_and_can_be_dropped() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let request = words("one H100 for 5 hours of training, no more than $0.50 per gpu hour");
    let view = asked(&world, &visitor, request).await;
    assert_eq!(
        refusal_of(&view),
        "Your limit of $0.50 for one GPU and hour is below the expected $2.00. Raise the limit or choose another GPU."
    );
    assert_eq!(titles(&view), [("Without the limit for one GPU", 2)]);
    let relaxed = view.refusal.unwrap().relaxations.remove(0).wish;
    let view = change_wish(&world.backend, &visitor, view.id, relaxed)
        .await
        .unwrap();
    quote_of(&view);
}

#[tokio::test]
async fn a_budget_that_does_not_last_offers_the_time_that_it_does() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let request = words("one H100 for training, 10 hours, budget $5 total");
    let view = asked(&world, &visitor, request).await;
    assert!(refusal_of(&view).starts_with("$5.00 lasts about 2 h"));
    let offered = titles(&view);
    assert_eq!(offered.len(), 2, "{offered:?}");
    assert!(offered[0].0.starts_with("Run it for 2 h"), "{offered:?}");
    assert_eq!(offered[1].0, "Without the budget of $5.00");
    let shorter = view.refusal.unwrap().relaxations.remove(0).wish;
    let view = change_wish(&world.backend, &visitor, view.id, shorter)
        .await
        .unwrap();
    let quote = quote_of(&view);
    assert!(quote.deposit.micros() <= 5_000_000, "{}", quote.deposit);
}

#[tokio::test]
async fn a_silent_market_is_unknown_not_refused_and_the_draft_is_kept() {
    let down = || MarketError::Unavailable("connection refused".to_owned());
    for call in ["gpu_prices", "compute_price", "screen"] {
        let world = world().await;
        let visitor = visitor(&world).await;
        world.market.fail(call, down());
        let request = words("one RTX 4090 for training, 3 hours");
        let (lines, view) = ask(&world, &visitor, request).await;
        assert_eq!(lines.last(), Some(&RequestLine::Done), "{call}");
        assert_eq!(view.state, State::Drafted, "{call}");
        assert_eq!(view.refusal, None, "{call}");
        assert_eq!(view.market, None, "{call}");
        assert_eq!(
            view.notice.as_deref(),
            Some(
                "Akash does not answer, so there is no price yet. Your draft is kept; ask for the price again in a moment."
            )
        );
        assert!(view.sdl.contains("rtx4090"), "{call}");
        let view = requote(&world.backend, &visitor, view.id).await.unwrap();
        assert_eq!(quote_of(&view).duration, Seconds::hours(3));
        assert_eq!(view.notice, None);
    }
}

#[tokio::test]
async fn what_the_market_refuses_is_refused_in_its_words() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let message = "price.amount must be a whole number".to_owned();
    world
        .market
        .fail("screen", MarketError::Refused { message });
    let view = asked(&world, &visitor, words("a redis cache")).await;
    assert_eq!(
        refusal_of(&view),
        "Akash refuses this: price.amount must be a whole number"
    );
    assert_eq!(view.notice, None);
}

#[tokio::test]
async fn a_price_in_hand_survives_a_market_that_falls_silent() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let before = asked(&world, &visitor, words("a redis cache")).await;
    world
        .market
        .fail("screen", MarketError::RateLimited { retry_after: None });
    let after = requote(&world.backend, &visitor, before.id).await.unwrap();
    assert_eq!(quote_of(&after), quote_of(&before));
    assert_eq!((&after.sdl, &after.market), (&before.sdl, &before.market));
    assert!(after.notice.unwrap().contains("slow down"));
}

#[tokio::test]
async fn what_is_no_request_is_asked_back() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let (lines, view) = ask(&world, &visitor, words("hello")).await;
    let Some(RequestLine::Refused { message }) = lines.last() else {
        panic!("{lines:?}");
    };
    assert!(message.contains("What should run"), "{message}");
    assert_eq!(refusal_of(&view), message);
    assert_eq!(view.sentence.as_deref(), Some("hello"));
    assert!(has_step(&view, ThinkingKind::Asked, "What should run"));
    assert_eq!(world.market.count("compute_price"), 0);
}

#[tokio::test]
async fn what_no_provider_can_serve_is_refused_with_the_range() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let (lines, view) = ask(&world, &visitor, words("a redis cache with 4000 vCPU")).await;
    let sentence = "CPU must be between 0.01 vCPU and 384 vCPU; you asked for 4000 vCPU.";
    assert_eq!(refusal_of(&view), sentence);
    assert_eq!(
        lines.last(),
        Some(&RequestLine::Refused {
            message: sentence.to_owned()
        })
    );
}

#[tokio::test]
async fn what_cannot_be_read_at_all_leaves_nothing_behind() {
    let world = world().await;
    let visitor = visitor(&world).await;
    let sdl = |text: String| Request::Sdl {
        text,
        duration: None,
    };
    let cases = [
        (words("  \n"), "Say what you want to run"),
        (
            words(&"a".repeat(2001)),
            "2001 characters, and at most 2000 fit",
        ),
        (Request::Form(Wish::default()), "Fill in at least one field"),
        (sdl(String::new()), "The SDL is empty"),
        (
            sdl("#".repeat(256 * 1024 + 1)),
            "257 KiB, and at most 256 KiB are taken",
        ),
        (
            Request::Sdl {
                text: "version: \"2.0\"".to_owned(),
                duration: Some(Seconds(1)),
            },
            "Duration must be between 5 minutes and 366 days",
        ),
    ];
    for (request, sentence) in cases {
        let error = match describe(&world.backend, &visitor, request).await {
            Ok(_) => panic!("accepted instead of “{sentence}”"),
            Err(error) => error,
        };
        assert_eq!(error.status(), 422);
        assert!(error.to_string().contains(sentence), "{error}");
    }
    let orders = list_orders(&world.backend, &visitor).await.unwrap();
    assert!(orders.orders.is_empty(), "{orders:?}");
}
