//! [`Random`] from the operating system.

use rand::TryRngCore as _;
use rand::rngs::OsRng;

use crate::ports::Random;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn bytes32(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        OsRng
            .try_fill_bytes(&mut bytes)
            .expect("an operating system without randomness cannot run a server");
        bytes
    }
}
