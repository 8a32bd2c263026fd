//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use backend::Backend;
use backend::usecases::{self, Readiness};

/// Lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Can serve: the database answers and somebody works on the queue. Akash and the chain may be away; that is said, and
/// Necto goes on when they are back.
pub(super) async fn ready(State(backend): State<Backend>) -> (StatusCode, String) {
    match usecases::readiness(&backend).await {
        Ok(readiness) => report(&readiness),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n".to_owned(),
            )
        }
    }
}

/// What is wrong is for the log and the operator's page: anybody may ask here.
fn report(readiness: &Readiness) -> (StatusCode, String) {
    let part =
        |name: &str, fine: bool| format!("{name}: {}\n", if fine { "ok" } else { "degraded" });
    let (status, first) = if readiness.workers_stand {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    } else {
        (StatusCode::OK, "ready\n")
    };
    let text = [
        first.to_owned(),
        part("workers", !readiness.workers_stand),
        part("chain", readiness.chain.is_none()),
        part("akash", readiness.akash.is_none()),
    ];
    (status, text.concat())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use backend::usecases::Readiness;

    use super::report;

    #[test]
    fn an_outsider_that_is_away_degrades_and_standing_workers_are_not_ready() {
        let mut readiness = Readiness {
            chain: Some("secret address".to_owned()),
            akash: None,
            workers_stand: false,
        };
        let (status, text) = report(&readiness);
        assert_eq!(status, StatusCode::OK);
        assert_eq!(text, "ready\nworkers: ok\nchain: degraded\nakash: ok\n");
        readiness.workers_stand = true;
        assert_eq!(report(&readiness).0, StatusCode::SERVICE_UNAVAILABLE);
    }
}
