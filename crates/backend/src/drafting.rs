//! From a wish, or from an SDL, to a draft with its estimate, and on to a quote or the reason why
//! there is none.
//!
//! - `agent` reads the buyer's words, `templates` has what one can start from.
//! - `deciding` chooses a venue and keeps the reasons; `venue` says whether it is Akash.
//! - `draft` queries the market: `price`, then `screening`, then an `offer`.
//! - `relaxing` looks for the single change that would help where there is none.
//! - `rounds` puts the outcome into the order.

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
