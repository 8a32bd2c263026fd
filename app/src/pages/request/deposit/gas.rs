//! Gas for the deposit: provided where the chain gives it for free, otherwise a link to a faucet.

use domain::journey::ChainView;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::holdings::Holdings;
use crate::api::{self, ApiError};
use crate::components::chain::Chain;
use crate::components::notice::{Gravity, Notice};
use crate::request::Request;
use crate::wallet::{Connected, Wallet, balances};

/// Interval and number of balance checks.
const LOOK_EVERY_MS: u32 = 500;
const LOOKS: u32 = 60;

/// Requests gas at once, without a click: it costs the buyer nothing, and browsers open a wallet's window
/// only shortly after a click, so the click is saved for the wallet.
#[component]
pub(super) fn Gas() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let holdings = expect_context::<Holdings>();
    let chain = Chain::here();
    let request = Request::new();
    let ask = move || {
        let (Some(connected), Some(view)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        if !view.gas_drip {
            return;
        }
        request.send(arrived(connected, view), move |()| {
            holdings.ask(wallet, chain);
        });
    };
    Effect::new(move |_| ask());
    let known_chain = chain;
    move || {
        let chain = chain.view()?;
        let symbol = chain.gas_symbol;
        Some(match (request.error.get(), chain.gas_drip, chain.faucet_url) {
            (Some(sentence), ..) => view! {
                <Notice gravity=Gravity::Warn>
                    <p>{sentence}</p>
                    <button type="button" class="button" on:click=move |_| ask()>"Ask for gas again"</button>
                </Notice>
            }
            .into_any(),
            (None, true, _) => view! {
                <p role="status">{format!("It has no {symbol} for gas. A little is on its way, free of charge.")}</p>
            }
            .into_any(),
            (None, false, Some(faucet)) => view! {
                <p>
                    {format!("It has no {symbol} to pay gas with. ")}
                    <a href=faucet target="_blank" rel="noopener noreferrer">"Get some from the faucet"</a>
                    ", then "
                    <button type="button" class="button small" on:click=move |_| holdings.ask(wallet, known_chain)>"look again"</button>
                </p>
            }
            .into_any(),
            (None, false, None) => view! { <p>{format!("It has no {symbol} to pay gas with.")}</p> }.into_any(),
        })
    }
}

/// Requests gas and waits until the account has it.
async fn arrived(connected: Connected, chain: ChainView) -> Result<(), ApiError> {
    api::drip_gas().await?;
    for _ in 0..LOOKS {
        if balances(&connected, &chain)
            .await
            .is_ok_and(|balances| balances.has_gas)
        {
            return Ok(());
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
    Err(ApiError::new(
        504,
        "The gas was sent but has not arrived yet.",
    ))
}
