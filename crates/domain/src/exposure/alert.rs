//! When the operator is told.

use super::{Caps, Measure, Use};
use crate::money::Usd;
use crate::time::Seconds;

/// The shares of a cap at which the operator is told, in per cent.
const THRESHOLDS: [u64; 3] = [100, 80, 50];

/// How far everybody's cap is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Measure of the cap: deployments, money held or money a day.
    pub measure: Measure,
    /// Share of the cap that is taken, in per cent, rounded down; more than 100 if it is passed.
    pub per_cent: u64,
    /// Highest threshold that is reached, in per cent; zero below the first.
    pub threshold: u64,
}

/// Of each cap of everybody's that there is, how far it is used up.
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

/// With less than this the Console account may run dry before anybody looks.
pub const LOW: Seconds = Seconds::hours(48);

/// How long the Console account lasts where an hour of everything costs `hourly`; `None` where
/// nothing is spent.
#[must_use]
pub fn runs_out_in(balance: Usd, hourly: Usd) -> Option<Seconds> {
    let seconds = u128::from(balance.micros()) * u128::from(Seconds::hours(1).0)
        / u128::from(hourly.micros()).max(1);
    (hourly > Usd::ZERO).then(|| Seconds(u64::try_from(seconds).unwrap_or(u64::MAX)))
}
