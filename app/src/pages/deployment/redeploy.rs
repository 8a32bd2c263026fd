//! Ordering once more what is over.

use domain::journey::OrderView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::{self, ApiError};
use crate::components::busy_button::BusyButton;
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;

/// The button: a new draft from the same SDL, at today's price.
#[component]
pub(super) fn Redeploy() -> impl IntoView {
    let live = LiveOrder::here();
    let is_over = live.part(|order| order.state.is_final() && !order.sdl.is_empty());
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let again = to_new_draft(busy, wrong, move || api::redeploy(live.id()));
    view! {
        <Show when=move || is_over.get()>
            <section class="close" aria-label="Deploy again">
                <BusyButton label="Deploy again" testid="redeploy" busy on_press=again.clone()/>
                <p class="dim">"A new order from the same SDL, at today's price. You pay nothing until you deposit."</p>
                <Failure what=wrong/>
            </section>
        </Show>
    }
}

/// Asks for a new draft and goes there. Called where the page is made.
pub(super) fn to_new_draft<F>(
    busy: RwSignal<bool>,
    wrong: RwSignal<Option<String>>,
    ask: impl Fn() -> F + Clone + Send + Sync + 'static,
) -> impl Fn() + Clone + Send + Sync + 'static
where
    F: Future<Output = Result<OrderView, ApiError>> + 'static,
{
    let navigate = StoredValue::new(use_navigate());
    move || {
        busy.set(true);
        wrong.set(None);
        let asked = ask();
        spawn_local(async move {
            match asked.await {
                // Who has left the page is not called back to it: the draft waits in the list.
                Ok(order) => drop(navigate.try_with_value(|go| {
                    go(&format!("/?order={}", order.id), NavigateOptions::default())
                })),
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    }
}
