//! A part of the page that opens over the others and leaves them usable.

use leptos::ev;
use leptos::html;
use leptos::leptos_dom::helpers::{request_animation_frame, window_event_listener};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, HtmlDialogElement, HtmlElement, Node};

use crate::browser;
use crate::components::icon::{Glyph, Icon};

/// Opens beside the button before it. Escape and a press outside close it; the keyboard goes in, and back to where it
/// was. It is not modal, because some wallets ask within the page.
#[component]
pub(super) fn Popover(
    /// `true` while the popover is open; set to `false` when it is closed from within.
    open: RwSignal<bool>,
    /// Label of the popover for screen readers.
    label: &'static str,
    /// Content of the popover, made anew whenever it opens.
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
        // What it shows is there by then, so that the keyboard finds it.
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

/// What had the keyboard may have gone with what was shown: the button that opened it takes it then.
fn give_back_the_keyboard(dialog: &HtmlDialogElement) {
    let around = dialog.parent_element();
    let button = around.and_then(|around| around.query_selector("[aria-haspopup]").ok().flatten());
    let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    request_animation_frame(move || {
        if browser::focus_is_lost() {
            // It is in the document: nothing else can keep it from the focus.
            button.focus().unwrap_or_default();
        }
    });
}

/// Whether a wallet is being asked from within, whose own window may be on the page: closing would give the question up.
fn is_waiting(dialog: &HtmlDialogElement) -> bool {
    matches!(dialog.query_selector(".waiting"), Ok(Some(_)))
}

/// Whether something is in the popover, or in what stands around it: its button.
fn holds(dialog: &HtmlDialogElement, target: Option<EventTarget>) -> bool {
    let target = target.and_then(|target| target.dyn_into::<Node>().ok());
    dialog
        .parent_element()
        .is_some_and(|around| around.contains(target.as_ref()))
}
