//! Shows an order with everything its owner may know.

use domain::deployment::State;
use domain::escrow::ScaledRate;
use domain::ids::OrderId;
use domain::journey::{EscrowMeter, OrderView, RelayedDeposit};
use domain::money::TokenAmount;
use domain::time::UnixSeconds;

use crate::Backend;
use crate::auto_sign::{Spending, spending};
use crate::changes::owned;
use crate::error::UsecaseError;
use crate::jobs::drive_deployment::ranked_bids;
use crate::order::Order;
use crate::outbox::Purpose;
use crate::storage::{Connection, StorageError, bids, events, outbox, transactions};
use crate::visitor::Visitor;

/// The order as `visitor` sees it.
///
/// # Errors
/// [`UsecaseError::NotFound`] for an unknown order and for somebody else's.
pub async fn show_order(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    view(backend, order).await
}

/// The order as its owner sees it.
pub(crate) async fn view(backend: &Backend, order: Order) -> Result<OrderView, UsecaseError> {
    let mut connection = backend.storage().read().await?;
    let timeline = events::of(&mut connection, order.id).await?;
    let seen = bids::of(&mut connection, order.id).await?;
    let mut sent = transactions::of(&mut connection, order.id).await?;
    let relayed = relayed(&mut connection, &order.state).await?;
    drop(connection);
    // Signs of life are many and say nothing to a buyer.
    sent.retain(|transaction| transaction.kind != Purpose::Heartbeat.name());
    let now = backend.ports().clock.now();
    Ok(OrderView {
        bids: ranked_bids(&order, seen),
        meter: meter(&order.state, now),
        readiness: order.readiness(),
        id: order.id,
        name: order.name,
        state: order.state.without_manifest(),
        sentence: order.sentence,
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
        now,
    })
}

/// What became of the deposit that Necto sends for the buyer; `None` unless one is awaited.
async fn relayed(
    connection: &mut Connection,
    state: &State,
) -> Result<Option<RelayedDeposit>, StorageError> {
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
    Ok(intent.map(|intent| match intent.failed() {
        true => RelayedDeposit::Failed {
            why: intent.reason.unwrap_or_default(),
        },
        false => RelayedDeposit::OnItsWay,
    }))
}

/// The money of an order at `now`; `None` before there is any.
pub(crate) fn meter(state: &State, now: UnixSeconds) -> Option<EscrowMeter> {
    let paid = state.paid()?;
    let deposited = paid.total();
    let Some(running) = state.running() else {
        return Some(EscrowMeter {
            deposited,
            rate: ScaledRate::default(),
            accrued: TokenAmount::ZERO,
            as_of: now,
            charged_since: None,
            paid_until: None,
        });
    };
    let paid_until = running.paid_until(paid);
    let (as_of, accrued) = match state {
        State::Settled { receipt } => (receipt.settlement.ended_at, receipt.settlement.released),
        State::Closing { ended_at, .. } | State::Settling { ended_at, .. } => (
            *ended_at,
            accrued(running.activation.rate, running.activation.at, *ended_at),
        ),
        _ => (
            now,
            accrued(running.activation.rate, running.activation.at, now),
        ),
    };
    Some(EscrowMeter {
        deposited,
        rate: running.activation.rate,
        accrued: accrued.min(deposited),
        as_of,
        charged_since: Some(running.activation.at),
        paid_until: Some(paid_until),
    })
}

fn accrued(rate: ScaledRate, from: UnixSeconds, until: UnixSeconds) -> TokenAmount {
    rate.accrued_over(until.since(from))
}
