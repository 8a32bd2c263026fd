//! A span around each request, so that whatever is logged on its behalf, in use-cases and storage too, says which
//! request it was. Jobs have spans of their own (`backend::observe::job`); the order's id leads from one to the other.
//!
//! A span names the route, not the address: nothing that a visitor wrote, no query and no id.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;

/// From here on an answer is slow, and is logged as such.
const SLOW: Duration = Duration::from_secs(2);

/// The layer of [`requests`].
pub(super) type RequestSpans = TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    fn(&Request) -> Span,
    (),
    fn(&Response, Duration, &Span),
    (),
    (),
    (),
>;

/// A span for each request, from its first byte to the last of its answer. A failure is logged where it is handled,
/// so the layer logs none.
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

/// Completes the span once the answer begins. For a stream that is its first byte, not its end.
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
