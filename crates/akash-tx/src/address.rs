//! Addresses of accounts on Akash: bech32 with the prefix `akash`, checked by their checksum.

use std::fmt;
use std::str::FromStr;

use domain::akash::ProviderAddress;
use ripemd::Ripemd160;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::wire::{DecodeError, Field, Value, write_bytes};

const PREFIX: &str = "akash";
const SYMBOLS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_SYMBOLS: usize = 6;

/// The address of an account on Akash: `akash1…`, with a correct checksum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address(String);

/// A text that is not an address on Akash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{0}” is not the address of an Akash account")]
pub struct AddressError(String);

impl Address {
    /// The address of the account with this compressed secp256k1 public key.
    #[must_use]
    pub fn of_public_key(key: &[u8; 33]) -> Self {
        let hash = Ripemd160::digest(Sha256::digest(key));
        let mut symbols = symbols_of(&hash);
        let checksum = polymod(&symbols, [0; CHECKSUM_SYMBOLS]) ^ 1;
        symbols.extend((0..CHECKSUM_SYMBOLS).map(|at| (checksum >> (5 * (5 - at)) & 31) as u8));
        let text = symbols
            .into_iter()
            .map(|symbol| char::from(SYMBOLS[usize::from(symbol)]));
        Self(format!("{PREFIX}1{}", text.collect::<String>()))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Five bits for each symbol; an address has 20 or 32 bytes, whose bits come out even.
fn symbols_of(bytes: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity(bytes.len() * 8 / 5);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            symbols.push((bits >> count & 31) as u8);
        }
    }
    symbols
}

/// The bech32 checksum over the prefix, the symbols and six more.
fn polymod(symbols: &[u8], last: [u8; CHECKSUM_SYMBOLS]) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let prefix = PREFIX.as_bytes();
    let high = prefix.iter().map(|byte| byte >> 5);
    let low = prefix.iter().map(|byte| byte & 31);
    let all = high
        .chain([0])
        .chain(low)
        .chain(symbols.iter().copied())
        .chain(last);
    all.fold(1_u32, |sum, symbol| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(symbol);
        (0..5)
            .filter(|bit| top >> bit & 1 == 1)
            .fold(shifted, |sum, bit| sum ^ GENERATOR[bit])
    })
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError(text.chars().take(80).collect());
        let data = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_prefix('1'))
            .ok_or_else(error)?;
        let symbols = data
            .bytes()
            .map(|byte| SYMBOLS.iter().position(|symbol| *symbol == byte))
            .map(|at| at.map(|at| at as u8))
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(error)?;
        let (body, last) = symbols
            .split_last_chunk::<CHECKSUM_SYMBOLS>()
            .ok_or_else(error)?;
        // 20 bytes for a person's account, 32 for a module's; the unused bits of the latter are zero.
        let fits = match body.len() {
            32 => true,
            52 => body.last().is_some_and(|symbol| symbol & 0xf == 0),
            _ => false,
        };
        if fits && polymod(body, *last) == 1 {
            Ok(Self(text.to_owned()))
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl TryFrom<&ProviderAddress> for Address {
    type Error = AddressError;

    fn try_from(provider: &ProviderAddress) -> Result<Self, AddressError> {
        provider.as_str().parse()
    }
}

impl Field for Address {
    fn absent() -> Option<Self> {
        None
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        write_bytes(self.0.as_bytes(), number, out);
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        let address = value.text()?.parse();
        *slot = Some(address.map_err(|_| DecodeError::Value("a wrong address"))?);
        Ok(())
    }
}

impl Field for Option<Address> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write(&self, number: u32, out: &mut Vec<u8>) {
        if let Some(address) = self {
            address.write(number, out);
        }
    }

    fn read(slot: &mut Option<Self>, value: Value<'_>) -> Result<(), DecodeError> {
        let mut address = None;
        Address::read(&mut address, value)?;
        *slot = Some(address);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    const TENANT: &str = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0";

    #[test]
    fn an_address_follows_from_the_public_key() {
        let key = hex::decode("024f4e2ad99c34d60b9ba6283c9431a8418af8673212961f97a77b6377fcd05b62")
            .unwrap();
        let address = Address::of_public_key(&key.try_into().unwrap());
        assert_eq!(address.as_str(), TENANT);
    }

    #[test]
    fn a_mistyped_address_is_refused() {
        assert!(TENANT.parse::<Address>().is_ok());
        for wrong in [
            TENANT.replace("m2hm", "m2hn"),
            TENANT.replace("akash1", "cosmos1"),
            TENANT.to_uppercase(),
            TENANT[..40].to_owned(),
            "akash1".to_owned(),
            String::new(),
        ] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
