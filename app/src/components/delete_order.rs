//! Deletion of an order, with confirmation.

use domain::deployment::State;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::asked_twice::{AskedTwice, Question, Words};
use crate::api;
use crate::live_order::LiveOrder;

const WORDS: Words = Words {
    section: "Delete",
    testid: "delete-order",
    id: "delete-question",
    really: "Really delete?",
    confirm: "Delete for good",
    confirm_testid: "confirm-delete",
};

/// Delete button, and a confirmation that lists what is deleted and what is kept.
#[component]
pub(crate) fn DeleteOrder() -> impl IntoView {
    let live = LiveOrder::here();
    let can_be = live.part(|order| {
        let is_over = order.state.is_final() || order.state.is_editable();
        is_over && order.erased_at.is_none()
    });
    let settled = live.part(|order| matches!(order.state, State::Settled { .. }));
    let question = Question::new();
    let navigate = StoredValue::new(use_navigate());
    let delete = move || {
        let was_settled = settled.get_untracked();
        question.carry_out(api::delete_order(live.id()), move |left| match left {
            Some(order) if order.state.paid().is_some() || was_settled => live.set(order),
            _ => navigate.with_value(|go| go("/deployments", Default::default())),
        });
    };
    let label = Signal::derive(move || {
        if settled.get() {
            "Delete SDL and logs"
        } else {
            "Delete this draft"
        }
        .to_owned()
    });
    let consequence = Signal::derive(move || {
        if settled.get() {
            "Your words, the SDL with its secrets and the logs are deleted for good. The receipt and the timeline stay: the chain keeps those facts, too."
        } else {
            "The draft is deleted for good, its SDL and its secrets included. Nothing was charged for it."
        }
    });
    view! {
        <Show when=move || can_be.get()>
            <AskedTwice question words=WORDS label consequence on_confirm=delete/>
        </Show>
    }
}
