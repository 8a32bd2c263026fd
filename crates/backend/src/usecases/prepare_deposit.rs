//! Fixes the terms of an order and prepares what its buyer's wallet signs.

use domain::deployment::{Acceptance, Event, State};
use domain::escrow::Terms;
use domain::ids::{Address, EscrowId, OrderId, TextHash};
use domain::journey::DepositPlan;
use sdl::Dialect;

use super::chain_view::chain_view;
use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::{self, owned};
use crate::orders::order::Order;
use crate::payment::auto_sign::nothing_spent;
use crate::payment::exposure;
use crate::payment::relay::offer;
use crate::payment::terms::new_terms;
use crate::visitor::Visitor;

/// Fixes the terms, and prepares approval and deposit for the text with the hash `text`, which is
/// the one that the buyer sees. Repeated and concurrent calls return the same terms, so a deposit
/// already in transit still belongs to the order.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Conflict`] without a valid
/// price, for a text other than the priced one, for a text that Akash refuses, if another wallet's
/// deposit is awaited or has arrived, or if the limit of open deployments is reached;
/// [`UsecaseError::TooMany`] if today's limit is reached.
pub async fn prepare_deposit(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    text: TextHash,
    acceptance: Acceptance,
) -> Result<DepositPlan, UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let chain_view = chain_view(backend).await?;
    nothing_spent(backend, &order.state).await?;
    nothing_paid_by_another(backend, &order.state, buyer).await?;
    let asked_about = order.state.escrow();
    exposure::note_source(backend, visitor, id).await?;
    let prepared = changes::edit(backend, id, |order| {
        is_the_priced_text(order, text)?;
        is_deployable(order)?;
        // Decided inside the change, not on what was read before it: of many concurrent calls, the
        // first one fixes the terms.
        let (terms, escrow) = terms_for(backend, order, buyer, asked_about)?;
        order.buyer = Some(buyer);
        order.acceptance = Some(acceptance);
        if let State::AwaitingDeposit {
            escrow: known,
            acceptance: chosen,
            kept: None,
            ..
        } = &order.state
            && (*known, *chosen) == (escrow, acceptance)
        {
            return Ok(Vec::new());
        }
        Ok(vec![Event::DepositPrepared {
            terms,
            escrow,
            acceptance,
        }])
    })
    .await?;
    let State::AwaitingDeposit { terms, escrow, .. } = prepared.state else {
        return Err(UsecaseError::order_changed());
    };
    let chain = &backend.ports().chain;
    Ok(DepositPlan {
        text,
        images: sdl::images(&prepared.sdl),
        relay: offer(backend, &terms, visitor.from).await?,
        approve: chain.approve_call(terms.deposit),
        fund: chain.fund_call(&terms),
        terms,
        escrow,
        chain: chain_view,
    })
}

/// Refuses payment for a text other than the one that the buyer sees.
///
/// # Errors
/// [`UsecaseError::Conflict`] if the text was changed, here or elsewhere, and not priced.
fn is_the_priced_text(order: &Order, shown: TextHash) -> Result<(), UsecaseError> {
    if order.working_sdl.is_none() && sdl::text_hash(&order.sdl) == shown {
        return Ok(());
    }
    Err(UsecaseError::Conflict(
        "The draft is not the one that was priced: it was changed here or in another tab. Look at \
         it, update the price, then prepare the deposit."
            .to_owned(),
    ))
}

/// Refuses payment for a text that cannot run.
///
/// # Errors
/// [`UsecaseError::Conflict`] with the first fault.
fn is_deployable(order: &Order) -> Result<(), UsecaseError> {
    sdl::derive(&order.sdl, Dialect::Console)
        .map(drop)
        .map_err(|report| {
            let fault = report.fault(Dialect::Console).unwrap_or_default();
            UsecaseError::Conflict(format!(
                "Akash would refuse this draft, so it cannot be paid: {fault} Put it right and \
                 update the price."
            ))
        })
}

/// Returns the terms that the order already has for this wallet, or new ones. `asked_about` is the
/// escrow that the chain was queried about.
fn terms_for(
    backend: &Backend,
    order: &Order,
    buyer: Address,
    asked_about: Option<EscrowId>,
) -> Result<(Terms, EscrowId), UsecaseError> {
    let now = backend.ports().clock.now();
    match &order.state {
        // Auto-sign was faster than the buyer's click.
        State::AwaitingDeposit {
            kept: Some(_),
            escrow,
            ..
        } if Some(*escrow) != asked_about => Err(UsecaseError::order_changed()),
        State::AwaitingDeposit { terms, escrow, .. } if terms.buyer == buyer => {
            if now >= terms.activate_by {
                return Err(UsecaseError::price_expired());
            }
            Ok((terms.clone(), *escrow))
        }
        State::AwaitingDeposit { escrow, .. } if Some(*escrow) != asked_about => {
            Err(UsecaseError::order_changed())
        }
        State::AwaitingDeposit { quote, .. } | State::Quoted { quote } => {
            new_terms(backend, order, quote, buyer)
        }
        _ => Err(UsecaseError::price_expired()),
    }
}

/// Refuses new terms while those of another wallet may have been paid.
async fn nothing_paid_by_another(
    backend: &Backend,
    state: &State,
    buyer: Address,
) -> Result<(), UsecaseError> {
    let State::AwaitingDeposit { terms, escrow, .. } = state else {
        return Ok(());
    };
    if terms.buyer != buyer && backend.ports().chain.escrow(*escrow).await?.is_some() {
        return Err(UsecaseError::Conflict(
            "Another wallet has paid the deposit already; it is being confirmed.".to_owned(),
        ));
    }
    Ok(())
}
