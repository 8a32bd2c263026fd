//! Money: what an order may cost, who pays for it, and what is recorded before anything is sent.
//!
//! - [`terms`] makes the terms of an escrow from an order and its quote.
//! - [`auto_sign`] decides whether a buyer's kept balance pays a priced order.
//! - [`relay`] sends what a buyer has only signed, within [`gas_budget`].
//! - [`exposure`] refuses orders that would put too much of the operator's money at stake at Akash.
//! - [`outbox`] records the intents of the operator's account.

pub(crate) mod auto_sign;
pub(crate) mod exposure;
mod gas_budget;
pub(crate) mod outbox;
pub(crate) mod relay;
pub(crate) mod terms;
