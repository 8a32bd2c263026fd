//! Escrow arithmetic, identical to the contract's and in the same units.
//!
//! Rates are fixed point in 10^-12 micro-USDC per second ([`ScaledRate`]). Accrued amounts stay scaled and
//! are rounded down once, at payout.

mod scaled;
mod stream;

use serde::{Deserialize, Serialize};

pub use scaled::ScaledAmount;
pub use stream::{Settlement, Stream, StreamError};

use crate::ids::{Address, EscrowId, Hash32};
use crate::money::{TokenAmount, Usd};
use crate::time::{Seconds, UnixSeconds};

/// Number of rate units in one micro-USDC.
pub const RATE_SCALE: u128 = 1_000_000_000_000;

/// A rate: 10^-12 micro-USDC per second.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct ScaledRate(u128);

impl ScaledRate {
    /// Creates a rate from units of 10^-12 micro-USDC per second.
    #[must_use]
    pub const fn from_scaled(scaled: u128) -> Self {
        Self(scaled)
    }

    /// The rate in units of 10^-12 micro-USDC per second.
    #[must_use]
    pub const fn scaled(self) -> u128 {
        self.0
    }

    /// The rate that costs `usd` per hour, rounded up to the next unit.
    #[must_use]
    pub const fn from_usd_per_hour(usd: Usd) -> Self {
        Self((usd.micros() as u128 * RATE_SCALE).div_ceil(3600))
    }

    /// Cost of an hour, rounded to the nearest micro-dollar, for display.
    #[must_use]
    pub fn usd_per_hour(self) -> Usd {
        let micros = self.0.saturating_mul(3600).saturating_add(RATE_SCALE / 2) / RATE_SCALE;
        Usd::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Cost of `duration`, rounded down as the contract pays it out. Saturates.
    #[must_use]
    pub fn accrued_over(self, duration: Seconds) -> TokenAmount {
        ScaledAmount::product(self, duration).map_or(LARGEST_AMOUNT, ScaledAmount::floored)
    }

    /// The smallest deposit that lasts for `duration`, rounded up. Saturates.
    #[must_use]
    pub fn required_deposit(self, duration: Seconds) -> TokenAmount {
        ScaledAmount::product(self, duration).map_or(LARGEST_AMOUNT, ScaledAmount::rounded_up)
    }

    /// Number of whole seconds that `amount` pays for; `None` (unlimited) if the rate is zero.
    #[must_use]
    pub fn seconds_paid_by(self, amount: TokenAmount) -> Option<Seconds> {
        if self.0 == 0 {
            return None;
        }
        let amount = ScaledAmount::from_amount(amount);
        let reached = amount.reached_after(self);
        // The cost may exceed the amount within the second that reaches it; that second is not paid for.
        let exact = ScaledAmount::product(self, reached).is_some_and(|cost| cost <= amount);
        Some(if exact {
            reached
        } else {
            Seconds(reached.0 - 1)
        })
    }
}

/// Largest value of the contract's type for amounts.
const LARGEST_AMOUNT: TokenAmount = TokenAmount::from_micros(u128::MAX);

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

/// Terms that buyer and operator agree on, before they are encoded for the contract. The escrow's id is the
/// hash of all of them with the chain and the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Wallet of the buyer, who pays and gets back what is not used.
    pub buyer: Address,
    /// Account that usage is paid to, less the fee.
    pub payee: Address,
    /// Amount to be deposited, in micro-USDC.
    pub deposit: TokenAmount,
    /// The most that may be charged, in 10⁻¹² micro-USDC per second.
    pub max_rate: ScaledRate,
    /// Unix time after which anyone may return everything to the buyer, unless the escrow was activated.
    pub activate_by: UnixSeconds,
    /// Time in seconds that the operator may be silent before anyone may close the escrow.
    pub heartbeat_window: Seconds,
    /// Necto's fee, in parts per 10,000 of what is paid for usage.
    pub fee_bps: u16,
    /// Hash of the order that was bought.
    pub order_hash: Hash32,
    /// Random bytes that make two equal orders different.
    pub salt: Hash32,
}

/// Money that a buyer adds to an escrow. The contract accepts it only while the sum put in is exactly
/// `deposited`; that sum only grows, so a top-up cannot be applied twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUp {
    /// Escrow that the money is added to.
    pub escrow: EscrowId,
    /// Wallet of the buyer, whose money it is.
    pub buyer: Address,
    /// Amount to be added, in micro-USDC.
    pub amount: TokenAmount,
    /// Sum of everything put in before, in micro-USDC, as the chain shows it.
    pub deposited: TokenAmount,
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
    fn nothing_overflows_however_large_the_rate_and_the_time() {
        let rate = ScaledRate::from_scaled(u128::MAX);
        assert_eq!(rate.required_deposit(Seconds(u64::MAX)).micros(), u128::MAX);
        // 2^128 - 1 scaled units are 340,282,366,920,938,463,463,374,607.431… micro-USDC.
        assert_eq!(
            rate.accrued_over(Seconds(10)).micros(),
            3_402_823_669_209_384_634_633_746_074
        );
        assert_eq!(
            rate.seconds_paid_by(TokenAmount::from_micros(1)),
            Some(Seconds(0))
        );
        let slow = ScaledRate::from_scaled(1);
        assert_eq!(
            slow.seconds_paid_by(TokenAmount::from_micros(1)),
            Some(Seconds(1_000_000_000_000))
        );
    }

    #[test]
    fn a_small_rate_is_not_rounded_to_nothing() {
        let rate = ScaledRate::from_usd_per_hour(Usd::from_micros(1));
        assert_eq!(rate.usd_per_hour(), Usd::from_micros(1));
        assert_eq!(rate.accrued_over(Seconds::hours(10)).micros(), 10);
    }
}
