//! Necto's rules: ids, money, resources, requirements, pricing, quotes, escrow arithmetic, bid
//! ranking and the deployment lifecycle.
//!
//! Everything here is pure: no I/O, no clock, no randomness, no floats. The same code runs in the browser
//! and on the server. To add a rule, find (or create) the noun it belongs to and write it as a function of
//! its arguments; the caller passes in the time and the facts.

pub mod akash;
pub mod alternatives;
pub mod auto_sign;
pub mod batch;
pub mod deployment;
pub mod escrow;
pub mod exposure;
pub mod gas;
pub mod ids;
pub mod journey;
pub mod log_text;
pub mod market;
pub mod money;
pub mod network;
pub mod offers;
pub mod pricing;
pub mod prose;
pub mod quote;
pub mod record;
pub mod requirements;
pub mod resources;
pub mod route;
pub mod routing;
pub mod templates;
pub mod time;
