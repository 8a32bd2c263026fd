//! The other venues of compute, each below `/venues/{venue}` in the format of its real answers, and
//! the feeds of token prices below `/feeds`.
//!
//! Prices are a function of the seed and the clock ([`tide`]): they move as real ones do, and the
//! same moment always has the same prices. To add a venue, add a file with its answers and a route
//! here.

mod aws;
mod bids;
mod feeds;
mod hosts;
mod ionet;
mod lambda;
pub(crate) mod listings;
mod node;
mod nosana;
mod runpod;
mod tide;
mod vast;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::api::struck;
use crate::api::{market, market_prices};
use crate::fault::{Armed, Fault};
use crate::state::{self, Shared};

pub(crate) use bids::{Stand, best_bids};
use tide::Tide;

/// Maximum size of a body: requests to venues are short.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Returns the routes of the venues and feeds.
pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route(
            "/venues/akash/v1/gpu-prices",
            get(market_prices::gpu_prices),
        )
        .route("/venues/akash/v1/providers", get(market::providers))
        .route(
            "/venues/io-net/v1/io-cloud/vmaas/hardware",
            get(ionet::hardware),
        )
        .route("/venues/aws-spot/spot.json", get(aws::spot))
        .route("/venues/aws-spot/ec2/{region}/", get(aws::history))
        .route("/venues/aws-spot/spot-advisor-data.json", get(aws::advisor))
        .route(
            "/venues/aws-on-demand/{region}/Linux/index.json",
            get(aws::on_demand),
        )
        .route("/venues/nosana/api/markets/", get(nosana::markets))
        .route("/venues/runpod/graphql", post(runpod::graphql))
        .route("/venues/vast-ai/api/v0/bundles/", post(vast::bundles))
        .route(
            "/venues/lambda/api/v1/instance-types",
            get(lambda::instance_types),
        )
        .route("/listings/{file}", get(listings::description))
        .route("/hosts/{host}", get(hosts::answer))
        .route("/feeds/coingecko", get(feeds::coingecko))
        .route("/feeds/coinbase/products", get(feeds::coinbase_products))
        .route(
            "/feeds/coinbase/products/{id}/ticker",
            get(feeds::coinbase_ticker),
        )
        .route(
            "/feeds/kraken/0/public/AssetPairs",
            get(feeds::kraken_pairs),
        )
        .route("/feeds/kraken/0/public/Ticker", get(feeds::kraken_ticker))
        .route(
            "/feeds/binance/api/v3/exchangeInfo",
            get(feeds::binance_info),
        )
        .route(
            "/feeds/binance/api/v3/ticker/24hr",
            get(feeds::binance_ticker),
        )
        .route("/feeds/akash-oracle", get(feeds::akash_oracle))
        .route("/feeds/ethereum", post(node::call))
        .route_layer(from_fn_with_state(shared.clone(), attend))
}

/// Returns the prices of this moment.
fn tide(shared: &Shared) -> Tide {
    shared.look(|world, now| Tide::at(world.seed, now))
}

/// Applies faults, writes the journal, and answers “not modified” to clients that have the answer.
pub(crate) async fn attend(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let venue = parts.uri.path().split('/').nth(2).unwrap_or_default();
    let armed = shared.look(|world, _| world.armed.iter().any(|a| a.venue.is_some()));
    let fault = armed
        .then(|| shared.change(|world, _| Armed::take_for_venue(&mut world.armed, venue)))
        .flatten();
    let mut entry = state::Request {
        sim_ms: shared.clock.now().sim_ms,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        status: None,
        fault: fault.map(Fault::name),
        body: serde_json::from_slice(&bytes).ok(),
    };
    let known = parts.headers.get(IF_NONE_MATCH).cloned();
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut response = struck::run(fault, request, next).await;
    if let Some(answer) = response {
        response = Some(match fault {
            Some(Fault::NegativePrices) => negated(answer).await,
            None if answer.status() == StatusCode::OK => tagged(answer, known.as_ref()).await,
            _ => answer,
        });
    }
    entry.status = response.as_ref().map(|response| response.status().as_u16());
    shared.record(entry);
    response.unwrap_or_else(struck::no_answer)
}

/// Adds the tag of the body, or omits the body if the client has it.
async fn tagged(response: Response, known: Option<&HeaderValue>) -> Response {
    let (mut parts, body) = response.into_parts();
    // Our own bodies are in memory, so reading them cannot fail.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..8]));
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits are a header");
    if known == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    parts.headers.insert(ETAG, tag);
    Response::from_parts(parts, Body::from(bytes))
}

/// Returns the answer with every price negated.
async fn negated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    negate(&mut value);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(value.to_string()))
}

/// Fields that are prices at some venue.
const PRICES: [&str; 8] = [
    "price",
    "USD",
    "dph_total",
    "securePrice",
    "communityPrice",
    "usd_reward_per_hour",
    "nos_job_price_per_second",
    "amount",
];

fn negate(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(negate),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if PRICES.contains(&name.as_str()) => {
                        *field = json!(format!("-{text}"));
                    }
                    Value::Number(number) if PRICES.contains(&name.as_str()) => {
                        *field = json!(number.as_f64().map(|number| -number));
                    }
                    other => negate(other),
                }
            }
        }
        _ => {}
    }
}
