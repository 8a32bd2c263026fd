//! Requests exchanged between a page, the confirm page and the chain.

use std::time::Duration;

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::state::Shared;

use super::call::Call;
use super::counter::Counter;
use super::error::WalletError;
use super::pending::{Asked, DECISION_TIMEOUT, Stage, gone};
use super::{describe, sign, text_header};

/// Time for which one poll for an answer is held open.
const RESULT_POLL_TIMEOUT: Duration = Duration::from_secs(1);
/// Time that the confirm page waits for the request that it was opened for.
const REQUEST_ARRIVAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Whether a text is an id. The page generates it; it is the secret that links page and window.
fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `POST /wallet/rpc`: makes a read call.
pub(super) async fn read(
    State(shared): State<Shared>,
    Json(call): Json<Call>,
) -> Result<Json<Value>, WalletError> {
    if call.method == "eth_accounts" {
        let asked = call
            .params
            .get(0)
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = shared.look(|world, _| world.purse.knows(asked));
        let list = if known { json!([asked]) } else { json!([]) };
        return Ok(Json(json!({ "result": list })));
    }
    let result = shared
        .counter
        .chain()?
        .read(&call.method, call.params)
        .await?;
    Ok(Json(json!({ "result": result })))
}

/// `POST /wallet/requests/{id}`: a page sends a request.
pub(super) async fn ask(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(call): Json<Call>,
) -> Result<Json<Value>, WalletError> {
    if !is_id(&id) {
        return Err(WalletError::invalid(
            "A request is named by 32 hexadecimal digits.",
        ));
    }
    let origin = text_header(&headers, header::ORIGIN)
        .unwrap_or_default()
        .to_owned();
    let asked = Asked {
        origin,
        call,
        since: Instant::now(),
        shown: false,
        stage: Stage::Open,
    };
    shared.counter.pending.insert(id, asked)?;
    Ok(Json(json!({ "state": "waiting" })))
}

/// `POST /wallet/requests/{id}/result`: the page fetches the decision.
pub(super) async fn result(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, WalletError> {
    let origin = text_header(&headers, header::ORIGIN).unwrap_or_default();
    let pending = &shared.counter.pending;
    let decided = pending
        .wait_for(&id, RESULT_POLL_TIMEOUT, |asked| match asked {
            Some(asked) if asked.origin != origin => Some(Err(gone())),
            Some(Asked {
                stage: Stage::Done(outcome),
                ..
            }) => Some(outcome.clone()),
            Some(asked) if asked.since.elapsed() > DECISION_TIMEOUT => {
                Some(Err(WalletError::rejected()))
            }
            Some(_) => None,
            None => Some(Err(gone())),
        })
        .await;
    match decided {
        None => {
            let shown = pending.list().get(&id).is_some_and(|asked| asked.shown);
            Ok(Json(json!({ "state": "waiting", "shown": shown })))
        }
        Some(outcome) => {
            if pending
                .list()
                .get(&id)
                .is_some_and(|asked| asked.origin == origin)
            {
                pending.list().remove(&id);
            }
            Ok(Json(json!({ "state": "done", "result": outcome? })))
        }
    }
}

/// `POST /wallet/requests/{id}/cancel`: the page gives up.
pub(super) async fn cancel(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Json<Value> {
    let origin = text_header(&headers, header::ORIGIN).unwrap_or_default();
    let mut list = shared.counter.pending.list();
    if list
        .get(&id)
        .is_some_and(|asked| asked.origin == origin && matches!(asked.stage, Stage::Open))
    {
        list.remove(&id);
    }
    Json(json!({ "state": "cancelled" }))
}

#[derive(Debug, Deserialize)]
pub(super) struct ViewWish {
    id: String,
    token: Option<String>,
}

/// `POST /wallet/view`: the confirm page fetches what it must show, and for which account.
pub(super) async fn view(
    State(shared): State<Shared>,
    Json(wish): Json<ViewWish>,
) -> Result<Json<Value>, Problem> {
    let counter: &Counter = &shared.counter;
    let asked = counter
        .pending
        .wait_for(&wish.id, REQUEST_ARRIVAL_TIMEOUT, |asked| asked.cloned())
        .await
        .filter(|asked| matches!(asked.stage, Stage::Open))
        .ok_or_else(gone)?;
    if let Some(asked) = counter.pending.list().get_mut(&wish.id) {
        asked.shown = true;
    }
    let known = wish
        .token
        .as_deref()
        .and_then(|token| shared.look(|world, _| world.purse.open(token)));
    let (new_token, signer) = match known {
        Some(signer) => (None, signer),
        None => {
            let (token, signer) = shared.change(|world, _| world.purse.make());
            (Some(token), signer)
        }
    };
    let described = prepare(counter, &asked, signer.address()).await;
    let mut view = described.inspect_err(|error| {
        // A request that cannot be carried out is answered at once: there is nothing to decide.
        let refused = Stage::Done(Err(error.clone()));
        counter.pending.set(&wish.id, refused);
    })?;
    if let Some(token) = new_token {
        view["token"] = json!(token);
    }
    Ok(Json(view))
}

async fn prepare(counter: &Counter, asked: &Asked, account: Address) -> Result<Value, WalletError> {
    let chain = counter.chain()?;
    chain.ensure_gas(account).await?;
    describe::describe(chain, &asked.call, &asked.origin, account).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    id: String,
    token: Option<String>,
    approve: bool,
}

/// `POST /wallet/decide`: the confirm page accepts or rejects.
pub(super) async fn decide(
    State(shared): State<Shared>,
    Json(decision): Json<Decision>,
) -> Result<Json<Value>, Problem> {
    let pending = &shared.counter.pending;
    let asked = pending.claim(&decision.id)?;
    if !decision.approve {
        pending.set(&decision.id, Stage::Done(Err(WalletError::rejected())));
        return Ok(Json(json!({ "ok": true })));
    }
    let outcome = carry_out(&shared, decision.token.as_deref(), &asked.call).await;
    let answer = match &outcome {
        Ok(_) => json!({ "ok": true }),
        Err(error) => json!({ "error": error.json() }),
    };
    pending.set(&decision.id, Stage::Done(outcome));
    Ok(Json(answer))
}

async fn carry_out(
    shared: &Shared,
    token: Option<&str>,
    call: &Call,
) -> Result<Value, WalletError> {
    let signer: PrivateKeySigner = token
        .and_then(|token| shared.look(|world, _| world.purse.open(token)))
        .ok_or_else(|| WalletError::new(4100, "This browser has no account in the demo wallet."))?;
    sign::carry_out(shared.counter.chain()?, signer, call).await
}

/// An error for the confirm page itself, which reads the status.
#[derive(Debug)]
pub(super) struct Problem(WalletError);

impl From<WalletError> for Problem {
    fn from(error: WalletError) -> Self {
        Self(error)
    }
}

impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        let body = Json(json!({ "error": self.0.json() }));
        (axum::http::StatusCode::CONFLICT, body).into_response()
    }
}
