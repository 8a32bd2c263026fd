//! Data that Necto and the chain exchange: the contracts' calls, events and errors, an escrow's
//! terms and id, and the messages that a buyer signs.
//!
//! It holds no connection and no key: it encodes, decodes and hashes, in the browser as on the server. The
//! declarations are written out rather than read from JSON, so that the browser loads only what it
//! uses; a test compares every selector, topic and return type with the committed ABI in
//! `contracts/abi`.
//!
//! When a contract changes: regenerate the ABI (`npm run artefacts` in `contracts`), let the test
//! `abi` report the differences, and change [`bindings`].

pub mod bindings;
pub mod events;
pub mod failure;
pub mod policy;
pub mod terms;
pub mod token;
mod typed_data;

pub use alloy_primitives;
pub use alloy_sol_types;

pub use bindings::{AkashEscrow, ComputeRouter, ProviderRegistry, TestnetUSDC};
pub use events::{EscrowEvent, EventError, decode_escrow_event};
pub use failure::{Failure, decode_failure};
pub use policy::{SpendPolicy, policy_digest, policy_typed_data, top_up_nonce};
pub use terms::{EscrowView, Mode, Reason, Status, Terms, escrow_domain, escrow_id};
pub use token::{ReceiveAuthorization, TokenDomain, TokenDomainError};
