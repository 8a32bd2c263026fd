//! Vast.ai: machines of many hosts, at most 64 per answer, cheapest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::amount::usd;
use crate::state::Shared;

/// Card, MiB per card, cents per hour and card, hosts that have it.
type Kind = (&'static str, u64, u64, u64);

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    ("H100 SXM", 81_559, 198, 9), ("H100 PCIE", 81_559, 175, 5), ("H100 NVL", 95_830, 189, 6),
    ("H200", 143_771, 249, 6), ("B200", 183_359, 379, 3),
    ("A100 SXM4", 81_920, 79, 8), ("A100 PCIE", 40_960, 59, 4), ("L40S", 46_068, 58, 7),
    ("L40", 46_068, 54, 3), ("A40", 46_068, 34, 4), ("RTX A6000", 49_140, 39, 7),
    ("RTX 6000Ada", 49_140, 51, 6),
    ("RTX 5090", 32_607, 41, 18), ("RTX 4090", 24_564, 29, 24), ("RTX 3090", 24_576, 14, 16),
];

const PLACES: [&str; 9] = [
    "Sweden, SE",
    "Texas, US",
    "California, US",
    "Virginia, US",
    "Iceland, IS",
    "Bulgaria, BG",
    "Japan, JP",
    "Quebec, CA",
    "Australia, AU",
];

/// Maximum number of rows in an answer.
const MAX_ROWS: usize = 64;

/// `POST /api/v0/bundles/`: the bare query, not wrapped in `q`.
pub(super) async fn bundles(State(shared): State<Shared>, Json(query): Json<Value>) -> Response {
    if query.get("q").is_some() {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_args" })),
        )
            .into_response();
    }
    let wanted = query["gpu_name"]["in"].as_array();
    let is_wanted = |name: &str| wanted.is_none_or(|list| list.iter().any(|known| known == name));
    let tide = super::tide(&shared);
    let mut rows: Vec<(u64, Value)> = Vec::new();
    for (kind, (name, mib, cents, hosts)) in (1_u64..).zip(KINDS) {
        if !is_wanted(name) {
            continue;
        }
        for host in 1..=*hosts {
            let mut dice = tide.dice(&["vast", name, &host.to_string()]);
            let cards = *dice.pick(&[1, 1, 2, 4, 8]);
            let usual = cents * 10_000 * dice.between(900, 1_600) / 1000;
            let total = tide.price(&format!("vast {name} {host}"), usual * cards, 50);
            let reliability = dice.between(930_000, 999_900);
            rows.push((total, json!({
                "id": 20_000_000 + kind * 1000 + host, "machine_id": 30_000 + kind * 100 + host,
                "gpu_name": name, "gpu_ram": mib, "num_gpus": cards,
                "dph_total": usd(u128::from(total)), "dph_base": usd(u128::from(total * 97 / 100)),
                "storage_cost": 0.15, "min_bid": usd(u128::from(total * 6 / 10)),
                "reliability2": usd(u128::from(reliability)), "verification": "verified", "rentable": true,
                "geolocation": dice.pick(&PLACES), "inet_down": dice.between(400, 8_000),
                "cpu_cores_effective": 12 * cards, "cpu_ram": 96_000 * cards,
            })));
        }
    }
    rows.sort_by_key(|(total, _)| *total);
    let offers: Vec<Value> = rows
        .into_iter()
        .map(|(_, row)| row)
        .take(MAX_ROWS)
        .collect();
    Json(json!({ "offers": offers })).into_response()
}
