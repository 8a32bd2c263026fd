//! Trusted proxies: the only peers whose forwarding headers are believed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// The networks that trusted proxies connect from. If empty, clients connect directly and no forwarding
/// header is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Arc<[Network]>);

impl TrustedProxies {
    /// Parses networks like `10.0.0.0/8`, or single addresses, separated by commas.
    ///
    /// # Errors
    /// A sentence that names the part that is not a network.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim);
        let networks: Result<Vec<Network>, String> = parts
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect();
        networks.map(|networks| Self(networks.into()))
    }

    /// Whether `address` belongs to a trusted proxy. IPv4-mapped IPv6 addresses are treated as IPv4.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Whether no proxy is trusted.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A range of addresses with a common prefix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    /// Prefix bits and mask.
    V4(u32, u32),
    /// Prefix bits and mask, for IPv6.
    V6(u128, u128),
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Self::V4(bits, mask), IpAddr::V4(address)) => address.to_bits() & mask == bits,
            (Self::V6(bits, mask), IpAddr::V6(address)) => address.to_bits() & mask == bits,
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || {
            format!("“{text}” is no network: expected an address and a length, like 10.0.0.0/8.")
        };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| problem())?;
        let whole: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = match length {
            Some(length) => length.parse().map_err(|_| problem())?,
            None => whole,
        };
        if length > whole {
            return Err(problem());
        }
        let network = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                Self::V4(address.to_bits() & mask, mask)
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                Self::V6(address.to_bits() & mask, mask)
            }
        };
        Ok(network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(bits, mask) => {
                write!(f, "{}/{}", Ipv4Addr::from_bits(*bits), mask.count_ones())
            }
            Self::V6(bits, mask) => {
                write!(f, "{}/{}", Ipv6Addr::from_bits(*bits), mask.count_ones())
            }
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::TrustedProxies;

    #[test]
    fn an_address_counts_as_a_proxy_s_where_a_network_holds_it() {
        let check = |networks: &str, address: &str, expected: bool| {
            let proxies = TrustedProxies::parse(networks).unwrap();
            let held = proxies.contains(address.parse().unwrap());
            assert_eq!(held, expected, "{address} in {networks}");
        };
        check("", "127.0.0.1", false);
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.1.2.3/8", "10.9.9.9", true);
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.8", false);
        check("192.0.2.7, 10.0.0.0/8 ,", "10.0.0.1", true);
        check("10.0.0.0/8", "::ffff:10.0.0.1", true);
        check("fd00::/8", "fd12::1", true);
        check("fd00::/8", "fe80::1", false);
        check("2001:db8::1", "2001:db8::1", true);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("::/0", "2001:db8::1", true);
        check("::/0", "203.0.113.9", false);
    }

    #[test]
    fn what_is_no_network_is_named() {
        for wrong in ["proxy.example", "10.0.0.0/33", "10.0.0.0/x", "::/129", "/8"] {
            let problem = TrustedProxies::parse(&format!("10.0.0.0/8,{wrong}")).unwrap_err();
            assert!(
                problem.starts_with(&format!("“{wrong}” is no network")),
                "{problem}"
            );
        }
        assert!(TrustedProxies::parse(" ").unwrap().is_empty());
        assert!(!TrustedProxies::parse("10.0.0.1").unwrap().is_empty());
    }
}
