//! What the operator decides. Read from the environment by the server only.

use std::time::Duration;

use domain::exposure::Caps;
use domain::gas::Gwei;
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
    /// What Necto spends on the gas of buyers' deposits.
    pub relay: RelayBudget,
    /// How much of the operator's money at Akash may be at stake.
    pub exposure: Caps,
    /// The least that an order's buyer sets aside; nothing where the deposit has no value anyway.
    pub least_deposit: Usd,
    /// How often the world is asked.
    pub poll: PollIntervals,
    /// Wallets whose owners may see and decide what only an operator may.
    pub operators: Vec<Address>,
    /// How long what buyers wrote is kept.
    pub keep: Keep,
    /// How much may be spent on a model.
    pub agent: AgentLimits,
}

/// How long what buyers wrote is kept; zero: until they delete it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// A draft that belongs to a browser alone, since its last change.
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
    /// For one buyer.
    pub per_buyer: Gwei,
    /// For all buyers of one network.
    pub per_network: Gwei,
    /// For all buyers together; half of it at most for those who never had gas paid before today, so
    /// that fresh wallets cannot use up everybody's day.
    pub per_day: Gwei,
}

/// What the gas of deposits has cost today, with what is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GasSpent {
    /// One buyer's.
    pub by_buyer: Gwei,
    /// Of the buyer's network; `None` where that is not known.
    pub by_network: Option<Gwei>,
    /// Of all who never had gas paid before today; `None` where the buyer had.
    pub by_new: Option<Gwei>,
    /// Everybody's.
    pub by_all: Gwei,
}

impl RelayBudget {
    /// Whether it pays for anything at all.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.per_buyer > Gwei::ZERO && self.per_network > Gwei::ZERO && self.per_day > Gwei::ZERO
    }

    /// Whether `more` can be spent on top of what the day has cost already.
    ///
    /// # Errors
    /// A sentence that says what is used up and what to do.
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
    /// The chain, for new blocks.
    pub blocks: Duration,
    /// Akash, while bids are awaited.
    pub bids: Duration,
    /// Akash and the chain, while a deployment runs.
    pub status: Duration,
    /// Akash, between looks at any two of the deployments to which nothing happens: the more run, the
    /// more rarely each is looked at.
    pub quiet: Duration,
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

/// However many run, each is looked at this often.
const LONGEST_QUIET: Duration = Duration::from_mins(5);

impl PollIntervals {
    /// The time between two looks at the same deployment while nothing happens to it and so many run.
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
