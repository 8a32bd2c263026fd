//! Alerts to the operator about exposure and balance.

use super::{Caps, Measure, Use};
use crate::money::Usd;
use crate::time::Seconds;

/// Shares of a cap at which the operator is alerted, in per cent.
const THRESHOLDS: [u64; 3] = [100, 80, 50];

/// Used share of a cap on the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Measure of the cap: deployments, money held or money a day.
    pub measure: Measure,
    /// Share of the cap that is taken, in per cent, rounded down; more than 100 if it is passed.
    pub per_cent: u64,
    /// Highest threshold that is reached, in per cent; zero below the first.
    pub threshold: u64,
}

/// The used share of each cap on the total that is set.
#[must_use]
pub fn alerts(used: &Use, caps: &Caps) -> Vec<Alert> {
    let cap = caps.all;
    let shares = [
        (Measure::Open, used.open, cap.open),
        (
            Measure::Locked,
            used.locked.micros(),
            cap.locked.map(Usd::micros),
        ),
        (Measure::Day, used.day.micros(), cap.day.map(Usd::micros)),
    ];
    shares
        .into_iter()
        .filter_map(|(measure, used, cap)| {
            let share = u128::from(used) * 100 / u128::from(cap?.max(1));
            let per_cent = u64::try_from(share).unwrap_or(u64::MAX);
            let threshold = THRESHOLDS.into_iter().find(|least| per_cent >= *least);
            Some(Alert {
                measure,
                per_cent,
                threshold: threshold.unwrap_or_default(),
            })
        })
        .collect()
}

/// Below this remaining time the Console account may run dry before anyone reacts.
pub const LOW: Seconds = Seconds::hours(48);

/// Time that the Console account lasts when everything together costs `hourly` per hour; `None` if nothing
/// is spent.
#[must_use]
pub fn runs_out_in(balance: Usd, hourly: Usd) -> Option<Seconds> {
    let seconds = u128::from(balance.micros()) * u128::from(Seconds::hours(1).0)
        / u128::from(hourly.micros()).max(1);
    (hourly > Usd::ZERO).then(|| Seconds(u64::try_from(seconds).unwrap_or(u64::MAX)))
}
