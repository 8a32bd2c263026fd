//! Id newtypes. An id is never a bare string: each has one textual form, checked when it is parsed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{text}” is not {kind}")]
pub struct IdError {
    text: String,
    kind: &'static str,
}

/// Id of an order, from the first draft to the settled receipt.
///
/// Text form: 32 lower-case hexadecimal digits, unguessable because the server draws it at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId([u8; 16]);

impl OrderId {
    /// Creates an id from sixteen random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Name of this order's deployment on Akash: unique, and recognisable as ours.
    #[must_use]
    pub fn deployment_name(&self) -> String {
        format!("necto-{self}")
    }

    /// The first eight digits, by which people tell orders apart.
    #[must_use]
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }

    /// The sixteen bytes of the id.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for OrderId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        hex_array(text, "an order id (32 hexadecimal digits)").map(Self)
    }
}

/// Id of a buyer's own template.
///
/// Text form: 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnTemplateId([u8; 16]);

impl OwnTemplateId {
    /// Creates an id from sixteen random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for OwnTemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for OwnTemplateId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        hex_array(text, "a template's id (32 hexadecimal digits)").map(Self)
    }
}

/// A 20-byte account or contract address on the escrow's chain.
///
/// Text form: `0x` and 40 lower-case hexadecimal digits; mixed case is accepted too. The EIP-55 checksum is
/// left to wallets and computed where an address is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 20]);

/// A 32-byte hash: a transaction, a block, an escrow's id, an order's hash.
///
/// Text form: `0x` and 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash32([u8; 32]);

/// The on-chain id of an escrow: the hash of its terms with the chain and the contract.
pub type EscrowId = Hash32;

/// The hash of a transaction on the escrow's chain.
pub type TxHash = Hash32;

/// The SHA-256 of an SDL's text, byte for byte.
pub type TextHash = Hash32;

macro_rules! prefixed_hex {
    ($name:ident, $size:literal, $kind:literal) => {
        impl $name {
            /// Creates the value from its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// The bytes of the value, in the order of its text form.
            #[must_use]
            pub const fn bytes(&self) -> &[u8; $size] {
                &self.0
            }

            /// The value shortened in the middle, for display: `0x1234…abcd`.
            #[must_use]
            pub fn shortened(&self) -> String {
                let text = hex::encode(self.0);
                format!("0x{}…{}", &text[..4], &text[text.len() - 4..])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x{}", hex::encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let digits = text.strip_prefix("0x").ok_or_else(|| IdError {
                    text: text.to_owned(),
                    kind: $kind,
                })?;
                hex_array(digits, $kind).map(Self)
            }
        }
    };
}

prefixed_hex!(Address, 20, "an address (0x and 40 hexadecimal digits)");
prefixed_hex!(Hash32, 32, "a hash (0x and 64 hexadecimal digits)");

macro_rules! serde_as_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    )*};
}

serde_as_text!(OrderId, Address, Hash32);

fn hex_array<const N: usize>(digits: &str, kind: &'static str) -> Result<[u8; N], IdError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| IdError {
        text: digits.chars().take(80).collect(),
        kind,
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Address, Hash32, OrderId};

    #[test]
    fn ids_survive_their_text_form() {
        let order = OrderId::from_bytes([7; 16]);
        assert_eq!(order.to_string().parse(), Ok(order));
        let address = Address::from_bytes([0xab; 20]);
        assert_eq!(address.to_string().parse(), Ok(address));
        assert_eq!(address.to_string().replace("ab", "AB").parse(), Ok(address));
        let hash = Hash32::from_bytes([1; 32]);
        assert_eq!(serde_json::to_string(&hash).unwrap(), format!("\"{hash}\""));
        assert_eq!(hash.shortened(), "0x0101…0101");
    }

    #[test]
    fn a_wrong_text_says_what_was_expected() {
        let error = "0x12".parse::<Address>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "“12” is not an address (0x and 40 hexadecimal digits)"
        );
        assert!("abcd".parse::<OrderId>().is_err());
    }
}
