//! The prepaid balance and auto-sign: the balance, the policy for spending it, and the payments.

mod account;
mod amount;
mod panel;
mod policy;
mod sign;
mod spends;

use leptos::lazy;
use leptos::prelude::*;

use crate::api::{self, ApiError};
use crate::components::notice::{Gravity, Notice};
use crate::components::raw_text::PageTitle;
use crate::components::session::Session;
use crate::components::wallet_panel::{SignIn, WalletPicker};
use crate::status;
use crate::wallet::Wallet;
use panel::Panel;

/// The page of the prepaid balance, the spend policy and its payments.
#[component]
pub(crate) fn AutoSignPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let known = Resource::new(move || session.address(), |_| api::open_auto_sign());
    let body = move || {
        Suspend::new(async move {
            match known.await {
                Ok(text) => auto_sign_view(Some(text)).await,
                Err(error) if error.wants_sign_in() => {
                    // The page itself is public, also for visitors who are not signed in.
                    status::answer(200);
                    auto_sign_view(None).await
                }
                Err(error) => view! { <Unanswered error/> }.into_any(),
            }
        })
    };
    view! {
        <PageTitle text="Auto-sign"/>
        <section class="plain-page auto-sign" data-testid="auto-sign">
            <h1>"Prepaid balance and auto-sign"</h1>
            <p>"Put some test USDC into the escrow contract and sign a spend policy. Necto then pays orders within its limits without asking your wallet, and takes the best bid under the quoted maximum. You see each price first and can cancel. Only orders in which you stated or confirmed every field that affects cost and image are paid this way; all others ask you as usual."</p>
            <Transition fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>{body}</Transition>
        </section>
    }
}

/// Balance, policy and payments, or the prompt to sign in. A chunk of its own.
#[lazy]
pub(crate) fn auto_sign_view(text: Option<String>) -> AnyView {
    let Some(text) = text else {
        return view! { <Stranger/> }.into_any();
    };
    match serde_json::from_str(&text) {
        Ok(known) => view! { <Panel known/> }.into_any(),
        Err(error) => {
            let sentence = format!("Your balance could not be read ({error}). Reload this page.");
            view! { <Unanswered error=ApiError::new(0, sentence)/> }.into_any()
        }
    }
}

/// Asks to sign in, because the balance belongs to an account.
#[component]
fn Stranger() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    move || match wallet.connected() {
        None => view! { <WalletPicker/> }.into_any(),
        Some(_) => view! { <SignIn/> }.into_any(),
    }
}

#[component]
fn Unanswered(
    /// Error whose sentence is shown in place of the balance.
    error: ApiError,
) -> impl IntoView {
    view! { <Notice gravity=Gravity::Bad><p>{error.sentence}</p></Notice> }
}
