//! `necto serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::CommandError;
use crate::config::ServeOptions;
use crate::{http, wiring};

/// Serves until asked to stop.
pub(crate) async fn run(options: ServeOptions) -> Result<ExitCode, CommandError> {
    let config = options.check().map_err(|problems| problems.to_string())?;
    start_logging(config.json_logs);
    let stop = CancellationToken::new();
    let backend = wiring::connect(&config, &stop).await?;
    let worker = tokio::spawn(backend::jobs::run_worker(backend.clone(), stop.clone()));
    let market = tokio::spawn(backend::market::run_market(backend.clone(), stop.clone()));
    let templates = tokio::spawn(backend::templates::run_templates(
        backend.clone(),
        stop.clone(),
    ));
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .map_err(|error| {
            format!(
                "Cannot listen on {}: {error}. Is another Necto running there?",
                config.listen
            )
        })?;
    tracing::info!(address = %config.listen, public = %config.public_origin, simulated = config.simulated.is_some(), "listening");
    let router = http::router(&backend, &config, stop.clone())?;
    // A service for each connection is a pointer then; the router itself would be copied, route by route.
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router)
        .with_graceful_shutdown(stopped(stop.clone()))
        .await?;
    stop.cancel();
    worker.await?;
    market.await?;
    templates.await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Resolves at Ctrl-C or SIGTERM, and tells everything that streams to end.
async fn stopped(stop: CancellationToken) {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await.unwrap_or(()),
            Err(error) => {
                tracing::error!(%error, "cannot listen for SIGTERM; only Ctrl-C stops this server");
                std::future::pending().await
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
    tracing::info!("stopping: finishing what is under way");
    stop.cancel();
}

fn start_logging(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "info,sqlx=warn,hyper=warn".into());
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}
