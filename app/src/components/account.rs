//! The wallet in every page's header: connects one, then shows its account and opens the account's menu.

mod balance;
mod menu;
mod popover;
mod recent;

use leptos::prelude::*;

use super::chain::Chain;
use super::session::Session;
use crate::components::figures::tokens;
use crate::wallet::Wallet;
use menu::{account_menu, wallet_choice};
use popover::Popover;

pub(crate) use balance::HeaderBalance;

/// Shown for an unknown balance, to distinguish it from zero.
const UNKNOWN: &str = "? tUSDC";

/// State of the account button and its popover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    /// `true` while the popover is open.
    open: RwSignal<bool>,
    /// Balance of the connected account, as the header shows it.
    balance: HeaderBalance,
}

/// Button that connects a wallet; once one is connected, it names the account and opens its menu.
#[component]
pub(crate) fn AccountButton() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = expect_context::<Chain>();
    let account = Account {
        open: RwSignal::new(false),
        balance: expect_context(),
    };
    let Account { open, balance } = account;
    balance.follow();
    let who = Memo::new(move |_| {
        wallet
            .connected()
            .map(|connected| (connected.address, connected.chain_id))
    });
    Effect::new(move |before: Option<bool>| {
        let is_connected = who.get().is_some();
        // The wallet was connected or disconnected, so the popover closes and focus returns to the button.
        if before == Some(!is_connected) {
            open.set(false);
        }
        is_connected
    });
    let is_foreign = move || {
        let (connected, chain) = (who.get(), chain.view());
        connected
            .zip(chain)
            .is_some_and(|((_, id), chain)| id != chain.chain_id)
    };
    let label = move || {
        let Some((address, _)) = who.get() else {
            return "Connect".into_any();
        };
        let is_locked = wallet.locked().is_some();
        let tone = match (
            is_foreign() || is_locked,
            session.address() == Some(address),
        ) {
            (true, _) => "warn",
            (false, true) => "good",
            (false, false) => "neutral",
        };
        let beside = if is_locked {
            Some("Locked".to_owned())
        } else if is_foreign() {
            Some("Wrong network".to_owned())
        } else {
            Some(
                balance
                    .held()
                    .map_or_else(|| UNKNOWN.to_owned(), |held| tokens(held.token, 2)),
            )
        };
        view! {
            <span class="dot" data-tone=tone></span>
            // The space is for screen readers, so that they read address and balance as two things.
            <span class="mono">{address.shortened()}</span> " "
            {beside.map(|beside| view! { <span class="account-beside num">{beside}</span> })}
        }
        .into_any()
    };
    let is_connected = Memo::new(move |_| who.get().is_some());
    let content = move || {
        let is_connected = is_connected.get();
        let content = async move {
            if is_connected {
                account_menu(account).await
            } else {
                wallet_choice().await
            }
        };
        view! {
            <Suspense fallback=|| view! { <p class="dim" aria-busy="true">"One moment…"</p> }>
                {Suspend::new(content)}
            </Suspense>
        }
    };
    view! {
        <div class="account">
            <button
                type="button"
                class="account-button"
                class:primary=move || !is_connected.get()
                data-testid="account"
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| {
                    open.update(|open| *open = !*open);
                    balance.ask();
                }
            >
                {label}
            </button>
            <Popover open label="Your wallet">{content}</Popover>
        </div>
    }
}
