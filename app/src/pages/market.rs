//! The market: every venue's price in one table.

mod desk;
mod export;
mod filters;
mod grounds;
mod lead;
mod live;
mod row;
mod sources;
mod table;

use desk::Desk;
use domain::market::MarketBoard;
use leptos::lazy;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::api::{self, ApiError};
use crate::components::notice::{Gravity, Notice};
use crate::components::raw_text::PageTitle;

/// The market's page: every offer, ranked for the query.
#[component]
pub(crate) fn MarketPage() -> impl IntoView {
    let search = use_location().search;
    let glance = Resource::new(
        move || search.get(),
        |query| async move { (api::open_market(query.clone()).await, query) },
    );
    let page = move || {
        Suspend::new(async move {
            match glance.await {
                (Ok(text), query) => market_view(text, query).await,
                (Err(error), _) => view! { <Unanswered error/> }.into_any(),
            }
        })
    };
    view! {
        <PageTitle text="Market"/>
        <Transition fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>{page}</Transition>
    }
}

/// The table: a chunk of its own.
#[lazy]
pub(crate) fn market_view(text: String, query: String) -> AnyView {
    match serde_json::from_str::<MarketBoard>(&text) {
        Ok(board) => view! { <Desk board query/> }.into_any(),
        Err(error) => {
            let sentence = format!("The market could not be read ({error}). Reload this page.");
            view! { <Unanswered error=ApiError::new(0, sentence)/> }.into_any()
        }
    }
}

#[component]
fn Unanswered(
    /// Error whose sentence is shown in place of the market.
    error: ApiError,
) -> impl IntoView {
    view! {
        <section class="plain-page">
            <h1>"Market"</h1>
            <Notice gravity=Gravity::Bad><p>{error.sentence}</p></Notice>
        </section>
    }
}
