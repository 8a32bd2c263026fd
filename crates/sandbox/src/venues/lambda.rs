//! Lambda: instance types by name, in cents, with the regions that have capacity.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::state::Shared;

/// Name without the number of cards, card, cents per card, processors and GiB per card, card
/// counts, architecture.
type Kind = (
    &'static str,
    &'static str,
    u64,
    u64,
    u64,
    &'static [u64],
    &'static str,
);

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    ("h100_sxm5", "H100 (80 GB SXM5)", 409, 26, 225, &[1, 2, 4, 8], "x86_64"),
    ("h100_pcie", "H100 (80 GB PCIe)", 319, 26, 200, &[1], "x86_64"),
    ("b200_sxm6", "B200 (180 GB SXM6)", 519, 26, 360, &[1, 8], "x86_64"),
    ("gh200", "GH200 (96 GB)", 219, 64, 432, &[1], "arm64"),
    ("a100_sxm4", "A100 (40 GB SXM4)", 149, 30, 220, &[1, 8], "x86_64"),
    ("a100_80gb_sxm4", "A100 (80 GB SXM4)", 269, 30, 225, &[8], "x86_64"),
    ("a10", "A10 (24 GB PCIe)", 89, 30, 226, &[1], "x86_64"),
    ("a6000", "A6000 (48 GB)", 92, 14, 100, &[1, 2, 4], "x86_64"),
];

const REGIONS: [(&str, &str); 5] = [
    ("us-west-1", "California, USA"),
    ("us-east-1", "Virginia, USA"),
    ("us-south-1", "Texas, USA"),
    ("europe-central-1", "Germany"),
    ("asia-northeast-1", "Japan"),
];

/// `GET /api/v1/instance-types`; a key is required, but any is accepted.
pub(super) async fn instance_types(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if !headers.contains_key("authorization") {
        let error = json!({ "error": { "code": "global/invalid-api-key", "message": "API key was invalid, expired, or deleted." } });
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let tide = super::tide(&shared);
    let hour = (tide.at_ms() / 3_600_000).to_string();
    let mut types = Map::new();
    for (family, card, cents, vcpus, memory, sizes, architecture) in KINDS {
        for cards in *sizes {
            let name = format!("gpu_{cards}x_{family}");
            let mut dice = tide.dice(&["lambda", &name, &hour]);
            let regions: Vec<Value> = REGIONS
                .iter()
                .filter(|_| dice.chance(280))
                .map(|(name, description)| json!({ "name": name, "description": description }))
                .collect();
            types.insert(
                name.clone(),
                json!({
                    "instance_type": {
                        "name": name, "description": format!("{cards}x {card}"), "gpu_description": card,
                        "price_cents_per_hour": cents * cards, "architecture": architecture,
                        "specs": { "vcpus": vcpus * cards, "memory_gib": memory * cards, "storage_gib": 512 * cards, "gpus": cards },
                    },
                    "regions_with_capacity_available": regions,
                }),
            );
        }
    }
    Json(json!({ "data": types })).into_response()
}
