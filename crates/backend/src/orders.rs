//! The orders of the buyers: what is stored of one, how it changes, and what its buyer is told.
//!
//! Every change of an order goes through [`changes`]; nothing else writes its row.

pub(crate) mod changes;
pub(crate) mod narration;
pub(crate) mod order;
