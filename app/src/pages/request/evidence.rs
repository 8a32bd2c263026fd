//! Below the first question: what happens to the buyer's money, and where that can be verified.

use leptos::prelude::*;

use crate::api;
use crate::components::chain::Chain;
use crate::components::figures::CopyButton;
use crate::facts::ShellFacts;
use crate::phase;

/// The path of the money in five lines, its chain, and this browser's earlier requests.
#[component]
pub(crate) fn Evidence() -> impl IntoView {
    view! {
        <aside class="evidence" aria-label="How it goes">
            <ol class="way">
                <li><strong>"Words"</strong> <span>"become requirements. What you did not say is assumed aloud, and you can change it."</span></li>
                <li><strong>"Price"</strong> <span>"comes from the market as it is now, with a maximum that no bid may exceed."</span></li>
                <li><strong>"Deposit"</strong> <span>"goes into an escrow contract. Only what is used is paid out, by the second."</span></li>
                <li><strong>"Bids"</strong> <span>"arrive from providers for five minutes. No bid, no charge."</span></li>
                <li><strong>"Receipt"</strong> <span>"when you close: used and refunded, to the last micro-dollar, with transaction hashes."</span></li>
            </ol>
            <ChainFacts/>
            <Earlier/>
        </aside>
    }
}

#[component]
fn ChainFacts() -> impl IntoView {
    let chain = Chain::here();
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    move || {
        chain.view().map(|chain| view! {
            <section class="chain-facts">
            <h2 class="eyebrow">"Where the money is" {simulated.then(|| view! { " " <span class="tag">"Simulated"</span> })}</h2>
            <dl class="figures">
                <dt>"Chain"</dt>
                <dd>{chain.name} " " <span class="mono">{chain.chain_id}</span></dd>
                <dt>"Escrow"</dt>
                <dd class="mono">{chain.escrow.shortened()} <CopyButton text=chain.escrow.to_string() what="address of the escrow"/></dd>
                <dt>"Token"</dt>
                <dd class="mono">{chain.token.shortened()} <CopyButton text=chain.token.to_string() what="address of the token"/></dd>
            </dl>
            </section>
        })
    }
}

/// The last orders of this browser, to continue with.
#[component]
fn Earlier() -> impl IntoView {
    const SHOWN: usize = 4;
    let orders = Resource::new(|| (), |()| api::list_orders());
    let list = move || {
        Suspend::new(async move {
            // Without an answer the list stays empty; the list page explains why.
            let orders = orders.await.unwrap_or_default().orders;
            (!orders.is_empty()).then(|| {
                let line = |order: domain::journey::OrderSummary| {
                    let (label, tone) = phase::label(&order.state, order.readiness);
                    let page = match order.state.as_str() {
                        "drafted" | "quoted" | "awaiting_deposit" => {
                            format!("/?order={}", order.id)
                        }
                        _ => format!("/deployments/{}", order.id),
                    };
                    view! {
                        <li>
                            <a href=page>{order.name}</a>
                            <span class="state" data-tone=tone.as_str()>{label}</span>
                        </li>
                    }
                };
                view! {
                    <section class="earlier">
                        <h2 class="eyebrow">"Go on with"</h2>
                        <ul>{orders.into_iter().take(SHOWN).map(line).collect_view()}</ul>
                    </section>
                }
            })
        })
    };
    view! { <Suspense fallback=|| ()>{list}</Suspense> }
}
