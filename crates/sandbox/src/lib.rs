//! The outside world of Necto, simulated on loopback.
//!
//! One program simulates the Akash Console API, its provider proxy with the gateways behind it, the
//! other venues of the GPU market with the feeds of token prices, a repository of templates, and a
//! demo wallet for the local chain. Formats, error bodies, delays and quirks follow the real
//! services, so that the same client works with both; nothing here costs money or runs a container.
//! Tests control it through `/__sim/…`: the clock, faults, providers, and a journal of all
//! requests.
//!
//! It simulates outside services only and knows nothing of Necto's server. To add an endpoint, add
//! its route in `api.rs` and its handler in the module named after its subject; to add a fault, add
//! a line in `fault.rs` and its effect where it occurs. Whatever depends on time belongs in `world`
//! as a function of the clock, never in a timer.

// A provider's record has more fields than the macro's default nesting allows.
#![recursion_limit = "256"]

mod address;
mod amount;
mod api;
mod chain_door;
mod clock;
mod control;
mod definition;
mod dice;
mod door;
mod fault;
mod gateway;
mod group;
mod lease_page;
mod model;
mod offer;
mod providers;
mod proxy;
mod refusal;
mod render;
mod saved;
mod state;
mod templates;
mod venues;
mod wallet;
mod workload;
mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::door::Door;
use crate::door::layers::{only_programs, only_this_host};
use crate::refusal::Refusal;
use crate::state::{Shared, State};
use crate::wallet::counter::Counter;
use crate::world::World;

pub use crate::model::MODEL_KEY;
pub use crate::world::Profile;

/// A key in the real format that gives access only to a sandbox.
pub const DEFAULT_API_KEY: &str =
    "ac.sk.sandbox.5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c";

/// The configuration of a sandbox.
#[derive(Debug, Clone)]
pub struct Config {
    /// Loopback address to listen on; port 0 uses a free one.
    pub listen: SocketAddr,
    /// Seed of all randomness.
    pub seed: u64,
    /// Speed of the simulated world as a multiple of real time, blocks and money included; 0 is
    /// frozen, and stepped by `/__sim/advance`.
    pub speed: u32,
    /// Factor by which waits that people notice are shorter than on the real network: transactions,
    /// bids, starting containers. Blocks and money are not affected.
    pub pace: u32,
    /// Version of the real service that is simulated.
    pub profile: Profile,
    /// Key that the Console API accepts.
    pub api_key: String,
    /// File that stores the world along with its seed and profile, which then take precedence over
    /// those above; without a file the world is discarded.
    pub state_file: Option<PathBuf>,
    /// JSON-RPC of the local chain, for the demo wallet; without it there is no wallet.
    pub chain_rpc: Option<String>,
    /// Loopback address at which the local chain's JSON-RPC is answered in its place, only to our
    /// own pages and to programs on this machine; without it, it is not answered. Needs
    /// `chain_rpc`.
    pub chain_door: Option<SocketAddr>,
    /// Origins of pages that may use the demo wallet, such as `http://127.0.0.1:3000`.
    pub app_origins: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            speed: 1,
            pace: 6,
            profile: Profile::default(),
            api_key: DEFAULT_API_KEY.to_owned(),
            state_file: None,
            chain_rpc: None,
            chain_door: None,
            app_origins: Vec::new(),
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug)]
pub enum StartError {
    /// The address is not on loopback. The sandbox only listens there: its world is not protected
    /// from others.
    NotLoopback(SocketAddr),
    /// The address is not available for listening.
    Listen(SocketAddr, io::Error),
    /// The state file cannot be read or written.
    StateFile(PathBuf, String),
    /// The URL is not that of a chain on this machine.
    Chain(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotLoopback(address) => write!(
                f,
                "{address} is not a loopback address: the sandbox is only for this machine"
            ),
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            Self::StateFile(path, error) => write!(f, "state file {}: {error}", path.display()),
            Self::Chain(error) => write!(f, "chain RPC: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A sandbox; see [`Sandbox::start`].
#[derive(Debug)]
pub struct Sandbox;

/// A running sandbox. Dropping it stops it without waiting; [`Handle::stop`] saves the state first.
#[derive(Debug)]
pub struct Handle {
    /// Root of the Console API, of the provider proxy, of the demo wallet and of `/__sim`:
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// Loopback address that it listens on.
    pub address: SocketAddr,
    /// URL at which the local chain's JSON-RPC is answered in its place; `None` without
    /// [`Config::chain_door`].
    pub chain_url: Option<String>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config) -> Result<Handle, StartError> {
        let (listener, address) = listen(config.listen).await?;
        let origin = format!("http://{address}");
        let saved = match &config.state_file {
            Some(path) => saved::load(path)?,
            None => None,
        };
        let (world, moment) = match saved {
            Some(saved) => (saved.world.revive(config.pace), Some(saved.now)),
            None => (World::new(config.seed, config.profile, config.pace), None),
        };
        let counter = Counter::new(config.chain_rpc.as_deref()).map_err(StartError::Chain)?;
        let chain_door = match config.chain_door {
            Some(listen_at) => {
                let (listener, at) = listen(listen_at).await?;
                let door = Door::new(at, &config.app_origins);
                let routes = counter.chain_door(door).map_err(StartError::Chain)?;
                Some((listener, at, routes))
            }
            None => None,
        };
        let clock = Clock::start(moment, config.speed);
        let shared: Shared = Arc::new(State::new(
            world,
            clock,
            config.api_key,
            origin.clone(),
            Door::new(address, &config.app_origins),
            counter,
        ));
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        if let Some(path) = config.state_file {
            saved::save(&shared, &path)?;
            tasks.push(tokio::spawn(saved::keep_saving(
                Arc::clone(&shared),
                path,
                stopped.clone(),
            )));
        }
        let app = router(&shared);
        let mut chain_url = None;
        if let Some((listener, at, routes)) = chain_door {
            chain_url = Some(format!("http://{at}"));
            tasks.push(tokio::spawn(serve(listener, routes, stopped.clone())));
        }
        tasks.push(tokio::spawn(serve(listener, app, stopped)));
        Ok(Handle {
            base_url: origin,
            address,
            chain_url,
            stop,
            tasks,
        })
    }
}

impl Handle {
    /// Stops the sandbox: no more requests are accepted, and the state is saved.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        for task in std::mem::take(&mut self.tasks) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the sandbox did not stop in order");
            }
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    if !wanted.ip().is_loopback() {
        return Err(StartError::NotLoopback(wanted));
    }
    let listen_error = |error| StartError::Listen(wanted, error);
    let listener = TcpListener::bind(wanted).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    Ok((listener, address))
}

async fn serve(listener: TcpListener, app: Router, mut stopped: watch::Receiver<bool>) {
    let server = axum::serve(listener, app).into_future();
    // Streams and requests that never end must not keep the program from stopping.
    tokio::select! {
        result = server => {
            if let Err(error) = result {
                tracing::error!(%error, "the server stopped");
            }
        }
        () = saved::is_stopped(&mut stopped) => {}
    }
}

fn router(shared: &Shared) -> Router {
    let for_programs = Router::new()
        .merge(api::routes(shared))
        .merge(venues::routes(shared))
        .merge(templates::routes(shared))
        .merge(control::routes())
        .route(
            "/gemini/v1beta/models/{call}",
            post(model::generate_content),
        )
        .route("/gemini/v1beta/interactions", post(model::interactions))
        .route("/", get(proxy::upgrade).post(proxy::request))
        .route_layer(from_fn_with_state(shared.clone(), only_programs));
    for_programs
        .merge(wallet::routes(shared))
        .route("/__lease/{dseq}/{service}/", get(lease_page::page))
        .route(
            "/__lease/{dseq}/{service}/{*rest}",
            get(lease_page::page_below),
        )
        .fallback(|| async { Refusal::not_found("Not Found") })
        .layer(from_fn_with_state(shared.clone(), only_this_host))
        .with_state(Arc::clone(shared))
}
