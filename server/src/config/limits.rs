//! Request budgets, and the number of concurrent event streams.

use std::str::FromStr;

/// Factor for local runs, in which all browsers share one address.
const LOCAL_TIMES: u64 = 100;

/// Limits of `necto serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct LimitOptions {
    /// `default`, or `local` for tests in which all browsers come from this machine: a hundred times as much.
    #[arg(long, env = "NECTO_LIMITS", default_value = "default")]
    limits: String,
    /// Streams of events at once in this process; more are answered 503.
    #[arg(long, env = "NECTO_STREAMS", default_value_t = 10_000)]
    streams: u64,
    /// Streams of events at once for one network; more are answered 429.
    #[arg(long, env = "NECTO_STREAMS_PER_NETWORK", default_value_t = 60)]
    streams_per_network: u64,
    /// Streams of events at once for one session; more are answered 429.
    #[arg(long, env = "NECTO_STREAMS_PER_SESSION", default_value_t = 12)]
    streams_per_session: u64,
}

/// Request and stream limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Factor by which every request budget is multiplied: 1, or 100 for tests in which all browsers come from
    /// this machine.
    pub(crate) times: u64,
    /// Concurrent streams of this process.
    pub(crate) streams: u64,
    /// Concurrent streams of one network.
    pub(crate) streams_per_network: u64,
    /// Concurrent streams of one session.
    pub(crate) streams_per_session: u64,
}

impl Limits {
    /// Whether the limits are those for tests in which all browsers come from this machine.
    pub(crate) const fn are_for_tests(self) -> bool {
        self.times > 1
    }
}

/// The kinds of budgets: for public use, or for local tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    ForEverybody,
    ForThisMachine,
}

impl FromStr for Made {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self::ForEverybody),
            "local" => Ok(Self::ForThisMachine),
            _ => Err(format!(
                "NECTO_LIMITS is “{text}”: expected default or local."
            )),
        }
    }
}

impl LimitOptions {
    /// Parses the options. `is_local` is `true` if clients can only connect from this machine.
    pub(crate) fn check(&self, is_local: bool) -> Result<Limits, String> {
        let made: Made = self.limits.parse()?;
        if made == Made::ForThisMachine && !is_local {
            return Err(
                "NECTO_LIMITS is local, but NECTO_PUBLIC_URL is not on this machine: strangers would not be limited."
                    .to_owned(),
            );
        }
        let times = match made {
            Made::ForEverybody => 1,
            Made::ForThisMachine => LOCAL_TIMES,
        };
        if self.streams == 0 || self.streams_per_network == 0 || self.streams_per_session == 0 {
            return Err(
                "NECTO_STREAMS, NECTO_STREAMS_PER_NETWORK and NECTO_STREAMS_PER_SESSION must be at least 1."
                    .to_owned(),
            );
        }
        Ok(Limits {
            times,
            streams: self.streams,
            streams_per_network: self.streams_per_network.saturating_mul(times),
            streams_per_session: self.streams_per_session.saturating_mul(times),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{config, problems};

    #[test]
    fn only_a_run_on_this_machine_may_have_hardly_any_limits() {
        assert_eq!(config(&["--limits=default"]).limits.times, 1);
        let local = config(&["--limits=local"]).limits;
        assert_eq!((local.times, local.streams_per_session), (100, 1200));
        let public = ["--limits=local", "--public-url=https://necto.example"];
        let problems = problems(&public);
        assert!(
            problems.contains("strangers would not be limited"),
            "{problems}"
        );
    }
}
