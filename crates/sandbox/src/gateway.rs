//! Gateways of the providers, reachable only through the provider proxy.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::api::read_token;
use crate::clock::Moment;
use crate::dice::Dice;
use crate::state::Shared;
use crate::workload::Workload;
use crate::world::{Deployment, World};

/// The target of a gateway URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Address of the provider.
    pub(crate) provider: String,
    pub(crate) route: Route,
}

/// A route of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Capacity of the provider.
    Status,
    /// Version of the provider's software.
    Version,
    /// Address of the provider on Akash.
    Address,
    /// A route of one lease.
    Lease(LeaseRoute),
}

/// A route of a lease, with its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeaseRoute {
    pub(crate) dseq: u64,
    pub(crate) gseq: u64,
    pub(crate) oseq: u64,
    /// Last part of the route: `status`, `logs`, `kubeevents`, …
    pub(crate) what: String,
    pub(crate) follow: bool,
    pub(crate) tail: Option<u64>,
    pub(crate) services: Vec<String>,
}

/// Why a gateway cannot be queried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// The URL is not that of a gateway.
    BadUrl(&'static str),
    /// The gateway does not answer.
    Down,
    /// The gateway has no such route.
    NoRoute,
}

impl Target {
    /// Parses a gateway URL.
    pub(crate) fn parse(shared: &Shared, url: &str) -> Result<Self, Unreachable> {
        let rest = url
            .strip_prefix("https://")
            .ok_or(Unreachable::BadUrl("url must be https"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let provider = shared
            .look(|world, _| {
                let found = world
                    .providers()
                    .iter()
                    .find(|p| p.host_uri().strip_prefix("https://") == Some(host));
                found.map(|provider| (provider.address.clone(), world.is_online(provider)))
            })
            .filter(|(_, online)| *online)
            .map(|(address, _)| address)
            .ok_or(Unreachable::Down)?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let route = route(path, query).ok_or(Unreachable::NoRoute)?;
        Ok(Self { provider, route })
    }
}

fn route(path: &str, query: &str) -> Option<Route> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let [first, rest @ ..] = parts.as_slice() else {
        return None;
    };
    match (*first, rest) {
        ("status", []) => Some(Route::Status),
        ("version", []) => Some(Route::Version),
        ("address", []) => Some(Route::Address),
        ("lease", [dseq, gseq, oseq, what]) => {
            let value = |key: &str| {
                query
                    .split('&')
                    .filter_map(|pair| pair.split_once('='))
                    .find(|(name, _)| *name == key)
                    .map(|(_, value)| value)
            };
            Some(Route::Lease(LeaseRoute {
                dseq: dseq.parse().ok()?,
                gseq: gseq.parse().ok()?,
                oseq: oseq.parse().ok()?,
                what: (*what).to_owned(),
                follow: value("follow") == Some("true"),
                tail: value("tail").and_then(|text| text.parse().ok()),
                services: value("service")
                    .map(|list| {
                        let names = list.split(',').filter(|name| !name.is_empty());
                        names.map(str::to_owned).collect()
                    })
                    .unwrap_or_default(),
            }))
        }
        _ => None,
    }
}

impl LeaseRoute {
    /// Returns the deployment and the index of its group, if a lease of this provider runs there.
    pub(crate) fn find<'w>(
        &self,
        world: &'w World,
        provider: &str,
    ) -> Option<(&'w Deployment, usize)> {
        let deployment = world.deployments.get(&self.dseq)?;
        let index = usize::try_from(self.gseq).ok()?.checked_sub(1)?;
        let lease = deployment.orders.get(index)?.lease.as_ref()?;
        (self.oseq == 1 && lease.end.is_none() && lease.provider == provider)
            .then_some((deployment, index))
    }

    /// Scope that a token must have for it.
    pub(crate) fn scope(&self) -> &str {
        match self.what.as_str() {
            "kubeevents" => "events",
            other => other,
        }
    }
}

/// Answers a plain request as the provider's gateway would.
pub(crate) fn answer(shared: &Shared, target: &Target, token: Option<&str>) -> Response {
    if shared.look(|world, now| is_hiccup(world, &target.provider, now)) {
        return (StatusCode::SERVICE_UNAVAILABLE, "upstream timed out").into_response();
    }
    let Route::Lease(route) = &target.route else {
        return Json(facts(shared, target)).into_response();
    };
    if let Err(message) = allow(shared, target, route, token) {
        let body = json!({ "message": message });
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    if route.what != "status" {
        return (StatusCode::NOT_FOUND, "404 page not found").into_response();
    }
    let status = shared.look(|world, now| {
        let (deployment, index) = route.find(world, &target.provider)?;
        let workload = Workload::of(world, deployment, index);
        Some(workload.map_or(Value::Null, |workload| {
            workload.status(now.sim_ms, &shared.origin)
        }))
    });
    match status {
        None => lease_unknown(),
        // The provider has the lease, but no pods to report yet.
        Some(Value::Null) => {
            Json(json!({ "services": null, "forwarded_ports": null, "ips": null })).into_response()
        }
        Some(status) => Json(status).into_response(),
    }
}

fn lease_unknown() -> Response {
    let body = json!({ "message": "lease not found" });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

/// Whether a flaky provider times out now.
fn is_hiccup(world: &World, provider: &str, now: Moment) -> bool {
    world.provider(provider).is_some_and(|provider| {
        let slot = (now.sim_ms / 20_000).to_string();
        provider.flaky && Dice::new(world.seed, &["hiccup", &slot]).chance(250)
    })
}

fn facts(shared: &Shared, target: &Target) -> Value {
    match target.route {
        Route::Version => json!({ "akash": { "version": "v2.1.0" }, "simulated": true }),
        Route::Address => json!({ "address": target.provider }),
        _ => shared.look(|world, _| {
            let in_use = world.in_use(&target.provider);
            json!({
                "cluster": { "leases": in_use.leases },
                "bidengine": { "orders": 0 },
                "manifest": { "deployments": in_use.leases },
            })
        }),
    }
}

/// Checks that a token gives access to a lease's route; errors are in the provider's words.
pub(crate) fn allow(
    shared: &Shared,
    target: &Target,
    route: &LeaseRoute,
    token: Option<&str>,
) -> Result<(), &'static str> {
    let claims = read_token(shared, token.ok_or("JWT is missing")?)?;
    if claims.allow(&target.provider, route.scope()) {
        Ok(())
    } else {
        Err("JWT has invalid claims")
    }
}
