//! Paying: one signature where Necto pays the gas, or two transactions of the wallet's own.

mod acceptance;
mod own_gas;
mod plan;
mod sign_once;

use domain::deployment::{Acceptance, State};
use domain::ids::OrderId;
use domain::journey::{DepositPlan, OrderView, Relay, RelayedDeposit};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{DepositSent, Holdings};
use crate::api::{self, ApiError};
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::transaction::{Sending, TransactionState};
use crate::live_order::LiveOrder;
use crate::wallet::{TxState, Wallet, recall_sent};
use acceptance::AcceptanceChoice;
use own_gas::OwnGas;
use sign_once::SignOnce;

/// Who picks the bid, what is signed decoded, and its progress.
#[component]
pub(super) fn Pay() -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let sent = expect_context::<DepositSent>().0;
    let holdings = expect_context::<Holdings>();
    let acceptance = RwSignal::new(Acceptance::Automatic);
    let plan = RwSignal::new(None::<DepositPlan>);
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let fund = Sending::new();
    follow_earlier(live, wallet, fund, sent);
    // A deposit that certainly did not happen frees the way for another.
    Effect::new(move |_| {
        if matches!(fund.state(), Some(TxState::Cancelled | TxState::Reverted)) {
            sent.set(false);
            plan.set(None);
            holdings.ask(wallet, chain);
        }
    });
    // A draft that was changed has other terms: what was prepared for the old ones is void.
    let escrow = live.part(|order| order.state.escrow());
    Effect::new(move |_| {
        let current = escrow.get();
        if plan.with(|plan| {
            plan.as_ref()
                .is_some_and(|plan| Some(plan.escrow) != current)
        }) {
            plan.set(None);
        }
    });
    let prepare = move || {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            match prepared(live.id(), acceptance.get_untracked()).await {
                Ok((made, order)) => {
                    live.set(order);
                    plan.set(Some(made));
                }
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    let explorer = Signal::derive(move || chain.explorer());
    let relay_failed = live.part(|order| match (&order.relayed, &order.state) {
        // What auto-sign did not pay is said above.
        (_, State::AwaitingDeposit { kept: Some(_), .. }) => None,
        (Some(RelayedDeposit::Failed { why }), _) => Some(why.clone()),
        _ => None,
    });
    let way = move |plan: DepositPlan| match plan.relay.clone() {
        Relay::Offered {
            typed_data,
            decoded,
        } => view! { <SignOnce plan typed_data decoded fund sent/> }.into_any(),
        Relay::Declined { why } => view! {
            <p>{why}</p>
            <OwnGas plan fund sent/>
        }
        .into_any(),
    };
    view! {
        <Show when=move || sent.get()>
            <p>"Your deposit was sent. Necto waits for its confirmations on chain; this page moves on by itself."</p>
        </Show>
        <Show when=move || !sent.get()>
            <AcceptanceChoice acceptance locked=Signal::derive(move || plan.with(Option::is_some))/>
            {move || match plan.get() {
                Some(plan) => way(plan),
                None => view! {
                    <p>"Next you see the terms you sign, decoded. Nothing is signed yet."</p>
                    <BusyButton label="Prepare the deposit" weight=Weight::Primary testid="prepare-deposit" busy on_press=prepare/>
                }
                .into_any(),
            }}
        </Show>
        {move || relay_failed.get().map(|why| view! {
            <Notice gravity=Gravity::Bad>
                <p>{format!("The escrow did not take the signed deposit: {why}. No money has moved. Sign again, or pay the gas yourself.")}</p>
            </Notice>
        })}
        <TransactionState sending=fund explorer/>
        <Failure what=wrong/>
    }
}

/// Fixes the terms; the prepared transactions and the order as it is then.
async fn prepared(
    order: OrderId,
    acceptance: Acceptance,
) -> Result<(DepositPlan, OrderView), ApiError> {
    let plan = api::prepare_deposit(order, acceptance).await?;
    Ok((plan, api::open_order(order).await?))
}

/// Goes on following a deposit that was sent before a reload.
fn follow_earlier(live: LiveOrder, wallet: Wallet, fund: Sending, sent: RwSignal<bool>) {
    Effect::new(move |followed: Option<bool>| {
        if followed == Some(true) {
            return true;
        }
        let Some(connected) = wallet.connected() else {
            return false;
        };
        let earlier = recall_sent(live.id())
            .into_iter()
            .find(|earlier| earlier.kind == "fund");
        if let Some(earlier) = earlier {
            sent.set(true);
            spawn_local(async move {
                fund.resume(&connected.uuid, &earlier).await;
            });
        }
        true
    });
}
