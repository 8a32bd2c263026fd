//! Limits on connections: the number allowed at once, the trusted proxies, and every timeout.

use std::net::SocketAddr;
use std::time::Duration;

use http::uri::Authority;

use super::proxies::TrustedProxies;
use super::values::parse;

/// Seconds in which a request's head must arrive when clients connect directly.
const HEAD_FROM_ANYBODY: u64 = 10;

/// The same behind a proxy, which guards against slow heads itself and keeps idle connections for about a
/// minute: if we close one first, the request that the proxy has just sent on it is lost.
const HEAD_FROM_A_PROXY: u64 = 75;

/// Longest pause between two pieces of a body.
const BODY_PAUSE: Duration = Duration::from_secs(10);

/// Longest time for a whole body, which has at most a megabyte.
const BODY: Duration = Duration::from_secs(60);

/// Time after which a client that reads nothing of its response is disconnected.
const UNREAD: Duration = Duration::from_secs(60);

/// Longest time until a response begins. The slowest case is a model that is asked, retried and replaced by
/// its fallback.
const ANSWER: Duration = Duration::from_secs(150);

/// Upper bound of every timeout: an hour.
const MOST_SECONDS: u64 = 3600;

/// Connection options of `necto serve`.
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
    /// Names by which this server may be asked for, besides that of the public address, separated by commas.
    #[arg(long, env = "NECTO_HOSTS", value_delimiter = ',')]
    hosts: Vec<String>,
    /// Address and port for monitors alone: metrics and health. Keep it out of the public's reach.
    #[arg(long, env = "NECTO_ADMIN_LISTEN")]
    admin_listen: Option<String>,
}

/// Timeouts for reading a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyPatience {
    /// Longest time between two pieces of a body.
    pub(crate) between: Duration,
    /// Longest time for the whole body.
    pub(crate) whole: Duration,
}

/// Limits on connections.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionLimits {
    /// Proxies in front whose headers are believed.
    pub(crate) proxies: TrustedProxies,
    /// Longest time for a request's head, and the longest idle time of a connection.
    pub(crate) head: Duration,
    /// Most connections at a time.
    pub(crate) most: usize,
    /// Most connections at a time from one address that is neither a trusted proxy's nor this machine's own.
    pub(crate) most_per_address: usize,
    /// Longest time for a body.
    pub(crate) body: BodyPatience,
    /// Longest time until an answer begins.
    pub(crate) answer: Duration,
    /// Longest time for which a client may read nothing of what is sent to it.
    pub(crate) unread: Duration,
    /// Host names that this server answers to, besides that of the public address.
    pub(crate) hosts: Vec<String>,
    /// Address and port of the separate listener for monitors; `None` if there is none.
    pub(crate) admin_listen: Option<SocketAddr>,
}

impl ConnectionLimits {
    /// Timeout for the first request, including the detection of its protocol.
    pub(crate) fn first_request(&self) -> Duration {
        self.head + self.head / 2
    }
}

impl ConnectionOptions {
    /// Parses the options.
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
        let hosts = self.hosts.iter().map(|host| host.trim());
        let hosts: Result<Vec<String>, String> = hosts
            .filter(|host| !host.is_empty())
            .map(host_name)
            .collect();
        let admin_listen = self.admin_listen.as_deref().map(|text| {
            let expected = "an address with a port, like 127.0.0.1:9464";
            parse("NECTO_ADMIN_LISTEN", text, expected)
        });
        Ok(ConnectionLimits {
            proxies,
            head: Duration::from_secs(head),
            most: self.connections,
            most_per_address: self.connections_per_address,
            body: BodyPatience {
                between: BODY_PAUSE,
                whole: BODY,
            },
            answer: ANSWER,
            unread: UNREAD,
            hosts: hosts?,
            admin_listen: admin_listen.transpose()?,
        })
    }
}

fn host_name(text: &str) -> Result<String, String> {
    let is_name = |authority: &Authority| authority.host() == text;
    match text.parse::<Authority>() {
        Ok(authority) if is_name(&authority) => Ok(text.to_owned()),
        _ => Err(format!(
            "NECTO_HOSTS names “{text}”: expected a host without scheme and port, like necto.example."
        )),
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

    #[test]
    fn hosts_are_names_alone() {
        let hosts = config(&["--hosts=shop.example, 10.0.0.7,"])
            .connections
            .hosts;
        assert_eq!(hosts, ["shop.example", "10.0.0.7"]);
        for wrong in ["https://shop.example", "shop.example:443", "a b"] {
            let problem = super::host_name(wrong).unwrap_err();
            assert!(problem.contains(wrong), "{problem}");
        }
    }
}
