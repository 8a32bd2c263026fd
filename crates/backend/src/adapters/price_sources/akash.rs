//! Akash: each provider's last bid from the Console API's price statistics, and the median if only
//! the statistics are available. A recent bid is not a quote, and the row says so.

use std::collections::{BTreeMap, BTreeSet};

use domain::money::UactPerBlock;
use domain::offers::gpu::{VramMib, interface_of};
use domain::offers::{Availability, Decimal, ListedPrice, Listing, Record, Venue};
use domain::requirements::PricingModel;
use domain::time::read_iso_8601;
use serde::Deserialize;
use serde_json::Value;

use super::payload::{Payload, Request, Unreadable, json, row};
use crate::ports::Parsed;

pub(super) const BASE: &str = "https://console-api.akash.network";
pub(super) const REQUESTS: &[Request] = &[
    Request::get("/v1/gpu-prices?debug=true"),
    Request::optional("/v1/providers"),
];
pub(super) const RECORDINGS: &[&str] = &["akash_gpu-prices", "akash_providers"];

#[derive(Debug, Deserialize)]
struct Answer {
    models: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    model: String,
    vendor: String,
    #[serde(default)]
    ram: String,
    #[serde(default)]
    interface: String,
    availability: Counts,
    price: Option<Statistics>,
    #[serde(default)]
    providers_with_best_bid: Vec<ProviderBid>,
}

#[derive(Debug, Deserialize)]
struct Counts {
    available: u32,
}

#[derive(Debug, Deserialize)]
struct Statistics {
    min: Decimal,
    max: Decimal,
    med: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderBid {
    provider: Provider,
    best_bid: Bid,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    owner: String,
    host_uri: Option<String>,
    allocated: u32,
    allocatable: u32,
}

#[derive(Debug, Deserialize)]
struct Bid {
    datetime: String,
    data: BidData,
}

#[derive(Debug, Deserialize)]
struct BidData {
    price: Coin,
}

#[derive(Debug, Deserialize)]
struct Coin {
    denom: String,
    amount: String,
}

/// Facts from the provider list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    owner: String,
    location_region: Option<String>,
    ip_country_code: Option<String>,
    uptime7d: Option<Decimal>,
    is_audited: Option<bool>,
    is_online: Option<bool>,
}

/// Parses the price statistics from any number of answers; for each card, an answer that names
/// providers takes precedence.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    let mut providers = BTreeMap::new();
    let mut models: Vec<Model> = Vec::new();
    for text in payload.present() {
        let value: Value = json(text)?;
        if value.is_array() {
            for listed in json::<Vec<Value>>(text)? {
                // A provider that cannot be parsed adds nothing; its bids are kept without it.
                if let Ok(listed) = serde_json::from_value::<Listed>(listed) {
                    providers.insert(listed.owner.clone(), listed);
                }
            }
        } else {
            let answer: Answer = json(text)?;
            for value in &answer.models {
                models.extend(row::<Model>(Venue::Akash, value, "model", &mut parsed));
            }
        }
    }
    models.sort_by_key(|model| model.providers_with_best_bid.is_empty());
    let mut seen = BTreeSet::new();
    for model in models {
        let is_new = seen.insert((
            model.model.clone(),
            model.ram.clone(),
            model.interface.clone(),
        ));
        if is_new {
            list(&model, payload, &providers, &mut parsed);
        }
    }
    parsed.not_empty()
}

fn list(
    model: &Model,
    payload: &Payload,
    providers: &BTreeMap<String, Listed>,
    parsed: &mut Parsed,
) {
    let parts = [&model.model, &model.ram, &model.interface];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    let shape = parts.join(" ");
    let digits = model.ram.trim_end_matches(|c: char| !c.is_ascii_digit());
    let base = |price: ListedPrice| Listing {
        vram: digits.parse().ok().map(VramMib::gib),
        interface: interface_of(&model.interface),
        observed_at: payload.at,
        ..Listing::new(
            Venue::Akash,
            &shape,
            &format!("{} {}", model.vendor, model.model),
            price,
        )
    };
    for bid in &model.providers_with_best_bid {
        let Some((price, pricing_model)) = price_of(&bid.best_bid.data.price) else {
            let coin = &bid.best_bid.data.price;
            let text = format!("{} {}", coin.amount, coin.denom);
            parsed.set_aside(Venue::Akash, &shape, Some(&bid.provider.owner), text);
            continue;
        };
        let free = bid
            .provider
            .allocatable
            .saturating_sub(bid.provider.allocated);
        let listed = providers.get(&bid.provider.owner);
        let mut notes = vec!["The provider's last bid, not a quote.".to_owned()];
        if listed.and_then(|listed| listed.is_audited) == Some(false) {
            notes.push("No auditor vouches for the provider.".to_owned());
        }
        let is_offline = listed.and_then(|listed| listed.is_online) == Some(false);
        parsed.listings.push(Listing {
            provider: Some(bid.provider.owner.clone()),
            pricing_model,
            most_cards: Some(free),
            availability: if is_offline {
                Availability::None
            } else {
                Availability::Free(free)
            },
            place: listed.and_then(place),
            host: bid.provider.host_uri.as_deref().and_then(host_of),
            record: Record {
                uptime_bps: listed.and_then(|listed| listed.uptime7d).and_then(bps),
                ..Record::default()
            },
            observed_at: read_iso_8601(&bid.best_bid.datetime).unwrap_or(payload.at),
            notes,
            ..base(price)
        });
    }
    if let (true, Some(price)) = (model.providers_with_best_bid.is_empty(), &model.price) {
        let Statistics { min, max, med } = price;
        parsed.listings.push(Listing {
            most_cards: Some(model.availability.available),
            availability: Availability::Free(model.availability.available),
            notes: vec![format!("Median of recent bids between ${min} and ${max}.")],
            ..base(ListedPrice::PerCardHour(*med))
        });
    }
}

fn place(listed: &Listed) -> Option<String> {
    listed
        .location_region
        .clone()
        .or_else(|| listed.ip_country_code.clone())
}

/// Returns the name and port of a gateway: `https://provider.example:8443`.
fn host_of(uri: &str) -> Option<String> {
    let host = uri.strip_prefix("https://")?.split('/').next()?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let port: u16 = port.parse().ok()?;
    (!name.is_empty() && name.chars().all(is_plain)).then(|| format!("{name}:{port}"))
}

/// Converts a share from 0 to 1.
fn bps(share: Decimal) -> Option<u32> {
    let bps = share.scaled_by(10_000, 1)?.scaled() / Decimal::whole(1).scaled();
    u32::try_from(bps).ok().filter(|bps| *bps <= 10_000)
}

/// Converts a bid's price. Akash's own statistics also leave out bids in other coins.
fn price_of(coin: &Coin) -> Option<(ListedPrice, PricingModel)> {
    let amount: UactPerBlock = coin.amount.parse().ok()?;
    match coin.denom.as_str() {
        "uact" => Some((ListedPrice::UactPerBlock(amount), PricingModel::Fixed)),
        "uakt" => Some((ListedPrice::UaktPerBlock(amount), PricingModel::Token)),
        _ => None,
    }
}
