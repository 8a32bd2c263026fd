//! The basis of the estimate.

use domain::quote::{CostLine, MarketView};
use leptos::prelude::*;

use crate::components::figures::{When, usd4};
use crate::live_order::LiveOrder;

/// The market's figures, line by line, with their sources and age.
#[component]
pub(crate) fn QuoteTable() -> impl IntoView {
    let live = LiveOrder::here();
    let market = live.part(|order| order.market.clone());
    move || market.get().map(|market| view! { <Market market/> })
}

#[component]
fn Market(
    /// Figures behind the quote: the parts of the price, and the number of providers that can host it.
    market: MarketView,
) -> impl IntoView {
    let now = LiveOrder::here().clock();
    let sum = market.lines.iter().map(|line| line.usd_per_hour).sum();
    let providers = match market.screened_providers {
        1 => "1 provider can host this now".to_owned(),
        n => format!("{n} providers can host this now"),
    };
    let row = |line: CostLine| {
        view! {
            <tr>
                <th scope="row">{line.what}</th>
                <td class="num">{usd4(line.usd_per_hour)}</td>
                <td class="dim source">{line.source}</td>
            </tr>
        }
    };
    view! {
        <section class="panel" data-testid="quote">
            <header class="panel-head">
                <h2>"Expected price"</h2>
                <p class="dim">{providers} ", asked " <When at=market.observed_at now/></p>
            </header>
            <table class="table">
                <thead>
                    <tr><th scope="col">"Part"</th><th scope="col" class="num">"Expected, per hour"</th><th scope="col" class="source">"Source"</th></tr>
                </thead>
                <tbody>{market.lines.into_iter().map(row).collect_view()}</tbody>
                <tfoot>
                    <tr><th scope="row">"Together"</th><td class="num">{usd4(sum)}</td><td class="source"></td></tr>
                </tfoot>
            </table>
        </section>
    }
}
