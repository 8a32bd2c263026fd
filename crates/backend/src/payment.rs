//! Money: what an order may cost, who pays it, and what is recorded before anything is sent.
//!
//! - [`auto_sign`] decides whether a buyer's kept balance pays a priced order.
//! - [`exposure`] refuses what would put too much of the operator's money at stake at Akash.
//! - [`outbox`] records what the operator's account is to do on chain.

pub(crate) mod auto_sign;
pub(crate) mod exposure;
pub(crate) mod outbox;
