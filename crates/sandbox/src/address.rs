//! Akash addresses: bech32 with a valid checksum, so that clients may verify it.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const PREFIX: &str = "akash";

/// Returns the address for a name: the same name always has the same address.
pub(crate) fn address_of(name: &str) -> String {
    let digest = Sha256::digest(format!("necto sandbox: {name}"));
    let mut words = words_of(&digest[..20]);
    let checksum = checksum(&words);
    words.extend(checksum);
    let body: String = words
        .iter()
        .map(|word| char::from(ALPHABET[usize::from(*word)]))
        .collect();
    format!("{PREFIX}1{body}")
}

/// Converts twenty bytes to thirty-two words of five bits.
fn words_of(bytes: &[u8]) -> Vec<u8> {
    let (mut words, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            words.push(((bits >> held) & 31) as u8);
        }
    }
    words
}

fn checksum(words: &[u8]) -> [u8; 6] {
    let prefix = PREFIX.bytes();
    let expanded = prefix
        .clone()
        .map(|b| b >> 5)
        .chain([0])
        .chain(prefix.map(|b| b & 31));
    let remainder = polymod(expanded.chain(words.iter().copied()).chain([0; 6])) ^ 1;
    std::array::from_fn(|i| ((remainder >> (5 * (5 - i))) & 31) as u8)
}

fn polymod(words: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    words.fold(1, |check, word| {
        let top = check >> 25;
        let mut next = ((check & 0x01ff_ffff) << 5) ^ u32::from(word);
        for (bit, factor) in GENERATOR.iter().enumerate() {
            if (top >> bit) & 1 == 1 {
                next ^= factor;
            }
        }
        next
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_form_and_the_checksum_of_a_real_one() {
        let address = address_of("somebody");
        assert_eq!(address.len(), 44);
        let words = address["akash1".len()..].bytes().map(|b| {
            let position = ALPHABET.iter().position(|a| *a == b).unwrap();
            u8::try_from(position).unwrap()
        });
        let prefix = PREFIX.bytes();
        let expanded = prefix
            .clone()
            .map(|b| b >> 5)
            .chain([0])
            .chain(prefix.map(|b| b & 31));
        assert_eq!(polymod(expanded.chain(words)), 1);
    }
}
