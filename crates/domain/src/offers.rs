//! The market's offers in one unit: every listed price becomes effective dollars per GPU-hour, with every
//! caveat that could make it mean less.
//!
//! A venue's connector parses its payload into [`Listing`]s, in the venue's own words and units;
//! [`normalize`] turns a listing into an [`Offer`] or says why it is held back ([`Quarantined`]). Nothing
//! here fetches, waits or reads a clock. To add a venue, add it to [`Venue`] and write its parser beside
//! the others; a new way of pricing is a new [`ListedPrice`].

mod bounds;
mod catalogue;
pub mod decimal;
pub mod gpu;
pub mod json;
mod listing;
mod place;
pub mod render_work;
mod row;
pub mod settlement;
pub mod tokens;
pub mod verification;
mod volatility;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use bounds::PriceBounds;
pub use catalogue::vram_gib;
pub use catalogue::{Catalogue, Filter, cost_order};
pub use decimal::Decimal;
pub use gpu::{Gpu, GpuKey};
pub use listing::{
    Fees, ListedPrice, Listing, QuarantineReason, Quarantined, implied_rate, normalize,
    normalize_all, screen,
};
pub use place::Place;
pub use row::pricing_word;
pub use volatility::{Sample, Volatility, volatility};

use crate::akash::ProviderAddress;
use crate::money::Usd;
use crate::requirements::PricingModel;
use crate::resources::{Bytes, CpuMilli};
use crate::time::UnixSeconds;

/// A venue that sells compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Venue {
    /// Akash: recent bids of its providers.
    Akash,
    /// Providers listed with Necto's registry.
    Necto,
    /// The io.net GPU network.
    IoNet,
    /// AWS Spot.
    AwsSpot,
    /// AWS on demand.
    AwsOnDemand,
    /// The Nosana GPU network.
    Nosana,
    /// The RunPod cloud.
    RunPod,
    /// The Vast.ai marketplace.
    VastAi,
    /// The Lambda cloud.
    Lambda,
    /// Render's compute network.
    Render,
}

impl Venue {
    /// Every venue, in the order used in tables and to break ties.
    pub const ALL: [Self; 10] = [
        Self::Akash,
        Self::Necto,
        Self::IoNet,
        Self::AwsSpot,
        Self::AwsOnDemand,
        Self::Nosana,
        Self::RunPod,
        Self::VastAi,
        Self::Lambda,
        Self::Render,
    ];

    /// Id of the venue in JSON, settings and the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Akash => "akash",
            Self::Necto => "necto",
            Self::IoNet => "io-net",
            Self::AwsSpot => "aws-spot",
            Self::AwsOnDemand => "aws-on-demand",
            Self::Nosana => "nosana",
            Self::RunPod => "runpod",
            Self::VastAi => "vast-ai",
            Self::Lambda => "lambda",
            Self::Render => "render",
        }
    }

    /// Name of the venue, for display.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Akash => "Akash",
            Self::Necto => "Necto providers",
            Self::IoNet => "io.net",
            Self::AwsSpot => "AWS Spot",
            Self::AwsOnDemand => "AWS on demand",
            Self::Nosana => "Nosana",
            Self::RunPod => "RunPod",
            Self::VastAi => "Vast.ai",
            Self::Lambda => "Lambda",
            Self::Render => "Render",
        }
    }

    /// Token in which the venue is paid, whose price affects what a renter pays; `None` if there is none.
    #[must_use]
    pub const fn token(self) -> Option<tokens::Token> {
        use tokens::Token;
        match self {
            Self::Akash => Some(Token::Akt),
            Self::IoNet => Some(Token::Io),
            Self::Nosana => Some(Token::Nos),
            Self::Render => Some(Token::Render),
            Self::Necto
            | Self::AwsSpot
            | Self::AwsOnDemand
            | Self::RunPod
            | Self::VastAi
            | Self::Lambda => None,
        }
    }

    /// Whether a link to the venue can select the shape. Lambda, io.net and Render's compute network only
    /// have pages on which the shape is chosen by hand.
    const fn links_name_shapes(self) -> bool {
        matches!(
            self,
            Self::AwsSpot | Self::AwsOnDemand | Self::Nosana | Self::RunPod | Self::VastAi
        )
    }

    /// Whether Necto can deploy there itself; to other venues it links.
    #[must_use]
    pub const fn is_deployable_here(self) -> bool {
        matches!(self, Self::Akash | Self::Necto)
    }
}

impl fmt::Display for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Venue {
    type Err = UnknownVenue;

    fn from_str(text: &str) -> Result<Self, UnknownVenue> {
        Self::ALL
            .into_iter()
            .find(|venue| venue.id() == text)
            .ok_or_else(|| UnknownVenue(text.chars().take(40).collect()))
    }
}

/// A venue id that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no venue “{0}”: try akash, aws-spot or runpod")]
pub struct UnknownVenue(String);

/// Origin of a row's figures, from the strongest claim to the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// A live answer of the venue.
    Live,
    /// Simulated by the sandbox.
    Simulated,
    /// A stored answer.
    Recorded,
    /// A published price list, not an offer.
    Tariff,
}

impl Provenance {
    /// Name of the origin in JSON and tables.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Simulated => "simulated",
            Self::Recorded => "recorded",
            Self::Tariff => "tariff",
        }
    }

    /// Whether a row of this kind may be recommended to a buyer.
    #[must_use]
    pub const fn is_recommendable(self) -> bool {
        matches!(self, Self::Live | Self::Simulated)
    }
}

/// A number of cards in thousandths of a GPU: 1000 is one card, 125 an eighth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardsMilli(pub u32);

impl CardsMilli {
    /// `n` whole cards.
    #[must_use]
    pub const fn whole(n: u32) -> Self {
        Self(n.saturating_mul(1000))
    }

    /// Whether this is less than one card.
    #[must_use]
    pub const fn is_fraction(self) -> bool {
        self.0 < 1000
    }
}

impl fmt::Display for CardsMilli {
    /// Writes `8`, `0.125`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Cards and vCPUs are both counted in thousandths.
        CpuMilli(u64::from(self.0)).fmt(f)
    }
}

/// Knowledge of free capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "cards", rename_all = "kebab-case")]
pub enum Availability {
    /// This many cards are free now.
    Free(u32),
    /// The shape is available now; the number is not known.
    Some,
    /// None are free now.
    None,
    /// The source does not say.
    Unknown,
}

impl Availability {
    /// Name in JSON and tables.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Free(cards) => format!("{cards} free"),
            Self::Some => "available".to_owned(),
            Self::None => "none".to_owned(),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

/// Interruption frequency of a shape's interruptible capacity, in the source's own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interruption {
    /// The source's own words: `<5%`, `>20%`.
    pub label: String,
    /// Middle of the band, in hundredths of a per cent.
    pub midpoint_bps: u32,
    /// Scope of the measurement: who publishes it, and for which region, operating system and period.
    pub basis: String,
}

/// A provider's record. `None` means unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Record {
    /// Share of the last days in which it was up, in hundredths of a per cent.
    pub uptime_bps: Option<u32>,
    /// Measured round trip in milliseconds.
    pub latency_ms: Option<u32>,
    /// Reputation from 0 to 10,000.
    pub reputation_bps: Option<u32>,
    /// Frequency with which interruptible capacity of the shape is taken back.
    pub interruption: Option<Interruption>,
}

/// A number of offers in words: `1 offer`, `41 offers`.
#[must_use]
pub fn counted(offers: u64) -> String {
    let plural = if offers == 1 { "" } else { "s" };
    format!("{offers} offer{plural}")
}

/// One thing that can be rented, in the market's common units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Id that is unique in the market and the same in every fetch; the final tie-breaker.
    pub id: String,
    /// Venue that sells it.
    pub venue: Venue,
    /// The venue's own name for it.
    pub shape: String,
    /// Provider behind it; `None` unless the venue has several.
    pub provider: Option<String>,
    /// Card that is rented, or the source's spelling of one that Necto does not know.
    pub gpu: Gpu,
    /// Number of cards rented together; less than one is a part of a card.
    pub cards: CardsMilli,
    /// Most cards one rental can have at the price per card; `None` if the shape cannot grow.
    pub most_cards: Option<u32>,
    /// CPU of the whole shape; `None` if the source does not say.
    pub cpu: Option<CpuMilli>,
    /// Memory of the whole shape; `None` if the source does not say.
    pub memory: Option<Bytes>,
    /// Place of the hardware; `None` if the source does not say.
    pub place: Option<Place>,
    /// Kind of price: spot, in a token, or fixed.
    pub pricing_model: PricingModel,
    /// Effective price of one card for one hour, including fees and mandatory extras.
    pub usd_per_gpu_hour: Usd,
    /// Effective price of the smallest rental, for one hour.
    pub usd_per_hour: Usd,
    /// Derivation of the effective price from the listed one, for display.
    pub arithmetic: String,
    /// Capacity that is free now, as far as the source says.
    pub availability: Availability,
    /// The provider's record.
    pub record: Record,
    /// Movement of the price, from samples stored over time.
    pub volatility: Volatility,
    /// Origin of the figures, from a live answer to a published price list.
    pub provenance: Provenance,
    /// Unix time at which the price was valid, by the source if it says so, otherwise that of reading it.
    pub observed_at: UnixSeconds,
    /// Web address for renting it, at venues Necto does not deploy to; `None` if there is none.
    pub link: Option<String>,
    /// Caveats that a buyer should know before comparing, one sentence each.
    pub notes: Vec<String>,
}

impl Offer {
    /// The Akash provider that a deployment from here can be bound to; `None` if the offer is not a single
    /// provider's.
    #[must_use]
    pub fn akash_provider(&self) -> Option<ProviderAddress> {
        let provider = self.provider.as_ref()?;
        let is_here = self.venue.is_deployable_here();
        is_here.then(|| provider.parse().ok()).flatten()
    }

    /// Web address for renting the offer, and whether the page opens with the shape chosen. `None` without
    /// such a page; text from outside becomes a link only if it is a plain web address.
    #[must_use]
    pub fn rented_at(&self) -> Option<(&str, bool)> {
        let link = self.link.as_deref()?;
        // The address of a whole site selects nothing in it.
        let is_within = link.strip_prefix("https://")?.contains('/');
        Some((link, is_within && self.venue.links_name_shapes()))
    }
}
