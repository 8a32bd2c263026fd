//! What a visitor sees of the market: the same data on the server that collects it and in the
//! browser that sorts, filters and routes it.

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
    /// The server's time when this was made.
    pub now: UnixSeconds,
    /// The offers.
    pub offers: Vec<Offer>,
    /// How many there are in the whole market: more than `offers` in a first glance.
    pub whole: u32,
    /// Prices of the last day, oldest first, by the offer's id; none where the price never moved.
    pub days: BTreeMap<String, Vec<Usd>>,
    /// Rows held back.
    pub quarantined: Vec<Quarantined>,
    /// Who answered and who did not.
    pub venues: Vec<VenueReport>,
    /// Token prices.
    pub tokens: Vec<TokenLine>,
    /// Token feeds that did not answer, and why.
    pub silent_feeds: Vec<(String, String)>,
    /// What the operator sends to Akash.
    pub akash_rules: AkashRules,
}

impl MarketBoard {
    /// What a page shows first: the first `rows` rows and what the recommendation rests on.
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

    /// The market as routing takes it, without the token prices, which are in the rows already.
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

/// A token's price with its grounds, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLine {
    /// Its ticker.
    pub symbol: String,
    /// Dollars for one token.
    pub usd: String,
    /// The oldest word that counts.
    pub at: UnixSeconds,
    /// How much it can be relied on.
    pub standing: Standing,
    /// Largest distance between words that count, in hundredths of a per cent.
    pub spread_bps: u64,
    /// Every source's word and what became of it, one sentence each.
    pub votes: Vec<String>,
    /// What a chain says of it.
    pub check: CheckLine,
    /// Why no money may be settled on it; `None` where it may.
    pub unfit: Option<String>,
    /// Lowest and highest price of the last day, where samples were kept.
    pub range: Option<(String, String)>,
    /// How much it moved over the last day.
    pub volatility: Volatility,
}

/// What a chain says of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// How it came out.
    pub status: CheckStatus,
    /// The comparison in full, or why there was none.
    pub text: String,
}

/// How a comparison with a chain came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// A fresh feed of the token agrees.
    Verified,
    /// A fresh feed of what it is quoted in agrees.
    QuoteLegVerified,
    /// Nothing was compared.
    Unverified,
    /// A fresh feed disagrees.
    Mismatch,
}

impl CheckStatus {
    /// Its words for people.
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

/// What a decision came to, stored with the order it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingView {
    /// When it was made.
    pub made_at: UnixSeconds,
    /// The recommendation, where there is one.
    pub recommended: Option<RoutedOffer>,
    /// Where the order itself goes: the best of what Necto can deploy to.
    pub deployable: Option<RoutedOffer>,
    /// The next best, best first.
    pub alternatives: Vec<RoutedOffer>,
    /// Why the choice is what it is.
    pub reason: String,
    /// Whether and why it suits Akash.
    pub akash: Vec<String>,
    /// How many offers were compared, and how many of them fit.
    pub compared: u32,
    /// How many fit.
    pub fitting: u32,
    /// Venues without rows, each with the reason.
    pub missing: Vec<(Venue, String)>,
    /// SHA-256 of the decision document.
    pub digest: Hash32,
}

/// An offer in a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedOffer {
    /// Who sells it.
    pub venue: Venue,
    /// The venue's own name for it.
    pub shape: String,
    /// The provider behind it on Akash, where it is one's own.
    #[serde(default)]
    pub provider: Option<ProviderAddress>,
    /// The card, for people.
    pub gpu: String,
    /// Where, in the venue's words.
    pub place: Option<String>,
    /// Price of one card for one hour.
    pub usd_per_gpu_hour: Usd,
    /// What the buyer would pay an hour.
    pub cost_per_hour: Usd,
    /// From 0 to 10,000.
    pub score_bps: u32,
    /// Share of the weights that is known, from 0 to 10,000.
    pub confidence_bps: u32,
    /// From the listed price to the effective one.
    pub arithmetic: String,
    /// Where to rent it, for venues Necto does not deploy to.
    pub link: Option<String>,
}
