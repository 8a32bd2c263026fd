//! The receipt: who received how much, in which transactions.

use domain::deployment::{Receipt, State};
use domain::ids::TxHash;
use domain::journey::TransactionView;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use leptos::prelude::*;

use crate::components::chain::Chain;
use crate::components::figures::{HashText, Instant, tokens};
use crate::live_order::LiveOrder;

/// The receipt of a settled order; empty until then.
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
    /// Receipt of the settled order.
    receipt: Receipt,
    /// All transactions known to Necto.
    transactions: Vec<TransactionView>,
) -> impl IntoView {
    let settled = &receipt.settlement;
    let deposited = receipt.paid.total();
    let ran = receipt
        .running
        .as_ref()
        .map(|running| receipt.ended_at.since(running.activation.at).in_words());
    let providers = receipt.running.as_ref().map(|running| {
        let bids = running.accepted.bids.iter();
        let mut names: Vec<_> = bids.map(|bid| bid.id.provider.to_string()).collect();
        names.dedup();
        names.join(", ")
    });
    let payee = receipt.paid.terms.payee.to_string();
    let buyer = receipt.paid.terms.buyer.to_string();
    let escrow = receipt.paid.escrow.to_string();
    let rows = rows(&receipt, transactions);
    view! {
        <section class="panel receipt" data-testid="receipt">
            <header class="panel-head"><h2>"Receipt"</h2><p class="dim">{receipt.why.sentence()}</p></header>
            <dl class="figures">
                <dt>"Deposited"</dt><dd class="num">{tokens(deposited, 6)}</dd>
                <dt>"Used"</dt><dd class="num" data-testid="released" data-micros=settled.released.micros().to_string()>{tokens(settled.released, 6)}</dd>
                <dt>"Back to you"</dt><dd class="num strong" data-testid="refunded" data-micros=settled.refunded.micros().to_string()>{tokens(settled.refunded, 6)}</dd>
                <dt>"Ran for"</dt><dd class="num words">{ran.unwrap_or_else(|| "not at all".to_owned())}</dd>
                <dt>"Ended"</dt><dd><Instant at=receipt.ended_at/></dd>
            </dl>
            <dl class="receipt-parties">
                <dt>"Paid by"</dt><dd class="mono wrap">{buyer}</dd>
                <dt>"Paid to"</dt><dd class="mono wrap">{payee}</dd>
                {providers.map(|providers| view! { <dt>"Provider"</dt><dd class="mono wrap">{providers}</dd> })}
                <dt>"Escrow"</dt><dd class="mono wrap">{escrow}</dd>
            </dl>
            <h3 class="eyebrow">"Transactions"</h3>
            <table class="table cards receipt-rows" data-testid="receipt-rows">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col" class="num">"Amount"</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"Transaction"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| view! { <Line row/> }).collect_view()}</tbody>
            </table>
            <div class="buttons no-print">
                <button type="button" class="button small" data-testid="print-receipt" on:click=|_| window().print().unwrap_or_default()>"Print"</button>
            </div>
        </section>
    }
}

#[component]
fn Line(
    /// Transaction to show, with its amount if it moved money.
    row: Row,
) -> impl IntoView {
    let chain = Chain::here();
    let Row {
        what,
        amount,
        at,
        tx,
    } = row;
    view! {
        <tr>
            <th scope="row" data-label="What">{what}</th>
            <td data-label="Amount" class="num">{amount.map(|amount| tokens(amount, 6))}</td>
            <td data-label="When"><Instant at/></td>
            <td data-label="Transaction">
                {move || view! { <HashText hash=tx explorer=chain.explorer()/> }}
                <span class="print-only mono">{tx.to_string()}</span>
            </td>
        </tr>
    }
}

/// A transaction and its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    what: &'static str,
    amount: Option<TokenAmount>,
    at: UnixSeconds,
    tx: TxHash,
}

/// All transactions in chronological order, without duplicates.
fn rows(receipt: &Receipt, known: Vec<TransactionView>) -> Vec<Row> {
    let deposited = &receipt.paid.deposited;
    let mut rows = vec![Row {
        what: "Deposit",
        amount: Some(deposited.amount),
        at: deposited.at,
        tx: deposited.tx,
    }];
    if let Some(running) = &receipt.running {
        rows.push(Row {
            what: "Start of payment",
            amount: None,
            at: running.activation.at,
            tx: running.activation.tx,
        });
    }
    rows.push(Row {
        what: "Settlement",
        amount: None,
        at: receipt.settlement.ended_at,
        tx: receipt.settlement.tx,
    });
    for transaction in known {
        let what = name(&transaction);
        if let Some(what) = what
            && rows.iter().all(|row| row.tx != transaction.hash)
        {
            rows.push(Row {
                what,
                amount: transaction.added,
                at: transaction.at,
                tx: transaction.hash,
            });
        }
    }
    let last = receipt.settlement.tx;
    rows.sort_by_key(|row| (row.tx == last, row.at));
    rows
}

/// Effect of a transaction; `None` if it had none here.
fn name(transaction: &TransactionView) -> Option<&'static str> {
    match (transaction.kind.as_str(), transaction.added) {
        (_, Some(_)) => Some("Top-up"),
        ("approve", None) => Some("Approval (moves no money)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::name;
    use domain::ids::TxHash;
    use domain::journey::TransactionView;
    use domain::money::TokenAmount;
    use domain::time::UnixSeconds;

    #[test]
    fn an_approval_is_no_top_up_and_one_without_effect_is_no_row() {
        let transaction = |kind: &str, added: Option<u128>| TransactionView {
            kind: kind.to_owned(),
            hash: TxHash::from_bytes([1; 32]),
            at: UnixSeconds(1),
            added: added.map(TokenAmount::from_micros),
        };
        let named = |kind, added| name(&transaction(kind, added));
        assert_eq!(named("top_up", Some(5)), Some("Top-up"));
        assert_eq!(named("approve", None), Some("Approval (moves no money)"));
        assert_eq!(named("top_up", None), None, "refused, or replaced");
    }
}
