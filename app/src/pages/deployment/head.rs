//! The deployment's name, its state, and what that means for the money.

use leptos::prelude::*;

use crate::facts::ShellFacts;
use crate::live_order::LiveOrder;
use crate::phase;

/// Heading above the columns.
#[component]
pub(super) fn Head() -> impl IntoView {
    let live = LiveOrder::here();
    let name = live.part(|order| order.name.clone());
    let state = live.part(|order| phase::label(order.state.name(), order.readiness));
    let meaning = live.part(phase::meaning);
    let dseq = live.part(|order| order.state.opened().map(|opened| opened.dseq));
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    view! {
        <header class="deployment-head">
            <div>
                <h1>{move || name.get()}</h1>
                <p class="dim">
                    {move || dseq.get().map(|dseq| view! { "Akash deployment " <span class="mono">{dseq.to_string()}</span> " " })}
                    {simulated.then(|| view! { <span class="tag">"Simulated"</span> })}
                </p>
            </div>
            <p class="state large" data-tone=move || state.get().1.as_str() data-testid="state">{move || state.get().0}</p>
            <p class="deployment-meaning" aria-live="polite">{move || meaning.get()}</p>
        </header>
    }
}
