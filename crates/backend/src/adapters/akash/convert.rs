//! Converts Console's answers to domain terms. Values that cannot be parsed are left out, never
//! guessed.

use std::collections::BTreeSet;

use akash_client::{Coin, DecimalText, Error, ForwardedPort, LeasedIp};
use base64::Engine as _;
use domain::akash::{Bid, BidState, ProviderAddress, ProviderFacts};
use domain::ids::Hash32;
use domain::journey::ServiceView;
use domain::money::{UACT_SCALE, UactPerBlock, Usd, parse_decimal};
use domain::pricing::GpuPrice;
use serde_json::{Value, json};

use crate::ports::{
    Declared, DeploymentState, LeaseState, LeaseStatus, MarketError, MarketStatus, ScreenedProvider,
};

impl From<Error> for MarketError {
    fn from(error: Error) -> Self {
        match error {
            Error::Ambiguous(why) => Self::Ambiguous(why),
            Error::RateLimited { retry_after } => Self::RateLimited { retry_after },
            Error::Unauthorized(why) | Error::OperatorFunds(why) => Self::OperatorFunds(why),
            Error::Invalid(message) | Error::Forbidden(message) => Self::Refused { message },
            Error::BidNotOpen(why) | Error::OrderNotOpen(why) => Self::BidGone(why),
            Error::ManifestNotDelivered(why) => Self::ManifestNotDelivered(why),
            Error::NotFound(why) => Self::NotFound(why),
            Error::Conflict(why) | Error::Unavailable(why) => Self::Unavailable(why),
            Error::Unexpected { .. } => Self::Unavailable(error.to_string()),
        }
    }
}

/// Converts a decimal of dollars to whole micro-dollars, rounded up.
pub(super) fn usd(text: &DecimalText) -> Option<Usd> {
    let atto = parse_decimal(&cut(text.as_str(), 18), 18).ok()?;
    let micros = atto.div_ceil(1_000_000_000_000);
    u64::try_from(micros).ok().map(Usd::from_micros)
}

/// Converts a price per block.
fn uact(coin: &Coin) -> Option<UactPerBlock> {
    cut(coin.amount.as_str(), 18).parse().ok()
}

/// Cuts a number to at most `decimals` digits after the point.
fn cut(text: &str, decimals: usize) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) => {
            let kept: String = fraction.chars().take(decimals).collect();
            format!("{whole}.{kept}")
        }
        None => text.to_owned(),
    }
}

/// Converts to whole uact per block, rounded up: the unit of price limits in screening.
pub(super) const fn whole_uact(atto: u128) -> u128 {
    atto.div_ceil(UACT_SCALE)
}

pub(super) fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(super) fn gpu_price(price: &akash_client::GpuPrice) -> GpuPrice {
    let of = |pick: fn(&akash_client::HourlyUsd) -> &DecimalText| {
        price.price.as_ref().and_then(|price| usd(pick(price)))
    };
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    GpuPrice {
        vendor: price.vendor.clone(),
        model: price.model.clone(),
        vram_gib: gib(&price.ram),
        interface: Some(price.interface.to_ascii_lowercase()).filter(|text| !text.is_empty()),
        available: count(price.availability.available),
        total: count(price.availability.total),
        min: of(|price| &price.min),
        median: of(|price| &price.med),
        max: of(|price| &price.max),
    }
}

/// Parses a size: `80Gi` is 80.
fn gib(text: &str) -> Option<u32> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

pub(super) fn screened(provider: akash_client::ScreenedProvider) -> ScreenedProvider {
    ScreenedProvider {
        address: provider.owner,
        region: provider.location,
        audited: provider.is_audited,
    }
}

pub(super) fn provider(provider: &akash_client::Provider) -> (ProviderAddress, ProviderFacts) {
    let mut gpu_models: Vec<String> = provider
        .gpu_models
        .iter()
        .map(|gpu| gpu.model.clone())
        .collect();
    gpu_models.sort_unstable();
    gpu_models.dedup();
    let facts = ProviderFacts {
        name: provider.name.clone(),
        region: provider.location_region.clone(),
        uptime_7d_bps: provider.uptime7d.as_ref().and_then(basis_points),
        audited: Some(provider.is_audited),
        online: Some(provider.is_online),
        gpu_models,
    };
    (provider.owner.clone(), facts)
}

/// Returns the values declared by online, audited providers: no others bid on Console's
/// deployments.
pub(super) fn declared(providers: &[akash_client::Provider]) -> Declared {
    let bidding = || {
        let all = providers.iter();
        all.filter(|provider| provider.is_online && provider.is_audited)
    };
    let storage = |key: &str| key.starts_with("capabilities/storage/") && key.ends_with("/class");
    let regions = bidding().filter_map(|provider| provider.location_region.clone());
    let classes = bidding()
        .flat_map(|provider| &provider.attributes)
        .filter(|attribute| storage(&attribute.key))
        .map(|attribute| attribute.value.clone());
    Declared {
        regions: words(regions),
        storage_classes: words(classes),
    }
}

/// Returns each word once, sorted. Words with anything but letters, digits, dashes and dots are
/// text from outside that no SDL needs.
fn words(found: impl Iterator<Item = String>) -> Vec<String> {
    let is_word = |word: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !word.is_empty() && word.len() <= 64 && word.chars().all(plain)
    };
    let unique: BTreeSet<String> = found.filter(is_word).collect();
    unique.into_iter().collect()
}

/// Converts a share of one to parts per 10,000, rounded down.
fn basis_points(share: &DecimalText) -> Option<u32> {
    let parts = parse_decimal(&cut(share.as_str(), 4), 4).ok()?;
    u32::try_from(parts.min(10_000)).ok()
}

pub(super) fn bid(bid: &akash_client::Bid) -> Option<Bid> {
    Some(Bid {
        id: bid.id.clone(),
        state: match &bid.state {
            akash_client::BidState::Open => BidState::Open,
            akash_client::BidState::Active => BidState::Active,
            akash_client::BidState::Lost => BidState::Lost,
            akash_client::BidState::Closed => BidState::Closed,
            other => BidState::Other(other.as_str().to_owned()),
        },
        price: uact(&bid.price)?,
        provider: ProviderFacts::default(),
    })
}

pub(super) fn deployment_state(state: akash_client::DeploymentState) -> DeploymentState {
    match state {
        akash_client::DeploymentState::Active => DeploymentState::Active,
        akash_client::DeploymentState::Closed => DeploymentState::Closed,
        other => DeploymentState::Other(other.as_str().to_owned()),
    }
}

pub(super) fn status(found: akash_client::Deployment) -> MarketStatus {
    let money = &found.escrow_account.state;
    MarketStatus {
        version: version(&found.deployment.hash),
        transferred: total(&money.transferred),
        funds: total(&money.funds),
        leases: found.leases.iter().map(lease_status).collect(),
        state: deployment_state(found.deployment.state),
    }
}

/// Parses a manifest's hash as written in the chain's JSON.
fn version(text: &str) -> Option<Hash32> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    Some(Hash32::from_bytes(bytes.ok()?.try_into().ok()?))
}

/// Sums the account's coins in dollars: one uact is one micro-dollar.
fn total(coins: &[Coin]) -> Usd {
    coins
        .iter()
        .filter(|coin| coin.denom == "uact")
        .filter_map(|coin| parse_decimal(&cut(coin.amount.as_str(), 18), 18).ok())
        .map(|atto| Usd::from_micros(u64::try_from(atto / UACT_SCALE).unwrap_or(u64::MAX)))
        .sum()
}

fn lease_status(lease: &akash_client::Lease) -> LeaseStatus {
    let services = lease.status.as_ref().map(|status| {
        status
            .services
            .iter()
            .map(|(name, service)| ServiceView {
                name: name.clone(),
                available: service.available,
                total: service.total,
                uris: service.uris.iter().map(|uri| with_scheme(uri)).collect(),
                ports: ports(
                    status.forwarded_ports.get(name).map_or(&[], Vec::as_slice),
                    status.ips.get(name).map_or(&[], Vec::as_slice),
                ),
            })
            .collect()
    });
    LeaseStatus {
        id: lease.id.clone(),
        state: match &lease.state {
            // A lease that is being reclaimed runs until its notice ends.
            akash_client::LeaseState::Active | akash_client::LeaseState::Reclaiming => {
                LeaseState::Active
            }
            akash_client::LeaseState::Closed => LeaseState::Closed,
            akash_client::LeaseState::InsufficientFunds => LeaseState::InsufficientFunds,
            other => LeaseState::Other(other.as_str().to_owned()),
        },
        reason: lease.reason.clone().filter(|reason| !reason.is_empty()),
        services,
    }
}

/// Adds the scheme. Providers report host names; their ingress speaks plain HTTP everywhere, and
/// HTTPS if it has a certificate.
fn with_scheme(uri: &str) -> String {
    if uri.contains("://") {
        uri.to_owned()
    } else {
        format!("http://{uri}")
    }
}

fn ports(forwarded: &[ForwardedPort], ips: &[LeasedIp]) -> Vec<String> {
    let forwarded = forwarded.iter().map(|port| {
        let host = port.host.as_deref().unwrap_or("the provider");
        let protocol = port.proto.as_deref().unwrap_or("TCP").to_ascii_lowercase();
        format!("{host}:{} → {}/{protocol}", port.external_port, port.port)
    });
    let leased = ips.iter().map(|ip| {
        let protocol = ip.protocol.to_ascii_lowercase();
        format!("{}:{} → {}/{protocol}", ip.ip, ip.external_port, ip.port)
    });
    forwarded.chain(leased).collect()
}

/// Converts a resource unit to the form of bid screening: numbers as text, attributes as keys.
pub(super) fn screening_resource(unit: &sdl::ResourceUnit) -> Value {
    let attributes = |list: &[sdl::spec::Attribute]| -> Value {
        list.iter()
            .map(|attribute| json!({ "key": attribute.key, "value": attribute.value }))
            .collect()
    };
    let mut gpu = json!({ "units": { "val": unit.gpu.units.to_string() } });
    if !unit.gpu.attributes.is_empty() {
        gpu["attributes"] = attributes(&unit.gpu.attributes);
    }
    let storage: Vec<Value> = unit
        .storage
        .iter()
        .map(|volume| {
            let mut shown = json!({
                "name": volume.name,
                "quantity": { "val": volume.bytes.to_string() },
            });
            if !volume.attributes.is_empty() {
                shown["attributes"] = attributes(&volume.attributes);
            }
            shown
        })
        .collect();
    let endpoints: Vec<Value> = unit
        .endpoints
        .iter()
        .map(|endpoint| {
            json!({
                "kind": endpoint.kind.number(),
                "sequence_number": endpoint.sequence_number,
            })
        })
        .collect();
    json!({
        "id": unit.id,
        "cpu": { "units": { "val": unit.cpu_milli.to_string() } },
        "memory": { "quantity": { "val": unit.memory_bytes.to_string() } },
        "gpu": gpu,
        "storage": storage,
        "endpoints": endpoints,
    })
}

#[cfg(test)]
mod tests {
    use akash_client::DecimalText;
    use domain::money::Usd;

    use super::{basis_points, gib, usd, with_scheme};

    #[test]
    fn decimals_of_console_become_whole_units() {
        let decimal = |text: &str| DecimalText::parse(text).unwrap();
        assert_eq!(
            usd(&decimal("1.2345678")),
            Some(Usd::from_micros(1_234_568))
        );
        assert_eq!(usd(&decimal("0")), Some(Usd::ZERO));
        assert_eq!(usd(&decimal("-1")), None);
        assert_eq!(basis_points(&decimal("0.99999")), Some(9999));
        assert_eq!(gib("80Gi"), Some(80));
        assert_eq!(gib(""), None);
    }

    #[test]
    fn an_address_can_be_opened() {
        assert_eq!(with_scheme("a.example.com"), "http://a.example.com");
        assert_eq!(
            with_scheme("https://a.example.com"),
            "https://a.example.com"
        );
    }
}
