//! One call that the buyer's own wallet sends: decoded, sent, followed; then the account is read
//! again.

use domain::journey::PreparedCall;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account::Account;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::session::Session;
use crate::components::transaction::{DecodedCall, Sending, TransactionState};
use crate::components::wallet_panel::{SignIn, WalletPicker};
use crate::components::wallet_trouble::WalletTrouble;
use crate::wallet::Wallet;

/// The call, its button and its progress.
#[component]
pub(super) fn Call(
    /// What will be signed.
    call: PreparedCall,
    /// What the button says.
    label: &'static str,
    /// The button's name in tests.
    testid: &'static str,
    /// How much the button stands out.
    weight: Weight,
    /// Whether it can be sent.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// Told when it worked.
    on_done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let account = Account::here();
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
            if sending.run(&connected, &chain, testid, &call, None).await {
                on_done();
            }
            account.refresh();
        });
    };
    view! {
        <DecodedCall call/>
        <BusyButton
            label
            weight
            testid
            busy=Signal::derive(move || sending.is_busy())
            disabled
            on_press=send
        />
        <TransactionState sending explorer=Signal::derive(move || chain.explorer())/>
        <WalletTrouble trouble=sending.trouble() chain=Signal::derive(move || chain.view()) on_remedy=move |_| send()/>
    }
}

/// What needs the wallet of the account that is signed in; the way there where it is missing.
#[component]
pub(super) fn WithWallet(
    /// What needs it.
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
        Some(true) => children().into_any(),
    }
}
