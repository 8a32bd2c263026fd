//! An account and its balances.

use serde::Deserialize;

use super::number;
use crate::address::Address;
use crate::coin::{Coin, Denom};

/// An account: `/cosmos/auth/v1beta1/account_info/{address}`, or `accounts/{address}` for the same.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "AccountAnswer")]
pub struct Account {
    /// Address of the account.
    pub address: Address,
    /// Number of the account on this chain.
    pub number: u64,
    /// Sequence of its next transaction.
    pub sequence: u64,
    /// `true` if the chain knows the public key, which it does from the first transaction on.
    pub has_public_key: bool,
}

#[derive(Deserialize)]
enum AccountAnswer {
    #[serde(rename = "info")]
    Info(BaseAccount),
    #[serde(rename = "account")]
    Account(AnyAccount),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnyAccount {
    Base(BaseAccount),
    Vesting {
        base_vesting_account: VestingAccount,
    },
}

#[derive(Deserialize)]
struct VestingAccount {
    base_account: BaseAccount,
}

#[derive(Deserialize)]
struct BaseAccount {
    address: Address,
    pub_key: Option<serde_json::Value>,
    #[serde(deserialize_with = "number")]
    account_number: u64,
    #[serde(deserialize_with = "number")]
    sequence: u64,
}

impl From<AccountAnswer> for Account {
    fn from(answer: AccountAnswer) -> Self {
        let base = match answer {
            AccountAnswer::Info(base) | AccountAnswer::Account(AnyAccount::Base(base)) => base,
            AccountAnswer::Account(AnyAccount::Vesting {
                base_vesting_account,
            }) => base_vesting_account.base_account,
        };
        Self {
            address: base.address,
            number: base.account_number,
            sequence: base.sequence,
            has_public_key: base.pub_key.is_some(),
        }
    }
}

/// All coins of an account, bound ones too: `/cosmos/bank/v1beta1/balances/{address}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Balances {
    /// Coins of the account.
    pub balances: Vec<Coin>,
}

impl Balances {
    /// The amount of one coin in its unit; 0 where the account has none.
    #[must_use]
    pub fn of(&self, denom: &Denom) -> u128 {
        self.balances
            .iter()
            .find(|coin| coin.denom == *denom)
            .map_or(0, |coin| coin.amount)
    }
}

/// The free amount of one coin: `/cosmos/bank/v1beta1/spendable_balances/{address}/by_denom`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Balance {
    /// Free amount of the coin.
    pub balance: Coin,
}
