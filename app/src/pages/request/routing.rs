//! Summary of where this workload was routed and why; the market's page and the decision document have the
//! details.

use domain::akash::ProviderAddress;
use domain::market::{MarketQuery, RoutedOffer, RoutingView};
use domain::offers::counted;
use leptos::prelude::*;

use crate::api;
use crate::components::figures::{HashText, usd4};
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;
use crate::request::Request;

/// Result of comparing the market; empty if nothing was compared.
#[component]
pub(super) fn Routing() -> impl IntoView {
    let live = LiveOrder::here();
    let id = live.id();
    // A round of drafting ends with new steps and a new decision.
    let steps = live.part(|order| order.steps.len());
    let requirements = live.part(|order| order.requirements.clone());
    let routing = Resource::new(move || steps.get(), move |_| api::open_routing(id));
    let panel = move || {
        // The link carries all of the order's requirements.
        let query = requirements.with(|wanted| wanted.as_ref().map(MarketQuery::of));
        let compare = format!("/market?{}", query.unwrap_or_default().write());
        Suspend::new(async move {
            // Without an answer the thinking steps still say what was compared.
            let routing = routing.await.ok().flatten();
            routing.map(|routing| {
                let provider = routing
                    .deployable
                    .as_ref()
                    .and_then(|offer| offer.provider.clone());
                let bind = provider.map(|provider| view! { <Bind provider/> });
                shown(routing, compare, bind, format!("/api/orders/{id}/decision"))
            })
        })
    };
    view! { <Transition fallback=|| ()>{panel}</Transition> }
}

/// Shows whose bids are accepted, and offers to accept only those of the provider with the shown offer.
#[component]
fn Bind(
    /// Provider with the shown offer.
    provider: ProviderAddress,
) -> impl IntoView {
    let live = LiveOrder::here();
    let wish = live.part(|order| order.wish.clone());
    let possible = live.part(|order| order.state.is_editable());
    let request = Request::new();
    let only = provider.clone();
    let bound = Memo::new(move |_| wish.get().providers.contains(&only));
    let bind = move |_| {
        let mut changed = wish.get_untracked();
        changed.providers.insert(provider.clone());
        live.change(request, api::change_wish(live.id(), changed));
    };
    view! {
        <p class="alternative">
            {move || if bound.get() {
                "Only this provider’s bid will be taken."
            } else {
                "Every provider on Akash may bid, and the best bid counts."
            }}
            <Show when=move || possible.get() && !bound.get()>
                " "
                <button type="button" data-testid="only-this-provider" disabled=move || request.pending.get() on:click=bind.clone()>
                    "Take only this provider’s bid"
                </button>
            </Show>
        </p>
        <Failure what=request.error/>
    }
}

fn shown(
    routing: RoutingView,
    compare: String,
    bind: Option<impl IntoView>,
    document: String,
) -> impl IntoView {
    let best = routing.recommended.as_ref();
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
                <span class="dim">{format!(
                    "{} of {} {}",
                    routing.fitting,
                    counted(u64::from(routing.compared)),
                    if routing.fitting == 1 { "fits" } else { "fit" },
                )}</span>
            </div>
            {routing.deployable.as_ref().map(|offer| line("Lowest on Akash now", offer))}
            {bind}
            {best.filter(|_| !same).map(|offer| line("Best match in the market", offer))}
            <p class="dim">{routing.reason.clone()}{missing}</p>
            <p>
                <a href=compare>"Compare all offers"</a>
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
