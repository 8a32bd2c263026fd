//! RunPod: types of cards over GraphQL, with the placeholders and slices of the real list.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::amount::usd;
use crate::state::Shared;

/// Id, name, GB, secure and community cents (0 is not offered), maximum number of cards, stock.
type Kind = (
    &'static str,
    &'static str,
    u32,
    u64,
    u64,
    u32,
    Option<&'static str>,
);

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    ("NVIDIA B200", "B200", 180, 549, 0, 8, Some("Low")),
    ("NVIDIA H200", "H200 SXM", 141, 379, 0, 8, Some("High")),
    ("NVIDIA H200 NVL", "H200 NVL", 143, 339, 50, 8, None),
    ("NVIDIA H100 80GB HBM3", "H100 SXM", 80, 299, 269, 8, Some("High")),
    ("NVIDIA H100 PCIe", "H100 PCIe", 80, 239, 199, 8, Some("Medium")),
    ("NVIDIA H100 NVL", "H100 NVL", 94, 279, 259, 8, Some("Low")),
    ("NVIDIA A100-SXM4-80GB", "A100 SXM", 80, 149, 139, 8, Some("High")),
    ("NVIDIA A100 80GB PCIe", "A100 PCIe", 80, 144, 119, 8, Some("High")),
    ("NVIDIA A100-SXM4-40GB", "A100 SXM 40GB", 40, 0, 100, 8, None),
    ("NVIDIA L40S", "L40S", 48, 86, 79, 8, Some("High")),
    ("NVIDIA L40", "L40", 48, 99, 69, 8, Some("Low")),
    ("NVIDIA L4", "L4", 24, 43, 0, 8, Some("Medium")),
    ("NVIDIA A40", "A40", 48, 40, 35, 8, Some("High")),
    ("NVIDIA RTX A6000", "RTX A6000", 48, 49, 33, 8, Some("High")),
    ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada", 48, 77, 74, 8, Some("High")),
    ("NVIDIA RTX A5000", "RTX A5000", 24, 27, 16, 8, Some("Medium")),
    ("NVIDIA GeForce RTX 5090", "RTX 5090", 32, 94, 69, 8, Some("High")),
    ("NVIDIA GeForce RTX 4090", "RTX 4090", 24, 69, 34, 8, Some("High")),
    ("NVIDIA GeForce RTX 3090", "RTX 3090", 24, 46, 22, 8, Some("Medium")),
    ("AMD Instinct MI300X OAM", "MI300X", 192, 199, 50, 8, None),
    ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000", 96, 184, 0, 8, Some("Medium")),
    ("NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb", "PRO 6000 MIG 24GB", 24, 49, 0, 4, Some("Low")),
];

/// `POST /graphql`
pub(super) async fn graphql(
    State(shared): State<Shared>,
    Json(question): Json<Value>,
) -> Json<Value> {
    let asks = question["query"]
        .as_str()
        .is_some_and(|query| query.contains("gpuTypes"));
    if !asks {
        let message = "Cannot query field on type \"Query\".";
        return Json(json!({ "errors": [{ "message": message }] }));
    }
    let tide = super::tide(&shared);
    let types = KINDS
        .iter()
        .map(|(id, name, gb, secure, community, most, stock)| {
            let micros = |cents: u64| u128::from(cents) * 10_000;
            let least = [*secure, *community]
                .into_iter()
                .filter(|cents| *cents > 0)
                .min();
            let stock = stock.filter(|_| !tide.dice(&["runpod", id, &hour(tide)]).chance(80));
            json!({
                "id": id, "displayName": name, "memoryInGb": gb,
                "secureCloud": *secure > 0, "communityCloud": *community > 0 && *community != 50,
                "securePrice": usd(micros(*secure)), "communityPrice": usd(micros(*community)),
                "maxGpuCount": most,
                "lowestPrice": {
                    "uninterruptablePrice": stock.and(least).map(|cents| usd(micros(cents))),
                    "minimumBidPrice": stock.and(least).map(|cents| usd(micros(cents))),
                    "stockStatus": stock,
                },
            })
        });
    Json(json!({ "data": { "gpuTypes": types.collect::<Vec<_>>() } }))
}

/// Returns the hour, since stock changes every hour.
fn hour(tide: super::Tide) -> String {
    (tide.at_ms() / 3_600_000).to_string()
}
