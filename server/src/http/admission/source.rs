//! Determines a request's source: from the forwarding header if the peer is a trusted proxy, otherwise from
//! the peer's address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use domain::network::AddressPrefix;

use crate::config::TrustedProxies;

/// Header to which each proxy appends the address of its own peer.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Returns the source of a request; `None` if it has no connection.
pub(super) fn of_request(
    extensions: &Extensions,
    headers: &HeaderMap,
    proxies: &TrustedProxies,
) -> Option<AddressPrefix> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(AddressPrefix::of(asker(peer.ip(), headers, proxies)))
}

/// Returns the nearest address that is not a trusted proxy's. Each trusted proxy is believed about its own
/// peer, as long as the entry can be parsed; entries further left may be forged.
fn asker(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    let mut nearest = peer;
    let mut noted = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .rev()
        .flat_map(|value| value.to_str().unwrap_or("unreadable").rsplit(','));
    while proxies.contains(nearest) {
        match noted.next().map(|entry| entry.trim().parse::<IpAddr>()) {
            Some(Ok(before)) => nearest = before,
            Some(Err(_)) | None => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::{HeaderMap, HeaderValue};

    use super::{FORWARDED_FOR, asker};
    use crate::config::TrustedProxies;

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_the_one_before_them() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("203.0.113.7", &[], "203.0.113.7"),
            ("203.0.113.7", &["198.51.100.1"], "203.0.113.7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["192.0.2.9, 198.51.100.1"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["192.0.2.9,198.51.100.1 , 10.0.0.2"],
                "198.51.100.1",
            ),
            // Several headers form one list.
            (
                "10.0.0.1",
                &["192.0.2.9, 198.51.100.1", "10.0.0.2"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // An entry that cannot be parsed ends the walk at the proxy that wrote it.
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.1:443"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            (
                "::ffff:10.0.0.1",
                &["::ffff:198.51.100.1"],
                "::ffff:198.51.100.1",
            ),
            ("2001:db8::5", &["2001:db8:1::7"], "2001:db8:1::7"),
        ];
        let proxies = TrustedProxies::parse("10.0.0.0/8, 2001:db8::/64").unwrap();
        for (peer, forwarded, source) in cases {
            let mut headers = HeaderMap::new();
            for value in *forwarded {
                headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
            }
            let found = asker(peer.parse().unwrap(), &headers, &proxies);
            let expected: IpAddr = source.parse().unwrap();
            assert_eq!(found, expected, "{peer} with {forwarded:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_address() {
        let mut headers = HeaderMap::new();
        headers.append(
            FORWARDED_FOR,
            HeaderValue::from_bytes(b"198.51.100.1").unwrap(),
        );
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(b"\xff").unwrap());
        let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(asker(peer, &headers, &proxies), peer);
    }
}
