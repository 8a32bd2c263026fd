//! Coins on Akash: denominations, whole amounts, and prices with 18 digits after the point.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::wire::{DecodeError, Field, Value, wire, write_bytes};

/// The denomination of a coin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Denom {
    /// A millionth of an AKT: pays all fees, and is burnt to mint ACT.
    Uakt,
    /// A millionth of an ACT, which is about one US dollar: pays for deployments.
    Uact,
    /// Another coin, by its name on chain.
    Other(String),
}

impl Denom {
    /// The name on chain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Uakt => "uakt",
            Self::Uact => "uact",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Denom {
    fn from(name: &str) -> Self {
        match name {
            "uakt" => Self::Uakt,
            "uact" => Self::Uact,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl From<String> for Denom {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<Denom> for String {
    fn from(denom: Denom) -> Self {
        denom.as_str().to_owned()
    }
}

impl fmt::Display for Denom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Field for Denom {
    fn absent() -> Option<Self> {
        None
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        write_bytes(self.as_str().as_bytes(), number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        *slot = Some(value.text()?.into());
        Ok(())
    }
}

/// An amount of one coin.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coin {
    /// The coin.
    pub denom: Denom,
    /// The amount in the unit that the denomination names.
    #[serde(serialize_with = "as_text", deserialize_with = "whole")]
    pub amount: u128,
}

wire!(Coin {
    denom: 1,
    amount: 2
});

impl Coin {
    /// An amount of AKT, in millionths.
    #[must_use]
    pub const fn uakt(amount: u128) -> Self {
        Self {
            denom: Denom::Uakt,
            amount,
        }
    }

    /// An amount of ACT, in millionths.
    #[must_use]
    pub const fn uact(amount: u128) -> Self {
        Self {
            denom: Denom::Uact,
            amount,
        }
    }
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// An amount of one coin in 10^-18 of the unit that the denomination names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct DecCoin {
    /// The coin.
    pub denom: Denom,
    /// The amount in 10^-18 of the denomination's unit.
    #[serde(rename = "amount", deserialize_with = "with_18_digits")]
    pub atto: u128,
}

wire!(DecCoin { denom: 1, atto: 2 });

impl DecCoin {
    /// The part of the amount before the point.
    #[must_use]
    pub const fn whole(&self) -> u128 {
        self.atto / 10_u128.pow(18)
    }
}

fn as_text<S: Serializer>(amount: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let text = String::deserialize(deserializer)?;
    digits(&text).ok_or_else(|| de::Error::custom(format!("“{text}” is not a whole amount")))
}

pub(crate) fn with_18_digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let text = String::deserialize(deserializer)?;
    atto(&text).ok_or_else(|| de::Error::custom(format!("“{text}” is not a decimal amount")))
}

/// Decimal text in units of 10^-18; at most 18 digits after the point.
fn atto(text: &str) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.len() > 18 {
        return None;
    }
    let scaled = digits(fraction)?.checked_mul(10_u128.pow(18 - fraction.len() as u32))?;
    digits(whole)?
        .checked_mul(10_u128.pow(18))?
        .checked_add(scaled)
}

/// Digits alone: `parse` would take a sign too.
fn digits(text: &str) -> Option<u128> {
    let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::atto;

    #[test]
    fn a_decimal_amount_is_read_without_rounding() {
        assert_eq!(
            atto("8421.500000000000000000"),
            Some(8_421_500_000_000_000_000_000)
        );
        assert_eq!(atto("0.000000000000000001"), Some(1));
        assert_eq!(atto("7"), Some(7_000_000_000_000_000_000));
        for wrong in ["", ".", "-1", "+1", "1.", "1e3", "0.0000000000000000001"] {
            assert_eq!(atto(wrong), None, "{wrong}");
        }
    }
}
