//! Converts a price listed in a venue's own unit to an [`Offer`], or to the reason why it is held back.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::gpu::{self, VramMib};
use super::tokens::{Token, TokenRates};
use super::{
    Availability, CardsMilli, Decimal, Gpu, Offer, Place, PriceBounds, Provenance, Record, Venue,
    Volatility,
};
use crate::money::{UactPerBlock, Usd};
use crate::pricing::{BlockTime, usd_per_hour};
use crate::requirements::PricingModel;
use crate::resources::{Bytes, CpuMilli, GpuInterface};
use crate::time::UnixSeconds;

/// A price as a venue lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedPrice {
    /// Dollars per hour for the whole shape.
    PerShapeHour(Decimal),
    /// Dollars per hour for one card.
    PerCardHour(Decimal),
    /// A published band of dollars per hour for one card, of which the upper end counts.
    PerCardHourBand {
        /// Lower end of the band, in dollars.
        low: Decimal,
        /// Upper end of the band, in dollars: the price that counts.
        high: Decimal,
    },
    /// An Akash bid for the whole shape in uact, each a millionth of a dollar.
    UactPerBlock(UactPerBlock),
    /// An Akash bid for the whole shape in uakt, each a millionth of an AKT.
    UaktPerBlock(UactPerBlock),
    /// Tokens per second for the whole shape.
    TokenPerSecond {
        /// Token that the price is in.
        token: Token,
        /// Number of tokens for the whole shape and one second.
        amount: Decimal,
    },
}

impl ListedPrice {
    /// Token whose dollar price the conversion needs; `None` if there is none.
    #[must_use]
    pub const fn token(&self) -> Option<Token> {
        match self {
            Self::UaktPerBlock(_) => Some(Token::Akt),
            Self::TokenPerSecond { token, .. } => Some(*token),
            Self::PerShapeHour(_)
            | Self::PerCardHour(_)
            | Self::PerCardHourBand { .. }
            | Self::UactPerBlock(_) => None,
        }
    }
}

/// Charges on top of the listed price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fees {
    /// Share of the price, in hundredths of a per cent.
    pub share_bps: u32,
    /// Mandatory extras for the whole shape, in dollars per hour.
    pub extras_per_hour: Decimal,
}

/// One row of a venue, in the venue's own words and units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Venue that lists it.
    pub venue: Venue,
    /// The venue's own name for it.
    pub shape: String,
    /// Provider behind it; `None` unless the venue has several.
    pub provider: Option<String>,
    /// The card as the venue spells it.
    pub gpu_label: String,
    /// Second spelling with possibly more detail, such as the interface.
    pub gpu_hint: Option<String>,
    /// Memory of one whole card as reported.
    pub vram: Option<VramMib>,
    /// Interface of the card; `None` if no field of its own says so.
    pub interface: Option<GpuInterface>,
    /// Cards of the shape.
    pub cards: CardsMilli,
    /// Most cards one rental can have at the price per card; `None` if the shape cannot grow.
    pub most_cards: Option<u32>,
    /// CPU of the whole shape; `None` if the venue does not say.
    pub cpu: Option<CpuMilli>,
    /// Memory of the whole shape; `None` if the venue does not say.
    pub memory: Option<Bytes>,
    /// Place of the hardware, in the venue's words; `None` if it names none.
    pub place: Option<String>,
    /// Host it runs on or near, as a name and a port, where round trips can be measured; `None` if unknown.
    pub host: Option<String>,
    /// Kind of price: spot, in a token, or fixed.
    pub pricing_model: PricingModel,
    /// Listed price, in the venue's own unit.
    pub price: ListedPrice,
    /// Fees and mandatory extras on top of the listed price.
    pub fees: Fees,
    /// The same price in tokens per second for the whole shape, fees included, if the venue states both:
    /// comparing the two shows whether one is outdated.
    pub also_in_tokens: Option<(Token, Decimal)>,
    /// Capacity that is free now, as far as the venue says.
    pub availability: Availability,
    /// The provider's record.
    pub record: Record,
    /// Unix time at which the price was valid.
    pub observed_at: UnixSeconds,
    /// Origin of the figures, from a live answer to a published price list.
    pub provenance: Provenance,
    /// Web address for renting it; `None` if there is none.
    pub link: Option<String>,
    /// Caveats that a buyer should know before comparing, one sentence each.
    pub notes: Vec<String>,
}

impl Listing {
    /// Creates a row with only the fields that every venue states.
    #[must_use]
    pub fn new(venue: Venue, shape: &str, gpu_label: &str, price: ListedPrice) -> Self {
        Self {
            venue,
            shape: shape.to_owned(),
            provider: None,
            gpu_label: gpu_label.to_owned(),
            gpu_hint: None,
            vram: None,
            interface: None,
            cards: CardsMilli::whole(1),
            most_cards: None,
            cpu: None,
            memory: None,
            place: None,
            host: None,
            pricing_model: PricingModel::Fixed,
            price,
            fees: Fees::default(),
            also_in_tokens: None,
            availability: Availability::Unknown,
            record: Record::default(),
            observed_at: UnixSeconds(0),
            provenance: Provenance::Live,
            link: None,
            notes: Vec::new(),
        }
    }
}

/// A row that is not shown among the offers, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Venue that listed it.
    pub venue: Venue,
    /// The venue's own name for it.
    pub shape: String,
    /// Place of the hardware, in the venue's words; `None` if it names none.
    pub place: Option<String>,
    /// Reason why it is held back.
    pub reason: QuarantineReason,
}

/// Reason why a row is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum QuarantineReason {
    /// The price is zero, and nothing is free of charge.
    Zero,
    /// The price is negative.
    Negative,
    /// The price is not a number.
    NotANumber {
        /// Text that stood in the place of a price, or a number too large for one.
        text: String,
    },
    /// The price is not plausible for this card.
    OutOfBounds {
        /// Effective price of one card and hour.
        usd_per_gpu_hour: Usd,
        /// Least that is plausible.
        least: Usd,
        /// Most that is plausible.
        most: Usd,
    },
    /// The price is far below that of the same card everywhere else.
    FarBelowMedian {
        /// Effective price of one card and hour.
        usd_per_gpu_hour: Usd,
        /// Median of the same card.
        median: Usd,
    },
    /// The shape's cards are unknown to Necto, so its price says nothing about any card.
    UnknownShape,
    /// The shape has no cards.
    NoCards,
    /// The row, or something it refers to, is malformed.
    Unreadable {
        /// Fault of the row, for people.
        why: String,
    },
    /// The token's price in dollars is unknown or out of date.
    Unpriced {
        /// Token without a usable price in dollars.
        token: Token,
    },
}

impl fmt::Display for QuarantineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.write_str("the price is zero"),
            Self::Negative => f.write_str("the price is negative"),
            Self::NotANumber { text } => write!(f, "“{text}” is not a price"),
            Self::UnknownShape => {
                f.write_str("not recognised: which GPUs this type has is not known here")
            }
            Self::OutOfBounds {
                usd_per_gpu_hour,
                least,
                most,
            } => write!(
                f,
                "${usd_per_gpu_hour} per GPU-hour is outside ${least} to ${most} for this card"
            ),
            Self::FarBelowMedian {
                usd_per_gpu_hour,
                median,
            } => write!(
                f,
                "${usd_per_gpu_hour} per GPU-hour is below a fifth of this card's median, ${median}"
            ),
            Self::NoCards => f.write_str("the shape has no GPU"),
            Self::Unreadable { why } => f.write_str(why),
            Self::Unpriced { token } => {
                write!(f, "no usable price of {} in dollars", token.symbol())
            }
        }
    }
}

/// Converts a listing to an offer.
///
/// # Errors
/// The row with the reason why it is held back.
pub fn normalize(listing: Listing, rates: &TokenRates) -> Result<Offer, Quarantined> {
    match price_of(&listing, rates) {
        Ok(priced) => {
            let doubt = contradiction(&listing, priced.per_shape, rates);
            let mut offer = offer(listing, priced);
            offer.notes.extend(doubt);
            Ok(offer)
        }
        Err(reason) => Err(Quarantined {
            venue: listing.venue,
            shape: listing.shape,
            place: listing.place,
            reason,
        }),
    }
}

/// Tolerated deviation of the rate implied by a venue's two prices from the token's, in hundredths of a per
/// cent.
const CONTRADICTION_BPS: u64 = 500;

/// Dollars per token if `tokens_per_second` cost as much as `per_hour`; `None` if there are no tokens.
#[must_use]
pub fn implied_rate(per_hour: Usd, tokens_per_second: Decimal) -> Option<Decimal> {
    let tokens = tokens_per_second.scaled_by(3600, 1)?;
    Decimal::ratio(Decimal::from_usd(per_hour).scaled(), tokens.scaled())
}

/// Caveat for a listing whose token price and dollar price cannot both be current.
fn contradiction(listing: &Listing, per_hour: Usd, rates: &TokenRates) -> Option<String> {
    let (token, amount) = listing.also_in_tokens?;
    let implied = implied_rate(per_hour, amount)?;
    let apart = implied.deviation_bps(rates.get(token)?)?;
    let symbol = token.symbol();
    (apart > CONTRADICTION_BPS).then(|| {
        format!(
            "Its price in {symbol} implies ${} for one, {}.{:02} % from what one costs: the venue's \
             own rate may be old.",
            implied.to_usd().unwrap_or(Usd::ZERO).with_decimals(4),
            apart / 100,
            apart % 100
        )
    })
}

/// Converts all of a venue's listings to offers. Duplicate rows with the same price become one offer; rows
/// with the same name but different prices are numbered in the order of price.
#[must_use]
pub fn normalize_all(listings: Vec<Listing>, rates: &TokenRates) -> (Vec<Offer>, Vec<Quarantined>) {
    let mut quarantined = Vec::new();
    let mut by_id: BTreeMap<String, Vec<Offer>> = BTreeMap::new();
    for listing in listings {
        match normalize(listing, rates) {
            Ok(offer) => by_id.entry(offer.id.clone()).or_default().push(offer),
            Err(row) => quarantined.push(row),
        }
    }
    let offers = by_id.into_values().flat_map(|mut same| {
        same.sort_by_key(|offer| (offer.usd_per_hour, offer.usd_per_gpu_hour));
        same.dedup_by_key(|offer| (offer.usd_per_hour, offer.usd_per_gpu_hour));
        for (nth, offer) in same.iter_mut().enumerate().skip(1) {
            offer.id = format!("{}#{}", offer.id, nth + 1);
        }
        same
    });
    (offers.collect(), quarantined)
}

/// Number of rows of one card needed before one of them can count as far below their median.
const ROWS_FOR_A_MEDIAN: usize = 5;

/// Removes rows far below the price of the same card everywhere else.
#[must_use]
pub fn screen(offers: Vec<Offer>) -> (Vec<Offer>, Vec<Quarantined>) {
    let mut prices: BTreeMap<String, Vec<Usd>> = BTreeMap::new();
    for offer in &offers {
        if let Some(card) = card_of(offer).filter(|_| !offer.cards.is_fraction()) {
            prices.entry(card).or_default().push(offer.usd_per_gpu_hour);
        }
    }
    let medians: BTreeMap<String, Usd> = prices
        .into_iter()
        .filter(|(_, prices)| prices.len() >= ROWS_FOR_A_MEDIAN)
        .map(|(card, mut prices)| {
            prices.sort_unstable();
            (card, prices[prices.len() / 2])
        })
        .collect();
    let mut quarantined = Vec::new();
    let kept = offers.into_iter().filter(|offer| {
        let median = card_of(offer).and_then(|card| medians.get(&card).copied());
        let Some(median) = median.filter(|m| offer.usd_per_gpu_hour.micros() < m.micros() / 5)
        else {
            return true;
        };
        quarantined.push(Quarantined {
            venue: offer.venue,
            shape: offer.shape.clone(),
            place: offer.place.as_ref().map(|place| place.label.clone()),
            reason: QuarantineReason::FarBelowMedian {
                usd_per_gpu_hour: offer.usd_per_gpu_hour,
                median,
            },
        });
        false
    });
    let kept = kept.collect();
    (kept, quarantined)
}

fn card_of(offer: &Offer) -> Option<String> {
    let key = offer.gpu.key()?;
    Some(format!("{} {:?}", key.model, key.vram))
}

struct Priced {
    gpu: Gpu,
    cards: CardsMilli,
    per_card: Usd,
    per_shape: Usd,
    arithmetic: String,
}

fn price_of(listing: &Listing, rates: &TokenRates) -> Result<Priced, QuarantineReason> {
    let (gpu, slice_milli) = card(listing);
    // Slices of a card are rented like cards: eight quarter slices are two cards.
    let cards = CardsMilli(listing.cards.0.saturating_mul(slice_milli) / 1000);
    if cards.0 == 0 {
        return Err(QuarantineReason::NoCards);
    }
    let Listed {
        shape,
        mut arithmetic,
    } = listed(listing, rates)?;
    if shape.is_negative() {
        return Err(QuarantineReason::Negative);
    }
    if !shape.is_positive() {
        return Err(QuarantineReason::Zero);
    }
    let too_large = || QuarantineReason::NotANumber {
        text: shape.to_string(),
    };
    let fees = listing.fees;
    let share = u64::from(fees.share_bps);
    let mut effective = shape
        .scaled_by(10_000 + share, 10_000)
        .ok_or_else(too_large)?;
    if share > 0 {
        let percent = Decimal::ratio(i128::from(share), 100).ok_or_else(too_large)?;
        arithmetic.push_str(&format!(" + {percent} % fee"));
    }
    if fees.extras_per_hour.is_positive() {
        effective = effective.plus(fees.extras_per_hour).ok_or_else(too_large)?;
        arithmetic.push_str(&format!(" + ${} extras", fees.extras_per_hour));
    }
    let per_card = effective
        .scaled_by(1000, u64::from(cards.0))
        .and_then(Decimal::to_usd)
        .ok_or_else(too_large)?;
    if cards != CardsMilli::whole(1) {
        arithmetic.push_str(&format!(" ÷ {cards} GPU"));
    }
    arithmetic.push_str(&format!(" = ${per_card} per GPU-hour"));
    let bounds = gpu.key().map_or(PriceBounds::of_anything(), |key| {
        PriceBounds::of(&key.model)
    });
    if !bounds.contains(per_card) {
        return Err(QuarantineReason::OutOfBounds {
            usd_per_gpu_hour: per_card,
            least: bounds.least,
            most: bounds.most,
        });
    }
    Ok(Priced {
        gpu,
        cards,
        per_card,
        per_shape: effective.to_usd().ok_or_else(too_large)?,
        arithmetic,
    })
}

/// Hourly price of the whole shape in dollars before fees, with its derivation.
struct Listed {
    shape: Decimal,
    arithmetic: String,
}

fn listed(listing: &Listing, rates: &TokenRates) -> Result<Listed, QuarantineReason> {
    let cards = u64::from(listing.cards.0);
    let overflow = |amount: &dyn fmt::Display| QuarantineReason::NotANumber {
        text: amount.to_string(),
    };
    let of_cards = |card: Decimal| card.scaled_by(cards, 1000).ok_or_else(|| overflow(&card));
    let times_cards = if cards == 1000 {
        String::new()
    } else {
        format!(" × {} GPU", listing.cards)
    };
    let rate = |token: Token| rates.get(token).ok_or(QuarantineReason::Unpriced { token });
    let (shape, arithmetic) = match &listing.price {
        ListedPrice::PerShapeHour(usd) => (*usd, format!("${usd}/h")),
        ListedPrice::PerCardHour(usd) => (of_cards(*usd)?, format!("${usd}/h{times_cards}")),
        ListedPrice::PerCardHourBand { low, high } => (
            of_cards(*high)?,
            format!("upper end of ${low} to ${high}/h{times_cards}"),
        ),
        ListedPrice::UactPerBlock(bid) => (
            Decimal::from_usd(usd_per_hour(*bid, BlockTime::CONSOLE)),
            format!("{bid} uact/block × 600 blocks/h"),
        ),
        ListedPrice::UaktPerBlock(bid) => {
            let rate = rate(Token::Akt)?;
            // The arithmetic for uact also yields AKT per hour.
            let akt = Decimal::from_usd(usd_per_hour(*bid, BlockTime::CONSOLE));
            let usd = akt.times(rate).ok_or_else(|| overflow(bid))?;
            (
                usd,
                format!("{bid} uakt/block × 600 blocks/h × ${rate}/AKT"),
            )
        }
        ListedPrice::TokenPerSecond { token, amount } => {
            let rate = rate(*token)?;
            let usd = amount
                .scaled_by(3600, 1)
                .and_then(|hour| hour.times(rate))
                .ok_or_else(|| overflow(amount))?;
            let symbol = token.symbol();
            (
                usd,
                format!("{amount} {symbol}/s × 3600 × ${rate}/{symbol}"),
            )
        }
    };
    Ok(Listed { shape, arithmetic })
}

/// The card that a listing means, and the thousandths of it that make one unit.
fn card(listing: &Listing) -> (Gpu, u32) {
    let label = &listing.gpu_label;
    let unrecognized = |reason: String| {
        let label = label.clone();
        (Gpu::Unrecognized { label, reason }, 1000)
    };
    let hinted = listing.gpu_hint.as_deref().and_then(gpu::identify);
    let Some(identity) = gpu::identify(label).or_else(|| hinted.clone()) else {
        return unrecognized("the spelling is not one of a known card".to_owned());
    };
    let mut key = identity.key;
    let same_card = hinted.filter(|hint| hint.key.model == key.model);
    key.interface = key
        .interface
        .or(listing.interface)
        .or_else(|| same_card.and_then(|hint| hint.key.interface));
    // A slice reports its own memory instead of the card's.
    let reported = listing.vram.filter(|_| identity.slice_milli == 1000);
    match gpu::with_memory(key, reported) {
        Ok(key) => (Gpu::Known(key), identity.slice_milli),
        Err(mismatch) => unrecognized(mismatch.to_string()),
    }
}

fn offer(listing: Listing, priced: Priced) -> Offer {
    let parts = [
        Some(listing.shape.as_str()),
        listing.provider.as_deref(),
        listing.place.as_deref(),
    ];
    let id = parts
        .into_iter()
        .flatten()
        .fold(listing.venue.id().to_owned(), |id, part| id + "/" + part);
    let mut notes = listing.notes;
    if priced.cards.is_fraction() {
        notes.push(format!("{} of a card, not a whole one.", priced.cards));
    } else if priced.cards > CardsMilli::whole(1) {
        notes.push(format!(
            "Rented whole: ${} an hour for {} cards.",
            priced.per_shape, priced.cards
        ));
    }
    if let ListedPrice::PerCardHourBand { .. } = listing.price {
        notes.push("A published band; the upper end is shown.".to_owned());
    }
    Offer {
        id,
        venue: listing.venue,
        shape: listing.shape,
        provider: listing.provider,
        gpu: priced.gpu,
        cards: priced.cards,
        most_cards: listing.most_cards,
        cpu: listing.cpu,
        memory: listing.memory,
        place: listing.place.as_deref().map(Place::new),
        pricing_model: listing.pricing_model,
        usd_per_gpu_hour: priced.per_card,
        usd_per_hour: priced.per_shape,
        arithmetic: priced.arithmetic,
        availability: listing.availability,
        record: listing.record,
        volatility: Volatility::Collecting { samples: 0 },
        provenance: listing.provenance,
        observed_at: listing.observed_at,
        link: listing.link,
        notes,
    }
}

#[cfg(test)]
mod tests;
