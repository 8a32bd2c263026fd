//! The Console account: its identity and its balances.

use serde::Deserialize;

use crate::DecimalText;
use crate::error::Error;
use crate::transport::{Client, Data};

/// Money of the account in millionths of a dollar (`uact`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Balances {
    /// Amount that is free to spend.
    pub balance: DecimalText,
    /// Amount in the escrow accounts of deployments.
    pub deployments: DecimalText,
    /// Sum of both amounts.
    pub total: DecimalText,
}

/// The user an API key belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Id with which the wallet list is requested.
    pub id: String,
    /// Id at the identity provider; `None` if the service names none.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// A managed wallet of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wallet {
    /// Address on Akash; owner of the account's deployments.
    pub address: String,
    /// Denomination that the wallet spends.
    #[serde(default)]
    pub denom: String,
    /// `true` for trial accounts, which have tighter limits (no GPUs, 24 hours).
    #[serde(default)]
    pub is_trialing: bool,
}

impl Client {
    /// Reads the account's balances.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] and the general ones.
    pub async fn balances(&self) -> Result<Balances, Error> {
        self.get::<Data<_>>("/v1/balances", &[], self.timeouts().read)
            .await
            .map(|answer| answer.data)
    }

    /// Reads the user that the API key belongs to.
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
