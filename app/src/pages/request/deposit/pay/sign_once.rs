//! A deposit with one signature: Necto relays it and pays the gas.

use domain::ids::OrderId;
use domain::journey::{DepositPlan, PreparedCall};
use leptos::prelude::*;

use super::own_gas::OwnGas;
use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::transaction::{DecodedCall, Sending};
use crate::components::wallet_request::WalletRequest;
use crate::components::wallet_trouble::{Trouble, WalletTrouble};
use crate::live_order::LiveOrder;
use crate::wallet::{Asking, Connected, Wallet, sign_typed_data, verify_chain};

/// The decoded data to sign, with its button; paying the gas oneself remains possible.
#[component]
pub(super) fn SignOnce(
    /// Deposit as the server prepared it: its terms, its calls and its chain.
    plan: DepositPlan,
    /// Typed data that the wallet signs (EIP-712), as JSON.
    typed_data: String,
    /// Names and values of the typed data, for people.
    decoded: Vec<(String, String)>,
    /// State of the deposit's transaction, in case the wallet sends it itself.
    fund: Sending,
    /// `true` once the deposit was sent; set here.
    sent: RwSignal<bool>,
    /// Voids the prepared terms, because the buyer cancelled the signature.
    on_cancel: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let request = WalletRequest::new();
    let pays_gas = RwSignal::new(false);
    let signed = StoredValue::new(PreparedCall {
        title: format!("{} with one signature", plan.fund.title),
        to: plan.chain.token,
        data: typed_data.clone(),
        decoded,
    });
    let plan = StoredValue::new(plan);
    let typed_data = StoredValue::new(typed_data);
    let chain = Signal::derive(move || plan.try_with_value(|plan| plan.chain.clone()));
    let sign = move || {
        let Some(connected) = wallet.connected_now() else {
            return;
        };
        let (plan, typed_data) = (plan.get_value(), typed_data.get_value());
        let order = live.id();
        request.run(async move {
            let relayed = relay(request.asking, &connected, &plan, &typed_data, order).await;
            // The page may have moved on meanwhile, so that nobody listens.
            match &relayed {
                Ok(()) => drop(sent.try_set(true)),
                Err(error)
                    if error.is_cancelled() && pays_gas.try_get_untracked() == Some(false) =>
                {
                    on_cancel();
                }
                Err(_) => {}
            }
            relayed
        });
    };
    // An error of one way says nothing about the other.
    let choose = move |own_gas: bool| {
        pays_gas.set(own_gas);
        request.asking.cancel();
        fund.forget();
        request.trouble.set(None);
    };
    view! {
        <div class="one-signature">
            <Show
                when=move || pays_gas.get()
                fallback=move || view! {
                    <DecodedCall call=signed.get_value()/>
                    <p class="dim">"Your wallet asks for one signature and sends nothing. Necto pays the gas; the signature is good for this deposit alone."</p>
                    <BusyButton
                        label="Sign once, Necto pays the gas"
                        weight=Weight::Primary
                        testid="sign-deposit"
                        busy=request.pending
                        on_press=sign
                    />
                    <WalletTrouble asking=request.asking trouble=request.trouble chain on_remedy=move |_| sign()/>
                    <button type="button" class="button small" data-testid="pay-gas" on:click=move |_| choose(true)>
                        "Pay the gas yourself instead"
                    </button>
                }
            >
                <p>"Two transactions of your own wallet. Nothing of the signature is needed for them."</p>
                <OwnGas plan=plan.get_value() fund sent/>
                <button type="button" class="button small" data-testid="sign-instead" on:click=move |_| choose(false)>
                    "Sign once instead, Necto pays the gas"
                </button>
            </Show>
        </div>
    }
}

/// Has the wallet sign and the server relay.
async fn relay(
    asking: Asking,
    connected: &Connected,
    plan: &DepositPlan,
    typed_data: &str,
    order: OrderId,
) -> Result<(), Trouble> {
    verify_chain(asking, connected, &plan.chain).await?;
    let signature = sign_typed_data(asking, connected, typed_data).await?;
    Ok(api::relay_deposit(order, plan.escrow, signature).await?)
}
