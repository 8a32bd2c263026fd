//! Choice of a wallet, and proof of owning the account.

use leptos::prelude::*;

use super::busy_button::{BusyButton, Weight};
use super::chain::Chain;
use super::notice::{Gravity, Notice};
use super::session::Session;
use super::wallet_request::WalletRequest;
use super::wallet_trouble::WalletTrouble;
use crate::wallet::{Wallet, WalletInfo, verify_chain};

/// Lists the wallets of this browser.
#[component]
pub(crate) fn WalletPicker(
    /// `true` to list the wallets at once; `false` if a button opens the list.
    #[prop(optional)]
    listed: bool,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let open = RwSignal::new(listed);
    let request = WalletRequest::new();
    let last = RwSignal::new(None::<WalletInfo>);
    let connect = move |info: WalletInfo| {
        last.set(Some(info.clone()));
        request.run(async move { Ok(wallet.connect(request.asking, &info).await?) });
    };
    let again = move |_| {
        let last = last
            .get_untracked()
            .or_else(|| wallet.found_now().into_iter().next());
        last.into_iter().for_each(connect);
    };
    let options = move || {
        let found = wallet.found();
        if found.is_empty() {
            return view! { <NoWallet/> }.into_any();
        }
        let option = move |info: WalletInfo| {
            let (name, icon) = (info.name.clone(), info.icon.clone());
            view! {
                <li>
                    <button type="button" class="wallet-option" data-testid="wallet-option" on:click=move |_| connect(info.clone())>
                        {icon.map(|icon| view! { <img src=icon alt="" width="24" height="24"/> })}
                        <span>{name}</span>
                    </button>
                </li>
            }
        };
        view! { <ul class="wallet-options" aria-label="Wallets in this browser">{found.into_iter().map(option).collect_view()}</ul> }.into_any()
    };
    view! {
        <LockedWallet/>
        {(!listed).then(|| view! {
            <BusyButton
                label="Connect a wallet"
                weight=Weight::Primary
                testid="connect-wallet"
                on_press=move || open.update(|open| *open = !*open)
            />
        })}
        <Show when=move || open.get()>{options}</Show>
        <WalletTrouble asking=request.asking trouble=request.trouble chain=Signal::derive(move || chain.view()) on_remedy=again/>
    }
}

/// Notice that the wallet shows no account for now, with a button to open it; empty if it shows one.
#[component]
pub(crate) fn LockedWallet() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let request = WalletRequest::new();
    let unlock = move || {
        let Some(info) = wallet.locked_now() else {
            return;
        };
        request.run(async move { Ok(wallet.connect(request.asking, &info).await?) });
    };
    let name = Memo::new(move |_| wallet.locked().map(|info| info.name));
    move || {
        let name = name.get()?;
        Some(view! {
            <Notice gravity=Gravity::Warn>
                <p data-testid="wallet-locked">{format!("{name} is locked. Unlock it to go on.")}</p>
                <p class="dim">"What was prepared here stays. If you took this site’s permission back in the wallet, this asks for it again."</p>
                <BusyButton
                    label=Signal::stored(format!("Unlock {name}"))
                    testid="unlock-wallet"
                    busy=Signal::derive(move || request.asking.waiting().is_some())
                    on_press=unlock
                />
                <WalletTrouble asking=request.asking trouble=request.trouble chain=Signal::derive(move || chain.view()) on_remedy=move |_| unlock()/>
            </Notice>
        })
    }
}

/// Help for visitors without a wallet.
#[component]
fn NoWallet() -> impl IntoView {
    view! {
        <p>
            "No wallet announced itself in this browser. Install one that speaks EIP-6963 (MetaMask, Rabby, Frame), then reload this page; your draft waits here. On a phone, open this page in the wallet’s own browser."
        </p>
    }
}

/// Proves ownership of the connected account with a signature that costs nothing.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let request = WalletRequest::new();
    let sign_in = move || {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        request.run(async move {
            verify_chain(request.asking, &connected, &chain).await?;
            Ok(session.sign_in(request.asking, &connected).await?)
        });
    };
    view! {
        <p>"Prove that the account is yours: you sign a message that names this site and a number used once. It moves no money and costs no gas."</p>
        <BusyButton
            label="Sign in with this account"
            weight=Weight::Primary
            testid="sign-in"
            busy=request.pending
            disabled=Signal::derive(move || chain.view().is_none())
            on_press=sign_in
        />
        <WalletTrouble asking=request.asking trouble=request.trouble chain=Signal::derive(move || chain.view()) on_remedy=move |_| sign_in()/>
    }
}
