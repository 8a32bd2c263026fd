//! Routes, sessions, streams and headers. No rule lives here.

mod forms;
mod headers;
mod health;
mod intake;
mod market;
mod metrics;
mod operator;
mod pages;
mod render;
mod reports;
mod session;
mod shape;
mod streams;
#[cfg(test)]
mod tests;

use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::get;
use axum::{Router, middleware};
use backend::Backend;
use headers::Transport;
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use crate::commands::CommandError;
use crate::config::Config;

/// Largest request body: an SDL of 256 KiB in form encoding may triple.
const BODY_LIMIT: usize = 1024 * 1024;

/// What every handler can reach.
#[derive(Clone, Debug, FromRef)]
pub(crate) struct ServerState {
    backend: Backend,
    leptos: LeptosOptions,
    facts: app::ShellFacts,
    cookies: session::CookieStyle,
    stop: CancellationToken,
    reports: reports::Reports,
}

/// The whole application.
pub(crate) fn router(
    backend: &Backend,
    config: &Config,
    stop: CancellationToken,
) -> Result<Router, CommandError> {
    let state = ServerState {
        backend: backend.clone(),
        leptos: pages::leptos_options(config)?,
        facts: pages::shell_facts(config),
        cookies: session::CookieStyle::for_origin(&config.public_origin),
        stop,
        reports: reports::Reports::default(),
    };
    let csrf = CsrfLayer::new().add_trusted_origin(&config.public_origin)?;
    let context = pages::context(state.clone());
    let shell = {
        let options = state.leptos.clone();
        move || app::shell(options.clone())
    };
    let with_session = Router::new()
        .route("/api/orders/{id}/events", get(streams::order_events))
        .route("/api/orders/{id}/logs", get(streams::order_logs))
        .route("/api/orders/{id}/decision", get(market::decision))
        .merge(operator::routes())
        .leptos_routes_with_context(
            &state,
            generate_route_list(app::App),
            context.clone(),
            shell,
        )
        .fallback(leptos_axum::file_and_error_handler_with_context::<
            ServerState,
            _,
        >(context, app::shell))
        .layer(middleware::from_fn(forms::lead))
        .layer(middleware::from_fn(shape::tell))
        .layer(middleware::from_fn_with_state(state.clone(), session::open))
        .layer(middleware::from_fn(render::alone));
    // The market is the same for everybody, large, and asked for again and again.
    let market = Router::new()
        .route("/api/market", get(market::board))
        .layer(CompressionLayer::new())
        .route("/api/market/events", get(market::events));
    Ok(Router::new()
        .merge(market)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .merge(with_session)
        .nest_service("/pkg", pages::static_files(&state.leptos, "pkg"))
        .nest_service("/fonts", pages::static_files(&state.leptos, "fonts"))
        .layer(csrf)
        // Browsers send reports as they like, and nothing comes of them but a number.
        .route(app::POLICY_REPORTS, reports::endpoint())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(intake::check))
        .layer(middleware::from_fn_with_state(
            Transport::of(&config.public_origin),
            headers::harden,
        ))
        .with_state(state))
}
