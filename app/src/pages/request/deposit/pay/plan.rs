//! The prepared transactions of a deposit.

use domain::journey::{DepositPlan, PreparedCall};
use domain::money::TokenAmount;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::busy_button::{BusyButton, Weight};
use crate::components::transaction::{DecodedCall, Sending, TransactionState};
use crate::components::wallet_trouble::WalletTrouble;
use crate::live_order::LiveOrder;
use crate::wallet::{Wallet, allowance};

/// Both decoded calls with their buttons; the second is enabled once the first has succeeded.
#[component]
pub(super) fn Plan(
    /// Deposit as the server prepared it: its terms, its calls and its chain.
    plan: DepositPlan,
    /// State of the deposit's transaction.
    fund: Sending,
    /// `true` once the deposit was sent; set here.
    sent: RwSignal<bool>,
) -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let approve = Sending::new();
    let allowed = RwSignal::new(None::<TokenAmount>);
    let deposit = plan.terms.deposit;
    let is_allowed = Memo::new(move |_| allowed.get().is_some_and(|allowed| allowed >= deposit));
    let plan = StoredValue::new(plan);
    let chain = Signal::derive(move || Some(plan.with_value(|plan| plan.chain.clone())));
    let explorer = Signal::derive(move || plan.with_value(|plan| plan.chain.explorer_url.clone()));
    let read_allowance = move || {
        // A paid plan leaves the page while its transaction is still being followed.
        let chain = plan.try_with_value(|plan| plan.chain.clone());
        let Some((connected, chain)) = wallet.connected_now().zip(chain) else {
            return;
        };
        spawn_local(async move {
            let known = allowance(&connected, &chain).await.ok();
            allowed.try_set(known);
        });
    };
    Effect::new(move |_| read_allowance());
    let go = move |kind: &'static str, sending: Sending, call: PreparedCall| {
        let Some(connected) = wallet.connected_now() else {
            return;
        };
        let chain = plan.with_value(|plan| plan.chain.clone());
        let order = live.id();
        spawn_local(async move {
            sending
                .run(&connected, &chain, kind, &call, Some(order))
                .await;
            read_allowance();
        });
    };
    let do_approve = move || {
        go(
            "approve",
            approve,
            plan.with_value(|plan| plan.approve.clone()),
        )
    };
    let do_fund = move || go("fund", fund, plan.with_value(|plan| plan.fund.clone()));
    // Once the deposit is on its way, nothing is left to press here.
    Effect::new(move |_| {
        if fund.state().is_some_and(|state| state.is_on_its_way()) {
            sent.set(true);
        }
    });
    view! {
        <ol class="transactions">
            <li>
                <DecodedCall call=plan.with_value(|plan| plan.approve.clone())/>
                <BusyButton
                    label=Signal::derive(move || if is_allowed.get() { "Approved" } else { "Approve (1 of 2)" }.to_owned())
                    weight=Weight::Primary
                    testid="approve"
                    busy=Signal::derive(move || approve.is_busy())
                    disabled=is_allowed
                    on_press=do_approve
                />
                <TransactionState sending=approve explorer/>
                <WalletTrouble asking=approve.asking() trouble=approve.trouble() chain on_remedy=move |_| do_approve()/>
            </li>
            <li>
                <DecodedCall call=plan.with_value(|plan| plan.fund.clone())/>
                <BusyButton
                    label="Deposit (2 of 2)"
                    weight=Weight::Primary
                    testid="fund"
                    busy=Signal::derive(move || fund.is_busy())
                    disabled=Signal::derive(move || !is_allowed.get())
                    on_press=do_fund
                />
                <WalletTrouble asking=fund.asking() trouble=fund.trouble() chain on_remedy=move |_| do_fund()/>
            </li>
        </ol>
    }
}
