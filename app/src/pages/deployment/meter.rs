//! The escrow's amounts, updated every second.

use domain::deployment::State;
use domain::escrow::ScaledRate;
use domain::journey::EscrowMeter;
use domain::money::TokenAmount;
use leptos::prelude::*;

use crate::components::chain::Chain;
use crate::components::figures::{HashText, Instant, countdown, tokens, usd4};
use crate::facts::ShellFacts;
use crate::live_order::{LiveOrder, Part};

/// The deposit, the usage and its start, the refund, and the time until which the deposit lasts.
#[component]
pub(super) fn Meter() -> impl IntoView {
    let live = LiveOrder::here();
    let meter = live.part(|order| order.meter.clone());
    let escrow = live.part(|order| order.state.escrow());
    let streaming = live.part(|order| streams(&order.state));
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    view! {
        <section class="meter" data-testid="meter" aria-label="Escrow">
            <h2 class="eyebrow">"Escrow" {simulated.then(|| view! { " " <span class="tag">"Simulated"</span> })}</h2>
            {move || meter.get().map_or_else(
                || view! { <p class="dim">"Nothing is in escrow."</p> }.into_any(),
                |meter| view! { <Reading meter streaming/> }.into_any(),
            )}
            {move || escrow.get().map(|escrow| view! { <p class="dim">"Escrow " <HashText hash=escrow/></p> })}
        </section>
    }
}

#[component]
fn Reading(
    /// The escrow, as last read from the chain.
    meter: EscrowMeter,
    /// `true` while the escrow streams, so that elapsed time is counted.
    streaming: Part<bool>,
) -> impl IntoView {
    let live = LiveOrder::here();
    let chain = Chain::here();
    let (deposited, rate) = (meter.deposited, meter.rate());
    let since = meter.stream.map(|stream| stream.activated_at);
    let until = meter.paid_until;
    let ordered = since.zip(until).map(|(since, until)| until.since(since));
    let meter = StoredValue::new(meter);
    let used = Memo::new(move |_| meter.with_value(|meter| meter.accrued(live.now())));
    let left = move || {
        until
            .filter(|_| streaming.get())
            .map(|until| until.since(live.now()))
    };
    let standing = live.part(|order| standing(&order.state));
    let over = live.part(|order| order.state.is_final());
    let share = move || format!("{}%", percent(used.get(), deposited));
    view! {
        <p class="meter-left">{move || left().map_or_else(|| standing.get().to_owned(), countdown)}</p>
        <p class="dim">
            {move || left().and(until).zip(ordered).map(|(until, ordered)| view! {
                "of your " {ordered.in_words()} " left; ends " <Instant at=until/>". What is not used comes back."
            })}
        </p>
        <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" width="100%" height="6" aria-hidden="true">
            <rect class="bar-all" width="100%" height="6"/>
            <rect class="bar-used" width=share height="6"/>
        </svg>
        <dl class="figures">
            <dt>"Set aside"</dt><dd class="num" data-testid="deposited">{tokens(deposited, 6)}</dd>
            <dt>"Used"</dt><dd class="num" data-testid="used">{move || tokens(used.get(), 6)}</dd>
            <dt>{move || if over.get() { "Came back" } else { "Comes back" }}</dt><dd class="num" data-testid="refundable">{move || tokens(deposited.saturating_sub(used.get()), 6)}</dd>
            {since.map(|since| view! {
                <dt>"Charged since"</dt><dd><Instant at=since/></dd>
            })}
            {(rate != ScaledRate::default()).then(|| view! {
                <dt>"Rate"</dt><dd class="num">{usd4(rate.usd_per_hour())} " / h"</dd>
            })}
            {move || chain.view().map(|chain| view! { <dt>"Chain"</dt><dd>{chain.name}</dd> })}
        </dl>
    }
}

/// Whether the escrow streams: from its activation, even before the workload is ready.
const fn streams(state: &State) -> bool {
    matches!(state, State::Leasing { .. } | State::Active { .. })
}

/// Status of the money while it is not streaming.
const fn standing(state: &State) -> &'static str {
    match state {
        State::Settled { .. } => "Settled",
        State::Closing { .. } | State::Settling { .. } => "Being settled",
        State::NeedsHuman { .. } => "Held",
        _ => "Nothing charged yet",
    }
}

/// Percentage of `part` in `whole`, rounded down.
fn percent(part: TokenAmount, whole: TokenAmount) -> u128 {
    part.micros()
        .saturating_mul(100)
        .checked_div(whole.micros())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::percent;
    use domain::money::TokenAmount;

    #[test]
    fn an_empty_escrow_has_no_share() {
        assert_eq!(percent(TokenAmount::ZERO, TokenAmount::ZERO), 0);
        assert_eq!(
            percent(
                TokenAmount::from_micros(999),
                TokenAmount::from_micros(1000)
            ),
            99
        );
    }
}
