//! Reads the whole body of a request before any handler runs, within a size and a time limit.
//!
//! All bodies here are small and would be buffered anyway. Reading them in one place gives a client that
//! drips its body or sends too much the same answer from every handler.

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use http::header::CONNECTION;
use http::{HeaderValue, Version};
use tokio::time::timeout;

use crate::config::BodyPatience;

/// Largest request body: form encoding may triple an SDL of 256 KiB.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

/// Reason for which a body was not read.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    /// It arrived too slowly.
    Slow,
    /// It exceeds the size limit.
    Large,
    /// It broke off or is malformed.
    Broken,
}

/// Middleware that reads the body and passes the buffered request on.
pub(super) async fn whole(
    State(patience): State<BodyPatience>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let version = parts.version;
    let read = timeout(patience.whole, read(body, patience)).await;
    match read.unwrap_or(Err(Refused::Slow)) {
        Ok(bytes) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(refused) => answer(&refused, version),
    }
}

async fn read(body: Body, patience: BodyPatience) -> Result<Bytes, Refused> {
    let most = u64::try_from(BODY_LIMIT).unwrap_or(u64::MAX);
    if body.size_hint().lower() > most {
        return Err(Refused::Large);
    }
    let mut pieces = body.into_data_stream();
    let mut bytes = Vec::new();
    loop {
        let piece = timeout(patience.between, pieces.next()).await;
        match piece.map_err(|_| Refused::Slow)? {
            None => return Ok(bytes.into()),
            Some(Err(_)) => return Err(Refused::Broken),
            Some(Ok(piece)) if bytes.len() + piece.len() > BODY_LIMIT => {
                return Err(Refused::Large);
            }
            Some(Ok(piece)) => bytes.extend_from_slice(&piece),
        }
    }
}

/// Reads and drops an unwanted body, within the same limits. A client that is still sending when the
/// connection closes would see a broken connection instead of the response.
pub(super) async fn discard(body: Body, patience: BodyPatience) {
    let mut left = BODY_LIMIT;
    let mut pieces = body.into_data_stream();
    let read = async {
        while let Ok(Some(Ok(piece))) = timeout(patience.between, pieces.next()).await {
            let Some(rest) = left.checked_sub(piece.len()) else {
                return;
            };
            left = rest;
        }
    };
    // On a timeout the response is sent all the same, and the connection closes after it.
    let _ended = timeout(patience.whole, read).await;
}

/// The connection closes after this response: the rest of the body would be parsed as the next request.
fn answer(refused: &Refused, version: Version) -> Response {
    let mut response = match refused {
        Refused::Slow => {
            let sentence = "What you sent did not come in time. Please send it again.\n";
            (StatusCode::REQUEST_TIMEOUT, sentence).into_response()
        }
        Refused::Large => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Refused::Broken => StatusCode::BAD_REQUEST.into_response(),
    };
    if version < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use axum::routing::post;
    use axum::{Router, middleware};
    use futures::stream;
    use tokio::time::Instant;
    use tower::ServiceExt as _;

    use super::*;

    async fn sent(body: Body) -> StatusCode {
        let patience = BodyPatience {
            between: Duration::from_millis(100),
            whole: Duration::from_millis(400),
        };
        let layer = middleware::from_fn_with_state(patience, whole);
        let router = Router::new().route("/", post(async |body: Bytes| body.len().to_string()));
        let request = http::Request::post("/").body(body).unwrap();
        let response = router.layer(layer).oneshot(request).await.unwrap();
        response.status()
    }

    /// A body that sends one byte per `pause`, `times` times.
    fn dripped(pause: Duration, times: usize) -> Body {
        let drops = stream::iter(0..times).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, Infallible>(Bytes::from_static(b"x"))
        });
        Body::from_stream(drops)
    }

    #[tokio::test]
    async fn a_body_is_waited_for_so_long_and_no_longer() {
        let quick = dripped(Duration::from_millis(1), 20);
        assert_eq!(sent(quick).await, StatusCode::OK);
        let silent = dripped(Duration::from_secs(60), 1);
        assert_eq!(sent(silent).await, StatusCode::REQUEST_TIMEOUT);
        let for_ever = dripped(Duration::from_millis(20), 100_000);
        assert_eq!(sent(for_ever).await, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_body_that_nobody_works_on_is_read_so_far_and_no_further() {
        let patience = BodyPatience {
            between: Duration::from_millis(100),
            whole: Duration::from_millis(400),
        };
        let begun = Instant::now();
        for body in [
            Body::empty(),
            Body::from(vec![0; BODY_LIMIT]),
            // Sends more than is read, then goes silent.
            Body::from_stream(
                stream::iter([Ok::<_, Infallible>(Bytes::from(vec![0; BODY_LIMIT + 1]))]).chain(
                    dripped(Duration::from_secs(60), 1)
                        .into_data_stream()
                        .map(|piece| Ok(piece.unwrap())),
                ),
            ),
            dripped(Duration::from_secs(60), 1),
            dripped(Duration::from_millis(20), 100_000),
        ] {
            discard(body, patience).await;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused_however_it_comes() {
        let large = vec![0; BODY_LIMIT + 1];
        assert_eq!(
            sent(Body::from(large.clone())).await,
            StatusCode::PAYLOAD_TOO_LARGE
        );
        let pieces = stream::iter(
            large
                .chunks(4096)
                .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)))
                .collect::<Vec<_>>(),
        );
        assert_eq!(
            sent(Body::from_stream(pieces)).await,
            StatusCode::PAYLOAD_TOO_LARGE
        );
        assert_eq!(sent(Body::from(vec![0; BODY_LIMIT])).await, StatusCode::OK);
    }
}
