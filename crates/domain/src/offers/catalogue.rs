//! Many offers, kept in the table's default order so that a query is a single pass without sorting.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::place::is_region_within;
use super::{CardsMilli, Offer, Venue};
use crate::money::Usd;
use crate::requirements::{PricingModel, Region};
use crate::resources::GpuModel;

/// Filter of the table. An empty filter shows everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only model to show.
    pub model: Option<GpuModel>,
    /// Least memory of one card, in GiB.
    pub min_vram_gib: Option<u32>,
    /// Least number of cards of a shape.
    pub min_cards: Option<u32>,
    /// Region in which the offer must certainly be.
    pub region: Option<Region>,
    /// Highest price per card and hour.
    pub max_per_gpu_hour: Option<Usd>,
    /// Highest price per hour of the smallest rental.
    pub max_per_hour: Option<Usd>,
    /// Only pricing models to show; empty for all.
    pub only: BTreeSet<PricingModel>,
    /// Pricing models to hide.
    pub exclude: BTreeSet<PricingModel>,
    /// Only venues to show; empty for all.
    pub venues: BTreeSet<Venue>,
}

/// Memory that a renter of one card of the shape gets, in GiB; a slice's own, if the shape is a slice.
#[must_use]
pub fn vram_gib(offer: &Offer) -> Option<u32> {
    let vram = offer.gpu.key()?.vram?;
    let part = u64::from(vram.0) * u64::from(offer.cards.0.min(1000)) / 1000;
    u32::try_from((part + 512) / 1024).ok()
}

/// The table's default order: effective cost of a card, then of the smallest rental, then the offer's id,
/// so that no two offers are ever equal.
#[must_use]
pub fn cost_order(a: &Offer, b: &Offer) -> Ordering {
    (a.usd_per_gpu_hour, a.usd_per_hour, &a.id).cmp(&(b.usd_per_gpu_hour, b.usd_per_hour, &b.id))
}

/// Offers in [`cost_order`].
///
/// The values that a filter reads are stored beside the offers in a few bytes each: a query over many rows
/// is bound by the memory it touches, and an offer is a hundred times larger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    offers: Vec<Offer>,
    /// Facts of each offer, in the same order.
    facts: Vec<Facts>,
    /// All models, with the numbers that the facts use for them.
    models: BTreeMap<GpuModel, u32>,
}

/// Values that a filter reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Facts {
    per_gpu_hour: Usd,
    per_hour: Usd,
    cards: CardsMilli,
    vram_gib: Option<u32>,
    model: Option<u32>,
    pricing_model: PricingModel,
    venue: Venue,
    region: Option<Region>,
}

impl Catalogue {
    /// Sorts `offers` into a catalogue.
    #[must_use]
    pub fn new(mut offers: Vec<Offer>) -> Self {
        offers.sort_by(cost_order);
        let mut models = BTreeMap::new();
        let facts = offers
            .iter()
            .map(|offer| Facts {
                per_gpu_hour: offer.usd_per_gpu_hour,
                per_hour: offer.usd_per_hour,
                cards: offer.cards,
                vram_gib: vram_gib(offer),
                model: offer
                    .gpu
                    .key()
                    .map(|key| number_of(&key.model, &mut models)),
                pricing_model: offer.pricing_model,
                venue: offer.venue,
                region: offer.place.as_ref().and_then(|place| place.region),
            })
            .collect();
        Self {
            offers,
            facts,
            models,
        }
    }

    /// All offers, cheapest first.
    #[must_use]
    pub fn all(&self) -> &[Offer] {
        &self.offers
    }

    /// Offers that match `filter`, cheapest first.
    #[must_use]
    pub fn query(&self, filter: &Filter) -> Vec<&Offer> {
        let model = match &filter.model {
            None => None,
            Some(model) => match self.models.get(model) {
                Some(number) => Some(*number),
                None => return Vec::new(),
            },
        };
        // The catalogue is sorted by price, so offers above the limit are one block at its end.
        let end = filter.max_per_gpu_hour.map_or(self.facts.len(), |most| {
            self.facts
                .partition_point(|facts| facts.per_gpu_hour <= most)
        });
        let taken = self.facts[..end]
            .iter()
            .zip(&self.offers)
            .filter(|(facts, _)| facts.pass(filter, model));
        taken.map(|(_, offer)| offer).collect()
    }
}

fn number_of(model: &GpuModel, models: &mut BTreeMap<GpuModel, u32>) -> u32 {
    if let Some(number) = models.get(model) {
        return *number;
    }
    let number = u32::try_from(models.len()).unwrap_or(u32::MAX);
    models.insert(model.clone(), number);
    number
}

impl Facts {
    /// Whether the offer matches `filter`; `model` is the number of the model that the filter names. The
    /// price of a card was already checked through the order of the catalogue.
    fn pass(&self, filter: &Filter, model: Option<u32>) -> bool {
        model.is_none_or(|model| self.model == Some(model))
            && filter.max_per_hour.is_none_or(|most| self.per_hour <= most)
            && filter
                .min_cards
                .is_none_or(|least| self.cards >= CardsMilli::whole(least))
            && filter
                .min_vram_gib
                .is_none_or(|least| self.vram_gib.is_some_and(|has| has >= least))
            && (filter.only.is_empty() || filter.only.contains(&self.pricing_model))
            && !filter.exclude.contains(&self.pricing_model)
            && (filter.venues.is_empty() || filter.venues.contains(&self.venue))
            && filter
                .region
                .is_none_or(|wanted| is_region_within(self.region, wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, Filter};
    use crate::money::Usd;
    use crate::offers::tokens::TokenRates;
    use crate::offers::{CardsMilli, Decimal, ListedPrice, Listing, Venue, normalize_all};
    use crate::requirements::{PricingModel, Region};

    fn row(shape: &str, gpu: &str, cards: u32, micros: u64, place: &str) -> Listing {
        let usd = Decimal::from_usd(Usd::from_micros(micros));
        Listing {
            cards: CardsMilli::whole(cards),
            place: Some(place.to_owned()),
            ..Listing::new(Venue::AwsSpot, shape, gpu, ListedPrice::PerShapeHour(usd))
        }
    }

    fn shapes(filter: Filter) -> Vec<String> {
        let spot = Listing {
            pricing_model: PricingModel::Spot,
            ..row("spot", "H100 SXM", 1, 1_500_000, "us-west-2")
        };
        let rows = vec![
            row("node", "H100 SXM", 8, 16_000_000, "eu-central-1"),
            row("single", "H100 PCIe", 1, 2_500_000, "us-east-1"),
            row("small", "RTX 4090", 1, 400_000, "US"),
            row("strange", "Gaudi2", 1, 300_000, "nowhere"),
            spot,
        ];
        let (offers, _) = normalize_all(rows, &TokenRates::default());
        let catalogue = Catalogue::new(offers);
        let found = catalogue.query(&filter);
        found.into_iter().map(|offer| offer.shape.clone()).collect()
    }

    #[test]
    fn everything_comes_cheapest_card_first() {
        let all = ["strange", "small", "spot", "node", "single"];
        assert_eq!(shapes(Filter::default()), all);
    }

    #[test]
    fn each_part_of_a_filter_takes_what_it_says() {
        let plain = Filter::default;
        let h100 = || Some("h100".parse().unwrap());
        let usd = |text: &str| Some(text.parse().unwrap());
        let cases: Vec<(Filter, &[&str])> = vec![
            (
                Filter {
                    model: h100(),
                    ..plain()
                },
                &["spot", "node", "single"],
            ),
            (
                Filter {
                    model: Some("b200".parse().unwrap()),
                    ..plain()
                },
                &[],
            ),
            (
                Filter {
                    min_vram_gib: Some(80),
                    ..plain()
                },
                &["spot", "node", "single"],
            ),
            (
                Filter {
                    min_cards: Some(8),
                    ..plain()
                },
                &["node"],
            ),
            (
                Filter {
                    max_per_gpu_hour: usd("2"),
                    ..plain()
                },
                &["strange", "small", "spot", "node"],
            ),
            (
                Filter {
                    max_per_hour: usd("2"),
                    ..plain()
                },
                &["strange", "small", "spot"],
            ),
            (
                Filter {
                    region: Some(Region::Us),
                    ..plain()
                },
                &["small", "spot", "single"],
            ),
            (
                Filter {
                    region: Some(Region::UsWest),
                    ..plain()
                },
                &["spot"],
            ),
            (
                Filter {
                    only: [PricingModel::Spot].into(),
                    ..plain()
                },
                &["spot"],
            ),
            (
                Filter {
                    model: h100(),
                    exclude: [PricingModel::Spot].into(),
                    ..plain()
                },
                &["node", "single"],
            ),
            (
                Filter {
                    venues: [Venue::Akash].into(),
                    ..plain()
                },
                &[],
            ),
        ];
        for (filter, expected) in cases {
            let name = format!("{filter:?}");
            assert_eq!(shapes(filter), expected, "{name}");
        }
    }
}
