//! A single call that the visitor's own wallet sends: decoded, sent and followed.

use domain::ids::OrderId;
use domain::journey::PreparedCall;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::session::Session;
use crate::components::transaction::{DecodedCall, Sending, TransactionState};
use crate::components::wallet_panel::{LockedWallet, SignIn, WalletPicker};
use crate::components::wallet_trouble::WalletTrouble;
use crate::wallet::Wallet;

/// The call, its cost for the sender, its button and its progress.
#[component]
pub(crate) fn WalletCall(
    /// Call that the wallet signs, as the server prepared it.
    call: PreparedCall,
    /// Label of the button.
    #[prop(default = "Sign in the wallet")]
    label: &'static str,
    /// Kind of transaction, like `fund` or `approve`.
    kind: &'static str,
    /// The button's name in tests.
    testid: &'static str,
    /// Weight of the button.
    weight: Weight,
    /// `true` while it cannot be sent yet.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// Order that it is reported for; `None` if it belongs to no order.
    #[prop(optional)]
    order: Option<OrderId>,
    /// Called at the end: `true` if it succeeded.
    on_end: impl Fn(bool) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let sending = Sending::new();
    let prepared = StoredValue::new(call.clone());
    let send = move || {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        let call = prepared.get_value();
        spawn_local(async move {
            let worked = sending.run(&connected, &chain, kind, &call, order).await;
            on_end(worked);
        });
    };
    let gas = move || {
        chain
            .view()
            .map_or_else(String::new, |chain| chain.gas_symbol)
    };
    view! {
        <div class="wallet-call">
            <DecodedCall call/>
            <p class="dim" data-testid="own-gas">"Your wallet sends this and pays the gas: a little "{gas}"."</p>
            <BusyButton
                label
                weight
                testid
                busy=Signal::derive(move || sending.is_busy())
                disabled
                on_press=send
            />
            <TransactionState sending explorer=Signal::derive(move || chain.explorer())/>
            <WalletTrouble asking=sending.asking() trouble=sending.trouble() chain=Signal::derive(move || chain.view()) on_remedy=move |_| send()/>
        </div>
    }
}

/// Shows content that needs the signed-in account's wallet, or the steps to connect it.
#[component]
pub(crate) fn WithWallet(
    /// Content that needs the wallet.
    children: ChildrenFn,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let is_there = Memo::new(move |_| {
        wallet
            .connected()
            .map(|connected| session.address() == Some(connected.address))
    });
    move || match is_there.get() {
        None => view! { <WalletPicker/> }.into_any(),
        Some(false) => view! { <SignIn/> }.into_any(),
        Some(true) => view! {
            <LockedWallet/>
            {children()}
        }
        .into_any(),
    }
}
