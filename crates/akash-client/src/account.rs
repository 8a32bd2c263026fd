//! The Console account: who it is and what it can spend.

use serde::Deserialize;

use crate::DecimalText;
use crate::error::Error;
use crate::transport::{Client, Data};

/// Money of the account in millionths of a dollar (`uact`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Balances {
    /// Free to spend.
    pub balance: DecimalText,
    /// In the escrow of deployments.
    pub deployments: DecimalText,
    /// Both.
    pub total: DecimalText,
}

/// The user an API key belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Id that the wallet list is asked with.
    pub id: String,
    /// Id at the identity provider.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// A managed wallet of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wallet {
    /// Address on Akash; owner of the account's deployments.
    pub address: String,
    /// Denomination it spends.
    #[serde(default)]
    pub denom: String,
    /// Trial accounts have tighter limits (no GPUs, 24 hours).
    #[serde(default)]
    pub is_trialing: bool,
}

impl Client {
    /// Reads what the account can spend.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] and the general ones.
    pub async fn balances(&self) -> Result<Balances, Error> {
        self.get::<Data<_>>("/v1/balances", &[], self.timeouts().read)
            .await
            .map(|answer| answer.data)
    }

    /// Reads who the API key belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] and the general ones.
    pub async fn me(&self) -> Result<User, Error> {
        self.get::<Data<_>>("/v1/user/me", &[], self.timeouts().read)
            .await
            .map(|answer| answer.data)
    }

    /// Reads the managed wallets of a user ([`User::id`]).
    ///
    /// # Errors
    /// [`Error::Unauthorized`] and the general ones.
    pub async fn wallets(&self, user_id: &str) -> Result<Vec<Wallet>, Error> {
        self.get::<Data<_>>("/v1/wallets", &[("userId", user_id)], self.timeouts().read)
            .await
            .map(|answer| answer.data)
    }
}
