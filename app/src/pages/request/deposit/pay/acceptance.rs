//! Choice of who accepts the bid.

use domain::deployment::Acceptance;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::live_order::LiveOrder;

/// State of the choice, which is stored with the order so that no reload or other wallet changes it.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    live: LiveOrder,
    shown: RwSignal<Acceptance>,
    wrong: RwSignal<Option<String>>,
}

impl Choice {
    /// Starts from the choice stored with the order; errors of storing go into `wrong`.
    pub(super) fn of(live: LiveOrder, wrong: RwSignal<Option<String>>) -> Self {
        let kept = live.part(|order| order.acceptance.unwrap_or(Acceptance::Automatic));
        let shown = RwSignal::new(kept.get_untracked());
        Effect::new(move |_| {
            if let Some(kept) = kept.try_get() {
                shown.try_set(kept);
            }
        });
        Self { live, shown, wrong }
    }

    /// The current choice.
    pub(super) fn now(self) -> Acceptance {
        self.shown.get_untracked()
    }

    fn make(self, chosen: Acceptance) {
        let before = self.now();
        self.shown.set(chosen);
        self.wrong.set(None);
        let order = self.live.id();
        spawn_local(async move {
            match api::choose_acceptance(order, chosen).await {
                Ok(order) => self.live.set(order),
                Err(error) => {
                    self.shown.try_set(before);
                    self.wrong.try_set(Some(error.sentence));
                }
            }
        });
    }
}

/// The two options, to be chosen before the deposit.
#[component]
pub(super) fn AcceptanceChoice(
    /// Choice of who accepts the bid, stored with the order.
    acceptance: Choice,
) -> impl IntoView {
    let way =
        move |value: Acceptance, id: &'static str, title: &'static str, detail: &'static str| {
            view! {
                <label class="way-option" for=id>
                    <input
                        type="radio"
                        name="acceptance"
                        id=id
                        prop:checked=move || acceptance.shown.get() == value
                        on:change=move |_| acceptance.make(value)
                    />
                    <span><strong>{title}</strong> ": " <span class="dim">{detail}</span></span>
                </label>
            }
        };
    view! {
        <fieldset class="ways">
            <legend>"Who picks the bid"</legend>
            {way(Acceptance::Automatic, "accept-automatic", "Necto takes the best", "the best bid under your maximum, seconds after bids arrive")}
            {way(Acceptance::Manual, "accept-manual", "I pick it", "from the live table, within 5 minutes")}
        </fieldset>
    }
}
