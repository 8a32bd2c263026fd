//! Top-ups: more money for more time.

mod sign;

use domain::journey::{PreparedCall, Relay, RelayedDeposit, TopUpPlan};
use domain::money::TokenAmount;
use leptos::prelude::*;

use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::figures::exact;
use crate::components::money_field::{Money, MoneyField};
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::pay_steps::PaySteps;
use crate::components::payment::{Payment, Plan, Step};
use crate::components::purse::Purse;
use crate::components::wallet_call::WithWallet;
use crate::live_order::LiveOrder;
use crate::request::Request;
use sign::SignTopUp;

/// An amount, the time that it buys, and the signature or the steps that pay it.
#[component]
pub(super) fn TopUp() -> impl IntoView {
    view! {
        <details class="fold" data-testid="top-up-fold">
            <summary>"Add money"</summary>
            <WithWallet><Adding/></WithWallet>
        </details>
    }
}

#[component]
fn Adding() -> impl IntoView {
    let live = LiveOrder::here();
    let purse = Purse::follow();
    let money = Money::of_at_most(purse.held());
    let request = Request::new();
    // A prepared top-up that Necto can relay; the buyer may still choose to pay the gas.
    let offer = RwSignal::new(None::<TopUpPlan>);
    let declined = RwSignal::new(None::<String>);
    let payment = Payment::of(
        &format!("top_up.{}", live.id()),
        Callback::new(move |_| {
            purse.look();
            live.refresh();
        }),
    );
    money.clear_once(Signal::derive(move || payment.is_done()));
    let rate = live.part(|order| order.meter.as_ref().map(|meter| meter.rate()));
    let deposited = live.part(|order| order.meter.as_ref().map(|meter| meter.deposited));
    let relayed = live.part(|order| order.relayed.clone());
    let is_relayed = Memo::new(move |_| relayed.get() == Some(RelayedDeposit::OnItsWay));
    // A top-up that arrived, from here or from another tab, voids what was prepared before.
    Effect::new(move |before: Option<Option<TokenAmount>>| {
        let now = deposited.get();
        if before.is_some_and(|before| before != now) {
            offer.set(None);
            payment.withdraw();
            purse.look();
        }
        now
    });
    let buys = Signal::derive(move || {
        let lasts = rate.get()?.seconds_paid_by(money.amount()?)?;
        Some(format!("+{} at the present rate.", lasts.in_words()))
    });
    let is_locked =
        Signal::derive(move || request.pending.get() || payment.is_under_way() || is_relayed.get());
    let void = move || {
        offer.set(None);
        declined.set(None);
        payment.withdraw();
    };
    let prepare = move || {
        let Some(amount) = money.amount() else {
            return;
        };
        let question = api::prepare_top_up(live.id(), amount);
        request.send(question, move |plan| match &plan.relay {
            Relay::Offered { .. } => offer.set(Some(plan)),
            Relay::Declined { why } => {
                declined.set(Some(why.clone()));
                payment.offer(own_gas(&plan));
            }
        });
    };
    let pays_gas = Signal::derive(move || {
        payment
            .plan()
            .with(|plan| plan.as_ref().is_some_and(|plan| !plan.is_done()))
    });
    let is_void = Signal::derive(move || money.amount().is_none() || is_locked.get());
    view! {
        <MoneyField money label="Amount, tUSDC" testid="top-up-amount" locked=is_locked meaning=buys on_change=void/>
        <BusyButton label="Review" testid="prepare-top-up" busy=request.pending disabled=is_void weight=Weight::Plain on_press=prepare/>
        <Failure what=request.error/>
        {move || match relayed.get() {
            Some(RelayedDeposit::OnItsWay) => view! {
                <p role="status" data-testid="top-up-relayed">"Your top-up is on its way. This page moves on by itself."</p>
            }
            .into_any(),
            Some(RelayedDeposit::Failed { why }) => view! {
                <Notice gravity=Gravity::Bad><p>{format!("The escrow did not take the signed top-up: {why}. No money has moved. Review it again.")}</p></Notice>
            }
            .into_any(),
            None => ().into_any(),
        }}
        {move || offer.get().filter(|_| !is_relayed.get()).map(|plan| {
            let own = StoredValue::new(plan.clone());
            let pay_gas = Callback::new(move |()| payment.offer(own_gas(&own.get_value())));
            let take_back = Callback::new(move |()| payment.withdraw());
            view! { <SignTopUp plan pay_gas take_back pays_gas=pays_gas/> }
        })}
        {move || declined.get().map(|why| view! { <p>{why}</p> })}
        <PaySteps payment order=Some(live.id())/>
        {move || payment.is_done().then(|| payment.plan().with(|plan| plan.as_ref().map(|plan| view! {
            <p class="dim" role="status">{format!("{} is in escrow once the chain has confirmed it.", exact(plan.amount))}</p>
        })))}
    }
}

/// Approval and top-up, for a wallet that pays its own gas.
fn own_gas(plan: &TopUpPlan) -> Plan {
    let amount = plan.top_up.amount;
    let named = [
        (format!("Approve {amount}"), "approve", "approve-top-up"),
        ("Send the top-up".to_owned(), "top_up", "top-up"),
    ];
    let step = |((label, kind, testid), call): ((String, &str, &str), PreparedCall)| {
        Step::new(label, kind, testid, call)
    };
    Plan::new(
        amount,
        named
            .into_iter()
            .zip(plan.calls.clone())
            .map(step)
            .collect(),
    )
}
