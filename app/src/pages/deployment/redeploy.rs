//! Ordering once more what is over.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api;
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
    let navigate = StoredValue::new(use_navigate());
    let again = move || {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            match api::redeploy(live.id()).await {
                Ok(order) => navigate.with_value(|go| {
                    go(&format!("/?order={}", order.id), NavigateOptions::default())
                }),
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    view! {
        <Show when=move || is_over.get()>
            <section class="close" aria-label="Deploy again">
                <BusyButton label="Deploy again" testid="redeploy" busy on_press=again/>
                <p class="dim">"A new order from the same SDL, at today's price. You pay nothing until you deposit."</p>
                <Failure what=wrong/>
            </section>
        </Show>
    }
}
