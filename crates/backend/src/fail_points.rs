//! Points at which a build for the fault matrix can be made to crash.
//!
//! Every point lies on one side of something irreversible: a commit, a call to the outside world, a
//! claim on a job. Without the feature `fail-points` all of this compiles to nothing, so the
//! shipped server cannot be told to crash.

/// Side of the irreversible step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// It has not happened yet.
    Before,
    /// It has happened but has not been reported.
    After,
}

/// Passes a point. If this process is armed for that point, the fault happens here.
#[cfg(not(feature = "fail-points"))]
#[inline]
pub(crate) const fn reach(_side: Side, _what: &str) {}

#[cfg(feature = "fail-points")]
pub(crate) use armed::reach;
#[cfg(feature = "fail-points")]
pub use armed::{all, arm};

#[cfg(feature = "fail-points")]
mod armed {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, PoisonError};

    use super::Side;

    /// Events that move a buyer's money or belong to an order with money in escrow: one point
    /// before and one after the commit of each.
    const COMMITS: [&str; 23] = [
        "payment_announced",
        "payment_cancelled",
        "auto_signed",
        "deposit_confirmed",
        "open_requested",
        "opened",
        "bid_accepted",
        "no_bids",
        "not_picked",
        "activation_confirmed",
        "lease_started",
        "topped_up",
        "update_requested",
        "updated",
        "update_refused",
        "close_requested",
        "budget_spent",
        "finished",
        "lease_lost",
        "step_failed",
        "escrow_ended",
        "closed",
        "settlement_confirmed",
    ];

    /// Calls that change the outside world.
    const CALLS: [&str; 12] = [
        "fund",
        "spend",
        "top_up",
        "create",
        "lease",
        "update",
        "take_back",
        "raise_limit",
        "close",
        "activate",
        "end",
        "heartbeat",
    ];

    /// Writes of the queue, the drive and the followers other than events.
    const NOTES: [&str; 7] = [
        "claim",
        "release",
        "create_mark",
        "update_mark",
        "transaction_note",
        "block",
        "log_chunk",
    ];

    /// The fault at a point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Fate {
        /// SIGKILL: nothing is cleaned up.
        Kill,
        /// A panic in the code that passes the point.
        Panic,
    }

    #[derive(Debug)]
    struct Armed {
        point: String,
        fate: Fate,
    }

    static ARMED: Mutex<Option<Armed>> = Mutex::new(None);

    /// Checked on every pass, so that the lock is taken only once something is armed.
    static ANY: AtomicBool = AtomicBool::new(false);

    /// The names of all points, as `arm` accepts them.
    #[must_use]
    pub fn all() -> Vec<String> {
        COMMITS
            .iter()
            .chain(&CALLS)
            .chain(&NOTES)
            .flat_map(|what| [format!("before:{what}"), format!("after:{what}")])
            .collect()
    }

    /// Makes this process die (`POINT=kill`), or the passing code panic (`POINT=panic`), the first
    /// time a point is passed.
    ///
    /// # Errors
    /// If there is no such point or fault.
    pub fn arm(wish: &str) -> Result<(), String> {
        let (point, fate) = wish
            .split_once('=')
            .ok_or_else(|| format!("“{wish}”: expected POINT=kill or POINT=panic."))?;
        if !all().iter().any(|known| known == point) {
            return Err(format!("There is no fail point “{point}”."));
        }
        let fate = match fate {
            "kill" => Fate::Kill,
            "panic" => Fate::Panic,
            other => return Err(format!("“{other}” is no fate: expected kill or panic.")),
        };
        let armed = Armed {
            point: point.to_owned(),
            fate,
        };
        *ARMED.lock().unwrap_or_else(PoisonError::into_inner) = Some(armed);
        ANY.store(true, Ordering::Release);
        Ok(())
    }

    /// Passes a point.
    ///
    /// # Panics
    /// If armed to panic at this point.
    pub(crate) fn reach(side: Side, what: &str) {
        if !ANY.load(Ordering::Acquire) {
            return;
        }
        let side = match side {
            Side::Before => "before",
            Side::After => "after",
        };
        let fate = {
            let mut armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
            let here = armed
                .as_ref()
                .is_some_and(|armed| armed.point == format!("{side}:{what}"));
            if !here {
                return;
            }
            armed.take().map(|armed| armed.fate)
        };
        tracing::error!(side, what, "fail point reached");
        match fate {
            Some(Fate::Kill) => die(),
            Some(Fate::Panic) => panic!("fail point {side}:{what}"),
            None => {}
        }
    }

    /// Sends SIGKILL from outside, because no code of ours may run after it.
    fn die() {
        let pid = std::process::id().to_string();
        let killed = std::process::Command::new("kill")
            .args(["-9", &pid])
            .status();
        // Only reached if there is no `kill`: an abort runs no destructors either.
        tracing::error!(?killed, "could not be killed");
        std::process::abort();
    }

    #[cfg(test)]
    mod tests {
        use super::{all, arm};

        #[test]
        fn only_points_that_exist_can_be_armed() {
            assert_eq!(all().len(), 84);
            assert_eq!(
                arm("before:lunch=kill").unwrap_err(),
                "There is no fail point “before:lunch”."
            );
            assert_eq!(
                arm("after:create=tea").unwrap_err(),
                "“tea” is no fate: expected kill or panic."
            );
        }
    }
}
