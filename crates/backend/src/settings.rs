//! The operator's settings. Read from the environment by the server only.

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
    /// Longest silence of the operator, after which anyone may close an escrow.
    pub heartbeat_window: Seconds,
    /// Necto's fee in parts per 10,000 of what the payee gets.
    pub fee_bps: u16,
    /// Blocks on top of a transaction before it counts.
    pub confirmations: u64,
    /// `https://host[:port]`, where people reach this server; the domain of a sign-in is taken from
    /// it.
    pub public_origin: String,
    /// Deposit, in dollars, that each deployment is given on the Console account when it opens.
    pub console_deposit: Usd,
    /// Facts about the chain that a wallet is told.
    pub chain: ChainFacts,
    /// `true` if the outside world is the sandbox; shown on every page.
    pub simulated: bool,
    /// `true` if Necto gives gas away (a simulated chain only).
    pub gas_drip: bool,
    /// Rules that say which workloads may go to Akash.
    pub akash_rules: AkashRules,
    /// Daily budget for the gas of buyers' deposits that Necto pays.
    pub relay: RelayBudget,
    /// Caps on how much of the operator's money at Akash may be at stake.
    pub exposure: Caps,
    /// The least amount that an order's buyer sets aside; zero where the deposit has no value
    /// anyway.
    pub least_deposit: Usd,
    /// Intervals at which the chain, Akash, the job queue and the database are polled.
    pub poll: PollIntervals,
    /// Wallets whose owners may see and decide what is reserved for operators.
    pub operators: Vec<Address>,
    /// Periods for which what buyers wrote is kept.
    pub keep: Keep,
    /// Limits on the tokens spent on a model in one UTC day.
    pub agent: AgentLimits,
}

/// How much may be spent on a model in one UTC day, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentLimits {
    /// For one account, and for all visitors without one in one network.
    pub tokens_per_visitor: u64,
    /// For all of them together.
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

/// How long what buyers wrote is kept; zero: until they delete it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// A draft that belongs only to a browser, since its last change.
    pub drafts: Seconds,
    /// SDL and logs of an order that is over, since its end.
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

/// What Necto spends on the gas of buyers' deposits in a day (UTC), failed ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayBudget {
    /// Limit for one buyer.
    pub per_buyer: Gwei,
    /// Limit for all buyers of one network together.
    pub per_network: Gwei,
    /// For all buyers together; at most half of it for those who never had gas paid before today,
    /// so that fresh wallets cannot use up the whole day's budget.
    pub per_day: Gwei,
}

/// The cost of the gas of deposits today, with what is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GasSpent {
    /// Share of the requesting buyer.
    pub by_buyer: Gwei,
    /// Share of the buyer's network; `None` where that is unknown.
    pub by_network: Option<Gwei>,
    /// Share of all who never had gas paid before today; `None` where the buyer had.
    pub by_new: Option<Gwei>,
    /// Total of all buyers.
    pub by_all: Gwei,
}

impl RelayBudget {
    /// Whether it pays for anything at all.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.per_buyer > Gwei::ZERO && self.per_network > Gwei::ZERO && self.per_day > Gwei::ZERO
    }

    /// Whether `more` can be spent in addition to the day's cost so far.
    ///
    /// # Errors
    /// A sentence that says what is exhausted and what to do.
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

/// What a wallet is told about the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFacts {
    /// Its name as a wallet shows it.
    pub name: String,
    /// Public RPC addresses a wallet may add.
    pub rpc_urls: Vec<String>,
    /// Address of a block explorer; `None` if the chain has none.
    pub explorer_url: Option<String>,
    /// Symbol of the gas token.
    pub gas_symbol: String,
    /// Address of a page that gives gas; `None` if none is configured.
    pub faucet_url: Option<String>,
}

/// How often the outside world is polled.
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
    /// Akash, between looks at any two of the deployments without events: the more are running, the
    /// less often each is looked at.
    pub quiet: Duration,
    /// Akash, while a fresh lease has no running service yet.
    pub starting: Duration,
    /// The job queue, where nothing in this process woke the worker.
    pub queue: Duration,
    /// The database, by a watcher that was not notified.
    pub watch: Duration,
    /// Between two sweeps.
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

/// However many are running, each is looked at at least this often.
const LONGEST_QUIET: Duration = Duration::from_mins(5);

impl PollIntervals {
    /// The time between two looks at the same deployment while it has no events and this many are
    /// running.
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
