//! Test USDC and gas for an account that lacks them.

use domain::money::TokenAmount;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::gas::Gas;
use super::holdings::Holdings;
use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::figures::exact;
use crate::components::transaction::{Sending, TransactionState};
use crate::components::wallet_trouble::WalletTrouble;
use crate::wallet::{Wallet, watch_asset};

/// Provides gas first if it is missing, then the transaction that mints test USDC.
#[component]
pub(super) fn TestTokens(
    /// Deposit that the account's tokens must cover.
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
            match api::faucet_call(connected.address).await {
                Ok(call) => {
                    sending.run(&connected, &view, "faucet", &call, None).await;
                }
                Err(error) => sending.trouble().set(Some(error.into())),
            }
            holdings.ask(wallet, chain);
        });
    };
    let show_token = move |_| {
        let (Some(connected), Some(view)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        spawn_local(async move {
            if let Err(error) = watch_asset(sending.asking(), &connected, &view).await {
                drop(sending.trouble().try_set(Some(error.into())));
            }
        });
    };
    let has = move || {
        let known = holdings.known()?;
        let (has, needs) = (exact(known.token), exact(needed));
        Some(format!("The account holds {has}; the deposit is {needs}."))
    };
    let lacks_gas = Memo::new(move |_| holdings.known().is_some_and(|known| !known.has_gas));
    view! {
        <p>{has}</p>
        <Show when=move || lacks_gas.get()><Gas/></Show>
        <p class="dim">"Test USDC (tUSDC) is free and worth nothing. Your wallet signs one transaction that mints it to you."</p>
        <div class="buttons">
            <BusyButton
                label="Get test USDC"
                weight=Weight::Primary
                testid="get-test-usdc"
                busy=Signal::derive(move || sending.is_busy())
                disabled=lacks_gas
                on_press=get
            />
            <button type="button" class="button" on:click=show_token>"Show tUSDC in the wallet"</button>
        </div>
        <TransactionState sending explorer=Signal::derive(move || chain.explorer())/>
        <WalletTrouble asking=sending.asking() trouble=sending.trouble() chain=Signal::derive(move || chain.view()) on_remedy=move |_| get()/>
    }
}
