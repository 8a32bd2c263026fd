//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use backend::Backend;
use backend::usecases::{self, Readiness};

use crate::lifecycle::Lifecycle;

/// Answers for as long as the process lives, whatever else fails.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Can serve: about this process alone. Who is away outside, and what waits in the queue, is in the metrics and on the
/// operator's page; a proxy that looks here can change nothing about it.
pub(super) async fn ready(
    State(backend): State<Backend>,
    State(life): State<Lifecycle>,
) -> (StatusCode, &'static str) {
    if life.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping\n");
    }
    report(usecases::readiness(&backend).await)
}

/// Anybody may ask here, so it is said in general.
fn report(readiness: Readiness) -> (StatusCode, &'static str) {
    let reason = match readiness {
        Readiness::Ready => return (StatusCode::OK, "ready\n"),
        Readiness::NoDatabase => "not ready: the database does not answer\n",
        Readiness::OldSchema => "not ready: the database's schema is too old\n",
        Readiness::WorkerStands => "not ready: the worker stands\n",
    };
    tracing::warn!(reason = reason.trim_end(), "this process cannot serve");
    (StatusCode::SERVICE_UNAVAILABLE, reason)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use backend::usecases::Readiness;

    use super::report;

    #[test]
    fn whatever_keeps_this_process_from_serving_is_said() {
        assert_eq!(report(Readiness::Ready), (StatusCode::OK, "ready\n"));
        for (readiness, said) in [
            (Readiness::NoDatabase, "the database does not answer"),
            (Readiness::OldSchema, "schema is too old"),
            (Readiness::WorkerStands, "the worker stands"),
        ] {
            let (status, text) = report(readiness);
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(text.contains(said), "{text}");
        }
    }
}
