//! Routes, sessions, streams and headers. Contains no business rule.

mod admission;
mod bodies;
mod cross_site;
mod extensions;
mod files;
mod forms;
mod headers;
mod health;
mod hosts;
mod intake;
mod market;
mod metrics;
mod operator;
#[cfg(test)]
mod ownership;
mod pages;
mod render;
mod reports;
mod routes;
mod session;
mod shape;
mod spans;
mod state;
mod status;
mod streams;
#[cfg(test)]
mod tests;

use admission::Admission;
use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use backend::Backend;
use bodies::BODY_LIMIT;
use headers::Gate;
use leptos_axum::{LeptosRoutes, generate_route_list};
use state::ServerState;
use tower_http::csrf::CsrfLayer;

use crate::config::Config;
use crate::connections::Door;
use crate::error::CommandError;
use crate::lifecycle::Lifecycle;
use crate::panics;

/// Builds the state that this process's routers share.
pub(crate) fn state(
    backend: &Backend,
    config: &Config,
    life: &Lifecycle,
    door: &Door,
) -> Result<ServerState, CommandError> {
    Ok(ServerState {
        backend: backend.clone(),
        leptos: pages::leptos_options(config)?,
        facts: pages::shell_facts(config),
        cookies: session::CookieStyle::for_origin(&config.http.public_origin),
        life: life.clone(),
        door: door.clone(),
        reports: reports::Reports::default(),
    })
}

/// The router of the separate listener for monitors.
pub(crate) fn for_monitors(state: &ServerState) -> Router {
    routes::served(routes::for_monitors())
        .layer(middleware::from_fn(panics::caught))
        .with_state(state.clone())
}

/// The router of the whole application.
pub(crate) fn router(state: &ServerState, config: &Config) -> Result<Router, CommandError> {
    let state = state.clone();
    let admission = Admission::new(&state.backend, config);
    let csrf = CsrfLayer::new().add_trusted_origin(&config.http.public_origin)?;
    let context = pages::context(state.clone());
    let shell = {
        let options = state.leptos.clone();
        move || app::shell(options.clone())
    };
    let with_session = routes::served(routes::with_session())
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
        .layer(middleware::from_fn_with_state(
            state.clone(),
            session::begin,
        ))
        .layer(middleware::from_fn_with_state(
            admission.clone(),
            admission::admit,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), session::open))
        .layer(middleware::from_fn(render::alone));
    Ok(Router::new()
        .merge(routes::served(routes::for_everybody()))
        .merge(with_session)
        .nest_service("/pkg", files::static_files(&state.leptos, "pkg"))
        .nest_service("/fonts", files::static_files(&state.leptos, "fonts"))
        .layer(middleware::from_fn(cross_site::pass))
        .layer(csrf)
        .layer(middleware::from_fn_with_state(
            state.backend.clone(),
            cross_site::note,
        ))
        .merge(routes::served(routes::for_browsers()))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(intake::check))
        .layer(middleware::from_fn_with_state(
            config.connections.body,
            bodies::whole,
        ))
        .layer(middleware::from_fn_with_state(admission, admission::arrive))
        .layer(middleware::from_fn_with_state(
            config.connections.answer,
            headers::in_time,
        ))
        .layer(middleware::from_fn(panics::caught))
        .layer(middleware::from_fn_with_state(
            Gate::new(config, &state.life),
            headers::harden,
        ))
        .layer(spans::requests())
        .with_state(state))
}
