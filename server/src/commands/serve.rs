//! `necto serve`: runs the server.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::config::{Config, ServeOptions};
use crate::connections::{self, Door};
use crate::error::CommandError;
use crate::lifecycle::{HARD_END, Lifecycle};
use crate::{events, http, panics, wiring};

/// Grace period for open requests and jobs once the server stops.
const REST: Duration = Duration::from_secs(10);

/// Serves until a signal asks the process to stop.
pub(crate) async fn run(options: ServeOptions) -> Result<ExitCode, CommandError> {
    let config = options
        .check_with_site()
        .map_err(|problems| problems.to_string())?;
    start_logging(config.json_logs);
    panics::watch();
    events::watch();
    let life = Lifecycle::default();
    let drain = config.running.drain;
    let signals = tokio::spawn({
        let life = life.clone();
        async move { life.follow_signals(drain).await }
    });
    let cut_off = async {
        life.stopping().cancelled().await;
        sleep(HARD_END.saturating_sub(drain)).await;
    };
    let code = tokio::select! {
        served = serve(&config, &life) => served.map(|()| ExitCode::SUCCESS)?,
        () = cut_off => {
            tracing::warn!("stopped, and cut off what was still under way");
            ExitCode::FAILURE
        }
    };
    signals.abort();
    Ok(code)
}

/// Wires everything up and serves until `life` stops.
async fn serve(config: &Config, life: &Lifecycle) -> Result<(), CommandError> {
    let limits = &config.connections;
    let stop = life.stopping();
    let backend = wiring::connect(config, &stop).await?;
    let listener = listen(config.http.listen).await?;
    let door = Door::default();
    let state = http::state(&backend, config, life, &door)?;
    let router = http::router(&state, config)?;
    let public = connections::serve(listener, router, limits, &door, stop.clone(), REST);
    let monitors = match limits.admin_listen {
        None => None,
        Some(address) => {
            let listener = listen(address).await?;
            let router = http::for_monitors(&state);
            Some(connections::serve(
                listener,
                router,
                limits,
                &door,
                stop.clone(),
                REST,
            ))
        }
    };
    let monitors = async {
        match monitors {
            Some(monitors) => monitors.await,
            None => Ok(()),
        }
    };
    let behind = backend.for_jobs();
    let worker = tokio::spawn(backend::jobs::run_worker(backend.clone(), stop.clone()));
    let market = tokio::spawn(backend::market::run_market(behind.clone(), stop.clone()));
    let templates = tokio::spawn(backend::drafting::templates::run_templates(behind, stop));
    tracing::info!(address = %config.http.listen, public = %config.http.public_origin, simulated = config.simulated.is_some(), "listening");
    let served = tokio::try_join!(public, monitors);
    // If one listener fails, the rest stop too.
    life.stop();
    worker.await?;
    market.await?;
    templates.await?;
    served?;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| {
        format!("Cannot listen on {address}: {error}. Is another Necto running there?")
    })
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
