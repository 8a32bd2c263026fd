//! The demo wallet's accounts.

use std::collections::BTreeMap;
use std::fmt;

use alloy::signers::local::PrivateKeySigner;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Accounts of the demo wallet, by the hash of the token that unlocks each.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Purse {
    accounts: BTreeMap<String, Account>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Account {
    address: String,
    /// Private key in hexadecimal; its coins have no value.
    key: String,
}

impl fmt::Debug for Purse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Purse")
            .field("accounts", &self.accounts.len())
            .finish()
    }
}

impl Purse {
    /// Returns the key that a token unlocks.
    pub(super) fn open(&self, token: &str) -> Option<PrivateKeySigner> {
        self.accounts.get(&hash(token))?.key.parse().ok()
    }

    /// Creates an account and the token that unlocks it.
    pub(super) fn make(&mut self) -> (String, PrivateKeySigner) {
        let token = hex::encode(rand::random::<[u8; 32]>());
        let signer = PrivateKeySigner::random();
        let account = Account {
            address: signer.address().to_string(),
            key: hex::encode(signer.to_bytes()),
        };
        self.accounts.insert(hash(&token), account);
        (token, signer)
    }

    /// Whether an address is one of ours, in any spelling.
    pub(super) fn knows(&self, address: &str) -> bool {
        self.accounts
            .values()
            .any(|account| account.address.eq_ignore_ascii_case(address))
    }
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
