//! Content of the header's popover: the choice of a wallet, or the menu of a connected account. Loaded on
//! demand.

use leptos::lazy;
use leptos::prelude::*;

use super::Account;
use super::recent::RecentTransactions;
use crate::components::busy_button::BusyButton;
use crate::components::chain::Chain;
use crate::components::figures::{CopyButton, exact};
use crate::components::session::Session;
use crate::components::wallet_panel::{LockedWallet, WalletPicker};
use crate::components::wrong_network::WrongNetwork;
use crate::wallet::Wallet;

/// Explains the difference between signing out and disconnecting.
const WHAT_SIGNED_IN: &str = "Sign out keeps the wallet connected. Disconnect signs out as well and forgets the wallet. Your orders keep running either way; sign in again to see them.";

/// Shows the account, its network, its balances, its recent transactions, and the buttons to sign out and
/// disconnect.
#[lazy]
pub(super) fn account_menu(account: Account) -> AnyView {
    view! { <Menu account/> }.into_any()
}

/// Shows the wallets of this browser.
#[lazy]
pub(super) fn wallet_choice() -> AnyView {
    view! {
        <p class="popover-title">"Connect a wallet"</p>
        <WalletPicker listed=true/>
    }
    .into_any()
}

#[component]
fn Menu(
    /// State of the header's account part.
    account: Account,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let close = move |_| account.open.set(false);
    let head = move || {
        wallet.connected().map(|connected| {
            let address = connected.address.to_string();
            view! {
                <p class="popover-title">{connected.name}</p>
                <p class="account-address">
                    <span class="mono wrap">{address.clone()}</span>
                    <CopyButton text=address what="address"/>
                </p>
            }
        })
    };
    let is_foreign = Memo::new(move |_| {
        let (connected, chain) = (wallet.connected(), chain.view());
        connected
            .zip(chain)
            .is_some_and(|(connected, chain)| connected.chain_id != chain.chain_id)
    });
    let network = move || match (is_foreign.get(), chain.view()) {
        (true, _) => "Wrong network".to_owned(),
        (false, Some(chain)) => chain.name,
        (false, None) => "not known yet".to_owned(),
    };
    let unknown = || "not known yet".to_owned();
    let holds = move || {
        account
            .balance
            .held()
            .map_or_else(unknown, |held| exact(held.token))
    };
    let gas = move || {
        let held = account.balance.held().zip(chain.view());
        held.map_or_else(unknown, |(held, chain)| coins(held.gas, &chain.gas_symbol))
    };
    let signed_in = move || {
        let connected = wallet.connected().map(|connected| connected.address);
        session.address().is_some() && session.address() == connected
    };
    view! {
        {head}
        <dl class="figures">
            <dt>"Network"</dt><dd data-testid="account-network">{network}</dd>
            <dt>"Test USDC"</dt><dd class="num" data-testid="account-token">{holds}</dd>
            <dt>"For network fees"</dt><dd class="num" data-testid="account-gas">{gas}</dd>
        </dl>
        <LockedWallet/>
        <Show when=move || is_foreign.get()><WrongNetwork/></Show>
        <RecentTransactions/>
        <ul class="account-ways">
            <li><a href="/deployments" on:click=close>"Your deployments"</a></li>
            <li><a href="/auto-sign" on:click=close>"Prepaid balance and auto-sign"</a></li>
            <Show when=signed_in><li><a href="/sessions" on:click=close>"Where you are signed in"</a></li></Show>
        </ul>
        <p class="dim">{move || if signed_in() { "You are signed in with this account." } else { "Connected. You sign in when you first pay, or open what you paid for." }}</p>
        <div class="buttons">
            <Show when=signed_in>
                <BusyButton label="Sign out" testid="sign-out" on_press=move || session.leave()/>
            </Show>
            <BusyButton label="Disconnect" testid="disconnect" on_press=move || {
                wallet.disconnect();
                session.leave();
            }/>
        </div>
        <p class="dim">{move || if signed_in() { WHAT_SIGNED_IN } else { "Disconnect forgets the wallet in this browser." }}</p>
    }
}

/// Formats an amount of a chain's native token (18 decimals), rounded down to four decimals.
fn coins(smallest: u128, symbol: &str) -> String {
    const ONE: u128 = 1_000_000_000_000_000_000;
    const SHOWN: u128 = ONE / 10_000;
    let (whole, part) = (smallest / ONE, smallest % ONE / SHOWN);
    match smallest {
        0 => format!("none ({symbol})"),
        1..SHOWN => format!("less than 0.0001 {symbol}"),
        _ => format!("{whole}.{part:04} {symbol}"),
    }
}

#[cfg(test)]
mod tests {
    use super::coins;

    #[test]
    fn coins_are_never_rounded_up() {
        let cases = [
            (0, "none (ADI)"),
            (1, "less than 0.0001 ADI"),
            (99_999_999_999_999, "less than 0.0001 ADI"),
            (100_000_000_000_000, "0.0001 ADI"),
            (1_999_999_999_999_999_999, "1.9999 ADI"),
            (12_000_000_000_000_000_000, "12.0000 ADI"),
        ];
        for (smallest, said) in cases {
            assert_eq!(coins(smallest, "ADI"), said);
        }
    }
}
