//! Renders the world as the Console's JSON.

use serde_json::{Value, json};

use crate::clock::{Moment, height_at};
use crate::fault::Fault;
use crate::workload::Workload;
use crate::world::{Bid, Deployment, Escrow, Profile, World};

/// Whether leases carry their providers' reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Queried from the providers.
    Asked,
    /// Present but null, as if no provider had answered.
    Null,
    /// The field is missing, as in lists.
    Absent,
}

/// Renders a deployment as `GET /v1/deployments/{dseq}` returns it.
pub(crate) fn deployment(
    world: &World,
    deployment: &Deployment,
    now: Moment,
    status: Status,
    origin: &str,
) -> Value {
    let dseq = deployment.dseq.to_string();
    let leases: Vec<Value> = (0..deployment.orders.len())
        .filter_map(|index| lease(world, deployment, index, now, status, origin))
        .collect();
    let mut body = json!({
        "deployment": {
            "id": { "owner": World::owner(), "dseq": dseq },
            "state": if deployment.is_active() { "active" } else { "closed" },
            "hash": deployment.declared(),
            "created_at": height_at(deployment.created_ms).to_string(),
            "reclamation": null,
        },
        "leases": leases,
        "escrow_account": {
            "id": { "scope": "deployment", "xid": format!("{}/{dseq}", World::owner()) },
            "state": escrow(&deployment.escrow),
        },
    });
    if world.profile == Profile::Latest {
        body["name"] = json!(deployment.name);
        body["consoleSettings"] = json!({
            "sdl": deployment.sdl,
            "manifestVersion": deployment.declared(),
        });
    }
    body
}

fn lease(
    world: &World,
    deployment: &Deployment,
    index: usize,
    now: Moment,
    status: Status,
    origin: &str,
) -> Option<Value> {
    let lease = deployment.orders[index].lease.as_ref()?;
    let mut body = json!({
        "id": {
            "owner": World::owner(), "dseq": deployment.dseq.to_string(), "gseq": index + 1,
            "oseq": 1, "provider": lease.provider, "bseq": 0,
        },
        "state": lease.state(),
        "price": lease.price.coin(),
        "created_at": height_at(lease.created_ms).to_string(),
        "closed_on": lease.closed_height().to_string(),
    });
    if let Some(end) = &lease.end {
        body["reason"] = json!(end.reason);
    }
    if let Some(started_ms) = lease.reclaimed_ms {
        body["reclamation"] = json!({
            "window": "86400s",
            "started_at": height_at(started_ms).to_string(),
            "deadline": height_at(started_ms + 86_400_000).to_string(),
            "reason": "hardware maintenance",
        });
    }
    match status {
        Status::Absent => {}
        Status::Null => body["status"] = Value::Null,
        Status::Asked => {
            let reported = Workload::of(world, deployment, index)
                .filter(|workload| world.answers(&workload.lease.provider))
                .map_or(Value::Null, |workload| workload.status(now.sim_ms, origin));
            body["status"] = reported;
        }
    }
    Some(body)
}

/// Renders the figures of the last settlement: as on the chain, they do not include amounts owed
/// since.
fn escrow(escrow: &Escrow) -> Value {
    let deposits: Vec<Value> = escrow
        .deposits
        .iter()
        .map(|(amount, height)| {
            json!({ "owner": World::funder(), "height": height.to_string(), "source": "grant", "balance": amount.coin() })
        })
        .collect();
    json!({
        "owner": World::owner(),
        "state": escrow.state,
        "transferred": [escrow.transferred.coin()],
        "settled_at": escrow.settled_height.to_string(),
        "funds": [escrow.funds.coin()],
        "deposits": deposits,
    })
}

/// Renders the bids on a deployment that meet its auditor requirement.
pub(crate) fn bids(deployment: &Deployment, now: Moment) -> Value {
    let list: Vec<Value> = deployment
        .arrived_bids(now)
        .map(|(index, offer)| bid(deployment, index, offer, now))
        .collect();
    json!(list)
}

fn bid(deployment: &Deployment, index: usize, bid: &Bid, now: Moment) -> Value {
    let dseq = deployment.dseq.to_string();
    let gseq = index + 1;
    let height = height_at(bid.arrives_ms).to_string();
    let resources: Vec<Value> = deployment.definition.groups[index]
        .resources
        .iter()
        .zip(&bid.gpu_keys)
        .map(|(unit, gpu_key)| {
            json!({ "resources": unit.resource.offered(gpu_key.as_deref()), "count": unit.count })
        })
        .collect();
    let mut body = json!({
        "id": { "owner": World::owner(), "dseq": dseq, "gseq": gseq, "oseq": 1, "provider": bid.provider, "bseq": 0 },
        "state": bid.state(deployment, now),
        "price": bid.price.coin(),
        "created_at": height,
        "resources_offer": resources,
    });
    if let Some(seconds) = bid.reclamation_seconds {
        body["reclamation_window"] = json!(format!("{seconds}s"));
    }
    json!({
        "bid": body,
        "escrow_account": {
            "id": { "scope": "bid", "xid": format!("{}/{dseq}/{gseq}/1/{}/0", World::owner(), bid.provider) },
            "state": {
                "owner": bid.provider, "state": "open", "transferred": [], "settled_at": height,
                "funds": [crate::amount::Uact::from_micro_usd(500_000).coin()], "deposits": [],
            },
        },
    })
}

/// Renders the chain's status, as far as the Console can reach it.
pub(crate) fn chain_status(world: &World) -> Value {
    json!({ "isBlockchainReachable": !world.suffers(Fault::ChainUnreachable) })
}
