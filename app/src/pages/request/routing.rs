//! Where this workload was routed and why, in a few lines; the whole is the market's page and the
//! decision document.

use domain::market::{MarketQuery, RoutedOffer, RoutingView};
use leptos::prelude::*;

use crate::api;
use crate::components::figures::{HashText, usd4};
use crate::live_order::LiveOrder;

/// What the market's comparison came to; nothing where nothing was compared.
#[component]
pub(super) fn Routing() -> impl IntoView {
    let live = LiveOrder::here();
    let id = live.id();
    // A round of drafting ends with new steps, and with a new decision.
    let steps = live.part(|order| order.steps.len());
    let routing = Resource::new(move || steps.get(), move |_| api::open_routing(id));
    let panel = move || {
        Suspend::new(async move {
            // Without an answer the steps of thinking still say what was compared.
            let routing = routing.await.ok().flatten();
            routing.map(|routing| shown(routing, format!("/api/orders/{id}/decision")))
        })
    };
    view! { <Transition fallback=|| ()>{panel}</Transition> }
}

fn shown(routing: RoutingView, document: String) -> impl IntoView {
    let best = routing.recommended.as_ref();
    let query = MarketQuery {
        gpu: best.map_or_else(String::new, |best| best.gpu.clone()),
        ..MarketQuery::default()
    };
    let same = routing.deployable == routing.recommended;
    let missing: Vec<&str> = routing
        .missing
        .iter()
        .map(|(venue, _)| venue.title())
        .collect();
    let missing =
        (!missing.is_empty()).then(|| format!(" Without an answer: {}.", missing.join(", ")));
    view! {
        <section class="panel" data-testid="routing">
            <div class="panel-head">
                <h2>"Where it runs"</h2>
                <span class="dim">{format!("{} of {} offers fit", routing.fitting, routing.compared)}</span>
            </div>
            {routing.deployable.as_ref().map(|offer| line("Here", offer))}
            {best.filter(|_| !same).map(|offer| line("Best of the market", offer))}
            <p class="dim">{routing.reason.clone()}{missing}</p>
            <p>
                <a href=format!("/market?{}", query.write())>"Compare all offers"</a>
                " · "
                <a href=document download="">"Decision document"</a>
                ", SHA-256 "
                <HashText hash=routing.digest/>
            </p>
        </section>
    }
}

fn line(what: &'static str, offer: &RoutedOffer) -> impl IntoView + use<> {
    view! {
        <p>
            {what}": "<strong>{offer.venue.title()}</strong>", "{offer.gpu.clone()}
            {offer.place.as_ref().map(|place| format!(" in {place}"))}", "
            <span class="mono">{usd4(offer.cost_per_hour)}</span>" an hour"
            <span class="dim">" ("{offer.arithmetic.clone()}")"</span>
        </p>
    }
}
