//! Buyers' orders: what is stored of each, how it changes, and what its buyer is told.
//!
//! Every change of an order goes through [`changes`]; nothing else writes its row.

pub(crate) mod addresses;
pub(crate) mod change_error;
pub(crate) mod changes;
mod narration;
pub(crate) mod next_jobs;
pub(crate) mod order;
pub(crate) mod order_view;
pub(crate) mod ranked_bids;
