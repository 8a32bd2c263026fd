//! A top-up with one signature: Necto relays it and pays the gas.

use domain::ids::OrderId;
use domain::journey::{ChainView, PreparedCall, Relay, TopUpPlan};
use leptos::prelude::*;

use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::transaction::DecodedCall;
use crate::components::wallet_request::WalletRequest;
use crate::components::wallet_trouble::{Trouble, WalletTrouble};
use crate::live_order::LiveOrder;
use crate::wallet::{Asking, Connected, Wallet, sign_typed_data, verify_chain};

/// The decoded data to sign, with its button; the visitor can choose to pay the gas, and take that choice
/// back.
#[component]
pub(super) fn SignTopUp(
    /// Top-up as the server prepared it.
    plan: TopUpPlan,
    /// `true` if the visitor chose to pay the gas.
    pays_gas: Signal<bool>,
    /// Called when the visitor chooses to pay the gas.
    pay_gas: Callback<()>,
    /// Called when the visitor takes that choice back.
    take_back: Callback<()>,
) -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let request = WalletRequest::new();
    let decoded = match &plan.relay {
        Relay::Offered { decoded, .. } => decoded.clone(),
        Relay::Declined { .. } => Vec::new(),
    };
    let shown = PreparedCall {
        title: format!("Add {} tUSDC with one signature", plan.top_up.amount),
        to: plan
            .calls
            .first()
            .map_or(plan.top_up.buyer, |approve| approve.to),
        data: typed_data(&plan).to_owned(),
        decoded,
    };
    let shown = StoredValue::new(shown);
    let plan = StoredValue::new(plan);
    let sign = move || {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        let plan = plan.get_value();
        let order = live.id();
        request.run(async move {
            relay(request.asking, &connected, &chain, &plan, order).await?;
            live.refresh();
            Ok(())
        });
    };
    view! {
        <div class="one-signature">
            <Show
                when=move || pays_gas.get()
                fallback=move || view! {
                    <DecodedCall call=shown.get_value()/>
                    <p class="dim">"Your wallet asks for one signature and sends nothing. Necto pays the network fee; the signature is good for this top-up alone, once."</p>
                    <BusyButton label="Sign the top-up" weight=Weight::Primary testid="sign-top-up" busy=request.pending on_press=sign/>
                    <WalletTrouble asking=request.asking trouble=request.trouble chain=Signal::derive(move || chain.view()) on_remedy=move |_| sign()/>
                    <button type="button" class="button small" data-testid="top-up-pay-gas" disabled=move || request.pending.get() on:click=move |_| {
                        request.trouble.set(None);
                        pay_gas.run(());
                    }>"Pay the network fee yourself instead"</button>
                }
            >
                <p>"Two transactions of your own wallet."</p>
                <button type="button" class="button small" data-testid="top-up-sign-instead" on:click=move |_| take_back.run(())>"Sign once instead"</button>
            </Show>
        </div>
    }
}

fn typed_data(plan: &TopUpPlan) -> &str {
    match &plan.relay {
        Relay::Offered { typed_data, .. } => typed_data,
        Relay::Declined { .. } => "",
    }
}

/// Has the wallet sign and the server relay.
async fn relay(
    asking: Asking,
    connected: &Connected,
    chain: &ChainView,
    plan: &TopUpPlan,
    order: OrderId,
) -> Result<(), Trouble> {
    verify_chain(asking, connected, chain).await?;
    let signature = sign_typed_data(asking, connected, typed_data(plan)).await?;
    let sent = api::relay_top_up(order, plan.top_up, plan.valid_before, signature);
    Ok(sent.await?)
}
