//! Ordering an ended order again.

use domain::journey::OrderView;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::{self, ApiError};
use crate::components::busy_button::BusyButton;
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;
use crate::request::Request;

/// Button that creates a draft from the same SDL, at today's price.
#[component]
pub(super) fn Redeploy() -> impl IntoView {
    let live = LiveOrder::here();
    let is_over = live.part(|order| order.state.is_final() && !order.sdl.is_empty());
    let request = Request::new();
    let again = to_new_draft(request, move || api::redeploy(live.id()));
    view! {
        <Show when=move || is_over.get()>
            <section class="close" aria-label="Deploy again">
                <BusyButton label="Deploy again" testid="redeploy" busy=request.pending on_press=again.clone()/>
                <p class="dim">"A new order from the same SDL, at today's price. You pay nothing until you deposit."</p>
                <Failure what=request.error/>
            </section>
        </Show>
    }
}

/// Returns a callback that creates a draft and opens it. Must be called while the page is created.
pub(super) fn to_new_draft<F>(
    request: Request,
    ask: impl Fn() -> F + Clone + Send + Sync + 'static,
) -> impl Fn() + Clone + Send + Sync + 'static
where
    F: Future<Output = Result<OrderView, ApiError>> + 'static,
{
    let navigate = StoredValue::new(use_navigate());
    move || {
        // A visitor who has left the page is not taken to the draft, which is in their list.
        request.send(ask(), move |order| {
            let page = format!("/?order={}", order.id);
            navigate.with_value(|go| go(&page, NavigateOptions::default()));
        });
    }
}
