//! Replaces an order's content once the session that it was shown in has ended.

use leptos::prelude::*;

use super::chain::Chain;
use super::session::Session;
use super::wallet_panel::{SignIn, WalletPicker};
use crate::live_order::{Link, LiveOrder};
use crate::wallet::Wallet;

/// Shows the children while this browser may see the order.
#[component]
pub(crate) fn SessionGate(
    /// Content about the order, hidden once the session that could see it has ended.
    children: ChildrenFn,
) -> impl IntoView {
    let live = LiveOrder::here();
    view! {
        <Show when=move || live.link() != Link::Ended fallback=|| view! { <SessionEnded/> }>
            {children()}
        </Show>
    }
}

/// Explains what happened and what to do.
#[component]
fn SessionEnded() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let who = move || match session.address() {
        Some(address) => format!(
            "You are signed in as {}. This order belongs to another account, or was deleted.",
            address.shortened()
        ),
        None => {
            "Nobody is signed in here any more. This order belongs to an account, or was deleted."
                .to_owned()
        }
    };
    let sign_in = move || match (wallet.connected(), session.address()) {
        (None, _) => view! { <WalletPicker/> }.into_any(),
        (Some(connected), signed_in)
            if signed_in != Some(connected.address) && chain.view().is_some() =>
        {
            view! { <SignIn/> }.into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <section class="plain-page session-ended" data-testid="session-ended" role="alert">
            <h1>"This page is closed"</h1>
            <p>{who}</p>
            <p>"What is deployed keeps running, and no money moves because of this."</p>
            <p>"Sign in with the account that the order belongs to, and it opens again."</p>
            {sign_in}
            <p><a href="/deployments">"Go to your deployments"</a></p>
        </section>
    }
}
