//! Policies that have expired, were revoked or switched off, or differ from the prepared one.

use domain::auto_sign::{Pace, PolicyLimits, SpendPolicy};
use domain::deployment::Acceptance;
use domain::ids::Address;
use domain::journey::RelayedDeposit;
use domain::time::Seconds;

use super::{LIMITS, STATED, arm, ask, doubts, is_paid, keeping, settle, usdc, world};
use crate::UsecaseError;
use crate::fakes::World;
use crate::fakes::chain::kept::signature_of;
use crate::usecases::{arm_policy, change_wish, disarm_policy, prepare_deposit, prepare_policy};

fn revoke(world: &World) {
    let buyer = world.buyer().address.unwrap();
    world.chain.keeping(buyer, |keeping| keeping.nonce += 1);
}

#[tokio::test]
async fn a_policy_that_is_over_or_revoked_asks() {
    let limits = PolicyLimits {
        lasts: Seconds::hours(1),
        ..LIMITS
    };
    let world = world(usdc(10), limits).await;
    world.pass(3_601).await;
    assert_eq!(
        doubts(&ask(&world, STATED).await),
        ["your spend policy has expired"]
    );
    arm(&world, LIMITS).await;
    revoke(&world);
    assert_eq!(
        doubts(&ask(&world, STATED).await),
        ["your spend policy was revoked"]
    );
}

#[tokio::test]
async fn a_revocation_between_decision_and_payment_stops_it_and_the_buyer_can_still_pay() {
    let world = world(usdc(10), LIMITS).await;
    let order = ask(&world, STATED).await;
    assert!(is_paid(&order));
    let busy = change_wish(&world.backend, &world.buyer(), order.id, order.wish.clone()).await;
    assert!(matches!(busy, Err(UsecaseError::Conflict(_))), "{busy:?}");
    revoke(&world);
    let after = settle(&world, order.id).await;
    assert_eq!(world.chain.count("spend"), 0);
    assert_eq!(
        after.relayed,
        Some(RelayedDeposit::Failed {
            why: "OutsidePolicy(nonce)".to_owned()
        })
    );
    let escrow = after.state.escrow();
    let plan = prepare_deposit(
        &world.backend,
        &world.buyer(),
        order.id,
        sdl::text_hash(&order.sdl),
        Acceptance::Automatic,
    )
    .await
    .unwrap();
    assert_eq!(Some(plan.escrow), escrow, "the same terms");
    world.chain.fund(&plan.terms);
    world.until(order.id, "active", 60).await;
    assert_eq!(
        (world.chain.count("fund"), world.chain.count("spend")),
        (1, 0)
    );
}

#[tokio::test]
async fn switching_off_stops_what_was_not_sent() {
    let world = world(usdc(10), LIMITS).await;
    let order = ask(&world, STATED).await;
    disarm_policy(&world.backend, &world.buyer()).await.unwrap();
    let after = settle(&world, order.id).await;
    let Some(RelayedDeposit::Failed { why }) = after.relayed else {
        panic!("{:?}", after.relayed);
    };
    assert_eq!(why, "you switched auto-sign off, or signed another policy");
    assert_eq!(world.chain.count("spend"), 0);
    assert_eq!(ask(&world, STATED).await.auto_sign, None);
}

#[tokio::test]
async fn a_policy_that_was_not_prepared_here_is_not_switched_on() {
    let world = World::new().await;
    keeping(&world, usdc(10));
    let buyer = world.buyer();
    let plan = prepare_policy(&world.backend, &buyer, LIMITS)
        .await
        .unwrap();
    let stranger = Address::from_bytes([9; 20]);
    let tampered: [fn(&mut SpendPolicy, Address); 8] = [
        |policy, _| policy.max_per_order = usdc(500),
        |policy, _| policy.max_per_day = usdc(500),
        |policy, other| policy.payees.push(other),
        |policy, other| policy.payees = vec![other],
        |policy, other| policy.buyer = other,
        |policy, _| policy.max_open = 500,
        |policy, _| policy.nonce += 1,
        |policy, _| policy.expiry = policy.expiry.after(Seconds::days(365)),
    ];
    for tamper in tampered {
        let mut policy = plan.policy.clone();
        tamper(&mut policy, stranger);
        let signed = signature_of(&policy);
        let outcome = arm_policy(
            &world.backend,
            &buyer,
            policy.clone(),
            &signed,
            Pace::AtOnce,
        )
        .await;
        assert!(outcome.is_err(), "{policy:?}");
    }
    let signed = signature_of(&SpendPolicy {
        max_per_order: usdc(1),
        ..plan.policy.clone()
    });
    let outcome = arm_policy(&world.backend, &buyer, plan.policy, &signed, Pace::AtOnce).await;
    assert!(
        matches!(outcome, Err(UsecaseError::Invalid(_))),
        "{outcome:?}"
    );
    assert_eq!(ask(&world, STATED).await.auto_sign, None);
}

#[tokio::test]
async fn nobody_spends_another_wallet_s_balance() {
    let world = world(usdc(10), LIMITS).await;
    let request = crate::usecases::Request::Words(STATED.to_owned());
    let order = super::ask_of(&world.backend, &world.stranger(), request).await;
    assert_eq!((order.state.name(), order.auto_sign), ("quoted", None));
}
