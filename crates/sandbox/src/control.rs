//! `/__sim/…`: lets tests change and inspect the world.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::amount::Uact;
use crate::fault::{Armed, Fault, Operation, Scope};
use crate::model;
use crate::state::Shared;
use crate::venues::listings;
use crate::world::{Deployment, Profile, World};

/// Returns the routes of the control panel.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/__sim/reset", post(reset))
        .route("/__sim/advance", post(advance))
        .route("/__sim/clock", get(clock))
        .route("/__sim/speed", post(speed))
        .route("/__sim/scenario", post(arm).delete(disarm))
        .route("/__sim/provider/{address}", post(switch_provider))
        .route("/__sim/escrow/{dseq}", post(set_escrow))
        .route("/__sim/account", post(set_account))
        .route("/__sim/cron", post(cron))
        .route(
            "/__sim/model",
            post(model::change_script)
                .get(model::journal)
                .delete(model::forget),
        )
        .route("/__sim/sellers", get(listings::told))
        .route("/__sim/state", get(state))
        .route("/__sim/requests", get(requests).delete(forget_requests))
}

type Refused = (StatusCode, Json<Value>);

fn refused(status: StatusCode, message: impl Into<String>) -> Refused {
    (status, Json(json!({ "error": message.into() })))
}

#[derive(Debug, Deserialize)]
struct Reset {
    seed: Option<u64>,
    speed: Option<u32>,
    pace: Option<u32>,
    profile: Option<Profile>,
}

/// Starts a new world; settings that are not given stay as they were.
async fn reset(State(shared): State<Shared>, Json(wish): Json<Reset>) -> Json<Value> {
    shared
        .clock
        .restart(wish.speed.unwrap_or_else(|| shared.clock.speed()));
    shared.change(|world, _| {
        *world = World::new(
            wish.seed.unwrap_or(world.seed),
            wish.profile.unwrap_or(world.profile),
            wish.pace.unwrap_or(world.pace),
        );
    });
    shared.forget_requests();
    summary(&shared)
}

#[derive(Debug, Deserialize)]
struct Advance {
    seconds: u64,
}

async fn advance(State(shared): State<Shared>, Json(wish): Json<Advance>) -> Json<Value> {
    shared.clock.advance(Duration::from_secs(wish.seconds));
    shared.change(|_, now| Json(json!(now)))
}

/// Returns how far steps have moved the world ahead of the machine, so that other simulations can
/// move as far.
async fn clock(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({ "offset_seconds": shared.clock.ahead_seconds() }))
}

#[derive(Debug, Deserialize)]
struct Speed {
    speed: u32,
}

async fn speed(State(shared): State<Shared>, Json(wish): Json<Speed>) -> Json<Value> {
    shared.clock.set_speed(wish.speed);
    summary(&shared)
}

#[derive(Debug, Deserialize)]
struct Scenario {
    name: String,
    dseq: Option<DseqText>,
    on: Option<Operation>,
    /// Name of a venue or feed, as below `/venues` or `/feeds`.
    venue: Option<String>,
    times: Option<u32>,
}

/// A dseq as text or number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum DseqText {
    Number(u64),
    Text(String),
}

impl DseqText {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// Arms a fault. A fault of requests strikes once unless `times` says otherwise; a fault of
/// deployments strikes every new one, or the named one.
async fn arm(
    State(shared): State<Shared>,
    Json(wish): Json<Scenario>,
) -> Result<Json<Value>, Refused> {
    let fault = Fault::parse(&wish.name).ok_or_else(|| {
        let names: Vec<String> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        let message = format!(
            "no scenario {:?}; there are {}",
            wish.name,
            names.join(", ")
        );
        refused(StatusCode::BAD_REQUEST, message)
    })?;
    let dseq = match &wish.dseq {
        None => None,
        Some(text) => Some(
            text.number()
                .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "dseq must be a whole number"))?,
        ),
    };
    let (on, left) = match fault.scope() {
        // A venue that is down stays down until this is changed.
        Scope::Request(_) if wish.venue.is_some() => (None, wish.times),
        Scope::Request(on) => (wish.on.or(on), Some(wish.times.unwrap_or(1))),
        Scope::Deployment | Scope::World => (None, wish.times),
    };
    let armed = Armed {
        fault,
        on,
        dseq,
        venue: wish.venue,
        left,
    };
    shared
        .change(|world, now| world.arm(armed, now))
        .map_err(|message| refused(StatusCode::NOT_FOUND, message))?;
    Ok(summary(&shared))
}

async fn disarm(State(shared): State<Shared>) -> Json<Value> {
    shared.change(|world, _| world.disarm_all());
    summary(&shared)
}

#[derive(Debug, Deserialize)]
struct Switch {
    online: bool,
    /// `true` (the default) if the Console notices; otherwise it still shows the provider's
    /// previous state.
    #[serde(default = "yes")]
    noticed: bool,
}

const fn yes() -> bool {
    true
}

/// Switches a provider, given by address or name, on or off.
async fn switch_provider(
    State(shared): State<Shared>,
    Path(address): Path<String>,
    Json(wish): Json<Switch>,
) -> Result<Json<Value>, Refused> {
    shared.change(|world, _| {
        let found = world
            .providers()
            .iter()
            .find(|p| p.address == address || p.name == address)
            .map(|provider| provider.address.clone())
            .ok_or_else(|| refused(StatusCode::NOT_FOUND, "no such provider"))?;
        if wish.noticed {
            world.unnoticed.remove(&found);
        } else {
            world.unnoticed.insert(found.clone());
        }
        world.switched.insert(found, wish.online);
        Ok(())
    })?;
    Ok(summary(&shared))
}

#[derive(Debug, Deserialize)]
struct Funds {
    funds_micro_usd: u64,
}

/// Sets the remaining money in a deployment's escrow.
async fn set_escrow(
    State(shared): State<Shared>,
    Path(dseq): Path<u64>,
    Json(wish): Json<Funds>,
) -> Result<Json<Value>, Refused> {
    shared.change(|world, now| {
        let height = world.height(now);
        let deployment = world
            .deployments
            .get_mut(&dseq)
            .ok_or_else(|| refused(StatusCode::NOT_FOUND, "no such deployment"))?;
        deployment.set_funds(Uact::from_micro_usd(wish.funds_micro_usd), height);
        Ok(())
    })?;
    Ok(summary(&shared))
}

#[derive(Debug, Deserialize)]
struct Account {
    balance_micro_usd: u64,
}

/// Sets the spendable balance of the Console account.
async fn set_account(State(shared): State<Shared>, Json(wish): Json<Account>) -> Json<Value> {
    shared.change(|world, _| world.balance = Uact::from_micro_usd(wish.balance_micro_usd));
    summary(&shared)
}

/// Runs the Console's twice-daily job, which closes deployments without a lease.
async fn cron(State(shared): State<Shared>) -> Json<Value> {
    let closed = shared.change(|world, now| world.sweep_orphans(now));
    let closed: Vec<String> = closed.iter().map(u64::to_string).collect();
    Json(json!({ "closed": closed }))
}

async fn state(State(shared): State<Shared>) -> Json<Value> {
    summary(&shared)
}

async fn requests(State(shared): State<Shared>) -> Json<Value> {
    Json(json!(shared.requests()))
}

async fn forget_requests(State(shared): State<Shared>) -> Json<Value> {
    shared.forget_requests();
    Json(json!([]))
}

/// Summarises the world.
fn summary(shared: &Shared) -> Json<Value> {
    let speed = shared.clock.speed();
    shared.look(|world, now| {
        let live = world.deployments.values().filter(|d| d.is_active()).count();
        let deployments: Vec<Value> = world
            .deployments
            .values()
            .map(|deployment| brief(deployment, now))
            .collect();
        let providers: Vec<Value> = world
            .providers()
            .iter()
            .map(|provider| {
                json!({ "address": provider.address, "name": provider.name, "region": provider.region,
                    "online": world.is_online(provider), "audited": provider.audited,
                    "price_permille": provider.price_permille })
            })
            .collect();
        Json(json!({
            "profile": world.profile, "seed": world.seed, "speed": speed, "pace": world.pace,
            "now": now, "height": world.height(now),
            "owner": World::owner(), "balance_micro_usd": world.balance.whole(),
            "live_deployments": live, "deployments": deployments,
            "armed": world.armed, "providers": providers,
        }))
    })
}

fn brief(deployment: &Deployment, now: crate::clock::Moment) -> Value {
    let open_bids = deployment
        .arrived_bids(now)
        .filter(|(_, bid)| bid.state(deployment, now) == "open")
        .count();
    let leases: Vec<Value> = deployment
        .orders
        .iter()
        .filter_map(|order| order.lease.as_ref())
        .map(|lease| {
            json!({ "provider": lease.provider, "price": lease.price, "state": lease.state(),
                "reason": lease.end.as_ref().map(|end| &end.reason),
                "manifest_delivered": lease.manifest_ms.is_some() })
        })
        .collect();
    json!({
        "dseq": deployment.dseq.to_string(), "name": deployment.name,
        "state": if deployment.is_active() { "active" } else { "closed" },
        "hash": deployment.declared(), "manifest": deployment.definition.manifest,
        "bids": deployment.arrived_bids(now).count(), "open_bids": open_bids, "leases": leases,
        "escrow": { "state": deployment.escrow.state, "funds": deployment.escrow.funds,
            "transferred": deployment.escrow.transferred, "live_funds": deployment.live_funds(now.height()) },
        "runtime_limit_hours": deployment.runtime_limit_hours,
        "generation": deployment.generation, "faults": deployment.faults,
    })
}
