//! Routing: selects the market offer that a workload should go to, and explains why none of the others.
//!
//! Constraints come first, and every offer that they exclude says why ([`Rejection`]). The remaining offers
//! are in the order of effective cost. A weighted score over price, availability, uptime, latency,
//! reputation and risk decides the recommendation only; an unmeasured factor counts half of what is known,
//! and lowers the confidence shown beside the score. Recorded and tariff rows are never recommended.
//!
//! Everything is a function of its arguments: the same offers in any order give the same [`Decision`],
//! whose canonical JSON is archived and hashed. Bids of a running auction are ranked in `routing`, not
//! here.

mod criteria;
mod decision;
mod document;
mod reject;
mod score;
mod suitability;

pub use criteria::Criteria;
pub use decision::{Choice, Decision, Entry, Fit, Market, Outcome, VenueReport, VenueState, route};
pub use reject::Rejection;
pub use score::{Factor, Part, Score, UNKNOWN_BPS, Weights};
pub use suitability::{AkashRules, GpuRule, Suitability, akash_suitability};
