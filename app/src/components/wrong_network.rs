//! Notice about a wallet on another chain.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::busy_button::{BusyButton, Weight};
use super::chain::Chain;
use super::wallet_request::WalletRequest;
use super::wallet_trouble::{Trouble, WalletTrouble};
use crate::wallet::{Added, Adding, Remedy, Wallet, WalletError, add_or_switch, by_hand};

/// Interval at which the wallet's chain is read while it is the wrong one: some wallets report no change, and
/// some switch a moment after agreeing.
const LOOK_EVERY_MS: u32 = 1_000;

/// Names the current and the required chain, offers to switch or add it, and shows the values to enter by
/// hand.
#[component]
pub(crate) fn WrongNetwork() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let request = WalletRequest::new();
    let WalletRequest {
        asking,
        pending,
        trouble,
    } = request;
    let added = RwSignal::new(false);
    follow(wallet);
    let switch = move |adding: Adding| {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        request.run(async move {
            let outcome = add_or_switch(asking, wallet, &connected, &chain, adding).await?;
            if matches!(outcome, Added::NotChosen) {
                added.try_set(true);
            }
            Ok(())
        });
    };
    let explanation = move || {
        let (connected, chain) = wallet.connected().zip(chain.view())?;
        let (on, name, id) = (connected.chain_id, chain.name, chain.chain_id);
        Some(if added.get() {
            format!(
                "Your wallet knows {name} ({id}) now and is still on chain {on}. One step is left: switch."
            )
        } else {
            format!("Your wallet is on chain {on}. The deposit is on {name} ({id}).")
        })
    };
    let on_remedy = move |remedy| {
        switch(if remedy == Remedy::AddNetwork {
            Adding::Now
        } else {
            Adding::IfUnknown
        });
    };
    // Adding the network may help, whatever the wallet's reason for not switching.
    let may_add = Memo::new(move |_| {
        trouble.with(|trouble| {
            trouble.as_ref().is_some_and(|trouble| {
                !trouble.is_cancelled() && *trouble != Trouble::Wallet(WalletError::UnknownChain)
            })
        })
    });
    view! {
        <p>{explanation}</p>
        <BusyButton
            label=Signal::derive(move || if added.get() { "Switch" } else { "Switch the network" }.to_owned())
            weight=Weight::Primary
            testid="switch-network"
            busy=pending
            on_press=move || switch(Adding::IfUnknown)
        />
        <WalletTrouble asking trouble chain=Signal::derive(move || chain.view()) on_remedy/>
        <Show when=move || may_add.get()>
            <BusyButton label="Add the network" testid="add-network" busy=pending on_press=move || switch(Adding::Now)/>
        </Show>
        <ByHand/>
    }
}

/// The values for the wallet's own form.
#[component]
fn ByHand() -> impl IntoView {
    let chain = Chain::here();
    let lines = move || {
        let lines = by_hand(&chain.view()?);
        let line = |(name, value): (&'static str, String)| {
            view! { <dt>{name}</dt><dd class="mono wrap">{value}</dd> }
        };
        Some(lines.into_iter().map(line).collect_view())
    };
    view! {
        <details class="fold" data-testid="network-by-hand">
            <summary>"Add it by hand"</summary>
            <p class="dim">"In the wallet: Networks, then Add a network. Type these values; this page goes on by itself once you have chosen it."</p>
            <dl class="by-hand">{lines}</dl>
        </details>
    }
}

/// Polls the wallet's chain for as long as this part of the page is shown.
fn follow(wallet: Wallet) {
    let is_here = StoredValue::new(());
    Effect::new(move |_| {
        spawn_local(async move {
            loop {
                TimeoutFuture::new(LOOK_EVERY_MS).await;
                let connected = wallet.connected_now();
                let (Some(()), Some(connected)) = (is_here.try_get_value(), connected) else {
                    return;
                };
                // A failed read may succeed the next time.
                let looked = wallet.refresh_chain(&connected.uuid).await;
                drop(looked);
            }
        });
    });
}
