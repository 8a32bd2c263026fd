//! Escrow arithmetic: the same as the contract's, in the same units.
//!
//! Rates are fixed point in 10^-12 micro-USDC per second ([`ScaledRate`]); what accrues stays
//! scaled and is floored once, at payout.

use serde::{Deserialize, Serialize};

use crate::ids::{Address, Hash32};
use crate::money::{TokenAmount, Usd};
use crate::time::{Seconds, UnixSeconds};

/// How many rate units make one whole micro-USDC.
pub const RATE_SCALE: u128 = 1_000_000_000_000;

/// A price of time: 10^-12 micro-USDC per second.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct ScaledRate(u128);

impl ScaledRate {
    /// From units of 10^-12 micro-USDC per second.
    #[must_use]
    pub const fn from_scaled(scaled: u128) -> Self {
        Self(scaled)
    }

    /// Units of 10^-12 micro-USDC per second.
    #[must_use]
    pub const fn scaled(self) -> u128 {
        self.0
    }

    /// The rate that costs `usd` in an hour, rounded up to the next unit.
    #[must_use]
    pub const fn from_usd_per_hour(usd: Usd) -> Self {
        Self((usd.micros() as u128 * RATE_SCALE).div_ceil(3600))
    }

    /// What an hour costs, to the nearest micro-dollar, for people to read.
    #[must_use]
    pub fn usd_per_hour(self) -> Usd {
        let micros = self.0.saturating_mul(3600).saturating_add(RATE_SCALE / 2) / RATE_SCALE;
        Usd::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// What `duration` costs, rounded down: what the contract pays out.
    #[must_use]
    pub fn accrued_over(self, duration: Seconds) -> TokenAmount {
        TokenAmount::from_micros(self.0.saturating_mul(u128::from(duration.0)) / RATE_SCALE)
    }

    /// The least deposit that lasts for `duration`, rounded up.
    #[must_use]
    pub fn required_deposit(self, duration: Seconds) -> TokenAmount {
        let scaled = self.0.saturating_mul(u128::from(duration.0));
        TokenAmount::from_micros(scaled.div_ceil(RATE_SCALE))
    }

    /// For how many whole seconds `amount` pays; `None` when the rate is zero (for ever).
    #[must_use]
    pub fn seconds_paid_by(self, amount: TokenAmount) -> Option<Seconds> {
        let scaled = amount.micros().saturating_mul(RATE_SCALE);
        let seconds = scaled.checked_div(self.0)?;
        Some(Seconds(u64::try_from(seconds).unwrap_or(u64::MAX)))
    }
}

// As text: JSON numbers lose digits beyond 2^53 in browsers.
impl From<ScaledRate> for String {
    fn from(rate: ScaledRate) -> Self {
        rate.0.to_string()
    }
}

impl TryFrom<String> for ScaledRate {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

/// What buyer and operator agree on, before it is encoded for the contract. The escrow's id is the
/// hash of all of it with chain and contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who pays, and gets back what is not used.
    pub buyer: Address,
    /// Who is paid.
    pub payee: Address,
    /// What is deposited.
    pub deposit: TokenAmount,
    /// The most that may be charged per second.
    pub max_rate: ScaledRate,
    /// After this anyone may return everything to the buyer, unless it was activated.
    pub activate_by: UnixSeconds,
    /// How long the operator may be silent before anyone may close the escrow.
    pub heartbeat_window: Seconds,
    /// Necto's fee in parts per 10,000 of what the payee gets.
    pub fee_bps: u16,
    /// Hash of the order: what was bought.
    pub order_hash: Hash32,
    /// Makes two equal orders different.
    pub salt: Hash32,
}

#[cfg(test)]
mod tests {
    use super::ScaledRate;
    use crate::money::{TokenAmount, Usd};
    use crate::time::Seconds;

    #[test]
    fn a_deposit_covers_the_whole_duration_and_never_a_micro_less() {
        let rate = ScaledRate::from_usd_per_hour("0.0015".parse::<Usd>().unwrap());
        let day = Seconds::days(1);
        let deposit = rate.required_deposit(day);
        assert_eq!(deposit, TokenAmount::from_micros(36_001));
        assert!(rate.accrued_over(day) <= deposit);
        assert!(rate.seconds_paid_by(deposit).unwrap() >= day);
    }

    #[test]
    fn a_small_rate_is_not_rounded_to_nothing() {
        let rate = ScaledRate::from_usd_per_hour(Usd::from_micros(1));
        assert_eq!(rate.usd_per_hour(), Usd::from_micros(1));
        assert_eq!(rate.accrued_over(Seconds::hours(10)).micros(), 10);
    }
}
