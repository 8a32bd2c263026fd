//! The network of a visitor, which limits count towards.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// Number of leading bits of an IPv6 address that identify one subscriber: providers assign at least a /64,
/// within which a subscriber picks addresses freely.
const SUBSCRIBER_BITS: u32 = 64;

/// The smallest network that counts as one source of requests: an IPv4 address, or the /64 of an IPv6
/// address. An IPv4-mapped IPv6 address counts as the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressPrefix {
    /// One IPv4 address.
    V4(Ipv4Addr),
    /// The first address of a /64.
    V6(Ipv6Addr),
}

impl AddressPrefix {
    /// The source that `address` belongs to.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let kept = u128::MAX << (128 - SUBSCRIBER_BITS);
                Self::V6(Ipv6Addr::from_bits(address.to_bits() & kept))
            }
        }
    }
}

/// Writes the usual notation: `203.0.113.7`, `2001:db8:1:2::/64`.
impl fmt::Display for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "{address}/{SUBSCRIBER_BITS}"),
        }
    }
}

/// A text that is not a source of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an IPv4 address and not an IPv6 network of 64 bits")]
pub struct AddressPrefixError;

impl FromStr for AddressPrefix {
    type Err = AddressPrefixError;

    fn from_str(text: &str) -> Result<Self, AddressPrefixError> {
        let address = match text.split_once('/') {
            Some((address, "64")) => address.parse::<Ipv6Addr>().map(IpAddr::V6),
            Some(_) => return Err(AddressPrefixError),
            None => text.parse::<Ipv4Addr>().map(IpAddr::V4),
        };
        address.map(Self::of).map_err(|_| AddressPrefixError)
    }
}

#[cfg(test)]
mod tests {
    use super::AddressPrefix;

    #[test]
    fn addresses_of_one_subscriber_are_one_source() {
        for (address, source) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
        ] {
            let prefix = AddressPrefix::of(address.parse().unwrap());
            assert_eq!(prefix.to_string(), source);
            assert_eq!(source.parse(), Ok(prefix));
        }
    }

    #[test]
    fn other_texts_are_no_sources() {
        for text in [
            "",
            "203.0.113",
            "203.0.113.7/64",
            "2001:db8::/48",
            "2001:db8::1",
        ] {
            assert!(text.parse::<AddressPrefix>().is_err(), "{text}");
        }
    }
}
