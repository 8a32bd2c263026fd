//! What the operator decides. Read from the environment by the server only.

use std::time::Duration;

use domain::ids::Address;
use domain::money::Usd;
use domain::route::AkashRules;
use domain::time::Seconds;

use crate::agent::AgentLimits;

/// What the operator decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who is paid for usage.
    pub payee: Address,
    /// How long the operator may be silent before anyone may close an escrow.
    pub heartbeat_window: Seconds,
    /// Necto's fee in parts per 10,000 of what the payee gets.
    pub fee_bps: u16,
    /// Blocks on top of a transaction before it counts.
    pub confirmations: u64,
    /// `https://host[:port]`, where people reach this server; the domain of a sign-in comes from it.
    pub public_origin: String,
    /// What each deployment is given on the Console account when it opens.
    pub console_deposit: Usd,
    /// What a wallet is told of the chain.
    pub chain: ChainFacts,
    /// Whether the world outside is the sandbox; shown on every page.
    pub simulated: bool,
    /// Whether Necto gives gas away (a simulated chain only).
    pub gas_drip: bool,
    /// Which workloads may go to Akash.
    pub akash_rules: AkashRules,
    /// How often the world is asked.
    pub poll: PollIntervals,
    /// How much may be spent on a model.
    pub agent: AgentLimits,
}

/// What a wallet is told of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFacts {
    /// Its name as a wallet shows it.
    pub name: String,
    /// Public RPC addresses a wallet may add.
    pub rpc_urls: Vec<String>,
    /// Block explorer, if it has one.
    pub explorer_url: Option<String>,
    /// Symbol of the gas token.
    pub gas_symbol: String,
    /// Where gas can be had.
    pub faucet_url: Option<String>,
}

/// How often the world is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollIntervals {
    /// The chain, while a deposit or a transaction of ours is awaited.
    pub chain: Duration,
    /// Akash, while bids are awaited.
    pub bids: Duration,
    /// Akash and the chain, while a deployment runs.
    pub status: Duration,
    /// Akash, while a fresh lease has no running service yet.
    pub starting: Duration,
    /// The job queue, where nothing in this process woke the worker.
    pub queue: Duration,
    /// The database, by a watcher that was told nothing.
    pub watch: Duration,
    /// Between two sweeps.
    pub sweep: Duration,
}

impl Default for PollIntervals {
    fn default() -> Self {
        Self {
            chain: Duration::from_secs(2),
            bids: Duration::from_secs(3),
            status: Duration::from_secs(15),
            starting: Duration::from_secs(3),
            queue: Duration::from_millis(500),
            watch: Duration::from_secs(3),
            sweep: Duration::from_secs(60),
        }
    }
}
