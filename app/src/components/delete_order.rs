//! Deleting an order, asked twice.

use domain::deployment::State;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

use super::busy_button::{BusyButton, Weight};
use super::notice::Failure;
use crate::api;
use crate::browser;
use crate::live_order::LiveOrder;

/// The button, and what goes and what stays before it happens.
#[component]
pub(crate) fn DeleteOrder() -> impl IntoView {
    let live = LiveOrder::here();
    let can_be = live.part(|order| {
        let is_over = order.state.is_final() || order.state.is_editable();
        is_over && order.erased_at.is_none()
    });
    let settled = live.part(|order| matches!(order.state, State::Settled { .. }));
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let navigate = StoredValue::new(use_navigate());
    let delete = move || {
        busy.set(true);
        wrong.set(None);
        let (order, was_settled) = (live.id(), settled.get_untracked());
        spawn_local(async move {
            match api::delete_order(order).await {
                Ok(Some(order)) if order.state.paid().is_some() || was_settled => {
                    asking.set(false);
                    live.set(order);
                }
                Ok(_) => drop(navigate.try_with_value(|go| go("/deployments", Default::default()))),
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.try_set(false);
        });
    };
    // The keyboard follows the question.
    Effect::new(move |_| {
        if asking.get() {
            request_animation_frame(|| browser::focus("delete-question"));
        }
    });
    let label = move || {
        if settled.get() {
            "Delete SDL and logs"
        } else {
            "Delete this draft"
        }
        .to_owned()
    };
    let consequence = move || {
        if settled.get() {
            "Your words, the SDL with its secrets and the logs are deleted for good. The receipt and the timeline stay: the chain keeps those facts, too."
        } else {
            "The draft is deleted for good, its SDL and its secrets included. Nothing was charged for it."
        }
    };
    view! {
        <Show when=move || can_be.get()>
            <section class="close" aria-label="Delete">
                <Show
                    when=move || asking.get()
                    fallback=move || view! {
                        <BusyButton label=Signal::derive(label) testid="delete-order" on_press=move || asking.set(true)/>
                    }
                >
                    <div id="delete-question" tabindex="-1" role="group" aria-label="Really delete?">
                        <p>{consequence}</p>
                        <div class="buttons">
                            <BusyButton label="Delete for good" weight=Weight::Danger testid="confirm-delete" busy on_press=delete/>
                            <BusyButton label="Keep it" on_press=move || asking.set(false)/>
                        </div>
                    </div>
                </Show>
                <Failure what=wrong/>
            </section>
        </Show>
    }
}
