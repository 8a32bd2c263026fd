//! The four phases, and the events in each.

use domain::journey::TimelineEntry;
use leptos::prelude::*;

use crate::components::chain::Chain;
use crate::components::figures::{HashText, When, iso, readable};
use crate::live_order::LiveOrder;
use crate::phase::Phase;

/// The phases with their events; the current one is highlighted.
#[component]
pub(super) fn Timeline() -> impl IntoView {
    let live = LiveOrder::here();
    let current = live.part(|order| Phase::of(order.state.name()));
    let over = live.part(|order| order.state.is_final());
    let phase = move |phase: Phase| {
        let entries = live.part(move |order| entries_of(&order.timeline, phase));
        let since =
            Memo::new(move |_| entries.with(|entries| entries.first().map(|entry| entry.at)));
        let progress = move || {
            let now = current.get();
            match (phase == now, phase < now && since.get().is_some()) {
                (true, _) if over.get() => "done",
                (true, _) => "now",
                (_, true) => "done",
                (_, false) if phase < now => "skipped",
                _ => "ahead",
            }
        };
        view! {
            <li class="phase" data-progress=progress aria-current=move || (progress() == "now").then_some("step")>
                <p class="phase-name">
                    <strong data-testid=move || (phase == current.get()).then_some("phase")>{phase.title()}</strong>
                    {move || since.get().map(|at| view! { <time class="dim mono" datetime=iso(at) title=readable(at)>{readable(at).rsplit(", ").next().unwrap_or_default().to_owned()}</time> })}
                </p>
                <ol class="entries">
                    <For each=move || entries.get() key=|entry| entry.seq let(entry)><Entry entry/></For>
                </ol>
            </li>
        }
    };
    view! {
        <h2 class="eyebrow">"Timeline"</h2>
        <ol class="timeline" data-testid="timeline">{Phase::ALL.map(phase).collect_view()}</ol>
    }
}

#[component]
fn Entry(
    /// Entry to show: an event, its time and its transaction.
    entry: TimelineEntry,
) -> impl IntoView {
    let now = LiveOrder::here().clock();
    let chain = Chain::here();
    view! {
        <li class="entry">
            <p>{entry.title} " " <span class="dim"><When at=entry.at now/></span></p>
            {entry.detail.map(|detail| view! { <p class="dim">{detail}</p> })}
            {entry.tx.map(|tx| view! { <p>{move || view! { <HashText hash=tx explorer=chain.explorer()/> }}</p> })}
        </li>
    }
}

/// The events of a phase: an event belongs to the phase of the state it led to.
fn entries_of(timeline: &[TimelineEntry], phase: Phase) -> Vec<TimelineEntry> {
    timeline
        .iter()
        .filter(|entry| Phase::of(&entry.state) == phase)
        .cloned()
        .collect()
}
