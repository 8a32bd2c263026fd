//! Sellers who list themselves on Necto's register: the descriptions of their hardware, published
//! under their SHA-256. Requesting the listing on chain is up to the sellers; see `/__sim/sellers`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::providers::{Provider, providers};
use crate::state::Shared;

/// Providers that sell this way, with how many they sell of their first kind of card, and at what
/// fraction of their price on Akash, in thousandths.
const SELLERS: [(&str, u64, u64); 2] = [("mainkraft", 4, 940), ("sagebrush", 2, 970)];

/// A seller's offer.
struct Seller {
    account: String,
    description: String,
    micro_usd_per_hour: u64,
}

fn sellers(seed: u64) -> Vec<Seller> {
    let all = providers(seed);
    let seller = |(name, cards, permille): &(&str, u64, u64)| {
        let provider = all.iter().find(|provider| provider.name == *name)?;
        seller(provider, *cards, *permille)
    };
    SELLERS.iter().filter_map(seller).collect()
}

fn seller(provider: &Provider, cards: u64, permille: u64) -> Option<Seller> {
    let gpu = provider.gpus.first()?;
    let own = u128::from(gpu.hourly_micro_usd) * u128::from(provider.price_permille);
    let hourly = own * u128::from(permille) * u128::from(cards) / 1_000_000;
    let gib: u64 = gpu.ram.trim_end_matches("Gi").parse().ok()?;
    let description = json!({
        "version": 1,
        "network": "akash",
        "name": format!("{cards} × {} by {}", gpu.display_name, provider.organization),
        "gpu": {
            "model": format!("{} {}", gpu.display_name, gpu.interface),
            "count": cards,
            "vram_gib": gib,
        },
        "vcpu": cards * 12,
        "memory_gib": cards * 64,
        "region": provider.region,
    });
    Some(Seller {
        account: provider.address.clone(),
        description: description.to_string(),
        // Whole cents: hardware is not listed at fractions of a cent.
        micro_usd_per_hour: u64::try_from(hourly / 10_000 * 10_000).ok()?,
    })
}

fn seed(shared: &Shared) -> u64 {
    shared.look(|world, _| world.seed)
}

/// `GET /__sim/sellers`: each seller's entry for the register.
pub(crate) async fn told(State(shared): State<Shared>) -> Json<Value> {
    let sellers = sellers(seed(&shared)).into_iter().map(|seller| {
        let cents = seller.micro_usd_per_hour / 10_000;
        json!({
            "account": seller.account,
            "description": seller.description,
            "usd_per_hour": format!("{}.{:02}", cents / 100, cents % 100),
        })
    });
    Json(sellers.collect())
}

/// `GET /listings/{sha256}.json`
pub(super) async fn description(
    State(shared): State<Shared>,
    Path(file): Path<String>,
) -> Response {
    let named = |seller: &Seller| {
        file == format!("{}.json", hex::encode(Sha256::digest(&seller.description)))
    };
    match sellers(seed(&shared)).into_iter().find(named) {
        Some(seller) => (
            [(header::CONTENT_TYPE, "application/json")],
            seller.description,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
