//! One file per outside service: the vendor's terms on one side, the ports' on the other. Adapters
//! make no decisions.

pub mod akash;
pub mod clock;
pub mod contracts;
pub mod escrow;
pub mod gemini;
mod guarded_http;
pub mod host_probe;
pub mod listings;
pub mod price_sources;
pub mod random;
pub mod reach;
pub mod remembered_market;
pub mod template_repository;
