//! Nosana: markets priced in dollars and paid in NOS.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::feeds;
use crate::amount::usd;
use crate::state::Shared;

/// Name, kind, possible cards, GiB of the smallest, price of the market in hundredths of a cent per
/// hour.
type Market = (&'static str, &'static str, &'static str, u32, u64);

#[rustfmt::skip]
const MARKETS: &[Market] = &[
    ("NVIDIA 3060 Community", "COMMUNITY", "NVIDIA GeForce RTX 3060", 12, 432),
    ("NVIDIA 3080 Community", "COMMUNITY", "NVIDIA GeForce RTX 3080", 10, 864),
    ("NVIDIA 3090 Community", "COMMUNITY", "NVIDIA GeForce RTX 3090", 24, 1_536),
    ("NVIDIA 4070 Community", "COMMUNITY", "NVIDIA GeForce RTX 4070", 12, 1_090),
    ("NVIDIA 4080 Community", "COMMUNITY", "NVIDIA GeForce RTX 4080", 16, 1_472),
    ("NVIDIA 4090 Community", "COMMUNITY", "NVIDIA GeForce RTX 4090", 24, 2_191),
    ("NVIDIA 5090", "PREMIUM", "NVIDIA GeForce RTX 5090", 32, 3_636),
    ("NVIDIA RTX A6000", "PREMIUM", "NVIDIA RTX A6000", 48, 3_945),
    ("NVIDIA L40S", "PREMIUM", "NVIDIA L40S", 48, 7_545),
    ("NVIDIA A100 80GB", "PREMIUM", "NVIDIA A100-SXM4-80GB", 80, 9_000),
    ("NVIDIA H100", "PREMIUM", "NVIDIA H100 80GB HBM3", 80, 13_636),
    ("8xH100", "OTHER", "NVIDIA H100 80GB HBM3", 80, 165_450),
];

/// The network's fee on top of a host's reward, in per cent.
const FEE_PERCENT: u64 = 10;

/// `GET /api/markets/`
pub(super) async fn markets(State(shared): State<Shared>) -> Json<Value> {
    let tide = super::tide(&shared);
    let nos = feeds::price(tide, "NOS");
    let list = MARKETS.iter().map(|(name, kind, card, vram, price)| {
        let slug = name.to_lowercase().replace(' ', "-");
        let reward = tide.price(&format!("nosana {slug}"), price * 100, 30);
        // NOS per second with eight decimals, fee included: the value on chain.
        let job = u128::from(reward) * u128::from(100 + FEE_PERCENT) * 1_000_000
            / (u128::from(nos) * 3_600);
        // Some premium markets are priced only in the token.
        let in_token_only = *name == "NVIDIA L40S";
        json!({
            "address": format!("{:x}", tide.dice(&["nosana", &slug]).next()), "slug": slug, "name": name, "type": kind,
            "usd_reward_per_hour": if in_token_only { Value::Null } else { usd(u128::from(reward)) },
            "nos_reward_per_second": scaled(job * 100 / u128::from(100 + FEE_PERCENT)),
            "nos_job_price_per_second": scaled(job),
            "network_fee_percentage": FEE_PERCENT, "gpu_types": [card], "lowest_vram": vram, "client": false,
        })
    });
    Json(json!(list.collect::<Vec<_>>()))
}

/// Returns a number with eight decimals.
fn scaled(hundred_millionths: u128) -> Value {
    let text = format!(
        "{}.{:08}",
        hundred_millionths / 100_000_000,
        hundred_millionths % 100_000_000
    );
    serde_json::from_str(&text).expect("digits with a point are a number")
}
