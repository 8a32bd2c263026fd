//! The money in an order's escrow.

use serde::{Deserialize, Serialize};

use crate::deployment::State;
use crate::escrow::{ScaledRate, Stream};
use crate::money::TokenAmount;
use crate::time::UnixSeconds;

/// Money in an order's escrow, from what the chain confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowMeter {
    /// Sum of the deposit and all top-ups, in micro-USDC.
    pub deposited: TokenAmount,
    /// Stream of the escrow, counted as the contract counts it; `None` before its activation.
    pub stream: Option<Stream>,
    /// Unix time up to which usage is charged; `None` while usage continues, and if there was none.
    pub ended_at: Option<UnixSeconds>,
    /// Amount paid out for usage, in micro-USDC; `None` until the escrow is settled.
    pub released: Option<TokenAmount>,
    /// Unix time at which what was ordered is used up; `None` before the escrow streams.
    pub paid_until: Option<UnixSeconds>,
}

impl EscrowMeter {
    /// The money of an order in `state`; `None` before a deposit is confirmed. `last_heartbeat` is the Unix
    /// time of the operator's last heartbeat, `None` without any.
    #[must_use]
    pub fn of(state: &State, last_heartbeat: Option<UnixSeconds>) -> Option<Self> {
        let paid = state.paid()?;
        let running = state.running();
        Some(Self {
            deposited: paid.total(),
            stream: running.map(|running| running.stream(paid, last_heartbeat)),
            ended_at: state.usage_ended_at(),
            released: match state {
                State::Settled { receipt } => Some(receipt.settlement.released),
                _ => None,
            },
            paid_until: running.map(|running| running.paid_until(paid)),
        })
    }

    /// Cost of usage up to `now`, in micro-USDC. It stops growing at the end of usage, after the heartbeat
    /// window of a silent operator, and at the sum of deposits.
    #[must_use]
    pub fn accrued(&self, now: UnixSeconds) -> TokenAmount {
        match (self.released, self.stream) {
            (Some(released), _) => released.min(self.deposited),
            (None, Some(stream)) => stream.accrued(self.ended_at.unwrap_or(now)),
            (None, None) => TokenAmount::ZERO,
        }
    }

    /// Rate in 10⁻¹² micro-USDC per second; zero before the escrow streams.
    #[must_use]
    pub fn rate(&self) -> ScaledRate {
        self.stream.map(|stream| stream.rate).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::EscrowMeter;
    use crate::escrow::{ScaledRate, Stream};
    use crate::money::TokenAmount;
    use crate::time::{Seconds, UnixSeconds};

    /// Two micro-USDC a second from second 100 on, with a window of ten minutes.
    fn meter(deposited: u128) -> EscrowMeter {
        let deposited = TokenAmount::from_micros(deposited);
        let rate = ScaledRate::from_scaled(2_000_000_000_000);
        EscrowMeter {
            deposited,
            stream: Some(Stream::activated(
                deposited,
                rate,
                Seconds::minutes(10),
                UnixSeconds(100),
            )),
            ended_at: None,
            released: None,
            paid_until: None,
        }
    }

    fn accrued(meter: &EscrowMeter, now: u64) -> u128 {
        meter.accrued(UnixSeconds(now)).micros()
    }

    #[test]
    fn it_counts_by_the_second_and_stops_where_the_money_does() {
        let cases = [(0, 0), (100, 0), (101, 2), (500, 800), (9_999, 800)];
        for (now, used) in cases {
            assert_eq!(accrued(&meter(800), now), used, "at {now}");
        }
    }

    #[test]
    fn it_stops_with_the_window_of_a_silent_operator() {
        assert_eq!(accrued(&meter(10_000), 700), 1_200);
        assert_eq!(accrued(&meter(10_000), 9_999), 1_200);
    }

    #[test]
    fn it_stops_where_usage_ended_and_ends_at_what_was_released() {
        let ended = EscrowMeter {
            ended_at: Some(UnixSeconds(150)),
            ..meter(10_000)
        };
        assert_eq!(accrued(&ended, 120), 100);
        assert_eq!(accrued(&ended, 9_999), 100);
        let settled = EscrowMeter {
            released: Some(TokenAmount::from_micros(96)),
            ..ended
        };
        assert_eq!(accrued(&settled, 9_999), 96);
    }

    #[test]
    fn before_the_activation_nothing_is_charged() {
        let held = EscrowMeter {
            stream: None,
            ..meter(10_000)
        };
        assert_eq!(accrued(&held, 9_999), 0);
        assert_eq!(held.rate(), ScaledRate::default());
    }
}
