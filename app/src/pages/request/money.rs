//! The cost, before anything is signed.

use domain::journey::OrderView;
use domain::quote::{Quote, VALID_FOR};
use domain::time::UnixSeconds;
use leptos::prelude::*;

use crate::api;
use crate::components::busy_button::BusyButton;
use crate::components::figures::{about, exact, readable, tokens, usd4};
use crate::components::notice::Failure;
use crate::live_order::{LiveOrder, Part};
use crate::request::Request;

/// The price: the expected cost, the maximum, the deposit, and what happens if nobody bids.
#[component]
pub(crate) fn Money() -> impl IntoView {
    let live = LiveOrder::here();
    let quote = live.part(|order| order.state.quote().cloned());
    let editable = live.part(|order| order.state.is_editable());
    // Created here and not in the component that shows it, which is removed the moment that this changes.
    let lapsed = live.part(lapsed_price);
    move || match quote.get() {
        Some(quote) => view! { <Priced quote editable/> }.into_any(),
        None => view! { <Unpriced editable lapsed/> }.into_any(),
    }
}

#[component]
fn Priced(
    /// Quote of the order; it may have expired.
    quote: Quote,
    /// `true` while another price can be requested.
    editable: Part<bool>,
) -> impl IntoView {
    let live = LiveOrder::here();
    let expires = quote.expires_at;
    let expired = Memo::new(move |_| live.now() >= expires);
    view! {
        <div class="money">
            <p class="eyebrow">"You will probably pay about"</p>
            <p class="money-deposit" data-testid="expected-amount">{about(quote.expected())}</p>
            <dl class="figures">
                <dt>"Expected"</dt><dd class="num">{usd4(quote.expected_per_hour())} " / h"</dd>
                <dt>"Maximum"</dt><dd class="num">{usd4(quote.cap_per_hour)} " / h"</dd>
                <dt>"Set aside"</dt><dd class="num strong" data-testid="deposit-amount">{tokens(quote.deposit, 6)}</dd>
                <dt>"For"</dt><dd class="num words">{quote.duration.in_words()}</dd>
                <dt>"Providers"</dt><dd class="num">{quote.screened_providers}</dd>
            </dl>
            <p>"What is set aside covers the maximum for the whole time; more can never be charged. You pay by the second at the price of the bid that is taken, and the rest comes back when you close."</p>
            <p>"If nobody bids in 5 minutes, or no provider takes it, all of it comes back."</p>
            <Show when=move || editable.get()>
                <p class="dim" data-expired=move || expired.get().then_some("")>{move || lasts(expires, live.now())}</p>
                <Show when=move || expired.get()><Requote label="Refresh the price"/></Show>
            </Show>
        </div>
    }
}

#[component]
fn Unpriced(
    /// `true` while a price can be requested.
    editable: Part<bool>,
    /// Time at which the expired quote was made; `None` if none has expired.
    lapsed: Part<Option<UnixSeconds>>,
) -> impl IntoView {
    view! {
        <div class="money">
            <p class="eyebrow">"Price"</p>
            <p class="money-deposit dim">{move || if lapsed.get().is_some() { "Price lapsed" } else { "No price yet" }}</p>
            <p data-testid="no-price">{move || match lapsed.get() {
                Some(at) => format!(
                    "The price of {} has lapsed: a price holds for {}. Nothing was charged. Refresh it to go on.",
                    readable(at),
                    VALID_FOR.in_words(),
                ),
                None => "Nothing can be charged without a price that you have seen.".to_owned(),
            }}</p>
            <Show when=move || editable.get()><Requote label="Refresh the price"/></Show>
        </div>
    }
}

/// Time of a quote that expired and was not replaced by anything.
fn lapsed_price(order: &OrderView) -> Option<UnixSeconds> {
    let last = order.timeline.last()?;
    let quoted = order
        .timeline
        .iter()
        .rfind(|entry| entry.event == "quoted")?;
    (last.event == "quote_expired").then_some(quoted.at)
}

#[component]
fn Requote(
    /// Label of the button.
    label: &'static str,
) -> impl IntoView {
    let live = LiveOrder::here();
    let request = Request::new();
    let ask = move || live.change(request, api::requote(live.id()));
    view! {
        <BusyButton label busy=request.pending testid="requote" on_press=ask/>
        <Failure what=request.error/>
    }
}

/// The price at the bottom of a phone's screen, with a link to the deposit.
#[component]
pub(crate) fn MoneyBar() -> impl IntoView {
    let quote = LiveOrder::here().part(|order| order.state.quote().cloned());
    move || {
        quote.get().map(|quote| view! {
            <div class="money-bar">
                <p>"Set aside " <strong class="num">{exact(quote.deposit)}</strong> <span class="dim num">{format!("expected {}", about(quote.expected()))}</span></p>
                <a class="button primary" href="#money" rel="external">"To the deposit"</a>
            </div>
        })
    }
}

fn lasts(expires: UnixSeconds, now: UnixSeconds) -> String {
    if now >= expires {
        return "This price has run out. Nothing was charged.".to_owned();
    }
    format!("This price holds for {}.", expires.since(now).in_words())
}
