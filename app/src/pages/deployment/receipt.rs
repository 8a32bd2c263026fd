//! The end of the story: who got what, in which transactions.

use domain::deployment::{Receipt, State};
use domain::journey::TransactionView;
use leptos::prelude::*;

use crate::components::chain::Chain;
use crate::components::figures::{HashText, iso, readable, tokens};
use crate::live_order::LiveOrder;

/// The receipt.
#[component]
pub(super) fn ReceiptPanel() -> impl IntoView {
    let live = LiveOrder::here();
    let receipt = live.part(|order| match &order.state {
        State::Settled { receipt } => Some(receipt.clone()),
        _ => None,
    });
    let transactions = live.part(|order| order.transactions.clone());
    move || {
        receipt
            .get()
            .map(|receipt| view! { <Lines receipt transactions=transactions.get()/> })
    }
}

#[component]
fn Lines(
    /// The receipt.
    receipt: Receipt,
    /// All transactions Necto knows of.
    transactions: Vec<TransactionView>,
) -> impl IntoView {
    let chain = Chain::here();
    let settled = &receipt.settlement;
    let deposited = receipt.paid.total();
    let ran = receipt
        .running
        .as_ref()
        .map(|running| receipt.ended_at.since(running.activation.at).in_words());
    let hashes = hashes(&receipt, transactions);
    let line = move |(kind, hash): (String, domain::ids::TxHash)| {
        view! { <li><span>{kind}</span> {move || view! { <HashText hash explorer=chain.explorer()/> }}</li> }
    };
    view! {
        <section class="panel receipt" data-testid="receipt">
            <header class="panel-head"><h2>"Receipt"</h2><p class="dim">{receipt.why.sentence()}</p></header>
            <dl class="figures">
                <dt>"Deposited"</dt><dd class="num">{tokens(deposited, 6)}</dd>
                <dt>"Used"</dt><dd class="num" data-testid="released" data-micros=settled.released.micros().to_string()>{tokens(settled.released, 6)}</dd>
                <dt>"Back to you"</dt><dd class="num strong" data-testid="refunded" data-micros=settled.refunded.micros().to_string()>{tokens(settled.refunded, 6)}</dd>
                <dt>"Ran for"</dt><dd class="num words">{ran.unwrap_or_else(|| "not at all".to_owned())}</dd>
                <dt>"Ended"</dt><dd><time datetime=iso(receipt.ended_at)>{readable(receipt.ended_at)}</time></dd>
            </dl>
            <h3 class="eyebrow">"Transactions"</h3>
            <ul class="receipt-hashes">{hashes.into_iter().map(line).collect_view()}</ul>
        </section>
    }
}

/// Every transaction once, with what it did.
fn hashes(receipt: &Receipt, known: Vec<TransactionView>) -> Vec<(String, domain::ids::TxHash)> {
    let mut all = vec![("Deposit".to_owned(), receipt.paid.deposited.tx)];
    if let Some(running) = &receipt.running {
        all.push(("Start of payment".to_owned(), running.activation.tx));
    }
    all.push(("Settlement".to_owned(), receipt.settlement.tx));
    for transaction in known {
        if all.iter().all(|(_, hash)| *hash != transaction.hash) {
            all.push((name(&transaction.kind), transaction.hash));
        }
    }
    all
}

fn name(kind: &str) -> String {
    match kind {
        "approve" => "Approval".to_owned(),
        "fund" => "Deposit".to_owned(),
        "spend" => "Deposit from your kept balance".to_owned(),
        "top_up" => "Top-up".to_owned(),
        "activate" => "Start of payment".to_owned(),
        "end" => "Settlement".to_owned(),
        "heartbeat" => "Sign of life".to_owned(),
        other => other.to_owned(),
    }
}
