//! Validates the host name of a request.
//!
//! If an attacker points their own domain at this server (DNS rebinding), browsers treat their page and our
//! responses as the same origin. So requests for unknown names are refused.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// Known host names in lower case, without ports.
#[derive(Debug, Clone)]
pub(super) struct KnownHosts {
    names: Arc<BTreeSet<String>>,
    /// `true` if every name of this machine is known, because the public address is one of them.
    on_this_machine: bool,
}

impl KnownHosts {
    /// Builds the set from the public origin and `others`.
    pub(super) fn new(public_origin: &str, others: &[String]) -> Self {
        let own = public_origin.parse::<Uri>().ok();
        let own = own.as_ref().and_then(Uri::host).map(plain);
        let on_this_machine = own.as_deref().is_some_and(is_loopback);
        let names = others.iter().map(|name| plain(name)).chain(own);
        Self {
            names: Arc::new(names.collect()),
            on_this_machine,
        }
    }

    /// Whether the request's host is known. A request without one, as monitors send it, is accepted.
    pub(super) fn are_asked_for(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let in_headers = headers.get_all(HOST).iter().all(|value| {
            let authority = Authority::try_from(value.as_bytes());
            authority
                .is_ok_and(|authority| is_host_and_port(&authority) && self.knows(authority.host()))
        });
        in_headers && uri.host().is_none_or(|host| self.knows(host))
    }

    fn knows(&self, host: &str) -> bool {
        let host = plain(host);
        self.names.contains(&host) || (self.on_this_machine && is_loopback(&host))
    }
}

/// Whether an authority is only a host with an optional port: the parser accepts anything after the colon
/// (`necto.example:1.evil.example`), and drops a user before the host.
fn is_host_and_port(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host());
    port.is_some_and(|port| {
        let digits = port.strip_prefix(':').unwrap_or(port);
        let are_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.is_empty() || (are_digits && digits.parse::<u16>().is_ok())
    })
}

/// Normalises a name for comparison: `Necto.Example.` becomes `necto.example`.
fn plain(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::header::HOST;
    use http::{HeaderMap, HeaderValue, Uri};

    use super::KnownHosts;

    fn known(hosts: &KnownHosts, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        hosts.are_asked_for(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn a_public_server_answers_to_its_own_names_only() {
        let hosts = KnownHosts::new("https://necto.example", &["Shop.example".to_owned()]);
        for own in [
            "necto.example",
            "NECTO.example:443",
            "necto.example.",
            "shop.example",
        ] {
            assert!(known(&hosts, own), "{own}");
        }
        for other in [
            "evil.example",
            "127.0.0.1:3000",
            "localhost",
            "necto.example.evil.example",
            "necto.example:443.evil.example",
            "necto.example:4430000",
            "necto.example:+443",
            "somebody@necto.example",
            "necto.example:443@evil.example",
            "",
            "a b",
        ] {
            assert!(!known(&hosts, other), "{other}");
        }
    }

    #[test]
    fn a_local_run_answers_to_every_name_of_this_machine() {
        let hosts = KnownHosts::new("http://127.0.0.1:3000", &[]);
        for own in [
            "127.0.0.1:3000",
            "localhost:3000",
            "127.8.8.8",
            "[::1]:3000",
        ] {
            assert!(known(&hosts, own), "{own}");
        }
        for other in ["evil.example:3000", "10.0.0.1", "[::2]"] {
            assert!(!known(&hosts, other), "{other}");
        }
    }

    #[test]
    fn every_place_that_names_a_host_has_to_name_ours() {
        let hosts = KnownHosts::new("https://necto.example", &[]);
        let mut headers = HeaderMap::new();
        assert!(hosts.are_asked_for(&Uri::from_static("/"), &headers));
        let ours = Uri::from_static("https://necto.example/");
        assert!(hosts.are_asked_for(&ours, &headers));
        let theirs = Uri::from_static("http://evil.example/");
        assert!(!hosts.are_asked_for(&theirs, &headers));
        headers.append(HOST, HeaderValue::from_static("necto.example"));
        assert!(hosts.are_asked_for(&ours, &headers));
        assert!(!hosts.are_asked_for(&theirs, &headers));
        headers.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(!hosts.are_asked_for(&ours, &headers));
    }
}
