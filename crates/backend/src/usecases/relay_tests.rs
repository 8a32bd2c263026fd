//! Deposits that the buyer only signs.

use domain::deployment::Acceptance;
use domain::escrow::Terms;
use domain::ids::{Address, Hash32, OrderId};
use domain::journey::{DepositPlan, Relay, RelayedDeposit};
use domain::time::Seconds;

use super::{cancel_deposit, prepare_deposit, relay_deposit};
use crate::fakes::World;
use crate::fakes::chain::signature;
use crate::fakes::world::SDL;
use crate::ports::Clock as _;
use crate::visitor::{SessionId, VisitorId};
use crate::{UsecaseError, Visitor};

async fn prepared(world: &World, visitor: &Visitor) -> (OrderId, DepositPlan) {
    let id = world.quoted(1).await;
    let text = sdl::text_hash(&world.order(id).await.sdl);
    let plan = prepare_deposit(&world.backend, visitor, id, text, Acceptance::Automatic)
        .await
        .unwrap();
    (id, plan)
}

fn signed(terms: &Terms) -> String {
    signature(terms, terms.activate_by)
}

async fn relay(world: &World, id: OrderId, plan: &DepositPlan) -> Result<(), UsecaseError> {
    let signature = signed(&plan.terms);
    relay_deposit(&world.backend, &world.buyer(), id, plan.escrow, signature).await
}

#[tokio::test]
async fn one_signature_funds_the_escrow_and_the_deployment_goes_on() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    let Relay::Offered { typed_data, .. } = &plan.relay else {
        panic!("{:?}", plan.relay);
    };
    assert_eq!(*typed_data, signed(&plan.terms));
    relay(&world, id, &plan).await.unwrap();
    assert_eq!(
        world.order(id).await.relayed,
        Some(RelayedDeposit::OnItsWay)
    );
    world.until(id, "active", 60).await;
    assert_eq!(world.chain.count("fund"), 1);
    let order = world.order(id).await;
    assert_eq!(order.relayed, None);
    assert!(order.transactions.iter().any(|one| one.kind == "fund"));
}

#[tokio::test]
async fn signing_twice_pays_once() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    relay(&world, id, &plan).await.unwrap();
    relay(&world, id, &plan).await.unwrap();
    world.work().await;
    // On chain but not counted yet: the contract would refuse it now, although nothing is wrong.
    assert_eq!(world.chain.count("fund"), 1);
    relay(&world, id, &plan).await.unwrap();
    world.until(id, "active", 60).await;
    assert_eq!(world.chain.count("fund"), 1);
    assert_eq!(world.chain.nonce(), 2, "the deposit and the activation");
}

#[tokio::test]
async fn an_account_that_is_a_contract_sends_its_deposit_itself_and_is_told_why() {
    let world = World::new().await;
    let buyer = world.buyer();
    world.chain.make_contract(buyer.address.unwrap());
    let (id, plan) = prepared(&world, &buyer).await;
    let Relay::Declined { why } = &plan.relay else {
        panic!("{:?}", plan.relay);
    };
    assert!(why.starts_with("Your account is a contract."), "{why}");
    world.chain.fund(&plan.terms);
    world.until(id, "active", 60).await;
}

#[tokio::test]
async fn a_signature_after_the_deposit_was_cancelled_pays_nothing() {
    let world = World::new().await;
    let buyer = world.buyer();
    let (id, plan) = prepared(&world, &buyer).await;
    let view = cancel_deposit(&world.backend, &buyer, id, plan.escrow)
        .await
        .unwrap();
    assert_eq!(view.state.name(), "quoted");
    let late = relay(&world, id, &plan).await.unwrap_err();
    assert_eq!(late.status(), 409, "{late}");
    // A second call finds it void, too.
    cancel_deposit(&world.backend, &buyer, id, plan.escrow)
        .await
        .unwrap();

    // Preparing again yields different terms, which the old signature does not pay either.
    let text = sdl::text_hash(&world.order(id).await.sdl);
    let again = prepare_deposit(&world.backend, &buyer, id, text, Acceptance::Automatic)
        .await
        .unwrap();
    assert_ne!(again.escrow, plan.escrow);
    let late = relay(&world, id, &plan).await.unwrap_err();
    assert_eq!(late.status(), 409, "{late}");
    let signature = signed(&plan.terms);
    let crossed = relay_deposit(&world.backend, &buyer, id, again.escrow, signature).await;
    assert!(
        matches!(crossed, Err(UsecaseError::Invalid(_))),
        "{crossed:?}"
    );
    assert_eq!(world.chain.count("fund"), 0);
    relay(&world, id, &again).await.unwrap();
    world.until(id, "active", 60).await;
    assert_eq!(world.chain.count("fund"), 1);
}

#[tokio::test]
async fn a_deposit_on_its_way_cannot_be_cancelled() {
    let world = World::new().await;
    let buyer = world.buyer();
    let (id, plan) = prepared(&world, &buyer).await;
    relay(&world, id, &plan).await.unwrap();
    let refused = cancel_deposit(&world.backend, &buyer, id, plan.escrow).await;
    assert!(
        matches!(refused, Err(UsecaseError::Conflict(_))),
        "{refused:?}"
    );
    let stranger = cancel_deposit(&world.backend, &world.stranger(), id, plan.escrow).await;
    assert!(
        matches!(stranger, Err(UsecaseError::NotFound)),
        "{stranger:?}"
    );
    world.until(id, "active", 60).await;
}

#[tokio::test]
async fn what_was_not_signed_by_the_buyer_over_these_terms_is_not_sent() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    let buyer = world.buyer();
    let mut raised = plan.terms.clone();
    raised.deposit = raised.deposit.saturating_add(raised.deposit);
    let forged = relay_deposit(&world.backend, &buyer, id, plan.escrow, signed(&raised)).await;
    assert!(
        matches!(forged, Err(UsecaseError::Invalid(_))),
        "{forged:?}"
    );
    let longer = signature(
        &plan.terms,
        plan.terms.activate_by.after(domain::time::Seconds(1)),
    );
    let longer = relay_deposit(&world.backend, &buyer, id, plan.escrow, longer).await;
    assert!(
        matches!(longer, Err(UsecaseError::Invalid(_))),
        "{longer:?}"
    );

    let other = Hash32::from_bytes([5; 32]);
    let stale = relay_deposit(&world.backend, &buyer, id, other, signed(&plan.terms)).await;
    assert_eq!(
        stale.unwrap_err().to_string(),
        "The deposit was prepared anew in the meantime: look at it and sign again."
    );
    // The same browser, signed in with another wallet.
    let changed = Visitor {
        address: world.stranger().address,
        ..world.buyer()
    };
    let changed = relay_deposit(
        &world.backend,
        &changed,
        id,
        plan.escrow,
        signed(&plan.terms),
    )
    .await;
    assert!(
        matches!(changed, Err(UsecaseError::NotFound)),
        "{changed:?}"
    );
    let nobody = Visitor {
        address: None,
        ..world.buyer()
    };
    let nobody = relay_deposit(
        &world.backend,
        &nobody,
        id,
        plan.escrow,
        signed(&plan.terms),
    )
    .await;
    assert!(matches!(nobody, Err(UsecaseError::NotFound)));
    world.pass(30).await;
    assert_eq!(world.chain.nonce(), 0, "nothing was sent");
}

#[tokio::test]
async fn a_buyer_s_budget_for_gas_ends_and_the_buyer_is_told_what_to_do() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    world.chain.set_gas_price(15_000_000_000);
    let refused = relay(&world, id, &plan).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "What Necto pays for one wallet's gas in a day is used up. You can still deposit: your \
         wallet pays the gas itself."
    );
    world.pass(10).await;
    assert_eq!(world.chain.nonce(), 0);
    let (_, next) = prepared(&world, &world.buyer()).await;
    assert!(matches!(next.relay, Relay::Declined { .. }), "{next:?}");
    // The wallet's own deposit works as before.
    world.chain.fund(&plan.terms);
    world.until(id, "active", 60).await;
}

#[tokio::test]
async fn everybody_s_budget_counts_what_was_really_spent_and_starts_anew_each_day() {
    let world = World::new().await;
    world.chain.set_gas_price(6_000_000_000);
    let (first, plan) = prepared(&world, &world.buyer()).await;
    relay(&world, first, &plan).await.unwrap();
    let (second, next) = prepared(&world, &world.buyer()).await;
    let refused = relay(&world, second, &next).await;
    assert!(refused.is_err(), "180,000 of 300,000 gwei are set aside");
    // Once it is in a block, its actual cost counts instead of the maximum.
    world.pass(10).await;
    relay(&world, second, &next).await.unwrap();
    world.pass(10).await;
    world.chain.set_gas_price(9_000_000_000);
    let (third, last) = prepared(&world, &world.buyer()).await;
    assert!(relay(&world, third, &last).await.is_err());
    let tomorrow = 86_400 - world.clock.now_ms() / 1000 % 86_400;
    world
        .clock
        .advance(std::time::Duration::from_secs(tomorrow));
    let (third, last) = prepared(&world, &world.buyer()).await;
    relay(&world, third, &last).await.unwrap();
}

#[tokio::test]
async fn a_deposit_that_the_contract_would_refuse_costs_no_gas() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    world.chain.refuse("fund");
    let refused = relay(&world, id, &plan).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "The escrow contract would not take this deposit: fund refused. Nothing was sent."
    );
    assert_eq!(world.chain.nonce(), 0);
}

#[tokio::test]
async fn a_deposit_that_fails_on_its_way_is_told_and_can_be_signed_again() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    relay(&world, id, &plan).await.unwrap();
    // Between the dry run and the sending, the buyer spent the money elsewhere.
    world.chain.refuse("fund");
    world.work().await;
    assert_eq!(
        world.order(id).await.relayed,
        Some(RelayedDeposit::Failed {
            why: "fund refused".to_owned()
        })
    );
    world.chain.accept_all();
    relay(&world, id, &plan).await.unwrap();
    world.until(id, "active", 60).await;
    assert_eq!(world.chain.count("fund"), 1);
}

#[tokio::test]
async fn a_deposit_whose_order_was_given_up_is_not_sent() {
    let world = World::new().await;
    let (id, plan) = prepared(&world, &world.buyer()).await;
    relay(&world, id, &plan).await.unwrap();
    super::close_deployment(&world.backend, &world.buyer(), id)
        .await
        .unwrap();
    world.pass(60).await;
    assert_eq!(world.chain.nonce(), 0);
    assert_eq!(world.state(id).await.name(), "abandoned");
}

/// A visitor with a wallet of its own, from the network with this number.
fn visitor(number: u8, network: u8) -> Visitor {
    Visitor {
        visitor: VisitorId::from_bytes([number; 16]),
        session: SessionId::from_bytes([number; 16]),
        address: Some(Address::from_bytes([number; 20])),
        has_left: false,
        from: Some(format!("203.0.113.{network}").parse().unwrap()),
    }
}

/// Relays a deposit of the visitor; returns the message to the buyer if it is not relayed.
async fn relayed_for(world: &World, visitor: &Visitor) -> Result<(), String> {
    let id = world.quoted_for(visitor, Seconds::hours(1)).await;
    let text = sdl::text_hash(SDL);
    let plan = prepare_deposit(&world.backend, visitor, id, text, Acceptance::Automatic)
        .await
        .unwrap();
    let signature = signed(&plan.terms);
    relay_deposit(&world.backend, visitor, id, plan.escrow, signature)
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_wallets_of_one_network_share_its_budget_for_gas() {
    let world = World::new().await;
    // 180,000 gwei per deposit, out of 300,000 per network.
    world.chain.set_gas_price(6_000_000_000);
    relayed_for(&world, &visitor(31, 1)).await.unwrap();
    let refused = relayed_for(&world, &visitor(32, 1)).await.unwrap_err();
    assert!(
        refused.starts_with("What Necto pays for the gas of one network's wallets in a day"),
        "{refused}"
    );
}

#[tokio::test]
async fn fresh_wallets_together_use_up_half_of_the_day_and_known_ones_go_on() {
    let world = World::new().await;
    world.chain.set_gas_price(6_000_000_000);
    let known = visitor(31, 1);
    relayed_for(&world, &known).await.unwrap();
    let tomorrow = 86_400 - world.clock.now().0 % 86_400;
    world.advance_to(world.clock.now_ms() + tomorrow * 1000);
    relayed_for(&world, &visitor(32, 2)).await.unwrap();
    // 300,000 of the day's 600,000 gwei are for all new buyers together.
    let refused = relayed_for(&world, &visitor(33, 3)).await.unwrap_err();
    assert!(
        refused.starts_with("What Necto pays for the gas of new wallets in a day"),
        "{refused}"
    );
    relayed_for(&world, &known).await.unwrap();
}
