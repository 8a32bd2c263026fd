//! Top-ups that the buyer only signs.

use domain::deployment::Acceptance;
use domain::ids::OrderId;
use domain::journey::{Relay, RelayedDeposit, TopUpPlan};
use domain::money::TokenAmount;
use domain::time::Seconds;

use super::{prepare_top_up, relay_top_up};
use crate::fakes::World;
use crate::fakes::chain::top_up_signature;
use crate::payment::outbox::intent::top_up_subject;
use crate::payment::outbox::{self, Purpose};
use crate::{UsecaseError, Visitor};

const MORE: TokenAmount = TokenAmount::from_micros(60_000);

async fn running() -> (World, OrderId) {
    let world = World::new().await;
    let id = world.funded(2, Acceptance::Automatic).await;
    world.until(id, "active", 60).await;
    (world, id)
}

async fn prepared(world: &World, id: OrderId, amount: TokenAmount) -> TopUpPlan {
    prepare_top_up(&world.backend, &world.buyer(), id, amount)
        .await
        .unwrap()
}

async fn relay(world: &World, id: OrderId, plan: &TopUpPlan) -> Result<(), UsecaseError> {
    relay_as(world, &world.buyer(), id, plan).await
}

async fn relay_as(
    world: &World,
    visitor: &Visitor,
    id: OrderId,
    plan: &TopUpPlan,
) -> Result<(), UsecaseError> {
    let signed = top_up_signature(&plan.top_up, plan.valid_before);
    relay_top_up(
        &world.backend,
        visitor,
        id,
        plan.top_up,
        plan.valid_before,
        signed,
    )
    .await
}

async fn total(world: &World, id: OrderId) -> TokenAmount {
    world.state(id).await.paid().unwrap().total()
}

#[tokio::test]
async fn one_signature_adds_once_however_often_it_is_sent() {
    let (world, id) = running().await;
    let before = total(&world, id).await;
    let plan = prepared(&world, id, MORE).await;
    let Relay::Offered { typed_data, .. } = &plan.relay else {
        panic!("{:?}", plan.relay);
    };
    assert_eq!(
        *typed_data,
        top_up_signature(&plan.top_up, plan.valid_before)
    );
    relay(&world, id, &plan).await.unwrap();
    relay(&world, id, &plan).await.unwrap();
    assert_eq!(
        world.order(id).await.relayed,
        Some(RelayedDeposit::OnItsWay)
    );
    world.pass(30).await;
    assert_eq!(total(&world, id).await, before.saturating_add(MORE));
    let order = world.order(id).await;
    assert_eq!(order.relayed, None);
    let told = order
        .transactions
        .iter()
        .filter(|one| one.added == Some(MORE));
    assert_eq!(told.count(), 1);

    relay(&world, id, &plan).await.unwrap();
    world.pass(30).await;
    assert_eq!(total(&world, id).await, before.saturating_add(MORE));
    assert_eq!(world.chain.count("top_up"), 1);
    // The next top-up is a different one.
    let next = prepared(&world, id, MORE).await;
    relay(&world, id, &next).await.unwrap();
    world.pass(30).await;
    assert_eq!(world.chain.count("top_up"), 2);
}

/// The answer to the first request was lost: the server died, or the connection broke.
#[tokio::test]
async fn a_signature_sent_again_after_it_landed_and_before_it_counts_is_no_conflict() {
    let (world, id) = running().await;
    let plan = prepared(&world, id, MORE).await;
    relay(&world, id, &plan).await.unwrap();
    let operator = &world.backend.ports().operator;
    while world.chain.count("top_up") == 0 {
        world.pass(1).await;
    }
    let subject = top_up_subject(plan.top_up.escrow, plan.top_up.deposited);
    let counts = outbox::latest(&world.backend, Purpose::TopUp, &subject).await;
    let call = counts.unwrap().unwrap().call;
    assert!(operator.estimate(&call).await.is_err(), "taken once");
    relay(&world, id, &plan).await.unwrap();
    world.pass(30).await;
    assert_eq!(world.chain.count("top_up"), 1);
}

#[tokio::test]
async fn two_tabs_add_once_and_a_second_amount_waits() {
    let (world, id) = running().await;
    let (one, other) = (
        prepared(&world, id, MORE).await,
        prepared(&world, id, MORE.saturating_add(MORE)).await,
    );
    relay(&world, id, &one).await.unwrap();
    let second = relay(&world, id, &other).await.unwrap_err();
    assert!(second.to_string().starts_with("Another top-up"), "{second}");
    world.pass(30).await;
    assert_eq!(world.chain.count("top_up"), 1);
    let late = relay(&world, id, &other).await.unwrap_err();
    assert_eq!(
        late.to_string(),
        "The escrow contract would not take this top-up: DepositChanged. Nothing was sent."
    );
}

#[tokio::test]
async fn what_the_buyer_did_not_sign_is_not_sent() {
    let (world, id) = running().await;
    let plan = prepared(&world, id, MORE).await;
    let signed = top_up_signature(&plan.top_up, plan.valid_before);
    let (backend, buyer) = (&world.backend, world.buyer());
    let mut raised = plan.top_up;
    raised.amount = MORE.saturating_add(MORE);
    let forged = relay_top_up(
        backend,
        &buyer,
        id,
        raised,
        plan.valid_before,
        signed.clone(),
    )
    .await;
    assert!(
        matches!(forged, Err(UsecaseError::Invalid(_))),
        "{forged:?}"
    );
    let mut another = plan.top_up;
    another.escrow = domain::ids::Hash32::from_bytes([4; 32]);
    let another = relay_top_up(backend, &buyer, id, another, plan.valid_before, signed).await;
    assert!(
        matches!(another, Err(UsecaseError::Invalid(_))),
        "{another:?}"
    );
    let stranger = relay_as(&world, &world.stranger(), id, &plan).await;
    assert!(
        matches!(stranger, Err(UsecaseError::NotFound)),
        "{stranger:?}"
    );
    let nobody = Visitor {
        address: None,
        ..world.buyer()
    };
    let nobody = relay_as(&world, &nobody, id, &plan).await;
    assert!(matches!(nobody, Err(UsecaseError::NotFound)), "{nobody:?}");
    world.pass(1_801).await;
    let late = relay(&world, id, &plan).await.unwrap_err();
    assert!(late.to_string().contains("too old"), "{late}");
    let mut long = plan.clone();
    long.valid_before = long.valid_before.after(Seconds::days(365));
    let long = relay(&world, id, &long).await.unwrap_err();
    assert!(matches!(long, UsecaseError::Conflict(_)), "{long}");
    assert_eq!(world.chain.count("top_up"), 0);
}

#[tokio::test]
async fn the_same_top_up_refused_a_second_time_is_no_failed_payment() {
    let (world, id) = running().await;
    let escrow = world.state(id).await.escrow().unwrap();
    world.chain.top_up(escrow, MORE);
    let twice = domain::ids::Hash32::from_bytes([0xfa; 32]);
    super::report_transaction(
        &world.backend,
        &world.buyer(),
        id,
        "top_up".to_owned(),
        twice,
    )
    .await
    .unwrap();
    world.chain.revert(twice);
    world.pass(70).await;
    assert_eq!(world.state(id).await.held_since(), None);
}
