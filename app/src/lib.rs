//! The user interface: pages, components, the wallet, and the server functions behind them.
//!
//! Nothing is decided here: `domain` and `sdl` decide what is allowed and what it costs, and `backend`
//! carries it out. The crate is built twice: with `hydrate` for the browser and with `ssr` for the server. To
//! add a page, add a file below [`pages`](self) and a route in `root`; to add a request to the server, add a
//! server function below [`api`].

#![expect(
    unreachable_pub,
    reason = "the component macro writes `pub` for all it generates, whatever the component says"
)]

#[cfg(all(feature = "hydrate", feature = "ssr"))]
compile_error!(
    "`hydrate` and `ssr` exclude each other: build with `--workspace --exclude frontend`, \
     and the browser part alone"
);

pub mod api;
mod browser;
mod chunks;
mod components;
mod facts;
mod live_order;
mod pages;
mod phase;
mod request;
mod root;
mod server_clock;
pub mod shape;
#[cfg(feature = "ssr")]
mod shell;
mod status;
mod stream;
mod task;
mod wallet;
mod wish_fields;

#[cfg(feature = "hydrate")]
pub use chunks::load_for_this_page;
pub use facts::{ShellFacts, Simulated};
pub use root::App;
#[cfg(feature = "ssr")]
pub use shell::{POLICY_REPORTS, shell};
