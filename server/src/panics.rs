//! Panics: counted, logged in one line, and answered.
//!
//! A panic is a bug. Only the request or job that hit it fails. The log gets one line, because a backtrace of
//! a hundred lines for each would bury everything else; `RUST_LOG=debug` adds the backtrace.

use std::any::Any;
use std::backtrace::Backtrace;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;

/// Global, like the panic hook that increments it.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Maximum length of a logged message, in characters.
const LONGEST: usize = 500;

/// Starts counting and logging every panic of this process.
pub(crate) fn watch() {
    panic::set_hook(Box::new(note));
}

/// Number of panics so far.
pub(crate) fn count() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

fn note(info: &PanicHookInfo<'_>) {
    PANICS.fetch_add(1, Ordering::Relaxed);
    let place = info.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("a place unknown");
    tracing::error!("panicked at {place}: {}", in_one_line(info.payload()));
    tracing::debug!(trace = %Backtrace::force_capture(), "where it panicked");
}

fn in_one_line(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let characters = message.chars().take(LONGEST);
    characters
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Middleware that answers a request whose handler panicked. The panic is already logged.
pub(crate) async fn caught(request: Request, next: Next) -> Response {
    // The request is not used again after a panic.
    let served = AssertUnwindSafe(next.run(request)).catch_unwind();
    served.await.unwrap_or_else(|_| {
        let sentence =
            "Something went wrong in the server. It was written down; please try again.\n";
        (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
    })
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::http::StatusCode;
    use axum::routing::get;
    use axum::{Router, middleware};
    use tower::ServiceExt as _;

    use super::{LONGEST, caught, count, in_one_line, watch};

    #[tokio::test]
    async fn a_handler_that_panics_is_a_500_with_a_sentence_and_is_counted() {
        watch();
        let before = count();
        let breaks = async || -> &'static str { panic!("this is the test's own") };
        let router = Router::new().route("/", get(breaks));
        let router = router.layer(middleware::from_fn(caught));
        let request = Request::new(Body::empty());
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        assert!(body.starts_with(b"Something went wrong in the server."));
        assert!(count() > before);
    }

    #[test]
    fn a_message_of_many_lines_becomes_one() {
        assert_eq!(in_one_line(&"left: 1\nright: 2"), "left: 1 right: 2");
        let long = "x".repeat(10_000);
        assert_eq!(in_one_line(&long).len(), LONGEST);
        assert_eq!(in_one_line(&7_u8), "no message");
    }
}
