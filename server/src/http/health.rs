//! Health checks: liveness and readiness.

use axum::extract::State;
use axum::http::StatusCode;
use backend::Backend;
use backend::usecases::{self, Readiness};

use crate::lifecycle::Lifecycle;

/// Liveness: answers as long as the process lives, whatever else fails.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Readiness of this process alone. Unreachable outsiders and the queue's backlog are in the metrics and on
/// the operator's page, because a proxy that checks here can do nothing about them.
pub(super) async fn ready(
    State(backend): State<Backend>,
    State(life): State<Lifecycle>,
) -> (StatusCode, &'static str) {
    if life.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping\n");
    }
    report(usecases::readiness(&backend).await)
}

/// Anyone may ask here, so the answer stays general.
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
