//! The two clocks of the simulated world, which are moved together.
//!
//! *Simulated time* drives blocks, bids and workloads, and may run faster than real time. The
//! *Console's clock* stamps `dseq`s and tokens: clients compare it with their own clock, so it must
//! stay near that, and only a step moves it faster than real time.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::time::{self, UnixSeconds};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// Block time of six seconds, as in the Console's calculations.
pub(crate) const BLOCK_MS: u64 = 6_000;
/// Height of the first simulated block.
const FIRST_HEIGHT: u64 = 27_001_234;

/// Both clocks at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// Milliseconds of simulated time since the world was created.
    pub(crate) sim_ms: u64,
    /// Milliseconds since 1970 on the Console's clock.
    pub(crate) console_ms: u64,
}

impl Moment {
    /// Height of the chain.
    #[must_use]
    pub(crate) fn height(self) -> u64 {
        height_at(self.sim_ms)
    }

    /// Returns the date of an instant of simulated time, counted from the date of this moment.
    pub(crate) fn date_ms(self, sim_ms: u64) -> u64 {
        (self.console_ms + sim_ms).saturating_sub(self.sim_ms)
    }
}

/// Returns the height of the chain at an instant of simulated time.
pub(crate) fn height_at(sim_ms: u64) -> u64 {
    FIRST_HEIGHT + sim_ms / BLOCK_MS
}

/// Returns the simulated time at which a block is made.
pub(crate) fn time_of_height(height: u64) -> u64 {
    height.saturating_sub(FIRST_HEIGHT).saturating_mul(BLOCK_MS)
}

/// A pair of clocks, running or frozen.
#[derive(Debug)]
pub(crate) struct Clock(Mutex<Running>);

#[derive(Debug)]
struct Running {
    base: Moment,
    since: Instant,
    speed: u32,
}

impl Clock {
    /// Starts from `base`; a new world starts at the machine's date.
    pub(crate) fn start(base: Option<Moment>, speed: u32) -> Self {
        let console_ms = machine_ms();
        let base = match base {
            // The Console's clock keeps running while the program is off.
            Some(saved) => Moment {
                sim_ms: saved.sim_ms,
                console_ms: saved.console_ms.max(console_ms),
            },
            None => Moment {
                sim_ms: 0,
                console_ms,
            },
        };
        Self(Mutex::new(Running {
            base,
            since: machine_instant(),
            speed,
        }))
    }

    /// Current time on both clocks.
    pub(crate) fn now(&self) -> Moment {
        let running = self.0.lock().expect("no holder of this lock can panic");
        running.now()
    }

    /// Whole seconds by which steps have moved the Console's clock ahead of the machine's. A frozen
    /// clock falls behind, so this may be negative.
    pub(crate) fn ahead_seconds(&self) -> i64 {
        let console_ms = i64::try_from(self.now().console_ms).unwrap_or(i64::MAX);
        let machine_ms = i64::try_from(machine_ms()).unwrap_or(i64::MAX);
        // Rounded to seconds: the two clocks drift apart by fractions of a millisecond.
        (console_ms - machine_ms + 500).div_euclid(1_000)
    }

    /// Speed as a multiple of real time; 0 is frozen.
    pub(crate) fn speed(&self) -> u32 {
        let running = self.0.lock().expect("no holder of this lock can panic");
        running.speed
    }

    /// Moves both clocks ahead at once.
    pub(crate) fn advance(&self, by: Duration) -> Moment {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX / 4);
        self.rebase(|running| {
            running.base.sim_ms += by_ms;
            running.base.console_ms += by_ms;
        })
    }

    /// Changes the speed from now on.
    pub(crate) fn set_speed(&self, speed: u32) {
        self.rebase(|running| running.speed = speed);
    }

    /// Restarts time for a new world.
    pub(crate) fn restart(&self, speed: u32) {
        self.rebase(|running| {
            running.base.sim_ms = 0;
            running.speed = speed;
        });
    }

    /// Waits for simulated time to pass. With a frozen clock it returns at once: stepping the clock
    /// by hand must not be able to block a request.
    pub(crate) async fn wait(&self, sim_ms: u64) {
        let speed = self.speed();
        if speed > 0 && sim_ms > 0 {
            tokio::time::sleep(Duration::from_millis(sim_ms / u64::from(speed))).await;
        }
    }

    fn rebase(&self, change: impl FnOnce(&mut Running)) -> Moment {
        let mut running = self.0.lock().expect("no holder of this lock can panic");
        running.base = running.now();
        running.since = machine_instant();
        change(&mut running);
        running.base
    }
}

impl Running {
    fn now(&self) -> Moment {
        if self.speed == 0 {
            return self.base;
        }
        let elapsed = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX / 1000);
        Moment {
            sim_ms: self.base.sim_ms + elapsed * u64::from(self.speed),
            console_ms: self.base.console_ms + elapsed,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox owns the clock of the world it simulates; this is the one place it reads the machine's"
)]
fn machine_instant() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox owns the clock of the world it simulates; this is the one place it reads the machine's"
)]
fn machine_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the machine's clock is past 1970");
    u64::try_from(since.as_millis()).expect("milliseconds since 1970 fit for ages")
}

/// Formats a time as ISO 8601 with milliseconds, in UTC.
pub(crate) fn iso_date(unix_ms: u64) -> String {
    let at = utc(unix_ms);
    let (year, month, day) = (at.year(), at.month(), at.day());
    let ms = unix_ms % 1000;
    format!("{year:04}-{month:02}-{day:02}T{}.{ms:03}Z", time::clock(at))
}

/// Returns the UTC date and time of day for milliseconds since 1970.
pub(crate) fn utc(unix_ms: u64) -> DateTime {
    time::utc(UnixSeconds(unix_ms / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_by_steps_and_both_clocks_move_together() {
        let clock = Clock::start(None, 0);
        let before = clock.now();
        let after = clock.advance(Duration::from_secs(30));
        assert_eq!(after.sim_ms - before.sim_ms, 30_000);
        assert_eq!(after.console_ms - before.console_ms, 30_000);
        assert_eq!(after.height() - before.height(), 5);
        assert_eq!(clock.now(), after);
    }

    #[test]
    fn a_world_goes_on_where_it_stopped() {
        let saved = Moment {
            sim_ms: 5_000,
            console_ms: 1,
        };
        let now = Clock::start(Some(saved), 0).now();
        assert_eq!(now.sim_ms, 5_000);
        assert!(now.console_ms > 1_700_000_000_000);
    }

    #[test]
    fn steps_move_it_ahead_of_the_machine() {
        let clock = Clock::start(None, 1);
        assert_eq!(clock.ahead_seconds(), 0);
        clock.advance(Duration::from_secs(310));
        assert_eq!(clock.ahead_seconds(), 310);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(iso_date(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_date(951_827_696_789), "2000-02-29T12:34:56.789Z");
        assert_eq!(iso_date(1_795_240_512_345), "2026-11-21T05:55:12.345Z");
    }
}
