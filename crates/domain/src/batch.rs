//! Detects when a batch workload is done, from what is known about the end of its container.
//!
//! A workload is a batch only if its SDL says so. Akash's clusters restart every container that ends and
//! report only *that* it ended; the container itself reports its exit code in its last line. Both must
//! agree before a workload counts as done: unknown is not done.

use crate::record::ServiceView;

/// Environment variable that makes a service a batch; any value except `0` and `false`.
pub const BATCH_VARIABLE: &str = "NECTO_BATCH";

/// Beginning of the line in which a container reports its exit code; the code ends the line.
pub const EXIT_LINE: &str = "necto: exit code ";

/// One message of the provider's cluster about a service's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterNote {
    /// Name of the service the container runs for, as in the SDL.
    pub service: String,
    /// Reason in one word, as the cluster reports it: `Started`, `BackOff`, ….
    pub reason: String,
}

/// What is known about one batch service.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Service as the provider reports it, with the copies that are ready.
    pub reported: &'a ServiceView,
    /// Exit code that the container reported last in its log; `None` if it reported none.
    pub told: Option<i32>,
    /// Messages of the clusters about all services of the order; those about other services are ignored.
    pub notes: &'a [ClusterNote],
}

/// Conclusion drawn from the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no evidence of an end.
    Unknown,
    /// The container ended with exit code 0.
    Done,
    /// The container ended with another exit code, or without one, and was restarted.
    Failed {
        /// Exit code that the container reported; `None` if it reported none.
        code: Option<i32>,
    },
}

impl Evidence<'_> {
    /// Conclusion about the container.
    ///
    /// With several copies it is unknown which one reported the exit code, so only a single copy can be
    /// done.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.reported.total != 1 || !self.has_ended() {
            return Verdict::Unknown;
        }
        match self.told {
            Some(0) => Verdict::Done,
            code => Verdict::Failed { code },
        }
    }

    /// Whether the cluster shows that the container ended at least once: it is no longer running after it
    /// was started, or it was restarted.
    fn has_ended(&self) -> bool {
        let count = |reason: &str| {
            let ours = self.notes.iter();
            ours.filter(|note| note.service == self.reported.name && note.reason == reason)
                .count()
        };
        let started = count("Started");
        started > 1 || (started == 1 && (self.reported.available == 0 || count("BackOff") > 0))
    }
}

/// Whether a service's environment, in the form `NAME=value`, makes it a batch.
pub fn is_batch<'a>(environment: impl IntoIterator<Item = &'a str>) -> bool {
    environment
        .into_iter()
        .filter_map(|line| line.strip_prefix(BATCH_VARIABLE)?.strip_prefix('='))
        .last()
        .is_some_and(|value| !matches!(value.trim(), "" | "0" | "false"))
}

/// Exit code reported by a log line; `None` if the line reports none.
#[must_use]
pub fn exit_code(line: &str) -> Option<i32> {
    line.trim_end().strip_prefix(EXIT_LINE)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{ClusterNote, Evidence, Verdict, exit_code, is_batch};
    use crate::record::ServiceView;

    fn verdict(available: u32, total: u32, told: Option<i32>, notes: &[&str]) -> Verdict {
        let reported = ServiceView {
            name: "job".to_owned(),
            available,
            total,
            uris: Vec::new(),
            ports: Vec::new(),
        };
        let note = |service: &str, reason: &str| ClusterNote {
            service: service.to_owned(),
            reason: reason.to_owned(),
        };
        let mut all: Vec<_> = notes.iter().map(|reason| note("job", reason)).collect();
        // Another service of the order ends differently.
        all.extend(["Started", "Started", "BackOff"].map(|reason| note("db", reason)));
        let evidence = Evidence {
            reported: &reported,
            told,
            notes: &all,
        };
        evidence.verdict()
    }

    #[test]
    fn only_an_end_that_all_tell_of_is_done() {
        let failed = |code| Verdict::Failed { code };
        let cases = [
            // Exit code reported, container down, and it had been started.
            ((0, 1, Some(0), &["Started"][..]), Verdict::Done),
            // Already restarted.
            ((1, 1, Some(0), &["Started", "Started"]), Verdict::Done),
            ((1, 1, Some(0), &["Started", "BackOff"]), Verdict::Done),
            // Exit code reported, but still running.
            ((1, 1, Some(0), &["Started"]), Verdict::Unknown),
            // Exit code reported, but no message from the cluster.
            ((0, 1, Some(0), &[]), Verdict::Unknown),
            // One of several copies.
            ((0, 3, Some(0), &["Started", "BackOff"]), Verdict::Unknown),
            // Ended without an exit code, or with one other than 0.
            ((0, 1, None, &["Started", "BackOff"]), failed(None)),
            ((0, 1, Some(1), &["Started"]), failed(Some(1))),
            (
                (0, 1, Some(137), &["Started", "BackOff"]),
                failed(Some(137)),
            ),
            // Still starting.
            ((0, 1, None, &["Scheduled", "Pulling"]), Verdict::Unknown),
        ];
        for ((available, total, told, notes), expected) in cases {
            assert_eq!(
                verdict(available, total, told, notes),
                expected,
                "{available}/{total} {told:?} {notes:?}"
            );
        }
    }

    #[test]
    fn an_exit_code_is_told_by_a_whole_line_and_nothing_else() {
        assert_eq!(exit_code("necto: exit code 0"), Some(0));
        assert_eq!(exit_code("necto: exit code 137 \r"), Some(137));
        for line in [
            "",
            "exit code 0",
            "saw necto: exit code 0",
            "necto: exit code 0!",
            "necto: exit code ",
            "necto: exit code 99999999999",
        ] {
            assert_eq!(exit_code(line), None, "{line}");
        }
    }

    #[test]
    fn a_service_is_a_batch_only_where_it_says_so() {
        assert!(is_batch(["A=1", "NECTO_BATCH=1"]));
        assert!(is_batch(["NECTO_BATCH=true"]));
        for environment in [
            &[][..],
            &["A=1"],
            &["NECTO_BATCH=0"],
            &["NECTO_BATCH=false"],
            &["NECTO_BATCH="],
            &["NECTO_BATCH"],
            &["NECTO_BATCH_SIZE=4"],
            // The last one counts, as in a shell.
            &["NECTO_BATCH=1", "NECTO_BATCH=0"],
        ] {
            assert!(!is_batch(environment.iter().copied()), "{environment:?}");
        }
    }
}
