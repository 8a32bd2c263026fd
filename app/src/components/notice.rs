//! Something the buyer should know, with its cause and the next step.

use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::hooks::use_query_map;

use crate::api::ApiError;

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gravity {
    /// Good to know.
    Note,
    /// Unknown, or needs attention.
    Warn,
    /// It did not work.
    Bad,
}

/// A sentence or two in a frame; read aloud when it appears, at once where it is grave.
#[component]
pub(crate) fn Notice(
    /// Gravity of what is said: it decides the colour, and how a screen reader announces it.
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

/// Why a plain form failed: it comes back to its page with the reason in the address.
pub(crate) fn plain_form_error() -> Signal<Option<String>> {
    let query = use_query_map();
    Signal::derive(move || {
        let encoded = query.with(|query| query.get("__err"))?;
        Some(ServerFnUrlError::<ApiError>::decode_err(&encoded).sentence)
    })
}

/// The notice of something that failed, where there is one.
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
