//! AWS: spot prices, the interruption bands of its own advisor, and on-demand prices. None of the
//! three needs a key.

use std::collections::BTreeMap;

use domain::offers::{Decimal, Interruption, ListedPrice, Listing, Record, Venue};
use domain::requirements::PricingModel;
use domain::resources::{Bytes, CpuMilli};
use serde::Deserialize;
use serde_json::Value;

use super::aws_instances::{Cards, cards_of, is_unknown_gpu_type};
use super::payload::{Payload, Request, Unreadable, json};
use crate::ports::Parsed;

pub(super) const SPOT_BASE: &str = "https://website.spot.ec2.aws.a2z.com";
pub(super) const SPOT_REQUESTS: &[Request] = &[
    Request::get("/spot.json"),
    Request::optional("https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json"),
];
pub(super) const SPOT_RECORDINGS: &[&str] = &["aws_spot_json", "aws_spot_advisor"];

pub(super) const ON_DEMAND_BASE: &str = "https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel";
pub(super) const ON_DEMAND_REQUESTS: &[Request] = &[
    Request::get("/US%20East%20(N.%20Virginia)/Linux/index.json"),
    Request::optional("/US%20West%20(Oregon)/Linux/index.json"),
    Request::optional("/EU%20(Frankfurt)/Linux/index.json"),
];
pub(super) const ON_DEMAND_RECORDINGS: &[&str] = &["aws_ondemand"];

#[derive(Debug, Deserialize)]
struct SpotAnswer {
    config: SpotConfig,
}

#[derive(Debug, Deserialize)]
struct SpotConfig {
    regions: Vec<SpotRegion>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpotRegion {
    region: String,
    instance_types: Vec<SpotGroup>,
}

#[derive(Debug, Deserialize)]
struct SpotGroup {
    sizes: Vec<SpotSize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpotSize {
    size: String,
    value_columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
    prices: Prices,
}

#[derive(Debug, Deserialize)]
struct Prices {
    #[serde(rename = "USD")]
    usd: String,
}

#[derive(Debug, Deserialize)]
struct Advisor {
    ranges: Vec<Range>,
    /// Advice by region, operating system and instance type.
    spot_advisor: BTreeMap<String, BTreeMap<String, BTreeMap<String, Advice>>>,
}

#[derive(Debug, Deserialize)]
struct Range {
    index: u32,
    label: String,
}

#[derive(Debug, Deserialize)]
struct Advice {
    r: u32,
}

/// Parses Linux spot prices. The feed lists some sizes twice in a region: the cheaper one counts.
pub(super) fn parse_spot(payload: &Payload) -> Result<Parsed, Unreadable> {
    let answer: SpotAnswer = json(payload.first()?)?;
    let advisor = payload.get(1).map(json::<Advisor>).transpose()?;
    let mut parsed = Parsed::default();
    let mut prices: BTreeMap<(&str, &str), (Decimal, Cards)> = BTreeMap::new();
    for region in &answer.config.regions {
        for size in region.instance_types.iter().flat_map(|group| &group.sizes) {
            let Some(cards) = cards_of(&size.size) else {
                if is_unknown_gpu_type(&size.size) {
                    parsed.unknown_shape(Venue::AwsSpot, &size.size);
                }
                continue;
            };
            let Some(linux) = size
                .value_columns
                .iter()
                .find(|column| column.name == "linux")
            else {
                continue;
            };
            let text = linux.prices.usd.as_str();
            if text.starts_with("N/A") {
                continue;
            }
            let Ok(price) = text.parse::<Decimal>() else {
                let place = Some(region.region.as_str());
                parsed.set_aside(Venue::AwsSpot, &size.size, place, text.to_owned());
                continue;
            };
            prices
                .entry((&region.region, &size.size))
                .and_modify(|(known, _)| *known = price.min(*known))
                .or_insert((price, cards));
        }
    }
    for ((region, instance), (price, cards)) in prices {
        let interruption = advisor
            .as_ref()
            .and_then(|advisor| band(advisor, region, instance));
        parsed.listings.push(Listing {
            place: Some(region.to_owned()),
            pricing_model: PricingModel::Spot,
            record: Record {
                interruption,
                ..Record::default()
            },
            host: Some(host(region)),
            link: Some(link(Some(region), instance)),
            ..listing(Venue::AwsSpot, instance, cards, price, payload)
        });
    }
    parsed.not_empty()
}

/// Returns the advisor's own wording for a shape, with the region and system that it applies to.
fn band(advisor: &Advisor, region: &str, instance: &str) -> Option<Interruption> {
    let advice = advisor
        .spot_advisor
        .get(region)?
        .get("Linux")?
        .get(instance)?;
    let range = advisor
        .ranges
        .iter()
        .find(|range| range.index == advice.r)?;
    Some(Interruption {
        label: range.label.clone(),
        midpoint_bps: midpoint_bps(&range.label)?,
        basis: format!("AWS Spot Advisor, {region}, Linux, last month"),
    })
}

/// Returns the middle of a band such as `<5%`, `5-10%` or `>20%`.
fn midpoint_bps(label: &str) -> Option<u32> {
    let text = label.trim_end_matches('%');
    let (low, high): (u32, u32) = if let Some(high) = text.strip_prefix('<') {
        (0, high.parse().ok()?)
    } else if let Some(low) = text.strip_prefix('>') {
        (low.parse().ok()?, 100)
    } else {
        let (low, high) = text.split_once('-')?;
        (low.parse().ok()?, high.parse().ok()?)
    };
    low.checked_add(high)?.checked_mul(50)
}

fn listing(
    venue: Venue,
    instance: &str,
    cards: Cards,
    price: Decimal,
    payload: &Payload,
) -> Listing {
    Listing {
        vram: Some(cards.vram),
        interface: cards.interface,
        cards: cards.count,
        observed_at: payload.at,
        ..Listing::new(
            venue,
            instance,
            cards.label,
            ListedPrice::PerShapeHour(price),
        )
    }
}

#[derive(Debug, Deserialize)]
struct OnDemandAnswer {
    /// Rows by region name, then by a key without meaning.
    regions: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct OnDemandRow {
    price: String,
    #[serde(rename = "Instance Type")]
    instance: String,
    #[serde(rename = "vCPU")]
    vcpu: Option<String>,
    #[serde(rename = "Memory")]
    memory: Option<String>,
}

/// Parses Linux on-demand prices; each answer covers one region.
pub(super) fn parse_on_demand(payload: &Payload) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    for text in payload.present() {
        let answer: OnDemandAnswer = json(text)?;
        for (region, rows) in &answer.regions {
            for value in rows.values() {
                let Some(row) = super::payload::row::<OnDemandRow>(
                    Venue::AwsOnDemand,
                    value,
                    "Instance Type",
                    &mut parsed,
                ) else {
                    continue;
                };
                let Some(cards) = cards_of(&row.instance) else {
                    if is_unknown_gpu_type(&row.instance) {
                        parsed.unknown_shape(Venue::AwsOnDemand, &row.instance);
                    }
                    continue;
                };
                let Ok(price) = row.price.parse::<Decimal>() else {
                    parsed.set_aside(Venue::AwsOnDemand, &row.instance, Some(region), row.price);
                    continue;
                };
                // Types that can only be reserved are listed at zero.
                if price == Decimal::ZERO {
                    continue;
                }
                let vcpu: Option<u64> = row.vcpu.and_then(|vcpu| vcpu.parse().ok());
                parsed.listings.push(Listing {
                    place: Some(region.clone()),
                    cpu: vcpu.map(|vcpu| CpuMilli(vcpu.saturating_mul(1000))),
                    memory: row.memory.as_deref().and_then(gib),
                    host: region_id(region).map(host),
                    link: Some(link(region_id(region), &row.instance)),
                    ..listing(Venue::AwsOnDemand, &row.instance, cards, price, payload)
                });
            }
        }
    }
    parsed.not_empty()
}

/// Regions by their name in the price list, with their ids.
const REGION_IDS: [(&str, &str); 3] = [
    ("US East (N. Virginia)", "us-east-1"),
    ("US West (Oregon)", "us-west-2"),
    ("EU (Frankfurt)", "eu-central-1"),
];

fn region_id(name: &str) -> Option<&'static str> {
    let found = REGION_IDS.iter().find(|(known, _)| *known == name);
    found.map(|(_, id)| *id)
}

/// Returns the endpoint of a region, which is in the same place as its machines.
fn host(region: &str) -> String {
    format!("ec2.{region}.amazonaws.com:443")
}

/// Returns the console's page for launching an instance type, in its own region if that is known.
fn link(region: Option<&str>, instance: &str) -> String {
    let (host, query) = region.map_or_else(Default::default, |region| {
        (format!("{region}."), format!("?region={region}"))
    });
    format!(
        "https://{host}console.aws.amazon.com/ec2/home{query}#InstanceTypeDetails:instanceType={instance}"
    )
}

/// Parses a size such as `1536 GiB`.
fn gib(text: &str) -> Option<Bytes> {
    let gib: u64 = text.strip_suffix(" GiB")?.replace(',', "").parse().ok()?;
    Some(Bytes::gib(gib.min(1 << 20)))
}
