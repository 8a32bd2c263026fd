//! Who may connect, how many at once, and how long one may be silent.

use std::time::Duration;

use super::TrustedProxies;

/// How long a request's head may take where people connect themselves.
const HEAD_FROM_ANYBODY: u64 = 10;

/// The same behind a proxy, which guards against slow heads itself and keeps idle connections for about a minute: one
/// that we close first loses the request that the proxy just sent on it.
const HEAD_FROM_A_PROXY: u64 = 75;

/// An hour: nothing waits longer.
const MOST_SECONDS: u64 = 3600;

/// Connections of `necto serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ConnectionOptions {
    /// Networks of the proxies in front, like 10.0.0.0/8,127.0.0.1: only they are believed about where a request came
    /// from. Empty: people connect themselves.
    #[arg(long, env = "NECTO_TRUSTED_PROXIES", default_value = "")]
    trusted_proxies: String,
    /// Seconds that a request's head may take, and that a connection may be idle; 10, or 75 behind a trusted proxy,
    /// where not set.
    #[arg(long, env = "NECTO_HEAD_SECONDS")]
    head_seconds: Option<u64>,
    /// Connections at once; more are closed at once.
    #[arg(long, env = "NECTO_CONNECTIONS", default_value_t = 20_000)]
    connections: usize,
    /// Connections at once of one address that is neither a trusted proxy's nor this machine's own.
    #[arg(long, env = "NECTO_CONNECTIONS_PER_ADDRESS", default_value_t = 256)]
    connections_per_address: usize,
}

/// What is allowed of connections.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionLimits {
    /// The proxies in front.
    pub(crate) proxies: TrustedProxies,
    /// Longest time for a request's head, and the longest idle time of a connection.
    pub(crate) head: Duration,
    /// Connections at once.
    pub(crate) most: usize,
    /// Connections at once of one address that is neither a trusted proxy's nor this machine's own.
    pub(crate) most_per_address: usize,
}

impl ConnectionOptions {
    /// Reads the options.
    pub(crate) fn check(&self) -> Result<ConnectionLimits, String> {
        let proxies = TrustedProxies::parse(&self.trusted_proxies)
            .map_err(|problem| format!("NECTO_TRUSTED_PROXIES: {problem}"))?;
        let head = self.head_seconds.unwrap_or(if proxies.is_empty() {
            HEAD_FROM_ANYBODY
        } else {
            HEAD_FROM_A_PROXY
        });
        if !(1..=MOST_SECONDS).contains(&head) {
            return Err("NECTO_HEAD_SECONDS must be between 1 and 3600.".to_owned());
        }
        if self.connections == 0 || self.connections_per_address == 0 {
            return Err(
                "NECTO_CONNECTIONS and NECTO_CONNECTIONS_PER_ADDRESS must be at least 1."
                    .to_owned(),
            );
        }
        Ok(ConnectionLimits {
            proxies,
            head: Duration::from_secs(head),
            most: self.connections,
            most_per_address: self.connections_per_address,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::tests::config;

    #[test]
    fn a_proxy_in_front_may_keep_its_connections_longer() {
        let head = |arguments: &[&str]| config(arguments).connections.head;
        assert_eq!(head(&[]), Duration::from_secs(10));
        let behind = "--trusted-proxies=10.0.0.0/8";
        assert_eq!(head(&[behind]), Duration::from_secs(75));
        assert_eq!(head(&[behind, "--head-seconds=5"]), Duration::from_secs(5));
    }
}
