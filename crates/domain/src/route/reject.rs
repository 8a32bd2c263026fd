//! Reasons to reject an offer. Every reason is listed, not only the first.

use std::fmt;

use super::Criteria;
use crate::money::Usd;
use crate::offers::{Availability, CardsMilli, Gpu, GpuKey, Offer, pricing_word};
use crate::requirements::{PricingModel, Region};
use crate::resources::{GpuInterface, GpuModel, GpuVendor};

/// Reason to reject an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The workload needs no GPU, but the offer is for GPUs.
    NoGpuNeeded,
    /// The card's spelling is not understood.
    UnrecognizedGpu(String),
    /// The card is from another vendor.
    OtherVendor {
        /// Vendor that was asked for.
        wanted: GpuVendor,
        /// Vendor of the card.
        has: GpuVendor,
    },
    /// The card is another model.
    OtherModel {
        /// Model that was asked for.
        wanted: GpuModel,
        /// Model of the card.
        has: GpuModel,
    },
    /// The card has another interface, or an unknown one.
    OtherInterface {
        /// Interface that was asked for.
        wanted: GpuInterface,
        /// Interface of the card; `None` if the source does not say.
        has: Option<GpuInterface>,
    },
    /// The card has too little memory, or an unknown amount.
    TooLittleVram {
        /// Memory of a card that was asked for, in GiB.
        wanted: u32,
        /// Memory of the card, in GiB; `None` if the source does not say.
        has: Option<u32>,
    },
    /// The offer is for a part of a card.
    Fraction(CardsMilli),
    /// The shape has fewer cards than asked for.
    TooFewCards {
        /// Number of cards asked for.
        wanted: u32,
        /// Most cards that one rental can have.
        has: u32,
    },
    /// No cards are free, or fewer than asked for.
    NotFree {
        /// Number of cards asked for.
        wanted: u32,
        /// Number of cards that are free now.
        free: u32,
    },
    /// The place is outside the region, or unknown.
    OtherRegion {
        /// Region that was asked for.
        wanted: Region,
        /// Place in the venue's words; `None` if it names none.
        has: Option<String>,
    },
    /// The price is of a kind that the buyer excluded.
    ExcludedPricing(PricingModel),
    /// The venue is not among those allowed.
    VenueNotAllowed,
    /// The provider is not among those allowed.
    ProviderNotAllowed,
    /// The price per card exceeds the buyer's limit.
    AbovePerGpu {
        /// Price of each card asked for, for one hour.
        cost: Usd,
        /// Most the buyer pays for one card and hour.
        most: Usd,
    },
    /// The price per hour exceeds the buyer's limit.
    AbovePerHour {
        /// Price for one hour.
        cost: Usd,
        /// Most the buyer pays for one hour.
        most: Usd,
    },
    /// The price for the whole duration exceeds the budget.
    AboveBudget {
        /// Price for the whole duration.
        cost: Usd,
        /// Most the buyer pays in all.
        most: Usd,
    },
}

impl Rejection {
    /// Name of the reason in JSON.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoGpuNeeded => "no-gpu-needed",
            Self::UnrecognizedGpu(_) => "unrecognized-gpu",
            Self::OtherVendor { .. } => "other-vendor",
            Self::OtherModel { .. } => "other-model",
            Self::OtherInterface { .. } => "other-interface",
            Self::TooLittleVram { .. } => "too-little-vram",
            Self::Fraction(_) => "fraction",
            Self::TooFewCards { .. } => "too-few-gpus",
            Self::NotFree { .. } => "not-free",
            Self::OtherRegion { .. } => "other-region",
            Self::ExcludedPricing(_) => "excluded-pricing",
            Self::VenueNotAllowed => "venue-not-allowed",
            Self::ProviderNotAllowed => "provider-not-allowed",
            Self::AbovePerGpu { .. } => "above-max-per-gpu-hour",
            Self::AbovePerHour { .. } => "above-max-per-hour",
            Self::AboveBudget { .. } => "above-budget",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGpuNeeded => f.write_str("the workload needs no GPU"),
            Self::UnrecognizedGpu(label) => write!(f, "“{label}” is not a card Necto knows"),
            Self::OtherVendor { wanted, has } => {
                write!(f, "made by {}, not {}", has.as_str(), wanted.as_str())
            }
            Self::OtherModel { wanted, has } => write!(f, "{has}, not {wanted}"),
            Self::OtherInterface { wanted, has } => match has {
                Some(has) => write!(f, "{}, not {}", has.as_str(), wanted.as_str()),
                None => write!(f, "not said to be {}", wanted.as_str()),
            },
            Self::TooLittleVram { wanted, has } => match has {
                Some(has) => write!(f, "{has} GiB of memory, {wanted} asked"),
                None => write!(f, "memory not stated, {wanted} GiB asked"),
            },
            Self::Fraction(cards) => write!(f, "{cards} of a card, not a whole one"),
            Self::TooFewCards { wanted, has } => write!(f, "{has} GPU at most, {wanted} asked"),
            Self::NotFree { wanted, free } => write!(f, "{free} free now, {wanted} asked"),
            Self::OtherRegion { wanted, has } => match has {
                Some(has) => write!(f, "in {has}, not surely in {wanted}"),
                None => write!(f, "place not stated, {wanted} asked"),
            },
            Self::ExcludedPricing(model) => {
                write!(f, "{} pricing, which is not wanted", pricing_word(*model))
            }
            Self::VenueNotAllowed => f.write_str("not among the venues allowed"),
            Self::ProviderNotAllowed => f.write_str("not among the providers allowed"),
            Self::AbovePerGpu { cost, most } => {
                write!(f, "${cost} per GPU asked and hour, above ${most}")
            }
            Self::AbovePerHour { cost, most } => write!(f, "${cost} an hour, above ${most}"),
            Self::AboveBudget { cost, most } => write!(f, "${cost} in all, above ${most}"),
        }
    }
}

/// Every reason to reject `offer`; empty if it fits.
pub(super) fn rejections(offer: &Offer, criteria: &Criteria) -> Vec<Rejection> {
    let mut found = Vec::new();
    against_gpu(offer, criteria, &mut found);
    against_terms(offer, criteria, &mut found);
    against_cost(offer, criteria, &mut found);
    found
}

fn against_gpu(offer: &Offer, criteria: &Criteria, found: &mut Vec<Rejection>) {
    let Some(wanted) = &criteria.gpu else {
        found.push(Rejection::NoGpuNeeded);
        return;
    };
    match &offer.gpu {
        Gpu::Unrecognized { label, .. } => found.push(Rejection::UnrecognizedGpu(label.clone())),
        Gpu::Known(key) => against_card(key, offer, criteria, found),
    }
    if offer.cards.is_fraction() {
        found.push(Rejection::Fraction(offer.cards));
    } else {
        let has = offer.most_cards.unwrap_or(0).max(offer.cards.0 / 1000);
        if has < wanted.count {
            let wanted = wanted.count;
            found.push(Rejection::TooFewCards { wanted, has });
        }
    }
    let wanted = wanted.count;
    match offer.availability {
        Availability::None => found.push(Rejection::NotFree { wanted, free: 0 }),
        Availability::Free(free) if free < wanted => {
            found.push(Rejection::NotFree { wanted, free });
        }
        Availability::Free(_) | Availability::Some | Availability::Unknown => {}
    }
}

fn against_card(key: &GpuKey, offer: &Offer, criteria: &Criteria, found: &mut Vec<Rejection>) {
    let Some(request) = &criteria.gpu else {
        return;
    };
    if let Some(wanted) = request.vendor.filter(|vendor| *vendor != key.vendor) {
        let has = key.vendor;
        found.push(Rejection::OtherVendor { wanted, has });
    }
    if let Some(wanted) = request.model.clone().filter(|model| *model != key.model) {
        let has = key.model.clone();
        found.push(Rejection::OtherModel { wanted, has });
    }
    if let Some(wanted) = request.interface.filter(|i| Some(*i) != key.interface) {
        let has = key.interface;
        found.push(Rejection::OtherInterface { wanted, has });
    }
    if let Some(wanted) = request.vram_gib {
        let has = crate::offers::vram_gib(offer);
        if has.is_none_or(|has| has < wanted) {
            found.push(Rejection::TooLittleVram { wanted, has });
        }
    }
}

fn against_terms(offer: &Offer, criteria: &Criteria, found: &mut Vec<Rejection>) {
    if let Some(wanted) = criteria.region {
        let place = offer.place.as_ref();
        if !place.is_some_and(|place| place.is_within(wanted)) {
            let has = place.map(|place| place.label.clone());
            found.push(Rejection::OtherRegion { wanted, has });
        }
    }
    if criteria.exclude_pricing.contains(&offer.pricing_model) {
        found.push(Rejection::ExcludedPricing(offer.pricing_model));
    }
    if !criteria.venues.is_empty() && !criteria.venues.contains(&offer.venue) {
        found.push(Rejection::VenueNotAllowed);
    }
    let allowed = &criteria.providers;
    let is_allowed = |provider: &String| allowed.contains(provider);
    if !allowed.is_empty() && !offer.provider.as_ref().is_some_and(is_allowed) {
        found.push(Rejection::ProviderNotAllowed);
    }
}

fn against_cost(offer: &Offer, criteria: &Criteria, found: &mut Vec<Rejection>) {
    let hour = criteria.cost_per_hour(offer);
    let cards = u64::from(criteria.cards().max(1));
    // A buyer who rents a node of eight for one card pays the whole node for that card.
    let card = hour.scaled_up(1, cards).max(offer.usd_per_gpu_hour);
    if let Some(most) = criteria.max_per_gpu_hour.filter(|most| card > *most) {
        found.push(Rejection::AbovePerGpu { cost: card, most });
    }
    if let Some(most) = criteria.max_per_hour.filter(|most| hour > *most) {
        found.push(Rejection::AbovePerHour { cost: hour, most });
    }
    let all = hour.scaled_up(criteria.duration.0, 3600);
    if let Some(most) = criteria.budget.filter(|most| all > *most) {
        found.push(Rejection::AboveBudget { cost: all, most });
    }
}
