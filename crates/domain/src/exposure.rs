//! What the operator has at stake at Akash, and how much of it anybody may take.
//!
//! Buyers pay with test money, and the operator pays Akash with real money: so every order counts
//! from the moment its terms are fixed, for its wallet, for the network it was asked from, and for
//! all together. [`admit`] says whether one more fits; [`follow`] says what an order's state makes of
//! its place in the ledger.

mod alert;
mod entry;
#[cfg(test)]
mod tests;

pub use alert::{Alert, LOW, alerts, runs_out_in};
pub use entry::{Entry, Next, Stage, Standing, Takes, follow};

use crate::money::Usd;
use crate::time::{Seconds, UnixSeconds, utc};

/// Console's target for the money in a running deployment's escrow: so much of its run is locked
/// there at a time, however short the run is.
pub const CONSOLE_RUNWAY: Seconds = Seconds::hours(48);

/// The day of the calendar in UTC, counted from 1970.
#[must_use]
pub const fn day_of(at: UnixSeconds) -> u64 {
    at.0 / Seconds::days(1).0
}

/// How much may be taken at most; `None`: as much as there is.
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
    /// No cap at all.
    pub const NONE: Self = Self {
        wallet: Cap::of(None, None, None),
        network: Cap::of(None, None, None),
        all: Cap::of(None, None, None),
    };

    /// For a test network, on which deposits are free and Akash is not.
    pub const TEST_NETWORK: Self = Self {
        wallet: Cap::of(Some(5), Some(250), Some(25)),
        network: Cap::of(Some(10), Some(500), Some(50)),
        all: Cap::of(Some(200), Some(1000), Some(250)),
    };

    /// The cap of a scope.
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
    /// From whole dollars.
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

/// What is taken already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    /// Number of deployments that are open or may still be paid.
    pub open: u64,
    /// Amount that Console may hold for them at a time, in micro-USD.
    pub locked: Usd,
    /// Amount that everything begun today (UTC) may cost or has cost, in micro-USD.
    pub day: Usd,
}

/// What is taken already, in everything that an order counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Use by the order's wallet.
    pub wallet: Use,
    /// Use from the order's network; `None` where the network is not known.
    pub network: Option<Use>,
    /// Use by all buyers together.
    pub all: Use,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Number of deployments: one, or zero for more money in one that runs.
    pub deployments: u64,
    /// Amount that Console will hold for it, in micro-USD; zero for more money in one that runs.
    pub locked: Usd,
    /// Amount that it may cost in all, in micro-USD.
    pub cost: Usd,
}

/// For whom a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One wallet.
    Wallet,
    /// One network.
    Network,
    /// All buyers together.
    All,
}

/// What a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Deployments at a time.
    Open,
    /// Dollars held at a time.
    Locked,
    /// Dollars a day.
    Day,
}

/// When there is room again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frees {
    /// When another one ends.
    WhenOneEnds,
    /// Then, or when another one ends that cost less than it might have.
    At(UnixSeconds),
    /// Never: by itself it is more than the cap.
    Never,
}

/// Why something is not let in.
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

/// Lets in what stays within every cap.
///
/// # Errors
/// The first cap it would pass: the wallet's, the network's, everybody's.
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
    /// What the buyer is told: the cap, and when there is room again.
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

    /// The caps in words. What Console holds is said where it is in the way.
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

    /// How long until time alone makes room; `None` where it does not.
    #[must_use]
    pub fn retry_after(&self, now: UnixSeconds) -> Option<Seconds> {
        match self.frees {
            Frees::At(at) => Some(at.since(now)),
            Frees::WhenOneEnds | Frees::Never => None,
        }
    }
}
