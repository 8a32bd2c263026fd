//! The request: one page that grows from a sentence to a deposit.

mod asking;
mod auto_sign;
mod composer;
mod deposit;
mod desk;
mod draft;
mod evidence;
mod keep;
mod money;
mod question;
mod quote;
mod refusal;
mod routing;
mod sdl_form;
mod thinking;
mod understood;
mod wish_form;

use asking::Asking;
use composer::Composer;
use desk::Desk;
use domain::auto_sign::Origin;
use domain::ids::OrderId;
use evidence::Evidence;
use leptos::lazy;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use sdl_form::SdlForm;
use thinking::Thinking;
use wish_form::NewWish;

use crate::api::{self, ApiError, SealedOrder};
use crate::browser;
use crate::components::notice::{Failure, Gravity, Notice, plain_form_error};
use crate::components::raw_text::PageTitle;
use crate::status;

/// The page: only the sentence, then the thinking steps, then the desk once there is an order.
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get("order")));
    let asking = Asking::new();
    provide_context(asking);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(order) = asking.finished() {
            let path = format!("/?order={order}");
            if !browser::is_at(&path) {
                // A visitor who went back meanwhile stays there; the order is one step forward.
                asking.shown();
                return;
            }
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(&path, options);
        }
    });
    let order = Resource::new(move || wanted.get(), move |wanted| load(asking, wanted));
    let plain_error = plain_form_error();
    let page = move || {
        Suspend::new(async move {
            match order.await {
                Ok(Some(order)) => desk_view(order).await,
                Ok(None) => view! { <Opening/> }.into_any(),
                Err(error) => view! { <Missing error/> }.into_any(),
            }
        })
    };
    view! {
        <PageTitle text=""/>
        <Show when=move || asking.is_busy()>
            <ThinkingPage/>
        </Show>
        <div class="request" hidden=move || asking.is_busy()>
            <Failure what=plain_error/>
            <Transition fallback=|| view! { <Skeleton/> }>{page}</Transition>
        </div>
    }
}

async fn load(asking: Asking, wanted: Option<String>) -> Result<Option<SealedOrder>, ApiError> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let id: OrderId = wanted.parse().map_err(|error: domain::ids::IdError| {
        ApiError::new(404, format!("There is no such order: {error}."))
    })?;
    match asking.take_ready(id) {
        Some(order) => Ok(Some(order)),
        None => api::open_sealed_order(id).await.map(Some),
    }
}

/// The desk, with everything that checks, prices and pays: a chunk of its own, loaded when there is an order.
#[lazy]
pub(crate) fn desk_view(order: SealedOrder) -> AnyView {
    match order.open() {
        Ok(order) => view! { <Desk order/> }.into_any(),
        Err(error) => view! { <Missing error/> }.into_any(),
    }
}

/// The first screen: the question, and what will happen.
#[component]
fn Opening() -> impl IntoView {
    // A link may carry words, as links from the market's offers do.
    let said = use_query_map().with_untracked(|query| query.get("say"));
    let origin = match said {
        Some(_) => Origin::Link,
        None => Origin::Page,
    };
    view! {
        <div class="opening">
            <section class="opening-ask">
                <h1>"What do you want to run?"</h1>
                <Composer initial=said.unwrap_or_default() origin examples=true/>
                <NewWish/>
                <SdlForm/>
                <p class="dim">"Or " <a href="/templates">"start from a template"</a>"."</p>
            </section>
            <Evidence/>
        </div>
    }
}

/// Shown while thinking: the sentence, with the steps below it.
#[component]
fn ThinkingPage() -> impl IntoView {
    let asking = expect_context::<Asking>();
    view! {
        <div class="opening">
            <section class="opening-ask">
                <h1 class="asked">{move || asking.question()}</h1>
                <Thinking steps=Signal::derive(move || asking.steps()) open=true/>
                <p class="dim" role="status">"Reading, asking the market, writing a draft."</p>
            </section>
        </div>
    }
}

/// Placeholder for the desk.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="desk" aria-busy="true">
            <div class="skeleton"></div>
            <div class="skeleton tall"></div>
            <div class="skeleton"></div>
        </div>
    }
}

/// Shown for an order that cannot be loaded, with the field to start again.
#[component]
fn Missing(
    /// Error that determines the page's sentence and status.
    error: ApiError,
) -> impl IntoView {
    status::answer(error.status);
    view! {
        <div class="opening">
            <section class="opening-ask">
                <Notice gravity=Gravity::Bad><p>{error.sentence}</p></Notice>
                <h1>"What do you want to run?"</h1>
                <Composer initial=String::new() examples=true/>
            </section>
        </div>
    }
}
