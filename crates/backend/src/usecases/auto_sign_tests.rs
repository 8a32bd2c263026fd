//! Auto-sign, from the signed policy to a deposit that no wallet was asked for.

mod attacks;
mod caps;
pub(crate) mod countdown;
mod limits;
mod obedient;
mod switching;

use std::time::Duration;

use domain::auto_sign::{Doubt, KeptBalance, Pace, PolicyLimits, SpendPolicy, Verdict};
use domain::ids::OrderId;
use domain::journey::{OrderView, RequestLine};
use domain::money::TokenAmount;
use domain::requirements::Wish;
use domain::time::Seconds;
use futures::StreamExt as _;

use super::{Request, arm_policy, describe, prepare_policy, show_auto_sign, show_order};
use crate::fakes::World;
use crate::fakes::chain::kept::signature_of;
use crate::{Backend, Visitor};

/// Words that leave nothing open that affects cost or image.
pub(crate) const STATED: &str = "a redis cache for 2 hours";

fn usdc(whole: u128) -> TokenAmount {
    TokenAmount::from_micros(whole * 1_000_000)
}

const LIMITS: PolicyLimits = PolicyLimits {
    per_order: TokenAmount::from_micros(20_000_000),
    per_day: TokenAmount::from_micros(20_000_000),
    lasts: Seconds::days(30),
};

/// A world whose buyer keeps this balance and has switched auto-sign on.
async fn world(kept: TokenAmount, limits: PolicyLimits) -> World {
    let world = World::new().await;
    keeping(&world, kept);
    arm(&world, limits).await;
    world
}

fn keeping(world: &World, kept: TokenAmount) {
    let buyer = world.buyer().address.unwrap();
    world.chain.keeping(buyer, |keeping| keeping.kept = kept);
}

async fn arm(world: &World, limits: PolicyLimits) -> SpendPolicy {
    let (backend, buyer) = (&world.backend, world.buyer());
    let plan = prepare_policy(backend, &buyer, limits).await.unwrap();
    let signed = signature_of(&plan.policy);
    arm_policy(backend, &buyer, plan.policy.clone(), &signed, Pace::AtOnce)
        .await
        .unwrap();
    plan.policy
}

async fn ask_of(backend: &Backend, visitor: &Visitor, request: Request) -> OrderView {
    let lines = describe(backend, visitor, request).await.unwrap();
    let lines: Vec<RequestLine> = lines.collect().await;
    let Some(RequestLine::Order { id }) = lines.first() else {
        panic!("the order comes first: {lines:?}");
    };
    show_order(backend, visitor, *id).await.unwrap()
}

pub(crate) async fn ask(world: &World, text: &str) -> OrderView {
    let request = Request::Words(text.to_owned());
    ask_of(&world.backend, &world.buyer(), request).await
}

/// Returns why the buyer is asked; panics if the order was paid or auto-sign is off.
fn doubts(order: &OrderView) -> Vec<String> {
    match &order.auto_sign {
        Some(Verdict::Asks { doubts }) => {
            assert_eq!(order.state.name(), "quoted");
            doubts.iter().map(Doubt::sentence).collect()
        }
        other => panic!("{other:?} {:?}", order.refusal),
    }
}

fn is_paid(order: &OrderView) -> bool {
    matches!(order.auto_sign, Some(Verdict::Pays(_))) && order.state.name() == "awaiting_deposit"
}

async fn balance(world: &World) -> KeptBalance {
    let view = show_auto_sign(&world.backend, &world.buyer()).await;
    view.unwrap().balance
}

#[tokio::test]
async fn stated_words_are_paid_without_a_wallet_and_the_timeline_names_the_policy() {
    let world = world(usdc(10), LIMITS).await;
    let order = ask(&world, STATED).await;
    assert!(is_paid(&order), "{:?}", order.auto_sign);
    let Some(Verdict::Pays(under)) = &order.auto_sign else {
        unreachable!("it is paid");
    };
    world.until(order.id, "active", 60).await;
    assert_eq!(world.chain.count("spend"), 1);
    assert_eq!(world.chain.count("fund"), 0);
    let after = world.order(order.id).await;
    let paid = after.state.paid().unwrap();
    let entry = after
        .timeline
        .iter()
        .find(|entry| entry.event == "auto_signed")
        .unwrap();
    assert_eq!(
        entry.title,
        format!("Paying {} tUSDC from your prepaid balance.", paid.total())
    );
    let left = usdc(20).saturating_sub(paid.total());
    assert_eq!(
        entry.detail.as_deref().unwrap(),
        format!(
            "Auto-sign, under the policy {} you signed: at most 20.00 tUSDC an order and 20.00 a \
             day. {left} is left of today.",
            under.policy.shortened()
        )
    );
    let view = show_auto_sign(&world.backend, &world.buyer())
        .await
        .unwrap();
    assert_eq!(view.balance.spent_today, paid.total());
    assert_eq!(view.balance.kept, usdc(10).saturating_sub(paid.total()));
    let [spend] = view.spends.as_slice() else {
        panic!("{:?}", view.spends);
    };
    assert_eq!(
        (spend.order, spend.amount, spend.paid),
        (order.id, paid.total(), true)
    );
    assert_eq!(view.policy.unwrap().left_today, left);
}

#[tokio::test]
async fn it_is_off_until_a_policy_is_signed() {
    let world = World::new().await;
    keeping(&world, usdc(10));
    let order = ask(&world, STATED).await;
    assert_eq!((order.state.name(), order.auto_sign), ("quoted", None));
}

#[tokio::test]
async fn what_was_assumed_asks_until_the_buyer_keeps_it() {
    let world = world(usdc(10), LIMITS).await;
    let order = ask(&world, "a redis cache").await;
    assert_eq!(doubts(&order), ["the duration was assumed"]);
    let wish = order
        .wish
        .confirming("duration", order.requirements.as_ref().unwrap());
    let kept = super::change_wish(&world.backend, &world.buyer(), order.id, wish)
        .await
        .unwrap();
    assert!(is_paid(&kept), "{:?}", kept.auto_sign);
    world.until(order.id, "active", 60).await;
    assert_eq!(world.chain.count("spend"), 1);
}

#[tokio::test]
async fn a_form_is_the_buyers_own_word_and_an_sdl_is_not() {
    let world = world(usdc(10), LIMITS).await;
    let wish = Wish {
        template: Some(domain::requirements::Template::Redis),
        duration: Some(Seconds::hours(1)),
        ..Wish::default()
    };
    let form = ask_of(&world.backend, &world.buyer(), Request::Form(wish)).await;
    assert!(is_paid(&form), "{:?}", form.auto_sign);
    let sdl = Request::Sdl {
        text: crate::fakes::world::SDL.to_owned(),
        duration: Some(Seconds::hours(1)),
    };
    let sdl = ask_of(&world.backend, &world.buyer(), sdl).await;
    let why = doubts(&sdl);
    assert_eq!(why[0], "an SDL of your own is confirmed by you each time");
}

#[tokio::test]
async fn an_edit_after_the_draft_is_priced_and_decided_again() {
    let limits = PolicyLimits {
        per_order: TokenAmount::from_micros(1_000),
        ..LIMITS
    };
    let world = world(usdc(10), limits).await;
    let order = ask(&world, STATED).await;
    let why = doubts(&order);
    assert!(why[1].starts_with("it costs"), "{why:?}");
    world.clock.advance(Duration::from_secs(90));
    arm(&world, LIMITS).await;
    let mut wish = order.wish.clone();
    wish.duration = Some(Seconds::hours(1));
    let before = order.state.quote().unwrap().quoted_at;
    let changed = super::change_wish(&world.backend, &world.buyer(), order.id, wish)
        .await
        .unwrap();
    assert!(is_paid(&changed), "{:?}", changed.auto_sign);
    assert!(changed.state.quote().unwrap().quoted_at > before);
}

/// An order that the buyer's kept balance is about to pay; no job has run for it.
pub(crate) async fn paid(world: &World) -> OrderId {
    keeping(world, usdc(10));
    arm(world, LIMITS).await;
    let order = ask(world, STATED).await;
    assert!(is_paid(&order), "{:?}", order.auto_sign);
    order.id
}

/// Runs until the order is on its way or the payment failed.
async fn settle(world: &World, id: OrderId) -> OrderView {
    world.pass(10).await;
    world.order(id).await
}
