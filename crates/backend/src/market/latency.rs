//! Network distance from here to the hosts of offers, measured from time to time. A distance that
//! was not measured is unknown; it is never estimated from a map.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::time::{Seconds, UnixSeconds};

use crate::ports::Unmeasured;

/// Interval between measurements of a host.
const EVERY: Seconds = Seconds::minutes(10);

/// Time for which a measurement is valid.
const GOOD_FOR: Seconds = Seconds::minutes(30);

/// Number of hosts measured in one round.
const AT_ONCE: usize = 16;

/// The measurements.
#[derive(Debug, Default)]
pub(super) struct Latencies(BTreeMap<String, Measured>);

#[derive(Debug, Clone, Copy)]
struct Measured {
    asked_at: UnixSeconds,
    last: Option<(UnixSeconds, u32)>,
}

impl Latencies {
    /// Returns the hosts that are due to be measured, longest wait first, and counts them as
    /// requested. Hosts without offers are dropped.
    pub(super) fn due(&mut self, hosts: &BTreeSet<String>, now: UnixSeconds) -> Vec<String> {
        self.0.retain(|host, _| hosts.contains(host));
        let asked_at = |host: &String| self.0.get(host).map(|measured| measured.asked_at);
        let is_due = |host: &&String| asked_at(host).is_none_or(|at| now.since(at) >= EVERY);
        let mut due: Vec<String> = hosts.iter().filter(is_due).cloned().collect();
        due.sort_by_key(asked_at);
        due.truncate(AT_ONCE);
        for host in &due {
            let measured = self.0.entry(host.clone()).or_insert(Measured {
                asked_at: now,
                last: None,
            });
            measured.asked_at = now;
        }
        due
    }

    /// Stores a measurement. A host that does not answer keeps its last one while it is valid.
    pub(super) fn note(
        &mut self,
        host: &str,
        outcome: Result<Duration, Unmeasured>,
        now: UnixSeconds,
    ) {
        if let (Some(measured), Ok(took)) = (self.0.get_mut(host), outcome) {
            // A round trip of less than a millisecond is recorded as one.
            let millis = u32::try_from(took.as_millis()).unwrap_or(u32::MAX).max(1);
            measured.last = Some((now, millis));
        }
    }

    /// Returns the distances valid at `now`, in milliseconds, by host.
    pub(super) fn known(&self, now: UnixSeconds) -> BTreeMap<String, u32> {
        let young = self.0.iter().filter_map(|(host, measured)| {
            let (at, millis) = measured.last?;
            (now.since(at) <= GOOD_FOR).then(|| (host.clone(), millis))
        });
        young.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use domain::time::UnixSeconds;

    use super::{AT_ONCE, Latencies, Unmeasured};

    fn hosts(count: usize) -> BTreeSet<String> {
        (0..count).map(|at| format!("h{at:02}:8443")).collect()
    }

    #[test]
    fn hosts_are_measured_in_turns_and_not_too_often() {
        let mut latencies = Latencies::default();
        let all = hosts(AT_ONCE + 3);
        let now = UnixSeconds(1_000_000);
        assert_eq!(latencies.due(&all, now).len(), AT_ONCE);
        let rest = latencies.due(&all, UnixSeconds(now.0 + 5));
        assert_eq!(rest, ["h16:8443", "h17:8443", "h18:8443"]);
        assert!(latencies.due(&all, UnixSeconds(now.0 + 599)).is_empty());
        let again = latencies.due(&all, UnixSeconds(now.0 + 600));
        assert_eq!(again.len(), AT_ONCE);
        assert_eq!(again[0], "h00:8443");
    }

    #[test]
    fn what_is_not_measured_is_not_known_and_what_is_old_is_forgotten() {
        let mut latencies = Latencies::default();
        let two = hosts(2);
        let now = UnixSeconds(1_000_000);
        latencies.due(&two, now);
        latencies.note("h00:8443", Ok(Duration::from_micros(300)), now);
        latencies.note("h01:8443", Err(Unmeasured::Silent), now);
        latencies.note("elsewhere:443", Ok(Duration::from_millis(9)), now);
        let known = latencies.known(now);
        assert_eq!(
            known.into_iter().collect::<Vec<_>>(),
            [("h00:8443".to_owned(), 1)]
        );

        let later = UnixSeconds(now.0 + 600);
        latencies.due(&two, later);
        latencies.note("h00:8443", Err(Unmeasured::Silent), later);
        assert_eq!(latencies.known(later).len(), 1, "silent once is not gone");
        assert!(latencies.known(UnixSeconds(now.0 + 1801)).is_empty());
        latencies.note("h00:8443", Ok(Duration::from_millis(40)), later);
        latencies.due(&BTreeSet::new(), later);
        assert!(
            latencies.known(later).is_empty(),
            "it sells nothing any more"
        );
    }
}
