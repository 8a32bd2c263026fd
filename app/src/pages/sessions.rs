//! The sessions in which an account is signed in, and ending them.

mod table;

use leptos::lazy;
use leptos::prelude::*;

use crate::api::{self, ApiError};
use crate::components::chain::Chain;
use crate::components::notice::{Failure, Gravity, Notice, plain_form_error};
use crate::components::raw_text::PageTitle;
use crate::components::session::Session;
use crate::components::wallet_panel::{SignIn, WalletPicker};
use crate::status;
use crate::wallet::Wallet;
use table::SessionTable;

/// The page of all sessions in which an account is signed in.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let known = Resource::new(
        move || (session.address(), session.turns()),
        |_| api::open_sessions(),
    );
    let body = move || {
        Suspend::new(async move {
            match known.await {
                Ok(text) => sessions_view(Some(text)).await,
                Err(error) if error.wants_sign_in() => {
                    // The page itself is public, also for visitors who are not signed in.
                    status::answer(200);
                    sessions_view(None).await
                }
                Err(error) => view! { <Unanswered error/> }.into_any(),
            }
        })
    };
    view! {
        <PageTitle text="Where you are signed in"/>
        <section class="list-page" data-testid="sessions">
            <h1>"Where you are signed in"</h1>
            <Failure what=plain_form_error()/>
            <Transition fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>{body}</Transition>
        </section>
    }
}

/// The list, or the prompt to sign in. A chunk of its own.
#[lazy]
pub(crate) fn sessions_view(text: Option<String>) -> AnyView {
    let Some(text) = text else {
        return view! { <Stranger/> }.into_any();
    };
    match serde_json::from_str(&text) {
        Ok(list) => view! { <SessionTable list/> }.into_any(),
        Err(error) => {
            let sentence = format!("Your sessions could not be read ({error}). Reload this page.");
            view! { <Unanswered error=ApiError::new(0, sentence)/> }.into_any()
        }
    }
}

/// Asks to sign in, because sessions belong to an account.
#[component]
fn Stranger() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let way_on = move || match wallet.connected() {
        None => view! { <WalletPicker/> }.into_any(),
        Some(_) if chain.view().is_some() => view! { <SignIn/> }.into_any(),
        Some(_) => ().into_any(),
    };
    view! {
        <p>"You are not signed in here. Sign in to see in which browsers your account is."</p>
        {way_on}
    }
}

#[component]
fn Unanswered(
    /// Error whose sentence is shown in place of the list.
    error: ApiError,
) -> impl IntoView {
    view! { <Notice gravity=Gravity::Bad><p>{error.sentence}</p></Notice> }
}
