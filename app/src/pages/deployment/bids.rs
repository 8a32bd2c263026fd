//! The live table of bids.

mod row;

use domain::akash::BidId;
use domain::deployment::{Acceptance, State};
use domain::routing::RankedBid;
use leptos::prelude::*;
use row::BidRow;

use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;
use crate::request::Request;

/// The bids by rank, each acceptable one with a button; a countdown while bidding lasts.
#[component]
pub(super) fn Bids() -> impl IntoView {
    let live = LiveOrder::here();
    let bids = live.part(|order| order.bids.clone());
    let until = live.part(|order| match &order.state {
        State::Bidding { until, .. } => Some(*until),
        _ => None,
    });
    let groups = live.part(|order| order.state.opened().map_or(1, |opened| opened.groups));
    let automatic = live.part(|order| {
        order
            .state
            .paid()
            .is_some_and(|paid| paid.acceptance == Acceptance::Automatic)
    });
    let taken = live.part(taken);
    let picked = RwSignal::new(Vec::<BidId>::new());
    let request = Request::new();
    let accept = move || {
        let question = api::accept_bid(live.id(), picked.get_untracked());
        live.change(request, async move {
            let answer = question.await;
            if answer.is_err() {
                picked.try_set(Vec::new());
            }
            answer
        });
    };
    let pick = Callback::new(move |bid: BidId| {
        picked.update(|picked| {
            picked.retain(|other| other.gseq != bid.gseq);
            picked.push(bid);
        });
        // With one group, picking a bid accepts it; with more, each group needs a pick first.
        if groups.get_untracked() == 1 {
            accept();
        }
    });
    let countdown = move || {
        let left = until.get()?.since(live.now());
        let who = if automatic.get() {
            "The best one is taken by itself."
        } else {
            "You pick."
        };
        Some(format!(
            "{} left. {who} Without a bid taken, all of your deposit comes back.",
            left.in_words()
        ))
    };
    let complete = move || until.get().is_some() && groups.get() > 1;
    view! {
        <section class="panel">
            <header class="panel-head"><h2>"Bids"</h2><p class="dim">{countdown}</p></header>
            <table class="table cards bids" data-testid="bids">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Per hour"</th>
                        <th scope="col">"Provider"</th>
                        <th scope="col">"Region"</th>
                        <th scope="col" class="num">"Up, 7 days"</th>
                        <th scope="col">"Audited"</th>
                        <th scope="col">"Answer"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || bids.get() key=key let(ranked)>
                        <BidRow ranked open=Signal::derive(move || until.get().is_some()) groups taken picked busy=request.pending pick/>
                    </For>
                </tbody>
            </table>
            <Show when=move || bids.with(Vec::is_empty)>
                <p class="empty">"No bids yet. The first ones usually take 10 to 30 seconds."</p>
            </Show>
            <Show when=complete>
                <BusyButton
                    label=Signal::derive(move || format!("Take these {} bids", groups.get()))
                    weight=Weight::Primary
                    testid="accept-bids"
                    busy=request.pending
                    disabled=Signal::derive(move || picked.with(Vec::len) < groups.get() as usize)
                    on_press=accept
                />
            </Show>
            <Failure what=request.error/>
        </section>
    }
}

/// The key of a row: it changes with anything that the row shows.
fn key(ranked: &RankedBid) -> (BidId, u64, Option<String>) {
    (
        ranked.bid.id.clone(),
        ranked.usd_per_hour.micros(),
        ranked.rejected.clone(),
    )
}

fn taken(order: &domain::journey::OrderView) -> Vec<BidId> {
    let accepted = match &order.state {
        State::Activating { accepted, .. } => Some(accepted),
        state => state.running().map(|running| &running.accepted),
    };
    accepted
        .map(|accepted| accepted.bids.iter().map(|bid| bid.id.clone()).collect())
        .unwrap_or_default()
}
