//! Every route that is not a page, a server function or a file. The router is built from these lists and the
//! tests iterate over them, so an unlisted route is not served.

use axum::Router;
use axum::routing::{MethodRouter, get, post};
use tower_http::compression::CompressionLayer;

use super::state::ServerState;
use super::{health, market, metrics, operator, reports, streams};

/// A path and its method router.
type Route = (&'static str, MethodRouter<ServerState>);

/// Routes whose answers depend on the visitor.
pub(super) fn with_session() -> Vec<Route> {
    vec![
        ("/api/orders/{id}/events", get(streams::order_events)),
        ("/api/orders/{id}/logs", get(streams::order_logs)),
        ("/api/orders/{id}/decision", get(market::decision)),
        ("/operator", get(operator::page)),
        ("/operator/resume", post(operator::resume)),
        ("/operator/retry", post(operator::retry)),
        ("/operator.css", get(operator::style)),
    ]
}

/// Routes with the same answer for everyone.
pub(super) fn for_everybody() -> Vec<Route> {
    // The market is large and requested often.
    let market = get(market::board).layer(CompressionLayer::new());
    vec![
        ("/api/market", market),
        ("/api/market/events", get(market::events)),
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/metrics", get(metrics::on_this_machine)),
    ]
}

/// Routes of the separate listener for monitors.
pub(super) fn for_monitors() -> Vec<Route> {
    vec![
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/metrics", get(metrics::metrics)),
    ]
}

/// Endpoints for automatic browser reports, accepted from anywhere because all they do is increment a
/// counter.
pub(super) fn for_browsers() -> Vec<Route> {
    vec![(app::POLICY_REPORTS, reports::endpoint())]
}

/// Builds a router from the routes.
pub(super) fn served(routes: Vec<Route>) -> Router<ServerState> {
    routes
        .into_iter()
        .fold(Router::new(), |router, (path, answers)| {
            router.route(path, answers)
        })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    #[test]
    fn routes_are_only_made_of_these_lists() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
        let mut files = vec![folder.with_extension("rs")];
        files.extend(
            fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path()),
        );
        let code = |file: &&PathBuf| file.is_file() && !file.ends_with("routes.rs");
        for file in files.iter().filter(code) {
            let text = fs::read_to_string(file).unwrap();
            let own = text.split("mod tests {").next().unwrap();
            for made in [".route(", ".route_service("] {
                assert!(!own.contains(made), "{} makes a route", file.display());
            }
        }
    }
}
