//! The hosts of offers: each answers after the latency of the route to it.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::dice::Dice;
use crate::state::Shared;

/// Latencies of the nearest and the farthest host, in milliseconds.
const NEAR_MS: u64 = 9;
const FAR_MS: u64 = 170;

/// `GET /hosts/{name}:{port}`. A provider that is not online does not answer.
pub(super) async fn answer(State(shared): State<Shared>, Path(host): Path<String>) -> StatusCode {
    let (is_up, millis) = shared.look(|world, _| {
        let is_it = |uri: &str| uri.strip_prefix("https://") == Some(host.as_str());
        let mut providers = world.providers().iter();
        let provider = providers.find(|provider| is_it(&provider.host_uri()));
        let is_up = provider.is_none_or(|provider| world.is_online(provider));
        let millis = Dice::new(world.seed, &["host", &host]).between(NEAR_MS, FAR_MS);
        (is_up, millis)
    });
    if !is_up {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    tokio::time::sleep(Duration::from_millis(millis)).await;
    StatusCode::NO_CONTENT
}
