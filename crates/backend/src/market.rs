//! The state of the market: offers of all venues, token prices, and the cost of a workload.
//!
//! - `venues` asks all venues at once and serves the last good rows of each.
//! - `tokens` does the same for the feeds of token prices.
//! - `watching` keeps both current while somebody looks, with the last day and the distances.
//! - `words` has the terms that an SDL can name.
//! - `estimate` prices a workload on Akash, line by line.

mod breaker;
mod cell;
pub(crate) mod estimate;
mod history;
mod keeping;
mod latency;
mod listed;
#[cfg(test)]
mod tests;
pub mod tokens;
mod venues;
mod watching;
pub(crate) mod words;

pub use keeping::run_market;
pub use listed::ListedProviders;
pub use venues::{LiveMarket, MarketEvent};
pub use watching::MarketWatch;
