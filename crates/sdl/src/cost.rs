//! Cost of a document: block prices per hour and month, typical provider prices, and the same shape
//! elsewhere.
//!
//! Nothing here knows a market: prices come as arguments. The only constants are the price list
//! that Akash's provider software ships with, and the list prices that Console compares with.

use domain::money::{UACT_SCALE, UactPerBlock, Usd};
use domain::pricing::{BlockTime, GpuPrice, block_price_within, usd_per_hour};
use serde::Serialize;

use crate::spec::{EndpointKind, GroupSpec, ResourceUnit};

/// Resources of one replica that affect the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// CPU in thousandths of a core.
    pub cpu_milli: u64,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Storage in bytes.
    pub storage_bytes: u64,
    /// Number of GPUs.
    pub gpus: u64,
}

/// A price per block, also per hour and per month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Price in uact per block.
    pub per_block: UactPerBlock,
    /// Price in dollars per hour.
    pub per_hour: Usd,
    /// Price in dollars per month of 30.437 days.
    pub per_month: Usd,
}

/// Hours of a month of 30.437 days, in thousandths.
const MONTH_MILLI_HOURS: u64 = 730_488;

impl Price {
    /// A block price at a block time.
    #[must_use]
    pub fn of(per_block: UactPerBlock, block: BlockTime) -> Self {
        // The month comes from the block price, so that it is rounded once.
        let per_thousand_hours = usd_per_hour(
            UactPerBlock::from_scaled(per_block.scaled().saturating_mul(1000)),
            block,
        );
        Self {
            per_block,
            per_hour: usd_per_hour(per_block, block),
            per_month: per_thousand_hours.scaled_up(MONTH_MILLI_HOURS, 1_000_000),
        }
    }
}

/// Cost of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The most it may cost: the sum of its price limits.
    pub cap: Price,
    /// Price that providers typically ask: GPUs at the market's median if it is known, everything
    /// else by the price list of Akash's provider software.
    pub typical: Price,
    /// Lowest and highest likely price, in dollars per hour; `None` if no market is known.
    pub range: Option<(Usd, Usd)>,
    /// Ratio of the cap to the typical price, in whole times; 0 if the cap is below it.
    pub cap_times_typical: u64,
    /// The same shape elsewhere, without GPUs, which those lists do not price.
    pub elsewhere: Elsewhere,
}

/// Dollars per month for the same CPU, memory and storage, by Console's comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// Akash, by the same comparison.
    pub akash: Usd,
    /// AWS Fargate.
    pub aws: Usd,
    /// GKE Autopilot.
    pub gcp: Usd,
    /// Azure container instances.
    pub azure: Usd,
}

/// Hourly market price of one GPU: lowest, median and highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpuMarket {
    /// Lowest price of one GPU for one hour.
    pub least: Usd,
    /// Median price of one GPU for one hour.
    pub median: Usd,
    /// Highest price of one GPU for one hour.
    pub most: Usd,
}

/// Market price of the GPUs of a unit: the lowest and the highest of all acceptable kinds, and the
/// median of the cheapest kind, which is the most likely to be bid. `None` if the market has none
/// of them.
#[must_use]
pub fn gpu_market(unit: &ResourceUnit, prices: &[GpuPrice]) -> Option<GpuMarket> {
    let will_do = |price: &&GpuPrice| {
        unit.gpu.models().any(|wanted| {
            let ram = wanted.ram.and_then(|ram| ram.strip_suffix("Gi"));
            let ram = ram.and_then(|ram| ram.parse::<u32>().ok());
            let interface = wanted.interface.zip(price.interface.as_deref());
            (wanted.model == "*" || wanted.model == price.model)
                && ram.zip(price.vram_gib).is_none_or(|(ram, has)| ram == has)
                && interface.is_none_or(|(wanted, has)| has.starts_with(wanted))
        })
    };
    let kinds: Vec<GpuMarket> = prices
        .iter()
        .filter(will_do)
        .filter_map(|price| {
            Some(GpuMarket {
                least: price.min?,
                median: price.median?,
                most: price.max?,
            })
        })
        .collect();
    Some(GpuMarket {
        least: kinds.iter().map(|kind| kind.least).min()?,
        median: kinds.iter().map(|kind| kind.median).min()?,
        most: kinds.iter().map(|kind| kind.most).max()?,
    })
}

/// Cost of groups. `gpu_market` prices the GPUs of a unit from live data; if it has no price, the
/// provider software's own list is used.
#[must_use]
pub fn of(
    groups: &[GroupSpec],
    block: BlockTime,
    gpu_market: impl Fn(&ResourceUnit) -> Option<GpuMarket>,
) -> Cost {
    let units = || groups.iter().flat_map(|group| &group.resources);
    let cap = units()
        .map(|unit| {
            UactPerBlock::from_scaled(unit.price.atto.saturating_mul(u128::from(unit.count)))
        })
        .sum();
    let mut typical_month = 0_u64;
    let mut least = Usd::ZERO;
    let mut most = Usd::ZERO;
    let mut any_market = false;
    for unit in units() {
        let count = u64::from(unit.count);
        let cards = unit.gpu.units.saturating_mul(count);
        let without = typical_month_micros(unit, 0).saturating_mul(count);
        let hour = Usd::from_micros(without).scaled_up(1000, MONTH_MILLI_HOURS);
        let listed = match gpu_market(unit).filter(|_| cards > 0) {
            Some(market) => {
                any_market = true;
                least = least + hour + market.least.scaled_up(cards, 1);
                most = most + hour + market.most.scaled_up(cards, 1);
                market
                    .median
                    .scaled_up(cards.saturating_mul(MONTH_MILLI_HOURS), 1000)
                    .micros()
            }
            None => {
                least = least + hour;
                most = most + hour;
                GPU_MONTH.saturating_mul(cards)
            }
        };
        typical_month = typical_month.saturating_add(without).saturating_add(listed);
    }
    let typical = Price::of(block_price_of_month(typical_month, block), block);
    let cap = Price::of(cap, block);
    Cost {
        cap_times_typical: cap
            .per_month
            .micros()
            .checked_div(typical.per_month.micros())
            .unwrap_or(0),
        cap,
        typical,
        range: any_market.then_some((least, most)),
        elsewhere: elsewhere(groups),
    }
}

// The price list in the provider software's default script, in micro-dollars per month.
const THREAD_MONTH: u64 = 1_600_000;
const MEMORY_GIB_MONTH: u64 = 800_000;
const EPHEMERAL_GIB_MONTH: u64 = 20_000;
const BETA1_GIB_MONTH: u64 = 10_000;
const BETA2_GIB_MONTH: u64 = 30_000;
const BETA3_GIB_MONTH: u64 = 40_000;
const ENDPOINT_MONTH: u64 = 50_000;
const IP_MONTH: u64 = 5_000_000;
const GPU_MONTH: u64 = 100_000_000;

const GIB: u64 = 1 << 30;

/// Typical cost of one replica per month, in micro-dollars.
fn typical_month_micros(unit: &ResourceUnit, gpus: u64) -> u64 {
    let storage = unit.storage.iter().map(|volume| {
        let rate = match volume.class() {
            // A RAM-backed volume, which is counted as memory.
            Some("ram") => 0,
            Some("beta1") => BETA1_GIB_MONTH,
            Some("beta2") => BETA2_GIB_MONTH,
            Some("beta3") => BETA3_GIB_MONTH,
            _ => EPHEMERAL_GIB_MONTH,
        };
        part(volume.bytes, GIB, rate)
    });
    let ways = unit.endpoints.iter().map(|endpoint| match endpoint.kind {
        EndpointKind::LeasedIp => IP_MONTH,
        EndpointKind::SharedHttp | EndpointKind::RandomPort => ENDPOINT_MONTH,
    });
    part(unit.cpu_milli, 1000, THREAD_MONTH)
        .saturating_add(part(unit.memory_bytes, GIB, MEMORY_GIB_MONTH))
        .saturating_add(storage.fold(0, u64::saturating_add))
        .saturating_add(ways.fold(0, u64::saturating_add))
        .saturating_add(GPU_MONTH.saturating_mul(gpus))
}

/// `amount / unit × rate`, rounded up.
fn part(amount: u64, unit: u64, rate: u64) -> u64 {
    // The usual case: a 128-bit division takes ten times as long in a browser.
    if let Some(cost) = amount.checked_mul(rate) {
        return cost.div_ceil(unit);
    }
    let cost = (u128::from(amount) * u128::from(rate)).div_ceil(u128::from(unit));
    u64::try_from(cost).unwrap_or(u64::MAX)
}

/// The block price that amounts to this many micro-dollars a month, rounded up to a millionth of a
/// uact.
fn block_price_of_month(micros: u64, block: BlockTime) -> UactPerBlock {
    const MILLION: u128 = 1_000_000;
    // The hourly cost of a million uact per block, computed in the one place that defines it.
    let hour_of_million = usd_per_hour(UactPerBlock::from_whole(1_000_000), block).micros();
    let month_of_million = u128::from(hour_of_million) * u128::from(MONTH_MILLI_HOURS) / 1000;
    let millionths = (u128::from(micros) * MILLION * MILLION).div_ceil(month_of_million.max(1));
    UactPerBlock::from_scaled(millionths.saturating_mul(UACT_SCALE / MILLION))
}

/// Multiple of the typical cost in [`generous_cap`]. Real bids spread over an order of magnitude.
const GENEROSITY: u64 = 5;
/// Allowance for one GPU in [`generous_cap`], in micro-dollars per hour: more than the most
/// expensive card on the market.
const GPU_HOUR_CAP: u64 = 5_000_000;
/// The lowest cap that [`generous_cap`] returns, in uact per block.
const LEAST_CAP: u64 = 100;

/// A limit for one replica that real bids stay below, in whole uact per block, for a document that
/// is written before any market was queried.
#[must_use]
pub fn generous_cap(shape: &Shape) -> u64 {
    let month = part(shape.cpu_milli, 1000, THREAD_MONTH)
        .saturating_add(part(shape.memory_bytes, GIB, MEMORY_GIB_MONTH))
        .saturating_add(part(shape.storage_bytes, GIB, BETA3_GIB_MONTH))
        .saturating_add(IP_MONTH)
        .saturating_mul(GENEROSITY);
    let compute = block_price_of_month(month, BlockTime::CONSOLE).whole_rounded_up();
    let gpu = block_price_within(Usd::from_micros(GPU_HOUR_CAP), BlockTime::CONSOLE);
    let gpus = u128::from(shape.gpus) * gpu.whole_rounded_up();
    let cap = u64::try_from(compute + gpus).unwrap_or(u64::MAX);
    // The chain's own limit.
    round_up_to_two_digits(cap.max(LEAST_CAP)).min(10_000_000)
}

/// Rounds `1234` up to `1300`, which is easier to remember.
fn round_up_to_two_digits(number: u64) -> u64 {
    let unit = 10_u64.pow(number.checked_ilog10().unwrap_or(0).saturating_sub(1));
    number.div_ceil(unit).saturating_mul(unit)
}

/// The same CPU, memory and storage by the list prices Console compares with: AWS Fargate, GKE
/// Autopilot and Azure container instances. GB are decimal, as there.
#[must_use]
pub fn elsewhere(groups: &[GroupSpec]) -> Elsewhere {
    let (mut cpu, mut memory, mut storage) = (0_u128, 0_u128, 0_u128);
    for unit in groups.iter().flat_map(|group| &group.resources) {
        let count = u128::from(unit.count);
        cpu += count * u128::from(unit.cpu_milli);
        memory += count * u128::from(unit.memory_bytes);
        let volumes: u128 = unit
            .storage
            .iter()
            .map(|volume| u128::from(volume.bytes))
            .sum();
        storage += count * volumes;
    }
    elsewhere_of(cpu, memory, storage)
}

/// See [`elsewhere`]; CPU in thousandths, the others in bytes.
#[must_use]
pub fn elsewhere_of(cpu_milli: u128, memory_bytes: u128, storage_bytes: u128) -> Elsewhere {
    /// Decimal bytes in a GB.
    const GB: u128 = 1_000_000_000;
    // Rates are in 10^-9 dollars, so that sums are exact until the last division.
    let cpu = |rate: u128| cpu_milli * rate * (GB / 1000);
    let bytes = |bytes: u128, rate: u128| bytes * rate;
    let hours = u128::from(MONTH_MILLI_HOURS);
    let month = |per_month: u128| to_cents(per_month, GB * 1_000_000_000);
    let hourly = |per_hour: u128| to_cents(per_hour * hours, GB * 1_000_000_000 * 1000);
    Elsewhere {
        akash: month(
            cpu(4_500_000_000)
                + bytes(memory_bytes, 1_250_000_000)
                + bytes(storage_bytes, 80_000_000),
        ),
        aws: hourly(
            cpu(40_480_000)
                + bytes(memory_bytes, 4_445_000)
                + bytes(storage_bytes.saturating_sub(20 * GB), 111_000),
        ),
        gcp: hourly(
            cpu(44_500_000) + bytes(memory_bytes, 4_922_500) + bytes(storage_bytes, 54_800),
        ),
        azure: month(cpu(35_478_000_000) + bytes(memory_bytes, 3_890_900_000)),
    }
}

/// Dollars from a fraction, rounded to whole cents as Console does.
fn to_cents(numerator: u128, denominator: u128) -> Usd {
    let cents = (numerator * 100 + denominator / 2) / denominator;
    Usd::from_micros(u64::try_from(cents.saturating_mul(10_000)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_price_is_an_hour_and_a_month() {
        let thousand = UactPerBlock::from_whole(1000);
        for (millis, hour, month) in [
            (6000, 600_000, 438_292_800),
            (6098, 590_358, 431_249_066),
            (6117, 588_524, 429_909_564),
        ] {
            let price = Price::of(thousand, BlockTime::from_millis(millis).unwrap());
            assert!(price.per_hour.micros().abs_diff(hour) <= 1, "{price:?}");
            assert!(
                price.per_month.micros().abs_diff(month) <= 1000,
                "{price:?}"
            );
        }
    }

    #[test]
    fn the_comparison_with_others_is_consoles() {
        let found = elsewhere_of(1000, 1_000_000_000, 1_000_000_000);
        let cents = |usd: Usd| usd.micros() / 10_000;
        assert_eq!(
            [found.akash, found.aws, found.gcp, found.azure].map(cents),
            [583, 3282, 3614, 3937]
        );
    }

    #[test]
    fn a_cap_far_above_the_usual_is_named_as_such() {
        let text = crate::templates::by_id("static-site").unwrap().sdl();
        let dear = text.replace("amount: ", "amount: 9");
        let cost = |text: &str| {
            let derived = crate::derive(text, crate::Dialect::Console).unwrap();
            of(&derived.groups, BlockTime::CONSOLE, |_| None)
        };
        assert!(cost(&text).cap_times_typical >= GENEROSITY);
        assert!(cost(&dear).cap_times_typical > 10 * cost(&text).cap_times_typical / 10);
        assert_eq!(cost(&text).range, None);
    }

    #[test]
    fn only_cards_that_will_do_count_in_the_market() {
        let text = include_str!("../tests/fixtures/gpu.yaml");
        let derived = crate::derive(text, crate::Dialect::Console).unwrap();
        let unit = &derived.groups[0].resources[0];
        let wanted = unit.gpu.models().next().unwrap();
        let price = |model: &str, least: u64| GpuPrice {
            vendor: "nvidia".to_owned(),
            model: model.to_owned(),
            vram_gib: None,
            interface: None,
            available: 1,
            total: 2,
            min: Some(Usd::from_micros(least)),
            median: Some(Usd::from_micros(2 * least)),
            max: Some(Usd::from_micros(3 * least)),
        };
        assert_ne!(wanted.model, "*");
        let prices = [price(wanted.model, 400_000), price("none-such", 100)];
        let market = gpu_market(unit, &prices).unwrap();
        assert_eq!(market.least, Usd::from_micros(400_000));
        assert_eq!(market.median, Usd::from_micros(800_000));
        assert_eq!(market.most, Usd::from_micros(1_200_000));
        assert_eq!(gpu_market(unit, &prices[1..]), None);
    }

    #[test]
    fn a_known_market_gives_a_range() {
        let text = crate::templates::by_id("ml-training").unwrap().sdl();
        let derived = crate::derive(&text, crate::Dialect::Console).unwrap();
        let market = GpuMarket {
            least: Usd::from_micros(400_000),
            median: Usd::from_micros(1_000_000),
            most: Usd::from_micros(3_000_000),
        };
        let cost = of(&derived.groups, BlockTime::CONSOLE, |_| Some(market));
        let (least, most) = cost.range.unwrap();
        assert!(least < cost.typical.per_hour && cost.typical.per_hour < most);
        assert!(most < cost.cap.per_hour, "{most} {}", cost.cap.per_hour);
    }
}
