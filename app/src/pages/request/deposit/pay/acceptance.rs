//! Who picks the bid.

use domain::deployment::Acceptance;
use leptos::prelude::*;

/// Two ways, chosen before the deposit.
#[component]
pub(super) fn AcceptanceChoice(
    /// The choice.
    acceptance: RwSignal<Acceptance>,
    /// Whether it is fixed by what was prepared.
    locked: Signal<bool>,
) -> impl IntoView {
    let way =
        move |value: Acceptance, id: &'static str, title: &'static str, detail: &'static str| {
            view! {
                <label class="way-option" for=id>
                    <input
                        type="radio"
                        name="acceptance"
                        id=id
                        prop:checked=move || acceptance.get() == value
                        disabled=move || locked.get()
                        on:change=move |_| acceptance.set(value)
                    />
                    <span><strong>{title}</strong> ": " <span class="dim">{detail}</span></span>
                </label>
            }
        };
    view! {
        <fieldset class="ways">
            <legend>"Who picks the bid"</legend>
            {way(Acceptance::Automatic, "accept-automatic", "Necto takes the best", "the best bid under the cap, seconds after bids arrive")}
            {way(Acceptance::Manual, "accept-manual", "I pick it", "from the live table, within 5 minutes")}
        </fieldset>
    }
}
