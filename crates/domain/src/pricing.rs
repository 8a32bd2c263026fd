//! Prices of the market in one unit, and the only conversion of a block price to money per hour.

use serde::{Deserialize, Serialize};

use crate::escrow::{RATE_SCALE, ScaledRate};
use crate::money::{UACT_SCALE, UactPerBlock, Usd};
use crate::offers::gpu::{VramMib, identify, with_memory};
use crate::resources::GpuRequest;

/// Duration of an Akash block, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockTime {
    millis: u64,
}

impl BlockTime {
    /// Six seconds, as Console's API assumes (600 blocks an hour) and its prices therefore mean. Console's
    /// own pages use 6.098 s and show 1.6 % less.
    pub const CONSOLE: Self = Self { millis: 6000 };

    /// Creates a block time from milliseconds; `None` for zero.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Option<Self> {
        match millis {
            0 => None,
            millis => Some(Self { millis }),
        }
    }
}

/// Converts a block price to a rate per second, rounded down: the buyer is never charged more than the bid.
/// One uact is one micro-dollar.
#[must_use]
pub fn rate_per_second(price: UactPerBlock, block: BlockTime) -> ScaledRate {
    // scaled: 10^18 per micro-dollar and block; wanted: 10^12 per micro-dollar and second.
    let shrink = UACT_SCALE / RATE_SCALE;
    let per_block = price.scaled().saturating_mul(1000);
    ScaledRate::from_scaled(per_block / (shrink * u128::from(block.millis)))
}

/// Converts a block price to dollars per hour, rounded up to the next micro-dollar.
#[must_use]
pub fn usd_per_hour(price: UactPerBlock, block: BlockTime) -> Usd {
    let hour_millis = 3_600_000;
    let micros = price
        .scaled()
        .saturating_mul(hour_millis)
        .div_ceil(UACT_SCALE * u128::from(block.millis));
    Usd::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// The block price in whole uact that costs at most `usd` per hour, rounded down but at least one.
#[must_use]
pub fn block_price_within(usd: Usd, block: BlockTime) -> UactPerBlock {
    let uact = u128::from(usd.micros()) * u128::from(block.millis) / 3_600_000;
    UactPerBlock::from_whole(u64::try_from(uact.max(1)).unwrap_or(u64::MAX))
}

/// Market price of one GPU of one kind, from bids of the last month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuPrice {
    /// Vendor as Akash names it.
    pub vendor: String,
    /// Model as Akash names it.
    pub model: String,
    /// Memory of the card in GiB; `None` if unknown.
    pub vram_gib: Option<u32>,
    /// Interface, such as `sxm` or `pcie`; `None` if unknown.
    pub interface: Option<String>,
    /// Number of cards free now.
    pub available: u32,
    /// Number of cards in total.
    pub total: u32,
    /// Lowest price seen, per card and hour.
    pub min: Option<Usd>,
    /// Median, per card and hour.
    pub median: Option<Usd>,
    /// Highest price seen, per card and hour.
    pub max: Option<Usd>,
}

impl GpuPrice {
    /// The card's usual name: `H100 SXM`, `A100 SXM 80 GiB`; the source's own words if the card is unknown.
    #[must_use]
    pub fn title(&self) -> String {
        let interface = self.interface.as_deref().unwrap_or_default();
        let Some(known) = identify(&format!("{} {interface}", self.model)) else {
            return self.model.clone();
        };
        let reported = self.vram_gib.map(VramMib::gib);
        let key = known.key;
        with_memory(key.clone(), reported).unwrap_or(key).title()
    }

    /// Whether a card of this kind can serve `request`.
    #[must_use]
    pub fn serves(&self, request: &GpuRequest) -> bool {
        let fits = |wanted: Option<&str>, has: &str| wanted.is_none_or(|wanted| wanted == has);
        fits(request.vendor.map(|vendor| vendor.as_str()), &self.vendor)
            && fits(
                request.model.as_ref().map(|model| model.as_str()),
                &self.model,
            )
            && request
                .vram_gib
                .is_none_or(|least| self.vram_gib.is_some_and(|has| has >= least))
            && request.interface.is_none_or(|wanted| {
                self.interface
                    .as_deref()
                    .is_some_and(|has| has.starts_with(wanted.as_str()))
            })
    }
}

/// The price of one card for `request`: the median of the cheapest kind that serves it and has a price, so
/// that "any GPU" is quoted by what is likely to bid, not by the most expensive card.
#[must_use]
pub fn gpu_price_for<'a>(prices: &'a [GpuPrice], request: &GpuRequest) -> Option<&'a GpuPrice> {
    prices
        .iter()
        .filter(|price| price.serves(request) && price.median.is_some())
        .min_by_key(|price| (price.median, price.model.clone()))
}

#[cfg(test)]
mod tests {
    use super::{
        BlockTime, GpuPrice, block_price_within, gpu_price_for, rate_per_second, usd_per_hour,
    };
    use crate::money::{UactPerBlock, Usd};
    use crate::resources::GpuRequest;

    #[test]
    fn a_block_price_becomes_the_hourly_price_console_shows() {
        let cases = [
            ("2.5", "0.0015"),
            ("1000", "0.60"),
            ("0.000000000000000001", "0.000001"),
        ];
        for (uact, usd) in cases {
            let price: UactPerBlock = uact.parse().unwrap();
            assert_eq!(
                usd_per_hour(price, BlockTime::CONSOLE),
                usd.parse().unwrap(),
                "{uact}"
            );
        }
        let slower = BlockTime::from_millis(6098).unwrap();
        let price = UactPerBlock::from_whole(1000);
        assert_eq!(usd_per_hour(price, slower).to_string(), "0.590358");
    }

    #[test]
    fn a_cap_in_dollars_never_allows_a_higher_block_price() {
        for micros in [600_u64, 1_234_567, 50_000_000] {
            let usd = Usd::from_micros(micros);
            let price = block_price_within(usd, BlockTime::CONSOLE);
            assert!(usd_per_hour(price, BlockTime::CONSOLE) <= usd, "{micros}");
        }
        assert_eq!(
            rate_per_second(UactPerBlock::from_whole(6), BlockTime::CONSOLE).scaled(),
            1_000_000_000_000
        );
    }

    fn card(model: &str, vram: u32, median: Option<u64>) -> GpuPrice {
        GpuPrice {
            vendor: "nvidia".to_owned(),
            model: model.to_owned(),
            vram_gib: Some(vram),
            interface: Some("sxm5".to_owned()),
            available: 1,
            total: 1,
            min: None,
            median: median.map(Usd::from_micros),
            max: None,
        }
    }

    #[test]
    fn a_card_is_called_what_it_is_called_everywhere() {
        let of = |model: &str, vram, interface: &str| {
            let card = GpuPrice {
                interface: Some(interface.to_owned()),
                ..card(model, vram, None)
            };
            card.title()
        };
        assert_eq!(of("h100", 80, "SXM5"), "H100 SXM");
        assert_eq!(of("a100", 80, "sxm4"), "A100 SXM 80 GiB");
        assert_eq!(of("a100", 40, "PCIe"), "A100 PCIe 40 GiB");
        assert_eq!(of("rtx4090", 24, "PCIe"), "RTX 4090");
        assert_eq!(of("unheard-of", 24, "PCIe"), "unheard-of");
    }

    #[test]
    fn the_cheapest_kind_that_serves_the_request_sets_the_price() {
        let market = [
            card("h100", 80, Some(2_000_000)),
            card("rtx4090", 24, Some(400_000)),
            card("a100", 80, None),
        ];
        let any = GpuRequest {
            vendor: None,
            model: None,
            count: 1,
            vram_gib: None,
            interface: None,
        };
        assert_eq!(gpu_price_for(&market, &any).unwrap().model, "rtx4090");
        let big = GpuRequest {
            vram_gib: Some(40),
            ..any.clone()
        };
        assert_eq!(gpu_price_for(&market, &big).unwrap().model, "h100");
        let unpriced = GpuRequest {
            model: Some("a100".parse().unwrap()),
            ..any
        };
        assert!(gpu_price_for(&market, &unpriced).is_none());
    }
}
