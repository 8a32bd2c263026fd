//! Prices and screening, from the same providers and the same arithmetic as bids.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::amount::usd;
use crate::clock::iso_date;
use crate::group::{Group, Requirements, Unit};
use crate::offer;
use crate::providers::{Gpu, Provider};
use crate::refusal::Refusal;
use crate::state::Shared;
use crate::venues::{Stand, best_bids};
use crate::world::World;

use super::body::parse;

/// Maximum size of a screening request.
const MAX_SCREENING_BYTES: usize = 64 * 1024;
/// Maximum length of a list in `POST /v1/pricing`.
const MAX_SPECS: usize = 10;

/// `GET /v1/gpu-models`
pub(super) async fn gpu_models(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, _| {
        let mut models: BTreeMap<&str, (&str, Vec<&str>, Vec<String>)> = BTreeMap::new();
        for gpu in world.providers().iter().flat_map(|p| &p.gpus) {
            let entry = models
                .entry(gpu.model)
                .or_insert((gpu.display_name, Vec::new(), Vec::new()));
            if !entry.1.contains(&gpu.ram) {
                entry.1.push(gpu.ram);
            }
            let interface = sdl_interface(gpu);
            if !entry.2.contains(&interface) {
                entry.2.push(interface);
            }
        }
        let list: Vec<Value> = models
            .into_iter()
            .map(|(name, (display_name, memory, interface))| {
                json!({ "name": name, "displayName": display_name, "memory": memory, "interface": interface })
            })
            .collect();
        axum::Json(json!([{ "name": "nvidia", "displayName": "NVIDIA", "models": list }]))
    })
}

/// Returns the interface's name in an SDL.
fn sdl_interface(gpu: &Gpu) -> String {
    if gpu.interface.starts_with("SXM") {
        "sxm".to_owned()
    } else {
        gpu.interface.to_lowercase()
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct PricesQuery {
    #[serde(default)]
    debug: bool,
}

/// `GET /v1/gpu-prices`, in dollars per GPU and hour; `debug=true` adds the underlying bids.
pub(crate) async fn gpu_prices(
    State(shared): State<Shared>,
    Query(query): Query<PricesQuery>,
) -> impl IntoResponse {
    shared.look(|world, now| {
        let mut kinds: BTreeMap<(&str, &str, &str), Vec<Stand<'_>>> = BTreeMap::new();
        for provider in world.providers() {
            if !provider.audited || !world.is_online(provider) {
                continue;
            }
            // Leases do not record which kind of GPU they use: the first kinds count as in use.
            let mut taken = world.in_use(&provider.address).gpus;
            for gpu in &provider.gpus {
                let busy = taken.min(gpu.count);
                taken -= busy;
                kinds
                    .entry((gpu.model, gpu.ram, gpu.interface))
                    .or_default()
                    .push(Stand {
                        provider,
                        gpu,
                        available: gpu.count - busy,
                        hourly_micro_usd: hourly(provider, gpu),
                    });
            }
        }
        let listed = || kinds.values().flatten();
        let total: u64 = listed().map(|entry| entry.gpu.count).sum();
        let available: u64 = listed().map(|entry| entry.available).sum();
        let models: Vec<Value> = kinds
            .values()
            .map(|entries| {
                let mut model = gpu_price(entries);
                if query.debug {
                    model["bidCount"] = json!(entries.len());
                    model["providersWithBestBid"] = json!(best_bids(world, now, entries));
                }
                model
            })
            .collect();
        axum::Json(json!({
            "availability": { "total": total, "available": available },
            "models": models,
        }))
    })
}

fn hourly(provider: &Provider, gpu: &Gpu) -> u128 {
    u128::from(gpu.hourly_micro_usd) * u128::from(provider.price_permille) / 1000
}

fn gpu_price(entries: &[Stand<'_>]) -> Value {
    let gpu = entries[0].gpu;
    let mut prices: Vec<u128> = entries.iter().map(|entry| entry.hourly_micro_usd).collect();
    prices.sort_unstable();
    let count = prices.len();
    let total: u64 = entries.iter().map(|entry| entry.gpu.count).sum();
    let available: u64 = entries.iter().map(|entry| entry.available).sum();
    let weighted: u128 = entries
        .iter()
        .map(|entry| entry.hourly_micro_usd * u128::from(entry.gpu.count))
        .sum();
    json!({
        "vendor": gpu.vendor, "model": gpu.model, "ram": gpu.ram, "interface": gpu.interface,
        "availability": { "total": total, "available": available },
        "providerAvailability": {
            "total": count,
            "available": entries.iter().filter(|entry| entry.available > 0).count(),
        },
        "price": {
            "currency": "USD",
            "min": usd(prices[0]),
            "max": usd(prices[count - 1]),
            "avg": usd(prices.iter().sum::<u128>() / count as u128),
            "weightedAverage": usd(weighted / u128::from(total)),
            "med": usd(median(&prices)),
        },
    })
}

fn median(sorted: &[u128]) -> u128 {
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        (sorted[middle - 1] + sorted[middle]) / 2
    } else {
        sorted[middle]
    }
}

/// Resources to be priced.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Spec {
    cpu: u64,
    memory: u64,
    storage: u64,
}

/// `POST /v1/pricing`, dollars per month: a list is answered with a list.
pub(super) async fn pricing(
    State(shared): State<Shared>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let body = parse(&body)?;
    let wrong = |_| Refusal::field(&[], "Expected cpu, memory and storage");
    let factor = shared.look(|world, _| median_permille(world));
    if body.is_array() {
        let specs: Vec<Spec> = serde_json::from_value(body).map_err(wrong)?;
        if specs.len() > MAX_SPECS {
            return Err(Refusal::field(&[], "Expected at most 10 specs"));
        }
        let list: Vec<Value> = specs.into_iter().map(|spec| priced(spec, factor)).collect();
        return Ok(axum::Json(json!(list)));
    }
    let spec = serde_json::from_value(body).map_err(wrong)?;
    Ok(axum::Json(priced(spec, factor)))
}

/// Returns the price factor of the median provider among those that bid on Console deployments.
fn median_permille(world: &World) -> u128 {
    let mut factors: Vec<u128> = world
        .providers()
        .iter()
        .filter(|provider| provider.audited && world.is_online(provider))
        .map(|provider| u128::from(provider.price_permille))
        .collect();
    factors.sort_unstable();
    if factors.is_empty() {
        1_000
    } else {
        median(&factors)
    }
}

fn priced(spec: Spec, permille: u128) -> Value {
    let base = offer::basic_monthly_micro_usd(spec.cpu, spec.memory, spec.storage);
    // Prices of the large clouds for the same, by rule of thumb.
    let times = |factor: u128| usd(base * factor / 10);
    json!({
        "spec": { "cpu": spec.cpu, "memory": spec.memory, "storage": spec.storage },
        "akash": usd(base * permille / 1000),
        "aws": times(62), "gcp": times(58), "azure": times(66),
    })
}

#[derive(Debug, Deserialize)]
struct ScreeningBody {
    #[serde(default)]
    requirements: Requirements,
    resources: Vec<Unit>,
    timezone: Option<String>,
}

/// `POST /v1/bid-screening`: which providers could host a group.
pub(super) async fn screening(State(shared): State<Shared>, body: Bytes) -> Response {
    let body = match screening_body(&body) {
        Ok(body) => body,
        Err(message) => {
            let body = json!({ "error": "Bad Request", "message": message });
            return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
        }
    };
    let group = Group {
        name: String::new(),
        requirements: body.requirements,
        resources: body.resources,
    };
    let found = shared.look(|world, now| {
        let list: Vec<Value> = world
            .providers()
            .iter()
            .filter(|provider| {
                world.is_online(provider)
                    && offer::fits(provider, &world.in_use(&provider.address), &group)
            })
            .map(|provider| {
                let incidents = if provider.flaky {
                    json!([{ "date": iso_date(now.console_ms)[..10], "hasOpenIncident": false,
                        "incidentCount": 4, "downtimeSeconds": 5_960 }])
                } else {
                    json!([])
                };
                json!({
                    "owner": provider.address, "hostUri": provider.host_uri(),
                    "isAudited": provider.audited, "createdAt": "2025-03-04T09:00:00.000Z",
                    "location": provider.region, "organization": provider.organization,
                    "incidents": incidents,
                })
            })
            .collect();
        json!({ "providers": list })
    });
    axum::Json(found).into_response()
}

fn screening_body(bytes: &Bytes) -> Result<ScreeningBody, String> {
    if bytes.len() > MAX_SCREENING_BYTES {
        return Err("request body is too large".to_owned());
    }
    let body: Value =
        serde_json::from_slice(bytes).map_err(|_| "request body is not JSON".to_owned())?;
    let whole_prices = body["resources"].as_array().is_some_and(|units| {
        units.iter().all(|unit| {
            unit["price"]["amount"]
                .as_str()
                .is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
        })
    });
    if !whole_prices {
        return Err("resources: price.amount must be an unsigned integer".to_owned());
    }
    let body: ScreeningBody = serde_json::from_value(body).map_err(|error| error.to_string())?;
    match body.timezone.as_deref() {
        Some(zone) if zone.contains('/') || zone == "UTC" => Ok(body),
        _ => Err("timezone: must be an IANA time zone".to_owned()),
    }
}
