//! The effects of a fault on a request.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};

use crate::fault::Fault;
use crate::refusal::{
    BID_GONE, NO_BALANCE, NO_FEES, ORDER_GONE, PROVIDER_DOWN, Refusal, TOP_UP_ON_ITS_WAY,
};

/// A wait longer than that of any client.
const SILENCE: Duration = Duration::from_secs(3_600);

/// The fault that applies to a request; handlers read it for effects that only they can produce.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Struck(pub(crate) Option<Fault>);

/// Processes a request under a fault; `None` means that no answer is given.
pub(crate) async fn run(fault: Option<Fault>, request: Request, next: Next) -> Option<Response> {
    let Some(fault) = fault else {
        return Some(next.run(request).await);
    };
    if let Some(refusal) = refusal(fault) {
        return Some(refusal.into_response());
    }
    match fault {
        Fault::Cloudflare => {
            let page = "<!doctype html><title>Just a moment...</title>";
            let mut response = html(StatusCode::FORBIDDEN, page);
            let challenge = HeaderValue::from_static("challenge");
            response.headers_mut().insert("cf-mitigated", challenge);
            Some(response)
        }
        Fault::Html => Some(html(
            StatusCode::BAD_GATEWAY,
            "<!doctype html><title>502 Bad Gateway</title>",
        )),
        Fault::Garbage => Some("{\"data\":".into_response()),
        Fault::Maintenance => Some(html(
            StatusCode::OK,
            "<!doctype html><title>We will be back soon</title>",
        )),
        Fault::Huge => Some(huge()),
        Fault::Elsewhere => Some(elsewhere()),
        Fault::Lost => None,
        Fault::Silent => {
            tokio::time::sleep(SILENCE).await;
            None
        }
        Fault::LandedThenLost => {
            next.run(request).await;
            None
        }
        Fault::LandedThenError => {
            next.run(request).await;
            Some(Refusal::internal().into_response())
        }
        Fault::LandedThenSilent => {
            next.run(request).await;
            tokio::time::sleep(SILENCE).await;
            None
        }
        Fault::BrokenBody => Some(broken(next.run(request).await).await),
        Fault::Slow => Some(slowed(next.run(request).await).await),
        _ => Some(next.run(request).await),
    }
}

fn refusal(fault: Fault) -> Option<Refusal> {
    Some(match fault {
        Fault::Unauthorized => Refusal::unauthorized(),
        Fault::RateLimited => Refusal::rate_limited(),
        Fault::ServerError => Refusal::internal(),
        Fault::DatabaseTimeout => Refusal::database_timeout(),
        Fault::Unavailable => Refusal::unavailable("Service temporarily unavailable"),
        Fault::OperatorFunds => Refusal::payment(NO_BALANCE),
        Fault::OperatorTopUp => Refusal::payment(TOP_UP_ON_ITS_WAY),
        Fault::OperatorFees => Refusal::payment(NO_FEES),
        Fault::WalletProvisioning => Refusal::wallet_provisioning(),
        Fault::InvalidSdl => Refusal::bad_request(
            "Invalid SDL: Service \"web\" is not defined at \"/deployment\" section.",
        ),
        Fault::DepositRequired => Refusal::bad_request("deposit is required"),
        Fault::BidNotOpen => Refusal::bad_request(BID_GONE),
        Fault::OrderNotOpen => Refusal::bad_request(ORDER_GONE),
        Fault::ProviderUnavailable => Refusal::unavailable(PROVIDER_DOWN),
        _ => return None,
    })
}

/// Breaks the connection: a body that fails at once makes the server drop it.
pub(crate) fn no_answer() -> Response {
    let failure = io::Error::new(io::ErrorKind::ConnectionReset, "simulated");
    Body::from_stream(stream::once(async { Err::<Bytes, _>(failure) })).into_response()
}

async fn broken(response: Response) -> Response {
    let (parts, bytes) = taken_apart(response).await;
    let half = bytes.slice(..bytes.len() / 2);
    let failure = io::Error::new(io::ErrorKind::ConnectionReset, "simulated");
    let body = stream::iter([Ok(half), Err(failure)]);
    Response::from_parts(parts, Body::from_stream(body))
}

async fn slowed(response: Response) -> Response {
    let (parts, bytes) = taken_apart(response).await;
    let pieces: Vec<Bytes> = bytes.chunks(1).map(Bytes::copy_from_slice).collect();
    let body = stream::iter(pieces).then(|piece| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<_, Infallible>(piece)
    });
    Response::from_parts(parts, Body::from_stream(body))
}

/// Returns a huge body without a length, so that the reader has to count.
fn huge() -> Response {
    const PIECE: &[u8] = &[b'#'; 64 * 1024];
    let pieces = (0..1024).map(|_| Ok::<_, Infallible>(Bytes::from_static(PIECE)));
    Body::from_stream(stream::iter(pieces)).into_response()
}

fn elsewhere() -> Response {
    let target = HeaderValue::from_static("http://169.254.169.254/latest/meta-data/");
    (StatusCode::FOUND, [(LOCATION, target)]).into_response()
}

async fn taken_apart(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove("content-length");
    // Our own bodies are in memory, so reading them cannot fail.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, bytes)
}

fn html(status: StatusCode, page: &'static str) -> Response {
    let mut response = (status, page).into_response();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
