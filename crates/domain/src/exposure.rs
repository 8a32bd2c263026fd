//! The operator's exposure at Akash, and the caps on it.
//!
//! Buyers pay with test money while the operator pays Akash with real money, so every order counts from the
//! moment its terms are fixed: towards its wallet, the network it was requested from, and the total.
//! [`admit`] decides whether one more fits; [`follow`] derives an order's place in the ledger from its
//! state.

mod alert;
mod entry;
#[cfg(test)]
mod tests;

pub use alert::{Alert, LOW, alerts, runs_out_in};
pub use entry::{Entry, Next, Stage, Standing, Takes, follow};

use crate::money::Usd;
use crate::time::{Seconds, UnixSeconds, utc};

/// Console's target for the money in a running deployment's escrow: the cost of this much run time is
/// locked there at a time, however short the run is.
pub const CONSOLE_RUNWAY: Seconds = Seconds::hours(48);

/// Day of the UTC calendar, counted from 1970.
#[must_use]
pub const fn day_of(at: UnixSeconds) -> u64 {
    at.0 / Seconds::days(1).0
}

/// Upper limits on exposure; `None` means unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cap {
    /// Number of deployments at a time, those that may still be paid included; `None` without a limit.
    pub open: Option<u64>,
    /// Amount that Console holds for them at a time, in micro-USD; `None` without a limit.
    pub locked: Option<Usd>,
    /// Amount that everything begun in one UTC day may cost, in micro-USD; `None` without a limit.
    pub day: Option<Usd>,
}

/// The operator's caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// Cap for each wallet.
    pub wallet: Cap,
    /// Cap for each network that orders are asked from.
    pub network: Cap,
    /// Cap for all buyers together.
    pub all: Cap,
}

impl Caps {
    /// No caps at all.
    pub const NONE: Self = Self {
        wallet: Cap::of(None, None, None),
        network: Cap::of(None, None, None),
        all: Cap::of(None, None, None),
    };

    /// Caps for a test network, where deposits are free but Akash is not.
    pub const TEST_NETWORK: Self = Self {
        wallet: Cap::of(Some(5), Some(250), Some(25)),
        network: Cap::of(Some(10), Some(500), Some(50)),
        all: Cap::of(Some(200), Some(1000), Some(250)),
    };

    /// Cap of a scope.
    #[must_use]
    pub const fn of(&self, scope: Scope) -> Cap {
        match scope {
            Scope::Wallet => self.wallet,
            Scope::Network => self.network,
            Scope::All => self.all,
        }
    }
}

impl Cap {
    /// Creates a cap from whole dollars.
    const fn of(open: Option<u64>, locked: Option<u64>, day: Option<u64>) -> Self {
        const fn dollars(whole: Option<u64>) -> Option<Usd> {
            match whole {
                Some(whole) => Some(Usd::from_micros(whole * 1_000_000)),
                None => None,
            }
        }
        Self {
            open,
            locked: dollars(locked),
            day: dollars(day),
        }
    }
}

/// Exposure that is already taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    /// Number of deployments that are open or may still be paid.
    pub open: u64,
    /// Amount that Console may hold for them at a time, in micro-USD.
    pub locked: Usd,
    /// Amount that everything begun today (UTC) may cost or has cost, in micro-USD.
    pub day: Usd,
}

/// Exposure already taken in every scope that an order counts towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Use by the order's wallet.
    pub wallet: Use,
    /// Use from the order's network; `None` if the network is not known.
    pub network: Option<Use>,
    /// Use by all buyers together.
    pub all: Use,
}

/// Exposure that is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Number of deployments: one, or zero if money is added to a running one.
    pub deployments: u64,
    /// Amount that Console will hold for it, in micro-USD; zero if money is added to a running deployment.
    pub locked: Usd,
    /// Amount that it may cost in all, in micro-USD.
    pub cost: Usd,
}

/// Scope of a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One wallet.
    Wallet,
    /// One network.
    Network,
    /// All buyers together.
    All,
}

/// Quantity that a cap limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Deployments at a time.
    Open,
    /// Dollars held at a time.
    Locked,
    /// Dollars a day.
    Day,
}

/// Time or event that makes room under a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frees {
    /// Room when another order ends.
    WhenOneEnds,
    /// Room at this time, or earlier if another order ends that cost less than it might have.
    At(UnixSeconds),
    /// No room ever: the request alone exceeds the cap.
    Never,
}

/// Reason why a request exceeds a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Scope of the cap that would be passed: a wallet, a network or all.
    pub scope: Scope,
    /// Measure of the cap that would be passed: deployments, money held or money a day.
    pub measure: Measure,
    /// All limits of that scope.
    pub cap: Cap,
    /// Part of that scope's limits that is taken already.
    pub used: Use,
    /// Request that was not let in.
    pub asked: Asked,
    /// Time or event that makes room again.
    pub frees: Frees,
}

/// Admits a request that stays within every cap.
///
/// # Errors
/// The first cap that it would exceed, in the order wallet, network, total.
pub fn admit(usage: &Usage, caps: &Caps, asked: Asked, now: UnixSeconds) -> Result<(), Refusal> {
    let scopes = [
        (Scope::Wallet, Some(usage.wallet)),
        (Scope::Network, usage.network),
        (Scope::All, Some(usage.all)),
    ];
    for (scope, used) in scopes {
        if let Some(used) = used {
            within(scope, used, caps.of(scope), asked, now)?;
        }
    }
    Ok(())
}

fn within(
    scope: Scope,
    used: Use,
    cap: Cap,
    asked: Asked,
    now: UnixSeconds,
) -> Result<(), Refusal> {
    let refusal = |measure, frees| Refusal {
        scope,
        measure,
        cap,
        used,
        asked,
        frees,
    };
    if let Some(most) = cap.day {
        if asked.cost > most {
            return Err(refusal(Measure::Day, Frees::Never));
        }
        if used.day.saturating_add(asked.cost) > most {
            let midnight = UnixSeconds((day_of(now) + 1) * Seconds::days(1).0);
            return Err(refusal(Measure::Day, Frees::At(midnight)));
        }
    }
    if let Some(most) = cap.locked {
        if asked.locked > most {
            return Err(refusal(Measure::Locked, Frees::Never));
        }
        if asked.locked > Usd::ZERO && used.locked.saturating_add(asked.locked) > most {
            return Err(refusal(Measure::Locked, Frees::WhenOneEnds));
        }
    }
    if let Some(most) = cap.open
        && asked.deployments > 0
        && used.open.saturating_add(asked.deployments) > most
    {
        return Err(refusal(Measure::Open, Frees::WhenOneEnds));
    }
    Ok(())
}

impl Refusal {
    /// Sentence for the buyer: the cap, and when there is room again.
    #[must_use]
    pub fn sentence(&self) -> String {
        let whose = match self.scope {
            Scope::Wallet => "per wallet",
            Scope::Network => "per network",
            Scope::All => "for everybody together",
        };
        let limits = self.limits();
        let next = match self.asked.deployments {
            0 => "add more to this one",
            _ => "start the next one",
        };
        let then = match self.frees {
            Frees::WhenOneEnds => format!("You can {next} when one ends."),
            Frees::At(at) => {
                let at = utc(at);
                let (hour, minute) = (at.hour(), at.minute());
                format!("You can {next} at {hour:02}:{minute:02} UTC or when one ends.")
            }
            Frees::Never => {
                let takes = match self.measure {
                    Measure::Locked => self.asked.locked,
                    Measure::Day | Measure::Open => self.asked.cost,
                };
                format!("This one takes up to ${takes} of that: make it smaller or shorter.")
            }
        };
        format!("Necto pays Akash for this test network: up to {limits} {whose}. {then}")
    }

    /// The caps in words. The amount held by Console is named only if it is the measure exceeded.
    fn limits(&self) -> String {
        let mut limits = Vec::new();
        if let Some(open) = self.cap.open {
            let deployments = if open == 1 {
                "deployment"
            } else {
                "deployments"
            };
            limits.push(format!("{open} {deployments}"));
        }
        if let (Some(locked), Measure::Locked) = (self.cap.locked, self.measure) {
            limits.push(format!("${locked} held at Akash"));
        }
        if let Some(day) = self.cap.day {
            limits.push(format!("${day} a day"));
        }
        match limits.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => limits.concat(),
        }
    }

    /// Time until room is made by time alone; `None` if it is not.
    #[must_use]
    pub fn retry_after(&self, now: UnixSeconds) -> Option<Seconds> {
        match self.frees {
            Frees::At(at) => Some(at.since(now)),
            Frees::WhenOneEnds | Frees::Never => None,
        }
    }
}
