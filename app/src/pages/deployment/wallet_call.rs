//! One call on a paid order that the buyer's own wallet sends: decoded, sent, followed.

use domain::journey::PreparedCall;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::transaction::{DecodedCall, Sending, TransactionState};
use crate::components::wallet_trouble::WalletTrouble;
use crate::live_order::LiveOrder;
use crate::wallet::Wallet;

/// The call, its button and its progress.
#[component]
pub(super) fn WalletCall(
    /// What will be signed.
    call: PreparedCall,
    /// What the server calls such a transaction.
    kind: &'static str,
    /// The button's name in tests.
    testid: &'static str,
    /// How much the button stands out.
    weight: Weight,
) -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let sending = Sending::new();
    let prepared = StoredValue::new(call.clone());
    let send = move || {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        spawn_local(async move {
            let call = prepared.get_value();
            sending
                .run(&connected, &chain, kind, &call, Some(live.id()))
                .await;
            live.refresh();
        });
    };
    view! {
        <DecodedCall call/>
        <BusyButton
            label="Sign in the wallet"
            weight
            testid
            busy=Signal::derive(move || sending.is_busy())
            on_press=send
        />
        <TransactionState sending explorer=Signal::derive(move || chain.explorer())/>
        <WalletTrouble trouble=sending.trouble() chain=Signal::derive(move || chain.view()) on_remedy=move |_| send()/>
    }
}
