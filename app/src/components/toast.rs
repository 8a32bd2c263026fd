//! Short messages at the edge of the page, announced politely by screen readers.

use std::time::Duration;

use leptos::leptos_dom::helpers::set_timeout;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// Time for which a toast is shown.
const STAYS: Duration = Duration::from_secs(8);
/// Maximum number of toasts shown at once; older ones go first.
const AT_MOST: usize = 4;

/// The toasts of the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<(u32, String)>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Creates an empty list.
    pub(crate) fn new() -> Self {
        Self {
            shown: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        }
    }

    /// Shows a sentence for a while.
    pub(crate) fn say(self, sentence: impl Into<String>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|shown| {
            shown.push((id, sentence.into()));
            let surplus = shown.len().saturating_sub(AT_MOST);
            shown.drain(..surplus);
        });
        set_timeout(move || self.dismiss(id), STAYS);
    }

    fn dismiss(self, id: u32) {
        self.shown
            .update(|shown| shown.retain(|(shown, _)| *shown != id));
    }
}

/// Region in which toasts appear.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|(id, _)| *id let((id, sentence))>
                <div class="toast">
                    <p>{sentence}</p>
                    <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| toasts.dismiss(id)>
                        <Icon glyph=Glyph::Cross/>
                    </button>
                </div>
            </For>
        </div>
    }
}
