//! `necto-sandbox`: the outside world of Necto, simulated on loopback.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::{Config, DEFAULT_API_KEY, Profile, Sandbox};

/// Simulates the Akash Console, its providers and a demo wallet on this machine. Nothing is real.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Loopback address to listen on
    #[arg(long, default_value = "127.0.0.1:4010", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Seed of all randomness: the same seed gives the same world
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Speed of the world as a multiple of real time, blocks and money included (0: frozen)
    #[arg(long, default_value_t = 1)]
    speed: u32,
    /// Factor by which the waits for bids, transactions and containers are shorter than in reality
    #[arg(long, default_value_t = 6)]
    pace: u32,
    /// File to keep the world in; without one it is forgotten at the end
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// JSON-RPC of the local chain, for the demo wallet
    #[arg(long, value_name = "URL")]
    chain_rpc: Option<String>,
    /// Loopback address at which the local chain's JSON-RPC is answered in its place, to pages of --app-origin, to
    /// wallets and to programs only
    #[arg(long, value_name = "ADDRESS", requires = "chain_rpc")]
    chain_door: Option<SocketAddr>,
    /// Origin of a page that may use the demo wallet and the local chain; can be given several times
    #[arg(long, value_name = "ORIGIN")]
    app_origin: Vec<String>,
    /// State of the real service to simulate
    #[arg(long, value_enum, default_value_t = Profile::Latest)]
    profile: Profile,
    /// Key that the Console API accepts
    #[arg(long, default_value = DEFAULT_API_KEY, value_name = "KEY")]
    api_key: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let config = Config {
        listen: arguments.listen,
        seed: arguments.seed,
        speed: arguments.speed,
        pace: arguments.pace,
        profile: arguments.profile,
        api_key: arguments.api_key,
        state_file: arguments.state,
        chain_rpc: arguments.chain_rpc,
        chain_door: arguments.chain_door,
        app_origins: arguments.app_origin,
    };
    match Sandbox::start(config).await {
        Ok(handle) => {
            println!("Sandbox ready at {} (simulated)", handle.base_url);
            wait_for_the_end().await;
            handle.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("necto-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Waits for Ctrl-C or a termination signal.
async fn wait_for_the_end() {
    let interrupted = async {
        tokio::signal::ctrl_c()
            .await
            .expect("the handler for Ctrl-C can be installed");
    };
    #[cfg(unix)]
    let terminated = async {
        let kind = tokio::signal::unix::SignalKind::terminate();
        let mut signals =
            tokio::signal::unix::signal(kind).expect("the handler for SIGTERM can be installed");
        signals.recv().await;
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
