//! Changes that would have brought bids, if nobody bid.

use domain::deployment::{CloseReason, State};
use domain::journey::Relaxation;
use leptos::prelude::*;

use super::redeploy::to_new_draft;
use crate::api::{self, ApiError};
use crate::components::busy_button::BusyButton;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::live_order::LiveOrder;
use crate::request::Request;
use crate::task::while_shown;

/// One button per change, which creates a draft with only that change.
#[component]
pub(super) fn NoBids() -> impl IntoView {
    let live = LiveOrder::here();
    let nobody_bid = live.part(|order| {
        matches!(&order.state, State::Settled { receipt } if receipt.why == CloseReason::NoBids)
    });
    view! { <Show when=move || nobody_bid.get()><Changes/></Show> }
}

#[component]
fn Changes() -> impl IntoView {
    let live = LiveOrder::here();
    let found = RwSignal::new(None::<Result<Vec<Relaxation>, ApiError>>);
    Effect::new(move |_| {
        let order = live.id();
        while_shown(async move { found.set(Some(api::relaxations(order).await)) });
    });
    let request = Request::new();
    let change = move |relaxation: Relaxation| {
        let label = match relaxation.providers {
            1 => format!("{} (1 provider)", relaxation.title),
            n => format!("{} ({n} providers)", relaxation.title),
        };
        let wish = relaxation.wish;
        let order = to_new_draft(request, move || {
            api::redeploy_relaxed(live.id(), wish.clone())
        });
        view! { <li><BusyButton label=Signal::stored(label) busy=request.pending testid="relax" on_press=order/></li> }
    };
    let offers = move || {
        match found.get() {
        None => view! { <p class="dim" aria-busy="true">"Looking for what would bring bids…"</p> }.into_any(),
        Some(Err(error)) => view! { <p class="dim">{error.sentence}</p> }.into_any(),
        Some(Ok(changes)) if changes.is_empty() => {
            view! { <p class="dim">"No single change would reach more providers right now. Try again later, or change the SDL."</p> }.into_any()
        }
        Some(Ok(changes)) => {
            view! {
                <p>"More providers could host it with one change. Each makes a new draft; you pay nothing until you deposit."</p>
                <ul class="relaxations">{changes.into_iter().map(change).collect_view()}</ul>
            }
                .into_any()
        }
    }
    };
    view! {
        <Notice gravity=Gravity::Warn>
            <p>"Nobody bid in 5 minutes, so everything went back to you."</p>
            {offers}
            <Failure what=request.error/>
        </Notice>
    }
}
