//! Exports the shown rows as a file.

use domain::market::{csv, json};
use domain::offers::Offer;
use leptos::prelude::*;

use super::live::LiveMarket;
use crate::browser;
use crate::components::toast::Toasts;

/// The export buttons.
#[component]
pub(super) fn Export(
    /// Market whose shown rows are saved.
    live: LiveMarket,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let save = move |name: &str, text: String| {
        if browser::download(name, &text).is_err() {
            toasts.say(
                "The browser did not save the file. Allow downloads and try again.".to_owned(),
            );
        }
    };
    let offers = move |write: fn(&mut dyn Iterator<Item = &Offer>) -> String| {
        live.decision.with_untracked(|decision| {
            live.rows.with_untracked(|rows| {
                write(
                    &mut rows
                        .iter()
                        .filter_map(|at| decision.entries.get(*at))
                        .map(|entry| &entry.offer),
                )
            })
        })
    };
    view! {
        <div class="market-export">
            <button type="button" class="button" on:click=move |_| save("necto-offers.csv", offers(|rows| csv(rows)))>"CSV"</button>
            <button type="button" class="button" on:click=move |_| save("necto-offers.json", offers(|rows| json(rows)))>"JSON"</button>
        </div>
    }
}
