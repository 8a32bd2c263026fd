//! `/v1/deployments` and related routes.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::amount::Uact;
use crate::clock::BLOCK_MS;
use crate::definition::Definition;
use crate::dice::Dice;
use crate::fault::{Fault, Scope};
use crate::refusal::Refusal;
use crate::render::{self, Status};
use crate::state::Shared;
use crate::world::{Deployment, NewDeployment, Profile};

use super::Struck;
use super::body::{data, dseq_value, parse, path_dseq};

/// The Console's deposit for a new deployment.
const FIRST_DEPOSIT_MICRO_USD: u64 = 500_000;

/// `POST /v1/deployments`
pub(super) async fn create(
    State(shared): State<Shared>,
    Extension(Struck(fault)): Extension<Struck>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let body = parse(&body)?;
    let profile = shared.look(|world, _| world.profile);
    let new = read_new(&body, profile, fault)?;
    shared.look(|world, _| world.afford(new.deposit))?;
    transaction(&shared, "create").await;
    let (dseq, manifest) = shared.change(|world, now| {
        let dseq = world.create(new, now)?;
        let manifest = world.deployment(dseq)?.definition.manifest.clone();
        Ok::<_, Refusal>((dseq, manifest))
    })?;
    let hash = hex::encode_upper(Sha256::digest(format!("create {dseq}")));
    let answer = json!({
        "dseq": dseq.to_string(),
        "manifest": manifest,
        "signTx": { "code": 0, "transactionHash": hash, "rawLog": "" },
    });
    Ok((StatusCode::CREATED, data(answer)))
}

fn read_new(
    body: &Value,
    profile: Profile,
    fault: Option<Fault>,
) -> Result<NewDeployment, Refusal> {
    let sdl = body
        .pointer("/data/sdl")
        .and_then(Value::as_str)
        .ok_or_else(|| {
            Refusal::validation(json!([{ "code": "invalid_type", "expected": "string",
                "received": "undefined", "path": ["data", "sdl"], "message": "Required" }]))
        })?;
    let sent_deposit = match body.pointer("/data/deposit") {
        None => None,
        Some(value) => Some(
            dollars(value)
                .ok_or_else(|| Refusal::field(&["data", "deposit"], "Expected a number"))?,
        ),
    };
    let smallest = Uact::from_micro_usd(FIRST_DEPOSIT_MICRO_USD);
    let deposit = match (profile, sent_deposit) {
        (Profile::Latest, _) => smallest,
        (Profile::August2026, None) => return Err(Refusal::bad_request("deposit is required")),
        (Profile::August2026, Some(deposit)) if deposit < smallest => {
            return Err(Refusal::bad_request(
                "Failed to create deployment: Deposit too low",
            ));
        }
        (Profile::August2026, Some(deposit)) => deposit,
    };
    let is_latest = profile == Profile::Latest;
    let name = body
        .pointer("/data/name")
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|name| !name.is_empty() && is_latest);
    let runtime_limit_hours = match body.pointer("/data/runtimeLimitHours") {
        Some(value) if is_latest => Some(runtime_limit(value, 48)?),
        _ => None,
    };
    let definition = Definition::read(sdl)
        .map_err(|errors| Refusal::bad_request(format!("Invalid SDL: {}", errors.join(", "))))?;
    Ok(NewDeployment {
        definition,
        sdl: sdl.to_owned(),
        deposit,
        name: name.map(str::to_owned),
        runtime_limit_hours,
        fault: fault.filter(|fault| fault.scope() == Scope::Deployment),
    })
}

/// Parses whole hours from 1 to `most`.
pub(super) fn runtime_limit(value: &Value, most: u64) -> Result<u32, Refusal> {
    value
        .as_u64()
        .filter(|hours| (1..=most).contains(hours))
        .and_then(|hours| u32::try_from(hours).ok())
        .ok_or_else(|| {
            Refusal::field(
                &["data", "runtimeLimitHours"],
                &format!("Expected a whole number from 1 to {most}"),
            )
        })
}

/// Parses a JSON number of dollars.
fn dollars(value: &Value) -> Option<Uact> {
    let number = value.as_number()?;
    Uact::parse(&number.to_string()).map(|dollars| dollars.times(1_000_000))
}

/// Waits as long as the inclusion of a transaction takes: one or two blocks.
pub(super) async fn transaction(shared: &Shared, purpose: &str) {
    let wait = shared.look(|world, now| {
        let mut dice = Dice::new(world.seed, &[purpose, &now.sim_ms.to_string()]);
        world.hastened(dice.between(BLOCK_MS, 2 * BLOCK_MS))
    });
    shared.clock.wait(wait).await;
}

/// `GET /v1/deployments/{dseq}`
pub(super) async fn read(
    State(shared): State<Shared>,
    Path(dseq): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = path_dseq(&dseq)?;
    answer(&shared, dseq, Status::Asked)
}

/// Returns a deployment as the answer to every operation on it.
pub(super) fn answer(
    shared: &Shared,
    dseq: u64,
    status: Status,
) -> Result<axum::Json<Value>, Refusal> {
    shared.look(|world, now| {
        let deployment = world.deployment(dseq)?;
        let body = render::deployment(world, deployment, now, status, &shared.origin);
        Ok(data(body))
    })
}

/// Query parameters of the list; filters only in the latest profile.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    skip: Option<usize>,
    limit: Option<usize>,
    state: Option<String>,
    reverse: Option<bool>,
    search: Option<String>,
    name: Option<String>,
}

/// `GET /v1/deployments`
pub(super) async fn list(
    State(shared): State<Shared>,
    Query(query): Query<ListQuery>,
) -> impl IntoResponse {
    let (skip, limit) = (query.skip.unwrap_or(0), query.limit.unwrap_or(1000));
    shared.look(|world, now| {
        let mut wanted: Vec<&Deployment> = world
            .deployments
            .values()
            .filter(|deployment| query.wants(world.profile, deployment))
            .collect();
        if world.profile == Profile::Latest && query.reverse == Some(true) {
            wanted.reverse();
        }
        let page: Vec<Value> = wanted
            .into_iter()
            .skip(skip)
            .take(limit)
            .map(|one| render::deployment(world, one, now, Status::Absent, &shared.origin))
            .collect();
        // The node counts only the page, not the whole list, so that is all the Console sees.
        let pagination =
            json!({ "total": page.len(), "skip": skip, "limit": limit, "hasMore": false });
        data(json!({ "deployments": page, "pagination": pagination }))
    })
}

impl ListQuery {
    fn wants(&self, profile: Profile, deployment: &Deployment) -> bool {
        if profile == Profile::August2026 {
            return deployment.is_active();
        }
        let state = match self.state.as_deref() {
            Some("closed") => !deployment.is_active(),
            Some("all") => true,
            _ => deployment.is_active(),
        };
        let has = |wanted: &Option<String>, exact: bool| {
            wanted.as_deref().is_none_or(|text| {
                if exact {
                    deployment.name == text
                } else {
                    deployment.name.contains(text) || deployment.dseq.to_string() == text
                }
            })
        };
        state && has(&self.name, true) && has(&self.search, false)
    }
}

/// `DELETE /v1/deployments/{dseq}`
pub(super) async fn close(
    State(shared): State<Shared>,
    Path(dseq): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = path_dseq(&dseq)?;
    let is_active = shared.look(|world, _| world.deployment(dseq).map(Deployment::is_active))?;
    if is_active {
        transaction(&shared, "close").await;
    }
    shared.change(|world, now| world.close(dseq, now))?;
    Ok(data(json!({ "success": true })))
}

/// `PUT /v1/deployments/{dseq}`
pub(super) async fn update(
    State(shared): State<Shared>,
    Extension(Struck(fault)): Extension<Struck>,
    Path(dseq): Path<String>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = path_dseq(&dseq)?;
    let body = parse(&body)?;
    let sdl = body
        .pointer("/data/sdl")
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal::field(&["data", "sdl"], "Required"))?;
    let definition = Definition::read(sdl)
        .map_err(|errors| Refusal::bad_request(format!("Invalid SDL: {}", errors.join(", "))))?;
    if shared.look(|world, _| world.is_declared(dseq, &definition).map(|known| !known))? {
        transaction(&shared, "update").await;
        shared.change(|world, _| world.declare(dseq, &definition))?;
    }
    let refuses = fault == Some(Fault::UpdateTurnedDown);
    shared.change(|world, now| world.roll_out(dseq, definition, sdl.to_owned(), refuses, now))?;
    answer(&shared, dseq, Status::Asked)
}

/// `POST /v1/deposit-deployment`
pub(super) async fn deposit(
    State(shared): State<Shared>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let body = parse(&body)?;
    let dseq = body
        .pointer("/data/dseq")
        .and_then(dseq_value)
        .ok_or_else(|| Refusal::field(&["data", "dseq"], "Required"))?;
    let amount = body
        .pointer("/data/deposit")
        .and_then(dollars)
        .ok_or_else(|| Refusal::field(&["data", "deposit"], "Required"))?;
    transaction(&shared, "deposit").await;
    shared.change(|world, now| world.deposit(dseq, amount, now))?;
    answer(&shared, dseq, Status::Asked)
}
