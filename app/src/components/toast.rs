//! Short news at the edge of the page, read aloud politely.

use std::time::Duration;

use leptos::leptos_dom::helpers::set_timeout;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How long a toast stays.
const STAYS: Duration = Duration::from_secs(8);
/// How many are shown at once; older ones go first.
const AT_MOST: usize = 4;

/// The page's news.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<(u32, String)>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// None yet.
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

/// Where the news appears.
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
