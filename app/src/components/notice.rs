//! Message to the buyer with a cause and a next step.

use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::hooks::use_query_map;

use crate::api::ApiError;

/// Severity of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gravity {
    /// For information.
    Note,
    /// Unknown, or needs attention.
    Warn,
    /// A failure.
    Bad,
}

/// A sentence or two in a frame; announced by screen readers when it appears, and assertively if it is
/// severe.
#[component]
pub(crate) fn Notice(
    /// Severity of the notice: decides the colour, and how a screen reader announces it.
    gravity: Gravity,
    /// Content of the notice: the cause, and the next step.
    children: Children,
) -> impl IntoView {
    let (tone, role) = match gravity {
        Gravity::Note => ("neutral", "note"),
        Gravity::Warn => ("warn", "status"),
        Gravity::Bad => ("bad", "alert"),
    };
    view! { <div class="notice" data-tone=tone role=role>{children()}</div> }
}

/// Reason for a failed plain form, which returns to its page with the reason in the address.
pub(crate) fn plain_form_error() -> Signal<Option<String>> {
    let query = use_query_map();
    Signal::derive(move || {
        let encoded = query.with(|query| query.get("__err"))?;
        Some(ServerFnUrlError::<ApiError>::decode_err(&encoded).sentence)
    })
}

/// Notice of a failure, if there is one.
#[component]
pub(crate) fn Failure(
    /// Sentence about the failure; `None` if nothing failed.
    #[prop(into)]
    what: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        what.get().map(|sentence| {
            view! { <Notice gravity=Gravity::Bad><p>{sentence}</p></Notice> }
        })
    }
}
