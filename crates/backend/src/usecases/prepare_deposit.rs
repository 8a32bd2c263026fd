//! Fixes the terms of an order and prepares what the wallet signs.

use domain::deployment::{Acceptance, Event, State};
use domain::escrow::Terms;
use domain::ids::{Address, EscrowId, Hash32, OrderId};
use domain::journey::DepositPlan;
use domain::quote::Quote;
use domain::time::Seconds;
use sha2::{Digest as _, Sha256};

use super::chain_view::chain_view;
use super::relay_deposit::offer;
use super::save_sdl::moved_on;
use crate::Backend;
use crate::auto_sign::nothing_spent;
use crate::changes::{self, owned};
use crate::error::UsecaseError;
use crate::order::Order;
use crate::visitor::Visitor;

/// How long after the quote's end the escrow may still be activated: a deposit made at the last
/// moment needs its confirmations, the opening, the bids and the activation.
const TIME_TO_ACTIVATE: Seconds = Seconds::minutes(30);

/// Fixes the terms and prepares approval and deposit. Asked again, it answers with the same
/// terms: a deposit already on its way stays the order's own.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Conflict`] without a price that
/// holds, or when another wallet's deposit is awaited or has come.
pub async fn prepare_deposit(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    acceptance: Acceptance,
) -> Result<DepositPlan, UsecaseError> {
    let order = owned(backend, visitor, id).await?;
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let chain_view = chain_view(backend).await?;
    nothing_spent(backend, &order.state).await?;
    let (terms, escrow) = terms_for(backend, &order, buyer).await?;
    changes::edit(backend, id, |order| {
        let holds = match &order.state {
            State::Quoted { quote } => quote.expires_at > backend.ports().clock.now(),
            // Auto-sign was faster than this click.
            State::AwaitingDeposit {
                kept: Some(_),
                escrow: known,
                ..
            } if *known != escrow => return Err(moved_on()),
            State::AwaitingDeposit { .. } => true,
            _ => false,
        };
        if !holds {
            return Err(no_price());
        }
        order.buyer = Some(buyer);
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
            terms: terms.clone(),
            escrow,
            acceptance,
        }])
    })
    .await?;
    let chain = &backend.ports().chain;
    Ok(DepositPlan {
        relay: offer(backend, &terms).await?,
        approve: chain.approve_call(terms.deposit),
        fund: chain.fund_call(&terms),
        terms,
        escrow,
        chain: chain_view,
    })
}

/// The terms the order has already for this wallet, or new ones.
async fn terms_for(
    backend: &Backend,
    order: &Order,
    buyer: Address,
) -> Result<(Terms, EscrowId), UsecaseError> {
    let now = backend.ports().clock.now();
    match &order.state {
        State::AwaitingDeposit { terms, escrow, .. } if terms.buyer == buyer => {
            if now >= terms.activate_by {
                return Err(no_price());
            }
            Ok((terms.clone(), *escrow))
        }
        State::AwaitingDeposit { quote, escrow, .. } => {
            if backend.ports().chain.escrow(*escrow).await?.is_some() {
                return Err(UsecaseError::Conflict(
                    "Another wallet has paid the deposit already; it is being confirmed."
                        .to_owned(),
                ));
            }
            new_terms(backend, order, quote, buyer)
        }
        State::Quoted { quote } => new_terms(backend, order, quote, buyer),
        _ => Err(no_price()),
    }
}

/// The terms that `quote` gives an order of `buyer`'s, and the escrow they make.
///
/// # Errors
/// [`UsecaseError::Conflict`] where the price no longer holds, and where anyone could guess a secret
/// that the order puts before the internet.
pub(crate) fn new_terms(
    backend: &Backend,
    order: &Order,
    quote: &Quote,
    buyer: Address,
) -> Result<(Terms, EscrowId), UsecaseError> {
    if backend.ports().clock.now() >= quote.expires_at {
        return Err(no_price());
    }
    guarded(&order.sdl)?;
    let settings = backend.settings();
    let terms = Terms {
        buyer,
        payee: settings.payee,
        deposit: quote.deposit,
        max_rate: quote.max_rate,
        activate_by: quote.expires_at.after(TIME_TO_ACTIVATE),
        heartbeat_window: settings.heartbeat_window,
        fee_bps: settings.fee_bps,
        order_hash: order_hash(order, quote),
        salt: Hash32::from_bytes(backend.ports().random.bytes32()),
    };
    let escrow = backend.ports().chain.escrow_id(&terms);
    Ok((terms, escrow))
}

/// No secret that anyone can guess goes before the internet.
///
/// # Errors
/// [`UsecaseError::Conflict`] that names the first one.
pub(super) fn guarded(text: &str) -> Result<(), UsecaseError> {
    match sdl::check(text).unpayable() {
        None => Ok(()),
        Some(why) => Err(UsecaseError::Conflict(why)),
    }
}

pub(super) fn no_price() -> UsecaseError {
    UsecaseError::Conflict(
        "The price no longer holds. Ask for a new one; your draft is kept.".to_owned(),
    )
}

/// SHA-256 of what is bought: the order, its SDL and its price, one JSON document.
fn order_hash(order: &Order, quote: &Quote) -> Hash32 {
    let document = serde_json::json!({
        "order": order.id.to_string(),
        "sdl": order.sdl,
        "quote": quote,
    });
    Hash32::from_bytes(Sha256::digest(document.to_string()).into())
}
