//! The terms of an escrow that a buyer pays into, made from an order and its quote.

use domain::escrow::Terms;
use domain::ids::{Address, EscrowId, Hash32};
use domain::money::TokenAmount;
use domain::quote::Quote;
use domain::time::Seconds;
use sha2::{Digest as _, Sha256};

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::order::Order;

/// Time after the quote's expiry in which the escrow may still be activated: a last-minute deposit
/// needs its confirmations, the opening, the bids and the activation.
const TIME_TO_ACTIVATE: Seconds = Seconds::minutes(30);

/// Returns the terms that `quote` gives to an order of `buyer`, and the resulting escrow.
///
/// # Errors
/// [`UsecaseError::Conflict`] if the price is no longer valid, or the order exposes a guessable
/// secret to the internet.
pub(crate) fn new_terms(
    backend: &Backend,
    order: &Order,
    quote: &Quote,
    buyer: Address,
) -> Result<(Terms, EscrowId), UsecaseError> {
    if backend.ports().clock.now() >= quote.expires_at {
        return Err(UsecaseError::price_expired());
    }
    guarded(&order.sdl)?;
    let settings = backend.settings();
    let least = TokenAmount::from_usd(settings.least_deposit);
    if quote.deposit < least {
        return Err(UsecaseError::Conflict(format!(
            "Opening a deployment costs Necto money, so an order sets aside {least} tUSDC at least, \
             and this one {}. Ask for a longer run; what is not used comes back.",
            quote.deposit
        )));
    }
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

/// Checks that no guessable secret is exposed to the internet.
///
/// # Errors
/// [`UsecaseError::Conflict`] that names the first such secret.
pub(crate) fn guarded(text: &str) -> Result<(), UsecaseError> {
    match sdl::check(text).unpayable() {
        None => Ok(()),
        Some(why) => Err(UsecaseError::Conflict(why)),
    }
}

/// Returns the SHA-256 of what is bought: the order, the hash of its SDL's text and its price, as
/// one JSON document.
fn order_hash(order: &Order, quote: &Quote) -> Hash32 {
    let document = serde_json::json!({
        "order": order.id.to_string(),
        "text": sdl::text_hash(&order.sdl),
        "quote": quote,
    });
    Hash32::from_bytes(Sha256::digest(document.to_string()).into())
}
