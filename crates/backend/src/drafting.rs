//! From a wish or an SDL to a draft with its estimate, and on to a quote or the reason why there is
//! none.
//!
//! - `agent` interprets the buyer's words, `templates` has the starting points.
//! - `deciding` chooses a venue and records the reasons; `venue` says whether it is Akash.
//! - `draft` queries the market: `price`, then `screening`, then an `offer`.
//! - `relaxing` looks for the single change that would help if there is no offer.
//! - `rounds` stores the outcome in the order.

pub mod agent;
mod deciding;
mod draft;
mod offer;
mod outcome;
mod price;
mod relaxing;
mod rounds;
mod screening;
pub mod templates;
mod thoughts;
mod venue;

pub(crate) use draft::USUAL_DURATION;
pub(crate) use relaxing::more_hosts;
pub(crate) use rounds::{nothing_deposited, reopening, run_round, store_refusal, understood_steps};
pub(crate) use thoughts::Thoughts;
