//! The venues and feeds of the whole market, together.

use std::sync::Arc;

use super::{HostProbe, PriceCheck, PriceHistory, PriceSource, TokenFeed};

/// The sources of the market.
#[derive(Debug, Clone, Default)]
pub struct MarketSources {
    /// Connectors of the venues, one for each.
    pub venues: Vec<Arc<dyn PriceSource>>,
    /// The feeds of token prices.
    pub feeds: Vec<Arc<dyn TokenFeed>>,
    /// The chains with which prices are compared, the stronger before the weaker.
    pub checks: Vec<Arc<dyn PriceCheck>>,
    /// The venues' own histories.
    pub histories: Vec<Arc<dyn PriceHistory>>,
    /// Probe that measures the distance of hosts; `None` where nothing is measured.
    pub probe: Option<Arc<dyn HostProbe>>,
}
