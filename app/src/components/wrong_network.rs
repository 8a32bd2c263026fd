//! A wallet on another chain.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::busy_button::{BusyButton, Weight};
use super::chain::Chain;
use super::wallet_trouble::{Trouble, WalletTrouble};
use crate::wallet::{Adding, Remedy, Wallet, add_or_switch};

/// Says which chain it is and which it should be, and switches.
#[component]
pub(crate) fn WrongNetwork() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let switch = move |adding: Adding| {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let outcome = add_or_switch(wallet, &connected, &chain, adding).await;
            trouble.try_set(outcome.err().map(Trouble::Wallet));
            busy.try_set(false);
        });
    };
    let explanation = move || {
        let (connected, chain) = wallet.connected().zip(chain.view())?;
        Some(format!(
            "Your wallet is on chain {}. The deposit is on {} ({}).",
            connected.chain_id, chain.name, chain.chain_id
        ))
    };
    let on_remedy = move |remedy| {
        switch(if remedy == Remedy::AddNetwork {
            Adding::Now
        } else {
            Adding::IfUnknown
        });
    };
    view! {
        <p>{explanation}</p>
        <BusyButton
            label="Switch the network"
            weight=Weight::Primary
            testid="switch-network"
            busy
            on_press=move || switch(Adding::IfUnknown)
        />
        <WalletTrouble trouble chain=Signal::derive(move || chain.view()) on_remedy/>
    }
}
