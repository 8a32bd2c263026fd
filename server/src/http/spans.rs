//! A span around each request, so that everything logged on its behalf, including in use-cases and storage,
//! identifies the request. Jobs have spans of their own (`backend::observe::job`); the order's id links the
//! two.
//!
//! A span names the route, not the address, so it contains no id, no query and no visitor's text.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;

/// Time from which a response is slow and logged as such.
const SLOW: Duration = Duration::from_secs(2);

/// The layer type of [`requests`].
pub(super) type RequestSpans = TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    fn(&Request) -> Span,
    (),
    fn(&Response, Duration, &Span),
    (),
    (),
    (),
>;

/// Creates the layer. A span lasts from a request's first byte to the last byte of its response. Failures are
/// logged where they are handled, so the layer logs none.
pub(super) fn requests() -> RequestSpans {
    let begin: fn(&Request) -> Span = begin;
    let answered: fn(&Response, Duration, &Span) = answered;
    TraceLayer::new_for_http()
        .make_span_with(begin)
        .on_request(())
        .on_response(answered)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
}

fn begin(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str);
    tracing::info_span!(
        "request",
        method = %request.method(),
        route,
        status = Empty,
        took_ms = Empty
    )
}

/// Completes the span when the response begins; for a stream, that is its first byte.
fn answered(response: &Response, took: Duration, span: &Span) {
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.record("status", response.status().as_u16());
    span.record("took_ms", took_ms);
    if took < SLOW {
        tracing::debug!("answered");
    } else {
        tracing::info!("answered slowly");
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::requests;
    use crate::http::tests::log::Log;

    #[tokio::test]
    async fn what_is_logged_for_a_request_names_its_route_and_nothing_that_was_written() {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(log.clone())
            .with_ansi(false)
            .with_max_level(tracing::Level::DEBUG)
            .finish();
        let _logging = tracing::subscriber::set_default(subscriber);
        let carried_out = async || {
            tracing::info!("carried out");
            "done"
        };
        let router = Router::new()
            .route("/orders/{id}", get(carried_out))
            .layer(requests());
        let request = Request::get("/orders/somebody?token=hunter2");
        let request = request.body(Body::empty()).unwrap();
        assert!(router.oneshot(request).await.unwrap().status().is_success());
        let text = log.text();
        let span = "request{method=GET route=\"/orders/{id}\"";
        let inside = format!("{span}}}: ");
        let line = text.lines().find(|line| line.ends_with("carried out"));
        assert!(line.is_some_and(|line| line.contains(&inside)), "{text}");
        let answered = text.lines().find(|line| line.ends_with("answered"));
        let answered = answered.unwrap_or_default();
        assert!(answered.contains(" status=200 took_ms="), "{text}");
        for written in ["somebody", "hunter2", "token"] {
            assert!(!text.contains(written), "{written} in {text}");
        }
    }
}
