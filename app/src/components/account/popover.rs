//! A popover that opens over the page and leaves the rest of it usable.

use leptos::ev;
use leptos::html;
use leptos::leptos_dom::helpers::{request_animation_frame, window_event_listener};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, HtmlDialogElement, HtmlElement, Node};

use crate::browser;
use crate::components::icon::{Glyph, Icon};

/// Opens beside the button before it. Escape and a press outside close it; focus moves in, and back on close.
/// It is not modal, because some wallets show their requests within the page.
#[component]
pub(super) fn Popover(
    /// `true` while the popover is open; set to `false` when it is closed from within.
    open: RwSignal<bool>,
    /// Label of the popover for screen readers.
    label: &'static str,
    /// Content of the popover, rendered anew whenever it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |was_open: Option<bool>| {
        let Some(dialog) = dialog.get() else {
            return false;
        };
        if !open.get() {
            dialog.close();
            if was_open == Some(true) {
                give_back_the_keyboard(&dialog);
            }
            return false;
        }
        let shown = dialog.clone();
        // By then the content is rendered, so that focus can move into it.
        request_animation_frame(move || shown.show());
        let around = StoredValue::new(send_wrapper::SendWrapper::new(dialog));
        let pressed = window_event_listener(ev::pointerdown, move |event| {
            let outside = around
                .try_with_value(|dialog| !holds(dialog, event.target()) && !is_waiting(dialog));
            if outside == Some(true) {
                open.set(false);
            }
        });
        let escaped = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" {
                open.set(false);
            }
        });
        on_cleanup(move || {
            pressed.remove();
            escaped.remove();
        });
        true
    });
    view! {
        <dialog class="popover" node_ref=dialog aria-label=label data-testid="account-popover">
            <Show when=move || open.get()>{children()}</Show>
            <button type="button" class="quiet popover-close" aria-label="Close" on:click=move |_| open.set(false)>
                <Icon glyph=Glyph::Cross/>
            </button>
        </dialog>
    }
}

/// Returns focus to the button if it was lost with the popover's content.
fn give_back_the_keyboard(dialog: &HtmlDialogElement) {
    let around = dialog.parent_element();
    let button = around.and_then(|around| around.query_selector("[aria-haspopup]").ok().flatten());
    let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    request_animation_frame(move || {
        if browser::focus_is_lost() {
            // The button is in the document, and nothing else can keep it from taking focus.
            button.focus().unwrap_or_default();
        }
    });
}

/// Whether a wallet request is open from within the popover. The wallet's own window may be part of the page,
/// and closing the popover would cancel the request.
fn is_waiting(dialog: &HtmlDialogElement) -> bool {
    matches!(dialog.query_selector(".waiting"), Ok(Some(_)))
}

/// Whether the target is inside the popover or its parent, which also contains the button.
fn holds(dialog: &HtmlDialogElement, target: Option<EventTarget>) -> bool {
    let target = target.and_then(|target| target.dyn_into::<Node>().ok());
    dialog
        .parent_element()
        .is_some_and(|around| around.contains(target.as_ref()))
}
