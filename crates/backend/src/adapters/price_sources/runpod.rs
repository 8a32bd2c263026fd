//! RunPod: secure and community prices per card. A price of zero is not an offer, the community's
//! half dollar is a placeholder unless the card is really available, and the “bid” price is the
//! on-demand price under another name, so no row here is spot.

use std::collections::BTreeMap;

use domain::offers::gpu::VramMib;
use domain::offers::{Availability, Decimal, ListedPrice, Listing, Venue};
use serde::Deserialize;
use serde_json::Value;

use super::payload::{Payload, Request, Unreadable, escaped, json, row};
use crate::ports::Parsed;

pub(super) const BASE: &str = "https://api.runpod.io";
pub(super) const REQUESTS: &[Request] = &[Request::post(
    "/graphql",
    r#"{"query":"query { gpuTypes { id displayName memoryInGb secureCloud communityCloud securePrice communityPrice maxGpuCount lowestPrice(input: {gpuCount: 1}) { uninterruptablePrice stockStatus } } }"}"#,
)];
pub(super) const RECORDINGS: &[&str] = &["runpod_gpuTypes", "runpod_lowestPrice"];

/// Value of `communityPrice` that was never set, in cents.
const PLACEHOLDER_CENTS: u64 = 50;

#[derive(Debug, Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    gpu_types: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GpuType {
    id: String,
    display_name: String,
    memory_in_gb: u32,
    secure_cloud: Option<bool>,
    community_cloud: Option<bool>,
    secure_price: Option<Decimal>,
    community_price: Option<Decimal>,
    max_gpu_count: Option<u32>,
    #[serde(default, deserialize_with = "asked")]
    lowest_price: Option<Option<Lowest>>,
}

/// Distinguishes “not requested” (`None`) from “requested and absent” (`Some(None)`).
fn asked<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Lowest>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lowest {
    uninterruptable_price: Option<Decimal>,
    stock_status: Option<String>,
}

impl GpuType {
    /// Combines two answers about the same card: the stock of one and the prices of the other may
    /// have been requested separately.
    fn with(self, other: Self) -> Self {
        Self {
            secure_cloud: other.secure_cloud.or(self.secure_cloud),
            community_cloud: other.community_cloud.or(self.community_cloud),
            secure_price: other.secure_price.or(self.secure_price),
            community_price: other.community_price.or(self.community_price),
            max_gpu_count: other.max_gpu_count.or(self.max_gpu_count),
            lowest_price: other.lowest_price.or(self.lowest_price),
            ..other
        }
    }

    /// Returns the cheapest price that is not a bid, if an answer states no other.
    fn lowest(&self) -> Option<Decimal> {
        let unpriced = self.secure_price.is_none() && self.community_price.is_none();
        let lowest = self.lowest_price.as_ref().filter(|_| unpriced);
        lowest?.as_ref()?.uninterruptable_price
    }

    /// Derives availability: a null price or no stock status means that none is available.
    fn availability(&self) -> Availability {
        match &self.lowest_price {
            None => Availability::Unknown,
            Some(Some(Lowest {
                uninterruptable_price: Some(_),
                stock_status: Some(_),
            })) => Availability::Some,
            Some(_) => Availability::None,
        }
    }
}

/// Parses the types of cards.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    let mut types: BTreeMap<String, GpuType> = BTreeMap::new();
    for text in payload.present() {
        let answer: Answer = json(text)?;
        for value in &answer.data.gpu_types {
            if let Some(kind) = row::<GpuType>(Venue::RunPod, value, "id", &mut parsed) {
                let id = kind.id.clone();
                let kind = match types.remove(&id) {
                    Some(known) => known.with(kind),
                    None => kind,
                };
                types.insert(id, kind);
            }
        }
    }
    for kind in types.values() {
        let is_placeholder = |price: Decimal| price == Decimal::cents(PLACEHOLDER_CENTS);
        let is_there =
            kind.community_cloud == Some(true) && kind.availability() == Availability::Some;
        // In the recordings both clouds have the placeholder.
        let secure = kind
            .secure_price
            .filter(|_| kind.secure_cloud != Some(false));
        let secure =
            secure.filter(|price| !is_placeholder(*price) || kind.secure_cloud == Some(true));
        let community = kind
            .community_price
            .filter(|_| kind.community_cloud != Some(false));
        let community = community.filter(|price| !is_placeholder(*price) || is_there);
        let prices = [
            ("secure", secure),
            ("community", community),
            ("lowest", kind.lowest()),
        ];
        for (cloud, price) in prices {
            if let Some(price) = price.filter(|price| *price != Decimal::ZERO) {
                parsed.listings.push(listing(kind, cloud, price, payload));
            }
        }
    }
    parsed.not_empty()
}

fn listing(kind: &GpuType, cloud: &str, price: Decimal, payload: &Payload) -> Listing {
    let shape = format!("{} ({cloud})", kind.id);
    Listing {
        gpu_hint: Some(kind.display_name.clone()),
        vram: Some(kind.memory_in_gb)
            .filter(|gib| *gib > 0)
            .map(VramMib::gib),
        most_cards: kind.max_gpu_count,
        availability: kind.availability(),
        observed_at: payload.at,
        link: Some(format!(
            "https://console.runpod.io/deploy?gpu={}",
            escaped(&kind.display_name)
        )),
        ..Listing::new(
            Venue::RunPod,
            &shape,
            &kind.id,
            ListedPrice::PerCardHour(price),
        )
    }
}
