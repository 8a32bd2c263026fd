//! Something the buyer should know, with its cause and the next step.

use leptos::prelude::*;

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
    /// How grave it is.
    gravity: Gravity,
    /// What there is to say.
    children: Children,
) -> impl IntoView {
    let (tone, role) = match gravity {
        Gravity::Note => ("neutral", "note"),
        Gravity::Warn => ("warn", "status"),
        Gravity::Bad => ("bad", "alert"),
    };
    view! { <div class="notice" data-tone=tone role=role>{children()}</div> }
}

/// The notice of something that failed, where there is one.
#[component]
pub(crate) fn Failure(
    /// What went wrong, if anything.
    #[prop(into)]
    what: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        what.get().map(|sentence| {
            view! { <Notice gravity=Gravity::Bad><p>{sentence}</p></Notice> }
        })
    }
}
