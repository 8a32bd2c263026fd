//! The exchange of AKT and ACT, by burning one and minting the other.

use serde::Deserialize;

use super::{number, states};
use crate::address::Address;
use crate::coin::{Coin, Denom};

/// The rules of the exchange: `/akash/bme/v1/params`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExchangeParams {
    params: Params,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Params {
    mint_spread_bps: u32,
    min_mint: Vec<Coin>,
    #[serde(deserialize_with = "number")]
    min_epoch_blocks: u64,
}

impl ExchangeParams {
    /// The part of the burnt coins' value that is lost in minting, in parts per 10,000.
    #[must_use]
    pub fn mint_spread_bps(&self) -> u32 {
        self.params.mint_spread_bps
    }

    /// The least ACT that is minted at once, in uact; less is cancelled after it was accepted. `None` for no minimum.
    #[must_use]
    pub fn min_mint_uact(&self) -> Option<u128> {
        let mut minima = self.params.min_mint.iter();
        minima
            .find(|coin| coin.denom == Denom::Uact)
            .map(|coin| coin.amount)
    }

    /// The least number of blocks between two epochs, at which coins are minted.
    #[must_use]
    pub fn min_epoch_blocks(&self) -> u64 {
        self.params.min_epoch_blocks
    }
}

/// The state of the exchange: `/akash/bme/v1/status`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExchangeStatus {
    /// State of the exchange.
    pub status: MintStatus,
    /// `true` if AKT can be turned into ACT.
    pub mints_allowed: bool,
    /// `true` if ACT can be turned into AKT.
    pub refunds_allowed: bool,
}

states! {
    /// The state of the exchange.
    MintStatus {
        /// Everything is as it should be.
        Healthy = "mint_status_healthy",
        /// Epochs take longer, because the collateral is low.
        Warning = "mint_status_warning",
        /// Nothing is minted, because the collateral is too low.
        HaltedByRatio = "mint_status_halt_cr",
        /// Nothing is exchanged, because there is no price.
        HaltedByOracle = "mint_status_halt_oracle",
    }
}

/// Exchanges of an account: `/akash/bme/v1/ledger`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ledger {
    /// Exchanges, waiting and ended.
    pub records: Vec<LedgerRecord>,
}

impl Ledger {
    /// The exchange with this id; `None` where the answer does not have it.
    #[must_use]
    pub fn record(&self, id: &LedgerId) -> Option<&LedgerRecord> {
        self.records.iter().find(|record| record.id == *id)
    }
}

/// One exchange.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LedgerRecord {
    /// Name of the exchange.
    pub id: LedgerId,
    /// State of the exchange.
    pub status: LedgerStatus,
    executed_record: Option<ExecutedRecord>,
    canceled_record: Option<CanceledRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct ExecutedRecord {
    minted: Option<PricedCoin>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct PricedCoin {
    coin: Coin,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct CanceledRecord {
    cancel_reason: String,
    coins_to_burn: Coin,
}

impl LedgerRecord {
    /// The coins that were minted; `None` unless the exchange has taken place.
    #[must_use]
    pub fn minted(&self) -> Option<&Coin> {
        let executed = self.executed_record.as_ref()?;
        executed.minted.as_ref().map(|minted| &minted.coin)
    }

    /// The chain's word for the reason and the returned coins; `None` unless the exchange was cancelled.
    #[must_use]
    pub fn canceled(&self) -> Option<(&str, &Coin)> {
        let canceled = self.canceled_record.as_ref()?;
        Some((&canceled.cancel_reason, &canceled.coins_to_burn))
    }
}

/// The name of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct LedgerId {
    /// Coin that is burnt.
    pub denom: Denom,
    /// Coin that is minted.
    pub to_denom: Denom,
    /// Account whose coins are burnt.
    pub source: Address,
    /// Height at which the exchange was accepted.
    #[serde(deserialize_with = "number")]
    pub height: u64,
    /// Number of the exchange among those of this height.
    #[serde(deserialize_with = "number")]
    pub sequence: u64,
}

states! {
    /// The state of an exchange.
    LedgerStatus {
        /// It waits for the next epoch.
        Pending = "ledger_record_status_pending",
        /// It has taken place.
        Executed = "ledger_record_status_executed",
        /// It did not take place, and the coins have returned.
        Canceled = "ledger_record_status_canceled",
    }
}
