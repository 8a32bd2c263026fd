//! An order as its owner sees it.

use domain::deployment::{Paid, State};
use domain::ids::OrderId;
use domain::journey::{EscrowMeter, OrderView, RelayedDeposit, TransactionView};

use super::changes::shown;
use super::order::Order;
use super::ranked_bids::ranked_bids;
use crate::Backend;
use crate::error::UsecaseError;
use crate::payment::auto_sign::{Spending, spending};
use crate::payment::outbox::intent::{Intent, Purpose, top_up_subject};
use crate::storage::{
    Connection, StorageError, bids, chain, events, origins, outbox, transactions,
};
use crate::visitor::Visitor;

/// Returns the order as `visitor` sees it.
///
/// # Errors
/// [`UsecaseError::NotFound`] for an unknown order and for another owner's.
pub(crate) async fn show(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    let order = shown(backend, visitor, id).await?;
    view(backend, order).await
}

/// Returns the order as its owner sees it.
pub(crate) async fn view(backend: &Backend, order: Order) -> Result<OrderView, UsecaseError> {
    let mut connection = backend.storage().read().await?;
    let timeline = events::of(&mut connection, order.id).await?;
    let seen = bids::of(&mut connection, order.id).await?;
    let mut sent = transactions::of(&mut connection, order.id).await?;
    if let Some(paid) = order.state.paid() {
        add_top_ups(&mut connection, paid, &mut sent).await?;
    }
    let relayed = relayed(&mut connection, &order.state).await?;
    let last_heartbeat = outbox::last_done(&mut connection, order.id, Purpose::Heartbeat).await?;
    let origin = origins::of(&mut connection, order.id).await?;
    drop(connection);
    // Heartbeats are numerous and of no use to a buyer.
    sent.retain(|transaction| transaction.kind != Purpose::Heartbeat.name());
    let now = backend.ports().clock.now();
    Ok(OrderView {
        bids: ranked_bids(&order, seen),
        meter: EscrowMeter::of(&order.state, last_heartbeat),
        readiness: order.readiness(),
        id: order.id,
        name: order.name,
        state: order.state.without_manifest(),
        sentence: order.sentence,
        origin,
        wish: order.wish,
        requirements: order.requirements,
        assumptions: order.assumptions,
        steps: order.steps,
        sdl: order.sdl,
        working_sdl: order.working_sdl,
        acceptance: order.acceptance,
        version: order.version,
        sdl_source: order.sdl_source,
        template: order.template,
        market: order.market,
        refusal: order.refusal,
        question: order.question,
        timeline,
        services: order.services,
        transactions: sent,
        relayed,
        auto_sign: order.auto_sign,
        notice: order.notice,
        erased_at: order.erased_at,
        now,
    })
}

/// Adds the amount to each top-up, including unreported ones: a wallet may have sent it again at
/// another gas price.
async fn add_top_ups(
    connection: &mut Connection,
    paid: &Paid,
    sent: &mut Vec<TransactionView>,
) -> Result<(), StorageError> {
    for (hash, amount, at) in chain::added_to(connection, paid.escrow).await? {
        match sent.iter_mut().find(|known| known.hash == hash) {
            Some(known) => known.added = Some(amount),
            None => sent.push(TransactionView {
                kind: Purpose::TopUp.name().to_owned(),
                hash,
                at: at.unwrap_or(paid.deposited.at),
                added: Some(amount),
            }),
        }
    }
    sent.sort_by_key(|transaction| transaction.at);
    Ok(())
}

/// Returns the status of the deposit, or of a running order's top-up, that Necto sends for the
/// buyer; `None` unless one is awaited.
async fn relayed(
    connection: &mut Connection,
    state: &State,
) -> Result<Option<RelayedDeposit>, StorageError> {
    if let State::Active { paid, .. } = state {
        let subject = top_up_subject(paid.escrow, paid.total());
        let intent = outbox::latest(connection, Purpose::TopUp, &subject).await?;
        return Ok(intent.map(told));
    }
    let State::AwaitingDeposit { escrow, .. } = state else {
        return Ok(None);
    };
    if let Some(spending) = spending(connection, state).await? {
        return Ok(Some(match spending {
            Spending::Failed { why } => RelayedDeposit::Failed { why },
            Spending::OnItsWay | Spending::Done => RelayedDeposit::OnItsWay,
        }));
    }
    let intent = outbox::latest(connection, Purpose::Fund, &escrow.to_string()).await?;
    Ok(intent.map(told))
}

fn told(intent: Intent) -> RelayedDeposit {
    match intent.failed() {
        true => RelayedDeposit::Failed {
            why: intent.reason.unwrap_or_default(),
        },
        false => RelayedDeposit::OnItsWay,
    }
}
