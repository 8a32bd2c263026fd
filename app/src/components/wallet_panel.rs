//! Choosing a wallet and proving that the account is one's own.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::busy_button::{BusyButton, Weight};
use super::chain::Chain;
use super::notice::{Gravity, Notice};
use super::session::Session;
use super::wallet_trouble::{Trouble, WalletTrouble};
use crate::wallet::{Asking, Wallet, WalletInfo, verify_chain};

/// The wallets of this browser, to choose one from.
#[component]
pub(crate) fn WalletPicker(
    /// `true` to list the wallets at once; `false` if a button opens the list.
    #[prop(optional)]
    listed: bool,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let open = RwSignal::new(listed);
    let asking = Asking::new();
    let last = RwSignal::new(None::<WalletInfo>);
    let trouble = RwSignal::new(None::<Trouble>);
    let connect = move |info: WalletInfo| {
        trouble.set(None);
        last.set(Some(info.clone()));
        spawn_local(async move {
            // Once it is connected this part of the page is gone.
            if let Err(error) = wallet.connect(asking, &info).await {
                trouble.try_set(Some(Trouble::Wallet(error)));
            }
        });
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
        <WalletTrouble asking trouble chain=Signal::derive(move || chain.view()) on_remedy=again/>
    }
}

/// That the wallet shows no account for now, and the way to open it; nothing where it shows one.
#[component]
pub(crate) fn LockedWallet() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let asking = Asking::new();
    let trouble = RwSignal::new(None::<Trouble>);
    let unlock = move || {
        let Some(info) = wallet.locked_now() else {
            return;
        };
        trouble.set(None);
        spawn_local(async move {
            if let Err(error) = wallet.connect(asking, &info).await {
                trouble.try_set(Some(Trouble::Wallet(error)));
            }
        });
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
                    busy=Signal::derive(move || asking.waiting().is_some())
                    on_press=unlock
                />
                <WalletTrouble asking trouble chain=Signal::derive(move || chain.view()) on_remedy=move |_| unlock()/>
            </Notice>
        })
    }
}

/// What to do without a wallet.
#[component]
fn NoWallet() -> impl IntoView {
    view! {
        <p>
            "No wallet announced itself in this browser. Install one that speaks EIP-6963 (MetaMask, Rabby, Frame), then reload this page; your draft waits here. On a phone, open this page in the wallet’s own browser."
        </p>
    }
}

/// Proves the connected account with a signature that costs nothing.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let busy = RwSignal::new(false);
    let asking = Asking::new();
    let trouble = RwSignal::new(None::<Trouble>);
    let sign_in = move || {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let outcome = match verify_chain(asking, &connected, &chain).await {
                Err(doubt) => Err(Trouble::Doubt(doubt)),
                Ok(()) => session
                    .sign_in(asking, &connected)
                    .await
                    .map_err(Trouble::from),
            };
            // Once it is signed in, or left, this part of the page is gone.
            trouble.try_set(outcome.err());
            busy.try_set(false);
        });
    };
    view! {
        <p>"Prove that the account is yours: you sign a message that names this site and a number used once. It moves no money and costs no gas."</p>
        <BusyButton
            label="Sign in with this account"
            weight=Weight::Primary
            testid="sign-in"
            busy
            disabled=Signal::derive(move || chain.view().is_none())
            on_press=sign_in
        />
        <WalletTrouble asking trouble chain=Signal::derive(move || chain.view()) on_remedy=move |_| sign_in()/>
    }
}
