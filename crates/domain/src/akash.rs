//! Akash's own terms: the ids of deployments, bids and leases, and their states as open sets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::money::UactPerBlock;

/// A deployment's sequence number, which Console derives from the clock in milliseconds. Serialised as text
/// because form encoding and JavaScript lose digits of large numbers; deserialised from text or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dseq(u64);

/// A text that is not a dseq.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{0}” is not a dseq: it is a whole number like 1795240512345")]
pub struct DseqError(String);

impl Dseq {
    /// Creates a dseq from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The dseq as a number, as Console minted it.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Dseq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Dseq {
    type Err = DseqError;

    fn from_str(text: &str) -> Result<Self, DseqError> {
        text.parse()
            .map(Self)
            .map_err(|_| DseqError(text.chars().take(40).collect()))
    }
}

impl Serialize for Dseq {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dseq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Dseq;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a dseq as a decimal string or a whole number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Dseq, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Dseq, E> {
                Ok(Dseq(number))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A provider's address on Akash: `akash1…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ProviderAddress(String);

/// A text that is not a provider address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{0}” is not an Akash address: it starts with akash1")]
pub struct ProviderAddressError(String);

impl ProviderAddress {
    /// The address as text: `akash1…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address shortened in the middle, for display: `akash1qqqs…wzqf`.
    #[must_use]
    pub fn shortened(&self) -> String {
        let text = &self.0;
        match (text.get(..10), text.get(text.len().saturating_sub(4)..)) {
            (Some(start), Some(end)) if text.len() > 16 => format!("{start}…{end}"),
            _ => text.clone(),
        }
    }
}

impl fmt::Display for ProviderAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProviderAddress {
    type Err = ProviderAddressError;

    fn from_str(text: &str) -> Result<Self, ProviderAddressError> {
        let data = text.strip_prefix("akash1").unwrap_or_default();
        let fits = (6..=80).contains(&data.len())
            && data
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(ProviderAddressError(text.chars().take(60).collect()))
        }
    }
}

impl From<ProviderAddress> for String {
    fn from(address: ProviderAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for ProviderAddress {
    type Error = ProviderAddressError;

    fn try_from(text: String) -> Result<Self, ProviderAddressError> {
        text.parse()
    }
}

/// Akash's id of a bid and of the lease created from it: deployment, group, order and provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BidId {
    /// Sequence number of the deployment the bid is for.
    pub dseq: Dseq,
    /// Sequence number of the placement group within the deployment, from 1.
    pub gseq: u32,
    /// Sequence number of the order within the group, from 1.
    pub oseq: u32,
    /// Akash address of the provider that bids.
    pub provider: ProviderAddress,
}

/// Id of a lease: the id of the bid it was created from.
pub type LeaseId = BidId;

/// State of a bid. States that Akash adds later are kept by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BidState {
    /// Can be accepted.
    Open,
    /// Became a lease.
    Active,
    /// Another bid won.
    Lost,
    /// Withdrawn or timed out.
    Closed,
    /// A state this version does not know.
    Other(String),
}

/// A bid, with the facts about its provider that ranking needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bid {
    /// Akash's id of the bid: the order it is for and the provider that made it.
    pub id: BidId,
    /// State of the bid, as Akash reports it.
    pub state: BidState,
    /// Price of the whole group in uact per block.
    pub price: UactPerBlock,
    /// Facts about the provider, from Console; each unknown one is `None`.
    pub provider: ProviderFacts,
}

/// Facts known about a provider. `None` means unknown, never "bad".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProviderFacts {
    /// Name the provider gives itself. Text from outside: shown escaped, never trusted.
    pub name: Option<String>,
    /// Region as the provider declares it in Akash's attribute `location-region`.
    pub region: Option<String>,
    /// Share of the last seven days in which the provider was up, in parts per 10,000, from Console.
    pub uptime_7d_bps: Option<u32>,
    /// `true` if an auditor vouches for the provider, `false` if none does; from Console.
    pub audited: Option<bool>,
    /// `true` if Console counted the provider as online when it was asked, `false` if not.
    pub online: Option<bool>,
    /// Models of the GPUs the provider offers, as Akash names them; empty if it declares none or none are
    /// known.
    pub gpu_models: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::{Dseq, ProviderAddress};

    #[test]
    fn a_dseq_travels_as_text() {
        let dseq: Dseq = "1795240512345".parse().unwrap();
        assert_eq!(serde_json::to_string(&dseq).unwrap(), "\"1795240512345\"");
        for sent in ["\"1795240512345\"", "1795240512345"] {
            assert_eq!(serde_json::from_str::<Dseq>(sent).unwrap(), dseq, "{sent}");
        }
        assert!("12a".parse::<Dseq>().is_err());
    }

    #[test]
    fn long_addresses_are_shortened_in_the_middle() {
        let shortened = |text: &str| text.parse::<ProviderAddress>().unwrap().shortened();
        assert_eq!(shortened("akash1qqqsyqcyq5rqwzqf"), "akash1qqqs…wzqf");
        assert_eq!(shortened("akash1short0"), "akash1short0");
    }

    #[test]
    fn a_provider_address_is_recognised() {
        assert!("akash1qqqsyqcyq5rqwzqf".parse::<ProviderAddress>().is_ok());
        for text in ["cosmos1abc", "akash1", "akash1<script>"] {
            assert!(text.parse::<ProviderAddress>().is_err(), "{text}");
        }
    }
}
