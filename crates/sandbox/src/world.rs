//! The simulated world: providers, deployments, money, and pending faults.
//!
//! Everything that depends on time is a function of the clock: before the world is read,
//! [`World::catch_up`] carries out in order what has fallen due. So a stepped clock and a running
//! one yield the same world.

mod creation;
mod leasing;
mod upkeep;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::address::address_of;
use crate::amount::Uact;
use crate::clock::{Moment, height_at};
use crate::definition::Definition;
use crate::fault::{Armed, Fault, Scope};
use crate::group::Group;
use crate::offer::InUse;
use crate::providers::{Provider, providers};
use crate::wallet::purse::Purse;

pub(crate) use creation::NewDeployment;
pub(crate) use leasing::{Delivery, LeaseWish};

/// Initial balance of an account.
const FIRST_BALANCE_MICRO_USD: u64 = 1_000_000_000;

/// Version of the real service that is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
pub enum Profile {
    /// The service as its source was in August 2026.
    #[serde(rename = "2026-08")]
    #[value(name = "2026-08")]
    August2026,
    /// The service as it has become since: runtime limits, names, list filters, lease pre-checks.
    #[default]
    #[serde(rename = "latest")]
    #[value(name = "latest")]
    Latest,
}

/// The complete state of the world.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    /// Factor by which waits that people notice are shorter than on the real network (bids,
    /// transactions, starting containers). Blocks and money are not affected.
    pub(crate) pace: u32,
    pub(crate) balance: Uact,
    pub(crate) deployments: BTreeMap<u64, Deployment>,
    pub(crate) armed: Vec<Armed>,
    /// Providers that a test has switched on or off.
    pub(crate) switched: BTreeMap<String, bool>,
    /// Those of them whose change the Console has not noticed yet.
    #[serde(default)]
    pub(crate) unnoticed: BTreeSet<String>,
    pub(crate) purse: Purse,
    /// Number of deployments created so far; labels the dice of each.
    created: u64,
    stuck_height: Option<u64>,
    #[serde(skip)]
    providers: Vec<Provider>,
}

/// A deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deployment {
    pub(crate) ordinal: u64,
    pub(crate) dseq: u64,
    pub(crate) name: String,
    pub(crate) sdl: String,
    pub(crate) definition: Definition,
    /// Hash declared by an update that no provider runs yet.
    #[serde(default)]
    pub(crate) declared: Option<String>,
    pub(crate) created_ms: u64,
    pub(crate) closed_ms: Option<u64>,
    pub(crate) escrow: Escrow,
    /// Orders, one per group.
    pub(crate) orders: Vec<Order>,
    pub(crate) runtime_limit_hours: Option<u32>,
    pub(crate) auto_top_up: bool,
    pub(crate) faults: Vec<Fault>,
    /// Generation of the SDL, raised by every update.
    pub(crate) generation: u32,
    /// Simulated time at which the running generation was rolled out, in milliseconds; `None` for the first.
    pub(crate) rolled_out_ms: Option<u64>,
}

/// Money set aside for a deployment, as of its last settlement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Escrow {
    pub(crate) state: EscrowState,
    pub(crate) funds: Uact,
    pub(crate) transferred: Uact,
    pub(crate) settled_height: u64,
    /// Amount and block height of each deposit.
    pub(crate) deposits: Vec<(Uact, u64)>,
}

/// State of an escrow account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EscrowState {
    Open,
    Closed,
    Overdrawn,
}

/// A group's order with its bids and their outcome.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) bids: Vec<Bid>,
    pub(crate) lease: Option<Lease>,
}

/// A bid, which is absent before it arrives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bid {
    pub(crate) provider: String,
    pub(crate) price: Uact,
    pub(crate) arrives_ms: u64,
    pub(crate) withdrawn_ms: u64,
    pub(crate) outcome: Option<BidOutcome>,
    /// Key of the GPU offered, per kind of resources.
    pub(crate) gpu_keys: Vec<Option<String>>,
    pub(crate) reclamation_seconds: Option<u64>,
}

/// The outcome of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BidOutcome {
    Won,
    Lost,
    Closed,
}

/// A lease.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) provider: String,
    pub(crate) price: Uact,
    pub(crate) created_ms: u64,
    /// Simulated time from which the provider's own node sees the lease, in milliseconds.
    pub(crate) learned_ms: u64,
    pub(crate) manifest_ms: Option<u64>,
    pub(crate) end: Option<LeaseEnd>,
    /// Simulated time of the provider's notice that it is reclaiming the resources, in
    /// milliseconds; `None` without one.
    pub(crate) reclaimed_ms: Option<u64>,
}

/// Time and reason of a lease's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeaseEnd {
    pub(crate) at_ms: u64,
    pub(crate) reason: String,
}

impl World {
    /// Makes a world in which nothing has happened yet.
    pub(crate) fn new(seed: u64, profile: Profile, pace: u32) -> Self {
        Self {
            seed,
            profile,
            pace: pace.max(1),
            balance: Uact::from_micro_usd(FIRST_BALANCE_MICRO_USD),
            deployments: BTreeMap::new(),
            armed: Vec::new(),
            switched: BTreeMap::new(),
            unnoticed: BTreeSet::new(),
            purse: Purse::default(),
            created: 0,
            stuck_height: None,
            providers: providers(seed),
        }
    }

    /// Restores what a saved world does not contain. Seed and profile stay those that it was made
    /// with.
    pub(crate) fn revive(mut self, pace: u32) -> Self {
        self.pace = pace.max(1);
        self.providers = providers(self.seed);
        self
    }

    /// Address of the Console account's managed wallet.
    pub(crate) fn owner() -> String {
        address_of("the Console account")
    }

    /// Address of the wallet that grants the deposits.
    pub(crate) fn funder() -> String {
        address_of("the Console's funding wallet")
    }

    pub(crate) fn providers(&self) -> &[Provider] {
        &self.providers
    }

    pub(crate) fn provider(&self, address: &str) -> Option<&Provider> {
        self.providers.iter().find(|p| p.address == address)
    }

    /// Whether a provider answers.
    pub(crate) fn is_online(&self, provider: &Provider) -> bool {
        *self
            .switched
            .get(&provider.address)
            .unwrap_or(&provider.online)
    }

    /// Whether the Console considers a provider online.
    pub(crate) fn is_called_online(&self, provider: &Provider) -> bool {
        if self.unnoticed.contains(&provider.address) {
            provider.online
        } else {
            self.is_online(provider)
        }
    }

    /// Returns the resources in use at a provider.
    pub(crate) fn in_use(&self, address: &str) -> InUse {
        let mut in_use = InUse::default();
        for deployment in self.deployments.values() {
            for (group, lease) in deployment.running() {
                if lease.provider == address {
                    in_use.add(group);
                }
            }
        }
        in_use
    }

    /// Height of the chain, which stands still while a test requires it.
    pub(crate) fn height(&self, now: Moment) -> u64 {
        self.stuck_height.unwrap_or_else(|| now.height())
    }

    /// Returns a wait that people notice, shortened by the pace, in simulated milliseconds.
    pub(crate) fn hastened(&self, ms: u64) -> u64 {
        ms / u64::from(self.pace)
    }

    /// Whether a fault of the whole world is armed.
    pub(crate) fn suffers(&self, fault: Fault) -> bool {
        self.armed.iter().any(|armed| armed.fault == fault)
    }

    /// Arms a fault. Faults of an existing deployment strike it at once.
    pub(crate) fn arm(&mut self, armed: Armed, now: Moment) -> Result<(), String> {
        match (armed.fault.scope(), armed.dseq) {
            (Scope::Deployment, Some(dseq)) => {
                let deployment = self
                    .deployments
                    .get_mut(&dseq)
                    .ok_or_else(|| format!("there is no deployment {dseq}"))?;
                if !deployment.faults.contains(&armed.fault) {
                    deployment.faults.push(armed.fault);
                }
                deployment.strike_bids(armed.fault, now);
            }
            _ => {
                if armed.fault == Fault::HeightStuck {
                    self.stuck_height = Some(now.height());
                }
                self.armed.push(armed);
            }
        }
        Ok(())
    }

    /// Disarms all pending faults and ends those that struck deployments.
    pub(crate) fn disarm_all(&mut self) {
        self.armed.clear();
        self.stuck_height = None;
        for deployment in self.deployments.values_mut() {
            deployment.faults.clear();
        }
    }
}

impl Deployment {
    pub(crate) fn is_active(&self) -> bool {
        self.closed_ms.is_none()
    }

    /// Hash of the manifest, as recorded on chain.
    pub(crate) fn declared(&self) -> &str {
        let declared = self.declared.as_deref();
        declared.unwrap_or(&self.definition.hash)
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Returns the running groups with their leases.
    pub(crate) fn running(&self) -> impl Iterator<Item = (&Group, &Lease)> {
        self.definition
            .groups
            .iter()
            .zip(&self.orders)
            .filter_map(|(group, order)| Some((group, order.lease.as_ref()?)))
            .filter(|(_, lease)| lease.end.is_none())
    }

    /// Cost of the running leases per block.
    pub(crate) fn rate(&self) -> Uact {
        self.running()
            .map(|(_, lease)| lease.price)
            .fold(Uact::ZERO, Uact::plus)
    }

    /// Returns the money left at a height, as the chain would settle it.
    pub(crate) fn live_funds(&self, height: u64) -> Uact {
        let blocks = height.saturating_sub(self.escrow.settled_height);
        self.escrow.funds.less(self.rate().times(blocks))
    }

    /// Returns the bids that have arrived, each with the index of its order.
    pub(crate) fn arrived_bids(&self, now: Moment) -> impl Iterator<Item = (usize, &Bid)> {
        self.orders
            .iter()
            .enumerate()
            .flat_map(|(index, order)| order.bids.iter().map(move |bid| (index, bid)))
            .filter(move |(_, bid)| bid.arrives_ms <= now.sim_ms)
    }
}

impl Bid {
    /// Returns `open`, `active`, `lost` or `closed`.
    pub(crate) fn state(&self, deployment: &Deployment, now: Moment) -> &'static str {
        match self.outcome {
            Some(BidOutcome::Won) => "active",
            Some(BidOutcome::Lost) => "lost",
            Some(BidOutcome::Closed) => "closed",
            None if now.sim_ms >= self.withdrawn_ms || !deployment.is_active() => "closed",
            None => "open",
        }
    }
}

impl Lease {
    /// State as reported by the chain.
    pub(crate) fn state(&self) -> &'static str {
        match &self.end {
            Some(end) if end.reason.ends_with("insufficient_funds") => "insufficient_funds",
            Some(_) => "closed",
            None if self.reclaimed_ms.is_some() => "reclaiming",
            None => "active",
        }
    }

    /// Height at which it ended; 0 while it runs.
    pub(crate) fn closed_height(&self) -> u64 {
        self.end.as_ref().map_or(0, |end| height_at(end.at_ms))
    }
}
