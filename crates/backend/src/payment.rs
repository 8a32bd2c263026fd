//! Money: what an order may cost, who pays it, and what is recorded before anything is sent.
//!
//! - [`terms`] makes the terms of an escrow from an order and its quote.
//! - [`auto_sign`] decides whether a buyer's kept balance pays a priced order.
//! - [`relay`] sends what a buyer only signed, as far as [`gas_budget`] allows.
//! - [`exposure`] refuses what would put too much of the operator's money at stake at Akash.
//! - [`outbox`] records what the operator's account is to do on chain.

pub(crate) mod auto_sign;
pub(crate) mod exposure;
mod gas_budget;
pub(crate) mod outbox;
pub(crate) mod relay;
pub(crate) mod terms;
