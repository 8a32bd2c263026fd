//! An order's place in the ledger, and how its state changes it.

use super::{Asked, CONSOLE_RUNWAY, day_of};
use crate::deployment::{Paid, State};
use crate::escrow::ScaledRate;
use crate::ids::Address;
use crate::money::{TokenAmount, Usd};
use crate::time::UnixSeconds;

/// Exposure that an order takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Wallet of the buyer.
    pub buyer: Address,
    /// Highest cost of its run in micro-USD: all that was paid for it, and no less than Console's first
    /// deposit.
    pub cost: Usd,
    /// Amount that Console may hold for it at a time, in micro-USD: the cost of [`CONSOLE_RUNWAY`] at its
    /// highest rate, and no less than Console's first deposit.
    pub locked: Usd,
}

/// Exposure implied by an order's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is taken.
    Nothing,
    /// The terms are fixed: the order may be paid until they expire, and is then opened.
    Awaited {
        /// Exposure that the order will take once it is paid.
        takes: Takes,
        /// Unix time until which the order may be paid and activated, from its terms.
        until: UnixSeconds,
    },
    /// Paid, with nothing open at Akash: the order keeps its place.
    Paid,
    /// About to be opened.
    Opening {
        /// Exposure that the order takes.
        takes: Takes,
    },
    /// Open at Akash.
    Open {
        /// Exposure that the order takes.
        takes: Takes,
        /// Cost of an hour in micro-USD, by the escrow's rate; zero while there is no lease.
        hourly: Usd,
    },
    /// Closed at Akash.
    Over {
        /// Highest cost of the run in micro-USD; zero if nothing was opened at Akash.
        spent: Usd,
    },
}

impl Standing {
    /// Derives the standing of an order in `state`, if Console is given `floor` with each deployment.
    #[must_use]
    pub fn of(state: &State, floor: Usd) -> Self {
        match state {
            State::Drafted | State::Quoted { .. } | State::Abandoned { .. } => Self::Nothing,
            State::AwaitingDeposit { terms, .. } => Self::Awaited {
                takes: takes(terms.buyer, terms.max_rate, terms.deposit, floor),
                until: terms.activate_by,
            },
            State::Funded { .. } | State::Closing { opened: None, .. } => Self::Paid,
            State::Opening { paid, .. } => Self::Opening {
                takes: taken(paid, floor),
            },
            State::Bidding { paid, .. } | State::Activating { paid, .. } => Self::Open {
                takes: taken(paid, floor),
                hourly: Usd::ZERO,
            },
            State::Leasing { paid, running, .. } | State::Active { paid, running, .. } => {
                Self::Open {
                    takes: taken(paid, floor),
                    hourly: running.activation.rate.usd_per_hour(),
                }
            }
            State::Closing { paid, running, .. } => Self::Open {
                takes: taken(paid, floor),
                hourly: running
                    .as_ref()
                    .map_or(Usd::ZERO, |running| running.activation.rate.usd_per_hour()),
            },
            State::Settling { paid, opened, .. } => Self::Over {
                spent: match opened {
                    Some(_) => taken(paid, floor).cost,
                    None => Usd::ZERO,
                },
            },
            State::Settled { receipt } => Self::Over {
                spent: match &receipt.opened {
                    Some(_) => dollars(receipt.settlement.released).max(floor),
                    None => Usd::ZERO,
                },
            },
            State::NeedsHuman { before, .. } => Self::of(before, floor),
        }
    }
}

fn taken(paid: &Paid, floor: Usd) -> Takes {
    takes(paid.terms.buyer, paid.terms.max_rate, paid.total(), floor)
}

fn takes(buyer: Address, max_rate: ScaledRate, paid: TokenAmount, floor: Usd) -> Takes {
    let runway = dollars(max_rate.required_deposit(CONSOLE_RUNWAY));
    Takes {
        buyer,
        cost: dollars(paid).max(floor),
        locked: runway.max(floor),
    }
}

/// Converts at one dollar per tUSDC: the operator pays Akash what the buyer is charged.
fn dollars(amount: TokenAmount) -> Usd {
    Usd::from_micros(u64::try_from(amount.micros()).unwrap_or(u64::MAX))
}

/// Stage of an order in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The order takes nothing.
    Free,
    /// The order may be paid until then; afterwards it no longer counts.
    Reserved {
        /// Unix time until which the order may be paid.
        until: UnixSeconds,
    },
    /// The order counts until it is closed.
    Held,
    /// The order is closed, and its cost counts for its day.
    Over,
}

/// An order's place in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Wallet of the buyer.
    pub buyer: Address,
    /// Stage of the order: free, reserved, held or over.
    pub stage: Stage,
    /// Highest cost of the order in micro-USD, as admitted.
    pub cost: Usd,
    /// Amount that Console may hold for the order at a time, in micro-USD.
    pub locked: Usd,
    /// First deposit that Console is given with the deployment, in micro-USD.
    pub floor: Usd,
    /// Final cost of the order in micro-USD; zero until it is over.
    pub spent: Usd,
    /// Present cost of an hour in micro-USD; zero while there is no lease and once the order is over.
    pub hourly: Usd,
    /// UTC day that the order counts for, in days since 1970: the day on which it was last admitted.
    pub day: u64,
}

impl Entry {
    fn new(takes: &Takes, floor: Usd, stage: Stage, now: UnixSeconds) -> Self {
        Self {
            buyer: takes.buyer,
            stage,
            cost: takes.cost,
            locked: takes.locked,
            floor,
            spent: Usd::ZERO,
            hourly: Usd::ZERO,
            day: day_of(now),
        }
    }

    /// Whether the order counts as open.
    #[must_use]
    pub fn counts(&self, now: UnixSeconds) -> bool {
        match self.stage {
            Stage::Held => true,
            Stage::Reserved { until } => until > now,
            Stage::Free | Stage::Over => false,
        }
    }

    /// Exposure to request for it as a new order.
    #[must_use]
    pub const fn asks(&self) -> Asked {
        Asked {
            deployments: 1,
            locked: self.locked,
            cost: self.cost,
        }
    }

    /// Exposure to request when money is added while it runs.
    #[must_use]
    pub const fn asks_more(&self) -> Asked {
        Asked {
            deployments: 0,
            locked: Usd::ZERO,
            cost: self.cost,
        }
    }
}

/// Change to an order's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Keep the place as it is.
    Keep,
    /// Replace it unconditionally.
    Put(Entry),
    /// Replace it if admitted; otherwise the order does not go there.
    Ask(Entry),
    /// Replace it with the first if that is admitted, otherwise with the second.
    AskMore(Entry, Entry),
}

/// Derives the change from the `known` place of an order and its `standing`. Repeating a standing changes
/// nothing: each order counts once, and frees its place once.
#[must_use]
pub fn follow(known: Option<&Entry>, standing: &Standing, floor: Usd, now: UnixSeconds) -> Next {
    let counting = known.filter(|known| known.counts(now));
    match standing {
        Standing::Nothing => match known {
            Some(known) if matches!(known.stage, Stage::Reserved { .. } | Stage::Held) => {
                Next::Put(freed(known))
            }
            _ => Next::Keep,
        },
        Standing::Awaited { takes, until } => {
            let wanted = Entry::new(takes, floor, Stage::Reserved { until: *until }, now);
            match known {
                Some(known) if is_same(known, &wanted) => Next::Keep,
                _ => Next::Ask(wanted),
            }
        }
        Standing::Paid => match counting {
            Some(known) if known.stage != Stage::Held => Next::Put(held(known)),
            _ => Next::Keep,
        },
        Standing::Opening { takes } => match counting {
            Some(known) if known.stage == Stage::Held => Next::Keep,
            Some(known) => Next::Put(held(known)),
            None => Next::Ask(Entry::new(takes, floor, Stage::Held, now)),
        },
        Standing::Open { takes, hourly } => {
            let Some(known) = known.filter(|known| known.stage == Stage::Held) else {
                let mut entry = Entry::new(takes, floor, Stage::Held, now);
                entry.hourly = *hourly;
                return Next::Put(entry);
            };
            let stays = Entry {
                hourly: *hourly,
                ..*known
            };
            if takes.cost > known.cost {
                let wanted = Entry {
                    cost: takes.cost,
                    day: day_of(now),
                    ..stays
                };
                return Next::AskMore(wanted, stays);
            }
            put_unless_same(known, stays)
        }
        Standing::Over { spent } => match known {
            Some(known) if matches!(known.stage, Stage::Held | Stage::Over) => put_unless_same(
                known,
                Entry {
                    stage: Stage::Over,
                    spent: *spent,
                    hourly: Usd::ZERO,
                    ..*known
                },
            ),
            Some(known) if matches!(known.stage, Stage::Reserved { .. }) => Next::Put(freed(known)),
            _ => Next::Keep,
        },
    }
}

fn put_unless_same(known: &Entry, next: Entry) -> Next {
    if *known == next {
        Next::Keep
    } else {
        Next::Put(next)
    }
}

/// Whether an order already has this reservation. An expired reservation is not requested again, because
/// its terms expired with it.
fn is_same(known: &Entry, wanted: &Entry) -> bool {
    (known.stage, known.buyer, known.cost, known.locked)
        == (wanted.stage, wanted.buyer, wanted.cost, wanted.locked)
}

const fn freed(known: &Entry) -> Entry {
    Entry {
        stage: Stage::Free,
        spent: Usd::ZERO,
        hourly: Usd::ZERO,
        ..*known
    }
}

const fn held(known: &Entry) -> Entry {
    Entry {
        stage: Stage::Held,
        ..*known
    }
}
