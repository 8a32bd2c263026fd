//! Test USDC and gas for an account that lacks them.

use domain::money::TokenAmount;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Holdings;
use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::figures::tokens;
use crate::components::transaction::{Sending, TransactionState};
use crate::components::wallet_trouble::WalletTrouble;
use crate::wallet::{Wallet, watch_asset};
use wait_for_gas::wait_for_gas;

mod wait_for_gas;

/// One button that brings both, where the chain gives gas for free; otherwise the way to a faucet.
#[component]
pub(super) fn TestTokens(
    /// How much the deposit needs.
    needed: TokenAmount,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let holdings = expect_context::<Holdings>();
    let chain = Chain::here();
    let sending = Sending::new();
    let get = move || {
        let (Some(connected), Some(view)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        spawn_local(async move {
            let dripped = match holdings.known.try_get_untracked().flatten() {
                Some(known) if !known.has_gas && view.gas_drip => {
                    wait_for_gas(&connected, &view).await
                }
                _ => Ok(()),
            };
            let call = match dripped {
                Ok(()) => api::faucet_call(connected.address).await,
                Err(error) => Err(error),
            };
            match call {
                Ok(call) => {
                    sending.run(&connected, &view, "faucet", &call, None).await;
                }
                Err(error) => sending.trouble().set(Some(error.into())),
            }
            holdings.ask(wallet, chain);
        });
    };
    let has = move || {
        let known = holdings.known()?;
        Some(format!(
            "The account holds {}; the deposit is {}.",
            tokens(known.token, 2),
            tokens(needed, 2)
        ))
    };
    let gas = move || {
        let known = holdings.known()?;
        let chain = chain.view()?;
        if known.has_gas {
            return None;
        }
        Some(match (chain.gas_drip, chain.faucet_url) {
            (true, _) => view! { <p>{format!("It has no {} for gas either; a little is sent along, free of charge.", chain.gas_symbol)}</p> }.into_any(),
            (false, Some(faucet)) => view! {
                <p>{format!("It has no {} to pay gas with. ", chain.gas_symbol)} <a href=faucet target="_blank" rel="noopener noreferrer">"Get some from the faucet"</a>"."</p>
            }
            .into_any(),
            (false, None) => view! { <p>{format!("It has no {} to pay gas with.", chain.gas_symbol)}</p> }.into_any(),
        })
    };
    let show_token = move |_| {
        let (Some(connected), Some(view)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        spawn_local(async move {
            if let Err(error) = watch_asset(&connected, &view).await {
                sending.trouble().set(Some(error.into()));
            }
        });
    };
    view! {
        <p>{has}</p>
        {gas}
        <p class="dim">"Test USDC (tUSDC) is free and worth nothing. Your wallet signs one transaction that mints it to you."</p>
        <div class="buttons">
            <BusyButton
                label="Get test USDC"
                weight=Weight::Primary
                testid="get-test-usdc"
                busy=Signal::derive(move || sending.is_busy())
                on_press=get
            />
            <button type="button" class="button" on:click=show_token>"Show tUSDC in the wallet"</button>
        </div>
        <TransactionState sending explorer=Signal::derive(move || chain.explorer())/>
        <WalletTrouble trouble=sending.trouble() chain=Signal::derive(move || chain.view()) on_remedy=move |_| get()/>
    }
}
