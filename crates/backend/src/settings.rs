//! The operator's settings, read from the environment by the server only.

use std::time::Duration;

use domain::exposure::Caps;
use domain::gas::Gwei;
use domain::ids::Address;
use domain::money::Usd;
use domain::route::AkashRules;
use domain::time::Seconds;

/// The operator's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Account to which usage is paid.
    pub payee: Address,
    /// Longest silence of the operator before anyone may close an escrow.
    pub heartbeat_window: Seconds,
    /// Necto's fee in parts per 10,000 of the payee's share.
    pub fee_bps: u16,
    /// Number of confirmations after which a transaction counts.
    pub confirmations: u64,
    /// `https://host[:port]` under which people reach this server; the domain of a sign-in is taken
    /// from it.
    pub public_origin: String,
    /// Deposit, in dollars, with which each deployment opens on the Console account.
    pub console_deposit: Usd,
    /// Facts about the chain for wallets.
    pub chain: ChainFacts,
    /// `true` if the outside world is the sandbox; shown on every page.
    pub simulated: bool,
    /// `true` if Necto gives gas away (on a simulated chain only).
    pub gas_drip: bool,
    /// Rules for which workloads may go to Akash.
    pub akash_rules: AkashRules,
    /// Daily budget for the gas of buyers' deposits that Necto pays.
    pub relay: RelayBudget,
    /// Caps on the operator's money at stake at Akash.
    pub exposure: Caps,
    /// Smallest amount that the buyer of an order sets aside; zero where deposits have no value
    /// anyway.
    pub least_deposit: Usd,
    /// Polling intervals for the chain, Akash, the job queue and the database.
    pub poll: PollIntervals,
    /// Wallets whose owners may see and do what is reserved for operators.
    pub operators: Vec<Address>,
    /// Retention periods for what buyers wrote.
    pub keep: Keep,
    /// Limits on the tokens spent on a model in one UTC day.
    pub agent: AgentLimits,
}

/// Limits on model usage in one UTC day, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentLimits {
    /// Per account, and per network for all visitors without an account.
    pub tokens_per_visitor: u64,
    /// For all visitors together.
    pub tokens_per_day: u64,
}

impl Default for AgentLimits {
    fn default() -> Self {
        Self {
            tokens_per_visitor: 200_000,
            tokens_per_day: 5_000_000,
        }
    }
}

/// Retention periods for what buyers wrote; zero keeps it until they delete it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// A draft that belongs only to a browser, counted from its last change.
    pub drafts: Seconds,
    /// SDL and logs of an order that is over, counted from its end.
    pub over: Seconds,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            drafts: Seconds::days(7),
            over: Seconds::days(90),
        }
    }
}

/// Limits on what Necto spends in a UTC day on the gas of buyers' deposits, failed ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayBudget {
    /// Limit for one buyer.
    pub per_buyer: Gwei,
    /// Limit for all buyers of one network together.
    pub per_network: Gwei,
    /// Limit for all buyers together. At most half of it goes to buyers who never had gas paid
    /// before today, so that fresh wallets cannot use up the whole day's budget.
    pub per_day: Gwei,
}

/// Gas cost of today's deposits, including reserved amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GasSpent {
    /// Share of the requesting buyer.
    pub by_buyer: Gwei,
    /// Share of the buyer's network; `None` if that is unknown.
    pub by_network: Option<Gwei>,
    /// Share of all buyers who never had gas paid before today; `None` if this buyer had.
    pub by_new: Option<Gwei>,
    /// Total of all buyers.
    pub by_all: Gwei,
}

impl RelayBudget {
    /// Whether gas is paid at all.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.per_buyer > Gwei::ZERO && self.per_network > Gwei::ZERO && self.per_day > Gwei::ZERO
    }

    /// Checks that `more` can be spent in addition to today's cost so far.
    ///
    /// # Errors
    /// A sentence that names the exhausted limit and what to do about it.
    pub fn allows(self, spent: GasSpent, more: Gwei) -> Result<(), String> {
        let passes = |spent: Option<Gwei>, most: Gwei| {
            spent.is_some_and(|spent| spent.saturating_add(more) > most)
        };
        let for_new = Gwei(self.per_day.0 / 2);
        let what = if !self.is_on() {
            "Necto pays no gas for deposits here."
        } else if passes(Some(spent.by_buyer), self.per_buyer) {
            "What Necto pays for one wallet's gas in a day is used up."
        } else if passes(spent.by_network, self.per_network) {
            "What Necto pays for the gas of one network's wallets in a day is used up."
        } else if passes(Some(spent.by_all), self.per_day) {
            "What Necto pays for everybody's gas in a day is used up."
        } else if passes(spent.by_new, for_new) {
            "What Necto pays for the gas of new wallets in a day is used up."
        } else {
            return Ok(());
        };
        Err(format!(
            "{what} You can still deposit: your wallet pays the gas itself."
        ))
    }
}

/// Facts about the chain for wallets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFacts {
    /// Its name as a wallet shows it.
    pub name: String,
    /// Public RPC addresses that a wallet may add.
    pub rpc_urls: Vec<String>,
    /// Address of a block explorer; `None` if the chain has none.
    pub explorer_url: Option<String>,
    /// Symbol of the gas token.
    pub gas_symbol: String,
    /// Address of a page that gives gas; `None` if none is configured.
    pub faucet_url: Option<String>,
}

/// Polling intervals for the outside world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollIntervals {
    /// The chain, while a deposit or a transaction of ours is awaited.
    pub chain: Duration,
    /// The chain, for new blocks.
    pub blocks: Duration,
    /// Akash, while bids are awaited.
    pub bids: Duration,
    /// Akash and the chain, while a deployment runs.
    pub status: Duration,
    /// Akash, between looks at any two of the deployments without events: the more of them are
    /// running, the less often each is looked at.
    pub quiet: Duration,
    /// Akash, while a fresh lease has no running service yet.
    pub starting: Duration,
    /// The job queue, as long as nothing in this process wakes the worker.
    pub queue: Duration,
    /// The database, by a watcher that was not notified.
    pub watch: Duration,
    /// Interval between two sweeps.
    pub sweep: Duration,
}

impl Default for PollIntervals {
    fn default() -> Self {
        Self {
            chain: Duration::from_secs(2),
            blocks: Duration::from_secs(2),
            bids: Duration::from_secs(3),
            status: Duration::from_secs(15),
            quiet: Duration::from_millis(200),
            starting: Duration::from_secs(3),
            queue: Duration::from_millis(500),
            watch: Duration::from_secs(3),
            sweep: Duration::from_secs(60),
        }
    }
}

/// Longest interval between two looks, however many are running.
const LONGEST_QUIET: Duration = Duration::from_mins(5);

impl PollIntervals {
    /// The interval between two looks at the same deployment while it has no events and this many
    /// are running.
    #[must_use]
    pub fn between_looks(&self, running: u64) -> Duration {
        let running = u32::try_from(running).unwrap_or(u32::MAX);
        let one_round = self.quiet.saturating_mul(running);
        one_round.min(LONGEST_QUIET).max(self.status)
    }
}

#[cfg(test)]
mod tests {
    use domain::gas::Gwei;

    use super::{GasSpent, PollIntervals, RelayBudget};

    #[test]
    fn a_few_deployments_are_looked_at_often_and_any_number_within_minutes() {
        let poll = PollIntervals::default();
        let seconds =
            [0, 75, 100, 1_000, 1_000_000].map(|running| poll.between_looks(running).as_secs());
        assert_eq!(seconds, [15, 15, 20, 200, 300]);
    }

    #[test]
    fn a_budget_is_spent_to_its_last_unit_and_no_further() {
        let budget = RelayBudget {
            per_buyer: Gwei(10),
            per_network: Gwei(12),
            per_day: Gwei(30),
        };
        let none = GasSpent::default();
        let mine = GasSpent {
            by_buyer: Gwei(4),
            ..none
        };
        assert_eq!(budget.allows(mine, Gwei(6)), Ok(()));
        assert_eq!(
            budget.allows(mine, Gwei(7)).unwrap_err(),
            "What Necto pays for one wallet's gas in a day is used up. You can still deposit: \
             your wallet pays the gas itself."
        );
        for (spent, fits, refused) in [
            (
                GasSpent {
                    by_network: Some(Gwei(4)),
                    ..none
                },
                Gwei(8),
                "What Necto pays for the gas of one network's wallets in a day",
            ),
            (
                GasSpent {
                    by_all: Gwei(25),
                    ..none
                },
                Gwei(5),
                "What Necto pays for everybody's gas in a day",
            ),
            (
                GasSpent {
                    by_new: Some(Gwei(9)),
                    ..none
                },
                Gwei(6),
                "What Necto pays for the gas of new wallets in a day",
            ),
        ] {
            assert_eq!(budget.allows(spent, fits), Ok(()));
            let why = budget.allows(spent, Gwei(fits.0 + 1)).unwrap_err();
            assert!(why.starts_with(refused), "{why}");
        }
    }

    #[test]
    fn no_budget_is_no_relaying() {
        let off = RelayBudget {
            per_buyer: Gwei(10),
            per_network: Gwei(10),
            per_day: Gwei::ZERO,
        };
        assert!(!off.is_on());
        let why = off.allows(GasSpent::default(), Gwei::ZERO).unwrap_err();
        assert!(why.starts_with("Necto pays no gas for deposits here."));
    }
}
