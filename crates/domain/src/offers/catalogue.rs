//! Many offers, kept in the table's default order so that a query is one pass and no sort.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{CardsMilli, Offer, Venue};
use crate::money::Usd;
use crate::requirements::{PricingModel, Region};
use crate::resources::GpuModel;

/// What a table shows. Everything empty shows everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only this model.
    pub model: Option<GpuModel>,
    /// Least memory of one card, in GiB.
    pub min_vram_gib: Option<u32>,
    /// Least number of cards of a shape.
    pub min_cards: Option<u32>,
    /// Only surely in this region.
    pub region: Option<Region>,
    /// Most for one card and hour.
    pub max_per_gpu_hour: Option<Usd>,
    /// Most for one hour of the least that can be rented.
    pub max_per_hour: Option<Usd>,
    /// Only these ways of pricing; empty for all.
    pub only: BTreeSet<PricingModel>,
    /// Not these ways of pricing.
    pub exclude: BTreeSet<PricingModel>,
    /// Only these venues; empty for all.
    pub venues: BTreeSet<Venue>,
}

impl Filter {
    /// Whether the table shows `offer`.
    #[must_use]
    pub fn takes(&self, offer: &Offer) -> bool {
        let key = offer.gpu.key();
        self.max_per_gpu_hour
            .is_none_or(|most| offer.usd_per_gpu_hour <= most)
            && self
                .max_per_hour
                .is_none_or(|most| offer.usd_per_hour <= most)
            && self
                .model
                .as_ref()
                .is_none_or(|model| key.is_some_and(|key| key.model == *model))
            && self
                .min_cards
                .is_none_or(|least| offer.cards >= CardsMilli::whole(least))
            && self
                .min_vram_gib
                .is_none_or(|least| vram_gib(offer).is_some_and(|has| has >= least))
            && (self.only.is_empty() || self.only.contains(&offer.pricing_model))
            && !self.exclude.contains(&offer.pricing_model)
            && (self.venues.is_empty() || self.venues.contains(&offer.venue))
            && self.region.is_none_or(|wanted| {
                offer
                    .place
                    .as_ref()
                    .is_some_and(|place| place.is_within(wanted))
            })
    }
}

/// Memory a renter of one card of the shape gets, in GiB: the part's, where it is a part.
pub(crate) fn vram_gib(offer: &Offer) -> Option<u32> {
    let vram = offer.gpu.key()?.vram?;
    let part = u64::from(vram.0) * u64::from(offer.cards.0.min(1000)) / 1000;
    u32::try_from((part + 512) / 1024).ok()
}

/// The table's default order: effective cost of a card, then of entering, then the offer's id, so
/// that no two offers are ever equal.
#[must_use]
pub fn cost_order(a: &Offer, b: &Offer) -> Ordering {
    (a.usd_per_gpu_hour, a.usd_per_hour, &a.id).cmp(&(b.usd_per_gpu_hour, b.usd_per_hour, &b.id))
}

/// Offers in [`cost_order`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue(Vec<Offer>);

impl Catalogue {
    /// Puts `offers` in order.
    #[must_use]
    pub fn new(mut offers: Vec<Offer>) -> Self {
        offers.sort_by(cost_order);
        Self(offers)
    }

    /// All offers, cheapest first.
    #[must_use]
    pub fn all(&self) -> &[Offer] {
        &self.0
    }

    /// The offers `filter` takes, cheapest first.
    #[must_use]
    pub fn query(&self, filter: &Filter) -> Vec<&Offer> {
        // The catalogue is in the order of price: what is too dear is one block at its end.
        let end = filter.max_per_gpu_hour.map_or(self.0.len(), |most| {
            self.0
                .partition_point(|offer| offer.usd_per_gpu_hour <= most)
        });
        self.0[..end]
            .iter()
            .filter(|offer| filter.takes(offer))
            .collect()
    }

    /// The offers themselves.
    #[must_use]
    pub fn into_offers(self) -> Vec<Offer> {
        self.0
    }
}
