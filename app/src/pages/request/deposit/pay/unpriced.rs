//! Replaces the deposit while the draft differs from the priced text.

use leptos::prelude::*;

use crate::components::busy_button::{BusyButton, Weight};
use crate::components::notice::{Failure, Gravity, Notice};
use crate::pages::request::draft::{Standing, Writing};

/// Explains why nothing can be paid now, and what to do.
#[component]
pub(super) fn Unpriced(
    /// `true` if terms were prepared for the previous text.
    #[prop(into)]
    prepared: Signal<bool>,
) -> impl IntoView {
    let writing = Writing::here();
    let standing = Memo::new(move |_| writing.standing());
    view! {
        <Notice gravity=Gravity::Warn>
            <p data-testid="unpriced">{move || standing.get().sentence()}</p>
            <Show when=move || prepared.get()>
                <p>"What was prepared is for the text before; nothing of it is signed."</p>
            </Show>
            <div class="buttons">
                <Show when=move || standing.get().can_be_priced()>
                    <BusyButton label="Update price" weight=Weight::Primary testid="update-price" busy=writing.request.pending on_press=move || writing.update_price()/>
                </Show>
                <Show when=move || !standing.get().can_be_priced()>
                    <a class="button" href="#draft" rel="external">"To the draft"</a>
                </Show>
                <Show when=move || standing.get() != Standing::Elsewhere>
                    <BusyButton label="Back to the priced text" testid="back-to-priced" on_press=move || writing.back_to_priced()/>
                </Show>
            </div>
        </Notice>
        <Failure what=writing.request.error/>
    }
}
