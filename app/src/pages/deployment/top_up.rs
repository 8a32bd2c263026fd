//! More money for more time.

use domain::journey::PreparedCall;
use domain::money::{TokenAmount, Usd};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::wallet_call::WalletCall;
use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::notice::Failure;
use crate::components::session::Session;
use crate::components::wallet_panel::{SignIn, WalletPicker};
use crate::live_order::LiveOrder;
use crate::wallet::Wallet;

/// An amount, the prepared calls decoded, and their progress.
#[component]
pub(super) fn TopUp() -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let calls = RwSignal::new(Vec::<PreparedCall>::new());
    let amount = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let ready = Memo::new(move |_| {
        wallet
            .connected()
            .is_some_and(|connected| session.address() == Some(connected.address))
    });
    let prepare = move || {
        let asked = match amount.get_untracked().trim().parse::<Usd>() {
            Ok(asked) if asked > Usd::ZERO => TokenAmount::from_usd(asked),
            Ok(_) => return wrong.set(Some("Say how much to add.".to_owned())),
            Err(error) => return wrong.set(Some(error.to_string())),
        };
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            match api::prepare_top_up(live.id(), asked).await {
                Ok(prepared) => calls.set(prepared),
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    let form = move || {
        if wallet.connected().is_none() {
            return view! { <WalletPicker/> }.into_any();
        }
        if !ready.get() {
            return view! { <SignIn/> }.into_any();
        }
        view! {
            <label class="field">
                <span>"Amount, tUSDC"</span>
                <input type="text" inputmode="decimal" data-testid="top-up-amount" prop:value=move || amount.get() on:input:target=move |event| amount.set(event.target().value())/>
            </label>
            <BusyButton label="Prepare the top-up" testid="prepare-top-up" busy on_press=prepare/>
            <Failure what=wrong/>
            <ol class="transactions">
                {move || calls.get().into_iter().map(|call| view! { <li><WalletCall call kind="top_up" testid="top-up" weight=Weight::Primary/></li> }).collect_view()}
            </ol>
        }
        .into_any()
    };
    view! {
        <details class="fold"><summary>"Add money"</summary>{form}</details>
    }
}
