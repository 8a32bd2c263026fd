//! The deposit: wallet, network, sign-in, test tokens, and the signature or the two transactions.

mod gas;
mod holdings;
mod pay;
mod sent;
mod shown_terms;
mod station;
mod test_tokens;

use domain::journey::RelayedDeposit;
use domain::money::TokenAmount;
use leptos::prelude::*;

use super::auto_sign::is_paying;
use crate::browser;
use crate::components::chain::Chain;
use crate::components::notice::{Gravity, Notice};
use crate::components::session::Session;
use crate::components::wallet_panel::{LockedWallet, SignIn, WalletPicker};
use crate::components::wrong_network::WrongNetwork;
use crate::live_order::LiveOrder;
use crate::wallet::Wallet;
use holdings::Holdings;
use pay::Pay;
use sent::DepositSent;
use shown_terms::ShownTerms;
use station::{Facts, Station};
use test_tokens::TestTokens;

/// The panel: one station at a time, with the completed ones ticked off.
#[component]
pub(crate) fn DepositPanel() -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let holdings = Holdings::follow(wallet, chain);
    provide_context(holdings);
    let deposit = live.part(|order| order.state.quote().map(|quote| quote.deposit));
    let paid = live.part(|order| order.state.paid().is_some());
    // A deposit that is on its way is followed whatever the account's balance is by now.
    let sent = RwSignal::new(false);
    provide_context(DepositSent(sent));
    provide_context(ShownTerms::follow(live));
    // Likewise for a deposit that Necto relays.
    let relayed = live.part(|order| order.relayed.clone());
    Effect::new(move |_| match relayed.get() {
        Some(RelayedDeposit::OnItsWay) => sent.set(true),
        Some(RelayedDeposit::Failed { .. }) => sent.set(false),
        None => {}
    });
    let station = Memo::new(move |_| {
        let connected = wallet.connected();
        Facts {
            is_paid: paid.get(),
            deposit: deposit.get(),
            on_chain: connected.as_ref().map(|connected| connected.chain_id),
            wanted_chain: chain.view().map(|chain| chain.chain_id),
            is_signed_in: connected
                .is_some_and(|connected| session.address() == Some(connected.address)),
            holds: holdings.known().map(|known| (known.token, known.has_gas)),
            needs_gas: chain.view().is_none_or(|chain| !chain.relays_deposits),
            is_sent: sent.get(),
        }
        .station()
    });
    // Each step removes the previous one's button, so focus moves to the panel.
    Effect::new(move |before: Option<Station>| {
        let Some(now) = station.try_get() else {
            return Station::Paid;
        };
        if before.is_some_and(|before| before != now) {
            request_animation_frame(|| {
                if browser::focus_is_lost() {
                    browser::focus("deposit");
                }
            });
        }
        now
    });
    let body = move || match station.get() {
        Station::NoPrice => {
            view! { <p class="dim">"The deposit follows once there is a price."</p> }.into_any()
        }
        Station::Connect => view! { <WalletPicker/> }.into_any(),
        Station::AskingChain => view! { <ChainPending/> }.into_any(),
        Station::Switch => view! { <WrongNetwork/> }.into_any(),
        Station::SignIn => view! { <SignIn/> }.into_any(),
        Station::Reading => {
            view! { <p class="dim" role="status">"Reading what the account holds."</p> }.into_any()
        }
        Station::GetTokens => {
            view! { <TestTokens needed=deposit.get_untracked().unwrap_or(TokenAmount::ZERO)/> }
                .into_any()
        }
        Station::Pay => view! { <Pay/> }.into_any(),
        Station::Paid => view! { <p>"Paid."</p> }.into_any(),
    };
    // If no account is connected, the picker itself reports a locked wallet.
    let is_connected = Memo::new(move |_| wallet.connected().is_some());
    let stop = move |(title, at): (&'static str, Station)| {
        let state = move || at.progress(station.get());
        view! {
            <li data-progress=state aria-current=move || (state() == "now").then_some("step")>{title}</li>
        }
    };
    let is_paying = is_paying(live);
    view! {
        <section class="deposit" hidden=move || is_paying.get() id="deposit" tabindex="-1" data-testid="deposit-panel" aria-label="Deposit">
            <ol class="stations">{Station::STOPS.map(stop).collect_view()}</ol>
            <Show when=move || is_connected.get()><LockedWallet/></Show>
            {body}
        </section>
    }
}

/// Shown until the chain is known: nothing can be checked before that.
#[component]
fn ChainPending() -> impl IntoView {
    let chain = Chain::here();
    move || {
        match chain.error() {
        Some(error) => view! {
            <Notice gravity=Gravity::Bad>
                <p>{error.sentence}</p>
                <button type="button" class="button" on:click=move |_| chain.ask()>"Ask again"</button>
            </Notice>
        }
        .into_any(),
        None => view! { <p class="dim" role="status">"Asking which chain the deposit is on."</p> }.into_any(),
    }
    }
}
