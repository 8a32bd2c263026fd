//! The Console account and the settings of its deployments.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::amount::{DENOM, Uact};
use crate::clock::{BLOCK_MS, iso_date};
use crate::refusal::Refusal;
use crate::state::Shared;
use crate::world::{Deployment, EscrowState, Profile, World};

use super::body::{data, dseq_value, parse, path_dseq};
use super::deployments::runtime_limit;

/// Id of the only user.
const USER_ID: &str = "7b0f3c52-5a51-4c1e-9d27-0e5a1c0ffee0";
const DAY_MS: u64 = 86_400_000;

/// `GET /v1/balances`, in micro-dollars as in the real service.
pub(super) async fn balances(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, now| {
        let height = world.height(now);
        let in_deployments = world
            .deployments
            .values()
            .filter(|deployment| deployment.escrow.state == EscrowState::Open)
            .map(|deployment| deployment.live_funds(height))
            .fold(Uact::ZERO, Uact::plus)
            .whole();
        let balance = world.balance.whole();
        data(json!({ "balance": balance, "deployments": in_deployments, "total": balance + in_deployments }))
    })
}

/// `GET /v1/user/me`
pub(super) async fn me() -> impl IntoResponse {
    data(json!({
        "id": USER_ID, "userId": "sandbox|operator", "username": "sandbox-operator",
        "email": "operator@sandbox.example", "emailVerified": true, "stripeCustomerId": null,
        "subscribedToNewsletter": false,
    }))
}

/// `GET /v1/wallets`
pub(super) async fn wallets(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, now| {
        data(json!([{
            "id": 1, "userId": USER_ID, "creditAmount": world.balance.whole(),
            "address": World::owner(), "denom": DENOM, "isTrialing": false,
            "topUpMinAmountUsd": 20, "createdAt": iso_date(now.date_ms(0)),
        }]))
    })
}

/// `GET /v1/weekly-cost`, in dollars.
pub(super) async fn weekly_cost(State(shared): State<Shared>) -> impl IntoResponse {
    shared.look(|world, _| {
        let rate = world
            .deployments
            .values()
            .map(Deployment::rate)
            .fold(Uact::ZERO, Uact::plus);
        let weekly = rate.times(7 * DAY_MS / BLOCK_MS).whole();
        data(json!({ "weeklyCost": crate::amount::usd(u128::from(weekly)) }))
    })
}

/// `GET /v1/deployment-funding-config`, only in the latest profile.
pub(super) async fn funding_config(
    State(shared): State<Shared>,
) -> Result<impl IntoResponse, Refusal> {
    if shared.look(|world, _| world.profile) == Profile::August2026 {
        return Err(Refusal::not_found("Not Found"));
    }
    Ok(data(json!({
        "targetRunwayHours": 48, "balanceHeadroomUsd": 5, "defaultDepositUsd": 0.5,
    })))
}

/// `POST /v1/certificates`: removed from the real service.
pub(super) async fn certificates() -> Refusal {
    Refusal::bad_request("Certificates are no longer supported, use JWT authentication")
}

/// `GET /v2/deployment-settings/{dseq}`
pub(super) async fn settings(
    State(shared): State<Shared>,
    Path(dseq): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = path_dseq(&dseq)?;
    settings_of(&shared, dseq)
}

/// `PATCH /v2/deployment-settings/{dseq}`
pub(super) async fn change_settings(
    State(shared): State<Shared>,
    Path(dseq): Path<String>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let dseq = path_dseq(&dseq)?;
    apply_settings(&shared, dseq, &parse(&body)?)?;
    settings_of(&shared, dseq)
}

/// `POST /v2/deployment-settings`
pub(super) async fn create_settings(
    State(shared): State<Shared>,
    body: Bytes,
) -> Result<impl IntoResponse, Refusal> {
    let body = parse(&body)?;
    let dseq = body
        .pointer("/data/dseq")
        .and_then(dseq_value)
        .ok_or_else(|| Refusal::field(&["data", "dseq"], "Required"))?;
    apply_settings(&shared, dseq, &body)?;
    Ok((StatusCode::CREATED, settings_of(&shared, dseq)?))
}

fn apply_settings(shared: &Shared, dseq: u64, body: &Value) -> Result<(), Refusal> {
    shared.change(|world, _| {
        let profile = world.profile;
        let deployment = world
            .deployments
            .get_mut(&dseq)
            .ok_or_else(|| Refusal::not_found("Deployment settings not found"))?;
        match profile {
            Profile::August2026 => {
                if let Some(enabled) = body
                    .pointer("/data/autoTopUpEnabled")
                    .and_then(Value::as_bool)
                {
                    deployment.auto_top_up = enabled;
                }
            }
            Profile::Latest => match body.pointer("/data/runtimeLimitHours") {
                None => {}
                Some(Value::Null) => deployment.runtime_limit_hours = None,
                // It may be raised by two days at a time, up to a year.
                Some(value) => {
                    let most = u64::from(deployment.runtime_limit_hours.unwrap_or(0)) + 48;
                    deployment.runtime_limit_hours = Some(runtime_limit(value, most.min(8_760))?);
                }
            },
        }
        Ok(())
    })
}

fn settings_of(shared: &Shared, dseq: u64) -> Result<axum::Json<Value>, Refusal> {
    shared.look(|world, now| {
        let deployment = world
            .deployments
            .get(&dseq)
            .ok_or_else(|| Refusal::not_found("Deployment settings not found"))?;
        let created = iso_date(now.date_ms(deployment.created_ms));
        let daily = deployment.rate().times(DAY_MS / BLOCK_MS).whole();
        let mut settings = json!({
            "id": format!("00000000-0000-4000-8000-{:012x}", deployment.ordinal),
            "userId": USER_ID, "dseq": dseq.to_string(),
            "autoTopUpEnabled": deployment.auto_top_up,
            "estimatedTopUpAmount": daily, "topUpFrequencyMs": DAY_MS,
            "createdAt": created, "updatedAt": created,
        });
        if world.profile == Profile::Latest {
            settings["runtimeLimitHours"] = json!(deployment.runtime_limit_hours);
        }
        Ok(data(settings))
    })
}
