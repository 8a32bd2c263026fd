//! What panics: counted, logged in one line, and answered.
//!
//! A panic is a bug. The request or the job that met it fails alone; what happened is for the log, where a trace of a
//! hundred lines for each would bury everything else. The trace is there for who asks for it (`RUST_LOG=debug`).

use std::any::Any;
use std::backtrace::Backtrace;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;

/// Of this process. The hook that counts is the process's own as well.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// The longest part of a message that is logged, in characters.
const LONGEST: usize = 500;

/// Counts and logs every panic of this process from now on.
pub(crate) fn watch() {
    panic::set_hook(Box::new(note));
}

/// How many there were.
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

/// Answers a request that met one, as a layer. The log has it already.
pub(crate) async fn caught(request: Request, next: Next) -> Response {
    // Nothing of the request is looked at again.
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
