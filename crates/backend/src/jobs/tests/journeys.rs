//! From the deposit to the receipt.

use domain::deployment::{Acceptance, CloseReason, State};
use domain::ids::OrderId;
use domain::money::TokenAmount;
use domain::requirements::{Template, Wish};

use crate::fakes::World;
use crate::fakes::market::provider;
use crate::orders::changes;
use crate::usecases::{self, Watched};

/// Returns the receipt's sums, checked against the chain.
pub(super) async fn receipt(world: &World, id: OrderId) -> (CloseReason, TokenAmount, TokenAmount) {
    let State::Settled { receipt } = world.state(id).await else {
        panic!("not settled");
    };
    let (released, refunded) = (receipt.settlement.released, receipt.settlement.refunded);
    assert_eq!(released.saturating_add(refunded), receipt.paid.total());
    let on_chain = world.chain.on_chain(receipt.paid.escrow);
    assert_eq!((on_chain.released, on_chain.refunded), (released, refunded));
    assert_eq!(world.market.open(), 0, "a deployment is left open");
    (receipt.why, released, refunded)
}

#[tokio::test]
async fn an_order_goes_from_deposit_to_receipt_by_itself() {
    let world = World::new().await;
    let id = world.funded(2, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    world.pass(3).await;

    let order = world.order(id).await;
    assert_eq!(order.services[0].uris, ["http://web.example.com"]);
    let running = order.state.running().unwrap();
    assert_eq!(
        running.accepted.bids[0].id.provider.as_str(),
        "akash1cheap00000"
    );
    assert_eq!(running.activation.rate.usd_per_hour().to_string(), "0.06");
    let logs = usecases::read_logs(&world.backend, &world.buyer(), id, 0, 10)
        .await
        .unwrap();
    assert_eq!(
        (logs[0].service.as_str(), logs[0].text.as_str()),
        ("web", "listening")
    );

    world.until(id, "settled", 2 * 3600).await;
    let (why, released, refunded) = receipt(&world, id).await;
    assert_eq!(why, CloseReason::BudgetSpent);
    // Two hours at $0.06, closed 30 s before their end, rounded down once.
    assert_eq!(released, TokenAmount::from_micros(119_499));
    assert!(refunded > TokenAmount::ZERO);
    let states: Vec<_> = world
        .order(id)
        .await
        .timeline
        .into_iter()
        .map(|e| e.state)
        .collect();
    assert_eq!(
        states,
        [
            "quoted",
            "awaiting_deposit",
            "funded",
            "opening",
            "bidding",
            "activating",
            "leasing",
            "active",
            // Ready.
            "active",
            // Notified that less than an hour is left.
            "active",
            "closing",
            "settling",
            "settled"
        ]
    );
}

#[tokio::test]
async fn the_buyer_picks_a_bid_and_closes_early() {
    let world = World::new().await;
    let id = world.funded(10, Acceptance::Manual).await;
    world.until(id, "bidding", 10).await;
    world.pass(3).await;
    let bids = world.order(id).await.bids;
    let dear = bids
        .iter()
        .find(|one| one.bid.id.provider.as_str().contains("dear"))
        .unwrap();
    let picked = vec![dear.bid.id.clone()];
    usecases::accept_bid(&world.backend, &world.buyer(), id, picked)
        .await
        .unwrap();
    world.until(id, "active", 30).await;
    world.pass(3600).await;
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    // Closing twice has the same effect as closing once.
    usecases::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.until(id, "settled", 10).await;
    let (why, released, _) = receipt(&world, id).await;
    assert_eq!(why, CloseReason::Buyer);
    let an_hour = TokenAmount::from_micros(90_000);
    assert!(
        released >= an_hour && released < TokenAmount::from_micros(90_200),
        "{released}"
    );
}

/// A paid order that accepts bids from one provider only.
async fn bound_to(world: &World, name: &str) -> OrderId {
    let id = world.quoted(2).await;
    let wish = Wish {
        template: Some(Template::Redis),
        providers: [provider(name)].into(),
        ..Wish::default()
    };
    let (requirements, _) = wish.complete().unwrap();
    changes::edit(&world.backend, id, |order| {
        order.wish = wish.clone();
        order.requirements = Some(requirements.clone());
        Ok(Vec::new())
    })
    .await
    .unwrap();
    let terms = world.prepare(id, Acceptance::Automatic).await;
    world.chain.fund(&terms);
    id
}

#[tokio::test]
async fn an_order_bound_to_a_provider_takes_its_bid_and_no_cheaper_one() {
    let world = World::new().await;
    let id = bound_to(&world, "dear").await;
    world.until(id, "active", 60).await;
    let order = world.order(id).await;
    let running = order.state.running().unwrap();
    assert_eq!(running.accepted.bids[0].id.provider, provider("dear"));
    let cheap = order.bids.iter().find(|one| one.rejected.is_some());
    assert_eq!(
        cheap.unwrap().rejected.as_deref(),
        Some("not from a provider you chose")
    );

    let nobody = bound_to(&world, "silent").await;
    world.until(nobody, "settled", 400).await;
    let State::Settled { receipt } = world.state(nobody).await else {
        panic!("not settled");
    };
    assert_eq!(
        receipt.why.sentence(),
        "No bid of a provider you chose in 5 minutes was under your maximum of $0.1296 an hour."
    );
    assert_eq!(receipt.settlement.released, TokenAmount::ZERO);
}

#[tokio::test]
async fn a_bid_above_the_cap_cannot_be_picked() {
    let world = World::new().await;
    world.market.script(|script| {
        script.bidders[1].1 = domain::money::UactPerBlock::from_whole(5_000);
    });
    let id = world.funded(1, Acceptance::Manual).await;
    world.until(id, "bidding", 10).await;
    world.pass(3).await;
    let order = world.order(id).await;
    let picked = vec![order.bids[1].bid.id.clone()];
    let error = usecases::accept_bid(&world.backend, &world.buyer(), id, picked)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "This bid cannot be accepted: above your maximum of $0.1296 an hour. Pick another."
    );
    assert_eq!(error.status(), 409);
}

#[tokio::test]
async fn an_expired_quote_takes_no_deposit() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    world.pass(15 * 60).await;
    assert_eq!(world.state(id).await, State::Drafted);
    let text = sdl::text_hash(&world.order(id).await.sdl);
    let buyer = world.buyer();
    let error = usecases::prepare_deposit(&world.backend, &buyer, id, text, Acceptance::Manual)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "The price no longer holds. Ask for a new one; your draft is kept."
    );
}

#[tokio::test]
async fn asking_again_for_the_deposit_keeps_the_terms() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    let first = world.prepare(id, Acceptance::Manual).await;
    let again = world.prepare(id, Acceptance::Automatic).await;
    assert_eq!(first, again);
    world.chain.fund(&first);
    world.until(id, "active", 60).await;
    assert_eq!(
        world.state(id).await.paid().unwrap().acceptance,
        Acceptance::Automatic
    );
}

#[tokio::test]
async fn nobody_else_sees_or_touches_an_order() {
    let world = World::new().await;
    let id = world.funded(1, Acceptance::Manual).await;
    let text = sdl::text_hash(&world.order(id).await.sdl);
    let stranger = world.stranger();
    let backend = &world.backend;
    let refused = [
        usecases::show_order(backend, &stranger, id)
            .await
            .map(|_| ())
            .unwrap_err(),
        usecases::accept_bid(backend, &stranger, id, Vec::new())
            .await
            .map(|_| ())
            .unwrap_err(),
        usecases::close_deployment(backend, &stranger, id)
            .await
            .map(|_| ())
            .unwrap_err(),
        usecases::read_logs(backend, &stranger, id, 0, 1)
            .await
            .map(|_| ())
            .unwrap_err(),
        usecases::watch(backend, &stranger, id)
            .await
            .map(|_| ())
            .unwrap_err(),
        usecases::prepare_deposit(backend, &stranger, id, text, Acceptance::Manual)
            .await
            .map(|_| ())
            .unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.status(), 404, "{error}");
    }
    assert!(
        usecases::list_orders(backend, &stranger)
            .await
            .unwrap()
            .orders
            .is_empty()
    );
    // The paying wallet sees it from any browser.
    let mut elsewhere = world.stranger();
    elsewhere.address = world.buyer().address;
    assert_eq!(
        usecases::list_orders(backend, &elsewhere)
            .await
            .unwrap()
            .orders
            .len(),
        1
    );
    assert!(usecases::show_order(backend, &elsewhere, id).await.is_ok());
}

#[tokio::test]
async fn a_watcher_is_told_of_every_change() {
    use futures::StreamExt as _;
    let world = World::new().await;
    let id = world.quoted(1).await;
    let watch = usecases::watch(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    tokio::pin!(watch);
    let first = watch.next().await.unwrap();
    world.prepare(id, Acceptance::Manual).await;
    let second = watch.next().await.unwrap();
    match (first, second) {
        (Watched::Changed(first), Watched::Changed(second)) => assert!(second > first),
        other => panic!("{other:?}"),
    }
}
