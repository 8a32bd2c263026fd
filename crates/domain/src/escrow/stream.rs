//! A running stream: what accrues, what is refundable, when it runs out, and how it is split at its end.
//!
//! The rules match the contract's to the last scaled unit; both are tested against the life cycles in
//! `contracts/test/vectors/escrow.json`.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{ScaledAmount, ScaledRate};
use crate::money::TokenAmount;
use crate::time::{Seconds, UnixSeconds};

/// An active stream, as the contract stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Sum of the deposit and all top-ups, in micro-USDC.
    pub deposited: TokenAmount,
    /// Price of a second, in 10⁻¹² micro-USDC.
    pub rate: ScaledRate,
    /// Time in seconds that the operator may be silent before nothing accrues any more.
    pub heartbeat_window: Seconds,
    /// Unix time at which the stream started.
    pub activated_at: UnixSeconds,
    /// Unix time of the last heartbeat; the start while there was none.
    pub last_sign_of_life: UnixSeconds,
    /// Unix time up to which [`Stream::accrued_at_checkpoint`] counts.
    pub checkpoint: UnixSeconds,
    /// Amount that had accrued at the checkpoint, in 10⁻¹² micro-USDC.
    pub accrued_at_checkpoint: ScaledAmount,
}

/// Reason why a stream refuses a heartbeat or top-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StreamError {
    /// The heartbeat window is over: nothing accrues any more, and anyone may close the escrow.
    #[error("the operator has been silent since second {}", .since.0)]
    Silent {
        /// Unix time of the last second that was billed.
        since: UnixSeconds,
    },
    /// The top-up is zero.
    #[error("a top-up must be more than nothing")]
    Nothing,
    /// The sum exceeds what an escrow can hold.
    #[error("the deposits together are more than an escrow can hold")]
    TooLarge,
}

/// Split of an escrow's money at its end. `released + refunded` is the sum of all deposits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Amount for the payee and the fee recipient together, in micro-USDC.
    pub released: TokenAmount,
    /// The fee recipient's part of `released`, in micro-USDC, rounded down.
    pub fee: TokenAmount,
    /// Amount that goes back to the buyer, in micro-USDC.
    pub refunded: TokenAmount,
    /// Unix time up to which usage was paid at most.
    pub ended_at: UnixSeconds,
}

impl Settlement {
    /// Splits the deposits when `owed` of them is due to the payee; the fee, in hundredths of a per cent,
    /// is taken out of that.
    #[must_use]
    pub fn split(
        deposited: TokenAmount,
        owed: TokenAmount,
        fee_bps: u16,
        ended_at: UnixSeconds,
    ) -> Self {
        let released = owed.min(deposited);
        Self {
            released,
            fee: fee_of(released, fee_bps),
            refunded: deposited.saturating_sub(released),
            ended_at,
        }
    }

    /// Amount that the payee can withdraw.
    #[must_use]
    pub const fn to_payee(&self) -> TokenAmount {
        self.released.saturating_sub(self.fee)
    }
}

impl Stream {
    /// Starts a stream.
    #[must_use]
    pub const fn activated(
        deposited: TokenAmount,
        rate: ScaledRate,
        heartbeat_window: Seconds,
        at: UnixSeconds,
    ) -> Self {
        Self {
            deposited,
            rate,
            heartbeat_window,
            activated_at: at,
            last_sign_of_life: at,
            checkpoint: at,
            accrued_at_checkpoint: ScaledAmount::ZERO,
        }
    }

    /// The last second of the operator's current window, after which it is silent.
    #[must_use]
    pub fn silent_after(&self) -> UnixSeconds {
        self.last_sign_of_life.after(self.heartbeat_window)
    }

    /// Whether the operator has been silent for longer than the window.
    #[must_use]
    pub fn is_silent(&self, now: UnixSeconds) -> bool {
        now > self.silent_after()
    }

    /// Amount accrued, capped at the deposits.
    #[must_use]
    pub fn accrued_scaled(&self, now: UnixSeconds) -> ScaledAmount {
        let until = now.min(self.silent_after());
        if until <= self.checkpoint {
            return self.accrued_at_checkpoint;
        }
        let most = ScaledAmount::from_amount(self.deposited);
        ScaledAmount::product(self.rate, until.since(self.checkpoint))
            .and_then(|since| self.accrued_at_checkpoint.checked_add(since))
            .map_or(most, |accrued| accrued.min(most))
    }

    /// Amount that the payee would receive, fee included, if the stream ended now.
    #[must_use]
    pub fn accrued(&self, now: UnixSeconds) -> TokenAmount {
        self.accrued_scaled(now).floored()
    }

    /// Amount that the buyer would receive if the stream ended now.
    #[must_use]
    pub fn refundable(&self, now: UnixSeconds) -> TokenAmount {
        self.deposited.saturating_sub(self.accrued(now))
    }

    /// The first second in which the deposits are used up if heartbeats continue; the end of time if there
    /// is none.
    #[must_use]
    pub fn runs_out_at(&self) -> UnixSeconds {
        let left =
            ScaledAmount::from_amount(self.deposited).saturating_sub(self.accrued_at_checkpoint);
        self.checkpoint.after(left.reached_after(self.rate))
    }

    /// Records a heartbeat of the operator.
    ///
    /// # Errors
    /// If the operator has been silent for longer than the window.
    pub fn heartbeat(self, now: UnixSeconds) -> Result<Self, StreamError> {
        self.check_alive(now)?;
        Ok(Self {
            last_sign_of_life: now,
            ..self.counted_up_to(now)
        })
    }

    /// Adds to the deposit. Time that passed without money remains unbilled.
    ///
    /// # Errors
    /// If the operator is silent, `amount` is zero, or the sum exceeds what an escrow can hold.
    pub fn top_up(self, amount: TokenAmount, now: UnixSeconds) -> Result<Self, StreamError> {
        if amount == TokenAmount::ZERO {
            return Err(StreamError::Nothing);
        }
        self.check_alive(now)?;
        let deposited = self
            .deposited
            .micros()
            .checked_add(amount.micros())
            .ok_or(StreamError::TooLarge)?;
        Ok(Self {
            deposited: TokenAmount::from_micros(deposited),
            ..self.counted_up_to(now)
        })
    }

    /// The settlement if the buyer closes now, or if anyone reclaims after silence.
    #[must_use]
    pub fn settle_now(&self, now: UnixSeconds, fee_bps: u16) -> Settlement {
        let ended_at = now.min(self.silent_after());
        Settlement::split(self.deposited, self.accrued(now), fee_bps, ended_at)
    }

    /// The settlement if the operator reports at `now` that the lease ended at `lease_ended_at`. The payee
    /// gets no more than what accrued and no more than the rate yields from the start to that time; at or
    /// before the start, nothing.
    #[must_use]
    pub fn settle_at(
        &self,
        lease_ended_at: UnixSeconds,
        now: UnixSeconds,
        fee_bps: u16,
    ) -> Settlement {
        let ended_at = lease_ended_at.max(self.activated_at);
        let accrued = self.accrued_scaled(now);
        let owed = ScaledAmount::product(self.rate, ended_at.since(self.activated_at))
            .map_or(accrued, |most| accrued.min(most));
        Settlement::split(self.deposited, owed.floored(), fee_bps, ended_at)
    }

    fn counted_up_to(self, now: UnixSeconds) -> Self {
        Self {
            accrued_at_checkpoint: self.accrued_scaled(now),
            checkpoint: now,
            ..self
        }
    }

    fn check_alive(&self, now: UnixSeconds) -> Result<(), StreamError> {
        if self.is_silent(now) {
            return Err(StreamError::Silent {
                since: self.silent_after(),
            });
        }
        Ok(())
    }
}

/// A share of an amount in hundredths of a per cent, rounded down, computed without a product that could
/// overflow.
fn fee_of(amount: TokenAmount, fee_bps: u16) -> TokenAmount {
    const WHOLE: u128 = 10_000;
    let bps = u128::from(fee_bps);
    let (tens, rest) = (amount.micros() / WHOLE, amount.micros() % WHOLE);
    TokenAmount::from_micros(tens.saturating_mul(bps).saturating_add(rest * bps / WHOLE))
}

#[cfg(test)]
mod tests {
    use super::{Settlement, Stream, StreamError};
    use crate::escrow::ScaledRate;
    use crate::money::TokenAmount;
    use crate::time::{Seconds, UnixSeconds};

    const WINDOW: Seconds = Seconds(600);

    /// One micro-USDC per second from second 1,000 on.
    fn stream(deposit: u128) -> Stream {
        let rate = ScaledRate::from_scaled(1_000_000_000_000);
        Stream::activated(
            TokenAmount::from_micros(deposit),
            rate,
            WINDOW,
            UnixSeconds(1_000),
        )
    }

    #[test]
    fn it_accrues_by_the_second_and_stops_with_the_window() {
        let stream = stream(10_000);
        assert_eq!(stream.accrued(UnixSeconds(1_007)).micros(), 7);
        assert_eq!(stream.refundable(UnixSeconds(1_007)).micros(), 9_993);
        assert_eq!(stream.accrued(UnixSeconds(9_999)).micros(), 600);
        assert_eq!(
            stream.accrued(UnixSeconds(0)).micros(),
            0,
            "a clock that is behind bills nothing"
        );
    }

    #[test]
    fn a_heartbeat_in_the_last_second_keeps_it_alive_and_a_second_later_does_not() {
        let alive = stream(10_000).heartbeat(UnixSeconds(1_600)).unwrap();
        assert_eq!(alive.accrued(UnixSeconds(9_999)).micros(), 1_200);
        let error = stream(10_000).heartbeat(UnixSeconds(1_601)).unwrap_err();
        assert_eq!(
            error,
            StreamError::Silent {
                since: UnixSeconds(1_600)
            }
        );
        assert_eq!(
            error.to_string(),
            "the operator has been silent since second 1600"
        );
    }

    #[test]
    fn a_gap_without_money_is_never_billed() {
        let topped_up = stream(100)
            .top_up(TokenAmount::from_micros(1_000), UnixSeconds(1_150))
            .unwrap();
        assert_eq!(topped_up.accrued(UnixSeconds(1_150)).micros(), 100);
        assert_eq!(topped_up.accrued(UnixSeconds(1_160)).micros(), 110);
        assert_eq!(topped_up.runs_out_at(), UnixSeconds(2_150));
    }

    #[test]
    fn a_lease_that_never_came_owes_nothing() {
        let settled = stream(500).settle_at(UnixSeconds(1_000), UnixSeconds(1_090), 250);
        assert_eq!(settled.released, TokenAmount::ZERO);
        assert_eq!(settled.refunded.micros(), 500);
        let earlier = stream(500).settle_at(UnixSeconds(3), UnixSeconds(1_090), 250);
        assert_eq!(earlier, settled);
    }

    #[test]
    fn the_fee_comes_out_of_what_the_payee_gets_and_nothing_is_lost() {
        let settled = stream(1_000).settle_now(UnixSeconds(1_401), 250);
        assert_eq!(settled.released.micros(), 401);
        assert_eq!(settled.fee.micros(), 10);
        assert_eq!(settled.to_payee().micros(), 391);
        assert_eq!(settled.refunded.micros(), 599);
        let all = Settlement::split(
            TokenAmount::from_micros(u128::MAX),
            TokenAmount::from_micros(u128::MAX),
            10_000,
            UnixSeconds(0),
        );
        assert_eq!(all.to_payee(), TokenAmount::ZERO);
    }

    #[test]
    fn a_top_up_must_be_something_and_fit() {
        let now = UnixSeconds(1_001);
        assert_eq!(
            stream(1).top_up(TokenAmount::ZERO, now),
            Err(StreamError::Nothing)
        );
        let huge = TokenAmount::from_micros(u128::MAX);
        assert_eq!(stream(1).top_up(huge, now), Err(StreamError::TooLarge));
    }
}
