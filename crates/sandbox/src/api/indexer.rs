//! The Console's indexer, which needs no key: one deployment, and the history of an owner.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::amount::{DENOM, Uact};
use crate::clock::{height_at, iso_date};
use crate::group::{Group, Resource};
use crate::refusal::Refusal;
use crate::render::{self, Status};
use crate::state::Shared;
use crate::world::{Deployment, World};

use super::body::path_dseq;

/// Converts an amount per block to micro-dollars per month.
fn monthly(price: Uact) -> u64 {
    price.times(4_382_928).whole() / 10
}

/// `GET /v1/deployment/{owner}/{dseq}`: the deployment as seen by the indexer.
pub(super) async fn deployment(
    State(shared): State<Shared>,
    Path((owner, dseq)): Path<(String, String)>,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = path_dseq(&dseq)?;
    shared.look(|world, now| {
        let deployment = world.deployment(dseq)?;
        if owner != World::owner() {
            return Err(Refusal::not_found("Deployment not found"));
        }
        let detail = render::deployment(world, deployment, now, Status::Absent, &shared.origin);
        let groups: Vec<Value> = deployment
            .definition
            .groups
            .iter()
            .zip(1_u64..)
            .map(|(group, gseq)| group_record(deployment, group, gseq, &detail))
            .collect();
        let leases: Vec<Value> = indexed_leases(world, deployment);
        let height = world.height(now);
        Ok(axum::Json(json!({
            "owner": owner,
            "dseq": dseq.to_string(),
            "balance": deployment.live_funds(height).whole(),
            "denom": DENOM,
            "status": if deployment.is_active() { "active" } else { "closed" },
            "totalMonthlyCostUDenom": monthly(deployment.rate()),
            "leases": leases,
            "events": [{
                "txHash": hex::encode_upper(Sha256::digest(format!("create {dseq}"))),
                "date": iso_date(now.date_ms(deployment.created_ms)),
                "type": "/akash.deployment.v1beta4.MsgCreateDeployment",
            }],
            "other": {
                "deployment": detail["deployment"],
                "groups": groups,
                "escrow_account": detail["escrow_account"],
            },
        })))
    })
}

fn group_record(deployment: &Deployment, group: &Group, gseq: u64, detail: &Value) -> Value {
    let resources: Vec<Value> = group
        .resources
        .iter()
        .map(|unit| {
            let mut resource = unit.resource.offered(None);
            resource["id"] = json!(unit.resource.id);
            resource["gpu"]["attributes"] = json!(unit.resource.gpu.attributes);
            json!({ "resource": resource, "count": unit.count, "price": unit.price })
        })
        .collect();
    json!({
        "id": { "owner": World::owner(), "dseq": deployment.dseq.to_string(), "gseq": gseq },
        "state": if deployment.is_active() { "open" } else { "closed" },
        "group_spec": { "name": group.name, "requirements": group.requirements, "resources": resources },
        "created_at": detail["deployment"]["created_at"],
    })
}

fn indexed_leases(world: &World, deployment: &Deployment) -> Vec<Value> {
    let groups = deployment.definition.groups.iter();
    groups
        .zip(&deployment.orders)
        .zip(1_u64..)
        .filter_map(|((group, order), gseq)| {
            let lease = order.lease.as_ref()?;
            let provider = world.provider(&lease.provider).map(|provider| {
                let attributes: Vec<Value> = provider
                    .attributes()
                    .iter()
                    .map(|(key, value)| json!({ "key": key, "value": value }))
                    .collect();
                json!({ "address": provider.address, "hostUri": provider.host_uri(),
                    "isDeleted": false, "attributes": attributes })
            });
            Some(json!({
                "gseq": gseq, "oseq": 1, "provider": provider, "status": lease.state(),
                "monthlyCostUDenom": monthly(lease.price),
                "cpuUnits": group.total(Resource::cpu_milli),
                "gpuUnits": group.total(Resource::gpus),
                "memoryQuantity": group.total(Resource::memory_bytes),
                "storageQuantity": group.total(Resource::ephemeral_bytes),
            }))
        })
        .collect()
}

/// Query parameters of the history.
#[derive(Debug, Deserialize)]
pub(super) struct HistoryQuery {
    status: Option<String>,
    #[serde(rename = "reverseSorting")]
    reverse_sorting: Option<bool>,
}

/// `GET /v1/addresses/{address}/deployments/{skip}/{limit}`: including closed ones.
pub(super) async fn history(
    State(shared): State<Shared>,
    Path((address, skip, limit)): Path<(String, usize, usize)>,
    Query(query): Query<HistoryQuery>,
) -> impl IntoResponse {
    shared.look(|world, _| {
        let mut wanted: Vec<&Deployment> = world
            .deployments
            .values()
            .filter(|_| address == World::owner())
            .filter(|deployment| match query.status.as_deref() {
                Some("active") => deployment.is_active(),
                Some("closed") => !deployment.is_active(),
                _ => true,
            })
            .collect();
        if query.reverse_sorting == Some(true) {
            wanted.reverse();
        }
        let count = wanted.len();
        let results: Vec<Value> = wanted
            .into_iter()
            .skip(skip)
            .take(limit.min(100))
            .map(|deployment| history_entry(world, deployment))
            .collect();
        axum::Json(json!({ "count": count, "results": results }))
    })
}

fn history_entry(world: &World, deployment: &Deployment) -> Value {
    let total = |part: fn(&Resource) -> u64| -> u64 {
        let groups = deployment.definition.groups.iter();
        groups.map(|group| group.total(part)).sum()
    };
    let dseq = deployment.dseq.to_string();
    let leases: Vec<Value> = deployment
        .orders
        .iter()
        .zip(1_u64..)
        .filter_map(|(order, gseq)| {
            let lease = order.lease.as_ref()?;
            let mut entry = json!({
                "id": format!("{dseq}-{gseq}-1"), "owner": World::owner(), "dseq": dseq,
                "gseq": gseq, "oseq": 1, "state": lease.state(), "price": lease.price.coin(),
            });
            if let Some(provider) = world.provider(&lease.provider) {
                entry["provider"] =
                    json!({ "address": provider.address, "hostUri": provider.host_uri() });
            }
            Some(entry)
        })
        .collect();
    json!({
        "owner": World::owner(),
        "dseq": dseq,
        "status": if deployment.is_active() { "active" } else { "closed" },
        "createdHeight": height_at(deployment.created_ms),
        "cpuUnits": total(Resource::cpu_milli),
        "gpuUnits": total(Resource::gpus),
        "memoryQuantity": total(Resource::memory_bytes),
        "storageQuantity": total(Resource::ephemeral_bytes),
        "leases": leases,
    })
}
