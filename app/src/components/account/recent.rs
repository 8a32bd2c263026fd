//! The transactions that this browser recently sent from the connected account.

use leptos::prelude::*;

use super::balance::HeaderBalance;
use crate::browser;
use crate::components::chain::Chain;
use crate::components::figures::{HashText, iso, readable, relative};
use crate::task::while_shown;
use crate::wallet::{Recent, Wallet, note_end, recent, watch};

/// Maximum number of transactions shown.
const SHOWN: usize = 5;

/// List of the transactions, each followed until its outcome is known; hidden when empty.
#[component]
pub(super) fn RecentTransactions() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let balance = expect_context::<HeaderBalance>();
    let shown = RwSignal::new(Vec::<Recent>::new());
    let read = move || {
        let Some(connected) = wallet.connected_now() else {
            return Vec::new();
        };
        let mut all = recent();
        all.retain(|one| one.sent.from == connected.address);
        all.truncate(SHOWN);
        all
    };
    Effect::new(move |_| {
        let Some(connected) = wallet.connected() else {
            return;
        };
        let all = read();
        for one in all.iter().filter(|one| one.worked.is_none()) {
            let (uuid, sent) = (connected.uuid.clone(), one.sent.clone());
            while_shown(async move {
                let end = watch(&uuid, &sent, |_| true).await;
                if end.is_final() {
                    note_end(sent.hash, end.worked());
                    balance.ask();
                }
                shown.set(read());
            });
        }
        shown.set(all);
    });
    let row = move |one: Recent| {
        let (tone, state) = match one.worked {
            None => ("busy", "pending"),
            Some(true) => ("good", "confirmed"),
            Some(false) => ("bad", "did not happen"),
        };
        let name = name(&one.sent.kind);
        let name = match one.order {
            Some(order) => view! { <a href=format!("/deployments/{order}")>{name}</a> }.into_any(),
            None => name.into_any(),
        };
        view! {
            <li>
                <span class="dot" data-tone=tone></span>
                <span>{name}</span>
                <span class="dim">{state}</span>
                <time class="dim when" datetime=iso(one.at) title=readable(one.at)>{relative(one.at, browser::now())}</time>
                <HashText hash=one.sent.hash explorer=chain.explorer()/>
            </li>
        }
    };
    view! {
        <Show when=move || shown.with(|shown| !shown.is_empty())>
            <section class="account-recent" aria-label="Recent transactions">
                <p class="eyebrow">"Recent transactions"</p>
                <ul>{move || shown.get().into_iter().map(row).collect_view()}</ul>
            </section>
        </Show>
    }
}

/// Display name of a kind of transaction.
fn name(kind: &str) -> String {
    match kind {
        "approve" => "Approval".to_owned(),
        "fund" => "Deposit".to_owned(),
        "top_up" => "Top-up".to_owned(),
        "faucet" => "Test USDC".to_owned(),
        "keep" => "Prepaid balance: added".to_owned(),
        "withdraw" => "Prepaid balance: withdrawn".to_owned(),
        "revoke" => "Policy revoked".to_owned(),
        "cancel" => "Escrow cancelled".to_owned(),
        "close" => "Escrow closed".to_owned(),
        other => other.replace(['_', '-'], " "),
    }
}
