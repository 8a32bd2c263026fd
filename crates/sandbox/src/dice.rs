//! Seeded randomness: the same seed and labels always give the same throws, whatever else happened
//! before.

use sha2::{Digest, Sha256};

/// A sequence of throws named by labels.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// Makes dice for one purpose, for example `["bid", "17", provider]`.
    pub(crate) fn new(seed: u64, labels: &[&str]) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        for label in labels {
            hash.update(label.len().to_be_bytes());
            hash.update(label);
        }
        let digest = hash.finalize();
        let first = digest[..8].try_into().expect("a digest has 32 bytes");
        Self {
            state: u64::from_be_bytes(first),
        }
    }

    /// Returns the next throw (splitmix64: short, and well distributed even for neighbouring
    /// seeds).
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a whole number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// Returns `true` in `permille` of a thousand throws.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.between(0, 999) < permille
    }

    /// Picks one item of a non-empty list.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let index = self.between(0, list.len() as u64 - 1);
        &list[usize::try_from(index).expect("an index fits")]
    }

    /// Returns letters and digits as used by Kubernetes in pod names.
    pub(crate) fn pod_suffix(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        (0..length)
            .map(|_| char::from(*self.pick(ALPHABET)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_labels_throw_the_same_and_others_do_not() {
        let throws = |seed, labels: &[&str]| {
            let mut dice = Dice::new(seed, labels);
            [dice.next(), dice.next(), dice.next()]
        };
        assert_eq!(throws(1, &["bid", "1"]), throws(1, &["bid", "1"]));
        assert_ne!(throws(1, &["bid", "1"]), throws(2, &["bid", "1"]));
        assert_ne!(throws(1, &["bid", "1"]), throws(1, &["bi", "d1"]));
    }
}
