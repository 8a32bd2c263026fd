//! Closing a deployment, with confirmation.

use domain::deployment::State;
use leptos::prelude::*;

use crate::api;
use crate::components::asked_twice::{AskedTwice, Question, Words};
use crate::live_order::LiveOrder;

const WORDS: Words = Words {
    section: "Close",
    testid: "close",
    id: "close-question",
    really: "Really close?",
    confirm: "Close now",
    confirm_testid: "confirm-close",
};

/// Close button, and a confirmation that explains the consequence.
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
    let question = Question::new();
    let close = move || {
        question.carry_out(api::close_deployment(live.id()), move |order| {
            live.set(order)
        });
    };
    let consequence = Signal::derive(move || {
        if runs.get() {
            "Your workload stops at once. What was used is paid, the rest comes back to your wallet. What it stored is gone."
        } else {
            "Nothing runs yet, so nothing is charged: all of your deposit comes back."
        }
    });
    view! {
        <Show when=move || can_close.get()>
            <AskedTwice question words=WORDS label="Close and settle" consequence on_confirm=close/>
        </Show>
    }
}
