//! Templates: the shelf, a single template, and the deep link that starts with one.

mod cost;
mod deploy;
mod own;
mod preview;
mod prose;
mod shelf;
mod yaml;

use deploy::Starting;
use domain::templates::{TemplatePage as Page, TemplateShelf};
use leptos::lazy;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use preview::Preview;
use serde::de::DeserializeOwned;
use shelf::Shelf;

use crate::api::{self, ApiError};
use crate::components::chain::Chain;
use crate::components::notice::{Gravity, Notice};
use crate::components::raw_text::PageTitle;
use crate::components::session::Session;
use crate::components::wallet_panel::{SignIn, WalletPicker};
use crate::wallet::Wallet;

/// The page of all templates.
#[component]
pub(crate) fn TemplatesPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let shelf = Resource::new(move || session.address(), |_| api::open_shelf());
    let search = use_location().search;
    let page = move || {
        Suspend::new(async move {
            match shelf.await {
                // A changed search updates the page without another request.
                Ok(text) => {
                    templates_view(Shown::Shelf {
                        text,
                        query: search.get_untracked(),
                    })
                    .await
                }
                Err(error) => templates_view(Shown::Nothing { error }).await,
            }
        })
    };
    view! {
        <PageTitle text="Templates"/>
        <Transition fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>{page}</Transition>
    }
}

/// The page of one template.
#[component]
pub(crate) fn TemplatePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let shown = template(id);
    let page = move || {
        Suspend::new(async move {
            match shown.await {
                Ok(text) => templates_view(Shown::One { text }).await,
                Err(error) => templates_view(Shown::Nothing { error }).await,
            }
        })
    };
    view! {
        <PageTitle text="Template"/>
        <Transition fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>{page}</Transition>
    }
}

/// `/deploy?template=…`: shows the template with a button that starts.
#[component]
pub(crate) fn DeployPage() -> impl IntoView {
    let query = use_query_map();
    let id = Memo::new(move |_| {
        query
            .with(|query| query.get("template"))
            .unwrap_or_default()
    });
    let shown = template(id);
    let page = move || {
        Suspend::new(async move {
            match shown.await {
                Ok(text) => templates_view(Shown::Deploy { text }).await,
                Err(error) => templates_view(Shown::Nothing { error }).await,
            }
        })
    };
    view! {
        <PageTitle text="Deploy"/>
        <Transition fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>{page}</Transition>
    }
}

/// The template in the address, reloaded after a sign-in, because it may be the account's own.
fn template(id: Memo<String>) -> Resource<Result<String, ApiError>> {
    let session = expect_context::<Session>();
    Resource::new(
        move || (id.get(), session.address()),
        |(id, _)| api::open_template(id),
    )
}

/// Content of a page about templates.
#[derive(Debug)]
pub(crate) enum Shown {
    /// The shelf.
    Shelf {
        /// JSON of a [`TemplateShelf`].
        text: String,
        /// Query of the page's address.
        query: String,
    },
    /// One template.
    One {
        /// JSON of a [`Page`].
        text: String,
    },
    /// One template, to be deployed now.
    Deploy {
        /// JSON of a [`Page`].
        text: String,
    },
    /// Nothing, with the reason.
    Nothing {
        /// Error that the server answered with.
        error: ApiError,
    },
}

/// All pages about templates: a chunk of its own.
#[lazy]
pub(crate) fn templates_view(shown: Shown) -> AnyView {
    match shown {
        Shown::Shelf { text, query } => read(&text, |shelf: TemplateShelf| {
            view! { <Shelf shelf query/> }.into_any()
        }),
        Shown::One { text } => read(&text, |page: Page| view! { <Preview page/> }.into_any()),
        Shown::Deploy { text } => read(&text, |page: Page| view! { <Starting page/> }.into_any()),
        Shown::Nothing { error } => view! { <Unanswered error/> }.into_any(),
    }
}

fn read<T: DeserializeOwned>(text: &str, show: impl FnOnce(T) -> AnyView) -> AnyView {
    match serde_json::from_str(text) {
        Ok(read) => show(read),
        Err(error) => {
            let sentence = format!("The template could not be read ({error}). Reload this page.");
            view! { <Unanswered error=ApiError::new(0, sentence)/> }.into_any()
        }
    }
}

/// Explains why there is nothing to show; the template may belong to an account that is not signed in.
#[component]
fn Unanswered(
    /// Error whose sentence is shown; with status 404 it may offer to sign in.
    error: ApiError,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let asks_for_owner = error.status == 404 && error.sentence.contains("sign in");
    let sign_in = move || match (wallet.connected(), session.address()) {
        _ if !asks_for_owner => ().into_any(),
        (None, _) => view! { <WalletPicker/> }.into_any(),
        (Some(_), None) if chain.view().is_some() => view! { <SignIn/> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <section class="plain-page">
            <h1>"Templates"</h1>
            <Notice gravity=Gravity::Bad><p>{error.sentence}</p></Notice>
            {sign_in}
            <p><a href="/templates">"See all templates"</a> " or " <a href="/">"say what you want to run"</a>"."</p>
        </section>
    }
}
