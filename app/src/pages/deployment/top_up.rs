//! More money for more time.

use domain::journey::PreparedCall;
use domain::money::{TokenAmount, Usd};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::notice::Failure;
use crate::components::wallet_call::{WalletCall, WithWallet};
use crate::live_order::LiveOrder;

/// An amount, the prepared calls decoded, and their progress.
#[component]
pub(super) fn TopUp() -> impl IntoView {
    let live = LiveOrder::here();
    let calls = RwSignal::new(Vec::<PreparedCall>::new());
    let amount = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let prepare = move || {
        let asked = match amount.get_untracked().trim().parse::<Usd>() {
            Ok(asked) if asked > Usd::ZERO => TokenAmount::from_usd(asked),
            Ok(_) => return wrong.set(Some("Say how much to add.".to_owned())),
            Err(error) => return wrong.set(Some(error.to_string())),
        };
        busy.set(true);
        wrong.set(None);
        let order = live.id();
        spawn_local(async move {
            match api::prepare_top_up(order, asked).await {
                Ok(prepared) => calls.set(prepared),
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    let step = move |call: PreparedCall| {
        view! {
            <li>
                <WalletCall call kind="top_up" testid="top-up" weight=Weight::Primary order=live.id()
                    on_end=move |_| live.refresh()/>
            </li>
        }
    };
    view! {
        <details class="fold">
            <summary>"Add money"</summary>
            <WithWallet>
                <label class="field">
                    <span>"Amount, tUSDC"</span>
                    <input type="text" inputmode="decimal" data-testid="top-up-amount" prop:value=move || amount.get() on:input:target=move |event| amount.set(event.target().value())/>
                </label>
                <BusyButton label="Prepare the top-up" testid="prepare-top-up" busy on_press=prepare/>
                <Failure what=wrong/>
                <ol class="transactions">{move || calls.get().into_iter().map(step).collect_view()}</ol>
            </WithWallet>
        </details>
    }
}
