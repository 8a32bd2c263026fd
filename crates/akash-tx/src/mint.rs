//! How much ACT a burnt amount of AKT gives, and how much has to be burnt.
//!
//! AKT leaves the account at once and ACT arrives at the chain's next epoch, at the price of that moment. An amount
//! below the chain's minimum is accepted and cancelled later, so it has to be known before anything is signed.

/// The rate at which AKT is turned into ACT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MintRate {
    /// Price of one AKT in ACT, in 10^-18.
    pub price_atto: u128,
    /// Part of the value that is lost, in parts per 10,000.
    pub spread_bps: u32,
}

const ATTO: u128 = 10_u128.pow(18);
const WHOLE_BPS: u128 = 10_000;

impl MintRate {
    /// The uact that this much uakt gives, rounded down; `None` where the numbers are beyond any supply.
    #[must_use]
    pub fn minted_uact(self, uakt: u128) -> Option<u128> {
        let value = uakt.checked_mul(self.price_atto)? / ATTO;
        let lost = value
            .checked_mul(u128::from(self.spread_bps))?
            .div_ceil(WHOLE_BPS);
        value.checked_sub(lost)
    }

    /// The least uakt that gives this much uact even if the price falls by `margin_bps` parts per 10,000 until the
    /// epoch; `None` where there is no such amount.
    #[must_use]
    pub fn uakt_to_burn(self, uact: u128, margin_bps: u32) -> Option<u128> {
        let left = WHOLE_BPS.checked_sub(u128::from(margin_bps))?;
        let fallen = Self {
            price_atto: self.price_atto.checked_mul(left)? / WHOLE_BPS,
            ..self
        };
        let kept = WHOLE_BPS.checked_sub(u128::from(self.spread_bps))?;
        if kept == 0 || fallen.price_atto == 0 {
            return None;
        }
        let value = uact.checked_mul(WHOLE_BPS)?.div_ceil(kept);
        Some(value.checked_mul(ATTO)?.div_ceil(fallen.price_atto))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: MintRate = MintRate {
        price_atto: 520_000_000_000_000_000,
        spread_bps: 25,
    };

    #[test]
    fn the_spread_is_taken_from_what_is_minted() {
        assert_eq!(RATE.minted_uact(25_000_000), Some(12_967_500));
        assert_eq!(RATE.minted_uact(0), Some(0));
        assert_eq!(RATE.minted_uact(u128::MAX), None);
    }

    #[test]
    fn the_least_that_gives_what_is_asked_for_is_burnt() {
        for uact in [1, 10_000_000, 10_000_001, 123_456_789] {
            let uakt = RATE.uakt_to_burn(uact, 0).unwrap();
            assert!(RATE.minted_uact(uakt).unwrap() >= uact, "{uact}");
            assert!(RATE.minted_uact(uakt - 1).unwrap() < uact, "{uact}");
        }
        let with_margin = RATE.uakt_to_burn(10_000_000, 500).unwrap();
        let fallen = MintRate {
            price_atto: RATE.price_atto / 100 * 95,
            ..RATE
        };
        assert!(fallen.minted_uact(with_margin).unwrap() >= 10_000_000);
    }

    #[test]
    fn nothing_can_be_minted_without_a_price() {
        let none = MintRate {
            price_atto: 0,
            spread_bps: 25,
        };
        assert_eq!(none.uakt_to_burn(1, 0), None);
        assert_eq!(RATE.uakt_to_burn(1, 10_000), None);
        assert_eq!(RATE.uakt_to_burn(1, 10_001), None);
    }
}
