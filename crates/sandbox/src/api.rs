//! The Console API: its routes, and the steps before and after every handler.

mod account;
mod body;
mod deployments;
mod indexer;
mod leases;
pub(crate) mod market;
pub(crate) mod market_prices;
pub(crate) mod struck;
mod tokens;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use crate::fault::{Armed, Fault, Operation, Scope};
use crate::refusal::Refusal;
use crate::state::{self, Shared};

use body::dseq_value;
pub(crate) use struck::Struck;
pub(crate) use tokens::read_token;

/// Maximum size of a body, as in the real service.
const MAX_BODY_BYTES: usize = 512 * 1024;
/// Maximum size of a body that is kept in the journal.
const MAX_JOURNAL_BODY_BYTES: usize = 64 * 1024;

/// The routes of the Console API.
pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    let private = Router::new()
        .route(
            "/v1/deployments",
            get(deployments::list).post(deployments::create),
        )
        .route(
            "/v1/deployments/{dseq}",
            get(deployments::read)
                .put(deployments::update)
                .delete(deployments::close),
        )
        .route("/v1/deposit-deployment", post(deployments::deposit))
        .route("/v1/bids", get(leases::bids))
        .route("/v1/bids/{dseq}", get(leases::bids_by_path))
        .route("/v1/leases", post(leases::create))
        .route("/v1/create-jwt-token", post(tokens::create))
        .route("/v1/balances", get(account::balances))
        .route("/v1/user/me", get(account::me))
        .route("/v1/wallets", get(account::wallets))
        .route("/v1/weekly-cost", get(account::weekly_cost))
        .route(
            "/v1/deployment-funding-config",
            get(account::funding_config),
        )
        .route(
            "/v2/deployment-settings/{dseq}",
            get(account::settings).patch(account::change_settings),
        )
        .route("/v2/deployment-settings", post(account::create_settings))
        .route_layer(from_fn_with_state(shared.clone(), authorize));
    let public = Router::new()
        .route("/v1/deployment/{owner}/{dseq}", get(indexer::deployment))
        .route(
            "/v1/addresses/{address}/deployments/{skip}/{limit}",
            get(indexer::history),
        )
        .route("/v1/providers", get(market::providers))
        .route("/v1/providers/{address}", get(market::provider))
        .route("/v1/provider-regions", get(market::regions))
        .route("/v1/auditors", get(market::auditors))
        .route("/v1/network-capacity", get(market::capacity))
        .route("/v1/gpu", get(market::gpus))
        .route("/v1/gpu-models", get(market_prices::gpu_models))
        .route("/v1/gpu-prices", get(market_prices::gpu_prices))
        .route("/v1/pricing", post(market_prices::pricing))
        .route("/v1/bid-screening", post(market_prices::screening))
        .route("/v1/market-data", get(market::market_data))
        .route("/v1/market-data/{coin}", get(market::market_data))
        .route("/v1/blockchain-status", get(market::chain_status))
        .route(
            "/v1/predicted-block-date/{height}",
            get(market::date_of_height),
        )
        .route(
            "/v1/predicted-date-height/{timestamp}",
            get(market::height_of_date),
        )
        .route("/v1/certificates", post(account::certificates));
    private
        .merge(public)
        .layer(from_fn_with_state(shared.clone(), attend))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.body())).into_response();
        if self.status == 429 {
            let wait = axum::http::HeaderValue::from_static("7");
            response.headers_mut().insert("retry-after", wait);
        }
        response
    }
}

/// Checks the key, after the fault, so that a fault needs no key.
async fn authorize(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let key = request.headers().get("x-api-key");
    if key.is_some() && request.headers().contains_key("authorization") {
        return Refusal::bad_request("Authorization and X-Api-Key headers are mutually exclusive")
            .into_response();
    }
    if key.is_none_or(|key| key.as_bytes() != shared.api_key.as_bytes()) {
        return Refusal::unauthorized().into_response();
    }
    next.run(request).await
}

/// Writes the journal and applies faults.
async fn attend(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY_BYTES).await else {
        return Refusal {
            status: 413,
            ..Refusal::bad_request("Payload too large")
        }
        .into_response();
    };
    let json_body: Option<Value> = serde_json::from_slice(&bytes).ok();
    let operation = operation(&parts.method, parts.uri.path());
    let dseq = dseq_of(parts.uri.path(), parts.uri.query(), json_body.as_ref());
    let fault = fault_for(&shared, &parts.headers, operation, dseq);
    let mut entry = state::Request {
        sim_ms: shared.clock.now().sim_ms,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        status: None,
        fault: fault.map(Fault::name),
        body: json_body.filter(|_| bytes.len() <= MAX_JOURNAL_BODY_BYTES),
    };
    parts.extensions.insert(Struck(fault));
    let request = Request::from_parts(parts, Body::from(bytes));
    let response = struck::run(fault, request, next).await;
    entry.status = response.as_ref().map(|response| response.status().as_u16());
    shared.record(entry);
    match response {
        Some(response) => response,
        None => struck::no_answer(),
    }
}

fn fault_for(
    shared: &Shared,
    headers: &HeaderMap,
    operation: Operation,
    dseq: Option<u64>,
) -> Option<Fault> {
    headers
        .get("x-sim-fault")
        .and_then(|value| value.to_str().ok())
        .and_then(Fault::parse)
        .or_else(|| {
            let armed = shared.look(|world, _| !world.armed.is_empty());
            armed
                .then(|| shared.change(|world, _| Armed::take(&mut world.armed, operation, dseq)))?
        })
        .filter(|fault| fault.scope() != Scope::World)
}

fn operation(method: &Method, path: &str) -> Operation {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("POST", ["v1", "deployments"]) => Operation::Create,
        ("GET", ["v1", "deployments"]) => Operation::List,
        ("GET", ["v1", "deployments", _]) => Operation::Read,
        ("PUT" | "PATCH", ["v1", "deployments", _]) => Operation::Update,
        ("DELETE", ["v1", "deployments", _]) => Operation::Close,
        ("POST", ["v1", "deposit-deployment"]) => Operation::Deposit,
        ("GET", ["v1", "bids", ..]) => Operation::Bids,
        ("POST", ["v1", "leases"]) => Operation::Lease,
        ("POST", ["v1", "create-jwt-token"]) => Operation::Token,
        ("POST", ["v1", "bid-screening"]) => Operation::Screening,
        (
            _,
            [
                "v1",
                "gpu-prices" | "gpu-models" | "pricing" | "providers" | "gpu",
                ..,
            ],
        ) => Operation::Market,
        _ => Operation::Other,
    }
}

fn dseq_of(path: &str, query: Option<&str>, body: Option<&Value>) -> Option<u64> {
    let in_path = path.split('/').find_map(|part| part.parse().ok());
    let in_query = || {
        let pairs = query?.split('&');
        pairs
            .filter_map(|pair| pair.strip_prefix("dseq="))
            .find_map(|text| text.parse().ok())
    };
    let in_body = || {
        let body = body?;
        let value = body
            .pointer("/data/dseq")
            .or_else(|| body.pointer("/leases/0/dseq"))?;
        dseq_value(value)
    };
    in_path.or_else(in_query).or_else(in_body)
}
