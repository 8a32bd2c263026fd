//! Startup and shutdown of the process.

use std::time::Duration;

use backend::storage::Migrations;

/// Default drain time in seconds: the process keeps serving after the signal, because proxies notice late
/// that they should stop routing to it.
const DRAIN_SECONDS: u64 = 8;

/// Upper bound of the drain time; open jobs and requests get the ten seconds after it.
const LONGEST_DRAIN: u64 = 20;

/// Startup and shutdown options of `necto serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RunningOptions {
    /// Way in which the database's schema is brought up to date: auto (the server does it when it starts) or
    /// check (`necto migrate` did it before, and the server only looks).
    #[arg(long, env = "NECTO_MIGRATE", default_value = "auto")]
    migrate: String,
    /// Seconds for which the server goes on serving after SIGTERM; 8, and none in a simulated run, where not set.
    #[arg(long, env = "NECTO_DRAIN_SECONDS")]
    drain_seconds: Option<u64>,
}

/// Startup and shutdown settings.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    /// Way in which the schema is migrated: by this process at startup, or beforehand by `necto migrate`.
    pub(crate) migrations: Migrations,
    /// Time for which the server still accepts requests after the termination signal; zero to stop at once.
    pub(crate) drain: Duration,
}

impl RunningOptions {
    /// Parses the options.
    pub(crate) fn check(&self, simulated: bool) -> Result<Running, String> {
        let migrations = match self.migrate.as_str() {
            "auto" => Migrations::Run,
            "check" => Migrations::Check,
            other => {
                return Err(format!("NECTO_MIGRATE is “{other}”: write auto or check."));
            }
        };
        let usual = if simulated { 0 } else { DRAIN_SECONDS };
        let drain = self.drain_seconds.unwrap_or(usual);
        if drain > LONGEST_DRAIN {
            return Err(format!(
                "NECTO_DRAIN_SECONDS is {drain}: at most {LONGEST_DRAIN}."
            ));
        }
        Ok(Running {
            migrations,
            drain: Duration::from_secs(drain),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::tests::config;

    #[test]
    fn only_a_process_that_others_depend_on_drains() {
        let drain = |arguments: &[&str]| config(arguments).running.drain;
        assert_eq!(drain(&[]), Duration::from_secs(8));
        assert_eq!(drain(&["--drain-seconds=0"]), Duration::ZERO);
        let local = [
            "--simulated=http://127.0.0.1:4010",
            "--console-url=http://127.0.0.1:4010",
            "--provider-proxy-url=http://127.0.0.1:4010",
            "--chain-rpc=http://127.0.0.1:8545",
        ];
        assert_eq!(drain(&local), Duration::ZERO);
    }
}
