//! Every way of unwinding refunds unused money.

use domain::akash::ProviderFacts;
use domain::deployment::{Acceptance, CloseReason, State};
use domain::ids::OrderId;
use domain::money::{TokenAmount, UactPerBlock};
use domain::time::Seconds;

use super::journeys::receipt;
use crate::fakes::World;
use crate::fakes::market::provider;
use crate::jobs::sweep;
use crate::ports::{Clock as _, MarketError};
use crate::usecases;

#[tokio::test]
async fn without_bids_everything_goes_back() {
    let world = World::new().await;
    world.market.script(|script| script.bidders.clear());
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "settled", 400).await;
    let (why, released, refunded) = receipt(&world, id).await;
    assert_eq!(why, CloseReason::NoBids);
    assert_eq!(released, TokenAmount::ZERO);
    assert_eq!(refunded, world.state(id).await.paid().unwrap().total());
    let timeline = world.order(id).await.timeline;
    let closing = timeline
        .iter()
        .find(|entry| entry.state == "closing")
        .unwrap();
    assert_eq!(closing.title, "No provider bid in 5 minutes.");
    assert_eq!(
        closing.detail.as_deref(),
        Some("Nothing is charged; the whole deposit goes back to your wallet.")
    );
    assert_eq!(
        timeline.last().unwrap().title,
        "Settled. 0.1296 tUSDC is back in your wallet."
    );
}

#[tokio::test]
async fn a_buyer_who_picks_nothing_gets_everything_back() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Manual).await;
    world.until(id, "settled", 400).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!((why, released), (CloseReason::NotPicked, TokenAmount::ZERO));
}

#[tokio::test]
async fn bids_above_the_cap_are_never_taken_automatically() {
    let world = World::new().await;
    world.market.script(|script| {
        for (_, price) in &mut script.bidders {
            *price = UactPerBlock::from_whole(9_000);
        }
    });
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "settled", 400).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(
        why.sentence(),
        "No bid in 5 minutes was under your maximum of $0.1296 an hour."
    );
    assert_eq!(released, TokenAmount::ZERO);
}

#[tokio::test]
async fn a_lease_that_fails_costs_nothing() {
    let world = World::new().await;
    for _ in 0..100 {
        let why = "no manifest".to_owned();
        world
            .market
            .fail("lease", MarketError::ManifestNotDelivered(why));
    }
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "settled", 400).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(
        why.sentence(),
        "The provider did not take the workload within 4 minutes."
    );
    assert_eq!(released, TokenAmount::ZERO);
    assert_eq!(world.chain.count("activate"), 1);
}

#[tokio::test]
async fn a_manifest_that_is_late_is_delivered_again() {
    let world = World::new().await;
    for _ in 0..3 {
        let why = "no lease yet".to_owned();
        world
            .market
            .fail("lease", MarketError::ManifestNotDelivered(why));
    }
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    assert_eq!(world.market.count("lease"), 4);
    assert_eq!(world.order(id).await.notice, None);
}

#[tokio::test]
async fn a_bid_that_is_withdrawn_before_activation_costs_nothing() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Manual).await;
    world.until(id, "bidding", 10).await;
    world.pass(3).await;
    let bids = world.order(id).await.bids;
    world.market.withdraw_bid(&provider("cheap"));
    let picked = vec![bids[0].bid.id.clone()];
    usecases::accept_bid(&world.backend, &world.buyer(), id, picked)
        .await
        .unwrap();
    world.until(id, "settled", 30).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(why.sentence(), "The provider withdrew its bid.");
    assert_eq!(released, TokenAmount::ZERO);
    assert_eq!(world.chain.count("activate"), 0);
}

#[tokio::test]
async fn a_refused_sdl_is_said_in_akash_s_words() {
    let world = World::new().await;
    let message = "Invalid SDL: no such profile".to_owned();
    world
        .market
        .fail("create", MarketError::Refused { message });
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "settled", 30).await;
    let (why, ..) = receipt(&world, id).await;
    assert_eq!(
        why.sentence(),
        "Akash refused the SDL: Invalid SDL: no such profile"
    );
}

#[tokio::test]
async fn the_buyer_may_close_at_every_step_before_it_runs() {
    for step in [
        "awaiting_deposit",
        "funded",
        "bidding",
        "activating",
        "leasing",
    ] {
        let world = World::new().await;
        // Each step waits where it is, so that the buyer's click arrives during that step.
        world.market.script(|script| {
            let failures = vec![MarketError::Unavailable("away".to_owned()); 50];
            script.failures.insert("lease", failures);
        });
        let id = world.funded(1, Acceptance::Manual).await;
        match step {
            "awaiting_deposit" => {
                usecases::close_deployment(&world.backend, &world.buyer(), id)
                    .await
                    .unwrap();
                // The deposit that was in transit nonetheless is returned.
                sweep::enqueue(&world.backend).await.unwrap();
                world.pass(70).await;
                assert_eq!(world.state(id).await.name(), "abandoned");
                assert_eq!(world.chain.count("end"), 1);
                continue;
            }
            "funded" => {
                let down = MarketError::Unavailable("away".to_owned());
                world.market.fail("create", down);
                world.work().await;
            }
            _ => {
                world.until(id, "bidding", 10).await;
                world.pass(3).await;
            }
        }
        if step == "activating" || step == "leasing" {
            if step == "activating" {
                world.chain.set_unreachable(true);
            }
            let picked = vec![world.order(id).await.bids[0].bid.id.clone()];
            usecases::accept_bid(&world.backend, &world.buyer(), id, picked)
                .await
                .unwrap();
            world.pass(3).await;
            assert_eq!(world.state(id).await.name(), step);
        }
        usecases::close_deployment(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
        world.chain.set_unreachable(false);
        world.until(id, "settled", 200).await;
        let (why, released, _) = receipt(&world, id).await;
        assert_eq!(
            (why, released),
            (CloseReason::Buyer, TokenAmount::ZERO),
            "{step}"
        );
    }
}

#[tokio::test]
async fn the_buyer_s_own_exit_on_chain_closes_the_deployment() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(600).await;
    let escrow = world.state(id).await.escrow().unwrap();
    world.chain.close_by_buyer(escrow);
    world.until(id, "settled", 60).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(why, CloseReason::EscrowEnded);
    assert!(released > TokenAmount::ZERO);
    assert_eq!(world.chain.count("end"), 0);
}

#[tokio::test]
async fn a_lost_lease_stops_the_bill() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(100).await;
    world.market.end_leases("lease closed by provider");
    world.until(id, "settled", 30).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(
        why.sentence(),
        "The provider ended the lease: lease closed by provider."
    );
    let most = world.state(id).await.running().unwrap().activation.rate;
    assert!(released <= most.accrued_over(domain::time::Seconds(130)));
}

#[tokio::test]
async fn a_provider_that_vanished_is_unknown_first_and_lost_after_two_minutes_offline() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(200).await;
    world.market.script(|script| script.providers_silent = true);
    world.pass(60).await;
    let order = world.order(id).await;
    assert_eq!(order.state.name(), "active");
    assert_eq!(
        order.notice.as_deref(),
        Some("The provider does not answer. Whether the workload runs is unknown.")
    );
    world.pass(300).await;
    assert_eq!(
        world.state(id).await.name(),
        "active",
        "silence alone is not the end"
    );
    world.market.script(|script| {
        let offline = ProviderFacts {
            online: Some(false),
            ..ProviderFacts::default()
        };
        script.facts.insert(provider("cheap"), offline);
    });
    world.until(id, "settled", 60).await;
    let (why, ..) = receipt(&world, id).await;
    assert!(matches!(why, CloseReason::LeaseLost { .. }));
}

#[tokio::test]
async fn a_provider_that_nobody_reaches_any_more_is_lost_within_two_minutes() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.reach.answer(true);
    world.until(id, "active", 60).await;
    world.pass(200).await;
    let asked = world.reach.asked();
    assert!(asked.contains(&"http://web.example.com".to_owned()));
    assert!(asked.iter().any(|one| one.ends_with(":8443/version")));
    let running = world.clock.now();
    // Akash still reports it as online.
    world.market.script(|script| script.providers_silent = true);
    world.reach.answer(false);
    world.until(id, "settled", 120).await;
    let State::Settled { receipt: settled } = world.state(id).await else {
        panic!("not settled");
    };
    assert!(matches!(settled.why, CloseReason::LeaseLost { .. }));
    let paid_for = settled.ended_at.since(running);
    assert!(paid_for <= Seconds(16), "silence is not paid: {paid_for:?}");
    receipt(&world, id).await;
}

#[tokio::test]
async fn a_provider_that_can_still_be_reached_is_not_lost_whatever_akash_says() {
    let world = World::new().await;
    let id = world.funded(5, Acceptance::Automatic).await;
    world.reach.answer(true);
    world.until(id, "active", 60).await;
    world.pass(200).await;
    world.market.script(|script| {
        script.providers_silent = true;
        let offline = ProviderFacts {
            online: Some(false),
            ..ProviderFacts::default()
        };
        script.facts.insert(provider("cheap"), offline);
    });
    world.pass(900).await;
    let order = world.order(id).await;
    assert_eq!(order.state.name(), "active");
    assert_eq!(
        order.notice.as_deref(),
        Some("The provider reports nothing right now, but it can still be reached.")
    );
}

#[tokio::test]
async fn what_cannot_be_closed_waits_for_an_operator_in_sight() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.market.script(|script| {
        let refused = MarketError::OperatorFunds("key expired".to_owned());
        script.failures.insert("close", vec![refused; 1000]);
    });
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.until(id, "needs_human", 2 * 3600).await;
    let State::NeedsHuman { cause, .. } = world.state(id).await else {
        panic!("must wait for a human");
    };
    assert!(cause.contains("cannot be closed on Akash"), "{cause}");
    // The buyer is charged up to the end that they asked for, however long closing takes.
    let order = world.order(id).await;
    let meter = order.meter.unwrap();
    let accrued = meter.accrued(order.now);
    assert!(accrued < meter.deposited, "{meter:?}");
    world.pass(600).await;
    let later = world.order(id).await;
    assert_eq!(later.meter.as_ref(), Some(&meter));
    assert_eq!(meter.accrued(later.now), accrued);
    let listed = usecases::list_orders(&world.backend, &world.buyer()).await;
    assert_eq!(listed.unwrap().orders[0].usd_per_hour, None);
}

#[tokio::test]
async fn an_activation_that_the_contract_refuses_costs_nothing() {
    let world = World::new().await;
    world.chain.refuse("activate");
    let id = world.funded(1, Acceptance::Automatic).await;
    world.until(id, "settled", 60).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(
        why.sentence(),
        "The escrow could not be activated: activate refused."
    );
    assert_eq!(released, TokenAmount::ZERO);
}

#[tokio::test]
async fn a_deposit_that_comes_too_late_goes_back() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    let terms = world.prepare(id, Acceptance::Automatic).await;
    world.pass(40 * 60).await;
    world.chain.fund(&terms);
    world.until(id, "settled", 60).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(why.sentence(), "The deposit came too late for its price.");
    assert_eq!(released, TokenAmount::ZERO);
    assert_eq!(world.market.created(), 0);
}

/// A settled order whose workload still answers.
async fn closed_and_not_stopped() -> (World, OrderId) {
    let world = World::new().await;
    let id = world.funded(2, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.reach.serve(true);
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.until(id, "settled", 60).await;
    (world, id)
}

#[tokio::test]
async fn what_its_provider_has_not_stopped_is_told_until_it_has_and_costs_nothing() {
    let (world, id) = closed_and_not_stopped().await;
    let (_, released, _) = receipt(&world, id).await;
    let notice = async || world.order(id).await.notice.unwrap_or_default();
    world.pass(40).await;
    assert!(notice().await.contains("has not stopped it yet"));
    world.pass(3_600).await;
    assert!(notice().await.contains("has not stopped it yet"));
    assert_eq!(receipt(&world, id).await.1, released);
    world.reach.serve(false);
    world.pass(301).await;
    assert_eq!(notice().await, "");
    let asked = world.reach.asked().len();
    world.pass(3_600).await;
    assert_eq!(world.reach.asked().len(), asked, "nobody looks any more");
}

#[tokio::test]
async fn a_provider_that_never_stops_is_left_to_the_buyer_after_a_day() {
    let (world, id) = closed_and_not_stopped().await;
    world.advance_to(world.clock.now_ms() + 24 * 3_600_000);
    world.work().await;
    let notice = world.order(id).await.notice.unwrap_or_default();
    assert!(notice.contains("only its provider can stop it"), "{notice}");
    let asked = world.reach.asked().len();
    world.pass(3_600).await;
    assert_eq!(world.reach.asked().len(), asked, "nobody looks any more");
}
