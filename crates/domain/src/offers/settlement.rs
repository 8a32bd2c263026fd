//! Decides whether money may be settled on a token's price.

use std::fmt;

use super::tokens::{AgeLimits, Standing, TokenPrice};
use super::verification::Verification;
use crate::time::{Seconds, UnixSeconds};

/// Reason why money may not be settled on a price. `Display` is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementRefusal {
    /// No source answers any more.
    LastKnown {
        /// Age of the last known price.
        age: Seconds,
    },
    /// The price is out of date.
    TooOld {
        /// Age of the price.
        age: Seconds,
    },
    /// Only one source has the price.
    OneSource,
    /// A fresh feed on a chain disagrees.
    Contradicted,
}

impl fmt::Display for SettlementRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastKnown { age } => {
                write!(
                    f,
                    "no source answers, this is the last price, {} old",
                    age.in_words()
                )
            }
            Self::TooOld { age } => write!(f, "the price is {} old", age.in_words()),
            Self::OneSource => f.write_str("only one source has a price"),
            Self::Contradicted => f.write_str("a feed on chain disagrees"),
        }
    }
}

impl TokenPrice {
    /// Reason why money may not be settled on the price; `None` if it may: the price is fresh, two sources
    /// agree on it, and no chain contradicts it.
    #[must_use]
    pub fn settlement_refusal(
        &self,
        check: &Verification,
        now: UnixSeconds,
        limits: AgeLimits,
    ) -> Option<SettlementRefusal> {
        let age = self.age(now);
        match (self.standing, check) {
            (Standing::LastKnown, _) => Some(SettlementRefusal::LastKnown { age }),
            _ if age > limits.vote => Some(SettlementRefusal::TooOld { age }),
            (Standing::Degraded, _) => Some(SettlementRefusal::OneSource),
            (Standing::Agreed, Verification::Mismatch(_)) => Some(SettlementRefusal::Contradicted),
            (Standing::Agreed, _) => None,
        }
    }
}
