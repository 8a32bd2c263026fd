//! Closing, asked twice.

use domain::deployment::State;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::browser;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;

/// The button, and what closing means before it happens.
#[component]
pub(super) fn Close() -> impl IntoView {
    let live = LiveOrder::here();
    let can_close = live.part(|order| {
        let holds_money = order.state.paid().is_some();
        let ends_already = matches!(
            order.state,
            State::Closing { .. }
                | State::Settling { .. }
                | State::Settled { .. }
                | State::NeedsHuman { .. }
        );
        holds_money && !ends_already
    });
    let runs = live.part(|order| order.state.running().is_some());
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let close = move || {
        busy.set(true);
        wrong.set(None);
        let order = live.id();
        spawn_local(async move {
            match api::close_deployment(order).await {
                Ok(order) => {
                    asking.set(false);
                    live.set(order);
                }
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    // The keyboard follows the question.
    Effect::new(move |_| {
        if asking.get() {
            request_animation_frame(|| browser::focus("close-question"));
        }
    });
    let consequence = move || {
        if runs.get() {
            "Your workload stops at once. What was used is paid, the rest comes back to your wallet. What it stored is gone."
        } else {
            "Nothing runs yet, so nothing is charged: all of your deposit comes back."
        }
    };
    view! {
        <Show when=move || can_close.get()>
            <section class="close" aria-label="Close">
                <Show
                    when=move || asking.get()
                    fallback=move || view! {
                        <BusyButton label="Close and settle" testid="close" on_press=move || asking.set(true)/>
                    }
                >
                    <div id="close-question" tabindex="-1" role="group" aria-label="Really close?">
                        <p>{consequence}</p>
                        <div class="buttons">
                            <BusyButton label="Close now" weight=Weight::Danger testid="confirm-close" busy on_press=close/>
                            <BusyButton label="Keep it" on_press=move || asking.set(false)/>
                        </div>
                    </div>
                </Show>
                <Failure what=wrong/>
            </section>
        </Show>
    }
}
