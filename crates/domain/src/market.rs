//! A visitor's view of the market: the same data on the server that collects it and in the browser that
//! sorts, filters and routes it.

mod export;
pub(crate) mod query;

use std::collections::{BTreeMap, BTreeSet};

pub use export::{csv, json};
pub use query::{Direction, MarketQuery, Refused, Sort, UnknownCard, hourly, priority_id};
use serde::{Deserialize, Serialize};

use crate::akash::ProviderAddress;
use crate::ids::Hash32;
use crate::money::Usd;
use crate::offers::tokens::Standing;
use crate::offers::{Offer, Quarantined, Venue, Volatility};
use crate::route::{AkashRules, Market, VenueReport};
use crate::time::UnixSeconds;

/// The market at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarketBoard {
    /// Unix time at which this was made, by the server's clock.
    pub now: UnixSeconds,
    /// Offers of all venues, or only those that [`MarketBoard::glance`] keeps.
    pub offers: Vec<Offer>,
    /// Number of offers in the whole market; `offers` of a first glance holds fewer.
    pub whole: u32,
    /// Prices of the last day by the offer's id, oldest first; no entry if the price never changed.
    pub days: BTreeMap<String, Vec<Usd>>,
    /// Rows held back.
    pub quarantined: Vec<Quarantined>,
    /// Each venue's latest answer, or the reason why it has no rows.
    pub venues: Vec<VenueReport>,
    /// Prices of the tokens that venues are paid in or prices are quoted in.
    pub tokens: Vec<TokenLine>,
    /// Token feeds that did not answer, and why.
    pub silent_feeds: Vec<(String, String)>,
    /// The operator's rules for which workloads go to Akash.
    pub akash_rules: AkashRules,
}

impl MarketBoard {
    /// The first `rows` rows, which a page shows first, with the data that the recommendation rests on.
    #[must_use]
    pub fn glance(mut self, query: &MarketQuery, rows: usize) -> Self {
        let decision = query.decide(&self);
        let shown = query.rows(&decision);
        let best = decision.by_score.iter().take(rows).copied();
        let kept: BTreeSet<usize> = shown
            .into_iter()
            .take(rows)
            .chain(best)
            .chain(0..1)
            .collect();
        self.offers = decision
            .entries
            .into_iter()
            .enumerate()
            .filter(|(at, _)| kept.contains(at))
            .map(|(_, entry)| entry.offer)
            .collect();
        let ids: BTreeSet<&str> = self.offers.iter().map(|offer| offer.id.as_str()).collect();
        self.days.retain(|id, _| ids.contains(id.as_str()));
        self
    }

    /// The market as routing input, without the token prices, which the rows already include.
    #[must_use]
    pub fn to_market(&self) -> Market {
        Market {
            offers: self.offers.clone(),
            quarantined: self.quarantined.clone(),
            token_prices: Vec::new(),
            venues: self.venues.clone(),
        }
    }
}

/// A token's price with its evidence, for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLine {
    /// Ticker of the token: `AKT`.
    pub symbol: String,
    /// Dollars for one token.
    pub usd: String,
    /// Unix time of the oldest source price that counts.
    pub at: UnixSeconds,
    /// Reliability of the price: whether two sources agree, one has it, or none answers any more.
    pub standing: Standing,
    /// Largest distance between source prices that count, in hundredths of a per cent.
    pub spread_bps: u64,
    /// Each source's price and its verdict, one sentence each.
    pub votes: Vec<String>,
    /// Result of comparing the price with a feed on a chain.
    pub check: CheckLine,
    /// Reason why no money may be settled on the price, for people; `None` if it may.
    pub unfit: Option<String>,
    /// Lowest and highest price of the last day; `None` if no samples were kept.
    pub range: Option<(String, String)>,
    /// Movement of the price over the last day, from stored samples.
    pub volatility: Volatility,
}

/// Comparison of a price with a feed on a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// Outcome of the comparison.
    pub status: CheckStatus,
    /// The comparison in full, or why there was none.
    pub text: String,
}

/// Outcome of a comparison with a feed on a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// A fresh feed of the token agrees.
    Verified,
    /// A fresh feed of the quote currency agrees.
    QuoteLegVerified,
    /// Nothing was compared.
    Unverified,
    /// A fresh feed disagrees.
    Mismatch,
}

impl CheckStatus {
    /// The outcome in words, for display.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::QuoteLegVerified => "quote leg verified",
            Self::Unverified => "unverified",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Summary of a decision, stored with the order it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingView {
    /// Unix time at which the decision was made.
    pub made_at: UnixSeconds,
    /// The recommendation; `None` if there is none.
    pub recommended: Option<RoutedOffer>,
    /// Best offer of a venue that Necto can deploy to, which the order itself uses; `None` if there is
    /// none.
    pub deployable: Option<RoutedOffer>,
    /// The next best, best first.
    pub alternatives: Vec<RoutedOffer>,
    /// Reason for the choice, as one sentence.
    pub reason: String,
    /// Reasons why the workload suits Akash or does not, one sentence each.
    pub akash: Vec<String>,
    /// Number of offers compared, whether they fit or not.
    pub compared: u32,
    /// Number of those offers that meet the criteria.
    pub fitting: u32,
    /// Venues without rows, each with the reason.
    pub missing: Vec<(Venue, String)>,
    /// SHA-256 of the decision document.
    pub digest: Hash32,
}

/// An offer in a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedOffer {
    /// Venue that sells it.
    pub venue: Venue,
    /// The venue's own name for it.
    pub shape: String,
    /// The Akash provider that makes the offer; `None` if the offer is not a single provider's.
    #[serde(default)]
    pub provider: Option<ProviderAddress>,
    /// Name of the card, for display.
    pub gpu: String,
    /// Place of the hardware, in the venue's words; `None` if it names none.
    pub place: Option<String>,
    /// Price of one card for one hour.
    pub usd_per_gpu_hour: Usd,
    /// Price for one hour, of the whole shape or of the cards asked for, whichever is more.
    pub cost_per_hour: Usd,
    /// Score that decides the recommendation, from 0 to 10,000.
    pub score_bps: u32,
    /// Share of the weights that is known, from 0 to 10,000.
    pub confidence_bps: u32,
    /// Derivation of the effective price from the listed one.
    pub arithmetic: String,
    /// Web address for renting it, at venues Necto does not deploy to; `None` if there is none.
    pub link: Option<String>,
}
