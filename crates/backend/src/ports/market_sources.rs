//! The venues and feeds of the whole market, together.

use std::sync::Arc;

use super::{HostProbe, PriceCheck, PriceHistory, PriceSource, TokenFeed};

/// The sources of the market.
#[derive(Debug, Clone, Default)]
pub struct MarketSources {
    /// Connectors to the venues, one each.
    pub venues: Vec<Arc<dyn PriceSource>>,
    /// Feeds of token prices.
    pub feeds: Vec<Arc<dyn TokenFeed>>,
    /// Chains that prices are compared with, the strongest first.
    pub checks: Vec<Arc<dyn PriceCheck>>,
    /// The venues' own histories.
    pub histories: Vec<Arc<dyn PriceHistory>>,
    /// Probe for the distance of hosts; `None` if distances are not measured.
    pub probe: Option<Arc<dyn HostProbe>>,
}
