//! Public facts about the market: providers, regions, capacity, the chain.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::{BLOCK_MS, Moment, iso_date};
use crate::offer::InUse;
use crate::providers::{AUDITOR, Provider};
use crate::refusal::Refusal;
use crate::render;
use crate::state::Shared;
use crate::world::World;

const HOUR_MS: u64 = 3_600_000;

/// Query of `GET /v1/providers`: the providers that are read, all if absent.
#[derive(Debug, Deserialize)]
pub(crate) struct ProvidersQuery {
    addresses: Option<String>,
}

/// `GET /v1/providers`
pub(crate) async fn providers(
    State(shared): State<Shared>,
    Query(query): Query<ProvidersQuery>,
) -> Result<impl IntoResponse, Refusal> {
    let wanted: Option<Vec<&str>> = query
        .addresses
        .as_deref()
        .map(|list| list.split(',').collect());
    if wanted.as_ref().is_some_and(|list| list.len() > 20) {
        return Err(Refusal::field(&["addresses"], "At most 20 addresses"));
    }
    Ok(shared.look(|world, now| {
        let list: Vec<Value> = world
            .providers()
            .iter()
            .filter(|p| {
                wanted
                    .as_ref()
                    .is_none_or(|w| w.contains(&p.address.as_str()))
            })
            .map(|provider| provider_record(world, provider, now))
            .collect();
        axum::Json(json!(list))
    }))
}

/// `GET /v1/providers/{address}`: “not found” is plain text.
pub(super) async fn provider(
    State(shared): State<Shared>,
    Path(address): Path<String>,
) -> Response {
    let record = shared.look(|world, now| {
        world.provider(&address).map(|provider| {
            let mut record = provider_record(world, provider, now);
            record["uptime"] = checks(world, provider, now);
            // The detail route returns these lists empty where the list route returns null.
            for key in [
                "hardwareGpuModels",
                "hardwareDisk",
                "featPersistentStorageType",
                "workloadSupportChiaCapabilities",
            ] {
                if record[key].is_null() {
                    record[key] = json!([]);
                }
            }
            record
        })
    });
    match record {
        Some(record) => axum::Json(record).into_response(),
        None => (StatusCode::NOT_FOUND, "Provider not found.").into_response(),
    }
}

fn provider_record(world: &World, provider: &Provider, now: Moment) -> Value {
    let online = world.is_called_online(provider);
    let in_use = world.in_use(&provider.address);
    let or_null = |text: &str| if online { json!(text) } else { Value::Null };
    let audited_by = if provider.audited {
        json!([AUDITOR])
    } else {
        json!([])
    };
    let attributes: Vec<Value> = provider
        .attributes()
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value, "auditedBy": audited_by }))
        .collect();
    let gpus: Vec<Value> = provider
        .gpus
        .iter()
        .map(|gpu| json!({ "vendor": gpu.vendor, "model": gpu.model, "ram": gpu.ram, "interface": gpu.interface }))
        .collect();
    let classes: Vec<&str> = provider
        .persistent
        .iter()
        .map(|(class, _)| *class)
        .collect();
    let models: Vec<&str> = provider.gpus.iter().map(|gpu| gpu.display_name).collect();
    let vendor = (!models.is_empty()).then_some("nvidia");
    json!({
        "owner": provider.address,
        "name": or_null(provider.name),
        "hostUri": provider.host_uri(),
        "createdHeight": 12_000_000,
        "email": null,
        "website": null,
        "lastCheckDate": iso_date(now.console_ms),
        "deploymentCount": in_use.leases,
        "leaseCount": in_use.leases,
        "cosmosSdkVersion": "v0.53.4",
        "akashVersion": "v2.1.0",
        "ipRegion": provider.city, "ipRegionCode": null,
        "ipCountry": provider.country_name, "ipCountryCode": provider.country,
        "ipLat": provider.latitude, "ipLon": provider.longitude,
        "uptime1d": share(provider.uptime), "uptime7d": share(provider.uptime),
        "uptime30d": share(provider.uptime),
        "isValidVersion": true, "isOnline": online,
        "lastOnlineDate": if online { json!(iso_date(now.console_ms)) } else { json!(iso_date(now.date_ms(0))) },
        "isAudited": provider.audited,
        "gpuModels": gpus,
        "attributes": attributes,
        "stats": stats(provider, &in_use),
        "host": "akash", "organization": provider.organization, "statusPage": null,
        "locationRegion": provider.region, "country": provider.country, "city": provider.city,
        "timezone": provider.timezone, "locationType": "datacenter", "hostingProvider": null,
        "hardwareCpu": null, "hardwareCpuArch": "x86-64", "hardwareGpuVendor": vendor,
        "hardwareGpuModels": models, "hardwareDisk": null,
        "featPersistentStorage": !classes.is_empty(),
        "featPersistentStorageType": if classes.is_empty() { Value::Null } else { json!(classes) },
        "hardwareMemory": null, "networkProvider": null,
        "networkSpeedDown": 1_000, "networkSpeedUp": 1_000, "tier": "community",
        "featEndpointCustomDomain": true, "workloadSupportChia": false,
        "workloadSupportChiaCapabilities": null, "featEndpointIp": provider.leases_ips,
    })
}

/// Converts ten-thousandths to a fraction, as sent by the Console.
fn share(ten_thousandths: u64) -> Value {
    crate::amount::usd(u128::from(ten_thousandths) * 100)
}

fn pool(total: u64, active: u64) -> Value {
    json!({ "active": active, "pending": 0, "available": total.saturating_sub(active), "total": total })
}

fn stats(provider: &Provider, in_use: &InUse) -> Value {
    let gpus: u64 = provider.gpus.iter().map(|gpu| gpu.count).sum();
    let persistent: u64 = provider.persistent.iter().map(|(_, bytes)| bytes).sum();
    json!({
        "cpu": pool(provider.cpu_milli, in_use.cpu_milli),
        "gpu": pool(gpus, in_use.gpus),
        "memory": pool(provider.memory_bytes, in_use.memory_bytes),
        "storage": {
            "ephemeral": pool(provider.ephemeral_bytes, in_use.ephemeral_bytes),
            "persistent": pool(persistent, in_use.persistent_bytes),
        },
    })
}

/// Returns hourly checks of the last day; a flaky provider missed every fifth.
fn checks(world: &World, provider: &Provider, now: Moment) -> Value {
    let online = world.is_online(provider);
    let list: Vec<Value> = (0..24_u64)
        .map(|hour| {
            let missed = !online || (provider.flaky && hour % 5 == 3);
            json!({
                "id": format!("{}-{hour}", provider.name),
                "isOnline": !missed,
                "checkDate": iso_date(now.console_ms.saturating_sub(hour * HOUR_MS)),
            })
        })
        .collect();
    json!(list)
}

/// `GET /v1/provider-regions`
pub(super) async fn regions(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, _| {
        let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for provider in world.providers() {
            regions
                .entry(provider.region)
                .or_default()
                .push(&provider.address);
        }
        let list: Vec<Value> = regions
            .into_iter()
            .map(|(key, providers)| json!({ "key": key, "description": key, "providers": providers }))
            .collect();
        axum::Json(json!(list))
    })
}

/// `GET /v1/auditors`
pub(super) async fn auditors() -> impl IntoResponse {
    axum::Json(json!([{
        "id": "akash", "name": "Akash Network", "address": AUDITOR, "website": "https://akash.network",
    }]))
}

/// `GET /v1/network-capacity`
pub(super) async fn capacity(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, _| {
        let online: Vec<(&Provider, InUse)> = world
            .providers()
            .iter()
            .filter(|provider| world.is_online(provider))
            .map(|provider| (provider, world.in_use(&provider.address)))
            .collect();
        let sum = |total: fn(&Provider) -> u64, active: fn(&InUse) -> u64| {
            let totals = online.iter().map(|(provider, _)| total(provider)).sum();
            let actives = online.iter().map(|(_, in_use)| active(in_use)).sum();
            pool(totals, actives)
        };
        let persistent = |p: &Provider| p.persistent.iter().map(|(_, bytes)| bytes).sum::<u64>();
        axum::Json(json!({
            "activeProviderCount": online.len(),
            "resources": {
                "cpu": sum(|p| p.cpu_milli, |u| u.cpu_milli),
                "gpu": sum(|p| p.gpus.iter().map(|gpu| gpu.count).sum(), |u| u.gpus),
                "memory": sum(|p| p.memory_bytes, |u| u.memory_bytes),
                "storage": {
                    "ephemeral": sum(|p| p.ephemeral_bytes, |u| u.ephemeral_bytes),
                    "persistent": sum(persistent, |u| u.persistent_bytes),
                    "total": sum(
                        |p| p.ephemeral_bytes + p.persistent.iter().map(|(_, bytes)| bytes).sum::<u64>(),
                        |u| u.ephemeral_bytes + u.persistent_bytes,
                    ),
                },
            },
        }))
    })
}

/// Query of `GET /v1/gpu`: the GPUs that are counted, all if absent.
#[derive(Debug, Deserialize)]
pub(super) struct GpuQuery {
    vendor: Option<String>,
    model: Option<String>,
    memory_size: Option<String>,
    provider: Option<String>,
}

/// `GET /v1/gpu`
pub(super) async fn gpus(
    State(shared): State<Shared>,
    Query(query): Query<GpuQuery>,
) -> impl IntoResponse {
    let is = |wanted: &Option<String>, value: &str| {
        wanted
            .as_deref()
            .is_none_or(|text| text.eq_ignore_ascii_case(value))
    };
    shared.look(|world, _| {
        let mut kinds: BTreeMap<(&str, &str, &str, &str), u64> = BTreeMap::new();
        let mut allocated = 0;
        for provider in world.providers() {
            if !world.is_online(provider) || !is(&query.provider, &provider.address) {
                continue;
            }
            allocated += world.in_use(&provider.address).gpus;
            for gpu in &provider.gpus {
                if is(&query.vendor, gpu.vendor)
                    && is(&query.model, gpu.model)
                    && is(&query.memory_size, gpu.ram)
                {
                    let kind = (gpu.vendor, gpu.model, gpu.ram, gpu.interface);
                    *kinds.entry(kind).or_default() += gpu.count;
                }
            }
        }
        let total: u64 = kinds.values().sum();
        let mut details: Map<String, Value> = Map::new();
        for ((vendor, model, ram, interface), count) in kinds {
            let entry = json!({ "model": model, "ram": ram, "interface": interface,
                "allocatable": count, "allocated": 0 });
            if let Some(list) = details
                .entry(vendor)
                .or_insert_with(|| json!([]))
                .as_array_mut()
            {
                list.push(entry);
            }
        }
        axum::Json(json!({ "gpus": {
            "total": { "allocatable": total, "allocated": allocated.min(total) }, "details": details,
        } }))
    })
}

/// `GET /v1/market-data`: the price of a token that is not used for payment here.
pub(super) async fn market_data() -> impl IntoResponse {
    axum::Json(json!({
        "price": 0.61, "volume": 4_200_000, "marketCap": 173_000_000, "marketCapRank": 312,
        "priceChange24h": -0.01, "priceChangePercentage24": -1.6,
    }))
}

/// `GET /v1/blockchain-status`
pub(super) async fn chain_status(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, _| axum::Json(render::chain_status(world)))
}

/// `GET /v1/predicted-block-date/{height}`
pub(super) async fn date_of_height(
    State(shared): State<Shared>,
    Path(height): Path<u64>,
) -> impl IntoResponse {
    shared.look(|world, now| {
        let current = world.height(now);
        let ahead = height.saturating_sub(current).saturating_mul(BLOCK_MS);
        let behind = current.saturating_sub(height).saturating_mul(BLOCK_MS);
        let date = now.console_ms.saturating_add(ahead).saturating_sub(behind);
        axum::Json(
            json!({ "predictedDate": iso_date(date), "height": height, "blockWindow": 10_000 }),
        )
    })
}

/// `GET /v1/predicted-date-height/{timestamp}`, seconds since 1970.
pub(super) async fn height_of_date(
    State(shared): State<Shared>,
    Path(timestamp): Path<u64>,
) -> impl IntoResponse {
    shared.look(|world, now| {
        let (then, present) = (timestamp.saturating_mul(1000), now.console_ms);
        let height = world
            .height(now)
            .saturating_add(then.saturating_sub(present) / BLOCK_MS)
            .saturating_sub(present.saturating_sub(then) / BLOCK_MS);
        axum::Json(
            json!({ "predictedHeight": height, "date": iso_date(then), "blockWindow": 10_000 }),
        )
    })
}
