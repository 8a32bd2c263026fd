//! `/v1/bids` and `/v1/leases`.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::Value;

use crate::fault::Fault;
use crate::refusal::{PROVIDER_DOWN, Refusal};
use crate::render::{self, Status};
use crate::state::Shared;
use crate::world::{Delivery, LeaseWish, Profile};

use super::Struck;
use super::body::{data, dseq_value, parse, path_dseq};
use super::deployments::{answer, transaction};

/// Number of times that the Console tries to deliver a manifest.
const DELIVERY_ATTEMPTS: u32 = 3;
/// Time between these attempts.
const DELIVERY_PAUSE_MS: u64 = 6_000;

/// Query of `GET /v1/bids`: the deployment whose bids are read.
#[derive(Debug, Deserialize)]
pub(super) struct BidsQuery {
    dseq: Option<String>,
}

/// `GET /v1/bids?dseq=`
pub(super) async fn bids(
    State(shared): State<Shared>,
    Query(query): Query<BidsQuery>,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = query
        .dseq
        .ok_or_else(|| Refusal::field(&["dseq"], "Required"))?;
    bids_of(&shared, &dseq)
}

/// `GET /v1/bids/{dseq}`
pub(super) async fn bids_by_path(
    State(shared): State<Shared>,
    Path(dseq): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    bids_of(&shared, &dseq)
}

fn bids_of(shared: &Shared, dseq: &str) -> Result<axum::Json<Value>, Refusal> {
    let dseq = path_dseq(dseq)?;
    // An unknown deployment has no bids; that is not an error.
    Ok(
        shared.look(|world, now| match world.deployments.get(&dseq) {
            Some(deployment) => data(render::bids(deployment, now)),
            None => data(Value::Array(Vec::new())),
        }),
    )
}

/// `POST /v1/leases`
pub(super) async fn create(
    State(shared): State<Shared>,
    Extension(Struck(fault)): Extension<Struck>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let body = parse(&body)?;
    let profile = shared.look(|world, _| world.profile);
    let manifest = body.get("manifest").and_then(Value::as_str);
    if manifest.is_none() && profile == Profile::August2026 {
        return Err(Refusal::field(&["manifest"], "Required"));
    }
    let wishes = wishes(&body)?;
    let dseq = wishes[0].dseq;
    shared.look(|world, _| world.deployment(dseq).map(|_| ()))?;
    if !shared.look(|world, _| world.has_lease(dseq)) {
        shared.change(|world, now| world.check_wishes(&wishes, now))?;
        transaction(&shared, "lease").await;
        shared.change(|world, now| world.lease(&wishes, now))?;
    }
    let provider = &wishes[0].provider;
    match fault {
        Some(Fault::ManifestNoLease) => {
            return Err(Refusal::not_found("no lease for deployment"));
        }
        Some(Fault::ManifestVersion) => {
            return Err(Refusal::unprocessable("manifest version validation failed"));
        }
        Some(Fault::ManifestNotDelivered) => {
            return Err(Refusal::manifest_not_delivered(
                dseq,
                provider,
                PROVIDER_DOWN,
            ));
        }
        _ => {}
    }
    deliver(&shared, dseq, manifest).await?;
    let status = match profile {
        Profile::August2026 => Status::Asked,
        Profile::Latest => Status::Null,
    };
    answer(&shared, dseq, status)
}

async fn deliver(shared: &Shared, dseq: u64, manifest: Option<&str>) -> Result<(), Refusal> {
    for attempt in 1..=DELIVERY_ATTEMPTS {
        let delivery = shared.change(|world, now| world.deliver(dseq, manifest, now))?;
        let Delivery::NotYet(until_ms) = delivery else {
            return Ok(());
        };
        if attempt < DELIVERY_ATTEMPTS {
            let pause = shared.look(|world, now| {
                let until_learned = until_ms.saturating_sub(now.sim_ms);
                until_learned.min(world.hastened(DELIVERY_PAUSE_MS)) + 1
            });
            shared.clock.wait(pause).await;
        }
    }
    Err(Refusal::not_found("no lease for deployment"))
}

fn wishes(body: &Value) -> Result<Vec<LeaseWish>, Refusal> {
    let wrong = || Refusal::field(&["leases"], "Expected a list of leases");
    let list = body
        .get("leases")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
        .ok_or_else(wrong)?;
    let wishes: Vec<LeaseWish> = list
        .iter()
        .map(|entry| {
            Some(LeaseWish {
                dseq: dseq_value(entry.get("dseq")?)?,
                gseq: entry.get("gseq")?.as_u64()?,
                oseq: entry.get("oseq")?.as_u64()?,
                provider: entry.get("provider")?.as_str()?.to_owned(),
            })
        })
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    if wishes.iter().any(|wish| wish.dseq != wishes[0].dseq) {
        return Err(Refusal::field(
            &["leases"],
            "All leases must belong to one deployment",
        ));
    }
    Ok(wishes)
}
